"""The shelf of inequalities: of order, of calculus, and of maps between vectors.

As in `theory.lemmas`, each is a pattern that a step has to match exactly, and each is verified on
generated cases in the tests.
"""

from __future__ import annotations

from typing import Any

from sympy import Abs, Add, Derivative, Function, Integral, Mul, Tuple, atan, tanh

from theory.matrices import Jacobian, MapOf, Norm
from theory.normal_form import equal
from theory.printing import plain
from theory.relations import Fact, Premise, Relation, at_most, equation, less
from theory.steps import Lemma

Instance = tuple[tuple[Premise, ...], Relation]


def M(x: Any) -> Any:
    """The map M of a state x."""
    return MapOf("M", x)


# -- order


def _transitivity(a: Any, b: Any, c: Any) -> Instance:
    return (at_most(a, b), at_most(b, c)), at_most(a, c)


transitivity = Lemma("transitivity", "a ≤ b and b ≤ c ⇒ a ≤ c", _transitivity)


def _order_of_numbers(a: Any, b: Any) -> Instance:
    if (b - a).is_nonnegative is not True:
        raise ValueError(f"{plain(a)} ≤ {plain(b)} is not seen by its form")
    return (), at_most(a, b)


order_of_numbers = Lemma("order of numbers", "b − a ≥ 0 by its form ⇒ a ≤ b", _order_of_numbers)


def _positive_number(a: Any) -> Instance:
    if a.is_positive is not True:
        raise ValueError(f"0 < {plain(a)} is not seen by its form")
    return (), less(0, a)


positive_number = Lemma("positive number", "a > 0 by its form ⇒ 0 < a", _positive_number)


def _sum(a: Any, b: Any, c: Any, d: Any) -> Instance:
    return (at_most(a, b), at_most(c, d)), at_most(a + c, b + d)


sum_of_inequalities = Lemma("sum of inequalities", "a ≤ b and c ≤ d ⇒ a + c ≤ b + d", _sum)


def _cancellation(a: Any, b: Any, c: Any, d: Any) -> Instance:
    return (less(a + c, b), at_most(b, d + c)), less(a, d)


cancellation = Lemma("cancellation", "a + c < b and b ≤ d + c ⇒ a < d", _cancellation)


def _division(a: Any, b: Any, c: Any) -> Instance:
    return (less(0, c), at_most(a, b)), at_most(a / c, b / c)


division_by_positive = Lemma("division", "0 < c and a ≤ b ⇒ a/c ≤ b/c", _division)


def _rearrangement(a: Any, b: Any, c: Any, d: Any) -> Instance:
    if not equal(b - a, d - c):
        raise ValueError(f"{plain(b - a)} is not seen to be {plain(d - c)}")
    return (at_most(a, b),), at_most(c, d)


rearrangement = Lemma("rearrangement", "a ≤ b and b − a = d − c ⇒ c ≤ d", _rearrangement)


def _sum_of_products(*products: Any) -> Instance:
    """Each product is given by its factors, a Tuple."""
    factors = [factor for product in products for factor in product]
    return tuple(at_most(0, f) for f in factors), at_most(0, Add(*(Mul(*p) for p in products)))


sum_of_products = Lemma(
    "sum of products", "all factors ≥ 0 ⇒ 0 ≤ Σ∏ factors", _sum_of_products
)


def _increasing_square(a: Any, b: Any) -> Instance:
    return (at_most(0, a), at_most(a, b)), at_most(a**2, b**2)


increasing_square = Lemma("squares increase", "0 ≤ a ≤ b ⇒ a² ≤ b²", _increasing_square)


def _reciprocal(a: Any, b: Any) -> Instance:
    return (less(0, a), at_most(a, b)), at_most(1 / b, 1 / a)


reciprocal = Lemma("reciprocal", "0 < a ≤ b ⇒ 1/b ≤ 1/a", _reciprocal)


def _below_modulus(x: Any) -> Instance:
    return (), at_most(x, Abs(x))


below_modulus = Lemma("below its modulus", "x ≤ |x|", _below_modulus)


def _nonnegative_norm(a: Any) -> Instance:
    return (), at_most(0, Norm(a))


nonnegative_norm = Lemma("a norm's sign", "0 ≤ ‖A‖", _nonnegative_norm)


# -- calculus of one variable


def _falling_slope(a: Any, b: Any) -> Instance:
    return (at_most(a, b), at_most(b, 0)), at_most(1 - tanh(a) ** 2, 1 - tanh(b) ** 2)


falling_slope = Lemma(
    "tanh is the flatter, the farther from zero", "a ≤ b ≤ 0 ⇒ tanh′ a ≤ tanh′ b", _falling_slope
)


def _tanh_above_its_tangents(a: Any, b: Any) -> Instance:
    tangent = tanh(b) + (1 - tanh(b) ** 2) * (a - b)
    return (at_most(a, 0), at_most(b, 0)), at_most(tangent, tanh(a))


tanh_above_its_tangents = Lemma(
    "tanh is convex below zero",
    "a, b ≤ 0 ⇒ tanh b + tanh′ b·(a − b) ≤ tanh a",
    _tanh_above_its_tangents,
)


