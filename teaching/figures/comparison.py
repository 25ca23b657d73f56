"""Drawings of two sides: arrows, ellipses, entries, bars, squares of grey, or words.

They are told apart without colour, by their lines, markers and hatching, and named beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from teaching.figures.style import (
    BLUE,
    FAINT,
    INK,
    ORANGE,
    PAIR,
    SMALL,
    WIDE,
    arrow,
    crossed,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from teaching.figures.counterexample import Sides

    Array = np.ndarray[Any, np.dtype[np.float64]]

LOW = (6.4, 2.4)

LETTERS = 80
"""In a line of words that is as wide as WIDE."""

LETTERS_OF_A_NAME = 32
"""In a line of a legend below a small picture."""

MOST_WRITTEN = 64
"""The entries of a larger matrix are not written on their squares."""

FILL = "#e4e4e4"

DASHES, CURVE_MARKERS = ("-", "--", ":"), ("o", "s", "^")
"""Of the sequences beside them."""

COLOURS, LINES, MARKERS = (BLUE, ORANGE), ("-", "--"), ("o", "s")
"""Of the left side and of the right."""


def _plane(reach: float) -> tuple[Drawing, Any]:
    drawing, axes = subplots(figsize=SMALL)
    crossed(axes, 1.3 * (reach or 1))
    turn = np.linspace(0, 2 * np.pi, 121)
    axes.plot(np.cos(turn), np.sin(turn), color=FAINT, linewidth=0.6)
    return drawing, axes


def draw_vectors(sides: Sides, both: tuple[Array, Array]) -> Drawing:
    given = sides.start
    shown = [*both] if given is None else [*both, given]
    drawing, axes = _plane(max(float(np.hypot(*vector)) for vector in shown))
    if given is not None:
        arrow(axes, given, color=INK, label="h₀")
    for vector, name, colour, line in zip(both, sides.names, COLOURS, LINES, strict=True):
        if np.any(vector):
            arrow(axes, vector, color=colour, label=name, line=line)
        else:
            axes.plot((0,), (0,), "o", color=colour)
            axes.annotate(f"{name} = 0", (0, 0), xytext=(6, 6), textcoords="offset points")
    return drawing


def draw_images(sides: Sides, both: tuple[Array, Array]) -> Drawing:
    turn = np.linspace(0, 2 * np.pi, 181)
    circle = np.array([np.cos(turn), np.sin(turn)])
    reach = max(1.0, *(float(np.linalg.norm(matrix, 2)) for matrix in both))
    drawing, axes = _plane(reach)
    for matrix, name, colour, line in zip(both, sides.names, COLOURS, LINES, strict=True):
        shown = fill(name, LETTERS_OF_A_NAME)
        axes.plot(*(matrix @ circle), color=colour, linestyle=line, label=shown)
    columns = 2 if max(map(len, sides.names)) <= LETTERS_OF_A_NAME // 2 else 1
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, 0), ncol=columns)
    return drawing


def draw_entries(sides: Sides, both: tuple[Array, Array]) -> Drawing:
    drawing, axes = subplots(figsize=WIDE)
    for entries, name, colour, line, marker in zip(
        both, sides.names, COLOURS, LINES, MARKERS, strict=True
    ):
        if entries.size == 1:
            axes.axhline(float(entries[0]), color=colour, linestyle=line, label=name)
        else:
            places = np.arange(1, entries.size + 1)
            axes.plot(places, entries, marker, color=colour, label=name, markerfacecolor="none")
            axes.vlines(places, 0, entries, color=colour, linestyle=line, linewidth=1)
            axes.set_xticks(places if entries.size <= 12 else places[:: entries.size // 8])
    axes.axhline(0, color=INK, linewidth=0.6)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    axes.set_title(sides.what, fontsize=10)
    return drawing


def draw_bars(sides: Sides, both: tuple[float, float]) -> Drawing:
    """Two numbers as bars from 0, each with its name and its value."""
    if sides.curves:
        drawing, (beside, axes) = subplots(1, 2, figsize=PAIR)
        _curves_over(beside, sides.curves)
    else:
        drawing, axes = subplots(figsize=LOW)
    reach = max(map(abs, both)) or 1.0
    for place, number, name, said, colour, hatch in zip(
        (1, 0), both, sides.names, sides.said, COLOURS, ("", "///"), strict=True
    ):
        axes.barh(place, number, 0.45, color=FILL, edgecolor=colour, hatch=hatch, linewidth=1.5)
        axes.annotate(
            f"{name} = {said}".replace("= ≈", "≈") if said != name else name,
            (0, place + 0.3),
            xytext=(4, 0),
            textcoords="offset points",
            ha="left" if number >= 0 else "right",
            color=colour,
        )
    axes.axvline(0, color=INK, linewidth=0.8)
    low, high = min(0.0, *both), max(0.0, *both)
    axes.set(xlim=(low - 0.05 * reach, high + 0.05 * reach), ylim=(-0.4, 1.6), yticks=[])
    axes.spines["left"].set_visible(False)
    return drawing


def _curves_over(axes: Any, curves: Mapping[str, Mapping[int, float]]) -> None:
    """Sequences over their number, told apart by their lines and by the names at their ends."""
    for (name, values), line, marker in zip(curves.items(), DASHES, CURVE_MARKERS, strict=False):
        axes.plot([*values], [*values.values()], line, color=INK, marker=marker, markersize=3)
        last = max(values)
        axes.annotate(
            f"${name}_k$" if len(name) == 1 and name.isascii() else f"{name}_k",
            (last, values[last]),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
        )
    axes.set_xlabel("k")
    axes.margins(x=0.12)


def draw_squares(sides: Sides, both: tuple[Array, Array]) -> Drawing:
    """Matrices beside each other: each entry with its value, the darker the larger it is."""
    drawing, pair = subplots(1, 2, figsize=PAIR)
    largest = max(float(np.abs(matrix).max()) for matrix in both) or 1.0
    for axes, matrix, name in zip(pair, both, sides.names, strict=True):
        axes.imshow(np.abs(matrix), cmap="Greys", vmin=0, vmax=2 * largest)
        for (i, j), entry in np.ndenumerate(matrix):
            if matrix.size <= MOST_WRITTEN:
                axes.annotate(f"{entry:.3g}", (j, i), ha="center", va="center", fontsize=9)
        axes.set_title(fill(name, LETTERS // 2))
        axes.set(xticks=[], yticks=[])
    return drawing


def draw_words(sides: Sides) -> Drawing:
    """Sides that are words, in two frames."""
    drawing, axes = subplots(figsize=LOW)
    axes.set_axis_off()
    for place, name, said, colour, line in zip(
        (0.72, 0.22), sides.names, sides.said, COLOURS, LINES, strict=True
    ):
        axes.annotate(
            fill(f"{name}: {said}", LETTERS - 10),
            (0.5, place),
            xycoords="axes fraction",
            ha="center",
            va="center",
            bbox={"boxstyle": "round", "fc": "white", "ec": colour, "linestyle": line},
        )
    return drawing


def draw_path(states: Array) -> Drawing:
    drawing, axes = _plane(float(np.max(np.hypot(*states.T))))
    for t, state in enumerate(states):
        if t in (0, 1, len(states) - 1):
            arrow(axes, state, color=BLUE if t else INK, label=f"$h_{{{t}}}$")
    axes.plot(*states.T, ":", color=FAINT)
    return drawing
