"""How many noisy samples it takes to tell the sign of a long lag's term: many, and finitely many.

Each of n samples is s or −s, and their mean is the term, gλᵏ or −gλᵏ: where θ = gλᵏ/s, a sample is
s with the chance (1 ± θ)/2, and its noise has the variance v = s² − (gλᵏ)². Expectations are taken
over fair signs ε_i. Of the samples sε_i the likelihood is A = ∏(1 + θε_i) if the term is positive,
and B = ∏(1 − θε_i) if it is negative; m is the smaller of the two and M the larger. A rule that,
having seen the samples, says "positive" with the chance φ is wrong with the chance
½E((1 − φ)A + φB) if either sign is as likely. That is δ = ½E m for the best rule, which says what
is likelier.
"""

from typing import Any

from sympy import IndexedBase, Product, Rational, Symbol, Tuple, exp, log, sqrt

from theory.derivation import ByLemma, Derivation, Identity, at_most, equation, fixed
from theory.lemmas import expectation, independence, independent, monotone_product
from theory.lemmas_of_order import (
    difference,
    exponential,
    monotone_power,
    reciprocal,
    sum_of_products,
    transitivity,
)
from theory.normal_form import Rule
from theory.probability import (
    additivity,
    expected_order,
    geometric_mean,
    linearity,
    product_of_products,
)

n = Symbol("n", integer=True, positive=True)
k = Symbol("k", integer=True, nonnegative=True)
i = Symbol("i", integer=True, positive=True)
g, λ, v = (Symbol(name, positive=True) for name in ("g", "λ", "v"))
ε = IndexedBase("ε", real=True)
A, B, P, m, M = (IndexedBase(name, positive=True)[n] for name in ("A", "B", "P", "m", "M"))
φ = IndexedBase("φ", nonnegative=True)[n]

term = g * λ**k
θ = term / sqrt(v + term**2)
q = v / (v + term**2)
"""The share of noise in a sample's mean square, 1 − θ²."""

TWO_VALUES, INDEPENDENT = "every sample is s or −s", "the samples are independent"
FAIR, CONSTANT = "fair signs have the mean 0", "the term is no random quantity"
POSITIVE, NEGATIVE, BOTH = "A = ∏(1 + θε_i)", "B = ∏(1 − θε_i)", "P = AB"
BELOW_A, BELOW_B, ORDER, SUM, PRODUCT = "m ≤ A", "m ≤ B", "m ≤ M", "M = A + B − m", "M = P/m"
CHANCE = "φ ≤ 1"

FACTORS = {1 + θ * ε[i]: θ, 1 - θ * ε[i]: -θ}
of_m, of_M = expectation(m), expectation(M)
logs = tuple(expectation(log(x)) for x in (m, M))
wrong = (1 - φ) * A + φ * B
constant, most = q**n, q ** (n / 2)
"""What 4δ(1 − δ) is at least, and what 2δ is at most."""

ratio = term**2 / v


def _over_samples(factor: Any) -> Any:
    return Product(factor, (i, 1, n))


plus, minus = FACTORS
both = plus * minus

