"""Formulas as functions: the same numbers as by hand, in exact rationals, floats and balls."""

import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, fmpq, fmpq_mat
from hypothesis import given
from hypothesis import strategies as st
from sympy import (
    Function,
    Identity,
    IndexedBase,
    Inverse,
    MatMul,
    MatPow,
    MatrixSymbol,
    Product,
    Rational,
    Sum,
    Symbol,
    exp,
    log,
    pi,
    sqrt,
    symbols,
    tanh,
)

from properties.checking.algebras import BALL, EXACT, FLOAT
from properties.checking.balls import exact
from properties.checking.domains import matrices, rationals, unimodular_matrices, vectors
from properties.checking.exact import floats, identity, matrix
from tests.evaluation import value
from tests.saying import refusing
from theory import linear_recurrence
from theory.derivation import Derivation, equation
from theory.formula import Algebra, callable_form, formula
from theory.matrices import Blocks, Norm, OrderedProduct, family

n = Symbol("n", integer=True, positive=True)
s, t = (Symbol(name, integer=True, nonnegative=True) for name in "st")
k = Symbol("k", integer=True)
x, y = symbols("x y", real=True)
W, V = (MatrixSymbol(name, n, n) for name in "WV")
h0 = MatrixSymbol("h0", n, 1)
w = IndexedBase("w")
F = family("F", n, n)

SCALARS = [
    x,
    -x,
    x + y,
    x - y / 3,
    x * y,
    -x * y / 2,
    2 * x / (3 * y),
    x**2,
    -(x**2),
    (-x) ** 3,
    (x + y) ** 2 * x,
    1 / x,
    x**-3,
    1 / (2 * x * y),
    x / (x**2 + y**2),
    x**t,
    y ** (-t),
    2 ** (-t),
    x ** (t + 1) / y**t,
    Rational(1, 3) + 0 * x,
    Sum(x**k, (k, 0, t)),
    Sum(x / k, (k, 1, n)) / 2,
    Sum(Sum(k * x, (k, 1, t)) - k, (k, 0, t)),
    Product(x + k, (k, 1, t)),
    Product(Rational(1, 2) * x, (k, 1, t)) * y,
    x * Sum(k**2, (k, 1, n)) / Sum(k, (k, 1, n)),
]
EXACT_SCALARS = [(e, callable_form((x, y, t, n), e, EXACT)) for e in SCALARS]
nonzero_rationals = st.builds(fmpq, st.integers(1, 6), st.sampled_from((1, 2, -3, 4, -5)))


@given(nonzero_rationals, nonzero_rationals, st.integers(0, 5), st.integers(1, 4))
def test_scalars_in_exact_rationals(a, b, steps, size):
    numbers = {x: a, y: b, t: steps, n: size}
    for expression, form in EXACT_SCALARS:
        result = form(*numbers.values())
        assert type(result) in (fmpq, int), f"{expression} became {result!r}"
        assert result == value(expression, numbers), expression


QUOTIENTS = [
    (e, callable_form((x, y, t), e, EXACT))
    for e in (x / y, 1 / y, y ** (-t), x / 3 + y / 7, Sum(x / (k + 1), (k, 0, t)))
]


@given(st.integers(-5, 5), st.integers(1, 5), st.integers(0, 5))
def test_integers_stay_exact(a, b, steps):
    """Python divides 1 by 3 into a float; an exact formula does not."""
    for expression, form in QUOTIENTS:
        result = form(a, b, steps)
        assert isinstance(result, fmpq | int), expression
        assert result == value(expression, {x: a, y: b, t: steps})


@pytest.mark.parametrize("expression", SCALARS, ids=str)
def test_scalars_in_floats_and_balls(expression):
    """Small dyadic numbers: every operation but the divisions is exact, and those are few."""
    numbers = {x: fmpq(3, 2), y: fmpq(-5, 4), t: 3, n: 4}
    exact = value(expression, numbers)
    balls = callable_form((x, y, t, n), expression, BALL)(arb(1.5), arb(-1.25), 3, 4)
    assert arb(balls).contains(exact)
    assert arb(balls).rad() < arb(2) ** -40
    result = callable_form((x, y, t, n), expression, FLOAT)(1.5, -1.25, 3, 4)
    # Fewer than 40 operations, each rounded by 2⁻⁵³ of its result, and no number on the way above
    # 2⁷: what one rounding adds grows by less than 2⁷ until the end.
    error = abs(Fraction(result) - Fraction(int(exact.p), int(exact.q)))
    assert error <= Fraction(40 * 2**7 * 2**7, 2**53)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (tanh(x), math.tanh(0.5)),
        (exp(-x), math.exp(-0.5)),
        (log(x), math.log(0.5)),
        (sqrt(x), math.sqrt(0.5)),
        (exp(1) * x, math.e * 0.5),
    ],
    ids=str,
)
def test_functions_are_the_algebra_s(expression, expected):
    result = callable_form((x,), expression, FLOAT)(0.5)
    assert abs(result - expected) <= 4 * math.ulp(expected)
    assert abs(callable_form((x,), expression, BALL)(arb(0.5)) - expected) < 4 * math.ulp(expected)


def test_exact_rationals_have_no_irrational_roots():
    root = callable_form((x,), sqrt(x), EXACT)
    assert root(fmpq(9, 4)) == fmpq(3, 2)
    with refusing(ValueError, match="2 has no rational root of degree 2"):
        root(2)


# Matrices.

