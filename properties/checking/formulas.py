"""Formulas as they are typed, ρ²ᵗ‖h₀‖², read as operations on named quantities.

For the blackboard: what a comparison calls its sides is read as a formula of the case's
quantities, so that their values can be put in. It judges nothing; a claim's own code does.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import fmpq

from properties.checking.exact import rational

HALVES = {"½": fmpq(1, 2), "¼": fmpq(1, 4)}
CLOSES = {"(": ")", "{": "}", "[": "]", "⌈": "⌉", "⌊": "⌋", "|": "|", "‖": "‖"}
FUNCTIONS = ("tanh", "σ", "relu", "arccosh", "artanh", "exp", "ln", "max", "min", "sgn", "diag")


class NotAFormula(Exception):
    """A text that is no formula of the quantities at hand."""


@dataclass(frozen=True)
class Node:
    """A formula: a number, a symbol, or an operation on other formulas.

    `kind` is number, symbol, + (of terms), - (of one), ·, ⊙, /, ^, ᵀ, √, an opening bracket (of
    norms with the name of the norm, ‖_∞), the name of a function, or [ for a matrix of blocks,
    whose parts are rows. [W]_cc is the last quarter of W: what cells do to cells.
    """

    kind: str
    parts: tuple[Any, ...]

    def symbols(self) -> list[str]:
        """The symbols in it, in the order of their first appearance."""
        if self.kind == "symbol":
            return [self.parts[0]]
        parts = [p for row in self.parts for p in row] if self.kind == "[" else self.parts
        inside = [name for part in parts if isinstance(part, Node) for name in part.symbols()]
        return list(dict.fromkeys(inside))


def plain_name(name: str) -> str:
    """A name with its subscripts on the line, as it is looked up: h_0 for h₀."""
    shown, lowered = "", False
    for character in name:
        under = "SUBSCRIPT" in unicodedata.name(character, "")
        shown += "_" if under and not lowered else ""
        shown += unicodedata.normalize("NFKD", character) if under else character
        lowered = under
    return shown


def parsed(text: str, names: Sequence[str]) -> Node:
    """The formula that a text is, of symbols with these names (`plain_name`).

    Raises NotAFormula for any other text.
    """
    reader = _Reader(plain_name(text), sorted(names, key=len, reverse=True))
    node = reader.sum()
    if reader.rest():
        raise NotAFormula(f"{text}: {reader.rest()!r} is not understood")
    return node


class _Reader:
    """Reads a formula from left to right."""

    def __init__(self, text: str, names: Sequence[str]) -> None:
        self.text, self.names, self.at = text, names, 0
        self.open: list[str] = []

    def rest(self) -> str:
        while self.text[self.at : self.at + 1] in (" ", "\u2009"):
            self.at += 1
        return self.text[self.at :]

    def take(self, *wanted: str) -> str:
        """The first of the wanted texts that comes next, or nothing."""
        found = next((w for w in wanted if self.rest().startswith(w)), "")
        self.at += len(found)
        return found

    def sum(self) -> Node:
        terms = [self.negated(self.take("−", "-"))]
        while sign := self.take("+", "−", "-"):
            terms.append(self.negated("" if sign == "+" else sign))
        return terms[0] if len(terms) == 1 else Node("+", tuple(terms))

    def negated(self, sign: str) -> Node:
        term = self.product()
        return Node("-", (term,)) if sign else term

    def product(self) -> Node:
        factors = [self.power()]
        while True:
            if self.take("/", "÷"):
                factors = [Node("/", (self.joined(factors), self.power()))]
                if self.starts():  # a/2b may be meant in two ways
                    raise NotAFormula(f"{self.text}: {self.rest()!r} may belong below the stroke")
            elif self.take("⊙"):
                before = factors[-1].parts if factors[-1].kind == "⊙" else (factors[-1],)
                factors[-1:] = [Node("⊙", (*before, self.power()))]
            elif self.take("·", "×") or self.starts():
                factors.append(self.power())
            else:
                return self.joined(factors)

    def joined(self, factors: list[Node]) -> Node:
        return factors[0] if len(factors) == 1 else Node("·", tuple(factors))

    def starts(self) -> bool:
        """Whether another factor comes next, without a sign between."""
        rest = self.rest()
        if not rest or (self.open and rest.startswith(self.open[-1])):
            return False
        return rest[0] in "([|‖⌈⌊√" or rest[0].isalnum() or bool(self.name())

    def name(self) -> str:
        """The longest name that comes next."""
        for name in self.names:
            after = self.rest()[len(name) : len(name) + 1]
            if name and self.rest().startswith(name) and after not in ("_", "′", "″", "*"):
                return name
        return ""

    def power(self) -> Node:
        base = self.atom()
        while True:
            raised = self.raised()
            if raised == "T":
                base = Node("ᵀ", (base,))
            elif raised == "-T":
                base = Node("ᵀ", (Node("^", (base, Node("number", (fmpq(-1),)))),))
            elif raised:
                base = Node("^", (base, parsed(raised, self.names)))
            elif self.take("^"):
                base = Node("^", (base, self.exponent()))
            else:
                return base

    def raised(self) -> str:
        """What stands next above the line, brought down to it."""
        start = self.at
        while self.at < len(self.text) and _is_raised(self.text[self.at]):
            self.at += 1
        return unicodedata.normalize("NFKD", self.text[start : self.at]).replace("−", "-")

    def exponent(self) -> Node:
        if self.take("{"):
            return self.closed("{")
        sign = self.take("−", "-")
        atom = self.atom()
        return Node("-", (atom,)) if sign else atom

    def closed(self, bracket: str) -> Node:
        self.open.append(CLOSES[bracket])
        inside = self.sum()
        self.open.pop()
        if not self.take(CLOSES[bracket]):
            raise NotAFormula(f"{self.text}: {bracket} is not closed")
        return inside

    def atom(self) -> Node:
        name = self.name()
        if name[:1] in ("(", "|", "‖", "⌈", "["):
            self.at += len(name)
            return Node("symbol", (name,))
        if bracket := self.take("(", "⌈", "⌊", "|", "‖"):
            inside = self.closed(bracket)
            kind = self.take("_∞", "_2") if bracket == "‖" else ""
            return Node(bracket + kind, (inside,))
        if self.take("["):
            return self.blocks()
        if self.take("e^"):
            return Node("exp", (self.exponent(),))
        if self.take("√"):
            return Node("√", (self.power(),))
        function = self.take(*(known for known in FUNCTIONS if len(known) > len(name)))
        if function:
            return self.function(function)
        if name:
            self.at += len(name)
            return Node("symbol", (name,))
        return self.number()

    def blocks(self) -> Node:
        """A matrix of blocks, or the block of one that is named behind it."""
        self.open.append("]")
        rows = [[self.sum()]]
        while sign := self.take(",", ";"):
            if sign == ";":
                rows.append([])
            rows[-1].append(self.sum())
        self.open.pop()
        if not self.take("]"):
            raise NotAFormula(f"{self.text}: [ is not closed")
        if self.take("_cc"):
            return Node("[_cc", (rows[0][0],))
        return Node("[", tuple(map(tuple, rows)))

    def function(self, function: str) -> Node:
        if not self.take("("):
            return Node(function, (self.power(),))
        self.open.append(")")
        arguments = [self.sum()]
        while self.take(","):
            arguments.append(self.sum())
        self.open.pop()
        if not self.take(")"):
            raise NotAFormula(f"{self.text}: ( is not closed")
        return Node(function, tuple(arguments))

    def number(self) -> Node:
        if half := self.take(*HALVES):
            return Node("number", (HALVES[half],))
        digits = ""
        while (c := self.text[self.at : self.at + 1]) in tuple("0123456789."):
            digits, self.at = digits + c, self.at + 1
        if not digits.strip("."):
            raise NotAFormula(f"{self.text}: {self.rest()!r} is not understood")
        return Node("number", (rational(Fraction(digits)),))


def _is_raised(character: str) -> bool:
    name = unicodedata.name(character, "")
    return "SUPERSCRIPT" in name or "MODIFIER LETTER" in name
