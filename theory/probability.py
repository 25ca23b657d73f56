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
    Product,
    Sum,
    Symbol,
    Tuple,
    exp,
    gamma,
    log,
)

from theory.derivation import Everywhere, Fact, Lemma, Relation, at_most, equation
from theory.lemmas import expectation, independent
from theory.printing import plain
from theory.ranges import bound_ranges
from theory.relations import Premise
from theory.well_formed import is_like

Instance = tuple[tuple[Premise, ...], Relation]


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
    return Fact(
        "are square, with independent Gaussian entries of deviation", (Tuple(matrices, n, σ),)
    )


def made_before(columns: Any, matrices: Any) -> Fact:
    """The fact that column l is made of the matrices up to l: the next one is independent of it."""
    return Fact("are made of the members so far of", (Tuple(columns, matrices),))


def chi_square(variable: Any, degrees: Any) -> Fact:
    """The fact that a variable has the χ² law with so many degrees of freedom."""
    return Fact("is χ² with degrees", (Tuple(variable, degrees),))


def active(matrices: Any, columns: Any, units: Any) -> Fact:
    """The fact that a gradient goes back through so many active units, orthogonal to them."""
    return Fact("go back through active units to the number of", (Tuple(matrices, columns, units),))


def _refuse_random(what: str, *constants: Any) -> None:
    for constant in constants:
        if constant.has(Indexed):
            raise ValueError(f"{what}: {plain(constant)} has to be a constant")


def _linearity(f: Any, c: Any, d: Any) -> Instance:
    _refuse_random("linearity", c, d)
    return (), equation(expectation(c * f + d), c * expectation(f) + d)


linearity = Lemma("linearity", "E(cX + d) = c·E X + d for constants c, d", _linearity)


def _additivity(f: Any, g: Any) -> Instance:
    return (), equation(expectation(f + g), expectation(f) + expectation(g))


additivity = Lemma("additivity", "E(X + Y) = E X + E Y", _additivity)


def _expected_order(smaller: Any, larger: Any) -> Instance:
    return (at_most(smaller, larger),), at_most(expectation(smaller), expectation(larger))


expected_order = Lemma("order of means", "X ≤ Y, whatever happens ⇒ E X ≤ E Y", _expected_order)


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


def _geometric_mean(f: Any) -> Instance:
    if not f.is_positive:
        raise ValueError(f"geometric mean: {plain(f)} has to be positive")
    return (), at_most(exp(expectation(log(f))), expectation(f))


geometric_mean = Lemma(
    "Jensen's inequality",
    "X > 0 ⇒ exp E ln X ≤ E X, with equality iff X is constant",
    _geometric_mean,
)


def _product_of_bounds(smaller: Any, larger: Any, index: Any, last: Any) -> Instance:
    below = () if smaller.is_nonnegative else (at_most(0, smaller),)
    left, right = (Product(factor, (index, 1, last)) for factor in (smaller, larger))
    return (*below, at_most(smaller, larger)), at_most(left, right)


product_of_bounds = Lemma(
    "product of bounds", "0 ≤ a_i ≤ b_i for every i ⇒ ∏a_i ≤ ∏b_i", _product_of_bounds
)


def _product_of_products(f: Any, g: Any, index: Any, last: Any) -> Instance:
    both, left, right = (Product(factor, (index, 1, last)) for factor in (f * g, f, g))
    return (), equation(left * right, both)


product_of_products = Lemma("product of products", "∏a_i·∏b_i = ∏a_ib_i", _product_of_products)


def _markov(term: Any, index: Any, last: Any, s: Any, threshold: Any) -> Instance:
    """For non-negative terms and 0 < s ≤ 1; the threshold is a positive constant."""
    _refuse_random("Markov's inequality", s, threshold)
    for name, expression in (("term", term), ("s", s), ("threshold", threshold)):
        if not (expression.is_positive or (name == "term" and expression.is_nonnegative)):
            raise ValueError(
                f"Markov's inequality: the {name} {plain(expression)} has to be positive"
            )
    left = probability(Ge(Sum(term, (index, 1, last)), threshold))
    right = Sum(expectation(term**s), (index, 1, last)) / threshold**s
    return (at_most(s, 1),), at_most(left, right)


markov = Lemma(
    "Markov's inequality for powers",
    "X_j ≥ 0, 0 < s ≤ 1, a > 0 ⇒ P(ΣX_j ≥ a) ≤ E(ΣX_j)ˢ/aˢ ≤ Σ E X_jˢ/aˢ",
    _markov,
)


def _chi_square_moment(z: Any, degrees: Any, s: Any) -> Instance:
    _refuse_random("moments of χ²", degrees, s)
    moment = 2**s * gamma(degrees / 2 + s) / gamma(degrees / 2)
    return (chi_square(z, degrees),), equation(expectation(z**s), moment)


chi_square_moment = Lemma(
    "moments of χ²",
    "z = g_1² + … + g_N² of independent standard Gaussians has the density "
    "x^(N/2−1) e^(−x/2)/(2^(N/2)Γ(N/2)), so E zˢ is Euler's integral 2ˢΓ(N/2 + s)/Γ(N/2)",
    _chi_square_moment,
)


def _log_moment(f: Any, s: Any, moment: Any, k: Any) -> Instance:
    """`moment` is E fˢ for every s ≥ 0."""
    if not (isinstance(s, Symbol) and s.is_nonnegative):
        raise ValueError(f"{s} has to be a symbol that is ≥ 0")
    premise = Everywhere(equation(expectation(f**s), moment), s)
    return (premise,), equation(expectation(log(f) ** k * f**s), Derivative(moment, (s, k)))


log_moment = Lemma(
    "moments of a logarithm",
    "X > 0 and E Xˢ = M(s) for every s ≥ 0 ⇒ E Xˢ(ln X)ᵏ = M⁽ᵏ⁾(s)",
    _log_moment,
)


def _special_case(left: Any, right: Any, variable: Any, value: Any) -> Instance:
    if not (isinstance(variable, Symbol) and is_like(variable, value)):
        raise ValueError(f"{value} is no case of {variable}, as that is assumed to be")
    if {b.variable for side in (left, right) for b in bound_ranges(side)} & value.free_symbols:
        raise ValueError(f"a sum or a product runs over what is in {value}")
    case = equation(left.subs(variable, value), right.subs(variable, value))
    return (Everywhere(equation(left, right), variable),), case


special_case = Lemma(
    "special case", "a(s) = b(s) for every s ⇒ a(0) = b(0), and so for any other s", _special_case
)


def _gaussian_image(weights: Any, columns: Any, index: Any, z: Any) -> Instance:
    """W_l, of the family (W, n, σ), and h_{l−1}, which was made of other members; z is χ²."""
    matrices, n, σ = weights
    premises = (
        gaussian(matrices, n, σ),
        independent(matrices),
        chi_square(z, n),
        made_before(columns, matrices),
    )
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
        made_before(columns, matrices),
        active(matrices, columns, degrees + 1),
    )
    image = stretch(matrices[index], columns[index - 1])
    return premises, equation(expectation(log(image)), expectation(log(σ**2 * z)))


relu_image = Lemma(
    "image in the active units",
    "W = a'hᵀ/‖h‖² + V, with V independent of a' = Wh; of Wᵀδ an orthogonal δ keeps Vᵀδ, and "
    "diag(a > 0) of that the K − 1 directions of the active units beside h: σ²‖δ‖² times χ²",
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
