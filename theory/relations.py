"""What a derivation speaks of: relations between expressions, where they hold, and facts.

Integer symbols are indices: a relation holds for every value of them that their sympy assumptions
allow (t with integer=True, nonnegative=True is any of 0, 1, 2, …), and the ranges listed with it.
All other symbols and the matrices are constants: any ones, but the same throughout a derivation.
Scalars are real numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Symbol, sympify
from sympy.matrices.expressions.matexpr import MatrixExpr

from theory.normal_form import equal
from theory.printing import plain
from theory.ranges import Range
from theory.rules import Rule
from theory.tex import tex

SIGNS = {"=": "=", "≤": r"\le", "<": "<"}


@dataclass(frozen=True)
class Relation:
    """left = right, left ≤ right or left < right, between scalars or (for =) matrices.

    Raises ValueError for sides of different kinds or shapes, and for inequalities of matrices.
    """

    left: Any
    sign: str
    right: Any
    where: tuple[Range, ...] = ()
    supposing: tuple[Relation, ...] = ()
    """The hypotheses of inductions that it rests on, noted by the derivation."""

    def __post_init__(self) -> None:
        if self.sign not in SIGNS:
            raise ValueError(f"sign: {self.sign!r} is none of {', '.join(SIGNS)}")
        for name in ("left", "right"):
            object.__setattr__(self, name, sympify(getattr(self, name)))
        left, right = _kind("left", self.left), _kind("right", self.right)
        if left != right:
            raise ValueError(f"left and right: {self} relates a {left} and a {right}")
        if self.sign != "=" and left != "scalar":
            raise ValueError(f"sign: {self} orders matrices; take their norms or their entries")

    @property
    def sides(self) -> tuple[Any, Any]:
        return self.left, self.right

    def same(self, other: Premise, rules: Sequence[Rule] = (), where: Sequence[Range] = ()) -> bool:
        """Whether both have one sign and, side by side, one normal form."""
        return (
            isinstance(other, Relation)
            and self.sign == other.sign
            and equal(self.left, other.left, rules, where)
            and equal(self.right, other.right, rules, where)
        )

    def grants(
        self, premise: Relation, rules: Sequence[Rule] = (), where: Sequence[Range] = ()
    ) -> bool:
        """Whether this is the premise or says more: a = b, b = a and a < b all grant a ≤ b."""
        if premise.sign == "≤":
            premise = Relation(premise.left, self.sign, premise.right)
        if self.same(premise, rules, where):
            return True
        return self.sign == "=" and Relation(self.right, "=", self.left).same(premise, rules, where)

    def __str__(self) -> str:
        stated = f"{plain(self.left)} {self.sign} {plain(self.right)}"
        return f"{stated} for {', '.join(map(str, self.where))}" if self.where else stated

    def latex(self) -> str:
        stated = f"{tex(self.left)} {SIGNS[self.sign]} {tex(self.right)}"
        ranges = ",\\; ".join(r.latex() for r in self.where)
        return rf"{stated} \quad ({ranges})" if ranges else stated


def _kind(name: str, side: Any) -> str:
    if isinstance(side, MatrixExpr):
        return f"{plain(side.shape[0])} × {plain(side.shape[1])} matrix"
    if isinstance(side, Expr):
        return "scalar"
    raise ValueError(f"{name}: {side!r} is neither a scalar nor a matrix expression")


def equation(left: Any, right: Any, *where: Range) -> Relation:
    return Relation(left, "=", right, where)


def at_most(left: Any, right: Any, *where: Range) -> Relation:
    return Relation(left, "≤", right, where)


def less(left: Any, right: Any, *where: Range) -> Relation:
    return Relation(left, "<", right, where)


@dataclass(frozen=True)
class Fact:
    """A property of some objects that is no relation, such as the independence of weights.

    What is said of each object in a list serves where fewer of them are needed.
    """

    name: str
    subjects: tuple[Any, ...] = ()
    each: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "subjects", tuple(sympify(s) for s in self.subjects))

    def follows_from(self, other: Premise) -> bool:
        if not (isinstance(other, Fact) and self.each and other.each):
            return self == other
        return self.name == other.name and set(self.subjects) <= set(other.subjects)

    def __str__(self) -> str:
        return f"{', '.join(plain(s) for s in self.subjects)} {self.name}"


@dataclass(frozen=True)
class Everywhere:
    """What a lemma needs for every value of a symbol, although that is a constant elsewhere.

    It is met by a relation that rests on no assumption about the symbol. Raises ValueError where
    the variable is no symbol, such as a number: that has one value alone.
    """

    relation: Relation
    variable: Any

    def __post_init__(self) -> None:
        if not isinstance(self.variable, Symbol):
            raise ValueError(f"variable: {plain(self.variable)} has to be a symbol")

    def __str__(self) -> str:
        return f"{self.relation} for every {plain(self.variable)}"


Premise = Relation | Fact | Everywhere


def nonzero(*scalars: Any) -> Fact:
    """The fact that none of these scalars is zero, so that they may be divided by."""
    return Fact("nonzero", scalars, each=True)


def fixed(*objects: Any) -> Fact:
    """The fact that these weights, inputs or constants depend neither on the states nor on chance.

    They stay as they are while something is differentiated or averaged.
    """
    return Fact("fixed", objects, each=True)
