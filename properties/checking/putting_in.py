"""Formulas with the values of their quantities put in, and worked out stage by stage.

ρ²ᵗ‖h₀‖² for ρ = 1/2, t = 1 and h₀ = (0, 2)ᵀ: (1/2)² · (0² + 2²), then 1/4 · 4, then 1.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from properties.checking.blackboard import Piece, Stage, cut, on_one_line, powered, shown
from properties.checking.formulas import Node
from properties.checking.reckoning import Values, array_of, is_matrix, shape_of, value_of

SHORT = ((2, 1), (3, 1))
"""The squared length of a vector of these shapes is written out as a sum of squares."""

RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

Parts = tuple[Node, ...]


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


def _pieces(formula: Node, values: Values) -> list[Piece]:
    """The formula as it stands on the board, its symbols as their values."""
    kind = formula.kind
    if kind in ("number", "symbol", "["):
        return [shown(value_of(formula, values))]
    if kind in WRITERS:
        return WRITERS[kind](formula.parts, values)
    if kind in BRACKETS:
        before, after = BRACKETS[kind]
        return [before, *_pieces(formula.parts[0], values), after]
    inside = [p for part in formula.parts for p in [(", ", ", "), *_pieces(part, values)]][1:]
    name = {"σ": r"\sigma"}.get(kind, rf"\mathrm{{{kind}}}")
    return [(f"{kind}(", f"{name}("), *inside, (")", ")")]


def _sum(terms: Parts, values: Values) -> list[Piece]:
    first, *others = [_pieces(terms[0], values), *(_added(term, values) for term in terms[1:])]
    return [p for each in [first, *cut(others, [(" + …", r" + \dots")])] for p in each]


def _negative(parts: Parts, values: Values) -> list[Piece]:
    return [("-", "-"), *_guarded(parts[0], values, first=False)]


def _quotient(parts: Parts, values: Values) -> list[Piece]:
    over, under = (_guarded(part, values, whole=True) for part in parts)
    return [*over, ("/", "/"), *under]


def _transposed(parts: Parts, values: Values) -> list[Piece]:
    base = value_of(parts[0], values)
    return powered(base, "ᵀ", r"\top") if is_matrix(base) else _pieces(parts[0], values)


def _root(parts: Parts, values: Values) -> list[Piece]:
    return [("√", r"\surd "), *_guarded(parts[0], values, whole=True)]


def _in_parentheses(parts: Parts, values: Values) -> list[Piece]:
    inside = _pieces(parts[0], values)
    alone = len(inside) == 1 and not _is_negative(inside) and "/" not in inside[0][0]
    return inside if alone else _bracketed(inside)


def _diagonal(parts: Parts, values: Values) -> list[Piece]:
    inside = _pieces(parts[0], values)
    if not is_matrix(value_of(parts[0], values)):
        return inside
    return [("diag(", r"\mathrm{diag}("), *inside, (")", ")")]


def _added(term: Node, values: Values) -> list[Piece]:
    if term.kind == "-":
        return [(" − ", " - "), *_guarded(term.parts[0], values, first=False)]
    pieces = _pieces(term, values)
    return [(" + ", " + "), *(_bracketed(pieces) if _is_negative(pieces) else pieces)]


def _product(factors: Parts, values: Values, sign: Piece = (" · ", r" \cdot ")) -> list[Piece]:
    """The factors, numbers with a dot between them and matrices without."""
    each: list[list[Piece]] = []
    follows_matrix = False
    for factor in factors:
        matrix = is_matrix(value_of(factor, values))
        bare = not each or (matrix and follows_matrix and "·" in sign[0])
        each.append([*([] if bare else [sign]), *_guarded(factor, values, first=not each)])
        follows_matrix = matrix
    return [piece for pieces in cut(each, [sign, ("…", r"\dots ")]) for piece in pieces]


def _raised(parts: Parts, values: Values) -> list[Piece]:
    base, exponent = parts
    power, inside = value_of(exponent, values), base.parts[0]
    if power == 1:
        return _pieces(inside if base.kind == "(" else base, values)
    if base.kind in ("‖", "‖_2") and power == 2:
        vector = value_of(inside, values)
        if is_matrix(vector) and shape_of(vector) in SHORT:
            squared = [powered(entry, "²", "2") for entry in array_of(vector).ravel()]
            listed = [piece for square in squared for piece in [(" + ", " + "), *square]][1:]
            return _bracketed(listed)
    number = value_of(base, values)
    if base.kind in ("number", "symbol") or is_matrix(number) or _is_atom(base):
        return powered(number, *_exponent(power))
    pieces = _pieces(base, values)
    closed = base.kind == "|" or base.kind.startswith("‖") or pieces[0][0] == "("
    text, latex = _exponent(power)
    return [*(pieces if closed else _bracketed(pieces)), (text, f"^{{{latex}}}")]


def _is_atom(base: Node) -> bool:
    """Whether it is a bracket around a number or a symbol."""
    return base.kind == "(" and base.parts[0].kind in ("number", "symbol")


def _exponent(power: Any) -> tuple[str, str]:
    """An exponent above the line, and in LaTeX."""
    text, latex = shown(power)
    if text.lstrip("-").isdigit():
        return text.translate(RAISED), latex
    return f"^({text})", latex


def _guarded(
    formula: Node, values: Values, *, first: bool = True, whole: bool = False
) -> list[Piece]:
    """The pieces, in brackets if they would be torn apart where they come to stand."""
    while formula.kind == "diag" and not is_matrix(value_of(formula, values)):
        formula = formula.parts[0]
    pieces = _pieces(formula, values)
    torn = formula.kind == "+" or (whole and (formula.kind in ("·", "/") or "/" in pieces[0][0]))
    return _bracketed(pieces) if torn or (not first and _is_negative(pieces)) else pieces


def _is_negative(pieces: list[Piece]) -> bool:
    return pieces[0][0].startswith("-") and "\n" not in pieces[0][0]


def _bracketed(pieces: list[Piece]) -> list[Piece]:
    return [("(", "("), *pieces, (")", ")")]


WRITERS: dict[str, Callable[[Parts, Values], list[Piece]]] = {
    "+": _sum,
    "-": _negative,
    "·": _product,
    "⊙": partial(_product, sign=(" ⊙ ", r" \odot ")),
    "/": _quotient,
    "^": _raised,
    "ᵀ": _transposed,
    "√": _root,
    "(": _in_parentheses,
    "diag": _diagonal,
}

BRACKETS = {
    "|": (("|", "|"), ("|", "|")),
    "⌈": (("⌈", r"\lceil "), ("⌉", r"\rceil ")),
    "⌊": (("⌊", r"\lfloor "), ("⌋", r"\rfloor ")),
    "‖": (("‖", r"\|"), ("‖", r"\|")),
    "‖_2": (("‖", r"\|"), ("‖₂", r"\|_{2}")),
    "‖_∞": (("‖", r"\|"), ("‖_∞", r"\|_{\infty}")),
    "[_cc": (("[", "["), ("]_cc", "]_{cc}")),
}
