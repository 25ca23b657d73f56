"""Close to its edge a latched neuron takes a parabola's steps: how long it stays there.

x_t = |a_t| − â is how far beyond its edge the state is, while the constant input h* + ε pushes it
back: x_{t+1} = x_t − (ε + κx_t² + r_t), κ = √(1 − 1/w), r_t of third order. The run is held between
two maps of the form x ↦ (x − ε)/(1 + κx), whose powers are known.
"""

from sympy import Function, Integer, Lambda, Symbol, Tuple, atan

from theory.derivation import (
    ByLemma,
    Derivation,
    Hypothesis,
    Identity,
    Induction,
    at_most,
    equation,
    less,
)
from theory.inequalities import (
    arctangent_difference,
    convex_function,
    division_by_positive,
    increasing_arctangent,
    increasing_square,
    order_of_numbers,
    positive_number,
    rearrangement,
    sum_of_products,
    tangent_below,
    transitivity,
)
from theory.lemmas import monotone_product

t = Symbol("t", integer=True, nonnegative=True)
ε, κ, R, δ = (Symbol(name, positive=True) for name in ("ε", "κ", "R", "δ"))
x, r = Function("x", real=True), Function("r", real=True)

RUN = "x_{t+1} = x_t − (ε + κx_t² + r_t)"
WINDOW = ("x_t ≥ −δ", "x_t ≤ δ")
REMAINDER = ("r_t ≥ −Rδx_t²", "r_t ≤ Rδx_t²")

near_the_edge = {
    WINDOW[0]: at_most(0, δ + x(t)),
    WINDOW[1]: at_most(0, δ - x(t)),
    REMAINDER[0]: at_most(0, r(t) + R * δ * x(t) ** 2),
    REMAINDER[1]: at_most(0, R * δ * x(t) ** 2 - r(t)),
}


class Side:
    """One of the two maps x ↦ (x − ε_i)/(1 + κ_i x): above the run (sign 1) or below it (−1)."""

    def __init__(self, sign, κ_i, ε_i, push):
        self.sign, self.κ, self.ε, self.push = sign, κ_i, ε_i, push
        side = "above" if sign == 1 else "below"
        self.CURVATURE, self.PUSH, self.POSITIVE = (
            f"{what}, {side}" for what in ("κ_i solves its equation", "ε_i", "1 + κ_i x_t > 0")
        )

    def assumptions(self):
        κ_i, sign = self.κ, self.sign
        curvature = (κ_i * (1 + sign * R * δ**2) + sign * R * δ) / (1 - sign * κ_i * δ)
        return {
            self.CURVATURE: equation(κ, curvature),
            self.PUSH: equation(self.push, self.ε / (1 - sign * κ_i * δ)),
            self.POSITIVE: less(0, 1 + κ_i * x(t)),
        }

    def ordered(self, run, other):
        """The run and what bounds it, the smaller first."""
        return (run, other) if self.sign == 1 else (other, run)

    def steps(self, first):
        """Eight steps to x_{t+1} ≤ (x_t − ε_i)/(1 + κ_i x_t), or ≥, numbered from `first`."""
        now, after, κ_i = x(t), x(t + 1), self.κ
        near, far = δ + self.sign * now, δ - now
        rest = R * δ * now**2 + self.sign * r(t)
        coefficients = (self.push * κ_i, κ * κ_i * now**2, R * δ * κ_i * now**2)
        products = (
            Tuple(coefficients[0], near),
            Tuple(coefficients[1], near),
            Tuple(rest, 1 + κ_i * now),
            Tuple(coefficients[2], far),
        )
        total = sum(a * b for a, b in products)
        smaller, larger = self.ordered((1 + κ_i * now) * after, now - self.ε)
        remainder = REMAINDER[0 if self.sign == 1 else 1]
        return (
            *(
                ByLemma(at_most(0, c), "by its sign", lemma=order_of_numbers, of=(0, c))
                for c in coefficients
            ),
            ByLemma(
                at_most(0, total),
                "all factors are ≥ 0 in the window",
                lemma=sum_of_products,
                of=products,
                given=(first, first + 1, first + 2, *WINDOW, remainder, self.POSITIVE),
            ),
            Identity(
                equation(total, larger - smaller),
                "by so much the map and the run differ, times 1 + κ_i x",
                given=(RUN, self.CURVATURE, self.PUSH),
            ),
            ByLemma(
                at_most(0, larger - smaller),
                f"steps {first + 3} and {first + 4}",
                lemma=transitivity,
                of=(0, total, larger - smaller),
                given=(first + 3, first + 4),
            ),
            ByLemma(
                at_most(smaller, larger),
                "so they are in this order",
                lemma=rearrangement,
                of=(0, larger - smaller, smaller, larger),
                given=(first + 5,),
            ),
            ByLemma(
                at_most(*self.ordered(after, (now - self.ε) / (1 + κ_i * now))),
                "divide by 1 + κ_i x",
                lemma=division_by_positive,
                of=(smaller, larger, 1 + κ_i * now),
                given=(self.POSITIVE, first + 6),
            ),
        )


