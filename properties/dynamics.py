"""How many fixed points and cycles a unit has, where in the (w, b) plane that changes, and why a
change of this kind is not what makes gradients explode."""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import fmpq
from hypothesis import strategies as st

from models.activations import ACTIVATIONS
from models.rnn import RNN
from properties.checking import Check, claim, rational
from properties.checking.balls import Balls
from properties.checking.bounds import RunBounds
from properties.dynamics_cases import (
    BiasPath,
    CurvePoint,
    FlipPoint,
    PlanePoint,
    bias_paths,
    curve_points,
    points,
    weights,
)
from theory import dynamics as theory

TINY = 2.0**-200


FIXED, PERIODIC = "the number of fixed points", "the number of points of period two"


def stays(model: RNN, points: list[Any], images: list[Any], check: Check, what: str) -> None:
    """A step of the network takes points to their images: balls, and floats within the bound.

    Points and bias are rounded: a step carries these errors by at most |w| and 1, as |tanh′| ≤ 1.
    """
    # A point 0 is known as a ball around a number below 2⁻²⁵⁰, which no network can hold.
    start = np.array([[float(x) if abs(x) > TINY else 0.0] for x in points])
    x = np.zeros((1, len(points), 0))
    step = RunBounds(model.run(start, x), check.backend.unit_roundoff).states.values[1]
    error = np.maximum(np.spacing(np.abs(start)), TINY)
    rounded = np.abs(model.W[0, 0]) * error + np.spacing(np.abs(model.b))

    def truth() -> Balls:
        return np.array([[x] for x in images], dtype=object)

    check.enclosed(check.backend.run(model, start, x)[1], truth, step + rounded, what)


@claim(
    statement=(
        "x′ = tanh(wx + b) has 2 + sgn(h*(w) − |b|) fixed points if w > 1, and one if w ≤ 1, where "
        "h*(w) = √(w(w−1)) − arccosh √w: three inside the wedge |b| < h*(w), two on its edges, one "
        "outside it and at its tip, the cusp (1, 0)."
    ),
    source="Doya 1993, Bifurcations of recurrent neural networks in gradient descent learning",
    derivation=theory.fixed_point_count,
    domain=points(PlanePoint, weights),
    tiers=("symbolic", "exact", "enclosed"),
    labels={
        "three fixed points": (0.1, lambda point: len(point.fixed_points) == 3),
        "two, on the edge": (0.05, lambda point: len(point.fixed_points) == 2),
        "w > 1, outside the wedge": (
            0.05,
            lambda point: point.w > 1 and len(point.fixed_points) == 1,
        ),
        "w ≤ 1": (0.2, lambda point: point.w <= 1),
        "b ≠ 0": (0.3, lambda point: point.side != 0 or point.offset != 0),
    },
    witness=PlanePoint(w=rational(2), side=0, offset=rational("1/2")),
    concerns=RNN,
    explain=(
        "A fixed point has artanh x − wx = b. For w ≤ 1 the left side only rises; for w > 1 it "
        "turns twice, at the heights ±h*(w), and a level b between them meets it three times. The "
        "count is proven case by case as well: interval Newton finds every fixed point, and that "
        "there are no others. On an edge of the wedge two are one, with multiplier 1; at the cusp "
        "all three."
    ),
)
def bifurcations(point: PlanePoint, check: Check) -> None:
    found = point.fixed_points
    check.exact(len(found), point.derived_count(), f"{FIXED} = 2 + sgn(h*(w) − |b|)")
    stays(point.models()[0], found, found, check, "a step from a fixed point")


@bifurcations.misread(
    "w > 1 makes three fixed points",
    why="Only without a bias: one that is large enough pulls the unit to one side for good.",
)
def three_by_weight_alone(point: PlanePoint, check: Check) -> None:
    count, what = 3 if point.w > 1 else 1, f"{FIXED}; 3 if w > 1, else 1"
    check.exact(len(point.fixed_points), count, what)


@bifurcations.misread(
    "crossing a bifurcation explodes the gradient: if the number of fixed points changes between "
    "two biases, then somewhere between them |∂x_T/∂b| > T",
    source="Pascanu, Mikolov & Bengio 2013, section 2.2.2 and figure 3, as it is often told",
    domain=bias_paths(),
    why=(
        "The pair that vanishes may lie far from the state: if x₀ belongs to the attractor that "
        "stays on, every slope along the run is small, and T terms that are not amplified sum to T "
        "at most."
    ),
)
def crossing_is_sufficient(path: BiasPath, check: Check) -> None:
    low, high = path.counts()
    if low != high:
        steepest = path.steepest()
        check.that(steepest > path.t, steepest, path.t, "max |∂x_T/∂b| > T")


@bifurcations.misread(
    "only crossing a bifurcation explodes the gradient: if no bifurcation lies between two biases, "
    "then |∂x_T/∂b| ≤ T all along the way",
    source="Pascanu, Mikolov & Bengio 2013, section 2.2.2 and figure 3, as it is often told",
    domain=bias_paths(),
    why=(
        "At b = 0 the middle fixed point 0 parts two basins; a state there has slope w > 1 at "
        "every step, and no fixed point appears or vanishes. See basin_crossing."
    ),
)
def crossing_is_necessary(path: BiasPath, check: Check) -> None:
    if path.counts() == (3, 3):
        gradients, bounds = path.gradients()
        check.at_most(np.abs(gradients), path.t, bounds, "|∂x_T/∂b| at low, midway and high; T")


