"""Section 10.7: a product of independent random weights, and what its variance does not say."""

from __future__ import annotations

import math
from math import prod
from typing import Any

import numpy as np
from flint import arb, fmpq
from hypothesis import strategies as st

from properties.checking import BALL, EXACT, Check, claim, formula, rational
from properties.checking.balls import DEFAULT_BITS, precision
from properties.checking.log_chi_square import clipping, log_sum_exceeds
from properties.random_products_cases import (
    Design,
    Sampled,
    WeightLaw,
    any_laws,
    coins,
    designs,
    independent_laws,
    jointly,
    like_a_gaussian,
    positive_laws,
    sampled,
    shared_laws,
    shifted_laws,
    sign_laws,
    two_points,
    unequal_laws,
)
from properties.random_products_networks import (
    MatrixProducts,
    Networks,
    Stretches,
    Width,
    matrix_products,
    networks,
    relu_networks,
)
from properties.random_products_samples import (
    PRODUCTS,
    TRIALS,
    Estimates,
    Products,
    estimates,
    products,
)
from theory import chi_square, random_matrices, sampled_variance
from theory import random_products as theory
from theory.derivation import Derivation

BOOK = "Goodfellow, Bengio & Courville 2016, section 10.7"
SUSSILLO = "D. Sussillo and L. Abbott, Random walk initialization, arXiv:1412.6558 (2014)"
INDEPENDENT = {"the weights are independent": lambda law: law.is_independent()}
CENTRED = {"every weight has mean zero": lambda law: law.has_mean_zero()}
EQUAL = {"every weight has variance v": lambda law: law.has_one_variance()}


@claim(
    statement="If w_1 … w_n are independent, each of mean zero and variance v, Var ∏w_i = vⁿ.",
    source=f"{BOOK}, which says O(vⁿ)",
    derivation=theory.product_variance,
    domain=independent_laws(),
    tiers=("symbolic", "exact"),
    assumptions=INDEPENDENT | CENTRED | EQUAL,
    labels={
        "n ≥ 4": (0.2, lambda law: law.n >= 4),
        "v < 1": (0.1, lambda law: law.v < 1),
        "v > 1": (0.2, lambda law: law.v > 1),
        "skewed": (0.3, lambda law: law.mean(lambda w: w[0] ** 3) != 0),
    },
    witness=jointly([two_points(rational(2), rational(1))] * 2),
)
def product_variance(law: WeightLaw, check: Check) -> None:
    derived = formula(theory.product_variance, EXACT)
    check.exact(law.variance(prod), derived(law.v, law.n))


product_variance.without(
    "the weights are independent",
    domain=shared_laws(),
    why="One weight used twice is squared: ±1 then has the product 1, which does not vary.",
)
product_variance.without(
    "every weight has mean zero",
    domain=shifted_laws(),
    why="In general the variance is ∏(v_i + μ_i²) − ∏μ_i².",
)
product_variance.without(
    "every weight has variance v",
    domain=unequal_laws(),
    why="The variances multiply, each with its own value: ∏v_i.",
)


@claim(
    statement=(
        "Independent weights with means μ_i and variances v_i have "
        "Var ∏w_i = ∏(v_i + μ_i²) − ∏μ_i²."
    ),
    source=f"{BOOK}, generalised",
    derivation=theory.general_product_variance,
    domain=any_laws(),
    tiers=("symbolic", "exact"),
    assumptions=INDEPENDENT,
    labels={
        "n ≥ 3": (0.2, lambda law: law.n >= 3),
        "no mean is zero": (0.1, lambda law: all(law.means())),
    },
    witness=coins((3, 1), (1, 0)),
)
def general_product_variance(law: WeightLaw, check: Check) -> None:
    derived = formula(theory.general_product_variance, EXACT)
    v, means = (dict(enumerate(each, 1)) for each in (law.variances(), law.means()))
    check.exact(law.variance(prod), derived(v, means, law.n))


general_product_variance.without(
    "the weights are independent",
    domain=shared_laws(),
    why="A weight times itself: Var w² is E w⁴ − v², which is 2v² for a Gaussian and not v².",
)


