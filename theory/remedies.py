"""What the rest of the chapter builds on section 10.7: ways to keep, or to bridge, a long lag."""

from typing import Any

from sympy import Function, IndexedBase, MatrixSymbol, Sum, Symbol, ZeroMatrix
from sympy import Identity as Unit

from theory.backpropagation import D, W, h, later, n, s, t
from theory.derivation import (
    ByLemma,
    Derivation,
    Everywhere,
    Identity,
    Induction,
    Lemma,
    at_most,
    equation,
    nonzero,
)
from theory.lemmas import ROW, Instance, diagonal, monotone_product, submultiplicative, triangle
from theory.lemmas_of_norms import diagonal_norm
from theory.lemmas_of_order import sum_of_inequalities, transitivity
from theory.matrices import Jacobian, Norm, family
from theory.normal_form import orthogonal
from theory.ranges import Range
from theory.rules import Rule
from theory.vanishing import CHAIN, DIAGONAL, RISING, SLOPES, chain, so_far
from theory.well_formed import is_like

η, γ = (Symbol(name, nonnegative=True) for name in "ηγ")
slope, rows = IndexedBase("d")[t + 1, ROW], Range(ROW, 0, n - 1)

# -- an orthogonal W

LINEAR, ORTHOGONAL = "the network is linear: D_t = I", "W is orthogonal"

orthogonal_keeps_norm = Derivation(
    name="orthogonal_keeps_norm",
    assumptions={
        CHAIN: chain[CHAIN],
        LINEAR: equation(D(t + 1), Unit(n)),
        ORTHOGONAL: orthogonal(W),
    },
    steps=(
        Identity(
            equation(Jacobian(h(t + 1), h(s)), W * so_far, later),
            "nothing saturates",
            given=(CHAIN, LINEAR),
        ),
        Identity(
            equation(Jacobian(h(s), h(s)), W**0),
            "no step, the identity",
        ),
        Induction(
            equation(so_far, W ** (t - s), later),
            "one W a step",
            variable=t,
            start=s,
            base=2,
            step=1,
        ),
        Identity(
            equation(so_far.T * so_far, Unit(n), later),
            "a product of orthogonal matrices is one",
            given=(3,),
            rules=(orthogonal(W),),
        ),
    ),
    conclusion=equation(so_far.T * so_far, Unit(n), later),
    parameters=(n,),
)

# -- norms that a step cannot stretch


def _bounded_factor(a: Any, bound: Any, b: Any) -> Instance:
    return (at_most(Norm(a), bound),), at_most(Norm(a * b), bound * Norm(b))


bounded_factor = Lemma("norm of a factor", "‖A‖ ≤ a ⇒ ‖AB‖ ≤ a‖B‖", _bounded_factor)

# -- connections that skip d − 1 steps

τ, k, r = (Symbol(name, integer=True, nonnegative=True) for name in "τkr")
d, m = (Symbol(name, integer=True, positive=True) for name in "dm")
V, J = MatrixSymbol("V", n, n), family("J", n, n)


def _delayed(
    x: Any, lag: Any, before: Any, a: Any, b: Any, d: Any, bound: Any, k: Any, r: Any
) -> Instance:
    """x is a function of the lag, and 0 at −before, for every positive `before`.

    The conclusion is about every lag above kd: it is kd + 1 + r.
    """
    if not all(is_like(lag, value) for value in (0, lag + 1)) or not is_like(before, 1):
        raise ValueError("lag and before: they have to be any integers from 0 and from 1 on")

    def at(value: Any) -> Any:
        return x.subs(lag, value)

    premises = (
        Everywhere(at_most(at(lag + 1), a * at(lag) + b * at(lag + 1 - d)), lag),
        at_most(at(0), 1),
        Everywhere(equation(at(-before), 0), before),
        at_most(0, a),
        at_most(0, b),
        at_most(a + b, bound),
        at_most(bound, 1),
        at_most(1, d),
    )
    return premises, at_most(at(k * d + 1 + r), bound ** (k + 1))


delayed = Lemma(
    "delayed recursion",
    "x_0 ≤ 1, x_τ = 0 for τ < 0, x_{τ+1} ≤ ax_τ + bx_{τ+1−d}, 0 ≤ a, 0 ≤ b, a + b ≤ η ≤ 1 "
    "⇒ x_τ ≤ ηᵏ⁺¹ for all τ > kd (Halanay's inequality, in steps)",
    _delayed,
)

