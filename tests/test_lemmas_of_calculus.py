"""The shelf of calculus, and the lemmas on noise, on generated exact cases."""

from fractions import Fraction

import pytest
from flint import acb, fmpq, fmpq_mat
from hypothesis import given
from hypothesis import strategies as st
from sympy import Lambda, MatrixSymbol, Rational, Symbol, symbols

from properties.checking.domains import rationals, rectangles, vectors
from properties.checking.norms import row_sum_norm
from properties.memory_kinds import Memory
from tests.evaluation import agree, infinity_norm, value
from tests.saying import refusing
from theory import lemmas_of_calculus as calculus
from theory import marginal_memory
from theory.derivation import Everywhere, Lemma
from theory.lemmas import by_entries, chain_rule
from theory.lemmas_of_calculus import M
from theory.matrices import Jacobian, family

a, b, c, d = symbols("a b c d", real=True)
n, t = Symbol("n", integer=True, positive=True), Symbol("t", integer=True, nonnegative=True)
numbers = rationals(8)
steps = st.builds(abs, numbers)
TESTED = set()


def exact_cases(lemma):
    """The test decorated is the one of this lemma."""
    TESTED.add(lemma.name)
    return lambda test: test


def holds(relation, values):
    """Whether the relation holds between values: exactly, or as balls that don't contradict it."""
    left, right = (value(side, values) for side in relation.sides)
    if relation.sign == "=":
        return agree(left, right)
    if isinstance(left, acb) or isinstance(right, acb):
        left, right = acb(left).real, acb(right).real
        return not left > right
    return left <= right if relation.sign == "≤" else left < right


def follows(lemma, objects, values):
    """Whether the case meets the premises that are relations; then the conclusion has to hold."""
    premises, conclusion = lemma.instance(*objects)
    assert all(holds(p, values) for p in premises if hasattr(p, "sign"))
    assert holds(conclusion, values)


# -- tanh and arctan


@exact_cases(calculus.increasing_tanh)
@given(numbers, steps)
def test_increasing_tanh(x, step):
    follows(calculus.increasing_tanh, (a, b), {a: x, b: x + step})


@exact_cases(calculus.falling_slope)
@given(steps, steps)
def test_falling_slope(x, step):
    follows(calculus.falling_slope, (a, b), {a: -x - step, b: -x})


def test_the_slope_rises_where_tanh_is_convex_only():
    _, conclusion = calculus.falling_slope.instance(a, b)
    assert not holds(conclusion, {a: fmpq(0), b: fmpq(1)})


@exact_cases(calculus.tangent_of_tanh)
@given(steps, steps)
def test_tangent_of_tanh(x, y):
    follows(calculus.tangent_of_tanh, (a, b), {a: -x, b: -y})


def test_above_zero_tanh_lies_below_its_tangents():
    _, conclusion = calculus.tangent_of_tanh.instance(a, b)
    assert not holds(conclusion, {a: fmpq(2), b: fmpq(1)})


@exact_cases(calculus.range_of_tanh)
@given(numbers, numbers)
def test_range_of_tanh(x, y):
    follows(calculus.range_of_tanh, (a, b), {a: x, b: y})


@exact_cases(calculus.square_of_tanh)
@given(numbers)
def test_square_of_tanh(x):
    follows(calculus.square_of_tanh, (a,), {a: x})


@exact_cases(calculus.rising_quotient)
@given(steps, steps)
def test_rising_quotient(x, step):
    """Of two numbers the smaller one has the smaller quotient; exchanged, the premise fails."""
    x = x + fmpq(1, 8)
    follows(calculus.rising_quotient, (a, b), {a: x, b: x + step})
    if step > 0:
        (*_, order), _ = calculus.rising_quotient.instance(a, b)
        assert not holds(order, {a: x + step, b: x})


@exact_cases(calculus.falling_quotient)
@given(steps, steps)
def test_falling_quotient(x, step):
    follows(calculus.falling_quotient, (a, b), {a: x + fmpq(1, 8), b: x + fmpq(1, 8) + step})


@exact_cases(calculus.increasing_arctan)
@given(numbers, steps)
def test_increasing_arctan(x, step):
    follows(calculus.increasing_arctan, (a, b), {a: x, b: x + step})


@exact_cases(calculus.difference_of_arctans)
@given(numbers, steps)
def test_difference_of_arctans(x, y):
    """The second number is such that 1 + ab > 0."""
    other = y if x >= 0 else -y
    follows(calculus.difference_of_arctans, (a, b), {a: x, b: other})


