"""The evidence of a run, as a page that did not see the run may use it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from teaching.page import layout


class EvidenceError(Exception):
    """The file is no evidence; says what to do."""


@dataclass(frozen=True)
class Verdict:
    """What the evidence says of one claim, and why where it says nothing.

    status: holds, elsewhere (holds, but with other sources), refuted, error or unverified.
    entry: its entry in the evidence, where that is about the claim as it is stated now.
    """

    status: str
    entry: Mapping[str, Any] | None = None
    reason: str = ""
    detail: str = ""

    @property
    def verified(self) -> bool:
        return self.status in ("holds", "elsewhere")


@dataclass(frozen=True)
class Evidence:
    """All that a run saw, its seed and versions, and whether it was made with these sources."""

    entries: Mapping[str, Mapping[str, Any]]
    not_applicable: frozenset[str]
    run: Mapping[str, Any]
    same_sources: bool
    other_versions: Mapping[str, tuple[str, str]]

    def verdict(self, name: str, statement: str) -> Verdict:
        """What it says of the claim with this name and statement; unverified if nothing."""
        entry = self.entries.get(name)
        if entry is None:
            missing = name not in self.not_applicable
            return Verdict("unverified", reason="missing" if missing else "not_applicable")
        if entry["statement"] != statement:
            return Verdict("unverified", reason="other_statement", detail=str(entry["statement"]))
        status = str(entry["verdict"])
        if status == "holds" and not self.same_sources:
            status = "elsewhere"
        detail = "\n".join(entry["messages"].values())
        return Verdict(status, entry, detail=detail)


def read_evidence(file: Path) -> Evidence:
    """The evidence in a file that `claims verify --evidence FILE` wrote.

    Raises EvidenceError, naming the file and the remedy, if it is none.
    """
    from properties.checking.evidence import versions
    from properties.checking.sources import sources_digest

    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except OSError as problem:
        raise EvidenceError(
            f"{file}: {problem.strerror}; write it by `claims verify --evidence {file}`"
        ) from None
    except (ValueError, RecursionError) as problem:
        raise EvidenceError(
            f"{file} is no JSON: {problem}; write it by `claims verify --evidence {file}`"
        ) from None
    _require(found, file)
    here = versions("numpy")
    return Evidence(
        entries={entry["name"]: entry for entry in found["claims"]},
        not_applicable=frozenset(found["not_applicable"]),
        run=found,
        same_sources=found["sources"] == sources_digest(),
        other_versions={
            name: (there, here[name])
            for name, there in found["versions"].items()
            if name in here and here[name] != there
        },
    )


def _require(found: Any, file: Path) -> None:
    """Refuse what is not laid out as this version lays out its evidence."""
    faults = list(islice(layout.evidence(found, ""), 3))
    if faults:
        raise EvidenceError(
            f"{file} is no evidence of this version: {', '.join(faults)}; write it anew "
            f"by `claims verify --evidence {file}`"
        )
