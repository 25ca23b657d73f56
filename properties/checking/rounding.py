"""Running error analysis: numbers that carry a bound on their own rounding error.

The model is Higham's (Accuracy and Stability of Numerical Algorithms, 2nd ed., ch. 2–3): a sum or a
product is computed as (x ∘ y)(1 + δ) + η with |δ| ≤ u, where η, only a product's, is what an
underflow loses. An n-term inner product, summed in *any* order and with or without fused
multiply-adds, is off by at most γ_n Σ|x_i y_i| with γ_n = nu/(1 − nu) (§3.1). So what is derived
here holds for every BLAS and for every implementation that evaluates the same formulas.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

FLOAT64 = 2.0**-53
FLOAT32 = 2.0**-24

# Relative errors of tanh and of the logistic function, in units of u. The largest found against
# balls, over 240,000 arguments of each implementation and precision (unit: u):
#               float64                    float32
#            numpy  torch  jax          numpy  torch  jax
#   tanh      1.6    1.2   6.9           1.8    1.0   4.6
#   logistic  2.0    2.0   2.6           3.6    2.4   2.4
# scipy's expit, beside extended precision over 200,000 arguments: 2.2, as much as numpy's there.
# jax's is worst where tanh is nearly 1: 6.9u there is 6.9 ulps of the numbers below 1. Eight is the
# next power of two; glibc's manual too gives at most a few ulps for tanh and exp.
ACTIVATION_ERROR = 8.0


def smallest_normal(u: float) -> float:
    """The smallest normal number of the format with unit roundoff u: 2⁻¹⁰²² or 2⁻¹²⁶.

    Taken as what an underflow may lose, because some implementations (XLA's on CPUs) flush
    subnormal numbers to zero.
    """
    return 2.0**-1022 if u <= FLOAT64 else 2.0**-126


def gamma(n: int, u: float) -> float:
    """γ_n = nu/(1 − nu). Raises ValueError where nu ≥ 1: no accuracy is left to speak of."""
    if n * u >= 1:
        raise ValueError(f"n u = {n * u:.3g} for n = {n} terms; γ_n needs n u < 1")
    return n * u / (1 - n * u)


def conversions(u: float) -> int:
    """How often a float64 parameter is rounded before use: once if the format is a shorter one."""
    return 0 if u <= FLOAT64 else 1


@dataclass(frozen=True)
class Computed:
    """A quantity of a computation, with two bounds (arrays that broadcast with it).

    value   as this project's float64 model has it
    error   ≥ |computed − exact|, for every covered implementation, this project's model among them
    spread  ≥ |computed − value| and |exact − value|: how far those may be from `value`
    u       the unit roundoff of the implementations covered, at least that of float64
    """

    value: Floats
    error: Floats
    spread: Floats
    u: float

    @staticmethod
    def of(value: Any, u: float, error: Any = 0.0, spread: Floats | None = None) -> "Computed":
        """A quantity known up to `error`; spread is 2·error unless given."""
        error = np.broadcast_to(error, np.shape(value))
        return Computed(value, error, 2 * error if spread is None else spread, u)

    @property
    def reach(self) -> Floats:
        """A bound on the magnitude of all of them."""
        return np.asarray(np.abs(self.value) + self.spread)

    def __mul__(self, other: "Computed") -> "Computed":
        # x̂ŷ − xy = (x̂ − x)ŷ + x(ŷ − y)
        mine, theirs = self.reach, other.reach
        rounding = self.u * mine * theirs + smallest_normal(self.u)
        return Computed(
            self.value * other.value,
            self.error * theirs + mine * other.error + rounding,
            self.spread * theirs + np.abs(self.value) * other.spread + 2 * rounding,
            self.u,
        )

    def __add__(self, other: "Computed") -> "Computed":
        value = self.value + other.value
        spread = self.spread + other.spread
        # The exact sum is within u of its float: (1 + 2u) covers what lies between.
        rounding = self.u * (1 + 2 * self.u) * (np.abs(value) + spread)
        return Computed(value, self.error + other.error + rounding, spread + 2 * rounding, self.u)

    def negated(self) -> "Computed":
        """−x."""
        return Computed(-self.value, self.error, self.spread, self.u)

    def complement(self) -> "Computed":
        """1 − x."""
        return Computed.of(np.float64(1.0), self.u) + self.negated()

    def part(self, *index: Any) -> "Computed":
        """The same index of each array."""
        return Computed(self.value[index], self.error[index], self.spread[index], self.u)


def activated(name: str, a: Computed) -> tuple[Computed, Computed]:
    """φ(a) and φ'(a), the slope as implementations have it: written in terms of the value."""
    return {
        "identity": _identity,
        "tanh": _tanh,
        "logistic": _logistic,
        "relu": _relu,
        "saturated_linear": _saturated_linear,
    }[name](a)


def _identity(a: Computed) -> tuple[Computed, Computed]:
    return a, Computed.of(np.ones_like(a.value), a.u)


def _tanh(a: Computed) -> tuple[Computed, Computed]:
    # tanh' = 4q/(1 + q)² with q = exp(−2|a|)
    y = _smooth(a, np.tanh(a.value), rate=2.0, steepest=1.0, width=2.0)
    return y, (y * y).complement()


def _logistic(a: Computed) -> tuple[Computed, Computed]:
    # σ' = q/(1 + q)² with q = exp(−|a|)
    y = _smooth(a, _logistic_value(a.value), rate=1.0, steepest=0.25, width=1.0)
    return y, y * y.complement()


def _logistic_value(a: Floats) -> Floats:
    small = np.exp(-np.abs(a))
    return np.asarray(np.where(a < 0, small, 1.0) / (1 + small))


def _smooth(a: Computed, value: Floats, rate: float, steepest: float, width: float) -> Computed:
    """φ(a), where φ' is even, falls with |a| from `steepest`, and φ's values span `width`."""
    nearest_to_zero = np.maximum(np.abs(a.value) - a.spread, 0.0)
    q = np.exp(-rate * nearest_to_zero)
    # What rounding makes of q is relative and below 2⁻³⁰ where q doesn't underflow.
    slope = 4 * steepest * q / (1 + q) ** 2 * (1 + 2.0**-30) + smallest_normal(FLOAT64)
    moved = np.minimum(slope * a.spread, width)
    # A logistic function that stops short of overflow, at exp(−708), is off by 1.5 normal numbers.
    rounding = ACTIVATION_ERROR * a.u * (np.abs(value) + moved) + 2 * smallest_normal(a.u)
    error = np.minimum(slope * a.error, width) + rounding
    return Computed(value, error, moved + 2 * rounding, a.u)


def _relu(a: Computed) -> tuple[Computed, Computed]:
    active = a.value + a.spread > 0
    value = Computed(np.maximum(a.value, 0.0), a.error * active, a.spread * active, a.u)
    return value, _decided(a, (0.0,), a.value > 0)


def _saturated_linear(a: Computed) -> tuple[Computed, Computed]:
    active = (a.value + a.spread > 0) & (a.value - a.spread < 1)
    value = Computed(np.clip(a.value, 0.0, 1.0), a.error * active, a.spread * active, a.u)
    return value, _decided(a, (0.0, 1.0), (a.value > 0) & (a.value < 1))


def _decided(a: Computed, kinks: tuple[float, ...], inside: NDArray[np.bool_]) -> Computed:
    """A slope of 0 or 1, in doubt by 1 where a kink lies within the spread."""
    doubt = np.zeros(np.shape(a.value))
    for kink in kinks:
        doubt[(np.abs(a.value - kink) <= a.spread) & (a.spread > 0)] = 1.0
    return Computed(inside.astype(np.float64), doubt, doubt, a.u)
