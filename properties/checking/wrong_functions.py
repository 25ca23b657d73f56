"""Functions that return something else than they should, while something is tried on a claim.

Of `models` and of the training in `experiments`, those that claims call; and of a claim's own
module and its neighbours, those that its check calls: what a case computes of itself.
"""

from __future__ import annotations

import functools
import inspect
import pkgutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

import models
from models.gru import GRU
from models.lstm import LSTM
from models.rnn import RNN
from models.trajectory import Trajectory
from properties.checking.wrong_backends import MODELS
from properties.checking.wrong_values import (
    CHANGES,
    CHANGES_OF_SAMPLES,
    Change,
    changed,
    differs,
)

SAMPLERS = ("experiments.latching", "experiments.training")
"""Whose functions return samples of what training does."""


@dataclass(frozen=True)
class Target:
    """A function or a method: where it stands, and what it is."""

    owner: Any
    name: str
    function: Any

    def __str__(self) -> str:
        return f"{self.function.__module__.partition('.')[2]}.{self.function.__qualname__}"


RECURRENT = (RNN, LSTM, GRU)

Targets = dict[CodeType, Target]


@functools.cache
def of_models() -> Targets:
    """All public functions and methods of `models` but for its backends, and of the samplers."""
    names = [f"models.{found.name}" for found in pkgutil.iter_modules(models.__path__)]
    names = [name for name in names if name != "models.backends"]
    return _defined_in([import_module(name) for name in (*names, *SAMPLERS)])


def around(module: ModuleType) -> Targets:
    """The public functions and methods that a module defines or has from its neighbours."""
    home = module.__name__.rpartition(".")[0]
    names = {getattr(value, "__module__", None) for value in vars(module).values()}
    near = [name for name in names if name and name.rpartition(".")[0] == home]
    return _defined_in([sys.modules[name] for name in sorted(near)])


def _defined_in(modules: Iterable[ModuleType]) -> Targets:
    found = {}
    for module in modules:
        owners = [module, *(value for value in vars(module).values() if inspect.isclass(value))]
        for owner in owners:
            for name, value in vars(owner).items():
                target = Target(owner, name, value)
                if isinstance(value, functools.cached_property):
                    target = Target(value, "func", value.func)
                function = target.function
                own = isinstance(function, FunctionType) and function.__module__ == module.__name__
                if own and not name.startswith("_"):
                    found[function.__code__] = target
    return found


@contextmanager
def calls_noted(
    calls: dict[Target, None], known: Targets, by: CodeType | None = None
) -> Iterator[None]:
    """Note which of the functions known are called by this code, or else by claims.

    Claims are neither models, nor experiments, nor the machinery.
    """

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event != "call" or frame.f_code not in known:
            return
        caller = frame.f_back
        while caller is not None and caller.f_globals.get("__name__") == "functools":
            caller = caller.f_back
        if caller is None:
            return
        home = str(caller.f_globals.get("__name__"))
        outside = not home.startswith(("models.", "experiments.", "properties.checking."))
        if caller.f_code is by if by is not None else outside:
            calls[known[frame.f_code]] = None

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(before)


class WrongFunction:
    """A function that returns something wrong while it is installed."""

    def __init__(self, target: Target, change: Change, *, trajectories: bool = True) -> None:
        self.target, self.change, self.trajectories = target, change, trajectories
        self.differed = False

    def answer(self, right: Any, *arguments: Any, **named: Any) -> Any:
        """What it returns in place of what is right."""
        return changed(right, self.change)

    @contextmanager
    def installed(self) -> Iterator[None]:
        function = self.target.function

        @functools.wraps(function)
        def wrong(*arguments: Any, **named: Any) -> Any:
            right = function(*arguments, **named)
            if isinstance(right, Trajectory) and not self.trajectories:
                return right
            found = self.answer(right, *arguments, **named)
            self.differed = self.differed or differs(right, found)
            return found

        # Wherever it was imported to, too.
        owners = [self.target.owner, *list(sys.modules.values())]
        name = self.target.name
        places = [o for o in owners if getattr(o, "__dict__", {}).get(name) is function]
        for owner in places:
            setattr(owner, name, wrong)
        try:
            yield
        finally:
            for owner in places:
                setattr(owner, name, function)


class WrongModel(WrongFunction):
    """The method of a model, of which another model, with a mistake, makes use."""

    def answer(self, right: Any, *arguments: Any, **named: Any) -> Any:
        model, *given = arguments
        return self.target.function(self.change(model), *given, **named)


def wrong_functions(
    calls: Iterable[Target],
    changes: Mapping[str, Change] = CHANGES,
    *,
    trajectories: bool = True,
) -> Iterator[tuple[str, WrongFunction]]:
    """Each function called, with each of the changes that fit made to what it returns.

    trajectories: change those too, and the models; where a backend is judged they give a bound.
    """
    for target in calls:
        sampled = target.function.__module__ in SAMPLERS
        for text, change in (CHANGES_OF_SAMPLES if sampled else changes).items():
            yield f"{target}: {text}", WrongFunction(target, change, trajectories=trajectories)
        if trajectories and target.owner in RECURRENT:
            for text, change in MODELS.items():
                yield f"{target}: of a model with {text}", WrongModel(target, change)
