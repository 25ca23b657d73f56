"""Functions of `models` that return something else than they should, and how answers differ."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from types import CodeType, FrameType, FunctionType
from typing import Any

import numpy as np
from flint import fmpq

import models
from models.gradients import Gradients
from models.trajectory import Trajectory

SLIGHTLY = 1 + 2.0**-20

Change = Callable[[Any], Any]


def transposed(array: Any) -> Any:
    if array.ndim < 2 or array.shape[-1] != array.shape[-2]:
        return array
    return np.ascontiguousarray(np.swapaxes(array, -1, -2))


CHANGES: dict[str, Change] = {
    "1 + 2⁻²⁰ times as large": lambda array: array * array.dtype.type(SLIGHTLY),
    "of the other sign": np.negative,
    "a step late": lambda array: np.concatenate([array[:1], array[:-1]]),
    "transposed": transposed,
}
"""What may be wrong with an array."""


@dataclass(frozen=True)
class Target:
    """A function of `models`, or a method: where it stands, and what it is."""

    owner: Any
    name: str
    function: FunctionType

    def __str__(self) -> str:
        module = self.function.__module__.partition(".")[2]
        return f"{module}.{self.function.__qualname__}"


@functools.cache
def targets() -> dict[CodeType, Target]:
    """All public functions and methods of `models` but for its backends."""
    found = {}
    for info in pkgutil.iter_modules(models.__path__):
        if info.ispkg:
            continue
        module = importlib.import_module(f"models.{info.name}")
        owners = [module, *(v for v in vars(module).values() if inspect.isclass(v))]
        for owner in owners:
            for name, value in vars(owner).items():
                own = isinstance(value, FunctionType) and value.__module__ == module.__name__
                if own and not name.startswith("_"):
                    found[value.__code__] = Target(owner, name, value)
    return found


@contextmanager
def calls_noted(calls: dict[Target, None]) -> Iterator[None]:
    """Note which functions of `models` are called by claims, not by models or the machinery."""
    known = targets()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call" and frame.f_code in known and frame.f_back is not None:
            caller = frame.f_back.f_globals.get("__name__", "")
            if not caller.startswith(("models.", "properties.checking.")):
                calls[known[frame.f_code]] = None

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(before)


class WrongFunction:
    """A function of `models` that returns something wrong while it is installed."""

    def __init__(self, target: Target, change: Change, *, only_arrays: bool) -> None:
        self.target, self.change, self.only_arrays = target, change, only_arrays
        self.differed = False

    @contextmanager
    def installed(self) -> Iterator[None]:
        function = self.target.function

        @functools.wraps(function)
        def wrong(*arguments: Any, **named: Any) -> Any:
            right = function(*arguments, **named)
            changed = self._changed(right)
            self.differed = self.differed or differs(right, changed)
            return changed

        places = [
            (owner, name)
            for owner in (self.target.owner, *list(sys.modules.values()))
            for name in (self.target.name,)
            if getattr(owner, "__dict__", {}).get(name) is function
        ]
        for owner, name in places:
            setattr(owner, name, wrong)
        try:
            yield
        finally:
            for owner, name in places:
                setattr(owner, name, function)

    def _changed(self, value: Any) -> Any:
        match value:
            case np.ndarray() if value.dtype.kind in "fc" and value.size and value.ndim:
                return self.change(value)
            case float():
                return float(self.change(np.array([value]))[0])
            case int() | fmpq() if not isinstance(value, bool):
                return value + 1
            case Gradients():
                changed = {name: self.change(array) for name, array in value.parameters.items()}
                return replace(value, parameters=changed)
            case Trajectory() if not self.only_arrays and is_dataclass(value):
                return replace(value, states=self.change(value.states))
            case tuple() if value:
                rest = map(self._changed, value)
                return type(value)(*rest) if hasattr(value, "_fields") else tuple(rest)
        return value


def wrong_functions(
    calls: dict[Target, None], *, only_arrays: bool
) -> Iterator[tuple[str, WrongFunction]]:
    """Each function called, with each change made to what it returns.

    only_arrays: leave trajectories alone, which give a bound where a backend is judged.
    """
    for target in calls:
        for text, change in CHANGES.items():
            yield f"{target}: {text}", WrongFunction(target, change, only_arrays=only_arrays)


def differs(right: Any, wrong: Any) -> bool:
    """Whether two values of one kind are not the same: arrays, numbers, balls, or what has them."""
    if right is wrong:
        return False
    if isinstance(right, tuple | list):
        return any(map(differs, right, wrong))
    if isinstance(right, Gradients | Trajectory) and is_dataclass(right):
        names = [field.name for field in fields(right) if field.name != "model"]
        return any(differs(getattr(right, name), getattr(wrong, name)) for name in names)
    if isinstance(right, dict):
        return any(differs(value, wrong[key]) for key, value in right.items())
    if isinstance(right, np.ndarray):
        if right.dtype != object:
            return not np.array_equal(right, wrong)
        return any(map(differs, right.flat, wrong.flat))
    if hasattr(right, "overlaps"):
        return not right.overlaps(wrong)
    return bool(right != wrong)
