"""The shelf of norms and eigenvectors: each lemma on generated exact cases."""

from flint import fmpq, fmpq_mat
from hypothesis import given
from hypothesis import strategies as st
from sympy import MatrixSymbol, Symbol

from properties.checking import diagonal
from properties.checking.domains import fixed_lists, matrices, rationals, rectangles, vectors
from properties.checking.exact import squared_length
from properties.checking.norms import (
    row_sum_norm,
    spectral_norm_at_most,
    spectral_norm_below,
)
from properties.linear_recurrence_domains import normal_systems
from theory import lemmas_of_norms
from theory.derivation import Lemma, at_most

ON_THE_SHELF = {lemma.name for lemma in vars(lemmas_of_norms).values() if isinstance(lemma, Lemma)}
sizes = st.integers(1, 4)


def test_every_lemma_has_its_test():
    assert {
        lemmas_of_norms.transposition.name,
        lemmas_of_norms.homogeneity.name,
        lemmas_of_norms.diagonal_norm.name,
        lemmas_of_norms.entry_of_matrix.name,
        lemmas_of_norms.spectral_theorem.name,
        lemmas_of_norms.eigencomponent.name,
    } == ON_THE_SHELF


@given(sizes.flatmap(matrices), sizes.flatmap(matrices))
def test_transposition(a, b):
    assert (a == b) == (a.transpose() == b.transpose())


@given(rationals(), st.tuples(sizes, sizes).flatmap(lambda shape: rectangles(*shape)))
def test_a_scalar_leaves_a_norm_as_its_modulus(c, a):
    for matrix in (a, a.transpose()):
        assert row_sum_norm(c * matrix) == abs(c) * row_sum_norm(matrix)


@given(st.lists(rationals(), min_size=1, max_size=4))
def test_the_norm_of_a_diagonal_matrix(entries):
    d = diagonal([abs(e) for e in entries])
    bound = max(map(abs, entries))
    assert row_sum_norm(d) == row_sum_norm(d.transpose()) == bound
    assert spectral_norm_at_most(d, bound)
    for smaller in {abs(e) for e in entries} - {bound}:
        assert not spectral_norm_at_most(d, smaller)


@given(sizes.flatmap(matrices), st.lists(st.sampled_from([1, 2, 4]), min_size=4, max_size=4))
def test_an_entry_is_no_more_than_the_norm(a, scales):
    """In ‖·‖₁, ‖·‖₂ and ‖·‖_∞; where the norm of vectors is max |x_i|/s_i it may be more."""
    largest = max(map(abs, a.entries()))
    assert largest <= min(row_sum_norm(a), row_sum_norm(a.transpose()))
    assert largest == 0 or not spectral_norm_below(a, largest)
    s = scales[: a.nrows()]
    scaled = diagonal(s).inv() * a * diagonal(s)
    assert largest <= row_sum_norm(scaled) * max(s) / min(s)


def test_an_entry_may_exceed_a_norm_that_counts_a_unit_for_less():
    a = fmpq_mat(2, 2, [0, 0, 1, 0])
    assert row_sum_norm(diagonal([1, 2]).inv() * a * diagonal([1, 2])) == fmpq(1, 2) < 1


def squares_of_components(system, x):
    """|q_k*x|² for the eigenvectors of W = QTQᵀ, T of numbers and scaled rotations.

    A rotation of coordinates i and i + 1 has the eigenvectors (e_i ± ie_{i+1})/√2, so that x has
    the squared component (x_i² + x_{i+1}²)/2 along either.
    """
    y, n = (system.q.transpose() * x).entries(), system.n
    turned = [i for i in range(n - 1) if system.schur[i + 1, i] != 0]
    squares = [entry**2 for entry in y]
    for i in turned:
        squares[i] = squares[i + 1] = (y[i] ** 2 + y[i + 1] ** 2) / 2
    return squares


@given(normal_systems())
def test_the_spectral_theorem(system):
    assert squared_length(system.h0) == sum(squares_of_components(system, system.h0), fmpq(0))


@given(normal_systems())
def test_a_component_along_an_eigenvector_is_multiplied(system):
    before = squares_of_components(system, system.h0)
    after = squares_of_components(system, system.w.transpose() * system.h0)
    assert after == [m**2 * c for m, c in zip(system.moduli(), before, strict=True)]


@given(fixed_lists(rationals(), 4), vectors(2))
def test_without_normality_a_component_is_not_multiplied(entries, x):
    """The premise is needed: a coupling of 1 moves the second coordinate's component."""
    a, d, x_1, x_2 = entries
    w = fmpq_mat([[a, 1], [0, d]])
    moved = w.transpose() * fmpq_mat([[x_1], [x_2]])
    assert (abs(moved[1, 0]) == abs(d * x_2)) == (x_1 == 0 or x_1 == -2 * d * x_2)


def test_an_entry_is_one_of_the_matrix():
    n, t = Symbol("n", integer=True, positive=True), Symbol("t", integer=True, positive=True)
    i, j = Symbol("i", integer=True), Symbol("j", integer=True)
    premises, _ = lemmas_of_norms.entry_of_matrix.instance(MatrixSymbol("R", n, t), i, j)
    within = [at_most(0, i), at_most(i, n - 1), at_most(0, j), at_most(j, t - 1)]
    assert list(premises[2:]) == within
