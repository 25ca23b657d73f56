"""The gradient of a recurrent net through time: a product of Jacobians, and a sum over steps."""

from typing import Any

from sympy import IndexedBase, KroneckerDelta, MatrixSymbol, Symbol

from theory.derivation import ByLemma, Derivation, Identity, Induction, equation
from theory.entries import entry
from theory.lemmas import (
    COLUMN,
    ROW,
    WEIGHT_ROW,
    all_that_the_cost_reads,
    by_entries,
    chain_rule,
    partial_derivative,
    reverse_chain_rule,
    shared_weight,
    weight_derivative,
)
from theory.matrices import Elementwise, Gradient, Jacobian, MatrixSum, OrderedProduct, family
from theory.normal_form import Rule, symmetric

n = Symbol("n", integer=True, positive=True)
s, t, k = (Symbol(name, integer=True, nonnegative=True) for name in ("s", "t", "k"))
W = MatrixSymbol("W", n, n)
h, u, D = family("h", n), family("u", n), family("D", n, n)

update = Elementwise("tanh", W * h(t) + u(t + 1))
slope = 1 - entry(update, ROW) ** 2
one_weight = IndexedBase("W")[ROW, COLUMN]
one_entry = partial_derivative(update, h(t))

jacobian_chain = Derivation(
    name="jacobian_chain",
    assumptions={"h_{t+1} = tanh(Wh_t + u_{t+1})": equation(h(t + 1), update)},
    steps=(
        Identity(
            equation(one_entry, slope * one_weight),
            "differentiate unit i by unit j; of the sum over k only k = j is left",
            rules=(Rule("differentiate"), Rule("kronecker")),
        ),
        ByLemma(
            equation(Jacobian(h(t + 1), h(t)), D(t + 1) * W),
            "D_t is diag(1 − tanh² a_t), a_t = Wh_{t−1} + u_t",
            lemma=by_entries,
            of=(h(t + 1), update, h(t), D(t + 1) * W, [(D(t + 1), slope, ROW)]),
            given=("h_{t+1} = tanh(Wh_t + u_{t+1})", 1),
        ),
        ByLemma(
            equation(Jacobian(h(t + 1), h(s)), Jacobian(h(t + 1), h(t)) * Jacobian(h(t), h(s))),
            "h_{t+1} reads the past through h_t alone",
            lemma=chain_rule,
            of=(h(t + 1), update, h(t), h(s)),
            given=("h_{t+1} = tanh(Wh_t + u_{t+1})",),
        ),
        Identity(
            equation(Jacobian(h(t + 1), h(s)), D(t + 1) * W * Jacobian(h(t), h(s))),
            "put step 2 into step 3",
            given=(3, 2),
        ),
        Identity(
            equation(Jacobian(h(s), h(s)), OrderedProduct(D(k) * W, k, s + 1, s)),
            "both are the identity",
        ),
        Induction(
            equation(Jacobian(h(t), h(s)), OrderedProduct(D(k) * W, k, s + 1, t)),
            "each step multiplies from the left",
            variable=t,
            start=s,
            base=5,
            step=4,
            rules=(Rule("split"),),
        ),
    ),
    conclusion=equation(Jacobian(h(t), h(s)), OrderedProduct(D(k) * W, k, s + 1, t)),
    parameters=(D(k), W, s, t),
)

# Backwards: the state at lag k is h_{T−k}. The bias is a column of U, whose input is always 1.
m, T = (Symbol(name, integer=True, positive=True) for name in ("m", "T"))
lag, step = k, Symbol("l", integer=True, nonnegative=True)
U, g, x = MatrixSymbol("U", n, m), MatrixSymbol("g", n, 1), family("x", m)
now, before = h(T - lag), h(T - lag - 1)
lagged_update = Elementwise("tanh", W * before + U * x(T - lag))
lagged_slope = 1 - entry(lagged_update, ROW) ** 2

RECURRENCE = "h_t = tanh(Wh_{t−1} + Ux_t)"
LAST = "the cost C reads h_T alone"
COTANGENT = "∂C/∂h_T = g"
DIAGONAL = "D_t is diagonal"


def gradient_of(weight: Any, multiplied: Any) -> Derivation:
    """∂C/∂M for the weight M = W or U of the recurrence, which multiplies a column at each step.

    The cotangents travel back by induction over the lag, and what they meet is summed.
    """
    back = OrderedProduct(W.T * D(T + 1 - step), step, 1, lag) * g
    local = KroneckerDelta(ROW, WEIGHT_ROW) * lagged_slope * entry(multiplied, COLUMN)
    total = MatrixSum(D(T - lag) * back * multiplied.T, lag, 0, T - 1)
    return Derivation(
        name=f"gradient of {weight}",
        assumptions={
            RECURRENCE: equation(now, lagged_update),
            LAST: all_that_the_cost_reads(h(T)),
            COTANGENT: equation(Gradient(h(T)), g),
            DIAGONAL: symmetric(D(T - lag)),
        },
        steps=(
            Identity(
                equation(partial_derivative(lagged_update, before), lagged_slope * one_weight),
                "differentiate unit i by unit j; of the sum over k only k = j is left",
                rules=(Rule("differentiate"), Rule("kronecker")),
            ),
            ByLemma(
                equation(Jacobian(now, before), D(T - lag) * W),
                "D_t is diag(1 − tanh² a_t), a_t = Wh_{t−1} + Ux_t",
                lemma=by_entries,
                of=(now, lagged_update, before, D(T - lag) * W, [(D(T - lag), lagged_slope, ROW)]),
                given=(RECURRENCE, 1),
            ),
            ByLemma(
                equation(Gradient(before), Jacobian(now, before).T * Gradient(now)),
                "the cost reads h_{t−1} through h_t alone",
                lemma=reverse_chain_rule,
                of=(now, lagged_update, before, h(T)),
                given=(LAST, RECURRENCE),
            ),
            Identity(
                equation(Gradient(before), W.T * D(T - lag) * Gradient(now)),
                "put step 2 into step 3",
                given=(3, 2),
                rules=(symmetric(D(T - lag)),),
            ),
            Identity(
                equation(Gradient(h(T)), OrderedProduct(W.T * D(T + 1 - step), step, 1, 0) * g),
                "no step has been taken back",
                given=(COTANGENT,),
            ),
            Induction(
                equation(Gradient(now), back),
                "each step back multiplies from the left",
                variable=lag,
                start=0,
                base=5,
                step=4,
                rules=(Rule("split"),),
            ),
            Identity(
                equation(weight_derivative(lagged_update, weight), local),
                "the weight of row p moves unit p alone, by what it multiplies",
                rules=(Rule("differentiate"), Rule("kronecker")),
            ),
            ByLemma(
                equation(
                    Gradient(weight),
                    MatrixSum(D(T - lag) * Gradient(now) * multiplied.T, lag, 0, T - 1),
                ),
                "one weight acts at every step, so its effects add",
                lemma=shared_weight,
                of=(now, lagged_update, weight, D(T - lag), lagged_slope, multiplied, lag, h(T)),
                given=(LAST, RECURRENCE, 7),
            ),
            Identity(equation(Gradient(weight), total), "put step 6 into step 8", given=(8, 6)),
        ),
        conclusion=equation(Gradient(weight), total),
        parameters=(D(k), W, g, multiplied, T),
    )


backpropagation_through_time = gradient_of(W, before)
gradient_of_inputs_weight = gradient_of(U, x(T - lag))
