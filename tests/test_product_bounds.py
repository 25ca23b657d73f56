"""What products of steps cost however they are grouped, on whole numbers, where sums are exact."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from properties.checking.product_bounds import _costliest

ENTRIES = st.integers(-2, 2).map(float)


@given(st.data(), st.integers(1, 4), st.integers(1, 2), st.integers(1, 3))
def test_the_costliest_way_on_is_sought_from_every_step(data, count, batch, size):
    steps = data.draw(arrays(float, (count, batch, size, size), elements=ENTRIES))
    context = data.draw(arrays(float, (count + 1, batch, size, size), elements=ENTRIES))
    context = np.abs(context)
    expected = np.zeros((count, batch, size, size))
    for m in range(count):
        product = np.broadcast_to(np.eye(size), (batch, size, size))
        for k in range(m + 1, count + 1):
            product = steps[k - 1] @ product
            expected[m] = np.maximum(expected[m], context[k] @ np.abs(product))
    np.testing.assert_array_equal(_costliest(steps, context), expected)
