"""The shelf, continued: the order of the real numbers.

As in `theory.lemmas`, each is a pattern and each is verified on generated exact cases in the tests.
"""

from __future__ import annotations

from typing import Any

from sympy import Abs, Sum, exp

from theory.derivation import Lemma, at_most, less
from theory.lemmas import Instance


def _transitivity(smaller: Any, middle: Any, larger: Any) -> Instance:
    return (at_most(smaller, middle), at_most(middle, larger)), at_most(smaller, larger)


transitivity = Lemma("transitivity", "a ≤ b and b ≤ c ⇒ a ≤ c", _transitivity)


def _difference(smaller: Any, larger: Any) -> Instance:
    return (at_most(0, larger - smaller),), at_most(smaller, larger)


difference = Lemma("difference", "0 ≤ b − a ⇒ a ≤ b", _difference)


def _square(x: Any) -> Instance:
    return (), at_most(0, x**2)


square = Lemma("square", "0 ≤ x² for real x", _square)


def _reciprocal(smaller: Any, larger: Any) -> Instance:
    return (less(0, smaller), at_most(smaller, larger)), at_most(1 / larger, 1 / smaller)


reciprocal = Lemma("reciprocal", "0 < a ≤ b ⇒ 1/b ≤ 1/a", _reciprocal)


def _division(smaller: Any, larger: Any, divisor: Any) -> Instance:
    premises = (less(0, divisor), at_most(smaller, larger))
    return premises, at_most(smaller / divisor, larger / divisor)


division = Lemma("division", "0 < c and a ≤ b ⇒ a/c ≤ b/c", _division)


def _above_modulus(x: Any, larger: Any) -> Instance:
    return (less(Abs(x), larger),), less(0, larger)


above_modulus = Lemma("above a modulus", "|x| < b ⇒ 0 < b", _above_modulus)


def _positive_product(*factors: Any) -> Instance:
    product = factors[0]
    for factor in factors[1:]:
        product *= factor
    return tuple(less(0, factor) for factor in factors), less(0, product)


positive_product = Lemma("positive product", "0 < a, 0 < b ⇒ 0 < ab", _positive_product)


def _positive_power(base: Any, exponent: Any) -> Instance:
    return (less(0, base),), less(0, base**exponent)


positive_power = Lemma("positive power", "0 < a ⇒ 0 < aⁿ", _positive_power)


def _monotone_power(smaller: Any, larger: Any, exponent: Any) -> Instance:
    premises = (less(0, smaller), at_most(smaller, larger))
    return premises, at_most(smaller**exponent, larger**exponent)


monotone_power = Lemma("monotone power", "0 < a ≤ b ⇒ aⁿ ≤ bⁿ for n ≥ 0", _monotone_power)


def _modulus_power(x: Any, bound: Any, exponent: Any) -> Instance:
    return (at_most(Abs(x), bound),), at_most(Abs(x) ** exponent, bound**exponent)


modulus_power = Lemma("power of a modulus", "|x| ≤ b ⇒ |x|ⁿ ≤ bⁿ for n ≥ 0", _modulus_power)


def _weighted_squares(smaller: Any, larger: Any, x: Any, index: Any, first: Any, last: Any) -> Any:
    left, right = (Sum(weight * x**2, (index, first, last)) for weight in (smaller, larger))
    return (at_most(smaller, larger),), at_most(left, right)


weighted_squares = Lemma(
    "weighted squares",
    "a_k ≤ b_k for all k ⇒ Σ a_k x_k² ≤ Σ b_k x_k² for real x_k",
    _weighted_squares,
)


def _exponential(x: Any) -> Instance:
    return (), at_most(1 + x, exp(x))


exponential = Lemma("exponential", "1 + x ≤ eˣ for real x", _exponential)
