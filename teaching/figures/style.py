"""How figures look: one style, readable without colour and from the back of a lecture hall."""

from __future__ import annotations

from typing import Any

INK = "#1b1b1b"
FAINT = "#8a8a8a"
BLUE, ORANGE, GREEN, RED = "#0b5fa5", "#b3530a", "#1f7a3f", "#b01030"
"""Dark enough on white for text (contrast at least 4.5) and told apart by the colour-blind;
beside each colour there is always a line style or a label."""

WIDE = (6.4, 3.6)
SQUARE = (4.6, 4.4)
PAIR = (7.6, 3.6)

STYLE: dict[str, Any] = {
    "backend": "svg",
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
