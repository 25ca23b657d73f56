"""Verifying and auditing many claims: in this process, on all cores, or on a cluster."""

from __future__ import annotations

import importlib
import os
import sys
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from experiments.workers import WorkerDied, Workers, WorkersError, alone
from models.backends.files import PRIVATE, load_file
from properties.checking.applicability import parts_on
from properties.checking.audit import Audit, audit
from properties.checking.balls import precision
from properties.checking.claim import REGISTRY, Claim
from properties.checking.containment import BITS
from properties.checking.evidence import merged, record
from properties.checking.memory import Memory, sources
from properties.checking.plan import Outcome, Plan
from properties.checking.report import failure_text
from properties.checking.search import derived_seed
from properties.checking.verification import verify_part

WORTH_SHARING = 24
"""With fewer parts than this, starting processes (1.5 s each) costs more than it saves."""


SHARD = 2_000
"""The examples of `holds` that one task judges; a longer verification is split into such tasks."""


Done = TypeVar("Done")


@dataclass(frozen=True)
class Verified:
    """One part of one claim verified: the record of its outcome, and what to say if it failed."""

    claim: int
    part: str
    record: dict[str, Any]
    failure: str


@dataclass(frozen=True)
class Task:
    """A part to verify, a shard of it, or a claim to audit, as another process understands it."""

    claim: int
    origin: str
    name: str
    part: str
    shard: int
    plan: Plan


def tasks_of(claims: Sequence[Claim], plan: Plan, leaving_out: Container[str] = ()) -> list[Task]:
    """What there is to do: a task for every part, and several for one of many examples.

    Only `holds` is split. Its shards have seeds of their own, spawned from the plan's, and the
    first has the plan's: so a part of at most SHARD examples is what it would be anyhow.
    """
    return [
        Task(index, _origin(claim), claim.name, part, shard, its_plan)
        for index, claim in enumerate(claims)
        for part in parts_on(claim, plan.backend)
        if part not in leaving_out
        for shard, its_plan in enumerate(_shards(claim, plan) if part == "holds" else [plan])
    ]


def _shards(claim: Claim, plan: Plan) -> list[Plan]:
    examples = min(plan.examples, claim.examples or plan.examples)
    if examples <= SHARD:
        return [plan]
    starts = range(0, examples, SHARD)
    return [
        replace(
            plan,
            examples=min(SHARD, examples - start),
            seed=derived_seed(plan.seed, "shard", start) if start else plan.seed,
        )
        for start in starts
    ]


def verify_claims(
    claims: Sequence[Claim],
    plan: Plan,
    workers: Workers | None = None,
    leaving_out: Container[str] = (),
) -> Iterator[Verified | None]:
    """Verify every part of the claims but those left out, and give each result when it is there.

    workers: where; None chooses this process for few tasks and all cores for many. The results do
    not depend on it, only their order does. There is an item for each of `tasks_of`: None for a
    shard of a part that is not finished yet. Raises WorkersError, as Workers.run does.
    """
    tasks = tasks_of(claims, plan, leaving_out)
    shards = Counter((task.claim, task.part) for task in tasks)
    finished: dict[tuple[int, str], list[_Shard]] = {}
    for each in _results(claims, tasks, plan, workers):
        key = each.task.claim, each.task.part
        group = finished.setdefault(key, [])
        group.append(each)
        yield _merged(group) if len(group) == shards[key] else None


def _results(
    claims: Sequence[Claim], tasks: Sequence[Task], plan: Plan, workers: Workers | None
) -> Iterator[_Shard]:
    """What each task gave: first those that are remembered, then the others, remembered here."""
    memory = None if plan.reuse is None else Memory(plan.reuse)
    new = []
    for task in tasks:
        known = memory and memory.recall(claims[task.claim], task.part, task.plan)
        if known:
            yield _Shard(task, known, "", sources())
        else:
            new.append(task)
    if workers is None:
        workers = Workers((os.cpu_count() or 1) if len(new) >= WORTH_SHARING else 1)
    if workers.here(len(new)):
        results: Iterator[_Shard] = (_verify(claims[task.claim], task) for task in new)
    else:
        results = _survived(workers, _verify_elsewhere, new, lambda task: _lost(claims, task))
    for each in results:
        if each.by != sources():
            raise WorkersError(
                "a worker has other sources or versions of this project; install the same there "
                "(constraints.txt)"
            )
        if memory is not None:
            memory.keep(claims[each.task.claim], each.task.plan, each.record)
        yield each


