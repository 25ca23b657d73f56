"""The shelf of functions: each lemma on exact cases, and refused where it is misapplied."""

import pytest
import sympy
from flint import arb, fmpq, fmpq_mat, fmpq_poly
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import MatrixSymbol, Poly, Rational, Symbol, sqrt

from properties.checking.balls import precision, sign
from properties.checking.domains import matrices, rationals, vectors
from properties.checking.exact import diagonal as diagonal_matrix
from properties.checking.exact import identity
from tests.deriving import refused
from tests.saying import refusing
from theory import lemmas_of_functions as shelf
from theory.derivation import ByLemma, Everywhere, Identity, Lemma, equation, fixed
from theory.matrices import Jacobian, family
from theory.rules import Rule

x, y, z, a, b, c, m, s = (Symbol(name, real=True) for name in "xyzabcms")
positive = st.builds(fmpq, st.integers(1, 6), st.sampled_from((1, 2, 3)))
nonnegative = st.one_of(st.just(fmpq(0)), positive)

ON_THE_SHELF = [lemma for lemma in vars(shelf).values() if isinstance(lemma, Lemma)]
TESTED = set()


def exact_cases(lemma):
    """The test decorated is the one of this lemma on generated cases."""

    def register(test):
        TESTED.add(lemma.name)
        return test

    return register


def rational(number):
    return Rational(int(number.p), int(number.q))


def real_roots(polynomial, above=None):
    """How many different real x, greater than `above` if given, are roots: Sturm's theorem."""
    return Poly(polynomial, x).sqf_part().count_roots(above, None)


def step(number):
    return int(number > 0) - int(number < 0)


def instance(lemma, *objects):
    """The premises' sides that are equations, and the conclusion."""
    premises, conclusion = lemma.instance(*objects)
    relations = [p.relation if isinstance(p, Everywhere) else p for p in premises]
    return [r for r in relations if getattr(r, "sign", None) == "="], conclusion


@exact_cases(shelf.solved_factor)
@given(rationals(), rationals())
def test_solved_factor(factor, other):
    _, conclusion = shelf.solved_factor.instance(m, m, a, b)
    if factor * other != 0:
        values = {m: rational(factor * other), b: rational(other)}
        assert conclusion.right.subs(values) == rational(factor)


@exact_cases(shelf.inverse_cosh)
@given(nonnegative)
def test_inverse_cosh(number):
    with precision(128):
        edge = arb(number).cosh()
        assert edge.acosh().overlaps(arb(number))
    _, conclusion = shelf.inverse_cosh.instance(a, b)
    assert conclusion.right == sympy.acosh(sqrt(b))


@exact_cases(shelf.sign_of_cosh)
@given(nonnegative, rationals())
def test_sign_of_cosh(one, two):
    expected = step(one - abs(two))
    with precision(128):
        ratio = (arb(one).cosh() / arb(two).cosh()) ** 4 - 1
        assert ratio.contains(0) if expected == 0 else sign(ratio) == expected


@exact_cases(shelf.sign_kept)
@given(rationals(), st.integers(0, 3), nonnegative, rationals())
def test_sign_kept(scale, degree, one, two):
    root = rational(scale) * x**degree
    f = sympy.integrate(1 + root**2, x)
    above, below = (f.subs(x, rational(each)) for each in (one, two))
    equations, conclusion = instance(
        shelf.sign_kept, f, x, root, rational(one), rational(two), above, below
    )
    assert all(sympy.expand((p.left - p.right).doit()) == 0 for p in equations)
    assert conclusion.left == conclusion.right


@exact_cases(shelf.one_solution)
@given(nonnegative, rationals(), rationals())
def test_one_solution(scale, slant, value):
    root = 1 + rational(slant) * x
    f = sympy.expand(sympy.integrate(rational(scale) * root**2 + x**2, x))
    (slope,), conclusion = instance(
        shelf.one_solution, f, x, rational(scale), root, x, rational(value)
    )
    assert sympy.expand((slope.left - slope.right).doit()) == 0
    assert real_roots(f - rational(value)) == conclusion.right


def test_a_slope_at_one_point_is_none_everywhere():
    """x³ − 3x falls at 0, although at x = 2 its slope 3x² − 3 is x² + 5."""
    f = x**3 - 3 * x
    slope = equation(sympy.Derivative(f, x), 3 * x**2 - 3)
    steps = (
        Identity(slope, "", rules=(Rule("differentiate"),)),
        Identity(equation(slope.left, x**2 + 5), "", given=(1, "x is 2")),
    )
    of = (f, x, Rational(5), Rational(1), x, b)
    conclusion = shelf.one_solution.instance(*of)[1]
    end = ByLemma(conclusion, "", lemma=shelf.one_solution, of=of, given=("onto", 2))
    assumptions = {"onto": shelf.onto(f, x), "x is 2": equation(x, 2)}
    refused("for every x, and what is given rests on 'x is 2'", *steps, end, **assumptions)