BOTH = "J_{τ+1} = D_{τ+1}(WJ_τ + VJ_{τ+1−d}): the chain rule along both connections"
AT_LAG_0, EARLIER = "J_0 = I", "J_τ = 0 for τ < 0: nothing acts on what was before it"
WEIGHTS, SHRINKING = "(‖W‖ + ‖V‖)γ ≤ η", "η ≤ 1"
skip_slope = IndexedBase("c")[τ + 1, ROW]
short, long = W * J(τ), V * J(τ + 1 - d)
stretched = Norm(W) * Norm(J(τ)) + Norm(V) * Norm(J(τ + 1 - d))

skip_connections = Derivation(
    name="skip_connections",
    assumptions={
        BOTH: equation(J(τ + 1), D(τ + 1) * (short + long)),
        AT_LAG_0: equation(J(0), Unit(n)),
        EARLIER: equation(J(-m), ZeroMatrix(n, n)),
        DIAGONAL: diagonal((D(τ + 1), skip_slope, ROW)),
        RISING: at_most(0, skip_slope, rows),
        SLOPES: at_most(skip_slope, γ, rows),
        WEIGHTS: at_most(γ * Norm(W) + γ * Norm(V), η),
        SHRINKING: at_most(η, 1),
    },
    steps=(
        ByLemma(
            at_most(Norm(D(τ + 1)), γ),
            "no slope exceeds γ",
            lemma=diagonal_norm,
            of=(D(τ + 1), skip_slope, γ),
            given=(DIAGONAL, RISING, SLOPES),
        ),
        ByLemma(
            at_most(Norm(D(τ + 1) * (short + long)), γ * Norm(short + long)),
            "step 1 times a norm",
            lemma=bounded_factor,
            of=(D(τ + 1), γ, short + long),
            given=(1,),
        ),
        ByLemma(
            at_most(Norm(short + long), Norm(short) + Norm(long)),
            "two ways to go",
            lemma=triangle,
            of=(short, long),
        ),
        ByLemma(
            at_most(Norm(short), Norm(W) * Norm(J(τ))),
            "the norm of a product",
            lemma=submultiplicative,
            of=(W, J(τ)),
        ),
        ByLemma(
            at_most(Norm(long), Norm(V) * Norm(J(τ + 1 - d))),
            "the norm of a product",
            lemma=submultiplicative,
            of=(V, J(τ + 1 - d)),
        ),
        ByLemma(
            at_most(Norm(short) + Norm(long), stretched),
            "steps 4 and 5",
            lemma=sum_of_inequalities,
            of=(
                Norm(short),
                Norm(W) * Norm(J(τ)),
                Norm(long),
                Norm(V) * Norm(J(τ + 1 - d)),
            ),
            given=(4, 5),
        ),
        ByLemma(
            at_most(Norm(short + long), stretched),
            "steps 3 and 6",
            lemma=transitivity,
            of=(Norm(short + long), Norm(short) + Norm(long), stretched),
            given=(3, 6),
        ),
        ByLemma(
            at_most(γ * Norm(short + long), γ * stretched),
            "γ times step 7",
            lemma=monotone_product,
            of=(γ, Norm(short + long), stretched),
            given=(7,),
        ),
        ByLemma(
            at_most(Norm(D(τ + 1) * (short + long)), γ * stretched),
            "steps 2 and 8",
            lemma=transitivity,
            of=(Norm(D(τ + 1) * (short + long)), γ * Norm(short + long), γ * stretched),
            given=(2, 8),
        ),
        Identity(
            equation(Norm(J(τ + 1)), Norm(D(τ + 1) * (short + long))), "one lag more", given=(BOTH,)
        ),
        ByLemma(
            at_most(Norm(J(τ + 1)), γ * stretched),
            "steps 10 and 9",
            lemma=transitivity,
            of=(Norm(J(τ + 1)), Norm(D(τ + 1) * (short + long)), γ * stretched),
            given=(10, 9),
        ),
        Identity(equation(Norm(J(0)), 1), "the identity", given=(AT_LAG_0,)),
        Identity(equation(Norm(J(-m)), 0), "nothing", given=(EARLIER,)),
        ByLemma(
            at_most(Norm(J(k * d + 1 + r)), η ** (k + 1)),
            "k connections reach back kd steps at most, so a longer lag takes k + 1 of them",
            lemma=delayed,
            of=(Norm(J(τ)), τ, m, γ * Norm(W), γ * Norm(V), d, η, k, r),
            given=(11, 12, 13, WEIGHTS, SHRINKING),
        ),
    ),
    conclusion=at_most(Norm(J(k * d + 1 + r)), η ** (k + 1)),
    parameters=(η, k),
)

