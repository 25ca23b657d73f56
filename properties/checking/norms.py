"""Norms of exact matrices, and comparisons with them, without any rounding.

‖A‖₂ is seldom rational, but whether it is at most c is a question about rationals: whether
c²I − AᵀA is positive semidefinite. A symmetric matrix has real eigenvalues only, so that by
Descartes' rule of signs they are all ≥ 0 iff the coefficients of its characteristic polynomial
alternate in sign.
"""

from __future__ import annotations

import math

import numpy as np
from flint import fmpq, fmpq_mat

from properties.checking.exact import held, held_matrix, identity
from properties.checking.rounding import Floats


def row_sum_norm(a: fmpq_mat) -> fmpq:
    """‖A‖_∞, the largest sum of the magnitudes in a row: the norm that max |x_i| induces."""
    return max((sum(map(abs, row), fmpq(0)) for row in a.table()), default=fmpq(0))


def _alternating(symmetric: fmpq_mat) -> list[fmpq]:
    """The coefficients of det(zI − S), each times the sign that it has if no eigenvalue is < 0."""
    coefficients = symmetric.charpoly().coeffs()
    degree = len(coefficients) - 1
    return [c * (-1) ** (degree - k) for k, c in enumerate(coefficients)]


def is_positive_semidefinite(symmetric: fmpq_mat) -> bool:
    return all(c >= 0 for c in _alternating(symmetric))


def is_positive_definite(symmetric: fmpq_mat) -> bool:
    return all(c > 0 for c in _alternating(symmetric))


def _gap(a: fmpq_mat, c: fmpq) -> fmpq_mat:
    return identity(a.ncols()) * (c * c) - a.transpose() * a


def spectral_norm_at_most(a: fmpq_mat, c: fmpq) -> bool:
    """Whether ‖A‖₂ ≤ c, for c ≥ 0."""
    return is_positive_semidefinite(_gap(a, c))


def spectral_norm_below(a: fmpq_mat, c: fmpq) -> bool:
    """Whether ‖A‖₂ < c, for c ≥ 0."""
    return is_positive_definite(_gap(a, c))


def square_root(value: fmpq) -> fmpq:
    """The rational √value. Raises ValueError unless the value is the square of a rational."""
    p, q = int(value.p), int(value.q)
    root = fmpq(math.isqrt(max(p, 0)), math.isqrt(q))
    if root * root != value:
        raise ValueError(f"value: {value} is not the square of a rational")
    return root


def spectral_norm_above(a: Floats) -> float:
    """A float64 that ‖A‖₂ does not exceed, for a float array (N, N), and hardly above it.

    LAPACK's estimate is only where the search starts; exact arithmetic confirms what is returned.
    """
    exactly, bound, step = held_matrix(a), float(np.linalg.norm(a, 2)), 2.0**-52
    while not spectral_norm_at_most(exactly, held(bound)):
        bound, step = bound * (1 + step) + 2.0**-1074, 2 * step
    return bound
