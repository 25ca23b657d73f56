"""On the boundary of two basins the gradient explodes, and that is rare."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
from flint import arb, fmpq, fmpq_mat
from hypothesis import strategies as st

from models.rnn import RNN
from properties.checking import (
    BALL,
    EXACT,
    Case,
    Check,
    Worked,
    Working,
    cell_formulas,
    claim,
    floats,
    formula,
    matrix,
    rational,
    vector,
)
from properties.checking.balls import exact, precision
from properties.checking.bounds import RunBounds
from properties.checking.domains import fixed_lists, small_integers
from properties.checking.references import reference
from properties.latch_cases import (
    Latches,
    edge,
    mixings,
    signed_permutations,
    slope,
    weights,
)
from theory import latch_gradient as theory

THEME = "robust_memory"


@dataclass(frozen=True, repr=False)
class Middle(Case):
    """A latch that starts `off` from its middle rest point m = share·arccosh √w, for t steps.

    The constant push is the one under which m is at rest. Beside it a network of latches without
    a push, of which the first starts `off` from its own boundary, 0, and the others far from it.
    """

    w: fmpq
    share: fmpq
    off: fmpq
    P: fmpq_mat
    U: fmpq_mat
    t: int

    def terms(self) -> dict[str, Any]:
        terms: dict[str, Any] = {"m": "share·arccosh √w", "h": "m − w·tanh(m)", "a_0": "m + off"}
        for k in range(1, self.t + 1):
            terms[f"a_{k}"] = f"w·tanh(a_{k - 1}) + h"
            terms[f"s_{k}"] = f"w(1 − tanh(a_{k - 1})²)"
        product = cell_formulas.product_of("s_{}", self.t, 1)
        return terms | {"μ": "w(1 − tanh(m)²)", "∂a_t/∂a_0": product}

    def middle(self) -> Any:
        return edge(arb(self.w)) * self.share

    def gradient(self) -> Any:
        """∂a_t/∂a_0 of the one latch."""
        w, m = arb(self.w), self.middle()
        push = m - w * m.tanh()
        a, gradient = m + self.off, arb(1)
        for _ in range(self.t):
            a, gradient = w * a.tanh() + push, gradient * slope(w, a)
        return gradient

    def network(self) -> Latches:
        n = self.P.nrows()
        c0 = vector([self.off, *[fmpq(2)] * (n - 1)])
        return Latches(self.w, self.P, self.U, c0, (fmpq_mat(n, 1),) * self.t)

    def models(self) -> tuple[RNN]:
        return self.network().models()


fine_weights = st.integers(-48, 256).map(lambda k: fmpq(128 + k, 64))
"""w from 5/4 to 6, the simplest of them 2; their powers are soon rounded."""
inside = st.builds(fmpq, st.integers(-15, 15), st.just(16))
exactly_on = st.just(fmpq(0))
TINY = fmpq(1, 2**64)


@st.composite
def on_the_boundary(
    draw: Any, most: int = 3, shares: Any = inside, offs: Any = exactly_on, longest: int = 20
) -> Middle:
    n = draw(st.integers(1, most))
    return Middle(
        draw(fine_weights),
        draw(shares),
        draw(offs),
        draw(signed_permutations(n)),
        draw(mixings(n)),
        draw(st.integers(1, longest)),
    )


BELOW_THRESHOLD = "the push stays below h*(w)"


@claim(
    statement=(
        "A latch under a constant push below h*(w) has a rest point m between its basins, with the "
        "slope μ = w tanh′ m > 1. A run that stays there has ∂a_t/∂a_0 = μᵗ, which explodes; and "
        "a network of latches of which one stays at 0 has ‖∂c_t/∂c_0‖ ≥ wᵗ."
    ),
    source="Bengio, Simard & Frasconi 1994, appendix",
    derivation=theory.basin_boundary,
    domain=on_the_boundary(),
    tiers=("symbolic", "exact", "enclosed"),
    assumptions={
        theory.ON: lambda case: case.off == 0,
        BELOW_THRESHOLD: lambda case: abs(case.share) < 1,
    },
    labels={
        "pushed": (0.3, lambda case: case.share != 0),
        "several latches": (0.4, lambda case: case.P.nrows() > 1),
        "t ≥ 10": (0.3, lambda case: case.t >= 10),
    },
    witness=Middle(
        w=rational(2),
        share=rational("1/2"),
        off=rational(0),
        P=matrix("0 1; 1 0"),
        U=matrix("1 1; -1 1"),
        t=10,
    ),
    concerns=RNN,
)
def basin_boundary(case: Middle, check: Check) -> None:
    derived = formula(theory.basin_boundary, BALL)
    one = arb(1)
    check.below(lambda: (one + TINY, slope(arb(case.w), case.middle())), "1 + 2⁻⁶⁴ < μ")

    def difference() -> tuple[Any, Any]:
        return abs(case.gradient() / derived(arb(case.w), case.middle(), case.t) - 1), arb(TINY)

    check.below(difference, "|∂a_t/∂a_0 ÷ μᵗ − 1|, and 2⁻⁶⁴")
    network = case.network()
    bounds = RunBounds(network.trajectory, check.backend.unit_roundoff)
    jacobian = check.backend.jacobian(network.model(), network.start(), network.inputs())
    check.enclosed(
        jacobian[0][:, 0],
        lambda: exact(case.P**case.t)[:, 0] * derived(arb(case.w), arb(0), case.t),
        bounds.jacobian(0, case.t).values[0][:, 0],
        "∂c_t/∂c_0 in the direction of the unit at 0",
    )


basin_boundary.without(
    theory.ON,
    domain=on_the_boundary(most=1, offs=st.builds(fmpq, st.integers(0, 4), st.just(4))),
    why="A run that is near the boundary only leaves it, and its slopes fall below one.",
)
basin_boundary.without(
    BELOW_THRESHOLD,
    domain=on_the_boundary(most=1, shares=st.sampled_from((fmpq(0), fmpq(1), fmpq(-1)))),
    why="At h* the middle rest point meets an outer one, and the slope there is one: where an "
    "attractor is not hyperbolic, the gradient on the boundary need not explode.",
)


@basin_boundary.misread(
    "Near the boundary, too, the gradient explodes: from 1/64 off it stays above 1.",
    domain=on_the_boundary(
        most=1, offs=st.builds(fmpq, st.just(1), st.sampled_from((64, 256, 1024))), longest=60
    ),
    why="It grows until the run leaves; latched again, it vanishes.",
)
def near_is_enough(case: Middle, check: Check) -> None:
    check.below(lambda: (arb(1), case.gradient()), "1 < ∂a_t/∂a_0")


# -- but that is rare

EXPLODING = "the length of the starts with ∂a_t/∂a_0 ≥ g"


@dataclass(frozen=True, repr=False)
class Starts(Case):
    """Runs a_t = w tanh a_{t−1} + h_t from the ends of 2·cells intervals of `width` around 0."""

    w: fmpq
    h: tuple[fmpq, ...]
    cells: int
    width: fmpq
    least: fmpq

    symbols = MappingProxyType({"least": "g"})

    def terms(self) -> dict[str, Any]:
        return {EXPLODING: self._found}

    def _found(self) -> Worked:
        """The length with the intervals of the grid that it is made of."""

        def steps() -> list[Working]:
            intervals = [(low, low + self.width, least) for low, least in self.gradients()]
            return [
                *(
                    Working(f"∂a_t/∂a_0 from {low} to {high} is at least", least)
                    for low, high, least in intervals
                ),
                Working(EXPLODING, self.exploding()),
            ]

        return Worked(self.exploding(), steps)

    def grid(self) -> list[fmpq]:
        return [k * self.width for k in range(-self.cells, self.cells + 1)]

    def runs(self) -> list[list[Any]]:
        """a_0, …, a_T for every start of the grid."""
        runs = [[arb(z)] for z in self.grid()]
        for h in self.h:
            for run in runs:
                run.append(self.w * run[-1].tanh() + h)
        return runs

    def exploding(self) -> fmpq:
        """How long the intervals are together on all of which ∂a_T/∂a_0 ≥ least, for certain.

        a_t rises with a_0, and tanh′ has no minimum within an interval: so a slope is nowhere on it
        below the smaller one of those at its ends.
        """
        with precision(128):
            return len(self.gradients()) * self.width

    def gradients(self) -> list[tuple[fmpq, Any]]:
        """The start of each such interval, and what ∂a_T/∂a_0 is nowhere on it below."""
        w, found = arb(self.w), []
        slopes = [[slope(w, a) for a in run[:-1]] for run in self.runs()]
        for start, (low, high) in zip(self.grid(), pairwise(slopes), strict=False):
            gradient = arb(1)
            for one, other in zip(low, high, strict=True):
                gradient *= arb.min(one, other)
            if bool(gradient >= self.least):
                found.append((start, gradient))
        return found

    def model(self) -> RNN:
        one = np.ones((1, 1))
        return RNN(W=floats(self.w) * one, U=one, b=np.zeros(1), order="activation_first")

    def models(self) -> tuple[RNN]:
        return (self.model(),)


inputs, times_6 = st.builds(fmpq, small_integers(4), st.just(4)), st.integers(1, 6)


@st.composite
def starts(draw: Any) -> Starts:
    return Starts(
        draw(weights),
        tuple(draw(fixed_lists(inputs, draw(times_6)))),
        draw(st.integers(1, 24)),
        draw(st.builds(fmpq, st.just(1), st.sampled_from((8, 32)))),
        fmpq(draw(st.integers(1, 12)), 2),
    )


@claim(
    statement=(
        "Whatever the inputs, the starts of a latch from which ∂a_t/∂a_0 ≥ g make up a length of "
        "at most 2w/g: the gradient may explode, but from few starts."
    ),
    source="derived here; Bengio, Simard & Frasconi 1994 remark that boundaries have measure zero",
    derivation=theory.rare_explosion,
    domain=starts(),
    tiers=("symbolic", "exact", "enclosed"),
    labels={
        "some gradient is ≥ g": (0.25, lambda case: case.exploding() > 0),
        "a quarter of what may be": (
            0.01,
            lambda case: 2 * case.least * case.exploding() >= case.w,
        ),
        "g > w": (0.2, lambda case: case.least > case.w),
        "T ≥ 4": (0.1, lambda case: len(case.h) >= 4),
    },
    witness=Starts(
        w=rational(2), h=(rational(0),) * 4, cells=16, width=rational("1/32"), least=rational(8)
    ),
    concerns=RNN,
    explain=(
        "All the gradients along a line of starts add up to how far apart its ends are after t "
        "steps, and that is at most 2w, because tanh is bounded. So they cannot be large at many. "
        "As t grows, the starts at which the gradient goes on exploding shrink to the boundary."
    ),
)
def rare_explosion(case: Starts, check: Check) -> None:
    most = formula(theory.rare_explosion, EXACT)(case.w, case.least)
    check.at_most(case.exploding(), most, what=f"{EXPLODING}; 2w/g")
    start = np.array([[floats(case.grid()[0])], [floats(case.grid()[-1])]])
    inputs = np.repeat(floats(fmpq_mat(len(case.h), 1, list(case.h)))[:, None], 2, axis=1)
    trajectory = case.model().run(start, inputs)
    bounds = RunBounds(trajectory, check.backend.unit_roundoff)
    check.enclosed(
        check.backend.jacobian(case.model(), start, inputs),
        lambda: np.stack([reference(trajectory, k).jacobian(0, len(case.h)) for k in range(2)]),
        bounds.jacobian(0, len(case.h)).values,
        "∂a_t/∂a_0 of the outermost runs",
    )


@rare_explosion.misread(
    "Boundaries have measure zero, so the starts with a gradient above one have measure zero.",
    source="Bengio, Simard & Frasconi 1994, appendix, on the boundary alone",
    why="That is what is left as t → ∞. After t steps there is an interval of such starts.",
)
def measure_zero(case: Starts, check: Check) -> None:
    check.at_most(case.exploding(), fmpq(0), what=f"{EXPLODING}; 0")
