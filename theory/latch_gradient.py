"""The gradient of a neuron that keeps a bit: how fast it vanishes, and where it doesn't.

The neuron is that of `theory.latch`, and G_t = |∂a_t/∂a_0| is the product of its slopes, which are positive.
"""

from sympy import Derivative, Function, Integral, Symbol, tanh

from theory.derivation import ByLemma, Derivation, Identity, Induction, at_most, equation, less
from theory.inequalities import (
    division_by_positive,
    falling_slope,
    fundamental_theorem,
    markov,
    order_of_numbers,
    positive_number,
    range_of_tanh,
    share,
    sum_of_inequalities,
    transitivity,
)
from theory.latch import RUN, a, h, run, slope, t, w
from theory.lemmas import monotone_product
from theory.normal_form import Rule

G = Function("G", nonnegative=True)
EXPONENTIAL = (Rule("exponential"),)

START, PRODUCT = "G_0 = 1", "G_{t+1} = w tanh′ a_t · G_t"
gradient = {START: equation(G(0), 1), PRODUCT: equation(G(t + 1), slope(a(t)) * G(t))}

# -- |h_t| ≤ h < h*: exponentially

WITHIN, BEYOND, RESTING = (
    "|h_t| ≤ h",
    "the state starts beyond the rest point",
    "r ≤ 0 is at rest under the constant h",
)
r, H = Symbol("r", nonpositive=True), Symbol("h", nonnegative=True)
λ = slope(r)

robustness_rate_tradeoff = Derivation(
    name="robustness_rate_tradeoff",
    assumptions={
        RUN: run,
        WITHIN: at_most(h(t + 1), H),
        RESTING: equation(H, r - w * tanh(r)),
        BEYOND: at_most(a(0), r),
        **gradient,
    },
    steps=(
        Identity(equation(w * tanh(a(t)), w * tanh(a(t))), "the map"),
        ByLemma(
            at_most(w * tanh(a(t)) + h(t + 1), w * tanh(a(t)) + H),
            "no input does more than the constant h",
            lemma=sum_of_inequalities,
            of=(w * tanh(a(t)), w * tanh(a(t)), h(t + 1), H),
            given=(1, WITHIN),
        ),
        ByLemma(
            at_most(a(t + 1), w * tanh(a(t)) + H),
            "put it into the recurrence",
            lemma=transitivity,
            of=(a(t + 1), w * tanh(a(t)) + h(t + 1), w * tanh(a(t)) + H),
            given=(RUN, 2),
        ),
        Induction(
            at_most(a(t), r),
            "the map increases, and r is at rest under h",
            variable=t,
            start=0,
            base=BEYOND,
            step=3,
            given=(RESTING,),
            rules=EXPONENTIAL,
        ),
        ByLemma(at_most(r, 0), "by its sign", lemma=order_of_numbers, of=(r, 0)),
        ByLemma(
            at_most(1 - tanh(a(t)) ** 2, 1 - tanh(r) ** 2),
            "farther from zero tanh is flatter",
            lemma=falling_slope,
            of=(a(t), r),
            given=(4, 5),
        ),
        ByLemma(at_most(0, w), "by its sign", lemma=order_of_numbers, of=(0, w)),
        ByLemma(
            at_most(slope(a(t)), λ),
            "so no slope exceeds λ = w tanh′ r",
            lemma=monotone_product,
            of=(w, 1 - tanh(a(t)) ** 2, 1 - tanh(r) ** 2),
            given=(7, 6),
        ),
        ByLemma(at_most(0, G(t)), "a modulus", lemma=order_of_numbers, of=(0, G(t))),
        ByLemma(
            at_most(G(t) * slope(a(t)), G(t) * λ),
            "the bound on one slope",
            lemma=monotone_product,
            of=(G(t), slope(a(t)), λ),
            given=(9, 8),
        ),
        ByLemma(
            at_most(G(t + 1), λ * G(t)),
            "put it into the product",
            lemma=transitivity,
            of=(G(t + 1), G(t) * slope(a(t)), G(t) * λ),
            given=(PRODUCT, 10),
        ),
        Induction(
            at_most(G(t), λ**t),
            "one factor λ a step",
            variable=t,
            start=0,
            base=START,
            step=11,
            rules=EXPONENTIAL,
        ),
    ),
    conclusion=at_most(G(t), λ**t),
    parameters=(w, r, t),
)

# -- inputs that only keep the state beyond the edge: not at all

