"""The rate of success against the length of the sequences, a panel a task."""

from __future__ import annotations

from pathlib import Path

from experiments.experiment import Rows
from experiments.files import write_figure

NAMES = {
    "plain": "plain",
    "clipped": "clipped",
    "penalty": "with the penalty Ω",
    "clipped_penalty": "clipped, with Ω",
}


def draw(rows: Rows, folder: Path) -> list[Path]:
    """Writes tasks.svg: for every way of descent the best of its learning rates at each length.

    Raises OSError when it cannot be written.
    """
    from matplotlib.figure import Figure

    tasks = list(dict.fromkeys(row["task"] for row in rows))
    methods = list(dict.fromkeys(row["method"] for row in rows))
    lengths = sorted({row["T"] for row in rows})
    figure = Figure(figsize=(2 + 2.6 * len(tasks), 3.6), layout="constrained")
    panels = figure.subplots(1, len(tasks), sharey=True, squeeze=False)[0]
    for panel, task in zip(panels, tasks, strict=True):
        for method, marker in zip(methods, "os^vD", strict=False):
            best = [
                max(
                    (row for row in rows if (row["task"], row["method"], row["T"]) == at),
                    key=lambda row: row["rate"],
                )
                for at in ((task, method, T) for T in lengths)
            ]
            bars = [
                [row["rate"] - row["low"] for row in best],
                [row["high"] - row["rate"] for row in best],
            ]
            rates = [row["rate"] for row in best]
            label = NAMES.get(method, method)
            panel.errorbar(lengths, rates, bars, marker=marker, ms=4, capsize=2, label=label)
        panel.set(title=task.replace("_", " "), xlabel="T", ylim=(-0.03, 1.03))
    panels[0].set_ylabel("rate of success")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right center", fontsize=8)
    runs, rates = rows[0]["runs"], sorted({row["learning_rate"] for row in rows})
    figure.suptitle(
        f"{runs} runs a cell, 95 % intervals; the best of the learning rates "
        f"{', '.join(map(str, rates))}",
        fontsize=10,
    )
    file = folder / "tasks.svg"
    write_figure(file, figure)
    return [file]
