"""Inequalities between real numbers that only balls can hold, decided with certainty.

One ball is below another, or above it, or neither is certain; then more bits are taken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb

from properties.checking.balls import (
    DEFAULT_BITS,
    MAXIMAL_BITS,
    Balls,
    UndecidedError,
    exact,
    precision,
    product,
    to_matrix,
)


def below(sides: Callable[[], tuple[Any, Any]], limit: int = MAXIMAL_BITS) -> tuple[bool, Any, Any]:
    """Whether left < right, and the two sides.

    `sides()` encloses both at the precision of the moment; of arrays every pair has to be in order.
    Raises UndecidedError where `limit` bits do not tell the two apart.
    """
    bits = DEFAULT_BITS
    while True:
        with precision(bits):
            left, right = sides()
            if all(a < b for a, b in pairs(left, right)):
                return True, left, right
            if any(a > b for a, b in pairs(left, right)):
                return False, left, right
        bits *= 2
        if bits > limit:
            raise UndecidedError(f"{left} and {right} are not told apart at {limit} bits")


def pairs(left: Any, right: Any) -> list[tuple[Any, Any]]:
    """The entries of two sides that are compared with one another, as balls."""
    return list(np.broadcast(_array(left), _array(right)))


def _array(side: Any) -> Balls:
    return exact(side) if isinstance(side, np.ndarray) else np.array(arb(side), dtype=object)


def spectral_gaps(matrix: Balls, bound: Any) -> Balls:
    """The leading principal minors of bound²·I − AᵀA: all positive iff ‖A‖₂ < bound.

    Sylvester's criterion. A is (n, n), n ≥ 1.
    """
    gap = -product(matrix.T, matrix)
    gap[np.diag_indices(len(gap))] += bound**2
    minors = [to_matrix(gap[:k, :k]).det() for k in range(1, len(gap) + 1)]
    return np.array(minors, dtype=object)
