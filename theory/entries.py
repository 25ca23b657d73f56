"""From matrix expressions to their entries, as sums over an index with a symbolic bound."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import IndexedBase, MatAdd, MatMul, MatrixSymbol, Sum, Symbol

from theory.matrices import Elementwise, IndexedMatrix

FUNCTIONS = {"tanh": sympy.tanh, "σ": lambda x: 1 / (1 + sympy.exp(-x)), "identity": lambda x: x}


def entry(expression: Any, row: Any) -> Any:
    """Entry `row` of a column: scalars f, W[i, k], h[k] for elementwise f, matrix W, column h.

    Raises ValueError for what is no sum of columns, matrix·column products and functions of them.
    """
    if isinstance(expression, Elementwise):
        name, argument = str(expression.args[0]), expression.args[1]
        if name not in FUNCTIONS:
            raise ValueError(f"no elementwise function {name!r}; known: {', '.join(FUNCTIONS)}")
        return FUNCTIONS[name](entry(argument, row))
    if isinstance(expression, MatAdd):
        return sum(entry(term, row) for term in expression.args)
    if isinstance(expression, IndexedMatrix | MatrixSymbol) and expression.shape[1] == 1:
        return IndexedBase(expression.name)[row]
    if isinstance(expression, MatMul):
        matrix, *rest = expression.args
        if isinstance(matrix, IndexedMatrix | MatrixSymbol) and matrix.shape[1] != 1:
            k = Symbol("k" if row.name in ("i", "j") else f"{row.name}_", integer=True)
            inner = entry(MatMul(*rest).doit(deep=False), k)
            return Sum(IndexedBase(matrix.name)[row, k] * inner, (k, 0, matrix.shape[1] - 1))
    raise ValueError(f"{expression} has no entries that are known here")
