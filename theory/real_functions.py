"""The shelf, continued: facts about functions of one real variable.

As in `theory.lemmas`, each is a pattern that a step has to be an exact instance of, and each is
verified on generated exact cases in the tests.
"""

from __future__ import annotations

from typing import Any

from sympy import Abs, Derivative, Function, Rational, acosh, atanh, cosh, sign, sqrt, tanh

from theory.derivation import Fact, Lemma, Relation, at_most, equation, less

Instance = tuple[tuple[Relation | Fact, ...], Relation]

solutions = Function("solutions")
"""solutions(f(x), b): how many x in the interval where f is defined have f(x) = b."""

period_two_points = Function("period_two_points")
"""period_two_points(f(x)): how many x have f(f(x)) = x and f(x) ≠ x."""


def onto(f: Any, x: Any) -> Fact:
    """f is defined on an open interval and goes from −∞ at its one end to ∞ at the other."""
    return Fact("goes from −∞ to ∞", (f, x))


def bounded(f: Any, x: Any) -> Fact:
    """f is defined on an open interval and maps it into a bounded part of itself."""
    return Fact("is bounded", (f, x))


def odd(f: Any, x: Any) -> Relation:
    return equation(f.subs(x, -x), -f)


def _strict(a: Any, b: Any) -> Instance:
    return (less(a, b),), at_most(a, b)


strict = Lemma("strict", "a < b ⇒ a ≤ b", _strict)


def _solved_factor(product: Any, value: Any, factor: Any, other: Any) -> Instance:
    premises = (equation(product, factor * other), equation(product, value), less(0, Abs(value)))
    return premises, equation(factor, value / other)


solved_factor = Lemma("solved for a factor", "y = cx, y = m, m ≠ 0 ⇒ c = m/x", _solved_factor)


def _inverse_cosh(a: Any, value: Any) -> Instance:
    return (at_most(0, a), equation(cosh(a) ** 2, value)), equation(a, acosh(sqrt(value)))


inverse_cosh = Lemma("inverse of cosh²", "0 ≤ a, cosh²a = v ⇒ a = arccosh √v", _inverse_cosh)


def _inverse_tanh(a: Any) -> Instance:
    return (), equation(atanh(tanh(a)), a)


inverse_tanh = Lemma("inverse of tanh", "artanh(tanh a) = a for real a", _inverse_tanh)


def _hyperbola(a: Any) -> Instance:
    return (at_most(0, a),), equation(tanh(a), sqrt(cosh(a) ** 2 - 1) / cosh(a))


hyperbola = Lemma("hyperbola", "0 ≤ a ⇒ tanh a = √(cosh²a − 1)/cosh a", _hyperbola)


def _sign_of_tanh(a: Any) -> Instance:
    return (less(0, a),), less(0, tanh(a))


sign_of_tanh = Lemma("sign of tanh", "0 < a ⇒ 0 < tanh a", _sign_of_tanh)


def _order_of_cosh(a: Any, b: Any) -> Instance:
    return (at_most(0, a),), equation(sign(cosh(a) ** 4 / cosh(b) ** 4 - 1), sign(a - Abs(b)))


order_of_cosh = Lemma(
    "order of cosh", "0 ≤ a ⇒ sgn(cosh⁴a/cosh⁴b − 1) = sgn(a − |b|)", _order_of_cosh
)


def _order_kept(f: Any, x: Any, root: Any, a: Any, b: Any) -> Instance:
    premises = (odd(f, x), equation(Derivative(f, x), 1 + root**2), at_most(0, a))
    return premises, equation(sign(a - Abs(b)), sign(f.subs(x, a) - Abs(f.subs(x, b))))


order_kept = Lemma(
    "odd and increasing",
    "f odd, f′ = 1 + r², 0 ≤ a ⇒ sgn(a − |b|) = sgn(f(a) − |f(b)|)",
    _order_kept,
)


def _one_solution(f: Any, x: Any, slope: Any, weight: Any, b: Any) -> Instance:
    premises = (
        onto(f, x),
        equation(Derivative(f, x), slope + x**2 * weight),
        at_most(0, slope),
        less(0, weight),
    )
    return premises, equation(solutions(f, b), 1)


one_solution = Lemma(
    "increasing",
    "f goes from −∞ to ∞, f′ = s + x²p(x), 0 ≤ s, 0 < p ⇒ f(x) = b has one solution",
    _one_solution,
)


def _unique(f: Any, x: Any, value: Any, first: Any, second: Any) -> Instance:
    premises = (
        equation(solutions(f, value), 1),
        equation(f.subs(x, first), value),
        equation(f.subs(x, second), value),
    )
    return premises, equation(first, second)


unique = Lemma("the only one", "f(x) = c has one solution, f(y) = f(z) = c ⇒ y = z", _unique)


def _two_turns(f: Any, x: Any, scale: Any, weight: Any, turn: Any, b: Any) -> Instance:
    """f rises to x = −turn, falls to x = turn and rises from there."""
    premises = (
        onto(f, x),
        odd(f, x),
        equation(Derivative(f, x), scale * weight * (x**2 - turn**2)),
        less(0, scale),
        less(0, weight),
        less(0, turn),
    )
    return premises, equation(solutions(f, b), 2 + sign(-f.subs(x, turn) - Abs(b)))


two_turns = Lemma(
    "two turning points",
    "f odd, from −∞ to ∞, f′ = s·p(x)·(x² − c²), s, p, c > 0 "
    "⇒ f(x) = b has 2 + sgn(−f(c) − |b|) solutions",
    _two_turns,
)


def schwarzian(f: Any, x: Any) -> Any:
    """f‴/f′ − (3/2)(f″/f′)², not yet evaluated."""
    first, second, third = (Derivative(f, (x, order)) for order in (1, 2, 3))
    return third / first - Rational(3, 2) * (second / first) ** 2


def _negative_schwarzian(f: Any, x: Any, root: Any, curvature: Any, point: Any) -> Instance:
    """f′ = −root² and Sf = −curvature², neither of which vanishes."""
    if not (root.is_positive and curvature.is_positive):
        raise ValueError(f"{root} and {curvature} have to be seen to be positive")
    multiplier = -root.subs(x, point) ** 2
    premises = (
        bounded(f, x),
        equation(Derivative(f, x), -(root**2)),
        equation(schwarzian(f, x), -(curvature**2)),
        equation(f.subs(x, point), point),
        less(0, Abs(multiplier**2 - 1)),
    )
    return premises, equation(period_two_points(f), 1 + sign(multiplier**2 - 1))


negative_schwarzian = Lemma(
    "negative Schwarzian derivative",
    "f bounded, f′ < 0, Sf < 0, f(p) = p, f′(p)² ≠ 1 "
    "⇒ f has 1 + sgn(f′(p)² − 1) points of period two",
    _negative_schwarzian,
)