@general_product_variance.misread(
    "Var ∏w_i = ∏v_i, whatever the means",
    why="A mean carries the other factors' variance along: two weights 2 ± 1 have 24, not 1.",
)
def means_left_out(law: WeightLaw, check: Check) -> None:
    check.exact(law.variance(prod), prod(law.variances(), start=fmpq(1)))


@claim(
    statement=(
        "For independent weights of mean zero and one variance v, "
        "Var ∏w_i = v* if and only if v = v*^{1/n}."
    ),
    source=f"{BOOK}: the variance is designed by the choice of v",
    derivation=theory.variance_design,
    domain=designs(),
    tiers=("symbolic", "exact"),
    assumptions={
        name: (lambda design, holds=holds: holds(design.law))
        for name, holds in (INDEPENDENT | CENTRED | EQUAL).items()
    },
    labels={
        "as designed": (0.3, lambda design: design.law.v == design.root),
        "not as designed": (0.2, lambda design: design.law.v != design.root),
        "n ≥ 3": (0.2, lambda design: design.law.n >= 3),
    },
    witness=Design(coins((2, -2), (2, -2)), rational(4)),
)
def variance_design(design: Design, check: Check) -> None:
    v, n = design.law.v, fmpq(design.law.n)
    designed = formula(theory.variance_design, EXACT)(design.wanted, n)
    check.exact(design.law.variance(prod) == design.wanted, v == designed, "Var = v* iff v = root")


for _assumption, _laws, _why in (
    (
        "the weights are independent",
        shared_laws(5),
        "A shared weight's power has another variance.",
    ),
    ("every weight has mean zero", shifted_laws(5), "The means add to the variance."),
    (
        "every weight has variance v",
        unequal_laws(5),
        "v is then no one's variance but the first's.",
    ),
):
    variance_design.without(_assumption, domain=designs(_laws), why=_why)


@variance_design.misread(
    "Var ∏w_i = v* for v = v*/n",
    why="That is how variances of a sum are shared out. Those of a product multiply.",
)
def shared_out(design: Design, check: Check) -> None:
    check.exact(design.law.variance(prod), design.law.n * design.law.v, "Var ∏w_i = n·v = v*")


@claim(
    statement=(
        "Non-zero weights of mean zero and variance v have a product whose geometric mean "
        "exp E ln |∏w_i| is at most v^{n/2}, its deviation; it is that only if every w_i = ±√v."
    ),
    source=f"{BOOK}, corrected: its variance is not a product's typical size",
    derivation=theory.typical_size,
    domain=st.one_of(independent_laws(6), shared_laws(6), sign_laws()),
    tiers=("symbolic", "exact"),
    assumptions=CENTRED | EQUAL,
    labels={
        "every w_i = ±√v": (0.1, lambda law: law.has_one_size()),
        "n ≥ 3": (0.2, lambda law: law.n >= 3),
        "v > 1, and the product decays": (
            0.02,
            lambda law: law.v > 1 and mean_log_square(law) < 0,
        ),
    },
    witness=coins((1, -1), (1, -1)),
    explain=(
        "ln |∏w_i| is a sum, and grows like n·E ln |w|. By Jensen's inequality E ln |w| lies below "
        "½ ln v unless |w| is constant: a few enormous products make up the variance, and "
        "nearly all are far smaller. For Gaussian weights of variance 1 the deviation stays 1 "
        "while the typical product shrinks by e^−0.635 a factor. Independence plays no part in it."
    ),
)
def typical_size(law: WeightLaw, check: Check) -> None:
    with precision(DEFAULT_BITS):
        gap = formula(theory.typical_size, BALL)(arb(law.v), law.n).log() - mean_log_square(law)
    if law.has_one_size():
        check.exact({prod(w) ** 2 for _, w in law.outcomes}, {law.v**law.n}, "(∏w_i)² = vⁿ, surely")
    else:
        check.that(gap > 0, gap, 0, "0 < n ln v − E ln (∏w_i)²")


def mean_log_square(law: WeightLaw) -> arb:
    """E ln (∏w_i)², a ball."""
    with precision(DEFAULT_BITS):
        return law.mean(lambda w: arb(prod(w) ** 2).log())


