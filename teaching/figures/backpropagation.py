"""Figures of composed maps and of gradients against the lag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from teaching.figures.figure import Figure, words
from teaching.figures.style import BLUE, INK, ORANGE

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

UNITS, GAIN, COMPOSED, REACH, POINTS, SEED = 100, 3.0, 5, 30, 801, 2


def _composition() -> Drawing:
    import numpy as np
    from matplotlib import pyplot

    from models.rnn import RNN

    generator = np.random.default_rng(SEED)
    W = generator.standard_normal((UNITS, UNITS)) * GAIN / np.sqrt(UNITS)
    direction, start = generator.standard_normal((2, UNITS))
    onto = generator.standard_normal(UNITS) / np.sqrt(UNITS)
    s = np.linspace(-REACH, REACH, POINTS)
    line = start + s[:, None] * direction
    run = RNN(W, np.zeros((UNITS, 0)), np.zeros(UNITS)).run(line, np.zeros((COMPOSED, POINTS, 0)))
    values = run.states @ onto

    drawing = pyplot.figure(figsize=(8.4, 3.8))
    curves, slopes = drawing.subfigures(1, 2, width_ratios=(2.4, 1))
    panels = curves.subplots(2, 3, sharex=True, sharey=True)
    for t, axes in enumerate(panels.ravel()):
        axes.plot(s, values[t], color=INK, linewidth=1.2)
        axes.set(xlim=(-REACH, REACH), ylim=(-3, 3), xticks=(-REACH, 0, REACH), yticks=(-2, 0, 2))
        axes.set_title(f"$t={t}$", pad=2)
    for axes in panels[1]:
        axes.set_xlabel("$s$", labelpad=0)
    for axes in panels[:, 0]:
        axes.set_ylabel("$y_t(s)$", labelpad=0)

    steps = run.step_jacobians()
    moved, sizes = (
        np.broadcast_to(direction, line.shape),
        [np.abs(onto @ direction) * np.ones(POINTS)],
    )
    for step in steps:
        moved = (step @ moved[:, :, None])[:, :, 0]
        sizes.append(np.abs(moved @ onto))
    axes, t = slopes.subplots(), range(COMPOSED + 1)
    axes.plot(t, np.max(sizes, axis=1), color=ORANGE, marker="o", markersize=4)
    axes.plot(t, np.median(sizes, axis=1), color=BLUE, linestyle="--", marker="s", markersize=4)
    axes.set_yscale("log")
    axes.set(xlabel="$t$", ylabel=r"$|dy_t/ds|$", xticks=list(t))
    axes.minorticks_off()
    axes.annotate("max", (1.2, 6), color=ORANGE)
    axes.annotate("50 %", (1.2, 0.03), color=BLUE)
    return drawing


WORDS: dict[str, Any] = words("backpropagation")

FIGURES = (
    Figure(
        name="composition",
        theme="backpropagation",
        **WORDS["composition"],
        draw=_composition,
        claims=("composition",),
    ),
)

WIDGETS = ()
