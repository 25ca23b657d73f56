"""One neuron that keeps a bit, a_{t+1} = w tanh a_t + h_{t+1} with w > 1: how much noise it bears.

Written for the lower of its two states; tanh is odd, so that the upper one mirrors it. The edge is
where the slope of the map is one, at −α with α = arccosh √w; beyond it the bit is latched.
"""

from typing import Any

from sympy import Abs, Derivative, IndexedBase, Symbol, acosh, sqrt, tanh

from theory.derivation import (
    ByLemma,
    Derivation,
    Hypothesis,
    Identity,
    Induction,
    at_most,
    equation,
)
from theory.lemmas import monotone_product
from theory.lemmas_of_calculus import increasing_tanh, tangent_of_tanh
from theory.lemmas_of_order import (
    below_modulus,
    rearrangement,
    sum_of_inequalities,
    transitivity,
)
from theory.rules import Rule


def sequence(name: str, **assumptions: bool) -> Any:
    """A function from an index to the number of a sequence there."""
    base = IndexedBase(name, **assumptions)
    return lambda k: base[k]


t = Symbol("t", integer=True, nonnegative=True)
w, excess = (Symbol(name, positive=True) for name in ("w", "e"))
α, limit = Symbol("α", nonnegative=True), Symbol("h*", nonnegative=True)
x = Symbol("x", real=True)
a, b, h = (sequence(name, real=True) for name in ("a", "b", "h"))

edge = acosh(sqrt(w))
closed_form = sqrt(w * (w - 1)) - edge


def slope(state: Any) -> Any:
    """∂a_{t+1}/∂a_t at a state."""
    return w * (1 - tanh(state) ** 2)


RUN = "a_{t+1} = w tanh a_t + h_{t+1}"
run = equation(a(t + 1), w * tanh(a(t)) + h(t + 1))

EDGE, MERGED = "α = arccosh √w", "h* moves a rest point to the edge: −α = w tanh(−α) + h*"
LATCHED, BOUNDED = "the state starts beyond the edge", "|h_t| ≤ h*(w)"
PUSHED, STILL = "b_{t+1} = w tanh b_t + h* + e", "b_t ≤ 0: its bit is still there"

tangent = tanh(-α) + (1 - tanh(α) ** 2) * (b(t) + α)
pushed = w * tanh(b(t)) + limit + excess
moved = w * tanh(a(t)) + h(t + 1)
moved_at_most = w * tanh(-α) + limit

