"""Exact rational numbers and matrices: how cases hold them, write them and turn them into floats.

A case holds its numbers as flint's fmpq and fmpq_mat, so that the exact tier loses nothing, and
writes them as code that can be pasted back: matrix("3/5 -4/5; 4/5 3/5").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, fmpq, fmpq_mat, fmpz

Exact = int | str | Fraction | fmpq


def rational(value: Exact) -> fmpq:
    """A rational from an int, a Fraction or text such as "-3/5"."""
    if isinstance(value, fmpq):
        return value
    if isinstance(value, float):
        raise TypeError(f"value: {value!r} is a float; write it as text or as a Fraction")
    fraction = Fraction(value)
    return fmpq(fraction.numerator, fraction.denominator)


def matrix(rows: str | Sequence[Sequence[Exact]]) -> fmpq_mat:
    """An exact matrix from rows of rationals, or from text: "1 1/2; 0 -3" is 2 × 2.

    Raises ValueError when the rows differ in length.
    """
    if isinstance(rows, str):
        rows = [row.split() for row in rows.split(";")] if rows.strip() else []
    width = len(rows[0]) if rows else 0
    if any(len(row) != width for row in rows):
        raise ValueError(f"rows: lengths {[len(row) for row in rows]} differ")
    return fmpq_mat(len(rows), width, [rational(entry) for row in rows for entry in row])


def vector(entries: str | Iterable[Exact]) -> fmpq_mat:
    """An exact column from rationals or from text: "1 0 -1/2"."""
    items = entries.split() if isinstance(entries, str) else list(entries)
    return fmpq_mat(len(items), 1, [rational(entry) for entry in items])


def diagonal(entries: Iterable[Exact] | fmpq_mat) -> fmpq_mat:
    """The square matrix with these entries, or those of a column, on its diagonal."""
    items = entries.entries() if isinstance(entries, fmpq_mat) else [rational(e) for e in entries]
    n = len(items)
    return fmpq_mat(n, n, [items[i] if i == j else fmpq(0) for i in range(n) for j in range(n)])


def identity(n: int) -> fmpq_mat:
    """The n × n identity."""
    return diagonal([1] * n)


def is_identity(m: fmpq_mat) -> bool:
    return bool(m.nrows() == m.ncols() and m == identity(m.nrows()))


def is_orthogonal(q: fmpq_mat) -> bool:
    """Whether QᵀQ = I, exactly."""
    return is_identity(q.transpose() * q)


def is_symmetric(m: fmpq_mat) -> bool:
    return bool(m == m.transpose())


def squared_length(column: fmpq_mat) -> fmpq:
    """‖x‖₂² of an exact column."""
    return (column.transpose() * column)[0, 0]


def floats(value: fmpq_mat | fmpq | int) -> Any:
    """Correctly rounded float64: an array (rows, columns) of a matrix, a float of a number."""
    if isinstance(value, fmpq_mat):
        entries = [float(Fraction(int(e.p), int(e.q))) for e in value.entries()]
        return np.array(entries, dtype=np.float64).reshape(value.nrows(), value.ncols())
    number = rational(value)
    return float(Fraction(int(number.p), int(number.q)))


def sign(number: fmpq) -> int:
    """−1, 0 or 1."""
    return int(number > 0) - int(number < 0)


def held(number: float) -> fmpq:
    """The rational that a finite float is."""
    return fmpq(*number.as_integer_ratio())


def held_matrix(array: np.ndarray[Any, np.dtype[np.float64]]) -> fmpq_mat:
    """The exact matrix that a float array (rows, columns) is."""
    rows, columns = array.shape
    return fmpq_mat(rows, columns, [held(entry) for entry in array.ravel().tolist()])


def column_floats(value: fmpq_mat) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The entries of an exact column as a float64 array (n,)."""
    array: np.ndarray[Any, np.dtype[np.float64]] = floats(value).ravel()
    return array


def code(value: Any) -> str:
    """Python that makes the value again, where the names of this module are in scope."""
    if isinstance(value, fmpq_mat):
        rows = [" ".join(str(e) for e in row) for row in value.table()]
        if value.ncols() == 1 and value.nrows() > 1:
            return f'vector("{" ".join(rows)}")'
        return f'matrix("{"; ".join(rows)}")'
    if isinstance(value, fmpq):
        return str(value) if value.q == 1 else f'rational("{value}")'
    if isinstance(value, fmpz):
        return str(value)
    if isinstance(value, np.ndarray):
        return f"np.array({value.tolist()!r})"
    if isinstance(value, tuple):
        inner = ", ".join(code(item) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return repr(value)


def plain(value: Any) -> str:
    """The value as a person writes it: fractions, a small matrix on several lines."""
    if isinstance(value, fmpq_mat):
        if value.ncols() == 1 and value.nrows() > 1:
            return f"({', '.join(str(entry) for entry in value.entries())})ᵀ"
        cells = [[str(entry) for entry in row] for row in value.table()]
        if not cells or not cells[0]:
            return f"[empty, {value.nrows()}×{value.ncols()}]"
        widths = [max(len(row[j]) for row in cells) for j in range(len(cells[0]))]
        rows = ["  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)) for row in cells]
        return _bracketed(rows)
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            return plain(value.item())
        if value.dtype == object:
            value = np.vectorize(_decimal, otypes=[object])(value)
        return np.array2string(
            value, precision=17, threshold=40, edgeitems=3, formatter={"object": str}
        )
    if isinstance(value, tuple):
        return "(" + ", ".join(plain(item) for item in value) + ")"
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, fmpq | fmpz) else repr(value)


def _decimal(value: Any) -> str:
    """A ball as the digits that are certain, up to seventeen; anything else as itself."""
    return str(value.str(17, radius=False)) if isinstance(value, arb) else str(value)


def _bracketed(rows: list[str]) -> str:
    if len(rows) == 1:
        return f"[ {rows[0]} ]"
    top, *middle, bottom = rows
    return "\n".join([f"⎡ {top} ⎤", *(f"⎢ {row} ⎥" for row in middle), f"⎣ {bottom} ⎦"])
