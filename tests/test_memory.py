"""What was verified is recalled only while nothing that it rests on has changed."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from properties.checking.memory import Memory, digest_of
from properties.checking.plan import Plan
from properties.shared_weight import scalar_power, transition_width
from tests.test_cli import claims, outside
from tests.test_collection import FALSE, run_pytest

__all__ = ["outside"]


def test_recalled_evidence_is_the_same_to_the_second(outside: Path, tmp_path: Path) -> None:
    call = ("verify", "--claims-from", outside, "--reuse", tmp_path / "verified", "--json")
    first, second = (json.loads(claims(*call).stdout) for _ in range(2))
    assert first == second
    assert len(list((tmp_path / "verified").iterdir())) == 3


def test_pytest_recalls_what_the_command_verified(outside: Path, tmp_path: Path) -> None:
    reuse = ("--reuse", tmp_path / "verified")
    claims("verify", "--claims-from", outside, *reuse)
    for file in (tmp_path / "verified").iterdir():
        other = {**json.loads(file.read_text())["record"], "examples": 123}
        file.write_text(json.dumps({"digest": digest_of(other), "record": other}))
    evidence = tmp_path / "evidence.json"
    run_pytest("--claims-from", outside, *reuse, "--evidence", evidence)
    (entry,) = json.loads(evidence.read_text())["claims"]
    assert entry["examples"] == 123


def test_another_source_seed_or_number_of_examples_is_verified_anew(
    outside: Path, tmp_path: Path
) -> None:
    verified = tmp_path / "verified"
    call = ("verify", "--claims-from", outside, "--reuse", verified)
    claims(*call)
    for expected, more in ((6, ["--seed", 1]), (9, ["--examples", 60])):
        claims(*call, *more)
        assert len(list(verified.iterdir())) == expected
    file = outside / "true.py"
    file.write_text(file.read_text().replace("n² ≥ n", "n ≤ n²"))
    claims(*call)
    assert len(list(verified.iterdir())) == 12


def test_what_does_not_hold_always_runs_again(outside: Path, tmp_path: Path) -> None:
    (outside / "true.py").write_text(FALSE)
    call = ("verify", "--claims-from", outside, "--reuse", tmp_path / "verified")
    for _ in range(2):
        result = claims(*call)
        assert result.returncode == 1
        assert "squares_shrink::holds: refuted" in result.stderr
    remembered = [json.loads(f.read_text())["record"] for f in (tmp_path / "verified").iterdir()]
    assert {record["verdict"] for record in remembered} == {"holds"}


HELD = {"part": "holds", "verdict": "holds", "examples": 7}
PLAN = Plan(examples=7, seed=1)


def test_a_part_that_holds_is_remembered_for_its_plan_alone(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "new" / "verified")
    assert memory.recall(scalar_power, "holds", PLAN) is None
    memory.keep(scalar_power, PLAN, HELD)
    assert memory.recall(scalar_power, "holds", PLAN) == HELD
    assert memory.recall(scalar_power, "witness", PLAN) is None
    assert memory.recall(transition_width, "holds", PLAN) is None
    for other in ({"examples": 8}, {"seed": 2}, {"smallest": False}, {"backend": "jax"}):
        assert memory.recall(scalar_power, "holds", replace(PLAN, **other)) is None
    assert memory.recall(scalar_power, "holds", replace(PLAN, limit=3.0)) == HELD


@pytest.mark.parametrize(
    ("changed", "record"),
    [
        ({}, {**HELD, "verdict": "refuted"}),
        ({"backend": "jax"}, HELD),
        ({"database": Path("failures")}, HELD),
    ],
)
def test_what_is_not_remembered(
    tmp_path: Path, changed: dict[str, Any], record: dict[str, Any]
) -> None:
    Memory(tmp_path).keep(scalar_power, replace(PLAN, **changed), record)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "damaged", ["", "[]", "{", '{"digest": "", "record": {}}', '{"record": {}}', '"digest record"']
)
def test_a_damaged_memory_is_none(tmp_path: Path, damaged: str) -> None:
    memory = Memory(tmp_path)
    memory.keep(scalar_power, PLAN, HELD)
    (file,) = tmp_path.iterdir()
    file.write_text(damaged)
    assert memory.recall(scalar_power, "holds", PLAN) is None


def test_a_memory_that_cannot_be_written_is_said_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "file" / "verified"
    folder.parent.write_text("")
    said = f"^{re.escape(str(folder))}: what holds is not remembered there: Not a directory$"
    with pytest.warns(UserWarning, match=said):
        Memory(folder).keep(scalar_power, PLAN, HELD)