typical_size.without(
    "every weight has mean zero",
    domain=positive_laws(),
    why="Its mean keeps a weight away from zero, and the variance does not count it.",
)
typical_size.without(
    "every weight has variance v",
    domain=unequal_laws(6),
    why="v is the first weight's alone; with variances of their own the bound is ∏√v_i.",
)


@typical_size.misread(
    "the variance is the typical size: with probability at least ½, |∏w_i| ≥ √(vⁿ)/10",
    source=f"{BOOK}: careful scaling avoids vanishing and exploding",
    domain=independent_laws(),
    why="The mean of ln|w| decides. It lies below ½ ln v unless |w| is constant, which ±√v is.",
)
def careful_scaling(law: WeightLaw, check: Check) -> None:
    least = law.v**law.n / 100
    large = law.mean(lambda w: fmpq(prod(w) ** 2 >= least))
    check.at_most(fmpq(1, 2), large, what="½ ≤ P(|∏w_i| ≥ √(vⁿ)/10)")


UNSHARED = {"the weights are independent": lambda case: not case.shared}
GAUSSIAN = {"the weights are Gaussian": lambda case: case.entries == "Gaussian"}


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
    check.exact(case.relative_variance(), derived(case.law.kurtoses()[0], case.law.n, fmpq(case.m)))


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
    check.at_most(case.relative_variance(), (case.law.kurtoses()[0] - 1) / case.m)


HALF = fmpq(1, 2)


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


UNTIED = {"the layers are independent": lambda case: not case.tied}


def judge_layers(check: Check, stretches: Stretches, derived: Any) -> None:
    """The law of what single layers do to a squared length, and its logarithm's mean.

    derived(k) is the mean of ln z that the claim has for k degrees of freedom.
    """
    check.uniform(stretches.law(), "χ² law of a layer")
    deviations, errors = stretches.logarithms()
    changed, lows, highs = arb(0), [], []
    for k in np.unique(stretches.degrees).tolist():
        of_k, mean = stretches.degrees == k, derived(k)
        # Of ln z less than 1e-4 lies below ln k − 14/√k, and less than 1e-6 above ln(k + 40).
        low, high = math.log(k) - 14 / math.sqrt(k), math.log(k + 40)
        deviations[of_k] = np.clip(deviations[of_k], low, high) - float(mean)
        changed = changed.union(clipping(k, low, high) + (mean - float(mean)))
        lows.append(low - float(mean))
        highs.append(high - float(mean))
    lowest, highest = min(lows), max(highs)
    rounding = float(np.mean(np.minimum(errors, highest - lowest)))
    with precision(DEFAULT_BITS):
        widest = formula(chi_square.log_variance, BALL)(arb(int(stretches.degrees.min()))).sqrt()
        expected = changed + arb(0, rounding)
    what = "ln z of a layer, less its mean"
    check.mean(deviations, expected, what, low=lowest, high=highest, deviation=float(widest))


def judge_walk(check: Check, case: Networks, stretches: Stretches, derivation: Derivation) -> None:
    """How many nets' ln ‖·‖² ends two deviations or more above the derived mean."""
    with precision(DEFAULT_BITS):
        mean = formula(derivation, BALL)(0, case.depth, arb(case.g), arb(case.width), None)
        variance = case.depth * formula(chi_square.log_variance, BALL)(arb(case.width))
        scale = case.depth * (arb(case.g) ** 2 / case.width).log()
        threshold = mean - scale + 2 * variance.sqrt()
    totals, error = stretches.totals(case.depth)
    chance = log_sum_exceeds(case.width, case.depth, threshold + arb(0, error))
    count = int(np.sum(totals > float(threshold)))
    check.proportion(count, totals.size, "P(ln ‖·‖² > E + 2 deviations)", least=chance, most=chance)


def layer_mean(case: Networks, derivation: Derivation, shift: int = 0) -> Any:
    """For k degrees of freedom, the mean of ln z that one layer of the derivation has."""

    def derived(k: int) -> arb:
        with precision(DEFAULT_BITS):
            one = formula(derivation, BALL)(0, 1, arb(case.g), arb(case.width), arb(k + shift))
            return one - (arb(case.g) ** 2 / case.width).log()

    return derived


