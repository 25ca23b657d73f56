"""One unit x′ = tanh(wx + b): how many fixed points and cycles, and where their number changes."""

from sympy import Abs, Derivative, Function, Integer, Symbol, acosh, atanh, cosh, sign, sqrt, tanh

from theory.derivation import ByLemma, Derivation, Identity, at_most, equation, less
from theory.normal_form import Rule
from theory.real_functions import (
    bounded,
    hyperbola,
    inverse_cosh,
    inverse_tanh,
    negative_schwarzian,
    odd,
    one_solution,
    onto,
    order_kept,
    order_of_cosh,
    period_two_points,
    schwarzian,
    sign_of_tanh,
    solutions,
    solved_factor,
    strict,
    two_turns,
    unique,
)

x, y, z, b, m, c = (Symbol(name, real=True) for name in ("x", "y", "z", "b", "m", "c"))
a, v, w = (Symbol(name, real=True) for name in ("a", "v", "w"))
calculus = (Rule("differentiate"), Rule("exponential"))

image = tanh(w * x + b)
multiplier = Derivative(image, x)
within = 1 / (1 - x**2)


bifurcation_curves = Derivation(
    name="bifurcation_curves",
    assumptions={
        "x is fixed": equation(image, x),
        "its multiplier is m": equation(multiplier, m),
        "m ≠ 0": less(0, Abs(m)),
        "v = w/m": equation(v, w / m),
        "a = wx + b": equation(a, w * x + b),
        "0 ≤ a": at_most(0, a),
    },
    steps=(
        Identity(
            equation(multiplier, w / cosh(w * x + b) ** 2),
            "the derivative of the map",
            rules=calculus,
        ),
        Identity(equation(multiplier, w / cosh(a) ** 2), "in terms of a", given=(1, "a = wx + b")),
        ByLemma(
            equation(w, m * cosh(a) ** 2),
            "the multiplier is m",
            lemma=solved_factor,
            of=(multiplier, m, w, 1 / cosh(a) ** 2),
            given=(2, "its multiplier is m", "m ≠ 0"),
        ),
        Identity(equation(cosh(a) ** 2, v), "step 3", given=("v = w/m", 3)),
        Identity(
            equation(b, a - w * tanh(a)),
            "a − w·tanh a = wx + b − wx",
            given=("a = wx + b", "x is fixed"),
        ),
        ByLemma(
            equation(a, acosh(sqrt(v))),
            "step 4, and 0 ≤ a",
            lemma=inverse_cosh,
            of=(a, v),
            given=("0 ≤ a", 4),
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
            "steps 5, 3, 7 and 6",
            given=(5, 3, 7, 6),
        ),
    ),
    conclusion=equation(b, acosh(sqrt(v)) - m * sqrt(v) * sqrt(v - 1)),
    parameters=(v, m),
)

# The fixed points are the x in (−1, 1) with artanh x − wx = b.
fixed_points = Function("fixed_points")
bias = atanh(x) - w * x
flat_bias = atanh(x) - v * x

