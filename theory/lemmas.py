"""The shelf: the few facts that derivations take without proof.

Each is a pattern; a step that cites one must be an exact instance of it, with every premise given.
Each is verified on generated exact cases in the tests.
"""

from __future__ import annotations

from typing import Any

from sympy import Derivative, Dummy, Function, Indexed, MatrixSymbol, Product, Symbol

from theory.derivation import Fact, Lemma, Relation, at_most, equation
from theory.entries import entry, matrix_entry
from theory.matrices import IndexedMatrix, Jacobian, Norm

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