latch_threshold = Derivation(
    name="latch_threshold",
    assumptions={
        EDGE: equation(α, edge),
        MERGED: equation(limit, w * tanh(α) - α),
        RUN: run,
        LATCHED: at_most(a(0), -α),
        BOUNDED: at_most(Abs(h(t + 1)), limit),
        PUSHED: equation(b(t + 1), pushed),
        STILL: at_most(b(t), 0),
    },
    steps=(
        Identity(
            equation(Derivative(w * tanh(x), x), slope(x)),
            "the slope of the map",
            rules=(Rule("differentiate"),),
        ),
        Identity(
            equation(slope(α), 1),
            "it is one at the edge: there, under h*, two rest points merge",
            given=(EDGE,),
        ),
        Identity(
            equation(limit, closed_form),
            "so this is h*, as tanh α = √(1 − 1/w)",
            given=(MERGED, EDGE),
        ),
        ByLemma(
            at_most(tangent, tanh(b(t))),
            "a second run, pushed by more than h*: tanh lies above its tangent at the edge",
            lemma=tangent_of_tanh,
            of=(b(t), -α),
            given=(STILL,),
        ),
        ByLemma(
            at_most(w * tangent, w * tanh(b(t))),
            "times w",
            lemma=monotone_product,
            of=(w, tangent, tanh(b(t))),
            given=(4,),
        ),
        Identity(
            equation(w * tangent, b(t) - limit),
            "its slope is one, and it passes the rest point under h*",
            given=(MERGED, EDGE),
        ),
        ByLemma(
            at_most(b(t) - limit, w * tanh(b(t))),
            "steps 6 and 5",
            lemma=transitivity,
            of=(b(t) - limit, w * tangent, w * tanh(b(t))),
            given=(6, 5),
        ),
        ByLemma(
            at_most(b(t) + excess, pushed),
            "add h* + e",
            lemma=rearrangement,
            of=(b(t) - limit, w * tanh(b(t)), b(t) + excess, pushed),
            given=(7,),
        ),
        ByLemma(
            at_most(b(t) + excess, b(t + 1)),
            "that is where the push takes it",
            lemma=transitivity,
            of=(b(t) + excess, pushed, b(t + 1)),
            given=(8, PUSHED),
        ),
        ByLemma(
            at_most(-b(t + 1), -b(t) - excess),
            "so every step moves it by e at least",
            lemma=rearrangement,
            of=(b(t) + excess, b(t + 1), -b(t + 1), -b(t) - excess),
            given=(9,),
        ),
        Identity(equation(-b(0), -b(0)), "where it starts"),
        Induction(
            at_most(-b(t), -b(0) - t * excess),
            "which cannot go on with its bit still there: more than h* loses it",
            variable=t,
            start=0,
            base=11,
            step=10,
        ),
        ByLemma(
            at_most(h(t + 1), Abs(h(t + 1))),
            "now the first run, under any inputs within h*",
            lemma=below_modulus,
            of=(h(t + 1),),
        ),
        ByLemma(
            at_most(h(t + 1), limit),
            "step 13 and the bound",
            lemma=transitivity,
            of=(h(t + 1), Abs(h(t + 1)), limit),
            given=(13, BOUNDED),
        ),
        Hypothesis(at_most(a(t), -α), "up to t they have not moved it over the edge"),
        ByLemma(
            at_most(tanh(a(t)), tanh(-α)),
            "tanh increases",
            lemma=increasing_tanh,
            of=(a(t), -α),
            given=(15,),
        ),
        ByLemma(
            at_most(w * tanh(a(t)), w * tanh(-α)),
            "times w",
            lemma=monotone_product,
            of=(w, tanh(a(t)), tanh(-α)),
            given=(16,),
        ),
        ByLemma(
            at_most(moved, moved_at_most),
            "add steps 17 and 14",
            lemma=sum_of_inequalities,
            of=(w * tanh(a(t)), w * tanh(-α), h(t + 1), limit),
            given=(17, 14),
        ),
        Identity(equation(moved_at_most, -α), "under h* the edge is at rest", given=(MERGED,)),
        ByLemma(
            at_most(moved, -α),
            "steps 18 and 19",
            lemma=transitivity,
            of=(moved, moved_at_most, -α),
            given=(18, 19),
        ),
        ByLemma(
            at_most(a(t + 1), -α),
            "that is where the run goes",
            lemma=transitivity,
            of=(a(t + 1), moved, -α),
            given=(RUN, 20),
        ),
        Induction(
            at_most(a(t), -α),
            "so no inputs within h* ever move it over the edge",
            variable=t,
            start=0,
            base=LATCHED,
            step=21,
        ),
    ),
    conclusion=at_most(a(t), -α),
    parameters=(α,),
)

threshold_growth = Derivation(
    name="threshold_growth",
    assumptions={},
    steps=(
        Identity(
            equation(Derivative(closed_form, w), sqrt(w - 1) / sqrt(w)),
            "what moves the edge does not matter, since the slope there is one",
            rules=(Rule("differentiate"),),
        ),
    ),
    conclusion=equation(Derivative(closed_form, w), sqrt(w - 1) / sqrt(w)),
    parameters=(w,),
)
"""∂h*/∂w = tanh α > 0 for w > 1: a larger weight bears more noise."""