fixed_point_count = Derivation(
    name="fixed_point_count",
    assumptions={
        "x = tanh(wx + b) where artanh x − wx = b": equation(
            fixed_points(w, b), solutions(bias, b)
        ),
        "x = tanh(vx + b) where artanh x − vx = b": equation(
            fixed_points(v, b), solutions(flat_bias, b)
        ),
        "artanh x − wx goes from −∞ to ∞": onto(bias, x),
        "artanh x − vx goes from −∞ to ∞": onto(flat_bias, x),
        "−1 < x < 1": less(0, within),
        "v ≤ 1": at_most(0, 1 - v),
        "w = cosh²a": equation(w, cosh(a) ** 2),
        "0 < w": less(0, w),
        "0 < a": less(0, a),
    },
    steps=(
        Identity(
            equation(Derivative(flat_bias, x), 1 - v + x**2 * within),
            "1/(1 − x²) = 1 + x²/(1 − x²)",
            rules=calculus,
        ),
        ByLemma(
            equation(solutions(flat_bias, b), 1),
            "for v ≤ 1 it increases",
            lemma=one_solution,
            of=(flat_bias, x, 1 - v, within, b),
            given=("artanh x − vx goes from −∞ to ∞", 1, "v ≤ 1", "−1 < x < 1"),
        ),
        Identity(
            equation(fixed_points(v, b), 1),
            "so there is one fixed point for every v ≤ 1",
            given=("x = tanh(vx + b) where artanh x − vx = b", 2),
        ),
        Identity(odd(bias, x), "artanh is odd"),
        Identity(
            equation(Derivative(bias, x), w * within * (x**2 - tanh(a) ** 2)),
            "for w = cosh²a > 1 it turns at ±tanh a",
            given=("w = cosh²a",),
            rules=calculus,
        ),
        ByLemma(less(0, tanh(a)), "0 < a", lemma=sign_of_tanh, of=(a,), given=("0 < a",)),
        ByLemma(
            equation(solutions(bias, b), 2 + sign(-bias.subs(x, tanh(a)) - Abs(b))),
            "the heights of its two turns decide",
            lemma=two_turns,
            of=(bias, x, w, within, tanh(a), b),
            given=("artanh x − wx goes from −∞ to ∞", 4, 5, "0 < w", "−1 < x < 1", 6),
        ),
        ByLemma(at_most(0, a), "0 < a", lemma=strict, of=(0, a), given=("0 < a",)),
        ByLemma(
            equation(tanh(a), sqrt(cosh(a) ** 2 - 1) / cosh(a)),
            "cosh² − sinh² = 1",
            lemma=hyperbola,
            of=(a,),
            given=(8,),
        ),
        Identity(equation(cosh(a) ** 2, w), "the definition of a", given=("w = cosh²a",)),
        ByLemma(
            equation(a, acosh(sqrt(w))), "0 ≤ a", lemma=inverse_cosh, of=(a, w), given=(8, 10)
        ),
        ByLemma(
            equation(atanh(tanh(a)), a), "inverse functions", lemma=inverse_tanh, of=(a,)
        ),
        Identity(
            equation(
                fixed_points(w, b), 2 + sign(sqrt(w) * sqrt(w - 1) - acosh(sqrt(w)) - Abs(b))
            ),
            "steps 7, 12, 9 and 11",
            given=("x = tanh(wx + b) where artanh x − wx = b", 7, 12, 9, 11),
        ),
    ),
    conclusion=equation(
        fixed_points(w, b), 2 + sign(sqrt(w) * sqrt(w - 1) - acosh(sqrt(w)) - Abs(b))
    ),
    parameters=(w, b),
)

# x′ = tanh(b − vx): the weight is w = −v, and v = cosh²a where v ≥ 1.
q, s = Symbol("q", real=True), Symbol("s", real=True)
falling = tanh(b - v * x)
balance = z + cosh(a) ** 2 * tanh(z)
mirrored = atanh(z) + w * z
common = b + w * (x + y)
slope_root = cosh(a) / cosh(b - v * x)

