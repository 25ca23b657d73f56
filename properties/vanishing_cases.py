"""Stretches of a recurrent net by their slopes, and where they are drawn from.

All is rational. Any slopes between 0 and γ occur in some run: the inputs can hold every unit at any
state, and a tanh unit at h has the slope 1 − h².
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat
from hypothesis import strategies as st

from properties.checking import Case, Worked, Working, cell_formulas, diagonal, floats, identity
from properties.checking.domains import (
    fixed_lists,
    matrices,
    orthogonal_matrices,
    rectangles,
)
from properties.checking.norms import spectral_norm_at_most

Draw = Any


@dataclass(frozen=True, repr=False)
class Stretch(Case):
    """Steps s + 1 … t of h_t = φ(Wh_{t−1} + u_t): W (n × n), and a column of slopes φ′ a step."""

    W: fmpq_mat
    slopes: fmpq_mat
    γ: fmpq

    @property
    def n(self) -> int:
        return self.W.nrows()

    @property
    def lag(self) -> int:
        """t − s."""
        return self.slopes.ncols()

    def diagonals(self) -> list[fmpq_mat]:
        """D_{s+1} … D_t."""
        return [diagonal(column) for column in self.slopes.transpose().table()]

    def jacobian(self) -> fmpq_mat:
        """∂h_t/∂h_s = D_tW ··· D_{s+1}W."""
        product = identity(self.n)
        for D in self.diagonals():
            product = D * self.W * product
        return product

    def shown(self) -> dict[str, Any]:
        return {"∂h_t/∂h_s": self.jacobian()}

    def terms(self) -> dict[str, Any]:
        steps = {f"D_{k}": (lambda D=D: D) for k, D in enumerate(self.diagonals(), 1)}
        radius = max((abs(self.W[i, i]) for i in range(self.n)), default=fmpq(0))
        said = Working("ρ(W) = max |w_ii|, as W is triangular,", radius)
        return steps | {
            "n": fmpq(self.n),
            "t": fmpq(self.lag),
            "s": fmpq(0),
            "∂h_t/∂h_s": cell_formulas.product_of("D_{}W", self.lag, 1),
            "∂a_t/∂a_s": cell_formulas.product_of("WD_{}", self.lag, 1),
            "the printed product": cell_formulas.product_of("WᵀD_{}", self.lag, 1),
            "ρ(W)": lambda: Worked(radius, lambda: [said]),
        }

    def slopes_within(self) -> bool:
        return all(0 <= slope <= self.γ for slope in self.slopes.entries())


@dataclass(frozen=True, repr=False)
class BoundedStretch(Stretch):
    """A stretch with a bound η on σ₁γ."""

    η: fmpq

    def weight_within(self) -> bool:
        return spectral_norm_at_most(self.W * self.γ, self.η)


@dataclass(frozen=True, repr=False)
class GrowingStretch(Stretch):
    """A stretch with a factor μ that its Jacobian exceeds at each step, on average."""

    μ: fmpq

    def grows(self) -> bool:
        return not spectral_norm_at_most(self.jacobian(), self.μ**self.lag)


@st.composite
def sizes(
    draw: Any, units: int, steps: tuple[int, int], longest: int | None = None
) -> tuple[int, int]:
    """Numbers of units and steps; with a `longest`, now and then up to 8 units or so many steps."""
    least, most = steps
    more = draw(st.integers(0, 31)) if longest else 0
    units, most = {30: (8, most), 31: (2, longest)}.get(more, (units, most))
    return draw(st.integers(1, units)), draw(st.integers(least, most))


slope_bounds = st.sampled_from([fmpq(1), fmpq(1, 2), fmpq(1, 4)])
some_of_four = st.integers(0, 4)


@st.composite
def slope_columns(
    draw: Draw, n: int, lag: int, bound: fmpq, shares: Any = some_of_four
) -> fmpq_mat:
    """A column of slopes a step, each some quarters of the bound; or every one at the bound."""
    steepest = draw(st.booleans())
    quarters = st.just(4) if steepest else shares
    return draw(rectangles(n, lag, quarters)) * (bound / 4)


@st.composite
def weights(draw: Draw, n: int, sizes: Any) -> tuple[fmpq_mat, fmpq]:
    """W with known singular values in eighths, half of the time all the same, and σ₁."""
    values = [draw(sizes)] * n if draw(st.booleans()) else draw(fixed_lists(sizes, n))
    singular = [fmpq(value, 8) for value in values]
    W = draw(orthogonal_matrices(n)) * diagonal(singular) * draw(orthogonal_matrices(n))
    return W, max(singular)


@st.composite
def bounded_stretches(draw: Draw, longest: int | None = None) -> BoundedStretch:
    """1 to 4 units, 0 to 12 steps, σ₁ up to 4; η is σ₁γ or a quarter more."""
    (n, lag), γ = draw(sizes(4, (0, 12), longest)), draw(slope_bounds)
    W, σ = draw(weights(n, st.integers(0, 32)))
    room = draw(st.sampled_from([fmpq(0), fmpq(1, 4)]))
    return BoundedStretch(W, draw(slope_columns(n, lag, γ)), γ, σ * γ + room)


@st.composite
def steeper_stretches(draw: Draw) -> BoundedStretch:
    """Slopes up to 2γ."""
    run = draw(bounded_stretches())
    return BoundedStretch(run.W, run.slopes * 2, run.γ, run.η)


@st.composite
def triangular(draw: Draw, n: int) -> fmpq_mat:
    """Eigenvalues 0, ±1/4, ±1/2, ±3/4 on the diagonal, any couplings above it."""
    W = draw(matrices(n))
    for i in range(n):
        W[i, i] = W[i, i] / 4
        for j in range(i):
            W[i, j] = 0
    return W


@st.composite
def triangular_stretches(draw: Draw) -> BoundedStretch:
    """1 to 3 units and eigenvalues below one; γ = 1 and η = ρ."""
    n, lag = draw(st.integers(1, 3)), draw(st.integers(1, 12))
    W = draw(triangular(n))
    ρ = max(abs(W[i, i]) for i in range(n))
    return BoundedStretch(W, draw(slope_columns(n, lag, fmpq(1))), fmpq(1), ρ)


def steepest(n: int, lag: int, bound: fmpq) -> st.SearchStrategy[fmpq_mat]:
    """Every slope at the bound."""
    return rectangles(n, lag, st.just(bound))


@st.composite
def large_weights(draw: Draw) -> Stretch:
    """1 to 3 units, every slope at γ = 1 and an entry of at least 2 in W, so that σ₁ > 1/γ."""
    n, lag = draw(st.integers(1, 3)), draw(st.integers(1, 12))
    W = draw(matrices(n))
    W[0, n - 1] = abs(W[0, n - 1]) + 2
    return Stretch(W, draw(steepest(n, lag, fmpq(1))), fmpq(1))


def _grown(W: fmpq_mat, slopes: fmpq_mat, γ: fmpq) -> GrowingStretch:
    """With the largest multiple of 1/16 below the lag's root of the norm, or nearly."""
    jacobian = Stretch(W, slopes, γ).jacobian()
    lag, norm = slopes.ncols(), float(np.linalg.norm(floats(jacobian), 2))
    sixteenths = int(16 * norm ** (1 / lag))
    while spectral_norm_at_most(jacobian, fmpq(sixteenths, 16) ** lag):
        sixteenths -= 1
    return GrowingStretch(W, slopes, γ, fmpq(sixteenths, 16))


