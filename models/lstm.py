"""The long short-term memory network, with a forget gate and no peepholes."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from models.activations import ACTIVATIONS
from models.arrays import (
    require,
    require_bounded_preactivations,
    require_interval,
    require_parameters,
)
from models.matrices import by_gate, times, transposed
from models.trajectory import Trajectory

_logistic = ACTIVATIONS["logistic"].value

# Inside, the gates stand in an order that keeps together those that are logistic, the first
# three, and those that act through the cell, the last three.
OUTPUT, INPUT, FORGET, CANDIDATE = range(4)
PUBLISHED = [INPUT, FORGET, CANDIDATE, OUTPUT]
INSIDE = [PUBLISHED.index(gate) for gate in range(4)]


class Gates(NamedTuple):
    """What the gates were at each step, each (T, B, N)."""

    i: np.ndarray
    f: np.ndarray
    g: np.ndarray
    o: np.ndarray


@dataclass(frozen=True, eq=False)
class LSTM:
    """N cells on D inputs; every weight may carry a leading batch axis.

    W (4N, N), U (4N, D), b (4N,): the rows of the gates i, f, g, o in this order.
    i, f, o = logistic(W h_{t-1} + U x_t + b), g = tanh(…);
    c_t = f⊙c_{t-1} + i⊙g, h_t = o⊙tanh(c_t); the state is [h, c], of width 2N.
    Gers, Schmidhuber & Cummins 2000.
    Raises ValueError for a wrong shape or dtype or a number that isn't finite.
    """

    W: np.ndarray
    U: np.ndarray
    b: np.ndarray

    def __post_init__(self):
        sizes = require_parameters(self, W="4N N", U="4N D", b="4N")
        object.__setattr__(self, "_sizes", sizes)

    def run(self, state0: np.ndarray, x: np.ndarray) -> "LSTMTrajectory":
        """From state0 (B, 2N) = [h_0, c_0] along x (T, B, D).

        Raises ValueError for arguments that don't fit, OverflowError when a pre-activation could
        leave the doubles.
        """
        sizes = require("state0", state0, "B 2N", sizes=self._sizes)
        sizes = require("x", x, "T B D", sizes=sizes)
        steps, batch, size = sizes["T"], sizes["B"], sizes["N"]
        require_bounded_preactivations(self, state0[:, :size], x)
        dtype = np.result_type(self.W, self.U, self.b, state0, x)
        # The values of a gate lie together: elementwise work then runs over whole blocks, and the
        # gradient of its weights is one product over T·B.
        gates = np.empty((4, steps, batch, size), dtype)
        for gate, U, b in zip(gates, self.by_gate("U"), self.by_gate("b"), strict=True):
            np.add(times(x, transposed(U), out=gate), b, out=gate)
        W = np.ascontiguousarray(transposed(self.by_gate("W")))
        h, c = np.empty((2, steps + 1, batch, size), dtype)
        h[0], c[0] = state0[:, :size], state0[:, size:]
        tanh_c = np.empty((steps, batch, size), dtype)
        recurrent, written = np.empty((4, batch, size), dtype), np.empty((batch, size), dtype)
        rows, products = as_rows(W, h), as_rows(W, recurrent)
        for t in range(steps):
            z = gates[:, t]
            np.matmul(rows[t], W, products)
            np.add(z, recurrent, z)
            _logistic(z[:CANDIDATE], z[:CANDIDATE])
            np.tanh(z[CANDIDATE], z[CANDIDATE])
            np.multiply(z[INPUT], z[CANDIDATE], written)
            np.multiply(z[FORGET], c[t], c[t + 1])
            np.add(c[t + 1], written, c[t + 1])
            np.tanh(c[t + 1], tanh_c[t])
            np.multiply(z[OUTPUT], tanh_c[t], h[t + 1])
        return LSTMTrajectory(self, x, h, c, tanh_c, gates)

    def by_gate(self, name):
        """The rows of a parameter by gate in the inside order: (4, N, …) or (4, B, N, …)."""
        return by_gate(getattr(self, name), 4, vector=name == "b")[INSIDE]


@dataclass(frozen=True, eq=False)
class LSTMTrajectory(Trajectory):
    """A run of an LSTM: h and c (T+1, B, N), and the gates.

    tanh_c: (T, B, N); gate_values: (4, T, B, N) in the inside order
    """

    STATE = "B 2N"

    model: Any
    inputs: np.ndarray
    h: np.ndarray
    c: np.ndarray
    tanh_c: np.ndarray
    gate_values: np.ndarray

    @cached_property
    def states(self):
        return np.concatenate([self.h, self.c], axis=-1)

    @property
    def gates(self) -> Gates:
        return Gates(*(self.gate_values[gate] for gate in PUBLISHED))

    def direct_path(self, s: int, t: int) -> np.ndarray:
        """∏_{s<k<=t} f_k, (B, N): the carousel's own part of ∂c_t/∂c_s, for 0 <= s <= t <= T."""
        require_interval(s, t, len(self.inputs))
        return self.gates.f[s:t].prod(axis=0)

    def _slopes(self, steps):
        """∂(h_t, c_t, c_t, c_t)/∂(pre-activations of o, i, f, g), (4, T, B, N), for some steps."""
        gates = self.gate_values[:, steps]
        slopes = np.multiply(gates, gates)
        np.subtract(gates[:CANDIDATE], slopes[:CANDIDATE], slopes[:CANDIDATE])
        np.subtract(1, slopes[CANDIDATE], slopes[CANDIDATE])
        slopes[OUTPUT] *= self.tanh_c[steps]
        slopes[INPUT] *= gates[CANDIDATE]
        slopes[FORGET] *= self.c[:-1][steps]
        slopes[CANDIDATE] *= gates[INPUT]
        return slopes

    def _output_slopes(self, steps):
        """∂h_t/∂c_t through the cell alone, (T, B, N), for some steps."""
        slopes = np.multiply(self.tanh_c[steps], self.tanh_c[steps])
        np.subtract(1, slopes, slopes)
        return np.multiply(slopes, self.gate_values[OUTPUT, steps], slopes)

    def _step_jacobians(self, s, t):
        steps = slice(s, t)
        into_h = self._output_slopes(steps)[..., None]
        wo, wi, wf, wg = self.model.by_gate("W")
        do, di, df, dg = self._slopes(steps)[..., None]
        f = self.gate_values[FORGET, steps]
        size = f.shape[-1]
        dtype = np.result_type(f, self.model.W)
        jacobians = np.zeros((*f.shape[:2], 2 * size, 2 * size), dtype)
        h, c, diagonal = slice(size), slice(size, None), np.arange(size)
        jacobians[..., c, h] = di * wi + df * wf + dg * wg
        jacobians[..., size + diagonal, size + diagonal] = f
        jacobians[..., h, :] = into_h * jacobians[..., c, :]
        jacobians[..., h, h] += do * wo
        return jacobians

    def _reverse(self, last, direct):
        size = self.h.shape[-1]
        dtype = np.result_type(self.h, self.model.W, last)
        dh, dc = np.empty((2, *self.h.shape), dtype)
        dh[-1], dc[-1] = last[:, :size], last[:, size:]
        into_h = self._output_slopes(slice(None))
        cotangents = self._slopes(slice(None)).astype(dtype, copy=False)
        W = np.ascontiguousarray(self.model.by_gate("W"))
        products, cell = np.empty(cotangents[:, 0].shape, dtype), np.empty_like(dc[0])
        rows, out = as_rows(W, cotangents), as_rows(W, products)
        for t in reversed(range(len(self.inputs))):
            np.multiply(dh[t + 1], into_h[t], cell)
            np.add(cell, dc[t + 1], cell)
            z = cotangents[:, t]
            np.multiply(z[INPUT:], cell, z[INPUT:])
            np.multiply(z[OUTPUT], dh[t + 1], z[OUTPUT])
            np.matmul(rows[:, t], W, out)
            np.add.reduce(products, 0, None, dh[t])
            np.multiply(cell, self.gate_values[FORGET, t], dc[t])
            if direct is not None:
                dh[t] += direct[t, :, :size]
                dc[t] += direct[t, :, size:]
        return np.concatenate([dh, dc], axis=-1), cotangents

    def _preactivation_cotangents(self, totals):
        size = self.h.shape[-1]
        dh = totals[..., :size]
        cell = totals[..., size:] + dh * self._output_slopes(slice(None))
        return self._slopes(slice(None)) * np.array([dh, cell, cell, cell])

    def _blocks(self, cotangents):
        gates = cotangents[PUBLISHED]
        return {
            "W": [(gate, self.h[:-1]) for gate in gates],
            "U": [(gate, self.inputs) for gate in gates],
            "b": [(gate, None) for gate in gates],
        }


def as_rows(W, array):
    """A view of array (…, B, N) whose rows a matmul multiplies by W (4, N, N) or (4, B, N, N)."""
    return array if W.ndim == 3 else array[..., None, :]
