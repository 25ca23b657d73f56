"""Verifying one part of a claim: the one way in, for pytest and for the command line alike."""

from __future__ import annotations

import math
import time
import traceback
from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import target

from properties.checking.claim import Claim
from properties.checking.comparison import Check
from properties.checking.containment import contained
from properties.checking.judging import (
    broken_assumptions,
    judge_labels,
    judge_sharpness,
    judge_tiers,
    run_on,
)
from properties.checking.plan import Faulty, Outcome, Plan, seed_of
from properties.checking.refuting import counterexample_of, search, smallest_failure
from properties.checking.search import DomainFailed, explore
from properties.checking.time_limit import OutOfTime, time_limit
from theory.derivation import DerivationError


def verify_part(claim: Claim, part: str, plan: Plan) -> Outcome:
    """Verify one part of a claim (see `Claim.parts`); never raises for what the claim does."""
    start = time.perf_counter()
    outcome = Outcome(claim.name, part, "holds", plan.backend)
    try:
        faults = claim.declared_faults()
        if faults:
            raise Faulty("; ".join(faults))
        with time_limit(plan.limit), contained(seed_of(plan, claim, part)):
            _verifier(part)(claim, part, plan, outcome)
    except AssertionError as refutation:
        outcome.verdict, outcome.message = "refuted", str(refutation)
    except OutOfTime as late:
        outcome.verdict = "error"
        outcome.message = f"{claim.name}::{part}: {late}; give it more by --limit, or mend it"
    except KeyboardInterrupt:
        raise
    except BaseException as problem:
        outcome.verdict, outcome.message = "error", described(claim, part, problem)
    outcome.seconds = time.perf_counter() - start
    return outcome


def _verifier(part: str) -> Callable[[Claim, str, Plan, Outcome], None]:
    kind = part.partition("[")[0]
    return {
        "derivation": _verify_derivation,
        "witness": _verify_witness,
        "holds": _verify_holds,
        "without": _verify_without,
        "misread": _verify_misread,
    }[kind]


def described(claim: Claim, part: str, problem: BaseException) -> str:
    where = f"{claim.name}::{part}: "
    if isinstance(problem, Faulty | DomainFailed | DerivationError):
        return where + str(problem)
    frames = [
        frame
        for frame in traceback.extract_tb(problem.__traceback__)
        if "site-packages" not in frame.filename
    ]
    last = f", at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"{where}{type(problem).__name__}: {problem}{last}; only an AssertionError refutes"


def _verify_derivation(claim: Claim, part: str, plan: Plan, outcome: Outcome) -> None:
    if not isinstance(claim.derivation, str):
        outcome.steps = claim.derivation.verify()


def _verify_witness(claim: Claim, part: str, plan: Plan, outcome: Outcome) -> None:
    broken = broken_assumptions(claim, claim.witness)
    if broken:
        raise Faulty(f"the witness breaks: {', '.join(broken)}; choose a case that satisfies all")
    check, again = plan.check(), plan.check()
    run_on(claim, claim.check, claim.witness, check)
    run_on(claim, claim.check, claim.witness, again)
    if check.ratios != again.ratios:
        raise Faulty(
            "its check gives another result when it runs again on the witness; let it depend on "
            "its case alone, and random numbers on a seed that the case holds"
        )
    outcome.examples, outcome.ratios = 1, check.ratios
    outcome.false_alarm, outcome.detects = check.false_alarm, check.detects


def _verify_holds(claim: Claim, part: str, plan: Plan, outcome: Outcome) -> None:
    total = plan.check()
    asked_before = total.backend.asked
    visits: Counter[str] = Counter()
    met: set[int] = set()

    def body(case: Any) -> None:
        broken = broken_assumptions(claim, case)
        if broken:
            raise Faulty(
                f"the domain gave a case that breaks {', '.join(broken)}: {case!r}; "
                "mend the domain or the predicate"
            )
        visits.update(name for name, (_, holds) in claim.labels.items() if holds(case))
        check = plan.check()
        try:
            met.add(hash(run_on(claim, claim.check, case, check)))
        finally:
            total.absorb(check)
        outcome.examples += 1
        if outcome.examples.bit_count() == 1:
            outcome.distinct[outcome.examples] = len(met)
        _steer(check)

    seen = explore(
        claim.domain,
        body,
        examples=min(plan.examples, claim.examples or plan.examples),
        seed_value=seed_of(plan, claim, part),
        targeted="float" in claim.tiers or "enclosed" in claim.tiers,
        database=plan.database and plan.database / claim.name,
    )
    outcome.examples, outcome.ratios = seen.examples, total.ratios
    outcome.false_alarm, outcome.detects = total.false_alarm, total.detects
    if isinstance(seen.failure, AssertionError):
        case, failure = smallest_failure(claim, plan, seen.case, seen.failure)
        outcome.counterexample = counterexample_of(case, failure, claim.concluded())
        raise failure
    if seen.failure is not None:
        raise seen.failure
    outcome.distinct[seen.examples] = len(met)
    outcome.labels = {name: visits[name] / max(seen.examples, 1) for name in claim.labels}
    if seen.rejected:
        raise Faulty(
            f"the domain rejected {seen.rejected} draws; build every case instead of filtering"
        )
    if seen.examples == 0:
        raise Faulty("the domain gave no case at all")
    if claim.concerns is not None and total.backend.asked == asked_before:
        raise Faulty(
            f"it concerns {claim.concerns.__name__} and its check computed nothing with "
            "check.backend; use that, or leave `concerns` out"
        )
    judge_labels(claim, visits, seen.examples, plan)
    judge_tiers(claim, total)
    judge_sharpness(claim, total, seen.examples)


def _steer(check: Check) -> None:
    """Let the search hunt for the case whose error comes nearest to its bound.

    Not among samples: a false alarm that is hunted for comes more often than its rate says.
    """
    for what, ratio in check.ratios.items():
        if 0 < ratio < math.inf and what not in check.detects:
            target(math.log10(ratio), label=f"ratio {what}")


def _verify_without(claim: Claim, part: str, plan: Plan, outcome: Outcome) -> None:
    dropped = claim.without_[_named(part)]
    search(claim, part, dropped, claim.check, dropped.domain, plan, outcome)


def _verify_misread(claim: Claim, part: str, plan: Plan, outcome: Outcome) -> None:
    misreading = claim.misreadings[_named(part)]
    domain = claim.domain if misreading.domain is None else misreading.domain
    search(claim, part, misreading, misreading.check, domain, plan, outcome)


def _named(part: str) -> str:
    return part.partition("[")[2].removesuffix("]")
