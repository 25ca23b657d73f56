"""The gradient of a neuron that keeps a bit: how fast it vanishes, and where it doesn't.

The neuron is that of `theory.latch`, and G_t = |∂a_t/∂a_0| is the product of its slopes, which are
positive.
"""

from sympy import Function, Integral, Lambda, Symbol, tanh

from theory.derivation import (
    ByLemma,
    Derivation,
    Hypothesis,
    Identity,
    Induction,
    at_most,
    equation,
)
from theory.latch import RUN, a, h, run, sequence, slope, t, w
from theory.lemmas import monotone_product
from theory.lemmas_of_calculus import (
    derivative_of,
    falling_slope,
    fundamental_theorem,
    increasing_tanh,
    length_where,
    markov,
    range_of_tanh,
)
from theory.lemmas_of_order import positive_division, sum_of_inequalities, transitivity

G = sequence("G", nonnegative=True)

START, PRODUCT = "G_0 = 1", "G_{t+1} = w tanh′ a_t · G_t"
gradient = {START: equation(G(0), 1), PRODUCT: equation(G(t + 1), slope(a(t)) * G(t))}

# -- |h_t| ≤ H < h*: exponentially

WITHIN, BEYOND, RESTING = (
    "|h_t| ≤ H",
    "the state starts beyond the rest point",
    "r ≤ 0 is at rest under the constant H",
)
r, H = Symbol("r", nonpositive=True), Symbol("H", nonnegative=True)
λ, SLOPE = Symbol("λ", nonnegative=True), "λ is the slope at r"
moved, moved_at_most = w * tanh(a(t)) + h(t + 1), w * tanh(r) + H

robustness_rate_tradeoff = Derivation(
    name="robustness_rate_tradeoff",
    assumptions={
        RUN: run,
        WITHIN: at_most(h(t + 1), H),
        RESTING: equation(H, r - w * tanh(r)),
        BEYOND: at_most(a(0), r),
        SLOPE: equation(λ, slope(r)),
        **gradient,
    },
    steps=(
        Hypothesis(at_most(a(t), r), "up to t the inputs have not moved the state past r"),
        ByLemma(
            at_most(tanh(a(t)), tanh(r)),
            "tanh increases",
            lemma=increasing_tanh,
            of=(a(t), r),
            given=(1,),
        ),
        ByLemma(
            at_most(w * tanh(a(t)), w * tanh(r)),
            "times w",
            lemma=monotone_product,
            of=(w, tanh(a(t)), tanh(r)),
            given=(2,),
        ),
        ByLemma(
            at_most(moved, moved_at_most),
            "no input does more than the constant H",
            lemma=sum_of_inequalities,
            of=(w * tanh(a(t)), w * tanh(r), h(t + 1), H),
            given=(3, WITHIN),
        ),
        Identity(equation(moved_at_most, r), "under which r is at rest", given=(RESTING,)),
        ByLemma(
            at_most(moved, r),
            "steps 4 and 5",
            lemma=transitivity,
            of=(moved, moved_at_most, r),
            given=(4, 5),
        ),
        ByLemma(
            at_most(a(t + 1), r),
            "that is where the run goes",
            lemma=transitivity,
            of=(a(t + 1), moved, r),
            given=(RUN, 6),
        ),
        Induction(
            at_most(a(t), r),
            "so the state stays beyond r",
            variable=t,
            start=0,
            base=BEYOND,
            step=7,
        ),
        ByLemma(
            at_most(1 - tanh(a(t)) ** 2, 1 - tanh(r) ** 2),
            "farther from zero tanh is flatter",
            lemma=falling_slope,
            of=(a(t), r),
            given=(8,),
        ),
        ByLemma(
            at_most(slope(a(t)), slope(r)),
            "so no slope exceeds that at r",
            lemma=monotone_product,
            of=(w, 1 - tanh(a(t)) ** 2, 1 - tanh(r) ** 2),
            given=(9,),
        ),
        ByLemma(
            at_most(slope(a(t)), λ),
            "which is λ",
            lemma=transitivity,
            of=(slope(a(t)), slope(r), λ),
            given=(10, SLOPE),
        ),
        ByLemma(
            at_most(G(t) * slope(a(t)), G(t) * λ),
            "one step more",
            lemma=monotone_product,
            of=(G(t), slope(a(t)), λ),
            given=(11,),
        ),
        ByLemma(
            at_most(G(t + 1), λ * G(t)),
            "put it into the product",
            lemma=transitivity,
            of=(G(t + 1), G(t) * slope(a(t)), λ * G(t)),
            given=(PRODUCT, 12),
        ),
        Induction(
            at_most(G(t), λ**t),
            "one factor a step",
            variable=t,
            start=0,
            base=START,
            step=13,
        ),
        Identity(equation(λ**t, slope(r) ** t), "the slope at r", given=(SLOPE,)),
    ),
    conclusion=at_most(G(t), slope(r) ** t),
    parameters=(w, r, t),
)

