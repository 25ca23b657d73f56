"""Backends with a mistake.

The mistakes are those that people make: a transpose forgotten, a step late, gates in another
order, a sign, a gradient counted twice or cut short; and a relative error of 2⁻²⁰, which no bound
of float64 may let pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from models.backends import UnderTest
from models.gradients import Gradients
from models.gru import GRU
from models.lstm import LSTM
from models.rnn import RNN
from properties.checking.wrong_values import (
    CHANGES,
    LARGER,
    LATE,
    OPPOSITE,
    TRANSPOSED,
    Change,
    differs,
    larger,
    opposite,
    transposed,
)


def _gates(model: Any) -> int:
    return {RNN: 1, LSTM: 4, GRU: 3}[type(model)]


def _with_each(model: Any, change: Change, *names: str) -> Any:
    return replace(model, **{name: change(getattr(model, name)) for name in names})


def _weights_transposed(model: Any) -> Any:
    def gate_by_gate(W: Any) -> Any:
        gates = np.split(W, _gates(model), axis=-2)
        return np.concatenate([transposed(gate) for gate in gates], axis=-2)

    return _with_each(model, gate_by_gate, "W")


def _gates_in_another_order(model: Any) -> Any:
    units = model.b.shape[-1] // _gates(model)
    turned = _with_each(model, lambda matrix: np.roll(matrix, units, axis=-2), "W", "U")
    return _with_each(turned, lambda bias: np.roll(bias, units, axis=-1), "b")


def _without(*names: str) -> Change:
    def changed(model: Any) -> Any:
        there = [name for name in names if name in model.PARAMETERS]
        return _with_each(model, np.zeros_like, *there)

    return changed


def _other_convention(field: str, *values: str) -> Change:
    def changed(model: Any) -> Any:
        now = getattr(model, field, None)
        return replace(model, **{field: values[1 - values.index(now)]}) if now in values else model

    return changed


MODELS: dict[str, Change] = {
    "Wᵀ for W": _weights_transposed,
    "its gates in another order": _gates_in_another_order,
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
    return lambda found: replace(found, initial=change(found.initial), inputs=change(found.inputs))


GRADIENTS: dict[str, Change] = {
    f"parameters {LARGER}": _parameters(larger),
    "parameters counted twice": _parameters(lambda array: array * 2),
    "W transposed": _parameters(transposed, "W"),
    f"states and inputs {LARGER}": _ends(larger),
    f"states and inputs {OPPOSITE}": _ends(opposite),
    "nothing that reaches the first state": lambda found: replace(
        found, initial=np.zeros_like(found.initial)
    ),
}
"""What may be wrong with what backpropagation finds."""

MISTAKES = [
    *(("model", text, change) for text, change in MODELS.items()),
    *(("run", text, CHANGES[text]) for text in (LARGER, OPPOSITE, LATE)),
    *(("vjp", text, change) for text, change in GRADIENTS.items()),
    *(("jacobian", text, CHANGES[text]) for text in (LARGER, OPPOSITE, TRANSPOSED)),
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
