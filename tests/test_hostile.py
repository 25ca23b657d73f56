"""Whatever a claim, a backend or a file does, the result is a clear error and the rest intact."""

from __future__ import annotations

import ast
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import fmpq
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from models.backends import BackendError, UnderTest, load_backend
from models.rnn import RNN
from models.trajectory import Gradients
from properties.checking import Check, rational
from properties.checking.claim import Claim
from properties.checking.evidence import entry, header, record
from properties.checking.loading import load_from
from properties.checking.memory import Memory
from properties.checking.plan import Outcome, Plan
from properties.checking.report import failure_text
from properties.checking.verification import verify_part
from teaching.arguments import require_writable
from tests.controls import NUMBERS, Number, a_claim
from tests.hostile import Fault, faults, happened
from tests.test_cli import claims
from tests.test_collection import TRUE


def dialling(fault: Fault) -> Any:
    """Waiting for a scheduler that does not answer takes as long as that may take."""
    dials = fault.of == "cluster address" and fault.code == 1
    return [pytest.mark.long] if dials else []


def run(made: Claim, part: str = "holds", **plan: Any) -> Outcome:
    """One part verified, and what everybody reads of it made."""
    outcome = verify_part(made, part, Plan(**{"examples": 20, **plan}))
    json.dumps(entry(header(made), [record(outcome)]), allow_nan=False)
    assert failure_text(made, outcome)
    return outcome


# What a check may do.


def leaving(number: Number, check: Check) -> None:
    sys.exit(3)


def hanging(number: Number, check: Check) -> None:
    while True:
        pass


def sleeping(number: Number, check: Check) -> None:
    time.sleep(1000)


def holding_on(number: Number, check: Check) -> None:
    try:
        time.sleep(1000)
    except Exception:
        check.exact(0, 0)


def for_ever_deeper(number: Number, check: Check) -> None:
    for_ever_deeper(number, check)


def too_large(number: Number, check: Check) -> None:
    bytearray(2**60)


def answering(number: Number, check: Check) -> Any:
    return True


def comparing_texts(number: Number, check: Check) -> None:
    check.at_most("a", 1)


def comparing_shapes(number: Number, check: Check) -> None:
    check.close(np.ones((2, 2)), [fmpq(1)], 1.0)


def in_place(number: Number, check: Check) -> None:
    object.__setattr__(number, "x", fmpq(0))
    check.exact(0, 0)


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (leaving, "SystemExit: 3"),
        (hanging, "it took more than 0.2 s"),
        (sleeping, "it took more than 0.2 s"),
        (holding_on, "it took more than 0.2 s"),
        (for_ever_deeper, "RecursionError"),
        (too_large, "MemoryError"),
        (answering, "returned True, which nobody judges"),
        (comparing_texts, "TypeError"),
        (comparing_shapes, "expected has shape (1,)"),
        (in_place, "changed its case"),
    ],
)
@pytest.mark.parametrize("part", ["witness", "holds"])
def test_a_check_that_misbehaves_is_an_error(check: Any, said: str, part: str) -> None:
    limit = 0.2 if "took more" in said else 60.0
    outcome = run(a_claim(check), part, limit=limit)
    assert (outcome.verdict, said in outcome.message) == ("error", True), outcome.message


# Where another test has loaded jax, that warns of any fork.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_process_that_a_check_forks_may_end_as_it_has_to() -> None:
    def forking(number: Number, check: Check) -> None:
        child = os.fork()
        if child == 0:
            os._exit(7)
        check.exact(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 7)

    end = os._exit
    assert run(a_claim(forking), "witness").verdict == "holds"
    assert os._exit is end


def test_what_is_there_stays_when_it_is_seen_whether_it_can_be_written(tmp_path: Path) -> None:
    for name, text in (("empty", ""), ("full", "mine")):
        (tmp_path / name).write_text(text)
        require_writable("--evidence", tmp_path / name)
        assert (tmp_path / name).read_text() == text
    require_writable("--evidence", tmp_path / "new" / "file")
    assert not (tmp_path / "new" / "file").exists()