d = Symbol("d", integer=True, positive=True)
steered = (d - 1) * (t + d) / (d * (t + d - 1))

steered_gradient = Derivation(
    name="steered_gradient",
    assumptions={
        START: gradient[START],
        "the inputs keep the slope at 1 − 1/(t + d)²": equation(
            G(t + 1), (1 - 1 / (t + d) ** 2) * G(t)
        ),
    },
    steps=(
        Induction(
            equation(G(t), steered),
            "1 − 1/k² = (k − 1)/k · (k + 1)/k: the product telescopes",
            variable=t,
            start=0,
            base=START,
            step="the inputs keep the slope at 1 − 1/(t + d)²",
        ),
    ),
    conclusion=equation(G(t), steered),
    parameters=(d, t),
)

# -- on the boundary of two basins: it explodes

H_fixed, middle = Symbol("h", real=True), Symbol("m", real=True)
CONSTANT, MIDDLE, ON = (
    "a_{t+1} = w tanh a_t + h",
    "m is at rest under the constant h",
    "the state starts on the boundary",
)

basin_boundary = Derivation(
    name="basin_boundary",
    assumptions={
        CONSTANT: equation(a(t + 1), w * tanh(a(t)) + H_fixed),
        MIDDLE: equation(H_fixed, middle - w * tanh(middle)),
        ON: equation(a(0), middle),
        **gradient,
    },
    steps=(
        Induction(
            equation(a(t), middle),
            "the boundary is at rest",
            variable=t,
            start=0,
            base=ON,
            step=CONSTANT,
            given=(MIDDLE,),
        ),
        Identity(
            equation(G(t + 1), slope(middle) * G(t)), "put step 1 in", given=(PRODUCT, 1)
        ),
        Induction(
            equation(G(t), slope(middle) ** t),
            "one slope a step, each the same",
            variable=t,
            start=0,
            base=START,
            step=2,
        ),
    ),
    conclusion=equation(G(t), slope(middle) ** t),
    parameters=(w, middle, t),
)

# -- but seldom

z, A, B = (Symbol(name, real=True) for name in ("z", "A", "B"))
least = Symbol("g", positive=True)
before = Function("a_t", real=True)
final = w * tanh(before(z)) + h(t + 1)
derivative = Derivative(final, z)
total = final.subs(z, B) - final.subs(z, A)
exploding = share(derivative, least, z, A, B)

INCREASING = "a_{t+1} increases with the start z of the run"

rare_explosion = Derivation(
    name="rare_explosion",
    assumptions={
        INCREASING: at_most(0, derivative),
    },
    steps=(
        ByLemma(
            at_most(least * exploding, Integral(derivative, (z, A, B))),
            "the gradient is at least g on that part of the starts",
            lemma=markov,
            of=(derivative, least, z, A, B),
            given=(INCREASING,),
        ),
        ByLemma(
            equation(Integral(derivative, (z, A, B)), total),
            "all gradients together are what separates the two outermost runs",
            lemma=fundamental_theorem,
            of=(final, z, A, B),
        ),
        ByLemma(
            at_most(tanh(before(B)) - tanh(before(A)), 2),
            "which the range of tanh limits",
            lemma=range_of_tanh,
            of=(before(B), before(A)),
        ),
        ByLemma(at_most(0, w), "by its sign", lemma=order_of_numbers, of=(0, w)),
        ByLemma(
            at_most(w * (tanh(before(B)) - tanh(before(A))), 2 * w),
            "times w",
            lemma=monotone_product,
            of=(w, tanh(before(B)) - tanh(before(A)), 2),
            given=(4, 3),
        ),
        ByLemma(
            at_most(Integral(derivative, (z, A, B)), 2 * w),
            "steps 2 and 5",
            lemma=transitivity,
            of=(Integral(derivative, (z, A, B)), total, 2 * w),
            given=(2, 5),
        ),
        ByLemma(
            at_most(least * exploding, 2 * w),
            "steps 1 and 6",
            lemma=transitivity,
            of=(least * exploding, Integral(derivative, (z, A, B)), 2 * w),
            given=(1, 6),
        ),
        ByLemma(
            less(0, least), "by its sign", lemma=positive_number, of=(least,)
        ),
        ByLemma(
            at_most(exploding, 2 * w / least),
            "divide by g",
            lemma=division_by_positive,
            of=(least * exploding, 2 * w, least),
            given=(8, 7),
        ),
    ),
    conclusion=at_most(exploding, 2 * w / least),
    parameters=(w, least),
)
