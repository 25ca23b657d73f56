"""Normal forms against exact values: what is called equal is equal, and what is equal is seen."""

import re

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from sympy import (
    Identity,
    Inverse,
    MatAdd,
    MatMul,
    MatPow,
    MatrixSymbol,
    Rational,
    Symbol,
    Transpose,
)

from properties.checking.domains import fixed_lists, matrices, orthogonal_matrices, rationals
from properties.checking.domains import unimodular_matrices as invertible_matrices
from properties.checking.exact import identity, matrix
from tests.evaluation import agree, diagonal_matrix, value
from tests.saying import refusing
from theory.matrices import Norm, OrderedProduct, family
from theory.normal_form import equal, matrix_difference
from theory.ranges import Range
from theory.rules import MATRIX_RULES, Rule, commuting, invertible, orthogonal, symmetric

n, m = (Symbol(name, integer=True, positive=True) for name in "nm")
t, s = (Symbol(name, integer=True, nonnegative=True) for name in "ts")
Q, D, S, W, V, A, B = (MatrixSymbol(name, n, n) for name in ("Q", "Λ", "S", "W", "V", "A", "B"))
I = Identity(n)  # noqa: E741
R = MatrixSymbol("R", n, 2 * n)

RULES = (orthogonal(Q), symmetric(D, S), invertible(V), commuting(A, B))


# Matrices as the rules have them: Q a rotation or a reflection, Λ perhaps singular, A and B
# polynomials in one matrix that is not symmetric, W anything.


@st.composite
def assignments(draw):
    size = draw(st.integers(1, 3))
    a, w = draw(matrices(size)), draw(matrices(size))
    c = draw(st.integers(-2, 2))
    spectrum = draw(fixed_lists(rationals(2, (1, 2)), size))
    return {
        n: size,
        t: draw(st.integers(0, 5)),
        Q: draw(orthogonal_matrices(size)),
        D: diagonal_matrix(*spectrum),
        S: w + w.transpose(),
        W: w,
        V: draw(invertible_matrices(size)),
        A: a,
        B: a * a + c * identity(size),
    }


LETTERS = (Q, Q.T, D, S, W, W.T, V, Inverse(V), A, B, D.T, V.T, D**t, W**t, Q**t, (W**t).T)


def product(*factors):
    """The factors side by side, nothing evaluated."""
    return MatMul(*factors) if factors else I


words = st.lists(st.sampled_from(LETTERS), max_size=5)


@st.composite
def reassociated(draw, factors):
    """The same product with other brackets, identities inserted and halves transposed twice."""
    if len(factors) < 2:
        inner = factors[0] if factors else I
        return draw(st.sampled_from([inner, product(inner, I), Transpose(Transpose(inner))]))
    cut = draw(st.integers(1, len(factors) - 1))
    left, right = draw(reassociated(factors[:cut])), draw(reassociated(factors[cut:]))
    between = draw(st.sampled_from([(), (Q, Q.T), (Q.T, Q), (V, Inverse(V)), (Inverse(V), V)]))
    if draw(st.booleans()):
        return Transpose(product(Transpose(right), *(Transpose(f) for f in between[::-1]), left.T))
    return product(left, *between, right)


@settings(max_examples=80)
@given(words.flatmap(lambda w: st.tuples(st.just(w), reassociated(w))), assignments())
def test_a_product_written_otherwise_has_the_same_normal_form(pair, values):
    factors, other = pair
    assert agree(value(product(*factors), values), value(other, values))
    assert equal(product(*factors), other, RULES)


@st.composite
def nearly(draw, factors):
    """A product like this one: a letter exchanged, moved, transposed, raised or left out."""
    factors = list(factors)
    if not factors:
        return product(draw(st.sampled_from(LETTERS)))
    where = draw(st.integers(0, len(factors) - 1))
    letter = factors.pop(where)
    change = draw(st.sampled_from(["exchange", "move", "transpose", "raise", "drop", "negate"]))
    if change == "exchange":
        factors.insert(where, draw(st.sampled_from(LETTERS)))
    elif change == "move":
        factors.insert(draw(st.integers(0, len(factors))), letter)
    elif change == "transpose":
        factors.insert(where, Transpose(letter))
    elif change == "raise":
        factors.insert(where, MatPow(letter, draw(st.sampled_from([2, t, t + 1]))))
    elif change == "negate":
        factors[:0] = [-letter]
    return product(*factors)


