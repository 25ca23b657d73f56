"""What an experiment consists of, and how its parameters are given as text."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from experiments.sweep import Sweep

Rows = list[dict[str, Any]]


class ParameterError(Exception):
    """A parameter that does not exist, or a value that it cannot have; says which there are."""


@dataclass(frozen=True)
class Experiment:
    """An experiment that can be run by its name.

    name        by which it is called
    title       what it finds out, in a line
    source      the experiment that it repeats
    parameters  a frozen dataclass, every field with its default
    quick       the values of some parameters in a quick run
    reduction   in what it does less than its source
    sweep       the sweep of given parameters and seed
    draw        writes the figures of the rows into a folder, and names the files
    """

    name: str
    title: str
    source: str
    parameters: type[Any]
    quick: Mapping[str, Any]
    reduction: str
    sweep: Callable[[Any, int], Sweep]
    draw: Callable[[Rows, Path], list[Path]]

    def chosen(self, settings: Sequence[str], *, quick: bool) -> Any:
        """The parameters, with the settings `name=value` over the quick ones or the defaults.

        Raises ParameterError naming what is wrong with a setting.
        """
        values = dict(self.quick) if quick else {}
        kinds = typing.get_type_hints(self.parameters)
        defaults = {each.name: each.default for each in dataclasses.fields(self.parameters)}
        for setting in settings:
            name, _, text = setting.partition("=")
            if name not in defaults:
                raise ParameterError(
                    f"{name}: {self.name} has no such parameter; it has {', '.join(defaults)}"
                )
            values[name] = _value(name, text, kinds[name], defaults[name])
        try:
            return self.parameters(**values)
        except ValueError as problem:
            raise ParameterError(str(problem)) from None


def _value(name: str, text: str, kind: Any, default: Any) -> Any:
    if typing.get_origin(kind) is Literal:
        choices = typing.get_args(kind)
        if text not in choices:
            raise ParameterError(f"{name}: {text!r} is none of {', '.join(choices)}")
        return text
    parse = type(default[0]) if isinstance(default, tuple) else type(default)
    words = text.split(",") if isinstance(default, tuple) else [text]
    try:
        found = tuple(parse(word) for word in words)
    except ValueError:
        listed = "numbers with commas between" if isinstance(default, tuple) else parse.__name__
        raise ParameterError(f"{name}: {text!r} is not {listed}, as in {default}") from None
    return found if isinstance(default, tuple) else found[0]


def require_at_least(least: float, **values: Any) -> None:
    """Raises ValueError naming the first value, or tuple of values, with one below the least."""
    for name, value in values.items():
        each = value if isinstance(value, tuple) else (value,)
        if not each or not all(least <= number < float("inf") for number in each):
            raise ValueError(f"{name}: {value!r}; at least {least:g} is needed")
