"""A latch close to its edge: how long it stays there past the threshold, and its gradient at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any

import numpy as np
from flint import arb, fmpq
from hypothesis import strategies as st

from models.rnn import RNN
from properties.checking import BALL, Case, Check, Worked, Working, claim, floats, formula, rational
from properties.checking.balls import precision
from properties.checking.bounds import RunBounds
from properties.checking.references import reference
from properties.latch_cases import edge, threshold, weights
from theory import latch_edge
from theory import latch_passage as theory
from theory.formula import callable_form

THEME = "robust_memory"

LONGEST = 60
"""Steps of a run that are compared with the model's: enough to see a wrong one."""

curvature = callable_form((latch_edge.w,), latch_edge.curvature, BALL)
third_order = formula(latch_edge.step_at_the_edge, BALL)
fewest_steps = callable_form(theory.fewest_parameters, theory.fewest, BALL)
most_steps = formula(theory.unlatching_time, BALL)


@dataclass(frozen=True, repr=False)
class NearTheEdge(Case):
    """One latch under the constant input −(h*(w) + ε), with x_t = a_t − arccosh √w and x_0 = δ."""

    w: fmpq
    δ: fmpq
    ε: fmpq

    def terms(self) -> dict[str, Any]:
        return {"N": self._passed}

    def _passed(self) -> Worked:
        """N with the states on the way; the first step for which x_N is at most −δ."""
        run = list(takewhile(lambda x: not x <= -self.δ, islice(self.states(), 5000)))
        states = [*run, next(islice(self.states(), len(run), None))]
        lines = [Working(f"x_{k}", x) for k, x in enumerate(states)]
        return Worked(fmpq(len(run)), lambda: [*lines, Working("N", fmpq(len(run)))])

    def push(self) -> Any:
        return threshold(arb(self.w)) + self.ε

    def states(self) -> Iterator[Any]:
        """x_0, x_1, … as balls, at the precision of the moment."""
        w, limit, push = arb(self.w), edge(arb(self.w)), self.push()
        a = limit + self.δ
        while True:
            yield a - limit
            a = w * a.tanh() - push

    def curvature(self) -> Any:
        """κ = √(1 − 1/w), half the second derivative of a step's length at the edge."""
        return curvature(arb(self.w))

    def third_order(self) -> Any:
        """R = w/3: a step is within R|x|³ of ε + κx²."""
        return third_order(arb(self.w), arb(1))

    def sides(self) -> tuple[Any, Any]:
        """κ_i of the map above the run and of the one below it, within δ of the edge."""
        κ, R, δ = self.curvature(), self.third_order(), arb(self.δ)
        above = (κ - R * δ) / (1 + κ * δ + R * δ**2)
        below_it = (κ + R * δ) / (1 - κ * δ - R * δ**2)
        return above, below_it

    def model(self) -> RNN:
        one = np.ones((1, 1))
        return RNN(W=floats(self.w) * one, U=one, b=np.zeros(1), order="activation_first")

    def models(self) -> tuple[RNN]:
        return (self.model(),)

    def run_is_enclosed(self, check: Check, steps: int) -> None:
        """The backend's first steps are as near to the exact ones as its rounding allows."""
        with precision(128):
            start = np.array([[float(edge(arb(self.w)) + self.δ)]])
            inputs = np.full((min(steps, LONGEST), 1, 1), -float(self.push()))
        trajectory = self.model().run(start, inputs)
        bound = RunBounds(trajectory, check.backend.unit_roundoff).states.values
        states = check.backend.run(self.model(), start, inputs)
        check.enclosed(states, lambda: reference(trajectory).states, bound, "the run")


windows = st.builds(fmpq, st.just(1), st.sampled_from((8, 16, 32)))


def steps_to_pass(case: NearTheEdge, most: int) -> list[Any] | None:
    """x_0, …, x_N, the last one the first that is at most −δ; None where that takes too long."""
    run = []
    for x in islice(case.states(), most):
        run.append(x)
        if x < -case.δ:
            return run
    return None


@st.composite
def pushed_over(draw: Any) -> NearTheEdge:
    """ε = δ²/4ʲ, so that both sides of the parabola's foot are passed."""
    δ = draw(windows)
    return NearTheEdge(draw(weights), δ, δ * δ / 4 ** draw(st.integers(0, 3)))


PAST = "the push exceeds h*(w)"


@claim(
    statement=(
        "Pushed by h*(w) + ε, a latch takes N steps from x = δ to x = −δ around its edge, with "
        "(arctan(x_0/s₂) − arctan(x_N/s₂))/arctan τ₂ ≤ N ≤ "
        "(arctan(x_0/s₁) − arctan(x_N/s₁))/arctan τ₁, where τ_i = √(ε_iκ_i), s_i = √(ε_i/κ_i), and "
        "for small δ, κ_i → κ = √(1 − 1/w), ε_i/ε → 1: about π/√(κε) steps for ε ≪ δ²."
    ),
    source="derived here; Pomeau & Manneville 1980 call the passage type I intermittency",
    derivation=theory.unlatching_time,
    domain=pushed_over(),
    tiers=("symbolic", "exact", "enclosed"),
    assumptions={PAST: lambda case: case.ε > 0},
    labels={
        "ε ≤ δ²/16": (0.2, lambda case: 16 * case.ε <= case.δ**2),
        "narrow window": (0.2, lambda case: case.δ == fmpq(1, 32)),
        "w ≤ 3/2": (0.02, lambda case: case.w <= fmpq(3, 2)),
    },
    witness=NearTheEdge(w=rational(2), δ=rational("1/16"), ε=rational("1/4096")),
    concerns=RNN,
    explain=(
        "At h* the curve a ↦ w tanh a − h* touches the diagonal; a little lower it leaves a gap "
        "of width ε between them, and a state has to pass that in steps as small as ε + κx². The "
        "time is the integral of 1/(ε + κx²), π/√(κε): a bit survives a push of a hundredth "
        "more than h* for ten times as long as one of twice h*, but not for ever."
    ),
)
def unlatching_time(case: NearTheEdge, check: Check) -> None:
    with precision(128):
        run = steps_to_pass(case, 5000)
    check.that(run is not None, "5000 and more", "finitely many", "steps to pass the edge")
    steps = len(run) - 1
    case.run_is_enclosed(check, steps)

    def bound(count: Any, sign: int, κ: Any) -> Any:
        ε = case.ε * (1 - sign * κ * case.δ)
        return count((ε / κ).sqrt(), (ε * κ).sqrt(), [*islice(case.states(), steps + 1)], steps)

    check.below(
        lambda: (bound(fewest_steps, -1, case.sides()[1]), arb(steps)),
        "the fewest steps that it can take, and N",
    )
    check.below(
        lambda: (arb(steps), bound(most_steps, 1, case.sides()[0])),
        "N, and the most steps that it can take",
    )


unlatching_time.without(
    PAST,
    domain=st.builds(
        NearTheEdge, weights, windows, st.builds(fmpq, st.integers(-4, 0), st.just(64))
    ),
    why="Within h* there is a rest point on the latched side, and the state never passes the edge.",
)


@unlatching_time.misread(
    "The push has to do the work: to pass 2δ at ε a step takes 2δ/ε steps.",
    why="Only at the edge are the steps as small as ε; the map itself helps before and after.",
)
def at_constant_speed(case: NearTheEdge, check: Check) -> None:
    with precision(128):
        run = steps_to_pass(case, 5000)
    check.at_most(2 * case.δ / case.ε, fmpq(len(run) - 1), what="2δ/ε, and N")
