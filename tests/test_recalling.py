"""What passed is recalled, and only while everything is as it was."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests import recalling
from tests.recalling import Recall, surroundings


def reported(nodeid: str, *, when: str = "call", passed: bool = True) -> Any:
    return SimpleNamespace(nodeid=nodeid, when=when, passed=passed, failed=not passed)


def left_of(recall: Recall, *nodeids: str) -> tuple[list[str], list[str]]:
    """The tests that are still run, and those that are not."""
    items: Any = [SimpleNamespace(nodeid=nodeid) for nodeid in nodeids]
    deselected: list[Any] = []

    def deselect(items: list[Any]) -> None:
        deselected.extend(items)

    config: Any = SimpleNamespace(hook=SimpleNamespace(pytest_deselected=deselect))
    recall.pytest_collection_modifyitems(config, items)
    return [item.nodeid for item in items], [item.nodeid for item in deselected]


def test_what_passed_is_left_out_and_nothing_else(tmp_path: Path) -> None:
    recall = Recall(tmp_path)
    for report in (
        reported("tests/a.py::passes"),
        reported("tests/a.py::fails", passed=False),
        reported("tests/a.py::breaks_down_later"),
        reported("tests/a.py::breaks_down_later", when="teardown", passed=False),
        reported("tests/a.py::is_only_set_up", when="setup"),
        reported("properties/a.py::is_a_claim"),
    ):
        recall.pytest_runtest_logreport(report)
    a_worker: Any = SimpleNamespace(config=SimpleNamespace(workerinput={}))
    recall.pytest_sessionfinish(a_worker)
    assert not list(tmp_path.iterdir())
    the_controller: Any = SimpleNamespace(config=SimpleNamespace())
    recall.pytest_sessionfinish(the_controller)
    names = ("passes", "fails", "breaks_down_later", "is_only_set_up", "is_new")
    all_tests = [*(f"tests/a.py::{name}" for name in names), "properties/a.py::is_a_claim"]
    assert left_of(Recall(tmp_path), *all_tests) == (all_tests[1:], all_tests[:1])


@pytest.mark.parametrize("changed", ["tests/a.py", "theory/a.py", "teaching/text/a.toml", "a.md"])
def test_a_change_of_any_file_is_noticed(
    changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recalling, "ROOT", tmp_path)
    file = tmp_path / changed
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("1")
    before = surroundings()
    assert surroundings() == before
    file.write_text("2")
    assert surroundings() != before


def test_another_version_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = surroundings()
    monkeypatch.setattr(
        recalling, "distributions", lambda: [SimpleNamespace(name="a", version="1")]
    )
    assert surroundings() != before
