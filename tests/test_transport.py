"""How errors travel, on whole numbers: there every sum and product is exact."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from properties.checking.transport import OWN_ROUNDING, transported

ENTRIES = st.integers(-2, 2).map(float)
# From 1 on: what a zero could lose by underflow is not zero.
MAGNITUDES = st.integers(1, 3).map(float)


def travelled(steps, local, coupling):
    """Σ_τ |J_t ⋯ J_{τ+1}| ε'_τ for every t, with ε'_t = ε_t + C_t · (what came before)."""
    found, errors = [], []
    for t in range(len(local)):
        errors.append(local[t] + (coupling[t - 1] @ found[-1] if t else 0.0))
        total = np.zeros_like(local[0])
        product = np.broadcast_to(np.eye(steps.shape[-1]), steps.shape[1:])
        for τ in range(t, -1, -1):
            total = total + np.abs(product) @ errors[τ]
            product = product @ steps[τ - 1] if τ else product
        found.append(total)
    return np.array(found)


@given(st.data(), st.integers(0, 4), st.integers(1, 2), st.integers(1, 3), st.integers(1, 2))
def test_errors_travel_by_the_jacobian_products(data, count, batch, size, columns):
    steps = data.draw(arrays(float, (count, batch, size, size), elements=ENTRIES))
    local = data.draw(arrays(float, (count + 1, batch, size, columns), elements=MAGNITUDES))
    coupling = data.draw(arrays(float, steps.shape, elements=MAGNITUDES))
    uncoupled = travelled(steps, local, np.zeros_like(steps))
    np.testing.assert_array_equal(transported(steps, local), uncoupled * OWN_ROUNDING)
    coupled = travelled(steps, local, coupling)
    np.testing.assert_array_equal(transported(steps, local, coupling), coupled * OWN_ROUNDING)
