"""No claim of the catalogue is vacuous: lines reached, cases distinct, draws kept, regimes met."""

from __future__ import annotations

from typing import Any

import pytest

from properties.checking import Check
from properties.checking.claim import Claim
from properties.checking.loading import load_catalogue
from properties.checking.plan import Plan
from properties.checking.vacuity import lines_not_reached
from properties.checking.verification import verify_part
from tests.controls import Number, a_claim

CATALOGUE = load_catalogue().claims
QUICK = [claim for claim in CATALOGUE if claim.theme == "linear_recurrence"]


def test_a_line_that_no_case_reaches_is_found() -> None:
    def half_idle(number: Number, check: Check) -> None:
        if number.x > 1000:
            check.exact(number.x, 0)
        check.exact(0, 0)

    first = half_idle.__code__.co_firstlineno
    assert lines_not_reached(a_claim(half_idle), Plan()) == [first + 2]


def test_a_line_that_only_refuses_need_not_be_reached() -> None:
    def guarded(number: Number, check: Check) -> None:
        if number.x > 1000:
            raise ValueError("too large")
        check.exact(0, 0)

    assert lines_not_reached(a_claim(guarded), Plan()) == []


def test_the_body_of_an_inner_function_counts() -> None:
    def with_inner(number: Number, check: Check) -> None:
        def never() -> int:
            return 1

        check.exact(0, 0)

    first = with_inner.__code__.co_firstlineno
    assert lines_not_reached(a_claim(with_inner), Plan()) == [first + 2]


def test_distinct_cases_are_counted_as_they_double() -> None:
    outcome = verify_part(a_claim(), "holds", Plan(examples=50))
    assert list(outcome.distinct) == [1, 2, 4, 8, 16, 32, 50]
    counts = list(outcome.distinct.values())
    assert counts == sorted(counts)
    assert 25 < counts[-1] <= 50


def test_a_check_that_returns_its_verdict_is_an_error() -> None:
    def returning(number: Number, check: Check) -> Any:
        check.exact(0, 0)
        return number.x == 10**9

    outcome = verify_part(a_claim(returning), "holds", Plan())
    assert outcome.verdict == "error"
    assert "returned False, which nobody judges" in outcome.message


@pytest.mark.parametrize("claim", QUICK, ids=lambda claim: claim.name)
def test_every_line_of_a_check_is_reached(claim: Claim) -> None:
    assert lines_not_reached(claim, Plan(examples=50)) == []


@pytest.mark.long
@pytest.mark.parametrize("claim", CATALOGUE, ids=lambda claim: claim.name)
def test_no_claim_is_vacuous(claim: Claim) -> None:
    assert lines_not_reached(claim, Plan()) == []
    outcome = verify_part(claim, "holds", Plan())
    # A domain that rejects, a regime that is not met and a bound too loose are errors already.
    assert outcome.verdict == "holds", outcome.message
    assert set(outcome.labels) == set(claim.labels)
    asked_for = min(Plan().examples, claim.examples or Plan().examples)
    assert outcome.examples >= 0.9 * asked_for, "its domain has hardly as many cases"
    growth = outcome.distinct
    # Twice the cases give noticeably more distinct ones, or there is little to look at.
    asked = sorted(growth)
    assert growth[asked[-1]] >= asked[-1] / 4, growth
