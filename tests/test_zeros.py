"""Zeros are isolated with certainty: all of them, each once, and what cannot be decided is said."""

import pytest
from flint import arb, arb_mat, fmpq, fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from properties.checking.balls import UndecidedError, precision
from properties.checking.zeros import _separate, zeros, zeros_of_one_variable


def polynomial(roots):
    """∏(x − r) on Taylor coefficients."""

    def apply(x):
        result = [arb(1)] + [arb(0)] * (len(x) - 1)
        for root in roots:
            factor = [x[0] - arb(root), *x[1:]]
            result = [
                sum((result[i] * factor[k - i] for i in range(k + 1)), arb(0))
                for k in range(len(x))
            ]
        return result

    return apply


sixteenths = st.integers(-15, 15).map(lambda k: fmpq(k, 16))


@given(st.sets(sixteenths, max_size=5))
def test_all_roots_of_a_polynomial_and_no_others(roots):
    found = zeros_of_one_variable(polynomial(roots), -1, 1)
    assert len(found) == len(roots)
    for ball, root in zip(found, sorted(roots), strict=True):
        assert ball.contains(arb(root))
        assert float(ball.rad()) < 2.0**-200


@settings(max_examples=30)
@given(st.sets(sixteenths, min_size=1, max_size=3), st.integers(2, 3), st.data())
def test_a_multiple_root_that_is_known(roots, multiplicity, data):
    multiple = data.draw(st.sampled_from(sorted(roots)))
    function = polynomial([*roots, *[multiple] * (multiplicity - 1)])
    with pytest.raises(UndecidedError):
        zeros_of_one_variable(function, -1, 1)
    found = zeros_of_one_variable(function, -1, 1, [(arb(multiple), multiplicity)])
    assert [ball.contains(arb(root)) for ball, root in zip(found, sorted(roots), strict=True)]
    assert len(found) == len(roots)


def test_two_roots_that_are_near():
    near = [fmpq(1, 3), fmpq(1, 3) + fmpq(1, 10**9)]
    assert len(zeros_of_one_variable(polynomial(near), -1, 1)) == 2
    too_near = [fmpq(1, 3), fmpq(1, 3) + fmpq(1, 10**18)]
    with pytest.raises(UndecidedError, match=r"^a zero near \[0\.333333333\d+\] is not isolated$"):
        zeros_of_one_variable(polynomial(too_near), -1, 1)


def test_a_root_outside_is_not_counted_and_one_on_the_edge_is_not_decided():
    roots = [fmpq(-17, 16), fmpq(1, 2), fmpq(1)]
    assert len(zeros_of_one_variable(polynomial(roots[:2]), -1, 1)) == 1
    assert len(zeros_of_one_variable(polynomial(roots), -1, 1)) == 2
    with pytest.raises(UndecidedError, match=r"^a zero near \[1\.0\d+\] is not isolated$"):
        zeros_of_one_variable(polynomial([arb(1, 2.0**-25)]), -1, 1)


def test_a_multiplicity_that_is_too_high_is_not_believed():
    with pytest.raises(
        UndecidedError, match=r"^derivative 3 at 0 is not seen to differ from zero$"
    ):
        zeros_of_one_variable(polynomial([fmpq(0), fmpq(0)]), -1, 1, [(arb(0), 3)])


@settings(max_examples=30)
@given(
    st.sampled_from(([1, 0, 0, 1], [1, 1, 0, 1], [2, 1, 1, 1], [1, -1, 1, 1])),
    st.sets(sixteenths, max_size=3),
    st.sets(sixteenths, max_size=2),
)
def test_the_zeros_in_a_plane_are_those_of_each_coordinate(entries, first, second):
    """M(f(x), g(y)) = 0 with an invertible M, where f and g are polynomials."""
    M = arb_mat(fmpq_mat(2, 2, entries))
    parts = [polynomial(first), polynomial(second)]

    def function(x):
        values = [part([each])[0] for part, each in zip(parts, x, strict=True)]
        return (M * arb_mat(2, 1, values)).entries()

    def jacobian(x):
        slopes = [part([each, arb(1)])[1] for part, each in zip(parts, x, strict=True)]
        return M * arb_mat([[slopes[0], 0], [0, slopes[1]]])

    found = zeros(function, jacobian, [arb(0, 1), arb(0, 1)])
    expected = {(one, two) for one in first for two in second}
    assert len(found) == len(expected)
    for one, two in expected:
        assert sum(x.contains(arb(one)) and y.contains(arb(two)) for x, y in found) == 1


def test_a_wrong_derivative_does_not_go_unnoticed():
    """Of x² − 1/4 with the slope x instead of 2x, Newton's step never lands inside its box."""

    def function(x):
        return [x[0] * x[0] - arb(fmpq(1, 4))]

    with precision(64):
        assert len(zeros(function, lambda x: arb_mat([[2 * x[0]]]), [arb(0, 1)])) == 2
    with pytest.raises(UndecidedError):
        zeros(lambda x: [x[0] ** 3], lambda x: arb_mat([[3 * x[0] * x[0]]]), [arb(0, 1)])


def test_zeros_that_are_not_seen_to_differ_or_to_lie_inside_are_not_decided():
    box, near = [arb(0, 1)], [arb(0.5, 0.25)]
    apart = [near, [arb(-0.5, 0.25)]]
    assert _separate(apart, box) is apart
    with pytest.raises(UndecidedError, match=r"^two zeros near .* are not seen to differ$"):
        _separate([near, [arb(0.75, 0.25)]], box)
    with pytest.raises(UndecidedError, match=r"^a zero at .* is not seen to lie in the box$"):
        _separate([[arb(1, 0.25)]], box)
