"""pytest collects claims, an item for each part, with everything that pytest offers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

TRUE_CLAIM = """
from dataclasses import dataclass
from typing import Any
from hypothesis import strategies as st
from properties.checking import Case, claim

@dataclass(frozen=True, repr=False)
class Number(Case):
    x: int

def declare(check):
    return claim(
        statement="n² ≥ n", source="arithmetic", derivation="none: an example",
        domain=st.builds(Number, st.integers(-99, 99)), tiers=("exact",), witness=Number(2),
    )(check)

@declare
def {name}(number, check):
    check.at_most({left}, {right})
"""
TRUE = TRUE_CLAIM.format(name="squares_grow", left="number.x", right="number.x**2")
FALSE = TRUE_CLAIM.format(name="squares_shrink", left="number.x**2", right="number.x")
BROKEN = "import a_module_that_nobody_has\n"


def run_pytest(*arguments: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder of claims outside the project: one true, one false, one that does not import."""
    folder = tmp_path / "their_claims"
    folder.mkdir()
    (folder / "true.py").write_text(TRUE)
    (folder / "false.py").write_text(FALSE)
    (folder / "broken.py").write_text(BROKEN)
    return folder


def test_every_part_of_a_claim_is_an_item() -> None:
    listed = run_pytest("--collect-only", "-q", "properties").stdout.splitlines()
    theme = "properties/linear_recurrence.py::spectral_power"
    for part in (
        "derivation",
        "witness",
        "holds",
        "without[Q is orthogonal]",
        "misread[printed_form]",
    ):
        assert f"{theme}::{part}" in listed


def test_items_are_selected_by_name_and_by_expression() -> None:
    item = "properties/linear_recurrence.py::spectral_power::derivation"
    assert "1 passed" in run_pytest(item).stdout
    selected = run_pytest("properties", "-k", "cell_jacobian and witness", "--durations=1")
    assert "1 passed" in selected.stdout
    assert "slowest 1 durations" in selected.stdout


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_claims_from_outside(outside: Path, tmp_path: Path, workers: list[str]) -> None:
    file = tmp_path / "evidence.json"
    result = run_pytest("--claims-from", outside, "--examples", 60, "--evidence", file, *workers)
    assert result.returncode == 1
    assert "3 failed, 4 passed" in result.stdout
    assert "broken.py does not import: ModuleNotFoundError" in result.stdout
    assert "case = Number(x=-1)" in result.stdout
    entries = {entry["name"]: entry for entry in json.loads(file.read_text())["claims"]}
    verdicts = {name: entry["verdict"] for name, entry in entries.items()}
    assert verdicts == {"squares_grow": "holds", "squares_shrink": "refuted", "broken": "error"}
    assert entries["squares_grow"]["examples"] == 60
    assert entries["squares_shrink"]["counterexample"] == "Number(x=-1)"


def test_last_failed_runs_what_failed(outside: Path, tmp_path: Path) -> None:
    (outside / "broken.py").unlink()
    cached = ["-p", "cacheprovider", "-o", f"cache_dir={tmp_path / 'cache'}"]
    run_pytest("--claims-from", outside, *cached)
    again = run_pytest("--claims-from", outside, *cached, "--lf")
    assert "2 failed" in again.stdout
    assert " passed" not in again.stdout


SELDOM = """
from dataclasses import dataclass
from hypothesis import strategies as st
from properties.checking import Case, claim

@dataclass(frozen=True, repr=False)
class Number(Case):
    n: int

@claim(statement="n ≤ 990 000", source="none", derivation="none: an example", tiers=("exact",),
       domain=st.builds(Number, st.integers(0, 10**6)), witness=Number(2))
def seldom_false(number, check):
    check.at_most(number.n, 990_000)
"""


def test_a_file_of_claims_that_is_named_is_a_file_of_claims_alone(outside: Path) -> None:
    found = run_pytest("--claims-from", outside / "true.py", "-q")
    assert (found.returncode, found.stdout.splitlines()[-1].split(" in ")[0]) == (0, "3 passed")


def test_exploring_tries_first_what_failed_before(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("")
    (tmp_path / "seldom.py").write_text(SELDOM)
    explored = ("--rootdir", tmp_path, "--claims-from", tmp_path / "seldom.py", "--explore")
    for examples in (5000, 1):
        found = run_pytest(*explored, "--examples", examples, "-k", "holds")
        assert found.returncode == 1
        assert "n = 990001" in found.stdout
    assert [each.name for each in (tmp_path / ".hypothesis" / "claims").iterdir()] == [
        "seldom_false"
    ]


def test_exploring_draws_its_seed_and_prints_it(outside: Path) -> None:
    headers = {
        line
        for _ in range(2)
        for line in run_pytest(
            "--claims-from", outside / "true.py", "--explore"
        ).stdout.splitlines()
        if line.startswith("claims: ")
    }
    assert len(headers) == 2
    deterministic = run_pytest("--claims-from", outside / "true.py").stdout
    assert "claims: 200 examples each, seed 0, backend numpy" in deterministic


def test_mistakes_in_the_options_are_usage_errors(tmp_path: Path) -> None:
    nowhere = run_pytest("--claims-from", tmp_path / "nowhere")
    assert nowhere.returncode == 4
    assert "there is no such file or folder" in nowhere.stderr
    none = run_pytest("--examples", 0)
    assert none.returncode == 4
    assert "--examples: at least 1" in none.stderr
