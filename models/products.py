"""Products of step matrices."""

import numpy as np


def chain(steps):
    """M_T ⋯ M_1 for steps (T, B, N, N) with M_1 first and T >= 1: (B, N, N).

    Neighbours are multiplied, then neighbours of those: log₂ T calls for all T matrices, because
    at small sizes the calls are what costs.
    """
    while len(steps) > 1:
        paired = steps[1::2] @ steps[: len(steps) - 1 : 2]
        steps = np.concatenate([paired, steps[-1:]]) if len(steps) % 2 else paired
    return steps[0]