def audit_claims(
    claims: Sequence[Claim], plan: Plan, workers: Workers | None = None
) -> Iterator[tuple[int, Audit]]:
    """Audit the claims, and give each one's place and audit as soon as it is there.

    workers: where; None chooses this process for a single claim and otherwise all cores.
    """
    tasks = [Task(i, _origin(claim), claim.name, "", 0, plan) for i, claim in enumerate(claims)]
    workers = workers or Workers(os.cpu_count() or 1)
    if workers.here(len(tasks)):
        yield from ((task.claim, audit(claims[task.claim], plan)) for task in tasks)
        return
    yield from _survived(
        workers,
        _audit_elsewhere,
        tasks,
        lambda task: (task.claim, Audit(task.name, problem=f"{task.name}::audit: {DIED}")),
    )


DIED = "a worker process died when it came to this; it ended itself, or ran out of memory"


def _survived(
    workers: Workers,
    work: Callable[[Task], Done],
    tasks: Sequence[Task],
    lost: Callable[[Task], Done],
) -> Iterator[Done]:
    """The results of the tasks; of one that ends its process, what `lost` says of it.

    Where a process of this machine dies, each task that is left gets one of its own.
    """
    rest = dict.fromkeys(tasks)
    try:
        for task, done in workers.run(partial(_named, work), tasks):
            del rest[task]
            yield done
    except WorkerDied:
        for task in rest:
            try:
                done = alone(work, task)
            except WorkerDied:
                done = lost(task)
            yield done


def _named(work: Callable[[Task], Done], task: Task) -> tuple[Task, Done]:
    return task, work(task)


@dataclass(frozen=True)
class _Shard:
    """What one task gave, and a digest of the sources and versions that it was verified by."""

    task: Task
    record: dict[str, Any]
    failure: str
    by: str


def _merged(shards: list[_Shard]) -> Verified:
    """The shards of a part as one; what to say is of the smallest counterexample."""
    # In the order of the tasks, not in that in which they were finished.
    shards.sort(key=lambda shard: shard.task.shard)
    task = shards[0].task
    found, first = merged([shard.record for shard in shards])
    return Verified(task.claim, task.part, found, shards[first].failure)


def _origin(claim: Claim) -> str:
    """The module's name, or the file of claims from outside the project."""
    if claim.module.startswith(PRIVATE):
        return str(Path(str(sys.modules[claim.module].__file__)).resolve())
    return claim.module


def _verify_elsewhere(task: Task) -> _Shard:
    return _verify(_claim_of(task), task)


def _audit_elsewhere(task: Task) -> tuple[int, Audit]:
    return task.claim, audit(_claim_of(task), task.plan)


def _claim_of(task: Task) -> Claim:
    """The claim of a task, in this process."""
    if task.origin.endswith(".py"):
        if not Path(task.origin).exists():
            raise WorkersError(
                f"a worker has no file {task.origin}; put it in the same place there"
            )
        module = load_file(Path(task.origin)).__name__
    else:
        module = importlib.import_module(task.origin).__name__
    (claim,) = [claim for claim in REGISTRY[task.name] if claim.module == module]
    return claim


def _verify(claim: Claim, task: Task) -> _Shard:
    return _Shard(task, *_record(claim, task.part, task.plan), sources())


def _lost(claims: Sequence[Claim], task: Task) -> _Shard:
    claim = claims[task.claim]
    outcome = Outcome(claim.name, task.part, "error", task.plan.backend)
    outcome.message = f"{claim.name}::{task.part}: {DIED}"
    return _Shard(task, record(outcome), failure_text(claim, outcome), sources())


def verify_or_recall(claim: Claim, part: str, plan: Plan) -> tuple[dict[str, Any], str]:
    """The record of one part, recalled where the plan allows it; and what to say if it failed."""
    memory = None if plan.reuse is None else Memory(plan.reuse)
    if memory is not None and (remembered := memory.recall(claim, part, plan)) is not None:
        return remembered, ""
    found, failure = _record(claim, part, plan)
    if memory is not None:
        memory.keep(claim, plan, found)
    return found, failure


def _record(claim: Claim, part: str, plan: Plan) -> tuple[dict[str, Any], str]:
    outcome = verify_part(claim, part, plan)
    with precision(BITS):
        return record(outcome), "" if outcome.verdict == "holds" else failure_text(claim, outcome)
