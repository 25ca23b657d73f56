"""The statistical comparisons: exact error rates where laws are finite, true and wrong samples."""

from itertools import accumulate
from math import comb

import numpy as np
import pytest
from flint import arb, fmpq

from properties.checking.comparison import Check, NotFinite, Violation
from properties.checking.statistics import (
    DKWM,
    FALSE_ALARM,
    MISS,
    ClopperPearson,
    EmpiricalBernstein,
    Hoeffding,
    distance_from_uniform,
    interval,
)

N = 20_000
RATES = {"false_alarm": 0.05, "miss": 0.02}


def exactly(x):
    """The rational that a float is."""
    return fmpq(*float(x).as_integer_ratio())


def binomial(n, p):
    """P(k successes), k = 0 … n, exactly."""
    return [comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]


def chance(n, p, accepts):
    """The exact chance that a sample of n coins with this p is accepted."""
    masses = binomial(n, p)
    return sum((masses[k] for k in range(n + 1) if accepts(k)), fmpq(0))


def accepted_by(test, n, p):
    """Which numbers of successes each test takes for samples of a coin with chance p."""

    def accepts(k):
        share = k / n
        if isinstance(test, ClopperPearson):
            low, high = test.interval(k, n)
            return low <= p <= high
        if isinstance(test, EmpiricalBernstein):
            return abs(share - p) <= test.half_width(n, share * (1 - share) * n / (n - 1))
        return abs(share - p) <= test.half_width(n)

    return accepts


COINS = [fmpq(1, 2), fmpq(1, 10), fmpq(9, 10), fmpq(1, 100)]


def judges(p):
    """Every test of a mean in [0, 1], for coins that succeed with chance p."""
    return [
        Hoeffding(0.0, 1.0, **RATES),
        EmpiricalBernstein(0.0, 1.0, 0.5, **RATES),
        ClopperPearson(float(p), float(p), **RATES),
    ]


@pytest.mark.parametrize("p", COINS)
@pytest.mark.parametrize("n", [10, 60, 200])
def test_a_coin_is_rejected_at_most_as_often_as_stated(p, n):
    for test in judges(p):
        assert 1 - chance(n, p, accepted_by(test, n, float(p))) <= fmpq(1, 20)


@pytest.mark.parametrize("p", COINS)
@pytest.mark.parametrize("n", [60, 200])
def test_a_coin_as_far_off_as_stated_is_seldom_accepted(p, n):
    for test in judges(p):
        # A little more than the discrepancy stated, for its rounding.
        discrepancy = exactly(test.min_discrepancy(n)) + fmpq(1, 2**50)
        # A coarse rational on the far side keeps the arithmetic small.
        below = fmpq(((p - discrepancy) * 2**12).floor(), 2**12)
        above = fmpq(((p + discrepancy) * 2**12).ceil(), 2**12)
        for wrong in (below, above):
            if 0 <= wrong <= 1:
                assert chance(n, wrong, accepted_by(test, n, float(p))) <= fmpq(1, 50)


def test_clopper_pearson_is_sharp():
    # At the ends of the interval the tails have the chance stated, up to the step of the search.
    low, high = interval(7, 50, 0.1)
    at_most = list(accumulate(binomial(50, exactly(high))))[7]
    at_least = 1 - list(accumulate(binomial(50, exactly(low))))[6]
    for tail in (at_most, at_least):
        assert exactly(0.05) * (1 - fmpq(1, 10**9)) <= tail <= exactly(0.05)


def test_one_trial_has_an_interval():
    # After one success p is at least α/2 but for α, after one failure at most 1 − α/2.
    assert abs(interval(1, 1, 0.1)[0] - 0.05) < 1e-12
    assert abs(interval(0, 1, 0.1)[1] - 0.95) < 1e-12


def test_clopper_pearson_as_tabulated():
    # 95 % limits for 0, 1 and 5 of 10: C. Clopper and E. Pearson 1934, and any later table.
    table = {0: (0.0, 0.3085), 1: (0.0025, 0.4450), 5: (0.1871, 0.8129), 10: (0.6915, 1.0)}
    for successes, limits in table.items():
        found = interval(successes, 10, 0.05)
        assert all(abs(a - b) <= 0.00005 for a, b in zip(found, limits, strict=True))


def test_dkwm_against_the_exact_law_of_the_distance():
    from scipy.stats import kstwo

    for n in (5, 50, 500):
        assert kstwo.sf(DKWM(**RATES).half_width(n), n) <= 0.05


@pytest.mark.parametrize(
    "test",
    [
        Hoeffding(-1.0, 3.0),
        EmpiricalBernstein(-1.0, 3.0, 0.25),
        DKWM(),
        ClopperPearson(0.3, 0.3),
        ClopperPearson(0.0, 1e-4),
        ClopperPearson(0.5, 1.0),
    ],
)
def test_samples_and_discrepancies_invert_each_other(test):
    discrepancies = [test.min_discrepancy(n) for n in (1000, 4000, 16000)]
    assert discrepancies == sorted(discrepancies, reverse=True)
    for discrepancy in (0.2, 0.02):
        n = test.min_num_samples(discrepancy)
        assert test.min_discrepancy(n) <= discrepancy < test.min_discrepancy(n - 1)


def test_too_few_trials_reveal_nothing():
    # That all of 38 succeed has the chance 0.9³⁸ = 0.0182: no number of successes is too many.
    judge = ClopperPearson(0.0, 0.9, false_alarm=0.018)
    for n in (1, 2, 38):
        assert 1 - 0.9 < judge.min_discrepancy(n) <= 1 - 0.9 + 2.0**-52
    assert judge.min_discrepancy(39) < 1 - 0.9


