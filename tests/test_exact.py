"""Exact matrices and vectors: from text and from numbers, as floats, and as code."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq, fmpq_mat, fmpz

from properties.checking import *  # noqa: F403  what code() names is in scope
from properties.checking import column_floats, diagonal, floats, identity, matrix, rational, vector
from properties.checking.exact import (
    code,
    held,
    held_matrix,
    is_orthogonal,
    is_symmetric,
    plain,
    sign,
)


def test_a_rational_is_made_of_an_integer_a_fraction_or_a_text() -> None:
    for value in (3, Fraction(3), "3", fmpq(3), "6/2"):
        assert rational(value) == 3
    assert rational("-3/5") == fmpq(-3, 5)
    with pytest.raises(TypeError, match=r"0.5 is a float"):
        rational(0.5)  # type: ignore[arg-type]


def test_a_matrix_is_made_of_text_or_rows() -> None:
    expected = fmpq_mat(2, 3, [fmpq(1), fmpq(1, 2), fmpq(0), fmpq(-3), fmpq(4), fmpq(5)])
    assert matrix("1 1/2 0; -3 4 5") == expected
    assert matrix([[1, "1/2", 0], [-3, 4, 5]]) == expected
    assert (matrix("").nrows(), matrix("").ncols()) == (0, 0)
    with pytest.raises(ValueError, match=r"lengths \[1, 2\] differ"):
        matrix("1; 2 3")


def test_a_vector_is_a_column_of_text_or_of_numbers() -> None:
    expected = fmpq_mat(2, 1, [fmpq(1), fmpq(-1, 2)])
    assert vector("1 -1/2") == vector([1, "-1/2"]) == expected


def test_a_diagonal_matrix_is_made_of_numbers_or_a_column() -> None:
    assert diagonal([2, "1/2"]) == diagonal(vector("2 1/2")) == matrix("2 0; 0 1/2")
    assert identity(2) == matrix("1 0; 0 1")
    assert is_orthogonal(matrix("3/5 4/5; -4/5 3/5"))
    assert not is_orthogonal(matrix("1 1; 0 1"))
    assert is_symmetric(matrix("1 2; 2 1"))
    assert not is_symmetric(matrix("1 2; 3 1"))


def test_floats_are_rounded_correctly_and_held_exactly() -> None:
    assert floats(fmpq(1, 3)) == 1 / 3
    assert floats(7) == 7.0
    assert np.array_equal(floats(matrix("1/2 1/3; 2 3")), [[0.5, 1 / 3], [2, 3]])
    assert np.array_equal(column_floats(vector("1/2 2")), [0.5, 2.0])
    assert held(0.1) == fmpq((0.1).as_integer_ratio()[0], (0.1).as_integer_ratio()[1])
    assert held_matrix(np.array([[0.5, 2.0]])) == matrix("1/2 2")
    assert [sign(fmpq(x)) for x in (-2, 0, 3)] == [-1, 0, 1]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (fmpq(-3, 5), 'rational("-3/5")'),
        (fmpq(3), "3"),
        (fmpz(-3), "-3"),
        ("text", "'text'"),
        (matrix("1 1/2; 0 -3"), 'matrix("1 1/2; 0 -3")'),
        (vector("1 -1/2"), 'vector("1 -1/2")'),
        ((1,), "(1,)"),
        ((1, fmpq(2)), "(1, 2)"),
        ((), "()"),
    ],
    ids=str,
)
def test_code_makes_the_value_again(value: Any, written: str) -> None:
    assert code(value) == written
    assert eval(written) == value


def test_code_makes_an_array_again() -> None:
    assert code(np.array([[0.1, 2.0]])) == "np.array([[0.1, 2.0]])"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (fmpq(-3, 5), "-3/5"),
        (fmpz(3), "3"),
        (0.1, "0.1"),
        ("|W| < 1", "|W| < 1"),
        (matrix("1 1/2; 0 -3"), "⎡ 1  1/2 ⎤\n⎣ 0   -3 ⎦"),
        (matrix("1 2"), "[ 1  2 ]"),
        (vector("1 -1/2"), "(1, -1/2)ᵀ"),
        (matrix(""), "[empty, 0×0]"),
        (np.array(2.5), "2.5"),
        (np.array([0.1, 2.0]), "[0.1 2. ]"),
        (np.array([arb(1) / 3, arb(2)]), "[0.3333333333333333 2.0000000000000000]"),
        ((fmpq(1, 2), 3), "(1/2, 3)"),
    ],
    ids=str,
)
def test_a_value_as_a_person_writes_it(value: Any, written: str) -> None:
    assert plain(value) == written
