"""A comparison whose sides are moved says no, by little; and every other one is left alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flint import arb

from models.backends import load_backend
from properties.checking import matrix, rational
from properties.checking.comparison import Violation
from properties.checking.statistics import DKWM, EmpiricalBernstein, Hoeffding
from properties.checking.wrong_comparisons import (
    EXCHANGED,
    MEANS,
    DisturbedCheck,
    Site,
    off_by_three,
)

HALVES = np.full(400, 0.5)
UNIFORM = (np.arange(400) + 0.5) / 400

# Each is true; of the statistical ones, the middle of what chance allows.
COMPARISONS: dict[str, Callable[[Any], None]] = {
    "exact": lambda check: check.exact(matrix("1 2"), matrix("1 2"), "x"),
    "that": lambda check: check.that(True, 1, 2, "x"),
    "close": lambda check: check.close(np.array([1.0, 2.0]), np.array([1.0, 2.0]), 1e-9, "x"),
    "enclosed": lambda check: check.enclosed(
        np.array([0.5, 2.0]), lambda: np.array([arb(0.5), arb(2)]), 1e-9, "x"
    ),
    "at_most": lambda check: check.at_most(rational("1/2"), 2, what="x"),
    "mean": lambda check: check.mean(HALVES, 0.5, "x", low=0.0, high=1.0),
    "uniform": lambda check: check.uniform(UNIFORM, "x"),
    "proportion": lambda check: check.proportion(200, 400, "x", least=0.5, most=0.5),
}


def disturbed(site: Site | None) -> DisturbedCheck:
    return DisturbedCheck(load_backend("numpy"), site)


def test_a_smaller_side_is_moved_just_beyond_the_larger_one() -> None:
    site = Site("at_most", "x")
    for limit in (1.0, np.array([1.0, 7.0])):
        with pytest.raises(Violation) as caught:
            disturbed(site).at_most(np.array([-5.0, 0.0]), limit, 0.5, "x")
        assert (caught.value.error, caught.value.bound) == (1.5, 0.5)
        assert caught.value.left.tolist() == [2.5, 0.0]
    with pytest.raises(Violation) as caught:
        disturbed(site).at_most(matrix("1 0"), matrix("4 9"), what="x")
    assert caught.value.left == matrix("5 0")


@pytest.mark.parametrize("kind", COMPARISONS)
def test_only_the_comparison_in_question_is_disturbed(kind: str) -> None:
    compare = COMPARISONS[kind]
    for other in (None, Site(kind, "y"), Site("exact" if kind == "that" else "that", "x")):
        check = disturbed(other)
        compare(check)
        assert not check.differed
        assert next(iter(check.sites)) == Site(kind, "x")
    check = disturbed(Site(kind, "x"))
    with pytest.raises(Violation, match="x"):
        compare(check)
    assert check.differed


def test_at_most_can_be_exchanged_too() -> None:
    check = disturbed(Site("at_most", "x", EXCHANGED))
    with pytest.raises(Violation):
        COMPARISONS["at_most"](check)
    assert list(check.sites) == [Site("at_most", "x"), Site("at_most", "x", EXCHANGED)]
    kept = disturbed(Site("at_most", "short"))
    with pytest.raises(Violation):
        kept.at_most(1, 2, what="long", kept_as="short")


def test_a_site_says_what_is_done() -> None:
    assert str(Site("at_most", "x", EXCHANGED)) == "at_most “x”: the sides exchanged"
    assert str(Site("that", "")) == f"that: {MEANS['that']}"
    assert MEANS.keys() == COMPARISONS.keys()


def violation(check: DisturbedCheck, compare: Callable[[Any], None]) -> Violation:
    with pytest.raises(Violation) as found:
        compare(check)
    return found.value


def test_a_mean_is_moved_by_twice_what_the_sample_reveals() -> None:
    found = violation(disturbed(Site("mean", "x")), COMPARISONS["mean"])
    # One subtraction of numbers below 2, and errors are rounded up.
    assert abs(found.error - 2 * Hoeffding(0.0, 1.0).min_discrepancy(400)) <= 2.0**-51

    def with_deviation(check: Any) -> None:
        check.mean(HALVES, 0.5, "x", low=0.0, high=1.0, deviation=0.1)

    found = violation(disturbed(Site("mean", "x")), with_deviation)
    moved = 2 * EmpiricalBernstein(0.0, 1.0, 0.1).min_discrepancy(400)
    assert abs(found.error - moved) <= 2.0**-51


def test_a_law_is_moved_by_twice_what_the_sample_reveals() -> None:
    found = violation(disturbed(Site("uniform", "x")), COMPARISONS["uniform"])
    revealed = 2 * DKWM().min_discrepancy(400)
    # The largest value comes down by so much, and lies half of a four hundredth from its place.
    assert revealed - 1 / 400 <= found.error <= revealed + 1 / 400
    # A sample of one reveals nothing: all is moved to zero then.
    check = disturbed(Site("uniform", "x"))
    check.uniform(np.array([0.9]), "x")
    assert check.differed


@pytest.mark.parametrize(
    ("least", "most", "successes"),
    [(0.5, 0.5, 0), (0.0, 0.25, 400), (0.75, 1.0, 0), (0.0, 0.9, 400)],
)
def test_as_many_successes_as_contradict_the_limits_most(
    least: float, most: float, successes: int
) -> None:
    honest = int(400 * max(least, min(most, 0.5)))
    found = violation(
        disturbed(Site("proportion", "x")),
        lambda check: check.proportion(honest, 400, "x", least=least, most=most),
    )
    assert found.left == successes / 400


def test_off_by_three_bounds_or_to_the_next_float_but_one() -> None:
    right = np.array([1.0, 5.0])
    assert np.array_equal(off_by_three(right, 0.25), [1.75, 5.0])
    assert np.array_equal(off_by_three(right, np.array([0.5, 9.0])), [2.5, 5.0])
    assert np.array_equal(off_by_three(right, 0.0), [1 + 2.0**-51, 5.0])
    assert np.array_equal(right, [1.0, 5.0])
    assert off_by_three(np.zeros((0, 2)), 1.0).shape == (0, 2)
    assert off_by_three(np.zeros((), np.float32), 0.0).dtype == np.float32
    assert not math.isnan(off_by_three(0.0, 0.0))


def test_an_inequality_within_a_bound_is_left_alone_where_another_one_is_moved() -> None:
    check = disturbed(Site("exact", "x"))
    check.at_most(np.array([1.5]), np.array([1.0]), 0.5, "x")
    assert check.ratios == {"x": 1.0}
