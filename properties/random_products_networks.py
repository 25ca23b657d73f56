"""Deep nets of random weights: width makes a layer's effect an average, which hardly varies."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from flint import arb, fmpq
from hypothesis import strategies as st

from properties.checking import BALL, Check, claim, formula
from properties.checking.balls import DEFAULT_BITS, precision
from properties.random_products_gaussian_cases import GAUSSIAN
from properties.random_products_networks_cases import Networks, Width, networks, relu_networks
from properties.random_products_stretches import (
    Stretches,
    judge_factors,
    judge_neighbours,
    judge_total,
)
from theory import chi_square, random_matrices
from theory.derivation import Derivation

THEME = "random_products"

SUSSILLO = "D. Sussillo and L. Abbott, Random walk initialization, arXiv:1412.6558 (2014)"
UNTIED = {"the layers are independent": lambda case: not case.tied}


def judge_walk(check: Check, case: Networks, stretches: Stretches, derivation: Derivation) -> None:
    """A random walk with the derived drift: its end after all layers, and its single steps."""
    totals, error = stretches.totals(case.depth)
    mean = case.mean_log(derivation, case.depth, case.width)
    judge_total(check, totals, error, degrees=case.width, terms=case.depth, mean=mean)
    judge_neighbours(check, stretches)
    judge_factors(check, stretches, partial(case.mean_log, derivation, 1))


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
    judge_walk(check, case, case.forward(), random_matrices.width_rescues)


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
    judge_factors(check, case.forward(), lambda _: scalar + arb(case.width).log())


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
    assumptions={"N ≥ 10": lambda case: case.width >= 10} | UNTIED | GAUSSIAN,
    labels={"N ≥ 16": (0.2, lambda case: case.width >= 16)},
    witness=Networks(width=10, depth=5, seed=0, activation="relu"),
)
def relu_gain(case: Networks, check: Check) -> None:
    with precision(DEFAULT_BITS):
        drift = formula(random_matrices.relu_gain, BALL)(case.width)
        fitted = arb(2).log() / 2 + arb(12) / (10 * max(case.width, 6) - 24)
    error = abs(fitted + drift / 2)
    check.that(error < fmpq(1, 200), error, fmpq(1, 200), "|ln g + ½ E ln(z/N)| < 1/200")
    stretches = case.forward()
    judge_neighbours(check, stretches)
    judge_factors(check, stretches, lambda k: formula(chi_square.log_mean, BALL)(arb(k)))


relu_gain.without(
    "N ≥ 10",
    domain=relu_networks(4, 9),
    why="Few units are often all silent or nearly so; the fit is 6 % off at N = 6.",
)
relu_gain.without(
    "the layers are independent",
    domain=relu_networks(10, 24, tied=True),
    examples=300,
    why="A signal that has turned to where W stretches it most is stretched so again.",
)
relu_gain.without(
    "the weights are Gaussian",
    domain=relu_networks(10, 24, entries="signs"),
    examples=300,
    why="‖h‖² then changes by whole multiples, far from the law of χ² while N is small.",
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
    judge_walk(check, case, case.backward(), random_matrices.feedforward_scaling)


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
    assumptions=UNTIED | GAUSSIAN,
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
    stretches = case.backward()
    judge_neighbours(check, stretches)
    judge_factors(check, stretches, partial(case.mean_log, random_matrices.relu_scaling, 1))


relu_scaling.without(
    "the layers are independent",
    domain=networks(activations=("relu",), tied=True),
    examples=300,
    why="One layer's active units are nearly the next one's, and so is what they do.",
)
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
    by_law, inexact = more.law()
    check.uniform(by_law, "χ² law with K degrees", errors=inexact)
