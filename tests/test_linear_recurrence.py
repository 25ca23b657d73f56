"""The numbers of the linear recurrence, its smallest counterexamples, and what LAPACK does."""

import numpy as np
import pytest
from flint import arb, arb_mat, fmpq, fmpq_mat

from properties.checking import (
    EXACT,
    Check,
    Violation,
    diagonal,
    floats,
    formula,
    identity,
    matrix,
    vector,
)
from properties.checking.balls import precision
from properties.checking.bounds import linear_run
from properties.checking.exact import squared_length
from properties.checking.loading import load_catalogue
from properties.checking.norms import spectral_norm_above
from properties.checking.plan import Plan
from properties.checking.verification import verify_part
from properties.linear_recurrence_cases import SchurSystem, SpectralSystem
from properties.linear_recurrence_envelopes import largest_power
from properties.linear_recurrence_growth import dominant_direction
from properties.linear_recurrence_printed_form import passing
from tests.digits import printed
from theory import linear_recurrence as theory

CLAIMS = {claim.name: claim for claim in load_catalogue().claims}
SMALLEST = {
    ("unrolled_power", "misread[transpose_lost]"): (
        'LinearSystem(w=matrix("0 0; 1 0"), h0=vector("0 1"), t=1)'
    ),
    ("spectral_power", "misread[printed_form]"): (
        'SpectralSystem(q=matrix("-3/5 -4/5; 4/5 -3/5"), eigenvalues=vector("0 1"), '
        'h0=vector("0 1"), t=1)'
    ),
    ("spectral_power", "misread[every_matrix]"): 'SquareMatrix(w=matrix("0 0; 1 0"))',
    ("printed_form_agrees", "misread[whatever_the_time]"): (
        'SpectralSystem(q=matrix("-3/5 -4/5; 4/5 -3/5"), eigenvalues=vector("1 -1"), '
        'h0=vector("0 0"), t=2)'
    ),
    ("printed_form_hides", "misread[one_small_test_is_enough]"): (
        'SquareMatrix(w=matrix("0 1; 1 0"))'
    ),
    ("diagonalisable_power", "without[W is diagonalisable]"): (
        'JordanSystem(v=matrix("1 0; 0 1"), eigenvalues=vector("0 0"), above=(1,), '
        'h0=vector("0 0"), t=1)'
    ),
    ("dominant_direction", "without[one eigenvalue is the largest in modulus]"): (
        'SchurSystem(q=matrix("1 0; 0 1"), schur=matrix("1 0; 0 1"), h0=vector("1 1"), t=0)'
    ),
    ("dominant_direction", "without[h₀ has a component along q₁]"): (
        'SchurSystem(q=matrix("1 0; 0 1"), schur=matrix("1 0; 0 2"), h0=vector("1 0"), t=0)'
    ),
    ("dominant_direction", "misread[the_others_vanish]"): (
        'SchurSystem(q=matrix("1 0; 0 1"), schur=matrix("2 0; 0 3"), h0=vector("1 1"), t=1)'
    ),
    ("norm_growth", "without[W is normal]"): (
        'SchurSystem(q=matrix("1 0; 0 1"), schur=matrix("0 1; 0 0"), h0=vector("1 0"), t=1)'
    ),
    ("transient_growth", "misread[radius_below_one_contracts]"): (
        'Powers(q=matrix("1 0; 0 1"), b=matrix("0 2; 0 0"), t=1)'
    ),
    ("transient_growth", "misread[singular_value_above_one_explodes]"): (
        'Powers(q=matrix("1 0; 0 1"), b=matrix("0 2; 0 0"), t=2)'
    ),
}


@pytest.mark.parametrize(("name", "part"), SMALLEST)
def test_the_smallest_counterexample(name, part):
    outcome = verify_part(CLAIMS[name], part, Plan())
    assert repr(outcome.counterexample.case) == SMALLEST[name, part]


def test_the_rotation_by_45_degrees_refutes_the_printed_form_too():
    with precision(128):
        c = (arb(1) / 2).sqrt()
        q, eigenvalues = arb_mat([[c, -c], [c, c]]), arb_mat([[2, 0], [0, 1]])
        right, swapped = (a * eigenvalues * b for a, b in ((q, q.transpose()), (q.transpose(), q)))
    assert right.contains(arb_mat([[1.5, 0.5], [0.5, 1.5]]))
    assert swapped.contains(arb_mat([[1.5, -0.5], [-0.5, 1.5]]))


