"""The shelf: each lemma on generated exact cases, and refused where it is misapplied."""

from itertools import product
from math import prod

import pytest
from flint import fmpq, fmpq_mat, fmpq_poly
from hypothesis import given
from hypothesis import strategies as st
from sympy import Function, IndexedBase, MatMul, MatrixSymbol, Product, Sum, Symbol, symbols
from sympy.matrices.expressions.hadamard import HadamardProduct

from properties.checking.domains import fixed_lists, matrices, rationals, rectangles, vectors
from tests.evaluation import agree, diagonal_matrix, value
from theory import lemmas
from theory.derivation import (
    ByLemma,
    Derivation,
    DerivationError,
    Lemma,
    Relation,
    at_most,
    equation,
    fixed,
    less,
)
from theory.entries import entry, matrix_entry
from theory.lemmas import (
    COLUMN,
    ROW,
    diagonal,
    entries_of,
    expectation,
    independent,
    partial_derivative,
)
from theory.matrices import Jacobian, Norm, family
from theory.ranges import Range

n, m, r = (Symbol(name, integer=True, positive=True) for name in "nmr")
s, t = (Symbol(name, integer=True, nonnegative=True) for name in "st")
i = Symbol("i", integer=True, positive=True)
W, U = (MatrixSymbol(name, n, n) for name in "WU")
h0 = MatrixSymbol("h0", n, 1)
h, u, c, D = family("h", n), family("u", n), family("c", n), family("D", n, n)
w = IndexedBase("w")

ON_THE_SHELF = [lemma for lemma in vars(lemmas).values() if isinstance(lemma, Lemma)]
TESTED = {}


def exact_cases(lemma):
    """The test decorated is the one of this lemma on generated cases."""

    def register(test):
        TESTED[lemma.name] = test
        return test

    return register


def holds(relation, values):
    left, right = (value(side, values) for side in relation.sides)
    return {"=": agree, "≤": lambda x, y: x <= y, "<": lambda x, y: x < y}[relation.sign](
        left, right
    )


def cite(lemma, objects, assumptions, relation=None, where=()):
    """Verify the derivation of one step that cites the lemma, given all the assumptions."""
    if relation is None:
        _, stated = lemma.instance(*objects)
        relation = Relation(stated.left, stated.sign, stated.right, where)
    step = ByLemma(relation, "", lemma=lemma, of=objects, given=(*assumptions,))
    return Derivation("one step", assumptions, (step,), relation).verify()


# Norms, in the ∞-norm of rational matrices.

A, B, C = MatrixSymbol("A", n, m), MatrixSymbol("B", m, r), MatrixSymbol("C", n, m)
sizes = st.integers(1, 3)


@st.composite
def rational_matrices(draw):
    rows, middle, columns = draw(sizes), draw(sizes), draw(sizes)
    shapes = {A: (rows, middle), B: (middle, columns), C: (rows, middle)}
    drawn = {matrix: draw(rectangles(*shape, rationals())) for matrix, shape in shapes.items()}
    return {n: rows, m: middle, r: columns, **drawn}


@exact_cases(lemmas.submultiplicative)
@given(rational_matrices())
def test_submultiplicative_norm(values):
    premises, conclusion = lemmas.submultiplicative.instance(A, B)
    assert not premises
    assert holds(conclusion, values)


@exact_cases(lemmas.triangle)
@given(rational_matrices())
def test_triangle_inequality(values):
    premises, conclusion = lemmas.triangle.instance(A, C)
    assert not premises
    assert holds(conclusion, values)


# Numbers.

a, b, x = symbols("a b x", real=True)


@exact_cases(lemmas.monotone_product)
@given(fixed_lists(rationals(), 3))
def test_monotone_product(numbers):
    factor, low, step = numbers
    values = {x: abs(factor), a: low, b: low + abs(step)}
    premises, conclusion = lemmas.monotone_product.instance(x, a, b)
    assert all(holds(premise, values) for premise in premises)
    assert holds(conclusion, values)


# Jacobians of polynomial maps, by propagating x + ε e_j and keeping the coefficient of ε.


def polynomials(column, direction=None):
    """The entries of a column as polynomials in ε: moved along one axis, or standing still."""
    moves = [fmpq(int(j == direction)) for j in range(column.nrows())]
    return [fmpq_poly([e, move]) for e, move in zip(column.entries(), moves, strict=True)]


def apply(matrix, column):
    return [
        sum((column[k] * matrix[i, k] for k in range(matrix.ncols())), fmpq_poly([0]))
        for i in range(matrix.nrows())
    ]


