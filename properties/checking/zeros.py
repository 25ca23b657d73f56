"""Every zero of a smooth map in a box, each isolated with certainty: interval Newton and bisection.

By the mean value theorem all zeros of F in a box X with centre m lie in N = m − F'(X)⁻¹F(m). If N
misses X there is none; if N lies inside X there is exactly one; otherwise X is halved. Arithmetic
is that of balls, so a number of zeros counted here is proven, not estimated. What it cannot
decide, such as a zero where F' is singular, raises UndecidedError, unless it is known beforehand.

Source: Neumaier, Interval Methods for Systems of Equations (1990), ch. 5.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flint import arb, arb_mat

from properties.checking.balls import UndecidedError, precision

Box = list[Any]
"""Intervals as balls, one a coordinate."""

SEARCHING = 64
"""Bits while searching: the boxes are far wider than a rounding there."""

FINEST = 2.0**-40
"""A box as small as this in which nothing is decided holds a zero that is not isolated."""


def interval(low: Any, high: Any) -> Any:
    """The ball that covers [low, high]."""
    return arb(low).union(arb(high))


def zeros(
    function: Callable[[Box], Box],
    jacobian: Callable[[Box], arb_mat],
    box: Box,
    bits: int = 256,
) -> list[Box]:
    """All zeros of `function` in the box, each as a box of balls that holds no other.

    `function` maps n balls to n balls and `jacobian` maps them to its n × n matrix of derivatives;
    both enclose what they compute. The result is refined at `bits` bits.
    Raises UndecidedError where a zero is degenerate or lies on the edge of the box.
    """
    found: list[tuple[Box, Box]] = []
    waiting = [box]
    while waiting:
        here = waiting.pop()
        if any(_within(here, region) for region, _ in found):
            continue
        with precision(SEARCHING):
            if _excluded(function, jacobian, here):
                continue
            region = [arb(x.mid(), 5 * x.rad() / 4) for x in here]
            newton = _newton(function, jacobian, region)
        if newton is not None and not _meet(newton, here):
            continue
        proven = newton is not None and _inside(newton, region)
        zero = _refined(function, jacobian, newton, bits) if newton and proven else here
        if not proven or _widest(zero) > FINEST:
            waiting += _halves(here)
        elif not any(_within(zero, other) for other, _ in found):
            found.append((region, zero))
    return _separate([zero for _, zero in found], box)


def zeros_of_one_variable(
    function: Callable[[list[Any]], list[Any]],
    low: Any,
    high: Any,
    known: Sequence[tuple[Any, int]] = (),
    bits: int = 256,
) -> list[Any]:
    """All zeros in [low, high] of a function of one variable, in order, each as a ball.

    `function` takes the first Taylor coefficients of its argument, and returns as many of its own.
    `known` lists zeros with their multiplicity k, where all derivatives below the k-th are known to
    vanish: around such a point, where the k-th keeps its sign, no other zero can lie. k ≤ 3.
    """

    def value(x: Box) -> Box:
        return [function(x)[0]]

    def slope(x: Box) -> arb_mat:
        return arb_mat(1, 1, [function([x[0], arb(1)])[1]])

    found, left = [point for point, _ in known], low
    for point, multiplicity in sorted(known, key=lambda each: float(each[0].mid())):
        radius = _lonely(function, point, multiplicity)
        found += _one_by_one(value, slope, left, point - radius, bits)
        left = point + radius
    found += _one_by_one(value, slope, left, high, bits)
    return sorted(found, key=lambda zero: float(zero.mid()))


def _one_by_one(value: Any, slope: Any, low: Any, high: Any, bits: int) -> list[Any]:
    if high < low:
        return []
    return [zero for (zero,) in zeros(value, slope, [interval(low, high)], bits)]


def _lonely(function: Callable[[list[Any]], list[Any]], point: Any, multiplicity: int) -> Any:
    """A radius around a zero of this multiplicity within which it is the only one (Taylor)."""
    radius = arb(1)
    while radius > FINEST:
        around = arb(point.mid(), radius) + (point - point.mid())
        moving = [around, arb(1), arb(0), arb(0)][: multiplicity + 1]
        if not function(moving)[multiplicity].contains(0):
            return radius
        radius /= 2
    raise UndecidedError(f"derivative {multiplicity} at {point} is not seen to differ from zero")


def _excluded(function: Any, jacobian: Any, box: Box) -> bool:
    """Whether F(X), or else F(m) + F'(X)(X − m), misses 0: the second is sharper on small boxes."""
    if not all(value.contains(0) for value in function(box)):
        return True
    centre = [arb(x.mid()) for x in box]
    offset = arb_mat(len(box), 1, [x - m for x, m in zip(box, centre, strict=True)])
    moved = (jacobian(box) * offset).entries()
    values = function(centre)
    return not all((value + d).contains(0) for value, d in zip(values, moved, strict=True))


def _newton(function: Any, jacobian: Any, box: Box) -> Box | None:
    """m − F'(X)⁻¹F(m), or None where F'(X) may be singular."""
    centre = [arb(x.mid()) for x in box]
    values = function(centre)
    try:
        step = jacobian(box).solve(arb_mat(len(box), 1, values)).entries()
    except ZeroDivisionError:
        return None
    return [m - s for m, s in zip(centre, step, strict=True)]


def _refined(function: Any, jacobian: Any, box: Box, bits: int) -> Box:
    """The box of the one zero in it, narrowed to 2^−bits or as far as steps of Newton take it."""
    with precision(bits):
        while _widest(box) > 2.0**-bits:
            narrower = _newton(function, jacobian, box)
            if narrower is None or 2 * _widest(narrower) > _widest(box):
                break
            box = narrower
    return box


def _halves(box: Box) -> list[Box]:
    widest = max(range(len(box)), key=lambda i: float(box[i].rad()))
    x = box[widest]
    if float(x.rad()) < FINEST:
        raise UndecidedError(f"a zero near {[float(y.mid()) for y in box]} is not isolated")
    half = x.rad() / 2
    return [
        [*box[:widest], arb(centre, half), *box[widest + 1 :]]
        for centre in (x.mid() - half, x.mid() + half)
    ]


def _separate(found: list[Box], box: Box) -> list[Box]:
    """The zeros, seen to be different ones and inside the box."""
    for i, zero in enumerate(found):
        if not _within(zero, box):
            raise UndecidedError(f"a zero at {zero} is not seen to lie in the box")
        if any(_meet(zero, other) for other in found[:i]):
            raise UndecidedError(f"two zeros near {zero} are not seen to differ")
    return found


def _widest(box: Box) -> float:
    return max(float(x.rad()) for x in box)


def _within(inner: Box, outer: Box) -> bool:
    return all(y.contains(x) for x, y in zip(inner, outer, strict=True))


def _inside(inner: Box, outer: Box) -> bool:
    return all(y.contains_interior(x) for x, y in zip(inner, outer, strict=True))


def _meet(one: Box, other: Box) -> bool:
    return all(x.overlaps(y) for x, y in zip(one, other, strict=True))
