"""Row vectors times matrices: one that the whole batch shares, or one for each of its elements."""

import numpy as np


def times(rows, matrix):
    """rows (T, B, M) times matrix (M, N) or (B, M, N): (T, B, N)."""
    if matrix.ndim == 2:
        return rows @ matrix
    # All steps of an element at once: B products rather than T·B.
    return np.ascontiguousarray((rows.swapaxes(0, 1) @ matrix).swapaxes(0, 1))


def transposed(matrix):
    """(N, M) of (M, N), (B, N, M) of (B, M, N); a view."""
    return matrix.swapaxes(-1, -2)
