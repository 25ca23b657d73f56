"""The linear network that the section reasons with."""

import numpy as np


def run(W: np.ndarray, h0: np.ndarray, steps: int) -> np.ndarray:
    """h_t = Wᵀ h_{t-1} for t = 1 … steps: (steps+1, B, N), h0 (B, N) first; W (N, N) or (B, N, N).

    Goodfellow, Bengio & Courville 2016, eq. 10.36; a row of the result is h_tᵀ = h_{t-1}ᵀ W.
    """
    states = np.empty((steps + 1, *h0.shape), np.result_type(W, h0))
    states[0] = h0
    h = states if W.ndim == 2 else states[:, :, None, :]
    for t in range(steps):
        np.matmul(h[t], W, out=h[t + 1])
    return states
