"""The Elman network, with the two published orders of its activation."""

from dataclasses import dataclass

import numpy as np

from models import elman
from models.arrays import require, require_parameters
from models.matrices import aligned, is_small, times, transposed


@dataclass(frozen=True, eq=False)
class RNN:
    """A recurrent network of N units on D inputs; every weight may carry a leading batch axis.

    W (N, N), U (N, D), b (N,).
    order "activation_last":  h_t = φ(W h_{t-1} + U x_t + b)
                              (Goodfellow, Bengio & Courville 2016, section 10.2)
    order "activation_first": a_t = W φ(a_{t-1}) + U x_t + b
                              (Bengio, Simard & Frasconi 1994; Pascanu, Mikolov & Bengio 2013)
    Raises ValueError for a wrong shape or dtype, a number that isn't finite, an unknown convention.
    """

    PARAMETERS = ("W", "U", "b")

    W: np.ndarray
    U: np.ndarray
    b: np.ndarray
    activation: str = "tanh"
    order: elman.Order = "activation_last"

    def __post_init__(self):
        elman.require_convention(self)
        sizes = require_parameters(self, W="N N", U="N D", b="N")
        object.__setattr__(self, "_sizes", sizes)

    def run(self, h0: np.ndarray, x: np.ndarray) -> elman.ElmanTrajectory:
        """From h0 (B, N) along x (T, B, D); the states are h_t, or a_t with activation first.

        Raises ValueError for arguments that don't fit, OverflowError when a pre-activation leaves
        the doubles.
        """
        self._require(h0, x, finite=False)
        W = self.W[None, None] if self.W.ndim == 2 else self.W[None]
        if self.order == "activation_last" and len(x) and is_small(self, h0):
            try:
                return elman.run_one(self, W, h0, x)
            except OverflowError:
                # Of numbers that aren't finite too; to look for them first would cost more.
                self._require(h0, x)
                raise
        self._require(h0, x)
        U = aligned(transposed(self.U))
        # Added along whole steps; b as it is would be added N numbers at a time.
        b = np.empty(h0.shape, self.b.dtype)
        b[:] = self.b

        def drive(s, t, out):
            return np.add(times(x[s:t], U, out), b, out=out)

        return elman.run(self, W, h0, x, drive)

    def _require(self, h0, x, finite=True):
        sizes = require("h0", h0, "B N", sizes=self._sizes, finite=finite)
        require("x", x, "T B D", sizes=sizes, finite=finite)
