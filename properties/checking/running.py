"""Verifying and auditing many claims, in this process or on all cores."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from models.backends.files import PRIVATE, load_file
from properties.checking.applicability import parts_on
from properties.checking.audit import Audit, audit
from properties.checking.claim import REGISTRY, Claim
from properties.checking.evidence import record
from properties.checking.memory import Memory
from properties.checking.report import failure_text
from properties.checking.verification import Outcome, Plan, verify_part

WORTH_SHARING = 24
"""With fewer parts than this, starting processes (1.5 s each) costs more than it saves."""


@dataclass(frozen=True)
class Verified:
    """One part of one claim verified: the record of its outcome, and what to say if it failed."""

    claim: int
    part: str
    record: dict[str, Any]
    failure: str


@dataclass(frozen=True)
class _Task:
    """A part to verify, or a claim to audit, in terms that another process understands."""

    claim: int
    origin: str
    name: str
    part: str
    plan: Plan


Done = TypeVar("Done")
Work = Callable[[Claim, _Task], Done]


def verify_claims(
    claims: Sequence[Claim],
    plan: Plan,
    workers: int | None = None,
    leaving_out: Container[str] = (),
) -> Iterator[Verified]:
    """Verify every part of the claims, and give each result as soon as it is there.

    leaving_out: parts that are not verified in this run.
    workers: the number of processes; None chooses one for few parts and all cores for many. The
    results do not depend on it, only their order does.
    """
    tasks = [
        _Task(index, _origin(claim), claim.name, part, plan)
        for index, claim in enumerate(claims)
        for part in parts_on(claim, plan.backend)
        if part not in leaving_out
    ]
    if workers is None:
        workers = (os.cpu_count() or 1) if len(tasks) >= WORTH_SHARING else 1
    yield from _shared(_verify, _unverified, claims, tasks, workers)


def audit_claims(
    claims: Sequence[Claim], plan: Plan, workers: int | None = None
) -> Iterator[tuple[int, Audit]]:
    """Audit the claims, and give each one's place and audit as soon as it is there.

    workers: the number of processes; None chooses one for a single claim and otherwise all cores.
    """
    tasks = [_Task(i, _origin(claim), claim.name, "", plan) for i, claim in enumerate(claims)]
    if workers is None:
        workers = (os.cpu_count() or 1) if len(tasks) > 1 else 1
    yield from _shared(_audit, _unaudited, claims, tasks, workers)


def _shared(
    work: Work[Done],
    lost: Work[Done],
    claims: Sequence[Claim],
    tasks: Sequence[_Task],
    workers: int,
) -> Iterator[Done]:
    if workers == 1:
        for task in tasks:
            yield work(claims[task.claim], task)
        return
    from joblib import Parallel, delayed, parallel_config
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    rest = dict(enumerate(tasks))
    with parallel_config(backend="loky", n_jobs=workers, inner_max_num_threads=1):
        shared = Parallel(return_as="generator_unordered")
        try:
            for number, done in shared(
                delayed(_numbered)(number, work, task) for number, task in enumerate(tasks)
            ):
                del rest[number]
                yield done
        except TerminatedWorkerError:
            # One task has ended its process. Each gets one of its own, and so only that is lost.
            for task in rest.values():
                yield _alone(work, lost, claims[task.claim], task)


def _alone(work: Work[Done], lost: Work[Done], claim: Claim, task: _Task) -> Done:
    from joblib.externals.loky import ProcessPoolExecutor
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    with ProcessPoolExecutor(max_workers=1) as executor:
        try:
            done: Done = executor.submit(_elsewhere, work, task).result()
            return done
        except TerminatedWorkerError:
            return lost(claim, task)


DIED = "the process that worked on it died; it has ended it, or run out of memory"


def _origin(claim: Claim) -> str:
    """The module's name, or the file of claims from outside the project."""
    if claim.module.startswith(PRIVATE):
        return str(sys.modules[claim.module].__file__)
    return claim.module


def _numbered(number: int, work: Work[Done], task: _Task) -> tuple[int, Done]:
    return number, _elsewhere(work, task)


def _elsewhere(work: Work[Done], task: _Task) -> Done:
    if task.origin.endswith(".py"):
        module = load_file(Path(task.origin)).__name__
    else:
        module = importlib.import_module(task.origin).__name__
    (claim,) = [claim for claim in REGISTRY[task.name] if claim.module == module]
    return work(claim, task)


def _verify(claim: Claim, task: _Task) -> Verified:
    return Verified(task.claim, task.part, *verify_or_recall(claim, task.part, task.plan))


def _unverified(claim: Claim, task: _Task) -> Verified:
    outcome = Outcome(claim.name, task.part, "error", task.plan.backend)
    outcome.message = f"{claim.name}::{task.part}: {DIED}"
    return Verified(task.claim, task.part, record(outcome), failure_text(claim, outcome))


def _unaudited(claim: Claim, task: _Task) -> tuple[int, Audit]:
    return task.claim, Audit(claim.name, problem=f"{claim.name}::audit: {DIED}")


def _audit(claim: Claim, task: _Task) -> tuple[int, Audit]:
    return task.claim, audit(claim, task.plan)


def verify_or_recall(claim: Claim, part: str, plan: Plan) -> tuple[dict[str, Any], str]:
    """The record of one part, recalled where the plan allows it; and what to say if it failed."""
    memory = None if plan.reuse is None else Memory(plan.reuse)
    if memory is not None and (remembered := memory.recall(claim, part, plan)) is not None:
        return remembered, ""
    outcome = verify_part(claim, part, plan)
    found = record(outcome)
    if memory is not None:
        memory.keep(claim, plan, found)
    return found, "" if outcome.verdict == "holds" else failure_text(claim, outcome)
