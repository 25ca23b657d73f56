"""Figures of composed maps and of gradients against the lag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from teaching.figures.figure import Figure, words
from teaching.figures.style import BLUE, INK, ORANGE

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

GAIN = 5.0


def _composition() -> Drawing:
    import numpy as np
    from matplotlib.figure import Figure as Drawn

    from models.composition import figure_10_15

    curves = figure_10_15(GAIN)
    reach, slopes = curves.x[-1], np.abs(curves.slopes)
    drawing = Drawn(figsize=(8.4, 3.8))
    halves: Any = drawing.subfigures(1, 2, width_ratios=(2.4, 1))
    left, right = halves
    panels = left.subplots(2, 3, sharex=True, sharey=True)
    for t, axes in enumerate(panels.ravel()):
        axes.plot(curves.x, curves.y[t], color=INK, linewidth=1.2)
        axes.set(xlim=(-reach, reach), ylim=(-3, 3), xticks=(-reach, 0, reach), yticks=(-2, 0, 2))
        axes.set_title(f"$t={t}$", pad=2)
    for axes in panels[1]:
        axes.set_xlabel("$x$", labelpad=0)
    for axes in panels[:, 0]:
        axes.set_ylabel("$y_t(x)$", labelpad=0)

    axes, steps = right.subplots(), range(1, len(slopes))
    axes.plot(steps, slopes[1:].max(axis=1), color=ORANGE, marker="o", markersize=4)
    median = np.median(slopes[1:], axis=1)
    axes.plot(steps, median, color=BLUE, linestyle="--", marker="s", markersize=4)
    axes.set_yscale("log")
    axes.set(xlabel="$t$", ylabel=r"$|dy_t/dx|$", xticks=list(steps))
    axes.minorticks_off()
    axes.annotate("max", (1.2, 1.2), color=ORANGE)
    axes.annotate("50 %", (1.2, 0.1), color=BLUE)
    return drawing


WORDS: dict[str, Any] = words("backpropagation")

FIGURES = (
    Figure(
        name="composition",
        theme="backpropagation",
        **WORDS["composition"],
        draw=_composition,
        claims=("composition", "sustained_signal"),
    ),
)

WIDGETS = ()