@st.composite
def sums(draw, term):
    terms = draw(st.lists(term, min_size=1, max_size=2))
    scales = draw(fixed_lists(st.sampled_from([1, -1, 2]), len(terms)))
    return MatAdd(*(MatMul(c, w) for c, w in zip(scales, terms, strict=True)))


pairs = st.one_of(
    words.flatmap(lambda w: st.tuples(st.just(product(*w)), nearly(w))),
    st.tuples(
        *[sums(st.lists(st.sampled_from(LETTERS), max_size=2).map(lambda w: product(*w)))] * 2
    ),
    st.tuples(*[words.map(lambda w: product(*w))] * 2),
)


@settings(max_examples=150)
@given(pairs, assignments())
def test_equal_normal_forms_have_equal_values(pair, values):
    left, right = pair
    same = equal(left, right, RULES)
    event(f"equal: {same}")
    if same:
        assert agree(value(left, values), value(right, values))


# What each matrix rule is for, and that nothing does its work when it is not allowed.

BY_RULE = {
    "orthogonal": [
        (product(Q.T, Q), I),
        (product(Q, Q.T), I),
        (product(Q.T, MatPow(Q, t + 1)), MatPow(Q, t)),
        (Inverse(Q), Q.T),
        (product(Q, D, Q.T, Q, D, Q.T), product(Q, D**2, Q.T)),
    ],
    "symmetric": [(D.T, D), ((W * D).T, product(D, W.T)), ((S**t).T, S**t)],
    "invertible": [
        (product(V, Inverse(V)), I),
        (product(Inverse(V), V), I),
        (product(MatPow(V, t - 1), V), V**t),
        (product(V, Inverse(V), W, V), product(W, V)),
    ],
    "commuting": [(A * B, B * A), (product(B, A, B), product(A, B, B)), (B.T * A.T, A.T * B.T)],
}
ALLOWED = {
    "orthogonal": orthogonal(Q),
    "symmetric": symmetric(D, S),
    "invertible": invertible(V),
    "commuting": commuting(A, B),
}
SPECIMEN = {
    n: 2,
    t: 3,
    s: 2,
    Q: matrix("3/5 -4/5; 4/5 3/5"),
    D: diagonal_matrix(2, 0),
    S: matrix("1 2; 2 0"),
    W: matrix("1 2; 1 0"),
    V: matrix("1 1; 0 2"),
    A: matrix("0 1; 0 0"),
    B: matrix("1 3; 0 1"),
}


def test_every_matrix_rule_is_tested():
    assert set(BY_RULE) == set(ALLOWED) == set(MATRIX_RULES)


@pytest.mark.parametrize(
    ("rule", "left", "right"),
    [(rule, *sides) for rule, identities in BY_RULE.items() for sides in identities],
)
def test_matrix_rule(rule, left, right):
    assert agree(value(left, SPECIMEN), value(right, SPECIMEN))
    assert equal(left, right, [ALLOWED[rule]])
    assert not equal(left, right, [other for name, other in ALLOWED.items() if name != rule])


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (product(Q.T, D**t, Q), product(Q, D**t, Q.T)),  # eq. 10.39 as printed, and as it is true
        ((W * V).T, product(W.T, V.T)),
        (D ** (t + 1), D**t),
        (product(W, V), product(V, W)),
        (MatPow(product(W, V), 2), product(W**2, V**2)),
        (product(A, B.T), product(B.T, A)),  # AB = BA says nothing about Bᵀ
        (product(A, A.T), product(A.T, A)),
        (product(Q, Q), I),
        (Q.T, Q),
        (MatPow(D, 2), D),
        (product(W, W.T), product(W.T, W)),
        (MatMul(2, W), W),
        (MatAdd(W, V), MatAdd(W, MatMul(-1, V))),
        (MatPow(MatAdd(W, V), 2), MatAdd(W**2, MatMul(2, W, V), V**2)),
        (MatPow(MatMul(2, V), t), MatMul(2, V**t)),
        (product(W ** (t + 1), W.T), product(W, W.T ** (t + 1))),
    ],
    ids=str,
)
def test_false_identity_of_matrices(left, right):
    assert not agree(value(left, SPECIMEN), value(right, SPECIMEN))
    assert not equal(left, right, RULES)
    assert matrix_difference(left, right, RULES)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (product(W, Inverse(W)), I),  # W = 0
        (product(MatPow(W, t - 1), W), W**t),  # t = 0
        (MatPow(W**2, Rational(1, 2)), W),  # W = −I
        (MatPow(MatPow(W, Rational(1, 2)), 2 * t), W**t),
        (MatPow(Inverse(W), t), MatPow(W, -t)),
        (Inverse(product(W, V)), product(Inverse(V), Inverse(W))),
    ],
    ids=str,
)
def test_powers_of_a_matrix_that_may_be_singular_stay_whole(left, right):
    assert not equal(left, right, RULES)


