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

from properties.checking import loading
from teaching import cli
from tests.forgetting import forgetting_files
from tests.test_collection import TRUE

USAGE, FAILED = 2, 1

SHOWN = 160
"""Characters of a message that the list shows."""

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
        return f"{self.of}: {self.tried}"


@dataclass(frozen=True)
class Happened:
    """What a command did: its exit code, what it said, and whether that is what has to happen."""

    code: int
    said: str
    well: bool

    def told(self, what: str) -> str:
        """The line in which that was said, or the last one."""
        lines = [line.strip() for line in self.said.splitlines() if line.strip()]
        line = next((line for line in lines if what in line), lines[-1] if lines else "nothing")
        return line if len(line) <= SHOWN else line[:SHOWN] + "…"


@contextmanager
def in_a_hurry() -> Iterator[None]:
    """Limits are short in this process."""
    limits = cli.READY_WITHIN, loading.IMPORTED_WITHIN
    cli.READY_WITHIN = loading.IMPORTED_WITHIN = 1.0
    try:
        yield
    finally:
        cli.READY_WITHIN, loading.IMPORTED_WITHIN = limits


def called(*arguments: object) -> Any:
    """What `claims` does with these arguments, in this process."""
    with in_a_hurry(), forgetting_files():
        return CliRunner().invoke(cli.app, list(map(str, arguments)), env={"COLUMNS": "100"})


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
        ("where nobody listens", "tcp://127.0.0.1:1"),
        ("of a host that does not exist", "tcp://nobody.invalid:8786"),
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

        yield Fault("--out", tried, out, USAGE, "--out")


# Tables that a sweep continues from.


def _tables() -> Iterator[Fault]:
    small = ["experiment", "latching", "--workers", 1]
    for setting in ("runs=1", "updates=1", "lengths=5", "weights=1", "noises=0"):
        small += ["--set", setting]

    def resuming(name: str, spoil: Callable[[Any], object]) -> Prepare:
        def prepare(folder: Path) -> list[object]:
            called(*small, "--out", folder)
            file = folder / "shards" / name
            text = file.read_text() if file.exists() else "{}"
            spoiled = spoil(json.loads(text))
            file.write_text(spoiled if isinstance(spoiled, str) else json.dumps(spoiled))
            return [*small, "--out", folder, "--resume"]

        return prepare

    shard = "000000.json"
    for tried, name, spoil in (
        ("cut off", shard, lambda found: json.dumps(found)[:-9]),
        ("empty", shard, lambda found: ""),
        ("a list", shard, lambda found: found["counts"]),
        ("another sweep's", shard, lambda found: found | {"sweep": "0" * 16}),
        ("another shard's", shard, lambda found: found | {"shard": 1}),
        ("more successes than runs", shard, lambda found: found | {"counts": [[0, 1, 2]]}),
        ("a cell that there is not", shard, lambda found: found | {"counts": [[9999, 1, 1]]}),
        ("no whole number", shard, lambda found: found | {"counts": [[0, 1.5, 1]]}),
        ("not a number", shard, lambda found: found | {"counts": [[0, float("nan"), 1]]}),
        ("columns missing", shard, lambda found: found | {"counts": [[0, 1]]}),
        ("a million brackets", shard, lambda found: "[" * 10**6),
        ("the same twice", "000001x.json", lambda found: found),
        ("one too many", "000099.json", lambda found: found),
        ("of no sweep", "sweep.json", lambda found: []),
        ("of a sweep that is text", "sweep.json", lambda found: found | {"sweep": "latching"}),
        ("of another seed", "sweep.json", seed_1),
    ):
        says = str(Path("shards") / name) if name != "sweep.json" else "--out"
        yield Fault("--resume", f"a table {tried}", resuming(name, spoil), FAILED, says)


def seed_1(found: Any) -> Any:
    return found | {"sweep": found["sweep"] | {"seed": 1}}


# Other people's implementations.


BACKEND = """
import numpy as np
from models.backends.numpy_models import NumpyModels

class Mine(NumpyModels):
    {body}
"""


