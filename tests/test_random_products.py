"""What the theory of random products gives in numbers, and the counterexamples that are known."""

import math

import numpy as np
import pytest
from flint import acb, arb, fmpq

from models.feedforward import FeedForward
from properties.checking import BALL, EXACT, Check, Violation, formula
from properties.checking.balls import precision
from properties.checking.evidence import entry, header, record
from properties.checking.loading import load_catalogue
from properties.checking.log_chi_square import log_sum_exceeds
from properties.checking.plan import Plan
from properties.checking.verification import verify_part
from properties.random_products_cases import jointly, like_a_gaussian
from properties.random_products_networks_cases import Networks, log_gain
from properties.random_products_stretches import judge_factors
from theory import chi_square, random_matrices, random_products, sampled_variance

CLAIMS = {claim.name: claim for claim in load_catalogue().claims}


@pytest.fixture(autouse=True)
def _many_bits():
    with precision(128):
        yield


def printed(value, digits):
    """Whether a value, a ball or a float, is what is printed: within half a unit of its last."""
    _, _, decimals = digits.partition("e")[0].partition(".")
    scale = int(digits.partition("e")[2] or 0)
    unit = arb(10) ** (scale - len(decimals))
    return bool(abs(arb(value) - arb(digits)) <= unit / 2)


def test_the_logarithm_of_a_gaussian():
    mean, variance = chi_square.gaussian_log_mean, chi_square.gaussian_log_variance
    assert printed(formula(mean, BALL)(arb(1)), "-0.63518")
    assert formula(variance, BALL)().overlaps(arb.pi() ** 2 / 8)
    # v = 2e^γ keeps the mean of the logarithm, and no other v does: the formula rises with ln v/2.
    kept = 2 * arb.const_euler().exp()
    assert printed(kept, "3.5621")
    assert formula(mean, BALL)(kept).contains(0)
    # Its variance is then 3.5621ⁿ.
    assert formula(random_products.product_variance, BALL)(kept, 3).overlaps(kept**3)


@pytest.mark.parametrize("degrees", [1, 2, 5, 30])
def test_mean_and_variance_of_a_logarithm_by_quadrature(degrees):
    half = arb(degrees) / 2

    def moment(power):
        # With x = eʸ; below −200 and above 7 the density of y is below e⁻¹⁰⁰.
        def integrand(y, _):
            return y**power * ((y - arb(2).log()) * half - y.exp() / 2).exp() / half.gamma()

        return acb.integral(integrand, -200, 7).real

    mean, variance = (
        formula(d, BALL)(arb(degrees)) for d in (chi_square.log_mean, chi_square.log_variance)
    )
    assert abs(moment(1) - mean) < 1e-20
    assert abs(moment(2) - mean**2 - variance) < 1e-20


def test_a_shared_gaussian_weight():
    # The law on −a, 0, a has the moments of N(0, a²/3) up to the fifth, so E w⁴ too.
    law = jointly([like_a_gaussian(fmpq(2))])
    v = law.v
    assert law.variance(lambda w: w[0] ** 2) == formula(chi_square.shared_gaussian, EXACT)(v)
    assert formula(chi_square.shared_gaussian, EXACT)(v) == 2 * v**2


def exceeds(n, size):
    """P(|w_1 ⋯ w_n| > size) for independent N(0, 1)."""
    return log_sum_exceeds(1, n, 2 * arb(size).log())


def test_the_median_of_fifty_gaussians():
    # 200 000 draws had the median 2.08e-14; half of their deviation is 0.001 in the probability.
    assert abs(exceeds(50, "2.08e-14") - 0.5) < 0.002
    assert exceeds(50, "2.139e-14") > 0.5 > exceeds(50, "2.140e-14")
    # That none of them exceeded 1 had the chance 0.83.
    assert printed(exceeds(50, 1), "9.57e-7")
    assert printed((1 - exceeds(50, 1)) ** 200_000, "0.83")


def test_keeping_the_geometric_mean_keeps_no_median_of_one():
    # v = 2e^γ: ln |∏w_i| has mean 0 and a skew to the left, so that its median is above 0 for
    # ever, and below 0.29 = −κ₃/6κ₂: |∏w_i| has a median of about 1.3, at n = 1 as at n = 500.
    root = (2 * arb.const_euler().exp()).sqrt()
    for n in (1, 50, 500):
        assert exceeds(n, 1 / root**n) > 0.5
        assert exceeds(n, arb("1.25") / root**n) > 0.5 > exceeds(n, arb("1.35") / root**n)


