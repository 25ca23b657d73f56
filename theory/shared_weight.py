"""Section 10.7's scalar network: one weight, used at every step."""

from typing import Any

from sympy import Derivative, Function, IndexedBase, MatrixSymbol, Rational, Symbol, exp

from theory.derivation import (
    ByLemma,
    Derivation,
    Identity,
    Induction,
    Relation,
    at_most,
    equation,
    less,
    nonzero,
)
from theory.lemmas import ROW, diagonal, monotone_product, submultiplicative
from theory.lemmas_of_norms import diagonal_norm
from theory.lemmas_of_order import (
    difference,
    exponential,
    monotone_power,
    positive_power,
    reciprocal,
    square,
    transitivity,
)
from theory.matrices import Norm, OrderedProduct, family
from theory.ranges import Range
from theory.rules import Rule

T = Symbol("T", integer=True, positive=True)
t = Symbol("t", integer=True, nonnegative=True)
w = Symbol("w", real=True)
y = Function("y", real=True)

chain = {"y₁ = 1": equation(y(1), 1), "y_{T+1} = w·y_T": equation(y(T + 1), w * y(T))}
unrolled = Induction(
    equation(y(T), w ** (T - 1)),
    "T values lie T − 1 multiplications apart",
    variable=T,
    start=1,
    base="y₁ = 1",
    step="y_{T+1} = w·y_T",
)

scalar_power = Derivation(
    name="scalar_power",
    assumptions=chain,
    steps=(unrolled,),
    conclusion=equation(y(T), w ** (T - 1)),
    parameters=(w, T),
)

scalar_gradient = Derivation(
    name="scalar_gradient",
    assumptions={"w ≠ 0": nonzero(w)},
    steps=(
        Identity(
            equation(Derivative(w ** (T - 1), w), (T - 1) * w ** (T - 2)),
            "differentiate what scalar_power finds y_T to be",
            rules=(Rule("differentiate"),),
        ),
    ),
    conclusion=equation(Derivative(w ** (T - 1), w), (T - 1) * w ** (T - 2)),
    parameters=(w, T),
)

m = Symbol("m", integer=True, positive=True)
R, output = Symbol("R", real=True), Symbol("y", real=True, nonzero=True)

LINEAR = "the units are linear"

reuse_amplifies = Derivation(
    name="reuse_amplifies",
    assumptions={
        LINEAR: equation(output, w**m * R),
    },
    steps=(
        Identity(
            equation(Derivative(w**m * R, w), m * w ** (m - 1) * R),
            "differentiating costs one factor w",
            rules=(Rule("differentiate"),),
        ),
        Identity(
            equation(w * Derivative(w**m * R, w) / output, m),
            "and w puts it back: m times y is left",
            given=(1, LINEAR),
        ),
    ),
    conclusion=equation(w * Derivative(w**m * R, w) / output, m),
    parameters=(m,),
)

POSITIVE = "w > 0"
positive: dict[str, Relation] = {POSITIVE: less(0, w)}

from_below = (
    ByLemma(
        at_most(1 / w, exp(1 / w - 1)), "1 + (1/w − 1) = 1/w", lemma=exponential, of=(1 / w - 1,)
    ),
    ByLemma(less(0, 1 / w), "w > 0", lemma=positive_power, of=(w, -1), given=(POSITIVE,)),
    ByLemma(
        at_most(w ** (-T), exp(T * (1 / w - 1))),
        "the T-th power of step 1",
        lemma=monotone_power,
        of=(1 / w, exp(1 / w - 1), T),
        given=(2, 1),
    ),
    ByLemma(less(0, w ** (-T)), "w > 0", lemma=positive_power, of=(w, -T), given=(POSITIVE,)),
    ByLemma(
        at_most(exp(T * (1 - 1 / w)), w**T),
        "the reciprocals of step 3",
        lemma=reciprocal,
        of=(w ** (-T), exp(T * (1 / w - 1))),
        given=(4, 3),
    ),
)
from_above = (
    ByLemma(at_most(w, exp(w - 1)), "1 + (w − 1) = w", lemma=exponential, of=(w - 1,)),
    ByLemma(
        at_most(w**T, exp(T * (w - 1))),
        "the T-th power of step 6",
        lemma=monotone_power,
        of=(w, exp(w - 1), T),
        given=(POSITIVE, 6),
    ),
)

transition_width = Derivation(
    name="transition_width",
    assumptions=positive,
    steps=(*from_below, *from_above),
    conclusion=at_most(w**T, exp(T * (w - 1))),
    parameters=(w, T),
)

