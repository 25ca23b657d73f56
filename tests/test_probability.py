"""The shelf's facts about expectations: each on exact cases, and what each refuses."""

import re
from fractions import Fraction
from itertools import product
from math import prod

import pytest
from flint import acb, arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import (
    IndexedBase,
    Integer,
    Poly,
    Rational,
    Sum,
    Symbol,
    exp,
    factorial2,
    gamma,
    log,
    symbols,
    sympify,
)

from tests.saying import refusing
from theory import probability as shelf
from theory.lemmas import expectation

X = IndexedBase("X", positive=True)
i, n = (Symbol(name, integer=True, positive=True) for name in ("i", "n"))
s = Symbol("s", nonnegative=True)

exact = settings(max_examples=30)

chances = st.lists(st.integers(1, 6), min_size=2, max_size=3)
values = st.integers(1, 9).map(Integer)
rationals = st.builds(Rational, st.integers(-4, 4), st.integers(1, 3))


@st.composite
def laws(draw, elements=values):
    """A finite law of one variable: (probability, value) pairs."""
    weights = draw(chances)
    return [(Rational(w, sum(weights)), draw(elements)) for w in weights]


def jointly(*marginals):
    """Independent X_1, X_2, … with these laws: (probability, {X_1: value, …}) pairs."""
    for atoms in product(*marginals):
        chance = prod((p for p, _ in atoms), start=Integer(1))
        yield chance, {X[k]: value for k, (_, value) in enumerate(atoms, 1)}


def evaluated(side, outcomes):
    """A side of a relation with E, Var and P worked out over the outcomes, sums written out."""

    def mean(expression):
        written_out = expression.doit()
        return sum((p * written_out.xreplace(values) for p, values in outcomes), Integer(0))

    def variance(expression):
        return mean(expression**2) - mean(expression) ** 2

    def chance(event):
        written_out = event.doit()
        return sum((p for p, values in outcomes if written_out.xreplace(values)), Integer(0))

    side = sympify(side).subs(n, 2).doit()
    side = side.replace(expectation(X[1]).func, mean)
    side = side.replace(shelf.variance(X[1]).func, variance)
    return side.replace(shelf.probability(X[1]).func, chance)


def conclusion(lemma, *objects):
    return lemma.instance(*objects)[1]


def holds(relation, outcomes):
    outcomes = list(outcomes)
    left, right = (evaluated(side, outcomes) for side in relation.sides)
    return left == right if relation.sign == "=" else left <= right


@exact
@given(laws(), rationals, rationals)
def test_linearity_and_affine_variance(law, c, d):
    outcomes = list(jointly(law))
    for lemma in (shelf.linearity, shelf.affine_variance):
        assert holds(conclusion(lemma, X[1] ** 2, c, d), outcomes)


@exact
@given(laws(), laws())
def test_expectations_add_even_of_dependent_variables(first, second):
    outcomes = list(jointly(first, second))
    assert holds(conclusion(shelf.additivity, X[1] * X[2], X[1] ** 2), outcomes)
    assert holds(conclusion(shelf.expected_sum, X[i] ** 2, i, n), outcomes)


@exact
@given(laws(rationals), laws(st.integers(0, 3).map(Integer)))
def test_expectations_keep_the_order(law, rises):
    # X_1 ≤ X_1 + X_2 in every outcome, as X_2 ≥ 0: dependent on each other or not.
    outcomes = list(jointly(law, rises))
    (premise,), relation = shelf.expected_order.instance(X[1], X[1] + X[2])
    assert all((premise.right - premise.left).xreplace(values) >= 0 for _, values in outcomes)
    assert holds(relation, outcomes)


@exact
@given(laws(), st.integers(1, 3))
def test_variance_of_a_mean(law, m):
    copies = list(jointly(*[law] * m))
    mean = sum((X[k] ** 2 for k in range(1, m + 1)), Integer(0)) / m
    relation = conclusion(shelf.variance_of_mean, X[1] ** 2, m)
    enumerated = evaluated(shelf.variance(mean), copies)
    assert enumerated == evaluated(relation.right, list(jointly(law)))