def jacobian(function, column):
    """The exact Jacobian of a polynomial map at a column."""
    size = column.nrows()
    images = [function(polynomials(column, j)) for j in range(size)]
    return fmpq_mat(size, size, [images[j][i][1] for i in range(size) for j in range(size)])


@st.composite
def recurrences(draw):
    """h_{t+1} = (Wh_t) ⊙ h_t + Uh_t + u_{t+1} for three steps, t = 2, and some s ≤ t."""
    size = draw(st.integers(1, 2))
    small = rationals(2, (1, 2))
    matrices_ = draw(matrices(size, small)), draw(matrices(size, small))
    inputs = [draw(vectors(size, small)) for _ in range(4)]
    return size, *matrices_, inputs, draw(st.integers(0, 2))


read_twice = HadamardProduct(W * h(t), h(t)) + U * h(t) + u(t + 1)


@exact_cases(lemmas.chain_rule)
@given(recurrences())
def test_chain_rule(case):
    size, weights, more, inputs, since = case

    def step(state, entering):
        doubled = [p * q for p, q in zip(apply(weights, state), state, strict=True)]
        return [p + q + e for p, q, e in zip(doubled, apply(more, state), entering, strict=True)]

    def onward(state, first, last):
        for entering in inputs[first + 1 : last + 1]:
            state = step(state, entering.entries())
        return state

    def between(y, z):
        last, first = (value(member.index, values) for member in (y, z))
        start = onward(polynomials(inputs[0]), 0, int(first.p))
        column = fmpq_mat(size, 1, [p[0] for p in start])
        return jacobian(lambda state: onward(state, int(first.p), int(last.p)), column)

    values = {n: size, t: 2, s: since, "∂": between}
    premises, conclusion = lemmas.chain_rule.instance(h(t + 1), read_twice, h(t), h(s))
    assert {type(premise).__name__ for premise in premises} == {"Relation", "Fact"}
    assert holds(conclusion, values)


bilinear = HadamardProduct(W * h(t), h(t)) + U * h(t) + u(t + 1)
E_, F_ = family("E", n, n), family("F", n, n)
DIAGONALS = [(E_(t), entry(h(t), ROW), ROW), (F_(t), entry(W * h(t), ROW), ROW)]
FORM = E_(t) * W + F_(t) + U


@exact_cases(lemmas.by_entries)
@given(recurrences())
def test_by_entries(case):
    size, weights, more, inputs, _ = case
    state = inputs[0]
    product_ = weights * state

    def function(column):
        doubled = [p * q for p, q in zip(apply(weights, column), column, strict=True)]
        return [p + q for p, q in zip(doubled, apply(more, column), strict=True)]

    values = {
        n: size,
        t: 0,
        W: weights,
        U: more,
        "E": lambda t: diagonal_matrix(*state.entries()),
        "F": lambda t: diagonal_matrix(*product_.entries()),
        "∂": lambda y, z: jacobian(function, state),
    }
    _, conclusion = lemmas.by_entries.instance(h(t + 1), bilinear, h(t), FORM, DIAGONALS)
    assert holds(conclusion, values)


# Finite laws, enumerated.

laws = st.lists(
    st.lists(st.tuples(st.integers(1, 3), rationals(2, (1, 2))), min_size=1, max_size=3),
    min_size=0,
    max_size=3,
)


def mean_under(joint):
    return lambda function: sum(
        (p * function({"w": lambda index, at=at: at[index - 1]}) for p, at in joint), fmpq(0)
    )


def independently(weights):
    """The joint law of independent weights, each [(share, value), …]: pairs (p, values)."""
    totals = [sum(share for share, _ in law) for law in weights]
    return [
        (
            prod(
                (fmpq(share, total) for (share, _), total in zip(atoms, totals, strict=True)),
                start=fmpq(1),
            ),
            [number for _, number in atoms],
        )
        for atoms in product(*weights)
    ]


FACTORS = [w[i], w[i] ** 2, i * w[i] ** 3 - w[i] + 1, w[i] - expectation(w[i])]


@exact_cases(lemmas.independence)
@given(laws, st.sampled_from(FACTORS))
def test_independence(weights, factor):
    values = {n: len(weights), "E": mean_under(independently(weights))}
    _, conclusion = lemmas.independence.instance(factor, i, n, w)
    assert holds(conclusion, values)


# Each lemma as it may be cited, and as it may not.

