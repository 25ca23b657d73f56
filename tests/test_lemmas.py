"""The shelf: each lemma on generated exact cases."""

from dataclasses import dataclass
from itertools import product
from math import prod

from flint import fmpq, fmpq_mat, fmpq_poly
from hypothesis import given
from hypothesis import strategies as st

from properties.checking.domains import fixed_lists, matrices, rationals, rectangles, vectors
from tests.evaluation import diagonal_matrix, value
from tests.shelf import (
    DIAGONALS,
    FORM,
    OWN_STEP,
    OWN_WEIGHT,
    A,
    B,
    C,
    T,
    U,
    W,
    a,
    b,
    bilinear,
    exact_cases,
    h,
    holds,
    i,
    m,
    n,
    r,
    s,
    t,
    w,
    x,
)
from theory import lemmas
from theory.lemmas import expectation

# Norms, in the ∞-norm of rational matrices.

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
    premises, conclusion = lemmas.chain_rule.instance(h(t + 1), bilinear, h(t), h(s))
    assert {type(premise).__name__ for premise in premises} == {"Relation", "Fact"}
    assert holds(conclusion, values)


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


# The gradient of C = Σ h_3², by moving one state, or one weight, along one axis at a time.


@st.composite
def untied_runs(draw):
    size = draw(st.integers(1, 2))
    small = rationals(2, (1, 2))
    inputs = [draw(vectors(size, small)) for _ in range(T + 1)]
    return UntiedRun(size, [draw(matrices(size, small)) for _ in inputs], inputs), draw(
        st.integers(0, T - 1)
    )


@dataclass
class UntiedRun:
    """h_{t+1} = (W_{t+1}h_t) ⊙ u_{t+1} + u_{t+1} from h_0 = u_0, with its exact derivatives."""

    size: int
    weights: list
    inputs: list

    def states(self, start=0, state=None, moved=None):
        """The states from h_start on; `moved` is an entry of weights that ε is added to."""
        states = {start: polynomials(self.inputs[0]) if state is None else state}
        for step in range(start + 1, T + 1):
            image = apply(self.weights[step], states[step - 1])
            if moved and moved[0] == step:
                _, i, j = moved
                image[i] += fmpq_poly([0, 1]) * states[step - 1][j]
            entering = self.inputs[step].entries()
            states[step] = [p * e + e for p, e in zip(image, entering, strict=True)]
        return states

    def state(self, step):
        return fmpq_mat(self.size, 1, [p[0] for p in self.states()[step]])

    def cost_slope(self, **change):
        return sum((p * p for p in self.states(**change)[T]), fmpq_poly([0]))[1]

    def gradient(self, name, step):
        axes = range(self.size)
        if name == "W":
            slopes = [self.cost_slope(moved=(step, i, j)) for i in axes for j in axes]
            return fmpq_mat(self.size, self.size, slopes)
        moves = (polynomials(self.state(step), j) for j in axes)
        return fmpq_mat(self.size, 1, [self.cost_slope(start=step, state=s) for s in moves])

    def values(self, now):
        here = {n: self.size, t: now}

        def gradient(member):
            return self.gradient(member.name, int(value(member.index, here).p))

        def one_step(y, x):
            return jacobian(lambda state: self.states(now, state)[now + 1], self.state(now))

        return {
            **here,
            "h": self.state,
            "D": lambda step: diagonal_matrix(*self.inputs[step].entries()),
            "∂": one_step,
            "∂C": gradient,
        }


@exact_cases(lemmas.reverse_chain_rule)
@given(untied_runs())
def test_reverse_chain_rule(case):
    run, now = case
    _, conclusion = lemmas.reverse_chain_rule.instance(*OWN_STEP)
    assert holds(conclusion, run.values(now))


@exact_cases(lemmas.weight_of_a_step)
@given(untied_runs())
def test_weight_of_a_step(case):
    run, now = case
    _, conclusion = lemmas.weight_of_a_step.instance(*OWN_WEIGHT)
    assert holds(conclusion, run.values(now))


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
