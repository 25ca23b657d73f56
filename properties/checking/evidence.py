"""Evidence: what a run saw, as data that a page, a paper or another run can read."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Sequence
from typing import Any

from properties.checking.claim import Claim
from properties.checking.verification import Outcome, Plan, Verdict

REPORTED = ("numpy", "scipy", "sympy", "hypothesis", "pytest", "python-flint")


def versions() -> dict[str, str]:
    """The versions of Python and of the libraries that the verdicts rest on."""
    found = {name: importlib.metadata.version(name) for name in REPORTED}
    return {"python": platform.python_version(), **found}


def claim_verdict(outcomes: Sequence[Outcome]) -> Verdict:
    """error if any part is an error, else refuted if any part is, else holds."""
    verdicts = {outcome.verdict for outcome in outcomes}
    if "error" in verdicts or not verdicts:
        return "error"
    return "refuted" if "refuted" in verdicts else "holds"


def claim_evidence(claim: Claim, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The evidence on one claim, from the outcomes of its parts (as many as were verified)."""
    by_part = {outcome.part: outcome for outcome in outcomes}
    holds, derived = by_part.get("holds"), by_part.get("derivation")
    derivation = None
    if not isinstance(claim.derivation, str):
        derivation = {
            "steps": len(claim.derivation.steps),
            "verified": derived.steps if derived else 0,
        }
    return {
        "name": claim.name,
        "theme": claim.theme,
        "statement": claim.statement,
        "tiers": list(claim.tiers),
        "verdict": claim_verdict(outcomes),
        "examples": holds.examples if holds else 0,
        "labels": holds.labels if holds else {},
        "worst_ratio": holds.worst_ratio if holds else None,
        "ratios": holds.ratios if holds else {},
        "derivation": derivation,
        "assumptions": _refutations(by_part, "without", claim.assumptions),
        "misreadings": _refutations(by_part, "misread", claim.misreadings),
        "counterexample": repr(holds.counterexample.case)
        if holds and holds.counterexample
        else None,
        "messages": {o.part: o.message for o in outcomes if o.message},
        "seconds": round(sum(outcome.seconds for outcome in outcomes), 3),
    }


def _refutations(by_part: dict[str, Outcome], kind: str, names: Any) -> list[dict[str, Any]]:
    return [
        refutation(name, by_part[f"{kind}[{name}]"]) for name in names if f"{kind}[{name}]" in by_part
    ]


def refutation(name: str, outcome: Outcome) -> dict[str, Any]:
    """A dropped assumption or a misreading with its counterexample, or None where none is found."""
    found = outcome.counterexample
    return {
        "name": name,
        "counterexample": repr(found.case) if found else None,
        "violation": found.violation if found else None,
        "examples": outcome.examples,
    }


def failed_import(name: str, message: str) -> dict[str, Any]:
    """The entry of a file of claims that cannot be imported."""
    return {
        "name": name,
        "theme": name,
        "statement": "",
        "tiers": [],
        "verdict": "error",
        "examples": 0,
        "labels": {},
        "worst_ratio": None,
        "ratios": {},
        "derivation": None,
        "assumptions": [],
        "misreadings": [],
        "counterexample": None,
        "messages": {"import": message},
        "seconds": 0.0,
    }


def evidence(entries: Sequence[dict[str, Any]], plan: Plan) -> dict[str, Any]:
    """The whole evidence of a run: the entries of its claims, its seed and the versions."""
    backend = getattr(plan.backend, "name", "numpy")
    return {
        "claims": list(entries),
        "seed": plan.seed,
        "examples": plan.examples,
        "backend": backend,
        "versions": versions(),
    }
