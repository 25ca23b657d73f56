"""Small networks of every kind, with the textbook step that each must agree with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.feedforward import FeedForward
from models.gru import GRU
from models.lstm import LSTM
from models.neuron import Neuron
from models.rnn import RNN
from tests import textbook

DYADIC = st.integers(-16, 16).map(lambda k: k / 8)


def dyadic(*shape):
    return arrays(np.float64, shape, elements=DYADIC, fill=st.nothing())


@dataclass
class Case:
    """A network and the cost Σ cotangents·states of its run.

    make:   the model from its parameters
    launch: the model's trajectory from start (B, S) along inputs (T, B, D)
    step:   the textbook's step(parameters of one sequence, t, state, x)
    shared: whether the batch shares the parameters
    layered: whether each step has its own
    """

    make: Callable[..., Any]
    launch: Callable[..., Any]
    step: Callable[..., np.ndarray]
    parameters: dict[str, np.ndarray]
    shared: bool
    start: np.ndarray
    inputs: np.ndarray
    cotangents: np.ndarray
    layered: bool = False

    def trajectory(self, **changed):
        """Of the case, or with some of its parameters, its start or its inputs changed."""
        start = changed.pop("start", self.start)
        inputs = changed.pop("inputs", self.inputs)
        return self.launch(self.make(**{**self.parameters, **changed}), start, inputs)

    def cost(self, **changed):
        return (self.trajectory(**changed).states * self.cotangents).sum()

    def part(self, name, b):
        """Where one sequence's part of a parameter, of the start or of the inputs is."""
        if name == "inputs" or (self.layered and name != "start" and not self.shared):
            return np.index_exp[:, b]
        return ... if self.shared and name in self.parameters else b

    def element(self, b):
        """What one sequence sees: its parameters, start and inputs, by name."""
        arrays = {**self.parameters, "start": self.start, "inputs": self.inputs}
        return {name: np.asarray(array[self.part(name, b)]) for name, array in arrays.items()}

    def textbook_states(self, element):
        """(T+1, S), in whatever numbers the element holds."""
        parameters = {name: element[name] for name in self.parameters}
        states = [element["start"]]
        for t, x in enumerate(element["inputs"]):
            states.append(self.step(parameters, t, states[-1], x))
        return states

    def majorants(self, b):
        """The states of one sequence as Majorants, and the places of each name's directions."""
        element, places, count = self.element(b), {}, 0
        for name, array in element.items():
            places[name] = np.arange(count, count := count + array.size).reshape(array.shape)
        directions = np.eye(count)
        variables = {
            name: textbook.variables(array, directions[places[name]])
            for name, array in element.items()
        }
        return self.textbook_states(variables), places


@st.composite
def _sizes(draw):
    n, d = draw(st.integers(1, 3)), draw(st.integers(0, 2))
    batch, steps = draw(st.integers(1, 2)), draw(st.integers(0, 4))
    return n, d, batch, steps, draw(st.booleans())


def _recurrent(model, step, gates, *, width=1, biases=(), **conventions):
    """Cases of a model with W, U, b of so many gates."""

    @st.composite
    def cases(draw):
        n, d, batch, steps, shared = draw(_sizes())
        lead = () if shared else (batch,)
        shapes = {"W": (gates * n, n), "U": (gates * n, d), "b": (gates * n,)}
        shapes |= dict.fromkeys(biases, (n,))
        return Case(
            make=lambda **parameters: model(**parameters, **conventions),
            launch=lambda made, start, inputs: made.run(start, inputs),
            step=lambda parameters, _, state, x: step(**parameters, state=state, x=x),
            parameters={name: draw(dyadic(*lead, *shape)) for name, shape in shapes.items()},
            shared=shared,
            start=draw(dyadic(batch, width * n)),
            inputs=draw(dyadic(steps, batch, d)),
            cotangents=draw(dyadic(steps + 1, batch, width * n)),
        )

    return cases()


def _rnns(activation, order):
    def step(W, U, b, state, x):
        return getattr(textbook, order)(W, U, b, state, x, activation)

    return _recurrent(RNN, step, 1, activation=activation, order=order)


def _grus(update, reset):
    def step(W, U, b, bn, state, x):
        return textbook.gru(W, U, b, bn, state, x, update=update, reset=reset)

    return _recurrent(GRU, step, 3, biases=("bn",), update=update, reset=reset)


@st.composite
def _feedforwards(draw, order):
    n, _, batch, layers, shared = draw(_sizes())
    lead = (layers,) if shared else (layers, batch)
    layer = getattr(textbook, order)
    return Case(
        make=lambda **parameters: FeedForward(**parameters, order=order),
        launch=lambda made, start, _: made.run(start),
        step=lambda p, t, state, x: layer(p["W"][t], np.zeros((n, 0)), p["b"][t], state, x),
        parameters={"W": draw(dyadic(*lead, n, n)), "b": draw(dyadic(*lead, n))},
        shared=shared,
        start=draw(dyadic(batch, n)),
        inputs=np.zeros((layers, batch, 0)),
        cotangents=draw(dyadic(layers + 1, batch, n)),
        layered=True,
    )


@st.composite
def _neurons(draw):
    _, _, batch, steps, shared = draw(_sizes())
    return Case(
        make=Neuron,
        launch=lambda made, start, inputs: made.run(start[:, 0], inputs[..., 0]),
        step=lambda p, _, state, x: p["w"] * np.tanh(state) + x,
        parameters={"w": draw(dyadic() if shared else dyadic(batch))},
        shared=shared,
        start=draw(dyadic(batch, 1)),
        inputs=draw(dyadic(steps, batch, 1)),
        cotangents=draw(dyadic(steps + 1, batch, 1)),
    )


CASES = {
    **{
        f"RNN, {activation}, {order}": _rnns(activation, order)
        for activation in ("tanh", "logistic")
        for order in ("activation_last", "activation_first")
    },
    "LSTM": _recurrent(LSTM, textbook.lstm, 4, width=2),
    **{
        f"GRU, {update}, {reset}": _grus(update, reset)
        for update in ("keep", "write")
        for reset in ("after", "before")
    },
    **{
        f"FeedForward, {order}": _feedforwards(order)
        for order in ("activation_last", "activation_first")
    },
    "Neuron": _neurons(),
}
