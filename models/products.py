"""Products of many step matrices, whose entries would leave the doubles long before the end."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from models.arrays import require, require_no_overflow


class Growth(NamedTuple):
    """What a product M_T ⋯ M_1 does to k directions.

    logarithms  (B, k) ln of the growth of each direction orthogonally to those before it, so that
                the sum of the first j is ln of the growth of a j-dimensional volume; -inf where
                a direction collapses
    frame       (B, N, k) where the directions ended, orthonormal
    steps       T
    """

    logarithms: np.ndarray
    frame: np.ndarray
    steps: int


def chain(steps):
    """M_T ⋯ M_1 for steps (T, …, N, N) with M_1 first and T >= 1: (…, N, N).

    Neighbours are multiplied, then neighbours of those: log₂ T calls for all T matrices, because
    at small sizes the calls are what costs.
    """
    if steps.shape[1:-2] == (1,):
        return chain(steps[:, 0])[None]
    multiply = np.ndarray.dot if steps.ndim == 3 else np.matmul
    later = None  # what has had no neighbour
    while len(steps) > 1:
        if len(steps) % 2:
            later = steps[-1] if later is None else multiply(later, steps[-1])
        steps = steps[1::2] @ steps[: len(steps) - 1 : 2]
    return steps[0] if later is None else multiply(later, steps[0])


def log_growth(
    blocks: np.ndarray | Iterable[np.ndarray],
    frame: np.ndarray | None = None,
    *,
    every: int = 1,
) -> Growth:
    """The growth of k directions under M_T ⋯ M_1, orthonormalised again by QR on the way.

    blocks: the step matrices (T, B, N, N), M_1 first; or an iterable of such arrays, of which one
            is held at a time, so that T has no limit
    frame:  (B, N, k), k <= N, whose columns span the directions; the coordinate directions without
            it. With one column v the logarithm is ln(‖M_T ⋯ M_1 v‖/‖v‖).
    every:  how many steps are multiplied before each QR: fewer QRs, but the lesser logarithms then
            lose as many digits as the condition number of such a product has

    Raises ValueError for arguments that don't fit, OverflowError when `every` steps together leave
    the doubles. Benettin, Galgani, Giorgilli & Strelcyn 1980.
    """
    if every < 1:
        raise ValueError(f"every is {every}; it needs to be 1 or more")
    sizes, steps, logarithms = {}, 0, 0.0
    for block in [blocks] if isinstance(blocks, np.ndarray) else blocks:
        sizes = require("blocks", block, "T B N N", sizes=sizes)
        if not steps:
            frame = _orthonormal(frame, sizes)
        products = _grouped(block, every, steps)
        diagonals = np.empty((len(products), *frame.shape[::2]))
        for product, diagonal in zip(products, diagonals, strict=True):
            frame, triangle = np.linalg.qr(product @ frame)
            diagonal[:] = np.diagonal(triangle, axis1=-2, axis2=-1)
        with np.errstate(divide="ignore"):
            logarithms = logarithms + np.log(np.abs(diagonals)).sum(axis=0)
        steps += sizes.pop("T")
    if not steps:
        raise ValueError("blocks holds no step; it needs shape (T, B, N, N) with T >= 1")
    return Growth(logarithms, frame, steps)


def lyapunov_exponents(blocks: np.ndarray | Iterable[np.ndarray], *, every: int = 1) -> np.ndarray:
    """(B, N): the mean logarithmic growth a step in each direction, near enough the greatest first.

    Arguments and errors as for log_growth.
    """
    growth = log_growth(blocks, every=every)
    return growth.logarithms / growth.steps


def _orthonormal(frame, sizes):
    if frame is None:
        return np.broadcast_to(np.eye(sizes["N"]), (sizes["B"], sizes["N"], sizes["N"]))
    columns = require("frame", frame, "B N K", sizes=sizes)["K"]
    if columns > sizes["N"]:
        raise ValueError(f"frame has shape {frame.shape}; it needs K <= N = {sizes['N']}")
    return np.linalg.qr(frame)[0]


def _grouped(block, every, before):
    """The products of `every` neighbours each, and of what remains: (⌈T/every⌉, B, N, N)."""
    whole = len(block) - len(block) % every
    groups = block[:whole].reshape(-1, every, *block.shape[1:]).swapaxes(0, 1)
    with np.errstate(over="ignore", invalid="ignore"):
        products = chain(groups)
        if whole < len(block):
            products = np.concatenate([products, chain(block[whole:])[None]])
    firsts = range(before + 1, before + len(block) + 1, every)
    require_no_overflow(f"products of {every} steps", products, firsts)
    return products
