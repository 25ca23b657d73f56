"""Inductions: their base, their step, their range, their sign, and their hypothesis."""

import pytest
from sympy import Function, Integer, Sum, Symbol
from sympy import Identity as IdentityMatrix

from tests.deriving import (
    X,
    a,
    c,
    derive,
    growth,
    identity,
    k,
    n,
    refused,
    s,
    t,
    x,
)
from tests.saying import refusing
from theory.derivation import (
    ByLemma,
    Derivation,
    Everywhere,
    Hypothesis,
    Induction,
    Lemma,
    Relation,
    at_most,
    equation,
    nonzero,
)
from theory.matrices import OrderedProduct, family
from theory.normal_form import Rule
from theory.ranges import Range

Y = Function("Y", real=True)


def by_induction(relation, base="base", step="step", start=0, variable=t, **more):
    return Induction(relation, "", variable=variable, start=start, base=base, step=step, **more)


# Inductions.

HALVED = {"base": equation(X(0), c), "step": equation(X(t + 1), X(t) / 2)}
halved = equation(X(t), c / 2**t)


def test_an_induction_needs_its_base_and_its_step():
    assert derive(by_induction(halved), **HALVED) == 1
    refused("cites 'base'", by_induction(halved), step=HALVED["step"])
    refused("cites 'step'", by_induction(halved), base=HALVED["base"])


@pytest.mark.parametrize(
    ("relation", "change", "match"),
    [
        (equation(X(t), c / 2 ** (t + 1)), {}, "its base does not hold: c ≠ c/2"),
        (equation(X(t), c / 2 ** (2 * t)), {}, "its step does not hold"),
        (equation(X(t), c / 2**t + t), {}, "its step does not hold"),
        (halved, {"base": equation(X(1), c)}, r"its base is about X\(1\), not X\(0\)"),
        (halved, {"step": equation(X(t + 2), X(t) / 2)}, r"its step is about X\(t \+ 2\)"),
        (halved, {"step": at_most(X(t + 1), X(t) / 2)}, "its step is .* and it claims ="),
        (halved, {"base": at_most(X(0), c)}, "its base is .* and it claims ="),
    ],
)
def test_a_wrong_induction_is_refused(relation, change, match):
    refused(match, by_induction(relation), **{**HALVED, **change})


@pytest.mark.parametrize(
    ("variable", "start"),
    [
        (Symbol("r", real=True), 0),  # from 0 on by steps of 1 it misses 1/2
        (t, -1),  # the step says nothing about t = −1
        (t, x),
        (n, 0),  # n = 1, 2, … : the step from 0 to 1 is not given
        (Symbol("e", even=True, nonnegative=True), 0),  # t + 1 is odd
        (Symbol("p", prime=True), 2),
        (Integer(3), 0),  # a number runs through nothing
    ],
)
def test_an_induction_runs_through_all_that_it_claims(variable, start):
    relation = equation(X(variable), c)
    given = {"base": equation(X(start), c), "step": equation(X(variable + 1), X(variable))}
    match = "has to run through the integers"
    refused(match, by_induction(relation, variable=variable, start=start), **given)


def test_an_induction_says_from_where_it_holds():
    given = {"base": equation(X(s), c), "step": equation(X(t + 1), X(t))}
    refused("holds for t ≥ s alone", by_induction(equation(X(t), c), start=s), **given)
    later = equation(X(t), c, Range(t, s))
    assert derive(by_induction(later, start=s), **given) == 1
    refused("do not lead", by_induction(later, start=s), conclusion=equation(X(t), c), **given)
    refused(
        "of another index depends",
        by_induction(equation(X(t), c, Range(t, s), Range(k, 0, t)), start=s),
        **given,
    )


def test_a_base_has_to_hold_where_the_conclusion_does():
    given = {"base": equation(X(s), c, Range(s, 3)), "step": equation(X(t + 1), X(t))}
    from_s = by_induction(equation(X(t), c, Range(t, s)), start=s)
    refused("s ≥ 3 is not among", from_s, **given)
    where = (Range(t, s), Range(s, 3))
    assert derive(by_induction(equation(X(t), c, *where), start=s), **given) == 1


def test_a_fact_that_a_step_needs_may_hold_from_the_start_on_alone():
    given = {
        "base": equation(X(3), c),
        "step": equation(X(t + 1), Y(t) * X(t)),
        "one": equation(Y(t), 1, Range(t, 3)),
    }
    from_three = equation(X(t), c, Range(t, 3))
    assert derive(by_induction(from_three, start=3, given=("one",)), **given) == 1
    given["base"] = equation(X(2), c)
    from_two = by_induction(equation(X(t), c, Range(t, 2)), start=2, given=("one",))
    refused("t ≥ 3 is not among", from_two, **given)


def test_what_holds_from_five_on_is_no_step_from_zero():
    constant = equation(X(t + 1), c, Range(t, 5))
    from_five = by_induction(constant, start=5, base="six", step="on")
    given = {
        "six": equation(X(6), c),
        "on": equation(X(t + 2), X(t + 1)),
        "zero": equation(X(0), c),
    }
    assert derive(from_five, **given) == 1
    whole = by_induction(equation(X(t), c), base="zero", step=1)
    refused("t ≥ 5 is not among", from_five, whole, **given)


def test_an_induction_does_not_run_over_a_bound_index():
    summed = equation(Sum(X(t), (t, 0, 3)), c)
    given = {"base": summed, "step": summed}
    refused("a sum or a product runs over t", by_induction(summed), **given)


