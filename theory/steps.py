"""The three kinds of step that a derivation is made of, and what each has to pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sympy import Dummy, Poly, PolynomialError, Symbol, expand, sympify

from theory.known import Known, Reference, is_limited
from theory.normal_form import equal
from theory.printing import plain
from theory.ranges import Range, bound_ranges, implied, nonnegative
from theory.relations import Everywhere, Fact, Premise, Relation
from theory.rewriting import Refused, replaced, require_in_range, rewritten
from theory.rules import Rule
from theory.well_formed import is_like


@dataclass(frozen=True)
class Lemma:
    """A fact that sympy cannot decide: from the premises, the conclusion.

    `pattern` builds both from the objects that it is applied to. A premise may hold in ranges of
    its own: those are of indices that the lemma speaks of all at once.
    """

    name: str
    statement: str
    pattern: Callable[..., tuple[tuple[Premise, ...], Relation]] = field(repr=False)

    def instance(self, *objects: Any) -> tuple[tuple[Premise, ...], Relation]:
        return self.pattern(*(sympify(o) for o in objects))


@dataclass(frozen=True)
class Step:
    """A relation and why it holds; `given` lists what it rests on."""

    relation: Relation
    why: str
    rules: tuple[Rule, ...] = field(default=(), kw_only=True)
    given: tuple[Reference, ...] = field(default=(), kw_only=True)

    kind = "step"

    def cited(self) -> tuple[Reference, ...]:
        """The assumptions and earlier steps that it names."""
        return self.given

    def verify(self, known: Known) -> None:
        """Raise Refused, saying why, unless the relation follows from what is known."""
        raise NotImplementedError


@dataclass(frozen=True)
class Hypothesis(Step):
    """What an induction supposes at t, to show it at t + 1: that induction alone discharges it.

    Its indices are no longer any ones, so nothing that rests on it is used under a sum over them.
    """

    kind = "hypothesis"

    def verify(self, known: Known) -> None:
        if self.given or self.rules:
            raise Refused("a hypothesis rests on nothing")


@dataclass(frozen=True)
class Identity(Step):
    """Both sides reduce to one normal form, after rewriting with the equations given."""

    kind = "identity"

    def verify(self, known: Known) -> None:
        if self.relation.sign != "=":
            raise Refused("an identity is an equation; take an inequality from a lemma")
        known.allow(self.rules)
        where = self.relation.where
        facts = [known.relation(reference) for reference in self.given]
        left, right = (rewritten(side, facts, where) for side in self.relation.sides)
        if not equal(left, right, self.rules, where):
            raise Refused("its two sides do not reduce to one normal form")


@dataclass(frozen=True)
class ByLemma(Step):
    """An instance of a lemma; its premises are among what is given, or plain to see.

    Plain to see is 0 ≤ x for an x whose symbols' assumptions, with the ranges, make it so, and
    0 < x for one that they alone make positive.
    """

    lemma: Lemma
    of: tuple[Any, ...]

    kind = "lemma"

    def verify(self, known: Known) -> None:
        known.allow(self.rules)
        try:
            premises, conclusion = self.lemma.instance(*self.of)
        except (ValueError, TypeError, AttributeError) as mismatch:
            raise Refused(f"the lemma {self.lemma.name} does not match: {mismatch}") from None
        where = self.relation.where
        if not self.relation.same(conclusion, self.rules, where):
            raise Refused(
                f"it is not an instance of the lemma {self.lemma.name}, which gives {conclusion}"
            )
        for premise in premises:
            if not self._is_met(premise, known):
                raise Refused(f"the lemma {self.lemma.name} needs {premise}, which is not given")

    def _is_met(self, premise: Premise, known: Known) -> bool:
        facts = [(reference, known.premise(reference)) for reference in self.given]
        if isinstance(premise, Fact):
            return any(premise.follows_from(fact) for _, fact in facts)
        relation = premise.relation if isinstance(premise, Everywhere) else premise
        where = (*self.relation.where, *relation.where)
        for reference, fact in facts:
            if isinstance(premise, Everywhere) and is_limited(fact, premise.variable):
                continue
            if isinstance(fact, Relation) and fact.grants(relation, self.rules, where):
                require_in_range(fact, where)
                if isinstance(premise, Everywhere):
                    self._refuse_special(premise, known.about(premise.variable, reference))
                return True
        difference = relation.right - relation.left
        if relation.sign == "<":
            return expand(difference).is_positive is True
        return relation.sign == "≤" and nonnegative(difference, where)

    def _refuse_special(self, premise: Everywhere, grounds: list[Reference]) -> None:
        if grounds:
            raise Refused(
                f"the lemma {self.lemma.name} needs {premise}, and what is given rests on "
                f"{grounds[0]!r}"
            )


@dataclass(frozen=True)
class Induction(Step):
    """left(t) ≷ right(t) for all t ≥ start, from a base and a recurrence already established.

    `base` cites left(start) ≷ …, and `step` cites left(t + 1) ≷ F(left(t)), which may rest on the
    hypothesis left(t) ≷ right(t). Verified are right(start) = base and F(right(t)) = right(t + 1);
    for an inequality, that F is monotone.
    """

    variable: Symbol
    start: Any
    base: Reference
    step: Reference

    kind = "induction"

    def cited(self) -> tuple[Reference, ...]:
        return (*self.given, self.base, self.step)

    def verify(self, known: Known) -> None:
        known.allow(self.rules)
        t, start = self.variable, sympify(self.start)
        base, step = known.relation(self.base), known.relation(self.step)
        facts = [known.relation(reference) for reference in self.given]
        self._refuse_signs(base, step)
        self._refuse_hypotheses((base, *facts), step)
        others = self._other_ranges(t, start)
        require_in_range(base, others)
        self._refuse_base(base, rewritten(base.right, facts, others), others)
        where = (*others, Range(t, start))
        require_in_range(step, where)
        self._refuse_step(step, rewritten(step.right, facts, where), where)

    def _refuse_signs(self, base: Relation, step: Relation) -> None:
        """From ≤ alone no < follows, and no = from either."""
        proves = {"=": "=", "≤": "=≤<", "<": "<"}[self.relation.sign]
        for part, what in ((base, "base"), (step, "step")):
            if part.sign not in proves:
                raise Refused(f"its {what} is {part}, and it claims {self.relation.sign}")

    def _refuse_hypotheses(self, others: Sequence[Relation], step: Relation) -> None:
        """Only the step may suppose anything, and that what is to be shown, at t."""
        supposed = [hypothesis for fact in others for hypothesis in fact.supposing]
        supposed += [h for h in step.supposing if not self.discharges(h)]
        if supposed:
            raise Refused(f"what it cites supposes {supposed[0]}")

    def discharges(self, hypothesis: Relation) -> bool:
        mine = self.relation
        return mine.same(hypothesis) and set(mine.where) == set(hypothesis.where)

    def _other_ranges(self, t: Symbol, start: Any) -> tuple[Range, ...]:
        """The ranges of the other indices, once t is seen to run through start, start + 1, …"""
        if not t.is_integer or not all(is_like(t, value) for value in (start, t + 1)):
            raise Refused(
                f"{plain(t)} has to run through the integers from {plain(start)} on, and its "
                "assumptions do not say so"
            )
        where = self.relation.where
        if not implied(Range(t, start), where):
            raise Refused(f"it holds for {Range(t, start)} alone, and does not say so")
        others = tuple(r for r in where if r.variable != t)
        if any(t in r.symbols for r in others):
            raise Refused(f"the range of another index depends on {plain(t)}")
        bound = {b.variable for side in self.relation.sides for b in bound_ranges(side)}
        if bound & ({t} | start.free_symbols):
            raise Refused(f"a sum or a product runs over {plain(t)} or what it starts from")
        return others

    def _refuse_base(self, base: Relation, value: Any, where: tuple[Range, ...]) -> None:
        left, right = (s.subs(self.variable, self.start) for s in self.relation.sides)
        if not equal(base.left, left, self.rules, where):
            raise Refused(f"its base is about {plain(base.left)}, not {plain(left)}")
        if not equal(value, right, self.rules, where):
            raise Refused(f"its base does not hold: {plain(value)} ≠ {plain(right)}")

    def _refuse_step(self, step: Relation, value: Any, where: tuple[Range, ...]) -> None:
        left, right = self.relation.sides
        next_left, next_right = (s.subs(self.variable, self.variable + 1) for s in (left, right))
        if not equal(step.left, next_left, self.rules, where):
            raise Refused(f"its step is about {plain(step.left)}, not {plain(next_left)}")
        if self.relation.sign != "=":
            _refuse_unless_monotone(value, left)
        reached = replaced(value, left, right)
        if not equal(reached, next_right, self.rules, where):
            raise Refused(f"its step does not hold: {plain(reached)} ≠ {plain(next_right)}")


def _refuse_unless_monotone(value: Any, left: Any) -> None:
    """F is: a polynomial in left with coefficients ≥ 0, where left ≥ 0 or F is affine."""
    x = Dummy("x")
    try:
        polynomial = Poly(replaced(value, left, x), x)
    except PolynomialError:
        polynomial = None
    rising = polynomial is not None and all(
        coefficient.is_nonnegative for (power,), coefficient in polynomial.terms() if power
    )
    if not rising or not (left.is_nonnegative or polynomial.degree() <= 1):
        raise Refused(
            f"its step {plain(value)} is not seen to be monotone in {plain(left)}: a polynomial "
            "is, with coefficients ≥ 0, if what it is in is ≥ 0 or enters to the first power"
        )
