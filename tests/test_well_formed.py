"""What a derivation says has to mean something: divisors, inverses, sizes, sums, names."""

import pytest
from sympy import (
    Abs,
    Derivative,
    Float,
    Identity,
    Inverse,
    MatAdd,
    MatMul,
    MatrixSymbol,
    Max,
    Rational,
    Sum,
    Symbol,
    gamma,
    log,
    oo,
    tan,
)
from sympy.matrices.expressions.hadamard import HadamardProduct

from tests.deriving import (
    Q,
    V,
    W,
    X,
    a,
    derive,
    growth,
    h0,
    identity,
    k,
    n,
    refused,
    t,
    w,
    x,
    y,
    z,
)
from tests.saying import refusing
from theory.derivation import Hypothesis, Relation, at_most, equation, less, nonzero
from theory.matrices import family
from theory.normal_form import invertible, orthogonal
from theory.ranges import Range
from theory.well_formed import Grants

# Division, inverses, and other things that must mean something.


def test_one_does_not_divide_by_what_may_be_zero():
    """From y = xz and y = xz', z = y/x = z' would follow for x = 0 too."""
    steps = (
        identity(y / x, z, given=("y = xz",)),
        identity(z, y / x, given=("y = xz",)),
        identity(y / x, a, given=("y = xz'",)),
    )
    twice = {"y = xz": equation(y, x * z), "y = xz'": equation(y, x * a)}
    refused(r"1/x needs nonzero\(x\)", *steps, conclusion=equation(z, a), **twice)
    granted = {"x ≠ 0": nonzero(x)}
    assert derive(*steps, conclusion=equation(z, a), **twice, **granted) == 3
    assert derive(*steps, conclusion=equation(z, a), **twice, **{"0 < x": less(0, x)}) == 3
    refused("needs nonzero", *steps, conclusion=equation(z, a), **twice, **{"0 ≤ x": at_most(0, x)})


@pytest.mark.parametrize(
    ("expression", "needed"),
    [
        (1 / x, r"nonzero\(x\)"),
        (x ** (t - 1), r"nonzero\(x\)"),
        (1 / (x + y), r"nonzero\(x \+ y\)"),
        (log(x), r"nonzero\(x\)"),
        (tan(x), r"nonzero\(cos\(x\)\)"),
        (gamma(x), "0 < x"),
        (1 / X(t), r"nonzero\(X\(t\)\)"),
        (Sum(1 / k, (k, 0, n)), "nonzero"),
        (Sum(w[k], (k, 0, oo)), "finite numbers"),
        (x * Float(0.5), "exact and finite"),
        (x + oo, "exact and finite"),
        (Symbol("A", commutative=False), "its scalar A does not commute"),
        (Sum(w[x], (x, 0, 2)), "integer symbol"),
        (Sum(w[k], (k, 0, k)), "depend on k itself"),
        (Sum(w[n], (n, 0, 3)), "which the assumptions of n exclude"),
        (Derivative(Abs(x), x), r"nonzero\(x\)"),
        (Derivative(Max(0, x), x), "not differentiable everywhere"),
        (Derivative(2**t, t), "derivative by an index"),
    ],
    ids=str,
)
def test_what_has_no_meaning_is_refused_with_what_it_needs(expression, needed):
    refused(needed, identity(expression, expression))
    refused(f"assumed.*{needed}", identity(x, x), assumed=equation(expression, expression))


@pytest.mark.parametrize(
    "expression",
    [
        1 / n,
        growth ** (t + 1),
        1 / (1 + growth),
        1 / (1 + x**2),
        Sum(1 / k, (k, 1, n)),
        gamma(n),
        2 ** (-t),
    ],
    ids=str,
)
def test_what_is_never_zero_may_be_divided_by(expression):
    assert derive(identity(expression, expression)) == 1


def test_what_is_positive_somewhere_may_not_be_divided_by_everywhere():
    quotient = identity(1 / X(t), 1 / X(t))
    assert derive(quotient, late=less(0, X(t))) == 1
    refused("needs nonzero", quotient, late=less(0, X(t), Range(t, 3)))
    supposed = Hypothesis(less(0, X(t)), "")
    refused("step 2 .* needs nonzero", supposed, quotient)


def test_an_inverse_that_is_written_needs_an_invertible_matrix():
    step = identity(MatMul(W, Inverse(W), V), V, rules=(invertible(W),))
    assert derive(step, W=invertible(W)) == 1
    refused(r"W⁻¹ needs invertible\(W\)", step)
    refused(r"W⁻¹ needs invertible\(W\)", identity(Inverse(W), Inverse(W)))
    refused(r"W\^\(t−1\) needs invertible\(W\)", identity(W ** (t - 1), W ** (t - 1)))
    assert derive(identity(Inverse(Q) * h0, Q.T * h0, rules=(orthogonal(Q),)), Q=orthogonal(Q)) == 1


@pytest.mark.parametrize(
    ("left", "sign", "right", "match"),
    [
        (W, "=", h0, "relates a n × n matrix and a n × 1 matrix"),
        (W, "=", x, "relates a n × n matrix and a scalar"),
        (W, "≤", V, "orders matrices"),
        (x, "≥", y, "'≥' is none of"),
        (x < y, "=", y, "neither a scalar nor a matrix"),
    ],
)
def test_a_relation_of_two_kinds_is_refused(left, sign, right, match):
    with refusing(ValueError, match=match):
        Relation(left, sign, right)


def test_sizes_have_to_fit_as_written():
    m = Symbol("m", integer=True, positive=True)
    tall = MatrixSymbol("R", n, m)
    refused("R times R: n × m times n × m", identity(MatMul(tall, tall), MatMul(tall, tall)))
    wide = MatrixSymbol("S", m, n)
    for beside in (MatAdd(tall, wide), HadamardProduct(tall, wide)):
        refused("R beside S: n × m beside m × n", identity(beside, beside))
    assert derive(identity(tall + tall, 2 * tall)) == 1


def test_what_is_made_of_invertible_matrices_is_invertible():
    grants = Grants([invertible(W), orthogonal(Q), nonzero(x)])
    for matrix in (W, Q, Identity(n), W.T, W**t, Inverse(W), MatMul(W, Q), x * W):
        assert grants.inverts(matrix), matrix
    for matrix in (V, V.T, V**t, MatMul(W, V), MatMul(V, W), y * W, W + Q):
        assert not grants.inverts(matrix), matrix


def test_what_is_made_of_nonzero_scalars_is_not_zero():
    grants = Grants([nonzero(x), nonzero(y)])
    for scalar in (x, -x, x * y, 2 * x, x**2, x / y, gamma(z), Rational(3)):
        assert grants.divides(scalar), scalar
    for scalar in (z, x * z, x + y, z**2, Rational(0)):
        assert not grants.divides(scalar), scalar


def test_what_lies_above_something_positive_or_is_a_multiple_of_it_is_positive():
    grants = Grants([less(0, x)])
    # x + 1 is above x but no multiple of it, and 2x is a multiple; −x is neither.
    for scalar in (x, x + 1, 2 * x, x / 3):
        assert grants.exceeds_zero(scalar, ()), scalar
    for scalar in (-x, x - 1, y, x * y):
        assert not grants.exceeds_zero(scalar, ()), scalar


def test_one_name_is_one_thing():
    other = Symbol("x")
    refused("the symbol x names two", identity(x + other, other + x))
    refused("the matrix W names two", identity(W * h0, W * h0), f=equation(family("W", n)(t), h0))
