"""Pictures of counterexamples: both sides in the plane, or entry by entry."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb, fmpq, fmpq_mat, fmpz

from properties.checking.exact import floats
from teaching.figures.style import (
    BLUE,
    FAINT,
    INK,
    ORANGE,
    SMALL,
    STYLE,
    WIDE,
    arrow,
    crossed,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from properties.checking.counterexample import Counterexample

    Array = np.ndarray[Any, np.dtype[np.float64]]

COLOURS, LINES, MARKERS = (BLUE, ORANGE), ("-", "--"), ("o", "s")
"""Of the left side and of the right."""


class NothingToDraw(Exception):
    """A counterexample has no picture; says why."""


@dataclass(frozen=True)
class Sides:
    """What a picture shows of a counterexample.

    left, right: the sides as matrices, a vector as a column, a number as a 1 × 1 matrix; None where
        a side is no such thing
    names: what the sides are called
    start: h_0 (2,) where the case has one in the plane, else None
    what: what is compared
    """

    left: Array | None
    right: Array | None
    names: tuple[str, str]
    start: Array | None
    what: str

    @classmethod
    def of(cls, found: Counterexample) -> Sides:
        """Those of a counterexample that was just found."""
        start = getattr(found.case, "h0", None)
        return cls(
            left=_array(found.left),
            right=_array(found.right),
            names=_names(*([step.formula for step in found.steps(side)] for side in (0, 1))),
            start=_plane_vector(_array(start)) if isinstance(start, fmpq_mat) else None,
            what=found.what,
        )

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Sides:
        """Those of a counterexample in evidence, as `properties.checking.written_out` puts it."""
        workings = written["workings"]
        fields = written["case"].get("fields", []) if isinstance(written["case"], dict) else []
        start = dict(map(tuple, fields)).get("h₀")
        return cls(
            left=_read(written["left"]),
            right=_read(written["right"]),
            names=_names(*([s["formula"] for s in workings[side]] for side in ("left", "right"))),
            start=_plane_vector(_read(start)),
            what=written["what"],
        )


def picture(found: Counterexample) -> Callable[[], Drawing]:
    """How to draw a counterexample: a function that makes a new matplotlib figure.

    As `picture_of` its sides, or else, for a recurrence in the plane, as its states. Raises
    NothingToDraw where it is neither.
    """
    states = _states(found.case)
    try:
        return picture_of(Sides.of(found))
    except NothingToDraw:
        if states is None:
            raise
        return lambda: _path(states)


def picture_of(sides: Sides) -> Callable[[], Drawing]:
    """How to draw two sides: a function that makes a new matplotlib figure.

    Vectors of the plane are arrows, 2 × 2 matrices the images of the unit circle, and longer
    vectors are drawn entry by entry. Raises NothingToDraw where the sides are none of these.
    """
    plane = in_the_plane(sides)
    if plane is not None:
        return plane
    vectors = [
        side for side in (sides.left, sides.right) if side is not None and min(side.shape) == 1
    ]
    if len(vectors) == 2 and max(vector.size for vector in vectors) > 1:
        return lambda: _entries(sides, (vectors[0].ravel(), vectors[1].ravel()))
    raise NothingToDraw(
        "this counterexample compares neither vectors nor matrices of the plane; "
        "without --picture it is printed"
    )


def in_the_plane(sides: Sides) -> Callable[[], Drawing] | None:
    """How to draw sides that are vectors or matrices of the plane; None for any others."""
    left, right = sides.left, sides.right
    if left is None or right is None or left.shape != right.shape:
        return None
    if left.shape == (2, 1):
        return lambda: _vectors(sides, (left[:, 0], right[:, 0]))
    return (lambda: _images(sides, (left, right))) if left.shape == (2, 2) else None


def save(draw: Callable[[], Drawing], file: Path, ending: str) -> None:
    """Write a drawing to a file in the format that `ending` names."""
    from matplotlib import rc_context

    style: Any = {**STYLE, "svg.hashsalt": file.stem}
    with rc_context(style):
        undated = {"png": {}, "pdf": {"CreationDate": None}}.get(ending, {"Date": None})
        draw().savefig(file, format=ending, dpi=200, metadata=undated)


def _array(value: Any) -> Array | None:
    """A side as a matrix of floats, a vector as a column; None where it is no such thing."""
    if isinstance(value, bool | str | None):
        return None
    if isinstance(value, fmpq_mat):
        return _column(np.asarray(floats(value)))
    if isinstance(value, int | float | fmpz | fmpq | arb):
        return np.array([[_float(value)]])
    if not isinstance(value, np.ndarray):
        return None
    array = np.vectorize(_float, otypes=[float])(value)
    while array.ndim > 2 and len(array) == 1:
        array = array[0]
    return _column(np.atleast_2d(array)) if array.ndim <= 2 else None


def _column(array: Array) -> Array:
    """A matrix as it is; a row is a vector as well, and drawn as one."""
    return array.T if len(array) == 1 else array


def _float(value: Any) -> float:
    return float(floats(fmpq(value))) if isinstance(value, fmpq | fmpz) else float(value)


def _states(case: Any) -> Array | None:
    """h_0, …, h_t (t+1, 2) of a linear recurrence in the plane; None for any other case."""
    h0, t = getattr(case, "h0", None), getattr(case, "t", 0)
    if not (hasattr(case, "iterate") and isinstance(h0, fmpq_mat) and h0.nrows() == 2 and t):
        return None
    return np.array([floats(case.iterate(k))[:, 0] for k in range(t + 1)])


def _read(data: Any) -> Array | None:
    """A side in evidence as a matrix of floats; None where it is no number, vector or matrix."""
    rows = data.get("matrix", [[None]]) if isinstance(data, dict) else [[data]]
    try:
        return _column(np.array([[_number(entry) for entry in row] for row in rows]))
    except (TypeError, ValueError):  # words, or None where a check names no side
        return None


def _number(text: str) -> float:
    ball = re.fullmatch(r"\[(.*?) ?\+/- .*\]", text)
    return float(Fraction(ball[1] or "0" if ball else text))


def _plane_vector(array: Array | None) -> Array | None:
    return array[:, 0] if array is not None and array.shape == (2, 1) else None


def _names(left: Sequence[str], right: Sequence[str]) -> tuple[str, str]:
    """What the sides are called: by the last lines of their workings, if they have any."""
    return (
        left[-1].partition(" = ")[0] if left else "left side",
        right[-1].partition(" = ")[0] if right else "right side",
    )


def _plane(reach: float) -> tuple[Drawing, Any]:
    drawing, axes = subplots(figsize=SMALL)
    crossed(axes, 1.3 * (reach or 1))
    turn = np.linspace(0, 2 * np.pi, 121)
    axes.plot(np.cos(turn), np.sin(turn), color=FAINT, linewidth=0.6)
    return drawing, axes


def _vectors(sides: Sides, both: tuple[Array, Array]) -> Drawing:
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


def _images(sides: Sides, both: tuple[Array, Array]) -> Drawing:
    turn = np.linspace(0, 2 * np.pi, 181)
    circle = np.array([np.cos(turn), np.sin(turn)])
    reach = max(1.0, *(float(np.linalg.norm(matrix, 2)) for matrix in both))
    drawing, axes = _plane(reach)
    for matrix, name, colour, line in zip(both, sides.names, COLOURS, LINES, strict=True):
        axes.plot(*(matrix @ circle), color=colour, linestyle=line, label=name)
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, 0), ncol=2)
    return drawing


def _entries(sides: Sides, both: tuple[Array, Array]) -> Drawing:
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


def _path(states: Array) -> Drawing:
    drawing, axes = _plane(float(np.max(np.hypot(*states.T))))
    for t, state in enumerate(states):
        if t in (0, 1, len(states) - 1):
            arrow(axes, state, color=BLUE if t else INK, label=f"$h_{{{t}}}$")
    axes.plot(*states.T, ":", color=FAINT)
    return drawing
