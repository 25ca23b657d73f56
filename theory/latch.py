"""One neuron that keeps a bit, a_{t+1} = w tanh a_t + h_{t+1} with w > 1: how much noise it bears.

Written for the lower of its two states; tanh is odd, so that the upper one mirrors it. The edge is
where the slope w tanh′ is one, at −arccosh √w, and beyond it the state is latched.
"""

from sympy import Abs, Derivative, Function, Symbol, acosh, sqrt, tanh

from theory.derivation import ByLemma, Derivation, Identity, Induction, at_most, equation, less
from theory.inequalities import (
    below_modulus,
    falling_slope,
    rearrangement,
    sum_of_inequalities,
    tanh_above_its_tangents,
    transitivity,
)
from theory.lemmas import monotone_product
from theory.normal_form import Rule

t = Symbol("t", integer=True, nonnegative=True)
w, excess = (Symbol(name, positive=True) for name in ("w", "e"))
x = Symbol("x", real=True)
a, b, h = (Function(name, real=True) for name in ("a", "b", "h"))
G = Function("G", real=True)

edge = acosh(sqrt(w))
threshold = w * tanh(edge) - edge
closed_form = sqrt(w * (w - 1)) - edge

RUN = "a_{t+1} = w tanh a_t + h_{t+1}"
run = equation(a(t + 1), w * tanh(a(t)) + h(t + 1))


def slope(state):
    """∂a_{t+1}/∂a_t at a state."""
    return w * (1 - tanh(state) ** 2)


saddle_node = (
    Identity(
        equation(Derivative(w * tanh(x), x), slope(x)),
        "the slope of the map",
        rules=(Rule("differentiate"),),
    ),
    Identity(equation(slope(edge), 1), "it is one at the edge, â = arccosh √w"),
    Identity(
        equation(threshold, closed_form),
        "where the edge is itself a fixed point, â = w tanh â − h*, the two fixed points merge",
    ),
)

LATCHED, BOUNDED = "the state starts beyond the edge", "|h_t| ≤ h*(w)"
PUSHED, STILL = "b_{t+1} = w tanh b_t + h* + e", "b_t ≤ 0: its bit is still there"
pushed = w * tanh(b(t)) + closed_form + excess
tangent = tanh(-edge) + (1 - tanh(edge) ** 2) * (b(t) + edge)

latch_threshold = Derivation(
    name="latch_threshold",
    assumptions={
        RUN: run,
        LATCHED: at_most(a(0), -edge),
        BOUNDED: at_most(Abs(h(t + 1)), closed_form),
        PUSHED: equation(b(t + 1), w * tanh(b(t)) + closed_form + excess),
        STILL: at_most(b(t), 0),
        "the edge is not above zero": at_most(-edge, 0),
        "0 ≤ w": at_most(0, w),
    },
    steps=(
        *saddle_node,
        ByLemma(
            at_most(tangent, tanh(b(t))),
            "a second run, pushed by more than h*: tanh lies above its tangent at the edge",
            lemma=tanh_above_its_tangents,
            of=(b(t), -edge),
            given=(STILL, "the edge is not above zero"),
        ),
        ByLemma(
            at_most(w * tangent, w * tanh(b(t))),
            "times w",
            lemma=monotone_product,
            of=(w, tangent, tanh(b(t))),
            given=("0 ≤ w", 4),
        ),
        Identity(
            equation(w * tangent, b(t) - closed_form), "the tangent has slope 1 and passes −h*"
        ),
        ByLemma(
            at_most(b(t) - closed_form, w * tanh(b(t))),
            "steps 6 and 5",
            lemma=transitivity,
            of=(b(t) - closed_form, w * tangent, w * tanh(b(t))),
            given=(6, 5),
        ),
        Identity(equation(closed_form + excess, closed_form + excess), "the push"),
        ByLemma(
            at_most(b(t) + excess, w * tanh(b(t)) + closed_form + excess),
            "add steps 7 and 8",
            lemma=sum_of_inequalities,
            of=(b(t) - closed_form, w * tanh(b(t)), closed_form + excess, closed_form + excess),
            given=(7, 8),
        ),
        Identity(
            equation(pushed, b(t + 1)), "that is where the push takes it", given=(PUSHED,)
        ),
        ByLemma(
            at_most(b(t) + excess, b(t + 1)),
            "steps 9 and 10",
            lemma=transitivity,
            of=(b(t) + excess, pushed, b(t + 1)),
            given=(9, 10),
        ),
        ByLemma(
            at_most(-b(t + 1), -b(t) - excess),
            "so every step moves it by e at least",
            lemma=rearrangement,
            of=(b(t) + excess, b(t + 1), -b(t + 1), -b(t) - excess),
            given=(11,),
        ),
        Identity(equation(-b(0), -b(0)), "where it starts"),
        Induction(
            at_most(-b(t), -b(0) - t * excess),
            "which cannot go on with its bit still there: h > h* loses it",
            variable=t,
            start=0,
            base=13,
            step=12,
        ),
        ByLemma(
            at_most(h(t + 1), Abs(h(t + 1))),
            "now the first run, under any inputs with |h_t| ≤ h*",
            lemma=below_modulus,
            of=(h(t + 1),),
        ),
        ByLemma(
            at_most(h(t + 1), closed_form),
            "step 15 and the bound",
            lemma=transitivity,
            of=(h(t + 1), Abs(h(t + 1)), closed_form),
            given=(15, BOUNDED),
        ),
        Identity(equation(w * tanh(a(t)), w * tanh(a(t))), "the map"),
        ByLemma(
            at_most(w * tanh(a(t)) + h(t + 1), w * tanh(a(t)) + closed_form),
            "add steps 17 and 16",
            lemma=sum_of_inequalities,
            of=(w * tanh(a(t)), w * tanh(a(t)), h(t + 1), closed_form),
            given=(17, 16),
        ),
        ByLemma(
            at_most(a(t + 1), w * tanh(a(t)) + closed_form),
            "no input does more than the constant h*",
            lemma=transitivity,
            of=(a(t + 1), w * tanh(a(t)) + h(t + 1), w * tanh(a(t)) + closed_form),
            given=(RUN, 18),
        ),
        Induction(
            at_most(a(t), -edge),
            "the map increases, and under h* the edge is a fixed point",
            variable=t,
            start=0,
            base=LATCHED,
            step=19,
            rules=(Rule("exponential"),),
        ),
    ),
    conclusion=at_most(a(t), -edge),
    parameters=(w,),
)
