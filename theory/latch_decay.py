"""At the threshold h* itself the gradient of a latched neuron decays like t⁻², from both sides.

x_t is how far beyond its edge the state is, as in `theory.latch_passage` with ε = 0, and
p(x_t) = x_t − x_{t+1} the length of a step. As p is convex, G_t = ∂x_t/∂x_0 = ∏(1 − p′(x_k)) is
p(x_t)/p(x_0) up to the first factor and the last; and 1/x_t grows by κ a step, so p(x_t) ≈ κx_t².
"""

from typing import Any

from sympy import Function, IndexedBase, Integer, Lambda, Symbol

from theory import latch_passage as passage
from theory.derivation import (
    ByLemma,
    Derivation,
    Hypothesis,
    Identity,
    Induction,
    at_most,
    equation,
)
from theory.latch import sequence, t
from theory.latch_passage import REMAINDER, RUN, Side, Steps, near_the_edge
from theory.lemmas import monotone_product
from theory.lemmas_of_calculus import convex_function, derivative_of, tangent_of_convex
from theory.lemmas_of_order import increasing_square, rearrangement, reciprocal, transitivity
from theory.steps import Reference

κ, R, δ, r = passage.κ, passage.R, passage.δ, passage.r
z = Symbol("z", real=True)
x, p, S = sequence("x", positive=True), Function("p", real=True), Function("S", positive=True)
G, F = sequence("G", nonnegative=True), sequence("F", nonnegative=True)
first = p(x(0))

STEP, CONVEX, SLOPE = "p(x_t) = x_t − x_{t+1}", "p is convex", "p′ = 1 − S"
START, PRODUCT = "G_0 = 1", "G_{t+1} = S(x_t)G_t"
LATER_START, LATER_PRODUCT = "F_0 = 1", "F_{t+1} = S(x_{t+1})F_t"
THIRD_ORDER = "Rδ ≤ κ"
steepness = Lambda(z, 1 - S(z))


class Nearing(Side):
    """A side with ε_i = 0: its map adds κ_i to 1/x."""

    def __init__(self, sign: int) -> None:
        κ_i = Symbol({1: "κ1", -1: "κ2"}[sign], positive=True)
        super().__init__(sign, x, κ_i, Integer(0), Integer(0))

    def nears(self, steps: Steps) -> int:
        """Adds the steps to tκ₁ ≤ 1/x_t − 1/x_0, or to 1/x_t − 1/x_0 ≤ tκ₂."""
        image = x(t) / (1 + self.κ * x(t))
        bound = self.one_step(steps)
        smaller, larger = self.ordered(x(t + 1), image)
        inverted = steps.add(
            ByLemma(
                at_most(1 / larger, 1 / smaller),
                "take reciprocals: the map adds κ_i to 1/x",
                lemma=reciprocal,
                of=(smaller, larger),
                given=(bound,),
            )
        )
        ends = self.ordered(-1 / x(t + 1), -1 / x(t) - self.κ)
        turned = steps.add(
            ByLemma(
                at_most(*ends),
                "with the opposite sign",
                lemma=rearrangement,
                of=(1 / larger, 1 / smaller, *ends),
                given=(inverted,),
            )
        )
        return self.by_induction(steps, lambda k: -1 / x(k), self.κ, turned)


def _chain(
    steps: Steps,
    a: Any,
    b: Any,
    c: Any,
    given: tuple[Reference, ...],
    why: str = "the last two steps",
) -> int:
    """Adds a ≤ c, from a ≤ b and b ≤ c."""
    return steps.add(ByLemma(at_most(a, c), why, lemma=transitivity, of=(a, b, c), given=given))


def _times(
    steps: Steps, factor: Any, smaller: Any, larger: Any, given: tuple[Reference, ...]
) -> int:
    """Adds factor·smaller ≤ factor·larger; the factor's sign and the order are given."""
    return steps.add(
        ByLemma(
            at_most(factor * smaller, factor * larger),
            "times a factor ≥ 0",
            lemma=monotone_product,
            of=(factor, smaller, larger),
            given=given,
        )
    )


def _ceiling(steps: Steps) -> int:
    """Adds p(x_0)G_t ≤ p(x_t)."""
    now, after, slope = x(t), x(t + 1), S(x(t))
    supposed = steps.add(Hypothesis(at_most(first * G(t), p(now)), "up to t"))
    multiplied = _times(steps, slope, first * G(t), p(now), given=(supposed,))
    line = p(now) + steepness(now) * (after - now)
    tangent = steps.add(
        ByLemma(
            at_most(line, p(after)),
            "the tangent where the step starts lies below the curve where it ends",
            lemma=tangent_of_convex,
            of=(p, steepness, now, after),
            given=(CONVEX, SLOPE),
        )
    )
    same = steps.add(
        Identity(equation(slope * p(now), line), "x_{t+1} − x_t = −p(x_t)", given=(STEP,))
    )
    shorter = _chain(steps, slope * p(now), line, p(after), (same, tangent))
    reached = _chain(steps, slope * first * G(t), slope * p(now), p(after), (multiplied, shorter))
    product = steps.add(
        Identity(equation(first * G(t + 1), slope * first * G(t)), "", given=(PRODUCT,))
    )
    stepped = _chain(steps, first * G(t + 1), slope * first * G(t), p(after), (product, reached))
    base = steps.add(Identity(equation(first * G(0), first), "no step yet", given=(START,)))
    return steps.add(
        Induction(
            at_most(first * G(t), p(now)),
            "steps shorten no faster than the gradient shrinks",
            variable=t,
            start=0,
            base=base,
            step=stepped,
        )
    )