steps = (
    *(
        ByLemma(
            equation(expectation(_over_samples(f)), _over_samples(expectation(f))),
            "the samples are independent",
            lemma=independence,
            of=(f, i, n, ε),
            given=(INDEPENDENT, CONSTANT),
        )
        for f in FACTORS
    ),
    *(
        ByLemma(
            equation(expectation(f), c * expectation(ε[i]) + 1),
            "a single sample",
            lemma=linearity,
            of=(ε[i], c, 1),
        )
        for f, c in FACTORS.items()
    ),
    ByLemma(
        equation(expectation(A + B), expectation(A) + expectation(B)),
        "means add",
        lemma=additivity,
        of=(A, B),
    ),
    ByLemma(
        equation(expectation(A + B - m), expectation(A + B) + expectation(-m)),
        "means add",
        lemma=additivity,
        of=(A + B, -m),
    ),
    ByLemma(equation(expectation(-m), -of_m), "the sign comes out", lemma=linearity, of=(m, -1, 0)),
    Identity(
        equation(of_M, 2 - of_m),
        "all factors of A and B have the mean 1, and so have A and B",
        given=(SUM, 6, 7, 5, POSITIVE, NEGATIVE, 1, 2, 3, 4, FAIR),
        rules=(Rule("product"),),
    ),
    ByLemma(
        equation(_over_samples(plus) * _over_samples(minus), _over_samples(both)),
        "sample by sample",
        lemma=product_of_products,
        of=(plus, minus, i, n),
    ),
    Identity(equation(both, 1 - θ**2 * ε[i] ** 2), "multiply out"),
    Identity(
        equation(P, constant),
        "as ε² = 1, the product of the likelihoods is the same whatever was seen",
        given=(BOTH, POSITIVE, NEGATIVE, 9, 10, TWO_VALUES),
        rules=(Rule("product"),),
    ),
    *(
        ByLemma(
            at_most(exp(logarithm), expectation(x)),
            "no geometric mean exceeds the mean",
            lemma=geometric_mean,
            of=(x,),
        )
        for logarithm, x in zip(logs, (m, M), strict=True)
    ),
    ByLemma(
        equation(expectation(-log(m) + log(constant)), -logs[0] + log(constant)),
        "constants come out",
        lemma=linearity,
        of=(log(m), -1, log(constant)),
    ),
    Identity(
        equation(logs[1], expectation(-log(m) + log(constant))),
        "M is what is left of P",
        given=(PRODUCT, 11),
        rules=(Rule("logarithm"),),
    ),
    Identity(
        equation(constant, exp(logs[0]) * exp(logs[1])),
        "so the geometric means multiply to P",
        given=(15, 14),
    ),
    ByLemma(
        at_most(0, of_m),
        "m is positive",
        lemma=transitivity,
        of=(0, exp(logs[0]), of_m),
        given=(12,),
    ),
    ByLemma(
        at_most(exp(logs[1]) * exp(logs[0]), exp(logs[1]) * of_m),
        "step 12 times a factor ≥ 0",
        lemma=monotone_product,
        of=(exp(logs[1]), exp(logs[0]), of_m),
        given=(12,),
    ),
    ByLemma(
        at_most(of_m * exp(logs[1]), of_m * of_M),
        "step 13 times a factor ≥ 0",
        lemma=monotone_product,
        of=(of_m, exp(logs[1]), of_M),
        given=(17, 13),
    ),
    ByLemma(
        at_most(exp(logs[1]) * exp(logs[0]), of_m * of_M),
        "steps 18 and 19",
        lemma=transitivity,
        of=(exp(logs[1]) * exp(logs[0]), of_m * exp(logs[1]), of_m * of_M),
        given=(18, 19),
    ),
    ByLemma(
        at_most(constant, of_m * of_M),
        "steps 16 and 20",
        lemma=transitivity,
        of=(constant, exp(logs[0]) * exp(logs[1]), of_m * of_M),
        given=(16, 20),
    ),
    Identity(equation(of_m * of_M, of_m * (2 - of_m)), "step 8", given=(8,)),
    ByLemma(
        at_most(constant, of_m * (2 - of_m)),
        "so the best rule errs with a chance δ = E m/2 for which qⁿ ≤ 4δ(1 − δ)",
        lemma=transitivity,
        of=(constant, of_m * of_M, of_m * (2 - of_m)),
        given=(21, 22),
    ),
    ByLemma(
        at_most(0, (1 - φ) * (A - m) + φ * (B - m)),
        "any other rule",
        lemma=sum_of_products,
        of=(Tuple(1 - φ, A - m), Tuple(φ, B - m)),
        given=(CHANCE, BELOW_A, BELOW_B),
    ),
    ByLemma(
        at_most(m, wrong),
        "is wrong at least as often, given what was seen,",
        lemma=difference,
        of=(m, wrong),
        given=(24,),
    ),
    ByLemma(
        at_most(of_m, expectation(wrong)),
        "and so it is all in all",
        lemma=expected_order,
        of=(m, wrong),
        given=(25,),
    ),
    ByLemma(
        at_most(m * m, m * M),
        "m times the order",
        lemma=monotone_product,
        of=(m, m, M),
        given=(ORDER,),
    ),
    Identity(equation(m * M, constant), "step 11", given=(PRODUCT, 11)),
    ByLemma(
        at_most(m * m, constant),
        "steps 27 and 28",
        lemma=transitivity,
        of=(m * m, m * M, constant),
        given=(27, 28),
    ),
    ByLemma(
        at_most(m, most),
        "take the root",
        lemma=monotone_power,
        of=(m * m, constant, Rational(1, 2)),
        given=(29,),
    ),
    ByLemma(
        at_most(of_m, expectation(most)),
        "this holds whatever was seen",
        lemma=expected_order,
        of=(m, most),
        given=(30,),
    ),
    ByLemma(equation(expectation(most), most), "a constant", lemma=linearity, of=(m, 0, most)),
    ByLemma(
        at_most(of_m, most),
        "so the best rule errs with a chance of q^{n/2}/2 at most",
        lemma=transitivity,
        of=(of_m, expectation(most), most),
        given=(31, 32),
    ),
    ByLemma(at_most(q, exp(-(θ**2))), "q is 1 − θ²", lemma=exponential, of=(-(θ**2),)),
    ByLemma(
        at_most(most, exp(-(θ**2)) ** (n / 2)),
        "n/2 times",
        lemma=monotone_power,
        of=(q, exp(-(θ**2)), n / 2),
        given=(34,),
    ),
    ByLemma(
        at_most(of_m, exp(-n * θ**2 / 2)),
        "so 2/θ² times ln 1/2δ samples suffice",
        lemma=transitivity,
        of=(of_m, most, exp(-n * θ**2 / 2)),
        given=(33, 35),
    ),
    ByLemma(
        at_most(1 + ratio, exp(ratio)),
        "the ratio of term and noise",
        lemma=exponential,
        of=(ratio,),
    ),
    ByLemma(
        at_most(exp(-ratio), 1 / (1 + ratio)),
        "take reciprocals: the right side is q",
        lemma=reciprocal,
        of=(1 + ratio, exp(ratio)),
        given=(37,),
    ),
    ByLemma(
        at_most(exp(-ratio) ** n, (1 / (1 + ratio)) ** n),
        "n times",
        lemma=monotone_power,
        of=(exp(-ratio), 1 / (1 + ratio), n),
        given=(38,),
    ),
    ByLemma(
        at_most(exp(-n * ratio), of_m * (2 - of_m)),
        "so ln 1/4δ(1 − δ) times v/(gλᵏ)² samples are needed for it",
        lemma=transitivity,
        of=(exp(-n * ratio), constant, of_m * (2 - of_m)),
        given=(39, 23),
    ),
)

noise_hides_lags = Derivation(
    name="noise_hides_lags",
    assumptions={
        TWO_VALUES: equation(ε[i] ** 2, 1),
        INDEPENDENT: independent(ε),
        FAIR: equation(expectation(ε[i]), 0),
        CONSTANT: fixed(g, λ, v),
        POSITIVE: equation(A, _over_samples(plus)),
        NEGATIVE: equation(B, _over_samples(minus)),
        BOTH: equation(P, A * B),
        SUM: equation(M, A + B - m),
        PRODUCT: equation(M, P / m),
        ORDER: at_most(m, M),
        BELOW_A: at_most(0, A - m),
        BELOW_B: at_most(0, B - m),
        CHANCE: at_most(0, 1 - φ),
    },
    steps=steps,
    conclusion=at_most(exp(-n * ratio), of_m * (2 - of_m)),
    parameters=(),
)
