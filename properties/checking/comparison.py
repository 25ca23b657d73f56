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
from flint import arb, arb_mat, ctx, fmpq, fmpq_mat

from properties.checking.exact import plain

LARGEST = sys.float_info.max
"""The violation of an exact comparison: its bound is zero, and JSON has no infinity."""

REFERENCE_SHARE = 0.01
"""A reference has to be known a hundred times better than the bound that it judges."""

MOST_BITS = 1 << 14


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


class TooLoose(Exception):
    """A reference that is not known well enough to judge what it is compared with."""


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

        `actual` is float64 (or narrower); `expected` is exact (rationals), a ball, or floats that
        are themselves within the bound's account. The difference is taken in 256-bit balls, so
        that the comparison adds no rounding of its own.
        """
        self.tiers.add("float")
        self._judge(actual, *_float_error(actual, expected), bound, expected, what)

    def enclosed(
        self, actual: Any, reference: Callable[[int], Any], bound: Any, what: str = ""
    ) -> None:
        """|actual − truth| ≤ bound, where reference(bits) encloses the truth in balls.

        The precision starts at 256 bits and doubles until every radius is below a hundredth of
        its bound. Raises TooLoose when 2^14 bits do not suffice.
        """
        self.tiers.add("enclosed")
        bits = 256
        while True:
            balls = _with_precision(bits, reference)
            error, radius = _float_error(actual, balls)
            if np.all(radius <= REFERENCE_SHARE * np.broadcast_to(bound, radius.shape)):
                break
            bits *= 2
            if bits > MOST_BITS:
                raise TooLoose(
                    f"{what or 'the reference'}: its radius is {np.max(radius):.3g} at "
                    f"{bits // 2} bits, and the bound is {np.min(bound):.3g}"
                )
        self._judge(actual, error, radius, bound, balls, what)

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
        self._judge(actual, error, np.zeros_like(error), bound, limit, what)

    def _judge(
        self, actual: Any, error: Any, radius: Any, bound: Any, expected: Any, what: str
    ) -> None:
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


def _with_precision(bits: int, reference: Callable[[int], Any]) -> Any:
    before = ctx.prec
    ctx.prec = bits
    try:
        return reference(bits)
    finally:
        ctx.prec = before


def _refuse_nonfinite(array: Any, what: str) -> None:
    if not np.all(np.isfinite(array)):
        raise NotFinite(f"{what} holds NaN or infinity: {plain(array)}")


def _float_error(actual: Any, expected: Any) -> tuple[Any, Any]:
    """Upper bounds of |actual − expected| and the radius of expected, as float64 arrays."""
    array = np.asarray(actual)
    if array.dtype.kind != "f":
        raise TypeError(f"actual: dtype {array.dtype}; a float array is needed")
    _refuse_nonfinite(array, "the computed side")
    truths = entries_of(expected)
    if len(truths) != array.size:
        raise ValueError(
            f"actual: shape {array.shape} has {array.size} entries, expected has {len(truths)}"
        )
    before = ctx.prec
    ctx.prec = max(256, before)
    try:
        errors, radii = [], []
        for computed, truth in zip(array.ravel().tolist(), truths, strict=True):
            ball = arb(truth)
            errors.append(_upper(arb(computed) - ball))
            radii.append(float(ball.rad()))
    finally:
        ctx.prec = before
    return np.array(errors).reshape(array.shape), np.array(radii).reshape(array.shape)


def _upper(ball: arb) -> float:
    """A float64 that is no smaller than |x| for any x in the ball."""
    value = float(ball.abs_upper())
    return math.nextafter(value, math.inf) if value else 0.0


def entries_of(value: Any) -> list[Any]:
    """The entries, row by row, of an exact or ball matrix, an array, nested lists or a number."""
    if isinstance(value, fmpq_mat | arb_mat):
        return list(value.entries())
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "f":
            _refuse_nonfinite(value, "the expected side")
        return list(value.ravel().tolist())
    if isinstance(value, list | tuple):
        return [entry for item in value for entry in entries_of(item)]
    if isinstance(value, fmpq | arb | int | float):
        return [value]
    raise TypeError(f"expected: {type(value).__name__} is neither exact, nor a ball, nor floats")
