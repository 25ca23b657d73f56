"""A counterexample: the case, both sides, and how to show them in text, in LaTeX and in Jupyter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from html import escape
from itertools import chain
from typing import Any

from properties.checking.blackboard import apart, indented, typeset, written
from properties.checking.cases import Case
from properties.checking.comparison import EQUAL, Workings
from properties.checking.sides import Board, names_of_sides
from properties.checking.working import GAP, Working
from theory.tex import tex_formula, tex_prose, tex_text

COUNTLESS = 1e6
"""From this many times the bound on, how many it is exactly tells nobody anything."""

WORDS = re.compile(r"[a-z]{4,}")

QUAD = r"\quad "
"""Before what goes on from the row above."""

MOST_STEPS, MANY_STEPS = 9, 30
"""Of a longer working the first and the last lines of each kind are shown; of a long one fewer."""


@dataclass(frozen=True)
class Counterexample:
    """A case that a claim, a misreading or a claim less one assumption fails on.

    `workings` says how each side is worked out, where the check gave that; otherwise the names of
    the sides are read as formulas of the case. They are in `what`, or in the `statement` refuted.
    """

    case: Any
    what: str
    left: Any
    right: Any
    error: float | None
    bound: float | None
    violation: float
    needed: str = EQUAL
    workings: Workings = (None, None)
    statement: str = ""

    def steps(self, side: int) -> list[Working]:
        """The working of the left side, 0, or of the right, 1, cut where it is long."""
        return _cut(self._worked_out[side])

    def value(self, side: int) -> Any:
        """What a side is; for one that is called a norm, that of the matrix that was given."""
        lines = self._worked_out[side]
        if lines and lines[-1].formula.startswith("‖"):
            return lines[-1].value
        return (self.left, self.right)[side]

    def name(self, side: int) -> str:
        """What the left side, 0, or the right, 1, is called; empty where nothing names it."""
        lines = [step for step in self._worked_out[side] if _is(step.value, self.value(side))]
        if not lines:
            return ""
        said = lines[-1].formula
        return said if isinstance(lines[-1].value, bool) else said.partition(" = ")[0].rstrip(",")

    def sequences(self) -> dict[str, dict[int, Any]]:
        """What the workings have of quantities with a number, h_1, h_2 …, by name and number."""
        found: dict[str, dict[int, Any]] = {}
        for line in (line for lines in self._worked_out for line in lines):
            numbered = re.fullmatch(r"(\S+?)_(\d+)", line.formula.partition(" = ")[0])
            if numbered:
                found.setdefault(numbered[1], {})[int(numbered[2])] = line.value
        return found

    def given(self, side: int) -> list[Working]:
        """The lines of the working that the check gave that are formulas, for who typesets them."""
        worked = self.workings[side]
        lines = _cut(list(worked.steps())) if worked is not None else []
        return [line for line in lines if not (line.is_gap or WORDS.search(line.formula))]

    @cached_property
    def _worked_out(self) -> tuple[list[Working], list[Working]]:
        board, digits = Board(self.case), apart(self.left, self.right)
        names = names_of_sides(self.what, self.statement)
        left, right = (
            list(worked.steps())
            if worked is not None
            else board.side(name, value, digits, "" in names)
            for worked, name, value in zip(
                self.workings,
                board.in_order(names, self.left, self.right),
                (self.left, self.right),
                strict=True,
            )
        )
        return left, right

    def lines(self) -> list[str]:
        """The case written out, both sides worked out, and by how much they differ."""
        written_out = self.case.written_out() if isinstance(self.case, Case) else repr(self.case)
        lines = [written_out, ""]
        if self.what:
            lines.append(f"{self.what}:")
        if self.left is not None:
            digits = apart(self.left, self.right)
            for name, value, side in (("left", self.left, 0), ("right", self.right, 1)):
                steps = [step.text() for step in self.steps(side)] or [written(value, digits)]
                lines += [f"{name} side", *map(indented, steps)]
        return [*lines, self.compared()]

    def compared(self) -> str:
        """How the sides were compared, and by how much they differ."""
        if self.bound is None:
            return f"the comparison is exact: {self.needed}"
        times = f": {self.violation:.3g} times the bound" if self.violation < COUNTLESS else ""
        return f"error {self.error:.3g}, bound {self.bound:.3g}{times}"

    def latex(self) -> str:
        """The case, and both sides worked out, as LaTeX for slides; it needs amsmath."""
        quantities = self.case.quantities() if isinstance(self.case, Case) else {}
        given = [f"{tex_formula(name)} &= {typeset(value)}" for name, value in quantities.items()]
        rows = [*given] if given else [rf"& {tex_text(repr(self.case))}"]
        blocks = [_aligned(rows)]
        if self.what:
            blocks.append(rf"\noindent {tex_prose(self.what)}:")
        if self.left is not None:
            digits = apart(self.left, self.right)
            sides = []
            for name, value, side in (("left", self.left, 0), ("right", self.right, 1)):
                worked = [step.latex_rows() for step in self.steps(side)]
                first, *others = chain(*worked) if worked else [typeset(value, digits)]
                sides.append(rf"& \text{{{name} side:}} && {first}")
                sides += [
                    rf"& && {QUAD}{row}" if row.startswith(("=", r"\approx")) else f"& && {row}"
                    for row in others
                ]
            blocks.append(_aligned(sides))
        return "\n".join([*blocks, rf"\noindent {tex_prose(self.compared())}"])

    def _repr_html_(self) -> str:
        return f"<pre>{escape(chr(10).join(self.lines()))}</pre>"

    def _repr_latex_(self) -> str:
        return self.latex()


def _is(value: Any, side: Any) -> bool:
    """Whether a line ends with what a side is; arrays are compared as they are written."""
    return value is side or written(value) == written(side)


def _cut(steps: list[Working]) -> list[Working]:
    """All lines; or of many, the first ones and the last of each quantity that has a number."""
    if len(steps) <= MOST_STEPS:
        return steps
    kinds = [re.split(r"[_₀-₉0-9]", step.formula.partition(" =")[0])[0] for step in steps]
    kept: list[Working] = []
    for place, (kind, step) in enumerate(zip(kinds, steps, strict=True)):
        before, after = kinds[:place].count(kind), kinds[place + 1 :].count(kind)
        if before < (2 if len(steps) <= MANY_STEPS else 1) or after == 0:
            kept.append(step)
        elif not kept[-1].is_gap:
            kept.append(Working(GAP, None))
    return kept


def _aligned(rows: list[str]) -> str:
    return "\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}"
