"""Section 10.7: noise hides long lags, and averaging brings them back, in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, repeat
from math import comb, lcm, prod
from operator import getitem, mul
from typing import Any, Literal

from flint import fmpq
from hypothesis import strategies as st

from properties.checking import EXACT, Case, Check, Worked, Working, claim, rational, worked_sum
from theory import lag_noise as theory
from theory.formula import callable_form

THEME = "backpropagation"

SURE = "(σ²/(σ² + (gλᵏ)²))ⁿ"
"""As s² = σ² + (gλᵏ)², it is (σ/s)²ⁿ."""

kept = callable_form((theory.g, theory.λ, theory.v, theory.k, theory.n), theory.constant, EXACT)


@dataclass(frozen=True, repr=False)
class NoisyTerm(Case):
    """n samples whose mean is the term of a lag, ±gλ^lag, and the question which sign it has.

    `values` says what a sample can be: "two" are s and −s, s > gλ^lag; "four" are the term plus s
    and the term less s, as either sign has them. All n samples are one and the same if `repeated`.
    """

    g: fmpq
    λ: fmpq
    lag: int
    s: fmpq
    n: int
    values: Literal["two", "four"] = "two"
    repeated: bool = False

    @property
    def term(self) -> fmpq:
        return fmpq(self.g) * self.λ**self.lag

    def law(self, sign: int) -> dict[fmpq, fmpq]:
        """The chances of a sample's values, if the term has this sign."""
        if self.values == "four":
            return {sign * self.term + noise: fmpq(1, 2) for noise in (self.s, -self.s)}
        return {value: (1 + sign * self.term / value) / 2 for value in (self.s, -self.s)}

    @property
    def variance(self) -> fmpq:
        """σ², that of the noise."""
        return sum((p * (x - self.term) ** 2 for x, p in self.law(1).items()), fmpq(0))

    @cached_property
    def error(self) -> fmpq:
        """δ, the chance that the likelier sign is the wrong one, if at first either is as likely.

        It is ½ Σ min(A, B) over what may be seen: how often each value came.
        """
        n, laws = 1 if self.repeated else self.n, (self.law(1), self.law(-1))
        values = sorted({value for law in laws for value in law})
        unit = lcm(*(int(p.q) for law in laws for p in law.values()))
        # In whole numbers: powers of reduced fractions would be reduced again and again.
        powers = [
            [_powers(int(law.get(value, fmpq(0)) * unit), n) for value in values] for law in laws
        ]
        total = 0
        for counts in _counts(n, len(values)):
            seen = (prod(map(getitem, of_law, counts)) for of_law in powers)
            total += _orders(counts) * min(seen)
        return fmpq(total, 2 * unit**n)

    def shown(self) -> dict[str, Any]:
        return {"gλᵏ": self.term, "δ": self.error}

    def terms(self) -> dict[str, Any]:
        farther = replace(self, lag=2 * self.lag, n=2 * self.n)
        return {
            "σ²": lambda: self.variance,
            "δ": lambda: self._enumerated("δ"),
            "δ of twice the lag": lambda: farther._enumerated("δ of twice the lag"),
        }

    def _enumerated(self, name: str) -> Worked:
        """δ = ½ Σ min(A, B), by how many of the samples are s; of other laws its value."""
        if self.values == "four":
            said = Working(f"{name} = ½ Σ min(A, B), as no value has both signs,", self.error)
            return Worked(self.error, lambda: [said])
        n, p = 1 if self.repeated else self.n, self.law(1)[self.s]
        kinds = [
            (comb(n, k), min(p**k * (1 - p) ** (n - k), (1 - p) ** k * p ** (n - k)))
            for k in range(n + 1)
        ]
        summed = worked_sum(
            f"{name} = ½ Σ_k C(n, k) min(pᵏ(1 − p)ⁿ⁻ᵏ, (1 − p)ᵏpⁿ⁻ᵏ)",
            *((fmpq(1, 2), fmpq(count), least) for count, least in kinds),
        )
        said = Working("p = (1 + gλᵏ/s)/2", p)
        return Worked(self.error, lambda: [said, *summed.steps()])


def _powers(base: int, largest: int) -> list[int]:
    return list(accumulate(repeat(base, largest), mul, initial=1))


def _counts(n: int, values: int) -> Iterator[tuple[int, ...]]:
    """How often each value may have come in n samples."""
    if values == 1:
        yield (n,)
        return
    for first in range(n + 1):
        for rest in _counts(n - first, values - 1):
            yield first, *rest


def _orders(counts: tuple[int, ...]) -> int:
    """In how many orders values can come so often."""
    return prod(comb(sum(counts[: k + 1]), count) for k, count in enumerate(counts))


rates = st.sampled_from([fmpq(1, 2), fmpq(3, 4), fmpq(7, 8), fmpq(1)])
"""λ, by how much a lag's weight shrinks a step; or does not."""

up_to_20 = st.one_of(st.integers(0, 3), st.integers(0, 20))
numbers = st.one_of(st.integers(1, 2), st.integers(1, 12), st.integers(1, 300))


def noisy_terms(
    *,
    λ: Any = rates,
    lags: Any = up_to_20,
    s_by_g: tuple[fmpq, ...] = (fmpq(2), fmpq(3, 2), fmpq(9, 8), fmpq(4), fmpq(17, 16)),
    n: Any = numbers,
    values: Literal["two", "four"] = "two",
    repeated: bool = False,
) -> st.SearchStrategy[NoisyTerm]:
    """Lags up to 20, up to 300 samples, and noise from as small as half of g to four times g."""
    return st.builds(
        lambda g, share, **others: NoisyTerm(
            g=g, s=g * share, values=values, repeated=repeated, **others
        ),
        g=st.sampled_from([fmpq(1), fmpq(2), fmpq(1, 2)]),
        share=st.sampled_from(s_by_g),
        λ=λ,
        lag=lags,
        n=n,
    )


