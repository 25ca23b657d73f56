"""Comparisons: what a check may ask of one case, and how it says no.

Each records what it saw (the tier, the ratio of error to bound) and fails by `Violation`, an
AssertionError that carries both sides. A value that is not finite is no violation but a
`NotFinite` error: a model that returns NaN is broken, and a claim about it is not thereby false.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import fmpq_mat

from properties.checking.balls import (
    DEFAULT_BITS,
    enclosure_error,
    exact,
    precision,
    resolving,
)
from properties.checking.exact import plain

LARGEST = sys.float_info.max
"""The violation of an exact comparison: its bound is zero, and JSON has no infinity."""


class Violation(AssertionError):
    """A comparison that does not hold: both sides, the bound and error ÷ bound."""

    def __init__(
        self, what: str, left: Any, right: Any, error: Any, bound: Any, ratio: float
    ) -> None:
        self.what, self.left, self.right = what, left, right
        self.error, self.bound, self.ratio = error, bound, ratio
        super().__init__(self.explain())

    def explain(self) -> str:
        lines = [f"{self.what}:"] if self.what else []
        lines += [
            "left side:",
            _indent(plain(self.left)),
            "right side:",
            _indent(plain(self.right)),
        ]
        if self.bound is None:
            lines.append("an exact comparison: the sides have to be equal")
        else:
            lines.append(
                f"error {self.error:.3g}, bound {self.bound:.3g}, error ÷ bound {self.ratio:.3g}"
            )
        return "\n".join(lines)


class NotFinite(Exception):
    """A model or a formula returned NaN or infinity."""


def _indent(text: str) -> str:
    return "\n".join("    " + line for line in text.split("\n"))


@dataclass
class Check:
    """The comparisons, handed to a claim's check as its second argument.

    Attributes:
        backend: the implementation under test, for claims that concern a model.
        ratios: the largest error ÷ bound seen so far, by the name of the comparison.
        tiers: the tiers that were exercised.
    """

    backend: Any = None
    ratios: dict[str, float] = field(default_factory=dict)
    tiers: set[str] = field(default_factory=set)

    def absorb(self, other: Check) -> None:
        """Take over what another check saw, keeping the largest ratios."""
        for what, ratio in other.ratios.items():
            self.ratios[what] = max(self.ratios.get(what, 0.0), ratio)
        self.tiers |= other.tiers

    def exact(self, left: Any, right: Any, what: str = "") -> None:
        """left = right in exact arithmetic: rationals, rational matrices, integers, booleans."""
        for side, value in (("left", left), ("right", right)):
            if isinstance(value, float | np.floating) or (
                isinstance(value, np.ndarray) and value.dtype.kind == "f"
            ):
                raise TypeError(f"{side}: floats are not exact; use check.close with a bound")
        self.tiers.add("exact")
        if not _same(left, right):
            raise Violation(what, left, right, None, None, math.inf)

    def that(self, holds: bool, left: Any, right: Any, what: str) -> None:
        """An exact proposition about two sides other than equality, named by `what`."""
        self.tiers.add("exact")
        if not holds:
            raise Violation(what, left, right, None, None, math.inf)

    def close(self, actual: Any, expected: Any, bound: Any, what: str = "") -> None:
        """|actual − expected| ≤ bound, entry by entry; `bound` is a number or an array.

        `actual` is a float array; `expected` is exact (rationals), or balls, or floats that the
        bound accounts for. The difference is taken in balls: comparing adds no rounding.
        """
        self.tiers.add("float")
        array = _computed(actual)
        with precision(DEFAULT_BITS):
            balls = _as_balls(expected, array.shape)
        self._judge(array, enclosure_error(array, balls)[0], bound, expected, what)

    def enclosed(
        self, actual: Any, reference: Callable[[], Any], bound: Any, what: str = ""
    ) -> None:
        """|actual − truth| ≤ bound, where reference() encloses the truth in balls.

        It is called at 256 bits, and again at twice as many until every radius is below a
        hundredth of its bound. Raises UnresolvedError where 2^14 bits do not suffice.
        """
        self.tiers.add("enclosed")
        array = _computed(actual)
        limits = np.broadcast_to(np.asarray(bound, dtype=float), array.shape)
        balls = resolving(lambda: _as_balls(reference(), array.shape), limits)
        self._judge(array, enclosure_error(array, balls)[0], limits, balls, what)

    def at_most(self, actual: Any, limit: Any, bound: Any = None, what: str = "") -> None:
        """actual ≤ limit, entry by entry: exactly for rationals, within `bound` for floats.

        `bound` says how far the computed `actual` may lie above its exact value.
        """
        if bound is None:
            self.tiers.add("exact")
            excess = _excess(actual, limit)
            if excess:
                raise Violation(what, actual, limit, None, None, math.inf)
            return
        self.tiers.add("float")
        _refuse_nonfinite(np.asarray(actual, dtype=float), what or "left side")
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.maximum(np.asarray(actual, float) - np.asarray(limit, float), 0.0)
        self._judge(actual, error, bound, limit, what)

    def _judge(self, actual: Any, error: Any, bound: Any, expected: Any, what: str) -> None:
        limits = np.broadcast_to(np.asarray(bound, dtype=float), np.shape(error))
        if not np.all(np.isfinite(limits)) or np.any(limits < 0):
            raise NotFinite(f"{what or 'the bound'}: a bound is not a finite number ≥ 0")
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = np.where(error == 0, 0.0, error / limits)
        worst = int(np.argmax(ratios)) if ratios.size else 0
        ratio = float(ratios.flat[worst]) if ratios.size else 0.0
        self.ratios[what] = max(self.ratios.get(what, 0.0), ratio)
        if ratio > 1:
            raise Violation(
                what, actual, expected, float(error.flat[worst]), float(limits.flat[worst]), ratio
            )


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, tuple | list) and isinstance(right, tuple | list):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
        return bool(np.array_equal(left, right))
    return bool(left == right)


def _excess(actual: Any, limit: Any) -> bool:
    if isinstance(actual, fmpq_mat):
        limits = limit.entries() if isinstance(limit, fmpq_mat) else None
        entries = actual.entries()
        if limits is None:
            return any(entry > limit for entry in entries)
        return any(a > b for a, b in zip(entries, limits, strict=True))
    return bool(actual > limit)


def _refuse_nonfinite(array: Any, what: str) -> None:
    if not np.all(np.isfinite(array)):
        raise NotFinite(f"{what} holds NaN or infinity: {plain(array)}")


def _computed(actual: Any) -> Any:
    array = np.asarray(actual)
    if array.dtype.kind != "f":
        raise TypeError(f"actual: dtype {array.dtype}; a float array is needed")
    _refuse_nonfinite(array, "the computed side")
    return array


def _as_balls(expected: Any, shape: tuple[int, ...]) -> Any:
    """What is expected, as balls of the shape of what was computed (a column fits a vector)."""
    balls = exact(expected)
    if balls.size != np.prod(shape, dtype=int):
        raise ValueError(f"actual: shape {shape}; expected has shape {balls.shape}")
    return balls.reshape(shape)
