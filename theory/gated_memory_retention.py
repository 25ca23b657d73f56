"""What a cell keeps of what it holds: influence, what a new state has of the old, forget biases.

Cell by cell, so that all is scalar. Hochreiter & Schmidhuber 1997; Gers et al. 2000; Tallec &
Ollivier 2018 for the bias ln(T − 1).
"""

from sympy import Product, Symbol, cosh, exp, log, sinh, tanh

from theory.derivation import ByLemma, Derivation, Identity, Induction, at_most, equation
from theory.latch import sequence
from theory.lemmas import monotone_product
from theory.lemmas_of_order import (
    exponential,
    monotone_power,
    reciprocal,
)
from theory.normal_form import Rule
from theory.ranges import Range

s, t, k = (Symbol(name, integer=True, nonnegative=True) for name in ("s", "t", "k"))
c, d, f, w = (sequence(name, real=True) for name in ("c", "d", "f", "w"))
δ = Symbol("δ", real=True)
later = Range(t, s)

# -- influence_persists

RUN, OTHER = (
    "c_{t+1} = f_{t+1}c_t + w_{t+1}, w = ig",
    "a second run has the same f_t and w_t after step s: the gates do not read the hidden state",
)
DIFFERENCE = "at step s they differ by δ"
apart, kept = c(t) - d(t), δ * Product(f(k), (k, s + 1, t))

influence_persists = Derivation(
    name="influence_persists",
    assumptions={
        RUN: equation(c(t + 1), f(t + 1) * c(t) + w(t + 1)),
        OTHER: equation(d(t + 1), f(t + 1) * d(t) + w(t + 1), later),
        DIFFERENCE: equation(c(s) - d(s), δ),
    },
    steps=(
        Identity(
            equation(c(t + 1) - d(t + 1), f(t + 1) * apart, later),
            "what is written later is the same in both",
            given=(RUN, OTHER),
        ),
        Induction(
            equation(apart, kept, later),
            "each step multiplies by its forget gate",
            variable=t,
            start=s,
            base=DIFFERENCE,
            step=1,
            rules=(Rule("split"), Rule("product")),
        ),
    ),
    conclusion=equation(apart, kept, later),
    parameters=(δ, Symbol("f"), s, t),
)

# -- overwrites_versus_adds

p, q, u, x, y = (Symbol(name, real=True) for name in ("p", "q", "u", "x", "y"))
ONE, TWO = "x = tanh(p + u), p = (Wh)_i", "y = tanh(q + u), q = (Wh′)_i"

overwrites_versus_adds = Derivation(
    name="overwrites_versus_adds",
    assumptions={ONE: equation(x, tanh(p + u)), TWO: equation(y, tanh(q + u))},
    steps=(
        Identity(
            equation(tanh(p + u) - tanh(q + u), sinh(p - q) / (cosh(p + u) * cosh(q + u))),
            "the subtraction theorem of tanh",
            rules=(Rule("exponential"),),
        ),
        Identity(
            equation(x - y, sinh(p - q) / (cosh(p + u) * cosh(q + u))),
            "of the old states the new ones have W(h − h′), and no more",
            given=(ONE, TWO, 1),
        ),
    ),
    conclusion=equation(x - y, sinh(p - q) / (cosh(p + u) * cosh(q + u))),
    parameters=(p, q, u),
)

# -- forget_bias: σ(ln(T − 1))ᵀ

m = Symbol("m", integer=True, positive=True)
b, g = Symbol("b", real=True), Symbol("f", real=True)
GATE, CHRONO = "f = σ(b)", "b = ln(T − 1), T = m + 1"
T = m + 1
share = m / T

forget_bias = Derivation(
    name="forget_bias",
    assumptions={GATE: equation(g, 1 / (1 + exp(-b))), CHRONO: equation(b, log(m))},
    steps=(
        Identity(equation(g, share), "σ(ln m) = m/(m + 1)", given=(GATE, CHRONO)),
        ByLemma(at_most(1 - 1 / T, exp(-1 / T)), "1 + x ≤ eˣ", lemma=exponential, of=(-1 / T,)),
        ByLemma(
            at_most((1 - 1 / T) ** T, exp(-1 / T) ** T),
            "to the power T",
            lemma=monotone_power,
            of=(1 - 1 / T, exp(-1 / T), T),
            given=(2,),
        ),
        ByLemma(at_most(1 + 1 / m, exp(1 / m)), "again", lemma=exponential, of=(1 / m,)),
        ByLemma(
            at_most((1 + 1 / m) ** m, exp(1 / m) ** m),
            "to the power T − 1",
            lemma=monotone_power,
            of=(1 + 1 / m, exp(1 / m), m),
            given=(4,),
        ),
        ByLemma(
            at_most(1 / exp(1 / m) ** m, 1 / (1 + 1 / m) ** m),
            "one over it",
            lemma=reciprocal,
            of=((1 + 1 / m) ** m, exp(1 / m) ** m),
            given=(5,),
        ),
        ByLemma(
            at_most(share / exp(1 / m) ** m, share / (1 + 1 / m) ** m),
            "times f",
            lemma=monotone_product,
            of=(share, 1 / exp(1 / m) ** m, 1 / (1 + 1 / m) ** m),
            given=(6,),
        ),
        Identity(equation(share / (1 + 1 / m) ** m, g**T), "that is fᵀ", given=(1,)),
    ),
    conclusion=at_most(share / exp(1 / m) ** m, g**T),
    parameters=(g, m),
)
