"""The shelf, continued: the order of the real numbers.

As in `theory.lemmas`, each is a pattern and each is verified on generated exact cases in the tests.
"""

from __future__ import annotations

from typing import Any

from sympy import Abs, Add, Mul, Sum, exp

from theory.lemmas import Instance
from theory.normal_form import equal
from theory.printing import plain
from theory.ranges import Range
from theory.relations import at_most, less, nonzero
from theory.steps import Lemma


def _transitivity(smaller: Any, middle: Any, larger: Any) -> Instance:
    return (at_most(smaller, middle), at_most(middle, larger)), at_most(smaller, larger)


transitivity = Lemma("transitivity", "a ≤ b and b ≤ c ⇒ a ≤ c", _transitivity)


def _square(x: Any) -> Instance:
    return (), at_most(0, x**2)


square = Lemma("square", "0 ≤ x² for real x", _square)


def _difference(smaller: Any, larger: Any) -> Instance:
    return (at_most(0, larger - smaller),), at_most(smaller, larger)


difference = Lemma("difference", "0 ≤ b − a ⇒ a ≤ b", _difference)


def _rearrangement(a: Any, b: Any, c: Any, d: Any) -> Instance:
    if not equal(b - a, d - c):
        raise ValueError(f"{plain(b - a)} is not seen to be {plain(d - c)}")
    return (at_most(a, b),), at_most(c, d)


rearrangement = Lemma("rearrangement", "a ≤ b and b − a = d − c ⇒ c ≤ d", _rearrangement)


def _sum(a: Any, b: Any, c: Any, d: Any) -> Instance:
    return (at_most(a, b), at_most(c, d)), at_most(a + c, b + d)


sum_of_inequalities = Lemma("sum of inequalities", "a ≤ b and c ≤ d ⇒ a + c ≤ b + d", _sum)


def _sum_of_products(*products: Any) -> Instance:
    """Each product is given by its factors, a Tuple."""
    factors = [factor for product in products for factor in product]
    return tuple(at_most(0, f) for f in factors), at_most(0, Add(*(Mul(*p) for p in products)))


sum_of_products = Lemma("sum of products", "all factors ≥ 0 ⇒ 0 ≤ Σ∏ factors", _sum_of_products)


def _cancellation(a: Any, b: Any, c: Any, d: Any) -> Instance:
    return (less(a + c, b), at_most(b, d + c)), less(a, d)


cancellation = Lemma("cancellation", "a + c < b and b ≤ d + c ⇒ a < d", _cancellation)


def _below_modulus(x: Any) -> Instance:
    return (), at_most(x, Abs(x))


below_modulus = Lemma("below its modulus", "x ≤ |x|", _below_modulus)


def _positive_division(smaller: Any, larger: Any, divisor: Any) -> Instance:
    return (less(0, divisor), at_most(smaller, larger)), at_most(
        smaller / divisor, larger / divisor
    )


positive_division = Lemma(
    "division by a positive number", "0 < c and a ≤ b ⇒ a/c ≤ b/c", _positive_division
)


def _increasing_square(smaller: Any, larger: Any) -> Instance:
    return (at_most(0, smaller), at_most(smaller, larger)), at_most(smaller**2, larger**2)


increasing_square = Lemma("increasing square", "0 ≤ a ≤ b ⇒ a² ≤ b²", _increasing_square)


def _reciprocal(smaller: Any, larger: Any) -> Instance:
    return (less(0, smaller), at_most(smaller, larger)), at_most(1 / larger, 1 / smaller)


reciprocal = Lemma("reciprocal", "0 < a ≤ b ⇒ 1/b ≤ 1/a", _reciprocal)


def _division(smaller: Any, larger: Any, divisor: Any) -> Instance:
    premises = (nonzero(divisor), at_most(0, divisor), at_most(smaller, larger))
    return premises, at_most(smaller / divisor, larger / divisor)


division = Lemma("division", "0 ≤ c ≠ 0 and a ≤ b ⇒ a/c ≤ b/c", _division)


def _positive_power(base: Any, exponent: Any) -> Instance:
    return (less(0, base),), less(0, base**exponent)


positive_power = Lemma("positive power", "0 < a ⇒ 0 < aⁿ", _positive_power)


def _monotone_power(smaller: Any, larger: Any, exponent: Any) -> Instance:
    premises = (less(0, smaller), at_most(smaller, larger), at_most(0, exponent))
    return premises, at_most(smaller**exponent, larger**exponent)


monotone_power = Lemma("monotone power", "0 < a ≤ b ⇒ aⁿ ≤ bⁿ for n ≥ 0", _monotone_power)


def _modulus_power(x: Any, bound: Any, exponent: Any) -> Instance:
    premises = (at_most(Abs(x), bound), at_most(0, exponent))
    return premises, at_most(Abs(x) ** exponent, bound**exponent)


modulus_power = Lemma("power of a modulus", "|x| ≤ b ⇒ |x|ⁿ ≤ bⁿ for n ≥ 0", _modulus_power)


def _root(smaller: Any, larger: Any, exponent: Any) -> Instance:
    premises = (less(smaller**exponent, larger**exponent), at_most(0, larger), at_most(0, exponent))
    return premises, less(smaller, larger)


root = Lemma("root", "aⁿ < bⁿ ⇒ a < b, for b ≥ 0 and n ≥ 0", _root)


def _weighted_squares(
    smaller: Any, larger: Any, x: Any, index: Any, first: Any, last: Any
) -> Instance:
    left, right = (Sum(weight * x**2, (index, first, last)) for weight in (smaller, larger))
    return (at_most(smaller, larger, Range(index, first, last)),), at_most(left, right)


weighted_squares = Lemma(
    "weighted squares",
    "a_k ≤ b_k for all k ⇒ Σ a_k x_k² ≤ Σ b_k x_k² for real x_k",
    _weighted_squares,
)


def _exponential(x: Any) -> Instance:
    return (), at_most(1 + x, exp(x))


exponential = Lemma("exponential", "1 + x ≤ eˣ for real x", _exponential)
