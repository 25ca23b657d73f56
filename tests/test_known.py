"""What a step may cite, and what restricts a variable among the grounds of what it cites."""

from __future__ import annotations

from sympy import MatrixSymbol, Symbol

from tests.saying import refusing
from theory.known import Known, is_limited
from theory.normal_form import orthogonal
from theory.ranges import Range
from theory.relations import Fact, at_most, equation, less, nonzero
from theory.rewriting import Refused
from theory.rules import symmetric

n = Symbol("n", integer=True, positive=True)
k = Symbol("k", integer=True, nonnegative=True)
x, y, z = (Symbol(name, real=True) for name in "xyz")
Q = MatrixSymbol("Q", n, n)

RULE, FACT, EQUATION = orthogonal(Q), Fact("are independent", (x, y)), equation(x, y)


def known(**assumed: object) -> Known:
    facts = {1: EQUATION, 2: equation(y, z), **assumed}
    grounds = {name: frozenset({name}) for name in facts}
    return Known(facts, {**grounds, 2: frozenset({1, *assumed})})  # type: ignore[arg-type]


def test_a_premise_is_a_relation_or_a_fact() -> None:
    what = known(fact=FACT, rule=RULE)
    assert what.premise(1) == EQUATION
    assert what.premise("fact") == FACT
    for reference, shown in (("rule", "'rule'"), ("missing", "'missing'"), (7, "7")):
        with refusing(Refused, match=f"^it cites {shown}, which is no earlier relation or fact"):
            what.premise(reference)


def test_a_relation_is_no_fact() -> None:
    what = known(fact=FACT)
    assert what.relation(1) == EQUATION
    for reference, shown in (("fact", "'fact'"), (7, "7")):
        with refusing(Refused, match=f"^it cites {shown}, which is no earlier relation$"):
            what.relation(reference)


def test_rules_about_matrices_have_to_be_granted() -> None:
    what = known(rule=RULE)
    what.allow([RULE])
    with refusing(Refused, match="which is not among the assumptions"):
        what.allow([symmetric(Q)])


def test_an_index_is_restricted_by_hypotheses_alone() -> None:
    what = Known(
        {"all k": less(x, k), 1: equation(k, 1), 2: EQUATION},
        {2: frozenset({"all k", 1}), 1: frozenset({1}), "all k": frozenset({"all k"})},
    )
    assert what.about(k, 2) == [1]


def test_another_symbol_is_restricted_by_any_assumption_that_what_is_cited_rests_on() -> None:
    what = known(of_x=at_most(x, 1), of_z=at_most(z, 1), fact=FACT)
    assert what.about(x, 2) == [1, "of_x"]
    assert what.about(x, 1) == [1]
    assert what.about(Symbol("w", real=True), 2) == []


def test_what_is_not_zero_counts_wherever_it_is_divided_by() -> None:
    what = known(positive=less(0, z), not_zero=nonzero(x), level=at_most(x, 1), fact=FACT)
    assert what.about(x, 1) == [1, "not_zero"]
    assert what.about(z, 1) == ["positive"]


def test_grounds_that_are_numbers_and_names_are_in_one_order() -> None:
    facts = {"b": at_most(x, 1), 3: equation(x, z), "a": at_most(x, 2), 1: EQUATION}
    what = Known(facts, {1: frozenset(facts)})
    assert what.about(x, 1) == [1, 3, "a", "b"]


def test_a_range_limits_a_relation_of_its_index() -> None:
    somewhere = equation(x, k, Range(k, 0, n))
    assert is_limited(somewhere, k)
    assert not is_limited(somewhere, x)
    assert not is_limited(FACT, x)
