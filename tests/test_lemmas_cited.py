"""The shelf: each lemma as a step may cite it, and refused where it is misapplied."""

import pytest
from sympy import Function, IndexedBase, KroneckerDelta, MatMul, MatrixSymbol, Product, Sum, Symbol

import tests.test_lemmas  # noqa: F401 (its tests are noted in TESTED)
from tests.saying import refusing
from tests.shelf import (
    DIAGONALS,
    E_,
    FORM,
    OWN_STEP,
    OWN_WEIGHT,
    TESTED,
    A,
    B,
    C,
    D,
    T,
    U,
    W,
    a,
    b,
    bilinear,
    c,
    h,
    h0,
    i,
    n,
    own_step,
    s,
    t,
    u,
    w,
    weights,
    x,
)
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
from theory.matrices import Jacobian, Norm
from theory.ranges import Range

ON_THE_SHELF = [lemma for lemma in vars(lemmas).values() if isinstance(lemma, Lemma)]


def cite(lemma, objects, assumptions, relation=None, where=()):
    """Verify the derivation of one step that cites the lemma, given all the assumptions."""
    if relation is None:
        _, stated = lemma.instance(*objects)
        relation = Relation(stated.left, stated.sign, stated.right, where)
    step = ByLemma(relation, "", lemma=lemma, of=objects, given=(*assumptions,))
    return Derivation("one step", assumptions, (step,), relation).verify()


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

up_to_the_last = (Range(t, 0, T - 1),)
through_every_step = {
    "cost": lemmas.cost_of(h(T)),
    "step": equation(h(t + 1), own_step),
    "held": fixed(weights(t + 1), u(t + 1)),
}
weight_given = {
    **through_every_step,
    "held": fixed(u(t + 1)),
    "slopes": diagonal((D(t + 1), entry(u(t + 1), ROW), ROW)),
    "local": equation(
        lemmas.weight_derivative(own_step, weights(t + 1)),
        KroneckerDelta(ROW, lemmas.WEIGHT_ROW) * entry(u(t + 1), ROW) * entry(h(t), COLUMN),
        *lemmas.weight_ranges(h(t + 1), weights(t + 1)),
    ),
}


def all_but_one(assumptions):
    return [{k: v for k, v in assumptions.items() if k != gone} for gone in assumptions]


CITED = [
    (lemmas.submultiplicative, (A, B), {}, ()),
    (lemmas.triangle, (A, C), {}, ()),
    (lemmas.monotone_product, (x, a, b), {"0 ≤ x": at_most(0, x), "a ≤ b": at_most(a, b)}, ()),
    (lemmas.monotone_product, (Norm(A), a, b), {"a ≤ b": at_most(a, b)}, ()),
    (lemmas.chain_rule, through_h, recurrence, later),
    (lemmas.by_entries, by_entries_of, {**bilinear_held, **entrywise}, ()),
    (lemmas.reverse_chain_rule, OWN_STEP, through_every_step, up_to_the_last),
    (lemmas.weight_of_a_step, OWN_WEIGHT, weight_given, up_to_the_last),
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
            "needs ∂",
        ),
        (
            (*by_entries_of[:3], E_(t) * W.T, DIAGONALS),
            bilinear_held | entrywise,
            "does not match",
        ),
        ((x_t, W * x_t, x_t, W, []), {}, "something else than itself"),
        # h_s might be h_t itself, or come before it.
        (
            (h(s), W * x_t, x_t, W, []),
            {
                "": equation(h(s), W * x_t),
                "held": fixed(W),
                "entries": equation(
                    partial_derivative(W * x_t, x_t),
                    matrix_entry(W, ROW, COLUMN, {}),
                    *entries_of(h(s), x_t),
                ),
            },
            "needs t . 1 ≤ s",
        ),
    ],
    lemmas.reverse_chain_rule: [
        (OWN_STEP, through_every_step, "needs t . 1 ≤ 3"),
        *(
            (OWN_STEP, some, "needs", None, up_to_the_last)
            for some in all_but_one(through_every_step)
        ),
        # h_{t+1} = … at one t alone: later states might read h_t too.
        (
            OWN_STEP,
            {**through_every_step, "step": equation(h(t + 1), own_step, Range(t, 1, 1))},
            "needs .* for every t",
            None,
            (Range(t, 1, 1),),
        ),
        ((h(2), W * h(1), h(1), h(T)), {}, "has to stand for every state"),
        ((h(t + 1), W * h(t) + h(t - 1), h(t), h(T)), {}, "the one before it alone"),
        ((h(t + 1), W * h(t - 1), h(t - 1), h(T)), {}, "the one before it alone"),
        ((h(t + 1), W * h(t), h(t), c(T)), {}, "the one before it alone"),
    ],
    lemmas.weight_of_a_step: [
        (OWN_WEIGHT, weight_given, "needs t . 1 ≤ 3"),
        *((OWN_WEIGHT, some, "needs", None, up_to_the_last) for some in all_but_one(weight_given)),
        # A weight that a second step reads as well has a gradient from there too.
        (
            (h(t + 1), own_step + weights(t) * h(t), *OWN_WEIGHT[2:]),
            {},
            "the step to h_{t.1} alone",
        ),
        ((*OWN_WEIGHT[:3], weights(t), *OWN_WEIGHT[4:]), {}, "the step to h_{t.1} alone"),
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
    with refusing(DerivationError, match=match):
        cite(lemma, objects, assumptions, relation, where)


@pytest.mark.parametrize("lemma", ON_THE_SHELF, ids=lambda lemma: lemma.name)
def test_every_lemma_is_tested(lemma):
    assert lemma.name in TESTED, f"{lemma.name} needs a test on exact cases, by @exact_cases"
    assert lemma in [cited for cited, *_ in CITED], f"{lemma.name} needs a case in which it holds"
    assert lemma in MISAPPLIED, f"{lemma.name} needs cases in which it is refused"
    assert lemma.statement.strip()


def test_a_diagonal_entry_belongs_to_one_index():
    with refusing(ValueError, match="function of i or of j alone"):
        diagonal((D(t), entry(h(t), ROW) * entry(h(t), COLUMN), ROW))
    with refusing(ValueError, match="function of i or of j alone"):
        diagonal((D(t), entry(h(t), i), i))


def test_two_diagonals_of_one_matrix_are_two_assumptions():
    """The lemma takes D from a definition, so D cannot be two matrices without saying so."""
    first, second = (
        diagonal((D(t), value_, ROW)) for value_ in (entry(h(t), ROW), entry(c(t), ROW))
    )
    assert not first.follows_from(second)


def test_ranges_of_a_weight_reach_to_its_last_row_and_column():
    tall = MatrixSymbol("R", T, n)
    rows, weight_rows, columns = lemmas.weight_ranges(h(t + 1), tall)
    assert (rows, weight_rows) == (Range(ROW, 0, n - 1), Range(lemmas.WEIGHT_ROW, 0, T - 1))
    assert columns == Range(COLUMN, 0, n - 1)


def test_a_step_is_any_one_only_where_its_index_could_be_the_next():
    assert lemmas._every_step(h(t + 1), W * h(t), h(t), h(T))
    even = Symbol("k", even=True, nonnegative=True)
    with refusing(ValueError, match="has to stand for every state up to"):
        lemmas._every_step(h(even + 1), W * h(even), h(even), h(T))