period_two_orbits = Derivation(
    name="period_two_orbits",
    assumptions={
        "artanh x = wy + b": equation(atanh(x), w * y + b),
        "artanh y = wx + b": equation(atanh(y), w * x + b),
        "−1 ≤ w": at_most(0, 1 + w),
        "−1 < z < 1": less(0, 1 / (1 - z**2)),
        "artanh z + wz goes from −∞ to ∞": onto(mirrored, z),
        "v = cosh²a": equation(v, cosh(a) ** 2),
        "0 ≤ a": at_most(0, a),
        "tanh is bounded": bounded(falling, x),
        "q = tanh(b − vq)": equation(tanh(b - v * q), q),
        "s = b − vq": equation(s, b - v * q),
        "(w, b) lies off the flip curve": less(
            0, Abs(cosh(a) ** 4 / cosh(b - v * q) ** 4 - 1)
        ),
    },
    steps=(
        Identity(
            equation(Derivative(mirrored, z), 1 + w + z**2 / (1 - z**2)),
            "1/(1 − z²) = 1 + z²/(1 − z²)",
            rules=calculus,
        ),
        ByLemma(
            equation(solutions(mirrored, common), 1),
            "it increases for −1 ≤ w",
            lemma=one_solution,
            of=(mirrored, z, 1 + w, 1 / (1 - z**2), common),
            given=("artanh z + wz goes from −∞ to ∞", 1, "−1 ≤ w", "−1 < z < 1"),
        ),
        Identity(
            equation(mirrored.subs(z, x), common),
            "x and y are fixed points for the weight −w and one bias",
            given=("artanh x = wy + b",),
        ),
        Identity(equation(mirrored.subs(z, y), common), "y too", given=("artanh y = wx + b",)),
        ByLemma(
            equation(x, y),
            "so for −1 ≤ w no orbit has period two",
            lemma=unique,
            of=(mirrored, z, common, x, y),
            given=(2, 3, 4),
        ),
        Identity(
            equation(Derivative(falling, x), -(slope_root**2)),
            "for w = −v the map falls",
            given=("v = cosh²a",),
            rules=calculus,
        ),
        Identity(
            equation(schwarzian(falling, x), -2 * v**2),
            "the Schwarzian derivative of tanh is −2",
            rules=(Rule("differentiate"),),
        ),
        Identity(
            equation(schwarzian(falling, x), -((sqrt(2) * cosh(a) ** 2) ** 2)),
            "it is negative",
            given=(7, "v = cosh²a"),
        ),
        ByLemma(
            equation(
                period_two_points(falling),
                1 + sign(cosh(a) ** 4 / cosh(b - v * q) ** 4 - 1),
            ),
            "the multiplier at the fixed point q decides",
            lemma=negative_schwarzian,
            of=(falling, x, slope_root, sqrt(2) * cosh(a) ** 2, q),
            given=("tanh is bounded", 6, 8, "q = tanh(b − vq)", "(w, b) lies off the flip curve"),
        ),
        ByLemma(
            equation(sign(cosh(a) ** 4 / cosh(s) ** 4 - 1), sign(a - Abs(s))),
            "cosh grows with |s|",
            lemma=order_of_cosh,
            of=(a, s),
            given=("0 ≤ a",),
        ),
        Identity(odd(balance, z), "tanh is odd"),
        Identity(
            equation(Derivative(balance, z), 1 + (cosh(a) / cosh(z)) ** 2),
            "its derivative",
            rules=calculus,
        ),
        ByLemma(
            equation(
                sign(a - Abs(s)), sign(balance.subs(z, a) - Abs(balance.subs(z, s)))
            ),
            "z + cosh²a·tanh z keeps the order",
            lemma=order_kept,
            of=(balance, z, cosh(a) / cosh(z), a, s),
            given=(11, 12, "0 ≤ a"),
        ),
        Identity(
            equation(b, balance.subs(z, s)),
            "s + v·tanh s = b − vq + vq",
            given=("s = b − vq", "q = tanh(b − vq)", "v = cosh²a"),
        ),
        ByLemma(
            equation(tanh(a), sqrt(cosh(a) ** 2 - 1) / cosh(a)),
            "cosh² − sinh² = 1",
            lemma=hyperbola,
            of=(a,),
            given=("0 ≤ a",),
        ),
        Identity(equation(cosh(a) ** 2, v), "the definition of a", given=("v = cosh²a",)),
        ByLemma(
            equation(a, acosh(sqrt(v))),
            "0 ≤ a",
            lemma=inverse_cosh,
            of=(a, v),
            given=("0 ≤ a", 16),
        ),
        Identity(
            equation(
                period_two_points(falling),
                1 + sign(cosh(a) ** 4 / cosh(s) ** 4 - 1),
            ),
            "step 9 in terms of s",
            given=(9, "s = b − vq"),
        ),
        Identity(
            equation(
                period_two_points(falling),
                1 + sign(acosh(sqrt(v)) + sqrt(v) * sqrt(v - 1) - Abs(b)),
            ),
            "steps 18, 10, 13, 14, 15 and 17",
            given=(18, 10, 13, 14, 15, 17),
        ),
    ),
    conclusion=equation(
        period_two_points(falling), 1 + sign(acosh(sqrt(v)) + sqrt(v) * sqrt(v - 1) - Abs(b))
    ),
    parameters=(v, b),
)
