"""Figures of the latch: the push it withstands, and what that costs its gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from teaching.figures.figure import Figure, Widget, words
from teaching.figures.play import Slider, fragment
from teaching.figures.style import BLUE, FAINT, INK, ORANGE, PAIR, RED, WIDE, subplots

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

W, REACH, STEPS, LONG = 2, 2.7, 40, 1000
SHARES = {0.0: ("-", INK), 0.9: ("-.", BLUE), 1.0: ("--", ORANGE), 1.1: (":", RED)}
"""Pushes as shares of h*(w), and how their lines look."""


def _threshold() -> tuple[float, float]:
    """h*(w), and the edge arccosh √w."""
    from flint import arb

    from properties.latch_cases import edge, threshold

    return float(threshold(arb(W))), float(edge(arb(W)))


def _rest(push: float) -> float:
    """The upper rest point under a steady push towards the other side."""
    from properties.latch_cases import rest_point

    return float(rest_point(W, push))


def _named(share: float) -> str:
    if share == 0:
        return "$h=0$"
    return r"$h=-h^{\!*}$" if share == 1 else f"$h=-{share:g}\\,h^{{\\!*}}$"


def _map_axes(axes: Any) -> None:
    axes.plot((-REACH, REACH), (-REACH, REACH), color=FAINT, linewidth=0.8)
    axes.axhline(0, color=FAINT, linewidth=0.5)
    axes.axvline(0, color=FAINT, linewidth=0.5)
    axes.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), aspect="equal")
    axes.set(xlabel="$a_{t-1}$", ylabel="$a_t$")


def _latch() -> Drawing:
    import numpy as np

    from models.neuron import Neuron

    drawing, (portrait, paths) = subplots(1, 2, figsize=PAIR, width_ratios=(1, 1.1))
    (h, edge), rest, a = _threshold(), _rest(0), np.linspace(-REACH, REACH, 241)
    _map_axes(portrait)
    for share in (0.0, 1.0):
        line, colour = SHARES[share]
        portrait.plot(a, W * np.tanh(a) - share * h, color=colour, linestyle=line)
    portrait.plot((-rest, rest), (-rest, rest), "o", color=INK)
    portrait.plot((0,), (0,), "o", color=INK, markerfacecolor="white")
    portrait.plot((edge,), (edge,), "s", color=ORANGE)
    portrait.annotate(r"$\hat a$", (edge + 0.15, edge - 0.35), color=ORANGE)
    portrait.annotate(_named(0), (-1.35, 1.4), color=INK)
    portrait.annotate(_named(1), (0.4, -1.2), color=ORANGE)

    inputs = np.tile(-h * np.array(list(SHARES)), (STEPS, 1))
    run = Neuron(np.full(len(SHARES), float(W))).run(np.full(len(SHARES), rest), inputs)
    for (line, colour), states in zip(SHARES.values(), run.states[:, :, 0].T, strict=True):
        paths.plot(states, color=colour, linestyle=line)
    paths.axhline(edge, color=FAINT, linewidth=0.8)
    paths.annotate(r"$\hat a$", (STEPS, edge), xytext=(4, -3), textcoords="offset points")
    places = {0.0: (27, 2.05), 0.9: (27, 1.4), 1.0: (29, 0.5), 1.1: (21, -1.2)}
    for share, place in places.items():
        paths.annotate(_named(share), place, color=SHARES[share][1])
    paths.set(xlim=(0, STEPS), ylim=(-REACH, REACH), xlabel="$t$", ylabel="$a_t$")
    return drawing


def _latched_gradients() -> Drawing:
    import numpy as np
    from flint import fmpq

    from models.neuron import Neuron
    from properties.latch_steered import Steered

    drawing, axes = subplots(figsize=WIDE)
    (h, _), t = _threshold(), np.arange(1, LONG + 1)
    neuron = Neuron(np.array(float(W)))
    for share in (0.0, 0.9, 1.0):
        line, colour = SHARES[share]
        start = np.array([_rest(share * h)]) if share < 1 else np.array([_rest(0)])
        run = neuron.run(start, np.full((LONG, 1), -share * h))
        gradient = np.cumprod(run.step_jacobians()[:, 0, 0, 0])
        axes.plot(t, gradient, color=colour, linestyle=line)
        at = int(np.flatnonzero(gradient > 3e-7)[-1]) if share < 1 else 250
        axes.annotate(
            _named(share),
            (t[at], gradient[at]),
            xytext=(6, 4),
            textcoords="offset points",
            color=colour,
        )
    steered = Steered(w=fmpq(W), c=1, d=1, p=2, t=LONG).run()
    axes.plot(t, np.cumprod(steered.step_jacobians()[:, 0, 0, 0]), color=RED)
    axes.annotate(r"$w\,\tanh^{\prime}a_t=1-1/(t+2)^2$", (12, 0.85), color=RED)
    axes.annotate(r"$\propto t^{-2}$", (330, 3e-4), color=ORANGE)
    axes.set(xscale="log", yscale="log", xlim=(1, LONG), ylim=(1e-7, 3))
    axes.set(xlabel="$t$", ylabel=r"$\partial a_t/\partial a_0$")
    axes.minorticks_off()
    return drawing


def _played() -> Drawing:
    drawing, (portrait, paths) = subplots(1, 2, figsize=PAIR, width_ratios=(1, 1.1))
    _map_axes(portrait)
    portrait.plot((0, 0), (0, 0), color=INK, gid="map")
    portrait.plot((0, 0), (0, 0), color=ORANGE, linewidth=1, gid="steps")
    paths.plot((0, 0), (0, 0), color=BLUE, marker="", gid="path")
    paths.plot((0, STEPS), (0, 0), color=ORANGE, linestyle="--", linewidth=1, gid="edge")
    paths.axhline(0, color=FAINT, linewidth=0.8)
    paths.set(xlim=(0, STEPS), ylim=(-REACH, REACH), xlabel="$t$", ylabel="$a_t$")
    return drawing


def _latch_played() -> str:
    return fragment(
        "latch_played",
        _played,
        (
            Slider("w", "weight", "权重", 1.05, 2.6, 0.01, 2),
            Slider("h", "steady input", "恒定输入", -1, 0.5, 0.001, -0.5),
        ),
        """
