"""The shelf, continued: facts about norms, transposes and the eigenvectors of normal matrices.

As in `theory.lemmas`, each is a pattern and each is verified on generated exact cases in the tests.
"""

from __future__ import annotations

from typing import Any

from sympy import Abs, MatMul, Sum, Transpose
from sympy.matrices.expressions.matexpr import MatrixElement

from theory.lemmas import ROW, Instance, diagonal
from theory.matrices import Component, Norm, SquaredLength
from theory.ranges import Range
from theory.relations import Fact, at_most, equation
from theory.steps import Lemma


def _transposition(left: Any, right: Any) -> Instance:
    return (equation(left, right),), equation(Transpose(left).doit(), Transpose(right).doit())


transposition = Lemma("transposition", "A = B ⇒ Aᵀ = Bᵀ", _transposition)


def _homogeneity(scalar: Any, matrix: Any) -> Instance:
    return (), equation(Norm(scalar * matrix), Abs(scalar) * Norm(matrix))


homogeneity = Lemma("homogeneous norm", "‖cA‖ = |c|·‖A‖", _homogeneity)


def _diagonal_norm(matrix: Any, entry: Any, bound: Any) -> Instance:
    """`entry` is the one in row ROW."""
    rows = Range(ROW, 0, matrix.shape[0] - 1)
    premises = (
        diagonal((matrix, entry, ROW)),
        at_most(0, entry, rows),
        at_most(entry, bound, rows),
    )
    return premises, at_most(Norm(matrix), bound)


diagonal_norm = Lemma(
    "norm of a diagonal matrix",
    "0 ≤ d_i ≤ c for all i ⇒ ‖diag d‖ ≤ c, in ‖·‖₁, ‖·‖₂ and ‖·‖_∞",
    _diagonal_norm,
)


def bounds_entries() -> Fact:
    """The fact that the norm of vectors is no less than any entry: |x_i| ≤ ‖x‖."""
    return Fact("|x_i| ≤ ‖x‖ for every x and i")


def unit_columns() -> Fact:
    """The fact that the unit vectors have a norm of at most one: ‖e_k‖ ≤ 1."""
    return Fact("‖e_k‖ ≤ 1 for every k")


def matrix_element(matrix: Any, row: Any, column: Any) -> Any:
    """Entry (row, column) of a matrix, of which no more is said."""
    return MatrixElement(matrix, row, column)


def _entry_of_matrix(matrix: Any, row: Any, column: Any) -> Instance:
    premises = (
        bounds_entries(),
        unit_columns(),
        at_most(0, row),
        at_most(row, matrix.shape[0] - 1),
        at_most(0, column),
        at_most(column, matrix.shape[1] - 1),
    )
    return premises, at_most(Abs(matrix_element(matrix, row, column)), Norm(matrix))


entry_of_matrix = Lemma(
    "entry of a matrix",
    "|x_i| ≤ ‖x‖ and ‖e_k‖ ≤ 1, the matrix norm being that of vectors ⇒ |M_ij| ≤ ‖M‖",
    _entry_of_matrix,
)


def normal(matrix: Any, eigenvalues: Any) -> Fact:
    """The fact that a real matrix is normal: it has orthonormal eigenvectors q_1 … q_n.

    The eigenvalues are an indexed family. Two matrices of which this is said share the q_k.
    """
    return Fact("normal, with eigenvectors q_k and eigenvalues", (matrix, eigenvalues))


def _spectral_theorem(matrix: Any, eigenvalues: Any, vector: Any, index: Any) -> Instance:
    """The eigenvectors are numbered from 1 by `index`."""
    squares = Sum(Component(index, vector) ** 2, (index, 1, matrix.shape[0]))
    return (normal(matrix, eigenvalues),), equation(SquaredLength(vector), squares)


spectral_theorem = Lemma(
    "spectral theorem",
    "W normal ⇒ its eigenvectors q_k can be chosen orthonormal, so ‖x‖₂² = Σ |q_k*x|²",
    _spectral_theorem,
)


def _eigencomponent(matrix: Any, eigenvalues: Any, vector: Any, index: Any) -> Instance:
    premises = (normal(matrix, eigenvalues), at_most(1, index), at_most(index, matrix.shape[0]))
    moved = Component(index, MatMul(Transpose(matrix), vector))
    return premises, equation(moved, Abs(eigenvalues[index]) * Component(index, vector))


eigencomponent = Lemma(
    "eigencomponent", "Wq_k = λ_k q_k, 1 ≤ k ≤ n ⇒ |q_k*Wᵀx| = |λ_k|·|q_k*x|", _eigencomponent
)
