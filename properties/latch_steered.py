"""A latch that its inputs steer along its edge: the bit is kept, and so is the gradient."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
from flint import arb, fmpq
from hypothesis import strategies as st

from models.neuron import Neuron
from properties.checking import (
    EXACT,
    Case,
    Check,
    claim,
    floats,
    formula,
    rational,
    worked_product,
)
from properties.checking.balls import precision
from properties.checking.bounds import RunBounds
from properties.checking.references import reference
from properties.latch_cases import edge, weights
from theory import latch_gradient as theory

THEME = "robust_memory"


@dataclass(frozen=True, repr=False)
class Steered(Case):
    """One latch whose inputs keep the slope at 1 − c/(t + d + 1)ᵖ for t = 0, …, T − 1."""

    w: fmpq
    c: int
    d: int
    p: int
    t: int

    def terms(self) -> dict[str, Any]:
        return {
            "∏(1 − m_k)": lambda: worked_product("∏(1 − m_k)", *self.slopes()),
            "what ∂a_t/∂a_0 stays above": "∏(1 − m_k)·(1 − c/(t + d))",
        }

    def slopes(self) -> list[fmpq]:
        """w tanh′ a_0, …, w tanh′ a_{T−1}, exactly as they are meant to be."""
        return [1 - fmpq(self.c, (k + self.d + 1) ** self.p) for k in range(self.t)]

    def gradient(self) -> fmpq:
        """∂a_T/∂a_0."""
        return prod(self.slopes(), start=fmpq(1))

    def states(self) -> list[Any]:
        """a_0, …, a_{T−1} beyond the edge, as balls: w tanh′ a = s at cosh² a = w/s."""
        return [(arb(self.w) / s).sqrt().acosh() for s in self.slopes()]

    def run(self) -> Any:
        """The model's run, with the inputs a_t − w tanh a_{t−1} that hold it there, rounded."""
        with precision(128):
            states, w = self.states(), arb(self.w)
            inputs = [float(b - w * a.tanh()) for a, b in pairwise([*states, states[-1]])]
        return Neuron(floats(self.w)).run(np.array([float(states[0])]), np.array(inputs)[:, None])

    def never_below(self) -> fmpq:
        """A rational that ∂a_t/∂a_0 does not fall below for any t ≥ T; 0 where none is known.

        ∏(1 − m_k) ≥ 1 − Σm_k, and for p ≥ 2 the sum from T on is at most c/(T + d).
        """
        tail = fmpq(self.c, self.t + self.d)
        return self.gradient() * max(1 - tail, fmpq(0)) if self.p >= 2 else fmpq(0)


STEERED = theory.STEERED
lengths = st.integers(1, 40)


@st.composite
def steered(draw: Any, most_c: int = 1, powers: tuple[int, ...] = (2,)) -> Steered:
    """d ≥ c, so that every margin is below one."""
    c = draw(st.integers(1, most_c))
    d, p, t = (draw(each) for each in (st.integers(c, 5), st.sampled_from(powers), lengths))
    return Steered(draw(weights), c, d, p, t)


@claim(
    statement=(
        "Inputs can keep a latch beyond its edge with the slope 1 − 1/(t + d + 1)² at every step; "
        "then ∂a_t/∂a_0 = d(t + d + 1)/((d + 1)(t + d)), which tends to d/(d + 1) and not to 0."
    ),
    source="derived here, against Bengio, Simard & Frasconi 1994, theorem 4 as printed",
    derivation=theory.steered_gradient,
    domain=steered(),
    tiers=("symbolic", "exact", "enclosed"),
    assumptions={STEERED: lambda case: (case.c, case.p) == (1, 2)},
    labels={"T ≥ 20": (0.3, lambda case: case.t >= 20), "d = 1": (0.1, lambda case: case.d == 1)},
    witness=Steered(w=rational(2), c=1, d=1, p=2, t=30),
    explain=(
        "Every state of the run is latched, and every slope below one; the gradient stays all the "
        "same. The inputs that do this push by a little more than h*, when the state can bear it."
    ),
)
def steered_gradient(case: Steered, check: Check) -> None:
    derived = formula(theory.steered_gradient, EXACT)(case.d, case.t)
    check.exact(case.gradient(), derived, "∏(1 − m_k) = d(t + d + 1)/((d + 1)(t + d))")
    check.at_most(fmpq(case.d, case.d + 1), derived, what="d/(d + 1) ≤ ∂a_t/∂a_0")
    check.below(
        lambda: (edge(arb(case.w)), np.array(case.states(), dtype=object)),
        "the edge, and the states",
    )
    trajectory = case.run()
    check.enclosed(
        trajectory.jacobian(0, case.t)[0],
        lambda: reference(trajectory).jacobian(0, case.t),
        RunBounds(trajectory).jacobian(0, case.t).values[0],
        "∂a_t/∂a_0 of the model",
    )


steered_gradient.without(
    STEERED,
    domain=steered(most_c=2, powers=(1, 2, 3)),
    why="Slopes that stay farther below one, or come nearer to it, have another product.",
)


@steered_gradient.misread(
    "Every slope is below one, so the gradient falls below any bound: by T = 20 below 1/2.",
    why="The factors have to stay away from one, or their distances to one to sum up to infinity.",
)
def below_one_is_enough(case: Steered, check: Check) -> None:
    if case.t >= 20:
        check.at_most(worked_product("∏(1 − m_k)", *case.slopes()), fmpq(1, 2))
