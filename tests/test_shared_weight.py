"""The numbers of the scalar network, and its smallest counterexamples."""

import math

import pytest
from flint import arb, fmpq

from properties.checking import EXACT, formula
from properties.checking.balls import precision
from properties.checking.loading import load_catalogue
from properties.checking.plan import Plan
from properties.checking.verification import verify_part
from properties.shared_weight import NearOne
from tests.digits import printed
from theory import shared_weight as theory

CLAIMS = {claim.name: claim for claim in load_catalogue().claims}
SMALLEST = {
    ("scalar_power", "misread[only_large_weights_have_large_slopes]"): (
        'Chain(w=rational("3/4"), T=3)'
    ),
    ("reuse_amplifies", "without[the units are linear]"): (
        'Uses(weights=(rational("3/2"),), uses=(0,), saturating=True)'
    ),
    ("reuse_amplifies", "misread[no_amplification]"): (
        "Uses(weights=(1,), uses=(0, 0), saturating=False)"
    ),
    ("reuse_amplifies", "misread[nothing_between]"): 'NearOne(c=rational("1/2"), T=100)',
    ("transition_width", "misread[one_percent_is_close]"): 'NearOne(c=rational("58/25"), T=232)',
    ("transition_width", "without[w > 0]"): "NearOne(c=-2, T=1)",
    ("not_the_sigmoid", "without[σ₁ < 4]"): (
        'Run(activation=\'logistic\', W=matrix("5"), b=matrix("-5/2"), h0=matrix("1/2"), t=1)'
    ),
}


@pytest.mark.parametrize(("name", "part"), SMALLEST)
def test_the_smallest_counterexample(name, part):
    outcome = verify_part(CLAIMS[name], part, Plan())
    assert repr(outcome.counterexample.case) == SMALLEST[name, part]


def value(w, T):
    return formula(theory.scalar_power, EXACT)(w, T)


@pytest.mark.parametrize(
    ("w", "T", "digits"),
    [
        (fmpq(1), 1000, "1"),
        (fmpq(101, 100), 1000, "20751.6"),
        (fmpq(101, 100), 1001, "20959.2"),
        (fmpq(99, 100), 1000, "4.3607e-5"),
    ],
    ids=str,
)
def test_the_last_value_of_a_thousand(w, T, digits):
    assert printed(arb(value(w, T)), digits)


def test_the_cliff_at_one_percent_more():
    slope = formula(theory.scalar_gradient, EXACT)(fmpq(101, 100), 1000)
    assert slope == 999 * fmpq(101, 100) ** 998
    assert printed(arb(slope), "2.0526e7")


def test_the_plain_at_one_percent_less():
    assert printed(arb(formula(theory.scalar_gradient, EXACT)(fmpq(99, 100), 1000)), "0.0440")


@pytest.mark.parametrize("c", [-2, -1, 1, 2])
def test_the_band_around_1_is_as_wide_as_its_share_of_the_steps(c):
    with precision(128):
        for T in (10, 1000, 100_000):
            power = arb(NearOne(fmpq(c), T).w) ** T
            # w^T = eᶜ(1 − c²/2T + (c³/3 + c⁴/8)/T² + …), and |c| ≤ T/5.
            rest = abs(power / arb(c).exp() - 1 + arb(fmpq(c * c, 2 * T)))
            assert rest < fmpq(c**4 + 2 * abs(c) ** 3, T * T)


def test_the_logistic_slope_is_a_quarter_at_most_and_there_alone():
    slopes = [math.exp(-a) / (1 + math.exp(-a)) ** 2 for a in (-1.0, 0.0, 1.0)]
    assert slopes[1] == 0.25 > max(slopes[0], slopes[2])
