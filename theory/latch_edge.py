"""Near its edge a latched neuron's steps are those of a parabola, up to third order.

The neuron is that of `theory.latch`, mirrored to its upper state; x is how far beyond the edge α
the state is, and p(x) = x − (w tanh(α + x) − (h* + ε) − α) how far the push h* + ε takes it back.
"""

from sympy import Abs, Derivative, Rational, Symbol, Tuple, sqrt, tanh

from theory import latch
from theory.derivation import ByLemma, Derivation, Identity, at_most, equation
from theory.latch import EDGE, MERGED, edge, limit, w, x
from theory.lemmas_of_calculus import square_of_tanh, taylor
from theory.lemmas_of_order import rearrangement, square, sum_of_products, transitivity
from theory.rules import Rule

α, ε = latch.α, Symbol("ε", real=True)
y = tanh(α + x)

step = x + α - w * y + limit + ε
slope, bend = 1 - w * (1 - y**2), 2 * w * y * (1 - y**2)
third, in_y = Derivative(bend, x), 2 * w * (1 - y**2) * (1 - 3 * y**2)
curvature = sqrt(1 - 1 / w)
apart = Abs(step - (ε + curvature * x**2))

from_below = Tuple(6 * w, (y**2 - Rational(2, 3)) ** 2), Tuple(Rational(4, 3), w)
from_above = Tuple(2 * w, y**2), Tuple(6 * w * y**2, 1 - y**2)
excess, shortage = (
    one[0] * one[1] + other[0] * other[1] for one, other in (from_below, from_above)
)
calculus = (Rule("differentiate"),)

step_at_the_edge = Derivation(
    name="step_at_the_edge",
    assumptions={
        EDGE: equation(α, edge),
        MERGED: equation(limit, w * tanh(α) - α),
    },
    steps=(
        Identity(equation(Derivative(step, x), slope), "the slope of p", rules=calculus),
        Identity(equation(Derivative(slope, x), bend), "how it bends", rules=calculus),
        Identity(
            equation(third, in_y), "its third derivative, with y = tanh(α + x)", rules=calculus
        ),
        ByLemma(
            at_most(0, (y**2 - Rational(2, 3)) ** 2),
            "a square",
            lemma=square,
            of=(y**2 - Rational(2, 3),),
        ),
        ByLemma(
            at_most(0, excess),
            "with positive factors",
            lemma=sum_of_products,
            of=from_below,
            given=(4,),
        ),
        ByLemma(
            at_most(-2 * w, in_y),
            "by so much they differ",
            lemma=rearrangement,
            of=(0, excess, -2 * w, in_y),
            given=(5,),
        ),
        ByLemma(
            at_most(-2 * w, third),
            "so much for the one side",
            lemma=transitivity,
            of=(-2 * w, in_y, third),
            given=(6, 3),
        ),
        ByLemma(at_most(0, 1 - y**2), "tanh is bounded", lemma=square_of_tanh, of=(α + x,)),
        ByLemma(at_most(0, y**2), "a square", lemma=square, of=(y,)),
        ByLemma(
            at_most(0, shortage),
            "with positive factors",
            lemma=sum_of_products,
            of=from_above,
            given=(8, 9),
        ),
        ByLemma(
            at_most(in_y, 2 * w),
            "by so much they differ",
            lemma=rearrangement,
            of=(0, shortage, in_y, 2 * w),
            given=(10,),
        ),
        ByLemma(
            at_most(third, 2 * w),
            "and for the other",
            lemma=transitivity,
            of=(third, in_y, 2 * w),
            given=(3, 11),
        ),
        Identity(equation(step.subs(x, 0), ε), "at the edge h* is at rest", given=(MERGED,)),
        Identity(equation(slope.subs(x, 0), 0), "where the slope is one", given=(EDGE,)),
        Identity(
            equation(bend.subs(x, 0), 2 * curvature), "and tanh α = √(1 − 1/w)", given=(EDGE,)
        ),
        ByLemma(
            at_most(apart, w / 3 * Abs(x) ** 3),
            "steps 7 and 12 bound the third derivative by 2w",
            lemma=taylor,
            of=(step, x, slope, bend, ε, 0, 2 * curvature, 2 * w),
            given=(1, 2, 7, 12, 13, 14, 15),
        ),
    ),
    conclusion=at_most(apart, w / 3 * Abs(x) ** 3),
    parameters=(w, x),
)
