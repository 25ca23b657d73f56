"""One unit: how many fixed points and cycles it has, and where their number changes.

The maps x′ = tanh(wx + b) and a′ = w·tanh a + b are one: a = wx + b turns the first into the second,
and x = tanh a back. Derivatives are shorter in a.
"""

from sympy import Abs, Derivative, Function, Symbol, acosh, cosh, sign, sqrt, tanh

from theory.derivation import ByLemma, Derivation, Identity, at_most, equation, less, nonzero
from theory.normal_form import Rule
from theory.lemmas_of_functions import (
    bounded,
    hyperbola,
    inverse_cosh,
    negative_schwarzian,
    odd,
    one_solution,
    onto,
    order_kept,
    order_of_cosh,
    period_two_points,
    schwarzian,
    solutions,
    solved_factor,
    strict,
    two_turns,
    unique,
)

a, b, c, m, p, v, w, y, z = (Symbol(name, real=True) for name in "abcmpvwyz")
calculus = (Rule("differentiate"), Rule("exponential"))
image = w * tanh(a) + b

FIXED, MULTIPLIER = "a = w·tanh a + b", "its multiplier is m"
half = {FIXED: equation(b, a - w * tanh(a)), "0 ≤ a": at_most(0, a)}

bifurcation_curves = Derivation(
    name="bifurcation_curves",
    assumptions={
        **half,
        MULTIPLIER: equation(Derivative(image, a), m),
        "m ≠ 0": nonzero(m),
        "v = w/m": equation(v, w / m),
    },
    steps=(
        Identity(
            equation(Derivative(image, a), w / cosh(a) ** 2), "tanh′ = 1/cosh²", rules=calculus
        ),
        ByLemma(
            equation(w, m * cosh(a) ** 2),
            "that is m",
            lemma=solved_factor,
            of=(Derivative(image, a), m, w, 1 / cosh(a) ** 2),
            given=(1, MULTIPLIER, "m ≠ 0"),
        ),
        Identity(equation(cosh(a) ** 2, v), "step 2", given=("v = w/m", 2)),
        ByLemma(
            equation(a, acosh(sqrt(v))),
            "step 3, and 0 ≤ a",
            lemma=inverse_cosh,
            of=(a, v),
            given=("0 ≤ a", 3),
        ),
        ByLemma(
            equation(tanh(a), sqrt(cosh(a) ** 2 - 1) / cosh(a)),
            "cosh² − sinh² = 1",
            lemma=hyperbola,
            of=(a,),
            given=("0 ≤ a",),
        ),
        Identity(
            equation(b, acosh(sqrt(v)) - m * sqrt(v) * sqrt(v - 1)),
            "put steps 2, 5 and 4 into b = a − w·tanh a",
            given=(FIXED, 2, 5, 4),
        ),
    ),
    conclusion=equation(b, acosh(sqrt(v)) - m * sqrt(v) * sqrt(v - 1)),
    parameters=(v, m),
)

# The weight is w > 1, which is cosh²c for one c > 0; or v ≤ 1.
fixed_points = Function("fixed_points")
bias, flat_bias = a - w * tanh(a), a - v * tanh(a)
count = 2 + sign(sqrt(w) * sqrt(w - 1) - acosh(sqrt(w)) - Abs(b))

