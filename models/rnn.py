"""The Elman network, with the two published orders of its activation."""

from dataclasses import dataclass

import numpy as np

from models import elman
from models.matrices import times, transposed


@dataclass(frozen=True, eq=False)
class RNN:
    """A recurrent network of N units on D inputs; every weight may carry a leading batch axis.

    W (N, N), U (N, D), b (N,).
    order "activation_last":  h_t = φ(W h_{t-1} + U x_t + b)
                              (Goodfellow, Bengio & Courville 2016, section 10.2)
    order "activation_first": a_t = W φ(a_{t-1}) + U x_t + b
                              (Bengio, Simard & Frasconi 1994; Pascanu, Mikolov & Bengio 2013)
    """

    W: np.ndarray
    U: np.ndarray
    b: np.ndarray
    activation: str = "tanh"
    order: elman.Order = "activation_last"

    def run(self, h0: np.ndarray, x: np.ndarray) -> elman.ElmanTrajectory:
        """From h0 (B, N) along x (T, B, D); the states are h_t, or a_t with activation first."""
        drive = times(x, transposed(self.U)) + self.b
        return elman.run(self, [self.W] * len(x), h0, drive, x)
