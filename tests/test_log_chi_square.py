"""The exact laws that Gaussian products are judged by, against other accounts of them."""

import math

import numpy as np
import pytest
from flint import acb, arb

from properties.checking.balls import precision
from properties.checking.log_chi_square import (
    CDF_ERROR,
    clipping,
    distribution,
    log_sum_exceeds,
)


@pytest.fixture(autouse=True)
def _many_bits():
    with precision(128):
        yield


def survival(degrees, x):
    """P(χ² > x)."""
    return (arb(x) / 2).gamma_upper(arb(degrees) / 2, regularized=1)


def density_of_log(degrees):
    """The density of ln z, z being χ², as a function of a complex y."""
    a = arb(degrees) / 2
    return lambda y: ((y - arb(2).log()) * a - y.exp() / 2).exp() / a.gamma()


def integral(function, low, high):
    return acb.integral(lambda y, _: function(y), low, high).real


@pytest.mark.parametrize("degrees", [1, 2, 5, 30])
@pytest.mark.parametrize("x", [0.01, 1.0, 40.0])
def test_one_term_is_the_law_itself(degrees, x):
    found = log_sum_exceeds(degrees, 1, arb(x).log())
    assert found.overlaps(survival(degrees, x))
    assert found.rad() < 1e-9


@pytest.mark.parametrize("x", [0.1, 1.0, 9.0, 60.0])
def test_two_exponentials_multiply_to_a_bessel_function(x):
    # z_i = 2E_i, and P(E_1 E_2 > y) = ∫ exp(−e − y/e) de = 2√y·K_1(2√y).
    y = arb(x) / 4
    exact = 2 * y.sqrt() * (2 * y.sqrt()).bessel_k(1)
    assert log_sum_exceeds(2, 2, arb(x).log()).overlaps(exact)


@pytest.mark.parametrize(("degrees", "terms"), [(1, 50), (4, 20), (8, 3), (24, 8)])
def test_its_extremes(degrees, terms):
    assert (
        log_sum_exceeds(degrees, terms, terms * math.log(degrees) + 60 * math.sqrt(terms)) < 1e-12
    )
    assert log_sum_exceeds(degrees, terms, terms * math.log(degrees) - 60 * terms) > 1 - 1e-12


def test_a_wider_threshold_holds_the_narrower_one():
    narrow, wide = (log_sum_exceeds(3, 7, arb(5, radius)) for radius in (0, 1e-6))
    assert wide.contains(narrow)
    assert log_sum_exceeds(3, 7, arb(5, 0) + 2e-6) < narrow


@pytest.mark.parametrize("degrees", [1, 2, 3, 8])
@pytest.mark.parametrize(("low", "high"), [(-4.0, 2.0), (-1.0, 1.0), (-20.0, 4.0)])
def test_clipping_holds_what_it_changes(degrees, low, high):
    density = density_of_log(degrees)
    # Beyond −80 and 6 the density of ln z is below e⁻⁴⁰ and e⁻¹⁹⁰.
    below = integral(lambda y: (low - y) * density(y), -80, low)
    above = integral(lambda y: (y - high) * density(y), high, 6)
    changed = clipping(degrees, low, high)
    assert changed.upper() >= below.lower()
    assert changed.lower() <= -above.upper()
    # And little more: the density's bound is off by at most e^(e^low/2), a radius by some 2⁻²⁸.
    assert changed.upper() < below * (arb(low).exp() / 2).exp() + changed.rad() * 2.0**-27


def test_scipy_is_as_accurate_as_it_is_taken_to_be():
    generator, worst = np.random.default_rng(0), 0.0
    for degrees in (*range(1, 13), 24, 50, 100):
        values = np.concatenate(
            [generator.chisquare(degrees, 200), np.linspace(0, degrees + 40, 100)]
        )
        found, errors = distribution(np.full(values.shape, degrees), values, 0.0)
        exact = [float((arb(x) / 2).gamma_lower(arb(degrees) / 2, regularized=1)) for x in values]
        worst = max(worst, float(np.max(np.abs(found - exact))))
        assert np.all(errors >= CDF_ERROR)
    # A tenth of what is allowed for, and no less than a hundred-thousandth.
    assert CDF_ERROR / 1e5 < worst < CDF_ERROR / 10


def test_a_value_known_to_within_an_error_has_its_probability_within_one():
    values, errors = np.array([0.0, 1.0, 7.0]), np.array([0.5, 0.25, 1.0])
    found, inexact = distribution(np.array([1, 2, 3]), values, errors)
    for degrees, value, error, p, e in zip((1, 2, 3), values, errors, found, inexact, strict=True):
        for end in (max(value - error, 0.0), value + error):
            assert abs(1 - survival(degrees, end) - p) <= e
