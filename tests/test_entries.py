"""Entries of matrix expressions, against the matrices that they are entries of."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Derivative, IndexedBase, MatMul, MatrixSymbol, Sum, Symbol, tanh
from sympy.matrices.expressions.hadamard import HadamardProduct

from properties.checking.domains import matrices, rationals, rectangles, vectors
from tests.evaluation import diagonal_matrix, value
from tests.saying import refusing
from theory.entries import Logistic, entry, matrix_entry
from theory.lemmas import COLUMN, ROW
from theory.matrices import Elementwise, family
from theory.normal_form import equal
from theory.printing import plain
from theory.ranges import Range, bound_ranges
from theory.rules import Rule

n, m = (Symbol(name, integer=True, positive=True) for name in "nm")
t = Symbol("t", integer=True, nonnegative=True)
k = Symbol("k", integer=True)
W, V = (MatrixSymbol(name, n, n) for name in "WV")
R = MatrixSymbol("R", n, m)
a, b = MatrixSymbol("a", n, 1), MatrixSymbol("b", m, 1)
h, D, E = family("h", n), family("D", n, n), family("E", n, n)

COLUMNS = [
    a,
    h(t),
    h(t + 1) + a,
    W * a,
    R * b,
    W * h(t) + V * h(t + 1) + a,
    W * (V * a + h(t)),
    MatMul(W, V, a),
    MatMul(D(t), W, h(t)),
    HadamardProduct(a, h(t)),
    HadamardProduct(W * a, V * h(t)) + a,
    W * HadamardProduct(a, R * b),
    Elementwise("identity", W * a),
]


@st.composite
def assignments(draw):
    size, other = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    small = rationals(2, (1, 2))
    drawn = {
        W: draw(matrices(size, small)),
        V: draw(matrices(size, small)),
        R: draw(rectangles(size, other, small)),
        a: draw(vectors(size)),
        b: draw(vectors(other)),
    }
    members = [draw(vectors(size, small)) for _ in range(3)]
    diagonals = [draw(matrices(size, small)) for _ in range(2)]
    return {n: size, m: other, t: draw(st.integers(0, 1)), **drawn}, members, diagonals


def with_entries(values, members, diagonals):
    """The same values, by matrices and by the entries that Indexed stands for."""
    matrices_ = {key: drawn for key, drawn in values.items() if isinstance(key, MatrixSymbol)}
    numbers = {key: number for key, number in values.items() if key not in matrices_}
    in_matrices = {
        **values,
        "h": members.__getitem__,
        "D": diagonals.__getitem__,
        "identity": lambda entry_: entry_,
    }
    in_entries = {
        **numbers,
        **{key.name: lambda i, j=0, drawn=drawn: drawn[i, j] for key, drawn in matrices_.items()},
        "h": lambda step, i: members[step][i, 0],
        "D": lambda step, i, j: diagonals[step][i, j],
    }
    return in_matrices, in_entries


@settings(max_examples=50)
@given(assignments())
def test_entries_of_columns(case):
    in_matrices, in_entries = with_entries(*case)
    for column in COLUMNS:
        whole = value(column, in_matrices)
        for i in range(whole.nrows()):
            assert value(entry(column, ROW), {**in_entries, ROW: i}) == whole[i, 0], column


def test_functions_are_applied_to_entries():
    assert entry(Elementwise("tanh", a), ROW) == tanh(IndexedBase("a")[ROW])
    assert entry(Elementwise("σ", a), ROW) == Logistic(IndexedBase("a")[ROW])
    with refusing(ValueError, match="no elementwise function 'φ'"):
        entry(Elementwise("φ", a), ROW)


@pytest.mark.parametrize("expression", [W, W.T * a, a.T, W**2 * a, W * V])
def test_what_has_no_known_entries_is_refused(expression):
    # Of a product it is the last factor that has none.
    unknown = V if expression == W * V else expression
    said = f"^{re.escape(plain(unknown))} has no entries that are known here"
    with refusing(ValueError, match=said):
        entry(expression, ROW)


def test_members_of_a_family_are_told_apart():
    """∂(Wh_t + h_{t+1})_i/∂h_{t,j} has nothing from h_{t+1}."""
    rules, where = (Rule("differentiate"), Rule("kronecker")), (Range(COLUMN, 0, n - 1),)
    derivative = Derivative(entry(W * h(t) + h(t + 1), ROW), entry(h(t), COLUMN))
    assert equal(derivative, IndexedBase("W")[ROW, COLUMN], rules, where)
    assert entry(h(t), ROW) != entry(h(t + 1), ROW)


@pytest.mark.parametrize("row", [ROW, COLUMN, k, Symbol("k_", integer=True)])
def test_what_is_summed_over_has_a_name_of_its_own(row):
    nested = entry(W * (V * h(k) + a), row)
    names = {bound.variable for bound in bound_ranges(nested)}
    assert len(names) == 2
    assert not names & {row, k}
    assert nested.free_symbols >= {row, k}


# Entries of products of diagonal matrices and others.

DIAGONALS = {D(t): (IndexedBase("d")[ROW], ROW), E(t): (IndexedBase("e")[COLUMN], COLUMN)}
FORMS = [
    W,
    D(t),
    D(t) * W,
    W * E(t),
    D(t) * W * E(t),
    D(t) * E(t),
    D(t) * W + E(t),
    MatMul(D(t), D(t), W),
    W * V,
    MatMul(D(t), W, E(t), V, E(t)),
    MatMul(W, D(t), V, D(t), W) + V,
]


@given(matrices(2), matrices(2), st.lists(rationals(), min_size=4, max_size=4))
def test_entries_of_products(drawn, other, entries):
    left, right = entries[:2], entries[2:]
    in_matrices = {
        n: 2,
        t: 0,
        W: drawn,
        V: other,
        "D": lambda step: diagonal_matrix(*left),
        "E": lambda step: diagonal_matrix(*right),
    }
    in_entries = {
        "W": lambda i, j: drawn[i, j],
        "V": lambda i, j: other[i, j],
        "d": left.__getitem__,
        "e": right.__getitem__,
        n: 2,
        t: 0,
    }
    for form in FORMS:
        whole = value(form, in_matrices)
        symbolic = matrix_entry(form, ROW, COLUMN, DIAGONALS)
        for i in range(2):
            for j in range(2):
                assert value(symbolic, {**in_entries, ROW: i, COLUMN: j}) == whole[i, j], form


@pytest.mark.parametrize("form", [W**2, W.T, W * V.T, 2 * W, D(t) * (W + V)])
def test_other_products_have_no_entry_here(form):
    said = f"^{re.escape(plain(form))} is no product of matrices that have names"
    with refusing(ValueError, match=said):
        matrix_entry(form, ROW, COLUMN, DIAGONALS)


def test_an_entry_is_not_moved_under_a_sum_that_runs_over_it():
    captured = {D(t): (Sum(IndexedBase("d")[ROW, COLUMN], (ROW, 0, n - 1)), COLUMN)}
    with refusing(ValueError, match="already sums over i"):
        matrix_entry(D(t) * W, ROW, COLUMN, captured)