def test_the_printed_form_at_the_345_rotation():
    q, eigenvalues = matrix("-3/5 4/5; -4/5 -3/5"), diagonal([2, 1])
    derived = formula(theory.spectral_power, EXACT)(q, eigenvalues, 1, vector("1 0"))
    assert derived == vector("34/25 12/25")
    assert q.transpose() * eigenvalues * q * vector("1 0") == vector("34/25 -12/25")


def test_a_jordan_block_grows_like_t_although_its_radius_is_1():
    for t in (0, 1, 10, 200):
        assert matrix("1 1; 0 1") ** t == matrix([[1, t], [0, 1]])


def test_diag_1_minus_1_keeps_the_angle():
    system = SchurSystem(q=identity(2), schur=matrix("-1 0; 0 1"), h0=vector("1 1"), t=5)
    assert system.tangent_squared(5) == system.tangent_squared(6) == (1, 1)
    with pytest.raises(Violation):
        dominant_direction.check(system, Check())


def test_diag_2_and_3_halves_grows_across_the_dominant_direction():
    system = SchurSystem(q=identity(2), schur=matrix("3/2 0; 0 2"), h0=vector("1 1"), t=10)
    dominant_direction.check(system, Check())
    assert system.tangent_squared(10)[0] == fmpq(3, 2) ** 20


@pytest.mark.parametrize(
    ("k", "norm"), [(1, "10.1"), (5, "32.8"), (10, "38.7"), (50, "2.86")], ids=str
)
def test_the_hump_of_a_non_normal_matrix(k, norm):
    power = matrix("9/10 10; 0 9/10") ** k
    a, b = arb(power[0, 0]), arb(power[0, 1])
    # The singular values of [[a, b], [0, a]] are (√(4a² + b²) ± b)/2.
    assert printed(((4 * a * a + b * b).sqrt() + b) / 2, norm)
    assert printed(spectral_norm_above(floats(power)), norm)


def test_a_nilpotent_matrix_doubles_once_and_is_gone():
    w = matrix("0 2; 0 0")
    assert largest_power(w) == 2
    assert w * w == fmpq_mat(2, 2)


def test_lapack_returns_a_reflection_of_the_plane_iff_the_trace_is_positive():
    g = np.random.default_rng(0).standard_normal((20_000, 2, 2))
    w = (g + g.swapaxes(1, 2)) / 2
    _, q = np.linalg.eigh(w)
    reflection = (q == q.swapaxes(1, 2)).all(axis=(1, 2))
    np.testing.assert_array_equal(reflection, w[:, 0, 0] + w[:, 1, 1] > 0)
    np.testing.assert_array_equal(reflection, passing(w))
    np.testing.assert_array_equal(reflection, ~passing(-w))


def test_the_reflections_pass_for_a_reason_that_is_exact():
    forms = CLAIMS["printed_form_agrees"]
    for q in ("3/5 4/5; 4/5 -3/5", "0 1; 1 0", "0 -1; 1 0", "-1 0; 0 -1"):
        case = SpectralSystem(q=matrix(q), eigenvalues=vector("2 1"), h0=vector("1 0"), t=1)
        forms.check(case, Check())
        square = case.q * case.q
        assert square == identity(2) or square == -1 * identity(2)


def test_a_rounded_weight_is_one_rounding_more_a_product():
    W, states = np.full((1, 1), 1 / 3), np.array([[[3.0]], [[1.0]]])
    once, exactly = (linear_run(W, states, rounded=r).values[-1, 0, 0] for r in (1, 0))
    # u for the start, u for W and u for the product, beside the last alone.
    assert 2.9 < once / exactly < 3.1


def test_lengths_grow_by_the_moduli_alone_in_a_rotated_frame():
    system = SchurSystem(
        q=matrix("3/5 -4/5; 4/5 3/5"), schur=matrix("0 -2; 2 0"), h0=vector("1 2"), t=7
    )
    assert squared_length(system.iterate()) == 4**7 * squared_length(system.h0)
