"""A gradient step from the wall of `theory.error_surface`: how far it leads, and what is safe.

The step is ε(s, 1) in (w, b), s = σ(x_0). Under it the unit leaves x_0, and the loss is back where
it was once x_T has gone Δ.
"""

from typing import Any

from sympy import Symbol

from theory.derivation import (
    ByLemma,
    Derivation,
    Identity,
    Induction,
    Lemma,
    at_most,
    equation,
    less,
    nonzero,
)
from theory.entries import Logistic
from theory.error_surface import REST, VALUE, b, now, resting, s, start, t, x
from theory.lemmas import Instance, monotone_product
from theory.lemmas_of_order import rearrangement, sum_of_inequalities, transitivity

Δ, ε = Symbol("Δ", positive=True), Symbol("ε", nonnegative=True)
weight, k, m = (Symbol(name, nonnegative=True) for name in "wkm")


def _chord_of_logistic(first: Any, width: Any, point: Any) -> Instance:
    chord = (Logistic(first + width) - Logistic(first)) / width
    premises = (
        at_most(0, first),
        less(0, width),
        at_most(first, point),
        at_most(point, first + width),
    )
    return premises, at_most(chord * (point - first), Logistic(point) - Logistic(first))


chord_of_logistic = Lemma(
    "chord of the logistic function",
    "0 ≤ a ≤ x ≤ a + Δ, 0 < Δ ⇒ (σ(a + Δ) − σ(a))(x − a)/Δ ≤ σ(x) − σ(a)",
    _chord_of_logistic,
)


def _increasing_logistic(smaller: Any, larger: Any) -> Instance:
    return (at_most(smaller, larger),), at_most(Logistic(smaller), Logistic(larger))


increasing_logistic = Lemma(
    "increasing logistic function", "a ≤ b ⇒ σ(a) ≤ σ(b)", _increasing_logistic
)


def _tangent_of_logistic(touching: Any, point: Any) -> Instance:
    slope = Logistic(touching) * (1 - Logistic(touching))
    premises = at_most(0, touching), at_most(touching, point)
    return premises, at_most(Logistic(point) - Logistic(touching), slope * (point - touching))


tangent_of_logistic = Lemma(
    "tangent of the logistic function",
    "0 ≤ a ≤ x ⇒ σ(x) − σ(a) ≤ σ(a)(1 − σ(a))(x − a)",
    _tangent_of_logistic,
)


def _range_of_logistic(point: Any) -> Instance:
    return (), at_most(Logistic(point), 1)


range_of_logistic = Lemma("range of the logistic function", "σ(x) ≤ 1", _range_of_logistic)

STEPPED = "x_{t+1} = (w + εs)σ(x_t) + b + ε: the step is ε(s, 1), along the gradient"
BEYOND, NEAR = "x_0 ≤ x_t", "x_t ≤ x_0 + Δ at every step: the loss is no larger than before"
CONCAVE, CHORD, K_NOT_ONE = "0 ≤ x_0", "k = w(σ(x_0 + Δ) − σ(x_0))/Δ", "k ≠ 1"
TANGENT, M_NOT_ONE = "m = wσ′(x_0)", "m ≠ 1"

chord = (Logistic(start + Δ) - resting) / Δ
lifted, at_least = weight * (now - resting), weight * chord * (x(t) - start)
fed, fed_at_least = ε * resting * now, ε * resting**2
low, high = start - x(t + 1), k * (start - x(t)) - ε * (1 + s**2)
passed = ε * (1 + s**2) * (k**t - 1) / (k - 1)

steep = resting * (1 - resting)
at_most_lifted, gone = weight * steep * (x(t) - start), x(t) - start
gone_next, stretched = x(t + 1) - start, m * (x(t) - start) + 2 * ε
within = 2 * ε * (m**t - 1) / (m - 1)

