"""How high the powers of a matrix can rise before they fall, and how fast they fall in the end."""

from __future__ import annotations

from dataclasses import dataclass
from math import e, factorial
from types import MappingProxyType
from typing import Any

from flint import fmpq, fmpq_mat
from hypothesis import strategies as st

from properties.checking import (
    Case,
    Check,
    Worked,
    Working,
    claim,
    formula,
    identity,
    matrix,
    rational,
)
from properties.checking.algebras import ROW_SUMS
from properties.checking.domains import fixed_lists, orthogonal_matrices, small_integers, times
from properties.checking.norms import row_sum_norm
from properties.linear_recurrence_domains import decaying, eigenvalue_columns, schur_form
from properties.linear_recurrence_transients import lower_bound
from theory import linear_recurrence_growth as theory

THEME = "linear_recurrence"


@dataclass(frozen=True, repr=False)
class TriangularForm(Case):
    """W = QTQᵀ with Q orthogonal and T upper triangular, so that its eigenvalues are real."""

    q: fmpq_mat
    schur: fmpq_mat

    symbols = MappingProxyType({"q": "Q", "schur": "T"})

    @property
    def n(self) -> int:
        return self.q.nrows()

    @property
    def w(self) -> fmpq_mat:
        """W = QTQᵀ."""
        return self.q * self.schur * self.q.transpose()

    def shown(self) -> dict[str, Any]:
        return {"W": self.w}

    def terms(self) -> dict[str, Any]:
        return {
            "e": lambda: e,
            "N": lambda: fmpq(self.n),
            "‖W‖": lambda: row_sum_norm(self.w),
            "sup_t ‖Wᵗ‖": self._growth,
        }

    def _growth(self) -> Worked:
        """sup_t ‖Wᵗ‖ with the norms that it is the largest of."""

        def steps() -> list[Working]:
            norms = [fmpq(1), row_sum_norm(self.w)]
            while norms[-1] > 1:
                norms.append(row_sum_norm(self.w ** len(norms)))
            lines = [Working(f"‖W^{count}‖", norm) for count, norm in enumerate(norms)]
            return [*lines, Working("sup_t ‖Wᵗ‖", max(norms))]

        return Worked(largest_power(self.w), steps)

    def radius(self) -> fmpq:
        return max(abs(self.schur[i, i]) for i in range(self.n))

    def scaled(self, epsilon: fmpq) -> tuple[fmpq_mat, fmpq_mat]:
        """S = QD and M = D⁻¹TD with D = diag(1, δ, δ² …), δ so small that ‖M‖_∞ ≤ ρ + ε."""
        above = [
            [abs(self.schur[i, j]) if j > i else fmpq(0) for j in range(self.n)]
            for i in range(self.n)
        ]
        coupling = row_sum_norm(fmpq_mat(above))
        δ = min(fmpq(1), epsilon / coupling) if coupling else fmpq(1)
        d = fmpq_mat(self.n, self.n)
        for i in range(self.n):
            d[i, i] = δ**i
        return self.q * d, d.inv() * self.schur * d


