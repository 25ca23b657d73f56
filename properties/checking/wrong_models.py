"""Wrong models: backends with a mistake, and functions of `models` that return something else.

The mistakes are those that people make: a transpose forgotten, a step late, gates in another
order, a sign, a gradient counted twice or cut short; and a relative error of 2⁻²⁰, which no bound of
float64 may let pass.
"""

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
from models.backends import UnderTest
from models.gradients import Gradients
from models.gru import GRU
from models.lstm import LSTM
from models.rnn import RNN
from models.trajectory import Trajectory

SLIGHTLY = 1 + 2.0**-20

Change = Callable[[Any], Any]

CHANGES: dict[str, Change] = {
    "1 + 2⁻²⁰ times as large": lambda array: array * array.dtype.type(SLIGHTLY),
    "of the other sign": np.negative,
    "a step late": lambda array: np.concatenate([array[:1], array[:-1]]),
    "transposed": lambda array: _transposed(array),
}
"""What may be wrong with an array."""


def _transposed(array: Any) -> Any:
    if array.ndim < 2 or array.shape[-1] != array.shape[-2]:
        return array
    return np.ascontiguousarray(np.swapaxes(array, -1, -2))


# Wrong backends.


def _gates(model: Any) -> int:
    return {RNN: 1, LSTM: 4, GRU: 3}[type(model)]


def _by_gate(model: Any, change: Change, *names: str) -> Any:
    """The model with a change made to each gate's matrix, or to the rows of the gates together."""
    return replace(model, **{name: change(getattr(model, name)) for name in names})


def _weights_transposed(model: Any) -> Any:
    def each(matrix: Any) -> Any:
        blocks = np.split(matrix, _gates(model), axis=-2)
        return np.concatenate([_transposed(block) for block in blocks], axis=-2)

    return _by_gate(model, each, "W")


def _gates_rolled(model: Any) -> Any:
    count = _gates(model)

    def rows(parameter: Any) -> Any:
        axis = parameter.ndim - (2 if name in "WU" else 1)
        return np.concatenate(np.roll(np.array(np.split(parameter, count, axis)), 1, 0), axis)

    changed = {}
    for name in ("W", "U", "b"):
        changed[name] = rows(getattr(model, name))
    return replace(model, **changed)


def _without(*names: str) -> Change:
    def changed(model: Any) -> Any:
        there = [name for name in names if name in model.PARAMETERS]
        return _by_gate(model, np.zeros_like, *there)

    return changed


def _other_convention(field: str, *values: str) -> Change:
    def changed(model: Any) -> Any:
        now = getattr(model, field, None)
        return replace(model, **{field: values[1 - values.index(now)]}) if now in values else model

    return changed


MODELS: dict[str, Change] = {
    "Wᵀ for W": _weights_transposed,
    "its gates in another order": _gates_rolled,
    "no bias": _without("b", "bn"),
    "no inputs": _without("U"),
    "another activation": _other_convention("activation", "tanh", "logistic"),
    "z for 1 − z": _other_convention("update", "keep", "write"),
    "the reset at another place": _other_convention("reset", "before", "after"),
}
"""Computed in place of the model that is asked for."""


def _parameters(change: Change, *names: str) -> Change:
    def changed(found: Gradients) -> Gradients:
        chosen = {n: change(a) for n, a in found.parameters.items() if n in names or not names}
        return replace(found, parameters={**found.parameters, **chosen})

    return changed


def _ends(change: Change) -> Change:
    return lambda found: replace(
        found, initial=change(found.initial), inputs=change(found.inputs)
    )


GRADIENTS: dict[str, Change] = {
    "parameters 1 + 2⁻²⁰ times as large": _parameters(CHANGES["1 + 2⁻²⁰ times as large"]),
    "parameters counted twice": _parameters(lambda array: array * 2),
    "W transposed": _parameters(_transposed, "W"),
    "states and inputs 1 + 2⁻²⁰ times as large": _ends(CHANGES["1 + 2⁻²⁰ times as large"]),
    "states and inputs of the other sign": _ends(np.negative),
    "nothing that reaches the first state": lambda found: replace(
        found, initial=np.zeros_like(found.initial)
    ),
}
"""What may be wrong with what backpropagation finds."""

MISTAKES = [
    *(("model", text, change) for text, change in MODELS.items()),
    *(("run", text, change) for text, change in CHANGES.items() if text != "transposed"),
    *(("vjp", text, change) for text, change in GRADIENTS.items()),
    *(("jacobian", text, change) for text, change in CHANGES.items() if text != "a step late"),
]


class WrongBackend:
    """A right backend's answers, with one mistake.

    Attributes:
        differed: whether an answer was another than the right one.
    """

    def __init__(self, right: UnderTest, where: str, change: Change) -> None:
        self.right, self.where, self.change, self.differed = right, where, change, False
        self.name, self.analytic = right.name, right.analytic

    def supports(self, model: Any) -> bool:
        return self.right.supports(model)

    def run(self, model: Any, state0: Any, x: Any) -> Any:
        return self._answer("run", model, state0, x)

    def vjp(self, model: Any, state0: Any, x: Any, cotangents: Any) -> Any:
        return self._answer("vjp", model, state0, x, cotangents)

    def jacobian(self, model: Any, state0: Any, x: Any) -> Any:
        return self._answer("jacobian", model, state0, x)

    def _answer(self, method: str, model: Any, *arguments: Any) -> Any:
        right = getattr(self.right, method)(model, *arguments)
        if self.where == "model":
            wrong = getattr(self.right, method)(self.change(model), *arguments)
        elif self.where == method:
            wrong = self.change(right)
        else:
            return right
        self.differed = self.differed or differs(right, wrong)
        return wrong


def wrong_backends(right: UnderTest) -> Iterator[tuple[str, WrongBackend]]:
    """Backends with one mistake each, and what the mistake is."""
    for where, text, change in MISTAKES:
        said = f"a backend that computes with {text}" if where == "model" else f"{where}: {text}"
        yield said, WrongBackend(right, where, change)


# Functions of `models` that return something wrong.


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
