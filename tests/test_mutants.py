"""What is said of mutants, from what mutmut leaves behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import mutants


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of mutmut over two files: of five mutants three are killed, and one did not run."""
    codes = {
        "theory/a.py": {"theory.a.x_f__mutmut_1": 1, "theory.a.x_f__mutmut_2": 0},
        "models/b.py": {
            "models.b.x_g__mutmut_1": 36,
            "models.b.x_g__mutmut_2": 33,
            "models.b.x_g__mutmut_3": 3,
            "models.b.x_g__mutmut_4": None,
        },
    }
    for file, each in codes.items():
        meta = tmp_path / f"{file}.meta"
        meta.parent.mkdir()
        meta.write_text(json.dumps({"exit_code_by_key": each}))
    monkeypatch.setattr(mutants, "FOLDER", tmp_path)
    monkeypatch.setattr(
        mutants, "mutmut", lambda _show, name: f"# {name}\n-    x = 1\n+    x = 2\n"
    )


@pytest.mark.usefixtures("ran")
def test_a_sample_is_the_same_with_one_seed_and_another_with_another() -> None:
    first, again, other = (mutants.chosen(None, 3, seed) for seed in (0, 0, 1))
    assert first == again != other
    assert len(first) == 3
    assert len(mutants.chosen(None, None, 0)) == 6
    assert mutants.chosen({"theory/a.py"}, None, 0) == [
        "theory.a.x_f__mutmut_1",
        "theory.a.x_f__mutmut_2",
    ]


@pytest.mark.usefixtures("ran")
def test_scores_are_of_what_ran(capsys: pytest.CaptureFixture[str]) -> None:
    found = mutants.scores(mutants.chosen(None, None, 0))
    assert {file: (score.tried, score.killed) for file, score in found.items()} == {
        "theory/a.py": (2, 1),
        "models/b.py": (3, 2),
    }
    assert "no test reaches it" in found["models/b.py"].survived[0]
    mutants.report(found)
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1].split() == ["all", "5", "3", "0", "60%"]


@pytest.mark.usefixtures("ran")
def test_what_is_explained_counts_neither_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = tmp_path / "equivalent.toml"
    known.write_text('[[equivalent]]\nwhy = "x is not read"\ndiff = """\n-x = 1\n+x = 2\n"""\n')
    monkeypatch.setattr(mutants, "EQUIVALENT", known)
    found = mutants.scores(mutants.chosen({"theory/a.py"}, None, 0))["theory/a.py"]
    assert (found.equivalent, found.survived, found.share) == (1, [], 1.0)


def test_each_explanation_has_its_reason() -> None:
    assert mutants.explained() is not None
