"""What is said of mutants, from what mutmut leaves behind."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from sympy import symbols

from tests import fresh_mutants, mutants
from tests.conftest import _forget
from theory import normal_form

ROOT = mutants.ROOT


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
def test_survivors_are_those_that_nothing_noticed() -> None:
    names = ["theory.a.x_f__mutmut_1", "theory.a.x_f__mutmut_2", "models.b.x_g__mutmut_1"]
    assert mutants.survivors(names) == ["theory.a.x_f__mutmut_2"]


def test_what_functions_keep_is_forgotten_where_mutants_are_tried() -> None:
    t, s = symbols("t s", integer=True)
    assert normal_form.equal(t + s, s + t)
    assert normal_form._equal.cache_info().currsize
    _forget()
    assert not normal_form._equal.cache_info().currsize


@pytest.mark.usefixtures("ran")
def test_scores_are_of_what_ran(capsys: pytest.CaptureFixture[str]) -> None:
    found = mutants.scores(mutants.chosen(None, None, 0), {"models.b.x_g__mutmut_4": False})
    assert {file: (score.tried, score.killed) for file, score in found.items()} == {
        "theory/a.py": (2, 1),
        "models/b.py": (4, 2),
    }
    assert [diff.splitlines()[0] for diff in found["models/b.py"].survived] == [
        "# models.b.x_g__mutmut_2",
        "# models.b.x_g__mutmut_4",
    ]
    mutants.report(found)
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1].split() == ["all", "6", "3", "0", "50%"]


@pytest.mark.usefixtures("ran")
def test_what_is_explained_counts_neither_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = tmp_path / "equivalent.toml"
    known.write_text('[[equivalent]]\nwhy = "x is not read"\ndiff = """\n-x = 1\n+x = 2\n"""\n')
    monkeypatch.setattr(mutants, "EQUIVALENT", known)
    found = mutants.scores(mutants.chosen({"theory/a.py"}, None, 0), {})["theory/a.py"]
    assert (found.equivalent, found.survived, found.share) == (1, [], 1.0)


def test_a_kind_of_change_is_known_by_what_it_leaves_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = tmp_path / "equivalent.toml"
    known.write_text(
        "equivalent = []\n[[alike]]\npattern = ', strict=[A-Z][a-z]+'\nwhy = 'equal'\n"
    )
    monkeypatch.setattr(mutants, "EQUIVALENT", known)
    explained = mutants.explained()
    assert explained.covers("-zip(a, b, strict=True)\n+zip(a, b, strict=False)")
    assert not explained.covers("-zip(a, b, strict=True)\n+zip(a, c, strict=False)")


def test_each_explanation_has_its_reason() -> None:
    listed = tomllib.loads(mutants.EQUIVALENT.read_text())
    assert all(each["why"] for kind in listed.values() for each in kind)
    assert mutants.explained().diffs


def test_what_is_explained_still_stands_in_its_file() -> None:
    for each in tomllib.loads(mutants.EQUIVALENT.read_text(encoding="utf-8"))["equivalent"]:
        lines = (mutants.ROOT / each["file"]).read_text(encoding="utf-8").splitlines()
        removed = [line[1:].strip() for line in each["diff"].splitlines() if line[:1] == "-"]
        assert removed
        assert [line for line in removed if line not in map(str.strip, lines)] == []


def test_what_one_test_reached_at_most_is_tried_alone(tmp_path: Path) -> None:
    reached = {"theory.a.x_f": ["t::1"], "theory.a.x_g": ["t::1", "t::2"]}
    stats = {"tests_by_mangled_function_name": reached}
    (tmp_path / "mutmut-stats.json").write_text(json.dumps(stats))
    names = [f"theory.a.x_{function}__mutmut_1" for function in "fgh"]
    assert fresh_mutants.seldom_reached(tmp_path, names) == [names[0], names[2]]


def test_a_mutant_meets_the_claims_that_rest_on_its_module_and_the_tests_that_import_it() -> None:
    claims = fresh_mutants.claims_of(ROOT, "theory.latch_decay")
    assert claims[0] == "properties/latch_decay.py"
    assert not fresh_mutants.claims_of(ROOT, "properties.checking.exact")
    assert "tests/test_derived.py" in fresh_mutants.tests_of(ROOT, "theory.latch_decay")
    assert "tests/test_mutants.py" in fresh_mutants.tests_of(ROOT, "tests.fresh_mutants")


def test_a_process_of_its_own_says_whether_a_mutant_was_noticed(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").write_text(
        "import os\n"
        "def never():\n    import properties.checking.a\n"
        "def test_it():\n    assert not os.environ['MUTANT_UNDER_TEST'].endswith('2')\n"
    )
    names = [f"properties.checking.a.x_f__mutmut_{number}" for number in (1, 2)]
    assert fresh_mutants.killed(tmp_path, names, (), 2) == dict(
        zip(names, (False, True), strict=True)
    )
    assert not any(fresh_mutants.killed(tmp_path, names, ["tests/test_it.py"], 1).values())
