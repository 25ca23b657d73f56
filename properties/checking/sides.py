"""What the two sides of a comparison are called, and how each is worked out for a case.

A comparison names its sides, "‖h_t‖² ≤ ρ²ᵗ‖h₀‖²"; read as formulas of the case's quantities they
are written with the values put in. A formula whose value is not what was compared is not shown.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from flint import arb, fmpq, fmpq_mat

from properties.checking.balls import DEFAULT_BITS, precision
from properties.checking.blackboard import DIGITS, written
from properties.checking.cases import Case
from properties.checking.formulas import Node, NotAFormula, parsed, plain_name
from properties.checking.putting_in import stages
from properties.checking.reckoning import as_operand, value_of
from properties.checking.working import Worked, Working

BETWEEN = ("; ", ", and ", " iff ", " ≤ ", " < ", " ≥ ", " > ", " = ")
"""What stands between the names of two sides; the first that is there once parts them."""

HOLDS = {"=": operator.eq, "≤": operator.le, "<": operator.lt}
"""What a proposition that is a term may say of two formulas."""

LONGEST_FORMULA = 40
"""Of a longer sum or product of many parts the first and the last are written."""

OF_WORDS = re.compile(r"(?!diag|tanh)[A-Za-z]{4,}|\bif\b|\biff\b|\bis\b|\bof\b")


def names_of_sides(what: str, statement: str = "") -> tuple[str, str]:
    """The names of the left side and of the right one; empty where there are none.

    They are in what the comparison is called, behind any colon, or else in the statement if that
    is one relation.
    """
    last = what.rsplit(": ", maxsplit=1)[-1]
    named = _parted(last)
    if named is not None or what:
        return named or (last, "")
    said = re.split(r", | for | in ", statement)[0]
    named = _parted(said)
    return ("", "") if named is None or OF_WORDS.search(said) else named


def _parted(text: str) -> tuple[str, str] | None:
    for sign in BETWEEN:
        parts = text.split(sign)
        if len(parts) == 2 and all(map(_is_balanced, parts)):
            return parts[0].strip(), parts[1].strip()
    return None


def _agrees(board: Board, name: str, value: Any) -> bool | None:
    """Whether a name is a formula of that value; None where it is no formula."""
    try:
        node = parsed(name, [*board.quantities, *board.terms])
        if board.terms.keys() & set(node.symbols()):
            return None
        reached = value_of(node, board.quantities)
    except NotAFormula:
        return None
    return _alike(reached, value) or _is_norm(node, value, board.quantities)


def _is_balanced(text: str) -> bool:
    return text.count("(") == text.count(")") and text.count("[") == text.count("]")


class Board:
    """The sides of one case's comparison, worked out one after the other.

    What the left side has defined is not defined again for the right one.
    """

    def __init__(self, case: Any) -> None:
        self.quantities: dict[str, Any] = {}
        self.terms: dict[str, Any] = {}
        if isinstance(case, Case):
            self.quantities = {plain_name(n): value for n, value in case.quantities().items()}
            self.terms = {plain_name(n): (n, term) for n, term in case.terms().items()}
        self.defined: dict[str, Any] = {}
        self.underway: set[str] = set()

    def in_order(self, names: tuple[str, str], left: Any, right: Any) -> tuple[str, str]:
        """The names in the order of the sides; none if a name contradicts its side's value."""
        with precision(DEFAULT_BITS):
            for one, other in (names, names[::-1]):
                if False not in (_agrees(self, one, left), _agrees(self, other, right)):
                    return one, other
        return "", ""

    def side(
        self, name: str, value: Any, digits: int = DIGITS, is_alone: bool = False
    ) -> list[Working]:
        """The lines that lead to a side's value, the last of which names it.

        A name that is alone is one of both sides unless it is a formula.
        """
        if not name or (is_alone and not self.reads(name)):
            return []
        alone = [Working(name, value, digits=digits)]
        with precision(DEFAULT_BITS):
            try:
                lines, node = self._read(name)
                if not node.symbols():
                    exact = value_of(node, {})
                    rounded = isinstance(exact, fmpq) and exact.q != 1 and written(value).isdigit()
                    return [Working(name, name)] if rounded else alone
                if lines and node.kind == "symbol":
                    found = self.defined[node.parts[0]]
                    return lines if _alike(found, value) else alone
                reached = value_of(node, self.defined)
                between = tuple(stages(node, self.defined))
            except (NotAFormula, RecursionError):  # or of too many terms, one after the other
                return alone
            if _is_norm(node, value, self.defined):
                value = reached
            if not _alike(reached, value):
                return alone
            return [*lines, Working(name, value, between, digits)]

    def reads(self, name: str) -> bool:
        """Whether a name is a formula of the case's quantities and terms."""
        try:
            return bool(parsed(name, [*self.quantities, *self.terms]).symbols())
        except NotAFormula:
            return False

    def _read(self, name: str) -> tuple[list[Working], Node]:
        """A formula, and the lines that define what it speaks of and nothing has defined yet."""
        node = parsed(name, [*self.quantities, *self.terms])
        lines = [line for symbol in node.symbols() for line in self._define(symbol)]
        return lines, node

    def _define(self, symbol: str) -> list[Working]:
        if symbol in self.defined:
            return []
        if symbol in self.underway:
            raise NotAFormula(f"{symbol} is defined by itself")
        self.underway.add(symbol)
        if symbol not in self.terms:
            self.defined[symbol] = self.quantities[symbol]
            return []
        name, term = self.terms[symbol]
        if isinstance(term, tuple):
            return self._proposition(symbol, *term)
        if not (isinstance(term, str) or callable(term)):
            self.defined[symbol] = term
            return []
        if isinstance(term, str):
            lines, node = self._read(term)
            self.defined[symbol] = value_of(node, self.defined)
            between = tuple(stages(node, self.defined))
            said = f"{name} = {_abridged(term)}"
            return [*lines, Working(said, self.defined[symbol], between)]
        found = term()
        self.defined[symbol] = found.value if isinstance(found, Worked) else found
        return list(found.steps()) if isinstance(found, Worked) else [Working(name, found)]

    def _proposition(self, symbol: str, left: str, sign: str, right: str) -> list[Working]:
        """Two formulas worked out, and whether what is between them holds."""
        lines, both = [], []
        for formula in (left, right):
            more, node = self._read(formula)
            both.append(value_of(node, self.defined))
            between = tuple(stages(node, self.defined))
            lines += [*more, *([Working(formula, both[-1], between)] if between else [])]
        self.defined[symbol] = bool(HOLDS[sign](*both))
        return [*lines, Working(self.terms[symbol][0], self.defined[symbol])]


