"""The command `claims`, as people call it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from properties import THEMES
from tests.test_collection import BROKEN, FALSE, TRUE

ROOT = Path(__file__).parent.parent


def claims(
    *arguments: object, cwd: Path = ROOT, stderr: int = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own; skip where that would not run the mutant."""
    if "MUTANT_UNDER_TEST" in os.environ:
        pytest.skip("which tests reach what is not seen in another process")
    return subprocess.run(
        [sys.executable, "-m", "teaching.cli", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        check=False,
    )


def claims_said(*arguments: object, cwd: Path) -> str:
    """What the command prints, messages and results in the order in which they come."""
    return claims(*arguments, cwd=cwd, stderr=subprocess.STDOUT).stdout


def from_json(*arguments: object) -> Any:
    return json.loads(claims(*arguments, "--json").stdout)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "true.py").write_text(TRUE)
    return folder


def test_help_has_examples() -> None:
    for command in ((), ("list",), ("show",), ("verify",), ("refute",), ("new",), ("page",)):
        assert "Example" in claims(*command, "--help").stdout


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom teaching.cli import app\n"
        "heavy = {'numpy', 'sympy', 'hypothesis', 'scipy', 'flint'} & set(sys.modules)\n"
        "sys.exit(bool(heavy) and str(heavy))"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_list() -> None:
    listed = {entry["name"]: entry for entry in from_json("list")}
    found = listed["spectral_power"]
    assert found["theme"] == "linear_recurrence"
    assert found["assumptions"] == ["Q is orthogonal"]
    assert found["misreadings"] == ["printed_form", "every_matrix"]
    assert found["derivation"]["steps"] == 3
    assert {"symbolic", "exact"} <= set(found["tiers"])
    themes = [entry["theme"] for entry in from_json("list")]
    assert sorted(themes, key=THEMES.index) == themes
    lines = claims("list", "--theme", "linear_recurrence").stdout.splitlines()
    assert lines[0] == "linear_recurrence"
    (spectral,) = [line.split(maxsplit=1) for line in lines if "spectral_power" in line]
    assert spectral == ["spectral_power", listed["spectral_power"]["statement"]]


def test_show_prints_the_steps() -> None:
    shown = claims("show", "spectral_power").stdout
    for text in ("eq. 10.39", "Q is orthogonal", "3. ", "induction", "printed_form"):
        assert text in shown
    steps = from_json("show", "spectral_power")["derivation"]
    assert len(steps["steps"]) == 3
    assert steps["latex"].startswith(r"\begin{align*}")


