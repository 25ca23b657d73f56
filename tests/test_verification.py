"""The machinery says no: a faulty claim is an error that says what to do about it."""

from __future__ import annotations

import math
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import fmpq
from hypothesis import assume
from hypothesis import strategies as st

from models.lstm import LSTM
from properties.checking import Case, Check, rational
from properties.checking.claim import REGISTRY, Claim, claim
from properties.checking.domains import rationals
from properties.checking.plan import Outcome, Plan
from properties.checking.refuting import size_of
from properties.checking.search import Exploration
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


def test_the_seconds_are_those_that_it_took() -> None:
    before = time.perf_counter()
    outcome = run(make())
    assert 0 < outcome.seconds < time.perf_counter() - before


def test_a_false_claim_is_refuted_by_its_smallest_case() -> None:
    def all_below_three(number: Number, check: Check) -> None:
        check.at_most(number.x, fmpq(2))

    outcome = run(make(all_below_three))
    assert outcome.verdict == "refuted"
    assert outcome.counterexample is not None
    assert repr(outcome.counterexample.case) == "Number(x=3)"


def test_with_a_database_a_failing_case_is_tried_first_and_for_its_claim_alone(
    tmp_path: Path,
) -> None:
    def seldom_fails(number: Number, check: Check) -> None:
        check.at_most(number.x, fmpq(90))

    rare, other = make(seldom_fails), 1
    while run(rare, examples=1, seed=other).verdict == "refuted":
        other += 1
    assert run(rare, database=tmp_path, examples=2000).verdict == "refuted"
    assert [folder.name for folder in tmp_path.iterdir()] == ["seldom_fails"]
    assert run(rare, database=tmp_path, examples=1, seed=other).verdict == "refuted"


def test_a_plain_assertion_refutes_too() -> None:
    def small(number: Number, check: Check) -> None:
        check.exact(0, 0)
        assert number.x < 3, "too large"

    outcome = run(make(small))
    assert (outcome.verdict, outcome.message.partition("\n")[0]) == ("refuted", "too large")


