"""The shelf of inequalities: of order, of calculus, and of maps between vectors.

As in `theory.lemmas`, each is a pattern that a step has to match exactly, and each is verified on
generated cases in the tests.
"""

from __future__ import annotations

from typing import Any

from sympy import Abs, Integral, Tuple, pi, tan, tanh

from theory.derivation import Fact, Lemma, Premise, Relation, at_most, less
from theory.matrices import Jacobian, MapOf, Norm

Instance = tuple[tuple[Premise, ...], Relation]


def M(x: Any) -> Any:
    """The map M of a state x."""
    return MapOf("M", x)


# -- order


def _transitivity(a: Any, b: Any, c: Any) -> Instance:
    return (at_most(a, b), at_most(b, c)), at_most(a, c)


transitivity = Lemma("transitivity", "a ≤ b and b ≤ c ⇒ a ≤ c", _transitivity)


def _sum(a: Any, b: Any, c: Any, d: Any) -> Instance:
    return (at_most(a, b), at_most(c, d)), at_most(a + c, b + d)


sum_of_inequalities = Lemma("sum of inequalities", "a ≤ b and c ≤ d ⇒ a + c ≤ b + d", _sum)


def _cancellation(a: Any, b: Any, c: Any, d: Any) -> Instance:
    return (less(a + c, b), at_most(b, d + c)), less(a, d)


cancellation = Lemma("cancellation", "a + c < b and b ≤ d + c ⇒ a < d", _cancellation)


def _division(a: Any, b: Any, c: Any) -> Instance:
    return (less(0, c), at_most(c * a, b)), at_most(a, b / c)


division_by_positive = Lemma("division", "0 < c and ca ≤ b ⇒ a ≤ b/c", _division)


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


def _increasing_tangent(a: Any, b: Any) -> Instance:
    premises = (less(-pi / 2, b), less(a, pi / 2), at_most(tan(a), tan(b)))
    return premises, at_most(a, b)


increasing_tangent = Lemma(
    "the tangent increases", "−π/2 < b, a < π/2 and tan a ≤ tan b ⇒ a ≤ b", _increasing_tangent
)


def convex_function(p: Any) -> Fact:
    """The fact that a function p of a real variable is convex and differentiable."""
    return Fact("convex", (p,))


def _below_the_curve(p: Any, slope: Any, x: Any, y: Any) -> Instance:
    return (convex_function(p),), at_most(p(x) + slope(x) * (y - x), p(y))


tangent_below = Lemma(
    "a convex function lies above its tangents",
    "p convex ⇒ p(x) + p′(x)(y − x) ≤ p(y)",
    _below_the_curve,
)


def _markov(f: Any, x: Any, interval: Any, least: Any, measure: Any) -> Instance:
    first, last = interval
    premises = (at_most(0, f), Fact("measure of where f ≥ G", (measure, f, least)))
    return premises, at_most(least * measure, Integral(f, (x, first, last)))


markov = Lemma("Markov's inequality", "f ≥ 0 ⇒ G·|{x : f(x) ≥ G}| ≤ ∫f", _markov)


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
