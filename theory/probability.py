"""The shelf's facts about expectations, and the words that they are written in.

A random quantity is indexed (w_i, z_i, X_j) or a function of such; everything else is a constant.
Of E, Var and P nothing is known but what these lemmas say; each is verified on exact cases in the
tests, those about Gaussian matrices by the exact moments of polynomials.
"""

from __future__ import annotations

from typing import Any

from sympy import (
    Derivative,
    Function,
    Ge,
    Indexed,
    Integral,
    Product,
    Subs,
    Sum,
    Symbol,
    exp,
    gamma,
    log,
    oo,
)

from theory.derivation import Fact, Lemma, Relation, at_most, equation, less
from theory.lemmas import expectation, independent

Instance = tuple[tuple[Relation | Fact, ...], Relation]

x = Symbol("x", positive=True)
"""What integrals run over."""


def variance(expression: Any) -> Any:
    """Var of an expression in random quantities."""
    return Function("Var", real=True)(expression)


def probability(event: Any) -> Any:
    """P of an event, a relation between random quantities."""
    return Function("P", real=True)(event)


def sample_mean(sample: Any, size: Any) -> Any:
    """The mean of `size` independent samples, each with the law of `sample`."""
    return Function("mean", real=True)(sample, size)


def stretch(matrix: Any, column: Any) -> Any:
    """‖Wh‖²/‖h‖², by how much a matrix stretches a column's squared length."""
    return Function("stretch", positive=True)(matrix, column)


def qr_diagonal(matrix: Any, k: Any) -> Any:
    """R_kk > 0 of the QR factors of WQ', Q' the orthogonal factor that came before."""
    return Function("R", positive=True)(matrix, k)


def gaussian(matrices: Any, n: Any, σ: Any) -> Fact:
    """The fact that each of these n × n matrices has independent entries N(0, σ²)."""
    return Fact("are square, with independent Gaussian entries of deviation", (matrices, n, σ))


def chi_square(variable: Any, degrees: Any) -> Fact:
    """The fact that a variable has the χ² law with so many degrees of freedom."""
    return Fact("is χ² with degrees", (variable, degrees))


def active(matrices: Any, columns: Any, units: Any) -> Fact:
    """The fact that a gradient goes back through so many active units, orthogonal to them."""
    return Fact("go back through active units to the number of", (matrices, columns, units))


def _refuse_random(what: str, *constants: Any) -> None:
    for constant in constants:
        if constant.has(Indexed):
            raise ValueError(f"{what}: {constant} has to be a constant")


def _linearity(f: Any, c: Any, d: Any) -> Instance:
    _refuse_random("linearity", c, d)
    return (), equation(expectation(c * f + d), c * expectation(f) + d)


linearity = Lemma("linearity", "E(cX + d) = c·E X + d for constants c, d", _linearity)


def _additivity(f: Any, g: Any) -> Instance:
    return (), equation(expectation(f + g), expectation(f) + expectation(g))


additivity = Lemma("additivity", "E(X + Y) = E X + E Y", _additivity)


def _expected_sum(term: Any, index: Any, last: Any) -> Instance:
    left = expectation(Sum(term, (index, 1, last)))
    return (), equation(left, Sum(expectation(term), (index, 1, last)))


expected_sum = Lemma("expected sum", "E Σ X_i = Σ E X_i", _expected_sum)


def _affine_variance(f: Any, c: Any, d: Any) -> Instance:
    _refuse_random("affine variance", c, d)
    return (), equation(variance(c * f + d), c**2 * variance(f))


affine_variance = Lemma("affine variance", "Var(cX + d) = c²·Var X", _affine_variance)


def _variance_of_mean(sample: Any, size: Any) -> Instance:
    _refuse_random("variance of a mean", size)
    return (), equation(variance(sample_mean(sample, size)), variance(sample) / size)


variance_of_mean = Lemma(
    "variance of a mean",
    "the mean of m independent samples has variance Var X/m",
    _variance_of_mean,
)


def _expected_mean(sample: Any, size: Any) -> Instance:
    _refuse_random("expected mean", size)
    return (), equation(expectation(sample_mean(sample, size)), expectation(sample))


expected_mean = Lemma(
    "expected mean", "the mean of m samples has the expectation of one", _expected_mean
)


def _geometric_mean(f: Any) -> Instance:
    if not f.is_positive:
        raise ValueError(f"geometric mean: {f} has to be positive")
    return (), at_most(exp(expectation(log(f))), expectation(f))


geometric_mean = Lemma(
    "Jensen's inequality",
    "X > 0 ⇒ exp E ln X ≤ E X, with equality iff X is constant",
    _geometric_mean,
)


def _product_of_bounds(smaller: Any, larger: Any, index: Any, last: Any) -> Instance:
    limits = (index, 1, last)
    premises = (at_most(smaller, larger),)
    if not smaller.is_nonnegative:
        premises = (at_most(0, smaller), *premises)
    return premises, at_most(Product(smaller, limits), Product(larger, limits))


product_of_bounds = Lemma(
    "product of bounds", "0 ≤ a_i ≤ b_i for every i ⇒ ∏a_i ≤ ∏b_i", _product_of_bounds
)


