"""What a claim would catch: wrong formulas, models and comparisons, tried against its check.

A wrong object counts where its answer was another than the right one on some case that was looked
at; a formula that is wrong only elsewhere is not wrong on the claim's domain. Nor is one wrong that
gives a derived inequality a limit farther out in every case: that is as true, and says less. The
claim has caught an object when its check fails by an AssertionError; where it fails in another way,
that is said.
"""

from __future__ import annotations

import copy
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, is_dataclass, replace
from functools import cache
from typing import Any, Protocol

import numpy as np
from flint import arb, fmpq

from models.backends import UnderTest
from properties.checking.claim import Claim
from properties.checking.comparison import Check
from properties.checking.containment import contained
from properties.checking.plan import Faulty, Plan
from properties.checking.search import derived_seed, explore
from properties.checking.time_limit import OutOfTime, time_limit
from properties.checking.verification import described
from properties.checking.wrong_backends import wrong_backends
from properties.checking.wrong_comparisons import DisturbedCheck, Site
from properties.checking.wrong_functions import (
    Target,
    WrongFunction,
    around,
    calls_noted,
    of_models,
    wrong_functions,
)
from properties.checking.wrong_values import CHANGES, COARSE_CHANGES, differs
from theory.derivation import DerivationError
from theory.formula import Formula, watched
from theory.wrong_formulas import WrongFormula, wrong_versions

CASES = 20
"""How many cases of its domain a claim may use to find out, beside its witness."""

SLOWER = 20
"""A check that something wrong sends astray is stopped when it computes for a quarter of a second,
and so many times as long as for the slowest case with nothing wrong."""

ENDLESS = "it came to no end"


@dataclass(frozen=True)
class Tried:
    """One wrong object, and what became of it: caught, or what happened in place of that."""

    kind: str
    what: str
    caught: bool
    error: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}" + (f" (in error: {self.error})" if self.error else "")


@dataclass
class Audit:
    """All that was tried on one claim; `problem` says why nothing could be."""

    claim: str
    tried: list[Tried] = field(default_factory=list)
    problem: str = ""

    def of(self, kind: str) -> list[Tried]:
        return [tried for tried in self.tried if tried.kind == kind]

    def caught_of(self, *kinds: str) -> list[Tried]:
        return [tried for tried in self.caught if tried.kind in kinds]

    @property
    def catches_nothing(self) -> bool:
        """Of what it computes no mistake is caught: that comparisons say no is not enough."""
        return not self.caught_of("formula", "conclusion", "model", "quantity")

    @property
    def caught(self) -> list[Tried]:
        return [tried for tried in self.tried if tried.caught]

    @property
    def missed(self) -> list[Tried]:
        return [tried for tried in self.tried if not tried.caught]

    def record(self) -> dict[str, Any]:
        """The audit as data: how many wrong objects there were, how many the claim caught."""
        missed = [str(tried) for tried in self.missed]
        return {
            "name": self.claim,
            "wrong": len(self.tried),
            "caught": len(self.caught),
            "missed": [*missed, *([self.problem] if self.problem else [])],
        }


class Wrong(Protocol):
    """A wrong object in place; `differed` says whether its answers were others so far."""

    differed: bool


def audit(claim: Claim, plan: Plan) -> Audit:
    """Try wrong objects of every kind against a claim; never raises for what the claim does.

    Of the plan's examples at most CASES are used.
    """
    found, seed = Audit(claim.name), derived_seed(plan.seed, claim.name, "audit")
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with time_limit(plan.limit), contained(seed):
                _try_all(claim, plan, found)
        except KeyboardInterrupt:
            raise
        except OutOfTime as late:
            found.problem = f"{claim.name}::audit: {late}"
        except BaseException as problem:
            found.problem = f"{described(claim, 'audit', problem)}; verify the claim first"
    return found


def _try_all(claim: Claim, plan: Plan, found: Audit) -> None:
    if faults := claim.declared_faults():
        raise Faulty("; ".join(faults))
    seen = _right(claim, plan)
    found.tried += _formulas(claim, plan, seen)
    found.tried += _conclusions(claim)
    found.tried += _models(claim, plan, seen)
    if not found.caught_of("formula", "model"):
        found.tried += _with_functions("quantity", claim, plan, seen, seen.quantities)
    found.tried += _comparisons(claim, plan, seen)