def test_the_inverse_of_a_product_of_rectangles_is_no_product():
    square = MatMul(R, R.T)
    words = matrix_difference(Inverse(square), Identity(n), RULES)
    assert {len(word) for word in words} == {0, 1}


def test_zero_to_the_power_zero_is_the_identity():
    assert equal(W**0, I)
    assert equal(MatPow(W, t - t), I)


@pytest.mark.parametrize("index", [Symbol("x"), Symbol("k", integer=True)])
def test_exponents_of_unknown_sign_do_not_add(index):
    assert not equal(product(MatPow(W, index), W), MatPow(W, index + 1))
    assert equal(product(MatPow(V, index), V), MatPow(V, index + 1), RULES) == bool(
        index.is_integer
    )


def test_ranges_say_which_exponents_are_natural():
    left, right = product(MatPow(W, t - s), W), MatPow(W, t - s + 1)
    assert not equal(left, right)
    assert equal(left, right, where=[Range(t, s)])
    assert not equal(left, right, where=[Range(t, s - 1)])


def test_only_the_power_minus_one_of_an_orthogonal_matrix_is_its_transpose():
    assert equal(MatPow(Q, -1), Q.T, [orthogonal(Q)])
    assert not equal(MatPow(Q, t), Q.T, [orthogonal(Q)])
    assert equal(product(MatPow(Q.T, t), MatPow(Q, t)), Identity(n), [orthogonal(Q)])


@pytest.mark.parametrize(
    ("name", "subjects", "match"),
    [
        ("simplify", (), "no rewriting rule 'simplify'"),
        ("orthogonal", (), "takes the matrices that it is about"),
        ("doit", (W,), "takes none"),
        ("orthogonal", (R,), "needs square ones of one size: R is (n, 2n)"),
        ("commuting", (W, MatrixSymbol("M", m, m)), "one size: W is (n, n), M is (m, m)"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(name, subjects, match):
    with refusing(ValueError, match=re.escape(match)):
        Rule(name, subjects)


# Ordered products and their last factor.

h, F = family("h", n), family("F", n, n)
k, i, j = (Symbol(name, integer=True) for name in "kij")


def test_an_ordered_product_gives_its_last_factor():
    whole = OrderedProduct(F(k) * W, k, s + 1, t + 1)
    peeled = product(F(t + 1), W, OrderedProduct(F(k) * W, k, s + 1, t))
    members = [matrix("1 2; 0 1"), matrix("0 1; 1 1"), matrix("2 0; 1 1"), matrix("1 1; 1 0")]
    values = {**SPECIMEN, s: 1, t: 2, "F": members.__getitem__}
    assert agree(value(whole, values), value(peeled, values))
    assert equal(whole, peeled, [Rule("split")], [Range(t, s)])
    assert not equal(whole, peeled, (), [Range(t, s)])
    assert not equal(whole, peeled, [Rule("split")])  # for t < s there is no factor t + 1
    swapped = product(OrderedProduct(F(k) * W, k, s + 1, t), F(t + 1), W)
    assert not equal(whole, swapped, [Rule("split")], [Range(t, s)])


def test_the_name_of_a_bound_index_makes_no_difference():
    u = Symbol("u", integer=True)
    assert equal(OrderedProduct(F(k), k, s, t), OrderedProduct(F(u), u, s, t))
    assert not equal(OrderedProduct(F(k), k, s, t), OrderedProduct(F(s), k, s, t))


def test_a_norm_is_of_the_normal_form():
    assert equal(Norm(product(Q.T, Q, W)), Norm(W), RULES)
    assert not equal(Norm(product(W, Inverse(W))), 1, [Rule("doit")])
    assert not equal(Norm(W.T), Norm(W))
    assert not equal(Norm(W**2), Norm(W) ** 2)
