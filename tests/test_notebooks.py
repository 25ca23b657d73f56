"""The notebooks run from top to bottom, and what they end their cells with is shown."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.py"))


@cache
def executed(file: Path) -> Any:
    """The notebook with the outputs of a new kernel; a cell's error is a CellExecutionError."""
    jupytext = pytest.importorskip("jupytext", reason="the extra [notebooks] is not installed")
    nbclient = pytest.importorskip("nbclient", reason="the extra [notebooks] is not installed")
    notebook = jupytext.read(file)
    resources = {"metadata": {"path": str(file.parent.parent)}}
    return nbclient.NotebookClient(notebook, timeout=300, resources=resources).execute()


def shown(notebook: Any, kind: str) -> list[str]:
    return [
        output["data"][kind]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if kind in output.get("data", {})
    ]


def test_there_are_four() -> None:
    assert {file.stem for file in NOTEBOOKS} == {
        "lecture",
        "refute_your_professor",
        "add_your_theorem",
        "test_your_own_cell",
    }


@pytest.mark.long
@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_runs_from_top_to_bottom(file: Path) -> None:
    notebook = executed(file)
    assert shown(notebook, "text/html")


@pytest.mark.long
def test_the_lecture_has_ten_cells_and_shows_each() -> None:
    notebook = executed(next(file for file in NOTEBOOKS if file.stem == "lecture"))
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(cells) == 11  # and one that imports
    assert all(cell.outputs for cell in cells)
    assert any(r"\begin{align*}" in latex for latex in shown(notebook, "text/latex"))
    pictures = [html for html in shown(notebook, "text/html") if "<svg" in html]
    assert len(pictures) == 5
