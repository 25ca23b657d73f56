"""Figures of the scalar network: wᵗ around w = 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from teaching.figures.figure import Figure, Widget, words
from teaching.figures.play import Slider, fragment
from teaching.figures.style import BLUE, FAINT, INK, ORANGE, PAIR, subplots

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

LONGEST = 1000
WEIGHTS = {1.1: "-", 1.01: "-", 1.001: "-", 1.0: "-", 0.999: "--", 0.99: "--", 0.9: "--"}
LENGTHS = {10: ":", 100: "--", 1000: "-"}


def _axes() -> tuple[Drawing, Any, Any]:
    drawing, (over_time, over_weight) = subplots(1, 2, figsize=PAIR, width_ratios=(3, 2))
    over_time.set_yscale("log")
    over_time.set(xlim=(0, LONGEST), ylim=(1e-6, 1e6), xlabel="$t$", ylabel="$w^t$")
    over_weight.set(xlim=(0.9, 1.1), ylim=(0, 4), xlabel="$w$", ylabel="$w^t$")
    for axes in (over_time, over_weight):
        axes.axhline(1, color=FAINT, linewidth=0.8)
    return drawing, over_time, over_weight


def _powers() -> Drawing:
    import numpy as np

    from models import linear

    drawing, over_time, over_weight = _axes()
    W = np.array(list(WEIGHTS))[:, None, None]
    runs = linear.run(W, np.ones((len(WEIGHTS), 1)), LONGEST)[:, :, 0].T
    for (w, line), values in zip(WEIGHTS.items(), runs, strict=True):
        colour = INK if w == 1 else ORANGE if w > 1 else BLUE
        over_time.plot(values, color=colour, linestyle=line)
        end = np.flatnonzero(np.abs(np.log10(values)) <= 5)[-1]
        over_time.annotate(
            f"${w:g}$",
            (end, values[end]),
            textcoords="offset points",
            # 1.001 and 0.999 end close to 1.
            xytext=(5, -3 + 6 * (w - 1) / 0.001 * (abs(w - 1) < 0.002)),
            color=colour,
            annotation_clip=False,
        )
    weights = np.linspace(0.9, 1.1, 401)
    for length, line in LENGTHS.items():
        over_weight.plot(weights, weights**length, color=INK, linestyle=line, label=f"$t={length}$")
    over_weight.legend(frameon=False, loc="upper left")
    return drawing


def _played() -> Drawing:
    drawing, over_time, over_weight = _axes()
    over_time.plot([0, LONGEST], [1, 1], color=BLUE, gid="time")
    over_time.plot([0], [1], "o", color=INK, gid="time-here")
    over_weight.plot([0.9, 1.1], [1, 1], color=BLUE, gid="weight")
    over_weight.plot([1], [1], "o", color=INK, gid="weight-here")
    return drawing


def _powers_played() -> str:
    return fragment(
        "powers_played",
        _played,
        (
            Slider("w", "weight", "权重", 0.9, 1.1, 0.001, 1.01),
            Slider("t", "number of steps", "步数", 1, LONGEST, 1, 100),
        ),
        """
const power = Math.pow(w, t);
move("time", range(0, 1000, 50).map((s) => [s, Math.pow(w, s)]), 0);
move("time-here", [[t, power]], 0);
move("weight", range(0.9, 1.1, 400).map((v) => [v, Math.pow(v, t)]), 1);
move("weight-here", [[w, power]], 1);
say(`wᵗ = ${short(power)},  d(wᵗ)/dw = ${short(t * Math.pow(w, t - 1))}`);
""",
    )


WORDS = words("shared_weight")

FIGURES = (
    Figure(
        name="powers",
        theme="shared_weight",
        **WORDS["powers"],
        draw=_powers,
        claims=("scalar_power", "transition_width", "reuse_amplifies"),
    ),
)

WIDGETS = (
    Widget(
        name="powers_played",
        theme="shared_weight",
        **WORDS["powers_played"],
        html=_powers_played,
        claims=("scalar_power", "transition_width"),
    ),
)