NETWORK_LABELS = {
    "N = 1": (0.02, lambda case: case.width == 1),
    "N ≥ 4": (0.3, lambda case: case.width >= 4),
    "10 layers or more": (0.2, lambda case: case.depth >= 10),
    "driftless gain": (0.2, lambda case: case.gain == "driftless"),
}


@claim(
    statement=(
        "For h_l = gW_l h_{l−1}, the N × N weights independent N(0, 1/N), ln ‖h_l‖² is a random "
        "walk: each layer adds 2 ln g + ln(z/N), z being χ² with N degrees of freedom, of mean "
        "2 ln g + ψ(N/2) + ln(2/N) and variance ψ'(N/2)."
    ),
    source=SUSSILLO,
    derivation=random_matrices.width_rescues,
    domain=networks(),
    examples=50,
    tiers=("symbolic", "statistical"),
    assumptions=UNTIED | GAUSSIAN,
    labels=NETWORK_LABELS,
    witness=Networks(width=8, depth=20, seed=0, gain="driftless"),
    explain=(
        "A squared length of N units is a mean of N squares, so that ln ‖h‖ varies by only about "
        "1/2N a layer, where a single weight's logarithm varies by π²/8. What variance alone "
        "cannot do for scalars, width does: with g = √(N/2)·e^{−ψ(N/2)/2} the walk has no drift, "
        "and wide nets of moderate depth neither vanish nor explode. It needs fresh weights in "
        "every layer. One matrix used again and again is a power, and has no such averages."
    ),
)
def width_rescues(case: Networks, check: Check) -> None:
    stretches = case.forward()
    judge_layers(check, stretches, layer_mean(case, random_matrices.width_rescues))
    judge_walk(check, case, stretches, random_matrices.width_rescues)


width_rescues.without(
    "the layers are independent",
    domain=networks(tied=True),
    examples=300,
    why="With one W in every layer the walk's steps add up instead of averaging out.",
)
width_rescues.without(
    "the weights are Gaussian",
    domain=networks(entries="signs"),
    examples=300,
    why="Entries ±1/√N keep the mean square, and give another law: at N = 1 nothing varies at all.",
)


@width_rescues.misread(
    "each layer adds the scalar's −(γ + ln 2) to ln ‖h‖², however wide it is",
    why="ln of a mean of N squares has the mean ψ(N/2) + ln(2/N), about −1/N.",
)
def like_a_scalar(case: Networks, check: Check) -> None:
    with precision(DEFAULT_BITS):
        scalar = formula(chi_square.log_mean, BALL)(arb(1))
    judge_layers(check, case.forward(), lambda _: scalar + arb(case.width).log())


@claim(
    statement=(
        "The gain that keeps E ln ‖h_l‖ is g = √(N/2)·e^{−ψ(N/2)/2}. Sussillo and Abbott's "
        "e^{1/2N} is its first order, and too small: 1/2N < ln g < 1/2N + 1/6N²."
    ),
    source=SUSSILLO,
    derivation=random_matrices.driftless_gain,
    domain=st.builds(Width, st.integers(1, 2000)),
    tiers=("symbolic", "exact"),
    labels={"N ≥ 100": (0.3, lambda case: case.n >= 100)},
    witness=Width(1),
)
def driftless_gain(case: Width, check: Check) -> None:
    first, second = fmpq(1, 2 * case.n), fmpq(1, 6 * case.n**2)
    excess = case.log_gain() - first
    check.that(0 < excess < second, excess, second, "0 < ln g − 1/2N < 1/6N²")


@driftless_gain.misread(
    "g = 1 keeps E ln ‖h_l‖, because it keeps E ‖h_l‖²",
    why="The logarithm of a mean is more than the mean of the logarithm.",
)
def unit_gain(case: Width, check: Check) -> None:
    check.that(case.log_gain() <= 0, case.log_gain(), 0, "ln g ≤ 0")


@driftless_gain.misread(
    "g = e^{1/2N} exactly",
    source=SUSSILLO,
    why="The next term is 1/6N²; at N = 1 the gains are 1.887 and 1.649.",
)
def first_order_gain(case: Width, check: Check) -> None:
    first = fmpq(1, 2 * case.n)
    check.that(case.log_gain() <= first, case.log_gain(), first, "ln g ≤ 1/2N")


