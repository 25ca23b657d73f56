"""Derivations: numbered steps from named assumptions to a conclusion, each verified by sympy.

There are three kinds of step. An *identity* reduces both sides to one normal form. A *lemma* takes
one fact from the shelf in `theory.lemmas` and must be an exact instance of it. An *induction* has a
base and a step, each checked as an identity from relations already established; its step may rest
on its *hypothesis*, stated as such before. What a derivation may rewrite with, and what it assumes,
is listed in it by name.

Indices stand for all their values, in assumptions too: h_{t+1} = Wh_t is assumed for every t.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from theory.known import Known, Reference
from theory.normal_form import equal
from theory.printing import domains
from theory.relations import (
    Everywhere,
    Fact,
    Premise,
    Relation,
    at_most,
    equation,
    fixed,
    less,
    nonzero,
)
from theory.rewriting import Refused, require_in_range
from theory.rules import Rule
from theory.steps import (
    ByLemma,
    Hypothesis,
    Identity,
    Induction,
    Lemma,
    Step,
)
from theory.tex import tex_text
from theory.well_formed import Grants, ambiguous, refuse_objections

__all__ = [
    "ByLemma",
    "Derivation",
    "DerivationError",
    "Everywhere",
    "Fact",
    "Hypothesis",
    "Identity",
    "Induction",
    "Lemma",
    "Premise",
    "Relation",
    "Step",
    "at_most",
    "equation",
    "fixed",
    "less",
    "nonzero",
]

_STRENGTH = {"=": 0, "≤": 1, "<": 2}


class DerivationError(Exception):
    """A derivation that does not go through; names the derivation and the step."""


@dataclass(frozen=True, eq=False)
class Derivation:
    """Named assumptions, numbered steps, and the conclusion that they lead to.

    `parameters` are the symbols of the conclusion's right side, in the order in which its
    callable form takes them.
    """

    name: str
    assumptions: Mapping[str, Relation | Rule | Fact]
    steps: tuple[Step, ...]
    conclusion: Relation
    parameters: tuple[Any, ...] = ()

    def verify(self) -> int:
        """Verify every step and that they lead to the conclusion; return how many steps there are.

        Raises DerivationError naming the derivation and the first step that is refused.
        """
        self.concludes(self.established())
        return len(self.steps)

    def established(self) -> list[Relation]:
        """The relation of every step, each verified, with the hypotheses that it rests on.

        Raises DerivationError naming the derivation and the first step that is refused.
        """
        self._refuse_unless_meant(self.assumptions, self.assumptions.values())
        facts: dict[Reference, Any] = {}
        facts.update(self.assumptions)
        grounds: dict[Reference, frozenset[Reference]] = {
            name: frozenset({name}) for name in self.assumptions
        }
        for number, step in enumerate(self.steps, 1):
            try:
                refuse_objections(step.relation, Grants(facts.values()))
                step.verify(Known(facts, grounds))
            except (Refused, ValueError) as refusal:
                raise DerivationError(
                    f"derivation {self.name}, step {number} ({step.kind}), {step.relation}: "
                    f"refused, {refusal}"
                ) from None
            grounds[number] = self._grounds(number, step, grounds)
            hypotheses = sorted(g for g in grounds[number] if isinstance(g, int))
            supposed = tuple(self.steps[h - 1].relation for h in hypotheses)
            facts[number] = replace(step.relation, supposing=supposed)
        return [facts[number] for number in range(1, len(self.steps) + 1)]

    def concludes(self, established: Sequence[Relation]) -> None:
        """Verify that what the steps have established, the last of them first, is the conclusion.

        Raises DerivationError if it is not.
        """
        known = (*self.assumptions.values(), *established)
        self._refuse_unless_meant({"the conclusion": self.conclusion}, known)
        if not self._is_reached(established):
            raise DerivationError(
                f"derivation {self.name}: its steps do not lead to its conclusion "
                f"{self.conclusion}; the last step, or the chain of steps that ends in it, must, "
                "and suppose nothing"
            )

    def _grounds(
        self, number: int, step: Step, grounds: Mapping[Reference, frozenset[Reference]]
    ) -> frozenset[Reference]:
        """What a step rests on: assumptions, by name, and hypotheses, by number."""
        if isinstance(step, Hypothesis):
            return frozenset({number})
        all_of_them = frozenset().union(*(grounds[reference] for reference in step.cited()))
        if not isinstance(step, Induction):
            return all_of_them
        return frozenset(
            ground
            for ground in all_of_them
            if isinstance(ground, str) or not step.discharges(self.steps[ground - 1].relation)
        )

    def _refuse_unless_meant(self, stated: Mapping[str, Any], known: Iterable[Any]) -> None:
        """Refuse relations that mean nothing, and names that mean two things."""
        grants = Grants(known)
        for name, relation in stated.items():
            try:
                if isinstance(relation, Relation):
                    refuse_objections(relation, grants)
            except Refused as refusal:
                where = f"derivation {self.name}, {name}"
                raise DerivationError(f"{where}: refused, {refusal}") from None
        for name in ambiguous(side for relation in self._relations() for side in relation.sides):
            raise DerivationError(f"derivation {self.name}: {name} names two different things")

    def _relations(self) -> list[Relation]:
        """All that is stated: the assumptions, the steps and the conclusion."""
        assumed = [a for a in self.assumptions.values() if isinstance(a, Relation)]
        return [*assumed, *(step.relation for step in self.steps), self.conclusion]

    def _is_reached(self, established: Sequence[Relation]) -> bool:
        """Whether the last step, chained with those before it where sides meet, concludes."""
        where = self.conclusion.where
        reached: Relation | None = None
        for earlier in reversed(established):
            try:
                require_in_range(earlier, where)
            except Refused:
                return False
            if earlier.supposing:
                return False
            if reached is not None:
                if not equal(earlier.right, reached.left, where=where):
                    return False
                sign = max(earlier.sign, reached.sign, key=_STRENGTH.__getitem__)
                reached = Relation(earlier.left, sign, reached.right)
            else:
                reached = earlier
            if reached.same(self.conclusion, where=where):
                return True
        return False

    def without(self, assumption: str) -> Derivation:
        """The same steps with one assumption taken away; verifying it should now be refused."""
        if assumption not in self.assumptions:
            raise KeyError(f"derivation {self.name} has no assumption {assumption!r}")
        rest = {name: fact for name, fact in self.assumptions.items() if name != assumption}
        return Derivation(self.name, rest, self.steps, self.conclusion, self.parameters)

    def lines(self, show: Callable[[Relation], str] = str) -> list[str]:
        """The numbered steps, one line each: the relation, its kind and why it holds."""
        return [
            f"{number}. {show(step.relation)}    [{step.kind}: {step.why}]"
            for number, step in enumerate(self.steps, 1)
        ]

    def given(self) -> list[str]:
        """The names of the assumptions, and what the symbols range over."""
        return [*self.assumptions, *domains(self._symbols())]

    def text(self) -> str:
        """Assumptions, steps and conclusion as plain text."""
        lines = ["Given", *(f"   {line}" for line in self.given()), "Steps"]
        lines += [f"   {line}" for line in self.lines()]
        return "\n".join([*lines, f"⇒  {self.conclusion}"])

    def _symbols(self) -> set[Any]:
        """The free symbols of the assumptions and the conclusion."""
        stated = [a for a in self.assumptions.values() if isinstance(a, Relation)]
        sides = [side for relation in (*stated, self.conclusion) for side in relation.sides]
        return {symbol for side in sides for symbol in side.free_symbols}

    def latex(self) -> str:
        """The steps and the conclusion as a LaTeX align* environment."""
        rows = [
            rf"& {step.relation.latex()} && {tex_text(f'{step.kind}: {step.why}')}"
            for step in self.steps
        ]
        rows.append(rf"\Rightarrow\; & {self.conclusion.latex()}")
        return "\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}"

    def _repr_latex_(self) -> str:
        """The steps and the conclusion, in a notebook."""
        return self.latex()