def _floor(steps: Steps) -> int:
    """Adds p(x_t) ≤ p(x_0)F_t."""
    now, after, slope = x(t), x(t + 1), S(x(t + 1))
    supposed = steps.add(Hypothesis(at_most(p(now), first * F(t)), "up to t"))
    multiplied = _times(steps, slope, p(now), first * F(t), given=(supposed,))
    line = p(after) + steepness(after) * (now - after)
    tangent = steps.add(
        ByLemma(
            at_most(line, p(now)),
            "the tangent where the step ends lies below the curve where it starts",
            lemma=tangent_of_convex,
            of=(p, steepness, after, now),
            given=(CONVEX, SLOPE),
        )
    )
    remaining = p(now) - steepness(after) * (now - after)
    apart = steps.add(
        ByLemma(
            at_most(p(after), remaining),
            "on the other side",
            lemma=rearrangement,
            of=(line, p(now), p(after), remaining),
            given=(tangent,),
        )
    )
    same = steps.add(
        Identity(equation(remaining, slope * p(now)), "x_t − x_{t+1} = p(x_t)", given=(STEP,))
    )
    shorter = _chain(steps, p(after), remaining, slope * p(now), (apart, same))
    reached = _chain(steps, p(after), slope * p(now), slope * first * F(t), (shorter, multiplied))
    product = steps.add(
        Identity(equation(slope * first * F(t), first * F(t + 1)), "", given=(LATER_PRODUCT,))
    )
    stepped = _chain(steps, p(after), slope * first * F(t), first * F(t + 1), (reached, product))
    base = steps.add(Identity(equation(first, first * F(0)), "no step yet", given=(LATER_START,)))
    return steps.add(
        Induction(
            at_most(p(now), first * F(t)),
            "nor faster than it does but for its first factor",
            variable=t,
            start=0,
            base=base,
            step=stepped,
        )
    )


def _step_length(steps: Steps, side: Nearing, nearer: int) -> int:
    """Adds p(x_t) ≤ (κ + Rδ)/(1/x_0 + κ₁t)², or ≥ (κ − Rδ)/(1/x_0 + κ₂t)²."""
    sign, now = side.sign, x(t)
    grown = 1 / x(0) + t * side.κ
    quadratic = (κ + sign * R * δ) * now**2
    length = κ * now**2 + r(t)
    inverse = steps.add(
        ByLemma(
            at_most(*side.ordered(grown, 1 / now)),
            "1/x_0 to the other side",
            lemma=rearrangement,
            of=(*side.ordered(t * side.κ, 1 / now - 1 / x(0)), *side.ordered(grown, 1 / now)),
            given=(nearer,),
        )
    )
    smaller, larger = side.ordered(grown, 1 / now)
    position = steps.add(
        ByLemma(
            at_most(1 / larger, 1 / smaller),
            "so x_t lies there",
            lemma=reciprocal,
            of=(smaller, larger),
            given=(inverse,),
        )
    )
    low, high = 1 / larger, 1 / smaller
    square = steps.add(
        ByLemma(
            at_most(low**2, high**2),
            "square it",
            lemma=increasing_square,
            of=(low, high),
            given=(position,),
        )
    )
    factor = κ + sign * R * δ
    signs = () if sign == 1 else (THIRD_ORDER,)
    scaled = _times(steps, factor, low**2, high**2, (*signs, square))
    remainder = R * δ * now**2 - sign * r(t)
    order = side.ordered(length, quadratic)
    bent = steps.add(
        ByLemma(
            at_most(*order),
            "the third order is at most Rδx²",
            lemma=rearrangement,
            of=(0, remainder, *order),
            given=(REMAINDER[-sign],),
        )
    )
    same = steps.add(Identity(equation(p(now), length), "the step's length", given=(STEP, RUN)))
    exact = side.ordered(p(now), quadratic)
    bounded = _chain(steps, exact[0], length, exact[1], (same, bent))
    final = side.ordered(p(now), factor / grown**2)
    return _chain(steps, final[0], quadratic, final[1], (bounded, scaled))


above, below = Nearing(1), Nearing(-1)
upper = (κ + R * δ) / (1 / x(0) + t * above.κ) ** 2
lower = (κ - R * δ) / (1 / x(0) + t * below.κ) ** 2
x0 = IndexedBase("x")
"""The sequence of which the bounds read the first number."""


def _threshold_rate() -> Derivation:
    steps = Steps()
    ceiling = _ceiling(steps)
    most = _step_length(steps, above, above.nears(steps))
    _chain(steps, first * G(t), p(x(t)), upper, (ceiling, most), "the gradient, from above")
    floor = _floor(steps)
    least = _step_length(steps, below, below.nears(steps))
    _chain(steps, lower, p(x(t)), first * F(t), (least, floor), "and from below")
    return (
        Derivation(
            name="threshold_rate",
            assumptions={
                **near_the_edge(x, Integer(0)),
                **above.assumptions(),
                **below.assumptions(),
                STEP: equation(p(x(t)), x(t) - x(t + 1)),
                CONVEX: convex_function(p),
                SLOPE: derivative_of(p, steepness),
                START: equation(G(0), 1),
                PRODUCT: equation(G(t + 1), S(x(t)) * G(t)),
                LATER_START: equation(F(0), 1),
                LATER_PRODUCT: equation(F(t + 1), S(x(t + 1)) * F(t)),
                THIRD_ORDER: at_most(0, κ - R * δ),
            },
            steps=tuple(steps),
            conclusion=at_most(lower, first * F(t)),
            parameters=(),
        ),
        upper,
        lower,
    )


threshold_rate, upper, lower = _threshold_rate()