@claim(
    statement=(
        "With ReLU, N ≥ 10 units of which K are active stretch ‖h‖² by g²χ²/N with K degrees of "
        "freedom, and g = √2·exp(1.2/(max(N, 6) − 2.4)) keeps E ln ‖h‖ to ½ % a layer while any "
        "unit is active."
    ),
    source=SUSSILLO,
    derivation=random_matrices.relu_gain,
    domain=relu_networks(10, 24),
    examples=50,
    tiers=("symbolic", "exact", "statistical"),
    assumptions={"N ≥ 10": lambda case: case.width >= 10},
    labels={"N ≥ 16": (0.2, lambda case: case.width >= 16)},
    witness=Networks(width=10, depth=5, seed=0, activation="relu"),
)
def relu_gain(case: Networks, check: Check) -> None:
    with precision(DEFAULT_BITS):
        drift = formula(random_matrices.relu_gain, BALL)(case.width)
        fitted = arb(2).log() / 2 + arb(12) / (10 * max(case.width, 6) - 24)
    error = abs(fitted + drift / 2)
    check.that(error < fmpq(1, 200), error, fmpq(1, 200), "|ln g + ½ E ln(z/N)| < 1/200")
    judge_layers(check, case.forward(), lambda k: formula(chi_square.log_mean, BALL)(arb(k)))


relu_gain.without(
    "N ≥ 10",
    domain=relu_networks(4, 9),
    why="Few units are often all silent or nearly so; the fit is 6 % off at N = 6.",
)


@claim(
    statement=(
        "Back through D layers of an untied linear net, weights N(0, g²/N), ln of the gradient's "
        "squared norm is a random walk with the drift 2 ln g + ψ(N/2) + ln(2/N) a layer: none at "
        "the driftless gain, about −1/N at g = 1, where the norm falls as e^{−D/2N}."
    ),
    source=SUSSILLO,
    derivation=random_matrices.feedforward_scaling,
    domain=networks(),
    examples=50,
    tiers=("symbolic", "statistical"),
    assumptions=UNTIED | GAUSSIAN,
    labels=NETWORK_LABELS,
    witness=Networks(width=8, depth=20, seed=0),
)
def feedforward_scaling(case: Networks, check: Check) -> None:
    stretches = case.backward()
    judge_layers(check, stretches, layer_mean(case, random_matrices.feedforward_scaling))
    judge_walk(check, case, stretches, random_matrices.feedforward_scaling)


feedforward_scaling.without(
    "the layers are independent",
    domain=networks(tied=True),
    examples=300,
    why="A recurrent net is such a net: its gradient goes back through powers of one matrix.",
)
feedforward_scaling.without(
    "the weights are Gaussian",
    domain=networks(entries="signs"),
    examples=300,
    why="Other weights of the same variance have another law, at N = 1 most visibly.",
)


@feedforward_scaling.misread(
    "at g = 1 a gradient is as likely to grow as to shrink, because E ‖gradient‖² is kept",
    domain=networks(gains=("one",)),
    why="A few huge gradients keep the mean. The median falls as e^{−D/2N}.",
)
def kept_in_the_mean(case: Networks, check: Check) -> None:
    totals, _ = case.backward().totals(case.depth)
    grown = int(np.sum(totals > case.depth * math.log(case.width)))
    check.proportion(grown, totals.size, "½ ≤ P(the gradient grows)", least=0.5)


@claim(
    statement=(
        "Back through a layer of an untied ReLU net with K ≥ 2 active units, a gradient orthogonal "
        "to the output has its squared norm multiplied by g²χ²/N with K − 1 degrees of freedom: at "
        "g = 1 the norm falls as about 2^{−D/2}."
    ),
    source=f"derived here; for the forward signal {SUSSILLO}",
    derivation=random_matrices.relu_scaling,
    domain=networks(activations=("relu",)),
    examples=50,
    tiers=("symbolic", "statistical"),
    assumptions=GAUSSIAN,
    labels={
        "N ≥ 6": (0.3, lambda case: case.width >= 6),
        "10 layers or more": (0.2, lambda case: case.depth >= 10),
    },
    witness=Networks(width=8, depth=10, seed=0, activation="relu"),
    explain=(
        "Half of the units are silent, so that half of a gradient's squared norm stays behind in "
        "each layer, and more when K happens to be small. Along the signal itself the gradient "
        "behaves differently: a_l·∂C/∂a_l is the same in every layer of a ReLU net."
    ),
)
def relu_scaling(case: Networks, check: Check) -> None:
    judge_layers(check, case.backward(), layer_mean(case, random_matrices.relu_scaling, shift=1))