def test_an_ordered_product_grows_by_induction():
    F, P = family("F", n, n), family("P", n, n)
    product = OrderedProduct(F(k), k, 1, t)
    grown = equation(P(t), product)
    given = {
        "base": equation(P(0), IdentityMatrix(n)),
        "step": equation(P(t + 1), F(t + 1) * P(t)),
    }
    split = (Rule("split"),)
    assert derive(by_induction(grown, rules=split), **given) == 1
    refused("its step does not hold", by_induction(grown), **given)
    swapped = {**given, "step": equation(P(t + 1), P(t) * F(t + 1))}
    refused("its step does not hold", by_induction(grown, rules=split), **swapped)


@pytest.mark.parametrize(
    ("claimed", "base", "step"),
    [("=", "=", "="), ("≤", "=", "="), ("≤", "≤", "≤"), ("≤", "<", "="), ("<", "<", "<")],
)
def test_signs_that_an_induction_proves(claimed, base, step):
    relation = Relation(X(t), claimed, growth**t * c)
    given = {"base": Relation(X(0), base, c), "step": Relation(X(t + 1), step, growth * X(t))}
    assert derive(by_induction(relation), **given) == 1


@pytest.mark.parametrize(
    ("claimed", "base", "step"),
    [
        ("<", "=", "<"),
        ("<", "≤", "<"),
        ("<", "<", "≤"),
        ("<", "<", "="),
        ("=", "≤", "="),
        ("=", "=", "<"),
    ],
)
def test_signs_that_an_induction_does_not_prove(claimed, base, step):
    relation = Relation(X(t), claimed, growth**t * c)
    given = {"base": Relation(X(0), base, c), "step": Relation(X(t + 1), step, growth * X(t))}
    refused(f"and it claims {claimed}", by_induction(relation), **given)


U = Function("U", nonnegative=True)


@pytest.mark.parametrize(
    ("state", "image"),
    [
        (X, lambda v: -v),
        (X, lambda v: a * v),  # a may be negative
        (X, lambda v: v**2),  # (−3)² > 1² though −3 < 1
        (U, lambda v: v**2 - v),
        (U, lambda v: 1 / (1 + v)),
        (U, lambda v: 1 - 1 / (v - 1) ** 2),
        (X, abs),
    ],
)
def test_a_map_that_is_not_monotone_is_refused(state, image):
    bound = Function("B", nonnegative=True)
    given = {
        "base": at_most(state(0), bound(0)),
        "step": at_most(state(t + 1), image(state(t))),
        "bound": equation(bound(t + 1), image(bound(t))),
        "pole": nonzero(U(t) - 1),
        "other": nonzero(bound(t) - 1),
    }
    refused("not seen to be monotone", by_induction(at_most(state(t), bound(t))), **given)


@pytest.mark.parametrize(
    ("state", "image", "bound"),
    [
        (X, lambda v: growth * v, growth**t * c),
        (X, lambda v: v - a, c - a * t),
        (U, lambda v: v**2, U(0) ** (2**t)),
    ],
)
def test_a_monotone_map_is_taken(state, image, bound):
    given = {
        "base": at_most(state(0), bound.subs(t, 0)),
        "step": at_most(state(t + 1), image(state(t))),
    }
    assert derive(by_induction(at_most(state(t), bound)), **given) == 1


# Hypotheses.


def test_an_induction_discharges_its_own_hypothesis_alone():
    supposed = Hypothesis(at_most(X(t), c), "")
    lemma = Lemma("kept", "", lambda p, q: ((at_most(p, q),), at_most(X(t + 1), q)))
    onward = ByLemma(at_most(X(t + 1), c), "", lemma=lemma, of=(X(t), c), given=(1,))
    end = by_induction(at_most(X(t), c), step=2)
    base = {"base": at_most(X(0), c)}
    assert derive(supposed, onward, end, **base) == 3
    refused("suppose nothing", supposed, **base)
    refused("suppose nothing", supposed, onward, **base)
    other = by_induction(at_most(X(t), 2 * c), step=2)
    refused(r"supposes X\(t\) ≤ c", supposed, onward, other, base=at_most(X(0), 2 * c))
    refused(
        r"supposes X\(t\) ≤ c", supposed, onward, by_induction(at_most(X(t), c), base=1, step=2)
    )
    refused("rests on nothing", Hypothesis(at_most(X(t), c), "", given=("base",)), **base)


def test_a_hypothesis_is_about_one_t():
    """X(t) = 0 for one t says nothing of a sum over t."""
    supposed = Hypothesis(equation(X(t), 0), "")
    total = identity(Sum(X(t), (t, 0, 5)), Sum(0 * t, (t, 0, 5)), given=(1,))
    refused("under a sum or product, but", supposed, total)
    assert derive(identity(*total.relation.sides, given=("all",)), all=equation(X(t), 0)) == 1


def test_a_hypothesis_at_t_is_not_one_at_every_t():
    """Else X(t + 1) = c would be a case of X(t) = c, and prove it."""
    every = Everywhere(equation(X(t), c), t)
    shift = Lemma("shift", "", lambda: ((every,), equation(X(t + 1), c)))
    onward = ByLemma(equation(X(t + 1), c), "", lemma=shift, of=(), given=(1,))
    supposed = Hypothesis(equation(X(t), c), "")
    end = by_induction(equation(X(t), c), step=2)
    refused("for every t, and what is given rests on 1", supposed, onward, end, base=HALVED["base"])
    known = identity(X(t), c, given=("all",))
    assert derive(known, onward, all=equation(X(t), c)) == 2


def test_without_takes_away_one_assumption():
    derivation = Derivation("example", HALVED, (by_induction(halved),), halved)
    assert set(derivation.without("base").assumptions) == {"step"}
    with refusing(KeyError, match="no assumption 'bass'"):
        derivation.without("bass")