fixed_point_count = Derivation(
    name="fixed_point_count",
    assumptions={
        "fixed points of weight w solve a − w·tanh a = b": equation(
            fixed_points(w, b), solutions(bias, b)
        ),
        "fixed points of weight v solve a − v·tanh a = b": equation(
            fixed_points(v, b), solutions(flat_bias, b)
        ),
        "a − w·tanh a goes from −∞ to ∞": onto(bias, a),
        "a − v·tanh a goes from −∞ to ∞": onto(flat_bias, a),
        "v ≤ 1": at_most(0, 1 - v),
        "0 < w": less(0, w),
        "w = cosh²c": equation(w, cosh(c) ** 2),
        "0 < c": less(0, c),
    },
    steps=(
        Identity(
            equation(Derivative(flat_bias, a), (1 - v) * (1 / cosh(a)) ** 2 + tanh(a) ** 2),
            "1 = 1/cosh² + tanh²",
            rules=calculus,
        ),
        ByLemma(
            equation(solutions(flat_bias, b), 1),
            "for v ≤ 1 it increases",
            lemma=one_solution,
            of=(flat_bias, a, 1 - v, 1 / cosh(a), tanh(a), b),
            given=("a − v·tanh a goes from −∞ to ∞", 1, "v ≤ 1"),
        ),
        Identity(
            equation(fixed_points(v, b), 1),
            "so for v ≤ 1 there is one fixed point",
            given=("fixed points of weight v solve a − v·tanh a = b", 2),
        ),
        Identity(odd(bias, a), "tanh is odd"),
        Identity(equation(Derivative(bias, a), 1 - w / cosh(a) ** 2), "tanh′", rules=calculus),
        Identity(
            equation(Derivative(bias, a), w * (tanh(a) ** 2 - tanh(c) ** 2)),
            "for w = cosh²c it turns at ±c",
            given=(5, "w = cosh²c"),
            rules=calculus,
        ),
        ByLemma(
            equation(solutions(bias, b), 2 + sign(-bias.subs(a, c) - Abs(b))),
            "the heights of its two turns decide",
            lemma=two_turns,
            of=(bias, a, w, tanh(a), c, b),
            given=("a − w·tanh a goes from −∞ to ∞", 4, 6, "0 < w", "0 < c"),
        ),
        ByLemma(at_most(0, c), "0 < c", lemma=strict, of=(0, c), given=("0 < c",)),
        ByLemma(
            equation(tanh(c), sqrt(cosh(c) ** 2 - 1) / cosh(c)),
            "cosh² − sinh² = 1",
            lemma=hyperbola,
            of=(c,),
            given=(8,),
        ),
        Identity(equation(cosh(c) ** 2, w), "the choice of c", given=("w = cosh²c",)),
        ByLemma(equation(c, acosh(sqrt(w))), "0 ≤ c", lemma=inverse_cosh, of=(c, w), given=(8, 10)),
        Identity(
            equation(fixed_points(w, b), count),
            "steps 7, 9 and 11",
            given=("fixed points of weight w solve a − w·tanh a = b", 7, 9, 11),
        ),
    ),
    conclusion=equation(fixed_points(w, b), count),
    parameters=(w, b),
)

# y and z follow one another: a period-two orbit, or twice a fixed point. For the rest the weight is
# −v ≤ −1, and v = cosh²c; p is the fixed point.
mirrored, common = a + w * tanh(a), b + w * (tanh(y) + tanh(z))
falling, balance = b - v * tanh(a), a + v * tanh(a)
root = cosh(c) / cosh(a)
cycles = 1 + sign(acosh(sqrt(v)) + sqrt(v) * sqrt(v - 1) - Abs(b))

