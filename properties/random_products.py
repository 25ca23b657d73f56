"""Section 10.7: a product of independent random weights, and what its variance does not say."""

from __future__ import annotations

from math import prod

from flint import arb, fmpq
from hypothesis import strategies as st

from properties.checking import BALL, EXACT, Check, claim, formula, rational
from properties.checking.balls import DEFAULT_BITS, precision
from properties.random_products_cases import (
    BOOK,
    CENTRED,
    EQUAL,
    INDEPENDENT,
    Design,
    WeightLaw,
    any_laws,
    coins,
    designs,
    independent_laws,
    jointly,
    positive_laws,
    shared_laws,
    shifted_laws,
    sign_laws,
    two_points,
    unequal_laws,
)
from theory import random_products as theory


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
    check.exact(law.variance(prod), derived(law.v, law.n), "Var ∏w_i = vⁿ")


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
    what = "Var ∏w_i = ∏(v_i + μ_i²) − (∏μ_i)²"
    check.exact(law.variance(prod), derived(v, means, law.n), what)


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
    check.exact(law.variance(prod), prod(law.variances(), start=fmpq(1)), "Var ∏w_i = ∏v_i")


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
    what = "Var ∏w_i = v* iff v = v*^{1/n}"
    check.exact(design.law.variance(prod) == design.wanted, v == designed, what)


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
    check.exact(design.law.variance(prod), design.law.n * design.law.v, "Var ∏w_i = n·v")


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
        check.that(gap > 0, gap, 0, "n ln v − E ln (∏w_i)² > 0")


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


# What the section concludes from the variance is a misreading of the variance, too.
product_variance.misread(
    "as Var ∏w_i = vⁿ, with probability at least ½, |∏w_i| ≥ √(vⁿ)/10",
    source=f"{BOOK}: careful scaling avoids vanishing and exploding",
    domain=independent_laws(),
    why="A few enormous products make up the variance; see typical_size.",
)(careful_scaling)
