"""How a comparison says no: both sides, what was compared, and by how much."""

from __future__ import annotations

import numpy as np
import pytest
from flint import fmpq

from properties.checking import Check, Violation


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
    other.exact(1, 1)
    check.absorb(other)
    assert check.ratios == pytest.approx({"a": 0.75}, rel=1e-15)
    assert check.tiers == {"float", "exact"}
