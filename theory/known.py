"""What a step of a derivation may cite, and what that rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from theory.relations import Fact, Relation
from theory.rewriting import Refused
from theory.rules import Rule

Reference = int | str
"""An earlier step by its number (from 1), or an assumption by its name."""


@dataclass(frozen=True)
class Known:
    """What a step may cite: the assumptions by name and the steps before it by number.

    `grounds` gives what each rests on: names of assumptions, and numbers of hypotheses.
    """

    facts: Mapping[Reference, Relation | Rule | Fact]
    grounds: Mapping[Reference, frozenset[Reference]]

    def premise(self, reference: Reference) -> Relation | Fact:
        fact = self.facts.get(reference)
        if fact is None or isinstance(fact, Rule):
            raise Refused(f"it cites {reference!r}, which is no earlier relation or fact")
        return fact

    def relation(self, reference: Reference) -> Relation:
        fact = self.facts.get(reference)
        if not isinstance(fact, Relation):
            raise Refused(f"it cites {reference!r}, which is no earlier relation")
        return fact

    def allow(self, rules: Sequence[Rule]) -> None:
        """Refuse a rule about particular matrices that no assumption grants."""
        granted = [fact for fact in self.facts.values() if isinstance(fact, Rule)]
        for rule in rules:
            if rule.subjects and rule not in granted:
                raise Refused(f"it uses the rule {rule}, which is not among the assumptions")

    def about(self, variable: Any, reference: Reference) -> list[Reference]:
        """What restricts the variable among the grounds of what is cited.

        An index is any one in an assumption; in a hypothesis it is not. Of another symbol any
        assumption may speak, and that something is not zero counts wherever it is divided by.
        """
        if variable.is_integer:
            hypotheses = [g for g in self.grounds[reference] if isinstance(g, int)]
            return [h for h in sorted(hypotheses) if variable in _spoken_of(self.facts[h])]
        granting = [name for name, fact in self.facts.items() if _bounds_away(fact)]
        grounds = self.grounds[reference].union(*(self.grounds[name] for name in granting))
        return [g for g in sorted(grounds, key=str) if variable in _spoken_of(self.facts[g])]


def is_limited(fact: Relation | Fact, variable: Any) -> bool:
    """Whether a relation holds in some range of the variable alone."""
    return isinstance(fact, Relation) and any(variable in r.symbols for r in fact.where)


def _bounds_away(fact: Relation | Rule | Fact) -> bool:
    if isinstance(fact, Fact):
        return fact.name == "nonzero"
    return isinstance(fact, Relation) and fact.sign == "<"


def _spoken_of(fact: Relation | Rule | Fact) -> set[Any]:
    """The free symbols of a relation, or of what is not zero; other facts are about functions."""
    if isinstance(fact, Relation):
        return {symbol for side in fact.sides for symbol in side.free_symbols}
    subjects = fact.subjects if isinstance(fact, Fact) and _bounds_away(fact) else ()
    return {symbol for subject in subjects for symbol in subject.free_symbols}
