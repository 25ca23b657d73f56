"""The gradient of a weight, put together from what it multiplies and from what it feeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from models.matrices import flat


@dataclass(frozen=True)
class Gradients:
    """The derivatives of a scalar cost C.

    parameters  by field of the model; summed over steps and, for a weight shared by the batch, over
                the batch; a weight with a batch axis keeps it
    inputs      (T, B, D)  ∂C/∂x_t
    initial     (B, N)     ∂C/∂s_0
    states      (T+1, B, N) the total ∂C/∂s_t: directly and through all later states
    """

    parameters: Mapping[str, np.ndarray]
    inputs: np.ndarray
    initial: np.ndarray
    states: np.ndarray


class Rows(NamedTuple):
    """G·N rows of a weight, whose gradient is Σ fed ⊗ multiplied over steps and sequences.

    fed         (G, T, B, N) the cotangents of what the rows feed, by gate
    multiplied  (T, B, M) what the rows multiply; None for a bias, which multiplies 1
    """

    fed: np.ndarray
    multiplied: np.ndarray | None


Weight = Sequence[Rows]  # under each other


def accumulate(gradient: np.ndarray, weight: Weight) -> None:
    """Adds Σ over the steps, and over the batch unless the gradient has a batch axis."""
    first = 0
    for fed, multiplied in weight:
        rows = slice(first, first := first + len(fed) * fed.shape[-1])
        if multiplied is None:
            part = gradient[..., rows]
            total = np.add.reduce(fed, 1)  # whole steps at a time; then the sequences
            total = total.swapaxes(0, 1) if gradient.ndim == 2 else np.add.reduce(total, 1)
        else:
            part = gradient[..., rows, :]
            if gradient.ndim == 3:
                total = fed.transpose(2, 0, 3, 1) @ multiplied.transpose(1, 0, 2)[:, None]
            else:
                # One product for a gate, with the steps and the batch as its inner dimension.
                columns = fed.reshape(len(fed), -1, fed.shape[-1])
                if len(fed) == 1:
                    total = columns[0].T.dot(flat(multiplied))
                else:
                    total = columns.swapaxes(1, 2) @ flat(multiplied)
        np.add(part, total.reshape(part.shape), part)


def terms(weight: Weight) -> np.ndarray:
    """fed ⊗ multiplied for each step and sequence: (T, B, rows, M), of a bias (T, B, rows)."""
    parts = []
    for fed, multiplied in weight:
        left = fed.transpose(1, 2, 0, 3).reshape(*fed.shape[1:3], len(fed) * fed.shape[-1])
        parts.append(left if multiplied is None else left[..., None] * multiplied[..., None, :])
    return np.concatenate(parts, axis=2)


def pull_back(weight: Weight, matrix: np.ndarray, out: np.ndarray) -> None:
    """Puts into out (T, B, D) the cotangents of what matrix (rows, D) or (B, rows, D) multiplies.

    All rows multiply the same: the weight is of a single part.
    """
    ((fed, _),) = weight
    if matrix.ndim == 2:
        total = flat(out)
        start, *others = zip(fed, matrix.reshape(*fed.shape[::3], -1), strict=True)
        np.matmul(flat(start[0]), start[1], total)
        for gate, rows in others:
            np.add(total, flat(gate) @ rows, total)
    else:
        rows = matrix.reshape(len(matrix), *fed.shape[::3], -1).swapaxes(0, 1)
        np.sum(fed.swapaxes(1, 2) @ rows, axis=0, out=out.swapaxes(0, 1))
