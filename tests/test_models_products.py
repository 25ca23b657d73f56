"""Growth over horizons at which every entry of the product has long left the doubles."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.products import chain, log_growth, lyapunov_exponents
from models.rnn import RNN

UNIT = 2.0**-53


def gamma(k):
    return k * UNIT / (1 - k * UNIT)


def integers(*shape):
    elements = st.integers(-3, 3).map(float)
    return arrays(np.float64, shape, elements=elements, fill=st.nothing())


@given(st.integers(1, 9).flatmap(lambda steps: integers(steps, 2, 3, 3)))
def test_chain_is_the_product_in_order(steps):
    # Entries up to (3·3)^9 are exact.
    product = np.broadcast_to(np.eye(3), (2, 3, 3))
    for step in steps:
        product = step @ product
    assert np.array_equal(chain(steps), product)


def test_a_million_steps_of_a_diagonal_matrix():
    steps, block = 10**6, np.broadcast_to(np.diag([2.0, 0.5]), (1000, 1, 2, 2))
    growth = log_growth((block for _ in range(1000)), every=500)
    assert growth.steps == steps
    assert np.array_equal(np.abs(growth.frame), np.eye(2)[None])
    # The products and their QR are exact; the logarithms and their sum, of 10^6 terms in any
    # order, are not.
    bound = gamma(steps) * steps * math.log(2)
    assert np.all(np.abs(growth.logarithms - steps * math.log(2) * np.array([1, -1])) <= bound)


def test_a_permutation_grows_nothing():
    turn = np.roll(np.eye(3), 1, axis=0)
    exponents = lyapunov_exponents(np.broadcast_to(turn, (1000, 2, 3, 3)))
    assert np.array_equal(exponents, np.zeros((2, 3)))


def test_a_direction_that_collapses():
    growth = log_growth(np.broadcast_to(np.array([[0.0, 1.0], [0.0, 0.0]]), (2, 1, 2, 2)))
    assert np.all(growth.logarithms == -np.inf)


@pytest.mark.parametrize("every", [1, 7])
def test_growth_of_a_vector_beside_integers(every):
    steps, matrix, vector = 2000, [[2, 1], [1, 1]], (1, 0)
    for _ in range(steps):
        vector = tuple(sum(m * v for m, v in zip(row, vector, strict=True)) for row in matrix)
    exact = math.log(sum(v * v for v in vector)) / 2  # math.log takes integers of any size
    blocks = np.broadcast_to(np.array(matrix, float), (steps, 1, 2, 2))
    growth = log_growth(blocks, np.array([[[1.0], [0.0]]]), every=every)
    # A step's relative error is that of a product of positive numbers and of a Householder
    # reflection in two dimensions, fewer than 64 roundings, magnified by at most the condition
    # number of the matrix, below 7.
    assert abs(growth.logarithms.item() - exact) <= 7 * gamma(64) * steps + UNIT * exact


@given(integers(24, 2, 3, 3), st.sampled_from([1, 2, 3, 4, 24, 30]))
def test_blocks_change_nothing(steps, every):
    # Triangular with diagonals from 1 to 7, so that the frames and their growths are exact.
    steps = np.triu(steps) + 4 * np.eye(3)
    whole = log_growth(steps, every=every)
    in_blocks = log_growth((steps[s : s + 12] for s in (0, 12)), every=every)
    assert np.array_equal(np.abs(whole.frame), np.abs(in_blocks.frame))
    # 24 logarithms of 7 or less and their sum, in two orders; and, where `every` steps make one
    # factor, the roundings of 24 products.
    bound = 2 * (gamma(24 + 1) * 24 * math.log(7) + gamma(24))
    assert np.all(np.abs(whole.logarithms - in_blocks.logarithms) <= bound)


def test_a_step_that_overflows_is_reported():
    steps = np.ones((6, 1, 1, 1))
    steps[2:4] = 2.0**600
    with pytest.raises(OverflowError, match=r"products of 2 steps exceed .* at step 3$"):
        log_growth(steps, every=2)
    assert log_growth(steps).steps == 6


def test_exponents_of_a_trajectory_in_blocks():
    model = RNN(np.array([[0.0, 2.0], [-2.0, 0.0]]), np.zeros((2, 0)), np.zeros(2), "identity")
    trajectory = model.run(np.zeros((1, 2)), np.zeros((3000, 1, 0)))
    blocks = (trajectory.step_jacobians(s, s + 100) for s in range(0, 3000, 100))
    # A quarter turn and a doubling: exact but for the logarithm and the sum.
    error = np.abs(lyapunov_exponents(blocks) - math.log(2))
    assert np.all(error <= gamma(3001) * math.log(2))
