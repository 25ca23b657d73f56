"""The regularisation term that asks the error signal to keep its length on its way back."""

import numpy as np

from models.arrays import require


def smoothness_penalty(cotangents: np.ndarray) -> np.ndarray:
    """Ω (B,) of the error signals ∂E/∂x_t, cotangents (T+1, B, N), of a cost of the last state.

    Ω = Σ_t (‖∂E/∂x_{t−1}‖/‖∂E/∂x_t‖ − 1)², Pascanu, Mikolov & Bengio 2013, eq. 9. Raises ValueError
    for a wrong shape or dtype, a number that isn't finite, or an error signal that is zero.
    """
    require("cotangents", cotangents, "T+1 B N", sizes={})
    lengths = np.sqrt((cotangents * cotangents).sum(axis=-1))
    if not lengths.all():
        step = int(np.argwhere(lengths == 0)[-1][0])
        raise ValueError(f"cotangents: that of step {step} is zero; Ω compares with its length")
    deviations = lengths[:-1] / lengths[1:] - 1
    return (deviations * deviations).sum(axis=0)
