"""How the evidence of a run is laid out, and what is wrong where a file is laid out otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

Shape = Callable[[Any, str], Iterator[str]]
"""From a value and where it stands, what is wrong with it."""

DEEPEST = 12
"""How deep the value of a quantity may be nested: a list of matrices has three levels."""

LONGEST = 2000
"""Characters of the text of a value: of larger arrays evidence has an abridgement."""

NO_NUMBER = re.compile(r"\de[-+]?\d{6}|\d/0+(?!\d)")
"""A power of ten that takes for ever to be written out, and a division by 0."""

TIERS = ("symbolic", "exact", "float", "enclosed", "statistical")


def text(value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{where} is no text"


def number(value: Any, where: str) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield f"{where} is no number"


def count(value: Any, where: str) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        yield f"{where} is no count"


def optional(shape: Shape) -> Shape:
    def faults(value: Any, where: str) -> Iterator[str]:
        if value is not None:
            yield from shape(value, where)

    return faults


def one_of(*values: str) -> Shape:
    def faults(value: Any, where: str) -> Iterator[str]:
        if value not in values:
            yield f"{where} is none of {', '.join(values)}"

    return faults


def each(shape: Shape) -> Shape:
    """A list."""

    def faults(value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{where} is no list"
            return
        for place, item in enumerate(value):
            yield from shape(item, f"{where}[{place}]")

    return faults


def by_name(shape: Shape) -> Shape:
    """An object whose keys are names."""

    def faults(value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{where} is no object"
            return
        for name, item in value.items():
            yield from shape(item, f"{where}.{name}")

    return faults


def fields(**shapes: Shape) -> Shape:
    """An object that has these keys; others are of no concern."""

    def faults(value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{where or 'it'} is no object"
            return
        for name, shape in shapes.items():
            if name in value:
                yield from shape(value[name], f"{where}.{name}".lstrip("."))
            else:
                yield f"{where or 'it'} has no {name}"

    return faults


def data(value: Any, where: str, depth: int = 0) -> Iterator[str]:
    """A value as `properties.checking.written_out.as_data` gives it."""
    if depth > DEEPEST:
        yield f"{where} is nested too deeply"
    elif isinstance(value, str):
        yield from _word_or_number(value, where)
    elif not (isinstance(value, dict) and len(value) == 1):
        yield f"{where} is no value"
    else:
        ((kind, items),) = value.items()

        def deeper(item: Any, at: str) -> Iterator[str]:
            yield from data(item, at, depth + 1)

        inside = {
            "tuple": each(deeper),
            "matrix": each(each(_word_or_number)),
            "fields": each(_named),
        }
        if kind not in inside:
            yield f"{where} is no value"
        else:
            yield from inside[kind](items, f"{where}.{kind}")


def _word_or_number(value: Any, where: str) -> Iterator[str]:
    yield from text(value, where)
    if isinstance(value, str) and len(value) > LONGEST:
        yield f"{where} is longer than {LONGEST} characters"
    elif isinstance(value, str) and NO_NUMBER.search(value):
        yield f"{where} is no number"


def _named(value: Any, where: str) -> Iterator[str]:
    if not (isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)):
        yield f"{where} is no name with its value"
    else:
        yield from data(value[1], where, 1)


_steps = each(fields(formula=text, factors=each(data), value=data))

_written_out = fields(
    case=data,
    what=text,
    left=optional(data),
    right=optional(data),
    workings=fields(left=_steps, right=_steps),
    lines=fields(left=each(text), right=each(text)),
    error=optional(number),
    bound=optional(number),
    needed=text,
)


def _refutation(value: Any, where: str) -> Iterator[str]:
    yield from fields(name=text, counterexample=optional(text))(value, where)
    if isinstance(value, dict) and value.get("counterexample") is not None:
        yield from fields(written_out=_written_out)(value, where)


_entry = fields(
    name=text,
    statement=text,
    tiers=each(one_of(*TIERS)),
    verdict=one_of("holds", "refuted", "error"),
    examples=count,
    labels=by_name(number),
    worst_ratio=optional(number),
    false_alarm=number,
    derivation=optional(fields(steps=count, verified=count)),
    assumptions=each(_refutation),
    misreadings=each(_refutation),
    counterexample=optional(text),
    written_out=optional(_written_out),
    messages=by_name(text),
)


def _entries(value: Any, where: str) -> Iterator[str]:
    yield from each(_entry)(value, where)
    entries = value if isinstance(value, list) else []
    names = [entry.get("name") for entry in entries if isinstance(entry, dict)]
    for name in dict.fromkeys(name for name in names if isinstance(name, str)):
        if names.count(name) > 1:
            yield f"{where} has {name!r} twice"


evidence = fields(
    claims=_entries,
    not_applicable=each(text),
    backend=fields(name=text),
    seed=count,
    examples=count,
    sources=text,
    versions=by_name(text),
)
"""The whole of it."""