MATRICES = [
    W * V,
    (W * V).T + 2 * V,
    W**t * h0,
    MatMul(W, MatPow(V, -1), h0),
    Inverse(V) * W**2,
    Identity(n) - W,
    MatMul(Rational(1, 2), W, V.T),
    OrderedProduct(F(k) * W, k, s + 1, s + t),
    V * OrderedProduct(F(k), k, 1, t) * h0,
]


EXACT_MATRICES = [(e, callable_form((W, V, h0, s, t, F(k)), e, EXACT)) for e in MATRICES]


@st.composite
def matrix_values(draw):
    size, steps = draw(st.integers(1, 3)), draw(st.integers(0, 3))
    members = [draw(matrices(size)) for _ in range(7)]
    return (
        size,
        members,
        {
            W: draw(matrices(size)),
            V: draw(unimodular_matrices(size)),
            h0: draw(vectors(size)),
            s: draw(st.integers(0, 3)),
            t: steps,
        },
    )


@given(matrix_values())
def test_matrices_in_exact_rationals(case):
    size, members, values = case
    known = {**values, n: size, "F": members.__getitem__}
    for expression, form in EXACT_MATRICES:
        result = form(*(values[p] for p in (W, V, h0, s, t)), members)
        assert result == value(expression, known), expression


def test_an_empty_product_is_the_identity_of_the_right_size():
    product = OrderedProduct(F(k) * W, k, s + 1, t)
    for algebra, given_ in ((EXACT, identity(3)), (FLOAT, np.eye(3))):
        result = callable_form((F(k), W, s, t), product, algebra)([], given_, 2, 2)
        assert np.array_equal(floats(result) if algebra is EXACT else result, np.eye(3))


def test_factors_are_multiplied_in_order():
    members = [None, matrix("1 1; 0 1"), matrix("1 0; 1 1"), matrix("0 1; 1 0")]
    form = callable_form((F(k), t), OrderedProduct(F(k), k, 1, t), EXACT)
    assert form(members, 3) == members[3] * members[2] * members[1]


def test_floats_agree_with_integers():
    """Small integer matrices: floats hold every product exactly."""
    a, b = matrix("1 2; 3 -1"), matrix("2 0; -1 1")
    for expression in (W * V, W**3 * V.T, W - 2 * V, W * V - V * W):
        exact = callable_form((W, V), expression, EXACT)(a, b)
        result = callable_form((W, V), expression, FLOAT)(floats(a), floats(b))
        assert np.array_equal(result, floats(exact))


def test_indexed_families_and_norms():
    def row_sums(m: fmpq_mat) -> fmpq:
        return value(Norm(W), {W: m})

    with_norm = Algebra("with a norm", {**EXACT.operations, "norm": row_sums})
    expression = Norm(W) ** 2 * Product(w[k] ** 2, (k, 1, n))
    form = callable_form((W, w, n), expression, with_norm)
    assert form(matrix("1 -2; 0 1"), [None, fmpq(1, 2), fmpq(3)], 2) == 9 * fmpq(9, 4)
    two_indices = callable_form((w, n), Sum(w[k, k + 1], (k, 0, n - 1)), EXACT)
    assert two_indices(matrix("0 2 0; 0 0 5"), 2) == 7
    shifted = callable_form((F(k), t), F(t + 1), EXACT)
    assert shifted([1, 2, 3], 1) == 3


# What is missing says so when the formula is made, not when it is called.


@pytest.mark.parametrize(
    ("parameters", "expression", "match"),
    [
        ((x,), x * y, "needs y, which is neither"),
        ((W, t), W**t * h0, "needs h0"),
        ((t,), Sum(x**k, (k, 0, t)), "needs x"),
        ((W,), Norm(W), "needs norm, .* nor an operation of exact rationals"),
        ((x,), tanh(x), "needs tanh"),
        ((x,), Function("f")(x), "needs f"),
        ((x,), pi * x, "needs pi"),
        ((Symbol("product"), x), x, "product is an operation of exact rationals"),
        ((Symbol("range"), x), x, "range is an operation"),
    ],
)
def test_what_is_missing_is_named(parameters, expression, match):
    with refusing(ValueError, match=match):
        callable_form(parameters, expression, EXACT)


def test_a_derivation_gives_the_right_side_of_its_conclusion():
    form = formula(linear_recurrence.spectral_power, EXACT)
    q, spectrum, start = matrix("3/5 -4/5; 4/5 3/5"), matrix("2 0; 0 -1"), matrix("1; 2")
    assert form(q, spectrum, 3, start) == q * spectrum**3 * q.transpose() * start
    assert formula(linear_recurrence.spectral_power, EXACT) is form
    swapped = Derivation("d", {}, (), equation(x, y - x), (y, x))
    assert formula(swapped, EXACT)(5, 3) == 2


@given(rationals(), rationals())
def test_parameters_are_taken_in_the_order_given(a, b):
    assert callable_form((x, y), x - 2 * y, EXACT)(a, b) == a - 2 * b
    assert callable_form((y, x), x - 2 * y, EXACT)(a, b) == b - 2 * a


def test_a_power_of_a_ball_around_zero_is_a_ball():
    around = arb(0, "1e-30")
    power = BALL.operations["power"](around, 3)
    assert power.contains(0)
    assert power.rad() < 1e-80
    assert BALL.operations["power"](around, 0) == 1


def test_blocks_stand_beside_and_under_one_another():
    blocks = [MatrixSymbol(name, n, 2) for name in "PQRS"]
    form = callable_form((*blocks,), Blocks(2, *blocks), BALL)
    parts = [exact(np.full((1, 2), k)) for k in range(4)]
    assert form(*parts).tolist() == exact([[0, 0, 1, 1], [2, 2, 3, 3]]).tolist()
