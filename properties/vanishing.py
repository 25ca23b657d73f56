"""Section 10.7: what the largest singular value of W says about the gradient, and what it does not.

Whether a product of Jacobians has to vanish is decided by σ₁(W) times the steepest slope; whether
it explodes is not: that also takes slopes and directions that agree from step to step.
"""

from __future__ import annotations

from typing import Any

from flint import fmpq

from properties.checking import (
    EXACT,
    Check,
    claim,
    formula,
    identity,
    matrix,
    rational,
)
from properties.checking.norms import (
    spectral_norm_at_most,
    spectral_norm_below,
)
from properties.vanishing_cases import (
    BoundedStretch,
    GrowingStretch,
    Stretch,
    any_growth,
    bounded_stretches,
    coupled_growth,
    growing_stretches,
    large_weights,
    saturating_chains,
    steeper_stretches,
    triangular_stretches,
)
from theory import vanishing as theory

THEME = "backpropagation"


def norm_at_most(run: Stretch, limit: fmpq, check: Check, what: str) -> None:
    jacobian = run.jacobian()
    check.that(spectral_norm_at_most(jacobian, limit), jacobian, limit, what)


@claim(
    statement=(
        "For h_t = φ(Wh_{t−1} + u_t) with 0 ≤ φ′ ≤ γ and σ₁(W)γ ≤ η, ‖∂h_t/∂h_s‖₂ ≤ η^{t−s}. So "
        "with σ₁ < 1/γ the gradient vanishes at least exponentially, whatever the inputs."
    ),
    source="Pascanu, Mikolov & Bengio 2013, section 2.1",
    derivation=theory.vanishing_bound,
    domain=bounded_stretches(longest=200),
    tiers=("symbolic", "exact"),
    assumptions={
        theory.SLOPES: lambda run: run.slopes_within(),
        theory.WEIGHT: lambda run: run.weight_within(),
    },
    labels={
        "it must vanish: η < 1": (0.2, lambda run: run.η < 1),
        "γ < 1": (0.3, lambda run: run.γ < 1),
        "the bound is reached": (
            0.05,
            lambda run: run.η > 0 and not spectral_norm_below(run.jacobian(), run.η**run.lag),
        ),
        "several units": (0.4, lambda run: run.n > 1),
        "t − s ≥ 5": (0.2, lambda run: run.lag >= 5),
        "more than 4 units, or t − s > 12": (0.01, lambda run: run.n > 4 or run.lag > 12),
    },
    witness=BoundedStretch(
        W=matrix("0 -1/2; 1/2 0"), slopes=matrix("1 1/2; 1 3/4"), γ=fmpq(1), η=rational("1/2")
    ),
    explain=(
        "One step stretches no direction by more than γσ₁, and norms multiply. Eigenvalues do not: "
        "with ρ < 1 a step may still stretch, and only the powers of one and the same matrix have "
        "to come down in the end. The bound says nothing about growth: σ₁ > 1/γ is one direction "
        "that one step can stretch, and the next step need not find the state there."
    ),
)
def vanishing_bound(run: BoundedStretch, check: Check) -> None:
    limit = formula(theory.vanishing_bound, EXACT)(run.η, 0, run.lag)
    norm_at_most(run, limit, check, "‖∂h_t/∂h_s‖₂ ≤ η^{t−s}")


vanishing_bound.without(
    theory.SLOPES,
    domain=steeper_stretches(),
    why="γ has to bound the slopes that occur: a unit twice as steep doubles every factor.",
)
vanishing_bound.without(
    theory.WEIGHT,
    domain=triangular_stretches(),
    why="The spectral radius in place of σ₁ is no bound: [[0, 1], [0, 0]] has ρ = 0.",
)


@vanishing_bound.misread(
    "σ₁(W) > 1/γ ⇒ the gradient explodes, at least if every slope is γ",
    source="what is often read into Pascanu, Mikolov & Bengio 2013, section 2.1",
    domain=large_weights(),
    why="[[0, 5], [0, 0]] stretches one direction into one that it takes to zero.",
)
def large_norm_explodes(run: Stretch, check: Check) -> None:
    jacobian = run.jacobian()
    check.that(not spectral_norm_below(jacobian, fmpq(1)), jacobian, fmpq(1), "‖∂h_t/∂h_s‖₂ ≥ 1")


