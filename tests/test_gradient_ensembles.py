"""Frequencies of vanishing and exploding: what is known exactly, and what must be refused."""

import math

import numpy as np
import pytest
from flint import fmpq

from properties.checking import Check, Violation, rational
from properties.checking.loading import load_catalogue
from properties.checking.plan import Plan
from properties.checking.statistics import interval
from properties.checking.verification import verify_part
from properties.gradient_ensembles import NETS, STATED, Ensemble

CLAIM = next(c for c in load_catalogue().claims if c.name == "mostly_vanishes")


@pytest.mark.parametrize("gain", ["1/2", "1", "2"])
def test_the_share_of_one_linear_unit_is_known(gain):
    # |w|⁵⁰ < 1/100 iff |w| < 10^(−1/25), w ~ N(0, g²): whatever "usually" means, g decides.
    case = Ensemble("linear", 1, rational(gain), seed=0)
    g = float(rational(gain))
    for counted, chance in (
        (case.vanished, math.erf(10 ** (-1 / 25) / (g * math.sqrt(2)))),
        (case.exploded, math.erfc(10 ** (1 / 25) / (g * math.sqrt(2)))),
    ):
        low, high = interval(counted, NETS, 1e-9)
        assert low < chance < high


def test_the_gradient_of_a_linear_net_is_a_power():
    case = Ensemble("linear", 4, rational(1), seed=3)
    W = np.random.default_rng(3).standard_normal((NETS, 4, 4)) / 2
    powers = np.linalg.matrix_power(W, 50)
    np.testing.assert_allclose(case.norms, np.linalg.norm(powers, 2, axis=(1, 2)), rtol=1e-9)


def test_entries_above_the_diagonal_alone_are_nilpotent():
    assert not Ensemble("linear", 16, rational(4), seed=0, upper=True).norms.any()


@pytest.mark.parametrize(("kind", "gain"), STATED)
def test_the_stated_shares_of_wide_nets(kind, gain):
    # The claim is about 16 to 32 units; its shares hold with room at both ends.
    fate, share = STATED[kind, gain]
    for units in (16, 32):
        case = Ensemble(kind, units, gain, seed=1)
        assert case.fates()[fate] > share * NETS
        assert sum(case.fates().values()) == NETS


def test_another_fate_is_noticed():
    class Other(Ensemble):
        def fates(self):
            return {"vanish": NETS // 2, "explode": NETS // 4, "do neither": NETS // 4}

    for kind, gain in STATED:
        if STATED[kind, gain][1] > fmpq(1, 2):
            with pytest.raises(Violation):
                CLAIM.check(Other(kind, 16, gain, seed=0), Check())


def test_the_smallest_refutation_of_rarely_explode():
    outcome = verify_part(CLAIM, "misread[rarely_explode]", Plan())
    assert outcome.verdict == "holds", outcome.message
    assert "kind='linear', units=16" in repr(outcome.counterexample.case)


def test_the_intervals_are_shown():
    shown = Ensemble("linear", 16, rational("1/2"), seed=0).shown()
    assert shown["vanish"] == f"{NETS} of {NETS}: a share in 0.991 … 1.000"