def test_what_a_check_prints_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    def printing(number: Number, check: Check) -> None:
        print("<script>alert(1)</script>")
        check.exact(0, 0)

    assert run(a_claim(printing)).verdict == "holds"
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "<script>" in printed.err


def test_global_random_numbers_are_the_same_again_and_those_of_others_untouched() -> None:
    seen: list[tuple[float, float]] = []

    def drawing(number: Number, check: Check) -> None:
        seen.append((random.random(), float(np.random.random())))  # noqa: NPY002
        check.exact(0, 0)

    random.seed(5)
    expected = random.Random(5).random()
    for part in ("witness", "holds"):
        seen.clear()
        run(a_claim(drawing), part)
        first = list(seen)
        seen.clear()
        run(a_claim(drawing), part)
        assert first == seen
    assert random.random() == expected


def test_a_check_that_draws_unseeded_numbers_is_an_error() -> None:
    def unseeded(number: Number, check: Check) -> None:
        check.close(np.random.default_rng().random(1), [0.5], 1.0)

    outcome = run(a_claim(unseeded, tiers=("float",)), "witness")
    assert outcome.verdict == "error"
    assert "gives another result when it runs again" in outcome.message


# What may stand in a declaration.

JUNK: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.binary(max_size=5),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.one_of(st.none(), st.integers()), max_size=2),
    st.just(object()),
    st.just(lambda *_: 1 / 0),
)
FIELDS = (
    "statement",
    "source",
    "derivation",
    "domain",
    "assumptions",
    "labels",
    "witness",
    "tiers",
    "concerns",
    "examples",
)
BRIEFLY = settings(max_examples=40, suppress_health_check=list(HealthCheck))


@BRIEFLY
@given(st.sampled_from(FIELDS), JUNK, st.sampled_from(["holds", "witness", "derivation"]))
def test_junk_in_a_declaration_never_gets_further_than_its_claim(
    field: str, junk: Any, part: str
) -> None:
    try:
        made = a_claim(**{field: junk})
    except (TypeError, ValueError):
        return  # Not even a declaration: reported as an import that failed.
    outcome = run(made, part)
    assert outcome.verdict in ("holds", "error")
    assert outcome.verdict == "holds" or made.name in outcome.message


def _tags(html: str) -> list[Any]:
    """The tags of a text in HTML, with their attributes."""
    found: list[Any] = []
    reader = HTMLParser()
    reader.handle_starttag = lambda tag, attributes: found.append((tag, attributes))  # type: ignore[method-assign]
    reader.feed(html)
    return found


@BRIEFLY
@given(st.text())
@example("<script>alert(1)</script>")
@example(r"\input{/etc/passwd} $x$ & < > \" onclick='x'")
def test_any_text_is_a_statement_and_does_no_harm(text: str) -> None:
    made = a_claim(statement="x" + text, source="x" + text, explain="x" + text)
    assert run(made).verdict == "holds"
    harmless = a_claim(statement="x", source="x", explain="x")
    assert _tags(made._repr_html_()) == _tags(harmless._repr_html_())
    json.loads(json.dumps(header(made)))


@BRIEFLY
@given(JUNK)
def test_junk_from_a_predicate_or_a_domain_never_gets_further(junk: Any) -> None:
    claims_ = [
        a_claim(labels={"junk": (0.1, lambda number: junk)}),
        a_claim(domain=NUMBERS.map(lambda number: junk)),
        a_claim(witness=junk),
    ]
    for made in claims_:
        for part in ("holds", "witness"):
            assert run(made, part).verdict in ("holds", "error")


# What a backend may return.


class Hostile:
    """A backend that does with its arguments, and returns, what it is told."""

    name = "hostile"

    def __init__(self, answer: Callable[..., Any]) -> None:
        self.answer = answer

    def supports(self, model: Any) -> bool:
        return isinstance(model, RNN)

    def run(self, model: Any, state0: Any, x: Any) -> Any:
        return self.answer(model, state0, x)

    def vjp(self, model: Any, state0: Any, x: Any, cotangents: Any) -> Any:
        return self.answer(model, state0, x)


