"""One affine map and one activation a step: what RNN, FeedForward and Neuron have in common."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from models.activations import ACTIVATIONS
from models.arrays import common_dtype, parameters, require_choice, require_no_overflow
from models.gradients import Rows
from models.matrices import MULTIPLICATIONS, aligned, blocks_of_steps, side_by_side, transposed
from models.recursion import solved
from models.trajectory import Trajectory

Order = Literal["activation_last", "activation_first"]

# Rows that travel back stay, with their copy, in a second-level cache: at most this many numbers.
STACK = 2**16
# From this B·N on, a product with a stack of rows takes less time than step Jacobians.
STACKED_FROM = 2**5


def require_convention(model):
    """Raises ValueError unless the model's activation and order are known ones."""
    require_choice("activation", model.activation, ACTIVATIONS)
    require_choice("order", model.order, get_args(Order))


@dataclass(eq=False)
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
    rows: np.ndarray | None = None

    def _slopes(self, s, t):
        """φ' at the steps s+1 … t, (t-s, B, N)."""
        return ACTIVATIONS[self.model.activation].slope_at(self.values[s:t])

    def _step_jacobians(self, s, t):
        weights = self.weights if len(self.weights) == 1 else self.weights[s:t]
        if self.model.order == "activation_last":
            return self._slopes(s, t)[..., :, None] * weights
        return weights * self._slopes(s, t)[..., None, :]

    def _product(self, s, t):
        batch, size = self.states.shape[1:]
        if self.weights.shape[1] > 1 or batch * size < STACKED_FROM:
            return super()._product(s, t)
        # The rows of ∂s_t/∂s_s are N cotangents that travel back, those of all sequences together.
        rows = self._step_jacobians(t - 1, t)[0].swapaxes(0, 1)
        count = max(1, STACK // (batch * size))
        parts = [self._rows_back(rows[k : k + count], s, t - 1) for k in range(0, size, count)]
        return np.ascontiguousarray(np.concatenate(parts).swapaxes(0, 1))

    def _rows_back(self, rows, s, t):
        """rows (K, B, N) times the Jacobians of the steps t … s+1."""
        # Smaller buffers than numpy's, in which it would repeat the slopes for each row.
        np.setbufsize(2**10)  # for as long as the caller's errstate
        here, there = _stacked(rows), _stacked(rows)
        matrices = each_step(aligned(self.weights), len(self.inputs))
        activation_last = self.model.order == "activation_last"
        for first, last in reversed(blocks_of_steps(t - s, 8 * rows[0].size)):
            slopes = self._slopes(s + first, s + last)[::-1]
            for slope, matrix in zip(slopes, matrices[s + first : s + last][::-1], strict=True):
                if activation_last:
                    np.multiply(here.rows, slope, here.rows)
                    np.matmul(here.stacks, matrix, there.stacks)
                else:
                    np.matmul(here.stacks, matrix, there.stacks)
                    np.multiply(there.rows, slope, there.rows)
                here, there = there, here
        return here.rows

    def _reverse(self, s, t, totals, direct):
        if solved(totals):
            return super()._reverse(s, t, totals, direct)
        slopes = self._slopes(s, t).astype(totals.dtype, copy=False)
        multiply, (g, slope) = matrix_product(self.weights, totals[s : t + 1], slopes)
        matrices = each_step(self.weights, len(self.inputs))[s:t]
        activation_last = self.model.order == "activation_last"
        k = t
        backwards = zip(g[:0:-1], g[-2::-1], slope[::-1], reversed(matrices), strict=True)
        for after, before, each, matrix in backwards:
            k -= 1
            if activation_last:
                np.multiply(after, each, each)
                multiply(each, matrix, before)
            else:
                multiply(after, matrix, before)
                np.multiply(before, each, before)
            if direct is not None:
                totals[k] += direct[k]
        return slopes if activation_last else totals[s + 1 : t + 1]

    def _preactivation_cotangents(self, s, t, totals):
        last = self.model.order == "activation_last"
        return totals * self._slopes(s, t) if last else totals

    def _weights(self, s, t, cotangents):
        last = self.model.order == "activation_last"
        multiplied = self.states[s:t] if last else self.values[s:t]
        fed = cotangents[None]
        return {
            "W": [Rows(fed, multiplied)],
            "U": [Rows(fed, self.inputs[s:t])],
            "b": [Rows(fed, None)],
        }


def run(model, weights, h0, inputs, drive, *, kind=ElmanTrajectory):
    """The trajectory, of this kind, of a model with an activation and an order, from h0 (B, N).

    weights as ElmanTrajectory has them; drive(s, t, out) puts d_{s+1} … d_t into out (t-s, B, N).
    Raises OverflowError when a pre-activation leaves the doubles.
    """
    steps = len(inputs)
    last = model.order == "activation_last"
    states = np.empty((steps + 1, *h0.shape), common_dtype(*parameters(model), h0, inputs))
    states[0] = h0
    values = states[1:] if last else np.empty_like(states[1:])
    # A transposed view would more than halve the speed of small products.
    matrices = each_step(aligned(transposed(weights)), steps)
    value, advance = ACTIVATIONS[model.activation].value, _last if last else _first
    with np.errstate(over="ignore", invalid="ignore"):
        for s, t in blocks_of_steps(steps, h0.size):
            driven = drive(s, t, np.empty_like(values[s:t]))
            multiply, arrays = matrix_product(weights, states[s : t + 1], driven, values[s:t])
            advance(value, multiply, matrices[s:t], *arrays)
            # Of the pre-activations, since tanh would hide that one is infinite.
            reached = driven if last else states[s + 1 : t + 1]
            require_no_overflow("the pre-activations", reached, range(s + 1, t + 1))
    return kind(model, states, inputs, weights, values)


def run_one(model, weights, h0, x):
    """The trajectory of one sequence, h_t = φ([W U b] [h_{t-1}, x_t, 1]): two calls a step.

    Raises OverflowError when a pre-activation leaves the doubles, or h0 or x has a number that
    isn't finite.
    """
    steps, size = len(x), h0.shape[1]
    rows, matrix = side_by_side(model, h0[0], x[:, 0])
    preactivations = np.empty((steps, 1, size), rows.dtype)
    value, multiply, h = ACTIVATIONS[model.activation].value, matrix.dot, rows[:, :size]
    with np.errstate(over="ignore", invalid="ignore"):
        for row, a, after in zip(rows[:-1], preactivations[:, 0], h[1:], strict=True):
            multiply(row, a)
            value(a, after)
    require_no_overflow("the pre-activations", preactivations, range(1, steps + 1))
    states = h[:, None].copy()
    return ElmanTrajectory(model, states, x, weights, states[1:], rows)


def _last(value, multiply, matrices, h, driven, _values):
    """h_t = φ(W_t h_{t-1} + d_t); leaves the pre-activations in `driven`."""
    product = np.empty_like(h[0])
    h = list(h)
    for before, d, after, matrix in zip(h[:-1], driven, h[1:], matrices, strict=True):
        multiply(before, matrix, product)
        np.add(product, d, d)
        value(d, after)


def _first(value, multiply, matrices, a, driven, values):
    """a_t = W_t φ(a_{t-1}) + d_t; leaves φ(a_{t-1}) in `values`."""
    a = list(a)
    for before, d, after, y, matrix in zip(a[:-1], driven, a[1:], values, matrices, strict=True):
        value(before, y)
        multiply(y, matrix, after)
        np.add(after, d, after)


class _Stacked(NamedTuple):
    """rows (K, B, N), and the same numbers as stacks (S, R, N) that are quickly multiplied."""

    rows: np.ndarray
    stacks: np.ndarray


def _stacked(rows):
    """An aligned copy of rows (K, B, N)."""
    *_, size = rows.shape
    count = rows.size // size
    stacks = -(-count * size * size // MULTIPLICATIONS)
    each = -(-count // stacks)
    padded = aligned(np.zeros((stacks * each, size), rows.dtype))
    copy = padded[:count].reshape(rows.shape)
    copy[:] = rows
    return _Stacked(copy, padded.reshape(stacks, each, size))


def each_step(weights, steps):
    """A list of T matrices (N, N) or (B, N, N) of weights (T or 1, B or 1, N, N)."""
    if weights.shape[1] == 1:
        weights = weights[:, 0]
    return list(weights) if len(weights) == steps else [weights[0]] * steps


def matrix_product(weights, *arrays):
    """The product of rows of arrays (T, B, N) with a matrix, and the arrays as it needs them."""
    if weights.shape[1] == 1:
        # Where the calls are what costs it takes half of matmul's time, and two thirds of np.dot's.
        return np.ndarray.dot, arrays
    return np.matmul, tuple(each[:, :, None, :] for each in arrays)
