"""The logarithm of a χ² variable, and of one Gaussian: what products of random factors add up.

All of it comes from one function, E zˢ = 2ˢΓ(N/2 + s)/Γ(N/2), whose derivatives at s = 0 are the
moments of ln z.
"""

from typing import Any

from sympy import (
    EulerGamma,
    IndexedBase,
    Integer,
    Rational,
    Symbol,
    gamma,
    log,
    pi,
    polygamma,
    sqrt,
)
from sympy.core.expr import Expr

from theory.derivation import ByLemma, Derivation, Identity, Step, equation
from theory.lemmas import expectation
from theory.normal_form import Rule
from theory.probability import (
    affine_variance,
    chi_square,
    chi_square_moment,
    linearity,
    log_moment,
    special_case,
    variance,
)

CHI_SQUARE = "z is χ²"

N = Symbol("N", integer=True, positive=True)
s = Symbol("s", nonnegative=True)
v = Symbol("v", positive=True)
z = IndexedBase("z", positive=True)
w = IndexedBase("w", positive=True)


def moment(degrees: Any, power: Any) -> Any:
    """E zˢ of a χ² variable: 2ˢΓ(N/2 + s)/Γ(N/2)."""
    return 2**power * gamma(degrees / 2 + power) / gamma(degrees / 2)


def moment_step(degrees: Any, power: Any) -> Step:
    """E zˢ of a variable assumed to be χ²."""
    return ByLemma(
        equation(expectation(z[degrees] ** power), moment(degrees, power)),
        "integrate against the density",
        lemma=chi_square_moment,
        of=(z[degrees], degrees, power),
        given=(CHI_SQUARE,),
    )


def log_steps(degrees: Any) -> tuple[Step, ...]:
    """Steps 1 to 4, which begin a derivation: E zˢ, and from it E ln z."""
    weighted = expectation(log(z[degrees]) * z[degrees] ** s)
    ψ = polygamma(0, degrees / 2 + s)
    return (
        moment_step(degrees, s),
        _slope(degrees, 1),
        Identity(
            equation(weighted, moment(degrees, s) * (ψ + log(2))),
            "carry out the derivative; ψ = Γ'/Γ",
            given=(2,),
            rules=(Rule("differentiate"),),
        ),
        _at_zero(weighted, moment(degrees, s) * (ψ + log(2)), 3),
    )


def log_variance_steps(degrees: Any) -> tuple[Step, ...]:
    """Steps 5 to 8, after those to E ln z: Var ln z."""
    weighted = expectation(log(z[degrees]) ** 2 * z[degrees] ** s)
    ψ, slope = (polygamma(k, degrees / 2 + s) for k in (0, 1))
    second = moment(degrees, s) * ((ψ + log(2)) ** 2 + slope)
    return (
        _slope(degrees, 2),
        Identity(
            equation(weighted, second),
            "carry out the derivatives",
            given=(5,),
            rules=(Rule("differentiate"),),
        ),
        _at_zero(weighted, second, 6),
        Identity(
            equation(variance(log(z[degrees])), polygamma(1, degrees / 2)),
            "subtract (E ln z)²",
            given=("Var x = E x² − (E x)²", 7, 4),
        ),
    )


def _slope(degrees: Any, k: int) -> Step:
    instance = (z[degrees], s, moment(degrees, s), k)
    return ByLemma(
        log_moment.instance(*instance)[1],
        "differentiate E zˢ under the expectation: each derivative brings a factor ln z",
        lemma=log_moment,
        of=instance,
        given=(1,),
    )


def _at_zero(left: Any, right: Any, step: int) -> Step:
    return ByLemma(
        equation(left.subs(s, 0), right.subs(s, 0)),
        "put s = 0",
        lemma=special_case,
        of=(left, right, s, 0),
        given=(step,),
    )


def is_chi_square(degrees: Any) -> dict[str, Any]:
    """The assumption that the steps above rest on."""
    return {CHI_SQUARE: chi_square(z[degrees], degrees)}


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
    steps=(moment_step(N, s),),
    conclusion=equation(expectation(z[N] ** s), moment(N, s)),
    parameters=(N, s),
)

one = Integer(1)
size = {"|w| = √(vz), where z is w²/v": equation(w[1], sqrt(v) * sqrt(z[one]))}
half_log = Identity(
    equation(log(w[1]), log(z[one]) / 2 + log(v) / 2),
    "the logarithm of a square root is half the logarithm",
    given=tuple(size),
    rules=(Rule("logarithm"),),
)

gaussian_log_mean = Derivation(
    name="gaussian_log_mean",
    assumptions=is_chi_square(one) | size,
    steps=(
        *log_steps(one),
        half_log,
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
            "put steps 4 to 6 together: ψ(1/2) = −γ − 2 ln 2",
            given=(5, 6, 4),
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
        half_log,
        ByLemma(
            equation(variance(log(z[one]) / 2 + log(v) / 2), variance(log(z[one])) / 4),
            "a shift does not vary, a factor is squared",
            lemma=affine_variance,
            of=(log(z[one]), Rational(1, 2), log(v) / 2),
        ),
        Identity(
            equation(variance(log(w[1])), pi**2 / 8),
            "put steps 8 to 10 together: ψ'(1/2) = π²/2",
            given=(9, 10, 8),
        ),
    ),
    conclusion=equation(variance(log(w[1])), pi**2 / 8),
)

shared_gaussian = Derivation(
    name="shared_gaussian",
    assumptions={
        **is_chi_square(one),
        "w² = vz": equation(w[1] ** 2, v * z[one]),
        **variance_of(z[one]),
    },
    steps=(
        moment_step(one, one),
        moment_step(one, Integer(2)),
        Identity(
            equation(variance(z[one]), 2),
            "E z² − (E z)² = 3 − 1",
            given=("Var x = E x² − (E x)²", 2, 1),
        ),
        ByLemma(
            equation(variance(v * z[one]), v**2 * variance(z[one])),
            "a factor is squared",
            lemma=affine_variance,
            of=(z[one], v, 0),
        ),
        Identity(
            equation(variance(w[1] ** 2), 2 * v**2),
            "put steps 3 and 4 together",
            given=("w² = vz", 4, 3),
        ),
    ),
    conclusion=equation(variance(w[1] ** 2), 2 * v**2),
    parameters=(v,),
)
