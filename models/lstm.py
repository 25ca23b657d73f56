"""The long short-term memory network, with a forget gate and no peepholes."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from models.activations import ACTIVATIONS
from models.arrays import (
    common_dtype,
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

# A logistic gate is 1/(1 + exp(z)) of weights with the other sign.
SIGNS = np.array([-1.0, -1.0, -1.0, 1.0])
# Where exp nears the largest double; the gate is below the smallest normal number there.
EXP_OVERFLOWS = 708.0


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

    PARAMETERS = ("W", "U", "b")

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
        reach = require_bounded_preactivations(self, state0[:, :size], x)
        dtype = common_dtype(self, state0, x)
        W = np.ascontiguousarray(transposed(self._by_gate("W", signed=True)))
        gates = self._drive(x, np.empty((steps, 4, batch, size), dtype))
        h, c = np.empty((2, steps + 1, batch, size), dtype)
        h[0], c[0] = state0[:, :size], state0[:, size:]
        tanh_c = np.empty((steps, batch, size), dtype)
        recurrent, written = np.empty((4, batch, size), dtype), np.empty((batch, size), dtype)
        product, one = as_rows(W, recurrent), np.ones(())
        slices = zip(
            *(as_rows(W, h)[:-1], c[:-1], h[1:], c[1:], tanh_c),
            *(gates, gates[:, :CANDIDATE], *gates.swapaxes(0, 1)),
            strict=True,
        )
        for h_before, c_before, h_after, c_after, tanh, z, logistic, o, i, f, g in slices:
            np.matmul(h_before, W, product)
            np.add(z, recurrent, z)
            if reach > EXP_OVERFLOWS:
                np.minimum(logistic, EXP_OVERFLOWS, out=logistic)
            np.exp(logistic, logistic)
            np.add(logistic, one, logistic)
            np.reciprocal(logistic, logistic)
            np.tanh(g, g)
            np.multiply(i, g, written)
            np.multiply(f, c_before, c_after)
            np.add(c_after, written, c_after)
            np.tanh(c_after, tanh)
            np.multiply(o, tanh, h_after)
        return LSTMTrajectory(self, x, h, c, tanh_c, gates)

    def _drive(self, x, out):
        """±(U x_t + b) for all steps, into out (T, 4, B, N)."""
        U, b = transposed(self._by_gate("U", signed=True)), self._by_gate("b", signed=True)
        _, _, batch, size = out.shape
        # A bias for each sequence is added along whole blocks; a shared one would be, N by N.
        bias = np.empty((4, batch, size), out.dtype)
        bias[:] = b[:, None] if b.ndim == 2 else b
        for k in range(4):
            np.add(times(x, U[k]), bias[k], out=out[:, k])
        return out

    def _by_gate(self, name, signed=False):
        """The rows of a parameter by gate in the inside order: (4, N, …) or (4, B, N, …)."""
        rows = by_gate(getattr(self, name), 4, vector=name == "b")[INSIDE]
        return rows * SIGNS.reshape(4, *[1] * (rows.ndim - 1)) if signed else rows


@dataclass(frozen=True, eq=False)
class LSTMTrajectory(Trajectory):
    """A run of an LSTM: h and c (T+1, B, N), and the gates.

    tanh_c: (T, B, N); gate_values: (T, 4, B, N) in the inside order
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
        return Gates(*(self.gate_values[:, gate] for gate in PUBLISHED))

    def direct_path(self, s: int, t: int) -> np.ndarray:
        """∏_{s<k<=t} f_k, (B, N): the carousel's own part of ∂c_t/∂c_s, for 0 <= s <= t <= T."""
        require_interval(s, t, len(self.inputs))
        return self.gates.f[s:t].prod(axis=0)

    def _slopes(self, s, t):
        """∂(h_k, c_k, c_k, c_k)/∂(pre-activations of o, i, f, g), (t-s, 4, B, N), s < k <= t."""
        gates = self.gate_values[s:t]
        slopes = np.multiply(gates, gates)
        logistic, g = slopes[:, :CANDIDATE], slopes[:, CANDIDATE]
        np.subtract(gates[:, :CANDIDATE], logistic, logistic)
        np.subtract(1, g, g)
        slopes[:, OUTPUT] *= self.tanh_c[s:t]
        slopes[:, INPUT] *= gates[:, CANDIDATE]
        slopes[:, FORGET] *= self.c[s:t]
        slopes[:, CANDIDATE] *= gates[:, INPUT]
        return slopes

    def _output_slopes(self, s, t):
        """∂h_k/∂c_k through the cell alone, (t-s, B, N), for s < k <= t."""
        slopes = np.multiply(self.tanh_c[s:t], self.tanh_c[s:t])
        np.subtract(1, slopes, slopes)
        return np.multiply(slopes, self.gate_values[s:t, OUTPUT], slopes)

    def _step_jacobians(self, s, t):
        into_h = self._output_slopes(s, t)[..., None]
        wo, wi, wf, wg = self.model._by_gate("W")
        do, di, df, dg = self._slopes(s, t).swapaxes(0, 1)[..., None]
        f = self.gate_values[s:t, FORGET]
        size = f.shape[-1]
        dtype = np.result_type(f, self.model.W)
        jacobians = np.zeros((*f.shape[:2], 2 * size, 2 * size), dtype)
        h, c, diagonal = slice(size), slice(size, None), np.arange(size)
        jacobians[..., c, h] = di * wi + df * wf + dg * wg
        jacobians[..., size + diagonal, size + diagonal] = f
        jacobians[..., h, :] = into_h * jacobians[..., c, :]
        jacobians[..., h, h] += do * wo
        return jacobians

    def _reverse(self, s, t, totals, direct):
        _, batch, size = self.h.shape
        dtype = totals.dtype
        dh, dc = np.empty((2, t - s + 1, batch, size), dtype)
        dh[-1], dc[-1] = totals[t, :, :size], totals[t, :, size:]
        W = np.ascontiguousarray(self.model._by_gate("W"))
        # A gate's cotangents lie together: the gradient of its weights is one product over T·B.
        cotangents = np.empty((4, t - s, batch, size), dtype)
        cell, products = np.empty((batch, size), dtype), np.empty((4, batch, size), dtype)
        rows, out = as_rows(W, cotangents).swapaxes(0, 1), as_rows(W, products)
        slopes = self._slopes(s, t).swapaxes(0, 1)
        into_h, forget = self._output_slopes(s, t), self.gate_values[s:t, FORGET]
        arrays = dh[1:], dc[1:], dh[:-1], dc[:-1], *cotangents, rows, *slopes, into_h, forget
        k = t
        for h, c, h_before, c_before, o, i, f, g, z, so, si, sf, sg, ho, fk in zip(
            *(each[::-1] for each in arrays), strict=True
        ):
            k -= 1
            np.multiply(h, ho, cell)
            np.add(cell, c, cell)
            np.multiply(h, so, o)
            np.multiply(cell, si, i)
            np.multiply(cell, sf, f)
            np.multiply(cell, sg, g)
            np.matmul(z, W, out)
            np.add.reduce(products, 0, None, h_before)
            np.multiply(cell, fk, c_before)
            if direct is not None:
                np.add(h_before, direct[k, :, :size], h_before)
                np.add(c_before, direct[k, :, size:], c_before)
        np.concatenate([dh[:-1], dc[:-1]], axis=-1, out=totals[s:t])
        return cotangents

    def _preactivation_cotangents(self, totals):
        steps, _, size = self.tanh_c.shape
        dh = totals[..., :size]
        cell = totals[..., size:] + dh * self._output_slopes(0, steps)
        slopes = self._slopes(0, steps).swapaxes(0, 1)
        return np.stack([dh, cell, cell, cell]) * slopes

    def _blocks(self, s, t, cotangents):
        gates = cotangents[PUBLISHED]
        return {
            "W": [(gate, self.h[s:t]) for gate in gates],
            "U": [(gate, self.inputs[s:t]) for gate in gates],
            "b": [(gate, None) for gate in gates],
        }


def as_rows(W, array):
    """A view of array (…, B, N) whose rows a matmul multiplies by W (4, N, N) or (4, B, N, N)."""
    return array if W.ndim == 3 else array[..., None, :]
