"""The two figures of the latching experiment, beside what can be read off the paper's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from experiments.experiment import Rows
from experiments.files import write_figure
from experiments.latching_sweep import CRITERIA, READINGS

PAPER_2B = {
    5: 1.0,
    10: 1.0,
    13: 1.0,
    20: 0.8,
    25: 0.55,
    30: 0.3,
    35: 0.25,
    41: 0.15,
    50: 0.05,
    60: 0.05,
}
"""Rates of success over 18 runs by T, read off the paper's figure 2(b) to about 0.05."""

PAPER_2A = {"w0": 1.1, "s": 0.3}
"""In the paper's figure 2(a) training mostly succeeds for w0 above the one, s below the other."""

QUOTED = (10, 20)
"""The lengths at which section 10.7 of the chapter says that success comes to nothing."""

CHANCE = 0.25
"""Of the sign criterion: two signs that come out right by chance."""

TITLES = {
    "sign": "both outputs have the right sign",
    "strict": "both outputs are near their targets",
}


def draw(rows: Rows, folder: Path) -> list[Path]:
    """Writes latching-2a.svg and latching-2b.svg. Raises OSError when they cannot be written."""
    from matplotlib.figure import Figure

    files = []
    for name, size, fill in (("2a", (9.5, 8.0), _figure_a), ("2b", (9.5, 4.2), _figure_b)):
        figure = Figure(figsize=size, layout="constrained")
        fill(figure, [row for row in rows if row["figure"] == name])
        file = folder / f"latching-{name}.svg"
        write_figure(file, figure)
        files.append(file)
    return files


def _figure_a(figure: Any, rows: Rows) -> None:
    import numpy as np

    axes = figure.subplots(2, 2, sharex=True, sharey=True, squeeze=False)
    for panel, reading, criterion in _panels(axes):
        cells = _of(rows, reading, criterion)
        w0, s = (sorted({row[key] for row in cells}) for key in ("w0", "s"))
        rates = {(row["s"], row["w0"]): row["rate"] for row in cells}
        image = np.array([[rates[each, other] for other in w0] for each in s])
        mesh = panel.pcolormesh(w0, s, image, vmin=0, vmax=1, cmap="viridis", shading="nearest")
        right, top = max(w0[-1], PAPER_2A["w0"]), PAPER_2A["s"]
        panel.plot([PAPER_2A["w0"]] * 2, [0, top], "w--")
        panel.plot([PAPER_2A["w0"], right], [top, top], "w--")
        panel.set_title(f"s is the {reading}; {TITLES[criterion]}", fontsize=9)
    for panel in axes[-1]:
        panel.set_xlabel("initial weight w0")
    for panel in axes[:, 0]:
        panel.set_ylabel("s of the noise")
    figure.colorbar(mesh, ax=axes, label="rate of success", shrink=0.7)
    runs = rows[0]["runs"]
    figure.suptitle(
        f"Latching one bit for T = {rows[0]['T']} steps, {runs} runs a cell.\n"
        "Dashed: where training succeeds in figure 2(a) of Bengio, Simard & Frasconi 1994",
        fontsize=10,
    )


def _figure_b(figure: Any, rows: Rows) -> None:
    axes = figure.subplots(1, 2, sharey=True)
    for panel, criterion in zip(axes, CRITERIA, strict=True):
        panel.bar(
            list(PAPER_2B), list(PAPER_2B.values()), 2.2, color="0.85", label="the paper, 18 runs"
        )
        for reading, marker in zip(READINGS, "os", strict=True):
            cells = sorted(_of(rows, reading, criterion), key=lambda row: row["T"])
            rates = [row["rate"] for row in cells]
            below = [row["rate"] - row["low"] for row in cells]
            above = [row["high"] - row["rate"] for row in cells]
            lengths = [row["T"] for row in cells]
            label = f"s is the {reading}"
            panel.errorbar(
                lengths, rates, [below, above], marker=marker, ms=4, capsize=2, label=label
            )
        quoted = "0 at 10 or 20, as section 10.7 has it"
        panel.plot(QUOTED, [0] * len(QUOTED), "rx", clip_on=False, label=quoted)
        if criterion == "sign":
            panel.axhline(CHANCE, color="0.5", lw=0.8, ls=":", label="chance")
        panel.set(title=TITLES[criterion], xlabel="T", ylim=(0, 1.03))
        panel.title.set_fontsize(9)
        panel.legend(fontsize=8)
    axes[0].set_ylabel("rate of success")
    runs = rows[0]["runs"]
    figure.suptitle(
        f"Latching one bit, w0 = {rows[0]['w0']}, s = {rows[0]['s']}, {runs} runs a cell, "
        "95 % intervals",
        fontsize=10,
    )


def _panels(axes: Any) -> list[tuple[Any, str, str]]:
    return [
        (axes[i][j], reading, criterion)
        for i, reading in enumerate(READINGS)
        for j, criterion in enumerate(CRITERIA)
    ]


def _of(rows: Rows, reading: str, criterion: str) -> Rows:
    return [row for row in rows if (row["reading"], row["criterion"]) == (reading, criterion)]
