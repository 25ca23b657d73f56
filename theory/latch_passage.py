"""Close to its edge a latched neuron takes a parabola's steps: how long it stays there.

x_t = |a_t| − â is how far beyond its edge the state is, while the constant input h* + ε pushes it
back: x_{t+1} = x_t − (ε + κx_t² + r_t), κ = √(1 − 1/w), |r_t| ≤ |x_t|³w/3, as `theory.latch_edge`
derives. The run is held between two maps x ↦ (x − ε_i)/(1 + κ_i x), one above it and one below,
whose powers are known: in the right coordinate, arctan(x/s) past the threshold and 1/x at it, each
step of them adds a constant.
"""

from collections.abc import Callable
from typing import Any

from sympy import IndexedBase, Symbol, Tuple, atan

from theory.derivation import (
    ByLemma,
    Derivation,
    Fact,
    Identity,
    Induction,
    Relation,
    Step,
    at_most,
    equation,
    less,
    nonzero,
)
from theory.latch import sequence, t
from theory.lemmas_of_calculus import difference_of_arctans, increasing_arctan
from theory.lemmas_of_order import (
    positive_division,
    rearrangement,
    sum_of_products,
    transitivity,
)

Sequence = Callable[[Any], Any]
Assumptions = dict[str, Relation | Fact]

ε, κ, R, δ = (Symbol(name, positive=True) for name in ("ε", "κ", "R", "δ"))
r = sequence("r", real=True)

RUN = "x_{t+1} = x_t − (ε + κx_t² + r_t)"
WINDOW = ("x_t ≥ −δ", "x_t ≤ δ")
REMAINDER = {1: "r_t ≥ −Rδx_t²", -1: "r_t ≤ Rδx_t²"}


def near_the_edge(x: Sequence, push: Any) -> Assumptions:
    """What is assumed of a run x that is pushed by h* + push, within δ of the edge."""
    return {
        RUN: equation(x(t + 1), x(t) - (push + κ * x(t) ** 2 + r(t))),
        WINDOW[0]: at_most(0, δ + x(t)),
        WINDOW[1]: at_most(0, δ - x(t)),
        REMAINDER[1]: at_most(0, R * δ * x(t) ** 2 + r(t)),
        REMAINDER[-1]: at_most(0, R * δ * x(t) ** 2 - r(t)),
    }


class Steps(list[Step]):
    """Steps under construction; adding one gives its number, for later ones to cite."""

    def add(self, step: Step) -> int:
        self.append(step)
        return len(self)


class Side:
    """The map x ↦ (x − ε_i)/(1 + κ_i x) above a run (sign 1) or below it (sign −1)."""

    def __init__(self, sign: int, x: Sequence, κ_i: Any, ε_i: Any, push: Any) -> None:
        self.sign, self.x, self.κ, self.ε, self.push = sign, x, κ_i, ε_i, push
        side = {1: "above", -1: "below"}[sign]
        self.CURVATURE = f"κ_i {side}: (κ ∓ Rδ)/(1 ± κδ ± Rδ²)"
        self.PUSH = f"ε_i {side}: ε(1 ∓ κ_iδ)"
        self.POSITIVE = f"1 + κ_i x_t > 0 {side}"
        self.DIVISIBLE = f"1 ≠ κ_iδ {side}"

    def definitions(self) -> Assumptions:
        κ_i, sign = self.κ, self.sign
        shrunk = 1 - sign * κ_i * δ
        curvature = (κ_i * (1 + sign * R * δ**2) + sign * R * δ) / shrunk
        push = {self.PUSH: equation(self.push, self.ε / shrunk)} if self.push != 0 else {}
        return {self.CURVATURE: equation(κ, curvature), **push}

    def assumptions(self) -> Assumptions:
        divisible = {self.DIVISIBLE: nonzero(1 - self.κ * δ)} if self.sign == 1 else {}
        positive = {self.POSITIVE: less(0, 1 + self.κ * self.x(t))}
        return {**self.definitions(), **positive, **divisible}

    def ordered(self, run: Any, other: Any) -> tuple[Any, Any]:
        """The run and what bounds it, the smaller first."""
        return (run, other) if self.sign == 1 else (other, run)

    def one_step(self, steps: Steps) -> int:
        """Adds the steps to x_{t+1} ≤ (x_t − ε_i)/(1 + κ_i x_t), or ≥."""
        now, after, κ_i = self.x(t), self.x(t + 1), self.κ
        near, rest = δ + self.sign * now, R * δ * now**2 + self.sign * r(t)
        coefficients = (self.push * κ_i, κ * κ_i * now**2, R * δ * κ_i * now**2)
        products = (
            Tuple(coefficients[0], near),
            Tuple(coefficients[1], near),
            Tuple(rest, 1 + κ_i * now),
            Tuple(coefficients[2], δ - now),
        )
        total = sum(a * b for a, b in products)
        smaller, larger = self.ordered((1 + κ_i * now) * after, now - self.ε)
        positive = steps.add(
            ByLemma(
                at_most(0, total),
                "all factors are ≥ 0 in the window",
                lemma=sum_of_products,
                of=products,
                given=(*WINDOW, REMAINDER[self.sign], self.POSITIVE),
            )
        )
        same = steps.add(
            Identity(
                equation(total, larger - smaller),
                "by so much the map and the run differ, times 1 + κ_i x",
                given=(RUN, *self.definitions()),
            )
        )
        apart = steps.add(
            ByLemma(
                at_most(0, larger - smaller),
                "the last two steps",
                lemma=transitivity,
                of=(0, total, larger - smaller),
                given=(positive, same),
            )
        )
        order = steps.add(
            ByLemma(
                at_most(smaller, larger),
                "so they are in this order",
                lemma=rearrangement,
                of=(0, larger - smaller, smaller, larger),
                given=(apart,),
            )
        )
        return steps.add(
            ByLemma(
                at_most(*self.ordered(after, (now - self.ε) / (1 + κ_i * now))),
                "divide by 1 + κ_i x",
                lemma=positive_division,
                of=(smaller, larger, 1 + κ_i * now),
                given=(self.POSITIVE, order),
            )
        )

    def by_induction(self, steps: Steps, coordinate: Sequence, change: Any, one_step: int) -> int:
        """Adds the steps from `one_step` to t·change against the change of the coordinate since 0.

        The coordinate of the run, a function of t, loses at least `change` a step above, at most
        below; the last step says t·change ≤ what it has lost, or ≥.
        """
        sign, start, now = self.sign, coordinate(0), coordinate(t)
        in_order = self.ordered(coordinate(t + 1), now - change)
        newer = (sign * coordinate(t + 1), sign * now - sign * change)
        turned = steps.add(
            ByLemma(
                at_most(*newer),
                "the newer one on the left",
                lemma=rearrangement,
                of=(*in_order, *newer),
                given=(one_step,),
            )
        )
        base = steps.add(Identity(equation(sign * start, sign * start), "where the run starts"))
        induced = (sign * now, sign * start - sign * t * change)
        every = steps.add(
            Induction(
                at_most(*induced),
                "the same at every step",
                variable=t,
                start=0,
                base=base,
                step=turned,
            )
        )
        result = self.ordered(t * change, start - now)
        return steps.add(
            ByLemma(
                at_most(*result),
                "t steps and what they have changed",
                lemma=rearrangement,
                of=(*induced, *result),
                given=(every,),
            )
        )


