"""One unit: how many fixed points and cycles it has, and where their number changes.

The maps x′ = tanh(wx + b) and a′ = w·tanh a + b are one: a = wx + b takes the first to the second,
and x = tanh a takes it back. Derivatives are shorter in a.
"""

from sympy import Abs, Derivative, Function, Symbol, acosh, cosh, sign, sqrt, tanh

from theory.derivation import (
    ByLemma,
    Derivation,
    Identity,
    at_most,
    equation,
    less,
    nonzero,
)
from theory.lemmas_of_functions import (
    bounded,
    inverse_cosh,
    negative_schwarzian,
    odd,
    one_solution,
    only_one,
    onto,
    period_two_points,
    schwarzian,
    sign_kept,
    sign_of_cosh,
    solutions,
    solved_factor,
    two_turns,
)
from theory.rules import Rule

a, b, m, p, u, y, z = (Symbol(name, real=True) for name in "abmpuyz")
w, v = (Symbol(name, positive=True) for name in "wv")
c = Symbol("c", nonnegative=True)
calculus = (Rule("differentiate"), Rule("exponential"))

# A fixed point of any multiplier m: its weight is u = mv.
image = u * tanh(a) + b
FIXED, MULTIPLIER, RATIO = "a = u·tanh a + b", "its multiplier is m", "v = u/m"

bifurcation_curves = Derivation(
    name="bifurcation_curves",
    assumptions={
        FIXED: equation(b, a - u * tanh(a)),
        "0 ≤ a": at_most(0, a),
        MULTIPLIER: equation(Derivative(image, a), m),
        "m ≠ 0": nonzero(m),
        RATIO: equation(v, u / m),
    },
    steps=(
        Identity(
            equation(Derivative(image, a), u / cosh(a) ** 2), "tanh′ = 1/cosh²", rules=calculus
        ),
        ByLemma(
            equation(u, m * cosh(a) ** 2),
            "that is m",
            lemma=solved_factor,
            of=(Derivative(image, a), m, u, 1 / cosh(a) ** 2),
            given=(1, MULTIPLIER, "m ≠ 0"),
        ),
        Identity(equation(cosh(a) ** 2, v), "step 2", given=(RATIO, 2)),
        ByLemma(
            equation(a, acosh(sqrt(v))),
            "step 3, and 0 ≤ a",
            lemma=inverse_cosh,
            of=(a, v),
            given=("0 ≤ a", 3),
        ),
        Identity(
            equation(b, acosh(sqrt(v)) - m * sqrt(v * (v - 1))),
            "put steps 2 and 4 into b = a − u·tanh a",
            given=(FIXED, 2, 4),
        ),
    ),
    conclusion=equation(b, acosh(sqrt(v)) - m * sqrt(v * (v - 1))),
    parameters=(v, m),
)

# For w > 1 the edge is c = arccosh √w, where the slope of w·tanh is one; a weight u ≤ 1 has none.
fixed_points = Function("fixed_points")
bias, flat_bias = a - w * tanh(a), a - u * tanh(a)
threshold = sqrt(w * (w - 1)) - acosh(sqrt(w))
count = 2 + sign(threshold - Abs(b))
EDGE, SOLVE, SOLVE_FLAT = (
    "c = arccosh √w",
    "x is fixed: a − w·tanh a = b",
    "for u: a − u·tanh a = b",
)
ONTO, ONTO_FLAT = "a − w·tanh a goes from −∞ to ∞", "a − u·tanh a goes from −∞ to ∞"

fixed_point_count = Derivation(
    name="fixed_point_count",
    assumptions={
        SOLVE: equation(fixed_points(w, b), solutions(bias, b)),
        SOLVE_FLAT: equation(fixed_points(u, b), solutions(flat_bias, b)),
        ONTO: onto(bias, a),
        ONTO_FLAT: onto(flat_bias, a),
        "u ≤ 1": at_most(0, 1 - u),
        "0 < w": less(0, w),
        EDGE: equation(c, acosh(sqrt(w))),
        "1 < w, so 0 < c": less(0, c),
    },
    steps=(
        Identity(
            equation(Derivative(flat_bias, a), (1 - u) * (1 / cosh(a)) ** 2 + tanh(a) ** 2),
            "1 = 1/cosh² + tanh²",
            rules=calculus,
        ),
        ByLemma(
            equation(solutions(flat_bias, b), 1),
            "for u ≤ 1 it increases",
            lemma=one_solution,
            of=(flat_bias, a, 1 - u, 1 / cosh(a), tanh(a), b),
            given=(ONTO_FLAT, 1, "u ≤ 1"),
        ),
        Identity(
            equation(fixed_points(u, b), 1),
            "so for u ≤ 1 there is one fixed point",
            given=(SOLVE_FLAT, 2),
        ),
        Identity(odd(bias, a), "tanh is odd"),
        Identity(equation(Derivative(bias, a), 1 - w / cosh(a) ** 2), "tanh′", rules=calculus),
        Identity(
            equation(Derivative(bias, a), w * (tanh(a) ** 2 - tanh(c) ** 2)),
            "for w > 1 it turns at ±c, as tanh²c = 1 − 1/w",
            given=(5, EDGE),
            rules=calculus,
        ),
        Identity(
            equation(threshold, -bias.subs(a, c)),
            "at −c it has the height w·tanh c − c",
            given=(EDGE,),
        ),
        ByLemma(
            equation(solutions(bias, b), count),
            "the heights of its two turns decide",
            lemma=two_turns,
            of=(bias, a, w, tanh(a), c, threshold, b),
            given=(ONTO, 4, 6, 7, "0 < w", "1 < w, so 0 < c"),
        ),
        Identity(equation(fixed_points(w, b), count), "those are fixed", given=(SOLVE, 8)),
    ),
    conclusion=equation(fixed_points(w, b), count),
    parameters=(w, b),
)

