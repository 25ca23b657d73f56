"""A layer of random weights: by how much it spreads perturbations, where it keeps its signal.

h = f(Wx) with N units and independent W_ij ~ N(0, w/N), w = σ_w². A unit's pre-activation a_i and
its change b_i under a perturbation v of x are Gaussian, of variances q = w‖x‖²/N and u = w‖v‖²/N,
and independent of each other where v is orthogonal to x. z is a standard Gaussian, S is f′.
Poole, Lahiri, Raghu, Sohl-Dickstein & Ganguli (2016) and Schoenholz, Gilmer, Ganguli &
Sohl-Dickstein (2017) have χ and the variance q that layers of many units keep.
"""

from typing import Any

from sympy import Function, IndexedBase, Lambda, Sum, Symbol, Tuple, sqrt

from theory.derivation import (
    ByLemma,
    Derivation,
    Fact,
    Identity,
    Lemma,
    at_most,
    equation,
)
from theory.lemmas import Instance, expectation, monotone_product
from theory.lemmas_of_calculus import derivative_of
from theory.lemmas_of_order import positive_division, transitivity
from theory.normal_form import Rule
from theory.probability import expected_sum

N = Symbol("N", integer=True, positive=True)
i = Symbol("i", integer=True, positive=True)
q, w, L, χ = (Symbol(name, positive=True) for name in ("q", "w", "L", "χ"))
bias = Symbol("c", nonnegative=True)
z = IndexedBase("z", real=True)[1]
a, b = IndexedBase("a", real=True), IndexedBase("b", real=True)
f, S = Function("f", real=True), Function("S", real=True)
x = Symbol("x", real=True)


def standard_gaussian(variable: Any) -> Fact:
    """The fact that a variable has the law N(0, 1)."""
    return Fact("is a standard Gaussian", (variable,))


def orthogonal_images(first: Any, second: Any, variances: Any) -> Fact:
    """The fact that two columns are Wx and Wv, v orthogonal to x, with a Gaussian W."""
    return Fact(
        "are the images of orthogonal columns under independent Gaussian weights, of variances",
        (Tuple(first, second, *variances),),
    )


def _gaussian_poincare(g: Any, slope: Any, scale: Any, gaussian: Any) -> Instance:
    """g has the derivative `slope`; both are read at scale·z."""
    value, steepness = g(scale * gaussian), slope(scale * gaussian)
    left = expectation(value**2) - expectation(value) ** 2
    premises = (standard_gaussian(gaussian), derivative_of(g, Lambda(x, slope(x))))
    return premises, at_most(left, scale**2 * expectation(steepness**2))


gaussian_poincare = Lemma(
    "Poincaré's inequality for Gaussians",
    "z ~ N(0, 1) ⇒ Var g(cz) ≤ c² E g′(cz)², with equality iff g is affine",
    _gaussian_poincare,
)


def _independent_images(
    slope: Any, first: Any, second: Any, variances: Any, gaussian: Any
) -> Instance:
    """Of unit i, an entry of either column."""
    large, small = variances
    premises = (
        standard_gaussian(gaussian),
        orthogonal_images(first.base, second.base, variances),
    )
    left = expectation(slope(first) ** 2 * second**2)
    return premises, equation(left, expectation(slope(sqrt(large) * gaussian) ** 2) * small)


independent_images = Lemma(
    "images of orthogonal columns",
    "x ⊥ v, W Gaussian ⇒ a = (Wx)_i and b = (Wv)_i are independent, a ~ N(0, q) and b ~ N(0, u): "
    "E S(a)²b² = E S(√q z)²·u",
    _independent_images,
)

GAUSSIAN, IMAGES = "z is a standard Gaussian", "v is orthogonal to x, and the weights are Gaussian"
SLOPE, ODD = "f′ = S", "the mean activation is zero"
KEPT, UNBIASED = "the layer keeps the mean square of its signal", "there are no biases"
FACTOR = "χ = σ_w² E f′(√q z)²"

