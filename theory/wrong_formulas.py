"""Wrong versions of a formula: one constant, index, transpose, sign or order of factors changed.

A claim that is worth something tells most of them from the right one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sympy import (
    Add,
    Inverse,
    MatAdd,
    MatMul,
    MatrixSymbol,
    Mul,
    Pow,
    Rational,
    Symbol,
    Transpose,
    sympify,
)
from sympy.core.containers import Tuple
from sympy.core.symbol import Str

from theory.matrices import IndexedMatrix, OrderedProduct
from theory.printing import plain

LONGEST = 90
"""Formulas are cut off here where they are described."""


@dataclass(frozen=True)
class WrongFormula:
    """An expression with one thing changed: what the change is, and what came of it."""

    change: str
    expression: Any

    def __str__(self) -> str:
        text = plain(self.expression)
        return f"{self.change}: {text if len(text) <= LONGEST else text[: LONGEST - 1] + '…'}"


def wrong_versions(expression: Any) -> list[WrongFormula]:
    """The expression with each part changed in each of the ways below, without repetitions.

    A number becomes one larger, and so does an integer symbol (t + 1 for t); a transpose is added
    or taken away; the whole, a term or a product with a minus changes its sign; a quotient becomes
    a product; two neighbouring matrices change places. What sympy sees to be equal is left out.
    """
    original = sympify(expression)
    seen, found = {original}, []
    for wrong in (WrongFormula("the sign changed", -original), *_versions(original)):
        same_kind = getattr(wrong.expression, "shape", ()) == getattr(original, "shape", ())
        if same_kind and wrong.expression not in seen:
            seen.add(wrong.expression)
            found.append(wrong)
    return found


def _versions(expression: Any) -> Iterator[WrongFormula]:
    yield from _changes(expression)
    for place, part in enumerate(expression.args):
        if not _is_part(expression, place):
            continue
        for wrong in _versions(part):
            changed = _with(expression, {place: wrong.expression})
            if changed is not None:
                yield WrongFormula(wrong.change, changed)


def _is_part(expression: Any, place: int) -> bool:
    """Names, the sizes of matrices and the variables of sums are not for changing."""
    match expression:
        case MatrixSymbol() | Str():
            return False
        case IndexedMatrix():
            return place == 3
        case OrderedProduct():
            return place != 1
        case Tuple():
            return place != 0
        case Inverse():
            return place == 0
    return True


def _with(expression: Any, arguments: dict[int, Any]) -> Any:
    """The expression with other arguments at some places; None where there is no such thing."""
    all_of_them = [arguments.get(place, old) for place, old in enumerate(expression.args)]
    try:
        return expression.func(*all_of_them)
    except (ValueError, TypeError):
        return None


def _changes(expression: Any) -> Iterator[WrongFormula]:
    """What may be wrong at the root of an expression."""
    match expression:
        case Rational():
            yield WrongFormula(f"{plain(expression + 1)} for {plain(expression)}", expression + 1)
        case Symbol():
            if expression.is_integer:
                text = plain(expression)
                yield WrongFormula(f"{text} + 1 for {text}", expression + 1)
        case Transpose():
            yield WrongFormula(f"{plain(expression.arg)} for {plain(expression)}", expression.arg)
        case MatrixSymbol() | IndexedMatrix():
            if expression.shape[0] == expression.shape[1]:
                text = plain(expression)
                yield WrongFormula(f"{text}ᵀ for {text}", expression.T)
        case Pow() if expression.exp.is_Rational and expression.exp < 0:
            yield WrongFormula(f"{plain(1 / expression)} multiplied, not divided", 1 / expression)
        case Mul() if expression.could_extract_minus_sign():
            yield WrongFormula(f"{plain(-expression)} for {plain(expression)}", -expression)
        case Add() | MatAdd():
            for place, term in enumerate(expression.args):
                changed = _with(expression, {place: -term})
                yield WrongFormula(f"{plain(-term)} for {plain(term)}", changed)
        case MatMul():
            yield from _exchanged(expression)


def _exchanged(product: Any) -> Iterator[WrongFormula]:
    for place, (left, right) in enumerate(pairwise(product.args)):
        if not (left.is_Matrix and right.is_Matrix):
            continue
        changed = _with(product, {place: right, place + 1: left})
        if changed is not None and changed.shape == product.shape:
            yield WrongFormula(f"{plain(left)} and {plain(right)} exchanged", changed)
