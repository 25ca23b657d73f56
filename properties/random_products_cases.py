"""Finite laws of weights, enumerated exactly: no tolerance, and nothing left to chance."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import prod
from types import MappingProxyType
from typing import Any

from flint import arb, fmpq
from hypothesis import strategies as st

from properties.checking import Case, Worked, Working, worked_product, worked_sum
from properties.checking.domains import fixed_lists, rationals

MOST_FACTORS = 6

Atom = tuple[fmpq, tuple[fmpq, ...]]
Law = tuple[tuple[fmpq, fmpq], ...]
"""One weight's law: (probability, value) pairs."""


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

    def kurtoses(self) -> list[fmpq]:
        """E w⁴/v² of each weight, about zero."""
        fourths = [self.mean(lambda w, i=i: w[i] ** 4) for i in range(self.n)]
        return [m / v**2 for m, v in zip(fourths, self.variances(), strict=True)]

    @property
    def v(self) -> fmpq:
        """The variance of the first weight."""
        return self.variance(lambda w: w[0])

    def has_mean_zero(self) -> bool:
        return not any(self.means())

    def has_one_variance(self) -> bool:
        return len(set(self.variances())) == 1

    def has_one_size(self) -> bool:
        """Whether no weight's size varies, nor differs from another's: each is ±√v."""
        return len({abs(weight) for _, w in self.outcomes for weight in w}) == 1

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

    def terms(self) -> dict[str, Any]:
        v, μ = self.variances(), self.means()
        return {
            "n": fmpq(self.n),
            "v": lambda: Worked(v[0], lambda: [Working("v = Var w₁", v[0])]),
            "E ∏w_i": lambda: self._moment("E ∏w_i", 1),
            "E(∏w_i)²": lambda: self._moment("E(∏w_i)²", 2),
            "E(∏w_i)⁴": lambda: self._moment("E(∏w_i)⁴", 4),
            "Var ∏w_i": "E(∏w_i)² − (E ∏w_i)²",
            "∏v_i": lambda: worked_product("∏v_i", *v),
            "∏μ_i": lambda: worked_product("∏μ_i", *μ),
            "∏(v_i + μ_i²)": lambda: worked_product(
                "∏(v_i + μ_i²)", *(a + b * b for a, b in zip(v, μ, strict=True))
            ),
            "κ": self._kurtosis,
            "E ln (∏w_i)²": lambda: worked_sum(
                "E ln (∏w_i)²", *((arb(p), arb(prod(w) ** 2).log()) for p, w in self.outcomes)
            ),
            "P(|∏w_i| ≥ √(vⁿ)/10)": self._large,
        }

    def _moment(self, name: str, k: int) -> Worked:
        return worked_sum(name, *((p, prod(w, start=fmpq(1)) ** k) for p, w in self.outcomes))

    def _kurtosis(self) -> Worked:
        κ = self.kurtoses()[0]
        fourth = worked_sum("E w₁⁴", *((p, w[0] ** 4) for p, w in self.outcomes))
        return Worked(κ, lambda: [*fourth.steps(), Working("κ = E w₁⁴/v₁²", κ)])

    def _large(self) -> Worked:
        """P(|∏w_i| ≥ √(vⁿ)/10), outcome by outcome."""
        least = self.v**self.n / 100
        sizes = tuple(abs(prod(w, start=fmpq(1))) for _, w in self.outcomes)
        large = [(p,) for (p, _), s in zip(self.outcomes, sizes, strict=True) if s * s >= least]
        chance = worked_sum("P(|∏w_i| ≥ √(vⁿ)/10)", *large)
        lines = [
            Working("√(vⁿ)/10", arb(least).sqrt()),
            Working("|∏w_i|, outcome by outcome,", sizes),
        ]
        return Worked(chance.value, lambda: [*lines, *chance.steps()])


def two_points(v: fmpq, a: fmpq) -> Law:
    """The law with mean 0 and variance v on two points, one of them a > 0: the other is −v/a."""
    return ((v / (v + a * a), a), (a * a / (v + a * a), -v / a))


def like_a_gaussian(a: fmpq) -> Law:
    """−a, 0 and a with chances 1/6, 2/3, 1/6: the first five moments of N(0, a²/3), kurtosis 3."""
    return ((fmpq(1, 6), -a), (fmpq(2, 3), fmpq(0)), (fmpq(1, 6), a))


def jointly(laws: list[Law]) -> WeightLaw:
    """Independent weights with these laws."""
    outcomes = []
    for atoms in product(*laws):
        probability = prod((p for p, _ in atoms), start=fmpq(1))
        outcomes.append((probability, tuple(value for _, value in atoms)))
    return WeightLaw(tuple(outcomes))


def coins(*laws: tuple[Any, Any]) -> WeightLaw:
    """Independent weights, each one of two values with chance ½."""
    half = fmpq(1, 2)
    return jointly([((half, fmpq(a)), (half, fmpq(b))) for a, b in laws])


positive = st.sampled_from([fmpq(p, q) for q in (1, 2, 3) for p in (1, 2, 3, 4)])
shifts = rationals(2, (1, 2))
lengths = st.integers(1, MOST_FACTORS)


BOOK = "Goodfellow, Bengio & Courville 2016, section 10.7"
INDEPENDENT = {"the weights are independent": lambda law: law.is_independent()}
CENTRED = {"every weight has mean zero": lambda law: law.has_mean_zero()}
EQUAL = {"every weight has variance v": lambda law: law.has_one_variance()}