signal, steepness = f(sqrt(q) * z), S(sqrt(q) * z)
moved = Sum(S(a[i]) ** 2 * b[i] ** 2, (i, 1, N))
square, slopes = expectation(signal**2), expectation(steepness**2)
per_unit = w * L / N

sustained_signal = Derivation(
    name="sustained_signal",
    assumptions={
        GAUSSIAN: standard_gaussian(z),
        IMAGES: orthogonal_images(a, b, (q, per_unit)),
        SLOPE: derivative_of(f, Lambda(x, S(x))),
        ODD: equation(expectation(signal), 0),
        KEPT: equation(w * square + bias, q),
        UNBIASED: equation(bias, 0),
        FACTOR: equation(χ, w * slopes),
    },
    steps=(
        ByLemma(
            equation(expectation(S(a[i]) ** 2 * b[i] ** 2), slopes * per_unit),
            "how far unit i moves, and how steep it is there, are independent",
            lemma=independent_images,
            of=(S, a[i], b[i], (q, per_unit), z),
            given=(GAUSSIAN, IMAGES),
        ),
        ByLemma(
            equation(expectation(moved), Sum(expectation(S(a[i]) ** 2 * b[i] ** 2), (i, 1, N))),
            "means add",
            lemma=expected_sum,
            of=(S(a[i]) ** 2 * b[i] ** 2, i, N),
        ),
        Identity(
            equation(expectation(moved), χ * L),
            "N units alike: the layer multiplies the mean square of v by χ",
            given=(2, 1, FACTOR),
            rules=(Rule("doit"),),
        ),
        ByLemma(
            at_most(square - expectation(signal) ** 2, q * slopes),
            "a function varies no more than its slope lets it",
            lemma=gaussian_poincare,
            of=(f, S, sqrt(q), z),
            given=(GAUSSIAN, SLOPE),
        ),
        Identity(equation(square, square - expectation(signal) ** 2), "of mean zero", given=(ODD,)),
        ByLemma(
            at_most(square, q * slopes),
            "steps 5 and 4",
            lemma=transitivity,
            of=(square, square - expectation(signal) ** 2, q * slopes),
            given=(5, 4),
        ),
        ByLemma(
            at_most(w * square, w * q * slopes),
            "w times step 6",
            lemma=monotone_product,
            of=(w, square, q * slopes),
            given=(6,),
        ),
        Identity(equation(w * square + bias, w * square), "without biases", given=(UNBIASED,)),
        ByLemma(
            at_most(q, w * square),
            "the signal is kept",
            lemma=transitivity,
            of=(q, w * square + bias, w * square),
            given=(KEPT, 8),
        ),
        Identity(equation(w * q * slopes, q * χ), "the definition of χ", given=(FACTOR,)),
        ByLemma(
            at_most(q, w * q * slopes),
            "steps 9 and 7",
            lemma=transitivity,
            of=(q, w * square, w * q * slopes),
            given=(9, 7),
        ),
        ByLemma(
            at_most(q, q * χ),
            "steps 11 and 10",
            lemma=transitivity,
            of=(q, w * q * slopes, q * χ),
            given=(11, 10),
        ),
        ByLemma(
            at_most(1, χ),
            "divide by q",
            lemma=positive_division,
            of=(q, q * χ, q),
            given=(12,),
        ),
        ByLemma(
            at_most(L, L * χ),
            "times the mean square of v",
            lemma=monotone_product,
            of=(L, 1, χ),
            given=(13,),
        ),
        ByLemma(
            at_most(L, expectation(moved)),
            "and by step 3 no less than that comes out of the layer",
            lemma=transitivity,
            of=(L, L * χ, expectation(moved)),
            given=(14, 3),
        ),
    ),
    conclusion=at_most(L, expectation(moved)),
    parameters=(),
)
