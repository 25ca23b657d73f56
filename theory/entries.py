"""From matrix expressions to their entries, as sums over an index with a symbolic bound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy
from sympy import Function, IndexedBase, KroneckerDelta, MatAdd, MatMul, MatrixSymbol, Sum, Symbol
from sympy.matrices.expressions.hadamard import HadamardProduct

from theory.matrices import Elementwise, IndexedMatrix


class Logistic(Function):  # type: ignore[misc]
    """σ(x) = 1/(1 + e⁻ˣ), kept whole: of its derivative only σ' = σ(1 − σ) is used."""

    nargs = 1
    is_positive = True

    def fdiff(self, argindex: int = 1) -> Any:
        return self * (1 - self)

    def _eval_rewrite_as_exp(self, x: Any, **kwargs: Any) -> Any:
        return 1 / (1 + sympy.exp(-x))

    def _latex(self, printer: Any, exp: Any = None) -> str:
        power = f"^{{{exp}}}" if exp else ""
        return rf"\sigma{power}\left({printer._print(self.args[0])}\right)"


FUNCTIONS = {"tanh": sympy.tanh, "σ": Logistic, "identity": lambda x: x}


def entry(expression: Any, row: Any) -> Any:
    """Entry `row` of a column: scalars f, W[i, k], h[k] for elementwise f, matrix W, column h.

    Raises ValueError for what is no sum of columns, elementwise and matrix·column products and
    functions of them.
    """
    if isinstance(expression, Elementwise):
        name, argument = str(expression.args[0]), expression.args[1]
        if name not in FUNCTIONS:
            raise ValueError(f"no elementwise function {name!r}; known: {', '.join(FUNCTIONS)}")
        return FUNCTIONS[name](entry(argument, row))
    if isinstance(expression, MatAdd):
        return sum(entry(term, row) for term in expression.args)
    if isinstance(expression, HadamardProduct):
        return sympy.prod(entry(factor, row) for factor in expression.args)
    if _is_symbol(expression) and expression.shape[1] == 1:
        return IndexedBase(expression.name)[row]
    if isinstance(expression, MatMul):
        matrix, *rest = expression.args
        if _is_symbol(matrix) and matrix.shape[1] != 1:
            k = Symbol("k" if row.name in ("i", "j") else f"{row.name}_", integer=True)
            inner = entry(MatMul(*rest).doit(deep=False), k)
            return Sum(IndexedBase(matrix.name)[row, k] * inner, (k, 0, matrix.shape[1] - 1))
    raise ValueError(f"{expression} has no entries that are known here")


def matrix_entry(
    expression: Any, row: Any, column: Any, diagonals: Mapping[Any, tuple[Any, Any]]
) -> Any:
    """Entry (row, column) of a sum of products D₁·M·D₂ of one matrix M between diagonal ones.

    `diagonals` gives for each diagonal matrix its entry and the index that this is written in.
    Raises ValueError for other products.
    """
    if isinstance(expression, MatAdd):
        return sum(matrix_entry(term, row, column, diagonals) for term in expression.args)
    factors = list(expression.args) if isinstance(expression, MatMul) else [expression]
    dense = [position for position, factor in enumerate(factors) if factor not in diagonals]
    if len(dense) > 1 or not all(_is_symbol(factor) for factor in factors):
        raise ValueError(f"{expression} is no product of diagonal matrices with one other")
    middle = dense[0] if dense else len(factors)
    result = (
        IndexedBase(factors[middle].name)[row, column] if dense else KroneckerDelta(row, column)
    )
    for position, factor in enumerate(factors):
        if factor in diagonals:
            value, index = diagonals[factor]
            result *= value.subs(index, row if position < middle else column)
    return result


def _is_symbol(expression: Any) -> bool:
    return isinstance(expression, IndexedMatrix | MatrixSymbol)
