"""How figures look: one style, readable without colour and from the back of a lecture hall."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

INK = "#1b1b1b"
FAINT = "#707070"
BLUE, ORANGE, GREEN, RED = "#0b5fa5", "#b3530a", "#1f7a3f", "#b01030"
"""Dark enough on white for text (contrast at least 4.5) and told apart by the colour-blind;
beside each colour there is always a line style or a label."""

WIDE = (6.4, 3.6)
SMALL = (3.4, 3.3)
PAIR = (7.6, 3.6)

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "mathtext.fontset": "cm",
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.labelsize": 12,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.fontsize": 10,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "lines.linewidth": 1.8,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "svg.fonttype": "path",
    "path.simplify": True,
    "path.simplify_threshold": 0.2,
}


def subplots(
    rows: int = 1, columns: int = 1, *, figsize: tuple[float, float], **options: Any
) -> tuple[Drawing, Any]:
    """A figure with axes, as pyplot.subplots makes it, but known to nobody else."""
    from matplotlib.figure import Figure as Drawing

    drawing = Drawing(figsize=figsize)
    return drawing, drawing.subplots(rows, columns, **options)


def crossed(axes: Any, reach: float) -> None:
    """Turn axes into a square piece of the plane, |x|, |y| ≤ reach, with its axes through 0."""
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.axhline(0, color=INK, linewidth=0.6)
    axes.axvline(0, color=INK, linewidth=0.6)
    axes.set(xticks=[], yticks=[])


def arrow(axes: Any, end: Any, *, color: str, label: str = "", line: str = "-") -> None:
    """A vector from the origin, labelled beyond its head."""
    axes.annotate(
        "",
        end,
        (0, 0),
        arrowprops={
            "arrowstyle": "-|>",
            "color": color,
            "linewidth": 1.8,
            "linestyle": line,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )
    length = float((end[0] ** 2 + end[1] ** 2) ** 0.5) or 1.0
    axes.annotate(
        label,
        end,
        textcoords="offset points",
        xytext=(9 * end[0] / length, 9 * end[1] / length),
        ha="center",
        va="center",
        color=color,
    )
