"""What people read: a failure, a counterexample, and the code that reproduces it."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

from models.backends.files import PRIVATE
from properties.checking.cases import Case
from properties.checking.claim import Claim
from properties.checking.comparison import DEFAULT
from properties.checking.counterexample import Counterexample
from properties.checking.plan import Outcome

PART_MEANS = {
    "derivation": "the steps from its assumptions to its conclusion",
    "witness": "its witness, one case written out",
    "holds": "the claim itself, on every case",
    "without": "an assumption dropped: the search has to find a counterexample",
    "misread": "a false version of the claim: the search has to refute it",
}


def failure_text(claim: Claim, outcome: Outcome) -> str:
    """The statement, what was verified, and why it failed: the case as code and both sides."""
    kind = outcome.part.partition("[")[0]
    lines = [
        f"{claim.name}::{outcome.part}: {outcome.verdict}",
        f"  claim     {text_of(claim.statement)}",
        f"  source    {text_of(claim.source)}",
        f"  verified  {PART_MEANS[kind]}",
    ]
    if outcome.backend != DEFAULT:
        lines.append(f"  backend   {outcome.backend}")
    lines.append("")
    found = outcome.counterexample
    if found is None:
        return "\n".join([*lines, outcome.message])
    return "\n".join(
        [
            *lines,
            f"smallest of the failing cases (after {outcome.examples} that hold):",
            *("    " + line for text in found.lines() for line in text.split("\n")),
            "",
            "to reproduce:",
            reproduction(claim, claim.name, found, outcome.backend),
        ]
    )


def reproduction(
    claim: Claim, check_name: str, found: Counterexample, backend: str = DEFAULT
) -> str:
    """Python that runs the check on the counterexample again and raises its Violation."""
    module = sys.modules.get(claim.module)
    lines = ["from properties.checking import *"]
    home = claim.module
    if module is not None and home.startswith(PRIVATE):
        file = Path(str(module.__file__))
        lines.append(f"import sys; sys.path.insert(0, {str(file.parent)!r})")
        home = file.stem
    names = [check_name]
    for kind in _kinds(found.case):
        if module is not None and hasattr(module, kind.__name__):
            names.insert(0, kind.__name__)
        elif kind.__module__ != "builtins":
            lines.append(f"from {kind.__module__} import {kind.__name__}")
    call = f"{check_name}.check" if check_name == claim.name else check_name
    under_test = ""
    if backend != DEFAULT:
        lines.append("from models.backends import load_backend")
        under_test = f"backend=load_backend({backend!r})"
    lines += [
        f"from {home} import {', '.join(names)}",
        f"case = {found.case!r}",
        f"{call}(case, Check({under_test}))",
    ]
    return "\n".join("    " + line for line in lines)


def text_of(value: Any) -> str:
    """A text; of anything else that stands in its place, what it is, so that none of it is run."""
    return value if isinstance(value, str) else f"(no text but a {type(value).__name__})"


def _kinds(case: Any) -> list[type]:
    """The types of a case and of those within it, which its code speaks of."""
    fields = dataclasses.fields(case) if dataclasses.is_dataclass(case) else ()
    inside = [
        kind
        for f in fields
        if isinstance(value := getattr(case, f.name), Case)
        for kind in _kinds(value)
    ]
    return list(dict.fromkeys([type(case), *inside]))


def side(value: Any) -> str | None:
    """One side of a comparison as text, None where the check did not name it."""
    from properties.checking.exact import plain

    return None if value is None else plain(value)