@exact_cases(shelf.only_one)
@given(rationals(), rationals(), rationals())
def test_only_one(value, one, two):
    """x³ + x takes each value once: where two numbers have it, they are one."""
    f = x**3 + x
    assert real_roots(f - rational(value)) == 1
    same = f.subs(x, rational(one)) == f.subs(x, rational(two))
    assert same == (one == two)


@exact_cases(shelf.two_turns)
@given(positive, positive, rationals(8), st.sampled_from((0, 1, -1)))
def test_two_turns(scale, turn, value, side):
    scale, turn = rational(scale), rational(turn)
    f = scale * (x**3 / 3 - turn**2 * x)
    height = -f.subs(x, turn)
    level = side * height if side else rational(value)
    equations, conclusion = instance(shelf.two_turns, f, x, scale, x, turn, height, level)
    assert all(sympy.expand((p.left - p.right).doit()) == 0 for p in equations)
    assert real_roots(f - level) == conclusion.right


@exact_cases(shelf.negative_schwarzian)
@settings(max_examples=30)  # each counts the roots of a polynomial of degree five
@given(st.integers(1, 12), st.builds(fmpq, st.integers(1, 3), st.sampled_from((1, 2, 4, 8))))
def test_negative_schwarzian(height, floor):
    """x ↦ A/(1 + x²) + B on x > 0, whose Schwarzian derivative is −3/(2x²); A, B > 0."""
    u = Symbol("u", positive=True)
    f = height / (1 + u**2) + rational(floor)
    root, curvature = sqrt(2 * height * u) / (1 + u**2), sqrt(Rational(3, 2)) / u
    p = Symbol("p", positive=True)
    (slope, curve, _), conclusion = instance(shelf.negative_schwarzian, f, u, root, curvature, p)
    for premise in (slope, curve):
        assert sympy.cancel((premise.left - premise.right).doit()) == 0
    orbit = sympy.numer(sympy.together(f.subs(u, f) - u)).subs(u, x)
    fixed_point = sympy.numer(sympy.together(f - u)).subs(u, x)
    found = real_roots(orbit, 0) - real_roots(fixed_point, 0)
    assert found == 1 + sign_at_fixed_point(fixed_point, conclusion, p)


def sign_at_fixed_point(polynomial, conclusion, p):
    """sgn(f′(p)² − 1) at the only positive root, in balls: it is never 0 for the numbers drawn."""
    coefficients = [fmpq(int(e.p), int(e.q)) for e in Poly(polynomial, x).all_coeffs()]
    with precision(256):
        roots = [r for r, _ in fmpq_poly(coefficients[::-1]).complex_roots()]
        (point,) = [r.real for r in roots if r.imag == 0 and r.real > 0]
        inside = conclusion.right.args[1].args[0] if conclusion.right.args else conclusion.right
        slope = sympy.lambdify(p, inside, modules=[{"sqrt": arb.sqrt}])
        return sign(slope(point))


@st.composite
def lines(draw):
    """Two ends in one piece of the clamp, and a number between 0 and 1."""
    low, high = draw(st.sampled_from(((-3, 0), (0, 1), (1, 4))))
    ends = [low + (high - low) * fmpq(draw(st.integers(0, 6)), 6) for _ in range(2)]
    return *ends, fmpq(draw(st.integers(0, 8)), 8)


@exact_cases(shelf.clamp_of_affine)
@given(lines())
def test_clamp_of_affine(line):
    start, end, at = line
    expression = rational(start) + rational(end - start) * x
    _, conclusion = shelf.clamp_of_affine.instance(x, expression)
    there = conclusion.right.subs(x, rational(at))
    assert there == rational(min(max(start + (end - start) * at, fmpq(0)), fmpq(1)))


@exact_cases(shelf.either_bit)
@given(rationals(), rationals(), st.integers(0, 1))
def test_either_bit(scale, other, value):
    left, right = (rational(scale) * each + rational(other) for each in (b**2, b))
    (at_0, at_1), conclusion = instance(shelf.either_bit, b, left, right)
    assert at_0.left == at_0.right
    assert at_1.left == at_1.right
    assert conclusion.left.subs(b, value) == conclusion.right.subs(b, value)


n = Symbol("n", integer=True, positive=True)
t = Symbol("t", integer=True, nonnegative=True)
W, bias = MatrixSymbol("W", n, n), MatrixSymbol("b", n, 1)
h, D = family("h", n), family("D", n, n)


