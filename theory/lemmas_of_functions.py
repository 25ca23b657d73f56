"""The shelf, continued: functions of one real variable, and of columns by their entries.

As in `theory.lemmas`, each is a pattern and each is verified on generated exact cases in the tests.
"""

from __future__ import annotations

from typing import Any

from sympy import (
    Abs,
    Derivative,
    Function,
    MatAdd,
    MatMul,
    MatrixSymbol,
    Poly,
    Rational,
    acosh,
    cosh,
    oo,
    sign,
    sqrt,
    tanh,
)

from theory.entries import entry, matrix_entry
from theory.lemmas import (
    COLUMN,
    ROW,
    Instance,
    diagonal,
    entries_of,
    partial_derivative,
    read_besides,
)
from theory.matrices import IndexedMatrix, Jacobian
from theory.printing import plain
from theory.ranges import Range
from theory.relations import (
    Everywhere,
    Fact,
    Relation,
    at_most,
    equation,
    fixed,
    less,
    nonzero,
)
from theory.steps import Lemma

solutions = Function("solutions")
"""solutions(f(x), b): how many x in the interval where f is defined have f(x) = b."""

period_two_points = Function("period_two_points")
"""period_two_points(f(x)): how many x have f(f(x)) = x and f(x) ≠ x."""


def onto(f: Any, x: Any) -> Fact:
    """f is smooth on an open interval, and goes from −∞ at its one end to ∞ at the other."""
    return Fact("goes from −∞ to ∞", (f, x))


def bounded(f: Any, x: Any) -> Fact:
    """f is smooth on an open interval, and all its values lie between two numbers in it."""
    return Fact("is bounded", (f, x))


def odd(f: Any, x: Any) -> Relation:
    return equation(f.subs(x, -x), -f)


def _everywhere(x: Any, *relations: Relation) -> tuple[Everywhere, ...]:
    """The premises that these hold for every x: a slope at one point says nothing of the next."""
    return tuple(Everywhere(relation, x) for relation in relations)


def _solved_factor(product: Any, value: Any, factor: Any, other: Any) -> Instance:
    premises = (equation(product, factor * other), equation(product, value), nonzero(value))
    return premises, equation(factor, value / other)


solved_factor = Lemma("solved for a factor", "y = cx, y = m, m ≠ 0 ⇒ c = m/x", _solved_factor)


def _inverse_cosh(a: Any, value: Any) -> Instance:
    return (at_most(0, a), equation(cosh(a) ** 2, value)), equation(a, acosh(sqrt(value)))


inverse_cosh = Lemma("inverse of cosh²", "0 ≤ a, cosh²a = v ⇒ a = arccosh √v", _inverse_cosh)


def _sign_of_cosh(a: Any, b: Any) -> Instance:
    return (at_most(0, a),), equation(sign(cosh(a) ** 4 / cosh(b) ** 4 - 1), sign(a - Abs(b)))


sign_of_cosh = Lemma("cosh grows", "0 ≤ a ⇒ sgn(cosh⁴a/cosh⁴b − 1) = sgn(a − |b|)", _sign_of_cosh)


def _sign_kept(f: Any, x: Any, root: Any, a: Any, b: Any, above: Any, below: Any) -> Instance:
    premises = (
        *_everywhere(x, odd(f, x), equation(Derivative(f, x), 1 + root**2)),
        at_most(0, a),
        equation(above, f.subs(x, a)),
        equation(below, f.subs(x, b)),
    )
    return premises, equation(sign(a - Abs(b)), sign(above - Abs(below)))


sign_kept = Lemma(
    "odd and increasing",
    "f odd, f′ = 1 + r², 0 ≤ a ⇒ sgn(a − |b|) = sgn(f(a) − |f(b)|)",
    _sign_kept,
)


def _refuse_unless_rising(g: Any, x: Any) -> None:
    """Of the functions that are odd and strictly increasing, the two that are used here."""
    if g not in (x, tanh(x)):
        raise ValueError(f"{plain(g)} has to be {plain(x)} or its tanh")


def _one_solution(f: Any, x: Any, scale: Any, root: Any, g: Any, b: Any) -> Instance:
    _refuse_unless_rising(g, x)
    slope = equation(Derivative(f, x), scale * root**2 + g**2)
    return (onto(f, x), *_everywhere(x, slope), at_most(0, scale)), equation(solutions(f, b), 1)