@st.composite
def growing_stretches(draw: Draw, scale: int = 1) -> GrowingStretch:
    """1 to 4 units, 1 to 8 steps; no slope and no singular value is 0, and so no Jacobian.

    The slopes lie between γ/4 and γ, times `scale`.
    """
    n, lag, γ = draw(st.integers(1, 4)), draw(st.integers(1, 8)), draw(slope_bounds)
    W, _ = draw(weights(n, st.integers(1, 32)))
    slopes = draw(slope_columns(n, lag, γ, st.integers(1, 4)))
    return _grown(W, slopes * scale, γ)


@st.composite
def any_growth(draw: Draw) -> GrowingStretch:
    """Any small W and slopes, and any μ up to 3, whether the Jacobian exceeds its powers or not."""
    n, lag = draw(st.integers(1, 3)), draw(st.integers(1, 8))
    slopes, μ = draw(slope_columns(n, lag, fmpq(1))), draw(st.integers(0, 3))
    return GrowingStretch(draw(matrices(n)), slopes, fmpq(1), fmpq(μ))


@st.composite
def coupled_growth(draw: Draw) -> GrowingStretch:
    """One step of a triangular W with eigenvalues below one and an entry above it; γ = μ = 1."""
    n = draw(st.integers(2, 3))
    W = draw(triangular(n))
    W[0, n - 1] = abs(W[0, n - 1]) + 2
    return GrowingStretch(W, draw(steepest(n, 1, fmpq(1))), fmpq(1), fmpq(1))


@st.composite
def saturating_chains(draw: Draw) -> Stretch:
    """1 to 3 units, W = 2 or 3 times an orthogonal matrix, and slopes from γ/4 to γ = 1."""
    n, lag = draw(st.integers(1, 3)), draw(st.integers(1, 8))
    W = draw(orthogonal_matrices(n)) * draw(st.integers(2, 3))
    return Stretch(W, draw(slope_columns(n, lag, fmpq(1), st.integers(1, 4))), fmpq(1))
