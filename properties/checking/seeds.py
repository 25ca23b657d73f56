"""Runs with other seeds: that none of them fails is what the rates of false alarms promise."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from experiments.workers import Workers
from properties.checking.claim import Claim
from properties.checking.comparison import DEFAULT
from properties.checking.evidence import versions
from properties.checking.plan import Plan
from properties.checking.running import verify_claims

WHATEVER_THE_SEED = ("derivation", "witness")
"""The parts of a claim that are the same with every seed."""


@dataclass(frozen=True)
class SeededRun:
    """What one seed gave; `false_alarm` bounds the chance that it failed though all is true."""

    seed: int
    examples: int
    claims: int
    parts: int
    failures: list[dict[str, str]]
    false_alarm: float
    seconds: float

    def line(self) -> str:
        """The run in a line."""
        said = f"{len(self.failures)} failed" if self.failures else "all hold"
        return (
            f"seed {self.seed}: {self.parts} parts of {self.claims} claims, {said}, "
            f"{self.seconds:.0f} s"
        )

    def as_data(self) -> dict[str, Any]:
        """The run as data, with the versions that it rests on."""
        return {**asdict(self), "versions": versions(DEFAULT)}

    def add_to(self, file: Path) -> None:
        """Add the run to a file, as one line of JSON; an unfinished line of it ends first."""
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("ab+") as lines:
            if lines.tell():
                lines.seek(-1, os.SEEK_END)
                lines.write(b"" if lines.read() == b"\n" else b"\n")
            lines.write(json.dumps(self.as_data(), ensure_ascii=False).encode() + b"\n")


def run_of_seed(
    claims: Sequence[Claim], seed: int, examples: int, workers: Workers | None = None
) -> SeededRun:
    """Verify what depends on the seed: the claims on their cases, and what is to be refuted."""
    start = time.perf_counter()
    plan = Plan(examples=examples, seed=seed, smallest=False)
    done = [
        each for each in verify_claims(claims, plan, workers, WHATEVER_THE_SEED) if each is not None
    ]
    failures = [
        {
            "claim": claims[each.claim].name,
            "part": each.part,
            "verdict": each.record["verdict"],
            "message": each.record["message"],
            "counterexample": each.record["counterexample"] or "",
        }
        for each in sorted(done, key=lambda each: (each.claim, each.part))
        if each.record["verdict"] != "holds"
    ]
    return SeededRun(
        seed=seed,
        examples=examples,
        claims=len(claims),
        parts=len(done),
        failures=failures,
        false_alarm=sum(each.record["false_alarm"] for each in done),
        seconds=round(time.perf_counter() - start, 1),
    )
