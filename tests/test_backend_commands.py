"""Another's implementation under test, by the command line and by pytest."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_cli import ROOT, claims, from_json
from tests.test_collection import run_pytest

WRONG = """
from tests.wrong_cells import GatesSwapped
cell = GatesSwapped()
"""


@pytest.fixture
def wrong(tmp_path: Path) -> str:
    """The name of a backend in a file of the user's."""
    (tmp_path / "my_lstm.py").write_text(WRONG)
    return f"{tmp_path / 'my_lstm.py'}:cell"


def test_verify_says_which_claims_do_not_apply() -> None:
    names = ("carousel", "jacobian_chain", "gru_gradients", "spectral_power")
    plain = ("--examples", 60, "--backend", "tests.plain_cells:Float32")
    found = from_json("verify", *names, *plain)
    assert found["not_applicable"] == ["spectral_power", "gru_gradients"]
    assert found["backend"] == {"name": "tests.plain_cells:Float32", "unit_roundoff": 2.0**-24}
    assert {entry["name"]: entry["verdict"] for entry in found["claims"]} == {
        "jacobian_chain": "holds",
        "carousel": "holds",
    }
    assert {tier for entry in found["claims"] for tier in entry["tiers"]} == {"enclosed"}
    said = claims("verify", "carousel", "spectral_power", *plain).stdout
    assert "1 hold, 0 refuted, 0 in error" in said
    assert "not applicable to tests.plain_cells:Float32 (it concerns no model" in said


def test_what_cannot_be_judged_is_a_usage_error() -> None:
    plain = ("--backend", "tests.plain_cells:PlainCells")
    for arguments, said in (
        (("verify", "--backend", "trch"), "did you mean torch?"),
        (("verify", "spectral_power", *plain), "none of the claims chosen can judge it"),
        (
            ("refute", "gru_gradients", "--misreading", "one_bias_would_do", *plain),
            "does not support its GRU",
        ),
    ):
        result = claims(*arguments)
        assert result.returncode == 2, arguments
        assert said in result.stderr, arguments
        assert "Traceback" not in result.stderr, arguments


def test_a_wrong_cell_is_refuted_by_code_that_runs(wrong: str, tmp_path: Path) -> None:
    result = claims("verify", "carousel", "--backend", wrong)
    assert result.returncode == 1
    assert f"backend   {wrong}" in result.stderr
    code = result.stderr.partition("to reproduce:")[2]
    lines = [line.strip() for line in code.splitlines() if line.startswith("    ")]
    assert any("load_backend" in line for line in lines)
    script = tmp_path / "again.py"
    script.write_text("\n".join(lines))
    again = subprocess.run(
        [sys.executable, script],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Violation: ∂c_t/∂c_s" in again.stderr


def test_refute_searches_with_the_backend() -> None:
    misreading = ("refute", "carousel", "--misreading", "kept_by_the_input_gate")
    said = claims(*misreading, "--backend", "tests.plain_cells:Float32").stdout
    assert "Smallest counterexample" in said
    assert "Check(backend=load_backend('tests.plain_cells:Float32'))" in said


def test_pytest_skips_what_does_not_apply(tmp_path: Path) -> None:
    file = tmp_path / "evidence.json"
    chosen = ("properties", "-k", "carousel or spectral_power", "--examples", 60)
    plain = ("--backend", "tests.plain_cells:PlainCells", "--evidence", file)
    result = run_pytest(*chosen, *plain)
    assert result.returncode == 0, result.stdout
    assert "2 passed, 1 skipped" in result.stdout
    assert "it concerns no model that a backend computes" in result.stdout
    found = json.loads(file.read_text())
    assert found["not_applicable"] == ["spectral_power"]
    assert [entry["name"] for entry in found["claims"]] == ["carousel"]


def test_pytest_refuses_an_unknown_backend() -> None:
    result = run_pytest("properties", "--backend", "jaxx")
    assert result.returncode == 4
    assert "did you mean jax?" in result.stderr
