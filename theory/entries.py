"""From matrix expressions to their entries, as sums over an index with a symbolic bound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sympy
from sympy import Function, IndexedBase, KroneckerDelta, MatAdd, MatMul, MatrixSymbol, Sum, Symbol
from sympy.matrices.expressions.hadamard import HadamardProduct

from theory.matrices import Elementwise, IndexedMatrix
from theory.printing import plain
from theory.ranges import bound_ranges


class Logistic(Function):  # type: ignore[misc]
    """σ(x) = 1/(1 + e⁻ˣ), kept whole: of its derivative only σ' = σ(1 − σ) is used."""

    nargs = 1
    is_positive = True

    def fdiff(self, argindex: int = 1) -> Any:
        return self * (1 - self)

    def _eval_rewrite_as_exp(self, x: Any, **kwargs: Any) -> Any:
        return 1 / (1 + sympy.exp(-x))


FUNCTIONS = {"tanh": sympy.tanh, "σ": Logistic, "identity": lambda x: x}


def entry(expression: Any, row: Any) -> Any:
    """Entry `row` of a column: scalars f, W[i, k], h0[k], h[t, k] for elementwise f, matrix W,
    column h0 and member h_t of a family.

    Raises ValueError for what is no sum of columns, elementwise, scalar·column and matrix·column
    products and functions of them.
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
        return _element(expression, row)
    if isinstance(expression, MatMul):
        matrix, *rest = expression.args
        if not matrix.is_Matrix:
            return matrix * entry(MatMul(*rest).doit(deep=False), row)
        if _is_symbol(matrix) and matrix.shape[1] != 1:
            k = _new_index(row, expression)
            inner = entry(MatMul(*rest).doit(deep=False), k)
            return Sum(_element(matrix, row, k) * inner, (k, 0, matrix.shape[1] - 1))
    raise ValueError(f"{plain(expression)} has no entries that are known here")


def matrix_entry(
    expression: Any, row: Any, column: Any, diagonals: Mapping[Any, tuple[Any, Any]]
) -> Any:
    """Entry (row, column) of a sum of products of matrices, such as D₁·M·D₂ or M·D·N.

    `diagonals` gives for each diagonal matrix its entry and the index that this is written in; each
    two of the other matrices have an index between them, which is summed over.
    Raises ValueError for what is no sum of products of matrices that have names.
    """
    if isinstance(expression, MatAdd):
        return sum(matrix_entry(term, row, column, diagonals) for term in expression.args)
    factors = list(expression.args) if isinstance(expression, MatMul) else [expression]
    if not all(_is_symbol(factor) for factor in factors):
        raise ValueError(f"{plain(expression)} is no product of matrices that have names")
    return _product_entry(factors, row, column, diagonals)


def _product_entry(
    factors: list[Any], row: Any, column: Any, diagonals: Mapping[Any, tuple[Any, Any]]
) -> Any:
    """Entry (row, column) of a product; what does not depend on an inner index stands before Σ."""
    dense = [position for position, factor in enumerate(factors) if factor not in diagonals]
    if not dense:
        return _scaled(KroneckerDelta(row, column), factors, row, diagonals)
    first, last = dense[0], dense[-1]
    if first == last:
        middle = _element(factors[first], row, column)
    else:
        k = _fresh("k", {row, column, *_bound_in(diagonals)})
        between = factors[first + 1 : dense[1]]
        left = _scaled(_element(factors[first], row, k), between, k, diagonals)
        inner = _product_entry(factors[dense[1] : last + 1], k, column, diagonals)
        middle = Sum(left * inner, (k, 0, factors[first].shape[1] - 1))
    left_scaled = _scaled(middle, factors[:first], row, diagonals)
    return _scaled(left_scaled, factors[last + 1 :], column, diagonals)


def _scaled(
    entry_: Any, factors: list[Any], here: Any, diagonals: Mapping[Any, tuple[Any, Any]]
) -> Any:
    """The entry times those of diagonal matrices in the row, or the column, `here`."""
    for factor in factors:
        value, index = diagonals[factor]
        if any(here == bound.variable for bound in bound_ranges(value)):
            raise ValueError(f"{plain(value)} already sums over {plain(here)}")
        entry_ *= value.subs(index, here)
    return entry_


def _bound_in(diagonals: Mapping[Any, tuple[Any, Any]]) -> set[Any]:
    """The indices that the entries of the diagonal matrices sum over."""
    return {b.variable for value, _ in diagonals.values() for b in bound_ranges(value)}


def _new_index(row: Any, expression: Any) -> Any:
    """An index k, k_, … to sum over, whose name is neither the row's nor in the expression."""
    stem = f"{row.name}_" if row.name.startswith("k") else "k"
    return _fresh(stem, expression.free_symbols | {row})


def _fresh(name: str, taken: Iterable[Any]) -> Any:
    """An index called so, or so with underscores where that is among those taken."""
    names = {getattr(symbol, "name", "") for symbol in taken}
    while name in names:
        name += "_"
    return Symbol(name, integer=True)


def _element(matrix: Any, *position: Any) -> Any:
    """An entry by name; of a member of a family its index comes first, since h_t is not h_s."""
    index = (matrix.index,) if isinstance(matrix, IndexedMatrix) else ()
    return IndexedBase(matrix.name)[(*index, *position)]


def _is_symbol(expression: Any) -> bool:
    return isinstance(expression, IndexedMatrix | MatrixSymbol)