@claim(
    statement=(
        "A fixed point of x′ = tanh(wx + b) with the multiplier m = ±1 exists for w = mv with v ≥ "
        "1, at |b| = |arccosh √v − m√(v(v−1))|: for m = 1 these are the saddle-nodes |b| = h*(w), "
        "for m = −1 the flips |b| = arccosh √|w| + √(|w|(|w|−1))."
    ),
    source="Doya 1993; Haschke & Steil 2005 for several units",
    derivation=theory.bifurcation_curves,
    domain=curve_points(),
    tiers=("symbolic", "enclosed"),
    labels={
        "saddle-node": (0.3, lambda point: point.m == 1 and point.v > 1),
        "flip": (0.3, lambda point: point.m == -1 and point.v > 1),
        "where a curve begins": (0.01, lambda point: point.v == 1),
    },
    witness=CurvePoint(v=rational(2), m=1),
    concerns=RNN,
)
def bifurcation_curves(point: CurvePoint, check: Check) -> None:
    model, x = point.models()[0], point.fixed_point()
    stays(model, [x], [x], check, "a step from the fixed point")
    enclosed_multiplier(point, model, point.m, check)


def enclosed_multiplier(point: CurvePoint, model: RNN, m: int, check: Check) -> None:
    """The network's Jacobian at the fixed point is m.

    The slope wφ′(wx + b) moves with the roundings of x and b by |w|sup|φ″|(|w||δx| + |δb|) at most.
    """
    start, silent = np.array([[float(point.fixed_point())]]), np.zeros((1, 1, 0))
    bounds = RunBounds(model.run(start, silent), check.backend.unit_roundoff)
    w = abs(float(model.W[0, 0]))
    moved = w * np.spacing(start) + np.spacing(np.abs(model.b))
    bound = bounds.jacobian(0, 1).values[0] + w * ACTIVATIONS["tanh"].curvature * moved
    jacobian = check.backend.jacobian(model, start, silent)[0]
    check.enclosed(jacobian, lambda: np.array([[m]], dtype=object), bound, "multiplier")


@bifurcation_curves.misread(
    "the flips mirror the saddle-nodes: at w < −1 they lie at |b| = h*(|w|)",
    why="With w < 0 the terms of b = a − w·tanh a add up instead of cancelling.",
)
def mirrored_curve(point: CurvePoint, check: Check) -> None:
    mirrored = CurvePoint(point.v, 1).bias()
    b, height = abs(point.bias()), abs(mirrored)
    check.that(b.overlaps(height), b, height, "|b| = h*(|w|)")


off_the_curve = st.builds(
    lambda k, d, sign: fmpq(sign * k, d),
    st.integers(1, 8),
    st.sampled_from((1, 4, 16)),
    st.sampled_from((1, -1)),
)


@claim(
    statement=(
        "x′ = tanh(wx + b) has an orbit of period two, and then one, if and only if w < −1 and |b| "
        "< arccosh √|w| + √(|w|(|w|−1)): inside the flip curves, where the fixed point is "
        "unstable."
    ),
    source="Doya 1993; Singer 1978, Stable orbits and bifurcation of maps of the interval",
    derivation=theory.period_two_orbits,
    domain=points(FlipPoint, weights, offsets=off_the_curve),
    tiers=("symbolic", "exact", "enclosed"),
    assumptions={"(w, b) lies off the flip curve": lambda point: not point.on_a_flip()},
    labels={
        "period two": (0.15, lambda point: len(point.period_two_points) == 2),
        "w < −1, none": (0.02, lambda point: point.w < -1 and not point.period_two_points),
        "w ≥ −1": (0.3, lambda point: point.w >= -1),
    },
    witness=FlipPoint(w=rational(-2), side=0, offset=rational("1/2")),
    concerns=RNN,
    explain=(
        "Two states that follow one another are both fixed points for the weight −w and one common "
        "bias, so for w ≥ −1 there is no such pair. For w < −1 the map falls and tanh has a "
        "negative Schwarzian derivative, which leaves room for one orbit, born where the "
        "multiplier is −1."
    ),
)
def period_two_orbits(point: FlipPoint, check: Check) -> None:
    found = point.period_two_points
    what = f"{PERIODIC} = 1 + sgn(the curve's height − |b|)"
    check.exact(len(found), point.derived_count(), what)
    if found:
        stays(point.models()[0], found, found[::-1], check, "a step along the orbit")


period_two_orbits.without(
    "(w, b) lies off the flip curve",
    domain=points(
        FlipPoint,
        st.builds(fmpq, st.integers(-9, -3), st.just(2)),
        st.sampled_from((1, -1)),
        st.just(fmpq(0)),
    ),
    why="On the curve the orbit is about to be born: both its points are still the fixed one.",
)


@period_two_orbits.misread(
    "w < −1 alone makes a period-two orbit",
    why="With a large bias the unit saturates: the fixed point is stable however negative w is.",
)
def period_two_by_weight_alone(point: FlipPoint, check: Check) -> None:
    expected = 2 if point.w < -1 else 0
    check.exact(len(point.period_two_points), expected, f"{PERIODIC}; 2 if w < −1, else 0")
