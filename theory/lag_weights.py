"""What a long lag counts for in the sum over lags, and how many samples it takes to see it."""

from sympy import MatrixSymbol, Symbol

from theory.backpropagation import h, later, n, s, t
from theory.derivation import ByLemma, Derivation, Identity, Induction, at_most, equation
from theory.lemmas import monotone_product, submultiplicative
from theory.lemmas_of_order import transitivity
from theory.matrices import Jacobian, Norm, family

m = Symbol("m", integer=True, positive=True)
λ = Symbol("λ", nonnegative=True)
g, Z, J = MatrixSymbol("g", 1, n), MatrixSymbol("Z", n, m), family("J", n, n)

CHAIN = "∂h_{t+1}/∂h_τ = J_{t+1} ∂h_t/∂h_τ"
CONTRACTION = "‖J_t‖ ≤ λ at every step"

weight, further = (Jacobian(h(last), h(s)) for last in (t, t + 1))
term, size = g * weight * Z, Norm(g) * Norm(Z)

long_versus_short = Derivation(
    name="long_versus_short",
    assumptions={
        CHAIN: equation(further, J(t + 1) * weight, later),
        CONTRACTION: at_most(Norm(J(t + 1)), λ),
    },
    steps=(
        Identity(
            equation(Norm(further), Norm(J(t + 1) * weight), later), "one step more", given=(CHAIN,)
        ),
        ByLemma(
            at_most(Norm(J(t + 1) * weight), Norm(J(t + 1)) * Norm(weight), later),
            "the norm of a product",
            lemma=submultiplicative,
            of=(J(t + 1), weight),
        ),
        ByLemma(
            at_most(Norm(J(t + 1)) * Norm(weight), λ * Norm(weight), later),
            "the bound on one step",
            lemma=monotone_product,
            of=(Norm(weight), Norm(J(t + 1)), λ),
            given=(CONTRACTION,),
        ),
        ByLemma(
            at_most(Norm(further), Norm(J(t + 1)) * Norm(weight), later),
            "steps 1 and 2",
            lemma=transitivity,
            of=(Norm(further), Norm(J(t + 1) * weight), Norm(J(t + 1)) * Norm(weight)),
            given=(1, 2),
        ),
        ByLemma(
            at_most(Norm(further), λ * Norm(weight), later),
            "steps 4 and 3",
            lemma=transitivity,
            of=(Norm(further), Norm(J(t + 1)) * Norm(weight), λ * Norm(weight)),
            given=(4, 3),
        ),
        Identity(equation(Norm(Jacobian(h(s), h(s))), 1), "lag 0: the identity"),
        Induction(
            at_most(Norm(weight), λ ** (t - s), later),
            "one factor λ for each step of the lag",
            variable=t,
            start=s,
            base=6,
            step=5,
        ),
        ByLemma(
            at_most(Norm(term), Norm(g * weight) * Norm(Z), later),
            "what the use at τ asks for, and what of it counts",
            lemma=submultiplicative,
            of=(g * weight, Z),
        ),
        ByLemma(
            at_most(Norm(g * weight), Norm(g) * Norm(weight), later),
            "the same once more",
            lemma=submultiplicative,
            of=(g, weight),
        ),
        ByLemma(
            at_most(Norm(g * weight) * Norm(Z), Norm(weight) * size, later),
            "step 9 times a norm",
            lemma=monotone_product,
            of=(Norm(Z), Norm(g * weight), Norm(g) * Norm(weight)),
            given=(9,),
        ),
        ByLemma(
            at_most(Norm(weight) * size, λ ** (t - s) * size, later),
            "step 7 times the norms",
            lemma=monotone_product,
            of=(size, Norm(weight), λ ** (t - s)),
            given=(7,),
        ),
        ByLemma(
            at_most(Norm(term), Norm(weight) * size, later),
            "steps 8 and 10",
            lemma=transitivity,
            of=(Norm(term), Norm(g * weight) * Norm(Z), Norm(weight) * size),
            given=(8, 10),
        ),
        ByLemma(
            at_most(Norm(term), λ ** (t - s) * size, later),
            "steps 12 and 11",
            lemma=transitivity,
            of=(Norm(term), Norm(weight) * size, λ ** (t - s) * size),
            given=(12, 11),
        ),
    ),
    conclusion=at_most(Norm(term), λ ** (t - s) * size, later),
    parameters=(λ, g, Z, s, t),
)
