"""The gated recurrent unit, in both published conventions of each of its two gates."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from models.activations import ACTIVATIONS
from models.arrays import (
    common_dtype,
    parameters,
    require,
    require_bounded_preactivations,
    require_choice,
    require_interval,
    require_parameters,
)
from models.gradients import Rows
from models.matrices import by_gate, times, transposed
from models.trajectory import Trajectory

Update = Literal["keep", "write"]
Reset = Literal["after", "before"]

_logistic = ACTIVATIONS["logistic"].value


@dataclass(frozen=True, eq=False)
class GRU:
    """N units on D inputs; every weight may carry a leading batch axis.

    W (3N, N), U (3N, D), b (3N,): the rows of r, z and the candidate n in this order; bn (N,), the
    recurrent bias of the candidate. r, z = logistic(W h_{t-1} + U x_t + b).
    update "keep":   h_t = z⊙h_{t-1} + (1-z)⊙n   (Cho et al. 2014)
    update "write":  h_t = (1-z)⊙h_{t-1} + z⊙n   (Chung, Gülçehre, Cho & Bengio 2014)
    reset  "before": n = tanh(U x_t + b + W (r⊙h_{t-1}) + bn)   (both papers)
    reset  "after":  n = tanh(U x_t + b + r⊙(W h_{t-1} + bn))   (cuDNN, torch)
    Raises ValueError for a wrong shape or dtype, a number that isn't finite, an unknown convention.
    """

    PARAMETERS = ("W", "U", "b", "bn")

    W: np.ndarray
    U: np.ndarray
    b: np.ndarray
    bn: np.ndarray
    update: Update = "keep"
    reset: Reset = "after"

    def __post_init__(self):
        require_choice("update", self.update, get_args(Update))
        require_choice("reset", self.reset, get_args(Reset))
        sizes = require_parameters(self, W="3N N", U="3N D", b="3N", bn="N")
        object.__setattr__(self, "_sizes", sizes)

    def run(self, h0: np.ndarray, x: np.ndarray) -> "GRUTrajectory":
        """From h0 (B, N) along x (T, B, D).

        Raises ValueError for arguments that don't fit, OverflowError when a pre-activation could
        leave the doubles.
        """
        sizes = require("h0", h0, "B N", sizes=self._sizes)
        sizes = require("x", x, "T B D", sizes=sizes)
        require_bounded_preactivations(self, h0, x)
        shape = sizes["T"], sizes["B"], sizes["N"]
        states = np.empty((shape[0] + 1, *shape[1:]), common_dtype(*parameters(self), h0, x))
        states[0] = h0
        drives = [
            times(x, transposed(U)) + b
            for U, b in zip(by_gate(self.U, 3), by_gate(self.b, 3, vector=True), strict=True)
        ]
        r, z, n, inner = np.empty((4, *shape), states.dtype)
        wr, wz, wn = transposed(by_gate(self.W, 3))
        for t, (dr, dz, dn) in enumerate(zip(*drives, strict=True)):
            h = states[t : t + 1]
            r[t] = _logistic(times(h, wr)[0] + dr)
            z[t] = _logistic(times(h, wz)[0] + dz)
            if self.reset == "after":
                inner[t] = times(h, wn)[0] + self.bn
                n[t] = np.tanh(dn + r[t] * inner[t])
            else:
                inner[t] = r[t] * h[0]
                n[t] = np.tanh(dn + times(inner[t : t + 1], wn)[0] + self.bn)
            if self.update == "keep":
                states[t + 1] = z[t] * h[0] + (1 - z[t]) * n[t]
            else:
                states[t + 1] = (1 - z[t]) * h[0] + z[t] * n[t]
        return GRUTrajectory(self, states, x, Gates(r, z, n), inner)


class Gates(NamedTuple):
    """The reset and update gates and the candidate at each step, each (T, B, N)."""

    r: np.ndarray
    z: np.ndarray
    n: np.ndarray


@dataclass(eq=False)
class GRUTrajectory(Trajectory):
    """A run of a GRU.

    inner: (T, B, N), W h_{t-1} + bn of the candidate with reset "after", else r⊙h_{t-1}
    """

    model: Any
    states: np.ndarray
    inputs: np.ndarray
    gates: Gates
    inner: np.ndarray
    rows = None

    def direct_path(self, s: int, t: int) -> np.ndarray:
        """∏_{s<k<=t} z_k, or of 1-z_k with update "write", (B, N): what the gates keep of h_s.

        Raises ValueError unless 0 <= s <= t <= T.
        """
        require_interval(s, t, len(self.inputs))
        return self._kept(s, t).prod(axis=0)

    def _kept(self, s, t):
        z = self.gates.z[s:t]
        return z if self.model.update == "keep" else 1 - z

    def _update_slopes(self, s, t):
        """∂h_t/∂n_t and ∂h_t/∂(pre-activation of z), each (t-s, B, N)."""
        z, difference = self.gates.z[s:t], self.states[s:t] - self.gates.n[s:t]
        if self.model.update == "keep":
            return 1 - z, z * (1 - z) * difference
        return z, -z * (1 - z) * difference

    def _step_jacobians(self, s, t):
        r, _, n = (gate[s:t, :, :, None] for gate in self.gates)
        wr, wz, wn = by_gate(self.model.W, 3)
        written, dz = (each[..., None] for each in self._update_slopes(s, t))
        dr = r * (1 - r)
        if self.model.reset == "after":
            by_h = r * wn + self.inner[s:t, :, :, None] * dr * wr
        else:
            h = self.states[s:t, :, :, None]
            by_h = wn @ (h * dr * wr + r * np.eye(h.shape[2]))
        kept = self._kept(s, t)[..., None] * np.eye(r.shape[2])
        return kept + dz * wz + written * (1 - n * n) * by_h

    def _preactivation_cotangents(self, s, t, totals):
        r, _, n = (gate[s:t] for gate in self.gates)
        written, dz = self._update_slopes(s, t)
        candidate = totals * written * (1 - n * n)
        if self.model.reset == "after":
            to_r = candidate * self.inner[s:t]
        else:
            to_r = times(candidate, by_gate(self.model.W, 3)[2]) * self.states[s:t]
        return np.stack([to_r * r * (1 - r), totals * dz, candidate])

    def _weights(self, s, t, cotangents):
        h, x = self.states[s:t], self.inputs[s:t]
        candidate = cotangents[2:]
        if self.model.reset == "after":
            recurrent, multiplied = candidate * self.gates.r[s:t], h
        else:
            recurrent, multiplied = candidate, self.inner[s:t]
        return {
            "W": [Rows(cotangents[:2], h), Rows(recurrent, multiplied)],
            "U": [Rows(cotangents, x)],
            "b": [Rows(cotangents, None)],
            "bn": [Rows(recurrent, None)],
        }
