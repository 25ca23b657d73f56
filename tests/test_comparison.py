"""How a comparison says no: both sides, what was compared, and by how much."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from flint import arb, fmpq

from properties.checking import Check, Violation, matrix
from properties.checking.rounding import FLOAT64, gamma
from properties.checking.statistics import (
    DKWM,
    FALSE_ALARM,
    EmpiricalBernstein,
    Hoeffding,
    distance_from_uniform,
    interval,
)
from properties.checking.working import Worked


def test_an_exact_violation_says_what_had_to_hold() -> None:
    with pytest.raises(Violation) as caught:
        Check().at_most(fmpq(2), fmpq(1), what="two and one")
    assert str(caught.value).split("\n") == [
        "two and one:",
        "left side:",
        "    2",
        "right side:",
        "    1",
        "an exact comparison: the left side must not exceed the right one, and does",
    ]


def test_a_violation_of_a_bound_says_by_how_much() -> None:
    with pytest.raises(Violation) as caught:
        Check().close(np.array([1.5, 3.0]), [1, 1], 0.5, "three")
    # Errors are rounded up, by an ulp.
    found = caught.value
    assert (found.error, found.bound, found.ratio) == pytest.approx((2.0, 0.5, 4.0), rel=1e-15)
    assert str(caught.value).endswith("error 2, bound 0.5, error ÷ bound 4")


def test_samples_may_lie_at_either_end_of_their_range() -> None:
    ends = np.repeat([0.0, 1.0], 5000)
    Check().mean(ends, 0.5, "ends", low=0.0, high=1.0)


def test_the_largest_ratio_is_kept_by_name_and_absorbed() -> None:
    check, other = Check(), Check()
    for value in (1.25, 1.125):
        check.close(np.array([value]), [1], 0.5, "a")
    other.close(np.array([1.375]), [1], 0.5, "a")
    other.close(np.array([1.25]), [1], 0.5, "b")
    other.exact(1, 1)
    check.absorb(other)
    assert check.ratios == pytest.approx({"a": 0.75, "b": 0.5}, rel=1e-15)
    assert check.tiers == {"float", "exact"}
    check.absorb(Check(ratios={"a": 0.25}))
    assert check.ratios == pytest.approx({"a": 0.75, "b": 0.5}, rel=1e-15)


def test_what_samples_may_do_is_absorbed_too() -> None:
    check, other = Check(), Check()
    check.uniform(np.linspace(0, 1, 1000), "law")
    for n in (500, 4000):
        other.uniform(np.linspace(0, 1, n), "law")
    check.absorb(other)
    assert check.false_alarm == 3 * FALSE_ALARM
    assert check.detects == {"law": DKWM().min_discrepancy(500)}


def test_bounds_may_be_exact_and_one_for_all_entries_or_one_for_each() -> None:
    actual, expected = np.array([1.5, 3.0]), [1, 1]
    for bound in (fmpq(4), [fmpq(1), fmpq(4)], np.array([1, 4])):
        check = Check()
        check.close(actual, expected, bound, "close")
        check.enclosed(actual, lambda: np.array([arb(1), arb(1)]), bound, "enclosed")
        assert check.ratios == pytest.approx({"close": 0.5, "enclosed": 0.5}, rel=1e-15)


def test_an_inequality_that_holds_says_how_near_its_sides_come() -> None:
    check = Check()
    check.at_most(fmpq(1, 4), fmpq(1, 2), what="numbers")
    check.at_most(matrix("1 -5; 0 3"), matrix("10 1; 1 4"), what="matrices")
    check.at_most(matrix("1 3"), fmpq(4), what="one limit for all")
    check.below(lambda: (arb(2), arb(5)), "balls")
    check.below(lambda: (np.array([1.0, -1.0]), np.array([2.0, 9.0])), "entries")
    check.below(lambda: (arb(1), arb(5)), "balls")
    assert check.ratios == pytest.approx(
        {
            "numbers": 0.5,
            "matrices": 0.75,
            "one limit for all": 0.75,
            "balls": 0.4,
            "entries": 0.5,
        }
    )
    assert check.tiers == {"exact"}


COMPARISONS: list[tuple[str, Callable[[Check], None]]] = [
    ("exact", lambda check: check.exact(1, 1)),
    ("exact", lambda check: check.that(True, 1, 1, "it")),
    ("exact", lambda check: check.below(lambda: (arb(1), arb(2)), "it")),
    ("exact", lambda check: check.at_most(1, 2)),
    ("float", lambda check: check.at_most(1.0, 2.0, 0.0)),
    ("float", lambda check: check.close(np.ones(1), [1], 1.0)),
    ("enclosed", lambda check: check.enclosed(np.ones(1), lambda: np.array([arb(1)]), 1.0)),
    ("statistical", lambda check: check.mean(np.full(9, 0.5), 0.5, "it", low=0.0, high=1.0)),
    ("statistical", lambda check: check.uniform(np.full(9, 0.5), "it")),
    ("statistical", lambda check: check.proportion(1, 2, "it", least=0.4, most=0.6)),
]


@pytest.mark.parametrize("number", range(len(COMPARISONS)))
def test_every_comparison_exercises_its_tier(number: int) -> None:
    tier, compare = COMPARISONS[number]
    check = Check()
    compare(check)
    assert check.tiers == {tier}
    assert (check.false_alarm == FALSE_ALARM) == (tier == "statistical")


def test_a_float_may_lie_above_its_limit_by_its_bound() -> None:
    check = Check()
    check.at_most(fmpq(5, 4), 1.0, 0.5, "one")
    check.at_most(np.array([1.0, 0.25]), np.array([0.75, 1.0]), 0.5, "each")
    check.at_most(-3.0, 1.0, 0.5, "below")
    assert check.ratios == {"one": 0.5, "each": 0.5, "below": 0.0}
    with pytest.raises(Violation) as caught:
        check.at_most(np.array([1.0, 2.0]), 1.0, 0.5)
    assert (caught.value.error, caught.value.bound, caught.value.ratio) == (1.0, 0.5, 2.0)


def violation(compare: Callable[[Check], None]) -> Violation:
    with pytest.raises(Violation) as caught:
        compare(Check())
    return caught.value


def test_a_violation_has_both_sides_and_their_workings_end_with_them() -> None:
    samples = np.linspace(0.9, 1, 2000)
    for compare, left, right in (
        (lambda check: check.below(lambda: (arb(3), arb(1)), "it"), 3, 1),
        (lambda check: check.that(False, 3, 1, "it"), 3, 1),
        (lambda check: check.close(np.float64(3), fmpq(1), 0.5), 3.0, fmpq(1)),
        (lambda check: check.enclosed(np.float64(3), lambda: arb(1), 0.5), 3.0, arb(1)),
        (lambda check: check.proportion(150, 200, "it", most=fmpq(1, 2)), 0.75, fmpq(1, 2)),
        (lambda check: check.proportion(50, 200, "it", least=fmpq(1, 2)), 0.25, fmpq(1, 2)),
        (
            lambda check: check.mean(samples, fmpq(1, 2), "it", low=0.0, high=1.0),
            np.mean(samples),
            fmpq(1, 2),
        ),
        (
            lambda check: check.uniform(samples, "it"),
            distance_from_uniform(samples),
            DKWM().half_width(2000),
        ),
    ):
        found = violation(compare)  # type: ignore[arg-type]
        assert (found.left, found.right) == (left, right)
        ends = [side.value for side in found.workings if side is not None]
        assert ends in ([], [left, right])
    never = violation(lambda check: check.that(False, 3, 1, "it"))
    assert never.needed == "this has to hold, and does not"


def test_sides_that_are_worked_out_are_compared_by_their_values() -> None:
    three, one = Worked(fmpq(3), list), Worked(fmpq(1), list)
    Check().exact(three, fmpq(3))
    Check().at_most(one, three)
    for compare in (Check.exact, Check.at_most):
        found = violation(lambda check, compare=compare: compare(check, three, one))  # type: ignore[misc]
        assert (found.left, found.right, found.workings) == (fmpq(3), fmpq(1), (three, one))
        found = violation(lambda check, compare=compare: compare(check, three, fmpq(1)))  # type: ignore[misc]
        assert found.workings == (three, None)


def test_the_mean_of_a_sample_is_judged_by_its_own_variance() -> None:
    samples = np.array([-2.0, 1.0] * 500)
    rounding = gamma(1001, FLOAT64) * 2
    found = violation(lambda check: check.mean(samples, 9, "it", low=-2.0, high=1.0))
    assert found.bound == Hoeffding(-2.0, 1.0).half_width(1000) + rounding
    found = violation(lambda check: check.mean(samples, 9, "it", low=-2.0, high=1.0, deviation=1.5))
    test = EmpiricalBernstein(-2.0, 1.0, 1.5)
    assert found.bound == test.half_width(1000, np.var(samples, ddof=1)) + rounding
    assert found.error == pytest.approx(9.5, rel=1e-15)


def test_no_error_is_none_of_any_bound_and_nothing_is_no_error() -> None:
    check = Check()
    check.close(np.array([1.0, 1.5]), [1, 1], np.array([0.0, 2.0]), "exact")
    check.close(np.zeros(0), [], np.zeros(0), "nothing")
    check.exact(0, 0)
    assert check.ratios == pytest.approx({"exact": 0.25, "nothing": 0.0}, rel=1e-15)


@pytest.mark.filterwarnings("error")
def test_an_error_is_infinitely_larger_than_a_bound_of_nothing() -> None:
    for bound in (0.0, 5e-324):
        found = violation(lambda check, bound=bound: check.close(np.ones(1), [0], bound))  # type: ignore[misc]
        assert (found.ratio, found.what) == (math.inf, "")


def test_what_is_equal_exactly() -> None:
    two = np.array([1, 2])
    for left, right in (
        (fmpq(1, 2), fmpq(1, 2)),
        ((1, [fmpq(2), 3]), [1, (2, 3)]),
        (two, [1, 2]),
        ([1, 2], two),
        (matrix("1 2"), matrix("1 2")),
        (True, 1),
    ):
        Check().exact(left, right)
    for left, right in (
        ((1, 2), (1, 2, 3)),
        ((1, 2), (1, 3)),
        ((1,), 1),
        (two, 1),
        (two, [1, 3]),
        (matrix("1 2"), matrix("1; 2")),
    ):
        found = violation(lambda check, sides=(left, right): check.exact(*sides))  # type: ignore[misc]
        assert found.needed == "the sides have to be equal, and are not"
        assert (found.what, found.ratio) == ("", math.inf)
    for inexact in (0.5, np.float32(0.5), np.array([0.5])):
        with pytest.raises(TypeError, match=r"^left: floats are not exact; use check\.close with"):
            Check().exact(inexact, inexact)


def test_errors_of_values_widen_their_distance_from_the_uniform_law() -> None:
    ratios = []
    for errors in (0.0, 0.01):
        check = Check()
        check.uniform(np.linspace(0, 1, 1000), "it", errors=errors)
        ratios.append(check.ratios["it"] * DKWM().half_width(1000))
    assert ratios[1] - ratios[0] == pytest.approx(0.01, rel=1e-12)


def test_a_chance_that_is_known_nearly_excludes_only_what_no_chance_in_its_ball_gives() -> None:
    half = arb(0.5, 0.1)
    for successes in (400, 450, 550, 600):
        check = Check()
        check.proportion(successes, 1000, "it", least=half, most=half)
        assert check.ratios["it"] == 0
    for successes, error in ((350, 0.05), (650, 0.05)):
        check = Check()
        check.proportion(successes, 1000, "it", least=half, most=half)
        low, high = interval(successes, 1000)
        bound = high - 0.35 if successes < 500 else 0.65 - low
        # The ball is a little larger than its radius is written.
        assert check.ratios["it"] == pytest.approx(error / bound, rel=1e-6)


def test_a_left_side_that_is_not_positive_says_nothing_of_its_limit() -> None:
    check = Check()
    check.at_most(fmpq(0), fmpq(1))
    check.at_most(-3, fmpq(1))
    check.below(lambda: (arb(-1), arb(1)), "signs")
    assert check.ratios == {}
    with pytest.raises(Violation):
        check.below(lambda: (arb(3), arb(1)), "numbers")
    assert check.ratios == {}


def test_the_ratios_of_many_inequalities_can_be_kept_as_one() -> None:
    check = Check()
    for n in (1, 3, 2):
        check.at_most(fmpq(n), fmpq(4), what=f"{n} of 4", kept_as="each of 4")
    assert check.ratios == {"each of 4": 0.75}


@pytest.mark.parametrize(
    ("least", "most", "said"),
    [(0.0, 0.5, "claimed: at most"), (0.99, 1.0, "claimed: at least")],
)
def test_what_is_claimed_of_a_share_is_said(least: float, most: float, said: str) -> None:
    with pytest.raises(Violation) as caught:
        Check().proportion(320, 400, "share", least=least, most=most)
    claimed = caught.value.workings[1]
    assert claimed is not None
    assert [step.formula for step in claimed.steps()][-1] == said
