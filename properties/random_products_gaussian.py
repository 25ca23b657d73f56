"""Products of Gaussian weights: what their logarithm shows, and what no sample's variance shows."""

from __future__ import annotations

from math import prod

import numpy as np
from flint import arb, fmpq

from properties.checking import BALL, EXACT, Check, claim, formula, rational
from properties.checking.balls import DEFAULT_BITS, precision
from properties.checking.log_chi_square import clipping, log_sum_exceeds
from properties.random_products_cases import (
    BOOK,
    CENTRED,
    INDEPENDENT,
    Sampled,
    independent_laws,
    jointly,
    like_a_gaussian,
    positive_laws,
    sampled,
    shared_laws,
)
from properties.random_products_gaussian_cases import (
    GAUSSIAN,
    PRODUCTS,
    TRIALS,
    Estimates,
    Products,
    estimates,
    products,
)
from theory import chi_square, sampled_variance

THEME = "random_products"

HALF = fmpq(1, 2)
UNSHARED = {"the weights are independent": lambda case: not case.shared}


@claim(
    statement=(
        "The product of n independent weights N(0, v) has E ln |∏w_i| = n(½ ln v − (γ + ln 2)/2) "
        "and Var ln |∏w_i| = nπ²/8: no choice but v = 2e^γ = 3.562 keeps its geometric mean."
    ),
    source=f"{BOOK}, corrected",
    derivation=chi_square.gaussian_log_mean,
    domain=products(),
    examples=50,
    tiers=("symbolic", "statistical"),
    assumptions=UNSHARED | GAUSSIAN,
    labels={
        "n ≥ 20": (0.3, lambda case: case.n >= 20),
        "v > 1": (0.3, lambda case: case.v > 1),
    },
    witness=Products(n=50, v=rational(1), seed=0),
)
def gaussian_typical_size(case: Products, check: Check) -> None:
    with precision(DEFAULT_BITS):
        log_v = arb(case.v).log()
        mean = formula(chi_square.gaussian_log_mean, BALL)(arb(case.v))
        variance = formula(chi_square.gaussian_log_variance, BALL)()
    logs, errors = case.logarithms()
    # Of ln |w/√v| less than e⁻⁸ lies below −8.6, and less than a millionth above 2.
    low, high = -8.6, 2.0
    clipped = np.clip(logs - float(log_v) / 2, low, high)
    changed = clipping(1, 2 * low, 2 * high) / 2 + arb(0, float(errors.max()))
    check.mean(
        clipped[:, :1] if case.shared else clipped,
        mean - log_v / 2 + changed,
        "E ln |w|",
        low=low,
        high=high,
        deviation=float(variance.sqrt()),
    )
    sizes, error = case.log_sizes()
    for name, shift in (("E", 0), ("E + 2 deviations", 2)):
        threshold = case.n * mean + shift * (case.n * variance).sqrt()
        chance = log_sum_exceeds(1, case.n, 2 * (threshold + arb(0, error)) - case.n * log_v)
        count = int(np.sum(sizes > float(threshold)))
        check.proportion(count, PRODUCTS, f"P(ln |∏w_i| > {name})", least=chance, most=chance)


gaussian_typical_size.without(
    "the weights are independent",
    domain=products(shared=True, fewest=2),
    why="n times one logarithm keeps the mean, and varies by n²π²/8 instead of nπ²/8.",
)
gaussian_typical_size.without(
    "the weights are Gaussian",
    domain=products(entries="signs"),
    why="±√v has the same variance and |w| = √v: nothing is lost.",
)


@gaussian_typical_size.misread(
    "half of the products have at least a tenth of their deviation v^{n/2}",
    source=f"{BOOK}: careful scaling avoids vanishing and exploding",
    why="No v helps: ln |∏w_i| drifts away from ½ ln vⁿ by −0.635 a factor, whatever v is.",
)
def deviation_kept(case: Products, check: Check) -> None:
    sizes, _ = case.log_sizes()
    large = int(np.sum(sizes >= case.half_log_variance - np.log(10)))
    check.proportion(large, PRODUCTS, "½ ≤ P(|∏w_i| ≥ v^{n/2}/10)", least=0.5)


