"""Pictures of counterexamples: both sides in the plane, entry by entry, as bars or in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb, fmpq, fmpq_mat, fmpz

from properties.checking.blackboard import apart, written
from properties.checking.exact import floats
from teaching.figures.comparison import (
    LETTERS,
    draw_bars,
    draw_entries,
    draw_images,
    draw_path,
    draw_squares,
    draw_vectors,
    draw_words,
)
from teaching.figures.style import STYLE, WIDE

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from properties.checking.counterexample import Counterexample

    Array = np.ndarray[Any, np.dtype[np.float64]]

FEWEST_POINTS, MOST_CURVES = 4, 3
"""A sequence of so many numbers is drawn as a curve, and so many of them."""


class NothingToDraw(Exception):
    """A counterexample has no picture; says why."""


@dataclass(frozen=True)
class Sides:
    """What a picture shows of a counterexample.

    left, right: the sides as matrices, a vector as a column, a number as a 1 × 1 matrix; None where
        a side is no such thing
    names: what the sides are called
    said: the sides as text
    curves: numbers that were worked out one after the other, by name and number
    start: h_0 (2,) where the case has one in the plane, else None
    what: what is compared
    """

    left: Array | None
    right: Array | None
    names: tuple[str, str]
    start: Array | None
    what: str
    said: tuple[str, str] = ("", "")
    curves: Mapping[str, Mapping[int, float]] = field(default_factory=dict)

    @classmethod
    def of(cls, found: Counterexample) -> Sides:
        """Those of a counterexample that was just found."""
        start = getattr(found.case, "h0", None)
        return cls(
            left=_array(found.value(0)),
            right=_array(found.value(1)),
            names=(found.name(0) or "left side", found.name(1) or "right side"),
            start=_plane_vector(_array(start)) if isinstance(start, fmpq_mat) else None,
            what=found.what,
            said=_said(found),
            curves=_curves(found),
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

    As `picture_of` its sides; or, where those are numbers and the case is a recurrence in the
    plane, as its states. Above it stands what is compared, and below it how. Raises NothingToDraw
    where the check named no sides.
    """
    states, sides = _states(found.case), Sides.of(found)
    numbers = all(side is not None and side.size == 1 for side in (sides.left, sides.right))
    draw = picture_of(sides) if states is None or not numbers else partial(draw_path, states)
    return partial(_explained, draw, found.what, found.compared())


def picture_of(sides: Sides) -> Callable[[], Drawing]:
    """How to draw two sides: a function that makes a new matplotlib figure.

    Vectors of the plane are arrows, 2 × 2 matrices the images of the unit circle, longer vectors
    are drawn entry by entry and larger matrices as squares of grey; two numbers are bars, and what
    is none of these stands there in words. Raises NothingToDraw where there are no sides.
    """
    plane = in_the_plane(sides)
    if plane is not None:
        return plane
    both = [side for side in (sides.left, sides.right) if side is not None]
    if len(both) < 2:
        if not any(sides.said):
            raise NothingToDraw("the check named no sides, so there is nothing to draw")
        return partial(draw_words, sides)
    if max(side.size for side in both) == 1:
        return partial(draw_bars, sides, (float(both[0][0, 0]), float(both[1][0, 0])))
    if all(min(side.shape) == 1 for side in both):
        return partial(draw_entries, sides, (both[0].ravel(), both[1].ravel()))
    return partial(draw_squares, sides, (both[0], both[1]))


def in_the_plane(sides: Sides) -> Callable[[], Drawing] | None:
    """How to draw sides that are vectors or matrices of the plane; None for any others."""
    left, right = sides.left, sides.right
    if left is None or right is None or left.shape != right.shape:
        return None
    if left.shape == (2, 1):
        return lambda: draw_vectors(sides, (left[:, 0], right[:, 0]))
    return (lambda: draw_images(sides, (left, right))) if left.shape == (2, 2) else None


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


def _said(found: Counterexample) -> tuple[str, str]:
    """The sides as they are written; empty where the check named none."""
    if found.left is None:
        return "", ""
    left, right = found.value(0), found.value(1)
    digits = apart(left, right)
    return written(left, digits), written(right, digits)


def _curves(found: Counterexample) -> dict[str, dict[int, float]]:
    """The sequences of numbers in the workings that are long enough to be drawn."""
    curves = {}
    for name, values in found.sequences().items():
        arrays = {k: _array(value) for k, value in values.items()}
        numbers = {k: float(a[0, 0]) for k, a in arrays.items() if a is not None and a.size == 1}
        if len(numbers) >= FEWEST_POINTS:
            curves[name] = dict(sorted(numbers.items()))
    return dict(list(curves.items())[:MOST_CURVES])


def _explained(draw: Callable[[], Drawing], what: str, compared: str) -> Drawing:
    """A drawing with what is compared above it, and how below it."""
    drawing = draw()
    for axes in drawing.axes:
        if axes.get_title() == what:
            axes.set_title("")
    letters = int(LETTERS * drawing.get_figwidth() / WIDE[0])
    drawing.suptitle(fill(what, letters), fontsize=10)
    drawing.supxlabel(fill(compared, letters), fontsize=9)
    return drawing