def _backends() -> Iterator[Fault]:
    def of(text: str, *arguments: object, name: str = "mine.py:Mine") -> Prepare:
        def prepare(folder: Path) -> list[object]:
            (folder / "mine.py").write_text(text)
            backend = name if name.partition(":")[0] != "mine.py" else folder / name
            return ["verify", "carousel", "--examples", 20, *arguments, "--backend", backend]

        return prepare

    for tried, name in (
        ("empty", ""),
        ("a module that is not there", "nobody_has_this:Mine"),
        ("a file that is not there", "nowhere.py:Mine"),
        ("no object named", "mine.py"),
        ("an object that is not there", "mine.py:Yours"),
        ("a call", "__import__('os').system('reboot')"),
    ):
        yield Fault("--backend", tried, of(BACKEND.format(body="pass"), name=name), USAGE, "--back")
    for tried, text, says in (
        ("raising when it is imported", "1 / 0", "ZeroDivisionError"),
        ("leaving when it is imported", "import sys; sys.exit(0)", "SystemExit: 0"),
        ("ending its process when it is imported", "import os; os._exit(0)", "os._exit(0)"),
        ("hanging when it is imported", "while True: pass", "was not imported"),
        ("no Python", "<html>", "SyntaxError"),
    ):
        yield Fault("--backend", tried, of(text), USAGE, says)

    def method(body: str, says: str, code: int = USAGE) -> dict[str, Any]:
        return {"call": of(BACKEND.format(body=body)), "code": code, "says": says}

    run = "def run(self, model, state0, x): "
    jacobian = "def jacobian(self, model, state0, x): "
    for tried, fault in (
        ("raising when it is made", method("def __init__(self): 1 / 0", "ZeroDivisionError")),
        ("supporting nothing", method("def supports(self, m): return False", "supports no model")),
        ("raising in supports", method("def supports(self, m): 1 / 0", "supports raised")),
        ("raising in run", method(run + "1 / 0", "ZeroDivisionError")),
        ("hanging in run", method(run + "\n        while True: pass", "was not imported")),
        ("returning a list", method(run + "return [1]", "returned a list")),
        ("returning another shape", method(run + "return np.zeros(3)", "returned shape (3,)")),
        ("returning integers", method(run + "return np.zeros((2, 1, 1), int)", "dtype int64")),
        (
            "returning NaN in jacobian",
            method(
                jacobian + "return np.full((1, *2 * (state0.shape[1],)), np.nan)", "nan", FAILED
            ),
        ),
        ("raising in jacobian", method(jacobian + "1 / 0", "ZeroDivisionError", FAILED)),
        (
            "random",
            method(
                jacobian + "return super().jacobian(model, state0, x) + np.random.default_rng()"
                ".random()",
                "carousel",
                FAILED,
            ),
        ),
    ):
        yield Fault("--backend", tried, **fault)
    spoiling = run + (
        "\n        states = super().run(model, state0, x)"
        "\n        for each in (model.W, model.U, model.b, state0, x): each[...] = 7"
        "\n        print('<b>{not json}</b>'); np.random.seed(1); return states"
    )
    yield Fault(
        "--backend",
        "writing into what it is given, printing, and seeding global random numbers",
        of(BACKEND.format(body=spoiling), "--json"),
        0,
        '"holds"',
        intact=lambda found: found["claims"][0]["verdict"] == "holds",
    )


# Other people's claims.


