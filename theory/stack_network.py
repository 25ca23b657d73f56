"""A stack of bits in one bounded unit: what pushing and popping do to its code and its gradient.

The code of b_n … b_1, with b_n on top, is q_n = Σ (2b_i + 1)·4^{i−n−1}: digits 1 and 3, base four.
"""

from collections.abc import Sequence
from typing import Any

from sympy import Function, IndexedBase, MatrixSymbol, Rational, Sum, Symbol

from theory.derivation import (
    ByLemma,
    Derivation,
    Identity,
    Induction,
    Relation,
    Step,
    at_most,
    equation,
)
from theory.lemmas_of_functions import bit, clamp, clamp_of_affine, either_bit
from theory.matrices import Jacobian, family
from theory.ranges import Range
from theory.rules import Rule

n = Symbol("n", integer=True, nonnegative=True)
i = Symbol("i", integer=True, positive=True)
r, β = Symbol("r", real=True), Symbol("β", real=True)
q, b = IndexedBase("q"), IndexedBase("b")
quarter = Rational(1, 4)


def pushed(bit_value: Any, code: Any) -> Any:
    """The code with a bit on top of it."""
    return quarter * code + quarter * (2 * bit_value + 1)


def popped(code: Any) -> Any:
    """What the three units that pop leave: 4q − 1 if the top is 0, 4q − 3 if it is 1."""
    return clamp(4 * code - 1) - clamp(4 * code - 2) + clamp(4 * code - 3)


def settled(expression: Any, value: Any, why: str) -> ByLemma:
    """A clamp that stays in one piece while 0 ≤ r ≤ 1."""
    return ByLemma(
        equation(clamp(expression), value),
        why,
        lemma=clamp_of_affine,
        of=(r, expression),
        given=("0 ≤ r", "r ≤ 1"),
    )


top_0, top_1 = pushed(0, r).expand(), pushed(1, r).expand()
scaled = Sum((2 * b[i] + 1) * 4 ** (i - 1), (i, 1, n))

stack_network = Derivation(
    name="stack_network",
    assumptions={
        "0 ≤ r": at_most(0, r),
        "r ≤ 1": at_most(r, 1),
        "β is a bit": bit(β),
        "the stack is empty at first": equation(q[0], 0),
        "b_{n+1} is pushed": equation(q[n + 1], pushed(b[n + 1], q[n])),
    },
    steps=(
        settled(top_0, top_0, "a unit holds the code r with 0 on top"),
        settled(top_1, top_1, "and with 1 on top"),
        settled(4 * top_0, 1, "the stack is seen not to be empty"),
        settled(4 * top_1, 1, "here too"),
        settled((4 * top_0 - 1).expand(), r, "popping 0: the first unit"),
        settled((4 * top_0 - 2).expand(), 0, "the second, which reads the top: 0"),
        settled((4 * top_0 - 3).expand(), 0, "the third"),
        settled((4 * top_1 - 1).expand(), 1, "popping 1: the first unit"),
        settled((4 * top_1 - 2).expand(), 1, "the second, which reads the top: 1"),
        settled((4 * top_1 - 3).expand(), r, "the third"),
        Identity(equation(popped(pushed(0, r)), r), "steps 5 to 7", given=(5, 6, 7)),
        Identity(equation(popped(pushed(1, r)), r), "steps 8 to 10", given=(8, 9, 10)),
        ByLemma(
            equation(popped(pushed(β, r)), r),
            "so popping undoes pushing",
            lemma=either_bit,
            of=(β, popped(pushed(β, r)), r),
            given=("β is a bit", 11, 12),
        ),
        Identity(
            equation(4**0 * q[0], Sum((2 * b[i] + 1) * 4 ** (i - 1), (i, 1, 0))),
            "no digits",
            given=("the stack is empty at first",),
            rules=(Rule("doit"),),
        ),
        Identity(
            equation(4 ** (n + 1) * q[n + 1], 4**n * q[n] + (2 * b[n + 1] + 1) * 4**n),
            "each push divides what is below by four",
            given=("b_{n+1} is pushed",),
        ),
        Induction(
            equation(4**n * q[n], scaled),
            "digit after digit",
            variable=n,
            start=0,
            base=14,
            step=15,
            rules=(Rule("split"),),
        ),
    ),
    conclusion=equation(4**n * q[n], scaled),
    parameters=(b, n),
)

# The net is h_{t+1} = clamp(dcᵀh_t + …) with q = cᵀh; depth n_t, slopes of the units in D_t.
N = Symbol("N", integer=True, positive=True)
s, t = (Symbol(name, integer=True, nonnegative=True) for name in "st")
c, d = MatrixSymbol("c", N, 1), MatrixSymbol("d", N, 1)
h, D = family("h", N), family("D", N, N)
depth = IndexedBase("n")
later = Range(t, s)


def gain(start: Any, end: Any) -> Any:
    return quarter ** (depth[end] - depth[start])


CHAIN, UNITS = (
    "∂h_{t+1}/∂h_s = D_{t+1}dcᵀ·∂h_t/∂h_s",
    "push: cᵀDd = 1/4, pop: cᵀDd = 4, hold: cᵀDd = 1",
)