def test_verify(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "evidence.json"
    result = claims("verify", "spectral_power", "--examples", 60, "--evidence", file, "--json")
    assert result.returncode == 0
    found = json.loads(result.stdout)
    assert found == json.loads(file.read_text())
    (entry,) = found["claims"]
    assert (entry["verdict"], entry["examples"]) == ("holds", 60)
    assert entry["derivation"] == {"steps": 3, "verified": 3}
    (assumption,), (misreading, _) = entry["assumptions"], entry["misreadings"]
    assert assumption["violation"] >= 2
    assert misreading["counterexample"].startswith("SpectralSystem(")
    assert found["seed"] == 0
    assert "hypothesis" in found["versions"]


def test_verify_says_no(outside: Path) -> None:
    (outside / "false.py").write_text(FALSE)
    (outside / "broken.py").write_text(BROKEN)
    result = claims("verify", "--claims-from", outside)
    assert result.returncode == 1
    assert "1 hold, 1 refuted, 1 in error" in result.stdout
    assert "case = Number(x=-1)" in result.stderr
    verdicts = {
        Path(entry["name"]).stem: entry["verdict"]
        for entry in from_json("verify", "--claims-from", outside)["claims"]
    }
    assert verdicts == {"squares_grow": "holds", "squares_shrink": "refuted", "broken": "error"}


def test_reproduction_code_runs(outside: Path) -> None:
    (outside / "false.py").write_text(FALSE)
    said = claims("verify", "squares_shrink", "--claims-from", outside).stderr
    code = said.partition("to reproduce:")[2]
    lines = [line.strip() for line in code.splitlines() if line.startswith("    ")]
    script = outside / "again.py"
    script.write_text("\n".join(lines))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    again = subprocess.run(
        [sys.executable, script], env=environment, capture_output=True, text=True, check=False
    )
    assert "Violation" in again.stderr


def test_refute_prints_a_rational_rotation() -> None:
    found = from_json("refute", "spectral_power", "--misreading", "printed_form")
    assert found["counterexample"].startswith('SpectralSystem(q=matrix("-3/5 -4/5; 4/5 -3/5")')
    assert found["violation"] >= 2
    assert (found["kind"], found["name"]) == ("misreading", "printed_form")
    assert found["left"] != found["right"]
    text = claims("refute", "spectral_power", "--misreading", "printed_form").stdout
    for shown in ("⎡ -3/5  -4/5 ⎤", "left side", "right side", "printed_form(case, Check())"):
        assert shown in text


def test_refute_without_an_assumption_finds_the_smallest() -> None:
    found = from_json("refute", "spectral_power", "--without", "Q is orthogonal")
    assert found["counterexample"] == (
        'SpectralSystem(q=matrix("2"), eigenvalues=matrix("0"), h0=matrix("1"), t=0)'
    )


def test_mistakes_are_usage_errors_with_a_hint(outside: Path) -> None:
    for arguments, said in (
        (("verify", "spectral_pwer"), "did you mean spectral_power"),
        (("show", "spectral_pwer"), "did you mean spectral_power"),
        (("verify", "--theme", "linear"), "linear_recurrence?"),
        (("refute", "spectral_power"), "name one of --without"),
        (("refute", "spectral_power", "--misreading", "printed"), "did you mean printed_form?"),
        (("refute", "spectral_power", "--without", "Q orthogonal"), "Q is orthogonal?"),
        (("verify", "--claims-from", outside / "none"), "no such file or folder"),
        (("verify", "--examples", "0"), "--examples"),
        (("new", "2fast", "--theme", "x"), "no Python name"),
        (("verify", "squares_grow", "--claims-from", outside, "--evidence", outside), "evidence"),
    ):
        result = claims(*arguments)
        assert result.returncode == 2, arguments
        assert said in result.stderr, arguments
        assert "Traceback" not in result.stderr


def test_a_new_claim_verifies_as_written(tmp_path: Path) -> None:
    written = claims("new", "my_theorem", "--theme", "lecture", cwd=tmp_path)
    assert "my_theorem_theory.py" in written.stdout
    (entry,) = from_json("verify", "--claims-from", tmp_path / "my_theorem.py")["claims"]
    assert (entry["verdict"], entry["theme"]) == ("holds", "lecture")
    assert claims("new", "my_theorem", "--theme", "lecture", cwd=tmp_path).returncode == 2


def test_in_the_project_a_new_claim_goes_into_its_rooms(copied_house: Path) -> None:
    claims("new", "my_theorem", "--theme", "linear_recurrence", cwd=copied_house)
    assert (copied_house / "properties" / "my_theorem.py").exists()
    assert (copied_house / "theory" / "my_theorem.py").exists()


def test_an_interrupt_keeps_what_is_finished(outside: Path) -> None:
    slow = "import time\n" + TRUE.replace("squares_grow", "zz_slow") + "    time.sleep(60)\n"
    (outside / "zz_slow.py").write_text(slow)
    file = outside / "evidence.json"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    # A test run in the background ignores interrupts, and its children would too.
    interruptible = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from teaching.cli import main; main()"
    )
    command = [sys.executable, "-c", interruptible, "verify", "--claims-from", str(outside)]
    with subprocess.Popen(
        [*command, "--evidence", str(file)],
        env=environment,
        cwd=ROOT,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            assert "squares_grow" in process.stderr.readline()
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 130
        finally:
            process.kill()
    (entry,) = json.loads(file.read_text())["claims"]
    assert entry["name"] == "squares_grow"
