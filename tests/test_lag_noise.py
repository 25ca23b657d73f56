"""Long lags in noise: the derivation, the known counterexamples, and the numbers explained."""

from fractions import Fraction
from itertools import product
from math import comb, prod

import pytest
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from properties.checking import BALL, Check, Violation, rational
from properties.checking.balls import precision
from properties.checking.loading import load_catalogue
from properties.checking.plan import Plan
from properties.checking.verification import verify_part
from properties.lag_noise import NoisyTerm, kept, noisy_terms
from theory import lag_noise as theory
from theory.derivation import DerivationError
from theory.formula import callable_form
from theory.lag_noise import noise_hides_lags

CLAIM = next(c for c in load_catalogue().claims if c.name == "noise_hides_lags")

KNOWN = {
    "without[every sample is s or −s]": "n=1, values='four'",
    "without[the samples are independent]": "lag=0, s=2, n=5, values='two', repeated=True",
    "misread[impossible]": "lag=0, s=4, n=7",
    "misread[averages_like_one_over_n]": "lag=0, s=2, n=2",
    "misread[in_proportion_to_the_lag]": "lag=1, s=2, n=1",
}


def test_the_derivation_goes_through_and_is_printed():
    assert noise_hides_lags.verify() == len(noise_hides_lags.steps)
    assert noise_hides_lags.latex().isascii()


@pytest.mark.parametrize("assumption", noise_hides_lags.assumptions)
def test_no_assumption_of_the_derivation_is_idle(assumption):
    with pytest.raises(DerivationError):
        noise_hides_lags.without(assumption).verify()


@pytest.mark.parametrize("part", KNOWN)
def test_the_known_counterexample_is_found(part):
    outcome = verify_part(CLAIM, part, Plan())
    assert outcome.verdict == "holds", outcome.message
    assert KNOWN[part] in repr(outcome.counterexample.case)


@settings(max_examples=25)
@given(noisy_terms(n=st.integers(1, 7)))
def test_the_majority_is_the_best_rule(run):
    # The errors of "as the majority", ties decided by a fair coin: over all sequences, one by one.
    right = run.law(1)[run.s]
    wrong = fmpq(0)
    for signs in product((1, -1), repeat=run.n):
        chance = prod((right if sign == 1 else 1 - right for sign in signs), start=fmpq(1))
        wrong += chance * (fmpq(1, 2) if sum(signs) == 0 else sum(signs) < 0)
    assert wrong == run.error


@pytest.mark.parametrize(("values", "repeated"), [("two", True), ("four", False), ("four", True)])
def test_errors_of_other_samples(values, repeated):
    run = NoisyTerm(rational(1), rational("1/2"), 1, rational(2), 3, values, repeated)
    # One sample of two values is wrong about the sign with its rarer value; of four, never.
    assert run.error == (0 if values == "four" else fmpq(3, 8))


def test_a_value_that_either_sign_can_give():
    # s = gλᵏ and four values: ±2s tell the sign, and 0, which comes half of the time, does not.
    run = NoisyTerm(rational(1), rational(1), 0, rational(1), 3, "four")
    assert run.error == fmpq(1, 2) * fmpq(1, 2) ** 3


@pytest.mark.parametrize("s", ["101/100", "2", "100"])
def test_one_sample_reaches_the_lower_bound(s):
    run = NoisyTerm(rational(1), rational(1), 0, rational(s), 1)
    assert 4 * run.error * (1 - run.error) == run.variance / run.s**2


def test_a_wrong_error_is_noticed():
    class Luckier(NoisyTerm):
        error = fmpq(1, 10**6)

    class Unluckier(NoisyTerm):
        error = fmpq(1, 2)

    for wrong in (Luckier, Unluckier):
        with pytest.raises(Violation):
            CLAIM.check(wrong(rational(1), rational("1/2"), 2, rational(1), 40), Check())


@pytest.mark.parametrize(
    ("lag", "needed", "sufficient"), [(10, 26.6, 72.2), (50, 121_600, 294_600)]
)
def test_how_many_samples_the_explanation_speaks_of(lag, needed, sufficient):
    # g = σ = 1, λ = 0.9 and δ = 1/100.
    with precision(128):
        ratio = arb("0.81") ** lag
        δ = arb("0.01")
        least = (1 / (4 * δ * (1 - δ))).log() / ratio
        most = 2 * (1 / ratio + 1) * (1 / (2 * δ)).log()
        assert abs(least / needed - 1) < 2e-3
        assert abs(most / sufficient - 1) < 2e-3
        # These follow from the derived bounds, which δ = 1/100 meets at neither number.
        exact = callable_form(
            (theory.g, theory.λ, theory.v, theory.k, theory.n), theory.constant, BALL
        )
        assert exact(arb(1), arb("0.9"), arb(1), lag, int(0.99 * needed)) > 4 * δ * (1 - δ)
        assert exact(arb(1), arb("0.9"), arb(1), lag, int(1.01 * sufficient)) < 4 * δ**2


def test_the_number_at_lag_ten_by_enumeration():
    # θ = λᵏ/√(1 + λ²ᵏ) at λ = 0.9, k = 10 is 0.3293; rationals on either side of it.
    def error(θ, n):
        p = Fraction(θ).limit_denominator(10**4) / 2 + Fraction(1, 2)
        return (
            sum(
                comb(n, j) * min(p**j * (1 - p) ** (n - j), p ** (n - j) * (1 - p) ** j)
                for j in range(n + 1)
            )
            / 2
        )

    assert error(0.33, 27) > Fraction(1, 100) > error(0.329, 73)
    # The least number that is enough lies between the bounds.
    assert error(0.3293, 45) > Fraction(1, 100) > error(0.3293, 47)


def test_what_is_left_of_lag_twenty():
    # A single sample at λ = 1/2, lag 20 has as good as no part in telling the sign.
    assert kept(fmpq(1), fmpq(1, 2), fmpq(1), 20, 1) > 1 - fmpq(1, 10**12)