# -- past the threshold: the powers of the two maps turn arctan(x/s) by arctan τ a step


class Turning(Side):
    """A side with ε_i = sτ and κ_i = τ/s."""

    def __init__(self, sign):
        number = {1: "₁", -1: "₂"}[sign]
        self.s, self.τ = (Symbol(f"{name}{number}", positive=True) for name in "sτ")
        super().__init__(sign, self.τ / self.s, self.s * self.τ, ε)
        self.θ = atan(self.τ)

    def angle(self, k):
        return atan(x(k) / self.s)

    def steps(self, first):
        """Eighteen steps to t ≤ (arctan(x_0/s) − arctan(x_t/s))/arctan τ, or ≥."""
        sign, θ, more = self.sign, self.θ, first + 8
        ratio = x(t) / self.s
        turned = (ratio - self.τ) / (1 + ratio * self.τ)
        now, after, start = self.angle(t), self.angle(t + 1), self.angle(0)
        in_order = self.ordered(after, now - θ)
        return (
            *super().steps(first),
            ByLemma(less(0, self.s), "by its sign", lemma=positive_number, of=(self.s,)),
            ByLemma(
                at_most(*self.ordered(x(t + 1) / self.s, turned)),
                "divide by s, where ε_i = sτ and κ_i = τ/s",
                lemma=division_by_positive,
                of=(*self.ordered(x(t + 1), (x(t) - self.ε) / (1 + self.κ * x(t))), self.s),
                given=(more, first + 7),
            ),
            ByLemma(
                at_most(*self.ordered(after, atan(turned))),
                "take the arctangent",
                lemma=increasing_arctangent,
                of=self.ordered(x(t + 1) / self.s, turned),
                given=(more + 1,),
            ),
            ByLemma(
                equation(atan(turned), now - θ),
                "the map turns the angle by θ = arctan τ",
                lemma=arctangent_difference,
                of=(ratio, self.τ),
                given=(self.POSITIVE,),
            ),
            ByLemma(
                at_most(*in_order),
                f"steps {more + 2} and {more + 3}",
                lemma=transitivity,
                of=(in_order[0], atan(turned), in_order[1]),
                given=(more + 2, more + 3),
            ),
            ByLemma(
                at_most(sign * after, sign * now - sign * θ),
                "the newer angle on the left",
                lemma=rearrangement,
                of=(*in_order, sign * after, sign * now - sign * θ),
                given=(more + 4,),
            ),
            Identity(equation(sign * start, sign * start), "where the run starts"),
            Induction(
                at_most(sign * now, sign * start - sign * t * θ),
                "θ a step",
                variable=t,
                start=0,
                base=more + 6,
                step=more + 5,
            ),
            ByLemma(
                at_most(*self.ordered(t * θ, start - now)),
                "so t steps take this long a turn",
                lemma=rearrangement,
                of=(sign * now, sign * start - sign * t * θ, *self.ordered(t * θ, start - now)),
                given=(more + 7,),
            ),
            ByLemma(less(0, θ), "by its sign", lemma=positive_number, of=(θ,)),
            ByLemma(
                at_most(*self.ordered(t, (start - now) / θ)),
                "divide by θ",
                lemma=division_by_positive,
                of=(*self.ordered(t * θ, start - now), θ),
                given=(more + 9, more + 8),
            ),
        )


above, below = Turning(1), Turning(-1)
fewest, most = below.steps(1)[-1].relation, above.steps(1)[-1].relation

unlatching_time = Derivation(
    name="unlatching_time",
    assumptions={
        RUN: equation(x(t + 1), x(t) - (ε + κ * x(t) ** 2 + r(t))),
        **near_the_edge,
        **below.assumptions(),
        **above.assumptions(),
    },
    steps=(*below.steps(1), *above.steps(20)),
    conclusion=most,
    parameters=(above.s, above.τ, x),
)
