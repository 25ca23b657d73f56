"""Evidence says of a claim what its parts gave, and no more."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from flint import fmpq

from properties.checking import Check
from properties.checking.claim import Claim
from properties.checking.evidence import (
    NOTHING,
    claim_verdict,
    entry,
    evidence,
    failed_import,
    header,
    merged,
    record,
    versions,
    write,
)
from properties.checking.plan import Outcome, Plan
from properties.checking.verification import verify_part
from properties.linear_recurrence import spectral_power
from tests.controls import Number, a_claim


def recorded(claim: Claim, part: str) -> dict[str, Any]:
    return record(verify_part(claim, part, Plan(examples=60)))


def below_three(number: Number, check: Check) -> None:
    check.at_most(number.x, fmpq(3))


@pytest.mark.parametrize(
    ("verdicts", "whole"),
    [
        ([], "error"),
        (["holds"], "holds"),
        (["holds", "refuted"], "refuted"),
        (["refuted", "error"], "error"),
    ],
)
def test_the_worst_part_decides(verdicts: list[Any], whole: str) -> None:
    assert claim_verdict(verdicts) == whole


@pytest.mark.parametrize(
    ("backend", "more"),
    [("numpy", set()), ("torch:float32", {"torch"}), ("jax", {"jax"}), ("mine.py:Mine", set())],
)
def test_versions_are_those_of_what_is_used(
    backend: str, more: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: f"that of {name}")
    found = versions(backend)
    assert found.pop("python") == platform.python_version()
    libraries = {"numpy", "scipy", "sympy", "hypothesis", "pytest", "python-flint"}
    assert found == {name: f"that of {name}" for name in libraries | more}


def test_a_header_is_what_the_claim_declares() -> None:
    found = header(spectral_power)
    assert found["name"] == "spectral_power"
    assert found["theme"] == "linear_recurrence"
    assert found["statement"] == spectral_power.statement
    assert found["source"] == spectral_power.source
    assert found["tiers"] == list(spectral_power.tiers)
    assert found["assumptions"] == list(spectral_power.assumptions)
    assert found["misreadings"] == list(spectral_power.misreadings)
    assert found["derivation"] == {"steps": len(spectral_power.derivation.steps)}
    assert header(a_claim())["derivation"] is None


def test_a_refutation_is_recorded_with_both_sides() -> None:
    found = recorded(a_claim(below_three), "holds")
    assert (found["part"], found["verdict"]) == ("holds", "refuted")
    assert (found["counterexample"], found["size"]) == ("Number(x=4)", [0, 1])
    assert (found["left"], found["right"]) == ("4", "3")
    assert found["violation"] > 1
    assert found["written_out"]
    assert json.loads(json.dumps(found)) == found


def test_what_holds_is_recorded_without_sides() -> None:
    outcome = Outcome("name", "holds", "holds", message="", examples=3, steps=2, seconds=0.5)
    outcome.distinct, outcome.labels, outcome.ratios = {1: 1, 2: 1}, {"a": 0.5}, {"x": 0.25}
    outcome.false_alarm, outcome.detects = 1e-9, {"x": 0.1}
    assert record(outcome) == {
        "part": "holds",
        "verdict": "holds",
        "message": "",
        "examples": 3,
        "distinct": {"1": 1, "2": 1},
        "labels": {"a": 0.5},
        "ratios": {"x": 0.25},
        "false_alarm": 1e-9,
        "detects": {"x": 0.1},
        "steps": 2,
        "seconds": 0.5,
        "counterexample": None,
        "size": None,
        "left": None,
        "right": None,
        "violation": None,
        "written_out": None,
    }


def a_record(part: str = "holds", **other: Any) -> dict[str, Any]:
    plain = {**NOTHING, "part": part, "verdict": "holds", "message": "", "seconds": 0.25}
    refutation = dict.fromkeys(("left", "right", "violation", "size"))
    return {**plain, **refutation, "written_out": None, **other}


def test_an_entry_is_put_together_from_its_parts() -> None:
    declared = {
        "name": "n",
        "theme": "t",
        "statement": "s",
        "tiers": ["symbolic", "exact"],
        "derivation": {"steps": 4},
        "assumptions": ["a", "not tried"],
        "misreadings": ["m"],
    }
    sides = {"counterexample": "C()", "left": "1", "right": "2", "violation": 3.0, "examples": 7}
    holds = a_record(
        examples=60,
        distinct={"1": 1},
        labels={"label": 0.5},
        ratios={"x": 0.5, "y": 0.25},
        false_alarm=1e-9,
        detects={"x": 0.1},
    )
    records = [
        a_record("derivation", steps=4),
        a_record("witness", false_alarm=2e-9, examples=1),
        holds,
        a_record("without[a]", **sides, message="why"),
        a_record("misread[m]", **sides),
    ]
    assert entry(declared, records) == {
        "name": "n",
        "theme": "t",
        "statement": "s",
        "tiers": ["symbolic", "exact"],
        "verdict": "holds",
        "examples": 60,
        "distinct": {"1": 1},
        "labels": {"label": 0.5},
        "worst_ratio": 0.5,
        "ratios": {"x": 0.5, "y": 0.25},
        "false_alarm": 1e-9 + 2e-9,
        "detects": {"x": 0.1},
        "derivation": {"steps": 4, "verified": 4},
        "assumptions": [{"name": "a", **sides, "written_out": None}],
        "misreadings": [{"name": "m", **sides, "written_out": None}],
        "counterexample": None,
        "written_out": None,
        "messages": {"without[a]": "why"},
        "seconds": 1.25,
    }
    underived = entry({**declared, "derivation": None}, records[1:3])
    assert underived["tiers"] == ["exact"]
    assert underived["derivation"] is None
    assert entry(declared, [])["worst_ratio"] is None
    assert entry(declared, [])["examples"] == 0


def test_shards_are_added_up_by_their_examples() -> None:
    first = a_record(
        examples=30,
        labels={"a": 0.5},
        ratios={"x": 0.5},
        detects={"x": 0.25},
        false_alarm=1e-9,
        seconds=1.0,
    )
    second = a_record(
        examples=10,
        labels={"a": 0.1, "b": 1.0},
        ratios={"x": 0.25, "y": 0.75},
        detects={"x": 0.5},
        false_alarm=2e-9,
        seconds=2.0,
    )
    found, deciding = merged([first, second])
    assert deciding == 0
    assert found["examples"] == 40
    assert found["labels"] == pytest.approx({"a": float(Fraction(16, 40)), "b": 1.0})
    assert found["ratios"] == {"x": 0.5, "y": 0.75}
    assert found["detects"] == {"x": 0.5}
    assert found["false_alarm"] == pytest.approx(3e-9)
    assert found["seconds"] == 3.0
    assert found["distinct"] == {}
    assert merged([second]) == (second, 0)
    nothing = a_record(labels={"a": 0.0})
    assert merged([nothing, nothing])[0]["labels"] == {"a": 0.0}


def test_a_file_that_does_not_import_is_an_error_with_its_message() -> None:
    found = failed_import("theirs.py", "theirs.py does not import: SyntaxError")
    assert (found["name"], found["theme"], found["verdict"]) == ("theirs.py", "theirs.py", "error")
    assert found["messages"] == {"import": "theirs.py does not import: SyntaxError"}
    assert (found["statement"], found["tiers"], found["derivation"]) == ("", [], None)
    assert (found["assumptions"], found["misreadings"], found["seconds"]) == ([], [], 0.0)


def test_evidence_names_all_that_the_verdicts_rest_on() -> None:
    entries = [failed_import("theirs.py", "no")]
    found = evidence(entries, Plan(examples=60, seed=5), ["elsewhere"])
    assert found["claims"] == entries
    assert found["not_applicable"] == ["elsewhere"]
    assert found["false_alarm"] == 0.0
    assert found["backend"] == {"name": "numpy", "unit_roundoff": 2.0**-53}
    assert (found["seed"], found["examples"]) == (5, 60)
    assert len(found["sources"]) == 64
    assert found["versions"] == versions("numpy")
    assert {"python", "numpy", "sympy", "python-flint"} <= found["versions"].keys()


def test_evidence_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b" / "evidence.json"
    write(file, {"x": ["≥"]})
    assert file.read_text() == '{\n "x": [\n  "≥"\n ]\n}\n'
    write(file, [1])
    not_data: list[Callable[[], None] | float] = [lambda: None, float("nan")]
    for each in not_data:
        with pytest.raises((TypeError, ValueError)):
            write(file, each)
    assert json.loads(file.read_text()) == [1]