def _drawn(claim: Claim, plan: Plan) -> list[Any]:
    """The cases that the claim would be verified on, were it by CASES examples at most."""
    cases: list[Any] = []
    seed = derived_seed(plan.seed, claim.name, "holds")
    examples = min(CASES, plan.examples, claim.examples or CASES)
    explore(claim.domain, cases.append, examples=examples, seed_value=seed)
    return cases


@dataclass
class _Seen:
    """What a right check uses: formulas, functions of `models` and its own, and comparisons.

    `seconds` of computing is what the slowest of the cases took.
    """

    cases: list[Any]
    formulas: dict[tuple[Any, ...], None] = field(default_factory=dict)
    calls: dict[Target, None] = field(default_factory=dict)
    quantities: dict[Target, None] = field(default_factory=dict)
    sites: dict[Site, None] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def limit(self) -> float:
        return 0.25 + SLOWER * self.seconds


def _right(claim: Claim, plan: Plan) -> _Seen:
    seen, check = _Seen([claim.witness, *_drawn(claim, plan)]), DisturbedCheck(plan.check().backend)

    def note(formula: Formula) -> Callable[..., Any]:
        seen.formulas[formula.parameters, formula.expression] = None
        return formula.form

    own, code = around(sys.modules[claim.module]), claim.check.__code__
    with watched(note):
        for case in seen.cases:
            with calls_noted(seen.calls, of_models()):
                claim.check(_fresh(case), check)
            start = time.process_time()
            with calls_noted(seen.quantities, own, code):
                claim.check(_fresh(case), check)
            seen.seconds = max(seen.seconds, time.process_time() - start)
    seen.sites = check.sites
    return seen


def _fresh(case: Any) -> Any:
    """The case without what it, or a function of its module, has computed and kept."""
    _forget(case)
    if is_dataclass(case) and not isinstance(case, type):
        return replace(case)
    return copy.deepcopy(case)


def _forget(case: Any) -> None:
    """Empty the caches (functools.cache) of the functions that a case's module defines."""
    home = type(case).__module__
    for value in vars(sys.modules[home]).values():
        if hasattr(value, "cache_clear") and getattr(value, "__module__", "") == home:
            value.cache_clear()


def _try(
    kind: str, what: str, wrong: Wrong, seen: _Seen, attempt: Callable[[Any], None]
) -> Iterator[Tried]:
    """Run a claim with something wrong, a case after the other, until it is caught."""
    error = ""
    for case in seen.cases:
        try:
            with time_limit(seen.limit, of_cpu=True):
                attempt(_fresh(case))
        except AssertionError:
            yield Tried(kind, what, caught=True)
            return
        except OutOfTime:
            error = ENDLESS
            break
        except (Exception, SystemExit) as problem:
            error = error or f"{type(problem).__name__}: {problem}"
    if wrong.differed or error:
        yield Tried(kind, what, caught=False, error=error)


class _WrongForm:
    """Stands in for one formula wherever it is evaluated.

    `limits` is the sign of the side on which the formula is a limit: 1 from above, −1 from below,
    0 if it is none. A limit has differed where it allows less than the right one.
    """

    def __init__(self, right: tuple[Any, ...], wrong: WrongFormula, limits: int) -> None:
        self.right, self.wrong, self.limits, self.differed = right, wrong, limits, False
        self._compiled = cache(self._compile)

    def _compile(self, formula: Formula) -> Callable[..., Any]:
        wrong = Formula(formula.parameters, self.wrong.expression, formula.algebra)

        def form(*values: Any) -> Any:
            found, exactly = wrong.form(*values), formula.form(*values)
            farther = self.limits and _farther(self.limits, exactly, found)
            self.differed = self.differed or (differs(exactly, found) and not farther)
            return found

        return form

    def __call__(self, formula: Formula) -> Callable[..., Any]:
        if (formula.parameters, formula.expression) != self.right:
            return formula.form
        return self._compiled(formula)


