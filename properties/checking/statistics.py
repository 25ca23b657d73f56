"""What a sample says about the law it was drawn from, and how surely it says so.

Only bounded variables are judged, by bounds that hold at every sample size and for every law:
nothing here is asymptotic, and nothing is believed of tails. Each test has two rates. With chance
at most `false_alarm` it rejects a sample of the right law; with chance at most `miss` it accepts a
sample of a law that lies `min_discrepancy(n)` or further from the right one. `min_num_samples`
turns the second around. The third operation, the assertion, is a method of `Check`.

A half-width rounded by a few units u changes its rate by less than 1e-13 of itself (the rate is
exp(−x) with x below 60), so half-widths are computed in plain float64.

Sources: W. Hoeffding, JASA 58 (1963); P. Massart, Ann. Probab. 18 (1990), the two-sided bound of
Dvoretzky, Kiefer and Wolfowitz with its constant 2; A. Maurer and M. Pontil, COLT 2009, theorems 3,
4 and 10; C. Clopper and E. Pearson, Biometrika 26 (1934). The three operations are those of
TensorFlow Probability's statistical testing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from flint import arb

from properties.checking.balls import precision

FALSE_ALARM = 1e-12
"""So that the two hundred cases of a run, with a few comparisons each, stay below 1e-9 together."""

MISS = 1e-6

TAIL_BITS = 64
"""A binomial tail of 200 000 trials is then known to 14 digits, in 2 ms."""


class Tally(NamedTuple):
    """Of so many independent trials, how many succeeded: what `Check.proportion` is given."""

    successes: int
    trials: int

    def opposite(self) -> Tally:
        """The failures in place of the successes."""
        return Tally(self.trials - self.successes, self.trials)


@dataclass(frozen=True, kw_only=True)
class StatisticalTest:
    """The two rates of a test, both for one comparison of one sample."""

    false_alarm: float = FALSE_ALARM
    miss: float = MISS

    def __post_init__(self) -> None:
        for name in ("false_alarm", "miss"):
            rate = getattr(self, name)
            if not 0 < rate < 1:
                raise ValueError(f"{name}: {rate!r} is no rate; it has to lie between 0 and 1")

    def min_discrepancy(self, n: int) -> float:
        """The least distance from the right law that n samples reveal, but for `miss`."""
        raise NotImplementedError

    def min_num_samples(self, discrepancy: float) -> int:
        """A number of samples that reveals the discrepancy: the least, or for proportions near it.

        Raises ValueError for a discrepancy that is not positive.
        """
        if not discrepancy > 0:
            raise ValueError(f"discrepancy: {discrepancy!r} is not positive")
        enough = 2
        while self.min_discrepancy(enough) > discrepancy:
            enough *= 2
        too_few = enough // 2
        while enough - too_few > 1:
            middle = (enough + too_few) // 2
            if self.min_discrepancy(middle) > discrepancy:
                too_few = middle
            else:
                enough = middle
        return enough


@dataclass(frozen=True)
class Hoeffding(StatisticalTest):
    """The mean of independent variables that lie in [low, high]."""

    low: float
    high: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.low < self.high:
            raise ValueError(f"low, high: [{self.low!r}, {self.high!r}] is no interval")

    @property
    def width(self) -> float:
        return self.high - self.low

    def half_width(self, n: int) -> float:
        """How far the sample mean may lie from the right mean."""
        return self.width * _deviation(n, 2 / self.false_alarm)

    def min_discrepancy(self, n: int) -> float:
        # A wrong mean is missed only where its own sample mean errs towards the right one.
        return self.half_width(n) + self.width * _deviation(n, 1 / self.miss)


@dataclass(frozen=True)
class EmpiricalBernstein(Hoeffding):
    """The same mean, judged by the sample's own variance: sharper where that is small.

    The discrepancy that it detects is stated for laws whose standard deviation is at most
    `deviation`; the false-alarm rate needs no such thing.
    """

    deviation: float

    def half_width(self, n: int, variance: float | None = None) -> float:
        """How far the mean of a sample with this (unbiased) variance may lie from the right one."""
        spread = self.deviation if variance is None else math.sqrt(variance)
        rate = math.log(4 / self.false_alarm)
        return spread * math.sqrt(2 * rate / n) + self.width * 7 * rate / (3 * (n - 1))

    def min_discrepancy(self, n: int) -> float:
        # Half of the misses by a sample variance too large, half by a sample mean too near.
        rate = math.log(2 / self.miss)
        largest = self.deviation + self.width * math.sqrt(2 * rate / (n - 1))
        error = self.deviation * math.sqrt(2 * rate / n) + self.width * rate / (3 * n)
        return self.half_width(n, largest**2) + error


@dataclass(frozen=True)
class DKWM(StatisticalTest):
    """The whole distribution function, by its largest distance from that of the sample."""

    def half_width(self, n: int) -> float:
        """How far the sample's distribution function may lie from the right one, anywhere."""
        return _deviation(n, 2 / self.false_alarm)

    def min_discrepancy(self, n: int) -> float:
        # At the one point where the laws differ most, the sample's function obeys Hoeffding.
        return self.half_width(n) + _deviation(n, 1 / self.miss)


