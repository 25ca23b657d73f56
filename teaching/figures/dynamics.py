"""Figures of one unit's dynamics: where fixed points and cycles appear."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from teaching.figures.figure import Figure, Widget, words
from teaching.figures.play import Slider, fragment
from teaching.figures.style import BLUE, FAINT, INK, ORANGE, PAIR, subplots

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

W_RANGE, B_RANGE, W = (-4.0, 5.0), (-4.0, 4.0), 3.0


def _curves() -> tuple[Any, Any, Any]:
    """Weights from 1 up, and beside them the saddle-nodes' and the flips' biases, as derived."""
    import numpy as np
    from flint import arb

    from properties.dynamics_cases import curve

    v = np.linspace(1, W_RANGE[1], 81)
    saddle, flip = (np.array([abs(float(curve(arb(each), m))) for each in v]) for m in (1, -1))
    return v, saddle, flip


def _plane(axes: Any) -> None:
    v, saddle, flip = _curves()
    axes.fill_between(v, -saddle, saddle, color="#e9e9e9")
    axes.fill_between(-v, -flip, flip, facecolor="white", edgecolor="#b5b5b5", hatch="////")
    for side in (1, -1):
        axes.plot(v, side * saddle, color=INK)
        axes.plot(-v, side * flip, color=INK, linestyle="--")
    axes.plot((1,), (0,), "o", color=INK, markersize=4)
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    for text, place in (("1", (0, 2.7)), ("1", (0, -2.7)), ("3", (4.1, 0)), ("1 + ⇄", (-3, 0))):
        axes.text(
            *place, text, ha="center", va="center", fontsize=13, bbox=box if "⇄" in text else None
        )
    axes.set(xlim=W_RANGE, ylim=B_RANGE, xlabel="$w$", ylabel="$b$")


def _bifurcations() -> Drawing:
    import numpy as np

    drawing, (plane, branch) = subplots(1, 2, figsize=PAIR)
    _plane(plane)
    plane.plot((W, W), (-1.9, 1.9), color=ORANGE, linestyle=":")
    x = np.tanh(np.linspace(-5.2, 5.2, 801))
    b, slope = np.arctanh(x) - W * x, W * (1 - x**2)
    branch.plot(np.where(slope < 1, b, np.nan), x, color=BLUE)
    branch.plot(np.where(slope >= 1, b, np.nan), x, color=BLUE, linestyle="--")
    fold = np.sqrt(1 - 1 / W)
    height = W * fold - np.arctanh(fold)
    for side in (1, -1):
        branch.axvline(side * height, color=FAINT, linewidth=0.8)
        branch.plot((side * height,), (-side * fold,), "o", color=INK, markersize=4)
    branch.annotate(r"$h^*$", (height, -1.1), xytext=(3, 0), textcoords="offset points")
    branch.annotate(r"$-h^*$", (-height, -1.1), xytext=(-24, 0), textcoords="offset points")
    branch.set(xlim=(-1.9, 1.9), ylim=(-1.15, 1.15), xlabel="$b$", ylabel="$x^*$")
    branch.set_title(f"$w={W:g}$", color=ORANGE)
    plane.set_title(r"$x' = \tanh(wx+b)$")
    return drawing


def _played() -> Drawing:
    drawing, (plane, portrait) = subplots(1, 2, figsize=PAIR)
    _plane(plane)
    plane.plot((0,), (0,), "o", color=ORANGE, markersize=8, gid="here")
    portrait.plot((-1.2, 1.2), (-1.2, 1.2), color=FAINT, linewidth=0.8)
    portrait.plot((0, 0), (0, 0), color=INK, gid="map")
    portrait.plot((0, 0), (0, 0), color=ORANGE, linewidth=1, gid="steps")
    portrait.set(xlim=(-1.2, 1.2), ylim=(-1.2, 1.2), aspect="equal", xlabel="$x$", ylabel="$x'$")
    return drawing


def _bifurcations_played() -> str:
    return fragment(
        "bifurcations_played",
        _played,
        (
            Slider("w", "weight", "权重", -4, 5, 0.01, 3),
            Slider("b", "bias", "偏置", -4, 4, 0.01, 0.3),
        ),
        """
const saddle = w > 1 ? Math.sqrt(w * (w - 1)) - Math.acosh(Math.sqrt(w)) : 0;
const flip = w < -1 ? Math.acosh(Math.sqrt(-w)) + Math.sqrt(w * (w + 1)) : 0;
const fixed = w > 1 ? (Math.abs(b) < saddle ? 3 : Math.abs(b) > saddle ? 1 : 2) : 1;
const cycles = w < -1 && Math.abs(b) < flip ? 1 : 0;
const steps = [];
for (let t = 0, x = 0.01; t < 60; t++) {
  const next = Math.tanh(w * x + b);
  steps.push([x, next], [next, next]);
  x = next;
}
move("here", [[w, b]], 0);
move("map", range(-1.2, 1.2, 240).map((x) => [x, Math.tanh(w * x + b)]), 1);
move("steps", steps, 1);
say(`#{x : x' = x} = ${fixed},  #{⇄} = ${cycles}`
  + (w > 1 ? `,  h*(w) = ${short(saddle)}` : ""));
""",
    )


WORDS: dict[str, Any] = words("dynamics")

FIGURES = (
    Figure(
        name="bifurcation_plane",
        theme="dynamics",
        **WORDS["bifurcation_plane"],
        draw=_bifurcations,
        claims=("bifurcations", "bifurcation_curves", "period_two_orbits"),
    ),
)

WIDGETS = (
    Widget(
        name="bifurcations_played",
        theme="dynamics",
        **WORDS["bifurcations_played"],
        html=_bifurcations_played,
        claims=("bifurcations", "period_two_orbits"),
    ),
)
