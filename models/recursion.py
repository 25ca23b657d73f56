"""Backpropagation's recursion g_{k-1} = direct_{k-1} + J_kᵀ g_k as one system of equations.

Its unknowns in the order of time make a unit upper triangular matrix, whose only other blocks,
-J_kᵀ, stand beside the diagonal. Back substitution is the recursion, step by step and with the same
roundings; at small sizes one call for all steps takes a third of the time of a call for each.
"""

import numpy as np

# Up to this N the calls cost more than what the band holds in vain.
SMALL = 16


def solved(totals):
    """Whether cotangents (T+1, B, N) are sooner solved for than computed step by step."""
    return totals.shape[1] == 1 and totals.shape[2] <= SMALL


def solve_back(steps, totals):
    """Fills in the cotangents of one sequence, in place.

    steps:  (T, N, N), the step Jacobians J_1 … J_T
    totals: (T+1, N), contiguous and of the dtype of steps; the direct cotangents on entry, on
            return the total ones
    """
    from scipy.linalg.blas import dtbsv, ztbsv

    length, size = steps.shape[:2]
    above = 2 * size - 1  # diagonals
    # The band holds each column of the matrix with its diagonal last. In column (k+1)N + j the row
    # -J_{k+1}[j, :] stands N - 1 + j places before that: one row on is a place less than a column.
    band = np.zeros(((length + 1) * size, above + 1), totals.dtype)
    entry = band.itemsize
    blocks = np.ndarray(
        steps.shape,
        band.dtype,
        band,
        offset=(size * (above + 1) + size - 1) * entry,
        strides=(size * (above + 1) * entry, above * entry, entry),
    )
    np.negative(steps, blocks)
    solve = ztbsv if totals.dtype == np.complex128 else dtbsv
    solve(above, band.T, totals.reshape(-1), diag=1, overwrite_x=1)
