"""A search for a counterexample that is told what to make large."""

from dataclasses import dataclass

import pytest
from flint import fmpq
from hypothesis import strategies as st

from properties.checking import Case, Check
from properties.checking.claim import Claim
from properties.checking.plan import Plan
from properties.checking.verification import verify_part
from properties.gated_memory_explosion import lstm_can_explode
from properties.gated_memory_explosion_cases import OrdinaryRun, ordinary_runs
from tests.test_verification import make


@dataclass(frozen=True, repr=False)
class Digits(Case):
    """Twelve digits, whose sum is 54 on average."""

    x: tuple[int, ...]


def small_sums(driven: bool) -> Claim:
    def sums(case: Digits, check: Check) -> None:
        check.at_most(fmpq(0), fmpq(sum(case.x)))

    made = make(sums, domain=st.tuples(*[st.integers(0, 9)] * 12).map(Digits), witness=Digits((1,)))

    @made.misread("no sum exceeds 95", examples=600)
    def small(case: Digits, check: Check) -> None:
        if driven:
            check.drive(sum(case.x), "the sum")
        check.at_most(fmpq(sum(case.x)), fmpq(95))

    return made


def test_it_finds_what_chance_does_not() -> None:
    assert verify_part(small_sums(driven=False), "misread[small]", Plan()).verdict == "error"
    outcome = verify_part(small_sums(driven=True), "misread[small]", Plan())
    assert outcome.verdict == "holds", outcome.message
    assert outcome.counterexample is not None
    assert sum(outcome.counterexample.case.x) == 96


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3, 6))
def test_what_was_found_is_found_again_to_be_shrunk(seed: int) -> None:
    """Where other cases are in question, a search that is driven takes another way."""
    made = make(
        lstm_can_explode.check, domain=lstm_can_explode.domain, witness=lstm_can_explode.witness
    )

    @made.misread("no gradient grows a thousandfold", domain=ordinary_runs())
    def lstm_solves_both(run: OrdinaryRun, check: Check) -> None:
        largest = abs(run.jacobian(check)).max()
        check.drive(largest, "the gradient's size")
        if largest > 1000:
            check.at_most(largest, 1000, bound=run.error(check))

    outcome = verify_part(made, "misread[lstm_solves_both]", Plan(seed=seed))
    assert outcome.verdict == "holds", outcome.message
