"""Errors of products of step matrices J_T ⋯ J_1, however the factors are grouped.

Every implementation has M̂_t near J_t, multiplied as matrices or applied factor by factor. `local`
(T, B, N, N) bounds what a step so adds: |M̂_t − J_t| and the roundings of applying it.
"""

import numpy as np

from properties.checking.rounding import Floats, gamma, smallest_normal
from properties.checking.transport import OWN_ROUNDING, own_products, transported


def running(steps: Floats, local: Floats, error: Floats, u: float) -> tuple[Floats, Floats]:
    """J_{t←0} for every t, and bounds on the errors of those computed step by step, proven.

    Both (T+1, B, N, N), from steps and local (T, B, N, N), and error (T, B, N, N) ≥ |J_t − M_t|.
    The computed P̂ obey P̂_t = J_t P̂_{t−1} + δ_t with |δ_t| ≤ local_t|P̂_{t−1}|: (2) of `transport`,
    where |P̂| is at most |P̃| of this computation + 2·bound.
    """
    count, batch, size, _ = steps.shape
    products = np.empty((count + 1, batch, size, size))
    products[0] = np.eye(size)
    for t, step in enumerate(steps):
        np.matmul(step, products[t], out=products[t + 1])
    added = np.zeros_like(products)
    added[1:] = local @ np.abs(products[:-1]) + size * smallest_normal(u)
    return products, transported(steps, added, error + 2 * local + own_products(steps))


def reversed_steps(steps: Floats, local: Floats, error: Floats) -> tuple[Floats, Floats, Floats]:
    """Each (T, B, N, N) transposed and in reverse order, as cotangents meet the steps."""
    return _reversed(steps), _reversed(local), _reversed(error)


def _reversed(matrices: Floats) -> Floats:
    return np.ascontiguousarray(np.swapaxes(matrices[::-1], -1, -2))


def any_grouping(steps: Floats, local: Floats, error: Floats, u: float) -> tuple[Floats, Floats]:
    """The error of J_T ⋯ J_1, (B, N, N), for T ≥ 1, and the largest entry of any J_{t←0}, (B,).

    A product of two blocks, J_{k←m} and J_{m←l}, adds at most γ_N|J_{k←m}||J_{m←l}|, which reaches
    the result by |J_{T←k}|·…·|J_{l←0}|. A grouping is a binary tree with T − 1 nodes, and each m
    from 1 to T − 1 is where exactly one of them splits: hence

        Σ_t |J_{T←t}| local_t |J_{t−1←0}| + γ_N Σ_m L_m R_m,
        L_m = max_k |J_{T←k}||J_{k←m}|,    R_m = max_l |J_{m←l}||J_{l←0}|.

    The outer factors carry their own proven errors, which covers the second order but for the
    errors of the inner factors in the γ_N term. The result is nowhere below the proven bounds
    for multiplication step by step, from the right or from the left.
    """
    count, _, size, _ = steps.shape
    before, before_error = running(steps, local, error, u)
    backwards, local_back, error_back = reversed_steps(steps, local, error)
    after, after_error = running(backwards, local_back, error_back, u)
    prefixes = np.abs(before) + 2 * before_error
    suffixes = np.abs(after) + 2 * after_error
    following = np.swapaxes(suffixes[::-1], -1, -2)
    leaves = following[1:] @ (local @ prefixes[:-1])
    left = _costliest(steps, following)
    right = np.swapaxes(_costliest(backwards, np.swapaxes(prefixes[::-1], -1, -2)), -1, -2)
    grouped = leaves.sum(axis=0) + gamma(size, u) * (left[1:] @ right[:0:-1]).sum(axis=0)
    largest = np.abs(before).max(axis=(0, 2, 3))
    extreme = (1 + largest) * (1 + np.abs(after).max(axis=(0, 2, 3)))
    grouped += (count * size * smallest_normal(u) * extreme)[:, None, None]
    by_steps = np.maximum(before_error[-1], np.swapaxes(after_error[-1], -1, -2))
    return np.maximum(grouped * OWN_ROUNDING, by_steps), largest


def _costliest(steps: Floats, context: Floats) -> Floats:
    """L_m = max_k context_k |J_{k←m}|, k from m + 1 to T, for m = 0 … T − 1: (T, B, N, N)."""
    count, batch, size, _ = steps.shape
    # Side by side, [J_{k←0} … J_{k←k−1}], so that a step is one GEMM.
    products, previous = np.zeros((2, batch, size, count * size))
    largest, candidate = np.zeros((2, batch, size, count * size))
    diagonal = np.arange(size)
    for k in range(1, count + 1):
        used = k * size
        # Nothing was written there before: all but the diagonal is zero.
        products[:, diagonal, used - size + diagonal] = 1.0
        products, previous = previous, products
        np.matmul(steps[k - 1], previous[..., :used], out=products[..., :used])
        np.matmul(context[k], np.abs(products[..., :used]), out=candidate[..., :used])
        np.maximum(largest[..., :used], candidate[..., :used], out=largest[..., :used])
    return np.moveaxis(largest.reshape(batch, size, count, size), 2, 0)