def test_arctans_differ_by_pi_where_the_premise_fails():
    _, conclusion = calculus.difference_of_arctans.instance(a, b)
    assert not holds(conclusion, {a: fmpq(2), b: fmpq(-2)})


# -- functions, as polynomials

z = Symbol("z", real=True)


def rational(x):
    return Rational(int(x.p), int(x.q))


@exact_cases(calculus.tangent_of_convex)
@given(steps, numbers, numbers, numbers)
def test_tangent_of_a_convex_function(curvature, linear, x, y):
    p = Lambda(z, rational(curvature) * z**2 + rational(linear) * z)
    slope = Lambda(z, 2 * rational(curvature) * z + rational(linear))
    _, conclusion = calculus.tangent_of_convex.instance(p, slope, rational(x), rational(y))
    assert conclusion.left <= conclusion.right


def cubic(coefficients, bound):
    """What Taylor's theorem is applied to: a polynomial of degree three in z."""
    f = sum(rational(c) * z**k for k, c in enumerate(coefficients))
    slope, bend = f.diff(z), f.diff(z, 2)
    return f, z, slope, bend, *(g.subs(z, 0) for g in (f, slope, bend)), bound


@exact_cases(calculus.taylor)
@given(st.lists(numbers, min_size=4, max_size=4), steps, numbers)
def test_taylor(coefficients, more, x):
    """The bound on the third derivative is attained, or not, and so is the conclusion."""
    bound = 6 * abs(rational(coefficients[3])) + rational(more)
    premises, conclusion = calculus.taylor.instance(*cubic(coefficients, bound))
    relations = [p.relation if isinstance(p, Everywhere) else p for p in premises]
    values = [[side.doit().subs(z, rational(x)) for side in p.sides] for p in relations]
    assert all(
        one.equals(other) if p.sign == "=" else one <= other
        for p, (one, other) in zip(relations, values, strict=True)
    )
    left, right = (side.subs(z, rational(x)) for side in conclusion.sides)
    assert left <= right
    assert (left == right) == (more == 0 or x == 0)


def test_taylor_needs_its_bound():
    _, conclusion = calculus.taylor.instance(*cubic([fmpq(0)] * 3 + [fmpq(1)], 5))
    assert not conclusion.left.subs(z, 2) <= conclusion.right.subs(z, 2)


@exact_cases(calculus.fundamental_theorem)
@given(numbers, numbers, numbers, numbers)
def test_fundamental_theorem(square, linear, first, last):
    f = Lambda(z, rational(square) * z**3 + rational(linear) * z)
    slope = Lambda(z, 3 * rational(square) * z**2 + rational(linear))
    objects = (f, slope, z, rational(first), rational(last))
    _, conclusion = calculus.fundamental_theorem.instance(*objects)
    assert conclusion.left.doit() == conclusion.right


@exact_cases(calculus.markov)
@given(steps, steps, steps)
def test_markov(factor, least, last):
    """f = factor·z on [0, last], which is ≥ least from least/factor on."""
    factor, least = rational(factor) + 1, rational(least) + Rational(1, 3)
    _, conclusion = calculus.markov.instance(factor * z, least, z, 0, rational(last))
    length = max(rational(last) - least / factor, 0)
    measured = conclusion.left.replace(lambda e: e.func.__name__ == "length", lambda *_: length)
    assert measured <= conclusion.right.doit()


# -- maps, as quadratic ones: M(x) = Ax + B(x ⊙ x) has M′(x) = A + 2B diag x


class Quadratic:
    def __init__(self, A, B):
        self.A, self.B = A, B

    def __call__(self, x):
        return self.A * x + self.B * fmpq_mat(x.nrows(), 1, [e * e for e in x.entries()])

    def slope(self, x):
        size = x.nrows()
        entries = [
            self.A[i, j] + 2 * self.B[i, j] * x[j, 0] for i in range(size) for j in range(size)
        ]
        return fmpq_mat(size, size, entries)

    def steepest(self, centre, radius):
        """The largest ‖M′‖_∞ on a box: convex in x, it is largest at a corner; an upper bound."""
        size = centre.nrows()
        reach = [
            abs(self.A[i, j] + 2 * self.B[i, j] * centre[j, 0]) + 2 * abs(self.B[i, j]) * radius
            for i in range(size)
            for j in range(size)
        ]
        return row_sum_norm(fmpq_mat(size, size, reach))


@st.composite
def maps_and_points(draw):
    size = draw(st.integers(1, 3))
    map_ = Quadratic(draw(rectangles(size, size)), draw(rectangles(size, size)))
    points = [draw(vectors(size, rationals())) for _ in range(3)]
    return map_, *points


