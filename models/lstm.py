"""The long short-term memory network, with a forget gate and no peepholes."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from models.activations import ONE
from models.arrays import (
    common_dtype,
    greatest,
    parameters,
    require,
    require_bounded_preactivations,
    require_interval,
    require_parameters,
)
from models.gradients import Rows
from models.matrices import (
    blocks_of_steps,
    by_gate,
    is_small,
    side_by_side,
    times_gates,
    transposed,
)
from models.recursion import solve_back, solved
from models.trajectory import Trajectory

# Inside, the three logistic gates stand together.
INPUT, FORGET, OUTPUT, CANDIDATE = range(4)
PUBLISHED = [INPUT, FORGET, CANDIDATE, OUTPUT]

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
        self._require(state0, x, finite=False)
        dtype = common_dtype(*parameters(self), state0, x)
        if dtype == np.float64 and is_small(self, state0):
            return self._run_one(state0, x)
        sizes = self._require(state0, x)
        steps, batch, size = sizes["T"], sizes["B"], sizes["N"]
        reach = require_bounded_preactivations(self, state0[:, :size], x)
        W = np.ascontiguousarray(transposed(self._signed("W")))
        gates = self._drive(x, np.empty((steps, 4, batch, size), dtype))
        h, c = np.empty((2, steps + 1, batch, size), dtype)
        h[0], c[0] = state0[:, :size], state0[:, size:]
        tanh_c = np.empty((steps, batch, size), dtype)
        recurrent, written = np.empty((4, batch, size), dtype), np.empty((batch, size), dtype)
        rows, product = as_rows(W, h), as_rows(W, recurrent)
        cells = list(c)
        slices = zip(
            *(rows[:-1], cells[:-1], h[1:], cells[1:], tanh_c),
            *(gates, gates[:, :CANDIDATE], *gates.swapaxes(0, 1)),
            strict=True,
        )
        for h_before, c_before, h_after, c_after, tanh, z, logistic, i, f, o, g in slices:
            np.matmul(h_before, W, product)
            np.add(z, recurrent, z)
            if reach > EXP_OVERFLOWS:
                np.minimum(logistic, EXP_OVERFLOWS, out=logistic)
            np.exp(logistic, logistic)
            np.add(logistic, ONE, logistic)
            np.reciprocal(logistic, logistic)
            np.tanh(g, g)
            np.multiply(i, g, written)
            np.multiply(f, c_before, c_after)
            np.add(c_after, written, c_after)
            np.tanh(c_after, tanh)
            np.multiply(o, tanh, h_after)
        return LSTMTrajectory(self, x, h, c, tanh_c, gates)

    def _run_one(self, state0, x):
        """run for one sequence of real numbers, where the calls are what costs: seven a step."""
        from scipy.special import expit

        steps, size = len(x), self.W.shape[1]
        rows, weights = side_by_side(self, state0[0, :size], x[:, 0])
        weights = weights.reshape(4, size, -1)[PUBLISHED].reshape(4 * size, -1)
        # Above all sums of magnitudes; Python's numbers overflow without ado.
        reach = weights.shape[1] * greatest(weights) * (1.0 + greatest(state0) + greatest(x))
        if not reach < np.inf:
            # Where a number isn't finite too; to look for one first would cost more.
            self._require(state0, x)
            reach = require_bounded_preactivations(self, state0[:, :size], x)
        # The gates i, f, o, g and c_{t-1}: i⊙g and f⊙c_{t-1} are one product of neighbours.
        values = np.empty((steps + 1, 5, size))
        values[0, 4] = state0[0, size:]
        h, c, tanh = rows[:, :size], values[:, 4], np.empty(size)
        z, parts = np.empty(4 * size), np.empty((2, size))
        logistic, candidate = z[: 3 * size].reshape(3, size), z[3 * size :]
        kept, written = parts
        gates, multiply = values[:-1], weights.dot
        slices = zip(
            *(rows[:-1], h[1:], c[1:], gates[:, :CANDIDATE], gates[:, CANDIDATE]),
            *(gates[:, OUTPUT], gates[:, :OUTPUT], gates[:, CANDIDATE:]),
            strict=True,
        )
        for row, h_after, c_after, ifo, g, o, through, given in slices:
            multiply(row, z)
            if reach > EXP_OVERFLOWS:
                np.maximum(logistic, -EXP_OVERFLOWS, out=logistic)
            expit(logistic, ifo)
            np.tanh(candidate, g)
            np.multiply(through, given, parts)
            np.add(kept, written, c_after)
            np.tanh(c_after, tanh)
            np.multiply(o, tanh, h_after)
        # Once more for all steps, since a view for each would take longer.
        tanh_c = np.tanh(c[1:])[:, None]
        h, c = h[:, None], c[:, None]
        return LSTMTrajectory(self, x, h, c, tanh_c, gates[:, :4, None], rows)

    def _require(self, state0, x, finite=True):
        sizes = require("state0", state0, "B 2N", sizes=self._sizes, finite=finite)
        return require("x", x, "T B D", sizes=sizes, finite=finite)

    def _drive(self, x, out):
        """±(U x_t + b) for all steps, into out (T, 4, B, N)."""
        U, b = transposed(self._signed("U")), self._signed("b")
        # Added along whole steps; b as it is would be added N numbers at a time.
        bias = np.empty((4, 1, *out.shape[2:]), out.dtype)
        bias[:, 0] = b[:, None] if b.ndim == 2 else b
        for s, t in blocks_of_steps(len(out), 4 * bias[0].size):
            np.add(times_gates(x[s:t], U), bias, out=out[s:t].swapaxes(0, 1))
        return out

    def _signed(self, name):
        """The rows of a parameter by gate in the inside order, with SIGNS: (4, [B,] N, …)."""
        # Exchanging the last two gates gives the inside order as well as the published one.
        rows = by_gate(getattr(self, name), 4, vector=name == "b")[PUBLISHED]
        return rows * SIGNS.reshape(4, *[1] * (rows.ndim - 1))


@dataclass(eq=False)
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
    rows: np.ndarray | None = None

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
        """∂(c_k, c_k, h_k, c_k)/∂(pre-activations of i, f, o, g), (4, t-s, B, N), s < k <= t."""
        gates = self.gate_values[s:t]
        slopes = np.empty_like(gates)
        logistic, g = slopes[:, :CANDIDATE], slopes[:, CANDIDATE]
        np.subtract(ONE, gates[:, :CANDIDATE], logistic)
        logistic *= gates[:, :CANDIDATE]
        np.multiply(gates[:, CANDIDATE], gates[:, CANDIDATE], g)
        np.subtract(ONE, g, g)
        slopes[:, OUTPUT] *= self.tanh_c[s:t]
        slopes[:, INPUT] *= gates[:, CANDIDATE]
        slopes[:, FORGET] *= self.c[s:t]
        slopes[:, CANDIDATE] *= gates[:, INPUT]
        return slopes.swapaxes(0, 1)

    def _output_slopes(self, s, t):
        """∂h_k/∂c_k through the cell alone, (t-s, B, N), for s < k <= t."""
        slopes = np.multiply(self.tanh_c[s:t], self.tanh_c[s:t])
        np.subtract(ONE, slopes, slopes)
        return np.multiply(slopes, self.gate_values[s:t, OUTPUT], slopes)

    def _step_jacobians(self, s, t):
        into_h = self._output_slopes(s, t)[..., None]
        wi, wf, wg, wo = by_gate(self.model.W, 4)
        di, df, do, dg = self._slopes(s, t)[..., None]
        f = self.gate_values[s:t, FORGET]
        size = f.shape[-1]
        dtype = np.result_type(f, self.model.W)
        jacobians = np.zeros((*f.shape[:2], 2 * size, 2 * size), dtype)
        h, c, diagonal = slice(size), slice(size, None), np.arange(size)
        by_h = jacobians[..., c, h]
        np.multiply(di, wi, out=by_h)
        by_h += df * wf
        by_h += dg * wg
        jacobians[..., size + diagonal, size + diagonal] = f
        np.multiply(into_h, jacobians[..., c, :], out=jacobians[..., h, :])
        jacobians[..., h, h] += do * wo
        return jacobians

    def _reverse(self, s, t, totals, direct):
        _, batch, size = self.h.shape
        if solved(totals):
            return self._reverse_solved(s, t, totals, direct)
        if batch == 1:
            return self._reverse_one(s, t, totals, direct)
        dtype = totals.dtype
        dh, dc = np.empty((2, t - s + 1, batch, size), dtype)
        dh[-1], dc[-1] = totals[t, :, :size], totals[t, :, size:]
        W = np.ascontiguousarray(by_gate(self.model.W, 4))
        # In the published order, a gate's cotangents together: the gradient of its weights is then
        # one product over T·B.
        cotangents = np.empty((4, t - s, batch, size), dtype)
        cell, products = np.empty((batch, size), dtype), np.empty((4, batch, size), dtype)
        rows, out = as_rows(W, cotangents).swapaxes(0, 1), as_rows(W, products)
        into_h, forget = self._output_slopes(s, t), self.gate_values[s:t, FORGET]
        arrays = [dh[1:], dc[1:], dh[:-1], dc[:-1], *cotangents, rows]
        arrays += [*self._slopes(s, t), into_h, forget]
        k = t
        for h, c, h_before, c_before, i, f, g, o, z, si, sf, so, sg, ho, fk in zip(
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

    def _factors(self, s, t):
        """What cotangents of one sequence are multiplied by: (t-s, 2, N) and (t-s, 4, N).

        Those of h give with the first those of o's pre-activation and of the cell; the cell's with
        the second those of c_{k-1} and of the pre-activations of i, f, g.
        """
        gates, tanh_c = self.gate_values[s:t, :, 0], self.tanh_c[s:t, 0]
        logistic, g = gates[:, :CANDIDATE], gates[:, CANDIDATE]
        slopes = np.subtract(ONE, logistic)
        slopes *= logistic
        by_h = np.empty((t - s, 2, slopes.shape[-1]), gates.dtype)
        by_cell = np.empty((t - s, 4, slopes.shape[-1]), gates.dtype)
        np.multiply(slopes[:, OUTPUT], tanh_c, by_h[:, 0])
        by_h[:, 1] = self._output_slopes(s, t)[:, 0]
        by_cell[:, 0] = gates[:, FORGET]
        np.multiply(slopes[:, INPUT], g, by_cell[:, 1])
        np.multiply(slopes[:, FORGET], self.c[s:t, 0], by_cell[:, 2])
        candidate = np.multiply(g, g, by_cell[:, 3])
        np.subtract(ONE, candidate, candidate)
        candidate *= gates[:, INPUT]
        return by_h, by_cell

    def _reverse_solved(self, s, t, totals, direct):
        """_reverse for one short state, by a system of equations for all steps."""
        steps, size = t - s, self.h.shape[-1]
        by_h, by_cell = self._factors(s, t)
        # ∂s_k/∂(pre-activations), whose blocks are diagonal, times W; and ∂s_k/∂c_{k-1}.
        by_gates = np.zeros((steps, 2, size, 4, size), by_cell.dtype)
        of_h, of_c = np.einsum("tsigi->stgi", by_gates)
        of_c[:, :3] = by_cell[:, 1:]
        np.multiply(by_h[:, 1:], by_cell[:, 1:], of_h[:, :3])
        of_h[:, 3] = by_h[:, 0]
        jacobians = np.zeros((steps, 2, size, 2, size), totals.dtype)
        by_h_before = by_gates.reshape(-1, 4 * size) @ self.model.W.reshape(-1, size)
        jacobians[..., 0, :] = by_h_before.reshape(-1, 2, size, size)
        of_h, of_c = np.einsum("tsii->sti", jacobians[..., 1, :])
        of_c[:] = by_cell[:, 0]
        np.multiply(by_h[:, 1], by_cell[:, 0], of_h)
        totals[s:t] = 0.0 if direct is None else direct[s:t]
        solve_back(jacobians.reshape(-1, 2 * size, 2 * size), totals[s : t + 1, 0])
        h, c = totals[s + 1 : t + 1, 0].reshape(-1, 2, size).swapaxes(0, 1)
        given = np.empty((steps, 4, size), totals.dtype)
        cell = h * by_h[:, 1] + c
        np.multiply(cell[:, None], by_cell[:, 1:], given[:, :3])
        np.multiply(h, by_h[:, 0], given[:, 3])
        return given.reshape(1, -1, 1, 4 * size)

    def _reverse_one(self, s, t, totals, direct):
        """_reverse for one sequence, where the calls are what costs: four a step."""
        size = self.h.shape[-1]
        by_h, by_cell = self._factors(s, t)
        given = np.empty((t - s, 6, size), totals.dtype)
        rows = given.reshape(t - s, -1)[:, size : 5 * size]
        W = self.model.W.reshape(-1, size).astype(totals.dtype, copy=False)
        cell = np.empty(size, totals.dtype)
        h, c = list(totals[s : t + 1, 0, :size]), totals[t, 0, size:]
        arrays = (by_h, by_cell, given[:, 4:], given[:, 5], given[:, :4], given[:, 0], rows)
        steps = zip(*(each[::-1] for each in (*arrays, h[:-1], h[1:])), strict=True)
        k = t
        for each_h, each_cell, from_h, into_c, from_cell, c_before, row, h_before, h_after in steps:
            k -= 1
            np.multiply(h_after, each_h, from_h)
            np.add(into_c, c, cell)
            np.multiply(cell, each_cell, from_cell)
            np.ndarray.dot(row, W, h_before)
            c = c_before
            if direct is not None:
                np.add(h_before, direct[k, 0, :size], h_before)
                np.add(c, direct[k, 0, size:], c)
        totals[s:t, 0, size:] = given[:, 0]
        return rows[None, :, None]

    def _preactivation_cotangents(self, s, t, totals):
        size = self.h.shape[-1]
        dh = totals[..., :size]
        cell = totals[..., size:] + dh * self._output_slopes(s, t)
        di, df, do, dg = self._slopes(s, t)
        return np.stack([cell * di, cell * df, cell * dg, dh * do])

    def _weights(self, s, t, cotangents):
        return {
            "W": [Rows(cotangents, self.h[s:t])],
            "U": [Rows(cotangents, self.inputs[s:t])],
            "b": [Rows(cotangents, None)],
        }


def as_rows(W, array):
    """A view of array (…, B, N) whose rows a matmul multiplies by W (4, N, N) or (4, B, N, N)."""
    return array if W.ndim == 3 else array[..., None, :]
