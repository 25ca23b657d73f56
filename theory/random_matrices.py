"""Products of Gaussian matrices: in many dimensions a squared length is an average, and hardly varies.

N entries of weights turn one factor's logarithm, of variance π²/8, into one of ψ'(N/2)/4 ≈ 1/2N.
"""

from sympy import IndexedBase, Sum, Symbol, binomial, log, polygamma, sqrt

from theory.chi_square import N, is_chi_square, log_steps, z
from theory.derivation import ByLemma, Derivation, Identity, Induction, equation
from theory.lemmas import expectation, independent
from theory.normal_form import Rule
from theory.probability import (
    additivity,
    expected_sum,
    gaussian,
    gaussian_image,
    gaussian_qr,
    linearity,
    qr_diagonal,
    stretch,
)

l, D = (Symbol(name, integer=True, nonnegative=True) for name in ("l", "D"))
g, σ = (Symbol(name, positive=True) for name in ("g", "σ"))
initial = Symbol("initial", real=True)
W, h, L = (IndexedBase(name, real=True) for name in ("W", "h", "L"))

log_stretch = log(stretch(W[l + 1], h[l]))
drift = 2 * log(g) + polygamma(0, N / 2) + log(2) - log(N)

width_rescues = Derivation(
    name="width_rescues",
    assumptions={
        **is_chi_square(N),
        "the weights are Gaussian with variance 1/N": gaussian(W, 1 / sqrt(N)),
        "the layers are independent": independent(W),
        "h_{l+1} = gW_{l+1}h_l, with L_l = ln ‖h_l‖²": equation(
            L[l + 1], L[l] + log_stretch + 2 * log(g)
        ),
        "h₀ is given": equation(expectation(L[0]), initial),
    },
    steps=(
        *log_steps(N),
        ByLemma(
            equation(expectation(log_stretch), expectation(log(z[N] / N))),
            "each entry of Wh is N(0, ‖h‖²/N), so N‖Wh‖²/‖h‖² is χ² with N degrees",
            lemma=gaussian_image,
            of=(W, h, l + 1, 1 / sqrt(N), N, z[N]),
            given=(
                "the weights are Gaussian with variance 1/N",
                "the layers are independent",
                "z is χ²",
            ),
        ),
        Identity(
            equation(log(z[N] / N), log(z[N]) - log(N)),
            "the logarithm of a quotient",
            rules=(Rule("logarithm"),),
        ),
        ByLemma(
            equation(expectation(log(z[N]) - log(N)), expectation(log(z[N])) - log(N)),
            "the constant comes out",
            lemma=linearity,
            of=(log(z[N]), 1, -log(N)),
        ),
        ByLemma(
            equation(
                expectation(L[l] + log_stretch + 2 * log(g)),
                expectation(L[l] + log_stretch) + 2 * log(g),
            ),
            "the constant comes out",
            lemma=linearity,
            of=(L[l] + log_stretch, 1, 2 * log(g)),
        ),
        ByLemma(
            equation(expectation(L[l] + log_stretch), expectation(L[l]) + expectation(log_stretch)),
            "expectations add",
            lemma=additivity,
            of=(L[l], log_stretch),
        ),
        Identity(
            equation(expectation(L[l + 1]), expectation(L[l]) + drift),
            "put steps 5 to 10 into the recurrence",
            given=("h_{l+1} = gW_{l+1}h_l, with L_l = ln ‖h_l‖²", 9, 10, 6, 7, 8, 5),
        ),
        Induction(
            equation(expectation(L[l]), initial + l * drift),
            "every layer adds the same",
            variable=l,
            start=0,
            base="h₀ is given",
            step=11,
        ),
    ),
    conclusion=equation(expectation(L[l]), initial + l * drift),
    parameters=(initial, l, g, N),
)

log_gain = (log(N) - log(2) - polygamma(0, N / 2)) / 2

driftless_gain = Derivation(
    name="driftless_gain",
    assumptions={"ln g = (ln(N/2) − ψ(N/2))/2": equation(log(g), log_gain)},
    steps=(
        Identity(
            equation(drift, 0),
            "2 ln g is what the layer takes away",
            given=("ln g = (ln(N/2) − ψ(N/2))/2",),
        ),
    ),
    conclusion=equation(drift, 0),
)

K = Symbol("K", integer=True, positive=True)
active = binomial(N, K) / (2**N - 1)
rectified = IndexedBase("r", positive=True)
by_active_units = Sum(active * expectation(log(z[K] / N)), (K, 1, N))
rectified_mean = Sum(active * (polygamma(0, K / 2) + log(2) - log(N)), (K, 1, N))

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
            "put steps 5 to 7 into the mean over K",
            given=(
                "of K active units, with chance C(N, K)/(2ᴺ − 1), N·r is χ² with K degrees",
                6,
                7,
                5,
            ),
        ),
    ),
    conclusion=equation(expectation(log(rectified[1])), rectified_mean),
    parameters=(N,),
)

k, t, T = (Symbol(name, integer=True, positive=True) for name in ("k", "t", "T"))
degrees = N - k + 1
log_diagonal = log(qr_diagonal(W[t], k) ** 2)
exponent = (log(2) + polygamma(0, degrees / 2)) / 2 + log(σ)

top_exponent = Derivation(
    name="top_exponent",
    assumptions={
        **is_chi_square(degrees),
        "the entries are Gaussian with deviation σ": gaussian(W, σ),
        "the factors are independent": independent(W),
    },
    steps=(
        *log_steps(degrees),
        ByLemma(
            equation(expectation(log_diagonal), expectation(log(σ**2 * z[degrees]))),
            "WQ' is as Gaussian as W; what column k has beside the k − 1 before it is χ²",
            lemma=gaussian_qr,
            of=(W, t, k, σ, N, z[degrees]),
            given=(
                "the entries are Gaussian with deviation σ",
                "the factors are independent",
                "z is χ²",
            ),
        ),
        Identity(
            equation(log(σ**2 * z[degrees]), log(z[degrees]) + 2 * log(σ)),
            "the logarithm of a product",
            rules=(Rule("logarithm"),),
        ),
        ByLemma(
            equation(
                expectation(log(z[degrees]) + 2 * log(σ)),
                expectation(log(z[degrees])) + 2 * log(σ),
            ),
            "the constant comes out",
            lemma=linearity,
            of=(log(z[degrees]), 1, 2 * log(σ)),
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
            given=(9, 10, 6, 7, 8, 5),
            rules=(Rule("doit"),),
        ),
    ),
    conclusion=equation(expectation(Sum(log_diagonal, (t, 1, T)) / (2 * T)), exponent),
    parameters=(N, k, σ),
)
