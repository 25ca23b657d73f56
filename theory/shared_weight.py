"""Section 10.7's scalar network: one weight, used at every step."""

from sympy import Derivative, Function, MatrixSymbol, Rational, Symbol, exp

from theory.derivation import ByLemma, Derivation, Identity, Induction, at_most, equation, less
from theory.lemmas import monotone_product, submultiplicative
from theory.lemmas_of_norms import diagonal_norm, diagonal_of, norm_sign
from theory.lemmas_of_order import (
    difference,
    exponential,
    monotone_power,
    positive_power,
    positive_product,
    reciprocal,
    square,
    transitivity,
)
from theory.matrices import Norm, OrderedProduct, family
from theory.normal_form import Rule

T = Symbol("T", integer=True, positive=True)
t = Symbol("t", integer=True, nonnegative=True)
w = Symbol("w", real=True)
y = Function("y")

chain = {"y₁ = 1": equation(y(w, 1), 1), "y_{T+1} = w·y_T": equation(y(w, T + 1), w * y(w, T))}
unrolled = Induction(
    equation(y(w, T), w ** (T - 1)),
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
    conclusion=equation(y(w, T), w ** (T - 1)),
    parameters=(w, T),
)

scalar_gradient = Derivation(
    name="scalar_gradient",
    assumptions=chain,
    steps=(
        unrolled,
        Identity(
            equation(Derivative(y(w, T), w), (T - 1) * w ** (T - 2)),
            "differentiate step 1",
            given=(1,),
            rules=(Rule("differentiate"),),
        ),
    ),
    conclusion=equation(Derivative(y(w, T), w), (T - 1) * w ** (T - 2)),
    parameters=(w, T),
)

m = Symbol("m", integer=True, positive=True)
R = Symbol("R", positive=True)
output = Function("y")(w)

reuse_amplifies = Derivation(
    name="reuse_amplifies",
    assumptions={
        "the units are linear": equation(output, w**m * R),
    },
    steps=(
        Identity(
            equation(Derivative(output, w), m * w ** (m - 1) * R),
            "R, what the other weights multiply up to, does not move with w",
            given=("the units are linear",),
            rules=(Rule("differentiate"),),
        ),
        Identity(
            equation(w * Derivative(output, w) / output, m),
            "one factor w goes to the derivative, the rest cancels",
            given=(1, "the units are linear"),
        ),
    ),
    conclusion=equation(w * Derivative(output, w) / output, m),
    parameters=(m,),
)

POSITIVE = "w > 0"

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
    assumptions={POSITIVE: less(0, w)},
    steps=(*from_below, *from_above),
    conclusion=at_most(w**T, exp(T * (w - 1))),
    parameters=(w, T),
)

transition_floor = Derivation(
    name="transition_floor",
    assumptions={POSITIVE: less(0, w)},
    steps=from_below,
    conclusion=at_most(exp(T * (1 - 1 / w)), w**T),
)

n = Symbol("n", integer=True, positive=True)
k = Symbol("k", integer=True, positive=True)
s = Symbol("s", real=True)
W, D = MatrixSymbol("W", n, n), family("D", n, n)
half, quarter = Rational(1, 2), Rational(1, 4)

LOGISTIC = "the activation is the logistic function"


def jacobian(last):
    """∂h_t/∂h₀ = D_tW ··· D₁W for t = last, D_k the diagonal matrix of the slopes at step k."""
    return OrderedProduct(D(k) * W, k, 1, last)


not_the_sigmoid = Derivation(
    name="not_the_sigmoid",
    assumptions={
        LOGISTIC: diagonal_of(D(t + 1), s * (1 - s)),
        "its values s are positive": less(0, s),
        "and below 1": less(0, 1 - s),
    },
    steps=(
        ByLemma(
            less(0, s * (1 - s)),
            "so its slopes s(1 − s) are positive",
            lemma=positive_product,
            of=(s, 1 - s),
            given=("its values s are positive", "and below 1"),
        ),
        ByLemma(at_most(0, (s - half) ** 2), "a square", lemma=square, of=(s - half,)),
        ByLemma(
            at_most(s * (1 - s), quarter),
            "1/4 − s(1 − s) = (s − 1/2)²",
            lemma=difference,
            of=(s * (1 - s), quarter),
            given=(2,),
        ),
        ByLemma(
            at_most(Norm(D(t + 1)), quarter),
            "no slope exceeds 1/4",
            lemma=diagonal_norm,
            of=(D(t + 1), s * (1 - s), quarter),
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
            at_most(0, Norm(W * jacobian(t))), "a norm", lemma=norm_sign, of=(W * jacobian(t),)
        ),
        ByLemma(
            at_most(Norm(D(t + 1)) * Norm(W * jacobian(t)), Norm(W * jacobian(t)) / 4),
            "step 4 times a norm",
            lemma=monotone_product,
            of=(Norm(W * jacobian(t)), Norm(D(t + 1)), quarter),
            given=(6, 4),
        ),
        ByLemma(
            at_most(Norm(jacobian(t + 1)), Norm(W * jacobian(t)) / 4),
            "steps 5 and 7",
            lemma=transitivity,
            of=(
                Norm(jacobian(t + 1)),
                Norm(D(t + 1)) * Norm(W * jacobian(t)),
                Norm(W * jacobian(t)) / 4,
            ),
            given=(5, 7),
        ),
        ByLemma(
            at_most(Norm(W * jacobian(t)), Norm(W) * Norm(jacobian(t))),
            "the norm of a product",
            lemma=submultiplicative,
            of=(W, jacobian(t)),
        ),
        ByLemma(at_most(0, quarter), "the square of 1/2", lemma=square, of=(half,)),
        ByLemma(
            at_most(Norm(W * jacobian(t)) / 4, Norm(W) / 4 * Norm(jacobian(t))),
            "a quarter of step 9",
            lemma=monotone_product,
            of=(quarter, Norm(W * jacobian(t)), Norm(W) * Norm(jacobian(t))),
            given=(10, 9),
        ),
        ByLemma(
            at_most(Norm(jacobian(t + 1)), Norm(W) / 4 * Norm(jacobian(t))),
            "steps 8 and 11",
            lemma=transitivity,
            of=(
                Norm(jacobian(t + 1)),
                Norm(W * jacobian(t)) / 4,
                Norm(W) / 4 * Norm(jacobian(t)),
            ),
            given=(8, 11),
        ),
        Identity(equation(Norm(jacobian(0)), 1), "no step, no change"),
        Induction(
            at_most(Norm(jacobian(t)), (Norm(W) / 4) ** t),
            "each step multiplies by at most ‖W‖/4",
            variable=t,
            start=0,
            base=13,
            step=12,
        ),
    ),
    conclusion=at_most(Norm(jacobian(t)), (Norm(W) / 4) ** t),
    parameters=(W, t),
)