@st.composite
def independent_laws(draw: Any, most: int = MOST_FACTORS) -> WeightLaw:
    """Independent two-point weights of mean 0 and one variance, symmetric and skewed; n ≤ most."""
    v, n = draw(positive), draw(st.integers(1, most))
    return jointly([two_points(v, a) for a in draw(fixed_lists(positive, n))])


@st.composite
def sign_laws(draw: Any) -> WeightLaw:
    """Independent weights ±a of one size a, as likely to be negative as positive."""
    a, n = draw(positive), draw(st.integers(1, 6))
    return coins(*[(a, -a)] * n)


@st.composite
def shared_laws(draw: Any, most: int = MOST_FACTORS) -> WeightLaw:
    """Each weight is the first or its negative: means and variances agree, independence fails."""
    law = two_points(draw(positive), draw(positive))
    signs = [1, *draw(st.lists(st.sampled_from((1, -1)), min_size=1, max_size=most - 1))]
    return WeightLaw(tuple((p, tuple(sign * w for sign in signs)) for p, w in law))


@st.composite
def shifted_laws(draw: Any, most: int = MOST_FACTORS) -> WeightLaw:
    """Independent weights of one variance with means of their own."""
    v, n = draw(positive), draw(st.integers(1, most))
    means, points = draw(fixed_lists(shifts, n)), draw(fixed_lists(positive, n))
    return jointly(
        [
            tuple((p, w + mean) for p, w in two_points(v, a))
            for mean, a in zip(means, points, strict=True)
        ]
    )


@st.composite
def unequal_laws(draw: Any, most: int = MOST_FACTORS) -> WeightLaw:
    """Independent weights of mean 0 with variances of their own."""
    n = draw(st.integers(1, most))
    variances, points = draw(fixed_lists(positive, n)), draw(fixed_lists(positive, n))
    return jointly([two_points(v, a) for v, a in zip(variances, points, strict=True)])


@st.composite
def gaussian_like_laws(draw: Any) -> WeightLaw:
    """Up to three independent weights of kurtosis 3, each on a scale of its own."""
    return jointly([like_a_gaussian(a) for a in draw(st.lists(positive, min_size=1, max_size=3))])


@st.composite
def repeated_laws(draw: Any) -> WeightLaw:
    """Up to three independent weights of one two-point law of mean 0."""
    return jointly([two_points(draw(positive), draw(positive))] * draw(st.integers(1, 3)))


@st.composite
def any_laws(draw: Any) -> WeightLaw:
    """Independent weights, each with a mean and a variance of its own."""
    n = draw(st.integers(1, 6))
    parts = [draw(fixed_lists(part, n)) for part in (shifts, positive, positive)]
    return jointly(
        [
            tuple((p, w + mean) for p, w in two_points(v, a))
            for mean, v, a in zip(*parts, strict=True)
        ]
    )


@st.composite
def positive_laws(draw: Any) -> WeightLaw:
    """Independent weights of one law on two positive values, so that no mean is zero."""
    low, gap, n = draw(positive), draw(positive), draw(st.integers(1, 4))
    return coins(*[(low, low + gap)] * n)


@dataclass(frozen=True, repr=False)
class Design(Case):
    """Weights, and the n-th root r of the variance v* = rⁿ that their product is to have."""

    law: WeightLaw
    root: fmpq

    symbols = MappingProxyType({"root": "v*^{1/n}"})

    @property
    def wanted(self) -> fmpq:
        """v*."""
        return self.root**self.law.n

    def size(self) -> tuple[int, int]:
        return self.law.size()

    def shown(self) -> dict[str, Any]:
        return {"v": self.law.v, "v*": self.wanted}

    def terms(self) -> dict[str, Any]:
        return super().terms() | {
            "Var ∏w_i = v*": ("Var ∏w_i", "=", "v*"),
            "v = v*^{1/n}": ("v", "=", "v*^{1/n}"),
        }


@st.composite
def designs(draw: Any, laws: Any = None) -> Design:
    """Laws with a variance wanted of their product; half of the time it is the one they have."""
    law = draw(independent_laws(6) if laws is None else laws)
    return Design(law, draw(st.one_of(st.just(law.v), positive)))


@dataclass(frozen=True, repr=False)
class Sampled(Case):
    """The mean of m independent samples of (∏w_i)², the usual estimate of Var ∏w_i."""

    law: WeightLaw
    m: int

    def terms(self) -> dict[str, Any]:
        return super().terms() | {"Var of the estimate": "(E(∏w_i)⁴ − (E(∏w_i)²)²)/m"}

    def size(self) -> tuple[int, int]:
        return self.law.size()[1], self.m

    def variance(self) -> fmpq:
        """Var of the estimate, by enumeration of all m samples together."""
        single: dict[fmpq, fmpq] = {}
        for p, w in self.law.outcomes:
            square = prod(w, start=fmpq(1)) ** 2
            single[square] = single.get(square, fmpq(0)) + p
        total = {fmpq(0): fmpq(1)}
        for _ in range(self.m):
            longer: dict[fmpq, fmpq] = {}
            for (a, p), (b, q) in product(total.items(), single.items()):
                longer[a + b] = longer.get(a + b, fmpq(0)) + p * q
            total = longer
        mean = sum((p * x for x, p in total.items()), fmpq(0)) / self.m
        second = sum((p * x * x for x, p in total.items()), fmpq(0)) / self.m**2
        return second - mean**2


@st.composite
def sampled(draw: Any, laws: Any = None) -> Sampled:
    """m ≤ 3 samples of at most three weights of one kurtosis, or of weights with the laws given."""
    law = draw(st.one_of(gaussian_like_laws(), repeated_laws()) if laws is None else laws)
    return Sampled(law, draw(st.integers(1, 3)))
