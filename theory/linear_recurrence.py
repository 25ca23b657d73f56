"""Section 10.7's linear recurrence: repeated multiplication acts on eigenvalues."""

from sympy import MatrixSymbol, Symbol

from theory.derivation import Derivation, Identity, Induction, equation
from theory.matrices import family
from theory.normal_form import orthogonal, symmetric

n = Symbol("n", integer=True, positive=True)
t = Symbol("t", integer=True, nonnegative=True)
W, Q, Λ = (MatrixSymbol(name, n, n) for name in ("W", "Q", "Λ"))
h0 = MatrixSymbol("h0", n, 1)
h = family("h", n)

spectral_power = Derivation(
    name="spectral_power",
    assumptions={
        "the initial state is h₀": equation(h(0), h0),
        "h_{t+1} = Wᵀh_t": equation(h(t + 1), W.T * h(t)),
        "W = QΛQᵀ": equation(W, Q * Λ * Q.T),
        "Q is orthogonal": orthogonal(Q),
        "Λ is diagonal": symmetric(Λ),
    },
    steps=(
        Identity(
            equation(W.T, Q * Λ * Q.T),
            "Wᵀ = (QΛQᵀ)ᵀ, and Λᵀ = Λ",
            given=("W = QΛQᵀ",),
            rules=(symmetric(Λ),),
        ),
        Identity(
            equation(h(t + 1), Q * Λ * Q.T * h(t)),
            "put step 1 into the recurrence",
            given=("h_{t+1} = Wᵀh_t", 1),
        ),
        Induction(
            equation(h(t), Q * Λ**t * Q.T * h0),
            "between neighbours QᵀQ = I, so the exponents add",
            variable=t,
            start=0,
            base="the initial state is h₀",
            step=2,
            rules=(orthogonal(Q),),
        ),
    ),
    conclusion=equation(h(t), Q * Λ**t * Q.T * h0),
    parameters=(Q, Λ, t, h0),
)