@exact
@given(laws())
def test_the_geometric_mean_is_the_lesser_one(law):
    relation = conclusion(shelf.geometric_mean, X[1])
    mean = evaluated(relation.right, list(jointly(law)))
    assert relation.left == exp(expectation(log(X[1])))
    # exp(Σ p ln x) ≤ mean as a comparison of rationals: all chances are whole in common units.
    units = prod(int(p.q) for p, _ in law)
    power = prod((x ** int(p * units) for p, x in law), start=Integer(1))
    assert power <= mean**units
    assert (power == mean**units) == (len({x for _, x in law}) == 1)


@exact
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=2))
def test_bounds_multiply(pairs):
    a, b = IndexedBase("a", nonnegative=True), IndexedBase("b", nonnegative=True)
    premises, relation = shelf.product_of_bounds.instance(a[i], b[i], i, n)
    numbers = {}
    for k, (low, more) in enumerate(pairs, 1):
        numbers |= {a[k]: Integer(low), b[k]: Integer(low + more)}
    for premise in premises:
        assert all(
            premise.left.subs(i, k).subs(numbers) <= premise.right.subs(i, k).subs(numbers)
            for k in (1, 2)
        )
    left, right = (side.subs(n, 2).doit().subs(numbers) for side in relation.sides)
    assert left <= right


@exact
@given(*[st.lists(rationals, min_size=3, max_size=3)] * 2, st.integers(1, 3))
def test_products_multiply_factor_by_factor(first, second, last):
    a, b = IndexedBase("a"), IndexedBase("b")
    numbers = {a[k]: x for k, x in enumerate(first, 1)} | {b[k]: x for k, x in enumerate(second, 1)}
    _, relation = shelf.product_of_products.instance(a[i], b[i], i, n)
    left, right = (side.subs(n, last).doit().subs(numbers) for side in relation.sides)
    assert left == right == prod(first[:last] + second[:last], start=Integer(1))


@exact
@given(laws(), laws(), st.integers(1, 6), st.sampled_from([Rational(1, 2), Integer(1)]))
def test_markov_for_powers(first, second, root, power):
    # Squares, so that their square roots are rational.
    squares = [[(p, x**2) for p, x in law] for law in (first, second)]
    premises, relation = shelf.markov.instance(X[i], i, n, power, Integer(root) ** 2)
    assert all(premise.left <= premise.right for premise in premises)
    assert holds(relation, jointly(*squares))


def test_markov_needs_a_power_of_at_most_one():
    (premise,), _ = shelf.markov.instance(X[i], i, n, s + 1, 4)
    assert str(premise) == "s + 1 ≤ 1"


@exact
@given(laws(), st.integers(1, 3))
def test_moments_of_a_logarithm(law, k):
    moment = sum((p * x**s for p, x in law), Integer(0))
    (premise,), relation = shelf.log_moment.instance(X[1], s, moment, k)
    assert premise.relation.right == moment
    assert premise.variable == s
    left = sum((p * log(x) ** k * x**s for p, x in law), Integer(0))
    assert relation.left == expectation(log(X[1]) ** k * X[1] ** s)
    assert (relation.right.doit() - left).expand() == 0


def test_a_special_case_is_one_of_those_meant():
    _, relation = shelf.special_case.instance(expectation(X[1] ** s), 2**s, s, 3)
    assert relation.sides == (expectation(X[1] ** 3), 8)
    with refusing(ValueError, match="no case"):
        shelf.special_case.instance(expectation(X[1] ** s), 2**s, s, -1)
    with refusing(ValueError, match="no case"):
        shelf.special_case.instance(expectation(X[1] ** s), 2**s, s, symbols("t"))
    with refusing(ValueError, match="a sum or a product runs over what is in i"):
        shelf.special_case.instance(Sum(i * n, (i, 1, 3)), 6 * n, n, i)


