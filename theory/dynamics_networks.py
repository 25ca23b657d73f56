"""Several units: one network in two forms, and the gradient where a state stands still."""

from typing import Any

from sympy import IndexedBase, MatrixSymbol, Rational, Symbol, ZeroMatrix, exp

from theory.derivation import ByLemma, Derivation, Identity, Induction, equation, fixed, nonzero
from theory.entries import Logistic, entry, matrix_entry
from theory.lemmas import COLUMN, ROW, diagonal, entries_of, partial_derivative
from theory.lemmas_of_functions import column_by_entries, total_derivative
from theory.matrices import Elementwise, Jacobian, family
from theory.ranges import Range
from theory.rules import Rule

n = Symbol("n", integer=True, positive=True)
t = Symbol("t", integer=True, nonnegative=True)
W = MatrixSymbol("W", n, n)
b, e, v = (MatrixSymbol(name, n, 1) for name in "bev")
a, x, D = family("a", n), family("x", n), family("D", n, n)
half, quarter = Rational(1, 2), Rational(1, 4)

squashed = Elementwise("σ", 2 * a(t))
centred = half * e + half * Elementwise("tanh", a(t))
one_unit = Range(ROW, 0, n - 1)
doubled = 2 * entry(a(t), ROW)
tanh_form = quarter * W * Elementwise("tanh", a(t)) + half * b + quarter * W * e

logistic_form = Derivation(
    name="logistic_form",
    assumptions={
        "x_{t+1} = Wσ(x_t) + b": equation(x(t + 1), W * Elementwise("σ", x(t)) + b),
        "x_t = 2a_t": equation(x(t), 2 * a(t)),
        "σ(z) = 1/(1 + e⁻ᶻ)": equation(Logistic(doubled), 1 / (1 + exp(-doubled)), one_unit),
        "every entry of e is 1": equation(entry(e, ROW), 1, one_unit),
    },
    steps=(
        Identity(
            equation(entry(squashed, ROW), entry(centred, ROW), one_unit),
            "σ(2z) = (1 + tanh z)/2",
            given=("σ(z) = 1/(1 + e⁻ᶻ)", "every entry of e is 1"),
            rules=(Rule("exponential"),),
        ),
        ByLemma(
            equation(squashed, centred),
            "step 1 for every unit",
            lemma=column_by_entries,
            of=(squashed, centred),
            given=(1,),
        ),
        Identity(
            equation(x(t + 1), W * centred + b),
            "put step 2 into the network",
            given=("x_{t+1} = Wσ(x_t) + b", "x_t = 2a_t", 2),
        ),
        Identity(equation(half * x(t + 1), tanh_form), "half of step 3", given=(3,)),
    ),
    conclusion=equation(half * x(t + 1), tanh_form),
    parameters=(W, a(t), b, e, t),
)

μ = Symbol("μ", real=True)
still = MatrixSymbol("Δ", n, n)


def G(k: Any) -> Any:
    """∂x_k/∂b."""
    return Jacobian(x(k), b)


update = Elementwise("tanh", W * x(t) + b)
slope = 1 - entry(update, ROW) ** 2
spread = [(D(t + 1), slope, ROW)]
weight = IndexedBase("W")[ROW, COLUMN]
STEP, SLOPES = "x_{t+1} = tanh(Wx_t + b)", "D_t = diag(1 − x_t²)"
STANDS, EIGENVECTOR = "x₀ is a fixed point, so D_t is one Δ", "vᵀΔW = μvᵀ"
START = "x₀ does not depend on b"

basin_crossing = Derivation(
    name="basin_crossing",
    assumptions={
        STEP: equation(x(t + 1), update),
        "W does not depend on b": fixed(W),
        SLOPES: diagonal(*spread),
        STANDS: equation(D(t + 1), still),
        START: equation(G(0), ZeroMatrix(n, n)),
        EIGENVECTOR: equation(v.T * still * W, μ * v.T),
        "μ ≠ 1": nonzero(μ - 1),
    },
    steps=(
        Identity(
            equation(partial_derivative(update, x(t)), slope * weight, *entries_of(x(t + 1), x(t))),
            "unit i by unit j",
            rules=(Rule("differentiate"), Rule("kronecker")),
        ),
        Identity(
            equation(
                partial_derivative(update, b),
                matrix_entry(D(t + 1), ROW, COLUMN, {D(t + 1): (slope, ROW)}),
                *entries_of(x(t + 1), b),
            ),
            "b_j reaches unit j alone",
            rules=(Rule("differentiate"), Rule("kronecker")),
        ),
        ByLemma(
            equation(G(t + 1), D(t + 1) * W * G(t) + D(t + 1)),
            "b acts through x_t, and at once",
            lemma=total_derivative,
            of=(x(t + 1), update, x(t), b, D(t + 1) * W, D(t + 1), spread),
            given=(STEP, "W does not depend on b", SLOPES, 1, 2),
        ),
        Identity(
            equation(v.T * G(t + 1), v.T * still * W * G(t) + v.T * still),
            "vᵀ times step 3",
            given=(3, STANDS),
        ),
        Identity(
            equation(v.T * G(t + 1), μ * v.T * G(t) + v.T * still),
            "v is a left eigenvector",
            given=(4, EIGENVECTOR),
        ),
        Identity(
            equation(v.T * G(0), (μ**0 - 1) / (μ - 1) * v.T * still),
            "both are 0",
            given=(START,),
        ),
        Induction(
            equation(v.T * G(t), (μ**t - 1) / (μ - 1) * v.T * still),
            "1 + μ(μᵗ − 1)/(μ − 1) = (μᵗ⁺¹ − 1)/(μ − 1)",
            variable=t,
            start=0,
            base=6,
            step=5,
        ),
    ),
    conclusion=equation(v.T * G(t), (μ**t - 1) / (μ - 1) * v.T * still),
    parameters=(μ, t, v, still),
)
