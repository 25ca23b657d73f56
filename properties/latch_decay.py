"""A latch held at its threshold: the gradient decays like t⁻², neither faster nor slower."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb, fmpq
from hypothesis import strategies as st

from models.neuron import Neuron
from properties.checking import BALL, Case, Check, cell_formulas, claim, floats, rational
from properties.checking.balls import precision
from properties.checking.rounding import ACTIVATION_ERROR, FLOAT64
from properties.checking.transport import OWN_ROUNDING
from properties.latch_cases import edge, slope, threshold, weights
from properties.latch_passage import NearTheEdge, windows
from theory import latch_decay as theory
from theory.formula import callable_form

THEME = "robust_memory"

BITS = 192
"""Enough for 10⁵ steps: a contracting run loses few bits to rounding when its length doubles."""

most, least = (
    callable_form((theory.κ, theory.R, theory.δ, side.κ, theory.x0, theory.t), bound, BALL)
    for side, bound in ((theory.above, theory.upper), (theory.below, theory.lower))
)


@dataclass(frozen=True)
class Decay:
    """p(x_0), the first slope, and after t steps x_t and ∂x_t/∂x_0, balls all."""

    first_step: Any
    first_slope: Any
    x: Any
    gradient: Any


@dataclass(frozen=True, repr=False)
class AtTheThreshold(Case):
    """One latch for t steps under the constant input −share·h*(w), from x_0 = δ beyond its edge."""

    w: fmpq
    δ: fmpq
    share: fmpq
    t: int

    def terms(self) -> dict[str, Any]:
        near, product_of = NearTheEdge(self.w, self.δ, fmpq(0)), cell_formulas.product_of
        terms: dict[str, Any] = {
            "h": "share(√(w(w − 1)) − arccosh √w)",
            "a_0": "arccosh √w + δ",
            "κ": "√(1 − 1/w)",
            "κ₂": lambda: near.sides()[1],
            "R": "w/3",
        }
        for k in range(self.t):
            terms |= {f"S_{k}": f"w(1 − tanh(a_{k})²)", f"a_{k + 1}": f"w·tanh(a_{k}) − h"}
        return terms | {
            "p_0": "a_0 − a_1",
            "∂a_t/∂a_0": product_of("S_{}", self.t - 1, 0),
            "the least that it can be": "(κ − Rδ)S_0/(1/δ + κ₂(t − 1))²",
        }

    @cached_property
    def decay(self) -> Decay:
        with precision(BITS):
            w, limit = arb(self.w), edge(arb(self.w))
            push = threshold(w) * self.share
            a, gradient = limit + self.δ, arb(1)
            first = a - (w * a.tanh() - push), slope(w, a)
            for _ in range(self.t):
                y = a.tanh()
                a, gradient = w * y - push, gradient * (w * (1 - y * y))
            return Decay(*first, a - limit, gradient)

    def run(self) -> Any:
        """The same run by the model."""
        with precision(BITS):
            start = np.array([float(edge(arb(self.w)) + self.δ)])
            push = float(threshold(arb(self.w)) * self.share)
        return Neuron(floats(self.w)).run(start, np.full((self.t, 1), -push))


def log_gradient(trajectory: Any) -> tuple[float, float]:
    """ln|∂a_T/∂a_0| of one latched neuron, and how far it may lie from that of the exact inputs.

    The error e_t of the state obeys e_t ≤ s_t·exp(2e_{t−1})·e_{t−1} + ε_t, as |(ln tanh′)′| ≤ 2 and
    no slope s_t is negative: ε_t has the roundings of tanh (ACTIVATION_ERROR u), of the product, of
    the sum and of the input. A slope w(1 − y²) is computed with a relative error of at most
    (2·ACTIVATION_ERROR + 2)u·y²/(1 − y²) + 3u, and moves by the factor exp(±2e_t) with its state.
    """
    u, w = FLOAT64, float(trajectory.model.w)
    states, inputs = trajectory.states[:, 0, 0], trajectory.inputs[:, 0, 0]
    slopes = trajectory.step_jacobians()[:, 0, 0, 0]
    y = np.tanh(states[:-1])
    relative = u * ((2 * ACTIVATION_ERROR + 2) * y * y / (1 - y * y) + 3)
    local = u * ((ACTIVATION_ERROR + 2) * w * np.abs(y) + np.abs(states[1:]) + np.abs(inputs))
    error, total = u * abs(float(states[0])), 0.0
    for s, r, added in zip(slopes.tolist(), relative.tolist(), local.tolist(), strict=True):
        total += r + 2 * error
        error = s * (1 + r) * float(np.exp(2 * error)) * error + added
    logarithms = np.log(slopes)
    # The logarithms, each to two units u, and their sum.
    rounding = (len(slopes) + 2) * u * float(np.abs(logarithms).sum())
    return float(logarithms.sum()), (total + rounding) * OWN_ROUNDING


whole = st.just(fmpq(1))


@st.composite
def at_the_threshold(draw: Any, shares: Any = whole) -> AtTheThreshold:
    return AtTheThreshold(draw(weights), draw(windows), draw(shares), draw(st.integers(1, 150)))


HELD = "the input stays at −h*(w)"


@claim(
    statement=(
        "Held at −h*(w), a latch that starts x_0 beyond its edge keeps its bit, and its gradient "
        "decays like t⁻²: (κ − Rx_0)S_0/(1/x_0 + κ₂(t − 1))² ≤ p_0 ∂a_t/∂a_0 ≤ "
        "(κ + Rx_0)/(1/x_0 + κ₁t)². Here p_0 is the length of the first step, S_0 its slope, "
        "κ = √(1 − 1/w), R = w/3, and κ₁ and κ₂ are near κ."
    ),
    source="derived here",
    derivation=theory.threshold_rate,
    domain=at_the_threshold(),
    tiers=("symbolic", "exact", "float"),
    assumptions={HELD: lambda case: case.share == 1},
    labels={
        "t ≥ 50": (0.3, lambda case: case.t >= 50),
        "far into the decay": (0.1, lambda case: case.t * case.δ >= 8),
        "w ≤ 3/2": (0.02, lambda case: case.w <= fmpq(3, 2)),
    },
    witness=AtTheThreshold(w=rational(2), δ=rational("1/8"), share=rational(1), t=100_000),
    explain=(
        "Between the exponential decay under less noise and no decay at all lies this: at the "
        "threshold the rest point is the edge itself, where the slope is one. The state nears it "
        "like 1/(κt), the slopes are 1 − 2/t, and their product is t⁻²."
    ),
)
def threshold_rate(case: AtTheThreshold, check: Check) -> None:
    decay, near = case.decay, NearTheEdge(case.w, case.δ, fmpq(0))
    value, error = log_gradient(case.run())
    with precision(BITS):
        truth = decay.gradient.log()
    check.close(np.array(value), np.array(truth, dtype=object), error, "ln ∂a_t/∂a_0")

    def bound(side: Any, index: int, t: int) -> Any:
        return side(
            near.curvature(), near.third_order(), arb(case.δ), near.sides()[index], [arb(case.δ)], t
        )

    check.below(
        lambda: (decay.first_step * decay.gradient, bound(most, 0, case.t)),
        "p_0 · ∂a_t/∂a_0, and the most that it can be",
    )
    check.below(
        lambda: (
            bound(least, 1, case.t - 1) * decay.first_slope,
            decay.first_step * decay.gradient,
        ),
        "the least that it can be, and p_0 · ∂a_t/∂a_0",
    )


threshold_rate.without(
    HELD,
    domain=at_the_threshold(st.sampled_from((fmpq(255, 256), fmpq(511, 512), fmpq(1)))),
    why="Under any smaller push the rest point lies beyond the edge, and the decay is exponential.",
)


@threshold_rate.misread(
    "As the bit is kept, the gradient vanishes exponentially: it is at most S_0ᵗ⁻¹.",
    source="Bengio, Simard & Frasconi 1994, theorem 4, read as a rate",
    why="The slopes rise to one as the state nears the edge.",
)
def exponential_at_the_threshold(case: AtTheThreshold, check: Check) -> None:
    check.below(
        lambda: (case.decay.gradient, case.decay.first_slope ** (case.t - 1)),
        "∂a_t/∂a_0 < S_0^{t−1}",
    )
