"""The shelf, continued: facts about norms, transposes and the eigenvectors of normal matrices.

As in `theory.lemmas`, each is a pattern and each is verified on generated exact cases in the tests.
"""

from __future__ import annotations

from typing import Any

from sympy import Abs, Sum, Transpose

from theory.derivation import Fact, Lemma, at_most, equation, less
from theory.lemmas import Instance
from theory.matrices import Component, Norm, SquaredLength


def _transposition(left: Any, right: Any) -> Instance:
    return (equation(left, right),), equation(Transpose(left).doit(), Transpose(right).doit())


transposition = Lemma("transposition", "A = B ⇒ Aᵀ = Bᵀ", _transposition)


def _homogeneity(scalar: Any, matrix: Any) -> Instance:
    return (), equation(Norm(scalar * matrix), Abs(scalar) * Norm(matrix))


homogeneity = Lemma("homogeneous norm", "‖cA‖ = |c|·‖A‖", _homogeneity)


def _norm_sign(matrix: Any) -> Instance:
    return (), at_most(0, Norm(matrix))


norm_sign = Lemma("sign of a norm", "0 ≤ ‖A‖", _norm_sign)


def diagonal_of(matrix: Any, entry_: Any) -> Fact:
    """The fact that the diagonal entries of a diagonal matrix are all of the form `entry_`."""
    return Fact("the diagonal matrix of", (matrix, entry_))


def _diagonal_norm(matrix: Any, entry_: Any, bound: Any) -> Instance:
    premises = (diagonal_of(matrix, entry_), less(0, entry_), at_most(entry_, bound))
    return premises, at_most(Norm(matrix), bound)


diagonal_norm = Lemma(
    "norm of a diagonal matrix",
    "0 < d_i ≤ c for all i ⇒ ‖diag d‖ ≤ c, in ‖·‖₁, ‖·‖₂ and ‖·‖_∞",
    _diagonal_norm,
)


def normal(matrix: Any) -> Fact:
    """The fact that a real matrix commutes with its transpose."""
    return Fact("normal", (matrix,))


def _spectral_theorem(matrix: Any, vector: Any, index: Any) -> Instance:
    squares = Sum(Component(index, vector) ** 2, (index, 1, matrix.shape[0]))
    return (normal(matrix),), equation(SquaredLength(vector), squares)


spectral_theorem = Lemma(
    "spectral theorem",
    "W normal ⇒ its eigenvectors q_k can be chosen orthonormal, so ‖x‖₂² = Σ |q_k*x|²",
    _spectral_theorem,
)


def _eigencomponent(matrix: Any, eigenvalue: Any, vector: Any, index: Any) -> Instance:
    moved = Component(index, matrix.T * vector)
    return (normal(matrix),), equation(moved, Abs(eigenvalue) * Component(index, vector))


eigencomponent = Lemma(
    "eigencomponent", "Wq_k = λ_k q_k ⇒ |q_k*Wᵀx| = |λ_k|·|q_k*x|", _eigencomponent
)
