"""Verifying one part of a claim: the one way in, for pytest and for the command line alike."""

from __future__ import annotations

import math
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

from hypothesis import target

from models.backends import load_backend
from properties.checking.cases import Case
from properties.checking.claim import Claim, Misreading, Without
from properties.checking.comparison import DEFAULT, LARGEST, Check, Violation
from properties.checking.containment import contained
from properties.checking.counterexample import Counterexample
from properties.checking.search import DomainFailed, Exploration, derived_seed, explore
from properties.checking.time_limit import OutOfTime, time_limit
from theory.derivation import DerivationError

Verdict = Literal["holds", "refuted", "error"]

FACTOR = 2.0
"""A counterexample has to miss the bound by this factor, so that no rounding explains it."""

SLACKEST = 1e-6
"""A claim whose worst ratio stays below this has a bound too loose to catch anything."""

LABEL_ALARM = 1e-9
"""A label's share is too small when so few visits had at most this chance under its least share."""

FRESH_LOOK = 150
"""Cases drawn in search of a counterexample smaller than the one found."""

FEWEST = 50
"""Below this many examples shares of labels are not judged."""

FEWEST_FOR_SHARPNESS = 200
"""Below this many examples, unless the claim asks for fewer, the sharpness of bounds is not: fifty
cases of small size may all be free of rounding, and then nothing can be said of a bound."""


LIMIT = 600.0
"""Seconds that one part of a claim may take unless the plan says otherwise."""


@dataclass(frozen=True)
class Plan:
    """How to verify: the number of examples, the seed, the backend, a database of failures.

    The backend is named, as `models.backends.load_backend` names it: each process loads its own.
    `reuse` is the folder of what was verified before, where that may stand for verifying it again.
    `limit` is how many seconds a part may take; what takes longer is an error. `smallest` is
    whether a counterexample is made as small as can be, or shown as it was found.
    """

    examples: int = 200
    seed: int = 0
    backend: str = DEFAULT
    database: Path | None = None
    reuse: Path | None = None
    limit: float = LIMIT
    smallest: bool = True

    def check(self) -> Check:
        """A new check of the implementation under test."""
        return Check(backend=load_backend(self.backend))


@dataclass
class Outcome:
    """What verifying one part of a claim gave.

    distinct: of so many examples, as they doubled, how many were not the same as an earlier one.
    """

    claim: str
    part: str
    verdict: Verdict
    backend: str = DEFAULT
    message: str = ""
    examples: int = 0
    distinct: dict[int, int] = field(default_factory=dict)
    labels: dict[str, float] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)
    false_alarm: float = 0.0
    detects: dict[str, float] = field(default_factory=dict)
    steps: int = 0
    counterexample: Counterexample | None = None
    seconds: float = 0.0

    @property
    def worst_ratio(self) -> float | None:
        return max(self.ratios.values()) if self.ratios else None


class Faulty(Exception):
    """Something in a claim's declaration or domain has to be mended; says what to do."""


def verify_part(claim: Claim, part: str, plan: Plan) -> Outcome:
    """Verify one part of a claim (see `Claim.parts`); never raises for what the claim does."""
    start = time.perf_counter()
    outcome = Outcome(claim.name, part, "holds", plan.backend)
    try:
        faults = claim.declared_faults()
        if faults:
            raise Faulty("; ".join(faults))
        with time_limit(plan.limit), contained(_seed(plan, claim, part)):
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
    broken = _broken_assumptions(claim, claim.witness)
    if broken:
        raise Faulty(f"the witness breaks: {', '.join(broken)}; choose a case that satisfies all")
    check, again = plan.check(), plan.check()
    _judge(claim, claim.check, claim.witness, check)
    _judge(claim, claim.check, claim.witness, again)
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
        broken = _broken_assumptions(claim, case)
        if broken:
            raise Faulty(
                f"the domain gave a case that breaks {', '.join(broken)}: {case!r}; "
                "mend the domain or the predicate"
            )
        visits.update(name for name, (_, holds) in claim.labels.items() if holds(case))
        check = plan.check()
        try:
            met.add(hash(_judge(claim, claim.check, case, check)))
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
        seed_value=_seed(plan, claim, part),
        targeted="float" in claim.tiers or "enclosed" in claim.tiers,
        database=plan.database,
    )
    outcome.examples, outcome.ratios = seen.examples, total.ratios
    outcome.false_alarm, outcome.detects = total.false_alarm, total.detects
    if isinstance(seen.failure, AssertionError):
        case, failure = _smallest_failure(claim, plan, seen.case, seen.failure)
        outcome.counterexample = _counterexample(case, failure, claim.concluded())
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
    _judge_labels(claim, visits, seen.examples, plan)
    _judge_tiers(claim, total)
    if seen.examples >= max(FEWEST, min(FEWEST_FOR_SHARPNESS, claim.examples or math.inf)):
        _judge_sharpness(total)


