"""One affine map and one activation a step: what RNN, FeedForward and Neuron have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from models.activations import ACTIVATIONS
from models.matrices import transposed
from models.trajectory import Trajectory

Order = Literal["activation_last", "activation_first"]


@dataclass(frozen=True, eq=False)
class ElmanTrajectory(Trajectory):
    """A run of h_t = φ(W_t h_{t-1} + d_t), or of a_t = W_t φ(a_{t-1}) + d_t.

    weights: the T matrices W_t, (N, N) or (B, N, N)
    values:  (T, B, N), what φ gave at each step
    """

    model: Any
    states: np.ndarray
    inputs: np.ndarray
    weights: Sequence[np.ndarray]
    values: np.ndarray

    @property
    def slopes(self):
        """φ' where `values` are φ, (T, B, N)."""
        return ACTIVATIONS[self.model.activation].slope_at(self.values)

    def step_jacobians(self):
        weights = np.array(self.weights).reshape(len(self.values), -1, *self.weights[0].shape[-2:])
        slopes = self.slopes
        if self.model.order == "activation_last":
            return slopes[..., :, None] * weights
        return weights * slopes[..., None, :]

    def _totals(self, last, direct):
        slopes = self.slopes
        totals = np.empty_like(self.states, dtype=np.result_type(self.states, last))
        totals[-1] = last
        multiply = multiplication(self.weights)
        grow = rows(totals, self.weights)
        scale = rows(slopes, self.weights)
        buffer = np.empty_like(grow[0])
        last_order = self.model.order == "activation_last"
        for t in reversed(range(len(self.weights))):
            if last_order:
                np.multiply(grow[t + 1], scale[t], out=buffer)
                multiply(buffer, self.weights[t], out=grow[t])
            else:
                multiply(grow[t + 1], self.weights[t], out=buffer)
                np.multiply(buffer, scale[t], out=grow[t])
            if direct is not None:
                np.add(totals[t], direct[t], out=totals[t])
        return totals

    def _blocks(self, totals):
        if self.model.order == "activation_last":
            cotangents, multiplied = (
                totals * self.slopes,
                self.states[:-1],
            )
        else:
            cotangents, multiplied = totals, self.values
        return {
            "W": [(cotangents, multiplied)],
            "U": [(cotangents, self.inputs)],
            "b": [(cotangents, None)],
        }


def run(model, weights, state0, drive, inputs):
    """The trajectory of `model` from state0 (B, N) with W_t = weights[t] and d_t = drive[t].

    weights: T matrices; drive (T, B, N); the model has an `activation` and an `order`.
    """
    activation = ACTIVATIONS[model.activation]
    steps, batch, size = drive.shape
    dtype = np.result_type(state0, drive, *weights[:1])
    states = np.empty((steps + 1, batch, size), dtype)
    states[0] = state0
    multiply = multiplication(weights)
    h = rows(states, weights)
    d = rows(drive, weights)
    buffer = np.empty_like(h[0])
    if model.order == "activation_last":
        for t in range(steps):
            multiply(h[t], transposed(weights[t]), out=buffer)
            np.add(buffer, d[t], out=buffer)
            activation.value(buffer, out=h[t + 1])
        values = states[1:]
    else:
        values = np.empty((steps, batch, size), dtype)
        y = rows(values, weights)
        for t in range(steps):
            activation.value(h[t], out=y[t])
            multiply(y[t], transposed(weights[t]), out=h[t + 1])
            np.add(h[t + 1], d[t], out=h[t + 1])
    return ElmanTrajectory(model, states, inputs, weights, values)


def multiplication(weights):
    """rows times a matrix: np.dot where the batch shares it (quicker than matmul), else matmul."""
    return np.matmul if weights and weights[0].ndim == 3 else np.dot


def rows(array, weights):
    """A view of (T, B, N) that `multiplication` takes: (T, B, 1, N) for a matrix per element."""
    return array[:, :, None, :] if weights and weights[0].ndim == 3 else array
