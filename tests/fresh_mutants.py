"""Mutants that need a process of their own: what they change runs when modules are imported.

mutmut imports the project once and forks a process for each mutant, where a module's top level does
not run again: a derivation stated there never meets the mutant. Here Python starts anew, imports
the mutated project, and runs first the claims that rest on the mutated module, then its tests.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import cache
from pathlib import Path

SECONDS = 600
"""A mutant that takes longer is killed."""

PASSED = (0, 5)
"""What pytest ends with when all passed, or when there was nothing to run."""

STATS = "mutmut-stats.json"
"""Where mutmut keeps which tests reach which function."""

CLAIMS = ("--examples", "50", "-k", "derivation or witness or holds")


def seldom_reached(folder: Path, names: Iterable[str]) -> list[str]:
    """Those of the mutants that at most one test reached while mutmut watched.

    What was reached by the imports counts as reached by the first test.
    """
    stats = json.loads((folder / STATS).read_text())
    reached = stats["tests_by_mangled_function_name"]
    return [name for name in names if len(reached.get(_function(name), ())) <= 1]


def _function(name: str) -> str:
    return name.rpartition("__mutmut_")[0]


def killed(
    folder: Path, names: Sequence[str], ignored: Iterable[str], workers: int
) -> dict[str, bool]:
    """Of each of the mutants, whether a claim or a test noticed it.

    folder:  of the mutated copy
    ignored: the files of tests that are not run
    """
    left_out = frozenset(ignored)
    found = {}
    with ThreadPoolExecutor(workers) as pool:
        running = {pool.submit(_is_killed, folder, name, left_out): name for name in names}
        for number, done in enumerate(as_completed(running), 1):
            name = running[done]
            found[name] = done.result()
            said = "killed" if found[name] else "survived"
            print(f"{number}/{len(names)} {said} {name}", flush=True)
    return found


def _is_killed(folder: Path, name: str, ignored: frozenset[str]) -> bool:
    module = _function(name).rpartition(".")[0]
    claims, tests = claims_of(folder, module), tests_of(folder, module) - ignored
    if claims and _fails(folder, name, *CLAIMS, *claims):
        return True
    return bool(tests) and _fails(folder, name, *sorted(tests))


def _fails(folder: Path, name: str, *arguments: str) -> bool:
    quietly = ("-x", "-q", "-p", "no:cacheprovider")
    try:
        result = subprocess.run(
            [sys.executable, "-m", "pytest", *quietly, *arguments],
            cwd=folder,
            env={**os.environ, "MUTANT_UNDER_TEST": name},
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True
    return result.returncode not in PASSED


@cache
def claims_of(folder: Path, module: str) -> tuple[str, ...]:
    """The files whose claims rest on a module, the nearest first; none for the machinery's own."""
    import grimp

    if module.startswith("properties."):
        return ()
    graph = grimp.build_graph("theory", "models", "properties", "experiments", cache_dir=None)
    above = {
        file: len(graph.find_shortest_chain(importer=each, imported=module) or ())
        for each in graph.find_downstream_modules(module)
        if (folder / (file := each.replace(".", "/") + ".py")).parent == folder / "properties"
    }
    return tuple(
        sorted(filter(lambda file: (folder / file).is_file(), above), key=lambda f: (above[f], f))
    )


@cache
def tests_of(folder: Path, module: str) -> frozenset[str]:
    """The files of tests that import a module themselves, or its room, to walk through that."""
    sought = {module, module.partition(".")[0]}
    return frozenset(
        f"tests/{file.name}"
        for file in (folder / "tests").glob("test_*.py")
        if sought & _imported(file)
    )


def _imported(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{each.name}" for each in node.names}
            found |= {node.module} if "." in node.module else set()
    return found