# -- past the threshold


class Turning(Side):
    """A side with ε_i = sτ and κ_i = τ/s: its map turns arctan(x/s) back by θ = arctan τ."""

    def __init__(self, sign: int, x: Sequence) -> None:
        number = {1: "1", -1: "2"}[sign]
        self.s, self.τ = (Symbol(f"{name}{number}", positive=True) for name in "sτ")
        super().__init__(sign, x, self.τ / self.s, self.s * self.τ, ε)
        self.θ = atan(self.τ)

    def angle(self, k: Any) -> Any:
        return atan(self.x(k) / self.s)

    def turns(self, steps: Steps) -> int:
        """Adds the steps to t ≤ (arctan(x_0/s) − arctan(x_t/s))/θ, or ≥."""
        ratio = self.x(t) / self.s
        turned = (ratio - self.τ) / (1 + ratio * self.τ)
        image = (self.x(t) - self.ε) / (1 + self.κ * self.x(t))
        bound = self.one_step(steps)
        scaled = self.ordered(self.x(t + 1) / self.s, turned)
        divided = steps.add(
            ByLemma(
                at_most(*scaled),
                "divide by s, where ε_i = sτ and κ_i = τ/s",
                lemma=positive_division,
                of=(*self.ordered(self.x(t + 1), image), self.s),
                given=(bound,),
            )
        )
        angles = steps.add(
            ByLemma(
                at_most(*map(atan, scaled)),
                "take the arctangent",
                lemma=increasing_arctan,
                of=scaled,
                given=(divided,),
            )
        )
        addition = steps.add(
            ByLemma(
                equation(atan(turned), self.angle(t) - self.θ),
                "the map turns the angle by θ = arctan τ",
                lemma=difference_of_arctans,
                of=(ratio, self.τ),
                given=(self.POSITIVE,),
            )
        )
        ends = self.ordered(self.angle(t + 1), self.angle(t) - self.θ)
        one_turn = steps.add(
            ByLemma(
                at_most(*ends),
                "the last two steps",
                lemma=transitivity,
                of=(ends[0], atan(turned), ends[1]),
                given=(angles, addition),
            )
        )
        turns = self.by_induction(steps, self.angle, self.θ, one_turn)
        gone = self.angle(0) - self.angle(t)
        return steps.add(
            ByLemma(
                at_most(*self.ordered(t, gone / self.θ)),
                "divide by θ",
                lemma=positive_division,
                of=(*self.ordered(t * self.θ, gone), self.θ),
                given=(turns,),
            )
        )


x = sequence("x", real=True)
above, below = Turning(1, x), Turning(-1, x)


def _unlatching_time() -> Derivation:
    steps = Steps()
    below.turns(steps)
    above.turns(steps)
    return Derivation(
        name="unlatching_time",
        assumptions={**near_the_edge(x, ε), **below.assumptions(), **above.assumptions()},
        steps=tuple(steps),
        conclusion=steps[-1].relation,
        parameters=(above.s, above.τ, IndexedBase("x"), t),
    )


unlatching_time = _unlatching_time()

fewest = (below.angle(0) - below.angle(t)) / below.θ
fewest_parameters = (below.s, below.τ, IndexedBase("x"), t)
"""What the steps from the map below conclude to be at most t."""