def _range_of_tanh(a: Any, b: Any) -> Instance:
    return (), at_most(tanh(a) - tanh(b), 2)


range_of_tanh = Lemma("range of tanh", "tanh a − tanh b ≤ 2", _range_of_tanh)


def _increasing_arctangent(a: Any, b: Any) -> Instance:
    return (at_most(a, b),), at_most(atan(a), atan(b))


increasing_arctangent = Lemma(
    "the arctangent increases", "a ≤ b ⇒ arctan a ≤ arctan b", _increasing_arctangent
)


def _arctangent_difference(a: Any, b: Any) -> Instance:
    whole = atan((a - b) / (1 + a * b))
    return (less(0, 1 + a * b),), equation(whole, atan(a) - atan(b))


arctangent_difference = Lemma(
    "difference of arctangents",
    "1 + ab > 0 ⇒ arctan((a − b)/(1 + ab)) = arctan a − arctan b",
    _arctangent_difference,
)


def convex_function(p: Any) -> Fact:
    """The fact that a function p of a real variable is convex and differentiable."""
    return Fact("convex", (p,))


def _tangent_below(p: Any, slope: Any, x: Any, y: Any) -> Instance:
    """p and slope = p′ are functions given as Lambda."""
    premises = (convex_function(p),)
    return premises, at_most(p(x) + slope(x) * (y - x), p(y))


tangent_below = Lemma(
    "a convex function lies above its tangents",
    "p convex ⇒ p(x) + p′(x)(y − x) ≤ p(y)",
    _tangent_below,
)


def _fundamental_theorem(f: Any, x: Any, first: Any, last: Any) -> Instance:
    return (), equation(Integral(Derivative(f, x), (x, first, last)), f.subs(x, last) - f.subs(x, first))


fundamental_theorem = Lemma(
    "fundamental theorem of calculus", "∫ f′ = f(B) − f(A)", _fundamental_theorem
)


def share(f: Any, least: Any, x: Any, first: Any, last: Any) -> Any:
    """The length of the part of [first, last] where f(x) ≥ least."""
    return Function("length")(f, least, x, first, last)


def _markov(f: Any, least: Any, x: Any, first: Any, last: Any) -> Instance:
    part = share(f, least, x, first, last)
    return (at_most(0, f),), at_most(least * part, Integral(f, (x, first, last)))


markov = Lemma("Markov's inequality", "f ≥ 0 ⇒ G·|{x : f(x) ≥ G}| ≤ ∫ f", _markov)


# -- maps between vectors


def convex(region: Any) -> Fact:
    """The fact that a set is convex."""
    return Fact("convex", (region,))


def belongs(x: Any, region: Any) -> Fact:
    """The fact that a point lies in a set."""
    return Fact("belong to it", (x, region))


def slopes_at_most(region: Any, bound: Any) -> Fact:
    """The fact that ‖M′(z)‖ ≤ bound for every z of a set."""
    return Fact("‖M′‖ at most", (region, bound))


def ball(centre: Any, radius: Any) -> Any:
    """The set of the points within `radius` of the centre."""
    return Tuple(centre, radius)


def _mean_value(x: Any, y: Any, region: Any, bound: Any) -> Instance:
    premises = (
        convex(region),
        belongs(x, region),
        belongs(y, region),
        slopes_at_most(region, bound),
    )
    return premises, at_most(Norm(M(x) - M(y)), bound * Norm(x - y))


mean_value = Lemma(
    "mean value inequality",
    "‖M′‖ ≤ λ on a convex set ⇒ ‖M(x) − M(y)‖ ≤ λ‖x − y‖ in it",
    _mean_value,
)


def _mean_value_in_ball(x: Any, centre: Any, radius: Any, bound: Any) -> Instance:
    premises = (slopes_at_most(ball(centre, radius), bound), at_most(Norm(x - centre), radius))
    return premises, at_most(Norm(M(x) - M(centre)), bound * Norm(x - centre))


mean_value_in_ball = Lemma(
    "mean value inequality in a ball",
    "‖M′‖ ≤ λ within d of c and ‖x − c‖ ≤ d ⇒ ‖M(x) − M(c)‖ ≤ λ‖x − c‖",
    _mean_value_in_ball,
)


def lipschitz_slopes(constant: Any) -> Fact:
    """The fact that ‖M′(x) − M′(y)‖ ≤ constant·‖x − y‖ for all x, y."""
    return Fact("Lipschitz constant of M′", (constant,))


def _linearisation(x: Any, step: Any, constant: Any) -> Instance:
    error = Jacobian(M(x), x) * step - (M(x + step) - M(x))
    return (lipschitz_slopes(constant),), at_most(Norm(error), constant / 2 * Norm(step) ** 2)


linearisation = Lemma(
    "error of linearising",
    "M′ Lipschitz with constant L ⇒ ‖M′(x)d − (M(x + d) − M(x))‖ ≤ L‖d‖²/2",
    _linearisation,
)
