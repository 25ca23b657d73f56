"""The shelf of inequalities: each lemma on generated exact cases, its premises made true."""

import pytest
from flint import acb
from hypothesis import given
from hypothesis import strategies as st
from sympy import IndexedBase, Symbol, Tuple, symbols

from properties.checking.domains import rationals
from tests.evaluation import value
from theory import lemmas_of_order as shelf
from theory.derivation import Fact, Lemma

a, b, c, d, x = symbols("a b c d x", real=True)
n = Symbol("n", integer=True, nonnegative=True)
k = Symbol("k", integer=True, positive=True)
low, high, weight = IndexedBase("low"), IndexedBase("high"), IndexedBase("x")

ON_THE_SHELF = {lemma for lemma in vars(shelf).values() if isinstance(lemma, Lemma)}
# Dyadic, so that they are exact as balls too.
numbers = rationals(4, (1, 2, 4))
sizes = numbers.map(abs)
positive = sizes.map(lambda size: size + 1)
powers = st.integers(0, 4)


def ordered(least, gap=sizes):
    """Two numbers, the second not below the first."""
    return st.tuples(least, gap).map(lambda pair: (pair[0], pair[0] + pair[1]))


def family(names, entries):
    """The members of indexed families by their names, numbered from 1."""
    return {name: (lambda i, p=p: entries[i - 1][p]) for p, name in enumerate(names)}


triples = st.lists(st.tuples(numbers, sizes, numbers), min_size=1, max_size=4)

CASES = {
    shelf.transitivity: (
        (a, b, c),
        st.tuples(ordered(numbers), sizes).map(
            lambda v: {a: v[0][0], b: v[0][1], c: v[0][1] + v[1]}
        ),
    ),
    shelf.root: (
        (a, b, n),
        st.tuples(ordered(sizes, positive), st.integers(1, 4)).map(
            lambda v: {a: v[0][0], b: v[0][1], n: v[1]}
        ),
    ),
    shelf.square: ((x,), numbers.map(lambda v: {x: v})),
    shelf.difference: ((a, b), ordered(numbers).map(lambda v: dict(zip((a, b), v, strict=True)))),
    shelf.rearrangement: (
        (a, b, a + c, b + c),
        st.tuples(ordered(numbers), numbers).map(lambda v: {a: v[0][0], b: v[0][1], c: v[1]}),
    ),
    shelf.sum_of_inequalities: (
        (a, b, c, d),
        st.tuples(ordered(numbers), ordered(numbers)).map(
            lambda v: {a: v[0][0], b: v[0][1], c: v[1][0], d: v[1][1]}
        ),
    ),
    shelf.sum_of_products: (
        (Tuple(a, b), Tuple(c, d)),
        st.tuples(sizes, sizes, sizes, sizes).map(
            lambda v: dict(zip((a, b, c, d), v, strict=True))
        ),
    ),
    shelf.cancellation: (
        (a, b, c, d),
        st.tuples(numbers, numbers, positive, sizes).map(
            lambda v: {a: v[0], c: v[1], b: v[0] + v[1] + v[2], d: v[0] + v[2] + v[3]}
        ),
    ),
    shelf.below_modulus: ((x,), numbers.map(lambda v: {x: v})),
    shelf.positive_division: (
        (a, b, c),
        st.tuples(ordered(numbers), positive).map(lambda v: {a: v[0][0], b: v[0][1], c: v[1]}),
    ),
    shelf.division: (
        (a, b, c),
        st.tuples(ordered(numbers), positive).map(lambda v: {a: v[0][0], b: v[0][1], c: v[1]}),
    ),
    shelf.increasing_square: (
        (a, b),
        ordered(sizes).map(lambda v: dict(zip((a, b), v, strict=True))),
    ),
    shelf.reciprocal: (
        (a, b),
        ordered(positive).map(lambda v: dict(zip((a, b), v, strict=True))),
    ),
    shelf.positive_power: (
        (a, -n),
        st.tuples(positive, powers).map(lambda v: {a: v[0], n: v[1]}),
    ),
    shelf.monotone_power: (
        (a, b, n),
        st.tuples(ordered(positive), powers).map(lambda v: {a: v[0][0], b: v[0][1], n: v[1]}),
    ),
    shelf.modulus_power: (
        (x, b, n),
        st.tuples(numbers, sizes, powers).map(lambda v: {x: v[0], b: abs(v[0]) + v[1], n: v[2]}),
    ),
    shelf.weighted_squares: (
        (low[k], high[k], weight[k], k, 1, n),
        triples.map(
            lambda v: {
                n: len(v),
                **family(("low", "high", "x"), [(p, p + q, r) for p, q, r in v]),
            }
        ),
    ),
    shelf.exponential: ((x,), numbers.map(lambda v: {x: v})),
}


def holds(relation, values):
    left, right = (value(side, values) for side in relation.sides)
    if isinstance(left, acb) or isinstance(right, acb):
        left, right = acb(left).real, acb(right).real
    return bool(left < right if relation.sign == "<" else left <= right)


def hold(premise, values):
    """Whether a premise is true, for each index where it ranges over one."""
    if isinstance(premise, Fact):
        return premise.name != "nonzero" or all(value(s, values) != 0 for s in premise.subjects)
    if not premise.where:
        return holds(premise, values)
    (index,) = premise.where
    first, last = (int(value(end, values)) for end in (index.first, index.last))
    return all(holds(premise, {**values, index.variable: i}) for i in range(first, last + 1))


def test_every_lemma_has_its_cases():
    assert set(CASES) == ON_THE_SHELF


@pytest.mark.parametrize("lemma", CASES, ids=lambda lemma: lemma.name)
def test_the_lemma_holds_where_its_premises_do(lemma):
    objects, values = CASES[lemma]
    premises, conclusion = lemma.instance(*objects)

    @given(values)
    def test(case):
        assert all(hold(premise, case) for premise in premises)
        assert holds(conclusion, case)

    test()
