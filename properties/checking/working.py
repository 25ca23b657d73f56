"""Sides of an exact comparison that say how they are worked out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from flint import fmpq, fmpq_mat, fmpz
from sympy import Mul
from sympy.matrices.expressions import MatMul

from properties.checking.algebras import EXACT
from properties.checking.blackboard import beside, column, cut, typeset, written
from theory.derivation import Derivation
from theory.formula import callable_form, formula
from theory.printing import plain
from theory.tex import tex_formula


@dataclass(frozen=True)
class Working:
    """One line of a working: formula = factor · factor · … = value."""

    formula: str
    factors: tuple[Any, ...]
    value: Any

    def text(self) -> str:
        end = written(self.value)
        if _are_numbers(self.factors):
            product = " · ".join(self._numbers(written, "…"))
            return beside(
                f"{self.formula} =", end if product in ("", end) else f"{product} = {end}"
            )
        if len(self.factors) == 1:
            return beside(f"{self.formula} =", end)
        return beside(f"{self.formula} =", *map(column, self.factors), "=", column(self.value))

    def latex(self) -> str:
        numbers, end = _are_numbers(self.factors), typeset(self.value)
        product = (r" \cdot " if numbers else " ").join(self._numbers(typeset, r"\dots"))
        shown = [tex_formula(self.formula), *([] if product in ("", end) else [product]), end]
        return " = ".join(shown)

    def _numbers(self, write: Callable[[Any], str], gap: str) -> list[str]:
        """The factors; a negative number that does not come first goes in brackets."""
        shown = [write(factor) for factor in self.factors]
        later = [f"({each})" if each.startswith("-") else each for each in shown[1:]]
        return cut([*shown[:1], *later], gap)


@dataclass(frozen=True)
class Worked:
    """A side of an exact comparison with its working, which is only made when it is shown."""

    value: Any
    steps: Callable[[], Sequence[Working]]


def worked_product(written_as: str, *factors: Any) -> Worked:
    """The product of the factors, from the right, so that a column comes first."""
    value = reduce(lambda right, left: left * right, reversed(factors))
    return Worked(value, lambda: [Working(written_as, factors, value)])


def worked_formula(derivation: Derivation, *values: Any) -> Worked:
    """The right side of a derivation's conclusion, with what its factors are for these values."""
    value = formula(derivation, EXACT)(*values)

    def steps() -> list[Working]:
        side = derivation.conclusion.right
        factors = side.args if isinstance(side, MatMul | Mul) else (side,)
        parts = [callable_form(derivation.parameters, f, EXACT)(*values) for f in factors]
        return [Working(plain(side), tuple(parts), value)]

    return Worked(value, steps)


def _are_numbers(factors: Sequence[Any]) -> bool:
    return all(isinstance(each, int | fmpq | fmpz) or _is_one_entry(each) for each in factors)


def _is_one_entry(value: Any) -> bool:
    return isinstance(value, fmpq_mat) and value.nrows() == value.ncols() == 1
