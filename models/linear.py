"""The linear network that the section reasons with."""

import numpy as np

from models.arrays import require, require_no_overflow


def run(W: np.ndarray, h0: np.ndarray, steps: int) -> np.ndarray:
    """h_t = Wᵀ h_{t-1} for t = 1 … steps: (steps+1, B, N), h0 (B, N) first; W (N, N) or (B, N, N).

    Goodfellow, Bengio & Courville 2016, eq. 10.36; a row of the result is h_tᵀ = h_{t-1}ᵀ W.
    Raises ValueError for arguments that don't fit, OverflowError when a state leaves the doubles.
    """
    sizes = require("W", W, "N N", "B N N", sizes={})
    require("h0", h0, "B N", sizes=sizes)
    if steps < 0:
        raise ValueError(f"steps is {steps}; it needs to be 0 or more")
    states = np.empty((steps + 1, *h0.shape), np.result_type(W, h0))
    states[0] = h0
    h = states if W.ndim == 2 else states[:, :, None, :]
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(steps):
            np.matmul(h[t], W, out=h[t + 1])
    require_no_overflow("the states", states, range(steps + 1))
    return states
