"""Gradient descent on a smooth surface: how small a learning rate is small enough."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from flint import fmpq, fmpq_mat
from hypothesis import strategies as st

from properties.checking import (
    EXACT,
    Case,
    Check,
    claim,
    diagonal,
    formula,
    matrix,
    rational,
    vector,
)
from properties.checking.domains import fixed_lists, orthogonal_matrices, small_integers, vectors
from properties.checking.exact import squared_length
from properties.checking.norms import is_positive_semidefinite, spectral_norm_at_most
from theory import descent as theory

THEME = "error_surface"


@dataclass(frozen=True, repr=False)
class Descent(Case):
    """E(θ) = θᵀAθ/2 with A symmetric, a step of a learning rate from θ, and L for ‖A‖₂."""

    A: fmpq_mat
    θ: fmpq_mat
    rate: fmpq
    L: fmpq

    symbols = MappingProxyType({"rate": "r"})

    def terms(self) -> dict[str, Any]:
        return {
            "∇E": "Aθ",
            "θ′": "θ − r∇E",
            "θ″": "θ − (r/2)∇E",
            "E(θ)": "θᵀAθ/2",
            "E(θ′)": "θ′ᵀAθ′/2",
            "E after half the step": "θ″ᵀAθ″/2",
        }

    def loss(self, rate: Any = 0) -> fmpq:
        """E after a step of this rate."""
        θ = self.θ - self.A * self.θ * rate
        return (θ.transpose() * self.A * θ)[0, 0] / 2

    def squared_gradient(self) -> fmpq:
        return squared_length(self.A * self.θ)

    def shown(self) -> dict[str, Any]:
        return {"E before": self.loss(), "E after": self.loss(self.rate)}


eighths = st.builds(fmpq, st.integers(1, 8), st.just(8))
more_than_all = st.builds(fmpq, st.integers(9, 16), st.just(8))


@st.composite
def descents(draw: Any, share: Any = eighths, understated: int = 1) -> Descent:
    """1 to 3 parameters, curvatures from −3 to 3; the rate is a share of 2/L.

    L is the largest curvature, or 1 if that is 0, divided by `understated`.
    """
    n = draw(st.integers(1, 3))
    curvatures, Q = draw(fixed_lists(small_integers(), n)), draw(orthogonal_matrices(n))
    L = fmpq(max(map(abs, curvatures)) or 1, understated)
    A = Q * diagonal(curvatures) * Q.transpose()
    return Descent(A, draw(vectors(n)), 2 / L * draw(share), L)


@claim(
    statement=(
        "If ∇E has the Lipschitz constant L, a step θ′ = θ − r∇E(θ) with 0 ≤ r ≤ 2/L does not "
        "raise E: E(θ′) ≤ E(θ) − r(1 − rL/2)‖∇E(θ)‖². So a learning rate that is small enough for "
        "the steepest bend is enough; beside a cliff that bend is exponentially sharp."
    ),
    source="Nesterov 2004, Introductory lectures on convex optimization, section 1.2.3",
    derivation=theory.small_steps_descend,
    domain=descents(),
    tiers=("symbolic", "exact"),
    assumptions={
        theory.SMOOTH: lambda step: spectral_norm_at_most(step.A, step.L),
        theory.SMALL: lambda step: step.rate * step.L <= 2,
    },
    labels={
        "several parameters": (0.4, lambda step: step.A.nrows() > 1),
        "not convex": (0.2, lambda step: not is_positive_semidefinite(step.A)),
        "r > 1/L": (0.2, lambda step: step.rate * step.L > 1),
    },
    witness=Descent(A=matrix("2 1; 1 2"), θ=vector("1 0"), rate=rational("1/2"), L=fmpq(3)),
)
def small_steps_descend(step: Descent, check: Check) -> None:
    before, after = step.loss(), step.loss(step.rate)
    check.at_most(after, formula(theory.small_steps_descend, EXACT)(before), what="E(θ′) ≤ E(θ)")
    gained = step.rate * (1 - step.rate * step.L / 2) * step.squared_gradient()
    check.at_most(after, before - gained, what="E(θ′) ≤ E(θ) − r(1 − rL/2)‖∇E‖²")


small_steps_descend.without(
    theory.SMOOTH,
    domain=descents(understated=2),
    why="A bend twice as sharp as L throws the step back up.",
)
small_steps_descend.without(
    theory.SMALL,
    domain=descents(share=more_than_all),
    why="Beyond 2/L the step passes the valley and ends higher up on the other side.",
)


@small_steps_descend.misread(
    "the smaller the rate the better: half the rate lowers E at least as much",
    why="It is safer, and slower.",
)
def smaller_is_better(step: Descent, check: Check) -> None:
    check.at_most(
        step.loss(step.rate / 2), step.loss(step.rate), what="E after half the step ≤ E(θ′)"
    )
