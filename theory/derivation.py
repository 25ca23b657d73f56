"""Derivations: numbered steps from named assumptions to a conclusion, each verified by sympy.

There are three kinds of step. An *identity* reduces both sides to one normal form. A *lemma* takes
one fact from the shelf in `theory.lemmas` and must be an exact instance of it. An *induction* has a
base and a step, each checked as an identity from relations already established; its step may rest
on its *hypothesis*, stated as such before. What a derivation may rewrite with, and what it assumes,
is listed in it by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sympy import Dummy, Expr, Symbol, diff, latex, sympify

from theory.normal_form import Rule, equal, scalar_normal_form

_STRENGTH = {"=": 0, "≤": 1, "<": 2}
_LATEX = {"=": "=", "≤": r"\le", "<": "<"}


class DerivationError(Exception):
    """A derivation that does not go through; names the derivation and the step."""


@dataclass(frozen=True)
class Relation:
    """left = right, left ≤ right or left < right, between scalars or (for =) matrices."""

    left: Any
    sign: str
    right: Any

    def __post_init__(self) -> None:
        if self.sign not in _STRENGTH:
            raise ValueError(f"sign: {self.sign!r} is none of {', '.join(_STRENGTH)}")
        object.__setattr__(self, "left", sympify(self.left))
        object.__setattr__(self, "right", sympify(self.right))

    def subs(self, old: Any, new: Any) -> Relation:
        return Relation(self.left.subs(old, new), self.sign, self.right.subs(old, new))

    def same(self, other: Premise, rules: Sequence[Rule] = ()) -> bool:
        """Whether both have one sign and, side by side, one normal form."""
        return (
            isinstance(other, Relation)
            and self.sign == other.sign
            and equal(self.left, other.left, rules)
            and equal(self.right, other.right, rules)
        )

    def grants(self, premise: Premise, rules: Sequence[Rule] = ()) -> bool:
        """Whether this is the premise, or says more: a = b, b = a and a < b all grant a ≤ b."""
        if isinstance(premise, Relation) and premise.sign == "≤":
            premise = Relation(premise.left, self.sign, premise.right)
        if self.same(premise, rules):
            return True
        return self.sign == "=" and Relation(self.right, "=", self.left).same(premise, rules)

    def __str__(self) -> str:
        return f"{self.left} {self.sign} {self.right}"

    def latex(self) -> str:
        return f"{latex(self.left)} {_LATEX[self.sign]} {latex(self.right)}"


def equation(left: Any, right: Any) -> Relation:
    return Relation(left, "=", right)


def at_most(left: Any, right: Any) -> Relation:
    return Relation(left, "≤", right)


def less(left: Any, right: Any) -> Relation:
    return Relation(left, "<", right)


@dataclass(frozen=True)
class Fact:
    """A property of some symbols that is no relation, such as the independence of weights."""

    name: str
    subjects: tuple[Any, ...] = ()

    def grants(self, premise: Premise, rules: Sequence[Rule] = ()) -> bool:
        return self == premise

    def __str__(self) -> str:
        return f"{', '.join(str(s) for s in self.subjects)} {self.name}"


Premise = Relation | Fact


@dataclass(frozen=True)
class Lemma:
    """A fact that sympy cannot decide: from the premises, the conclusion.

    `pattern` builds both from the objects that it is applied to.
    """

    name: str
    statement: str
    pattern: Callable[..., tuple[tuple[Premise, ...], Relation]] = field(repr=False)

    def instance(self, *objects: Any) -> tuple[tuple[Premise, ...], Relation]:
        return self.pattern(*(sympify(o) for o in objects))


Reference = int | str
"""An earlier step by its number (from 1), or an assumption by its name."""


@dataclass(frozen=True)
class Step:
    """A relation and why it holds; `given` lists what it rests on."""

    relation: Relation
    why: str
    rules: tuple[Rule, ...] = field(default=(), kw_only=True)
    given: tuple[Reference, ...] = field(default=(), kw_only=True)

    kind = "step"

    def cited(self) -> tuple[Reference, ...]:
        """What it rests on."""
        return self.given

    def discharged(self, hypothesis: Step) -> bool:
        """Whether what it says holds without this hypothesis, though it cites what rests on it."""
        return False

    def verify(self, known: Known) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class Known:
    """What a step may cite: the assumptions by name and the steps before it by number."""

    facts: Mapping[Reference, Relation | Rule | Fact]

    def premise(self, reference: Reference) -> Premise:
        fact = self.facts.get(reference)
        if fact is None or isinstance(fact, Rule):
            raise _Refused(f"it cites {reference!r}, which is no earlier relation or fact")
        return fact

    def relation(self, reference: Reference) -> Relation:
        fact = self.facts.get(reference)
        if not isinstance(fact, Relation):
            raise _Refused(f"it cites {reference!r}, which is no earlier relation")
        return fact

    def allow(self, rules: Sequence[Rule]) -> None:
        """Refuse a rule about particular matrices that no assumption grants."""
        granted = [fact for fact in self.facts.values() if isinstance(fact, Rule)]
        for rule in rules:
            if rule.subjects and rule not in granted:
                raise _Refused(f"it uses the rule {rule}, which is not among the assumptions")


class _Refused(Exception):
    """Why one step does not go through."""


def _rewritten(expr: Any, relations: Sequence[Relation]) -> Any:
    """The expression with the left side of each equation replaced by its right side."""
    for relation in relations:
        if relation.sign != "=":
            raise _Refused(f"it rewrites with {relation}, which is no equation")
        expr = _replaced(expr, relation.left, relation.right)
    return expr


def _replaced(expr: Any, old: Any, new: Any) -> Any:
    """xreplace, and inside a product of matrices also of a run of factors."""
    from sympy import MatMul

    if not isinstance(old, MatMul):
        return expr.xreplace({old: new})

    def in_product(product: Any) -> Any:
        factors, length = list(product.args), len(old.args)
        for i in range(len(factors) - length + 1):
            if tuple(factors[i : i + length]) == old.args:
                return MatMul(*factors[:i], new, *factors[i + length :])
        return product

    return expr.replace(lambda e: isinstance(e, MatMul), in_product)


@dataclass(frozen=True)
class Identity(Step):
    """Both sides reduce to one normal form, after rewriting with the equations given."""

    kind = "identity"

    def verify(self, known: Known) -> None:
        if self.relation.sign != "=":
            raise _Refused("an identity is an equation; take an inequality from a lemma")
        known.allow(self.rules)
        facts = [known.relation(reference) for reference in self.given]
        left = _rewritten(self.relation.left, facts)
        right = _rewritten(self.relation.right, facts)
        if not equal(left, right, self.rules):
            raise _Refused("its two sides do not reduce to one normal form")


@dataclass(frozen=True)
class ByLemma(Step):
    """An instance of a lemma; its premises are among what is given."""

    lemma: Lemma
    of: tuple[Any, ...]

    kind = "lemma"

    def verify(self, known: Known) -> None:
        known.allow(self.rules)
        try:
            premises, conclusion = self.lemma.instance(*self.of)
        except (ValueError, TypeError, AttributeError) as mismatch:
            raise _Refused(f"the lemma {self.lemma.name} does not match: {mismatch}") from None
        if not self.relation.same(conclusion, self.rules):
            raise _Refused(
                f"it is not an instance of the lemma {self.lemma.name}, which gives {conclusion}"
            )
        facts = [known.premise(reference) for reference in self.given]
        for premise in premises:
            if not any(fact.grants(premise, self.rules) for fact in facts):
                raise _Refused(f"the lemma {self.lemma.name} needs {premise}, which is not given")


@dataclass(frozen=True)
class Hypothesis(Step):
    """What an induction supposes at t; only that induction frees of it what is concluded from it."""

    kind = "hypothesis"

    def verify(self, known: Known) -> None:
        if self.given or self.rules:
            raise _Refused("a hypothesis rests on nothing")


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

    def discharged(self, hypothesis: Step) -> bool:
        return hypothesis.relation.same(self.relation)

    def verify(self, known: Known) -> None:
        known.allow(self.rules)
        facts = [known.relation(reference) for reference in self.given]
        t, left, right = self.variable, self.relation.left, self.relation.right
        base, step = known.relation(self.base), known.relation(self.step)
        for part, what in ((base, "base"), (step, "step")):
            if _STRENGTH[part.sign] > _STRENGTH[self.relation.sign]:
                raise _Refused(f"its {what} is {part}, and it claims {self.relation.sign}")
        if not equal(base.left, left.subs(t, self.start), self.rules):
            raise _Refused(f"its base is about {base.left}, not {left.subs(t, self.start)}")
        if not equal(_rewritten(base.right, facts), right.subs(t, self.start), self.rules):
            raise _Refused(f"its base does not hold: {base.right} ≠ {right.subs(t, self.start)}")
        if not equal(step.left, left.subs(t, t + 1), self.rules):
            raise _Refused(f"its step is about {step.left}, not {left.subs(t, t + 1)}")
        after = _rewritten(step.right, facts)
        if self.relation.sign != "=":
            _refuse_unless_monotone(after, left, self.rules)
        reached = _replaced(after, left, right) if after.has(left) else after
        if not equal(reached, right.subs(t, t + 1), self.rules):
            raise _Refused(f"its step does not hold: {reached} ≠ {right.subs(t, t + 1)}")


def _refuse_unless_monotone(after: Expr, left: Expr, rules: Sequence[Rule]) -> None:
    x = Dummy("x", nonnegative=True) if left.is_nonnegative else Dummy("x", real=True)
    slope = diff(after.xreplace({left: x}), x)
    if not (slope.is_nonnegative or scalar_normal_form(slope, rules).is_nonnegative):
        raise _Refused(f"its step {after} is not seen to be monotone in {left}")


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
        facts: dict[Reference, Relation | Rule | Fact] = dict(self.assumptions)
        supposed: dict[Reference, frozenset[int]] = {}
        for number, step in enumerate(self.steps, 1):
            try:
                step.verify(Known(facts))
                supposed[number] = self._supposed(number, step, supposed)
            except _Refused as refusal:
                raise DerivationError(
                    f"derivation {self.name}, step {number} ({step.kind}), {step.relation}: "
                    f"refused, {refusal}"
                ) from None
            facts[number] = step.relation
        if not self._concludes(supposed):
            raise DerivationError(
                f"derivation {self.name}: its steps do not lead to its conclusion "
                f"{self.conclusion}; the last step, or the chain of steps that ends in it, must, "
                "and on no hypothesis"
            )
        return len(self.steps)

    def _supposed(
        self, number: int, step: Step, supposed: Mapping[Reference, frozenset[int]]
    ) -> frozenset[int]:
        """The hypotheses, by number, that what the step says still rests on."""
        if isinstance(step, Hypothesis):
            return frozenset({number})
        if isinstance(step, Induction):
            for reference in (step.base, *step.given):
                if supposed.get(reference):
                    raise _Refused(f"it cites {reference!r}, which rests on a hypothesis at t")
        resting = frozenset().union(*(supposed.get(each, ()) for each in step.cited()))
        return frozenset(n for n in resting if not step.discharged(self.steps[n - 1]))

    def _concludes(self, supposed: Mapping[Reference, frozenset[int]]) -> bool:
        """Whether the last step, chained with those before it where sides meet, concludes."""
        if not self.steps or supposed[len(self.steps)]:
            return False
        reached = self.steps[-1].relation
        for number in range(len(self.steps) - 1, 0, -1):
            if reached.same(self.conclusion):
                return True
            earlier = self.steps[number - 1].relation
            if supposed[number] or not equal(earlier.right, reached.left):
                break
            sign = max(earlier.sign, reached.sign, key=_STRENGTH.__getitem__)
            reached = Relation(earlier.left, sign, reached.right)
        return reached.same(self.conclusion)

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

    def text(self) -> str:
        """Assumptions, steps and conclusion as plain text."""
        given = [f"   {name}" for name in self.assumptions]
        body = [*self.lines(), f"⇒  {self.conclusion}"]
        return "\n".join(["Given", *given, "Steps", *(f"   {line}" for line in body)])

    def latex(self) -> str:
        """The steps and the conclusion as a LaTeX align* environment."""
        rows = [
            rf"& {step.relation.latex()} && \text{{{step.kind}: {_escaped(step.why)}}}"
            for step in self.steps
        ]
        rows.append(rf"\Rightarrow\; & {self.conclusion.latex()}")
        return "\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}"


def _escaped(text: str) -> str:
    special = {c: "\\" + c for c in "#$%&_{}"} | {"\\": r"\textbackslash{}", "^": r"\^{}"}
    return "".join(special.get(c, c) for c in text)