x_t = h(t)
read_once = W * x_t + u(t + 1)
recurrence = {
    "update": equation(h(t + 1), read_once),
    "held": fixed(W, u(t + 1)),
}
later = (Range(t, s),)
through_h = (h(t + 1), read_once, x_t, h(s))
two_paths = W * x_t + c(t)
bilinear_held = {
    "update": equation(h(t + 1), bilinear),
    "held": fixed(W, U, u(t + 1)),
    "diagonals": diagonal(*DIAGONALS),
}
entries_there = entries_of(h(t + 1), x_t)
entrywise = {
    "entries": equation(
        partial_derivative(bilinear, x_t),
        matrix_entry(FORM, ROW, COLUMN, {d: (e, at) for d, e, at in DIAGONALS}),
        *entries_there,
    )
}
by_entries_of = (h(t + 1), bilinear, x_t, FORM, DIAGONALS)

CITED = [
    (lemmas.submultiplicative, (A, B), {}, ()),
    (lemmas.triangle, (A, C), {}, ()),
    (lemmas.monotone_product, (x, a, b), {"0 ≤ x": at_most(0, x), "a ≤ b": at_most(a, b)}, ()),
    (lemmas.monotone_product, (Norm(A), a, b), {"a ≤ b": at_most(a, b)}, ()),
    (lemmas.chain_rule, through_h, recurrence, later),
    (lemmas.by_entries, by_entries_of, {**bilinear_held, **entrywise}, ()),
    (lemmas.independence, (w[i] ** 2, i, n, w), {"independent": independent(w)}, ()),
    (
        lemmas.independence,
        (x * w[i], i, n, w),
        {"independent": independent(w), "x": fixed(x)},
        (),
    ),
]
MISAPPLIED = {
    lemmas.submultiplicative: [
        ((A, C), {}, "A times C: n × m times n × m"),
        ((x, A), {}, "does not match"),
        ((A, B), {}, "is not an instance", at_most(Norm(A * B), Norm(A))),
        ((A, B), {}, "is not an instance", less(Norm(A * B), Norm(A) * Norm(B))),
        ((A, B), {}, "is not an instance", equation(Norm(A * B), Norm(A) * Norm(B))),
    ],
    lemmas.triangle: [
        ((A, B), {}, "A beside B: n × m beside m × r"),
        ((A, C), {}, "is not an instance", at_most(Norm(A) + Norm(C), Norm(A + C))),
        ((A, C), {}, "is not an instance", at_most(Norm(A - C), Norm(A) - Norm(C))),
    ],
    lemmas.monotone_product: [
        ((x, a, b), {"a ≤ b": at_most(a, b)}, "needs 0 ≤ x"),
        ((x, a, b), {"0 ≤ x": at_most(0, x)}, "needs a ≤ b"),
        ((x, a, b), {"x ≤ 0": at_most(x, 0), "a ≤ b": at_most(a, b)}, "needs 0 ≤ x"),
        ((x, a, b), {"0 ≤ x": at_most(0, x), "b ≤ a": at_most(b, a)}, "needs a ≤ b"),
        ((A, a, b), {"a ≤ b": at_most(a, b)}, "does not match"),
    ],
    lemmas.chain_rule: [
        (through_h, {"held": recurrence["held"]}, r"needs h_\{t\+1\} = ", None, later),
        (through_h, {"update": recurrence["update"]}, "needs .* fixed", None, later),
        (through_h, {**recurrence, "held": fixed(W)}, "needs .* fixed", None, later),
        (through_h, recurrence, "needs s ≤ t"),
        ((h(t + 1), read_once, x_t, h(t + 1)), recurrence, "needs t . 1 ≤ t"),
        (
            (h(t + 1), two_paths, x_t, h(s)),
            {"update": equation(h(t + 1), two_paths), "held": fixed(W)},
            "needs .* fixed",
            None,
            later,
        ),
        # It reads the past twice: h_{t−1} as well as h_t, the initial state, or the variable.
        ((h(t + 1), W * x_t + h(t - 1), x_t, h(s)), {}, "through h_t alone"),
        ((h(t + 1), W * x_t + h(0), x_t, h(s)), {}, "through h_t alone"),
        ((h(t + 1), W * x_t + h0, x_t, h0), {}, "through h_t alone"),
        ((h(t + 1), W * x_t + u(t + 1), x_t, u(s)), {}, "through h_t alone"),
        ((h(t + 1), U * u(t + 1), x_t, h(s)), {}, "no plain function of h_t"),
        ((x_t, W * x_t, x_t, h(s)), {}, "something else than itself"),
        ((c(t), W * x_t, x_t, c(s)), {}, "could be c_t itself"),
        (
            through_h,
            recurrence,
            "is not an instance",
            equation(
                Jacobian(h(t + 1), h(s)),
                MatMul(Jacobian(x_t, h(s)), Jacobian(h(t + 1), x_t)),
                *later,
            ),
            later,
        ),
    ],
    lemmas.by_entries: [
        (by_entries_of, bilinear_held, "needs ∂"),
        (by_entries_of, {**bilinear_held, **entrywise, "held": fixed(W, U)}, "needs .* fixed"),
        *(
            (
                by_entries_of,
                {k: v for k, v in (bilinear_held | entrywise).items() if k != gone},
                "needs",
            )
            for gone in ("update", "held", "diagonals", "entries")
        ),
        (
            by_entries_of,
            {
                **bilinear_held,
                "entries": equation(
                    *entrywise["entries"].sides, entries_there[0], Range(COLUMN, 0, 2)
                ),
            },
            "is not among its own ranges",
        ),
        (
            (*by_entries_of[:3], E_(t) * W * U, DIAGONALS),
            bilinear_held | entrywise,
            "does not match",
        ),
        ((x_t, W * x_t, x_t, W, []), {}, "something else than itself"),
        ((h(s), W * x_t, x_t, W, []), {"": equation(h(s), W * x_t), "held": fixed(W)}, "needs"),
    ],
    lemmas.independence: [
        ((w[i], i, n, w), {}, "needs w independent"),
        ((w[i], i, n, w), {"": independent(IndexedBase("v"))}, "needs w independent"),
        ((w[i] * w[i + 1], i, n, w), {"": independent(w)}, "function of w_i alone"),
        ((w[1], i, n, w), {"": independent(w)}, "function of w_i alone"),
        ((Sum(w[i], (i, 1, 3)), i, n, w), {"": independent(w)}, "function of w_i alone"),
        ((x * w[i], i, n, w), {"": independent(w)}, "needs x fixed"),
        ((Function("X")(i) * w[i], i, n, w), {"": independent(w)}, r"needs X\(i\) fixed"),
        (
            (w[i], i, n, w),
            {"": independent(w)},
            "is not an instance",
            equation(expectation(Product(w[i], (i, 1, n))), expectation(w[i]) ** n),
        ),
    ],
}