@claim(
    statement=(
        "The mean of m samples of (∏w_i)², the n weights independent, of mean zero and kurtosis "
        "κ = E w_i⁴/v_i², estimates the variance ∏v_i with relative variance (κⁿ − 1)/m."
    ),
    source="the variance of a sample mean; κ = 3 for Gaussian weights",
    derivation=sampled_variance.variance_estimate,
    domain=sampled(),
    tiers=("symbolic", "exact"),
    assumptions={
        **{
            name: (lambda case, holds=holds: holds(case.law))
            for name, holds in (INDEPENDENT | CENTRED).items()
        },
        "every weight has kurtosis κ": lambda case: len(set(case.law.kurtoses())) == 1,
    },
    labels={
        "κ = 3, as a Gaussian's": (0.2, lambda case: case.law.kurtoses()[0] == 3),
        "n ≥ 2": (0.3, lambda case: case.law.n >= 2),
        "m ≥ 2": (0.3, lambda case: case.m >= 2),
    },
    witness=Sampled(jointly([like_a_gaussian(rational(1))] * 2), 2),
)
def variance_estimate(case: Sampled, check: Check) -> None:
    derived = formula(sampled_variance.variance_estimate, EXACT)
    v, κ = dict(enumerate(case.law.variances(), 1)), case.law.kurtoses()[0]
    what = "Var of the estimate = (κⁿ − 1)(∏v_i)²/m"
    check.exact(case.variance(), derived(v, κ, case.law.n, fmpq(case.m)), what)


variance_estimate.without(
    "the weights are independent",
    domain=sampled(shared_laws(3)),
    why="A shared weight's moments are E w^{2n} and E w^{4n}, not powers of E w² and E w⁴.",
)
variance_estimate.without(
    "every weight has mean zero",
    domain=sampled(positive_laws()),
    why="With a mean, E w² is more than the variance.",
)
variance_estimate.without(
    "every weight has kurtosis κ",
    domain=sampled(independent_laws(3)),
    why="In general the relative variance is (∏κ_i − 1)/m.",
)


@variance_estimate.misread(
    "averaging m samples leaves a relative variance of (κ − 1)/m, whatever n is",
    why="Every factor multiplies the fourth moment by another κ; sampling pays for it with κⁿ.",
)
def price_of_one_factor(case: Sampled, check: Check) -> None:
    truth = prod(case.law.variances(), start=fmpq(1))
    limit, what = (case.law.kurtoses()[0] - 1) / case.m, "Var of the estimate/(∏v_i)² ≤ (κ − 1)/m"
    check.at_most(case.variance() / truth**2, limit, what=what)


def chance_of_half(n: int, m: int, share: fmpq) -> arb:
    """The derived bound on P(the estimate reaches that share), at the best s among eighths."""
    derived = formula(sampled_variance.sampling_cannot_see_variance, BALL)
    with precision(DEFAULT_BITS):
        bounds = [derived(arb(m), arb(share), arb(s) / 8, n) for s in range(1, 9)]
    return min(bounds, key=lambda ball: float(ball.mid()))


@claim(
    statement=(
        "For a product of n independent Gaussians N(0, v), the mean of m samples of its square "
        "reaches half of the variance vⁿ with chance at most "
        "m^{1−s}·2ˢ·(2ˢΓ(s + ½)/√π)ⁿ, for every 0 < s ≤ 1."
    ),
    source="Markov's inequality for the s-th power of the estimate",
    derivation=sampled_variance.sampling_cannot_see_variance,
    domain=estimates(),
    examples=50,
    tiers=("symbolic", "statistical"),
    assumptions=UNSHARED | GAUSSIAN,
    labels={
        "a chance below 1 %": (0.1, lambda case: chance_of_half(case.n, case.m, HALF) < 0.01),
        "n ≥ 20": (0.3, lambda case: case.n >= 20),
    },
    witness=Estimates(n=50, m=500, v=rational(1), seed=0),
    explain=(
        "At n = 50 a sample variance comes out near 10⁻⁶ where the truth is 1, and the next sample "
        "says the same: what is typical agrees with itself. The variance sits in products so rare "
        "that 10¹¹ samples more often than not hold too few of them. To be sure of it within a "
        "tenth takes 100·(3⁵⁰ − 1) = 7·10²⁵ samples. So the variance of a product is derived, or "
        "enumerated, and what is sampled is its logarithm."
    ),
)
def sampling_cannot_see_variance(case: Estimates, check: Check) -> None:
    count, reached = case.reaching(HALF)
    most = chance_of_half(case.n, case.m, reached)
    if most < 1:
        check.proportion(count, TRIALS, "P(estimate ≥ vⁿ/2)", most=most)


sampling_cannot_see_variance.without(
    "the weights are independent",
    domain=estimates(shared=True),
    why="One weight n times over is a power: where |w| > 1, which is often, it exceeds vⁿ.",
)
sampling_cannot_see_variance.without(
    "the weights are Gaussian",
    domain=estimates(entries="signs"),
    why="The square of ±√v does not vary: every sample shows vⁿ.",
)


@sampling_cannot_see_variance.misread(
    "a sample shows the variance's size: half of all samples find at least half of it",
    why="The estimate errs to neither side in the mean, and far below in almost every sample.",
)
def trusting_the_sample(case: Estimates, check: Check) -> None:
    count, _ = case.reaching(HALF)
    check.proportion(count, TRIALS, "½ ≤ P(estimate ≥ vⁿ/2)", least=HALF)