@vanishing_bound.misread(
    "ρ(W) < 1/γ ⇒ ‖∂h_t/∂h_s‖₂ < 1 at every lag t − s ≥ 1",
    domain=triangular_stretches(),
    why="A triangular W with small eigenvalues and a large coupling grows first: see [[.9, 10], "
    "[0, .9]].",
)
def spectral_radius_suffices(run: BoundedStretch, check: Check) -> None:
    jacobian = run.jacobian()
    check.that(spectral_norm_below(jacobian, fmpq(1)), jacobian, fmpq(1), "‖∂h_t/∂h_s‖₂ < 1")


def carried_through(run: Stretch) -> Any:
    """What a_s + δ changes in a_t, a_t = Wφ(a_{t−1}) + u_t: each unit times its slope, then W."""
    moved = identity(run.n)
    for slopes in run.slopes.transpose().table():
        rows = [[slope * x for x in row] for slope, row in zip(slopes, moved.tolist(), strict=True)]
        moved = run.W * matrix(rows)
    return moved


@vanishing_bound.misread(
    "for a_t = Wφ(a_{t−1}) + u_t, ∂a_t/∂a_s = Wᵀdiag φ′(a_{t−1}) ··· Wᵀdiag φ′(a_s)",
    source="Pascanu, Mikolov & Bengio 2013, eq. 5, as printed",
    domain=bounded_stretches(),
    why="For columns it is W diag φ′. The norms of W and Wᵀ agree, so the bound does not notice.",
)
def transposed_as_printed(run: BoundedStretch, check: Check) -> None:
    printed = identity(run.n)
    for D in run.diagonals():
        printed = run.W.transpose() * D * printed
    check.exact(carried_through(run), printed, "∂a_t/∂a_s, and the printed product")


@claim(
    statement=(
        "For h_t = φ(Wh_{t−1} + u_t) with 0 ≤ φ′ ≤ γ, ‖∂h_t/∂h_s‖₂ > μ^{t−s} only if γσ₁(W) > μ. "
        "So gradients that explode (μ ≥ 1) need σ₁ > 1/γ; that is not enough for them."
    ),
    source="Pascanu, Mikolov & Bengio 2013, section 2.1: a necessary condition",
    derivation=theory.explosion_needs,
    domain=growing_stretches(),
    tiers=("symbolic", "exact"),
    assumptions={
        theory.SLOPES: lambda run: run.slopes_within(),
        theory.GROWTH: lambda run: run.grows(),
    },
    labels={
        "it explodes: μ ≥ 1": (0.1, lambda run: run.μ >= 1),
        "γ < 1": (0.3, lambda run: run.γ < 1),
        "a close race: γσ₁ ≤ μ + 1/16": (
            0.1,
            lambda run: spectral_norm_at_most(run.W * run.γ, run.μ + fmpq(1, 16)),
        ),
        "several units": (0.4, lambda run: run.n > 1),
        "t − s ≥ 5": (0.1, lambda run: run.lag >= 5),
    },
    witness=GrowingStretch(
        W=matrix("2 1; 0 2"), slopes=matrix("1 1; 1 3/4"), γ=fmpq(1), μ=rational("3/2")
    ),
)
def explosion_needs(run: GrowingStretch, check: Check) -> None:
    stretched = run.W * run.γ
    check.that(not spectral_norm_at_most(stretched, run.μ), stretched, run.μ, "‖γW‖₂ > μ")


explosion_needs.without(
    theory.SLOPES,
    domain=growing_stretches(scale=4),
    why="A steeper unit grows with a smaller weight.",
)
explosion_needs.without(
    theory.GROWTH,
    domain=any_growth(),
    why="Where nothing grows W may be as small as it likes, as W = 0 is.",
)


@explosion_needs.misread(
    "‖∂h_t/∂h_s‖₂ > 1 only if ρ(W) > 1/γ",
    domain=coupled_growth(),
    why="A step can stretch a direction that is no eigenvector, whatever the eigenvalues.",
)
def spectral_radius_needed(run: GrowingStretch, check: Check) -> None:
    ρ = max(abs(run.W[i, i]) for i in range(run.n))
    check.at_most(fmpq(1) / run.γ, ρ, what="1/γ ≤ ρ(W)")


@explosion_needs.misread(
    "σ₁(W) > 1/γ is enough if W stretches every direction alike",
    domain=saturating_chains(),
    why="Slopes have to stay near γ: a unit with the slope 1/4 undoes a weight of 2.",
)
def large_weights_suffice(run: Stretch, check: Check) -> None:
    jacobian = run.jacobian()
    check.that(not spectral_norm_below(jacobian, fmpq(1)), jacobian, fmpq(1), "‖∂h_t/∂h_s‖₂ ≥ 1")
