"""What products of steps cost however they are grouped, on whole numbers, where sums are exact."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from properties.checking.product_bounds import (
    _costliest,
    any_grouping,
    reversed_steps,
    running,
)
from properties.checking.rounding import FLOAT32, gamma
from properties.checking.transport import OWN_ROUNDING, own_products
from tests.test_transport import travelled

ENTRIES = st.integers(-2, 2).map(float)
MAGNITUDES = st.integers(0, 3).map(lambda n: n / 2**20)


@st.composite
def known_nearly(draw):
    """Steps, what each adds and how far it is off: (T, B, N, N), T ≥ 1."""
    shape = draw(st.integers(1, 4)), draw(st.integers(1, 2)), *[draw(st.integers(1, 3))] * 2
    steps = draw(arrays(float, shape, elements=ENTRIES))
    return steps, *(draw(arrays(float, shape, elements=MAGNITUDES)) for _ in range(2))


def nearly_equal(found, expected):
    """But for some roundings, and for what a product may lose where it underflows."""
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-30)


@given(known_nearly())
def test_products_step_by_step(given):
    steps, local, error = given
    products, bound = running(steps, local, error, FLOAT32)
    by_hand = [np.broadcast_to(np.eye(steps.shape[-1]), steps.shape[1:])]
    for step in steps:
        by_hand.append(step @ by_hand[-1])
    np.testing.assert_array_equal(products, by_hand)
    added = np.concatenate([0 * local[:1], local @ np.abs(products[:-1])])
    coupling = error + 2 * local + own_products(steps)
    nearly_equal(bound, travelled(steps, added, coupling) * OWN_ROUNDING)


def tree_of_products(steps, local, error):
    """What any_grouping states, sum by sum and maximum by maximum."""
    count, size = len(steps), steps.shape[-1]
    before, before_error = running(steps, local, error, FLOAT32)
    after, after_error = running(*reversed_steps(steps, local, error), FLOAT32)

    def product(k, m):
        found = np.eye(size)
        for step in steps[m:k]:
            found = step @ found
        return np.abs(found)

    # |J_{k←0}| and |J_{T←k}|, with the errors that they carry.
    start = [np.abs(p) + 2 * e for p, e in zip(before, before_error, strict=True)]
    end = [
        np.swapaxes(np.abs(p) + 2 * e, -1, -2)
        for p, e in zip(after[::-1], after_error[::-1], strict=True)
    ]
    total = sum(end[t] @ local[t - 1] @ start[t - 1] for t in range(1, count + 1))
    for m in range(1, count):
        left = np.max([end[k] @ product(k, m) for k in range(m + 1, count + 1)], axis=0)
        right = np.max([product(m, k) @ start[k] for k in range(m)], axis=0)
        total = total + gamma(size, FLOAT32) * left @ right
    by_steps = np.maximum(before_error[-1], np.swapaxes(after_error[-1], -1, -2))
    return np.maximum(total * OWN_ROUNDING, by_steps), np.abs(before).max(axis=(0, 2, 3))


@given(known_nearly())
def test_products_however_they_are_grouped(given):
    for found, expected in zip(
        any_grouping(*given, FLOAT32), tree_of_products(*given), strict=True
    ):
        nearly_equal(found, expected)


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
