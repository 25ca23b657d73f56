"""Formulas reckoned with: exactly where their quantities are exact, else in balls or floats.

A quantity is a number (fmpq, arb, float) or a matrix (fmpq_mat, or an array of numbers), a vector
being a column. A matrix of one entry is that number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
from flint import arb, fmpq, fmpq_mat, fmpz

from properties.checking.exact import floats
from properties.checking.formulas import Node, NotAFormula
from properties.checking.norms import row_sum_norm

LARGEST_EXPONENT = 10_000
"""A number to a higher power is a ball: nobody needs all its digits, and they take for ever."""

Values = Mapping[str, Any]
"""Quantities by name, as `plain_name` writes it."""


def value_of(formula: Node, values: Values) -> Any:
    """What the formula is: exactly where the quantities are, else as a float or a ball.

    Raises NotAFormula where an operation does not apply to its quantities.
    """
    try:
        return _value(formula, values)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError) as problem:
        raise NotAFormula(f"{formula.kind}: {problem}") from problem


def as_operand(value: Any) -> Any:
    """A quantity as formulas reckon with it: a number, or a matrix of more than one entry."""
    if isinstance(value, fmpq_mat):
        return value[0, 0] if value.nrows() == value.ncols() == 1 else value
    if isinstance(value, int | fmpz) and not isinstance(value, bool):
        return fmpq(value)
    if isinstance(value, np.ndarray):
        while value.ndim > 2 and len(value) == 1:
            value = value[0]
        if value.size == 1:
            return as_operand(value.ravel()[0])
        return value[:, None] if value.ndim == 1 else value
    if isinstance(value, float):
        return float(value)
    if isinstance(value, fmpq | arb):
        return value
    raise NotAFormula(f"{type(value).__name__} is no quantity to reckon with")


def _value(formula: Node, values: Values) -> Any:
    kind, parts = formula.kind, formula.parts
    if kind == "number":
        return parts[0]
    if kind == "symbol":
        return as_operand(values[parts[0]])
    if kind == "[":
        return _joined([[_value(part, values) for part in row] for row in parts])
    return OPERATIONS[kind](*(_value(part, values) for part in parts))


def is_matrix(value: Any) -> bool:
    return isinstance(value, fmpq_mat | np.ndarray)


def _pair(a: Any, b: Any) -> tuple[Any, Any]:
    """Two operands of kinds that go together: what is exact gives way to what is not."""
    if isinstance(a, fmpq_mat) != isinstance(b, fmpq_mat) and is_matrix(a) and is_matrix(b):
        a, b = (np.array(m.table(), dtype=object) if isinstance(m, fmpq_mat) else m for m in (a, b))
    if isinstance(a, fmpq) and isinstance(b, float):
        return floats(a), b
    if isinstance(a, float) and isinstance(b, fmpq):
        return a, floats(b)
    return a, b


def array_of(value: Any) -> Any:
    """Any operand as an array of objects."""
    table = value.table() if isinstance(value, fmpq_mat) else value
    return np.array(table, dtype=object)


def _plus(a: Any, b: Any) -> Any:
    if is_matrix(a) != is_matrix(b):
        matrix = a if is_matrix(a) else b
        if shape_of(matrix)[1] > 1:
            raise TypeError("a number is added to the entries of a column alone")
        return array_of(a) + array_of(b)
    a, b = _pair(a, b)
    return a + b


def _entry_by_entry(a: Any, b: Any) -> Any:
    if not (is_matrix(a) or is_matrix(b)):
        return _times(a, b)
    return array_of(a) * array_of(b)


def _diagonal(column: Any) -> Any:
    if not is_matrix(column):
        return column
    entries = [entry for (entry,) in array_of(column)]
    n = len(entries)
    square = [[e if i == j else fmpq(0) for j in range(n)] for i, e in enumerate(entries)]
    return fmpq_mat(square) if isinstance(column, fmpq_mat) else np.array(square, dtype=object)


def _joined(rows: list[list[Any]]) -> Any:
    """A matrix of blocks; a number is a block of one entry, or of zeros."""
    sizes = [shape_of(block) for row in rows for block in row if is_matrix(block)]
    n = min((min(shape) for shape in sizes), default=1)
    blocks = [
        [b if is_matrix(b) else np.full((n, n), b, dtype=object) for b in row] for row in rows
    ]
    return np.block([[array_of(block) for block in row] for row in blocks])


def _entries(*each: Any) -> list[Any]:
    """Numbers, or the entries of the one matrix that is given."""
    return list(array_of(each[0]).ravel()) if is_matrix(each[0]) else list(each)


def _last_quarter(matrix: Any) -> Any:
    if not is_matrix(matrix):  # so many times the identity
        return matrix
    n = shape_of(matrix)[0] // 2
    return as_operand(array_of(matrix)[n:, n:])


def _times(a: Any, b: Any) -> Any:
    a, b = _pair(a, b)
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return as_operand(a @ b)
    if is_matrix(a) != is_matrix(b):
        matrix, number = (a, b) if is_matrix(a) else (b, a)
        exact = isinstance(matrix, fmpq_mat) and isinstance(number, fmpq)
        return (matrix if exact else array_of(matrix)) * number
    return as_operand(a * b)


def _over(a: Any, b: Any) -> Any:
    a, b = _pair(a, b)
    return a / b


def _power(base: Any, exponent: Any) -> Any:
    whole = isinstance(exponent, fmpq) and exponent.q == 1
    if isinstance(base, fmpq) and isinstance(exponent, fmpq) and abs(exponent) > LARGEST_EXPONENT:
        base = arb(base)
    if whole and isinstance(base, fmpq_mat) and exponent < 0:
        return base.inv() ** int(-exponent.p)
    if whole and is_matrix(base) and shape_of(base)[1] == 1:
        return array_of(base) ** int(exponent.p)
    if whole and isinstance(base, np.ndarray):
        return np.linalg.matrix_power(base, int(exponent.p))
    if whole:
        return base ** int(exponent.p)
    return _ball(base) ** _ball(exponent)


def _transposed(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.T
    return value.transpose() if isinstance(value, fmpq_mat) else value


def _ball(value: Any) -> arb:
    if is_matrix(value):
        raise TypeError("this is a function of numbers")
    return arb(value)


def _absolute(value: Any) -> Any:
    if isinstance(value, fmpq_mat):
        return fmpq_mat(value.nrows(), value.ncols(), [abs(e) for e in value.entries()])
    return abs(value)


def _root(value: Any) -> Any:
    if isinstance(value, fmpq):
        over, under = math.isqrt(max(0, int(value.p))), math.isqrt(int(value.q))
        if fmpq(over, under) ** 2 == value:
            return fmpq(over, under)
    return _ball(value).sqrt()


def _squares(value: Any) -> Any:
    """‖x‖² of a vector or a number."""
    if not is_matrix(value):
        return value * value
    if isinstance(value, fmpq_mat):
        return sum((e * e for e in value.entries()), fmpq(0))
    return (value * value).sum()


def _length(value: Any) -> Any:
    """‖x‖₂ of a vector and the largest row sum of a matrix, as the project writes ‖·‖."""
    if is_matrix(value) and min(shape_of(value)) > 1:
        return _row_sums(value)
    return abs(value) if not is_matrix(value) else _root(_squares(value))


def _spectral(value: Any) -> Any:
    """‖W‖₂, exactly where it is rational and W is diagonal or has one entry alone."""
    if not is_matrix(value) or min(shape_of(value)) == 1:
        return _length(value)
    if isinstance(value, fmpq_mat):
        squared = value.transpose() * value
        n = squared.nrows()
        if all(squared[i, j] == 0 for i in range(n) for j in range(n) if i != j):
            return _root(max(squared[i, i] for i in range(n)))
    return float(np.linalg.norm(_floats(value), 2))


def _row_sums(value: Any) -> Any:
    if isinstance(value, fmpq_mat):
        return row_sum_norm(value)
    return max(sum(map(abs, row)) for row in value) if is_matrix(value) else abs(value)


def shape_of(value: Any) -> tuple[int, ...]:
    if not is_matrix(value):
        raise TypeError(f"{value} is no matrix")
    return (value.nrows(), value.ncols()) if isinstance(value, fmpq_mat) else value.shape


def _floats(value: Any) -> Any:
    if isinstance(value, fmpq_mat):
        return floats(value)
    return np.vectorize(float, otypes=[float])(value)


def _entrywise(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def apply(value: Any) -> Any:
        if not is_matrix(value):
            return function(value)
        table = value.table() if isinstance(value, fmpq_mat) else value
        return np.array([[function(entry) for entry in row] for row in table], dtype=object)

    return apply


def _rounded(function: Callable[[Any], int]) -> Callable[[Any], fmpq]:
    def apply(value: Any) -> fmpq:
        if not isinstance(value, fmpq):
            raise TypeError("only what is exact is rounded")
        return fmpq(function(Fraction(int(value.p), int(value.q))))

    return apply


OPERATIONS: dict[str, Callable[..., Any]] = {
    "+": lambda *terms: reduce(_plus, terms),
    "-": lambda a: -a,
    "·": lambda *factors: reduce(lambda right, left: _times(left, right), reversed(factors)),
    "⊙": lambda *factors: reduce(_entry_by_entry, factors),
    "/": _over,
    "^": _power,
    "ᵀ": _transposed,
    "√": _root,
    "(": lambda a: a,
    "|": _absolute,
    "⌈": _rounded(math.ceil),
    "⌊": _rounded(math.floor),
    "‖": _length,
    "‖_2": _spectral,
    "‖_∞": _row_sums,
    "tanh": _entrywise(lambda x: _ball(x).tanh()),
    "σ": _entrywise(lambda x: (1 + (-_ball(x)).exp()) ** -1),
    "arccosh": _entrywise(lambda x: _ball(x).acosh()),
    "artanh": _entrywise(lambda x: _ball(x).atanh()),
    "exp": _entrywise(lambda x: _ball(x).exp()),
    "ln": _entrywise(lambda x: _ball(x).log()),
    "max": lambda *each: max(_entries(*each)),
    "min": lambda *each: min(_entries(*each)),
    "relu": _entrywise(lambda x: x if x > 0 else fmpq(0)),
    "diag": _diagonal,
    "[_cc": _last_quarter,
    "sgn": lambda a: fmpq(int(a > 0) - int(a < 0)),
}
