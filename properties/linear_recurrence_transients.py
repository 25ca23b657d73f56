"""Powers of a matrix between its spectral radius and its norm: growth before decay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flint import fmpq, fmpq_mat
from hypothesis import strategies as st

from properties.checking import EXACT, Case, Check, claim, formula, matrix
from properties.checking.algebras import ROW_SUMS
from properties.checking.domains import (
    cayley,
    orthogonal_matrices,
    times,
)
from properties.checking.norms import (
    row_sum_norm,
    spectral_norm_at_most,
    spectral_norm_below,
    square_root,
)
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
    {
        **EXACT.operations,
        "norm": Powers.largest_singular_value,
        "rows": lambda case: case.w.nrows(),
    },
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