stack_gradient = Derivation(
    name="stack_gradient",
    assumptions={
        CHAIN: equation(Jacobian(h(t + 1), h(s)), D(t + 1) * d * c.T * Jacobian(h(t), h(s)), later),
        UNITS: equation(c.T * D(t + 1) * d * c.T, gain(t, t + 1) * c.T),
    },
    steps=(
        Identity(
            equation(
                c.T * Jacobian(h(t + 1), h(s)),
                c.T * D(t + 1) * d * c.T * Jacobian(h(t), h(s)),
                later,
            ),
            "q is cᵀh",
            given=(CHAIN,),
        ),
        Identity(
            equation(
                c.T * Jacobian(h(t + 1), h(s)), gain(t, t + 1) * c.T * Jacobian(h(t), h(s)), later
            ),
            "one unit is unsaturated, or two cancel",
            given=(1, UNITS),
        ),
        Identity(equation(c.T * Jacobian(h(s), h(s)), gain(s, s) * c.T), "no step taken"),
        Induction(
            equation(c.T * Jacobian(h(t), h(s)), gain(s, t) * c.T, later),
            "depths telescope",
            variable=t,
            start=s,
            base=3,
            step=2,
        ),
    ),
    conclusion=equation(c.T * Jacobian(h(t), h(s)), gain(s, t) * c.T, later),
    parameters=(depth, s, t, c),
)

# A stack that is off by e_k has another rest: popping multiplies the distance of two rests by four.
k = Symbol("k", integer=True, nonnegative=True)
e, ε = IndexedBase("e"), Symbol("ε", real=True)
bits, rests, wrong_rests = IndexedBase("β"), IndexedBase("r"), IndexedBase("z")
WRONG, RIGHT = ("0 ≤ z_k", "z_k ≤ 1"), ("0 ≤ r_k", "r_k ≤ 1")
POP, POP_WRONG = "pop q is the sum of three units", "also where the rest is z_k"


pop = Function("pop")


def definition(rest: Any) -> Relation:
    """What pop does to a stack whose rest is given."""
    stack = pushed(bits[k], rest)
    return equation(pop(stack), popped(stack))


def popping(rest: Any, given: tuple[str, str], name: str, first: int) -> Sequence[Step]:
    """Ten steps, numbered from `first`: popping either bit leaves the rest."""
    steps: list[Step] = []
    for value in (0, 1):
        top = pushed(value, rest).expand()
        for piece in (1, 2, 3):
            clamped = (4 * top - piece).expand()
            result = clamp_of_affine.instance(rest, clamped)[1]
            why = f"popping {value}: unit {piece}"
            steps.append(
                ByLemma(result, why, lemma=clamp_of_affine, of=(rest, clamped), given=given)
            )
    for value in (0, 1):
        numbers = tuple(range(first + 3 * value, first + 3 * value + 3))
        left = popped(pushed(value, rest))
        steps.append(Identity(equation(left, rest), f"popping {value}", given=numbers))
    whole = popped(pushed(bits[k], rest))
    steps.append(
        ByLemma(
            equation(whole, rest),
            "popping leaves the rest",
            lemma=either_bit,
            of=(bits[k], whole, rest),
            given=("β_k is a bit", first + 6, first + 7),
        )
    )
    popped_stack = equation(pop(pushed(bits[k], rest)), rest)
    steps.append(Identity(popped_stack, "by its definition", given=(name, first + 8)))
    return steps


stack_noise = Derivation(
    name="stack_noise",
    assumptions={
        RIGHT[0]: at_most(0, rests[k]),
        RIGHT[1]: at_most(rests[k], 1),
        WRONG[0]: at_most(0, wrong_rests[k]),
        WRONG[1]: at_most(wrong_rests[k], 1),
        "β_k is a bit": bit(bits[k]),
        POP: definition(rests[k]),
        POP_WRONG: definition(wrong_rests[k]),
        "before pop k + 1 the error is e_k": equation(
            e[k], pushed(bits[k], wrong_rests[k]) - pushed(bits[k], rests[k])
        ),
        "after it the error is e_{k+1}": equation(
            e[k + 1], pop(pushed(bits[k], wrong_rests[k])) - pop(pushed(bits[k], rests[k]))
        ),
        "e_0 = ε": equation(e[0], ε),
    },
    steps=(
        *popping(rests[k], RIGHT, POP, 1),
        *popping(wrong_rests[k], WRONG, POP_WRONG, 11),
        Identity(
            equation(e[k + 1], 4 * e[k]),
            "both leave their rests, which are four times as far apart as the codes",
            given=("after it the error is e_{k+1}", 10, 20, "before pop k + 1 the error is e_k"),
        ),
        Identity(equation(e[0], 4**0 * ε), "at first", given=("e_0 = ε",)),
        Induction(equation(e[k], 4**k * ε), "four a pop", variable=k, start=0, base=22, step=21),
    ),
    conclusion=equation(e[k], 4**k * ε),
    parameters=(ε, k),
)
