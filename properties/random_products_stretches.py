"""How random factors stretch squared lengths: computed values, judged by their exact χ² laws."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb

from properties.checking import BALL, Check, formula
from properties.checking.balls import DEFAULT_BITS, precision
from properties.checking.log_chi_square import clipping, distribution, log_sum_exceeds
from properties.checking.rounding import FLOAT64, gamma
from theory import chi_square

JUDGED = 2000
"""How many factors' law is judged as a whole, of those that a case draws."""


@dataclass(frozen=True)
class Stretches:
    """By how much single factors stretch a squared length, gain and 1/N divided out.

    `values` are the computed N‖Wh‖²/‖h‖², at most `errors` from that quotient for the vector that
    was computed; `degrees` say how many degrees of freedom its χ² law has; `pairs` (2, any) are
    the places of neighbours, each in one pair at most.
    """

    values: Any
    errors: Any
    degrees: Any
    pairs: Any = None

    def law(self) -> tuple[Any, Any]:
        """Some of them by their own distribution functions: uniform if the laws are χ²; errors."""
        every = slice(None, None, max(1, self.values.size // JUDGED))
        arrays = (self.degrees, self.values, self.errors)
        return distribution(*(array.ravel()[every] for array in arrays))

    def only(self, k: int) -> Stretches:
        """Those with this last index."""
        return Stretches(self.values[..., k], self.errors[..., k], self.degrees[..., k])

    def logarithms(self) -> tuple[Any, Any]:
        """ln of the values, and how far rounding may have moved them (infinity: anywhere)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = np.where(self.values > 0, self.errors / self.values, np.inf)
            # |ln(1 + e)| ≤ 2|e| for |e| ≤ ½; and the logarithm errs by an ulp of itself.
            moved = np.where(relative <= 0.5, 2 * relative, np.inf)
            logs = np.log(self.values)
            return logs, moved + 4 * FLOAT64 * np.abs(logs)

    def totals(self, terms: int) -> tuple[Any, float]:
        """Sums of `terms` logarithms, one for each value of the first index; their worst error."""
        logs, errors = (array.reshape(terms, -1) for array in self.logarithms())
        errors = errors + gamma(terms, FLOAT64) * np.abs(logs)
        return logs.sum(axis=0), 1.01 * float(errors.sum(axis=0).max())


def judge_factors(check: Check, stretches: Stretches, derived: Callable[[int], Any]) -> None:
    """The law of what single factors do to a squared length, and its logarithm's mean.

    derived(k) is the mean of ln z that the claim has for k degrees of freedom.
    """
    by_law, inexact = stretches.law()
    check.uniform(by_law, "χ² law of a factor", errors=inexact)
    deviations, errors = stretches.logarithms()
    changed, variance, lows, highs = arb(0), 0.0, [], []
    for k in np.unique(stretches.degrees).tolist():
        of_k, mean = stretches.degrees == k, derived(k)
        variance += float(formula(chi_square.log_variance, BALL)(arb(k))) * float(np.mean(of_k))
        # Of ln z less than 1e-4 lies below ln k − 14/√k, and less than 1e-6 above ln(k + 40).
        low, high = math.log(k) - 14 / math.sqrt(k), math.log(k + 40)
        deviations[of_k] = np.clip(deviations[of_k], low, high) - float(mean)
        changed = changed.union(clipping(k, low, high) + (mean - float(mean)))
        lows.append(low - float(mean))
        highs.append(high - float(mean))
    lowest, highest = min(lows), max(highs)
    rounding = float(np.mean(np.minimum(errors, highest - lowest)))
    what, deviation = "ln z of a factor, less its mean", math.sqrt(variance)
    expected = changed + arb(0, rounding)
    check.mean(deviations, expected, what, low=lowest, high=highest, deviation=deviation)


def judge_neighbours(check: Check, stretches: Stretches) -> None:
    """Neighbours are independent: their places in their laws, u and u', have no covariance.

    (u − ½)(u' − ½) lies within ¼ of 0, and for uniform u and u' its deviation is 1/12.
    """
    arrays = (stretches.degrees, stretches.values, stretches.errors)
    by_law, inexact = distribution(*(array[stretches.pairs] for array in arrays))
    if by_law.shape[1] > 1:
        places = np.clip(by_law - 0.5, -0.5, 0.5)
        zero, what = arb(0, float(inexact.max())), "covariance of neighbours"
        check.mean(np.prod(places, axis=0), zero, what, low=-0.25, high=0.25, deviation=1 / 12)


def judge_total(
    check: Check, totals: Any, error: float, *, degrees: int, terms: int, mean: Any
) -> None:
    """How many sums of `terms` logarithms of χ² variables lie two deviations above `mean`.

    `mean` is what the claim derives for the sum; each sum is known to within `error`.
    """
    with precision(DEFAULT_BITS):
        variance = terms * formula(chi_square.log_variance, BALL)(arb(degrees))
        threshold = mean + 2 * variance.sqrt()
    chance = log_sum_exceeds(degrees, terms, threshold + arb(0, error))
    count = int(np.sum(totals > float(threshold)))
    check.proportion(count, totals.size, "P(Σ ln z > E + 2 deviations)", least=chance, most=chance)