@claim(
    statement=(
        "n independent samples are s or −s, and their mean is the term of lag k, ±gλᵏ, so that "
        "their noise has the variance σ² = s² − (gλᵏ)². The best rule for its sign errs with a "
        "chance δ such that (σ/s)²ⁿ ≤ 4δ(1 − δ) and 2δ ≤ (σ/s)ⁿ. So (σ/gλᵏ)² ln(1/4δ(1 − δ)) "
        "samples are needed, and 2(s/gλᵏ)² ln(1/2δ) suffice: slow, and not impossible."
    ),
    source="derived here; what Bengio, Simard & Frasconi 1994, section IV, leave open",
    derivation=theory.noise_hides_lags,
    domain=noisy_terms(),
    tiers=("symbolic", "exact"),
    assumptions={
        theory.TWO_VALUES: lambda run: all(abs(value) == run.s for value in run.law(1)),
        theory.INDEPENDENT: lambda run: not run.repeated,
    },
    labels={
        "hidden: δ ≥ 1/4": (0.2, lambda run: run.error >= fmpq(1, 4)),
        "found: δ ≤ 1/100": (0.1, lambda run: run.error <= fmpq(1, 100)),
        "one factor more is too many: (2δ)² > (σ/s)²ⁿ⁺²": (
            0.005,
            lambda run: 4 * run.error**2 > (run.variance / run.s**2) ** (run.n + 1),
        ),
        "k ≥ 10": (0.1, lambda run: run.lag >= 10),
        "n ≥ 100": (0.1, lambda run: run.n >= 100),
        "no lag is discounted: λ = 1": (0.1, lambda run: run.λ == 1),
    },
    witness=NoisyTerm(g=rational(1), λ=rational("1/2"), lag=2, s=rational(1), n=40),
    explain=(
        "A faint term is still there. In one sample it drowns, and in the mean of many it does "
        "not, because the noise of a mean of n falls like 1/√n while the term stays. What the "
        "vanishing weight costs is time: with the noise as large as the term of lag 0 and "
        "λ = 0.9, to be wrong about the sign once in a hundred times takes 47 samples at "
        "lag 10, and more than 120 000 at lag 50. The number grows by 1/λ² with each "
        "step of lag. That is how a gradient that neither vanishes nor explodes as a whole can "
        "yet fail to teach a long dependency within any time that one has. The lower bound is "
        "one for noise that hides what it is added to; noise of a known shape with gaps or edges "
        "gives the term away in a single sample."
    ),
)
def noise_hides_lags(run: NoisyTerm, check: Check) -> None:
    least, δ = kept(run.g, run.λ, run.variance, run.lag, run.n), run.error
    check.at_most(least, 4 * δ * (1 - δ), what=f"{SURE} ≤ 4δ(1 − δ)")
    check.at_most(4 * δ**2, least, what=f"(2δ)² ≤ {SURE}")


noise_hides_lags.without(
    theory.TWO_VALUES,
    domain=noisy_terms(n=st.integers(1, 3), values="four"),
    why="A known s added to the term or taken from it is no disguise: each of the four values that "
    "a sample may have tells the sign.",
)
noise_hides_lags.without(
    theory.INDEPENDENT,
    domain=noisy_terms(repeated=True),
    why="One sample taken n times over is one sample.",
)


@noise_hides_lags.misread(
    "a term below a quarter of the noise is lost in it: no number of samples tells its sign with "
    "an error below 1/4",
    domain=noisy_terms(s_by_g=(fmpq(4),)),
    why="The mean of n samples has 1/√n of the noise and all of the term.",
)
def impossible(run: NoisyTerm, check: Check) -> None:
    check.at_most(fmpq(1, 4), run.error, what="1/4 ≤ δ")


@st.composite
def as_many_as_the_noise_is_larger(draw: Any) -> NoisyTerm:
    """n = s/gλᵏ samples, rounded up."""
    run: NoisyTerm = draw(noisy_terms(lags=st.integers(0, 8), n=st.just(1)))
    return replace(run, n=int((run.s / run.term).ceil()))


@noise_hides_lags.misread(
    "s/gλᵏ samples are enough to be wrong once in ten times",
    domain=as_many_as_the_noise_is_larger(),
    why="Noise is averaged out like 1/√n: the square of that is needed.",
)
def averages_like_one_over_n(run: NoisyTerm, check: Check) -> None:
    check.at_most(run.error, fmpq(1, 10), what="δ ≤ 1/10")


@noise_hides_lags.misread(
    "the number grows in proportion to the lag: for twice the lag twice the samples do as well",
    domain=noisy_terms(
        λ=st.sampled_from([fmpq(1, 2), fmpq(3, 4), fmpq(7, 8)]),
        lags=st.integers(1, 8),
        n=st.integers(1, 40),
    ),
    why="Each step of lag multiplies it by 1/λ².",
)
def in_proportion_to_the_lag(run: NoisyTerm, check: Check) -> None:
    farther = replace(run, lag=2 * run.lag, n=2 * run.n)
    check.at_most(farther.error, run.error, what="δ of twice the lag, and δ")