def _answer(attempt: Callable[[], Any]) -> tuple[Any, str | None]:
    """What a backend answers, or why that was refused."""
    try:
        return attempt(), None
    except BackendError as refused:
        return None, str(refused)


MODEL = RNN(np.full((1, 1), 0.5), np.ones((1, 1)), np.zeros(1))
START, INPUTS = np.zeros((1, 1)), np.ones((2, 1, 1))

ARRAYS: st.SearchStrategy[Any] = st.builds(
    lambda shape, dtype, value: np.full(shape, value).astype(dtype),
    st.lists(st.integers(0, 3), max_size=4).map(tuple),
    st.sampled_from(["float64", "float32", "float16", "int64", "complex128", "object", "bool"]),
    st.sampled_from([0.0, 1.0, np.nan, np.inf]),
)


@BRIEFLY
@given(st.one_of(JUNK, ARRAYS))
def test_junk_from_a_backend_is_named(junk: Any) -> None:
    backend = UnderTest(Hostile(lambda *_: junk), "hostile")
    for attempt in (
        lambda: backend.run(MODEL, START, INPUTS),
        lambda: backend.vjp(MODEL, START, INPUTS, START),
    ):
        found, refused = _answer(attempt)
        if refused is None:
            assert found.shape == (3, 1, 1)
            assert np.isfinite(found).all()
        else:
            assert refused.startswith("hostile: ")


@BRIEFLY
@given(st.one_of(JUNK, ARRAYS))
def test_junk_among_gradients_is_named(junk: Any) -> None:
    made = Gradients({"W": junk, "U": np.ones((1, 1)), "b": np.ones(1)}, INPUTS, START, None)
    backend = UnderTest(Hostile(lambda *_: made), "hostile")
    found, refused = _answer(lambda: backend.vjp(MODEL, START, INPUTS, START))
    if refused is None:
        assert found.parameters["W"].shape == (1, 1)
    else:
        assert refused.startswith("hostile: vjp")


@BRIEFLY
@given(st.one_of(st.text(), st.builds("{}:{}".format, st.text(max_size=9), st.text(max_size=9))))
@example("numpy:float16")
@example(".:x")
@example("..models:x")
@example("os:path")
@example("models.rnn:RNN")
def test_any_text_names_a_backend_or_is_refused(text: str) -> None:
    found, refused = _answer(lambda: load_backend(text))
    assert refused or found.supports(MODEL)


def test_a_backend_that_writes_into_what_it_is_given_spoils_nothing() -> None:
    def spoiling(model: Any, state0: Any, x: Any) -> Any:
        states = load_backend("numpy").run(model, state0, x)
        for array in (model.W, model.U, model.b, state0, x):
            array[...] = 7.0
        return states

    model = RNN(np.full((1, 1), 0.5), np.ones((1, 1)), np.zeros(1))
    state0, x = START.copy(), INPUTS.copy()
    UnderTest(Hostile(spoiling), "hostile").run(model, state0, x)
    assert (model.W[0, 0], model.U[0, 0], model.b[0]) == (0.5, 1.0, 0.0)
    assert np.array_equal(state0, START)
    assert np.array_equal(x, INPUTS)


def test_a_backend_that_returns_one_buffer_again_and_again_is_judged_by_each_answer() -> None:
    buffer = np.zeros((3, 1, 1))

    def reusing(model: Any, state0: Any, x: Any) -> Any:
        buffer[...] += 1
        return buffer

    backend = UnderTest(Hostile(reusing), "hostile")
    first, second = (backend.run(MODEL, START, INPUTS) for _ in range(2))
    assert (first[0, 0, 0], second[0, 0, 0]) == (1.0, 2.0)


# What may stand in a file.


@pytest.fixture(scope="module")
def remembered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Memory, Claim, Path]:
    """A memory of one part that holds, and the file that it is in."""
    made, memory = a_claim(), Memory(tmp_path_factory.mktemp("memory"))
    made.module = __name__
    memory.keep(made, Plan(), record(verify_part(made, "holds", Plan())))
    (file,) = memory.folder.iterdir()
    return memory, made, file


