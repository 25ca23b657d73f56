"""The shelf, continued: tanh, arctan, convex functions, and maps between vectors.

As in `theory.lemmas`, each is a pattern and each is verified on generated cases in the tests.
"""

from __future__ import annotations

from typing import Any

from sympy import Abs, Derivative, Function, Integral, Tuple, atan, sinh, tanh

from theory.lemmas import Instance
from theory.matrices import Jacobian, MapOf, Norm
from theory.printing import plain
from theory.relations import Everywhere, Fact, at_most, equation, less
from theory.steps import Lemma


def _increasing_tanh(smaller: Any, larger: Any) -> Instance:
    return (at_most(smaller, larger),), at_most(tanh(smaller), tanh(larger))


increasing_tanh = Lemma("increasing tanh", "a ≤ b ⇒ tanh a ≤ tanh b", _increasing_tanh)


def _falling_slope(a: Any, b: Any) -> Instance:
    return (at_most(a, b), at_most(b, 0)), at_most(1 - tanh(a) ** 2, 1 - tanh(b) ** 2)


falling_slope = Lemma("slope of tanh", "a ≤ b ≤ 0 ⇒ 1 − tanh² a ≤ 1 − tanh² b", _falling_slope)


def _tangent_of_tanh(a: Any, b: Any) -> Instance:
    tangent = tanh(b) + (1 - tanh(b) ** 2) * (a - b)
    return (at_most(a, 0), at_most(b, 0)), at_most(tangent, tanh(a))


tangent_of_tanh = Lemma(
    "tangent of tanh",
    "a ≤ 0 and b ≤ 0 ⇒ tanh b + (1 − tanh² b)(a − b) ≤ tanh a",
    _tangent_of_tanh,
)


def _range_of_tanh(a: Any, b: Any) -> Instance:
    return (), at_most(tanh(a) - tanh(b), 2)


range_of_tanh = Lemma("range of tanh", "tanh a − tanh b ≤ 2", _range_of_tanh)


def _square_of_tanh(a: Any) -> Instance:
    return (), at_most(0, 1 - tanh(a) ** 2)


square_of_tanh = Lemma("square of tanh", "tanh² a ≤ 1", _square_of_tanh)


def _rising_quotient(a: Any, b: Any) -> Instance:
    premises = (less(0, a), less(0, b), at_most(a / tanh(a), b / tanh(b)))
    return premises, at_most(a, b)


rising_quotient = Lemma(
    "x/tanh x rises", "0 < a, 0 < b and a/tanh a ≤ b/tanh b ⇒ a ≤ b", _rising_quotient
)


def _falling_quotient(a: Any, b: Any) -> Instance:
    return (less(0, a), at_most(a, b)), at_most(b / sinh(b), a / sinh(a))


falling_quotient = Lemma("x/sinh x falls", "0 < a ≤ b ⇒ b/sinh b ≤ a/sinh a", _falling_quotient)


def _increasing_arctan(smaller: Any, larger: Any) -> Instance:
    return (at_most(smaller, larger),), at_most(atan(smaller), atan(larger))


increasing_arctan = Lemma("increasing arctan", "a ≤ b ⇒ arctan a ≤ arctan b", _increasing_arctan)


def _difference_of_arctans(a: Any, b: Any) -> Instance:
    whole = atan((a - b) / (1 + a * b))
    return (less(0, 1 + a * b),), equation(whole, atan(a) - atan(b))


difference_of_arctans = Lemma(
    "difference of arctans",
    "0 < 1 + ab ⇒ arctan((a − b)/(1 + ab)) = arctan a − arctan b",
    _difference_of_arctans,
)


def convex_function(p: Any) -> Fact:
    """The fact that a differentiable function of a real variable is convex."""
    return Fact("convex", (p,))


def derivative_of(f: Any, slope: Any) -> Fact:
    """The fact that f has the derivative `slope`, both functions of a real variable."""
    return Fact("function and its derivative", (Tuple(f, slope),))


def _tangent_of_convex(p: Any, slope: Any, touching: Any, x: Any) -> Instance:
    line = p(touching) + slope(touching) * (x - touching)
    return (convex_function(p), derivative_of(p, slope)), at_most(line, p(x))


tangent_of_convex = Lemma(
    "tangent of a convex function", "p convex ⇒ p(y) + p′(y)(x − y) ≤ p(x)", _tangent_of_convex
)


def _fundamental_theorem(f: Any, slope: Any, x: Any, first: Any, last: Any) -> Instance:
    """The slope is taken to be continuous."""
    integral = Integral(slope(x), (x, first, last))
    return (derivative_of(f, slope),), equation(integral, f(last) - f(first))


fundamental_theorem = Lemma(
    "fundamental theorem of calculus", "∫f′ from A to B = f(B) − f(A)", _fundamental_theorem
)


def _taylor(
    f: Any, x: Any, slope: Any, bend: Any, f0: Any, slope0: Any, bend0: Any, bound: Any
) -> Instance:
    """f, its first derivative and its second, and the values of these three at x = 0."""
    third = Derivative(bend, x)
    everywhere = (
        equation(Derivative(f, x), slope),
        equation(Derivative(slope, x), bend),
        at_most(third, bound),
        at_most(-bound, third),
    )
    at_zero = tuple(
        equation(function.subs(x, 0), value)
        for function, value in ((f, f0), (slope, slope0), (bend, bend0))
    )
    parabola = f0 + slope0 * x + bend0 * x**2 / 2
    premises = (*(Everywhere(relation, x) for relation in everywhere), *at_zero)
    return premises, at_most(Abs(f - parabola), bound / 6 * Abs(x) ** 3)


taylor = Lemma(
    "Taylor's theorem", "|f‴| ≤ K ⇒ |f(x) − f(0) − f′(0)x − f″(0)x²/2| ≤ K|x|³/6", _taylor
)


def length_where(f: Any, least: Any, x: Any, first: Any, last: Any) -> Any:
    """The length of the part of [first, last] in which f(x) ≥ least."""
    return Function("length", nonnegative=True)(f, least, x, first, last)


def _markov(f: Any, least: Any, x: Any, first: Any, last: Any) -> Instance:
    if x in least.free_symbols | first.free_symbols | last.free_symbols:
        raise ValueError(f"{plain(least)} and the ends have to be free of {plain(x)}")
    part = length_where(f, least, x, first, last)
    premises = (Everywhere(at_most(0, f), x), at_most(first, last))
    return premises, at_most(least * part, Integral(f, (x, first, last)))


markov = Lemma("Markov's inequality", "0 ≤ f ⇒ g·|{x : f(x) ≥ g}| ≤ ∫f", _markov)


# -- maps between vectors


def M(x: Any) -> Any:
    """The map M of a state x."""
    return MapOf("M", x)


def convex(region: Any) -> Fact:
    """The fact that a set is convex."""
    return Fact("convex", (region,))


def belongs(x: Any, region: Any) -> Fact:
    """The fact that a point lies in a set."""
    return Fact("point and set", (Tuple(x, region),))


def slopes_at_most(region: Any, bound: Any) -> Fact:
    """The fact that ‖M′(z)‖ ≤ bound for every z of a set."""
    return Fact("set and bound on ‖M′‖ there", (Tuple(region, bound),))


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
