"""The search for a counterexample, and for the smallest one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import target

from properties.checking.cases import Case
from properties.checking.claim import Claim, Misreading, Without
from properties.checking.comparison import LARGEST, Check, Violation
from properties.checking.counterexample import Counterexample
from properties.checking.judging import broken_assumptions
from properties.checking.plan import Faulty, Outcome, Plan, seed_of
from properties.checking.search import Exploration, explore

FACTOR = 2.0
"""A counterexample has to miss the bound by this factor, so that no rounding explains it."""

FRESH_LOOK = 150
"""Cases drawn in search of a counterexample smaller than the one found."""


def search(
    claim: Claim,
    part: str,
    sought: Without | Misreading,
    run: Callable[[Any, Check], None],
    domain: Any,
    plan: Plan,
    outcome: Outcome,
) -> None:
    """Search the domain for a case that the check fails on by at least FACTOR times the bound."""
    dropped = sought.assumption if isinstance(sought, Without) else None
    in_question: Callable[[Any], bool] = _any_case

    def body(case: Any) -> None:
        if not in_question(case):
            return
        if dropped is not None:
            broken = broken_assumptions(claim, case)
            if others := [name for name in broken if name != dropped]:
                raise Faulty(
                    f"the domain without {dropped!r} also breaks {', '.join(others)}: {case!r}; "
                    "drop one at a time"
                )
            if not broken:
                return
        check = plan.check()
        try:
            run(case, check)
        except Violation as violation:
            if violation.ratio >= FACTOR:
                raise
        finally:
            for what, value in check.driven.items():
                target(value, label=what)

    def look(examples: int, *, shrink: bool) -> Exploration:
        seed = seed_of(plan, claim, part)
        seen = explore(
            domain, body, examples=examples, seed_value=seed, targeted=True, shrink=shrink
        )
        outcome.examples += seen.examples
        if seen.failure is not None and not isinstance(seen.failure, AssertionError):
            raise seen.failure
        return seen

    said = sought.statement if isinstance(sought, Misreading) else claim.concluded()
    # Shrinking seldom finds its way to fewer units: look for the smallest size first, then shrink.
    seen, size = look(sought.examples, shrink=False), None
    examples, again = sought.examples, (in_question, sought.examples)
    if isinstance(seen.failure, AssertionError) and not plan.smallest:
        outcome.counterexample = counterexample_of(seen.case, seen.failure, said)
        return
    while seen.failure is not None:
        size, again = size_of(seen.case), (in_question, examples)
        in_question, examples = partial(_smaller, size), FRESH_LOOK
        seen = look(examples, shrink=False)
    if size is not None:
        in_question = partial(_no_larger, size)
        smallest = look(sought.examples, shrink=True)
        if smallest.failure is None:
            # A search that is driven goes another way where other cases are in question.
            in_question, examples = again
            smallest = look(examples, shrink=True)
        if not isinstance(smallest.failure, AssertionError):
            raise Faulty("a counterexample was found and not found again; is the check random?")
        outcome.counterexample = counterexample_of(smallest.case, smallest.failure, said)
        return
    if dropped is not None:
        raise Faulty(
            f"no counterexample among {seen.examples} cases without {dropped!r}: the assumption "
            "is not shown to be needed; drop it, or search a domain where it fails"
        )
    raise Faulty(
        f"the misreading is not refuted by any of {seen.examples} cases: "
        "is it true? Otherwise search a domain where it fails"
    )


def smallest_failure(
    claim: Claim, plan: Plan, case: Any, failure: AssertionError
) -> tuple[Any, AssertionError]:
    """A failing case of the smallest size found: shrinking seldom finds its way to fewer units."""

    def body(other: Any) -> None:
        if _smaller(size_of(case), other):
            claim.check(other, plan.check())

    seed = seed_of(plan, claim, "smaller")
    seen = explore(claim.domain, body, examples=FRESH_LOOK, seed_value=seed)
    while isinstance(seen.failure, AssertionError):
        case, failure = seen.case, seen.failure
        seen = explore(claim.domain, body, examples=FRESH_LOOK, seed_value=seed)
    return case, failure


def size_of(case: Any) -> tuple[int, int]:
    """How large a case is, as Case.size has it; nothing else has a size."""
    return case.size() if isinstance(case, Case) else (0, 0)


def _any_case(case: Any) -> bool:
    return True


def _smaller(size: tuple[int, int], case: Any) -> bool:
    return size_of(case) < size


def _no_larger(size: tuple[int, int], case: Any) -> bool:
    return size_of(case) <= size


def counterexample_of(case: Any, refutation: AssertionError, statement: str) -> Counterexample:
    """What a refutation of the statement by the case is shown as."""
    if isinstance(refutation, Violation):
        return Counterexample(
            case,
            refutation.what,
            refutation.left,
            refutation.right,
            refutation.error,
            refutation.bound,
            min(refutation.ratio, LARGEST),
            refutation.needed,
            refutation.workings,
            statement,
        )
    return Counterexample(case, str(refutation), None, None, None, None, LARGEST)
