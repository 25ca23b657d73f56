"""The complex-step derivative: an account of a derivative that shares nothing with backpropagation.

Squire & Trapp 1998: for an analytic f real on the reals, Im f(x + iε)/ε = f'(x) + O(ε²). Nothing is
subtracted, so ε may be so small that the O(ε²) is far below a rounding error.
"""

import numpy as np

# ε times a derivative up to 2^100 has a square of 2^-200, nothing beside 1; and ε times any
# derivative of interest is a normal number.
STEP = 2.0**-200


def complex_step(f, x, step=STEP):
    """The derivatives of f at x by each coordinate of x, all in one call of f.

    step: ε, a power of two, small beside 1 over the derivative by x of all that f computes on its
    way: what is small in the end may have been large before.
    x: real, any shape S. f takes (K, *S), a batch of K = x.size points, and gives (K, *R).
    Returns (*R, *S): [..., k] is ∂f/∂x_k.
    """
    directions = np.eye(x.size).reshape(x.size, *x.shape)
    values = f(x + 1j * step * directions).imag / step
    return np.moveaxis(values, 0, -1).reshape((*values.shape[1:], *x.shape))
