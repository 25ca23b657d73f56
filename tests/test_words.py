"""Which powers merge by adding their exponents."""

from __future__ import annotations

import pytest
from sympy import MatrixSymbol, Rational, Symbol

from theory.ranges import Range
from theory.rules import invertible
from theory.words import Matrices

n = Symbol("n", integer=True, positive=True)
V, W = MatrixSymbol("V", n, n), MatrixSymbol("W", n, n)
natural = Symbol("t", integer=True, nonnegative=True)
whole = Symbol("k", integer=True)


@pytest.mark.parametrize(
    ("base", "exponent", "merges"),
    [
        (W, natural, True),
        (W, whole, False),
        (W, whole - 1, False),
        (V, whole, True),
        (V, Rational(1, 2), False),
        (W, Rational(1, 2), False),
    ],
)
def test_natural_powers_merge_and_whole_ones_of_what_is_invertible(base, exponent, merges) -> None:
    assert Matrices((invertible(V),)).adds(base, exponent) is merges


def test_a_range_can_make_an_exponent_natural() -> None:
    assert Matrices(where=(Range(whole, 1, 5),)).adds(W, whole - 1)
    assert not Matrices(where=(Range(whole, 0, 5),)).adds(W, whole - 1)