PLAIN = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=9), st.just([{}]))


@settings(parent=BRIEFLY)
@given(st.data())
def test_a_damaged_memory_is_none(
    remembered: tuple[Memory, Claim, Path], data: st.DataObject
) -> None:
    memory, made, file = remembered
    whole = file.read_text()
    assert memory.recall(made, "holds", Plan()) is not None
    found = json.loads(whole)["record"]
    name, junk = data.draw(st.sampled_from(sorted(found))), data.draw(PLAIN)
    damaged = json.loads(whole) | {"record": found | {name: junk}}
    texts = (json.dumps(junk), json.dumps({"part": "holds"}), json.dumps(damaged), "[" * 10**5)
    contents = st.one_of(st.binary(max_size=40), st.sampled_from(texts).map(str.encode))
    file.write_bytes(data.draw(contents))
    try:
        known = memory.recall(made, "holds", Plan())
        assert known is None or known == found
    finally:
        file.write_text(whole)


def test_what_is_no_file_is_no_memory(tmp_path: Path) -> None:
    made, memory = a_claim(), Memory(tmp_path)
    made.module = __name__
    memory.keep(made, Plan(), record(verify_part(made, "holds", Plan())))
    (file,) = tmp_path.iterdir()
    file.unlink()
    file.mkdir()
    assert memory.recall(made, "holds", Plan()) is None


BAD_FILES = {
    "leaves.py": "import sys\nsys.exit(0)\n",
    "is_no_python.py": "<html>\n",
    "is_no_text.py": b"\x00\xff\xfe",
    "raises.py": "raise BaseExceptionGroup('x', [ValueError(1)])\n",
    "prints.py": "print('<b>{not json}</b>')\n",
    "declares_junk.py": (
        "from properties.checking import claim\n"
        "claim(statement=1, source=2, derivation=None, domain=3, tiers=(4,))(lambda a, b: None)\n"
    ),
}


@pytest.fixture
def bad_folder(tmp_path: Path) -> Path:
    for name, content in BAD_FILES.items():
        data = content.encode() if isinstance(content, str) else content
        (tmp_path / name).write_bytes(data)
    (tmp_path / "true.py").write_text(TRUE)
    return tmp_path


def test_files_that_misbehave_leave_the_others_alone(bad_folder: Path) -> None:
    result = claims("verify", "--claims-from", bad_folder, "--json")
    assert result.returncode == 1
    entries = {found["name"]: found for found in json.loads(result.stdout)["claims"]}
    assert entries["squares_grow"]["verdict"] == "holds"
    failed = {Path(name).name for name, found in entries.items() if found["verdict"] == "error"}
    assert failed == {"leaves.py", "is_no_python.py", "is_no_text.py", "raises.py", "<lambda>"}
    assert "Traceback" not in result.stderr


def test_loading_says_of_each_file_what_is_wrong_with_it(bad_folder: Path) -> None:
    loaded = load_from(bad_folder)
    said = {Path(name).name: why for name, why in loaded.failures.items()}
    assert "SystemExit: 0" in said["leaves.py"]
    assert "SyntaxError" in said["is_no_python.py"]


DYING = TRUE.replace("def squares_grow(number, check):", "def dies(number, check):").replace(
    "    check.at_most", "    import os; os.kill(os.getpid(), 9)\n    check.at_most"
)


def test_a_claim_that_ends_its_process_is_an_error_and_the_others_are_verified(
    tmp_path: Path,
) -> None:
    (tmp_path / "dying.py").write_text(DYING)
    (tmp_path / "true.py").write_text(TRUE)
    result = claims("verify", "--claims-from", tmp_path, "--workers", 2, "--json")
    entries = {found["name"]: found for found in json.loads(result.stdout)["claims"]}
    assert entries["squares_grow"]["verdict"] == "holds"
    assert entries["dies"]["verdict"] == "error"
    assert "a worker process died" in entries["dies"]["messages"]["holds"]


# The list of faults.


