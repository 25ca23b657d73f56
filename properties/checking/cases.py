"""Cases: one concrete instance of a claim, frozen, with a repr that is code."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

from flint import fmpq_mat

from properties.checking.blackboard import symbol, written
from properties.checking.exact import code


class Case:
    """Base of the frozen dataclasses that claims quantify over.

    Its repr can be pasted back; `written_out` is what goes on the blackboard. A case may offer
    further quantities worth showing (derived ones, such as W = QΛQᵀ) by `shown`, and say by
    `symbols` what its fields are called on the blackboard.
    """

    symbols: ClassVar[Mapping[str, str]] = {}

    def __repr__(self) -> str:
        fields = dataclasses.fields(self)  # type: ignore[arg-type]
        body = ", ".join(f"{f.name}={code(getattr(self, f.name))}" for f in fields)
        return f"{type(self).__name__}({body})"

    def size(self) -> tuple[int, int]:
        """How large the case is: the largest dimension of its matrices, then entries in all.

        The search prefers a counterexample with fewer units to one with fewer steps.
        """
        values = [getattr(self, f.name) for f in dataclasses.fields(self)]  # type: ignore[arg-type]
        return max(map(_dimension, values), default=0), sum(map(_entries, values))

    def models(self) -> tuple[Any, ...]:
        """The networks that a check of this case computes with; none unless a case overrides this.

        A backend that supports none of them is not judged by the claim.
        """
        return ()

    def shown(self) -> dict[str, Any]:
        """Quantities to show beside the fields, by name; none unless a case overrides this."""
        return {}

    def terms(self) -> Mapping[str, Any]:
        """What else the formulas of its claims speak of, by name, for the blackboard.

        Each is a formula of other terms and quantities, as text; a proposition about two,
        ("QᵀΛᵗQ", "=", "QΛᵗQᵀ"); a function that gives its value, with its working if that is
        `Worked`; or the value itself, which gets no line of its own. None is shown unless the
        comparison speaks of it. A case within this one gives its own.
        """
        values = [getattr(self, f.name) for f in dataclasses.fields(self)]  # type: ignore[arg-type]
        return {
            n: t for value in values if isinstance(value, Case) for n, t in value.terms().items()
        }

    def quantities(self) -> dict[str, Any]:
        """The fields and the quantities shown, each under the symbol that it is written with.

        A case within this one gives its own in its place, unless names would then stand twice.
        """
        named: dict[str, Any] = {}
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            inner = value.quantities() if isinstance(value, Case) else {}
            if inner and not inner.keys() & named.keys():
                named |= inner
            else:
                named[self.symbols.get(field.name, symbol(field.name))] = value
        return named | self.shown()

    def written_out(self) -> str:
        """The quantities, one below the other, matrices in brackets."""
        quantities = self.quantities().items()
        return "\n".join(labelled(name, written(value)) for name, value in quantities)


def _dimension(value: Any) -> int:
    if isinstance(value, fmpq_mat):
        return int(max(value.nrows(), value.ncols()))
    return int(max(getattr(value, "shape", ()), default=0))


def _entries(value: Any) -> int:
    if isinstance(value, fmpq_mat):
        return int(value.nrows() * value.ncols())
    if isinstance(value, tuple):
        return sum(_entries(item) for item in value)
    return int(getattr(value, "size", 1))


def labelled(name: str, text: str) -> str:
    """`name = text`, with a text of several lines indented and the name beside its middle."""
    lines = text.split("\n")
    pad = " " * (len(name) + 3)
    middle = (len(lines) - 1) // 2
    return "\n".join((f"{name} = " if i == middle else pad) + line for i, line in enumerate(lines))
