"""Keeping a bit against noise: contraction around an attractor, and what it does to the gradient.

Bengio, Simard & Frasconi (1994), theorems 1 to 4, for any differentiable map M of n units; the norm
is any one norm of columns, and for matrices the one that it induces: submultiplicative, ‖I‖ = 1.
"""

from sympy import MatrixSymbol, Symbol

from theory.derivation import (
    ByLemma,
    Derivation,
    Hypothesis,
    Identity,
    Induction,
    at_most,
    equation,
    fixed,
    less,
)
from theory.lemmas import chain_rule, monotone_product, submultiplicative, triangle
from theory.lemmas_of_calculus import (
    M,
    ball,
    belongs,
    convex,
    linearisation,
    lipschitz_slopes,
    mean_value,
    mean_value_in_ball,
    slopes_at_most,
)
from theory.lemmas_of_order import cancellation, sum_of_inequalities, transitivity
from theory.matrices import Jacobian, Norm, family

n = Symbol("n", integer=True, positive=True)
t = Symbol("t", integer=True, nonnegative=True)
λ, d, L = (Symbol(name, nonnegative=True) for name in ("λ", "d", "L"))
C = Symbol("C")
a, b, u = (family(name, n) for name in ("a", "b", "u"))

RUN, INPUTS = "a_{t+1} = M(a_t) + u_{t+1}", "the inputs do not depend on the states"
run = equation(a(t + 1), M(a(t)) + u(t + 1))

# -- theorem 4

one_step, so_far, further = (
    Jacobian(a(last), a(first)) for last, first in ((t + 1, t), (t, 0), (t + 1, 0))
)

latching_vanishes = Derivation(
    name="latching_vanishes",
    assumptions={
        RUN: run,
        INPUTS: fixed(u(t + 1)),
        "‖M′(a_t)‖ ≤ λ at every state": at_most(Norm(one_step), λ),
    },
    steps=(
        ByLemma(
            equation(further, one_step * so_far),
            "a_{t+1} reads the past through a_t alone",
            lemma=chain_rule,
            of=(a(t + 1), M(a(t)) + u(t + 1), a(t), a(0)),
            given=(RUN, INPUTS),
        ),
        Identity(equation(Norm(further), Norm(one_step * so_far)), "step 1", given=(1,)),
        ByLemma(
            at_most(Norm(one_step * so_far), Norm(one_step) * Norm(so_far)),
            "one norm throughout: this fails for eigenvalues, and from one norm to another",
            lemma=submultiplicative,
            of=(one_step, so_far),
        ),
        ByLemma(
            at_most(Norm(so_far) * Norm(one_step), Norm(so_far) * λ),
            "the bound on one step",
            lemma=monotone_product,
            of=(Norm(so_far), Norm(one_step), λ),
            given=("‖M′(a_t)‖ ≤ λ at every state",),
        ),
        ByLemma(
            at_most(Norm(further), Norm(one_step) * Norm(so_far)),
            "steps 2 and 3",
            lemma=transitivity,
            of=(Norm(further), Norm(one_step * so_far), Norm(one_step) * Norm(so_far)),
            given=(2, 3),
        ),
        ByLemma(
            at_most(Norm(further), λ * Norm(so_far)),
            "steps 5 and 4",
            lemma=transitivity,
            of=(Norm(further), Norm(one_step) * Norm(so_far), λ * Norm(so_far)),
            given=(5, 4),
        ),
        Identity(equation(Norm(Jacobian(a(0), a(0))), 1), "no step, the identity"),
        Induction(
            at_most(Norm(so_far), λ**t),
            "one factor λ a step",
            variable=t,
            start=0,
            base=7,
            step=6,
        ),
    ),
    conclusion=at_most(Norm(so_far), λ**t),
    parameters=(λ, t),
)

# -- theorem 2

OTHER_RUN = "b_{t+1} = M(b_t) + u_{t+1}"
apart, images_apart = Norm(a(t) - b(t)), Norm(M(a(t)) - M(b(t)))
apart_next = Norm(a(t + 1) - b(t + 1))

contraction = Derivation(
    name="contraction",
    assumptions={
        RUN: run,
        OTHER_RUN: equation(b(t + 1), M(b(t)) + u(t + 1)),
        "the set is convex": convex(C),
        "‖M′‖ ≤ λ on the set": slopes_at_most(C, λ),
        "both runs stay in the set": belongs(a(t), C),
        "the second one too": belongs(b(t), C),
    },
    steps=(
        Identity(
            equation(apart_next, images_apart),
            "the inputs are the same and cancel",
            given=(RUN, OTHER_RUN),
        ),
        ByLemma(
            at_most(images_apart, λ * apart),
            "the segment between the two states lies in the set",
            lemma=mean_value,
            of=(a(t), b(t), C, λ),
            given=(
                "the set is convex",
                "‖M′‖ ≤ λ on the set",
                "both runs stay in the set",
                "the second one too",
            ),
        ),
        ByLemma(
            at_most(apart_next, λ * apart),
            "steps 1 and 2",
            lemma=transitivity,
            of=(apart_next, images_apart, λ * apart),
            given=(1, 2),
        ),
        Identity(equation(Norm(a(0) - b(0)), Norm(a(0) - b(0))), "where the runs start"),
        Induction(
            at_most(apart, λ**t * Norm(a(0) - b(0))),
            "one factor λ a step",
            variable=t,
            start=0,
            base=4,
            step=3,
        ),
    ),
    conclusion=at_most(apart, λ**t * Norm(a(0) - b(0))),
    parameters=(λ, t, a(t), b(t)),
)

