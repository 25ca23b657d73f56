"""The deep feed-forward network: a recurrent one whose every step has its own weights."""

from dataclasses import dataclass

import numpy as np

from models import elman
from models.arrays import require


@dataclass(frozen=True, eq=False)
class FeedForward:
    """L layers of N units, untied; W and b may carry a batch axis behind the layers'.

    W (L, N, N) or (L, B, N, N), b (L, N) or (L, B, N).
    order "activation_last":  h_l = φ(W_l h_{l-1} + b_l)
    order "activation_first": a_l = W_l φ(a_{l-1}) + b_l
    Raises ValueError for a wrong shape or dtype, a number that isn't finite, an unknown convention.
    """

    PARAMETERS = ("W", "b")

    W: np.ndarray
    b: np.ndarray
    activation: str = "tanh"
    order: elman.Order = "activation_last"

    def __post_init__(self):
        elman.require_convention(self)
        sizes = require("W", self.W, "L N N", "L B N N", sizes={})
        sizes = require("b", self.b, "L N", "L B N", sizes=sizes)
        object.__setattr__(self, "_sizes", sizes)

    def run(self, h0: np.ndarray) -> "FeedForwardTrajectory":
        """From h0 (B, N); layers take the place of steps, and the inputs are (L, B, 0).

        Raises ValueError for an h0 that doesn't fit, OverflowError when a pre-activation leaves
        the doubles.
        """
        sizes = require("h0", h0, "B N", sizes=self._sizes)
        b = self.b[:, None] if self.b.ndim == 2 else self.b

        def drive(s, t, out):
            np.copyto(out, b[s:t])
            return out

        inputs = np.empty((sizes["L"], sizes["B"], 0))
        weights = self.W[:, None] if self.W.ndim == 3 else self.W
        return elman.run(self, weights, h0, inputs, drive, kind=FeedForwardTrajectory)


@dataclass(eq=False)
class FeedForwardTrajectory(elman.ElmanTrajectory):
    """A run of a FeedForward; a layer's lag term is its gradient."""

    def _weights(self, s, t, cotangents):
        weights = super()._weights(s, t, cotangents)
        return {name: weights[name] for name in self.model.PARAMETERS}

    def _accumulate(self, gradient, weight, s, t):
        [((fed,), multiplied)] = weight
        shared = gradient.ndim == (2 if multiplied is None else 3)
        if multiplied is None:
            gradient[s:t] = fed.sum(axis=1) if shared else fed
        elif shared:
            gradient[s:t] = fed.swapaxes(1, 2) @ multiplied
        else:
            gradient[s:t] = fed[..., :, None] * multiplied[..., None, :]
