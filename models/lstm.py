"""The long short-term memory network, with a forget gate and no peepholes."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from models.activations import ACTIVATIONS
from models.matrices import times, transposed
from models.trajectory import Trajectory

_logistic = ACTIVATIONS["logistic"]


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
    """

    W: np.ndarray
    U: np.ndarray
    b: np.ndarray

    def run(self, state0: np.ndarray, x: np.ndarray) -> "LSTMTrajectory":
        """From state0 (B, 2N) = [h_0, c_0] along x (T, B, D)."""
        steps, batch, _ = x.shape
        size = self.W.shape[-1]
        dtype = np.result_type(self.W, self.U, self.b, state0, x)
        # A gate's values lie together: (4, T, B, N). Elementwise work then runs over whole
        # blocks, and the gradient of a gate's weights is one product over T·B.
        gates = np.empty((4, steps, batch, size), dtype)
        drive = times(x, transposed(self.U)) + self.b
        gates[:] = np.moveaxis(drive.reshape(steps, batch, 4, size), 2, 0)
        states = np.empty((2, steps + 1, batch, size), dtype)
        h, c = states
        h[0], c[0] = state0[:, :size], state0[:, size:]
        W = split_gates(self.W)
        for t in range(steps):
            gates[:, t] += gate_products(h[t], transposed(W))
            i, f, g, o = gates[:, t]
            for gate in i, f, o:
                _logistic.value(gate, out=gate)
            np.tanh(g, out=g)
            np.multiply(f, c[t], out=c[t + 1])
            c[t + 1] += i * g
            np.multiply(o, np.tanh(c[t + 1]), out=h[t + 1])
        return LSTMTrajectory(self, x, h, c, Gates(*gates))


@dataclass(frozen=True, eq=False)
class LSTMTrajectory(Trajectory):
    """A run of an LSTM: h and c (T+1, B, N), the gates (T, B, N) each."""

    model: Any
    inputs: np.ndarray
    h: np.ndarray
    c: np.ndarray
    gates: Gates

    @cached_property
    def states(self):
        return np.concatenate([self.h, self.c], axis=-1)

    def direct_path(self, s: int, t: int) -> np.ndarray:
        """∏_{s<k<=t} f_k, (B, N): the carousel's own part of ∂c_t/∂c_s, for 0 <= s <= t <= T."""
        if not 0 <= s <= t <= len(self.inputs):
            raise ValueError(
                f"(s, t) is ({s}, {t}); it needs 0 <= s <= t <= T = {len(self.inputs)}"
            )
        return self.gates.f[s:t].prod(axis=0)

    def step_jacobians(self):
        cell = np.tanh(self.c[1:])
        into_h = self.gates.o * (1 - cell * cell)
        wi, wf, wg, wo = split_gates(self.model.W)
        di, df, dg, do = (slope[..., None] for slope in self._gate_slopes(cell))
        f = self.gates.f
        size = f.shape[-1]
        jacobians = np.zeros((*f.shape[:2], 2 * size, 2 * size), f.dtype)
        diagonal = np.arange(size)
        c_by_h = di * wi + df * wf + dg * wg
        jacobians[..., size:, :size] = c_by_h
        jacobians[..., size + diagonal, size + diagonal] = f
        jacobians[..., :size, :size] = into_h[..., None] * c_by_h + do * wo
        jacobians[..., diagonal, size + diagonal] = into_h * f
        return jacobians

    def _gate_slopes(self, cell):
        """∂c_t/∂(pre-activation) of i, f and g; ∂h_t/∂(pre-activation) of o. Each (T, B, N)."""
        i, f, g, o = self.gates
        return i * (1 - i) * g, f * (1 - f) * self.c[:-1], (1 - g * g) * i, o * (1 - o) * cell

    def _totals(self, last, direct):
        size = self.h.shape[-1]
        totals = np.empty((*self.h.shape[:2], 2 * size), np.result_type(self.h, last))
        totals[-1] = last
        cell = np.tanh(self.c[1:])
        into_h = self.gates.o * (1 - cell * cell)
        slopes = np.array(self._gate_slopes(cell))
        W = split_gates(self.model.W)
        for t in reversed(range(len(self.inputs))):
            dh, dc = totals[t + 1, :, :size], totals[t + 1, :, size:]
            dc = dc + dh * into_h[t]
            delta = np.array([dc, dc, dc, dh]) * slopes[:, t]
            totals[t, :, :size] = gate_products(delta, W).sum(axis=0)
            totals[t, :, size:] = dc * self.gates.f[t]
            if direct is not None:
                totals[t] += direct[t]
        return totals

    def _blocks(self, totals):
        size = self.h.shape[-1]
        cell = np.tanh(self.c[1:])
        dh = totals[..., :size]
        dc = totals[..., size:] + dh * self.gates.o * (1 - cell * cell)
        di, df, dg, do = self._gate_slopes(cell)
        lefts = dc * di, dc * df, dc * dg, dh * do
        return {
            "W": [(left, self.h[:-1]) for left in lefts],
            "U": [(left, self.inputs) for left in lefts],
            "b": [(left, None) for left in lefts],
        }


def split_gates(W):
    """The rows by gate: (4, N, N) of (4N, N), or (4, B, N, N) of (B, 4N, N)."""
    size = W.shape[-1]
    return np.moveaxis(W.reshape(*W.shape[:-2], 4, size, size), -3, 0)


def gate_products(values, W):
    """values (B, N) or (4, B, N) times W (4, N, N) or (4, B, N, N): (4, B, N)."""
    if W.ndim == 3:
        return values @ W
    return (values[..., None, :] @ W)[..., 0, :]
