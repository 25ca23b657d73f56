"""One affine map and one activation a step: what RNN, FeedForward and Neuron have in common."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from models.activations import ACTIVATIONS
from models.arrays import require_choice, require_no_overflow
from models.matrices import transposed
from models.trajectory import Trajectory

Order = Literal["activation_last", "activation_first"]

# Numbers in a block of rows that stays, with its copy, in a second-level cache of half a megabyte.
BLOCK = 2**14


def require_convention(model):
    """Raises ValueError unless the model's activation and order are known ones."""
    require_choice("activation", model.activation, ACTIVATIONS)
    require_choice("order", model.order, get_args(Order))


@dataclass(frozen=True, eq=False)
class ElmanTrajectory(Trajectory):
    """A run of h_t = φ(W_t h_{t-1} + d_t), or of a_t = W_t φ(a_{t-1}) + d_t.

    weights: (T, B, N, N), with 1 for T or B where steps or sequences share one matrix
    values:  (T, B, N), what φ gave at each step
    """

    model: Any
    states: np.ndarray
    inputs: np.ndarray
    weights: np.ndarray
    values: np.ndarray

    @property
    def slopes(self):
        """φ' where `values` are φ, (T, B, N)."""
        return ACTIVATIONS[self.model.activation].slope_at(self.values)

    def _step_jacobians(self, s, t):
        weights = self.weights if len(self.weights) == 1 else self.weights[s:t]
        if self.model.order == "activation_last":
            return self.slopes[s:t, :, :, None] * weights
        return weights * self.slopes[s:t, :, None, :]

    def _product(self, s, t):
        batch, size = self.states.shape[1:]
        if self.weights.shape[1] > 1 or batch * size < 32:
            return super()._product(s, t)
        # The rows of ∂s_t/∂s_s are N cotangents that travel back. Those of all sequences go into
        # one GEMM a step, as many together as the cache holds.
        product = np.empty((size, batch, size), np.result_type(self.states, self.weights))
        slopes, matrices = self.slopes, each_step(self.weights, len(self.inputs))
        count = max(1, BLOCK // (batch * size))
        for start in range(0, size, count):
            rows = product[start : start + count]
            rows[:] = np.eye(size)[start : start + count, None, :]
            buffer = np.empty_like(rows)
            flat, flat_buffer = rows.reshape(-1, size), buffer.reshape(-1, size)
            for k in reversed(range(s, t)):
                if self.model.order == "activation_last":
                    np.multiply(rows, slopes[k], buffer)
                    np.dot(flat_buffer, matrices[k], flat)
                else:
                    np.dot(flat, matrices[k], flat_buffer)
                    np.multiply(buffer, slopes[k], rows)
        return np.ascontiguousarray(product.swapaxes(0, 1))

    def _reverse(self, last, direct):
        dtype = np.result_type(self.states, self.weights, last)
        totals = np.empty(self.states.shape, dtype)
        totals[-1] = last
        slopes = self.slopes.astype(dtype, copy=False)
        multiply, (g, slope) = matrix_product(self.weights, totals, slopes)
        matrices = each_step(self.weights, len(slopes))
        activation_last = self.model.order == "activation_last"
        backwards = zip(g[:0:-1], g[-2::-1], slope[::-1], reversed(matrices), strict=True)
        for k, (after, before, each, matrix) in enumerate(backwards, start=1):
            if activation_last:
                np.multiply(after, each, each)
                multiply(each, matrix, before)
            else:
                multiply(after, matrix, before)
                np.multiply(before, each, before)
            if direct is not None:
                totals[-1 - k] += direct[-k]
        return totals, (slopes if activation_last else totals[1:])

    def _preactivation_cotangents(self, totals):
        return totals * self.slopes if self.model.order == "activation_last" else totals

    def _blocks(self, deltas):
        multiplied = self.states[:-1] if self.model.order == "activation_last" else self.values
        return {"W": [(deltas, multiplied)], "U": [(deltas, self.inputs)], "b": [(deltas, None)]}


def run(model, weights, h0, drive, inputs):
    """The trajectory of a model with an activation and an order, from h0 (B, N).

    weights as ElmanTrajectory has them; drive (T, B, N) is d_t, and is overwritten.
    """
    steps, batch, size = drive.shape
    value = ACTIVATIONS[model.activation].value
    dtype = np.result_type(h0, drive, weights)
    states = np.empty((steps + 1, batch, size), dtype)
    states[0] = h0
    drive = drive.astype(dtype, copy=False)
    # A transposed view would more than halve the speed of small products.
    matrices = each_step(np.ascontiguousarray(transposed(weights)), steps)
    if model.order == "activation_last":
        values = states[1:]
        multiply, (h, d) = matrix_product(weights, states, drive)
        buffer = np.empty_like(h[0])
        for before, a, after, matrix in zip(h[:-1], d, h[1:], matrices, strict=True):
            multiply(before, matrix, buffer)
            np.add(buffer, a, a)
            value(a, after)
        # Not the states: tanh would hide that an argument is infinite.
        require_no_overflow("the pre-activations", drive, range(1, steps + 1))
    else:
        values = np.empty((steps, batch, size), dtype)
        multiply, (a, d, y) = matrix_product(weights, states, drive, values)
        for before, each, after, out, matrix in zip(a[:-1], d, a[1:], y, matrices, strict=True):
            value(before, out)
            multiply(out, matrix, after)
            np.add(after, each, after)
        require_no_overflow("the states", states, range(steps + 1))
    return ElmanTrajectory(model, states, inputs, weights, values)


def each_step(weights, steps):
    """A list of T matrices (N, N) or (B, N, N) of weights (T or 1, B or 1, N, N)."""
    if weights.shape[1] == 1:
        weights = weights[:, 0]
    return list(weights) if len(weights) == steps else [weights[0]] * steps


def matrix_product(weights, *arrays):
    """The product of rows of arrays (T, B, N) with a matrix, and the arrays as it needs them."""
    if weights.shape[1] == 1:
        return np.dot, arrays  # two thirds of matmul's time where the calls are what costs
    return np.matmul, tuple(each[:, :, None, :] for each in arrays)
