"""Theme learning: the claims' numbers, what they can detect, and their counterexamples."""

from __future__ import annotations

import numpy as np
import pytest

from properties.checking import Check, Violation, rational
from properties.checking.plan import Plan
from properties.checking.statistics import interval
from properties.checking.verification import verify_part
from properties.learning import latching_experiment, readings_of_variance, ten_or_twenty
from properties.learning_cases import RUNS, Descents, LatchingRuns
from properties.learning_clipping import clipping_helps

SLOW, FAST = rational("1/10"), rational("3/10")


@pytest.mark.parametrize(
    ("case", "rates"),
    [
        # Of 1500 runs each, with another seed.
        (LatchingRuns("fixed", SLOW, 1), {10: 0.953, 20: 0.705}),
        (LatchingRuns("redrawn", FAST, 1), {10: 0.975, 20: 0.577}),
        (LatchingRuns("redrawn", SLOW, 1, reading="variance"), {13: 0.536}),
    ],
)
def test_rates_of_success(case: LatchingRuns, rates: dict[int, float]) -> None:
    for T, rate in rates.items():
        low, high = interval(*case.counted(T), 1e-9)
        # The other sample errs by less than 0.08 but for a chance below 1e-8.
        assert low - 0.08 <= rate <= high + 0.08
        assert high - low < 0.35


def test_runs_of_different_settings_are_independent() -> None:
    which = [
        LatchingRuns(noise, rate, 0).which(20)
        for noise in ("fixed", "redrawn")
        for rate in (SLOW, FAST)
    ]
    for i, one in enumerate(which):
        for other in which[:i]:
            assert abs(np.corrcoef(one, other)[0, 1]) < 0.3
    assert which[0].size == RUNS
    assert (LatchingRuns("fixed", SLOW, 1).which(20) != which[0]).any()


def test_of_two_runs_of_which_one_learns() -> None:
    case = LatchingRuns("fixed", SLOW, 0)
    short, long = case.which(10), case.which(20)
    wins, pairs = case.first_alone(10, case, 20)
    assert wins == np.sum(short & ~long)
    assert pairs == wins + np.sum(long & ~short)
    assert case.read_as_variance().reading == "variance"


def test_what_the_claims_detect() -> None:
    """Rates that lie further off than this are seen but for a chance of 1e-6."""
    for made, most in (
        (latching_experiment, 0.3),
        (ten_or_twenty, 0.3),
        (readings_of_variance, 0.45),
        (clipping_helps, 0.65),
    ):
        outcome = verify_part(made, "witness", Plan())
        assert outcome.verdict == "holds"
        assert max(outcome.detects.values()) < most
        assert 0 < outcome.false_alarm < 1e-11


def test_no_clipping_at_all_is_seen() -> None:
    """What detects too little clipping: a threshold that nothing reaches is plain descent."""
    never = Descents(10, rational("1/2"), rational("1000000"), 0)
    with pytest.raises(Violation, match="a clipped one learns"):
        clipping_helps.check(never, Check())
