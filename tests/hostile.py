"""The list of faults: hostile input that was tried, and what happened.

Each command is called, in a folder of its own, with something malformed, missing, raising, hanging,
endless or malicious. It has to end in time with the exit code that is documented, without a
traceback, and say what is wrong; what else there was to do has to be done. `python -m
tests.hostile` prints the list with what happened.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from properties.checking.claim import REGISTRY
from teaching.cli import app
from tests.test_collection import TRUE

USAGE, FAILED = 2, 1

Prepare = Callable[[Path], list[object]]


@dataclass(frozen=True)
class Fault:
    """Something hostile.

    of         the kind of input
    tried      what it was
    call       makes it, in a folder, and gives the arguments of `claims`
    code       the exit code that is documented for it
    says       what has to be said
    within     seconds that it may take
    intact     what has to be true of the JSON printed, so that the rest of the run was done
    """

    of: str
    tried: str
    call: Prepare
    code: int
    says: str
    within: float = 20.0
    intact: Callable[[Any], bool] | None = None

    def __str__(self) -> str:
        return f"{self.of}, {self.tried}"


@dataclass(frozen=True)
class Happened:
    """What a command did: its exit code, what it said, and whether that is what has to happen."""

    code: int
    said: str
    well: bool


@contextmanager
def as_it_was() -> Iterator[None]:
    """The claims, modules and path of this process afterwards as before, and the folder too."""
    claims, modules, path = dict(REGISTRY), dict(sys.modules), list(sys.path)
    folder = Path.cwd()
    try:
        yield
    finally:
        os.chdir(folder)
        REGISTRY.clear()
        REGISTRY.update(claims)
        sys.path[:] = path
        for name in set(sys.modules) - set(modules):
            if name.startswith("from_file_"):
                del sys.modules[name]


def called(*arguments: object) -> Any:
    """What `claims` does with these arguments, in this process."""
    with as_it_was():
        return CliRunner().invoke(app, list(map(str, arguments)), env={"COLUMNS": "100"})


def happened(fault: Fault, folder: Path) -> Happened:
    """Try it."""
    arguments = fault.call(folder)
    start = time.monotonic()
    result = called(*arguments)
    seconds = time.monotonic() - start
    crashed = result.exception is not None and not isinstance(result.exception, SystemExit)
    said = repr(result.exception) if crashed else f"{result.stderr}{result.stdout}"
    well = (
        not crashed
        and result.exit_code == fault.code
        and "Traceback" not in said
        and fault.says in said
        and seconds < fault.within
        and (fault.intact is None or fault.intact(json.loads(result.stdout)))
    )
    return Happened(result.exit_code, said, well)


# Addresses of clusters.


def _clusters() -> Iterator[Fault]:
    def on(address: str) -> Prepare:
        return lambda folder: [
            *("experiment", "latching", "--quick", "--out", folder, "--cluster", address)
        ]

    needed = "tcp://HOST:PORT"
    for tried, address in (
        ("empty", ""),
        ("no address", "nonsense"),
        ("no port", "tcp://10.0.0.1"),
        ("a port that is none", "tcp://10.0.0.1:99999"),
        ("another scheme", "http://10.0.0.1:8786"),
        ("within the process", "inproc://10.0.0.1/1/1"),
        ("a command", "tcp://$(reboot):8786; reboot"),
        ("sequences of a terminal", "tcp://\x1b[31m:8786"),
        ("a megabyte", "tcp://" + "a" * 2**20 + ":8786"),
    ):
        yield Fault("cluster address", tried, on(address), USAGE, needed)
    for tried, address in (
        ("nobody listens", "tcp://127.0.0.1:1"),
        ("a host that does not exist", "tcp://nobody.invalid:8786"),
    ):
        yield Fault("cluster address", tried, on(address), FAILED, "--cluster")


# Folders and files to write to.


def a_file(folder: Path) -> Path:
    (folder / "file").write_text("mine")
    return folder / "file"


def a_loop(folder: Path) -> Path:
    (folder / "loop").symlink_to(folder / "loop")
    return folder / "loop"


def too_long(folder: Path) -> Path:
    return folder / ("a" * 300)


def _outputs() -> Iterator[Fault]:
    def true(folder: Path) -> list[object]:
        (folder / "true.py").write_text(TRUE)
        return ["--claims-from", folder / "true.py"]

    def write(option: str, *command: str, to: Callable[[Path], object]) -> Prepare:
        return lambda folder: [*command, *true(folder), option, to(folder)]

    def below_a_file(folder: Path) -> Path:
        return a_file(folder) / "below"

    def a_folder(folder: Path) -> Path:
        return folder

    def a_pipe(folder: Path) -> Path:
        os.mkfifo(folder / "pipe")
        return folder / "pipe"

    nowhere = (
        ("below a file", below_a_file),
        ("a symbolic link to itself", a_loop),
        ("a name too long", too_long),
    )
    seeds = ("seeds", "--runs", "1")
    for tried, to in (*nowhere, ("a folder", a_folder), ("a pipe", a_pipe)):
        call = write("--evidence", "verify", to=to)
        yield Fault("--evidence", tried, call, USAGE, "--evidence")
        yield Fault("--record", tried, write("--record", *seeds, to=to), USAGE, "--record")
    for tried, to in (*nowhere, ("a file", a_file)):
        yield Fault("--reuse", tried, write("--reuse", "verify", to=to), USAGE, "--reuse")

        def out(folder: Path, to: Callable[[Path], object] = to) -> list[object]:
            return ["experiment", "latching", "--set", "runs=1", "--out", to(folder)]

        yield Fault("--out", tried, out, FAILED, "cannot be written")


def faults() -> list[Fault]:
    """All of them."""
    return [*_clusters(), *_outputs()]


def main() -> int:
    """Print the list; 1 if anything happened that must not."""
    worst = 0
    for fault in faults():
        with tempfile.TemporaryDirectory() as folder:
            found = happened(fault, Path(folder).resolve())
        worst |= not found.well
        print("ok " if found.well else "BAD", fault, found.code, found.said[:300])
    return worst


if __name__ == "__main__":
    sys.exit(main())
