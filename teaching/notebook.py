"""For notebooks: claims by name, verified or refuted, shown where they end a cell."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from models.backends import load_backend
from properties.checking.applicability import parts_on, why_not_applicable
from properties.checking.claim import Claim
from properties.checking.comparison import DEFAULT
from properties.checking.loading import load_catalogue, select
from properties.checking.plan import Outcome, Plan
from properties.checking.verification import verify_part
from teaching import blackboard

SIGNS = {"holds": "✓", "refuted": "✗", "error": "!"}


@dataclass(frozen=True)
class Verified:
    """What verifying claims gave, part by part."""

    outcomes: tuple[Outcome, ...]

    @property
    def holds(self) -> bool:
        """Whether every part of every claim does."""
        return all(outcome.verdict == "holds" for outcome in self.outcomes)

    def _rows(self) -> list[tuple[str, str, str, str]]:
        return [
            (SIGNS[each.verdict], f"{each.claim}::{each.part}", str(each.examples), _said(each))
            for each in self.outcomes
        ]

    def __repr__(self) -> str:
        rows = self._rows()
        width = max((len(part) for _, part, _, _ in rows), default=0)
        return "\n".join(f"{s} {part:{width}} {n:>5} {said}".rstrip() for s, part, n, said in rows)

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in ("", "part", "cases", ""))
        body = "".join(
            "<tr>" + "".join(f"<td>{_cell(text)}</td>" for text in row) + "</tr>"
            for row in self._rows()
        )
        return f"<table><tr>{head}</tr>{body}</table>"


def claim(name: str) -> Claim:
    """The project's claim of this name. Raises UnknownName with the closest names there are."""
    return select(load_catalogue(), [name], None)[0]


def verify(
    *claims: str | Claim, examples: int = 200, seed: int = 0, backend: str = DEFAULT
) -> Verified:
    """Verify claims, given as such or by their names.

    A cell of your own is the backend "__main__:NAME". Raises UnknownName or BackendError,
    and ValueError for a claim that cannot judge the backend.
    """
    if backend.startswith("__main__:"):
        load_backend.cache_clear()  # the cell may have run again with another class
    plan = Plan(examples=examples, seed=seed, backend=backend)
    outcomes = []
    for each in map(_claim, claims):
        why = why_not_applicable(each, backend)
        if why is not None:
            raise ValueError(f"{each.name} is not applicable to {backend}: {why}")
        outcomes += [verify_part(each, part, plan) for part in parts_on(each, backend)]
    return Verified(tuple(outcomes))


def refute(
    claim: str | Claim, *, without: str | None = None, misreading: str | None = None, seed: int = 0
) -> blackboard.Refutation:
    """The smallest counterexample to a claim less an assumption, or to a misreading of it.

    Raises ValueError unless one of the two is named, UnknownName where there is none such.
    """
    if (without is None) == (misreading is None):
        raise ValueError("without, misreading: name one of them")
    return blackboard.refute(_claim(claim), without, misreading, Plan(seed=seed))


def _claim(given: str | Claim) -> Claim:
    return claim(given) if isinstance(given, str) else given


def _said(outcome: Outcome) -> str:
    found = outcome.counterexample
    if outcome.verdict != "holds":
        return outcome.message if found is None else f"{found.case!r}\n{outcome.message}"
    return "" if found is None else f"counterexample {found.case!r}"


def _cell(text: str) -> str:
    return f"<pre>{escape(text)}</pre>" if "\n" in text else escape(text)