def _claims() -> Iterator[Fault]:
    def beside_true(text: str | bytes, *options: object, command: str = "verify") -> Prepare:
        def prepare(folder: Path) -> list[object]:
            (folder / "true.py").write_text(TRUE)
            data = text.encode() if isinstance(text, str) else text
            (folder / "hostile.py").write_bytes(data)
            return [command, "--claims-from", folder, "--workers", 1, "--json", *options]

        return prepare

    def rest_holds(found: Any) -> bool:
        verdicts = {each["name"]: each["verdict"] for each in found["claims"]}
        return verdicts.pop("squares_grow") == "holds" and set(verdicts.values()) == {"error"}

    def check_of(body: str) -> str:
        heading = "def squares_grow(number, check):"
        start = TRUE.partition(heading)[0] + heading.replace("squares_grow", "hostile")
        return f"import os, sys, time\n{start}\n    {body}\n    check.exact(0, 0)\n"

    for tried, text, says in (
        ("no Python", "<html>", "SyntaxError"),
        ("no text", b"\x00\xff\xfe", "SyntaxError"),
        ("raising", "1 / 0", "ZeroDivisionError"),
        ("raising what is no Exception", "raise BaseException('x')", "BaseException: x"),
        ("leaving", "import sys; sys.exit(0)", "SystemExit: 0"),
        ("ending its process", "import os; os._exit(0)", "os._exit(0)"),
        ("importing itself", "import hostile, nobody_has_this", "nobody_has_this"),
        ("without end", "while True: pass", "it took more than"),
        ("too deep", "x = " + "(" * 10**4, "does not import"),
    ):
        call, failed = beside_true(text), "a file of claims"
        yield Fault(failed, f"{tried} when it is imported", call, FAILED, says, intact=rest_holds)
    for tried, body, says in (
        ("raising", "1 / 0", "ZeroDivisionError"),
        ("raising what is no Exception", "raise BaseException('x')", "BaseException: x"),
        ("leaving", "sys.exit(0)", "SystemExit: 0"),
        ("ending its process", "os._exit(0)", "os._exit(0)"),
        ("without end", "while True: pass", "it took more than 3 s"),
        ("asleep", "time.sleep(1000)", "it took more than 3 s"),
        ("calling itself", "hostile.check(number, check)", "RecursionError"),
        ("returning its verdict", "return True", "which nobody judges"),
        ("changing its case", "object.__setattr__(number, 'x', 0)", "changed its case"),
        ("asking for all memory", "bytearray(2**60)", "MemoryError"),
        ("comparing NaN", "import numpy as np; check.close(np.array([np.nan]), [0], 1)", "NotFin"),
    ):
        call = beside_true(check_of(body), "--limit", 3)
        yield Fault("a check", tried, call, FAILED, says, intact=rest_holds)
    yield Fault(
        "a check",
        "interrupting",
        beside_true(check_of("raise KeyboardInterrupt")),
        130,
        "interrupted after 0 of 2 claims",
    )
    raising = check_of("pass").replace(
        '"n² ≥ n"', "type('T', (), {'__str__': lambda s: 1 / 0, '__repr__': lambda s: 1 / 0})()"
    )
    endless = "st.just(0).map(lambda x: __import__('time').sleep(9))"
    for tried, text, says in (
        ("a statement that raises", raising, "its statement is not a text"),
        ("a domain that raises", declaring("st.just(0).map(lambda x: 1 / x)"), "ZeroDivision"),
        ("a domain of something else", declaring("st.just(None)"), "AttributeError"),
        ("a domain that is empty", declaring("st.nothing()"), "gives no case"),
        ("a domain that rejects all", declaring("st.just(0).filter(bool)"), "gives no case"),
        ("a domain without end", declaring(endless), "it took more than 3 s"),
    ):
        call = beside_true(text, "--limit", 3)
        yield Fault("a declaration", tried, call, FAILED, says, intact=rest_holds)
    for tried, to in (
        ("not there", lambda folder: folder / "nowhere"),
        ("a folder without claims", lambda folder: folder),
        ("a symbolic link to itself", a_loop),
        ("a name too long", too_long),
    ):

        def prepare(folder: Path, to: Callable[[Path], object] = to) -> list[object]:
            return ["verify", "--claims-from", to(folder)]

        yield Fault("--claims-from", tried, prepare, USAGE, "--claims-from")
    text = "<script>alert(1)</script> \x1b[31m $\\input{/etc/passwd}$"
    markup = check_of("pass").replace('"n² ≥ n"', repr(text))
    yield Fault(
        "a statement",
        "of tags and commands",
        beside_true(markup),
        0,
        "<script>",
        intact=lambda found: {each["verdict"] for each in found["claims"]} == {"holds"},
    )
    for command in ("audit", "list"):
        yield Fault(
            f"`claims {command}`",
            "of a statement that raises",
            lambda folder, command=command: [
                each
                for each in beside_true(raising, command=command)(folder)
                if command == "audit" or each not in ("--workers", 1)
            ],
            FAILED if command == "audit" else 0,
            "no text but a T" if command == "list" else "its statement is not a text",
        )


def declaring(domain: str) -> str:
    """A claim with this domain."""
    text = TRUE.replace("st.builds(Number, st.integers(-99, 99))", domain)
    return text.replace("squares_grow", "hostile")


def faults() -> list[Fault]:
    """All of them."""
    return [*_clusters(), *_outputs(), *_tables(), *_backends(), *_claims()]


def main() -> int:
    """Print the list; 1 if anything happened that must not."""
    tried, amiss = faults(), 0
    for fault in tried:
        with tempfile.TemporaryDirectory() as folder:
            found = happened(fault, Path(folder).resolve())
        amiss += not found.well
        print(f"{'' if found.well else 'AMISS  '}{fault}")
        print(f"    exit {found.code}: {found.told(fault.says)}")
    print(f"{len(tried)} faults tried, {amiss} amiss")
    return int(amiss > 0)


if __name__ == "__main__":
    sys.exit(main())
