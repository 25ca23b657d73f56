"""What is asked of a verification, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from models.backends import load_backend
from properties.checking.claim import Claim
from properties.checking.comparison import DEFAULT, Check
from properties.checking.counterexample import Counterexample
from properties.checking.search import derived_seed

Verdict = Literal["holds", "refuted", "error"]

LIMIT = 600.0
"""Seconds that one part of a claim may take unless the plan says otherwise."""


@dataclass(frozen=True)
class Plan:
    """How to verify: the number of examples, the seed, the backend, a database of failures.

    The backend is named, as `models.backends.load_backend` names it: each process loads its own.
    `reuse` is the folder of what was verified before, where that may stand for verifying it again.
    `limit` is how many seconds a part may take; what takes longer is an error. `smallest` is
    whether a counterexample is made as small as can be, or shown as it was found.
    """

    examples: int = 200
    seed: int = 0
    backend: str = DEFAULT
    database: Path | None = None
    reuse: Path | None = None
    limit: float = LIMIT
    smallest: bool = True

    def check(self) -> Check:
        """A new check of the implementation under test."""
        return Check(backend=load_backend(self.backend))


@dataclass
class Outcome:
    """What verifying one part of a claim gave.

    distinct: of so many examples, as they doubled, how many were not the same as an earlier one.
    """

    claim: str
    part: str
    verdict: Verdict
    backend: str = DEFAULT
    message: str = ""
    examples: int = 0
    distinct: dict[int, int] = field(default_factory=dict)
    labels: dict[str, float] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)
    false_alarm: float = 0.0
    detects: dict[str, float] = field(default_factory=dict)
    steps: int = 0
    counterexample: Counterexample | None = None
    seconds: float = 0.0

    @property
    def worst_ratio(self) -> float | None:
        return max(self.ratios.values()) if self.ratios else None


class Faulty(Exception):
    """Something in a claim's declaration or domain has to be mended; says what to do."""


def seed_of(plan: Plan, claim: Claim, part: str) -> int:
    """The seed of one part, which no other part has."""
    return derived_seed(plan.seed, claim.name, part)
