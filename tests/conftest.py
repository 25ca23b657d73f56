"""Fixtures that several test files share."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from experiments import workers
from properties.checking.balls import precision
from tests.forgetting import forgetting_files
from tests.recalling import Recall

ROOT = Path(__file__).parent.parent
ROOMS = ("theory", "models", "experiments", "properties", "teaching")
FILES = ("conftest.py", "pyproject.toml")


def pytest_configure(config: pytest.Config) -> None:
    """The same cases every time, or others with --explore; how long they take says nothing."""
    settings.register_profile("deterministic", deadline=None, derandomize=True, database=None)
    settings.register_profile("exploring", deadline=None)
    exploring, reuse = config.getoption("--explore"), config.getoption("--reuse")
    settings.load_profile("exploring" if exploring else "deterministic")
    if "MUTANT_UNDER_TEST" in os.environ:
        _forget()
    if reuse and not exploring:
        config.pluginmanager.register(Recall(Path(reuse)), "recall")


def _forget() -> None:
    """Empty what functions keep of their results: mutmut forks its processes after it ran tests."""
    from sympy.core.cache import clear_cache

    clear_cache()
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in ROOMS:
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


@pytest.fixture(autouse=True)
def _many_bits() -> Iterator[None]:
    """Balls have 256 bits, whatever ran before, unless a test asks for others."""
    with precision(256):
        yield


@pytest.fixture(autouse=True)
def _no_files_of_other_tests() -> Iterator[None]:
    """Claims that one test loads from a file are no other test's."""
    with forgetting_files():
        yield


@pytest.fixture(autouse=True)
def _no_processes_of_mutants(monkeypatch: pytest.MonkeyPatch) -> None:
    """mutmut forks the processes that try mutants: what waits for a pool of others there hangs."""

    def skip(*_: object) -> None:
        pytest.skip("which tests reach what is not seen in another process")

    if "MUTANT_UNDER_TEST" in os.environ:
        monkeypatch.setattr(workers, "_on_processes", skip)


@pytest.fixture
def copied_house(tmp_path: Path) -> Path:
    """A copy of the project's rooms, to be broken; with the bytecode, which saves seconds."""
    house = tmp_path / "house"
    for room in ROOMS:
        shutil.copytree(ROOT / room, house / room)
    for file in FILES:
        shutil.copy(ROOT / file, house)
    return house