def _markov(term: Any, index: Any, last: Any, s: Any, threshold: Any) -> Instance:
    """For non-negative terms and 0 < s ≤ 1; the threshold is a positive constant."""
    _refuse_random("Markov's inequality", s, threshold)
    for name, expression in (("term", term), ("s", s), ("threshold", threshold)):
        if not (expression.is_positive or (name == "term" and expression.is_nonnegative)):
            raise ValueError(f"Markov's inequality: the {name} {expression} has to be positive")
    left = probability(Ge(Sum(term, (index, 1, last)), threshold))
    right = Sum(expectation(term**s), (index, 1, last)) / threshold**s
    return (at_most(s, 1),), at_most(left, right)


markov = Lemma(
    "Markov's inequality for powers",
    "X_j ≥ 0, 0 < s ≤ 1, a > 0 ⇒ P(ΣX_j ≥ a) ≤ E(ΣX_j)ˢ/aˢ ≤ Σ E X_jˢ/aˢ",
    _markov,
)


def _euler_integral(a: Any, c: Any) -> Instance:
    if not c.is_positive:
        raise ValueError(f"Euler's integral: c = {c} has to be positive")
    premises = () if a.is_positive else (less(0, a),)
    return premises, equation(Integral(x ** (a - 1) * exp(-x / c), (x, 0, oo)), c**a * gamma(a))


euler_integral = Lemma(
    "Euler's integral", "∫ xᵃ⁻¹ e^(−x/c) dx over x > 0 is cᵃΓ(a), a > 0", _euler_integral
)


def _chi_square_density(z: Any, degrees: Any, s: Any) -> Instance:
    a = degrees / 2 + s
    premises: tuple[Relation | Fact, ...] = (chi_square(z, degrees),)
    if not a.is_positive:
        premises += (less(0, a),)
    integral = Integral(x ** (a - 1) * exp(-x / 2), (x, 0, oo))
    constant = 2 ** (degrees / 2) * gamma(degrees / 2)
    return premises, equation(expectation(z**s), integral / constant)


chi_square_density = Lemma(
    "density of χ²",
    "z = g_1² + … + g_N² of independent standard Gaussians has the density "
    "x^(N/2−1) e^(−x/2)/(2^(N/2)Γ(N/2)), so E zˢ is an integral against it",
    _chi_square_density,
)


def _log_moment(f: Any, s: Any, moment: Any, k: Any) -> Instance:
    """`moment` is E fˢ, for every s in some interval about 0."""
    premise = equation(expectation(f**s), moment)
    derivative = Subs(Derivative(moment, (s, k)), s, 0)
    return (premise,), equation(expectation(log(f) ** k), derivative)


log_moment = Lemma(
    "moments of a logarithm", "E Xˢ = M(s) about s = 0 ⇒ E (ln X)ᵏ = M⁽ᵏ⁾(0)", _log_moment
)


def _gaussian_image(weights: Any, columns: Any, index: Any, z: Any) -> Instance:
    """W_l, of the family (W, n, σ), and h_{l−1}, which was made of other members; z is χ²."""
    matrices, n, σ = weights
    premises = (gaussian(matrices, n, σ), independent(matrices), chi_square(z, n))
    image = stretch(matrices[index], columns[index - 1])
    return premises, equation(expectation(log(image)), expectation(log(σ**2 * z)))


gaussian_image = Lemma(
    "Gaussian image",
    "the entries of Wh are independent N(0, σ²‖h‖²), so ‖Wh‖²/(σ²‖h‖²) is χ² with as many degrees "
    "as W has rows",
    _gaussian_image,
)


def _relu_image(weights: Any, columns: Any, index: Any, z: Any) -> Instance:
    """Of the gradient δ, orthogonal to a' = Wh, where h = max(0, a) has K positive entries."""
    (matrices, n, σ), degrees = weights, z.indices[0]
    premises = (
        gaussian(matrices, n, σ),
        independent(matrices),
        chi_square(z, degrees),
        active(matrices, columns, degrees + 1),
    )
    image = stretch(matrices[index], columns[index - 1])
    return premises, equation(expectation(log(image)), expectation(log(σ**2 * z)))


relu_image = Lemma(
    "image in the active units",
    "W = a'hᵀ/‖h‖² + W⊥, W⊥ independent of a'; δ ⟂ a' keeps of Wᵀδ what is orthogonal to h, and "
    "diag(a > 0) of that the K − 1 directions of the active units: σ²‖δ‖² times χ²",
    _relu_image,
)


def _gaussian_qr(weights: Any, index: Any, k: Any, z: Any) -> Instance:
    """Of W_t, of the family (W, n, σ), times what is orthogonal and made of other members."""
    matrices, n, σ = weights
    premises = (gaussian(matrices, n, σ), independent(matrices), chi_square(z, n - k + 1))
    squared = qr_diagonal(matrices[index], k) ** 2
    return premises, equation(expectation(log(squared)), expectation(log(σ**2 * z)))


gaussian_qr = Lemma(
    "Bartlett's decomposition",
    "W of n rows, entries N(0, σ²), independent of the orthogonal Q' ⇒ WQ' = QR has R_kk²/σ² "
    "with the χ² law of n − k + 1 degrees: what is left of column k beside the k − 1 before it",
    _gaussian_qr,
)