def said(outcome: Outcome) -> str:
    """What is said of an error, but for the name of the claim, for lines and for numbers drawn."""
    assert outcome.verdict == "error"
    assert outcome.counterexample is None
    name, _, message = outcome.message.partition(f"::{outcome.part}: ")
    assert name == outcome.claim
    message = re.sub(r", at (/\S+):\d+;", lambda at: f", at {Path(at[1]).name};", message)
    return re.sub(r"\b\d+ (?=draws|cases without|cases: )", "# ", message)


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "no witness": ({"witness": None}, "it has no witness; give `witness=` one concrete case"),
    "unknown tier": (
        {"tiers": ("exactly",)},
        "its tiers are ('exactly',); name those used of symbolic, exact, float, enclosed, "
        "statistical",
    ),
    "no derivation": (
        {"derivation": " "},
        "its derivation is empty; give one, or a line that says why there is none",
    ),
    "symbolic without derivation": (
        {"tiers": ("symbolic", "exact")},
        "the tier `symbolic` and a derivation go together; give both, or neither and a line that "
        "says why there is none",
    ),
    "assumption without counterexample": (
        {"assumptions": {"x is small": lambda n: n.x < 9}},
        "the assumption 'x is small' has no counterexample; declare "
        "square_is_nonnegative.without('x is small', domain=…)",
    ),
    "two at once": (
        {"witness": None, "derivation": ""},
        "it has no witness; give `witness=` one concrete case; its derivation is empty; give one, "
        "or a line that says why there is none",
    ),
    "label never visited": (
        {"labels": {"huge": (0.1, lambda n: n.x > 10**9)}},
        "the label 'huge' was never visited; widen the domain",
    ),
    "label too rare": (
        {"labels": {"zero": (0.9, lambda n: n.x == 0)}},
        "the label 'zero' was visited by 1 of 200 cases, and 90% is its least share; widen the "
        "domain",
    ),
    "filter": (
        {"domain": st.builds(Number, rationals().filter(lambda x: x > 1))},
        "the domain rejected # draws; build every case instead of filtering",
    ),
    "unsatisfiable": (
        {"domain": st.builds(Number, st.nothing())},
        "the domain gives no case: everything in it is rejected",
    ),
    "drawing raises": (
        {"domain": st.builds(Number, st.integers().map(lambda n: 1 // 0))},
        "ZeroDivisionError: integer division or modulo by zero",
    ),
    "tier not used": (
        {"tiers": ("exact", "float")},
        "it declares the tiers ['exact', 'float'] and its check used ['exact']; make the "
        "declaration say what is done",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_declaration_is_an_error_that_says_what_to_do(fault: str) -> None:
    changes, expected = FAULTS[fault]
    assert said(run(make(**changes))) == expected


def test_a_witness_that_breaks_an_assumption_is_an_error() -> None:
    made = make(assumptions={"x < 1": lambda n: n.x < 1, "x < 2": lambda n: n.x < 2})
    made.without("x < 1", domain=NUMBERS)
    made.without("x < 2", domain=NUMBERS)
    expected = "the witness breaks: x < 1, x < 2; choose a case that satisfies all"
    assert said(run(made, "witness")) == expected


def test_a_domain_that_breaks_an_assumption_is_an_error() -> None:
    small = {"x < 1": lambda n: n.x < 1, "2x < 2": lambda n: 2 * n.x < 2}
    made = make(assumptions=small, witness=Number(rational(0)))
    made.without("x < 1", domain=NUMBERS)
    made.without("2x < 2", domain=NUMBERS)
    assert said(run(made)) == (
        "the domain gave a case that breaks x < 1, 2x < 2: Number(x=1); mend the domain or the "
        "predicate"
    )


def test_a_check_that_answers_differently_on_the_same_case_is_an_error() -> None:
    answers = iter([2.0**-60, 2.0**-59])

    def restless(number: Number, check: Check) -> None:
        check.close(np.array([next(answers)]), [0], 1.0)

    assert said(run(make(restless, tiers=("float",)), "witness")) == (
        "its check gives another result when it runs again on the witness; let it depend on its "
        "case alone, and random numbers on a seed that the case holds"
    )


@dataclass(frozen=True, repr=False)
class OfAModel(Number):
    def models(self) -> tuple[Any, ...]:
        return (LSTM(np.ones((4, 1)), np.ones((4, 1)), np.ones(4)),)


def test_a_claim_that_concerns_models_names_one_and_uses_a_backend() -> None:
    assert said(run(make(concerns=LSTM))) == (
        "it concerns LSTM and its witness names no model; let the case's models() give those that "
        "the check computes with"
    )
    of_a_model = {"domain": st.builds(OfAModel, rationals()), "witness": OfAModel(rational(2))}
    assert said(run(make(concerns=LSTM, **of_a_model))) == (
        "it concerns LSTM and its check computed nothing with check.backend; use that, or leave "
        "`concerns` out"
    )


def test_a_declaration_of_other_things_than_asked_says_what_is_asked() -> None:
    asked = {
        "statement": "a text",
        "source": "a text",
        "derivation": "a derivation or a line",
        "domain": "a strategy of Hypothesis",
        "assumptions": "predicates by name",
        "labels": "a share in (0, 1] and a predicate by name",
        "concerns": "a type of model",
        "examples": "a number from 1 on",
    }
    given = {name: {"of another": "kind"} for name in asked}
    expected = "; ".join(f"its {name} is not {what}" for name, what in asked.items())
    assert said(run(make(**given))) == expected
    assert said(run(make(tiers=(1,)))) == "its tiers is not names of tiers"


def test_no_case_at_all_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules["properties.checking.verification"]
    monkeypatch.setattr(module, "explore", lambda *_, **__: Exploration())
    assert said(run(make())) == "the domain gave no case at all"


def test_assume_in_a_check_counts_as_rejection() -> None:
    def assuming(number: Number, check: Check) -> None:
        assume(number.x > 0)
        check.exact(number.x, number.x)

    expected = "the domain rejected # draws; build every case instead of filtering"
    assert said(run(make(assuming))) == expected


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


def answering(number: Number, check: Check) -> bool:
    return True


ELSEWHERE = "at comparison.py; only an AssertionError refutes"


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        (
            raising,
            "ZeroDivisionError: by zero, at test_verification.py; only an AssertionError refutes",
        ),
        (
            returning_nan,
            f"NotFinite: the computed side holds NaN or infinity: [nan], {ELSEWHERE}",
        ),
        (overflowing, f"NotFinite: the computed side holds NaN or infinity: [inf], {ELSEWHERE}"),
        (
            with_bound_nan,
            f"NotFinite: the bound: a bound is not a finite number ≥ 0, {ELSEWHERE}",
        ),
        (
            comparing_floats_exactly,
            "TypeError: left: floats are not exact; use check.close with a bound, " + ELSEWHERE,
        ),
        (mutating, "the check changed its case, which was Number(x=0)"),
        (
            answering,
            "the check returned True, which nobody judges; compare by check.exact and others",
        ),
    ],
)
def test_whatever_is_no_assertion_is_an_error_and_never_a_verdict(
    check: Any, expected: str
) -> None:
    assert said(run(make(check))) == expected


def test_a_loose_bound_is_an_error() -> None:
    def loose(number: Number, check: Check) -> None:
        check.close(np.array([0.1]), [rational("1/10")], 1.0)

    def named(number: Number, check: Check) -> None:
        check.close(np.array([0.1]), [rational("1/10")], 1.0, "h_t")

    for made, of in ((loose, "its comparison"), (named, "h_t")):
        assert said(run(make(made, tiers=("float",)))) == (
            f"the bound of {of} is too loose to catch anything: the worst error is 6e-18 of it; "
            "derive a sharper one"
        )


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
    assert said(run(assuming_smallness(fours), "without[|x| ≤ 2]")) == (
        "the domain without '|x| ≤ 2' also breaks x is no 4: Number(x=4); drop one at a time"
    )


def test_an_assumption_that_is_not_needed_is_an_error() -> None:
    twos = st.builds(Number, rationals(2))
    assert said(run(assuming_smallness(twos), "without[|x| ≤ 2]")) == (
        "no counterexample among # cases without '|x| ≤ 2': the assumption is not shown to be "
        "needed; drop it, or search a domain where it fails"
    )


def test_a_misreading_that_is_true_is_an_error() -> None:
    made = make()
    made.misread("squares are at least −1")(square_is_nonnegative)
    assert said(run(made, "misread[square_is_nonnegative]")) == (
        "the misreading is not refuted by any of # cases: is it true? Otherwise search a domain "
        "where it fails"
    )


def test_a_misreading_within_twice_its_bound_is_not_refuted() -> None:
    def barely(number: Number, check: Check) -> None:
        check.close(np.array([1.9]), [0.0], 1.0)

    made = make()
    made.misread("1.9 is 0")(barely)
    assert run(made, "misread[barely]").verdict == "error"


def test_a_misreading_whose_check_raises_is_an_error() -> None:
    made = make()
    made.misread("nothing")(raising)
    assert said(run(made, "misread[raising]")) == (
        "ZeroDivisionError: by zero, at test_verification.py; only an AssertionError refutes"
    )


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (1, "one case gave different results when run again: Number(x=0)"),
        (2, "a counterexample was found and not found again; is the check random?"),
    ],
)
def test_a_counterexample_that_is_not_found_again_is_an_error(times: int, expected: str) -> None:
    fails = iter([True] * times)

    def at_first(number: Number, check: Check) -> None:
        check.that(not next(fails, False), number.x, number.x, "it holds")

    made = make()
    made.misread("nothing")(at_first)
    found = said(run(made, "misread[at_first]"))
    # Hypothesis has its own words for it, behind ours.
    assert found.partition(" (Hypothesis ")[0] == expected


