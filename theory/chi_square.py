"""The logarithm of a χ² variable, and of one Gaussian: what products of random factors add up.

All of it comes from one function, E zˢ = 2ˢΓ(N/2 + s)/Γ(N/2), whose derivatives at s = 0 are the
moments of ln z.
"""

from typing import Any

from sympy import (
    EulerGamma,
    IndexedBase,
    Integer,
    Integral,
    Rational,
    Symbol,
    exp,
    gamma,
    log,
    oo,
    pi,
    polygamma,
    sqrt,
)
from sympy.core.expr import Expr

from theory.derivation import ByLemma, Derivation, Identity, Step, equation, less
from theory.lemmas import expectation
from theory.normal_form import Rule
from theory.probability import (
    affine_variance,
    chi_square,
    chi_square_density,
    euler_integral,
    linearity,
    log_moment,
    variance,
    x,
)

N = Symbol("N", integer=True, positive=True)
s = Symbol("s", real=True)
v = Symbol("v", positive=True)
z = IndexedBase("z", positive=True)
w = IndexedBase("w", positive=True)


def moment(degrees: Any, power: Any) -> Any:
    """E zˢ of a χ² variable: 2ˢΓ(N/2 + s)/Γ(N/2)."""
    return 2**power * gamma(degrees / 2 + power) / gamma(degrees / 2)


def moment_steps(degrees: Any, power: Any, before: int = 0) -> tuple[Step, ...]:
    """Three steps to E zˢ, the numbered steps `before` them not counted."""
    a = degrees / 2 + power
    above = () if a.is_positive else ("s > −N/2",)
    integral = Integral(x ** (a - 1) * exp(-x / 2), (x, 0, oo))
    density = integral / (2 ** (degrees / 2) * gamma(degrees / 2))
    return (
        ByLemma(
            equation(expectation(z[degrees] ** power), density),
            "integrate against the density",
            lemma=chi_square_density,
            of=(z[degrees], degrees, power),
            given=("z is χ²", *above),
        ),
        ByLemma(
            equation(integral, 2**a * gamma(a)),
            "the integral is Euler's",
            lemma=euler_integral,
            of=(a, 2),
            given=above,
        ),
        Identity(
            equation(expectation(z[degrees] ** power), moment(degrees, power)),
            "put step 2 into step 1",
            given=(before + 1, before + 2),
        ),
    )


def log_steps(degrees: Any) -> tuple[Step, ...]:
    """Steps 1 to 5, which begin a derivation: E zˢ, and from it E ln z."""
    first = log_moment.instance(z[degrees], s, moment(degrees, s), 1)[1]
    return (
        *moment_steps(degrees, s),
        ByLemma(
            first,
            "E ln z is the slope of E zˢ at s = 0",
            lemma=log_moment,
            of=(z[degrees], s, moment(degrees, s), 1),
            given=(3,),
        ),
        Identity(
            equation(expectation(log(z[degrees])), polygamma(0, degrees / 2) + log(2)),
            "carry out the derivative; ψ = Γ'/Γ",
            given=(4,),
            rules=(Rule("doit"),),
        ),
    )


def log_variance_steps(degrees: Any) -> tuple[Step, ...]:
    """Steps 6 and 7, after those to E ln z: Var ln z."""
    second = log_moment.instance(z[degrees], s, moment(degrees, s), 2)[1]
    return (
        ByLemma(
            second,
            "E (ln z)² is the second derivative of E zˢ at s = 0",
            lemma=log_moment,
            of=(z[degrees], s, moment(degrees, s), 2),
            given=(3,),
        ),
        Identity(
            equation(variance(log(z[degrees])), polygamma(1, degrees / 2)),
            "carry out the derivatives and subtract (E ln z)²",
            given=("Var x = E x² − (E x)²", 6, 5),
            rules=(Rule("doit"),),
        ),
    )


def is_chi_square(degrees: Any) -> dict[str, Any]:
    """The assumptions that the steps above rest on."""
    return {"z is χ²": chi_square(z[degrees], degrees), "s > −N/2": less(0, degrees / 2 + s)}