transition_floor = Derivation(
    name="transition_floor",
    assumptions=positive,
    steps=from_below,
    conclusion=at_most(exp(T * (1 - 1 / w)), w**T),
)

n = Symbol("n", integer=True, positive=True)
k = Symbol("k", integer=True, positive=True)
W, D = MatrixSymbol("W", n, n), family("D", n, n)
s = IndexedBase("s")[ROW]
slope, half, quarter = s * (1 - s), Rational(1, 2), Rational(1, 4)
rows = Range(ROW, 0, n - 1)

LOGISTIC = "the activation is the logistic function"
RANGE = "its values s_i are at least 0", "and at most 1"


def jacobian(last: Any) -> Any:
    """∂h_t/∂h₀ = D_tW ··· D₁W for t = last, D_k the diagonal matrix of the slopes at step k."""
    return OrderedProduct(D(k) * W, k, 1, last)


not_the_sigmoid = Derivation(
    name="not_the_sigmoid",
    assumptions={
        LOGISTIC: diagonal((D(t + 1), slope, ROW)),
        RANGE[0]: at_most(0, s, rows),
        RANGE[1]: at_most(0, 1 - s, rows),
    },
    steps=(
        ByLemma(
            at_most(0, slope, rows),
            "so its slopes are not negative",
            lemma=monotone_product,
            of=(s, 0, 1 - s),
            given=RANGE,
        ),
        ByLemma(at_most(0, (s - half) ** 2, rows), "a square", lemma=square, of=(s - half,)),
        ByLemma(
            at_most(slope, quarter, rows),
            "1/4 − s_i(1 − s_i) = (s_i − 1/2)²",
            lemma=difference,
            of=(slope, quarter),
            given=(2,),
        ),
        ByLemma(
            at_most(Norm(D(t + 1)), quarter),
            "no slope exceeds 1/4",
            lemma=diagonal_norm,
            of=(D(t + 1), slope, quarter),
            given=(LOGISTIC, 1, 3),
        ),
        ByLemma(
            at_most(Norm(jacobian(t + 1)), Norm(D(t + 1)) * Norm(W * jacobian(t))),
            "the latest step stands leftmost",
            lemma=submultiplicative,
            of=(D(t + 1), W * jacobian(t)),
            rules=(Rule("split"),),
        ),
        ByLemma(
            at_most(Norm(D(t + 1)) * Norm(W * jacobian(t)), Norm(W * jacobian(t)) / 4),
            "step 4 times a norm",
            lemma=monotone_product,
            of=(Norm(W * jacobian(t)), Norm(D(t + 1)), quarter),
            given=(4,),
        ),
        ByLemma(
            at_most(Norm(jacobian(t + 1)), Norm(W * jacobian(t)) / 4),
            "steps 5 and 6",
            lemma=transitivity,
            of=(
                Norm(jacobian(t + 1)),
                Norm(D(t + 1)) * Norm(W * jacobian(t)),
                Norm(W * jacobian(t)) / 4,
            ),
            given=(5, 6),
        ),
        ByLemma(
            at_most(Norm(W * jacobian(t)), Norm(W) * Norm(jacobian(t))),
            "the norm of a product",
            lemma=submultiplicative,
            of=(W, jacobian(t)),
        ),
        ByLemma(
            at_most(Norm(W * jacobian(t)) / 4, Norm(W) / 4 * Norm(jacobian(t))),
            "a quarter of step 8",
            lemma=monotone_product,
            of=(quarter, Norm(W * jacobian(t)), Norm(W) * Norm(jacobian(t))),
            given=(8,),
        ),
        ByLemma(
            at_most(Norm(jacobian(t + 1)), Norm(W) / 4 * Norm(jacobian(t))),
            "steps 7 and 9",
            lemma=transitivity,
            of=(
                Norm(jacobian(t + 1)),
                Norm(W * jacobian(t)) / 4,
                Norm(W) / 4 * Norm(jacobian(t)),
            ),
            given=(7, 9),
        ),
        Identity(equation(Norm(jacobian(0)), 1), "no step, no change"),
        Induction(
            at_most(Norm(jacobian(t)), (Norm(W) / 4) ** t),
            "each step multiplies by at most ‖W‖/4",
            variable=t,
            start=0,
            base=11,
            step=10,
        ),
    ),
    conclusion=at_most(Norm(jacobian(t)), (Norm(W) / 4) ** t),
    parameters=(W, t),
)
