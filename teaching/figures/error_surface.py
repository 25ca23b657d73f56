"""Figures of an error surface with a cliff, and of the steps that meet it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from teaching.figures.figure import Figure, Widget, words
from teaching.figures.play import Slider, fragment
from teaching.figures.style import BLUE, FAINT, INK, ORANGE, WIDE, subplots

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure as Drawing

    Array = np.ndarray[Any, np.dtype[np.float64]]

DESCENT_FROM, RATE, BEFORE, LARGEST = (4.8, -2.2), 0.5, 14, 0.4
"""Of the descent that is drawn: its start, its learning rate, how many steps it takes until it is
on the wall, and the norm at which the gradient is clipped there."""


def _descent() -> Array:
    """The points (BEFORE+1, 2) of a gradient descent that ends on the wall."""
    import numpy as np

    from models.error_surface import ErrorSurface

    points = [DESCENT_FROM]
    for _ in range(BEFORE):
        w, b = points[-1]
        points.append(ErrorSurface().step(w, b, RATE))
    return np.array(points)


def _cliff() -> Drawing:
    import numpy as np
    from matplotlib.figure import Figure as Drawn
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection

    from models.error_surface import ErrorSurface

    drawing = Drawn(figsize=WIDE)
    axes: Any = drawing.add_subplot(projection="3d")
    w, b = np.linspace(2.5, 7.5, 101), np.linspace(-3.6, -0.8, 29)
    surface = ErrorSurface().evaluate(*np.meshgrid(w, b)).loss
    # Each ridge hides what lies behind it: drawn from the far end, a white curtain and its edge.
    axes.computed_zorder = False
    for order, (each, heights) in enumerate(zip(b[::-1], surface[::-1], strict=True)):
        ridge = [(x, each, height) for x, height in _thinned(w, heights)]
        curtain = [(w[0], each, 0), *ridge, (w[-1], each, 0)]
        axes.add_collection3d(
            Poly3DCollection([curtain], facecolor="white", edgecolor="none", zorder=2 * order)
        )
        axes.plot(*zip(*ridge, strict=True), color=INK, linewidth=0.7, zorder=2 * order + 1)
    axes.set(xlim=(w[0], w[-1]), ylim=(b[0], b[-1]), zlim=(0, 0.45))
    axes.set(xlabel="$w$", ylabel="$b$", zlabel="$E$", zticks=(0, 0.2, 0.4), yticks=(-3, -2, -1))
    axes.view_init(elev=38, azim=-62)
    axes.set_box_aspect((1.6, 1.3, 0.7), zoom=1.25)
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.pane.fill = False
    axes.grid(visible=False)
    return drawing


def _thinned(w: Array, heights: Array) -> Array:
    """The points (k, 2) of a ridge that are needed: without the others it moves by 0.2 points."""
    import numpy as np
    from matplotlib.path import Path

    points = np.array([40.0, 150.0])  # to a unit of w, and of E, where the cliff is drawn
    ridge = Path(np.stack([w, heights], axis=1) * points)
    ridge.simplify_threshold = 0.2
    thinned: Array = np.asarray(ridge.cleaned(simplify=True).vertices)[:-1] / points
    return thinned


def _cliff_steps() -> Drawing:
    import numpy as np

    from models.error_surface import ErrorSurface

    surface = ErrorSurface()
    drawing, axes = subplots(figsize=WIDE)
    w, b = np.meshgrid(np.linspace(3.9, 5.3, 141), np.linspace(-2.7, -1.7, 101))
    levels = (0.005, 0.02, 0.04, 0.06, 0.15, 0.25, 0.3, 0.35)
    lines = axes.contour(w, b, surface.evaluate(w, b).loss, levels, colors=FAINT, linewidths=0.8)
    places = ((4.66, -1.98), (4.97, -1.83), (4.1, -2.2), (4.2, -2.35), (4.4, -2.6))
    named = axes.clabel(lines, fontsize=8, fmt="%g", inline=False, manual=places)
    for text in named:
        text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})
    points = _descent()
    axes.plot(*points.T, color=INK, marker="o", markersize=3, linewidth=0.8)
    last = float(points[-1, 0]), float(points[-1, 1])
    landing = surface.step(*last, RATE)
    for end, colour, line in (
        (landing, ORANGE, "--"),
        (surface.step(*last, RATE, LARGEST), BLUE, "-"),
    ):
        axes.annotate(
            "",
            end,
            last,
            arrowprops={"arrowstyle": "-|>", "color": colour, "linestyle": line, "linewidth": 2},
            annotation_clip=False,
        )
    axes.annotate(
        f"$({landing[0]:.1f},\\ {landing[1]:.1f})$",
        (4.72, -1.76),
        color=ORANGE,
    )
    axes.annotate(r"$-\eta\,g$", (4.46, -1.95), color=ORANGE)
    axes.annotate(r"$-\eta\,\mathrm{clip}(g)$", (4.19, -2.1), color=BLUE)
    axes.set(xlim=(3.9, 5.3), ylim=(-2.7, -1.7), xlabel="$w$", ylabel="$b$")
    return drawing


def _played() -> Drawing:
    drawing, axes = subplots(figsize=WIDE)
    axes.plot((2, 8), (0.2, 0.2), color=INK, gid="surface")
    axes.plot((5, 6), (0.2, 0.2), color=ORANGE, linestyle="--", gid="step")
    axes.plot((5, 6), (0.2, 0.2), color=BLUE, linewidth=3.5, gid="clipped")
    axes.plot((5,), (0.2,), "o", color=INK, gid="here")
    axes.set(xlim=(2, 8), ylim=(0, 0.5), xlabel="$w$", ylabel="$E$")
    return drawing


def _cliff_played() -> str:
    return fragment(
        "cliff_played",
        _played,
        (
            Slider("w", "weight", "权重", 2, 8, 0.001, 4.69),
            Slider("b", "bias", "偏置", -4, 0, 0.01, -2.42),
            Slider("T", "number of steps", "步数", 1, 100, 1, 50),
            Slider("θ", "clipped at", "截断阈值", 0.05, 2, 0.05, 0.5),
        ),
        """
