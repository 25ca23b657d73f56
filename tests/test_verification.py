"""The machinery says no: a faulty claim is an error that says what to do about it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from flint import fmpq
from hypothesis import assume
from hypothesis import strategies as st

from properties.checking import Case, Check, rational
from properties.checking.claim import REGISTRY, Claim, claim
from properties.checking.domains import rationals
from properties.checking.plan import Outcome, Plan
from properties.checking.refuting import size_of
from properties.checking.verification import verify_part
from tests.controls import NUMBERS, Number, square_is_nonnegative
from tests.controls import a_claim as make


def run(made: Claim, part: str = "holds", **plan: Any) -> Outcome:
    return verify_part(made, part, Plan(**plan))


def test_a_sound_claim_holds_in_every_part() -> None:
    made = make()
    assert [run(made, part).verdict for part in made.parts] == ["holds"] * 3
    assert run(made).examples == 200
    assert run(made, "witness").examples == 1


def test_a_false_claim_is_refuted_by_its_smallest_case() -> None:
    def all_below_three(number: Number, check: Check) -> None:
        check.at_most(number.x, fmpq(2))

    outcome = run(make(all_below_three))
    assert outcome.verdict == "refuted"
    assert outcome.counterexample is not None
    assert repr(outcome.counterexample.case) == "Number(x=3)"


def test_a_plain_assertion_refutes_too() -> None:
    def small(number: Number, check: Check) -> None:
        check.exact(0, 0)
        assert number.x < 3, "too large"

    outcome = run(make(small))
    assert (outcome.verdict, outcome.message.partition("\n")[0]) == ("refuted", "too large")


FAULTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "no witness": ({"witness": None}, "holds", "give `witness=`"),
    "unknown tier": ({"tiers": ("exactly",)}, "holds", "name those used of"),
    "no derivation": ({"derivation": " "}, "holds", "a line that says why"),
    "symbolic without derivation": ({"tiers": ("symbolic", "exact")}, "holds", "go together"),
    "assumption without counterexample": (
        {"assumptions": {"x is small": lambda n: n.x < 9}},
        "holds",
        "'x is small' has no counterexample",
    ),
    "label never visited": (
        {"labels": {"huge": (0.1, lambda n: n.x > 10**9)}},
        "holds",
        "'huge' was never visited",
    ),
    "label too rare": (
        {"labels": {"zero": (0.9, lambda n: n.x == 0)}},
        "holds",
        "90% is its least share",
    ),
    "filter": (
        {"domain": st.builds(Number, rationals().filter(lambda x: x > 1))},
        "holds",
        "build every case",
    ),
    "unsatisfiable": ({"domain": st.builds(Number, st.nothing())}, "holds", "gives no case"),
    "drawing raises": (
        {"domain": st.builds(Number, st.integers().map(lambda n: 1 // 0))},
        "holds",
        "ZeroDivisionError",
    ),
    "tier not used": ({"tiers": ("exact", "float")}, "holds", "its check used ['exact']"),
    "witness outside": (
        {"assumptions": {"x is small": lambda n: n.x < 1}},
        "witness",
        "has no counterexample",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_declaration_is_an_error_that_says_what_to_do(fault: str) -> None:
    changes, part, said = FAULTS[fault]
    outcome = run(make(**changes), part)
    assert outcome.verdict == "error"
    assert said in outcome.message
    assert "square_is_nonnegative" in outcome.message


def test_a_witness_that_breaks_an_assumption_is_an_error() -> None:
    made = make(assumptions={"x is small": lambda n: n.x < 1})
    made.without("x is small", domain=NUMBERS)
    assert "the witness breaks: x is small" in run(made, "witness").message


def test_a_domain_that_breaks_an_assumption_is_an_error() -> None:
    made = make(assumptions={"x is small": lambda n: n.x < 1}, witness=Number(rational(0)))
    made.without("x is small", domain=NUMBERS)
    outcome = run(made)
    assert outcome.verdict == "error"
    assert "breaks x is small: Number(x=1)" in outcome.message


def test_assume_in_a_check_counts_as_rejection() -> None:
    def assuming(number: Number, check: Check) -> None:
        assume(number.x > 0)
        check.exact(number.x, number.x)

    outcome = run(make(assuming))
    assert outcome.verdict == "error"
    assert "rejected" in outcome.message


def raising(number: Number, check: Check) -> None:
    raise ZeroDivisionError("by zero")


def returning_nan(number: Number, check: Check) -> None:
    check.close(np.array([math.nan]), [0.0], 1.0)


def overflowing(number: Number, check: Check) -> None:
    check.close(np.array([math.inf]), [0.0], 1.0)


def with_bound_nan(number: Number, check: Check) -> None:
    check.close(np.array([1.0]), [0.0], math.nan)


def comparing_floats_exactly(number: Number, check: Check) -> None:
    check.exact(0.5, 0.5)


def mutating(number: Number, check: Check) -> None:
    check.exact(0, 0)
    object.__setattr__(number, "x", number.x + 1)


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (raising, "ZeroDivisionError: by zero"),
        (returning_nan, "NaN or infinity"),
        (overflowing, "NaN or infinity"),
        (with_bound_nan, "a bound is not a finite number"),
        (comparing_floats_exactly, "floats are not exact"),
        (mutating, "changed its case"),
    ],
)
def test_whatever_is_no_assertion_is_an_error_and_never_a_verdict(check: Any, said: str) -> None:
    outcome = run(make(check))
    assert outcome.verdict == "error"
    assert said in outcome.message
    assert outcome.counterexample is None


def test_a_loose_bound_is_an_error() -> None:
    def loose(number: Number, check: Check) -> None:
        check.close(np.array([0.1]), [rational("1/10")], 1.0)

    outcome = run(make(loose, tiers=("float",)))
    assert outcome.verdict == "error"
    assert "too loose to catch anything" in outcome.message


def test_a_bound_that_is_met_gives_its_ratio() -> None:
    def tenth(number: Number, check: Check) -> None:
        check.close(np.array([0.1]), [rational("1/10")], 2.0**-56)

    outcome = run(make(tenth, tiers=("float",)))
    # 0.1 in float64 is above 1/10 by 2⁻⁵⁴/10 = 0.4·2⁻⁵⁶.
    assert outcome.verdict == "holds"
    assert outcome.worst_ratio is not None
    assert 0.39 < outcome.worst_ratio < 0.41


def small_only(number: Number, check: Check) -> None:
    check.at_most(number.x * number.x, fmpq(4))


def assuming_smallness(domain: Any) -> Claim:
    made = make(
        small_only,
        domain=st.builds(Number, rationals(2)),
        assumptions={"|x| ≤ 2": lambda n: abs(n.x) <= 2, "x is no 4": lambda n: n.x != 4},
        witness=Number(rational(1)),
    )
    made.without("|x| ≤ 2", domain=domain)
    made.without("x is no 4", domain=NUMBERS)
    return made


def test_dropping_an_assumption_finds_the_smallest_counterexample() -> None:
    three = st.builds(Number, st.integers(-3, 3).map(fmpq))
    outcome = run(assuming_smallness(three), "without[|x| ≤ 2]")
    assert outcome.verdict == "holds"
    assert outcome.counterexample is not None
    assert repr(outcome.counterexample.case) == "Number(x=3)"
    assert outcome.counterexample.violation >= 2


def test_a_counterexample_may_be_left_as_it_was_found() -> None:
    many = st.builds(Number, st.integers(0, 10**6).map(fmpq))
    outcome = run(assuming_smallness(many), "without[|x| ≤ 2]", smallest=False)
    assert outcome.verdict == "holds"
    assert outcome.counterexample is not None
    assert outcome.counterexample.case.x > 3
    assert outcome.examples < run(assuming_smallness(many), "without[|x| ≤ 2]").examples


def test_a_counterexample_that_breaks_another_assumption_is_an_error() -> None:
    fours = st.builds(Number, st.just(fmpq(4)))
    outcome = run(assuming_smallness(fours), "without[|x| ≤ 2]")
    assert outcome.verdict == "error"
    assert "also breaks x is no 4" in outcome.message


def test_an_assumption_that_is_not_needed_is_an_error() -> None:
    twos = st.builds(Number, rationals(2))
    outcome = run(assuming_smallness(twos), "without[|x| ≤ 2]")
    assert outcome.verdict == "error"
    assert "not shown to be needed" in outcome.message


def test_a_misreading_that_is_true_is_an_error() -> None:
    made = make()
    made.misread("squares are at least −1")(square_is_nonnegative)
    outcome = run(made, "misread[square_is_nonnegative]")
    assert outcome.verdict == "error"
    assert "not refuted" in outcome.message


def test_a_misreading_within_twice_its_bound_is_not_refuted() -> None:
    def barely(number: Number, check: Check) -> None:
        check.close(np.array([1.9]), [0.0], 1.0)

    made = make()
    made.misread("1.9 is 0")(barely)
    assert run(made, "misread[barely]").verdict == "error"


def test_a_misreading_whose_check_raises_is_an_error() -> None:
    made = make()
    made.misread("nothing")(raising)
    outcome = run(made, "misread[raising]")
    assert outcome.verdict == "error"
    assert "ZeroDivisionError" in outcome.message


def test_an_unknown_assumption_is_a_fault() -> None:
    made = make()
    made.without("x is prime", domain=NUMBERS)
    assert "names no assumption" in run(made).message


def test_a_name_used_twice_is_a_fault_of_both() -> None:
    first, second = make(), make()
    second.module = "elsewhere"
    REGISTRY[first.name] = [first, second]
    try:
        for made in (first, second):
            assert "used more than once, in elsewhere, " in run(made).message
    finally:
        REGISTRY.pop(first.name)


def declared(module: str, lines_before: int = 0) -> Claim:
    """A claim of one name in a module, its check so many lines further down."""
    names: dict[str, Any] = {"__name__": module}
    exec("\n" * lines_before + "def again(case, check): pass", names)
    made = claim(
        statement="1 = 1",
        source="none",
        derivation="none",
        domain=NUMBERS,
        witness=Number(fmpq(1)),
        tiers=("exact",),
    )(names["again"])
    assert isinstance(made, Claim)
    return made


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (("here", 0), ("here", 0), 1),  # its module was loaded again
        (("here", 0), ("here", 1), 2),
        (("here", 0), ("there", 0), 2),
        (("__main__", 0), ("__main__", 1), 1),  # a notebook's cell, which ran again
        (("__main__", 0), ("here", 0), 2),
    ],
)
def test_what_is_declared_again_takes_the_place_of_what_was(
    first: tuple[str, int], second: tuple[str, int], kept: int
) -> None:
    try:
        older, newer = declared(*first), declared(*second)
        assert REGISTRY["again"] == [older, newer][-kept:]
    finally:
        REGISTRY.pop("again")


def test_the_same_seed_gives_the_same_outcome_and_another_other_cases() -> None:
    def record(number: Number, check: Check) -> None:
        seen.append(repr(number))
        check.exact(0, 0)

    made, runs = make(record, domain=st.builds(Number, st.integers().map(fmpq))), []
    for seed in (1, 1, 2):
        seen: list[str] = []
        run(made, seed=seed)
        runs.append(seen)
    assert runs[0] == runs[1] != runs[2]


def test_smaller_sizes_are_found_where_shrinking_does_not_find_them() -> None:
    @dataclass(frozen=True, repr=False)
    class Tuple(Case):
        xs: tuple[int, ...]

    sized = st.integers(1, 6).flatmap(
        lambda n: st.builds(Tuple, st.tuples(*[st.integers(0, 9)] * n))
    )

    def not_all_seven(case: Tuple, check: Check) -> None:
        check.that(any(x < 5 for x in case.xs), case.xs, 5, "some entry below 5")

    made = make()
    made.misread("some entry is below 5", domain=sized)(not_all_seven)
    outcome = run(made, "misread[not_all_seven]")
    assert outcome.counterexample is not None
    assert outcome.counterexample.case == Tuple((5,))


def test_fewer_examples_than_a_claim_asks_for_say_nothing_of_its_bounds() -> None:
    def never_rounded(number: Number, check: Check) -> None:
        check.close(np.array([1.0]), [1.0], 1.0)

    for asked, given, verdict in ((None, 199, "holds"), (None, 200, "error"), (60, 200, "error")):
        outcome = run(make(never_rounded, tiers=("float",), examples=asked), examples=given)
        assert outcome.verdict == verdict
    assert run(make(never_rounded, tiers=("float",), examples=100), examples=60).verdict == "holds"


def test_what_is_no_case_has_no_size() -> None:
    assert size_of((1, 2)) == (0, 0)
    assert size_of(Number(rational(2))) == Number(rational(2)).size()
