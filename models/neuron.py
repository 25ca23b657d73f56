"""The single recurrent neuron of Bengio, Simard & Frasconi 1994."""

from dataclasses import dataclass

import numpy as np

from models import elman
from models.arrays import require


@dataclass(frozen=True, eq=False)
class Neuron:
    """a_t = w·tanh(a_{t-1}) + h_t, w a number, or (B,) with one for each sequence.

    Bengio, Simard & Frasconi 1994, section III. Raises ValueError for a wrong shape or dtype or a
    number that isn't finite.
    """

    PARAMETERS = ("w",)
    activation = "tanh"
    order = "activation_first"
    U = np.ones((1, 1))  # the input enters as it is

    w: np.ndarray

    def __post_init__(self):
        if isinstance(self.w, float | complex):
            object.__setattr__(self, "w", np.array(self.w))
        object.__setattr__(self, "_sizes", require("w", self.w, "", "B", sizes={}))

    def run(self, a0: np.ndarray, h: np.ndarray) -> "NeuronTrajectory":
        """From a0 (B,) along h (T, B); the trajectory's arrays have N = D = 1 as their last axis.

        Raises ValueError for arguments that don't fit, OverflowError when a state leaves the
        doubles.
        """
        sizes = require("a0", a0, "B", sizes=self._sizes)
        require("h", h, "T B", sizes=sizes)
        weights = self.w.reshape(1, -1, 1, 1)

        def drive(s, t, out):
            np.copyto(out, h[s:t, :, None])
            return out

        return elman.run(self, weights, a0[:, None], h[..., None], drive, kind=NeuronTrajectory)


@dataclass(eq=False)
class NeuronTrajectory(elman.ElmanTrajectory):
    """A run of a Neuron; the lag terms of w are (T, B)."""

    def lag_terms(self, cotangent):
        return {"w": super().lag_terms(cotangent)["w"][..., 0, 0]}

    def _weights(self, s, t, cotangents):
        weights = super()._weights(s, t, cotangents)
        return {"w": weights["W"], "U": weights["U"]}

    def _accumulate(self, gradient, weight, s, t):
        [((fed,), multiplied)] = weight
        terms = (fed * multiplied)[..., 0]
        gradient += terms.sum(axis=0) if gradient.ndim else terms.sum()
