"""Mutation testing: what share of small changes to the project its tests notice.

`python -m tests.mutants` lets mutmut change a copy of `theory`, `models` and `properties/checking`
(in the folder `mutants`), one thing at a time, and runs the tests that reach what was changed. It
prints the share killed for each file and what survived. A sample with a stated seed, or the files
changed since a commit, keeps it short; the whole is for a night.

mutmut changes the bodies of functions. Those that run when the project is imported, such as those
that state a derivation, are tried in processes of their own (`tests/fresh_mutants.py`).
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.fresh_mutants import STATS, killed, seldom_reached

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "mutants"
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.toml")
ROOMS = ("theory", "models", "properties/checking")

FEW = "theory.known.*"
"""A few mutants: with them mutmut writes all the others, and learns which tests reach what."""

KILLED = {1, 3, 24, -24, 152, 255, 36, -11, -9}
"""What a mutant ends with that a test has noticed, or that has crashed or taken far too long."""


@dataclass
class Score:
    """Of the mutants of one file that were tried: how many were killed, and the others."""

    tried: int = 0
    killed: int = 0
    equivalent: int = 0
    survived: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Of those that are no equivalents."""
        return self.killed / max(1, self.tried - self.equivalent)


def mutmut(*arguments: str) -> str:
    """Run mutmut, and give what it prints. Raises SystemExit with that where it fails."""
    command = [sys.executable, "-m", "mutmut", *arguments]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode:
        sys.exit(
            f"mutmut {' '.join(arguments[:2])} failed:\n{result.stdout[-3000:]}{result.stderr}"
        )
    return result.stdout


def results() -> dict[str, dict[str, int | None]]:
    """By file, its mutants by name with what each ended with; None for one that did not run."""
    found = {}
    for room in ROOMS:
        for meta in sorted((FOLDER / room).rglob("*.py.meta")):
            file = str(meta.relative_to(FOLDER)).removesuffix(".meta")
            found[file] = json.loads(meta.read_text())["exit_code_by_key"]
    return found


def survivors(names: Iterable[str]) -> list[str]:
    """Those of the mutants that mutmut has tried and no test has noticed."""
    codes = {name: code for mutants in results().values() for name, code in mutants.items()}
    return [name for name in names if codes[name] not in KILLED]


def changed_since(commit: str) -> set[str]:
    """The files of the project that differ from a commit."""
    command = ["git", "diff", "--name-only", commit]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        sys.exit(f"--changed-since {commit}: {listed.stderr.strip()}")
    return set(listed.stdout.split())


def ignored() -> list[str]:
    """The files of tests that mutmut is told to leave out."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mutmut"]
    selection = told["pytest_add_cli_args_test_selection"]
    return [each.removeprefix("--ignore=") for each in selection if each.startswith("--ignore=")]


def chosen(files: Iterable[str] | None, sample: int | None, seed: int) -> list[str]:
    """The names of mutants: of these files, or of all; so many of them, or all."""
    names = sorted(
        name
        for file, mutants in results().items()
        if files is None or file in files
        for name in mutants
    )
    if sample is None or sample >= len(names):
        return names
    return sorted(random.Random(seed).sample(names, sample))


@dataclass(frozen=True)
class Explained:
    """The changes that are known to change nothing: whole ones, and kinds of them."""

    diffs: frozenset[str]
    alike: tuple[re.Pattern[str], ...]

    def covers(self, diff: str) -> bool:
        """Whether a diff is one of them."""
        lines = _lines(diff.splitlines())
        if lines in self.diffs:
            return True
        return any(_sides(pattern.sub("", lines)) for pattern in self.alike)


def explained() -> Explained:
    """What the file of equivalent mutants says."""
    listed = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))
    return Explained(
        frozenset(_lines(each["diff"].splitlines()) for each in listed["equivalent"]),
        tuple(re.compile(each["pattern"]) for each in listed.get("alike", ())),
    )


def _lines(diff: Iterable[str]) -> str:
    """What a diff takes away and adds."""
    kept = (line for line in diff if line[:1] in "+-" and line[:3] not in ("+++", "---"))
    return "\n".join(line[0] + " " + line[1:].strip() for line in kept)


def _sides(lines: str) -> bool:
    """Whether what is taken away is what is added."""
    split = lines.splitlines()
    return [x[1:] for x in split if x[0] == "-"] == [x[1:] for x in split if x[0] == "+"]


def scores(names: Iterable[str], fresh: Mapping[str, bool]) -> dict[str, Score]:
    """The scores by file of those that were tried; `fresh` has those that mutmut did not run."""
    known, wanted, found = explained(), set(names), {}
    for file, mutants in results().items():
        score = Score()
        for name, code in mutants.items():
            if name not in wanted or (code is None and name not in fresh):
                continue
            score.tried += 1
            if fresh.get(name, code in KILLED):
                score.killed += 1
                continue
            diff = mutmut("show", name)
            if known.covers(diff):
                score.equivalent += 1
            else:
                score.survived.append(diff)
        if score.tried:
            found[file] = score
    return found


def report(found: dict[str, Score]) -> None:
    """Print the table, and each survivor."""
    for file, score in found.items():
        for diff in score.survived:
            print(f"survived in {file}:\n{diff}")
    whole = Score(
        sum(score.tried for score in found.values()),
        sum(score.killed for score in found.values()),
        sum(score.equivalent for score in found.values()),
    )
    print(f"{'file':44} {'tried':>6} {'killed':>7} {'equivalent':>11} {'share':>6}")
    for file, score in [*found.items(), ("all", whole)]:
        print(
            f"{file:44} {score.tried:6} {score.killed:7} {score.equivalent:11} {score.share:6.0%}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--sample", type=int, metavar="N", help="so many of them, drawn at random")
    parser.add_argument("--seed", type=int, default=0, help="seed of the sample (default 0)")
    parser.add_argument("--changed-since", metavar="COMMIT", help="only files that differ from it")
    parser.add_argument("--room", choices=ROOMS, help="only files of this room")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="processes (default 2)")
    asked = parser.parse_args()
    workers = ("--max-children", str(asked.workers))
    print("mutating, and learning which tests reach what …", flush=True)
    # mutmut would not look again at tests whose names it knows, whatever they reach by now.
    (FOLDER / STATS).unlink(missing_ok=True)
    mutmut("run", *workers, FEW)
    files = set(results()) if asked.changed_since is None else changed_since(asked.changed_since)
    names = chosen({f for f in files if f.startswith(asked.room or "")}, asked.sample, asked.seed)
    if not names:
        sys.exit("there is nothing to mutate in these files")
    alone = seldom_reached(FOLDER, names)
    print(f"{len(names)} mutants, seed {asked.seed}, {len(alone)} of them alone …", flush=True)
    fresh = killed(FOLDER, alone, ignored(), asked.workers)
    if rest := [name for name in names if name not in fresh]:
        mutmut("run", *workers, *rest)
        # What runs at imports too was not run anew there, and claims were not verified.
        again = [name for name in survivors(rest) if not name.startswith("properties.")]
        print(f"{len(again)} of them survived, and are tried alone …", flush=True)
        fresh |= killed(FOLDER, again, ignored(), asked.workers)
    report(scores(names, fresh))


if __name__ == "__main__":
    main()