def _smallest_failure(
    claim: Claim, plan: Plan, case: Any, failure: AssertionError
) -> tuple[Any, AssertionError]:
    """A failing case of the smallest size found: shrinking seldom finds its way to fewer units."""

    def body(other: Any) -> None:
        if _smaller(size_of(case), other):
            claim.check(other, plan.check())

    seed = _seed(plan, claim, "smaller")
    seen = explore(claim.domain, body, examples=FRESH_LOOK, seed_value=seed)
    while isinstance(seen.failure, AssertionError):
        case, failure = seen.case, seen.failure
        seen = explore(claim.domain, body, examples=FRESH_LOOK, seed_value=seed)
    return case, failure


def _verify_without(claim: Claim, part: str, plan: Plan, outcome: Outcome) -> None:
    dropped = claim.without_[_named(part)]
    _search(claim, part, dropped, claim.check, dropped.domain, plan, outcome)


def _verify_misread(claim: Claim, part: str, plan: Plan, outcome: Outcome) -> None:
    misreading = claim.misreadings[_named(part)]
    domain = claim.domain if misreading.domain is None else misreading.domain
    _search(claim, part, misreading, misreading.check, domain, plan, outcome)


def _search(
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
            broken = _broken_assumptions(claim, case)
            if set(broken) - {dropped}:
                raise Faulty(
                    f"the domain without {dropped!r} also breaks "
                    f"{', '.join(set(broken) - {dropped})}: {case!r}; drop one at a time"
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
        seed = _seed(plan, claim, part)
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
        outcome.counterexample = _counterexample(seen.case, seen.failure, said)
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
        outcome.counterexample = _counterexample(smallest.case, smallest.failure, said)
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


def size_of(case: Any) -> tuple[int, int]:
    """How large a case is, as Case.size has it; nothing else has a size."""
    return case.size() if isinstance(case, Case) else (0, 0)


def _any_case(case: Any) -> bool:
    return True


def _smaller(size: tuple[int, int], case: Any) -> bool:
    return size_of(case) < size


def _no_larger(size: tuple[int, int], case: Any) -> bool:
    return size_of(case) <= size


def _seed(plan: Plan, claim: Claim, part: str) -> int:
    return derived_seed(plan.seed, claim.name, part)


def _named(part: str) -> str:
    return part.partition("[")[2].removesuffix("]")


def _broken_assumptions(claim: Claim, case: Any) -> list[str]:
    return [name for name, holds in claim.assumptions.items() if not holds(case)]


def _judge(claim: Claim, run: Callable[[Any, Check], Any], case: Any, check: Check) -> str:
    """Run a check, see to it that it leaves its case as it was, and give the case as text."""
    before = repr(case)
    answer = run(case, check)
    if answer is not None:
        raise Faulty(
            f"the check returned {answer!r}, which nobody judges; compare by check.exact and others"
        )
    if repr(case) != before:
        raise Faulty(f"the check changed its case, which was {before}")
    return before


def _steer(check: Check) -> None:
    """Let the search hunt for the case whose error comes nearest to its bound.

    Not among samples: a false alarm that is hunted for comes more often than its rate says.
    """
    for what, ratio in check.ratios.items():
        if 0 < ratio < math.inf and what not in check.detects:
            target(math.log10(ratio), label=f"ratio {what}")


def _judge_labels(claim: Claim, visits: Counter[str], examples: int, plan: Plan) -> None:
    if examples < FEWEST:
        return
    for name, (least, holds) in claim.labels.items():
        if visits[name] == 0 and not _reachable(claim, name, holds, least, plan):
            raise Faulty(f"the label {name!r} was never visited; widen the domain")
        if _chance_of_at_most(visits[name], examples, least) < LABEL_ALARM:
            raise Faulty(
                f"the label {name!r} was visited by {visits[name]} of {examples} cases, and "
                f"{least:.0%} is its least share; widen the domain"
            )


def _chance_of_at_most(successes: int, trials: int, probability: float) -> float:
    from scipy.special import bdtr

    return float(bdtr(successes, trials, probability))


def _reachable(
    claim: Claim, name: str, holds: Callable[[Any], bool], least: float, plan: Plan
) -> bool:
    """Whether a longer look finds a case with the label (its chance of a miss is below e⁻²⁰)."""

    class Found(Exception):
        pass

    def body(case: Any) -> None:
        if holds(case):
            raise Found

    seen = explore(
        claim.domain,
        body,
        examples=math.ceil(20 / least),
        seed_value=_seed(plan, claim, f"label {name}"),
    )
    return isinstance(seen.failure, Found)


def _judge_tiers(claim: Claim, check: Check) -> None:
    declared = set(claim.tiers) - {"symbolic"}
    if check.tiers != declared:
        raise Faulty(
            f"it declares the tiers {sorted(declared)} and its check used {sorted(check.tiers)}; "
            "make the declaration say what is done"
        )


def _judge_sharpness(check: Check) -> None:
    for what, ratio in check.ratios.items():
        # A statistical comparison states what it detects instead.
        if ratio < SLACKEST and what not in check.detects:
            raise Faulty(
                f"the bound of {what or 'its comparison'} is too loose to catch anything: the "
                f"worst error is {ratio:.1g} of it; derive a sharper one"
            )


def _counterexample(case: Any, refutation: AssertionError, statement: str) -> Counterexample:
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
