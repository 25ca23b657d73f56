"""Powers of a matrix between its spectral radius and its norm: growth before decay."""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial
from typing import Any

from flint import fmpq, fmpq_mat
from hypothesis import strategies as st

from properties.checking import EXACT, Case, Check, claim, formula, identity, matrix, rational
from properties.checking.algebras import ROW_SUMS
from properties.checking.domains import (
    cayley,
    fixed_lists,
    orthogonal_matrices,
    small_integers,
    times,
)
from properties.checking.norms import (
    row_sum_norm,
    spectral_norm_at_most,
    spectral_norm_below,
    square_root,
)
from properties.linear_recurrence_domains import decaying, eigenvalue_columns, schur_form
from theory import linear_recurrence_growth as theory
from theory.formula import Algebra, callable_form

THEME = "linear_recurrence"


@dataclass(frozen=True, repr=False)
class Powers(Case):
    """Wᵗ for W = QBQᵀ, Q orthogonal, B with blocks of sizes 1 and 2 on its diagonal.

    The blocks are such that their eigenvalues' moduli and their singular values are rational.
    """

    q: fmpq_mat
    b: fmpq_mat
    t: int

    @property
    def w(self) -> fmpq_mat:
        """W = QBQᵀ."""
        return self.q * self.b * self.q.transpose()

    def shown(self) -> dict[str, Any]:
        return {"W": self.w, "ρ": self.radius(), "σ₁": self.largest_singular_value()}

    def blocks(self) -> list[tuple[fmpq, fmpq, fmpq, fmpq]]:
        """The entries of the 2 × 2 blocks, and of the 1 × 1 one with zeros beside it."""
        n, b = self.b.nrows(), self.b
        pairs = [(b[i, i], b[i, i + 1], b[i + 1, i], b[i + 1, i + 1]) for i in range(0, n - 1, 2)]
        zero = fmpq(0)
        return pairs + ([(b[n - 1, n - 1], zero, zero, zero)] if n % 2 else [])

    def radius(self) -> fmpq:
        """ρ: a block is triangular, or a rotation times the root of its determinant."""
        return max(
            max(abs(a), abs(d)) if c == 0 else square_root(a * d - b * c)
            for a, b, c, d in self.blocks()
        )

    def largest_singular_value(self) -> fmpq:
        """σ₁: that of a 2 × 2 block is (√((a+d)² + (b−c)²) + √((a−d)² + (b+c)²))/2."""
        return max(
            (square_root((a + d) ** 2 + (b - c) ** 2) + square_root((a - d) ** 2 + (b + c) ** 2))
            / 2
            for a, b, c, d in self.blocks()
        )


SPECTRAL_NORM = Algebra(
    "exact rationals, with σ₁ as the norm of a case's W",
    {**EXACT.operations, "norm": Powers.largest_singular_value},
)


def sheared(m: int, k: int, scale: fmpq, sign: int) -> fmpq_mat:
    """scale·[[1, (m² − k²)/mk], [0, ±1]] with singular values scale·m/k and scale·k/m.

    For k = 0 the nilpotent [[0, 4·scale], [0, 0]].
    """
    if k == 0:
        return fmpq_mat([[fmpq(0), 4 * scale], [fmpq(0), fmpq(0)]])
    return fmpq_mat([[scale, scale * fmpq(m * m - k * k, m * k)], [fmpq(0), sign * scale]])


shapes = st.sampled_from(((1, 0), (1, 1), (2, 1), (3, 1), (3, 2), (10, 1)))
moduli = st.sampled_from(
    [fmpq(p, q) for p, q in ((1, 2), (3, 4), (63, 64), (1, 1), (65, 64), (2, 1))]
)
signs = st.sampled_from((1, -1))


@st.composite
def powers(
    draw: Any,
    *,
    most: int = 8,
    moduli: Any = moduli,
    shapes: Any = shapes,
    turns: Any = (0, 0, 1, 2),
) -> Powers:
    """W of sizes 1 to `most`, t to 200, of eigenvalues with one modulus or half of it.

    The blocks are defective ones, pairs ±λ, nilpotent ones and scaled rotations.
    """
    n, largest = draw(st.integers(1, most)), draw(moduli)
    b = fmpq_mat(n, n)
    b[n - 1, n - 1] = largest
    for i in range(0, n - 1, 2):
        scale, turn = draw(st.sampled_from((largest, largest / 2))), draw(st.sampled_from(turns))
        shape, sign = draw(shapes), draw(signs)
        entries = cayley(2, [turn]) * scale if turn else sheared(*shape, scale, sign)
        b[i, i], b[i, i + 1], b[i + 1, i], b[i + 1, i + 1] = entries.entries()
    return Powers(draw(orthogonal_matrices(n)), b, draw(times()))


