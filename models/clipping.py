"""Gradient clipping, in the two forms that are in use."""

import numpy as np

from models.arrays import require


def clip_by_norm(gradients: np.ndarray, threshold: float) -> np.ndarray:
    """gradients (B, N), each row shortened to the Euclidean length `threshold` if it is longer.

    Pascanu, Mikolov & Bengio 2013, algorithm 1. Raises ValueError for a wrong shape or dtype, a
    number that isn't finite, or a negative threshold.
    """
    _require(gradients, threshold)
    largest = np.abs(gradients).max(axis=1, keepdims=True, initial=0.0)
    # Of numbers up to 1, no square overflows.
    relative = gradients / np.where(largest > 0, largest, 1.0)
    length = largest * np.sqrt((relative * relative).sum(axis=1, keepdims=True))
    longer = length > threshold
    return gradients * np.where(longer, threshold / np.where(longer, length, 1.0), 1.0)


def clip_by_entry(gradients: np.ndarray, threshold: float) -> np.ndarray:
    """gradients (B, N), each entry moved into [−threshold, threshold].

    Raises ValueError as clip_by_norm does.
    """
    _require(gradients, threshold)
    return np.clip(gradients, -threshold, threshold)


def _require(gradients, threshold):
    require("gradients", gradients, "B N", sizes={})
    if not 0 <= threshold < np.inf:
        raise ValueError(f"threshold is {threshold}; it needs to be a finite number from 0 on")