# y and z follow one another: a period-two orbit, or twice a fixed point. For the rest the weight is
# −v, and p is the fixed point.
mirrored, common = a + u * tanh(a), b + u * (tanh(y) + tanh(z))
falling, balance = b - v * tanh(a), a + v * tanh(a)
root = cosh(c) / cosh(a)
flip = acosh(sqrt(v)) + sqrt(v * (v - 1))
cycles = 1 + sign(flip - Abs(b))
FIRST, SECOND = "y = u·tanh z + b", "z = u·tanh y + b"
RISES, BOUNDED = "a + u·tanh a goes from −∞ to ∞", "b − v·tanh a is bounded"
FLIP_EDGE, REST = "c = arccosh √v", "p = b − v·tanh p"
OFF_CURVE = "(w, b) lies off the flip curve"

period_two_orbits = Derivation(
    name="period_two_orbits",
    assumptions={
        FIRST: equation(y, u * tanh(z) + b),
        SECOND: equation(z, u * tanh(y) + b),
        "−1 ≤ u": at_most(0, 1 + u),
        RISES: onto(mirrored, a),
        FLIP_EDGE: equation(c, acosh(sqrt(v))),
        BOUNDED: bounded(falling, a),
        REST: equation(b, p + v * tanh(p)),
        OFF_CURVE: nonzero(cosh(c) ** 4 / cosh(p) ** 4 - 1),
    },
    steps=(
        Identity(
            equation(Derivative(mirrored, a), (1 + u) * (1 / cosh(a)) ** 2 + tanh(a) ** 2),
            "1 = 1/cosh² + tanh²",
            rules=calculus,
        ),
        ByLemma(
            equation(solutions(mirrored, common), 1),
            "it increases for −1 ≤ u",
            lemma=one_solution,
            of=(mirrored, a, 1 + u, 1 / cosh(a), tanh(a), common),
            given=(RISES, 1, "−1 ≤ u"),
        ),
        Identity(
            equation(mirrored.subs(a, y), common),
            "y and z are fixed points for the weight −u and one bias",
            given=(FIRST,),
        ),
        Identity(equation(mirrored.subs(a, z), common), "z too", given=(SECOND,)),
        ByLemma(
            equation(y, z),
            "so for −1 ≤ u no orbit has period two",
            lemma=only_one,
            of=(mirrored, a, common, y, z),
            given=(2, 3, 4),
        ),
        Identity(equation(Derivative(falling, a), -v / cosh(a) ** 2), "tanh′", rules=calculus),
        Identity(
            equation(Derivative(falling, a), -(root**2)),
            "for the weight −v the map falls",
            given=(6, FLIP_EDGE),
        ),
        Identity(
            equation(schwarzian(falling, a), -2 * Derivative(falling, a) ** 2),
            "the Schwarzian derivative of tanh is −2",
            rules=(Rule("differentiate"),),
        ),
        Identity(
            equation(schwarzian(falling, a), -(sqrt(2) ** 2) * (-(root**2)) ** 2),
            "with step 7",
            given=(8, 7),
        ),
        Identity(equation(falling.subs(a, p), p), "p is fixed", given=(REST,)),
        ByLemma(
            equation(period_two_points(falling), 1 + sign(cosh(c) ** 4 / cosh(p) ** 4 - 1)),
            "the multiplier at p decides",
            lemma=negative_schwarzian,
            of=(falling, a, root, sqrt(2), p),
            given=(BOUNDED, 7, 9, 10, OFF_CURVE),
        ),
        ByLemma(
            equation(sign(cosh(c) ** 4 / cosh(p) ** 4 - 1), sign(c - Abs(p))),
            "cosh grows with |p|",
            lemma=sign_of_cosh,
            of=(c, p),
        ),
        Identity(odd(balance, a), "tanh is odd"),
        Identity(equation(Derivative(balance, a), 1 + v / cosh(a) ** 2), "tanh′", rules=calculus),
        Identity(equation(Derivative(balance, a), 1 + root**2), "it rises", given=(14, FLIP_EDGE)),
        Identity(equation(flip, balance.subs(a, c)), "tanh²c = 1 − 1/v", given=(FLIP_EDGE,)),
        ByLemma(
            equation(sign(c - Abs(p)), sign(flip - Abs(b))),
            "a + v·tanh a keeps the order",
            lemma=sign_kept,
            of=(balance, a, root, c, p, flip, b),
            given=(13, 15, 16, REST),
        ),
        Identity(
            equation(period_two_points(falling), cycles), "steps 11, 12, 17", given=(11, 12, 17)
        ),
    ),
    conclusion=equation(period_two_points(falling), cycles),
    parameters=(v, b),
)
