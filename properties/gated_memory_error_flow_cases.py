"""Errors that flow back through a network by its weights and slopes; norms that bound them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flint import fmpq, fmpq_mat
from hypothesis import strategies as st

from properties.checking import cell_formulas, diagonal, formula, identity
from properties.checking.algebras import ROW_SUMS
from properties.checking.domains import fixed_lists, matrices, rectangles
from properties.vanishing_cases import Stretch, slope_bounds, slope_columns
from theory import gated_memory_error_flow as theory

bound = formula(theory.error_flow_bound, ROW_SUMS)


@dataclass(frozen=True, repr=False)
class ErrorFlow(Stretch):
    """q steps back: W (n × n), a column of slopes for each step, γ; scales a (n) of the norm.

    The norm is max |x_i|/a_i, and that of matrices which belongs to it.
    """

    a: fmpq_mat

    def flow(self) -> fmpq_mat:
        """∂a_t/∂a_{t−q} = WD ··· WD: in row u and column v ∂ϑ_v(t−q)/∂ϑ_u(t)."""
        product = identity(self.n)
        for D in self.diagonals():
            product = self.W * D * product
        return product

    def magnitudes(self) -> fmpq_mat:
        """|∂ϑ_v(t−q)/∂ϑ_u(t)|."""
        flow = self.flow()
        return fmpq_mat(self.n, self.n, [abs(entry) for entry in flow.entries()])

    def largest(self) -> fmpq:
        return max(self.magnitudes().entries())

    def limit(self) -> fmpq:
        """(γ‖W‖)^q, the norm of W being that of A⁻¹WA in ‖·‖_∞, A = diag a."""
        scaled = diagonal(self.a).inv() * self.W * diagonal(self.a)
        return bound(self.γ, scaled, 0, self.lag)

    def limit_by_weights(self) -> fmpq:
        """(nγw)^q, w the largest |w_ij|: what (γ‖W‖_∞)^q comes to at most."""
        return (self.n * self.γ * self.largest_weight()) ** self.lag

    def largest_weight(self) -> fmpq:
        return max(abs(w) for w in self.W.entries())

    def entries_within(self) -> bool:
        """|x_i| ≤ ‖x‖."""
        return all(a <= 1 for a in self.a.entries())

    def units_within(self) -> bool:
        """‖e_k‖ ≤ 1."""
        return all(a >= 1 for a in self.a.entries())

    def terms(self) -> dict[str, Any]:
        return super().terms() | {
            "q": fmpq(self.lag),
            "A": "diag(a)",
            "‖W‖": "‖A^{−1}WA‖_∞",
            "w": "max|W|",
            "∂ϑ_v(t−q)/∂ϑ_u(t)": cell_formulas.product_of("WD_{}", self.lag, 1),
        }

    def shown(self) -> dict[str, Any]:
        return {"∂ϑ_v(t−q)/∂ϑ_u(t)": self.flow()}


larger_scales = st.sampled_from([fmpq(1), fmpq(2), fmpq(4)])
smaller_scales = st.sampled_from([fmpq(1), fmpq(1, 2), fmpq(1, 4)])


@st.composite
def error_flows(draw: Any, steeper: int = 1) -> ErrorFlow:
    """1 to 4 units, weights in halves, 0 to 8 steps back, slopes up to `steeper`·γ; ‖·‖_∞."""
    n, q, γ = draw(st.integers(1, 4)), draw(st.integers(0, 8)), draw(slope_bounds)
    W = _some_weights(draw, n)
    return ErrorFlow(W, draw(slope_columns(n, q, γ)) * steeper, γ, fmpq_mat(n, 1, [1] * n))


@st.composite
def unequal_scales(draw: Any, scales: Any) -> ErrorFlow:
    """Two units that feed each other, or one the other, 1 to 3 steps back; any of these scales."""
    q, γ = draw(st.integers(1, 3)), draw(slope_bounds)
    there, back = draw(fixed_lists(st.integers(0, 3), 2))
    W = fmpq_mat(2, 2, [0, there, back, 0]) / 2
    a = fmpq_mat(2, 1, draw(fixed_lists(scales, 2)))
    return ErrorFlow(W, draw(rectangles(2, q, st.just(γ))), γ, a)


def _some_weights(draw: Any, n: int) -> fmpq_mat:
    """Any weights in halves, or a diagonal of equal ones, by which the bound is reached."""
    if draw(st.booleans()):
        return identity(n) * (fmpq(draw(st.integers(-4, 4))) / 2)
    return draw(matrices(n)) / 2


@st.composite
def steep_sigmoids(draw: Any, largest: int) -> ErrorFlow:
    """1 to 3 logistic units at their steepest, 1/4, integer weights up to `largest`."""
    n, q = draw(st.integers(1, 3)), draw(st.integers(1, 8))
    W = draw(matrices(n, st.integers(-largest, largest)))
    steepest = draw(rectangles(n, q, st.just(fmpq(1, 4))))
    return ErrorFlow(W, steepest, fmpq(1, 4), fmpq_mat(n, 1, [1] * n))


@st.composite
def heavy_sigmoids(draw: Any) -> ErrorFlow:
    """The same with a weight of at least 4/n among them."""
    run = draw(steep_sigmoids(3))
    W = fmpq_mat(run.W)
    W[0, run.n - 1] = abs(W[0, run.n - 1]) + 4
    return ErrorFlow(W, run.slopes, run.γ, run.a)
