"""Evidence for the tests of the page: a run of a few claims, and what a page makes of it."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

from properties.checking.applicability import parts_on
from properties.checking.claim import Claim
from properties.checking.evidence import entry, evidence, header, record
from properties.checking.loading import load_catalogue
from properties.checking.plan import Plan
from properties.checking.verification import verify_part

VERIFIED = ("spectral_power", "scalar_power", "stack_network")
"""Claims that cost little, of different themes, with matrices, numbers and words in their cases."""


@cache
def catalogue() -> dict[str, Claim]:
    return {claim.name: claim for claim in load_catalogue().claims}


@cache
def _seen() -> dict[str, Any]:
    plan = Plan(examples=20)
    entries = []
    for claim in map(catalogue().__getitem__, VERIFIED):
        parts = parts_on(claim, plan.backend)
        entries.append(entry(header(claim), [record(verify_part(claim, p, plan)) for p in parts]))
    return evidence(entries, plan)


def seen() -> dict[str, Any]:
    """The evidence of that run, to be changed at will."""
    return copy.deepcopy(_seen())


def written(folder: Path, found: dict[str, Any]) -> Path:
    file = folder / "evidence.json"
    file.write_text(json.dumps(found))
    return file
