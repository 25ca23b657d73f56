"""The layers of the house: a room imports only from rooms below it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
KEPT = "Contracts: 4 kept, 0 broken."
LINT = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]


def lint(folder: Path) -> str:
    return subprocess.run(LINT, cwd=folder, capture_output=True, text=True, check=False).stdout


def test_a_room_imports_only_from_rooms_below_it() -> None:
    assert KEPT in lint(ROOT)


def test_a_broken_layer_is_seen(copied_house: Path) -> None:
    broken = copied_house / "models" / "linear.py"
    broken.write_text(broken.read_text() + "\nimport theory.derivation\n")
    assert KEPT not in lint(copied_house)
