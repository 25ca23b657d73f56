"""The gradient of a recurrent net through time: a product of Jacobians."""

from sympy import IndexedBase, MatrixSymbol, Symbol

from theory.derivation import ByLemma, Derivation, Identity, Induction, equation, fixed
from theory.entries import entry
from theory.lemmas import (
    COLUMN,
    ROW,
    by_entries,
    chain_rule,
    diagonal,
    entries_of,
    partial_derivative,
)
from theory.matrices import Elementwise, Jacobian, OrderedProduct, family
from theory.normal_form import Rule
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
