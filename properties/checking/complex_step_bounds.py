"""How far right a complex-step derivative may lie from the exact one."""

import math
from typing import Any

import numpy as np

from properties.checking.bounds import RunBounds
from properties.checking.rounding import FLOAT64, Floats
from properties.checking.transport import OWN_ROUNDING

# numpy's tanh'(a) from tanh(a + iε), relative, in units of u: at most 5.1 was found against balls
# over 160,000 arguments with |a| < 20; eight is the next power of two.
TANH_ERROR = 8.0


LARGEST = -100
"""The binary exponent of the imaginary parts: their squares, 2^-200, are nothing beside 1."""


def step(trajectory: Any) -> float:
    """ε for ∂s_k/∂s_0 at every step: none of its imaginary parts is larger than 2^LARGEST.

    tanh(a + iy) has the imaginary part tanh′(a)·y·(1 + O(y²)); in 200 steps with W = 2 the
    derivative at 0 reaches 2^200, and a fixed ε of 2^-200 would leave y = 1.
    """
    steps = range(len(trajectory.inputs) + 1)
    growth = max(float(np.abs(trajectory.jacobian(0, k)).max()) for k in steps)
    return 2.0 ** (LARGEST - math.frexp(growth)[1])


def jacobian(trajectory: Any) -> Floats:
    """For the complex-step derivative ∂s_T/∂s_0 (B, S, S) of a tanh network run by numpy.

    The imaginary parts travel like a product of step matrices whose slopes have a relative error
    of their own: to what `RunBounds.jacobian` covers come c·u·Σ_k |J_{T←k}||J_k||J_{k−1←0}|.
    """
    steps = trajectory.step_jacobians()
    count = len(steps)
    error = RunBounds(trajectory).jacobian(0, count).values
    for k in range(count):
        after, before = trajectory.jacobian(k + 1, count), trajectory.jacobian(0, k)
        own = np.abs(after) @ (np.abs(steps[k]) @ np.abs(before))
        error = error + TANH_ERROR * FLOAT64 * own * OWN_ROUNDING
    return np.asarray(error)
