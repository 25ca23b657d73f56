"""Indices: what follows from their ranges, and their canonical names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import IndexedBase, MatrixSymbol, Product, Sum, Symbol, oo

from tests.evaluation import value
from tests.saying import refusing
from theory.matrices import OrderedProduct, family
from theory.normal_form import equal
from theory.ranges import (
    Range,
    bound_ranges,
    canonical,
    canonical_again,
    implied,
    nonnegative,
    positive,
)

n = Symbol("n", integer=True, positive=True)
s, t = (Symbol(name, integer=True, nonnegative=True) for name in "st")
i, j, k = (Symbol(name, integer=True) for name in "ijk")
w, v = IndexedBase("w"), IndexedBase("v")
F = family("F", n, n)

SUMS = [
    Sum(w[i] * v[j], (i, 1, 2), (j, 0, 3)),
    Sum(w[i] * w[i], (i, 1, 2), (j, 0, 3)),
    Sum(w[i, j], (i, 0, j), (j, 0, 3)),
    Sum(w[i] * Sum(v[j], (j, 0, i)), (i, 0, t)),
    Sum(Product(w[j] + i, (j, 1, i)), (i, 0, t)) * Product(v[i], (i, 1, t)),
    Sum(Sum(w[k], (k, 0, k)), (k, 0, 3)),
    Sum(w[t] * i, (i, 0, s)),
]
POINT = {
    n: 2,
    s: 1,
    t: 2,
    k: 2,
    "w": lambda *index: 1 + sum((7**place) * i for place, i in enumerate(index)),
    "v": lambda *index: 3 - 2 * sum(index),
}


@pytest.mark.parametrize("expression", SUMS, ids=str)
def test_canonical_names_change_no_value(expression):
    assert value(canonical(expression), POINT) == value(expression, POINT)
    assert canonical(canonical(expression)) == canonical(expression)
    assert not {b.variable for b in bound_ranges(canonical(expression))} & {i, j, k}


def test_only_the_same_sum_is_equal():
    for first in SUMS:
        for second in SUMS:
            assert equal(first, second) == (first is second)


def test_a_sum_that_left_another_has_the_name_of_its_new_depth():
    nested = canonical(Sum(w[i] * Sum(v[j] * w[j, i], (j, 0, i)), (i, 0, t)))
    left = nested.function.subs(nested.limits[0][0], s)
    alone = w[s] * Sum(v[j] * w[j, s], (j, 0, s))
    assert left != canonical(alone) == canonical_again(left)


def test_no_name_captures_another():
    """The inner sum's index has the name that the outer one is to get."""
    outer, inner = (canonical(Sum(w[j], (j, 0, 3)), depth).limits[0][0] for depth in (1, 0))
    mixed = Sum(w[outer] * Sum(v[inner] * w[inner, outer], (inner, 0, 2)), (outer, 0, 3))
    authored = Sum(w[i] * Sum(v[j] * w[j, i], (j, 0, 2)), (i, 0, 3))
    assert canonical_again(mixed) == canonical(authored)
    assert value(canonical_again(mixed), POINT) == value(authored, POINT)


def test_a_canonical_name_is_no_author_s():
    forged = Symbol("·0", integer=True)
    assert not equal(Sum(w[k] * forged, (k, 0, 3)), Sum(w[k] * k, (k, 0, 3)))
    assert not equal(OrderedProduct(F(forged), k, 1, t), OrderedProduct(F(k), k, 1, t))


@given(st.integers(-3, 3), st.integers(-3, 3), st.integers(-3, 3), st.integers(0, 3))
def test_what_is_seen_to_be_nonnegative_is(a, b, first, length):
    """a·k + b for k = first … first + length, and for all k from first on."""
    finite, infinite = Range(k, first, first + length), Range(k, first)
    values = [a * index + b for index in range(first, first + length + 1)]
    assert nonnegative(a * k + b, [finite]) == (min(values) >= 0)
    assert positive(a * k + b, [finite]) == (min(values) > 0)
    assert nonnegative(a * k + b, [infinite]) == (a >= 0 and a * first + b >= 0)
    assert not nonnegative(k + b)


def test_ranges_may_lean_on_one_another():
    below = [Range(i, 0, n - 1), Range(j, i + 1, n)]
    assert nonnegative(j - 1, below)
    assert nonnegative(n - j, below)
    assert positive(j - i, below)
    assert not nonnegative(j - i - 2, below)
    assert implied(Range(j, 1), below)
    assert not implied(Range(j, 2), below)
    assert implied(Range(t, 0))
    assert not implied(Range(t, s))
    assert not implied(Range(i, 0, n - 2), below)


@pytest.mark.parametrize(
    ("variable", "first", "last", "match"),
    [
        (Symbol("x"), 0, oo, "has to be an integer symbol"),
        (t + 1, 0, oo, "has to be an integer symbol"),
        (MatrixSymbol("W", 2, 2), 0, oo, "has to be an integer symbol"),
        (t, t - 1, oo, "depend on t itself"),
        (t, 0, 2 * t, "depend on t itself"),
    ],
)
def test_a_range_that_makes_no_sense_is_refused(variable, first, last, match):
    with refusing(ValueError, match=match):
        Range(variable, first, last)


def test_a_range_implies_another_by_both_of_its_ends():
    below = [Range(i, 0, n - 1)]
    assert implied(Range(i, 0, n - 1), below)
    assert implied(Range(i, 0, n), below)
    assert not implied(Range(i, 0, 0), below)
    assert not implied(Range(i, 1, n), below)


def test_a_range_is_written_with_both_of_its_ends():
    assert (str(Range(k, 1)), str(Range(k, 1, t))) == ("k ≥ 1", "1 ≤ k ≤ t")
    assert (Range(k, 1).latex(), Range(k, 1, t).latex()) == (r"k \ge 1", r"1 \le k \le t")


def test_the_ranges_of_sums_products_and_ordered_products():
    assert bound_ranges(Sum(w[i], (i, 1, 2))) == {Range(i, 1, 2)}
    assert bound_ranges(Product(v[j], (j, 0, n))) == {Range(j, 0, n)}
    assert bound_ranges(OrderedProduct(F(k), k, s, t)) == {Range(k, s, t)}
    assert bound_ranges(Sum(w[i, j], (i, 0, j), (j, 0, 3))) == {Range(i, 0, j), Range(j, 0, 3)}


def names(expression):
    return {str(b.variable) for b in bound_ranges(expression)}


def test_canonical_names_count_the_depth():
    nested = Sum(Product(Sum(w[i, j, k], (i, 0, 1)), (j, 0, 1)), (k, 0, 1))
    assert names(canonical(nested)) == {"·0", "·1", "·2"}
    # Side by side, two sums are equally deep.
    assert names(canonical(Sum(w[i], (i, 0, 1)) + Sum(v[j], (j, 0, 1)))) == {"·0"}
    # In one sum with three indices, the last written is the outermost.
    together = canonical(Sum(w[i, j, k], (i, 0, 1), (j, 0, 1), (k, 0, 1)))
    assert [str(limits[0]) for limits in together.limits] == ["·2", "·1", "·0"]


def test_sums_in_the_limits_of_sums_are_named_too():
    inner = Sum(v[j], (j, 0, 2))
    for limits in ((i, inner, 9), (i, 0, inner)):
        assert names(canonical(Sum(w[i], limits))) == {"·0", "·1"}
    ordered = canonical(OrderedProduct(F(k), k, 0, inner))
    assert str(ordered.variable) == "·0"
    assert names(ordered.last) == {"·1"}
