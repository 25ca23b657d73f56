"""What was verified is recalled only while nothing that it rests on has changed."""

from __future__ import annotations

import json
from pathlib import Path

from properties.checking.memory import digest_of
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
