"""Products of Gaussian matrices: in many dimensions a squared length hardly varies.

N entries of weights turn one factor's logarithm, of variance π²/8, into one of ψ'(N/2)/4 ≈ 1/2N.
"""

from typing import Any

from sympy import IndexedBase, Sum, Symbol, binomial, log, polygamma, sqrt

from theory.chi_square import N, is_chi_square, log_steps, z
from theory.derivation import ByLemma, Derivation, Identity, Induction, Lemma, equation
from theory.lemmas import expectation, independent
from theory.normal_form import Rule
from theory.probability import (
    active,
    additivity,
    expected_sum,
    gaussian,
    gaussian_image,
    gaussian_qr,
    linearity,
    made_before,
    qr_diagonal,
    relu_image,
    stretch,
)

layer = Symbol("l", integer=True, nonnegative=True)
g, σ = (Symbol(name, positive=True) for name in ("g", "σ"))
k, K = (Symbol(name, integer=True, positive=True) for name in ("k", "K"))
initial = Symbol("initial", real=True)
W, V, h, δ, L = (IndexedBase(name, real=True) for name in ("W", "V", "h", "δ", "L"))

GAUSSIAN = "the weights are Gaussian with variance 1/N"
INDEPENDENT = "the layers are independent"
MADE_BEFORE = "a vector is made of the layers before it"


def drift(degrees: Any) -> Any:
    """What a layer adds to the mean of ln ‖·‖²: 2 ln g + ψ(k/2) + ln 2 − ln N."""
    return 2 * log(g) + polygamma(0, degrees / 2) + log(2) - log(N)


def walk(
    name: str, weights: Any, vectors: Any, degrees: Any, update: str, image: Lemma, facts: Any
) -> Derivation:
    """E ln ‖x_l‖² of vectors that layer l + 1 stretches by g²·χ²/N, with so many degrees."""
    log_stretch = log(stretch(weights[layer + 1], vectors[layer]))
    chi = z[degrees]
    return Derivation(
        name=name,
        assumptions={
            **is_chi_square(degrees),
            GAUSSIAN: gaussian(weights, N, 1 / sqrt(N)),
            INDEPENDENT: independent(weights),
            MADE_BEFORE: made_before(vectors, weights),
            **facts,
            update: equation(L[layer + 1], L[layer] + log_stretch + 2 * log(g)),
            "the first vector is given": equation(expectation(L[0]), initial),
        },
        steps=(
            *log_steps(degrees),
            ByLemma(
                equation(expectation(log_stretch), expectation(log(chi / N))),
                image.statement,
                lemma=image,
                of=((weights, N, 1 / sqrt(N)), vectors, layer + 1, chi),
                given=(GAUSSIAN, INDEPENDENT, "z is χ²", MADE_BEFORE, *facts),
            ),
            Identity(
                equation(log(chi / N), log(chi) - log(N)),
                "the logarithm of a quotient",
                rules=(Rule("logarithm"),),
            ),
            ByLemma(
                equation(expectation(log(chi) - log(N)), expectation(log(chi)) - log(N)),
                "the constant comes out",
                lemma=linearity,
                of=(log(chi), 1, -log(N)),
            ),
            ByLemma(
                equation(
                    expectation(L[layer] + log_stretch + 2 * log(g)),
                    expectation(L[layer] + log_stretch) + 2 * log(g),
                ),
                "the constant comes out",
                lemma=linearity,
                of=(L[layer] + log_stretch, 1, 2 * log(g)),
            ),
            ByLemma(
                equation(
                    expectation(L[layer] + log_stretch),
                    expectation(L[layer]) + expectation(log_stretch),
                ),
                "expectations add",
                lemma=additivity,
                of=(L[layer], log_stretch),
            ),
            Identity(
                equation(expectation(L[layer + 1]), expectation(L[layer]) + drift(degrees)),
                "put steps 4 to 9 into the recurrence",
                given=(update, 8, 9, 5, 6, 7, 4),
            ),
            Induction(
                equation(expectation(L[layer]), initial + layer * drift(degrees)),
                "every layer adds the same",
                variable=layer,
                start=0,
                base="the first vector is given",
                step=10,
            ),
        ),
        conclusion=equation(expectation(L[layer]), initial + layer * drift(degrees)),
        parameters=(initial, layer, g, N, k),
    )


width_rescues = walk(
    "width_rescues", W, h, N, "h_{l+1} = gW_{l+1}h_l, L_l = ln ‖h_l‖²", gaussian_image, {}
)

# Counted back from the output: V_l is the transpose of the weights of layer D − l + 1.
feedforward_scaling = walk(
    "feedforward_scaling", V, δ, N, "δ_{l+1} = gV_{l+1}δ_l, L_l = ln ‖δ_l‖²", gaussian_image, {}
)

