"""Section 10.7's scalar network: one weight, used at every step."""

from sympy import Derivative, Function, MatrixSymbol, Rational, Symbol, exp

from theory.derivation import ByLemma, Derivation, Identity, Induction, at_most, equation, less
from theory.lemmas import monotone_product, submultiplicative
from theory.lemmas_of_norms import diagonal_norm, diagonal_of, norm_sign
from theory.lemmas_of_order import (
    difference,
    exponential,
    monotone_power,
    positive_product,
    reciprocal,
    square,
    transitivity,
)
from theory.matrices import Norm, family
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

below = (
    ByLemma(at_most(w, exp(w - 1)), "1 + (w − 1) = w", lemma=exponential, of=(w - 1,)),
    ByLemma(
        at_most(w**T, exp(T * (w - 1))),
        "the T-th power",
        lemma=monotone_power,
        of=(w, exp(w - 1), T),
        given=(POSITIVE, 1),
    ),
)
