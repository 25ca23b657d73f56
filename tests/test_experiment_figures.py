"""The figures show what the rows say, and the same rows give the same files."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from experiments import latching_figures, tasks_figures
from experiments.proportions import interval

pytest.importorskip("matplotlib", reason="the extra [figures] is not installed")


def counted(successes: int) -> dict[str, float]:
    low, high = interval(successes, 10)
    return {"runs": 10, "successes": successes, "rate": successes / 10, "low": low, "high": high}


LATCHING = [
    {"figure": figure, "reading": reading, "T": T, "w0": w0, "s": s, "criterion": criterion}
    | counted(T % 11)
    for reading, criterion in product(("deviation", "variance"), ("sign", "strict"))
    for figure, T, w0, s in (
        *(("2a", 20, w0, s) for w0 in (1.0, 2.0) for s in (0.0, 0.5)),
        *(("2b", T, 1.25, 0.2) for T in (5, 60)),
    )
]
TASKS = [
    {"task": task, "method": method, "learning_rate": rate, "T": T} | counted(int(10 * rate))
    for task, method, rate, T in product(
        ("latch", "temporal_order"), ("plain", "clipped"), (0.1, 0.3), (10, 20)
    )
]


@pytest.mark.parametrize(
    ("module", "rows", "texts"),
    [
        (
            latching_figures,
            LATCHING,
            {
                "latching-2a.svg": ("T = 20 steps, 10 runs a cell", "initial weight w0"),
                "latching-2b.svg": ("w0 = 1.25, s = 0.2", "the paper, 18 runs", "chance"),
            },
        ),
        (tasks_figures, TASKS, {"tasks.svg": ("temporal order", "clipped", "0.1, 0.3")}),
    ],
)
def test_a_figure_is_drawn_the_same_again(
    module: object, rows: list, texts: dict, tmp_path: Path
) -> None:
    drawn = [file.name for file in module.draw(rows, tmp_path)]  # type: ignore[attr-defined]
    assert drawn == list(texts)
    first = {name: (tmp_path / name).read_text() for name in drawn}
    for name, said in texts.items():
        # matplotlib leaves each text as a comment beside its outlines.
        for text in said:
            assert text in first[name]
    module.draw(rows, tmp_path)  # type: ignore[attr-defined]
    assert {name: (tmp_path / name).read_text() for name in drawn} == first
