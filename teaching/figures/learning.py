"""A figure of how often gradient descent learns to keep a bit, by the length of the sequences."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from teaching.figures.figure import Figure, words
from teaching.figures.style import BLUE, ORANGE, RED, WIDE, subplots

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

LENGTHS = (5, 10, 13, 20, 25, 30, 35, 41, 50, 60)
RUNS, W0, S, TOLERANCE, SEED = 100, 1.25, 0.2, 0.2, 0
"""As in the paper's figure 2(b), with 100 runs for its 18; a run has learnt by the strict test."""


@cache
def _successes(deviation: float) -> tuple[int, ...]:
    """Of each length how many runs learn, with noise of this deviation."""
    import numpy as np

    from experiments.latching import Training, latch, succeeded

    w0, deviations = np.full(RUNS, W0), np.full(RUNS, deviation)
    outputs = (latch(w0, deviations, T, Training(), [SEED, T]) for T in LENGTHS)
    return tuple(int(succeeded(each, "strict", TOLERANCE).sum()) for each in outputs)


def _latching_length() -> Drawing:
    import numpy as np

    from experiments.latching_figures import PAPER_2B, QUOTED
    from experiments.proportions import interval

    drawing, axes = subplots(figsize=WIDE)
    axes.bar(list(PAPER_2B), list(PAPER_2B.values()), 2.4, color="0.82")
    for label, deviation, color, line, marker in (
        (r"$\sigma = s$", S, BLUE, "-", "o"),
        (r"$\sigma^2 = s$", S**0.5, ORANGE, "--", "s"),
    ):
        learnt = _successes(deviation)
        rates = np.array(learnt) / RUNS
        low, high = np.array([interval(each, RUNS) for each in learnt]).T
        axes.errorbar(
            LENGTHS,
            rates,
            [rates - low, high - rates],
            color=color,
            linestyle=line,
            marker=marker,
            markersize=4,
            elinewidth=0.9,
            capsize=2,
            label=label,
        )
    axes.plot(QUOTED, [0] * len(QUOTED), "x", color=RED, clip_on=False, markersize=8, zorder=5)
    axes.set(xlabel="$T$", ylabel="$P$", ylim=(0, 1.03), xlim=(2, 63))
    axes.legend(frameon=False, title="$s = 0.2$")
    return drawing


WORDS = words("learning")

FIGURES = (
    Figure(
        name="latching_length",
        theme="learning",
        **WORDS["latching_length"],
        draw=_latching_length,
        claims=("latching_experiment", "ten_or_twenty", "readings_of_variance"),
    ),
)

WIDGETS = ()