apart_at_first = Symbol("r", nonnegative=True)
contracted = contraction.conclusion.right.xreplace({Norm(a(0) - b(0)): apart_at_first})

# -- theorem 1

x, δ = (MatrixSymbol(name, n, 1) for name in ("x", "δ"))
linear = Jacobian(M(x), x) * δ
moved = M(x + δ) - M(x)
bend = L / 2 * Norm(δ) ** 2
STRETCH = "‖M′(x)δ‖ > ‖δ‖ + L‖δ‖²/2"

expansion_somewhere = Derivation(
    name="expansion_somewhere",
    assumptions={
        "M′ has the Lipschitz constant L": lipschitz_slopes(L),
        STRETCH: less(Norm(δ) + bend, Norm(linear)),
    },
    steps=(
        ByLemma(
            at_most(Norm(linear - moved), bend),
            "M bends away from its tangent by no more",
            lemma=linearisation,
            of=(x, δ, L),
            given=("M′ has the Lipschitz constant L",),
        ),
        Identity(equation(Norm(moved), Norm(moved)), "how far apart M takes x and x + δ"),
        ByLemma(
            at_most(Norm(moved) + Norm(linear - moved), Norm(moved) + bend),
            "add steps 1 and 2",
            lemma=sum_of_inequalities,
            of=(Norm(moved), Norm(moved), Norm(linear - moved), bend),
            given=(2, 1),
        ),
        ByLemma(
            at_most(Norm(linear), Norm(moved) + Norm(linear - moved)),
            "M′(x)δ is the one plus the other",
            lemma=triangle,
            of=(moved, linear - moved),
        ),
        ByLemma(
            at_most(Norm(linear), Norm(moved) + bend),
            "steps 4 and 3",
            lemma=transitivity,
            of=(Norm(linear), Norm(moved) + Norm(linear - moved), Norm(moved) + bend),
            given=(4, 3),
        ),
        ByLemma(
            less(Norm(δ), Norm(moved)),
            "what the slope stretches by exceeds what the bend can take back",
            lemma=cancellation,
            of=(Norm(δ), Norm(linear), bend, Norm(moved)),
            given=(STRETCH, 5),
        ),
    ),
    conclusion=less(Norm(δ), Norm(moved)),
)

# -- theorem 3

c = family("c", n)
QUIET, SLOPES, NOISE = (
    "c_{t+1} = M(c_t)",
    "‖M′‖ ≤ λ within d of the quiet run",
    "‖u_t‖ ≤ (1 − λ)d",
)
off, off_next = Norm(a(t) - c(t)), Norm(a(t + 1) - c(t + 1))
images_off = Norm(M(a(t)) - M(c(t)))

noise_tolerance = Derivation(
    name="noise_tolerance",
    assumptions={
        RUN: run,
        QUIET: equation(c(t + 1), M(c(t))),
        "both runs start together": equation(a(0), c(0)),
        SLOPES: slopes_at_most(ball(c(t), d), λ),
        NOISE: at_most(Norm(u(t + 1)), (1 - λ) * d),
        "0 ≤ d": at_most(0, d),
    },
    steps=(
        Hypothesis(at_most(off, d), "up to t the noise has not driven the run out"),
        ByLemma(
            at_most(images_off, λ * off),
            "so the slope bound holds between the two states",
            lemma=mean_value_in_ball,
            of=(a(t), c(t), d, λ),
            given=(SLOPES, 1),
        ),
        Identity(
            equation(off_next, Norm((M(a(t)) - M(c(t))) + u(t + 1))),
            "subtract the runs",
            given=(RUN, QUIET),
        ),
        ByLemma(
            at_most(Norm((M(a(t)) - M(c(t))) + u(t + 1)), images_off + Norm(u(t + 1))),
            "what is left of the old deviation, and the new noise",
            lemma=triangle,
            of=(M(a(t)) - M(c(t)), u(t + 1)),
        ),
        ByLemma(
            at_most(images_off + Norm(u(t + 1)), λ * off + (1 - λ) * d),
            "step 2 and the bound on the noise",
            lemma=sum_of_inequalities,
            of=(images_off, λ * off, Norm(u(t + 1)), (1 - λ) * d),
            given=(2, NOISE),
        ),
        ByLemma(
            at_most(off_next, images_off + Norm(u(t + 1))),
            "steps 3 and 4",
            lemma=transitivity,
            of=(off_next, Norm((M(a(t)) - M(c(t))) + u(t + 1)), images_off + Norm(u(t + 1))),
            given=(3, 4),
        ),
        ByLemma(
            at_most(off_next, λ * off + (1 - λ) * d),
            "steps 6 and 5",
            lemma=transitivity,
            of=(off_next, images_off + Norm(u(t + 1)), λ * off + (1 - λ) * d),
            given=(6, 5),
        ),
        Identity(
            equation(Norm(a(0) - c(0)), 0),
            "they start together",
            given=("both runs start together",),
        ),
        ByLemma(
            at_most(Norm(a(0) - c(0)), d),
            "and 0 ≤ d",
            lemma=transitivity,
            of=(Norm(a(0) - c(0)), 0, d),
            given=(8, "0 ≤ d"),
        ),
        Induction(
            at_most(off, d),
            "λd + (1 − λ)d = d: the noise never gains on the contraction",
            variable=t,
            start=0,
            base=9,
            step=7,
        ),
    ),
    conclusion=at_most(off, d),
    parameters=(d,),
)
