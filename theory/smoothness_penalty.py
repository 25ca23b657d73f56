"""Pascanu's regularisation term: what it says of the error signal on its way back through time.

Counted backwards from the last step: v_j = ‖∂E/∂x_{T−j}‖, r_j = v_{j+1}/v_j, and the term is Ω, the
sum of (r_j − 1)² over the T steps.
"""

from typing import Any

from sympy import Function, Mul, Sum, Symbol, sqrt

from theory.derivation import (
    ByLemma,
    Derivation,
    Everywhere,
    Identity,
    Induction,
    Lemma,
    at_most,
    equation,
)
from theory.lemmas import Instance, monotone_product
from theory.lemmas_of_order import rearrangement, transitivity
from theory.well_formed import is_like

T = Symbol("T", integer=True, positive=True)
j, k = (Symbol(name, integer=True, nonnegative=True) for name in "jk")
λ, Ω = (Symbol(name, nonnegative=True) for name in "λΩ")
r, v = Function("r", real=True), Function("v", nonnegative=True)


def _one_of_squares(term: Any, index: Any, summed: Any, last: Any) -> Instance:
    """The term is a function of the index, and 0 from `last` on; the sum runs over `summed`."""
    if not all(is_like(index, value) for value in (0, index + 1)):
        raise ValueError("index: it has to be any integer from 0 on")
    total = Sum(term.subs(index, summed) ** 2, (summed, 0, last - 1))
    vanishing = Everywhere(equation(term.subs(index, last + index), 0), index)
    return (vanishing,), at_most(term**2, total)


one_of_squares = Lemma(
    "one of some squares",
    "x_j = 0 for j ≥ T ⇒ x_j² ≤ Σ_{k<T} x_k² for every j ≥ 0",
    _one_of_squares,
)


def _above_minus_the_root(x: Any, bound: Any) -> Instance:
    return (at_most(x**2, bound),), at_most(-sqrt(bound), x)


above_minus_the_root = Lemma(
    "root of a bound", "x² ≤ c ⇒ −√c ≤ x for real x", _above_minus_the_root
)

BACKWARDS = "v_{j+1} = r_jv_j: ‖∂E/∂x_{T−j−1}‖ is r_j times ‖∂E/∂x_{T−j}‖"
BEFORE = "r_j = 1 for j ≥ T: before the first step nothing changes"
PENALTY, KEPT = "Ω = Σ_{k<T} (r_k − 1)²", "λ = 1 − √Ω, and Ω ≤ 1"

# Kept as a factor: it is −v_j that the induction is about.
turned = Mul(λ, -v(j), evaluate=False)

smoothness_penalty = Derivation(
    name="smoothness_penalty",
    assumptions={
        BACKWARDS: equation(v(j + 1), r(j) * v(j)),
        BEFORE: equation(r(T + j), 1),
        PENALTY: equation(Ω, Sum((r(k) - 1) ** 2, (k, 0, T - 1))),
        KEPT: equation(λ, 1 - sqrt(Ω)),
    },
    steps=(
        Identity(equation(r(T + j) - 1, 0), "no deviation there", given=(BEFORE,)),
        ByLemma(
            at_most((r(j) - 1) ** 2, Sum((r(k) - 1) ** 2, (k, 0, T - 1))),
            "no term exceeds the sum: Ω = 0 leaves nothing but r_j = 1",
            lemma=one_of_squares,
            of=(r(j) - 1, j, k, T),
            given=(1,),
        ),
        ByLemma(
            at_most((r(j) - 1) ** 2, Ω),
            "which is Ω",
            lemma=transitivity,
            of=((r(j) - 1) ** 2, Sum((r(k) - 1) ** 2, (k, 0, T - 1)), Ω),
            given=(2, PENALTY),
        ),
        ByLemma(
            at_most(-sqrt(Ω), r(j) - 1),
            "take the root",
            lemma=above_minus_the_root,
            of=(r(j) - 1, Ω),
            given=(3,),
        ),
        ByLemma(
            at_most(1 - sqrt(Ω), r(j)),
            "moved",
            lemma=rearrangement,
            of=(-sqrt(Ω), r(j) - 1, 1 - sqrt(Ω), r(j)),
            given=(4,),
        ),
        ByLemma(
            at_most(λ, r(j)),
            "which is λ",
            lemma=transitivity,
            of=(λ, 1 - sqrt(Ω), r(j)),
            given=(KEPT, 5),
        ),
        ByLemma(
            at_most(v(j) * λ, v(j) * r(j)),
            "times the error signal",
            lemma=monotone_product,
            of=(v(j), λ, r(j)),
            given=(6,),
        ),
        ByLemma(
            at_most(-(v(j) * r(j)), turned),
            "turned round",
            lemma=rearrangement,
            of=(v(j) * λ, v(j) * r(j), -(v(j) * r(j)), turned),
            given=(7,),
        ),
        Identity(equation(-v(j + 1), -(v(j) * r(j))), "one step back", given=(BACKWARDS,)),
        ByLemma(
            at_most(-v(j + 1), turned),
            "steps 9 and 8",
            lemma=transitivity,
            of=(-v(j + 1), -(v(j) * r(j)), turned),
            given=(9, 8),
        ),
        Identity(equation(-v(0), -v(0)), "the last step"),
        Induction(
            at_most(-v(j), -(λ**j) * v(0)),
            "one factor λ a step",
            variable=j,
            start=0,
            base=11,
            step=10,
        ),
        ByLemma(
            at_most(λ**j * v(0), v(j)),
            "turned back",
            lemma=rearrangement,
            of=(-v(j), -(λ**j) * v(0), λ**j * v(0), v(j)),
            given=(12,),
        ),
    ),
    conclusion=at_most(λ**j * v(0), v(j)),
    parameters=(v, j),
)
