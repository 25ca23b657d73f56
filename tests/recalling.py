"""Tests that passed with everything as it is now need not run again: `--reuse FOLDER`.

All cases are the same every time, so what passed passes again. A digest of the project's files and
of all installed versions says whether everything is as it was.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import distributions
from pathlib import Path

import pytest

from properties.checking.evidence import write
from properties.checking.sources import content_digest

ROOT = Path(__file__).parent.parent
ROOMS = ("theory", "models", "experiments", "properties", "teaching", "tests")
ROOMS += ("benchmarks", "notebooks")


def surroundings() -> str:
    """A digest of what a test's outcome rests on."""
    files = [file for room in ROOMS for file in (ROOT / room).rglob("*") if file.is_file()]
    files = [file for file in files if "__pycache__" not in file.parts]
    files += [file for file in ROOT.iterdir() if file.is_file()]
    versions = sorted(f"{each.name} {each.version}" for each in distributions())
    return hashlib.sha256(f"{content_digest(files)} {versions}".encode()).hexdigest()


class Recall:
    """Leaves out the tests that passed before, and remembers those that pass now."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / f"tests-{surroundings()}.json"
        self.passed = set(json.loads(self.file.read_text())) if self.file.exists() else set()

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        recalled = [item for item in items if item.nodeid in self.passed]
        if recalled:
            config.hook.pytest_deselected(items=recalled)
            items[:] = [item for item in items if item.nodeid not in self.passed]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.passed.discard(report.nodeid)
        elif report.when == "call" and report.passed and report.nodeid.startswith("tests/"):
            self.passed.add(report.nodeid)

    def pytest_report_header(self) -> str:
        return f"tests: {len(self.passed)} passed before with everything as it is"

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not hasattr(session.config, "workerinput"):
            write(self.file, sorted(self.passed))