lower_bound = callable_form((theory.μ, theory.t), theory.radius_below_norm.conclusion.left, EXACT)


@claim(
    statement=(
        "ρᵗ ≤ ‖Wᵗ‖ ≤ ‖W‖ᵗ for every W and t, in every induced norm; in ‖·‖₂ the norm of W is σ₁. "
        "Where ρ < 1 < σ₁ both are possible on the way: ‖Wᵗ‖ may exceed 1 before it decays."
    ),
    source="Trefethen & Embree 2005, sections 14 to 16",
    derivation=theory.transient_growth,
    domain=powers(),
    tiers=("symbolic", "exact"),
    labels={
        "ρ < 1 < σ₁": (0.1, lambda case: case.radius() < 1 < case.largest_singular_value()),
        "ρ < 1 and ‖Wᵗ‖₂ > 1": (
            0.02,
            lambda case: case.radius() < 1 and not spectral_norm_at_most(case.w**case.t, fmpq(1)),
        ),
        "ρ = σ₁": (0.1, lambda case: case.radius() == case.largest_singular_value()),
        "t ≥ 100": (0.05, lambda case: case.t >= 100),
    },
    witness=Powers(q=matrix("1 0; 0 1"), b=matrix("1/2 3/4; 0 1/2"), t=3),
)
def transient_growth(case: Powers, check: Check) -> None:
    power, radius = case.w**case.t, lower_bound(case.radius(), case.t)
    largest = formula(theory.transient_growth, SPECTRAL_NORM)(case, case.t)
    check.that(spectral_norm_at_most(power, largest), power, largest, "‖Wᵗ‖₂ ≤ σ₁ᵗ")
    check.that(not spectral_norm_below(power, radius), power, radius, "ρᵗ ≤ ‖Wᵗ‖₂")
    norm = row_sum_norm(power)
    limit = formula(theory.transient_growth, ROW_SUMS)(case.w, case.t)
    check.at_most(norm, limit, what="‖Wᵗ‖ ≤ ‖W‖ᵗ in ‖·‖_∞")
    check.at_most(radius, norm, what="ρᵗ ≤ ‖Wᵗ‖ in ‖·‖_∞")


@transient_growth.misread(
    "if ρ < 1, then ‖Wᵗ‖₂ ≤ 1 for every t",
    domain=powers(most=2, moduli=st.just(fmpq(1, 2)), turns=(0,)),
    why="ρ decides in the end, σ₁ at the start: [[0, 2], [0, 0]] has ρ = 0 and norm 2.",
)
def radius_below_one_contracts(case: Powers, check: Check) -> None:
    power = case.w**case.t
    check.that(spectral_norm_at_most(power, fmpq(1)), power, fmpq(1), "‖Wᵗ‖₂ ≤ 1")


@transient_growth.misread(
    "if σ₁ > 1, then ‖Wᵗ‖₂ ≥ 1 for every t",
    domain=powers(most=2, moduli=st.just(fmpq(1, 2)), turns=(0,)),
    why="The direction that W stretches need not be the one that it turns it into.",
)
def singular_value_above_one_explodes(case: Powers, check: Check) -> None:
    if case.largest_singular_value() > 1:
        power = case.w**case.t
        check.that(not spectral_norm_below(power, fmpq(1)), power, fmpq(1), "‖Wᵗ‖₂ ≥ 1")


@dataclass(frozen=True, repr=False)
class TriangularForm(Case):
    """W = QTQᵀ with Q orthogonal and T upper triangular, so that its eigenvalues are real."""

    q: fmpq_mat
    schur: fmpq_mat

    @property
    def n(self) -> int:
        return self.q.nrows()

    @property
    def w(self) -> fmpq_mat:
        """W = QTQᵀ."""
        return self.q * self.schur * self.q.transpose()

    def shown(self) -> dict[str, Any]:
        return {"W": self.w}

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

    def size(self) -> tuple[int, int]:
        return self.form.size()

    def shown(self) -> dict[str, Any]:
        return {"W": self.form.w, "ρ": self.form.radius()}


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
    check.at_most(row_sum_norm(form.w**case.t), constant * form.radius() ** case.t)


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
    check.at_most(largest_power(form.w), (BELOW_E + fmpq(1, factorial(12))) * form.n)