def variance_of(quantity: Expr) -> dict[str, Any]:
    """The definition of the variance of one quantity, as an assumption."""
    second, first = expectation(quantity**2), expectation(quantity)
    return {"Var x = E x² − (E x)²": equation(variance(quantity), second - first**2)}


log_mean = Derivation(
    name="log_mean",
    assumptions=is_chi_square(N),
    steps=log_steps(N),
    conclusion=equation(expectation(log(z[N])), polygamma(0, N / 2) + log(2)),
    parameters=(N,),
)

log_variance = Derivation(
    name="log_variance",
    assumptions=is_chi_square(N) | variance_of(log(z[N])),
    steps=(*log_steps(N), *log_variance_steps(N)),
    conclusion=equation(variance(log(z[N])), polygamma(1, N / 2)),
    parameters=(N,),
)

moments = Derivation(
    name="moments",
    assumptions=is_chi_square(N),
    steps=moment_steps(N, s),
    conclusion=equation(expectation(z[N] ** s), moment(N, s)),
    parameters=(N, s),
)

one = Integer(1)
size = {"|w| = √(vz), where z is w²/v": equation(w[1], sqrt(v) * sqrt(z[one]))}
half_log = (
    Identity(
        equation(log(w[1]), log(z[one]) / 2 + log(v) / 2),
        "the logarithm of a square root is half the logarithm",
        given=tuple(size),
        rules=(Rule("logarithm"),),
    ),
)

gaussian_log_mean = Derivation(
    name="gaussian_log_mean",
    assumptions=is_chi_square(one) | size,
    steps=(
        *log_steps(one),
        *half_log,
        ByLemma(
            equation(
                expectation(log(z[one]) / 2 + log(v) / 2),
                expectation(log(z[one])) / 2 + log(v) / 2,
            ),
            "the expectation is linear",
            lemma=linearity,
            of=(log(z[one]), Rational(1, 2), log(v) / 2),
        ),
        Identity(
            equation(expectation(log(w[1])), log(v) / 2 - (EulerGamma + log(2)) / 2),
            "put steps 5 to 7 together: ψ(1/2) = −γ − 2 ln 2",
            given=(6, 7, 5),
        ),
    ),
    conclusion=equation(expectation(log(w[1])), log(v) / 2 - (EulerGamma + log(2)) / 2),
    parameters=(v,),
)

gaussian_log_variance = Derivation(
    name="gaussian_log_variance",
    assumptions=is_chi_square(one) | size | variance_of(log(z[one])),
    steps=(
        *log_steps(one),
        *log_variance_steps(one),
        *half_log,
        ByLemma(
            equation(variance(log(z[one]) / 2 + log(v) / 2), variance(log(z[one])) / 4),
            "a shift does not vary, a factor is squared",
            lemma=affine_variance,
            of=(log(z[one]), Rational(1, 2), log(v) / 2),
        ),
        Identity(
            equation(variance(log(w[1])), pi**2 / 8),
            "put steps 7 to 9 together: ψ'(1/2) = π²/2",
            given=(8, 9, 7),
        ),
    ),
    conclusion=equation(variance(log(w[1])), pi**2 / 8),
)

shared_gaussian = Derivation(
    name="shared_gaussian",
    assumptions={
        "z is χ²": chi_square(z[one], one),
        "w² = vz": equation(w[1] ** 2, v * z[one]),
        **variance_of(z[one]),
    },
    steps=(
        *moment_steps(one, one),
        *moment_steps(one, Integer(2), before=3),
        Identity(
            equation(variance(z[one]), 2),
            "E z² − (E z)² = 3 − 1",
            given=("Var x = E x² − (E x)²", 6, 3),
        ),
        ByLemma(
            equation(variance(v * z[one]), v**2 * variance(z[one])),
            "a factor is squared",
            lemma=affine_variance,
            of=(z[one], v, 0),
        ),
        Identity(
            equation(variance(w[1] ** 2), 2 * v**2),
            "put steps 7 and 8 together",
            given=("w² = vz", 8, 7),
        ),
    ),
    conclusion=equation(variance(w[1] ** 2), 2 * v**2),
    parameters=(v,),
)