@pytest.mark.parametrize(("lemma", "objects", "assumptions", "where"), CITED)
def test_a_lemma_is_cited(lemma, objects, assumptions, where):
    assert cite(lemma, objects, assumptions, where=where) == 1


@pytest.mark.parametrize(
    ("lemma", "case"), [(lemma, case) for lemma, cases in MISAPPLIED.items() for case in cases]
)
def test_a_lemma_misapplied_is_refused(lemma, case):
    objects, assumptions, match, relation, where = (*case, None, ())[:5]
    placeholder = relation or equation(Jacobian(h(1), h(0)), Jacobian(h(1), h(0)))
    try:
        lemma.instance(*objects)
    except ValueError:
        relation = placeholder
    with pytest.raises(DerivationError, match=match):
        cite(lemma, objects, assumptions, relation, where)


@pytest.mark.parametrize("lemma", ON_THE_SHELF, ids=lambda lemma: lemma.name)
def test_every_lemma_is_tested(lemma):
    assert lemma.name in TESTED, f"{lemma.name} needs a test on exact cases, by @exact_cases"
    assert lemma in [cited for cited, *_ in CITED], f"{lemma.name} needs a case in which it holds"
    assert lemma in MISAPPLIED, f"{lemma.name} needs cases in which it is refused"
    assert lemma.statement.strip()


def test_a_diagonal_entry_belongs_to_one_index():
    with pytest.raises(ValueError, match="function of i or of j alone"):
        diagonal((D(t), entry(h(t), ROW) * entry(h(t), COLUMN), ROW))
    with pytest.raises(ValueError, match="function of i or of j alone"):
        diagonal((D(t), entry(h(t), i), i))


def test_two_diagonals_of_one_matrix_are_two_assumptions():
    """The lemma takes D from a definition, so D cannot be two matrices without saying so."""
    first, second = (
        diagonal((D(t), value_, ROW)) for value_ in (entry(h(t), ROW), entry(c(t), ROW))
    )
    assert not first.follows_from(second)
