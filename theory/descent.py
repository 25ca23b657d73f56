"""Gradient descent with a small enough learning rate, on any surface that is smooth enough."""

from typing import Any

from sympy import MatrixSymbol, Rational, Symbol, Tuple

from theory.derivation import ByLemma, Derivation, Fact, Lemma, at_most
from theory.lemmas import Instance
from theory.lemmas_of_order import rearrangement, sum_of_products, transitivity
from theory.matrices import SquaredLength

rate, L = (Symbol(name, nonnegative=True) for name in "rL")
before, after = Symbol("E", real=True), Symbol("E′", real=True)
n = Symbol("n", integer=True, positive=True)
squared = SquaredLength(MatrixSymbol("g", n, 1))


def smooth(constant: Any) -> Fact:
    """The fact that ‖∇E(θ) − ∇E(θ′)‖ ≤ constant·‖θ − θ′‖ for all θ, θ′."""
    return Fact("Lipschitz constant of ∇E", (constant,))


def descent(value: Any, moved: Any, rate: Any, squared: Any) -> Fact:
    """The fact that a step of −rate·∇E leads from E = value to E = moved; ‖∇E‖² is `squared`."""
    return Fact("a step of gradient descent", (value, moved, rate, squared))


def _descent_lemma(value: Any, moved: Any, rate: Any, squared: Any, constant: Any) -> Instance:
    premises = (smooth(constant), descent(value, moved, rate, squared), at_most(0, rate))
    return premises, at_most(moved, value - rate * squared + constant / 2 * rate**2 * squared)


descent_lemma = Lemma(
    "descent lemma",
    "∇E Lipschitz with L ⇒ E(θ − r∇E) ≤ E(θ) − r‖∇E‖² + (L/2)r²‖∇E‖²",
    _descent_lemma,
)

SMOOTH, STEP, SMALL = "∇E has the Lipschitz constant L", "θ′ = θ − r∇E(θ)", "rL ≤ 2"
reached = before - rate * squared + L / 2 * rate**2 * squared

small_steps_descend = Derivation(
    name="small_steps_descend",
    assumptions={
        SMOOTH: smooth(L),
        STEP: descent(before, after, rate, squared),
        SMALL: at_most(0, 2 - rate * L),
    },
    steps=(
        ByLemma(
            at_most(after, reached),
            "the tangent, and how far E can bend away from it",
            lemma=descent_lemma,
            of=(before, after, rate, squared, L),
            given=(SMOOTH, STEP),
        ),
        ByLemma(
            at_most(0, rate * (2 - rate * L) * squared / 2),
            "nothing in it is negative",
            lemma=sum_of_products,
            of=(Tuple(Rational(1, 2), rate, 2 - rate * L, squared),),
            given=(SMALL,),
        ),
        ByLemma(
            at_most(reached, before),
            "so much is gained",
            lemma=rearrangement,
            of=(0, rate * (2 - rate * L) * squared / 2, reached, before),
            given=(2,),
        ),
        ByLemma(
            at_most(after, before),
            "steps 1 and 3",
            lemma=transitivity,
            of=(after, reached, before),
            given=(1, 3),
        ),
    ),
    conclusion=at_most(after, before),
    parameters=(before,),
)
