"""Evidence: what a run saw, as data that a page, a paper or another run can read."""

from __future__ import annotations

import importlib.metadata
import json
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.backends import load_backend
from properties.checking.claim import Claim
from properties.checking.judging import LABEL_ALARM
from properties.checking.plan import Outcome, Plan, Verdict
from properties.checking.refuting import size_of
from properties.checking.report import side, text_of
from properties.checking.sources import sources_digest
from properties.checking.written_out import written_out

REPORTED = ("numpy", "scipy", "sympy", "hypothesis", "pytest", "python-flint")


def versions(backend: str) -> dict[str, str]:
    """The versions of Python and of the libraries that the verdicts rest on."""
    under_test = {backend.partition(":")[0]} & {"torch", "jax"}
    found = {name: importlib.metadata.version(name) for name in (*REPORTED, *under_test)}
    return {"python": platform.python_version(), **found}


def header(claim: Claim) -> dict[str, Any]:
    """What a claim declares, as data: the part of its evidence that no run changes."""
    derivation = claim.derivation
    return {
        "name": claim.name,
        "theme": claim.theme,
        "statement": text_of(claim.statement),
        "source": text_of(claim.source),
        "tiers": list(map(text_of, claim.tiers)),
        "assumptions": list(map(text_of, claim.assumptions)),
        "misreadings": list(claim.misreadings),
        "derivation": {"steps": len(derivation.steps)} if hasattr(derivation, "steps") else None,
    }


def record(outcome: Outcome) -> dict[str, Any]:
    """An outcome as data that another process can read."""
    found = outcome.counterexample
    return {
        "part": outcome.part,
        "verdict": outcome.verdict,
        "message": outcome.message,
        "examples": outcome.examples,
        "distinct": {str(asked): found for asked, found in outcome.distinct.items()},
        "labels": outcome.labels,
        "ratios": outcome.ratios,
        "false_alarm": outcome.false_alarm,
        "detects": outcome.detects,
        "steps": outcome.steps,
        "seconds": outcome.seconds,
        "counterexample": repr(found.case) if found else None,
        "size": list(size_of(found.case)) if found else None,
        "left": side(found.left) if found else None,
        "right": side(found.right) if found else None,
        "violation": found.violation if found else None,
        "written_out": written_out(found) if found else None,
    }


def merged(records: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], int]:
    """One record of the shards of a part, and the index of the one that decides its verdict.

    That is an error before a refutation, and of refutations the one of the smallest
    counterexample; earlier shards come first among equals.
    """
    verdict = claim_verdict([each["verdict"] for each in records])
    deciding = [i for i, each in enumerate(records) if each["verdict"] == verdict]
    first = min(deciding, key=lambda i: (records[i]["size"] or [], i))
    if len(records) == 1:
        return records[0], first
    examples = sum(each["examples"] for each in records)
    return {
        **records[first],
        "examples": examples,
        "distinct": {},  # Shards don't know of each other's cases.
        "labels": _shares(records),
        "ratios": _largest(records, "ratios"),
        "detects": _largest(records, "detects"),
        "false_alarm": sum(each["false_alarm"] for each in records),
        "seconds": sum(each["seconds"] for each in records),
    }, first


def _shares(records: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Of each label the share over all examples of the shards that say it."""
    found: dict[str, float] = {}
    for name in dict.fromkeys(name for each in records for name in each["labels"]):
        saying = [each for each in records if name in each["labels"]]
        visited = sum(each["labels"][name] * each["examples"] for each in saying)
        found[name] = visited / max(sum(each["examples"] for each in saying), 1)
    return found


def _largest(records: Sequence[dict[str, Any]], key: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for each in records:
        for what, value in each[key].items():
            found[what] = max(found.get(what, value), value)
    return found


def entry(header: dict[str, Any], records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The evidence on one claim, from the records of as many of its parts as were verified."""
    by_part = {record["part"]: record for record in records}
    holds, derived, witness = (
        by_part.get(part, NOTHING) for part in ("holds", "derivation", "witness")
    )
    derivation = header["derivation"]
    return {
        "name": header["name"],
        "theme": header["theme"],
        "statement": header["statement"],
        # What was not verified in this run is no part of its evidence.
        "tiers": [t for t in header["tiers"] if t != "symbolic" or "derivation" in by_part],
        "verdict": claim_verdict([record["verdict"] for record in records]),
        "examples": holds["examples"],
        "distinct": holds["distinct"],
        "labels": holds["labels"],
        "worst_ratio": max(holds["ratios"].values(), default=None),
        "ratios": holds["ratios"],
        "false_alarm": holds["false_alarm"] + witness["false_alarm"],
        "detects": holds["detects"],
        "derivation": derivation and {**derivation, "verified": derived["steps"]},
        "assumptions": _refutations(by_part, "without", header["assumptions"]),
        "misreadings": _refutations(by_part, "misread", header["misreadings"]),
        "counterexample": holds["counterexample"],
        "written_out": holds["written_out"],
        "messages": {r["part"]: r["message"] for r in records if r["message"]},
        "seconds": round(sum(r["seconds"] for r in records), 3),
    }


NOTHING: dict[str, Any] = {
    "examples": 0,
    "distinct": {},
    "labels": {},
    "ratios": {},
    "false_alarm": 0.0,
    "detects": {},
    "steps": 0,
    "counterexample": None,
    "written_out": None,
}


def claim_verdict(verdicts: Sequence[Verdict]) -> Verdict:
    """error if any part is an error, else refuted if any part is, else holds."""
    if "error" in verdicts or not verdicts:
        return "error"
    return "refuted" if "refuted" in verdicts else "holds"


def _refutations(by_part: dict[str, Any], kind: str, names: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"name": name, **{key: by_part[f"{kind}[{name}]"][key] for key in REFUTATION}}
        for name in names
        if f"{kind}[{name}]" in by_part
    ]


REFUTATION = ("counterexample", "left", "right", "violation", "written_out", "examples")


def failed_import(name: str, message: str) -> dict[str, Any]:
    """The entry of a file of claims that cannot be imported."""
    nobody = {"theme": name, "statement": "", "tiers": [], "assumptions": [], "misreadings": []}
    failure = {**NOTHING, "part": "import", "verdict": "error", "message": message, "seconds": 0.0}
    return entry({"name": name, "derivation": None, **nobody}, [failure])


def evidence(
    entries: Sequence[dict[str, Any]], plan: Plan, not_applicable: Sequence[str] = ()
) -> dict[str, Any]:
    """The whole evidence of a run: the entries of its claims, its seed, sources and versions.

    not_applicable: the claims that the backend could not be judged by, in none of the entries.
    """
    return {
        "claims": list(entries),
        "not_applicable": list(not_applicable),
        "false_alarm": false_alarm(entries),
        "backend": {
            "name": plan.backend,
            "unit_roundoff": load_backend(plan.backend).unit_roundoff,
        },
        "seed": plan.seed,
        "examples": plan.examples,
        "sources": sources_digest(),
        "versions": versions(plan.backend),
    }


def false_alarm(entries: Sequence[dict[str, Any]]) -> float:
    """A bound on the chance that any of these claims, all being true, failed in this run.

    The rates stated of its samples, of the witnesses too, and those of the labels' shares.
    """
    samples = sum(found["false_alarm"] for found in entries)
    shares = sum(len(found["labels"]) for found in entries)
    return float(samples + shares * LABEL_ALARM)


def write(file: Path, found: Any) -> None:
    """Write data as JSON, whole or not at all: an interrupted run leaves the old file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(file.name + ".partial")
    partial.write_text(json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    partial.replace(file)