def _deviation(n: int, inverse_rate: float) -> float:
    return math.sqrt(math.log(inverse_rate) / (2 * n))


@dataclass(frozen=True)
class ClopperPearson(StatisticalTest):
    """The probability of an event, that has to lie between `least` and `most`."""

    least: float
    most: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.least <= self.most <= 1:
            raise ValueError(f"least, most: [{self.least!r}, {self.most!r}] is no range in [0, 1]")

    @property
    def tail(self) -> float:
        """The false alarms on one side; a side that no probability can pass has none."""
        return self.false_alarm / max((self.least > 0) + (self.most < 1), 1)

    def interval(self, successes: int, n: int) -> tuple[float, float]:
        """The probabilities that this number of successes does not exclude."""
        return interval(successes, n, 2 * self.tail)

    def min_discrepancy(self, n: int) -> float:
        # Too few successes are too many failures.
        bounded = [most for most in (self.most, 1 - self.least) if most < 1]
        return max((self._revealed_above(most, n) for most in bounded), default=1.0)

    def _revealed_above(self, most: float, n: int) -> float:
        """How far above `most` a probability lies that is accepted with chance `miss` at most."""
        from scipy.special import betainc

        accepted, alarm = 0, n + 1
        while alarm - accepted > 1:
            middle = (accepted + alarm) // 2
            # P(at least `middle` successes). scipy's error is far below a millionth, and a number
            # of successes wrongly counted as accepted only makes the discrepancy larger.
            if betainc(middle, n - middle + 1, most) <= self.tail * (1 - 1e-6):
                alarm = middle
            else:
                accepted = middle
        if accepted == n:
            return math.nextafter(1 - most, 2)  # No probability lies that far above.
        # A little more, for scipy's error here too.
        return (1 + 1e-9) * _float_limit(accepted, n, self.miss) - most


def interval(successes: int, n: int, false_alarm: float = FALSE_ALARM) -> tuple[float, float]:
    """The Clopper-Pearson interval: holds the probability of a success but for `false_alarm`.

    Raises ValueError unless 0 ≤ successes ≤ n and n ≥ 1.
    """
    if not 0 <= successes <= n or n < 1:
        raise ValueError(f"successes, n: {successes} of {n}; needs 0 ≤ successes ≤ n and n ≥ 1")
    above = _upper_limit(successes, n, false_alarm / 2)
    # The failures' limit, moved down once more for the rounding of 1 − p.
    below = 1 - _upper_limit(n - successes, n, false_alarm / 2)
    return max(0.0, math.nextafter(below, -1)), above


def _at_most(successes: int, n: int, probability: float) -> Any:
    """P(at most so many successes of n), a ball."""
    with precision(TAIL_BITS):
        return (1 - arb(probability)).beta_lower(n - successes, successes + 1, regularized=True)


def _float_limit(successes: int, n: int, tail: float) -> float:
    """The probability at which so few successes have the chance `tail`, as scipy has it."""
    from scipy.special import betainccinv

    return float(betainccinv(successes + 1, n - successes, tail))


def _upper_limit(successes: int, n: int, tail: float) -> float:
    """A probability at which so few successes have a chance of at most `tail`, the least known."""
    if successes >= n:
        return 1.0
    limit, step = _float_limit(successes, n, tail), math.ulp(1.0)
    while limit < 1 and not _at_most(successes, n, limit) <= tail:
        limit, step = min(1.0, limit * (1 + step)), 2 * step
    return limit


def distance_from_uniform(values: Any, errors: Any = 0.0) -> float:
    """The largest distance of the sample's distribution function from that of U(0, 1).

    The exact values lie within `errors` of those given; the distance is no less than the true one.
    Raises ValueError for a value outside [0, 1].
    """
    values = np.asarray(values, dtype=float)
    lower, upper = np.sort(values - errors), np.sort(values + errors)
    if not (np.all(upper >= 0) and np.all(lower <= 1)):
        raise ValueError("values: some lie outside [0, 1]; give them through their own cdf")
    ranks = np.arange(values.size + 1) / values.size
    # Every number here is at most 1, and is rounded a few times.
    return float(max(np.max(ranks[1:] - lower), np.max(upper - ranks[:-1]))) + 4 * math.ulp(1.0)