def gaussian_mean(polynomial, variables):
    """E of a polynomial in independent standard Gaussians: E g^{2m} = (2m − 1)!!."""
    total = Integer(0)
    for powers, coefficient in Poly(polynomial, *variables).terms():
        if not any(power % 2 for power in powers):
            total += coefficient * prod((factorial2(p - 1) for p in powers), start=Integer(1))
    return total


def chi_square_moment(degrees, power):
    """E zᵖ as the shelf has it, an exact number for a whole p."""
    z = IndexedBase("z")[degrees]
    return conclusion(shelf.chi_square_moment, z, Integer(degrees), Integer(power)).right


@pytest.mark.parametrize("degrees", [1, 2, 3, 4])
@pytest.mark.parametrize("power", [0, 1, 2, 3])
def test_whole_moments_of_a_sum_of_squares(degrees, power):
    g = symbols(f"g:{degrees}")
    squares = sum(x**2 for x in g)
    assert gaussian_mean(squares**power, g) == chi_square_moment(degrees, power)


@pytest.mark.parametrize("degrees", [1, 2, 5])
@pytest.mark.parametrize("power", ["1/2", "3/4", "2"])
def test_other_moments_by_quadrature(degrees, power):
    p, a = arb(fmpq(*Fraction(power).as_integer_ratio())), arb(degrees) / 2
    # With x = eʸ; beyond −170 and 7 the integrand is below 1e-36 and e⁻⁵⁰⁰.

    def integrand(y, _):
        return ((y - arb(2).log()) * a + y * p - y.exp() / 2).exp() / a.gamma()

    found = acb.integral(integrand, -170, 7).real
    exact = arb(2) ** p * (a + p).gamma() / a.gamma()
    assert abs(found - exact) < 1e-12
    z = IndexedBase("z")[degrees]
    relation = conclusion(shelf.chi_square_moment, z, Integer(degrees), Rational(power))
    half = Rational(degrees, 2)
    assert relation.right == 2 ** Rational(power) * gamma(half + Rational(power)) / gamma(half)


def matrix(n):
    return [[Symbol(f"w{r}{c}") for c in range(n)] for r in range(n)]


def flat(rows):
    return [entry for row in rows for entry in row]


@pytest.mark.parametrize("h", [(1, 2), (3, -1), (1, -2, 2)])
@pytest.mark.parametrize("power", [1, 2])
def test_the_image_of_a_vector_is_chi_square(h, power):
    w = matrix(len(h))
    image = [sum(w[r][c] * h[c] for c in range(len(h))) for r in range(len(h))]
    found = gaussian_mean(sum(y**2 for y in image) ** power, flat(w))
    assert found == sum(x**2 for x in h) ** power * chi_square_moment(len(h), power)


@pytest.mark.parametrize(
    ("signal", "power"), [((1, 2), 1), ((1, 2), 2), ((1, 3, 0), 1), ((1, 1, 2), 1)]
)
def test_the_gradient_in_the_active_units_is_chi_square(signal, power):
    w, n, active = matrix(len(signal)), len(signal), sum(x > 0 for x in signal)
    y = [sum(w[r][c] * signal[c] for c in range(n)) for r in range(n)]
    # Orthogonal to y, and a function of y alone: a quarter turn, or a cross product.
    δ = [-y[1], y[0]] if n == 2 else [y[1] - 2 * y[2], -y[0] + y[2], 2 * y[0] - y[1]]
    assert sum(a * b for a, b in zip(δ, y, strict=True)).expand() == 0
    back = [sum(w[r][c] * δ[r] for r in range(n)) for c in range(n) if signal[c] > 0]
    found = gaussian_mean(sum(x**2 for x in back) ** power, flat(w))
    length = gaussian_mean(sum(x**2 for x in δ) ** power, flat(w))
    assert found == length * chi_square_moment(active - 1, power)


def test_of_one_active_unit_nothing_comes_back():
    w = matrix(2)
    y = [w[0][0] * 5, w[1][0] * 5]
    δ = [-y[1], y[0]]
    assert (w[0][0] * δ[0] + w[1][0] * δ[1]).expand() == 0


