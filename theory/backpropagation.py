"""The gradient of a recurrent net through time: a product of Jacobians, forwards and backwards."""

from typing import Any

from sympy import IndexedBase, KroneckerDelta, MatrixSymbol, Symbol

from theory.derivation import ByLemma, Derivation, Identity, Induction, equation, fixed
from theory.entries import entry
from theory.lemmas import (
    COLUMN,
    ROW,
    WEIGHT_ROW,
    by_entries,
    chain_rule,
    cost_of,
    diagonal,
    entries_of,
    partial_derivative,
    reverse_chain_rule,
    weight_derivative,
    weight_entry,
    weight_of_a_step,
    weight_ranges,
)
from theory.matrices import Elementwise, Gradient, Jacobian, OrderedProduct, family
from theory.normal_form import Rule, symmetric
from theory.ranges import Range

n = Symbol("n", integer=True, positive=True)
s, t, k = (Symbol(name, integer=True, nonnegative=True) for name in ("s", "t", "k"))
W = MatrixSymbol("W", n, n)
h, u, D = family("h", n), family("u", n), family("D", n, n)

update = Elementwise("tanh", W * h(t) + u(t + 1))
slope = 1 - entry(update, ROW) ** 2
weight = IndexedBase("W")[ROW, COLUMN]
one_entry = partial_derivative(update, h(t))
later = Range(t, s)

jacobian_chain = Derivation(
    name="jacobian_chain",
    assumptions={
        "h_{t+1} = tanh(Wh_t + u_{t+1})": equation(h(t + 1), update),
        "W and the inputs u_t do not depend on the states": fixed(W, u(t + 1)),
        "D_t = diag(1 − tanh² a_t), a_t = Wh_{t−1} + u_t": diagonal((D(t + 1), slope, ROW)),
    },
    steps=(
        Identity(
            equation(one_entry, slope * weight, *entries_of(h(t + 1), h(t))),
            "differentiate unit i by unit j; of the sum over k only k = j is left",
            rules=(Rule("differentiate"), Rule("kronecker")),
        ),
        ByLemma(
            equation(Jacobian(h(t + 1), h(t)), D(t + 1) * W),
            "unit i has the slope D_ii, and W_ij carries it to unit j",
            lemma=by_entries,
            of=(h(t + 1), update, h(t), D(t + 1) * W, [(D(t + 1), slope, ROW)]),
            given=(
                "h_{t+1} = tanh(Wh_t + u_{t+1})",
                "W and the inputs u_t do not depend on the states",
                "D_t = diag(1 − tanh² a_t), a_t = Wh_{t−1} + u_t",
                1,
            ),
        ),
        ByLemma(
            equation(
                Jacobian(h(t + 1), h(s)), Jacobian(h(t + 1), h(t)) * Jacobian(h(t), h(s)), later
            ),
            "h_{t+1} reads the past through h_t alone",
            lemma=chain_rule,
            of=(h(t + 1), update, h(t), h(s)),
            given=(
                "h_{t+1} = tanh(Wh_t + u_{t+1})",
                "W and the inputs u_t do not depend on the states",
            ),
        ),
        Identity(
            equation(Jacobian(h(t + 1), h(s)), D(t + 1) * W * Jacobian(h(t), h(s)), later),
            "put step 2 into step 3",
            given=(3, 2),
        ),
        Identity(
            equation(Jacobian(h(s), h(s)), OrderedProduct(D(k) * W, k, s + 1, s)),
            "both are the identity",
        ),
        Induction(
            equation(Jacobian(h(t), h(s)), OrderedProduct(D(k) * W, k, s + 1, t), later),
            "each step multiplies from the left",
            variable=t,
            start=s,
            base=5,
            step=4,
            rules=(Rule("split"),),
        ),
    ),
    conclusion=equation(Jacobian(h(t), h(s)), OrderedProduct(D(k) * W, k, s + 1, t), later),
    parameters=(D(k), W, s, t),
)