@st.composite
def triangular_forms(draw: Any, eigenvalues: Any = eigenvalue_columns) -> TriangularForm:
    """Sizes 1 to 4; eigenvalues repeat, and couplings make them defective."""
    n = draw(st.integers(1, 4))
    q, diagonal = draw(orthogonal_matrices(n)), draw(eigenvalues(n))
    couplings = draw(fixed_lists(small_integers(6), n * (n - 1) // 2))
    return TriangularForm(q, schur_form(diagonal, [], couplings))


@dataclass(frozen=True, repr=False)
class Margin(Case):
    """A triangular form, ε > 0 and t."""

    form: TriangularForm
    epsilon: fmpq
    t: int

    symbols = MappingProxyType({"epsilon": "ε"})

    def size(self) -> tuple[int, int]:
        return self.form.size()

    def shown(self) -> dict[str, Any]:
        return {"ρ": self.form.radius()}


margins = st.builds(
    Margin,
    triangular_forms(),
    st.sampled_from((fmpq(1), fmpq(1, 4), fmpq(1, 16))),
    times(),
)


@claim(
    statement=(
        "For every ε > 0 there is a C with ρᵗ ≤ ‖Wᵗ‖ ≤ C(ρ + ε)ᵗ for all t: W = SMS⁻¹ with "
        "‖M‖ ≤ ρ + ε gives C = ‖S‖‖S⁻¹‖. Hence ‖Wᵗ‖^(1/t) → ρ."
    ),
    source="Gelfand, Matematicheskii Sbornik 9 (1941)",
    derivation=theory.gelfand_bound,
    domain=margins,
    tiers=("symbolic", "exact"),
    labels={
        "a repeated eigenvalue": (
            0.2,
            lambda case: len({case.form.schur[i, i] for i in range(case.form.n)}) < case.form.n,
        ),
        "‖Wᵗ‖ > ρᵗ": (
            0.2,
            lambda case: row_sum_norm(case.form.w**case.t) > case.form.radius() ** case.t,
        ),
        "t ≥ 100": (0.05, lambda case: case.t >= 100),
    },
    witness=Margin(
        form=TriangularForm(q=matrix("1 0; 0 1"), schur=matrix("1 1; 0 1")),
        epsilon=rational("1/4"),
        t=10,
    ),
    explain=(
        "C grows as ε shrinks, and that is the transient: the closer the promised rate is to ρ, "
        "the longer the power may stay above it. The t-th root forgets C, so ρ alone is left in "
        "the limit. The cases have real eigenvalues, whose triangular form is rational."
    ),
)
def gelfand_bound(case: Margin, check: Check) -> None:
    form, t = case.form, case.t
    s, m = form.scaled(case.epsilon)
    check.at_most(row_sum_norm(m), form.radius() + case.epsilon, what="‖M‖ ≤ ρ + ε")
    norm = row_sum_norm(form.w**t)
    check.at_most(norm, formula(theory.gelfand_bound, ROW_SUMS)(s, m, t), what="‖Wᵗ‖ ≤ C‖M‖ᵗ")
    check.at_most(lower_bound(form.radius(), t), norm, what="ρᵗ ≤ ‖Wᵗ‖")


@gelfand_bound.misread(
    "‖Wᵗ‖ ≤ Cρᵗ with the C of the Schur basis, ‖Q‖‖Qᵀ‖",
    why="A Jordan block has no such C at all: [[1, 1], [0, 1]]ᵗ grows like t.",
)
def no_margin_needed(case: Margin, check: Check) -> None:
    form = case.form
    constant = row_sum_norm(form.q) * row_sum_norm(form.q.transpose())
    limit = constant * form.radius() ** case.t
    check.at_most(row_sum_norm(form.w**case.t), limit, what="‖Wᵗ‖ ≤ ‖Q‖‖Qᵀ‖ρᵗ")


BELOW_E = sum((fmpq(1, factorial(k)) for k in range(13)), fmpq(0))
CIRCLES = [1 + fmpq(2) ** j for j in range(-8, 5)]


def largest_power(w: fmpq_mat) -> fmpq:
    """sup_t ‖Wᵗ‖_∞ for ρ < 1: once some power has a norm of at most 1, nothing new can come."""
    largest, power = fmpq(1), w
    while (norm := row_sum_norm(power)) > 1:
        largest, power = max(largest, norm), power * w
    return largest


def resolvent_growth(w: fmpq_mat, z: fmpq) -> fmpq:
    """(|z| − 1)‖(zI − W)⁻¹‖_∞."""
    return (abs(z) - 1) * row_sum_norm((identity(w.nrows()) * z - w).inv())


@claim(
    statement=(
        "With K = sup over |z| > 1 of (|z| − 1)‖(zI − W)⁻¹‖, K ≤ sup_t ‖Wᵗ‖ ≤ eNK in every "
        "induced norm: how far a transient grows can be read off the resolvent."
    ),
    source="Kreiss 1962; Spijker 1991 for the constant eN; LeVeque & Trefethen 1984",
    derivation="the lower half is the limit of a Neumann series, the upper one Spijker's lemma",
    domain=triangular_forms(decaying),
    tiers=("exact",),
    labels={
        "sup_t ‖Wᵗ‖ > 2": (0.2, lambda form: largest_power(form.w) > 2),
        "sup_t ‖Wᵗ‖ > 20": (0.03, lambda form: largest_power(form.w) > 20),
        "no transient": (0.05, lambda form: largest_power(form.w) == 1),
    },
    witness=TriangularForm(q=matrix("1 0; 0 1"), schur=matrix("1/2 3; 0 1/2")),
    explain=(
        "K is the supremum over all z, so each z gives a lower estimate of it. The check takes "
        "points on the real axis on both sides; that the largest of these estimates already "
        "suffices for the upper half is more than is claimed."
    ),
)
def kreiss_bounds(form: TriangularForm, check: Check) -> None:
    supremum = largest_power(form.w)
    estimates = [resolvent_growth(form.w, sign * r) for r in CIRCLES for sign in (1, -1)]
    check.at_most(max(estimates), supremum, what="K ≤ sup_t ‖Wᵗ‖")
    check.at_most(supremum, BELOW_E * form.n * max(estimates), what="sup_t ‖Wᵗ‖ ≤ eNK")


@kreiss_bounds.misread(
    "sup_t ‖Wᵗ‖ ≤ eN for every W with ρ < 1",
    why="N and ρ bound nothing by themselves: [[0, c], [0, 0]] has the norm c.",
)
def size_and_radius_suffice(form: TriangularForm, check: Check) -> None:
    limit = (BELOW_E + fmpq(1, factorial(12))) * form.n
    check.at_most(largest_power(form.w), limit, what="sup_t ‖Wᵗ‖ ≤ eN")