@pytest.mark.parametrize(
    "fault", [pytest.param(each, marks=dialling(each)) for each in faults()], ids=str
)
def test_what_is_hostile_is_met_as_the_list_says(fault: Fault, tmp_path: Path) -> None:
    found = happened(fault, tmp_path)
    assert found.well, f"exit {found.code}: {found.said}"


def test_a_fault_that_is_not_met_is_seen(tmp_path: Path) -> None:
    met = Fault("a name", "unknown", lambda _: ["show", "nobody"], 2, "there is no claim")
    assert happened(met, tmp_path).well
    for amiss in (
        replace(met, code=1),
        replace(met, says="something else"),
        replace(met, within=0.0),
        replace(met, call=lambda _: ["list", "--json"], code=0, says="", intact=lambda _: False),
    ):
        assert not happened(amiss, tmp_path).well


def test_no_two_faults_have_one_name() -> None:
    names = list(map(str, faults()))
    assert len(set(names)) == len(names)


# No text from outside is evaluated.


RUNS_TEXT = {
    *("eval", "exec", "compile", "__import__", "execfile", "exec_module", "import_module"),
    *("run_path", "run_module", "parse_expr", "parse_latex", "sympify", "lambdify"),
    *("system", "popen", "Popen", "getoutput"),
}
"""By what name a text, or what a file holds, becomes something that runs."""

UNPICKLE = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "yaml", "joblib"}
"""Whose `load` and `loads` run what they read."""

ALLOWED = {
    "lambdify": ({"theory/formula.py"}, "formulas that a derivation reached, as sympy has them"),
    "sympify": (
        {
            f"theory/{name}.py"
            for name in (
                *("normal_form", "wrong_formulas", "printing", "well_formed", "tex", "steps"),
                *("matrices", "ranges", "relations"),
            )
        },
        "numbers beside the expressions of a derivation; theory reads no text from anywhere",
    ),
    "exec_module": ({"models/backends/files.py"}, "the Python file that a user asks to be run"),
    "import_module": (
        {
            "models/backends/loading.py",
            *(f"properties/checking/{name}.py" for name in ("loading", "running")),
            *("properties/checking/wrong_functions.py", "properties/pytest_plugin.py"),
            "teaching/page/code.py",
        },
        "modules of the project by their names, and the one that --backend names",
    ),
}
READS = {"open", "read_text", "read_bytes", "input", "argv", "environ", "stdin"}
CODE_ROOMS = ("theory", "models", "experiments", "properties", "teaching")


def _names_used(room: str) -> Iterator[tuple[str, str]]:
    """Each file of a room, with the name of each function that it calls and attribute it reads."""
    root = Path(__file__).parent.parent
    for file in (root / room).rglob("*.py"):
        where = str(file.relative_to(root))
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Call(ast.Name(name)):
                    yield where, name
                case ast.Call(ast.Attribute(ast.Name(owner), "load" | "loads")):
                    yield where, f"{owner}.load"
                case ast.Attribute(_, name) if name not in ("eval", "exec", "compile"):
                    yield where, name  # Polynomials have an eval, and re a compile.


def test_no_text_from_outside_is_run_or_unpickled() -> None:
    found: dict[str, set[str]] = {}
    for room in CODE_ROOMS:
        for where, name in _names_used(room):
            if name in RUNS_TEXT:
                found.setdefault(name, set()).add(where)
            assert name.removesuffix(".load") not in UNPICKLE or "." not in name, (where, name)
    for name, files in found.items():
        allowed = ALLOWED.get(name, (set(), ""))[0]
        assert files <= allowed, (name, files - allowed)
    stale = {name: files - found.get(name, set()) for name, (files, _) in ALLOWED.items()}
    assert not any(stale.values()), stale


def test_theory_reads_no_text() -> None:
    assert not [(where, name) for where, name in _names_used("theory") if name in READS]


def test_a_rational_from_text_is_a_rational_or_refused() -> None:
    for text in ("__import__('os')", "1/0", "inf", "", "1//2"):
        with pytest.raises((ValueError, ZeroDivisionError)):
            rational(text)