# Backwards: lag k is step T − k. Each step has weights of its own, W_t and U_t; those of a network
# with one W have the sum of the gradients. The bias is a column of U_t, whose input is always 1.
m, T = (Symbol(name, integer=True, positive=True) for name in ("m", "T"))
lag, step = k, Symbol("l", integer=True, nonnegative=True)
weights, input_weights = family("W", n, n), family("U", n, m)
g, x = MatrixSymbol("g", n, 1), family("x", m)
now, before = h(T - lag), h(T - lag - 1)
W_now, U_now, x_now, D_now = weights(T - lag), input_weights(T - lag), x(T - lag), D(T - lag)
lagged_update = Elementwise("tanh", W_now * before + U_now * x_now)
lagged_slope = 1 - entry(lagged_update, ROW) ** 2

RECURRENCE = "h_t = tanh(W_th_{t−1} + U_tx_t)"
FIXED = "weights and inputs do not depend on the states"
SLOPES = "D_t = diag(1 − tanh² a_t), a_t = W_th_{t−1} + U_tx_t"
DIAGONAL = "so D_t is symmetric"
LAST = "the cost C reads h_T alone"
COTANGENT = "∂C/∂h_T = g"


def gradient_of(name: str, weight: Any, multiplied: Any) -> Derivation:
    """∂C/∂M for M = W_t or U_t at t = T − k, which multiplies a column there.

    The cotangents travel back by induction over the lag: the dual of jacobian_chain.
    """
    travelled = OrderedProduct(weights(T + 1 - step).T * D(T + 1 - step), step, 1, lag)
    local = KroneckerDelta(ROW, WEIGHT_ROW) * lagged_slope * entry(multiplied, COLUMN)
    conclusion = equation(Gradient(weight), D_now * travelled * g * multiplied.T)
    return Derivation(
        name=name,
        assumptions={
            RECURRENCE: equation(now, lagged_update),
            FIXED: fixed(W_now, U_now, x_now),
            SLOPES: diagonal((D_now, lagged_slope, ROW)),
            DIAGONAL: symmetric(D_now),
            LAST: cost_of(h(T)),
            COTANGENT: equation(Gradient(h(T)), g),
        },
        steps=(
            Identity(
                equation(
                    partial_derivative(lagged_update, before),
                    lagged_slope * weight_entry(W_now, ROW, COLUMN),
                    *entries_of(now, before),
                ),
                "differentiate unit i by unit j; of the sum over k only k = j is left",
                rules=(Rule("differentiate"), Rule("kronecker")),
            ),
            ByLemma(
                equation(Jacobian(now, before), D_now * W_now),
                "unit i has the slope D_ii, and W_ij carries it to unit j",
                lemma=by_entries,
                of=(now, lagged_update, before, D_now * W_now, [(D_now, lagged_slope, ROW)]),
                given=(RECURRENCE, FIXED, SLOPES, 1),
            ),
            ByLemma(
                equation(Gradient(before), Jacobian(now, before).T * Gradient(now)),
                "the cost reads h_{t−1} through h_t alone",
                lemma=reverse_chain_rule,
                of=(now, lagged_update, before, h(T)),
                given=(LAST, RECURRENCE, FIXED),
            ),
            Identity(
                equation(Gradient(before), W_now.T * D_now * Gradient(now)),
                "put step 2 into step 3",
                given=(3, 2),
                rules=(symmetric(D_now),),
            ),
            Induction(
                equation(Gradient(now), travelled * g),
                "each step back multiplies from the left",
                variable=lag,
                start=0,
                base=COTANGENT,
                step=4,
                rules=(Rule("split"),),
            ),
            Identity(
                equation(
                    weight_derivative(lagged_update, weight), local, *weight_ranges(now, weight)
                ),
                "a weight of row p moves unit p alone, by what it multiplies",
                rules=(Rule("differentiate"), Rule("kronecker")),
            ),
            ByLemma(
                equation(Gradient(weight), D_now * Gradient(now) * multiplied.T),
                "what reaches unit p by row p of the weight is an outer product",
                lemma=weight_of_a_step,
                of=(now, lagged_update, before, weight, D_now, lagged_slope, multiplied, h(T)),
                given=(LAST, RECURRENCE, FIXED, SLOPES, 6),
            ),
            Identity(conclusion, "put step 5 into step 7", given=(7, 5)),
        ),
        conclusion=conclusion,
        parameters=(D(k), weights(k), g, multiplied, T, lag),
    )


backpropagation_through_time = gradient_of("backpropagation_through_time", W_now, before)
gradient_of_input_weights = gradient_of("gradient_of_input_weights", U_now, x_now)
