"""Remembering what was verified: with the same sources, versions and plan it need not run again.

Verification is deterministic, so the record of a part that holds can stand for running it again.
It is found by a digest of all sources of the project, the claim's own file, the versions of the
libraries and the plan; whatever does not hold always runs again.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from experiments.files import read_json
from properties.checking.claim import Claim
from properties.checking.comparison import DEFAULT
from properties.checking.evidence import versions, write
from properties.checking.plan import Plan
from properties.checking.sources import content_digest, sources_digest


@dataclass(frozen=True)
class Memory:
    """The records of parts that hold, in a folder."""

    folder: Path

    def recall(self, claim: Claim, part: str, plan: Plan) -> dict[str, Any] | None:
        """The record of a part that was verified with everything as it is now, or None."""
        file = self._file(claim, part, plan)
        if file is None:
            return None
        try:
            kept = read_json(file)
        except (OSError, ValueError):
            return None  # Missing or damaged: what is not remembered is verified.
        if not isinstance(kept, dict) or kept.keys() != {"digest", "record"}:
            return None
        record: dict[str, Any] = kept["record"]
        return record if kept["digest"] == digest_of(record) else None

    def keep(self, claim: Claim, plan: Plan, record: dict[str, Any]) -> None:
        """Remember the record if its part holds; warns where that cannot be written."""
        file = self._file(claim, record["part"], plan)
        if file is not None and record["verdict"] == "holds":
            try:
                write(file, {"digest": digest_of(record), "record": record})
            except OSError as problem:
                said = f"{self.folder}: what holds is not remembered there: {problem.strerror}"
                warnings.warn(said, stacklevel=2)

    def _file(self, claim: Claim, part: str, plan: Plan) -> Path | None:
        if plan.backend != DEFAULT or plan.database is not None:
            return None
        own = Path(str(sys.modules[claim.module].__file__))
        what = (claim.module, claim.name, part, plan.examples, plan.seed, plan.smallest)
        machine = (platform.machine(), platform.processor())
        rests_on = f"{sources()} {machine} {content_digest([own])} {what}"
        return self.folder / f"{hashlib.sha256(rests_on.encode()).hexdigest()}.json"


def digest_of(record: Any) -> str:
    """So damage to a file is seen, whatever it is."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


@cache
def sources() -> str:
    """A digest of the project's sources and of the versions of what they run on."""
    return sources_digest() + hashlib.sha256(f"{versions(DEFAULT)}".encode()).hexdigest()
