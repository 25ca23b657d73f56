"""Cells written in JAX: one step is given, the scan over the steps and the derivatives are JAX's.

Imported only when a JAX backend is asked for.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from models.gru import GRU
from models.lstm import LSTM
from models.rnn import RNN
from models.trajectory import Gradients

Weights = Mapping[str, jax.Array]
Step = Callable[[Weights, jax.Array, jax.Array], jax.Array]

# A sequence is padded to this length, or the next power of two: a function is compiled for each
# length that it meets, which takes a thousand times as long as running it.
SHORTEST = 16

ACTIVATIONS = {
    "identity": lambda a: a,
    "tanh": jnp.tanh,
    "logistic": jax.nn.sigmoid,
    "relu": jax.nn.relu,
    "saturated_linear": lambda a: jnp.clip(a, 0, 1),
}


class _Compiled(NamedTuple):
    run: Callable[..., Any]
    vjp: Callable[..., Any]


class JaxCell:
    """A backend from one step: derive from it, and write `supports` and `step`.

    dtype: "float64", for which 64-bit numbers are enabled during the calls alone, or "float32".
    """

    name = "a JAX cell"

    def __init__(self, dtype: str = "float64") -> None:
        self.dtype = np.dtype(dtype)
        self._compiled = cache(self._compile)
        self._kinds: dict[Any, Any] = {}

    def supports(self, model: Any) -> bool:
        """Whether `step` computes this model, with its conventions and shapes."""
        raise NotImplementedError

    def step(self, model: Any) -> Step:
        """The function (weights, state (B, S), x_t (B, D)) -> the next state, compiled later.

        weights: the model's parameters by name. Of the model itself only its conventions are to be
        read: the same function serves all models that share them.
        """
        raise NotImplementedError

    def run(self, model: Any, state0: np.ndarray, x: np.ndarray) -> np.ndarray:
        """The states (T+1, B, S) as a numpy array."""
        with jax.enable_x64(self.dtype == np.float64):
            states = self._of_kind(model).run(*self._arguments(model, state0, x))
            return np.asarray(states)[: len(x) + 1]

    def vjp(
        self, model: Any, state0: np.ndarray, x: np.ndarray, cotangents: np.ndarray
    ) -> Gradients:
        """The gradients by JAX's reverse mode."""
        steps = len(x)
        direct = np.zeros((_padded(steps) + 1, *state0.shape), self.dtype)
        direct[: steps + 1] = cotangents if cotangents.ndim == 3 else direct[: steps + 1]
        if cotangents.ndim == 2:
            direct[steps] = cotangents
        with jax.enable_x64(self.dtype == np.float64):
            found = self._of_kind(model).vjp(*self._arguments(model, state0, x), direct)
            weights, initial, inputs = jax.tree.map(np.asarray, found)
        return Gradients(weights, inputs[:steps], initial, None)

    def _of_kind(self, model: Any) -> _Compiled:
        conventions = ("activation", "order", "update", "reset")
        kind = (type(model), *(getattr(model, name, None) for name in conventions))
        self._kinds.setdefault(kind, model)
        return self._compiled(kind)

    def _compile(self, kind: Any) -> _Compiled:
        step = self.step(self._kinds[kind])

        def run(weights: Weights, state0: jax.Array, x: jax.Array, steps: Any) -> jax.Array:
            def advance(state: jax.Array, at: Any) -> tuple[jax.Array, jax.Array]:
                t, x_t = at
                after = jnp.where(t < steps, step(weights, state, x_t), state)
                return after, after

            _, states = jax.lax.scan(advance, state0, (jnp.arange(len(x)), x))
            return jnp.concatenate([state0[None], states])

        def vjp(
            weights: Weights, state0: jax.Array, x: jax.Array, steps: Any, direct: jax.Array
        ) -> Any:
            _, pull = jax.vjp(lambda *sources: run(*sources, steps), weights, state0, x)
            return pull(direct)

        return _Compiled(jax.jit(run), jax.jit(vjp))

    def _arguments(self, model: Any, state0: np.ndarray, x: np.ndarray) -> tuple[Any, ...]:
        weights = {name: getattr(model, name).astype(self.dtype) for name in model.PARAMETERS}
        padded = np.zeros((_padded(len(x)), *x.shape[1:]), self.dtype)
        padded[: len(x)] = x
        return weights, state0.astype(self.dtype), padded, len(x)


def _padded(steps: int) -> int:
    return max(SHORTEST, 1 << (steps - 1).bit_length())


class JaxScan(JaxCell):
    """Every RNN, LSTM and GRU whose weights the batch shares: jit around lax.scan."""

    name = "jax"

    def supports(self, model: Any) -> bool:
        return isinstance(model, RNN | LSTM | GRU) and model.W.ndim == model.U.ndim == 2

    def step(self, model: Any) -> Step:
        match model:
            case RNN(order="activation_last"):
                return _activation_last(ACTIVATIONS[model.activation])
            case RNN():
                return _activation_first(ACTIVATIONS[model.activation])
            case LSTM():
                return _lstm
        return _gru(model.update, model.reset)


def _activation_last(activation: Callable[[jax.Array], jax.Array]) -> Step:
    def step(weights: Weights, h: jax.Array, x: jax.Array) -> jax.Array:
        return activation(h @ weights["W"].T + x @ weights["U"].T + weights["b"])

    return step


def _activation_first(activation: Callable[[jax.Array], jax.Array]) -> Step:
    def step(weights: Weights, a: jax.Array, x: jax.Array) -> jax.Array:
        return activation(a) @ weights["W"].T + x @ weights["U"].T + weights["b"]

    return step


def _lstm(weights: Weights, state: jax.Array, x: jax.Array) -> jax.Array:
    h, c = jnp.split(state, 2, axis=1)
    a = h @ weights["W"].T + x @ weights["U"].T + weights["b"]
    i, f, g, o = jnp.split(a, 4, axis=1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    return jnp.concatenate([jax.nn.sigmoid(o) * jnp.tanh(c), c], axis=1)


def _gru(update: str, reset: str) -> Step:
    def step(weights: Weights, h: jax.Array, x: jax.Array) -> jax.Array:
        w_r, w_z, w_n = jnp.split(weights["W"], 3)
        driven_r, driven_z, driven_n = jnp.split(x @ weights["U"].T + weights["b"], 3, axis=1)
        r, z = jax.nn.sigmoid(driven_r + h @ w_r.T), jax.nn.sigmoid(driven_z + h @ w_z.T)
        if reset == "after":
            n = jnp.tanh(driven_n + r * (h @ w_n.T + weights["bn"]))
        else:
            n = jnp.tanh(driven_n + (r * h) @ w_n.T + weights["bn"])
        return z * h + (1 - z) * n if update == "keep" else (1 - z) * h + z * n

    return step