# -- inputs that only keep the state beyond the edge: not at all

d = Symbol("d", integer=True, positive=True)
steered = d * (t + d + 1) / ((d + 1) * (t + d))
STEERED = "the inputs keep the slope at 1 − 1/(t + d + 1)²"

steered_gradient = Derivation(
    name="steered_gradient",
    assumptions={
        START: gradient[START],
        STEERED: equation(G(t + 1), (1 - 1 / (t + d + 1) ** 2) * G(t)),
    },
    steps=(
        Induction(
            equation(G(t), steered),
            "1 − 1/k² = (k − 1)/k · (k + 1)/k: the product telescopes",
            variable=t,
            start=0,
            base=START,
            step=STEERED,
        ),
    ),
    conclusion=equation(G(t), steered),
    parameters=(d, t),
)

# -- on the boundary of two basins: it explodes

push, middle = Symbol("H", real=True), Symbol("m", real=True)
CONSTANT, MIDDLE, ON = (
    "a_{t+1} = w tanh a_t + H",
    "m is at rest under it",
    "the state starts on the boundary",
)

basin_boundary = Derivation(
    name="basin_boundary",
    assumptions={
        CONSTANT: equation(a(t + 1), w * tanh(a(t)) + push),
        MIDDLE: equation(push, middle - w * tanh(middle)),
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
        Identity(equation(G(t + 1), slope(middle) * G(t)), "put step 1 in", given=(PRODUCT, 1)),
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

z, A = Symbol("z", real=True), Symbol("A", real=True)
width, least = Symbol("ℓ", nonnegative=True), Symbol("g", positive=True)
before, steepness = Function("a_t", real=True), Function("G_{t+1}", nonnegative=True)
final = Lambda(z, w * tanh(before(z)) + h(t + 1))
total = final(A + width) - final(A)
integral = Integral(steepness(z), (z, A, A + width))
exploding = length_where(steepness(z), least, z, A, A + width)
GRADIENT = "a_{t+1} has the gradient G_{t+1} ≥ 0 with respect to the start z of the run"

rare_explosion = Derivation(
    name="rare_explosion",
    assumptions={GRADIENT: derivative_of(final, Lambda(z, steepness(z)))},
    steps=(
        ByLemma(
            at_most(least * exploding, integral),
            "the gradient is at least g on that part of the starts",
            lemma=markov,
            of=(steepness(z), least, z, A, A + width),
        ),
        ByLemma(
            equation(integral, total),
            "all gradients together are what separates the two outermost runs",
            lemma=fundamental_theorem,
            of=(final, Lambda(z, steepness(z)), z, A, A + width),
            given=(GRADIENT,),
        ),
        ByLemma(
            at_most(tanh(before(A + width)) - tanh(before(A)), 2),
            "and the range of tanh limits that",
            lemma=range_of_tanh,
            of=(before(A + width), before(A)),
        ),
        ByLemma(
            at_most(total, 2 * w),
            "times w",
            lemma=monotone_product,
            of=(w, tanh(before(A + width)) - tanh(before(A)), 2),
            given=(3,),
        ),
        ByLemma(
            at_most(integral, 2 * w),
            "steps 2 and 4",
            lemma=transitivity,
            of=(integral, total, 2 * w),
            given=(2, 4),
        ),
        ByLemma(
            at_most(least * exploding, 2 * w),
            "steps 1 and 5",
            lemma=transitivity,
            of=(least * exploding, integral, 2 * w),
            given=(1, 5),
        ),
        ByLemma(
            at_most(exploding, 2 * w / least),
            "divide by g",
            lemma=positive_division,
            of=(least * exploding, 2 * w, least),
            given=(6,),
        ),
    ),
    conclusion=at_most(exploding, 2 * w / least),
    parameters=(w, least),
)
