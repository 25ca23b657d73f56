"""Section 10.7's linear recurrence: repeated multiplication is the power method."""

from sympy import MatMul, MatrixSymbol, Symbol

from theory.derivation import ByLemma, Derivation, Identity, Induction, equation
from theory.lemmas_of_norms import transposition
from theory.matrices import family
from theory.rules import invertible, orthogonal, symmetric

n = Symbol("n", integer=True, positive=True)
t = Symbol("t", integer=True, nonnegative=True)
λ = Symbol("λ", real=True)
W, Q, V, Λ = (MatrixSymbol(name, n, n) for name in ("W", "Q", "V", "Λ"))
h0, q = (MatrixSymbol(name, n, 1) for name in ("h0", "q"))
h = family("h", n)

INITIAL = "the initial state is h₀"
RECURRENCE = "h_{t+1} = Wᵀh_t"
recurrence = {INITIAL: equation(h(0), h0), RECURRENCE: equation(h(t + 1), W.T * h(t))}

unrolled_power = Derivation(
    name="unrolled_power",
    assumptions=recurrence,
    steps=(
        Induction(
            equation(h(t), (W**t).T * h0),
            "Wᵀ(Wᵗ)ᵀ = (WᵗW)ᵀ = (Wᵗ⁺¹)ᵀ",
            variable=t,
            start=0,
            base=INITIAL,
            step=RECURRENCE,
        ),
    ),
    conclusion=equation(h(t), (W**t).T * h0),
    parameters=(W, t, h0),
)

spectral_power = Derivation(
    name="spectral_power",
    assumptions={
        **recurrence,
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
            given=(RECURRENCE, 1),
        ),
        Induction(
            equation(h(t), Q * Λ**t * Q.T * h0),
            "between neighbours QᵀQ = I, so the exponents add",
            variable=t,
            start=0,
            base=INITIAL,
            step=2,
            rules=(orthogonal(Q),),
        ),
    ),
    conclusion=equation(h(t), Q * Λ**t * Q.T * h0),
    parameters=(Q, Λ, t, h0),
)

printed_form_agrees = Derivation(
    name="printed_form_agrees",
    assumptions={"Q is orthogonal": orthogonal(Q)},
    steps=(
        Identity(
            equation(Q.T * Λ**t * Q - Q * Λ**t * Q.T, Q.T * (Λ**t * Q**2 - Q**2 * Λ**t) * Q.T),
            "QᵀQ² = Q and QQᵀ = I; Qᵀ is invertible, so one side is zero iff the other is",
            rules=(orthogonal(Q),),
        ),
    ),
    conclusion=equation(Q.T * Λ**t * Q - Q * Λ**t * Q.T, Q.T * (Λ**t * Q**2 - Q**2 * Λ**t) * Q.T),
    parameters=(Q, Λ, t),
)

diagonalisable_power = Derivation(
    name="diagonalisable_power",
    assumptions={
        "W is diagonalisable": equation(W, V * Λ * V.I),
        "V is invertible": invertible(V),
        "Λ is diagonal": symmetric(Λ),
    },
    steps=(
        Identity(equation(W**0, V * Λ**0 * V.I), "both are the identity"),
        Identity(equation(W ** (t + 1), MatMul(W**t, W)), "one factor more"),
        Identity(
            equation(W ** (t + 1), W**t * V * Λ * V.I),
            "put the eigendecomposition into the last factor",
            given=(2, "W is diagonalisable"),
        ),
        Induction(
            equation(W**t, V * Λ**t * V.I),
            "between neighbours V⁻¹V = I, so the exponents add",
            variable=t,
            start=0,
            base=1,
            step=3,
            rules=(invertible(V),),
        ),
        ByLemma(
            equation((W**t).T, V.I.T * Λ**t * V.T),
            "transpose step 4; Λᵀ = Λ",
            lemma=transposition,
            of=(W**t, V * Λ**t * V.I),
            given=(4,),
            rules=(symmetric(Λ), invertible(V)),
        ),
    ),
    conclusion=equation((W**t).T, V.I.T * Λ**t * V.T),
    parameters=(V, Λ, t),
)

eigencomponents = Derivation(
    name="eigencomponents",
    assumptions={**recurrence, "q is an eigenvector of W": equation(W * q, λ * q)},
    steps=(
        ByLemma(
            equation(q.T * W.T, λ * q.T),
            "transpose Wq = λq",
            lemma=transposition,
            of=(W * q, λ * q),
            given=("q is an eigenvector of W",),
        ),
        Identity(
            equation(q.T * h(t + 1), λ * q.T * h(t)),
            "put step 1 into the recurrence",
            given=(RECURRENCE, 1),
        ),
        Identity(equation(q.T * h(0), q.T * h0), "the initial state", given=(INITIAL,)),
        Induction(
            equation(q.T * h(t), λ**t * q.T * h0),
            "each step multiplies the component by λ",
            variable=t,
            start=0,
            base=3,
            step=2,
        ),
    ),
    conclusion=equation(q.T * h(t), λ**t * q.T * h0),
    parameters=(q, λ, t, h0),
)
