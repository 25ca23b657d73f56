"""Sides of an exact comparison that say how they are worked out."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from flint import arb, fmpq, fmpq_mat, fmpz
from sympy import Mul
from sympy.matrices.expressions import MatMul

from properties.checking.algebras import EXACT
from properties.checking.blackboard import (
    DIGITS,
    SUBSCRIPTS,
    Stage,
    beside,
    column,
    cut,
    typeset,
    written,
)
from theory.derivation import Derivation
from theory.formula import callable_form, formula
from theory.printing import plain
from theory.tex import tex_formula, tex_text

LONG_INDEX = re.compile(r"_(\d{2,}|cc)(?![\d}])")

GAP = "⋮"

INDEX = re.compile(r"_(\d+)")

PHRASE = re.compile(r"[a-z]{2,}:? [a-z]{2,}")
"""Words one after the other: they are no formula."""

GLANCED = 8
"""A fraction with more digits is followed by its decimals."""

LONGEST_MARGIN = 30
"""Behind a longer formula the stages begin on lines of their own."""

WIDEST = 92
"""A line of a working with more characters is broken at its signs of equality."""


@dataclass(frozen=True)
class Working:
    """One line of a working: formula = factor · factor · … = value.

    `between` has stages that are no product: a formula with its values put in.
    """

    formula: str
    value: Any
    between: tuple[Stage, ...] = ()
    digits: int = DIGITS
    factors: tuple[Any, ...] = ()

    @property
    def is_gap(self) -> bool:
        """Whether it stands for lines that are left out."""
        return self.formula == GAP

    def text(self) -> str:
        """The line; where it would be long, the stages stand one below the other."""
        if self.is_gap:
            return self.formula
        formula = INDEX.sub(lambda index: index[1].translate(SUBSCRIPTS), self.formula)
        if isinstance(self.value, bool):
            return f"{formula}: {self.value}"
        ends = self._ends()
        if ends[-1] == formula:
            return formula
        signs = ["≈" if end.startswith("≈ ") else "=" for end in ends]
        ends = [end.removeprefix("≈ ") for end in ends]
        signed = [piece for sign, end in zip(signs, ends, strict=True) for piece in (sign, end)]
        line = beside(f"{formula} {signed[0]}", *signed[1:])
        if not self._is_wide(line):
            return line
        if len(formula) > LONGEST_MARGIN:
            below = [beside(f"    {sign}", end) for sign, end in zip(signs, ends, strict=True)]
            return "\n".join([formula, *below])
        first, *others = zip(signs, ends, strict=True)
        margin = " " * len(formula)
        below = [beside(f"{margin} {sign}", end) for sign, end in others]
        return "\n".join([beside(f"{formula} {first[0]}", first[1]), *below])

    def latex(self) -> str:
        """The line in LaTeX, for math mode."""
        return " ".join(self.latex_rows())

    def latex_rows(self) -> list[str]:
        """The same cut at its signs where it would be long; what follows begins with its sign."""
        said, phrase = LONG_INDEX.sub(r"_{\1}", self.formula), PHRASE.search(self.formula)
        formula = tex_text(said) if phrase else tex_formula(said)
        if self.is_gap:
            return [r"\vdots"]
        if isinstance(self.value, bool):
            return [rf"{formula} \text{{: {self.value}}}"]
        stages = [stage.latex for stage in self.stages()]
        ends = [*stages, typeset(self.value, self.digits), *self._decimals(r"\approx ", typeset)]
        if ends == [formula] or self._ends()[-1] == self.formula:
            return [formula]
        first, *others = (end if end.startswith(r"\approx") else f"= {end}" for end in ends)
        wide = self._is_wide(beside(self.formula, *self._ends()))
        return [f"{formula} {first}", *others] if wide else [" ".join([formula, first, *others])]

    def _ends(self) -> list[str]:
        """What stands behind the signs of equality, in text."""
        stages = [stage.text for stage in self.stages()]
        write = column if any("\n" in stage for stage in stages) else written
        value = write(self.value, self.digits)
        return [*stages, value, *self._decimals("≈ ", written)]

    def _is_wide(self, line: str) -> bool:
        return bool(self.stages()) and max(map(len, line.split("\n"))) > WIDEST

    def _decimals(self, sign: str, write: Callable[[Any], str]) -> list[str]:
        """A fraction that nobody sees at a glance in decimals as well."""
        long = isinstance(self.value, fmpq) and len(written(self.value)) > GLANCED
        exact = not written(self.value).startswith("≈ ")
        return [sign + write(float(arb(self.value)))] if long and exact else []

    def stages(self) -> list[Stage]:
        """What stands between the formula and the value."""
        product = [self._product()] if self.factors else []
        ends = ("", written(self.value, self.digits), column(self.value, self.digits))
        stages = [stage for stage in (*product, *self.between) if stage.text not in ends]
        return list(dict.fromkeys(stages))

    def _product(self) -> Stage:
        """The factors side by side; numbers with a dot between them."""
        if _are_numbers(self.factors):
            texts, latex = self._numbers(written, "…"), self._numbers(typeset, r"\dots")
            return Stage(" · ".join(texts), r" \cdot ".join(latex))
        return Stage(beside(*map(column, self.factors)), " ".join(map(typeset, self.factors)))

    def _numbers(self, write: Callable[[Any], str], gap: str) -> list[str]:
        """The factors; a negative number that does not come first goes in brackets."""
        return cut(_in_brackets(map(write, self.factors), also_first=False), gap)


@dataclass(frozen=True)
class Worked:
    """A side of an exact comparison with its working, which is only made when it is shown."""

    value: Any
    steps: Callable[[], Sequence[Working]]


def worked_product(written_as: str, *factors: Any) -> Worked:
    """The product of the factors, from the right, so that a column comes first."""
    value = reduce(lambda right, left: left * right, reversed(factors))
    return Worked(value, lambda: [Working(written_as, value, factors=factors)])


def worked_sum(written_as: str, *terms: Sequence[Any]) -> Worked:
    """The sum of the products of numbers that are given."""
    value = sum((reduce(operator.mul, term) for term in terms), fmpq(0))

    def steps() -> list[Working]:
        texts, latex = (
            cut(
                [sign.join(_in_brackets(map(write, term), k > 0)) for k, term in enumerate(terms)],
                gap,
            )
            for write, sign, gap in ((written, " · ", "…"), (typeset, r" \cdot ", r"\dots"))
        )
        return [Working(written_as, value, (Stage(" + ".join(texts), " + ".join(latex)),))]

    return Worked(value, steps)


def _in_brackets(factors: Iterable[str], also_first: bool) -> list[str]:
    """Factors, the negative ones in brackets unless nothing stands before them."""
    return [
        f"({each})" if each.startswith("-") and (k or also_first) else each
        for k, each in enumerate(factors)
    ]


def worked_formula(derivation: Derivation, *values: Any) -> Worked:
    """The right side of a derivation's conclusion, with what its factors are for these values."""
    value = formula(derivation, EXACT)(*values)

    def steps() -> list[Working]:
        side = derivation.conclusion.right
        factors = side.args if isinstance(side, MatMul | Mul) else (side,)
        parts = [callable_form(derivation.parameters, f, EXACT)(*values) for f in factors]
        return [Working(plain(side), value, factors=tuple(parts))]

    return Worked(value, steps)


def _are_numbers(factors: Sequence[Any]) -> bool:
    return all(isinstance(each, int | fmpq | fmpz | arb) or _is_one_entry(each) for each in factors)


def _is_one_entry(value: Any) -> bool:
    return isinstance(value, fmpq_mat) and value.nrows() == value.ncols() == 1