const σ = (x) => 1 / (1 + Math.exp(-x));
const look = (w) => {
  let x = 0.5, slope = 0;
  for (let t = 0; t < T; t++) {
    const s = σ(x);
    slope = s + w * s * (1 - s) * slope;
    x = w * s + b;
  }
  const y = σ(x);
  return [(y - 0.7) ** 2, 2 * (y - 0.7) * y * (1 - y) * slope];
};
const [E, g] = look(w);
const clipped = Math.max(-θ, Math.min(θ, g));
move("surface", range(2, 8, 1500).map((v) => [v, look(v)[0]]), 0);
move("here", [[w, E]], 0);
move("step", [[w, E], [w - g, E]], 0);
move("clipped", [[w, E], [w - clipped, E]], 0);
say(`E = ${short(E)},  g = ∂E/∂w = ${short(g)};  E(w − g) = ${short(look(w - g)[0])},  `
  + `E(w − clip(g)) = ${short(look(w - clipped)[0])}`);
""",
    )


WORDS: dict[str, Any] = words("error_surface")

FIGURES = (
    Figure(
        name="cliff",
        theme="error_surface",
        **WORDS["cliff"],
        draw=_cliff,
        claims=("cliff", "mostly_flat"),
    ),
    Figure(
        name="cliff_steps",
        theme="error_surface",
        **WORDS["cliff_steps"],
        draw=_cliff_steps,
        claims=("cliff_step", "clipping"),
    ),
)

WIDGETS = (
    Widget(
        name="cliff_played",
        theme="error_surface",
        **WORDS["cliff_played"],
        html=_cliff_played,
        claims=("cliff", "cliff_step", "clipping"),
    ),
)
