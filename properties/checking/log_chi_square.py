"""The exact laws that Gaussian products are judged by: χ², its logarithm, and sums of those.

Everything is enclosed: a probability comes as a ball, its integral by Petras' algorithm (Arb's),
what lies beyond the integral's ends bounded by hand.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from flint import acb, arb

from properties.checking.algebras import BALL
from properties.checking.balls import DEFAULT_BITS, precision
from theory import chi_square
from theory.formula import formula

# The largest error of scipy's regularised incomplete gamma function that was found against balls,
# over a = ½, 1, …, 50 and x up to 40 above the mean, was 6e-14; a test looks again.
CDF_ERROR = 1e-12

BITS = 64
ERROR = 2.0**-50
"""What the integrals are computed to: nothing beside any sample's deviation."""


def distribution(degrees: Any, values: Any, errors: Any) -> tuple[Any, Any]:
    """P(z ≤ value) for χ² variables z whose values are known to within the errors: arrays.

    Returned are the probabilities and how far the exact ones may lie from them.
    """
    from scipy.special import gammainc

    ends = (np.maximum(values - errors, 0.0), values + errors)
    low, high = (gammainc(degrees / 2, end / 2) for end in ends)
    return (low + high) / 2, (high - low) / 2 + CDF_ERROR


def clipping(degrees: int, low: float, high: float) -> Any:
    """By how much E ln z changes where ln z is moved into [low, high]: a ball that holds it.

    Below e^low the density is at most x^(a−1)/(2ᵃΓ(a)), a = N/2, against which ln(e^low/x) has the
    integral e^(a·low)/(a²·2ᵃΓ(a)); above X = e^high, ln(z/X) ≤ z/X, and E z/X beyond X is
    N·P(χ² with N + 2 degrees > X)/X.
    """
    with precision(DEFAULT_BITS):
        a = arb(degrees) / 2
        raised = (a * low).exp() / (a * a * arb(2) ** a * a.gamma())
        end = arb(high).exp()
        lowered = degrees * (end / 2).gamma_upper(a + 1, regularized=1) / end
        return raised.union(-lowered)


def log_sum_exceeds(degrees: int, terms: int, threshold: Any) -> Any:
    """P(ln z_1 + … + ln z_n > threshold) for n independent χ² variables, a ball.

    The inverse Laplace transform of E e^(s·Σ ln z) = (E zˢ)ⁿ along Re s = c (Bromwich's integral):
    with the pole at 0 on its left it gives the probability, on its right the probability less 1.
    There |Γ(A + it)| ≤ Γ(A)·∏(A + k)/t over the first factors k of Weierstrass' product, which
    bounds what lies beyond t = T.
    """
    x, c = arb(threshold), _abscissa(degrees, terms, float(arb(threshold).mid()))
    with precision(BITS):
        moment = formula(chi_square.moments, BALL)
        n, corner = acb(arb(degrees)), arb(degrees) / 2 + c
        # At least 40 factors in all, so that the integrand falls like t⁻⁴¹.
        factors = -(-40 // terms)
        rising = arb(1)
        for k in range(factors):
            rising *= corner + k
        end = 8 * rising.root(factors)

        def integrand(t: Any, _: bool) -> Any:
            s = acb(0, 1) * t + c
            return (-s * x).exp() * moment(n, s) ** terms / s

        # What the integration aims at; how near it came is in the ball that it gives.
        inside = acb.integral(integrand, 0, end, abs_tol=arb(ERROR)).real
        at_corner = (-c * x).exp() * moment(n, acb(c)).real ** terms
        order = factors * terms
        outside = at_corner * (rising / end**factors) ** terms / order
        return (inside + arb(0, 1) * outside) / arb.pi() + (c < 0)


@cache
def _cumulants(degrees: int) -> tuple[float, float]:
    mean, variance = (
        float(formula(derivation, BALL)(arb(degrees)))
        for derivation in (chi_square.log_mean, chi_square.log_variance)
    )
    return mean, variance


def _abscissa(degrees: int, terms: int, threshold: float) -> float:
    """Near the saddle point of the integrand, away from its poles at 0 and −N/2."""
    mean, variance = (terms * cumulant for cumulant in _cumulants(degrees))
    saddle, least = (threshold - mean) / variance, 1 / math.sqrt(variance)
    if saddle >= 0:
        return max(saddle, least)
    return max(min(saddle, -least), -degrees / 4)
