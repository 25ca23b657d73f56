"""Writing files whole or not at all, and reading what others may have written."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any


def write_whole(file: Path, text: str) -> None:
    """Write a text file, whole or not at all. Raises OSError, and leaves no half of a file."""
    partial = file.with_name(file.name + ".partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(file)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def read_json(file: Path) -> Any:
    """What a file of JSON holds. Raises OSError, and ValueError for what is no JSON."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except RecursionError:
        raise ValueError("its brackets are nested too deeply") from None


def cannot_write(file: Path, problem: OSError) -> str:
    """What to say, and that --resume continues from what was kept."""
    return (
        f"{file} cannot be written: {problem.strerror}; what was finished before is kept: make "
        "room, or mend the folder, and continue with --resume"
    )


def write_figure(file: Path, figure: Any) -> None:
    """Write a matplotlib figure as SVG; the same figure gives the same file. Raises OSError."""
    import matplotlib as mpl

    text = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": file.name}):
        figure.savefig(text, format="svg", metadata={"Date": None})
    write_whole(file, text.getvalue())