def _farther(sign: int, right: Any, wrong: Any) -> bool:
    """Whether a wrong limit, from above or below, is certainly no nearer than the right one."""
    if not all(isinstance(side, int | float | fmpq | arb) for side in (right, wrong)):
        return False
    return bool(wrong >= right if sign > 0 else wrong <= right)


def _limits(claim: Claim, expression: Any) -> int:
    """On which side the expression is the limit of what the claim derives."""
    if isinstance(claim.derivation, str) or claim.derivation.conclusion.sign == "=":
        return 0
    derived = claim.derivation.conclusion
    return {derived.left: -1, derived.right: 1}.get(expression, 0)


def _formulas(claim: Claim, plan: Plan, seen: _Seen) -> Iterator[Tried]:
    for right in seen.formulas:
        for version in wrong_versions(right[1]):
            yield from _formula(claim, plan, seen, right, version)


def _formula(
    claim: Claim, plan: Plan, seen: _Seen, right: tuple[Any, ...], version: WrongFormula
) -> Iterator[Tried]:
    wrong = _WrongForm(right, version, _limits(claim, right[1]))

    def attempt(case: Any) -> None:
        with watched(wrong):
            claim.check(case, plan.check())

    found = list(_try("formula", str(version), wrong, seen, attempt))
    if any(not tried.caught and tried.error != ENDLESS for tried in found):
        # A domain may be built with the formula, too: where h* is wrong, so are cases below it.
        with watched(wrong):
            found = _on_its_own_cases(claim, plan, seen, found, attempt)
    yield from found


def _on_its_own_cases(
    claim: Claim, plan: Plan, seen: _Seen, found: list[Tried], attempt: Callable[[Any], None]
) -> list[Tried]:
    """What was tried and missed, once more on the cases that come of it; or as it was found."""
    try:
        with time_limit(2 * seen.limit, of_cpu=True):
            for case in _drawn(claim, plan):
                attempt(case)
    except AssertionError:
        return [replace(tried, caught=True, error="") for tried in found]
    except (Exception, SystemExit, OutOfTime):
        # It is no news that a wrong formula makes a domain impossible.
        return found
    return found


def _conclusions(claim: Claim) -> Iterator[Tried]:
    """Wrong right sides of what was derived, which the steps of the derivation must not reach."""
    derivation = claim.derivation
    if isinstance(derivation, str):
        return
    established = derivation.established()
    for version in wrong_versions(derivation.conclusion.right):
        conclusion = replace(derivation.conclusion, right=version.expression)
        try:
            replace(derivation, conclusion=conclusion).concludes(established)
        except DerivationError:
            yield Tried("conclusion", str(version), caught=True)
        else:
            yield Tried("conclusion", str(version), caught=False)


def _models(claim: Claim, plan: Plan, seen: _Seen) -> Iterator[Tried]:
    right = plan.check().backend
    if claim.concerns is not None:
        for said, backend in wrong_backends(right):
            judged = UnderTest(backend, right.name)
            # Once known, this asks the backend for nothing that the claim doesn't.
            _ = judged.unit_roundoff
            backend.differed = False
            check = Check(backend=judged)
            yield from _try("model", said, backend, seen, _judged_by(claim, check))
    calls = seen.calls
    yield from _with_functions("model", claim, plan, seen, calls, judged=claim.concerns is not None)


def _with_functions(
    kind: str,
    claim: Claim,
    plan: Plan,
    seen: _Seen,
    calls: dict[Target, None],
    *,
    judged: bool = False,
) -> Iterator[Tried]:
    changes = CHANGES if {"float", "enclosed"} & set(claim.tiers) else COARSE_CHANGES
    for said, function in wrong_functions(calls, changes, trajectories=not judged):

        def attempt(case: Any, function: WrongFunction = function) -> None:
            try:
                with function.installed():
                    claim.check(case, plan.check())
            finally:
                _forget(case)

        yield from _try(kind, said, function, seen, attempt)


def _comparisons(claim: Claim, plan: Plan, seen: _Seen) -> Iterator[Tried]:
    for site in seen.sites:
        check = DisturbedCheck(plan.check().backend, site)
        yield from _try("comparison", str(site), check, seen, _judged_by(claim, check))


def _judged_by(claim: Claim, check: Check) -> Callable[[Any], None]:
    return lambda case: claim.check(case, check)
