"""How local rounding errors travel: along the Jacobian products themselves.

Let e_t = J_t e_{t−1} + δ_t, with |δ_t| ≤ ε_t. Then e_T = Σ_t J_{T←t} δ_t, hence entrywise

    |e_T| ≤ Σ_t |J_{T←t}| ε_t,        J_{T←t} = J_T ⋯ J_{t+1}.                          (1)

The absolute value stands outside of the product: |J_T ⋯ J_{t+1}| doesn't grow where the factors'
|J_T| ⋯ |J_{t+1}| does (an orthogonal J, a non-normal one), and that is what keeps (1) sharp.

The J_t are known only nearly. Let M_t be the floats at hand, Q_{t,τ} the computed products,
Q_{t,τ} = fl(M_t Q_{t−1,τ}), Q_{τ,τ} = 1. Write e_t = Σ_τ Q_{t,τ} ε'_τ; putting this into the
recursion gives ε'_t = δ_t + (J_t − M_t) e_{t−1} − Σ_τ (Q_{t,τ} − M_t Q_{t−1,τ}) ε'_τ, hence

    |e_t| ≤ Σ_τ |Q_{t,τ}| ε'_τ,    ε'_t = ε_t + C_t·(bound on |e_{t−1}|),                     (2)

with C_t ≥ |J_t − M_t| + γ_N |M_t|: rigorous and not only to first order, since all that is of
second order is in ε'. Where J_t, ε_t or C_t depend on the carried error themselves (a nonlinear
step), it is guessed (twice the first-order bound) and verified: if what (2) gives from the guess
exceeds the guess at no step before t, then by induction on t it bounds e_t.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from properties.checking.rounding import FLOAT64, Floats, gamma

# The bound is itself computed in floats: sums and products of non-negative numbers, fewer than
# 2³⁰ in a row, hence off by less than γ = 2³⁰u/(1 − 2³⁰u) < 2⁻²².
OWN_ROUNDING = 1 + 2.0**-22

# Each guess doubles what the last one gave; units at a kink may need a second one.
_GUESSES = 4


def transported(steps: Floats, local: Floats, coupling: Floats | None = None) -> Floats:
    """The bounds (2) for every t, (T+1, B, N, K), or (1) where there is no coupling.

    steps (T, B, N, N): M_1 … M_T. local (T+1, B, N, K): ε_t, the initial error first.
    coupling (T, B, N, N): C_1 … C_T. The cost is that of T²/2 products of matrices, in T GEMMs.
    """
    count, batch, size, _ = steps.shape
    columns = local.shape[-1]
    # What the entries of Q lose where they underflow, times the largest they multiply so far.
    largest = np.maximum.accumulate(local.max(axis=2, keepdims=True), axis=0)
    lost = 2.0**-1074 * size * (count + 1) * largest
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
        # Nothing was written there before: all but the diagonal of Q_{t,t} is zero.
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
    guess = 2 * carried
    growth = _growth(first, *terms(guess), guess)
    if growth <= 2:
        # (2) with ε' ≤ growth·ε gives growth·(1), within the guess: proven at once.
        return carried * growth, np.ones(first.shape[:2], dtype=bool)
    for _ in range(_GUESSES):
        carried = transported(steps, *terms(guess))
        within: NDArray[np.bool_] = np.all(carried <= guess, axis=(2, 3))
        if within.all():
            break
        guess = 2 * carried
    proven = np.ones_like(within)
    np.logical_and.accumulate(within[:-1], axis=0, out=proven[1:])
    known = proven[..., None, None] & ~np.isnan(carried)
    return np.where(known, carried, np.inf), proven


def _growth(first: Floats, local: Floats, coupling: Floats, guess: Floats) -> float:
    """The largest factor by which the terms of second order multiply a local error."""
    full = local.copy()
    full[1:] += coupling @ guess[:-1]
    ratio = np.divide(full, first, out=np.where(full > 0, np.inf, 1.0), where=first > 0)
    return float(ratio.max(initial=1.0))


def own_products(steps: Floats) -> Floats:
    """γ_N|M_t|, the share of C_t that the computed products Q need."""
    return gamma(steps.shape[-1], FLOAT64) * np.abs(steps)