period_two_orbits = Derivation(
    name="period_two_orbits",
    assumptions={
        "y = w·tanh z + b": equation(y, w * tanh(z) + b),
        "z = w·tanh y + b": equation(z, w * tanh(y) + b),
        "−1 ≤ w": at_most(0, 1 + w),
        "a + w·tanh a goes from −∞ to ∞": onto(mirrored, a),
        "v = cosh²c": equation(v, cosh(c) ** 2),
        "0 ≤ c": at_most(0, c),
        "b − v·tanh a is bounded": bounded(falling, a),
        "p = b − v·tanh p": equation(b, p + v * tanh(p)),
        "(w, b) lies off the flip curve": nonzero(cosh(c) ** 4 / cosh(p) ** 4 - 1),
    },
    steps=(
        Identity(
            equation(Derivative(mirrored, a), (1 + w) * (1 / cosh(a)) ** 2 + tanh(a) ** 2),
            "1 = 1/cosh² + tanh²",
            rules=calculus,
        ),
        ByLemma(
            equation(solutions(mirrored, common), 1),
            "it increases for −1 ≤ w",
            lemma=one_solution,
            of=(mirrored, a, 1 + w, 1 / cosh(a), tanh(a), common),
            given=("a + w·tanh a goes from −∞ to ∞", 1, "−1 ≤ w"),
        ),
        Identity(
            equation(mirrored.subs(a, y), common),
            "y and z are fixed points for the weight −w and one bias",
            given=("y = w·tanh z + b",),
        ),
        Identity(equation(mirrored.subs(a, z), common), "z too", given=("z = w·tanh y + b",)),
        ByLemma(
            equation(y, z),
            "so for −1 ≤ w no orbit has period two",
            lemma=unique,
            of=(mirrored, a, common, y, z),
            given=(2, 3, 4),
        ),
        Identity(equation(Derivative(falling, a), -v / cosh(a) ** 2), "tanh′", rules=calculus),
        Identity(equation(Derivative(falling, a), -(root**2)), "it falls", given=(6, "v = cosh²c")),
        Identity(
            equation(schwarzian(falling, a), -2 * Derivative(falling, a) ** 2),
            "the Schwarzian derivative of tanh is −2",
            rules=(Rule("differentiate"),),
        ),
        Identity(
            equation(schwarzian(falling, a), -(sqrt(2) ** 2) * (-(root**2)) ** 2),
            "step 7",
            given=(8, 7),
        ),
        Identity(equation(falling.subs(a, p), p), "p is fixed", given=("p = b − v·tanh p",)),
        ByLemma(
            equation(period_two_points(falling), 1 + sign(cosh(c) ** 4 / cosh(p) ** 4 - 1)),
            "the multiplier at p decides",
            lemma=negative_schwarzian,
            of=(falling, a, root, sqrt(2), p),
            given=("b − v·tanh a is bounded", 7, 9, 10, "(w, b) lies off the flip curve"),
        ),
        ByLemma(
            equation(sign(cosh(c) ** 4 / cosh(p) ** 4 - 1), sign(c - Abs(p))),
            "cosh grows with |p|",
            lemma=order_of_cosh,
            of=(c, p),
            given=("0 ≤ c",),
        ),
        Identity(odd(balance, a), "tanh is odd"),
        Identity(equation(Derivative(balance, a), 1 + v / cosh(a) ** 2), "tanh′", rules=calculus),
        Identity(
            equation(Derivative(balance, a), 1 + root**2), "it rises", given=(14, "v = cosh²c")
        ),
        ByLemma(
            equation(sign(c - Abs(p)), sign(balance.subs(a, c) - Abs(balance.subs(a, p)))),
            "a + v·tanh a keeps the order",
            lemma=order_kept,
            of=(balance, a, root, c, p),
            given=(13, 15, "0 ≤ c"),
        ),
        ByLemma(
            equation(tanh(c), sqrt(cosh(c) ** 2 - 1) / cosh(c)),
            "cosh² − sinh² = 1",
            lemma=hyperbola,
            of=(c,),
            given=("0 ≤ c",),
        ),
        Identity(equation(cosh(c) ** 2, v), "the choice of c", given=("v = cosh²c",)),
        ByLemma(
            equation(c, acosh(sqrt(v))),
            "0 ≤ c",
            lemma=inverse_cosh,
            of=(c, v),
            given=("0 ≤ c", 18),
        ),
        Identity(
            equation(period_two_points(falling), cycles),
            "steps 11, 12, 16, 17 and 19, and b = p + v·tanh p",
            given=(11, 12, 16, 17, 19, "p = b − v·tanh p"),
        ),
    ),
    conclusion=equation(period_two_points(falling), cycles),
    parameters=(v, b),
)