def test_an_unknown_assumption_is_a_fault() -> None:
    made = make()
    made.without("x is prime", domain=NUMBERS)
    expected = "without('x is prime') names no assumption of the claim; it has: none"
    assert said(run(made)) == expected
    assumed = assuming_smallness(NUMBERS)
    assumed.without("x is prime", domain=NUMBERS)
    assumed.without("x is no 4", domain=NUMBERS)
    assert said(run(assumed)) == (
        "without('x is prime') names no assumption of the claim; it has: |x| ≤ 2; x is no 4; "
        "without('x is no 4') is declared twice; keep one"
    )


def test_a_name_used_twice_is_a_fault_of_both() -> None:
    first, second = make(), make()
    second.module = "elsewhere"
    REGISTRY[first.name] = [first, second]
    try:
        for made in (first, second):
            expected = f"its name is used more than once, in elsewhere, {first.module}; rename one"
            assert said(run(made)) == expected
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


def test_the_same_seed_looks_for_smaller_cases_in_the_same_way() -> None:
    @dataclass(frozen=True, repr=False)
    class Row(Case):
        xs: tuple[int, ...]

        def size(self) -> tuple[int, int]:
            return len(self.xs), 0

    rows = st.builds(Row, st.lists(st.integers(0, 99), max_size=9).map(tuple))

    def small(row: Row, check: Check) -> None:
        seen.append(repr(row))
        check.at_most(sum(row.xs), 150)

    runs = []
    for _ in range(2):
        seen: list[str] = []
        outcome = run(make(small, domain=rows, witness=Row(())))
        assert outcome.verdict == "refuted"
        runs.append(seen)
    assert runs[0] == runs[1]


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