def test_what_sampling_sees():
    bound = formula(sampled_variance.sampling_cannot_see_variance, BALL)
    # 200 000 samples reach half of the variance of fifty factors with chance 0.0065 at most.
    best = min(
        (bound(arb(200_000), arb(1) / 2, arb(s) / 100, 50) for s in range(1, 101)), key=float
    )
    assert printed(best, "0.0064")
    # And 10¹¹ with ½ at most: fewer do not suffice to be right by a factor of 2 half of the time.
    needed = max(
        (arb(1) / 2 / bound(arb(1), arb(1) / 2, arb(s) / 100, 50)) ** (arb(100) / (100 - s))
        for s in range(1, 100)
    )
    assert printed(needed, "1.04e11")
    relative = formula(sampled_variance.variance_estimate, EXACT)
    ones = dict.fromkeys(range(1, 51), fmpq(1))
    assert relative(ones, fmpq(3), 50, fmpq(1)) == 3**50 - 1
    # For a relative deviation of a tenth: 100·(3⁵⁰ − 1) samples.
    assert printed(arb(100 * (3**50 - 1)), "7.18e25")


def test_a_sampled_variance_is_wrong_by_a_factor_of_a_quarter_million():
    draws = np.random.default_rng(0).standard_normal((200_000, 50))
    assert printed(float(np.mean(np.prod(draws, axis=1) ** 2)), "3.7e-6")


@pytest.mark.parametrize(
    ("n", "exact", "first_order"),
    [
        (1, "1.8874", "1.6487"),
        (2, "1.3346", "1.2840"),
        (10, "1.05302", "1.05127"),
        (100, "1.005029", "1.005013"),
    ],
)
def test_the_driftless_gain(n, exact, first_order):
    assert printed(log_gain(arb(n)).exp(), exact)
    assert printed((arb(1) / (2 * n)).exp(), first_order)


def test_a_layer_varies_by_one_over_twice_its_width():
    variance = formula(chi_square.log_variance, BALL)
    for n in (1, 2, 10, 100, 1000):
        # ψ'(N/2)/4 lies between 1/2N and 1/2N + 1/N².
        assert 0 < variance(arb(n)) / 4 - arb(1) / (2 * n) < arb(1) / n**2


def test_the_decay_at_gain_one():
    drift = formula(random_matrices.feedforward_scaling, BALL)
    for n in (1, 2, 10, 100, 1000):
        # ln of the norm falls by ln g of the driftless gain: by 1/2N and less than 1/6N² more.
        per_layer = drift(0, 1, arb(1), arb(n), None) / 2
        assert per_layer.overlaps(-log_gain(arb(n)))
        assert -arb(1) / (6 * n**2) < per_layer + arb(1) / (2 * n) < 0
    # Twenty layers of 100 units: e^(−D/2N) = 0.905, exactly 0.9046.
    assert printed(drift(0, 20, arb(1), arb(100), None).exp().sqrt(), "0.9045")


def test_relu_halves():
    # In the mean a layer multiplies the squared norm of the signal by ½, and of a gradient
    # orthogonal to it by ½ − 1/N: E K/N and E (K − 1)/N over the 2ᴺ patterns of active units.
    for n in (4, 8):
        patterns = [fmpq(math.comb(n, k), 2**n) for k in range(n + 1)]
        assert sum(p * k for k, p in enumerate(patterns)) / n == fmpq(1, 2)
        assert sum(p * (k - 1) for k, p in enumerate(patterns)) / n == fmpq(1, 2) - fmpq(1, n)
    # So ln of a wide net's gradient falls by ½ ln 2 a layer: to 1 % at 100 active of 200.
    drift = formula(random_matrices.relu_scaling, BALL)(0, 1, arb(1), arb(200), arb(99))
    assert abs(drift / -arb(2).log() - 1) < 0.03


