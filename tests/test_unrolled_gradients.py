"""sympy differentiates the unrolled network; the models' gradients and the balls agree with it.

A third account of the derivatives, after backpropagation and the complex step: the cost, all steps
put into one another, is differentiated as one formula, and that is evaluated in balls.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest
import sympy
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from models.feedforward import FeedForward
from models.gru import GRU
from models.lstm import LSTM
from models.neuron import Neuron
from models.rnn import RNN
from properties.checking import Check
from properties.checking.balls import DEFAULT_BITS, exact, precision
from properties.checking.bounds import RunBounds
from properties.checking.references import reference
from tests import textbook
from tests.model_cases import dyadic
from theory.entries import Logistic


class Formula:
    """A sympy expression in the arrays of objects that the textbook's cells compute with."""

    def __init__(self, expression: Any) -> None:
        self.expression = sympy.sympify(expression)

    def __add__(self, other: Any) -> "Formula":
        return Formula(self.expression + _expression(other))

    def __mul__(self, other: Any) -> "Formula":
        return Formula(self.expression * _expression(other))

    def __sub__(self, other: Any) -> "Formula":
        return self + -1 * other

    def __rsub__(self, other: Any) -> "Formula":
        return other + -1 * self

    __radd__, __rmul__ = __add__, __mul__

    def tanh(self) -> "Formula":
        return Formula(sympy.tanh(self.expression))

    def logistic(self) -> "Formula":
        return Formula(Logistic(self.expression))


def _expression(number: Any) -> Any:
    return number.expression if isinstance(number, Formula) else sympy.sympify(int(number))


class Kind(NamedTuple):
    """A model, the textbook's step, and the shapes of its parameters for N units and T steps.

    sizes: the (N, T) at which it is unrolled; long: those at which the formula is a large one.
    """

    make: Callable[..., Any]
    step: Callable[..., Any]
    shapes: Callable[[int, int], dict[str, tuple[int, ...]]]
    sizes: tuple[tuple[int, int], ...] = ((1, 2), (2, 1))
    long: tuple[tuple[int, int], ...] = ((1, 3), (2, 2))
    width: int = 1
    inputs: int = 1


def _gated(gates: int, *biases: str) -> Callable[[int, int], dict[str, tuple[int, ...]]]:
    def shapes(n: int, steps: int) -> dict[str, tuple[int, ...]]:
        weights = {"W": (gates * n, n), "U": (gates * n, 1), "b": (gates * n,)}
        return weights | dict.fromkeys(biases, (n,))

    return shapes


def _rnn(activation: str, order: str) -> Kind:
    def step(p: Any, t: int, state: Any, x: Any) -> Any:
        return getattr(textbook, order)(**p, state=state, x=x, activation=activation)

    made = {"activation": activation, "order": order}
    return Kind(lambda **p: RNN(**p, **made), step, _gated(1), ((1, 3), (2, 3)), ())


def _gru(update: str, reset: str) -> Kind:
    made = {"update": update, "reset": reset}
    return Kind(
        lambda **p: GRU(**p, **made),
        lambda p, t, state, x: textbook.gru(**p, state=state, x=x, **made),
        _gated(3, "bn"),
    )


def _feed_forward(order: str) -> Kind:
    def step(p: Any, t: int, state: Any, x: Any) -> Any:
        nothing = np.zeros((len(state), 0), dtype=object)
        return getattr(textbook, order)(p["W"][t], nothing, p["b"][t], state, x)

    return Kind(
        lambda **p: FeedForward(**p, order=order),
        step,
        lambda n, layers: {"W": (layers, n, n), "b": (layers, n)},
        ((1, 3), (2, 3)),
        (),
        inputs=0,
    )


KINDS = {
    **{
        f"RNN, {activation}, {order}": _rnn(activation, order)
        for activation in ("tanh", "logistic")
        for order in ("activation_last", "activation_first")
    },
    "LSTM": Kind(
        LSTM, lambda p, t, state, x: textbook.lstm(**p, state=state, x=x), _gated(4), width=2
    ),
    **{
        f"GRU, {update}, {reset}": _gru(update, reset)
        for update in ("keep", "write")
        for reset in ("after", "before")
    },
    **{
        f"FeedForward, {order}": _feed_forward(order)
        for order in ("activation_last", "activation_first")
    },
    "Neuron": Kind(
        Neuron,
        lambda p, t, state, x: p["w"] * np.tanh(state) + x,
        lambda n, steps: {"w": ()},
        ((1, 3),),
        (),
    ),
}


