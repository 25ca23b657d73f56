"""Exact norms: known ones, and the smallest difference on either side of them."""

import pytest
from flint import fmpq, fmpq_mat
from hypothesis import given
from hypothesis import strategies as st

from properties.checking import floats, identity, matrix
from properties.checking.domains import cayley, matrices, orthogonal_matrices, rationals
from properties.checking.exact import held, held_matrix, squared_length
from properties.checking.norms import (
    is_positive_definite,
    is_positive_semidefinite,
    row_sum_norm,
    spectral_norm_above,
    spectral_norm_at_most,
    spectral_norm_below,
    square_root,
)
from properties.linear_recurrence_transients import powers

sizes = st.integers(1, 4)


@given(powers(), st.integers(1, 60))
def test_the_spectral_norm_is_the_largest_singular_value_and_nothing_beside_it(case, bits):
    norm = case.largest_singular_value()
    hair = fmpq(1, 2**bits)
    assert spectral_norm_at_most(case.w, norm)
    assert not spectral_norm_below(case.w, norm)
    assert spectral_norm_below(case.w, norm + hair)
    assert not spectral_norm_at_most(case.w, max(norm - hair, fmpq(0)))


@given(sizes.flatmap(lambda n: st.tuples(matrices(n), orthogonal_matrices(n))), rationals())
def test_a_square_is_positive_semidefinite_and_its_negative_is_not(drawn, shift):
    a, q = drawn
    square = q * a.transpose() * a * q.transpose()
    assert is_positive_semidefinite(square)
    assert is_positive_definite(square) == (a.det() != 0)
    assert is_positive_semidefinite(-1 * square) == (square == square * 0)
    assert is_positive_definite(square + identity(a.nrows()) * (abs(shift) + 1))


def test_signs_of_all_kinds():
    assert is_positive_semidefinite(matrix("1 0; 0 0"))
    assert not is_positive_definite(matrix("1 0; 0 0"))
    assert not is_positive_semidefinite(matrix("1 2; 2 1"))
    assert not is_positive_semidefinite(matrix("-1 0; 0 -1"))


@given(sizes.flatmap(matrices))
def test_the_row_sums_bound_every_image_and_one_is_attained(a):
    images = [
        [sum((s * e for s, e in zip(signs, row, strict=True)), fmpq(0)) for row in a.table()]
        for signs in ([1 if e >= 0 else -1 for e in row] for row in a.table())
    ]
    assert max(max(map(abs, image)) for image in images) == row_sum_norm(a)


@given(sizes.flatmap(matrices), st.integers(0, 20))
def test_the_norm_of_floats_is_certified_and_close(a, bits):
    array = floats(a) / 3.0**bits
    above = held(spectral_norm_above(array))
    assert spectral_norm_at_most(held_matrix(array), above)
    below = above * (1 - fmpq(1, 2**40))
    assert above == 0 or not spectral_norm_at_most(held_matrix(array), below)


def test_the_norm_of_a_rotation_is_1():
    assert spectral_norm_at_most(cayley(2, [1]), fmpq(1))
    assert squared_length(fmpq_mat([[3], [4]])) == 25


def test_a_root_that_is_not_rational_is_refused():
    assert square_root(fmpq(9, 16)) == fmpq(3, 4)
    for value in (fmpq(2), fmpq(-1), fmpq(1, 3)):
        with pytest.raises(ValueError, match="is not the square of a rational"):
            square_root(value)
