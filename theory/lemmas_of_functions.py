"""The shelf, continued: facts about functions of one real variable.

As in `theory.lemmas`, each is a pattern that a step has to be an exact instance of, and each is
verified on generated exact cases in the tests.
"""

from __future__ import annotations

from typing import Any

from sympy import Abs, Derivative, Function, Poly, Rational, acosh, cosh, oo, sign, sqrt, tanh

from theory.printing import plain
from theory.relations import Fact, Premise, Relation, at_most, equation, less, nonzero
from theory.steps import Lemma

Instance = tuple[tuple[Premise, ...], Relation]

solutions = Function("solutions")
"""solutions(f(x), b): how many real x have f(x) = b."""

period_two_points = Function("period_two_points")
"""period_two_points(f(x)): how many x have f(f(x)) = x and f(x) ≠ x."""


def onto(f: Any, x: Any) -> Fact:
    """f is smooth for all real x, and goes from −∞ to ∞."""
    return Fact("goes from −∞ to ∞", (f, x))


def bounded(f: Any, x: Any) -> Fact:
    """f is smooth for all real x, and its values lie between two bounds."""
    return Fact("is bounded", (f, x))


def odd(f: Any, x: Any) -> Relation:
    return equation(f.subs(x, -x), -f)


def _strict(a: Any, b: Any) -> Instance:
    return (less(a, b),), at_most(a, b)


strict = Lemma("strict", "a < b ⇒ a ≤ b", _strict)


def _solved_factor(product: Any, value: Any, factor: Any, other: Any) -> Instance:
    premises = (equation(product, factor * other), equation(product, value), nonzero(value))
    return premises, equation(factor, value / other)


solved_factor = Lemma("solved for a factor", "y = cx, y = m, m ≠ 0 ⇒ c = m/x", _solved_factor)


def _inverse_cosh(a: Any, value: Any) -> Instance:
    return (at_most(0, a), equation(cosh(a) ** 2, value)), equation(a, acosh(sqrt(value)))


inverse_cosh = Lemma("inverse of cosh²", "0 ≤ a, cosh²a = v ⇒ a = arccosh √v", _inverse_cosh)


def _hyperbola(a: Any) -> Instance:
    return (at_most(0, a),), equation(tanh(a), sqrt(cosh(a) ** 2 - 1) / cosh(a))


hyperbola = Lemma("hyperbola", "0 ≤ a ⇒ tanh a = √(cosh²a − 1)/cosh a", _hyperbola)


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


def _refuse_unless_rising(g: Any, x: Any) -> None:
    """Of the functions that are odd and strictly increasing, the two that are used here."""
    if g not in (x, tanh(x)):
        raise ValueError(f"{plain(g)} has to be {plain(x)} or its tanh")


def _one_solution(f: Any, x: Any, scale: Any, root: Any, g: Any, b: Any) -> Instance:
    _refuse_unless_rising(g, x)
    slope = equation(Derivative(f, x), scale * root**2 + g**2)
    return (onto(f, x), slope, at_most(0, scale)), equation(solutions(f, b), 1)


one_solution = Lemma(
    "increasing",
    "f from −∞ to ∞, f′ = s·r² + g², 0 ≤ s, g = x or tanh x ⇒ f(x) = b has one solution",
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


def _two_turns(f: Any, x: Any, scale: Any, g: Any, turn: Any, b: Any) -> Instance:
    """f rises to x = −turn, falls to x = turn and rises from there."""
    _refuse_unless_rising(g, x)
    slope = scale * (g**2 - g.subs(x, turn) ** 2)
    premises = (
        onto(f, x),
        odd(f, x),
        equation(Derivative(f, x), slope),
        less(0, scale),
        less(0, turn),
    )
    return premises, equation(solutions(f, b), 2 + sign(-f.subs(x, turn) - Abs(b)))


two_turns = Lemma(
    "two turning points",
    "f odd, from −∞ to ∞, f′ = s(g(x)² − g(c)²), 0 < s, 0 < c, g = x or tanh x "
    "⇒ f(x) = b has 2 + sgn(−f(c) − |b|) solutions",
    _two_turns,
)


def schwarzian(f: Any, x: Any) -> Any:
    """f‴f′ − (3/2)f″², not yet evaluated: f′² times the Schwarzian derivative of f."""
    first, second, third = (Derivative(f, (x, order)) for order in (1, 2, 3))
    return third * first - Rational(3, 2) * second**2


def _negative_schwarzian(f: Any, x: Any, root: Any, curvature: Any, point: Any) -> Instance:
    """f′ = −root², and the Schwarzian derivative is −curvature²; neither vanishes."""
    if not (root.is_positive and curvature.is_positive):
        raise ValueError(f"{plain(root)} and {plain(curvature)} have to be seen to be positive")
    slope = -(root**2)
    multiplier = slope.subs(x, point)
    premises = (
        bounded(f, x),
        equation(Derivative(f, x), slope),
        equation(schwarzian(f, x), -(curvature**2) * slope**2),
        equation(f.subs(x, point), point),
        nonzero(multiplier**2 - 1),
    )
    return premises, equation(period_two_points(f), 1 + sign(multiplier**2 - 1))


negative_schwarzian = Lemma(
    "negative Schwarzian derivative",
    "f bounded, f′ < 0, f‴f′ − (3/2)f″² < 0, f(p) = p, f′(p)² ≠ 1 "
    "⇒ f has 1 + sgn(f′(p)² − 1) points of period two",
    _negative_schwarzian,
)

clamp = Function("clamp")
"""clamp(x) = min(max(x, 0), 1)."""


def _clamp_of_affine(r: Any, expression: Any) -> Instance:
    """`expression` is affine in r and, at r = 0 and r = 1, in one of the clamp's three pieces."""
    line = Poly(expression, r)
    ends = [line.eval(end) for end in (0, 1)]
    if line.degree() > 1 or not all(end.is_Rational for end in ends):
        raise ValueError(f"{plain(expression)} has to be affine in {plain(r)}")
    pieces = [
        value
        for value, low, high in ((0, -oo, 0), (expression, 0, 1), (1, 1, oo))
        if all(low <= end <= high for end in ends)
    ]
    if not pieces:
        raise ValueError(f"{plain(expression)} crosses a kink of the clamp between {plain(ends)}")
    return (at_most(0, r), at_most(r, 1)), equation(clamp(expression), pieces[0])


clamp_of_affine = Lemma(
    "pieces of the clamp",
    "0 ≤ r ≤ 1, x affine in r, x ≤ 0 (0 ≤ x ≤ 1, 1 ≤ x) at both ends ⇒ clamp x = 0 (x, 1)",
    _clamp_of_affine,
)


def bit(b: Any) -> Fact:
    return Fact("is 0 or 1", (b,))


def _either_bit(b: Any, left: Any, right: Any) -> Instance:
    cases = (equation(left.subs(b, value), right.subs(b, value)) for value in (0, 1))
    return (bit(b), *cases), equation(left, right)


either_bit = Lemma("either bit", "f(0) = g(0), f(1) = g(1), b is 0 or 1 ⇒ f(b) = g(b)", _either_bit)