relu_scaling.without(
    "the weights are Gaussian",
    domain=networks(activations=("relu",), entries="signs"),
    examples=300,
    why="Sums of a few signs are often zero, and the law is one of few values.",
)


@relu_scaling.misread(
    "the K active units leave the gradient K degrees of freedom, as they do the signal",
    why="One of them is the signal's own direction, in which an orthogonal gradient has no part.",
)
def a_degree_too_many(case: Networks, check: Check) -> None:
    stretches = case.backward()
    more = Stretches(stretches.values, stretches.errors, stretches.degrees + 1)
    check.uniform(more.law(), "χ² law with K degrees")


@claim(
    statement=(
        "Products of independent N × N matrices with entries N(0, σ²) have the Lyapunov exponents "
        "½(ln 2 + ψ((N − k + 1)/2)) + ln σ, k = 1 … N: each factor's (R_kk/σ)² is χ² with N − k + 1 "
        "degrees of freedom."
    ),
    source="C. Newman, Commun. Math. Phys. 103 (1986)",
    derivation=random_matrices.top_exponent,
    domain=matrix_products(),
    examples=50,
    tiers=("symbolic", "statistical"),
    assumptions={
        "the factors are independent": lambda case: not case.tied,
        "the entries are Gaussian": lambda case: case.entries == "Gaussian",
    },
    labels={
        "N ≥ 3": (0.3, lambda case: case.width >= 3),
        "10 factors or more": (0.3, lambda case: case.steps >= 10),
    },
    witness=MatrixProducts(width=3, deviation=rational(1), steps=20, seed=0),
)
def top_exponent(case: MatrixProducts, check: Check) -> None:
    def exponent(k: int) -> arb:
        """Of the direction that has k degrees of freedom."""
        with precision(DEFAULT_BITS):
            at = formula(random_matrices.top_exponent, BALL)
            return at(arb(case.width), case.width - k + 1, arb(case.deviation))

    def derived(k: int) -> arb:
        return 2 * (exponent(k) - arb(case.deviation).log())

    diagonals = case.diagonals()
    judge_layers(check, diagonals, derived)
    with precision(DEFAULT_BITS):
        variance = formula(chi_square.log_variance, BALL)(arb(case.width)) / (4 * case.steps)
        threshold = exponent(case.width) + 2 * variance.sqrt()
    # A billionth is far more than rounding does to the logarithms, and moves no probability.
    at_threshold = 2 * case.steps * (threshold + arb(0, 1e-9) - arb(case.deviation).log())
    chance = log_sum_exceeds(case.width, case.steps, at_threshold)
    found = case.exponents()[:, 0]
    count = int(np.sum(found > float(threshold)))
    check.proportion(count, found.size, "P(λ_1 > E + 2 deviations)", least=chance, most=chance)


top_exponent.without(
    "the factors are independent",
    domain=matrix_products(tied=True),
    examples=300,
    why="Powers of one matrix grow by its spectral radius, whichever that is.",
)
top_exponent.without(
    "the entries are Gaussian",
    domain=matrix_products(entries="signs"),
    examples=300,
    why="R_kk has another law; at N = 1 the exponent is ln σ.",
)


@top_exponent.misread(
    "the top exponent is ln(σ√N), the spectral radius of one factor",
    source="the circular law, which is about one matrix",
    why="That is also ½ ln of the mean squared growth, and by Jensen too much: ψ(N/2) < ln(N/2).",
)
def circular_law(case: MatrixProducts, check: Check) -> None:
    first = case.diagonals().only(0)
    judge_layers(check, first, lambda _: arb(case.width).log())