@exact_cases(shelf.column_by_entries)
@given(st.integers(1, 3).flatmap(lambda k: st.tuples(matrices(k), vectors(k), vectors(k))))
def test_column_by_entries(case):
    """W(h + b) and Wh + Wb have the same entries, and are the same."""
    weights, state, other = case
    left, right = W * h(t) + W * bias, W * bias + W * h(t)
    (one_entry,), conclusion = instance(shelf.column_by_entries, left, right)
    assert sympy.expand(one_entry.left - one_entry.right) == 0
    assert [(each.first, each.last) for each in one_entry.where] == [(0, n - 1)]
    assert conclusion.left == left
    assert weights * state + weights * other == weights * other + weights * state


@exact_cases(shelf.total_derivative)
@given(
    st.integers(1, 2).flatmap(
        lambda k: st.tuples(matrices(k), *(vectors(k, rationals(2, (1, 2))) for _ in range(2)))
    )
)
def test_total_derivative(case):
    """Of h_{t+1} = (Wh_t) ⊙ h_t + b after two steps, by propagating b + ε e_j."""
    weights, state, drive = case
    size = state.nrows()

    def moved(direction, steps):
        moves = [fmpq(int(j == direction)) for j in range(size)]
        inputs = [fmpq_poly([e, d]) for e, d in zip(drive.entries(), moves, strict=True)]
        column = [fmpq_poly([e]) for e in state.entries()]
        for _ in range(steps):
            inner = [
                sum((column[k] * weights[i, k] for k in range(size)), fmpq_poly([0]))
                for i in range(size)
            ]
            column = [p * q + e for p, q, e in zip(inner, column, inputs, strict=True)]
        return column

    def gradient(steps):
        columns = [moved(j, steps) for j in range(size)]
        return fmpq_mat(size, size, [columns[j][i][1] for i in range(size) for j in range(size)])

    first = fmpq_mat(size, 1, [p[0] for p in moved(None, 1)])
    by_x = diagonal_matrix(first) * weights + diagonal_matrix(weights * first)
    assert gradient(2) == by_x * gradient(1) + identity(size)


# Each as it may not be cited.

update = W * h(t) + bias
MISAPPLIED = {
    "a factor of 0": (shelf.solved_factor, (m, s, a, b), equation(a, s / b), "nonzero"),
    "an unknown sign": (
        shelf.inverse_cosh,
        (a, b),
        equation(a, sympy.acosh(sqrt(b))),
        "needs 0 ≤ a",
    ),
    "another function that rises": (
        shelf.one_solution,
        (x**3, x, 1, x, x**3, b),
        equation(shelf.solutions(x**3, b), 1),
        "has to be x or its tanh",
    ),
    "a function without its range": (
        shelf.one_solution,
        (x + x**3 / 3, x, 1, 1, x, b),
        equation(shelf.solutions(x + x**3 / 3, b), 1),
        "needs",
    ),
    "a curve that may vanish": (
        shelf.negative_schwarzian,
        (-x, x, 1, x, 0),
        equation(shelf.period_two_points(-x), 1),
        "have to be seen to be positive",
    ),
    "a kink inside": (
        shelf.clamp_of_affine,
        (x, 2 * x),
        equation(shelf.clamp(2 * x), 2 * x),
        "crosses a kink",
    ),
    "a parabola": (
        shelf.clamp_of_affine,
        (x, x**2),
        equation(shelf.clamp(x**2), x**2),
        "has to be affine",
    ),
    "no bit": (shelf.either_bit, (b, b**2, b), equation(b**2, b), "is 0 or 1"),
    "one solution of how many": (shelf.only_one, (x**2, x, 4, y, z), equation(y, z), "needs"),
    "a matrix for a column": (
        shelf.column_by_entries,
        (W, W),
        equation(W, W),
        "have to be columns",
    ),
    "a derivative of what does not read the state": (
        shelf.total_derivative,
        (h(t + 1), bias, h(t), bias, W, W, []),
        equation(Jacobian(h(t + 1), bias), W),
        "is no plain function",
    ),
    "a state of two steps ago": (
        shelf.total_derivative,
        (h(t + 2), W * h(t + 1) + h(t) + bias, h(t + 1), bias, W, W, []),
        equation(Jacobian(h(t + 2), bias), W),
        "has to read of the states",
    ),
}


@pytest.mark.parametrize("name", MISAPPLIED)
def test_a_lemma_misapplied_is_refused(name):
    lemma, objects, relation, match = MISAPPLIED[name]
    refused(match, ByLemma(relation, "", lemma=lemma, of=objects), held=fixed(W))


@pytest.mark.parametrize("lemma", ON_THE_SHELF, ids=lambda lemma: lemma.name)
def test_every_lemma_is_tested(lemma):
    assert lemma.name in TESTED, f"{lemma.name} needs a test on exact cases, by @exact_cases"
    assert lemma.statement.strip()


def test_what_is_to_be_positive_is_named():
    u, unsigned = Symbol("u", positive=True), Symbol("k", real=True)
    with refusing(ValueError, match=r"^u and k have to be seen to be positive$"):
        shelf.negative_schwarzian.instance(sqrt(u), u, u, unsigned, u)
