"""Section 10.7: a product of independent random weights, and what its variance does not say."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from flint import fmpq
from hypothesis import strategies as st

from properties.checking import EXACT, Case, Check, claim, formula, rational
from properties.checking.domains import fixed_lists
from theory import random_products as theory

MOST_FACTORS = 8

Atom = tuple[fmpq, tuple[fmpq, ...]]


@dataclass(frozen=True, repr=False)
class WeightLaw(Case):
    """The joint law of the weights w_1 … w_n, finite: outcomes (probability, (w_1, …, w_n))."""

    outcomes: tuple[Atom, ...]

    @property
    def n(self) -> int:
        return len(self.outcomes[0][1])

    def mean(self, function: Any) -> fmpq:
        """E function(w), exactly."""
        return sum((p * function(w) for p, w in self.outcomes), fmpq(0))

    def variance(self, function: Any) -> fmpq:
        """Var function(w), exactly."""
        return self.mean(lambda w: function(w) ** 2) - self.mean(function) ** 2

    def means(self) -> list[fmpq]:
        return [self.mean(lambda w, i=i: w[i]) for i in range(self.n)]

    def variances(self) -> list[fmpq]:
        return [self.variance(lambda w, i=i: w[i]) for i in range(self.n)]

    @property
    def v(self) -> fmpq:
        """The variance of the first weight."""
        return self.variances()[0]

    def is_independent(self) -> bool:
        """Whether the joint law is the product of its marginals."""
        joint: dict[tuple[fmpq, ...], fmpq] = {}
        marginals: list[dict[fmpq, fmpq]] = [{} for _ in range(self.n)]
        for p, w in self.outcomes:
            joint[w] = joint.get(w, fmpq(0)) + p
            for marginal, weight in zip(marginals, w, strict=True):
                marginal[weight] = marginal.get(weight, fmpq(0)) + p
        return all(
            joint.get(w, fmpq(0))
            == prod((m[x] for m, x in zip(marginals, w, strict=True)), start=fmpq(1))
            for w in product(*marginals)
        )

    def shown(self) -> dict[str, Any]:
        return {"variances": tuple(self.variances())}


Law = tuple[tuple[fmpq, fmpq], ...]
"""One weight's law: (probability, value) pairs."""


def two_points(v: fmpq, a: fmpq) -> Law:
    """The law with mean 0 and variance v on two points, one of them a > 0: the other is −v/a."""
    return ((v / (v + a * a), a), (a * a / (v + a * a), -v / a))


def jointly(laws: list[Law]) -> WeightLaw:
    """Independent weights with these laws."""
    outcomes = []
    for atoms in product(*laws):
        probability = prod((p for p, _ in atoms), start=fmpq(1))
        outcomes.append((probability, tuple(value for _, value in atoms)))
    return WeightLaw(tuple(outcomes))


positive = st.builds(fmpq, st.integers(1, 4), st.sampled_from((1, 2, 3)))
shifts = st.builds(fmpq, st.integers(-2, 2), st.sampled_from((1, 2)))
lengths = st.integers(1, MOST_FACTORS)


@st.composite
def independent_laws(draw: Any) -> WeightLaw:
    """n ≤ 8 independent two-point weights of mean 0 and one variance, symmetric and skewed."""
    v = draw(positive)
    return jointly([two_points(v, a) for a in draw(fixed_lists(positive, draw(lengths)))])


@st.composite
def shared_laws(draw: Any) -> WeightLaw:
    """Each weight is the first or its negative: means and variances agree, independence fails."""
    law = two_points(draw(positive), draw(positive))
    signs = [1, *draw(st.lists(st.sampled_from((1, -1)), min_size=1, max_size=MOST_FACTORS - 1))]
    return WeightLaw(tuple((p, tuple(sign * w for sign in signs)) for p, w in law))


@st.composite
def shifted_laws(draw: Any) -> WeightLaw:
    """Independent weights of one variance with means of their own."""
    v, n = draw(positive), draw(lengths)
    means, points = draw(fixed_lists(shifts, n)), draw(fixed_lists(positive, n))
    return jointly(
        [
            tuple((p, w + mean) for p, w in two_points(v, a))
            for mean, a in zip(means, points, strict=True)
        ]
    )


@st.composite
def unequal_laws(draw: Any) -> WeightLaw:
    """Independent weights of mean 0 with variances of their own."""
    n = draw(lengths)
    variances, points = draw(fixed_lists(positive, n)), draw(fixed_lists(positive, n))
    return jointly([two_points(v, a) for v, a in zip(variances, points, strict=True)])


@claim(
    statement=(
        "If w_1 … w_n are independent, each of mean zero and variance v, then Var ∏w_i = vⁿ."
    ),
    source="Goodfellow, Bengio & Courville 2016, section 10.7, which says O(vⁿ)",
    derivation=theory.product_variance,
    domain=independent_laws(),
    tiers=("symbolic", "exact"),
    assumptions={
        "the weights are independent": lambda law: law.is_independent(),
        "every weight has mean zero": lambda law: not any(law.means()),
        "every weight has variance v": lambda law: len(set(law.variances())) == 1,
    },
    labels={
        "n ≥ 4": (0.2, lambda law: law.n >= 4),
        "v < 1": (0.1, lambda law: law.v < 1),
        "v > 1": (0.2, lambda law: law.v > 1),
        "skewed": (0.3, lambda law: law.mean(lambda w: w[0] ** 3) != 0),
    },
    witness=jointly([two_points(rational(2), rational(1)), two_points(rational(2), rational(1))]),
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


@product_variance.misread(
    "the variance is the typical size: with probability at least ½, |∏w_i| ≥ √(vⁿ)/10",
    source="Goodfellow, Bengio & Courville 2016, section 10.7: careful scaling avoids the problem",
    why="The mean of ln|w| decides, and by Jensen it lies below ½ ln v unless |w| is constant.",
)
def typical_size(law: WeightLaw, check: Check) -> None:
    least = law.v**law.n / 100
    large = law.mean(lambda w: fmpq(prod(w) ** 2 >= least))
    check.at_most(fmpq(1, 2), large, what="½ ≤ P(|∏w_i| ≥ √(vⁿ)/10)")