def test_a_sample_of_small_variance_is_judged_more_sharply():
    # Maurer and Pontil, theorem 4, on both sides: √(2v ln(4/δ)/n) + 7 ln(4/δ)/(3(n − 1)).
    test, rate = EmpiricalBernstein(0.0, 2.0, 0.5, false_alarm=0.04), np.log(100)
    for variance, given in ((0.01, 0.01), (0.25, None)):
        expected = np.sqrt(2 * variance * rate / 50) + 2 * 7 * rate / (3 * 49)
        assert test.half_width(50, given) == pytest.approx(expected, rel=1e-14)


def test_the_empirical_variance_pays_where_it_is_small():
    assert EmpiricalBernstein(0.0, 1.0, 0.01).min_discrepancy(N) < Hoeffding(
        0.0, 1.0
    ).min_discrepancy(N)


def test_rates_are_the_ones_promised():
    assert FALSE_ALARM <= 1e-9
    assert MISS <= 1e-6


def uniforms(seed):
    return np.random.default_rng(seed).random(N)


@pytest.mark.parametrize("seed", range(5))
def test_true_samples_pass(seed):
    check, u = Check(), uniforms(seed)
    check.mean(u, 0.5, "Hoeffding", low=0.0, high=1.0)
    check.mean(u**2, arb(1) / 3, "Bernstein", low=0.0, high=1.0, deviation=0.3)
    check.uniform(u, "DKWM")
    check.proportion(int(np.sum(u < 0.3)), N, "Clopper-Pearson", least=0.3, most=0.3)
    check.proportion(int(np.sum(u < 0.3)), N, "at most", most=0.3)
    check.proportion(int(np.sum(u < 0.3)), N, "at least", least=0.3)
    assert check.tiers == {"statistical"}
    assert FALSE_ALARM * 5 < check.false_alarm < FALSE_ALARM * 7
    assert set(check.detects) == set(check.ratios)


@pytest.mark.parametrize("seed", range(5))
def test_wrong_samples_are_rejected_at_the_stated_discrepancy(seed):
    u = uniforms(seed)
    shift = Hoeffding(0.0, 1.0).min_discrepancy(N)
    with pytest.raises(Violation):
        Check().mean(u, 0.5 + shift, "mean", low=0.0, high=1.0)
    shift = EmpiricalBernstein(0.0, 1.0, 0.3).min_discrepancy(N)
    for sign in (-1, 1):
        with pytest.raises(Violation):
            Check().mean(u**2, 1 / 3 + sign * shift, "mean", low=0.0, high=1.0, deviation=0.3)
    # The law on [0, 1 − d] lies d from the uniform one, at its end.
    with pytest.raises(Violation):
        Check().uniform(u * (1 - DKWM().min_discrepancy(N)), "law")
    known = 0.3
    shift = ClopperPearson(known, known).min_discrepancy(N)
    for wrong in (known - shift, known + shift):
        with pytest.raises(Violation):
            Check().proportion(int(np.sum(u < wrong)), N, "chance", least=known, most=known)
    shift = ClopperPearson(0.0, known).min_discrepancy(N)
    with pytest.raises(Violation):
        Check().proportion(int(np.sum(u < known + shift)), N, "at most", most=known)
    shift = ClopperPearson(known, 1.0).min_discrepancy(N)
    with pytest.raises(Violation):
        Check().proportion(int(np.sum(u < known - shift)), N, "at least", least=known)


def test_a_one_sided_proportion_does_not_mind_the_other_side():
    check = Check()
    check.proportion(0, N, "at most", most=0.3)
    check.proportion(N, N, "at least", least=0.3)


def test_the_distance_is_that_of_the_staircase():
    # Three points: the staircase stands at 2/3 just after 1/4, and at 2/3 just before 3/4.
    assert 0 <= distance_from_uniform([0.25, 0.125, 0.75]) - (2 / 3 - 0.25) <= 1e-15
    assert distance_from_uniform([fmpq(1, 4)]) == distance_from_uniform([0.25])
    # Anything between 1/4 and 3/4 may be 3/4 off.
    assert 0 <= distance_from_uniform([0.5], 0.25) - 0.75 <= 1e-15


def test_bad_input_names_itself():
    with pytest.raises(ValueError, match="samples"):
        Check().mean(np.array([0.5, 2.0]), 0.5, "mean", low=0.0, high=1.0)
    with pytest.raises(NotFinite):
        Check().mean(np.array([0.5, np.nan]), 0.5, "mean", low=0.0, high=1.0)
    with pytest.raises(ValueError, match="values"):
        Check().uniform(np.array([0.5, 1.5]), "law")
    with pytest.raises(NotFinite):
        Check().uniform(np.array([0.5, np.nan]), "law")
    with pytest.raises(ValueError, match="successes"):
        Check().proportion(3, 2, "chance", most=0.5)
    with pytest.raises(ValueError, match="least, most"):
        ClopperPearson(0.5, 0.4)
    with pytest.raises(ValueError, match="low, high"):
        Hoeffding(1.0, 1.0)
    with pytest.raises(ValueError, match="false_alarm"):
        DKWM(false_alarm=0.0)
    with pytest.raises(ValueError, match="discrepancy"):
        DKWM().min_num_samples(0.0)
