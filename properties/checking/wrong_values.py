"""Wrong values: a little too large, or twice; one more; the opposite; a step late; transposed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
from flint import acb, arb, fmpq, fmpq_mat

from models.gradients import Gradients
from models.trajectory import Trajectory
from properties.checking.statistics import Tally
from properties.checking.working import Worked

SLIGHTLY = 1 + 2.0**-20
"""So much that no bound of float64 may let it pass."""

Change = Callable[[Any], Any]


def larger(value: Any, factor: float = SLIGHTLY) -> Any:
    """A float or ball, or an array of them, so many times as large; anything else as it is."""
    match value:
        case np.ndarray() if value.dtype.kind in "fc":
            return value * value.dtype.type(factor)
        case np.ndarray() if value.dtype == object:
            entries = [larger(entry, factor) for entry in value.flat]
            return np.array(entries, object).reshape(value.shape)
        case float() | arb() | acb():
            return value * factor
    return value


def twice(value: Any) -> Any:
    """The same with the factor two."""
    return larger(value, 2.0)


def one_more(value: Any) -> Any:
    """An exact value with its first entry one larger; the opposite of a truth value.

    A text or a set becomes one element longer; what is none of all these stays as it is.
    """
    match value:
        case bool() | np.bool_():
            return not value
        case fmpq_mat() if value.nrows() and value.ncols():
            return with_first(value, value[0, 0] + 1)
        case tuple() | list() if len(value):
            return type(value)([one_more(value[0]), *value[1:]])
        case np.ndarray() if value.size:
            moved = np.array(value)
            moved.flat[0] = one_more(value.flat[0])
            return moved
        case int() | float() | fmpq() | arb() | acb() | np.number():
            return value + 1
        case str():
            return value + "′"
        case set() | frozenset():
            return value | {"one more"}
    return value


def with_first(matrix: fmpq_mat, entry: Any) -> fmpq_mat:
    """The matrix with another first entry."""
    changed = fmpq_mat(matrix)
    changed[0, 0] = entry
    return changed


def opposite(value: Any) -> Any:
    """What has the other sign; of an array of truth values the others; of successes the failures.

    A single truth value stays as it is: its opposite is `one_more`.
    """
    match value:
        case bool() | np.bool_():
            return value
        case np.ndarray() if value.dtype == bool:
            return ~value
        case Tally():
            return value.opposite()
        case tuple() | list():
            return type(value)(map(opposite, value))
        case int() | float() | fmpq() | arb() | acb() | fmpq_mat() | np.ndarray() | np.number():
            return -value
    return value


def late(value: Any) -> Any:
    """A sequence whose entries come a step late, but for the first; named values a name late."""
    match value:
        case dict() if len(value) > 1:
            values = list(value.values())
            return dict(zip(value, [values[-1], *values[:-1]], strict=True))
        case np.ndarray() if value.ndim and len(value) > 1:
            return np.concatenate([value[:1], value[:-1]])
        case tuple() | list() if len(value) > 1:
            return type(value)([value[0], *value[:-1]])
    return value


def transposed(value: Any) -> Any:
    match value:
        case fmpq_mat() if value.nrows() == value.ncols():
            return value.transpose()
        case np.ndarray() if value.ndim >= 2 and value.shape[-1] == value.shape[-2]:
            return np.ascontiguousarray(np.swapaxes(value, -1, -2))
    return value


LARGER, TWICE, ONE_MORE = "1 + 2⁻²⁰ times as large", "twice as large", "one more"
OPPOSITE, LATE, TRANSPOSED = "the opposite", "a step late", "transposed"

CHANGES: dict[str, Change] = {
    LARGER: larger,
    ONE_MORE: lambda value: value if larger(value) is not value else one_more(value),
    OPPOSITE: opposite,
    LATE: late,
    TRANSPOSED: transposed,
}

COARSE_CHANGES: dict[str, Change] = {
    TWICE if text == LARGER else text: twice if text == LARGER else change
    for text, change in CHANGES.items()
}
"""For claims that compare no floats: of inequalities and samples 2⁻²⁰ of a value is no mistake."""

CHANGES_OF_SAMPLES: dict[str, Change] = {OPPOSITE: opposite}
"""In another order, or with one success more, a sample is as good a one."""

STATES = ("states", "h", "c")
"""The fields of a trajectory that hold its states."""


def changed(value: Any, change: Change) -> Any:
    """The value with a change made to it: to a run's states, to each gradient, to a first part."""
    match value:
        case Worked():
            return replace(value, value=change(value.value))
        case Tally():
            return change(value) if change is opposite else value
        case Gradients():
            return replace(value, parameters={n: change(a) for n, a in value.parameters.items()})
        case Trajectory() if is_dataclass(value):
            names = [field.name for field in fields(value) if field.name in STATES]
            return replace(value, **{name: change(getattr(value, name)) for name in names})
        case tuple() if hasattr(value, "_fields"):
            return type(value)(*(change(part) for part in value))
        case tuple() if len({type(part) for part in value}) > 1:
            return (changed(value[0], change), *value[1:])
    return change(value)


def differs(right: Any, wrong: Any) -> bool:
    """Whether two values of one kind are not the same: arrays, numbers, balls, or what has them."""
    if right is wrong:
        return False
    if isinstance(right, Worked):
        return differs(right.value, wrong.value)
    if isinstance(right, tuple | list):
        return len(right) != len(wrong) or any(map(differs, right, wrong))
    if isinstance(right, Gradients | Trajectory) and is_dataclass(right):
        names = [field.name for field in fields(right) if field.name != "model"]
        return any(differs(getattr(right, name), getattr(wrong, name)) for name in names)
    if isinstance(right, dict):
        return any(differs(value, wrong[key]) for key, value in right.items())
    if isinstance(right, np.ndarray):
        if right.dtype != object:
            return not np.array_equal(right, wrong)
        return any(map(differs, right.flat, wrong.flat))
    if isinstance(right, arb | acb):
        return not acb(right).overlaps(acb(wrong))
    return bool(right != wrong)