x, y = (MatrixSymbol(name, n, 1) for name in "xy")
region, λ, radius, L = symbols("C λ d L", nonnegative=True)


@exact_cases(calculus.mean_value)
@given(maps_and_points())
def test_mean_value(drawn):
    """The convex set is a box around one point that holds the other two."""
    map_, centre, first, second = drawn
    reach = max(infinity_norm(first - centre), infinity_norm(second - centre))
    values = {
        n: centre.nrows(), x: first, y: second, λ: map_.steepest(centre, reach), "M": map_
    }  # fmt: skip
    _, conclusion = calculus.mean_value.instance(x, y, region, λ)
    assert holds(conclusion, values)


@exact_cases(calculus.mean_value_in_ball)
@given(maps_and_points())
def test_mean_value_in_a_ball(drawn):
    map_, centre, point, _ = drawn
    reach = infinity_norm(point - centre)
    values = {
        n: centre.nrows(), x: point, y: centre, radius: reach, λ: map_.steepest(centre, reach),
        "M": map_,
    }  # fmt: skip
    follows(calculus.mean_value_in_ball, (x, y, radius, λ), values)


@exact_cases(calculus.linearisation)
@given(maps_and_points())
def test_linearisation(drawn):
    map_, point, step, _ = drawn
    values = {
        n: point.nrows(), x: point, y: step, L: 2 * row_sum_norm(map_.B),
        "M": map_, "∂": lambda *_: map_.slope(point),
    }  # fmt: skip
    _, conclusion = calculus.linearisation.instance(x, y, L)
    assert holds(conclusion, values)


def test_a_quadratic_map_is_what_the_lemmas_speak_of():
    """Its slope is that of its difference quotients, exactly: the map is quadratic."""
    map_ = Quadratic(fmpq_mat([[1, 2], [3, 4]]), fmpq_mat([[1, -1], [2, 0]]))
    point, step = fmpq_mat(2, 1, [1, -2]), fmpq_mat(2, 1, [fmpq(1, 2), 1])
    centred = map_(point + step) - map_(point - step)
    assert centred == map_.slope(point) * step * 2
    assert M(x).shape == (n, 1)
    assert Jacobian(M(x), x).shape == (n, n)


# -- second moments


@st.composite
def noisy_memories(draw):
    """Any W, and noise of mean zero that is drawn anew at each step, all of it rational."""
    size = draw(st.integers(1, 2))
    u = draw(vectors(size, rationals()))
    p = draw(st.builds(Fraction, st.integers(1, 3), st.just(4)))
    p = fmpq(p.numerator, p.denominator)
    atoms = ((p, u), (1 - p, u * (-p / (1 - p))))
    return draw(rectangles(size, size)), atoms, draw(st.integers(0, 3))


@exact_cases(marginal_memory.second_moments)
@given(noisy_memories())
def test_second_moments(drawn):
    W, atoms, steps_so_far = drawn
    now, later = (Memory(W, atoms, False, steps_so_far + more, fmpq(2)) for more in (0, 1))
    assert not any(now.mean().entries())
    moved = W * now.moments() * W.transpose()
    assert later.moments() == moved + now.noise_moments()


@pytest.mark.parametrize("wrong", ["repeated", "drifting"])
def test_second_moments_need_their_premises(wrong):
    one = fmpq_mat([[1]])
    half = fmpq(1, 2)
    atoms = {"repeated": ((half, one), (half, -1 * one)), "drifting": ((fmpq(1), one),)}[wrong]
    now, later = (Memory(one, atoms, wrong == "repeated", t, fmpq(2)) for t in (1, 2))
    assert later.moments() != now.moments() + now.noise_moments()


def test_second_moments_are_of_successive_steps():
    W, e, u = MatrixSymbol("W", n, n), family("e", n), family("u", n)
    with refusing(ValueError, match="successive"):
        marginal_memory.second_moments.instance(e(t + 2), W, e(t), u(t + 2))


@exact_cases(marginal_memory.no_moments)
def test_no_moments():
    nothing = Memory(fmpq_mat([[2]]), ((fmpq(1), fmpq_mat([[1]])),), False, 0, fmpq(2))
    assert nothing.moments() == fmpq_mat(1, 1)


def test_every_lemma_is_tested():
    from_elsewhere = {by_entries.name, chain_rule.name}
    here = [*vars(calculus).values(), *vars(marginal_memory).values()]
    names = {lemma.name for lemma in here if isinstance(lemma, Lemma)}
    assert names - from_elsewhere == TESTED