def _abridged(formula: str) -> str:
    """A formula of many terms or factors with the middle left out."""
    for sign in (" + ", " ⊙ ", " · "):
        parts = formula.split(sign)
        if len(formula) > LONGEST_FORMULA and len(parts) > 4 and all(map(_is_balanced, parts)):
            return sign.join([*parts[:2], "…", parts[-1]])
    return formula


def _is_norm(formula: Node, value: Any, values: Mapping[str, Any]) -> bool:
    """Whether the formula is a norm, and the value is what it is the norm of."""
    return formula.kind.startswith("‖") and _alike(value_of(formula.parts[0], values), value)


def _alike(reached: Any, value: Any) -> bool:
    """Whether both are the same, to as many digits as the blackboard shows.

    No verdict rests on it: it decides whether a line is shown.
    """
    if isinstance(reached, bool | tuple | str):
        return bool(reached == value)
    try:
        one, other = _floats(reached), _floats(value)
    except (NotAFormula, TypeError, ValueError):
        return False
    if max(one.ndim, other.ndim) == 2 and 1 in one.shape and 1 in other.shape:
        one, other = one.ravel(), other.ravel()
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=0.1**DIGITS, atol=0))


def _floats(value: Any) -> Any:
    operand = as_operand(value)
    table = operand.table() if isinstance(operand, fmpq_mat) else operand
    return np.vectorize(lambda e: float(arb(e)), otypes=[float])(np.array(table, dtype=object))
