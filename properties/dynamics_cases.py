"""The unit x′ = tanh(wx + b) at points of the (w, b) plane, with all fixed points and cycles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb, fmpq
from hypothesis import strategies as st

from models.rnn import RNN
from properties.checking import BALL, Case, Worked, Working, floats, formula
from properties.checking.balls import DEFAULT_BITS, precision
from properties.checking.bounds import RunBounds
from properties.checking.domains import rationals, small_integers
from properties.checking.zeros import interval, zeros_of_one_variable
from theory import dynamics as theory

Taylor = list[Any]
"""The first coefficients of a power series, as balls: four at most."""


def image(w: Any, b: Any) -> Any:
    """The map x ↦ tanh(wx + b) on Taylor coefficients."""

    def apply(x: Taylor) -> Taylor:
        step = [w * each for each in x]
        value, slope = (step[0] + b).tanh(), (step[0] + b).sech() ** 2
        step[0] = arb(0)
        result, power = [value, *(slope * each for each in step[1:])], step
        for derivative in (-value * slope, slope * (3 * value * value - 1) / 3):
            power = _product(power, step)
            result = [r + derivative * each for r, each in zip(result, power, strict=True)]
        return result

    return apply


def _product(f: Taylor, g: Taylor) -> Taylor:
    return [sum((f[i] * g[k - i] for i in range(k + 1)), arb(0)) for k in range(len(f))]


def less(x: Taylor, y: Taylor) -> Taylor:
    """x − y."""
    return [a - b for a, b in zip(x, y, strict=True)]


def unit(w: fmpq, b: Any) -> RNN:
    """The unit as a network, with the ball b rounded."""
    with precision(DEFAULT_BITS):
        return RNN(W=np.array([[floats(w)]]), U=np.zeros((1, 0)), b=np.array([float(b)]))


@dataclass(frozen=True, repr=False)
class UnitCase(Case):
    """One unit x′ = tanh(wx + b), with b = side·(a curve's height at w) + offset.

    A side of 0 makes the offset the bias; with an offset of 0 the point lies on the curve.
    """

    w: fmpq
    side: int
    offset: fmpq

    def height(self) -> Any:
        """The curve's height above the w-axis, as a ball; 0 where the curve has not begun."""
        raise NotImplementedError

    @cached_property
    def on_the_curve(self) -> bool:
        """Whether the point lies on the curve, by construction: no ball could show that."""
        return self.side != 0 and self.offset == 0

    def bias(self) -> Any:
        """b as a ball."""
        with precision(DEFAULT_BITS):
            on_curve = self.side * self.height() if self.side else arb(0)
            return on_curve + arb(self.offset)

    def models(self) -> tuple[RNN]:
        return (unit(self.w, self.bias()),)

    def shown(self) -> dict[str, Any]:
        return {"b": float(self.bias())}

    def _listed(self, name: str, points: list[Any]) -> Worked:
        """How many points there are, and which."""
        where = Working("x", np.array(points, dtype=object)) if points else None
        lines = [*([where] if where else []), Working(name, fmpq(len(points)))]
        return Worked(fmpq(len(points)), lambda: lines)


def curve(v: Any, m: int) -> Any:
    """The bias of the point with weight m·v where a fixed point has the multiplier m: derived."""
    return formula(theory.bifurcation_curves, BALL)(arb(v), m)


class PlanePoint(UnitCase):
    """A point of the (w, b) plane beside the saddle-node curves b = ±h*(w)."""

    def terms(self) -> dict[str, Any]:
        count = "the number of fixed points"
        return {
            "b": self.bias,
            "h*(w)": self.height,
            count: lambda: self._listed(count, self.fixed_points),
        }

    def height(self) -> Any:
        """h*(w); 0 for w ≤ 1."""
        return -curve(self.w, 1) if self.w > 1 else arb(0)

    @cached_property
    def fixed_points(self) -> list[Any]:
        """All of them, as balls that each hold one, in order."""
        with precision(DEFAULT_BITS):
            f = image(arb(self.w), self.bias())
            return zeros_of_one_variable(lambda x: less(x, f(x)), -1, 1, self._degenerate())

    def _degenerate(self) -> list[tuple[Any, int]]:
        """On the curve two fixed points are one, at the cusp three."""
        if self.w < 1 or not (self.on_the_curve or (self.w == 1 and self.offset == 0)):
            return []
        if self.w == 1:
            return [(arb(0), 3)] if self.offset == 0 else []
        return [(-self.side * arb(self.w).sqrt().acosh().tanh(), 2)]

    def derived_count(self) -> int:
        """The number of fixed points by the derived formula."""
        if self.w <= 1:
            return 1
        if self.on_the_curve:
            return 2  # 2 + sgn(0)
        with precision(DEFAULT_BITS):
            return int(formula(theory.fixed_point_count, BALL)(arb(self.w), self.bias()))


class FlipPoint(UnitCase):
    """A point of the (w, b) plane beside the flip curves of w < −1."""

    def terms(self) -> dict[str, Any]:
        count = "the number of points of period two"
        height = "arccosh √|w| + √(|w|(|w| − 1))" if self.w < -1 else "0"
        return {
            "b": self.bias,
            "the curve's height": height,
            count: lambda: self._listed(count, self.period_two_points),
        }

    def height(self) -> Any:
        """The bias at which the fixed point's multiplier is −1; 0 for w ≥ −1."""
        return curve(-self.w, -1) if self.w < -1 else arb(0)

    def on_a_flip(self) -> bool:
        """Whether the fixed point has the multiplier −1; at (−1, 0) the curve begins."""
        return (self.w == -1 and self.offset == 0) or (self.w < -1 and self.on_the_curve)

    @cached_property
    def period_two_points(self) -> list[Any]:
        """The points x = f(f(x)) that are not fixed, in order."""
        with precision(DEFAULT_BITS):
            f = image(arb(self.w), self.bias())
            degenerate = [(self.side * arb(-self.w).sqrt().acosh().tanh(), 3)]
            degenerate = degenerate if self.on_a_flip() else []
            fixed = zeros_of_one_variable(lambda x: less(x, f(x)), -1, 1)
            points = zeros_of_one_variable(lambda x: less(x, f(f(x))), -1, 1, degenerate)
            return [x for x in points if not any(x.overlaps(y) for y in fixed)]

    def derived_count(self) -> int:
        """The number of points of period two by the derived formula."""
        if self.w >= -1:
            return 0
        if self.on_a_flip():
            return 1  # 1 + sgn(0): the formula does not speak of the curve itself
        with precision(DEFAULT_BITS):
            return int(formula(theory.period_two_orbits, BALL)(-arb(self.w), self.bias()))


@dataclass(frozen=True, repr=False)
class CurvePoint(Case):
    """The unit of weight w = m·v whose fixed point of multiplier m has cosh² = v; m = ±1."""

    v: fmpq
    m: int

    def terms(self) -> dict[str, Any]:
        return {
            "|b|": "|arccosh √v − m√(v(v − 1))|",
            "h*(|w|)": "√(v(v − 1)) − arccosh √v",
        }

    @property
    def w(self) -> fmpq:
        return self.m * self.v

    def bias(self) -> Any:
        """The derived bias, as a ball."""
        with precision(DEFAULT_BITS):
            return curve(self.v, self.m)

    def fixed_point(self) -> Any:
        """tanh arccosh √v = √((v − 1)/v), as a ball."""
        with precision(DEFAULT_BITS):
            return arb((self.v - 1) / self.v).sqrt()

    def models(self) -> tuple[RNN]:
        return (unit(self.w, self.bias()),)


@dataclass(frozen=True, repr=False)
class BiasPath(Case):
    """x_t = tanh(wx_{t−1} + b) for T steps from x₀, as the bias b goes from low to high."""

    w: fmpq
    x0: fmpq
    low: fmpq
    high: fmpq
    t: int

    def terms(self) -> dict[str, Any]:
        return {
            "T": fmpq(self.t),
            "|∂x_T/∂b| at low, midway and high": self._followed,
        }

    def _followed(self) -> Worked:
        """|∂x_T/∂b| at three biases, followed step by step at the lowest."""
        x, slope, lines = floats(self.x0), 0.0, []
        for k in range(1, self.t + 1):
            x = np.tanh(floats(self.w) * x + floats(self.low))
            slope = (1 - x * x) * (floats(self.w) * slope + 1)
            lines.append(Working(f"∂x_{k}/∂b = (1 − x_{k}²)(w∂x_{k - 1}/∂b + 1) at low", slope))
        return Worked(np.abs(self.gradients()[0]), lambda: lines)

    def counts(self) -> tuple[int, int]:
        """The numbers of fixed points at both ends."""
        ends = (PlanePoint(self.w, 0, b) for b in (self.low, self.high))
        return tuple(len(point.fixed_points) for point in ends)  # type: ignore[return-value]

    def steepest(self) -> float:
        """An upper bound of |∂x_T/∂b| on the whole path."""
        pieces = 64
        width = (self.high - self.low) / pieces
        largest = 0.0
        with precision(64):
            for k in range(pieces):
                b = interval(self.low + k * width, self.low + (k + 1) * width)
                x, gradient = arb(self.x0), arb(0)
                for _ in range(self.t):
                    x = (self.w * x + b).tanh()
                    gradient = (1 - x * x) * (self.w * gradient + 1)
                largest = max(largest, float(np.nextafter(float(gradient.abs_upper()), np.inf)))
        return largest

    def gradients(self) -> tuple[np.ndarray, np.ndarray]:
        """∂x_T/∂b (3,) by the network at both ends of the path and in its middle; their bounds."""
        b = [self.low, (self.low + self.high) / 2, self.high]
        model = RNN(
            W=np.array([[floats(self.w)]]),
            U=np.zeros((1, 0)),
            b=np.array([[floats(each)] for each in b]),
        )
        trajectory = model.run(np.full((3, 1), floats(self.x0)), np.zeros((self.t, 3, 0)))
        ones = np.ones((3, 1))
        bounds = RunBounds(trajectory).backward(ones).parameters["b"].values
        return trajectory.backward(ones).parameters["b"][:, 0], bounds[:, 0]


weights = rationals(16, (4, 2, 1))


@st.composite
def points(draw: Any, kind: Any, weights: Any, sides: Any = None, offsets: Any = None) -> Any:
    """Points of the (w, b) plane: on the curves, near them and anywhere."""
    side = draw(st.sampled_from((0, 1, -1)) if sides is None else sides)
    near = st.one_of(st.just(fmpq(0)), rationals(8, (1, 4, 16, 256)))
    offset = draw(near if offsets is None else offsets)
    return kind(w=draw(weights), side=side, offset=offset)


def curve_points() -> st.SearchStrategy[CurvePoint]:
    """Both curves, from their beginning at |w| = 1 to |w| = 33."""
    parts = st.sampled_from((2, 4, 8, 24, 40))
    above = st.builds(lambda k, d: 1 + fmpq(k, d), st.integers(0, 64), parts)
    return st.builds(CurvePoint, above, st.sampled_from((1, -1)))


@st.composite
def bias_paths(draw: Any) -> BiasPath:
    """Paths through the plane at w = 2, 3 or 4, of ten steps and more, from all over (−1, 1)."""
    low = draw(st.builds(fmpq, small_integers(8), st.sampled_from((1, 4))))
    return BiasPath(
        w=draw(st.sampled_from((fmpq(2), fmpq(3), fmpq(4)))),
        x0=draw(st.builds(fmpq, small_integers(7), st.just(8))),
        low=low,
        high=low + draw(st.builds(fmpq, st.integers(1, 8), st.just(4))),
        t=draw(st.sampled_from((10, 20, 40))),
    )