cliff_step = Derivation(
    name="cliff_step",
    assumptions={
        STEPPED: equation(x(t + 1), (weight + ε * s) * now + b + ε),
        REST: equation(b, start - weight * resting),
        VALUE: equation(s, resting),
        CONCAVE: at_most(0, start),
        BEYOND: at_most(start, x(t)),
        NEAR: at_most(x(t), start + Δ),
        CHORD: equation(k, weight * chord),
        K_NOT_ONE: nonzero(k - 1),
        TANGENT: equation(m, weight * steep),
        M_NOT_ONE: nonzero(m - 1),
    },
    steps=(
        ByLemma(
            at_most(chord * (x(t) - start), now - resting),
            "to the right of 0 the logistic function is concave",
            lemma=chord_of_logistic,
            of=(start, Δ, x(t)),
            given=(CONCAVE, BEYOND, NEAR),
        ),
        ByLemma(
            at_most(at_least, lifted),
            "w times step 1",
            lemma=monotone_product,
            of=(weight, chord * (x(t) - start), now - resting),
            given=(1,),
        ),
        ByLemma(
            at_most(resting, now),
            "and increases",
            lemma=increasing_logistic,
            of=(start, x(t)),
            given=(BEYOND,),
        ),
        ByLemma(
            at_most(fed_at_least, fed),
            "εσ(x_0) times step 3",
            lemma=monotone_product,
            of=(ε * resting, resting, now),
            given=(3,),
        ),
        ByLemma(
            at_most(at_least + fed_at_least, lifted + fed),
            "steps 2 and 4",
            lemma=sum_of_inequalities,
            of=(at_least, lifted, fed_at_least, fed),
            given=(2, 4),
        ),
        ByLemma(
            at_most(-(lifted + fed) - ε, -(at_least + fed_at_least) - ε),
            "turned round",
            lemma=rearrangement,
            of=(
                at_least + fed_at_least,
                lifted + fed,
                -(lifted + fed) - ε,
                -(at_least + fed_at_least) - ε,
            ),
            given=(5,),
        ),
        Identity(
            equation(low, -(lifted + fed) - ε),
            "one step of the run",
            given=(STEPPED, REST, VALUE),
        ),
        ByLemma(
            at_most(low, -(at_least + fed_at_least) - ε),
            "steps 7 and 6",
            lemma=transitivity,
            of=(low, -(lifted + fed) - ε, -(at_least + fed_at_least) - ε),
            given=(7, 6),
        ),
        Identity(
            equation(-(at_least + fed_at_least) - ε, high),
            "sorted",
            given=(CHORD, VALUE),
        ),
        ByLemma(
            at_most(low, high),
            "steps 8 and 9",
            lemma=transitivity,
            of=(low, -(at_least + fed_at_least) - ε, high),
            given=(8, 9),
        ),
        Identity(equation(start - start, -passed.subs(t, 0)), "both are 0"),
        Induction(
            at_most(start - x(t), -passed),
            "1 + k(kᵗ − 1)/(k − 1) = (kᵗ⁺¹ − 1)/(k − 1)",
            variable=t,
            start=0,
            base=11,
            step=10,
        ),
        ByLemma(
            at_most(passed, x(t) - start),
            "turned back",
            lemma=rearrangement,
            of=(start - x(t), -passed, passed, x(t) - start),
            given=(12,),
        ),
        ByLemma(
            at_most(x(t) - start, Δ),
            "which is safe",
            lemma=rearrangement,
            of=(x(t), start + Δ, x(t) - start, Δ),
            given=(NEAR,),
        ),
        ByLemma(
            at_most(passed, Δ),
            "steps 13 and 14",
            lemma=transitivity,
            of=(passed, x(t) - start, Δ),
            given=(13, 14),
        ),
        ByLemma(
            at_most(now - resting, steep * gone),
            "and below its tangent",
            lemma=tangent_of_logistic,
            of=(start, x(t)),
            given=(CONCAVE, BEYOND),
        ),
        ByLemma(
            at_most(lifted, at_most_lifted),
            "w times step 16",
            lemma=monotone_product,
            of=(weight, now - resting, steep * gone),
            given=(16,),
        ),
        ByLemma(at_most(now, 1), "no value exceeds 1", lemma=range_of_logistic, of=(x(t),)),
        ByLemma(
            at_most(fed, ε * resting),
            "εσ(x_0) times step 18",
            lemma=monotone_product,
            of=(ε * resting, now, 1),
            given=(18,),
        ),
        ByLemma(at_most(resting, 1), "nor does this", lemma=range_of_logistic, of=(start,)),
        ByLemma(
            at_most(ε * resting, ε),
            "ε times step 20",
            lemma=monotone_product,
            of=(ε, resting, 1),
            given=(20,),
        ),
        ByLemma(
            at_most(fed, ε),
            "steps 19 and 21",
            lemma=transitivity,
            of=(fed, ε * resting, ε),
            given=(19, 21),
        ),
        ByLemma(
            at_most(lifted + fed, at_most_lifted + ε),
            "steps 17 and 22",
            lemma=sum_of_inequalities,
            of=(lifted, at_most_lifted, fed, ε),
            given=(17, 22),
        ),
        ByLemma(
            at_most(lifted + fed + ε, at_most_lifted + 2 * ε),
            "and ε",
            lemma=rearrangement,
            of=(
                lifted + fed,
                at_most_lifted + ε,
                lifted + fed + ε,
                at_most_lifted + 2 * ε,
            ),
            given=(23,),
        ),
        Identity(equation(gone_next, lifted + fed + ε), "one step", given=(STEPPED, REST, VALUE)),
        ByLemma(
            at_most(gone_next, at_most_lifted + 2 * ε),
            "steps 25 and 24",
            lemma=transitivity,
            of=(gone_next, lifted + fed + ε, at_most_lifted + 2 * ε),
            given=(25, 24),
        ),
        Identity(equation(at_most_lifted + 2 * ε, stretched), "sorted", given=(TANGENT,)),
        ByLemma(
            at_most(gone_next, stretched),
            "steps 26 and 27",
            lemma=transitivity,
            of=(gone_next, at_most_lifted + 2 * ε, stretched),
            given=(26, 27),
        ),
        Identity(equation(start - start, within.subs(t, 0)), "both are 0"),
        Induction(
            at_most(gone, within),
            "1 + m(mᵗ − 1)/(m − 1) = (mᵗ⁺¹ − 1)/(m − 1)",
            variable=t,
            start=0,
            base=29,
            step=28,
        ),
    ),
    conclusion=at_most(gone, within),
    parameters=(ε, m, t),
)
