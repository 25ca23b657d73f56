"""Memory without an attractor: what an orthogonal W keeps, and what adds up in it.

e_t is how far noise has driven the state from where it would be without, a_t; E e_te_tᵀ are its
second moments.
"""

from typing import Any

from sympy import Identity as Unit
from sympy import IndexedBase, MatMul, MatrixSymbol, Symbol, ZeroMatrix

from theory.derivation import (
    ByLemma,
    Derivation,
    Fact,
    Identity,
    Induction,
    Lemma,
    equation,
    fixed,
)
from theory.lemmas import (
    COLUMN,
    ROW,
    Instance,
    by_entries,
    chain_rule,
    entries_of,
    partial_derivative,
)
from theory.matrices import Jacobian, MapOf, family
from theory.normal_form import Rule, orthogonal

n = Symbol("n", integer=True, positive=True)
t = Symbol("t", integer=True, nonnegative=True)
v = Symbol("v", nonnegative=True)
W = MatrixSymbol("W", n, n)
a, e, u = (family(name, n) for name in ("a", "e", "u"))


def moments(column: Any) -> Any:
    """The second moments E xxᵀ of a random column x."""
    return MapOf("E", column * column.T)


def _second_moments(after: Any, matrix: Any, before: Any, noise: Any) -> Instance:
    """after = matrix·before + noise, members of families with the indices t + 1, t and t + 1."""
    if not after.index == noise.index == before.index + 1 or after.name != before.name:
        raise ValueError("the states and the noise have to be those of successive steps")
    start = before.func(before.name, *before.shape, 0)
    premises = (
        equation(start, ZeroMatrix(*start.shape)),
        equation(after, matrix * before + noise),
        fixed(matrix),
        uncorrelated(noise.name),
        centred(noise.name),
    )
    moved = MatMul(matrix, moments(before), matrix.T)
    return premises, equation(moments(after), moved + moments(noise))


def _no_moments(column: Any) -> Instance:
    rows = column.shape[0]
    return (equation(column, ZeroMatrix(rows, 1)),), equation(
        moments(column), ZeroMatrix(rows, rows)
    )


no_moments = Lemma("moments of zero", "x = 0 ⇒ E xxᵀ = 0", _no_moments)


def uncorrelated(name: str) -> Fact:
    """The fact that the members of a family of random columns are uncorrelated."""
    return Fact("uncorrelated", (name,))


def centred(name: str) -> Fact:
    """The fact that the members of a family of random columns have mean zero."""
    return Fact("of mean zero", (name,))


second_moments = Lemma(
    "second moments",
    "u_1, u_2, … uncorrelated and of mean zero, e_0 = 0, e_{t+1} = We_t + u_{t+1} "
    "⇒ E e_{t+1}e_{t+1}ᵀ = W·E e_te_tᵀ·Wᵀ + E u_{t+1}u_{t+1}ᵀ",
    _second_moments,
)

RUN, FIXED = "a_{t+1} = Wa_t + u_{t+1}", "W and the inputs do not depend on the states"
ERROR, START = "e_{t+1} = We_t + u_{t+1}", "e_0 = 0"
ORTHOGONAL, UNCORRELATED = "W is orthogonal", "the noise of different steps is uncorrelated"
CENTRED, VARIANCE = "the noise has mean zero", "E u_tu_tᵀ = vI"

update = W * a(t) + u(t + 1)
one_entry = partial_derivative(update, a(t))
kept = Jacobian(a(t), a(0))

memory_kinds = Derivation(
    name="memory_kinds",
    assumptions={
        RUN: equation(a(t + 1), update),
        FIXED: fixed(W, u(t + 1)),
        ERROR: equation(e(t + 1), W * e(t) + u(t + 1)),
        START: equation(e(0), ZeroMatrix(n, 1)),
        ORTHOGONAL: orthogonal(W),
        UNCORRELATED: uncorrelated("u"),
        CENTRED: centred("u"),
        VARIANCE: equation(moments(u(t + 1)), v * Unit(n)),
    },
    steps=(
        Identity(
            equation(one_entry, IndexedBase("W")[ROW, COLUMN], *entries_of(a(t + 1), a(t))),
            "differentiate unit i by unit j",
            rules=(Rule("differentiate"), Rule("kronecker")),
        ),
        ByLemma(
            equation(Jacobian(a(t + 1), a(t)), W),
            "so one step has the Jacobian W",
            lemma=by_entries,
            of=(a(t + 1), update, a(t), W, []),
            given=(RUN, FIXED, 1),
        ),
        ByLemma(
            equation(Jacobian(a(t + 1), a(0)), Jacobian(a(t + 1), a(t)) * kept),
            "a_{t+1} reads the past through a_t alone",
            lemma=chain_rule,
            of=(a(t + 1), update, a(t), a(0)),
            given=(RUN, FIXED),
        ),
        Identity(
            equation(Jacobian(a(t + 1), a(0)), W * kept), "put step 2 into step 3", given=(3, 2)
        ),
        Identity(equation(Jacobian(a(0), a(0)), W**0), "no step, the identity"),
        Induction(equation(kept, W**t), "one W a step", variable=t, start=0, base=5, step=4),
        Identity(
            equation(kept.T * kept, Unit(n)),
            "an orthogonal Jacobian: every direction keeps its length",
            given=(6,),
            rules=(orthogonal(W),),
        ),
        ByLemma(
            equation(moments(e(t + 1)), W * moments(e(t)) * W.T + moments(u(t + 1))),
            "the old error is turned, the new noise is added, and they are uncorrelated",
            lemma=second_moments,
            of=(e(t + 1), W, e(t), u(t + 1)),
            given=(START, ERROR, FIXED, UNCORRELATED, CENTRED),
        ),
        Identity(
            equation(moments(e(t + 1)), W * moments(e(t)) * W.T + v * Unit(n)),
            "the noise's variance",
            given=(8, VARIANCE),
        ),
        ByLemma(
            equation(moments(e(0)), ZeroMatrix(n, n)),
            "no noise yet",
            lemma=no_moments,
            of=(e(0),),
            given=(START,),
        ),
        Induction(
            equation(moments(e(t)), t * v * Unit(n)),
            "W turns vI into WvIWᵀ = vI: variances add up, and nothing takes them away",
            variable=t,
            start=0,
            base=10,
            step=9,
            rules=(orthogonal(W),),
        ),
    ),
    conclusion=equation(moments(e(t)), t * v * Unit(n)),
    parameters=(n, t, v),
)