def test_the_same_weights_again_and_again():
    # N = T = 100 at g = 1, from a unit vector: measured were 3.0 ± 2.9 tied, −0.6 ± 0.6 untied.
    nets, width, depth = 40, 100, 100
    generator = np.random.default_rng(0)
    ends = {}
    for tied in (True, False):
        shape = (1 if tied else depth, nets, width, width)
        h = np.zeros((nets, width))
        h[:, 0] = 1.0
        fresh = generator.standard_normal(shape) / 10 if tied else None
        for _ in range(depth):
            layer = fresh if tied else generator.standard_normal((1, nets, width, width)) / 10
            h = FeedForward(layer, np.zeros((1, width)), "identity").run(h).states[-1]
        ends[tied] = np.log(np.linalg.norm(h, axis=1))
    exact = formula(random_matrices.width_rescues, BALL)(0, depth, arb(1), arb(width), None) / 2
    deviation = (depth * formula(chi_square.log_variance, BALL)(arb(width))).sqrt() / 2
    assert printed(exact, "-0.5017")
    assert printed(deviation, "0.7107")
    # Means of 40 nets: six of their deviations for the untied ones. Tied nets grow, and spread.
    assert abs(np.mean(ends[False]) - float(exact)) < 6 * float(deviation) / math.sqrt(nets)
    assert 1 < np.mean(ends[True]) < 5
    assert 2 < np.std(ends[True]) < 4


def test_newmans_exponents():
    exponent = formula(random_matrices.top_exponent, BALL)
    assert printed(exponent(arb(1), arb(1)), "-0.63518")
    # N = 2: ½(ln 2 − γ); the exponents add up to E ln |det|/…, with 2 and 1 degrees of freedom.
    assert exponent(arb(2), arb(1)).overlaps((arb(2).log() - arb.const_euler()) / 2)
    assert printed(exponent(arb(3), arb(2)), "1.0580")


KNOWN = {
    ("product_variance", "without[the weights are independent]"): '((rational("1/2"), (1, 1)), '
    '(rational("1/2"), (-1, -1)))',
    ("general_product_variance", "without[the weights are independent]"): '((rational("1/2"), '
    '(1, 1)), (rational("1/2"), (-1, -1)))',
    ("typical_size", "without[every weight has mean zero]"): '((rational("1/2"), (1,)), '
    '(rational("1/2"), (2,)))',
    ("driftless_gain", "misread[unit_gain]"): "Width(n=1)",
    ("driftless_gain", "misread[first_order_gain]"): "Width(n=1)",
    ("width_rescues", "without[the weights are Gaussian]"): "width=1, depth=1",
    ("width_rescues", "misread[like_a_scalar]"): "width=2, depth=1",
    ("feedforward_scaling", "misread[kept_in_the_mean]"): "width=1, depth=1",
    ("top_exponent", "misread[circular_law]"): "width=1, deviation=1, steps=1",
}


@pytest.mark.parametrize(("name", "part"), KNOWN)
def test_the_smallest_counterexamples(name, part):
    outcome = verify_part(CLAIMS[name], part, Plan())
    assert outcome.verdict == "holds", outcome.message
    assert KNOWN[name, part] in repr(outcome.counterexample.case)


STATISTICAL = [c for c in CLAIMS.values() if "statistical" in c.tiers]


@pytest.mark.parametrize("claim", STATISTICAL, ids=lambda claim: claim.name)
def test_what_a_run_says_of_its_errors(claim):
    outcome = verify_part(claim, "witness", Plan())
    assert outcome.verdict == "holds", outcome.message
    evidence = entry(header(claim), [{**record(outcome), "part": "holds"}])
    assert (evidence["false_alarm"], evidence["detects"]) == (outcome.false_alarm, outcome.detects)
    # Each comparison counts 1e-12, and a run of fifty cases stays below 1e-9.
    assert 0 < outcome.false_alarm * (claim.examples or 200) <= 1e-9
    assert outcome.detects
    assert all(0 < found < 1 for found in outcome.detects.values())


def test_a_net_with_a_wrong_gain_is_noticed():
    case = Networks(width=4, depth=10, seed=0)
    right = case.forward()
    check = CLAIMS["width_rescues"].check

    class Wrong(Networks):
        def model(self):
            model = super().model()
            return FeedForward(model.W * 1.05, model.b, model.activation, model.order)

    check(case, Check())
    assert right.values.size == Wrong(width=4, depth=10, seed=0).forward().values.size
    with pytest.raises(Violation):
        check(Wrong(width=4, depth=10, seed=0), Check())


def test_a_wrong_formula_is_noticed():
    # The first-order drift −1/N instead of ψ(N/2) + ln(2/N), in an otherwise equal claim.
    stretches = Networks(width=1, depth=10, seed=0).forward()
    with pytest.raises(Violation):
        judge_factors(Check(), stretches, lambda k: arb(k).log() - arb(1) / k)
