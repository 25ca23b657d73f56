"""The shelf of states of two parts: the lemma on generated exact cases, and where it is refused."""

from flint import fmpq, fmpq_mat, fmpq_poly
from hypothesis import given
from hypothesis import strategies as st
from sympy import MatrixSymbol, Symbol

from properties.checking.domains import matrices, rationals, vectors
from tests.evaluation import value
from tests.saying import refusing
from theory import lemmas_of_blocks
from theory.derivation import ByLemma, Derivation, DerivationError, Lemma, equation, fixed
from theory.lemmas_of_blocks import by_blocks
from theory.matrices import Blocks, Jacobian

n, m = (Symbol(name, integer=True, positive=True) for name in "nm")
x, y, u, v = (MatrixSymbol(name, n, 1) for name in "xyuv")
P, Q, R, S = (MatrixSymbol(name, n, n) for name in "PQRS")
PARTS = (u, v, x, y, P, Q, R, S)
GIVEN = {
    "arguments": fixed(x, y),
    "ux": equation(Jacobian(u, x), P),
    "uy": equation(Jacobian(u, y), Q),
    "vx": equation(Jacobian(v, x), R),
    "vy": equation(Jacobian(v, y), S),
}


def test_every_lemma_has_its_test():
    shelf = {e.name for e in vars(lemmas_of_blocks).values() if isinstance(e, Lemma)}
    assert shelf == {by_blocks.name}


def step(a, b, state):
    """(x, y) ↦ (Ax ⊙ y, x + By ⊙ y), of polynomials in ε."""
    half = len(state) // 2
    first, second = state[:half], state[half:]

    def applied(matrix, column):
        terms = [[column[k] * matrix[i, k] for k in range(half)] for i in range(half)]
        return [sum(row, fmpq_poly([0])) for row in terms]

    above = [p * q for p, q in zip(applied(a, first), second, strict=True)]
    below = [p + q * r for p, q, r in zip(first, applied(b, second), second, strict=True)]
    return above + below


def slopes(a, b, state, rows, columns):
    """The derivatives of these entries of the new state by those of the old one."""
    found = []
    for j in columns:
        moved = [fmpq_poly([e, fmpq(int(k == j))]) for k, e in enumerate(state)]
        found.append([step(a, b, moved)[i][1] for i in rows])
    entries = [found[j][i] for i in range(len(rows)) for j in range(len(columns))]
    return fmpq_mat(len(rows), len(columns), entries)


@st.composite
def steps(draw):
    size = draw(st.integers(1, 2))
    small = rationals(2, (1, 2))
    state = draw(vectors(2 * size, small)).entries()
    return draw(matrices(size, small)), draw(matrices(size, small)), state


@given(steps())
def test_the_whole_consists_of_the_blocks(case):
    a, b, state = case
    size = len(state) // 2
    places = {"x": range(size), "y": range(size, 2 * size)}
    places |= {"u": places["x"], "v": places["y"]}

    def part(of):
        return range(2 * size) if isinstance(of, Blocks) else places[of.name]

    values = {n: size, "∂": lambda new, old: slopes(a, b, state, part(new), part(old))}
    values |= {
        matrix: value(Jacobian(new, old), values)
        for matrix, (new, old) in zip((P, Q, R, S), ((u, x), (u, y), (v, x), (v, y)), strict=True)
    }
    _, conclusion = by_blocks.instance(*PARTS)
    assert value(conclusion.left, values) == value(conclusion.right, values)


def cite(assumptions, parts=PARTS):
    _, stated = by_blocks.instance(*parts)
    one = ByLemma(stated, "", lemma=by_blocks, of=parts, given=(*assumptions,))
    return Derivation("one step", assumptions, (one,), stated).verify()


def test_it_is_cited_with_all_that_it_needs():
    assert cite(GIVEN) == 1
    for gone in GIVEN:
        with refusing(DerivationError, match="needs"):
            cite({name: fact for name, fact in GIVEN.items() if name != gone})


def test_one_part_is_not_two():
    with refusing(ValueError, match="one of two parts"):
        by_blocks.instance(u, v, x, x, P, Q, R, S)


def test_blocks_that_do_not_fit_are_refused():
    wide = MatrixSymbol("T", n, m)
    assert Blocks(1, P, wide).shape == (n, n + m)
    with refusing(ValueError, match="which do not fit"):
        Blocks(2, P, wide)