relu_scaling = walk(
    "relu_scaling",
    V,
    δ,
    k,
    "δ_{l+1} = g·diag(a > 0)V_{l+1}δ_l, L_l = ln ‖δ_l‖²",
    relu_image,
    {"k + 1 units are active, and the gradient is orthogonal to them": active(V, δ, k + 1)},
)

log_gain = (log(N) - log(2) - polygamma(0, N / 2)) / 2

driftless_gain = Derivation(
    name="driftless_gain",
    assumptions={"ln g = (ln(N/2) − ψ(N/2))/2": equation(log(g), log_gain)},
    steps=(
        Identity(
            equation(drift(N), 0),
            "2 ln g is what the layer takes away",
            given=("ln g = (ln(N/2) − ψ(N/2))/2",),
        ),
    ),
    conclusion=equation(drift(N), 0),
)

share = binomial(N, K) / (2**N - 1)
rectified = IndexedBase("r", positive=True)
by_active_units = Sum(share * expectation(log(z[K] / N)), (K, 1, N))
rectified_mean = Sum(share * (polygamma(0, K / 2) + log(2) - log(N)), (K, 1, N))

relu_gain = Derivation(
    name="relu_gain",
    assumptions={
        **is_chi_square(K),
        "of K active units, with chance C(N, K)/(2ᴺ − 1), N·r is χ² with K degrees": equation(
            expectation(log(rectified[1])), by_active_units
        ),
    },
    steps=(
        *log_steps(K),
        Identity(
            equation(log(z[K] / N), log(z[K]) - log(N)),
            "the logarithm of a quotient",
            rules=(Rule("logarithm"),),
        ),
        ByLemma(
            equation(expectation(log(z[K]) - log(N)), expectation(log(z[K])) - log(N)),
            "the constant comes out",
            lemma=linearity,
            of=(log(z[K]), 1, -log(N)),
        ),
        Identity(
            equation(expectation(log(rectified[1])), rectified_mean),
            "put steps 4 to 6 into the mean over K",
            given=(
                "of K active units, with chance C(N, K)/(2ᴺ − 1), N·r is χ² with K degrees",
                5,
                6,
                4,
            ),
        ),
    ),
    conclusion=equation(expectation(log(rectified[1])), rectified_mean),
    parameters=(N,),
)

t, T = (Symbol(name, integer=True, positive=True) for name in ("t", "T"))
# The k-th exponent has N − k + 1 degrees of freedom; here k is their number.
log_diagonal = log(qr_diagonal(W[t], N - k + 1) ** 2)
exponent = (log(2) + polygamma(0, k / 2)) / 2 + log(σ)

top_exponent = Derivation(
    name="top_exponent",
    assumptions={
        **is_chi_square(k),
        "the entries are Gaussian with deviation σ": gaussian(W, N, σ),
        "the factors are independent": independent(W),
    },
    steps=(
        *log_steps(k),
        ByLemma(
            equation(expectation(log_diagonal), expectation(log(σ**2 * z[k]))),
            "WQ' is as Gaussian as W; what a column has beside those before it is χ²",
            lemma=gaussian_qr,
            of=((W, N, σ), t, N - k + 1, z[k]),
            given=(
                "the entries are Gaussian with deviation σ",
                "the factors are independent",
                "z is χ²",
            ),
        ),
        Identity(
            equation(log(σ**2 * z[k]), log(z[k]) + 2 * log(σ)),
            "the logarithm of a product",
            rules=(Rule("logarithm"),),
        ),
        ByLemma(
            equation(
                expectation(log(z[k]) + 2 * log(σ)),
                expectation(log(z[k])) + 2 * log(σ),
            ),
            "the constant comes out",
            lemma=linearity,
            of=(log(z[k]), 1, 2 * log(σ)),
        ),
        ByLemma(
            equation(
                expectation(Sum(log_diagonal, (t, 1, T)) / (2 * T)),
                expectation(Sum(log_diagonal, (t, 1, T))) / (2 * T),
            ),
            "the constant comes out",
            lemma=linearity,
            of=(Sum(log_diagonal, (t, 1, T)), 1 / (2 * T), 0),
        ),
        ByLemma(
            equation(
                expectation(Sum(log_diagonal, (t, 1, T))),
                Sum(expectation(log_diagonal), (t, 1, T)),
            ),
            "expectations add",
            lemma=expected_sum,
            of=(log_diagonal, t, T),
        ),
        Identity(
            equation(expectation(Sum(log_diagonal, (t, 1, T)) / (2 * T)), exponent),
            "every factor adds the same, so the mean of ln R_kk is it at every T",
            given=(8, 9, 5, 6, 7, 4),
            rules=(Rule("doit"),),
        ),
    ),
    conclusion=equation(expectation(Sum(log_diagonal, (t, 1, T)) / (2 * T)), exponent),
    parameters=(k, σ),
)
