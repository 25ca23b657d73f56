"""What the README shows is what happens."""

import re
from pathlib import Path

import pytest

from tests.test_cli import claims, from_json

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def block(language: str, beginning: str) -> str:
    """The code block of a language that begins with some text."""
    blocks = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    (found,) = [text for text in blocks if text.startswith(beginning)]
    return str(found)


def unpadded(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def test_the_refutation_is_what_the_command_prints() -> None:
    printed = claims("refute", "spectral_power", "--misreading", "printed_form").stdout
    without_time = unpadded(printed).rpartition("\n\nFound in")[0]
    assert without_time == unpadded(block("text", "spectral_power: If W"))


def test_the_theorem_that_it_adds_holds(tmp_path: Path) -> None:
    example = block("python", '"""Momentum')
    (tmp_path / "momentum.py").write_text(example)
    (entry,) = from_json("verify", "--claims-from", tmp_path)["claims"]
    assert (entry["name"], entry["verdict"]) == ("momentum", "holds")
    assert len(example.splitlines()) < 60


def test_the_failure_is_what_a_false_version_prints(tmp_path: Path) -> None:
    example = block("python", '"""Momentum')
    false = example.replace("run.mu ** len(run.g)", "(1 - run.mu) ** len(run.g)", 1)
    (tmp_path / "momentum.py").write_text(false)
    said = unpadded(claims("verify", "--claims-from", tmp_path).stderr)
    shown = unpadded(block("text", "momentum::holds: refuted"))
    assert shown.replace("/tmp/my_claims", str(tmp_path)) in said


def test_the_cell_that_it_tests_holds_and_a_wrong_one_is_refuted(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the extra [torch] is not installed")
    example, names = block("python", "import torch"), ("gru_gradients", "gru_resets_first")
    for written, verdict in (("(1 - z) * h + z * n", "holds"), ("z * h + (1 - z) * n", "refuted")):
        (tmp_path / "my_gru.py").write_text(example.replace("(1 - z) * h + z * n", written))
        backend = f"{tmp_path / 'my_gru.py'}:MyGRU"
        options = ("--examples", 60, "--backend", backend)
        found = from_json("verify", *names, "jacobian_chain", *options)
        entry, other = found["claims"]
        assert (entry["name"], other["name"]) == names
        assert entry["verdict"] == other["verdict"] == verdict
        assert found["not_applicable"] == ["jacobian_chain"]
    zero = 'GRUGradientRun(W=vector("0 0 0"), u=vector("0 0 0"), b=vector("0 0 0")'
    assert entry["counterexample"].startswith(zero)
    assert "x=(0,)" in entry["counterexample"]
    assert len(example.splitlines()) <= 20