@pytest.mark.parametrize(("a", "b"), [(1, 0), (1, 1), (2, 1), (2, 2)])
def test_the_diagonal_of_qr_is_chi_square_and_independent(a, b):
    # R_11²ᵃR_22²ᵇ = ‖first column‖^(2(a−b))·det²ᵇ.
    w = matrix(2)
    first = w[0][0] ** 2 + w[1][0] ** 2
    determinant = w[0][0] * w[1][1] - w[0][1] * w[1][0]
    found = gaussian_mean(first ** (a - b) * determinant ** (2 * b), flat(w))
    assert found == chi_square_moment(2, a) * chi_square_moment(1, b)


def test_three_columns_of_qr():
    w = matrix(3)
    determinant = sum(
        w[0][p] * (w[1][q] * w[2][r] - w[1][r] * w[2][q])
        for p, q, r in ((0, 1, 2), (1, 2, 0), (2, 0, 1))
    )
    expected = prod(chi_square_moment(k, 1) for k in (1, 2, 3))
    assert gaussian_mean(determinant**2, flat(w)) == expected == 6


W, h, z = IndexedBase("W"), IndexedBase("h"), IndexedBase("z", positive=True)


def test_gaussian_lemmas_ask_for_their_facts():
    premises, _ = shelf.gaussian_image.instance((W, n, 1), h, i + 1, z[n])
    assert [str(p).split()[-1] for p in premises] == ["deviation", "independent", "degrees", "of"]
    assert premises[3] == shelf.made_before(h, W)
    # The degrees of freedom belong to the size: z of another law is no premise of it.
    other, _ = shelf.gaussian_image.instance((W, n, 1), h, i + 1, z[n + 1])
    assert other[2] == shelf.chi_square(z[n + 1], n)
    assert not other[2].follows_from(shelf.chi_square(z[n + 1], n + 1))
    qr, _ = shelf.gaussian_qr.instance((W, n, 1), i, 1, z[n])
    assert qr[2] == shelf.chi_square(z[n], n)
    relu, _ = shelf.relu_image.instance((W, n, 1), h, i + 1, z[3])
    assert relu[3:] == (shelf.made_before(h, W), shelf.active(W, h, 4))


MARKOV, UNSIGNED = "Markov's inequality", symbols("r", real=True)


@pytest.mark.parametrize(
    ("lemma", "objects", "said"),
    [
        (shelf.linearity, (X[1], X[2], 0), "linearity: X_2 has to be a constant"),
        (shelf.affine_variance, (X[1], 2, X[2]), "affine variance: X_2 has to be a constant"),
        (shelf.variance_of_mean, (X[1], X[2]), "variance of a mean: X_2 has to be a constant"),
        (shelf.geometric_mean, (X[1] - 1,), "geometric mean: X_1 − 1 has to be positive"),
        (
            shelf.markov,
            (X[i] - 1, i, n, 1, 4),
            f"{MARKOV}: the term X_i − 1 has to be positive",
        ),
        (shelf.markov, (X[i], i, n, 1, X[3]), f"{MARKOV}: X_3 has to be a constant"),
        (
            shelf.markov,
            (X[i], i, n, 1, -4),
            f"{MARKOV}: the threshold −4 has to be positive",
        ),
        (
            shelf.log_moment,
            (X[1], symbols("r", real=True), 1, 1),
            "r has to be a symbol that is ≥ 0",
        ),
        (shelf.chi_square_moment, (z[1], X[1], 1), "moments of χ²: X_1 has to be a constant"),
    ],
)
def test_what_does_not_fit_is_refused(lemma, objects, said):
    with refusing(ValueError, match=f"^{re.escape(said)}$"):
        lemma.instance(*objects)


def test_nothing_of_the_shelf_is_left_untested():
    from pathlib import Path

    from theory.derivation import Lemma

    text = Path(__file__).read_text()
    lemmas = [name for name, value in vars(shelf).items() if isinstance(value, Lemma)]
    assert [name for name in lemmas if f"shelf.{name}" not in text] == []