def _layout(kind: Kind, n: int, steps: int) -> dict[str, tuple[int, ...]]:
    """The shapes of all that the cost depends on."""
    return kind.shapes(n, steps) | {"initial": (kind.width * n,), "inputs": (steps, kind.inputs)}


def _cotangents(shape: tuple[int, int]) -> Any:
    """Fixed integers, none of them zero."""
    return np.arange(np.prod(shape)).reshape(shape) % 3 + 1


@cache
def unrolled_gradient(name: str, n: int, steps: int) -> Callable[..., list[Any]]:
    """The derivatives of C = Σ cotangents·states by everything, as a function of everything."""
    kind, symbols, variables = KINDS[name], [], {}
    for each, shape in _layout(kind, n, steps).items():
        made = np.array(sympy.symbols(f"{each}_:{int(np.prod(shape))}"), dtype=object)
        symbols.extend(made)
        variables[each] = np.frompyfunc(Formula, 1, 1)(made).reshape(shape)
    states = [variables["initial"]]
    for t in range(steps):
        p = {each: variables[each] for each in kind.shapes(n, steps)}
        states.append(kind.step(p, t, states[-1], variables["inputs"][t]))
    cost = (np.stack(states) * _cotangents((steps + 1, kind.width * n))).sum().expression
    functions = {"tanh": arb.tanh, "Logistic": lambda a: 1 / (1 + (-a).exp())}
    return sympy.lambdify(
        symbols, [cost.diff(symbol) for symbol in symbols], modules=[functions], cse=True
    )


def sized_kinds() -> list[Any]:
    """Each kind's name at each of its sizes."""
    return [
        pytest.param(name, *size, marks=[pytest.mark.long] if size in kind.long else [])
        for name, kind in KINDS.items()
        for size in kind.sizes + kind.long
    ]


def _run(name: str, numbers: dict[str, Any]) -> Any:
    """The model's trajectory, of a batch of one."""
    parameters = {each: numbers[each] for each in numbers.keys() - {"initial", "inputs"}}
    model, start, inputs = KINDS[name].make(**parameters), numbers["initial"], numbers["inputs"]
    if isinstance(model, FeedForward):
        return model.run(start[None])
    if isinstance(model, Neuron):
        return model.run(start, inputs)
    return model.run(start[None], inputs[:, None])


@pytest.mark.parametrize(("name", "n", "steps"), sized_kinds())
# The first case waits for the formula.
@settings(max_examples=20)
@given(st.data())
def test_gradients_are_the_derivative_of_the_unrolled_network(
    name: str, n: int, steps: int, data: Any
) -> None:
    layout = _layout(KINDS[name], n, steps)
    numbers = {each: data.draw(dyadic(*shape), each) for each, shape in layout.items()}
    trajectory = _run(name, numbers)
    cotangents = _cotangents(trajectory.states[:, 0].shape).astype(float)
    everything = [number for each in layout for number in exact(numbers[each]).ravel()]

    def derivatives() -> dict[str, Any]:
        values = np.array(unrolled_gradient(name, n, steps)(*everything), dtype=object)
        ends = np.cumsum([int(np.prod(shape)) for shape in layout.values()])[:-1]
        parts = np.split(exact(values), ends)
        return {e: part.reshape(layout[e]) for e, part in zip(layout, parts, strict=True)}

    with precision(DEFAULT_BITS):
        balls = reference(trajectory).backward(exact(cotangents))
        for each, derivative in derivatives().items():
            pairs = zip(np.ravel(balls[each]), derivative.ravel(), strict=True)
            assert all(a.overlaps(b) for a, b in pairs), f"{each}: {balls[each]} and {derivative}"
    found = trajectory.backward(cotangents[:, None])
    bounds, check = RunBounds(trajectory).backward(cotangents[:, None]), Check()
    for each in layout:
        gradient, bound = found.parameters.get(each), bounds.parameters.get(each)
        if gradient is None:
            gradient, bound = getattr(found, each), getattr(bounds, each)
        check.enclosed(gradient, lambda each=each: derivatives()[each], bound.values, each)