const edge = Math.acosh(Math.sqrt(w)), threshold = Math.sqrt(w * (w - 1)) - edge;
let rest = w;
for (let k = 0; k < 500; k++) rest = w * Math.tanh(rest);
const path = [[0, rest]], steps = [[rest, rest]];
let gradient = 1;
for (let t = 1, a = rest; t <= 40; t++) {
  gradient *= w / Math.cosh(a) ** 2;
  const next = w * Math.tanh(a) + h;
  steps.push([a, next], [next, next]);
  path.push([t, a = next]);
}
move("map", range(-2.7, 2.7, 200).map((a) => [a, w * Math.tanh(a) + h]), 0);
move("steps", steps, 0);
move("path", path, 1);
move("edge", [[0, edge], [40, edge]], 1);
const kept = path.every(([, a]) => a >= edge - 1e-9);
say(`h* = ${short(threshold)};  |h| ${Math.abs(h) <= threshold ? "≤" : ">"} h*;  `
  + `a₄₀ ${kept ? "≥" : "<"} â = ${short(edge)};  ∂a₄₀/∂a₀ = ${short(gradient)}`);
""",
    )


WORDS: dict[str, Any] = words("robust_memory")

FIGURES = (
    Figure(
        name="latch",
        theme="robust_memory",
        **WORDS["latch"],
        draw=_latch,
        claims=("latch_threshold", "unlatching_time", "noise_tolerance"),
    ),
    Figure(
        name="latched_gradients",
        theme="robust_memory",
        **WORDS["latched_gradients"],
        draw=_latched_gradients,
        claims=(
            "robustness_rate_tradeoff",
            "threshold_rate",
            "steered_gradient",
            "latching_vanishes",
        ),
    ),
)

WIDGETS = (
    Widget(
        name="latch_played",
        theme="robust_memory",
        **WORDS["latch_played"],
        html=_latch_played,
        claims=("latch_threshold", "robustness_rate_tradeoff"),
    ),
)