one_solution = Lemma(
    "increasing",
    "f from −∞ to ∞, f′ = s·r² + g², 0 ≤ s, g = x or tanh x ⇒ f(x) = b has one solution",
    _one_solution,
)


def _only_one(f: Any, x: Any, value: Any, first: Any, second: Any) -> Instance:
    premises = (
        equation(solutions(f, value), 1),
        equation(f.subs(x, first), value),
        equation(f.subs(x, second), value),
    )
    return premises, equation(first, second)


only_one = Lemma("the only one", "f(x) = c has one solution, f(y) = f(z) = c ⇒ y = z", _only_one)


def _two_turns(f: Any, x: Any, scale: Any, g: Any, turn: Any, height: Any, b: Any) -> Instance:
    """f rises to x = −turn, where it has this height, falls to x = turn and rises from there."""
    _refuse_unless_rising(g, x)
    slope = equation(Derivative(f, x), scale * (g**2 - g.subs(x, turn) ** 2))
    premises = (
        onto(f, x),
        *_everywhere(x, odd(f, x), slope),
        equation(height, -f.subs(x, turn)),
        less(0, scale),
        less(0, turn),
    )
    return premises, equation(solutions(f, b), 2 + sign(height - Abs(b)))


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
        *_everywhere(
            x,
            equation(Derivative(f, x), slope),
            equation(schwarzian(f, x), -(curvature**2) * slope**2),
        ),
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
        raise ValueError(f"{plain(expression)} has to be affine in {plain(r)}, with numbers")
    pieces = [
        value
        for value, low, high in ((0, -oo, 0), (expression, 0, 1), (1, 1, oo))
        if all(low <= end <= high for end in ends)
    ]
    if not pieces:
        raise ValueError(f"{plain(expression)} crosses a kink of the clamp")
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


def _column_by_entries(y: Any, z: Any) -> Instance:
    if y.shape[1] != 1 or ROW in y.free_symbols | z.free_symbols:
        raise ValueError(f"{plain(y)} and {plain(z)} have to be columns free of the index i")
    one_entry = equation(entry(y, ROW), entry(z, ROW), Range(ROW, 0, y.shape[0] - 1))
    return (one_entry,), equation(y, z)


column_by_entries = Lemma(
    "a column by its entries", "y_i = z_i for all i ⇒ y = z", _column_by_entries
)


def _total_derivative(
    y: Any, expression: Any, x: Any, b: Any, by_x: Any, by_b: Any, diagonals: Any
) -> Instance:
    """y = expression in x, an earlier member of its family, and in the parameter b.

    Its derivatives by each alone are given entry by entry; what else it reads does not move with b.
    """
    if not (expression.has(x) and isinstance(b, MatrixSymbol)) or expression.has(Jacobian):
        raise ValueError(f"{plain(expression)} is no plain function of {plain(x)} and {plain(b)}")
    if {ROW, COLUMN} & (y.free_symbols | by_x.free_symbols | by_b.free_symbols):
        raise ValueError(f"{plain(y)} has to be free of the indices i and j")
    others = read_besides(expression, x) - {b}
    if any(isinstance(m, IndexedMatrix) and m.name == x.name for m in others):
        raise ValueError(f"{plain(y)} has to read of the states {plain(x)} alone")
    written = {d: (value, index) for d, value, index in diagonals}
    entries = (
        equation(
            partial_derivative(expression, variable),
            matrix_entry(matrix, ROW, COLUMN, written),
            *entries_of(y, variable),
        )
        for variable, matrix in ((x, by_x), (b, by_b))
    )
    held = (fixed(*sorted(others, key=str)),) if others else ()
    premises = (
        equation(y, expression),
        *held,
        at_most(x.index + 1, y.index),
        diagonal(*diagonals),
        *entries,
    )
    total = MatAdd(MatMul(by_x, Jacobian(x, b)), by_b)
    return premises, equation(Jacobian(y, b), total)


total_derivative = Lemma(
    "total derivative", "y = F(x, b) ⇒ ∂y/∂b = (∂F/∂x)(∂x/∂b) + ∂F/∂b", _total_derivative
)
