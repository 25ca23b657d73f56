"""The shelf: the few facts that derivations take without proof.

Each is a pattern; a step that cites one must be an exact instance of it, with every premise given.
Each is verified on generated exact cases in the tests.
"""

from __future__ import annotations

from typing import Any

from sympy import (
    Abs,
    Derivative,
    Dummy,
    Function,
    Indexed,
    IndexedBase,
    MatrixSymbol,
    Product,
    Sum,
    Symbol,
    Transpose,
    exp,
)

from theory.derivation import Fact, Lemma, Relation, at_most, equation, less
from theory.entries import entry, matrix_entry
from theory.matrices import Component, IndexedMatrix, Jacobian, Norm, SquaredLength

Instance = tuple[tuple[Relation, ...], Relation]

ROW, COLUMN = Symbol("i", integer=True), Symbol("j", integer=True)


def _submultiplicative(a: Any, b: Any) -> Instance:
    return (), at_most(Norm(a * b), Norm(a) * Norm(b))


submultiplicative = Lemma("submultiplicative norm", "‖AB‖ ≤ ‖A‖·‖B‖", _submultiplicative)


def _triangle(a: Any, b: Any) -> Instance:
    return (), at_most(Norm(a + b), Norm(a) + Norm(b))


triangle = Lemma("triangle inequality", "‖A + B‖ ≤ ‖A‖ + ‖B‖", _triangle)


def _monotone_product(factor: Any, smaller: Any, larger: Any) -> Instance:
    premises = (at_most(0, factor), at_most(smaller, larger))
    return premises, at_most(factor * smaller, factor * larger)


monotone_product = Lemma("monotone product", "0 ≤ c and a ≤ b ⇒ ca ≤ cb", _monotone_product)


def _chain_rule(outer: Any, expression: Any, inner: Any, variable: Any) -> Instance:
    """outer = expression, which reads inner and nothing else that moves with the variable."""
    rest = expression.xreplace({inner: MatrixSymbol(Dummy("inner").name, *inner.shape)})
    moving = {inner.name, variable.name}
    strays = {m for m in rest.atoms(IndexedMatrix) if m.name in moving}
    if strays or inner not in expression.atoms(IndexedMatrix):
        raise ValueError(f"chain rule: {outer} has to be a function of {inner} alone")
    product = Jacobian(outer, inner) * Jacobian(inner, variable)
    return (equation(outer, expression),), equation(Jacobian(outer, variable), product)


chain_rule = Lemma("chain rule", "z = f(y(x)) ⇒ ∂z/∂x = (∂z/∂y)(∂y/∂x)", _chain_rule)


def partial_derivative(expression: Any, variable: Any) -> Any:
    """∂y_i/∂x_j, not yet evaluated, of a column y given as an expression in the column x."""
    return Derivative(entry(expression, ROW), entry(variable, COLUMN))


def _by_entries(y: Any, expression: Any, x: Any, matrix: Any, diagonals: Any) -> Instance:
    """The premises give y, and its derivative entry by entry as that of `matrix`.

    `diagonals` lists (D, entry, index) for the diagonal matrices that it is written with.
    """
    written = {d: (value, index) for d, value, index in diagonals}
    one_entry = equation(
        partial_derivative(expression, x), matrix_entry(matrix, ROW, COLUMN, written)
    )
    return (equation(y, expression), one_entry), equation(Jacobian(y, x), matrix)


by_entries = Lemma(
    "a matrix by its entries", "∂y_i/∂x_j = M_ij for all i, j ⇒ ∂y/∂x = M", _by_entries
)


def expectation(expression: Any) -> Any:
    """E of an expression in random symbols; nothing is known of it but what lemmas say."""
    return Function("E")(expression)


def _independence(factor: Any, index: Any, last: Any, weight: Any) -> Instance:
    """factor is a function of the weight of one index, the index runs from 1 to last."""
    if factor.atoms(Indexed) != {weight[index]}:
        raise ValueError(f"independence: {factor} has to be a function of {weight[index]} alone")
    left = expectation(Product(factor, (index, 1, last)))
    right = Product(expectation(factor), (index, 1, last))
    return (independent(weight),), equation(left, right)


def independent(weight: Any) -> Fact:
    """The fact that the members of an indexed family of random variables are independent."""
    return Fact("independent", (weight,))


independence = Lemma(
    "independence", "w_1 … w_n independent ⇒ E ∏ f(w_i) = ∏ E f(w_i)", _independence
)


def _transposition(left: Any, right: Any) -> Instance:
    return (equation(left, right),), equation(Transpose(left).doit(), Transpose(right).doit())


transposition = Lemma("transposition", "A = B ⇒ Aᵀ = Bᵀ", _transposition)


def _homogeneity(scalar: Any, matrix: Any) -> Instance:
    return (), equation(Norm(scalar * matrix), Abs(scalar) * Norm(matrix))


homogeneity = Lemma("homogeneous norm", "‖cA‖ = |c|·‖A‖", _homogeneity)


def _norm_sign(matrix: Any) -> Instance:
    return (), at_most(0, Norm(matrix))


norm_sign = Lemma("sign of a norm", "0 ≤ ‖A‖", _norm_sign)


def _division(smaller: Any, larger: Any, divisor: Any) -> Instance:
    premises = (less(0, divisor), at_most(smaller, larger))
    return premises, at_most(smaller / divisor, larger / divisor)


division = Lemma("division", "0 < c and a ≤ b ⇒ a/c ≤ b/c", _division)


def _above_modulus(x: Any, larger: Any) -> Instance:
    return (less(Abs(x), larger),), less(0, larger)


above_modulus = Lemma("above a modulus", "|x| < b ⇒ 0 < b", _above_modulus)


def _positive_product(*factors: Any) -> Instance:
    product = factors[0]
    for factor in factors[1:]:
        product *= factor
    return tuple(less(0, factor) for factor in factors), less(0, product)


positive_product = Lemma("positive product", "0 < a, 0 < b ⇒ 0 < ab", _positive_product)


def _positive_power(base: Any, exponent: Any) -> Instance:
    return (less(0, base),), less(0, base**exponent)


positive_power = Lemma("positive power", "0 < a ⇒ 0 < aⁿ", _positive_power)


def _modulus_power(x: Any, bound: Any, exponent: Any) -> Instance:
    return (at_most(Abs(x), bound),), at_most(Abs(x) ** exponent, bound**exponent)


modulus_power = Lemma("power of a modulus", "|x| ≤ b ⇒ |x|ⁿ ≤ bⁿ for n ≥ 0", _modulus_power)


def _weighted_squares(smaller: Any, larger: Any, x: Any, index: Any, first: Any, last: Any) -> Any:
    left, right = (Sum(weight * x**2, (index, first, last)) for weight in (smaller, larger))
    return (at_most(smaller, larger),), at_most(left, right)


weighted_squares = Lemma(
    "weighted squares", "a_k ≤ b_k for all k ⇒ Σ a_k x_k² ≤ Σ b_k x_k² for real x_k", _weighted_squares
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


def _exponential(x: Any) -> Instance:
    return (), at_most(1 + x, exp(x))


exponential = Lemma("exponential", "1 + x ≤ eˣ for real x", _exponential)
