"""Claims: statements with a source, assumptions, a domain and a check.

A claim is declared once, by decorating its check; nothing is verified at declaration. What is
missing or contradictory in a declaration is kept as a fault of the claim and reported when it is
verified, so that one faulty claim never hides the others.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from properties.checking.comparison import Check
    from theory.derivation import Derivation

TIERS = ("symbolic", "exact", "float", "enclosed", "statistical")

Predicate = Callable[[Any], bool]
CheckFunction = Callable[[Any, "Check"], None]


@dataclass(frozen=True)
class Without:
    """An assumption dropped: on this domain the search has to find a counterexample."""

    assumption: str
    domain: SearchStrategy[Any]
    examples: int
    why: str = ""

    @property
    def name(self) -> str:
        return self.assumption


@dataclass(frozen=True)
class Misreading:
    """A plausible false version of a claim, with the check that the search has to refute."""

    name: str
    statement: str
    source: str
    check: CheckFunction
    domain: SearchStrategy[Any] | None
    examples: int
    why: str = ""


@dataclass(eq=False)
class Claim:
    """One claim; see `claim` for the meaning of the fields."""

    name: str
    module: str
    theme: str
    statement: str
    source: str
    derivation: Derivation | str
    domain: SearchStrategy[Any]
    assumptions: Mapping[str, Predicate]
    labels: Mapping[str, tuple[float, Predicate]]
    witness: Any
    tiers: tuple[str, ...]
    check: CheckFunction
    concerns: type | None = None
    explain: str = ""
    examples: int | None = None
    without_: dict[str, Without] = field(default_factory=dict)
    misreadings: dict[str, Misreading] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def without(
        self, assumption: str, *, domain: SearchStrategy[Any], examples: int = 2000, why: str = ""
    ) -> None:
        """Declare where to search for a counterexample once `assumption` is dropped.

        The cases of `domain` satisfy all other assumptions; `examples` bounds the search, and
        `why` says in a sentence what the counterexample shows.
        """
        if assumption not in self.assumptions:
            known = "; ".join(self.assumptions) or "none"
            self.faults.append(
                f"without({assumption!r}) names no assumption of the claim; it has: {known}"
            )
        elif assumption in self.without_:
            self.faults.append(f"without({assumption!r}) is declared twice; keep one")
        else:
            self.without_[assumption] = Without(assumption, domain, examples, why)

    def misread(
        self,
        statement: str,
        *,
        source: str = "",
        domain: SearchStrategy[Any] | None = None,
        examples: int = 2000,
        why: str = "",
    ) -> Callable[[CheckFunction], CheckFunction]:
        """Declare a false version of the claim by decorating its check.

        The search runs on the claim's own domain unless another is given.
        """

        def declare(check: CheckFunction) -> CheckFunction:
            name = check.__name__
            if name in self.misreadings:
                self.faults.append(f"the misreading {name} is declared twice; rename one")
            self.misreadings[name] = Misreading(
                name, statement, source, check, domain, examples, why
            )
            return check

        return declare

    @property
    def parts(self) -> list[str]:
        """The names of what is verified, one pytest item each."""
        return [
            "derivation",
            "witness",
            "holds",
            *(f"without[{name}]" for name in self.assumptions),
            *(f"misread[{name}]" for name in self.misreadings),
        ]

    def concluded(self) -> str:
        """What is derived, as text; the statement of a claim that has no derivation."""
        return (
            self.statement if isinstance(self.derivation, str) else str(self.derivation.conclusion)
        )

    def concerned_models(self) -> tuple[Any, ...]:
        """The networks of the witness; none for a claim that concerns no model."""
        if self.concerns is None or self.witness is None:
            return ()
        return tuple(self.witness.models())

    def declared_faults(self) -> list[str]:
        """What is wrong with the declaration, each with what to do about it."""
        faults = [*self.faults, *self._malformed()]
        if faults:
            return faults
        if self.witness is None:
            faults.append("it has no witness; give `witness=` one concrete case")
        if not self.tiers or set(self.tiers) - set(TIERS):
            faults.append(f"its tiers are {self.tiers}; name those used of {', '.join(TIERS)}")
        if isinstance(self.derivation, str) == ("symbolic" in self.tiers):
            faults.append(
                "the tier `symbolic` and a derivation go together; give both, or neither and a "
                "line that says why there is none"
            )
        if isinstance(self.derivation, str) and not self.derivation.strip():
            faults.append(
                "its derivation is empty; give one, or a line that says why there is none"
            )
        for name in self.assumptions:
            if name not in self.without_:
                faults.append(
                    f"the assumption {name!r} has no counterexample; declare "
                    f"{self.name}.without({name!r}, domain=…)"
                )
        faults += self._faulty_models()
        if len(REGISTRY.get(self.name, ())) > 1:
            modules = ", ".join(sorted(claim.module for claim in REGISTRY[self.name]))
            faults.append(f"its name is used more than once, in {modules}; rename one")
        return faults

    def _malformed(self) -> list[str]:
        """What is not even of the right kind; nothing else can then be said of the declaration."""
        from hypothesis.strategies import SearchStrategy

        from theory.derivation import Derivation

        labels = self.labels.values()
        needed: list[tuple[str, bool, str]] = [
            ("statement", isinstance(self.statement, str), "a text"),
            ("source", isinstance(self.source, str), "a text"),
            ("derivation", isinstance(self.derivation, str | Derivation), "a derivation or a line"),
            ("domain", isinstance(self.domain, SearchStrategy), "a strategy of Hypothesis"),
            ("tiers", all(isinstance(tier, str) for tier in self.tiers), "names of tiers"),
            ("assumptions", all(map(callable, self.assumptions.values())), "predicates by name"),
            ("labels", all(map(_is_label, labels)), "a share in (0, 1] and a predicate by name"),
            ("concerns", isinstance(self.concerns, type | None), "a type of model"),
            ("examples", self.examples is None or _is_count(self.examples), "a number from 1 on"),
        ]
        return [f"its {name} is not {what}" for name, well, what in needed if not well]

    def _faulty_models(self) -> list[str]:
        if self.concerns is None:
            return []
        try:
            models = self.concerned_models()
        except Exception as problem:
            return [f"its witness's models() raises {type(problem).__name__}: {problem}"]
        if models:
            return []
        return [
            f"it concerns {self.concerns.__name__} and its witness names no model; let the "
            "case's models() give those that the check computes with"
        ]

    def _repr_html_(self) -> str:
        """The claim in a notebook: what it says, on what it rests, and how it is verified."""
        from html import escape

        rows = [("Source", self.source), ("Tiers", ", ".join(self.tiers))]
        rows += [("Assumption", assumption) for assumption in self.assumptions]
        rows += [
            ("Misreading", f"{misreading.name}: {misreading.statement}")
            for misreading in self.misreadings.values()
        ]
        table = "".join(f"<tr><th>{name}</th><td>{escape(text)}</td></tr>" for name, text in rows)
        return f"<p><b>{escape(self.name)}</b>: {escape(self.statement)}</p><table>{table}</table>"


def _is_label(label: Any) -> bool:
    if not isinstance(label, tuple) or len(label) != 2:
        return False
    share, holds = label
    return isinstance(share, int | float) and 0 < share <= 1 and callable(holds)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and value >= 1


def _is_new_version(made: Claim, other: Claim) -> bool:
    """Whether a claim replaces another: a cell that ran again, or the same lines of a module."""
    if made.module != other.module:
        return False
    lines = {claim.check.__code__.co_firstlineno for claim in (made, other)}
    return made.module == "__main__" or len(lines) == 1


REGISTRY: dict[str, list[Claim]] = {}
"""All declared claims by name, in order of declaration; a name with two claims is a fault."""


def claim(
    *,
    statement: str,
    source: str,
    derivation: Derivation | str,
    domain: SearchStrategy[Any],
    tiers: tuple[str, ...],
    witness: Any = None,
    assumptions: Mapping[str, Predicate] | None = None,
    labels: Mapping[str, tuple[float, Predicate]] | None = None,
    concerns: type | None = None,
    explain: str = "",
    examples: int | None = None,
) -> Callable[[CheckFunction], Claim]:
    """Declare a claim by decorating its check, a function of (case, check).

    The claim is named after the function, and its theme is the module's THEME or else its name.

    Args:
        statement: the claim as it is true, in a sentence or two.
        source: where it is stated or from what it is corrected.
        derivation: steps from assumptions to conclusion, or one line that says why there are none.
        domain: the strategy of the cases that satisfy all assumptions; it never rejects.
        tiers: which of symbolic, exact, float, enclosed, statistical verify it.
        witness: one concrete case that shows that the claim is not vacuous.
        assumptions: named predicates on a case.
        labels: for each regime the least share of cases in it, and its predicate.
        concerns: the type of model (such as RNN) that the check computes with check.backend, and
            which the cases' models() give; None for claims that no backend computes.
        explain: a few sentences for a reader who asks what the claim means.
        examples: the most cases that are judged, where each one costs time or a share of the
            false alarms; None for as many as the run asks for.
    """

    def declare(check: CheckFunction) -> Claim:
        module = sys.modules.get(check.__module__)
        made = Claim(
            name=check.__name__,
            module=check.__module__,
            theme=getattr(module, "THEME", check.__module__.rpartition(".")[2]),
            statement=statement,
            source=source,
            derivation=derivation,
            domain=domain,
            assumptions=dict(assumptions or {}),
            labels=dict(labels or {}),
            witness=witness,
            tiers=tuple(tiers),
            check=check,
            concerns=concerns,
            explain=explain or (module and module.__doc__) or "",
            examples=examples,
        )
        same = REGISTRY.setdefault(made.name, [])
        same[:] = [other for other in same if not _is_new_version(made, other)]
        same.append(made)
        return made

    return declare
