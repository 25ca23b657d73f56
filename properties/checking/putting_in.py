"""Formulas with the values of their quantities put in, and worked out stage by stage.

ρ²ᵗ‖h₀‖² for ρ = 1/2, t = 1 and h₀ = (0, 2)ᵀ: (1/2)² · (0² + 2²), then 1/4 · 4, then 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
from flint import arb, fmpq, fmpq_mat, fmpz

from properties.checking.blackboard import Piece, Stage, cut, on_one_line, powered, shown
from properties.checking.exact import floats
from properties.checking.formulas import Node, NotAFormula
from properties.checking.norms import row_sum_norm

MOST_SQUARES = 3
"""The length of a longer vector is not written out as a sum of squares."""

Values = Mapping[str, Any]


def value_of(formula: Node, values: Values) -> Any:
    """What the formula is: exactly where the quantities are, else as a float or a ball.

    Raises NotAFormula where an operation does not apply to its quantities.
    """
    try:
        return _value(formula, values)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError) as problem:
        raise NotAFormula(f"{formula.kind}: {problem}") from problem


def stages(formula: Node, values: Values) -> list[Stage]:
    """The formula with the values put in; then with its operands worked out, if those are none."""
    if formula.kind in ("number", "symbol", "["):
        return []
    pieces = _pieces(formula, values)
    if formula.kind == "^" and pieces[0][0] == "(" and pieces[-1][0] == ")":
        pieces = pieces[1:-1]
    put_in = on_one_line(pieces)
    if formula.kind == "^" and formula.parts[0].kind.startswith("‖"):
        return [put_in]
    operands = Node(formula.kind, tuple(_worked(part, values) for part in formula.parts))
    worked = on_one_line(_pieces(operands, values))
    return [put_in] if worked == put_in else [put_in, worked]


def _worked(formula: Node, values: Values) -> Node:
    """The formula as the number or matrix that it is; a term keeps its sign, a base its bracket."""
    if formula.kind in ("-", "("):
        return Node(formula.kind, (_worked(formula.parts[0], values),))
    return Node("number", (value_of(formula, values),))


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


def _is_matrix(value: Any) -> bool:
    return isinstance(value, fmpq_mat | np.ndarray)


def _pair(a: Any, b: Any) -> tuple[Any, Any]:
    """Two operands of kinds that go together: what is exact gives way to what is not."""
    if isinstance(a, fmpq_mat) != isinstance(b, fmpq_mat) and _is_matrix(a) and _is_matrix(b):
        a, b = (np.array(m.table(), dtype=object) if isinstance(m, fmpq_mat) else m for m in (a, b))
    if isinstance(a, fmpq) and isinstance(b, float):
        return floats(a), b
    if isinstance(a, float) and isinstance(b, fmpq):
        return a, floats(b)
    return a, b


def _array(value: Any) -> Any:
    """Any operand as an array of objects."""
    table = value.table() if isinstance(value, fmpq_mat) else value
    return np.array(table, dtype=object)


def _plus(a: Any, b: Any) -> Any:
    if _is_matrix(a) != _is_matrix(b):
        matrix = a if _is_matrix(a) else b
        if _shape(matrix)[1] > 1:
            raise TypeError("a number is added to the entries of a column alone")
        return _array(a) + _array(b)
    a, b = _pair(a, b)
    return a + b


def _entry_by_entry(a: Any, b: Any) -> Any:
    if not (_is_matrix(a) or _is_matrix(b)):
        return _times(a, b)
    return _array(a) * _array(b)


def _diagonal(column: Any) -> Any:
    if not _is_matrix(column):
        return column
    entries = [entry for (entry,) in _array(column)]
    n = len(entries)
    square = [[e if i == j else fmpq(0) for j in range(n)] for i, e in enumerate(entries)]
    return fmpq_mat(square) if isinstance(column, fmpq_mat) else np.array(square, dtype=object)


def _joined(rows: list[list[Any]]) -> Any:
    """A matrix of blocks; a number is a block of one entry, or of zeros."""
    sizes = [_shape(block) for row in rows for block in row if _is_matrix(block)]
    n = min((min(shape) for shape in sizes), default=1)
    blocks = [[b if _is_matrix(b) else np.full((n, n), b, dtype=object) for b in row] for row in rows]
    return np.block([[_array(block) for block in row] for row in blocks])


def _entries(*each: Any) -> list[Any]:
    """Numbers, or the entries of the one matrix that is given."""
    return list(_array(each[0]).ravel()) if _is_matrix(each[0]) else list(each)


def _last_quarter(matrix: Any) -> Any:
    n = _shape(matrix)[0] // 2
    return as_operand(_array(matrix)[n:, n:])


def _times(a: Any, b: Any) -> Any:
    a, b = _pair(a, b)
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return as_operand(a @ b)
    if isinstance(b, fmpq_mat) and not isinstance(a, fmpq_mat):
        return b * a
    return as_operand(a * b)


def _over(a: Any, b: Any) -> Any:
    a, b = _pair(a, b)
    return a / b


def _power(base: Any, exponent: Any) -> Any:
    whole = isinstance(exponent, fmpq) and exponent.q == 1
    if whole and isinstance(base, fmpq_mat) and exponent < 0:
        return base.inv() ** int(-exponent.p)
    if whole and _is_matrix(base) and _shape(base)[1] == 1:
        return _array(base) ** int(exponent.p)
    if whole and isinstance(base, np.ndarray):
        return reduce(_times, [base] * int(exponent.p))
    if whole:
        return base ** int(exponent.p)
    return _ball(base) ** _ball(exponent)


def _transposed(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.T
    return value.transpose() if isinstance(value, fmpq_mat) else value


def _ball(value: Any) -> arb:
    if _is_matrix(value):
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
    if not _is_matrix(value):
        return value * value
    if isinstance(value, fmpq_mat):
        return sum((e * e for e in value.entries()), fmpq(0))
    return (value * value).sum()


def _length(value: Any) -> Any:
    """‖x‖₂ of a vector and the largest row sum of a matrix, as the project writes ‖·‖."""
    if _is_matrix(value) and min(_shape(value)) > 1:
        return _row_sums(value)
    return abs(value) if not _is_matrix(value) else _root(_squares(value))


def _spectral(value: Any) -> Any:
    """‖W‖₂, exactly where it is rational and W is diagonal or has one entry alone."""
    if not _is_matrix(value) or min(_shape(value)) == 1:
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
    return max(sum(map(abs, row)) for row in value) if _is_matrix(value) else abs(value)


def _shape(value: Any) -> tuple[int, ...]:
    return (value.nrows(), value.ncols()) if isinstance(value, fmpq_mat) else value.shape


def _floats(value: Any) -> Any:
    if isinstance(value, fmpq_mat):
        return floats(value)
    return np.vectorize(float, otypes=[float])(value)


def _entrywise(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def apply(value: Any) -> Any:
        if not _is_matrix(value):
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


def _pieces(formula: Node, values: Values) -> list[Piece]:
    """The formula as it stands on the board, its symbols as their values."""
    kind, parts = formula.kind, formula.parts
    if kind in ("number", "symbol"):
        return [shown(_value(formula, values))]
    match kind:
        case "+":
            first, *others = [_pieces(parts[0], values), *(_added(o, values) for o in parts[1:])]
            return [p for each in [first, *cut(others, [(" + …", r" + \dots")])] for p in each]
        case "-":
            return [("-", "-"), *_guarded(parts[0], values, first=False)]
        case "·":
            return _product(parts, values)
        case "⊙":
            return _product(parts, values, (" ⊙ ", r" \odot "))
        case "[":
            return [shown(_value(formula, values))]
        case "[_cc":
            return [("[", "["), *_pieces(parts[0], values), ("]_cc", "]_{cc}")]
        case "/":
            over, under = (_guarded(part, values, whole=True) for part in parts)
            return [*over, ("/", "/"), *under]
        case "^":
            return _raised(*parts, values)
        case "ᵀ":
            base = value_of(parts[0], values)
            return powered(base, "ᵀ", r"\top") if _is_matrix(base) else _pieces(parts[0], values)
        case "√":
            return [("√", r"\surd "), *_guarded(parts[0], values, whole=True)]
        case "(":
            inside = _pieces(parts[0], values)
            alone = len(inside) == 1 and not _is_negative(inside) and "/" not in inside[0][0]
            return inside if alone else _bracketed(inside)
        case "|":
            return [("|", "|"), *_pieces(parts[0], values), ("|", "|")]
        case "⌈":
            return [("⌈", r"\lceil "), *_pieces(parts[0], values), ("⌉", r"\rceil ")]
        case "⌊":
            return [("⌊", r"\lfloor "), *_pieces(parts[0], values), ("⌋", r"\rfloor ")]
    if kind == "diag" and not _is_matrix(value_of(formula, values)):
        return _pieces(parts[0], values)
    if kind.startswith("‖"):
        under = kind[1:].replace("2", "{2}").replace("∞", r"{\infty}")
        end = ("‖" + kind[1:].replace("_2", "₂"), r"\|" + under)
        return [("‖", r"\|"), *_pieces(parts[0], values), end]
    inside = [piece for part in parts for piece in [(", ", ", "), *_pieces(part, values)]][1:]
    name = {"σ": r"\sigma"}.get(kind, rf"\mathrm{{{kind}}}")
    return [(f"{kind}(", f"{name}("), *inside, (")", ")")]


def _added(term: Node, values: Values) -> list[Piece]:
    if term.kind == "-":
        return [(" − ", " - "), *_guarded(term.parts[0], values, first=False)]
    pieces = _pieces(term, values)
    return [(" + ", " + "), *(_bracketed(pieces) if _is_negative(pieces) else pieces)]


def _product(
    factors: tuple[Node, ...], values: Values, sign: Piece = (" · ", r" \cdot ")
) -> list[Piece]:
    """The factors, numbers with a dot between them and matrices without."""
    each: list[list[Piece]] = []
    before_is_matrix = False
    for factor in factors:
        is_matrix = _is_matrix(value_of(factor, values))
        bare = not each or (is_matrix and before_is_matrix and "·" in sign[0])
        each.append([*([] if bare else [sign]), *_guarded(factor, values, first=not each)])
        before_is_matrix = is_matrix
    return [piece for pieces in cut(each, [sign, ("…", r"\dots ")]) for piece in pieces]


def _raised(base: Node, exponent: Node, values: Values) -> list[Piece]:
    power, inside = value_of(exponent, values), base.parts[0]
    if power == 1:
        return _pieces(inside if base.kind == "(" else base, values)
    if base.kind in ("‖", "‖_2") and power == 2:
        vector = value_of(inside, values)
        if _is_matrix(vector) and min(_shape(vector)) == 1 and max(_shape(vector)) <= MOST_SQUARES:
            entries = [e for row in np.array(_table(vector), dtype=object) for e in np.ravel(row)]
            squared = [powered(entry, "²", "2") for entry in entries]
            listed = [piece for square in squared for piece in [(" + ", " + "), *square]][1:]
            return _bracketed(listed)
    number = value_of(base, values)
    if base.kind in ("number", "symbol") or _is_matrix(number) or _is_atom(base):
        return powered(number, *_exponent(power))
    pieces = _pieces(base, values)
    closed = base.kind == "|" or base.kind.startswith("‖") or pieces[0][0] == "("
    text, latex = _exponent(power)
    return [*(pieces if closed else _bracketed(pieces)), (text, f"^{{{latex}}}")]


def _is_atom(base: Node) -> bool:
    """Whether it is a bracket around a number or a symbol."""
    return base.kind == "(" and base.parts[0].kind in ("number", "symbol")


def _table(value: Any) -> Any:
    return value.table() if isinstance(value, fmpq_mat) else value


def _exponent(power: Any) -> tuple[str, str]:
    """An exponent above the line, and in LaTeX."""
    text, latex = shown(power)
    if text.lstrip("-").isdigit():
        return text.translate(str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")), latex
    return f"^({text})", latex


def _guarded(
    formula: Node, values: Values, *, first: bool = True, whole: bool = False
) -> list[Piece]:
    """The pieces, in brackets if they would be torn apart where they come to stand."""
    while formula.kind == "diag" and not _is_matrix(value_of(formula, values)):
        formula = formula.parts[0]
    pieces = _pieces(formula, values)
    torn = formula.kind == "+" or (whole and (formula.kind in ("·", "/") or "/" in pieces[0][0]))
    return _bracketed(pieces) if torn or (not first and _is_negative(pieces)) else pieces


def _is_negative(pieces: list[Piece]) -> bool:
    return pieces[0][0].startswith("-") and "\n" not in pieces[0][0]


def _bracketed(pieces: list[Piece]) -> list[Piece]:
    return [("(", "("), *pieces, (")", ")")]
