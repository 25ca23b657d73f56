"""Mutation testing: what share of small changes to the project its tests notice.

`python -m tests.mutants` lets mutmut change a copy of `theory`, `models` and `properties/checking`
(in the folder `mutants`), one thing at a time, and runs the tests that reach what was changed. It
prints the share killed for each file and what survived. A sample with a stated seed, or the files
changed since a commit, keeps it short; the whole is for a night.

mutmut changes the bodies of functions; what a module does when it is imported, such as stating a
derivation, is changed by `claims audit` in its own way.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "mutants"
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.toml")
ROOMS = ("theory", "models", "properties/checking")

FEW = "theory.known.*"
"""A few mutants: with them mutmut writes all the others, and learns which tests reach what."""

KILLED = {1, 3, 24, -24, 152, 255, 36, -11, -9}
"""What a mutant ends with that a test has noticed, or that has crashed or taken far too long."""
UNTESTED = {5, 33}


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


def changed_since(commit: str) -> set[str]:
    """The files of the project that differ from a commit."""
    command = ["git", "diff", "--name-only", commit]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        sys.exit(f"--changed-since {commit}: {listed.stderr.strip()}")
    return set(listed.stdout.split())


def chosen(files: set[str] | None, sample: int | None, seed: int) -> list[str]:
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


def explained() -> set[str]:
    """The changes that are known to change nothing, as lines of a diff."""
    listed = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))["equivalent"]
    return {_lines(each["diff"].splitlines()) for each in listed}


def _lines(diff: Iterable[str]) -> str:
    """What a diff takes away and adds."""
    kept = (line for line in diff if line[:1] in "+-" and line[:3] not in ("+++", "---"))
    return "\n".join(line[0] + " " + line[1:].strip() for line in kept)


def scores(names: Iterable[str]) -> dict[str, Score]:
    """The scores by file of those that were tried."""
    known, wanted, found = explained(), set(names), {}
    for file, mutants in results().items():
        score = Score()
        for name, code in mutants.items():
            if name not in wanted or code is None:
                continue
            score.tried += 1
            if code in KILLED:
                score.killed += 1
                continue
            diff = mutmut("show", name)
            if _lines(diff.splitlines()) in known:
                score.equivalent += 1
            else:
                score.survived.append(diff + "(no test reaches it)\n" * (code in UNTESTED))
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
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="processes (default 2)")
    asked = parser.parse_args()
    workers = ("--max-children", str(asked.workers))
    print("mutating, and learning which tests reach what …", flush=True)
    mutmut("run", *workers, FEW)
    files = None if asked.changed_since is None else changed_since(asked.changed_since)
    names = chosen(files, asked.sample, asked.seed)
    if not names:
        sys.exit("there is nothing to mutate in these files")
    print(f"{len(names)} mutants, seed {asked.seed} …", flush=True)
    mutmut("run", *workers, *names)
    report(scores(names))


if __name__ == "__main__":
    main()