# -- leaky units

α = Symbol("α", real=True)
state, drive = (Function(name, real=True) for name in ("h", "v"))
UPDATE, NOT_NOTHING = "h_{t+1} = αh_t + (1 − α)v_{t+1}", "α ≠ 0"
# αᵗ⁻ᵏ is left of what came in at step k, and αᵗ of where it started.
left_over = α**t * (state(0) + (1 - α) * Sum(drive(k) / α**k, (k, 1, t)))

leaky_units = Derivation(
    name="leaky_units",
    assumptions={
        UPDATE: equation(state(t + 1), α * state(t) + (1 - α) * drive(t + 1)),
        NOT_NOTHING: nonzero(α),
    },
    steps=(
        Identity(
            equation(state(0), left_over.subs(t, 0)), "nothing came in", rules=(Rule("doit"),)
        ),
        Induction(
            equation(state(t), left_over),
            "every step leaves the share α of what there was",
            variable=t,
            start=0,
            base=1,
            step=UPDATE,
            rules=(Rule("doit"), Rule("split")),
        ),
    ),
    conclusion=equation(state(t), left_over),
    parameters=(α, state, drive, t),
)

# -- echo states

e = family("e", n)
CLOSER = "e_{t+1} = D_{t+1}We_t, by the mean value theorem for every unit"
FLAT, NORM = "φ′ ≤ 1", "‖W‖ ≤ η"
apart, apart_next = Norm(e(t)), Norm(e(t + 1))

echo_state = Derivation(
    name="echo_state",
    assumptions={
        CLOSER: equation(e(t + 1), D(t + 1) * (W * e(t))),
        DIAGONAL: diagonal((D(t + 1), slope, ROW)),
        RISING: at_most(0, slope, rows),
        FLAT: at_most(slope, 1, rows),
        NORM: at_most(Norm(W), η),
    },
    steps=(
        ByLemma(
            at_most(Norm(D(t + 1)), 1),
            "no slope exceeds one",
            lemma=diagonal_norm,
            of=(D(t + 1), slope, 1),
            given=(DIAGONAL, RISING, FLAT),
        ),
        ByLemma(
            at_most(Norm(D(t + 1) * (W * e(t))), Norm(W * e(t))),
            "so the activation brings nothing apart",
            lemma=bounded_factor,
            of=(D(t + 1), 1, W * e(t)),
            given=(1,),
        ),
        ByLemma(
            at_most(Norm(W * e(t)), η * apart),
            "and W brings it closer",
            lemma=bounded_factor,
            of=(W, η, e(t)),
            given=(NORM,),
        ),
        Identity(
            equation(apart_next, Norm(D(t + 1) * (W * e(t)))), "the same inputs", given=(CLOSER,)
        ),
        ByLemma(
            at_most(apart_next, Norm(W * e(t))),
            "steps 4 and 2",
            lemma=transitivity,
            of=(apart_next, Norm(D(t + 1) * (W * e(t))), Norm(W * e(t))),
            given=(4, 2),
        ),
        ByLemma(
            at_most(apart_next, η * apart),
            "steps 5 and 3",
            lemma=transitivity,
            of=(apart_next, Norm(W * e(t)), η * apart),
            given=(5, 3),
        ),
        Identity(equation(Norm(e(0)), Norm(e(0))), "how far apart the runs start"),
        Induction(
            at_most(apart, η**t * Norm(e(0))),
            "one factor η a step",
            variable=t,
            start=0,
            base=7,
            step=6,
        ),
    ),
    conclusion=at_most(apart, η**t * Norm(e(0))),
    parameters=(η, t),
)

apart_at_first = Symbol("r", nonnegative=True)
approached = echo_state.conclusion.right.xreplace({Norm(e(0)): apart_at_first})
