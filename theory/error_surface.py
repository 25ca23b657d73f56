"""One unit with a wall in its error surface: how steep that is, and how small a step it takes.

The unit is x_{t+1} = wσ(x_t) + b from x_0, and E = (σ(x_T) − d)². On the line b = x_0 − wσ(x_0) it
rests at x_0, which parts two basins where m = wσ′(x_0) > 1.
"""

from typing import Any

from sympy import Function, Mul, Symbol

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
from theory.lemmas import Instance, monotone_product
from theory.lemmas_of_order import (
    rearrangement,
    sum_of_inequalities,
    transitivity,
)

t = Symbol("t", integer=True, nonnegative=True)
w, b, d, m = (Symbol(name, real=True) for name in "wbdm")
s = Symbol("s", nonnegative=True)
x, by_w, by_b, steepness = (Function(name, real=True) for name in ("x", "q", "p", "G"))
start = x(0)

# -- the wall

RUN = "x_{t+1} = wσ(x_t) + b"
REST, VALUE = "b = x_0 − wσ(x_0)", "s = σ(x_0)"
SLOPE, NOT_ONE = "m = wσ′(x_0)", "m ≠ 1"
BY_B = "p_{t+1} = wσ′(x_t)p_t + 1, p_0 = 0: p_t is ∂x_t/∂b, by the chain rule"
BY_W = "q_{t+1} = wσ′(x_t)q_t + σ(x_t), q_0 = 0: q_t is ∂x_t/∂w"
FROM_NOTHING = "p_0 = 0", "q_0 = 0"
GRADIENT = "G_t = ‖∇E‖² = (2(σ(x_t) − d)σ′(x_t))²(p_t² + q_t²)"


def flattened(value: Any) -> Any:
    """σ′ where σ has this value."""
    return value * (1 - value)


now, resting = Logistic(x(t)), Logistic(start)
geometric = (m**t - 1) / (m - 1)
factor = 2 * (s - d) * flattened(s)

cliff = Derivation(
    name="cliff",
    assumptions={
        RUN: equation(x(t + 1), w * now + b),
        REST: equation(b, start - w * resting),
        VALUE: equation(resting, s),
        SLOPE: equation(w * flattened(s), m),
        NOT_ONE: nonzero(m - 1),
        BY_B: equation(by_b(t + 1), w * flattened(now) * by_b(t) + 1),
        BY_W: equation(by_w(t + 1), w * flattened(now) * by_w(t) + now),
        FROM_NOTHING[0]: equation(by_b(0), 0),
        FROM_NOTHING[1]: equation(by_w(0), 0),
        GRADIENT: equation(
            steepness(t),
            (2 * (now - d) * flattened(now)) ** 2 * (by_b(t) ** 2 + by_w(t) ** 2),
        ),
    },
    steps=(
        Identity(equation(start, start), "where it starts"),
        Induction(
            equation(x(t), start),
            "there it rests",
            variable=t,
            start=0,
            base=1,
            step=RUN,
            given=(REST,),
        ),
        Identity(
            equation(by_b(t + 1), Mul(w * flattened(s), by_b(t), evaluate=False) + 1),
            "so every step has the same slope",
            given=(BY_B, 2, VALUE),
        ),
        Identity(
            equation(by_w(t + 1), Mul(w * flattened(s), by_w(t), evaluate=False) + s),
            "and feeds in the same value",
            given=(BY_W, 2, VALUE),
        ),
        Identity(equation(by_b(t + 1), m * by_b(t) + 1), "which is m", given=(3, SLOPE)),
        Identity(equation(by_w(t + 1), m * by_w(t) + s), "the same", given=(4, SLOPE)),
        Identity(equation(by_b(0), geometric.subs(t, 0)), "both are 0", given=(FROM_NOTHING[0],)),
        Identity(
            equation(by_w(0), s * geometric.subs(t, 0)), "both are 0", given=(FROM_NOTHING[1],)
        ),
        Induction(
            equation(by_b(t), geometric),
            "1 + m(mᵗ − 1)/(m − 1) = (mᵗ⁺¹ − 1)/(m − 1)",
            variable=t,
            start=0,
            base=7,
            step=5,
        ),
        Induction(
            equation(by_w(t), s * geometric),
            "and s times as much",
            variable=t,
            start=0,
            base=8,
            step=6,
        ),
        Identity(
            equation(steepness(t), factor**2 * (1 + s**2) * geometric**2),
            "put it into the gradient",
            given=(GRADIENT, 2, VALUE, 9, 10),
        ),
    ),
    conclusion=equation(steepness(t), factor**2 * (1 + s**2) * geometric**2),
    parameters=(s, d, m, t),
)

# -- a step from the wall

Δ, ε = Symbol("Δ", positive=True), Symbol("ε", nonnegative=True)
weight, k = Symbol("w", nonnegative=True), Symbol("k", nonnegative=True)


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

STEPPED = "x_{t+1} = (w + εs)σ(x_t) + b + ε: the step is ε(s, 1), along the gradient"
BEYOND, NEAR = "x_0 ≤ x_t", "x_t ≤ x_0 + Δ at every step: the loss is no larger than before"
CONCAVE, CHORD, K_NOT_ONE = "0 ≤ x_0", "k = w(σ(x_0 + Δ) − σ(x_0))/Δ", "k ≠ 1"

chord = (Logistic(start + Δ) - resting) / Δ
lifted, at_least = weight * (now - resting), weight * chord * (x(t) - start)
fed, fed_at_least = ε * resting * now, ε * resting**2
low, high = start - x(t + 1), k * (start - x(t)) - ε * (1 + s**2)
passed = ε * (1 + s**2) * (k**t - 1) / (k - 1)

safe_step = Derivation(
    name="safe_step",
    assumptions={
        STEPPED: equation(x(t + 1), (weight + ε * s) * now + b + ε),
        REST: equation(b, start - weight * resting),
        VALUE: equation(s, resting),
        CONCAVE: at_most(0, start),
        BEYOND: at_most(start, x(t)),
        NEAR: at_most(x(t), start + Δ),
        CHORD: equation(k, weight * chord),
        K_NOT_ONE: nonzero(k - 1),
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
    ),
    conclusion=at_most(passed, Δ),
    parameters=(Δ,),
)
