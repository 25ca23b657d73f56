"""How local rounding errors travel: along the Jacobian products themselves.

Let e_t = J_t e_{t−1} + δ_t, with |δ_t| ≤ ε_t. Then e_T = Σ_t J_{T←t} δ_t, hence entrywise

    |e_T| ≤ Σ_t |J_{T←t}| ε_t,        J_{T←t} = J_T ⋯ J_{t+1}.                          (1)

The absolute value stands outside of the product: |J_T ⋯ J_{t+1}| doesn't grow where the factors'
|J_T| ⋯ |J_{t+1}| does (an orthogonal J, a non-normal one), and that is what keeps (1) sharp.

The J_t are known only nearly. Let M_t be the floats at hand, Q_{t,τ} the computed products,
Q_{t,τ} = fl(M_t Q_{t−1,τ}), Q_{τ,τ} = 1. Write e_t = Σ_τ Q_{t,τ} ε'_τ; putting this into the
recursion gives ε'_t = δ_t + (J_t − M_t) e_{t−1} − Σ_τ (Q_{t,τ} − M_t Q_{t−1,τ}) ε'_τ, hence

    |e_t| ≤ Σ_τ |Q_{t,τ}| ε'_τ,    ε'_t = ε_t + C_t·(bound on |e_{t−1}|),                     (2)

with C_t ≥ |J_t − M_t| + γ_N |M_t|: rigorous and not only to first order, since all that is of second
order is in ε'. Where J_t, ε_t or C_t depend on the carried error themselves (a nonlinear step), it
is guessed (twice the first-order bound) and verified: if what (2) gives from the guess exceeds
the guess at no step before t, then by induction on t it bounds e_t.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from properties.checking.rounding import FLOAT64, Floats, gamma, smallest_normal

# The bound is itself computed in floats: sums and products of non-negative numbers, fewer than
# 2³⁰ in a row, hence off by less than γ = 2³⁰u/(1 − 2³⁰u) < 2⁻²².
OWN_ROUNDING = 1 + 2.0**-22

# A guess of zero could not be verified against an underflow; this is below anything else.
_GUESS_FLOOR = 2.0**-960

# Each guess doubles what the last one gave; units at a kink may need a second one.
_GUESSES = 4


def transported(steps: Floats, local: Floats, coupling: Floats | None = None) -> Floats:
    """The bounds (2) for every t, (T+1, B, N, K), or (1) where there is no coupling.

    steps (T, B, N, N): M_1 … M_T. local (T+1, B, N, K): ε_t, the initial error first.
    coupling (T, B, N, N): C_1 … C_T. The cost is that of T²/2 products of matrices, in T GEMMs.
    """
    count, batch, size, _ = steps.shape
    columns = local.shape[-1]
    # What the entries of Q lose where they underflow, times the largest they multiply.
    lost = 2.0**-1074 * size * (count + 1) * local.max(axis=(0, 2), initial=0.0)[:, None, :]
    errors = np.array(np.moveaxis(local + lost, 1, 0), order="C")
    stacked = errors.reshape(batch, (count + 1) * size, columns)
    # The products side by side, [Q_{t,0} … Q_{t,t}], so that a step is one GEMM.
    products, previous = np.zeros((2, batch, size, (count + 1) * size))
    magnitudes = np.empty_like(products)
    diagonal = np.arange(size)
    products[:, diagonal, diagonal] = 1.0
    result = np.empty((count + 1, batch, size, columns))
    result[0] = errors[:, 0]
    for t in range(1, count + 1):
        used = t * size
        if coupling is not None:
            errors[:, t] += coupling[t - 1] @ result[t - 1]
        products, previous = previous, products
        np.matmul(steps[t - 1], previous[..., :used], out=products[..., :used])
        np.abs(products[..., :used], out=magnitudes[..., :used])
        np.matmul(magnitudes[..., :used], stacked[:, :used], out=result[t])
        result[t] += errors[:, t]
        products[..., used : used + size] = 0.0
        products[:, diagonal, used + diagonal] = 1.0
    return np.asarray(result * OWN_ROUNDING)


def verified(
    steps: Floats, terms: Callable[[Floats | None], tuple[Floats, Floats]]
) -> tuple[Floats, NDArray[np.bool_]]:
    """The bounds (2) for every t (T+1, B, N, K), and whether each t and element is proven (T+1, B).

    terms(guess): the local errors ε and the coupling C if the carried errors are at most
    `guess` (T+1, B, N, K); terms(None): those of an infinitesimal carried error. Both monotone.
    A bound that isn't proven is infinite.
    """
    first, _ = terms(None)
    carried = transported(steps, first)
    guess = 2 * carried + _GUESS_FLOOR
    for _ in range(_GUESSES):
        local, coupling = terms(guess)
        if (growth := _growth(first, local, coupling, guess)) <= 2:
            # (2) with ε' ≤ growth·ε gives growth·(1), within the first guess: proven at once.
            return carried * growth, np.ones(first.shape[:2], dtype=bool)
        within_guess = transported(steps, local, coupling)
        within = (within_guess <= guess).all(axis=(2, 3))
        if within.all():
            break
        guess = 2 * within_guess + _GUESS_FLOOR
    proven = np.ones_like(within)
    np.logical_and.accumulate(within[:-1], axis=0, out=proven[1:])
    known = proven[..., None, None] & ~np.isnan(within_guess)
    return np.where(known, within_guess, np.inf), proven


def _growth(first: Floats, local: Floats, coupling: Floats, guess: Floats) -> float:
    """The largest factor by which the terms of second order multiply a local error."""
    full = local.copy()
    full[1:] += coupling @ guess[:-1]
    ratio = np.divide(full, first, out=np.where(full > 0, np.inf, 1.0), where=first > 0)
    return float(ratio.max(initial=1.0))


def own_products(steps: Floats) -> Floats:
    """γ_N|M_t|, the share of C_t that the computed products Q need."""
    return gamma(steps.shape[-1], FLOAT64) * np.abs(steps)


def product_error(steps: Floats, local: Floats, u: float) -> tuple[Floats, Floats]:
    """The error of M_T ⋯ M_1, grouped in any way: (B, N, N), and the largest |J_{t←0}| (B,).

    steps (T, B, N, N), T ≥ 1; local (T, B, N, N) the error of each M_t. A product of two
    blocks, J_{k←m} and J_{m←l}, adds at most γ_N|J_{k←m}||J_{m←l}|, which reaches the result as
    |J_{T←k}|·…·|J_{l←0}|. Any grouping is a binary tree with T − 1 nodes, and each m from 1 to T − 1
    is where exactly one of them splits: hence

        Σ_t |J_{T←t}| local_t |J_{t−1←0}| + γ_N Σ_m L_m R_m,
        L_m = max_k |J_{T←k}||J_{k←m}|,    R_m = max_l |J_{m←l}||J_{l←0}|,

    with what M_t is off by carried into the J to its left and right by (2), so that a saturated
    unit (M_t = 0, exactly something tiny) is covered too. Of the rounding, γ_N, first order is kept.
    """
    count, batch, size, _ = steps.shape
    transposed = np.ascontiguousarray(np.swapaxes(steps[::-1], -1, -2))
    prefixes, suffixes = _running_products(steps), _running_products(transposed)
    after = np.swapaxes(suffixes[::-1], -1, -2)
    left = _costliest(steps, np.abs(after))
    right = np.swapaxes(_costliest(transposed, np.abs(np.swapaxes(prefixes[::-1], -1, -2))), -1, -2)
    reach_left = np.abs(after) + np.swapaxes(
        _carried(transposed, np.swapaxes(local[::-1], -1, -2), suffixes)[::-1], -1, -2
    )
    reach_right = np.abs(prefixes) + _carried(steps, local, prefixes)
    leaves = reach_left[1:] @ (local @ reach_right[:-1])
    splits = left[1:] @ right[:0:-1]
    largest = np.abs(prefixes).max(axis=(0, 2, 3), initial=0.0)
    underflow = count * size * smallest_normal(u) * (1 + np.abs(after).max(axis=(0, 2, 3)))
    error = leaves.sum(axis=0) + gamma(size, u) * splits.sum(axis=0)
    error += (underflow * (1 + largest))[:, None, None]
    return np.asarray(error * OWN_ROUNDING), largest


def _carried(steps: Floats, local: Floats, products: Floats) -> Floats:
    """By how much the products J_{t←0} are off when each M_t is by `local`: (T+1, B, N, N)."""
    errors = np.zeros_like(products)
    errors[1:] = local @ np.abs(products[:-1])
    return transported(steps, errors, local + own_products(steps))


def _running_products(steps: Floats) -> Floats:
    """J_{t←0} for every t, (T+1, B, N, N)."""
    products = np.empty((len(steps) + 1, *steps.shape[1:]))
    products[0] = np.eye(steps.shape[-1])
    for t, step in enumerate(steps):
        np.matmul(step, products[t], out=products[t + 1])
    return products


def _costliest(steps: Floats, context: Floats) -> Floats:
    """L_m = max_k context_k |J_{k←m}|, k from m + 1 to T, for m = 0 … T − 1: (T, B, N, N)."""
    count, batch, size, _ = steps.shape
    products, previous = np.zeros((2, batch, size, count * size))
    largest, candidate = np.zeros((2, batch, size, count * size))
    diagonal = np.arange(size)
    for k in range(1, count + 1):
        used = k * size
        products[:, diagonal, used - size + diagonal] = 1.0
        products, previous = previous, products
        np.matmul(steps[k - 1], previous[..., :used], out=products[..., :used])
        np.matmul(context[k], np.abs(products[..., :used]), out=candidate[..., :used])
        np.maximum(largest[..., :used], candidate[..., :used], out=largest[..., :used])
        products[..., used : used + size] = 0.0
    return np.moveaxis(largest.reshape(batch, size, count, size), 2, 0)
