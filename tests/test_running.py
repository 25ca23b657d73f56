"""Verifying many claims: long verifications in shards, the same by any workers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from experiments.workers import WorkerDied, Workers, WorkersError
from properties.checking import Case, claim, running
from properties.checking.evidence import merged
from properties.checking.plan import Plan
from properties.checking.running import Task, tasks_of, verify_claims
from properties.shared_weight import scalar_power, transition_width
from tests.clusters import cluster
from tests.test_cli import claims as command
from tests.test_collection import FALSE, TRUE


@dataclass(frozen=True, repr=False)
class Row(Case):
    """Some numbers; its size is how many there are."""

    entries: tuple[int, ...]

    def size(self) -> tuple[int, int]:
        return len(self.entries), 0


rows = st.builds(Row, st.lists(st.integers(-9, 9), max_size=9).map(tuple))


def declared(name: str, bound: int, **options: Any) -> Any:
    """That no row adds up to more than the bound."""

    def check(row: Row, check: Any) -> None:
        check.at_most(sum(row.entries), bound)

    check.__name__ = name
    return claim(
        statement="sums are small",
        source="",
        derivation="none: an example",
        domain=rows,
        tiers=("exact",),
        labels={"long": (0.05, lambda row: len(row.entries) > 4)},
        witness=Row((1,)),
        **options,
    )(check)


TRUE_ONE, FALSE_ONE = declared("sums_to_81", 81), declared("sums_to_20", 20)
BRIEF = declared("sums_to_81_at_most_90_times", 81, examples=90)


@pytest.fixture(autouse=True)
def _short_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "SHARD", 60)


def holds(chosen: Any, examples: int) -> Any:
    """What `holds` came to, in this process."""
    (found,) = [
        done
        for done in verify_claims([chosen], Plan(examples=examples), Workers(1))
        if done is not None and done.part == "holds"
    ]
    return found


def test_only_long_verifications_are_split() -> None:
    for examples, shards in ((60, [60]), (61, [60, 1]), (200, [60, 60, 60, 20])):
        tasks = tasks_of([TRUE_ONE], Plan(examples=examples, seed=4))
        split = [task.plan for task in tasks if task.part == "holds"]
        assert [plan.examples for plan in split] == shards
        assert split[0].seed == 4
        assert len({plan.seed for plan in split}) == len(split)
        assert len([task for task in tasks if task.part != "holds"]) == 2
    assert len(tasks_of([BRIEF], Plan(examples=10**6))) == 2 + 2


def test_shards_are_put_together() -> None:
    found = holds(TRUE_ONE, 200).record
    assert (found["verdict"], found["examples"]) == ("holds", 200)
    assert 0.05 < found["labels"]["long"] < 1


def test_shards_look_at_different_cases() -> None:
    alone = {"labels": holds(TRUE_ONE, 60).record["labels"]}
    assert holds(TRUE_ONE, 120).record["labels"] != alone["labels"]


def test_the_smallest_counterexample_of_all_shards_is_brought_back() -> None:
    done = holds(FALSE_ONE, 300)
    assert done.record["verdict"] == "refuted"
    # 3 numbers of at most 9 are needed to pass 20.
    assert done.record["size"] == [3, 0]
    assert done.record["counterexample"] in done.failure


def test_an_interrupted_verification_continues_from_its_shards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = Plan(examples=300, reuse=tmp_path)
    expected = holds(TRUE_ONE, 300).record
    started = verify_claims([TRUE_ONE], plan, Workers(1))
    for _ in range(4):
        next(started)
    started.close()  # type: ignore[attr-defined]
    seeds: list[int] = []
    verify = running.verify_part

    def seen(claim: Any, part: str, plan: Plan) -> Any:
        seeds.append(plan.seed)
        return verify(claim, part, plan)

    monkeypatch.setattr(running, "verify_part", seen)
    done = [found for found in verify_claims([TRUE_ONE], plan, Workers(1)) if found is not None]
    # The derivation, the witness and two of five shards were finished.
    assert len(seeds) == 3
    assert without_seconds(done[-1].record) == without_seconds(expected)


def without_seconds(record: Any) -> Any:
    return {key: value for key, value in record.items() if key != "seconds"}


def test_an_error_comes_before_a_refutation_and_small_before_large() -> None:
    plain = holds(TRUE_ONE, 60).record
    refuted = [plain | {"verdict": "refuted", "size": [n, 0], "examples": n} for n in (5, 2, 3)]
    found, first = merged([plain, *refuted])
    assert (first, found["size"]) == (2, [2, 0])
    assert found["examples"] == 60 + 10
    broken = plain | {"verdict": "error", "message": "it broke"}
    found, first = merged([refuted[0], broken, plain])
    assert (first, found["verdict"], found["message"]) == (1, "error", "it broke")


def test_shares_are_of_all_examples() -> None:
    plain = holds(TRUE_ONE, 60).record
    records = [
        plain
        | {"examples": 30, "labels": {"long": 0.5}, "ratios": {"a": 0.1}, "false_alarm": 1e-9},
        plain | {"examples": 10, "labels": {"long": 0.1}, "ratios": {"a": 0.3, "b": 0.2}},
    ]
    found, _ = merged(records)
    assert found["labels"] == {"long": pytest.approx(16 / 40)}
    assert found["ratios"] == {"a": 0.3, "b": 0.2}
    assert found["false_alarm"] == 1e-9


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "true.py").write_text(TRUE)
    (folder / "false.py").write_text(FALSE)
    return folder


def without_times(evidence: Any) -> Any:
    for entry in evidence["claims"]:
        entry.pop("seconds")
    return evidence


@pytest.mark.long
def test_evidence_is_the_same_by_any_workers(outside: Path) -> None:
    pytest.importorskip("distributed", reason="the extra [cluster] is not installed")
    long = ("verify", "--claims-from", outside, "--examples", 5000, "--json")
    alone = without_times(json.loads(command(*long, "--workers", 1).stdout))
    assert [entry["verdict"] for entry in alone["claims"]] == ["refuted", "holds"]
    assert without_times(json.loads(command(*long, "--workers", 2).stdout)) == alone
    with cluster(workers=2) as address:
        assert without_times(json.loads(command(*long, "--cluster", address).stdout)) == alone


@pytest.mark.long
def test_a_killed_worker_is_said_and_what_is_finished_is_kept(outside: Path) -> None:
    (outside / "zz_deadly.py").write_text(
        "import os, signal\n"
        + TRUE.replace("squares_grow", "zz_deadly")
        + "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    found = command("verify", "--claims-from", outside, "--workers", 2)
    assert found.returncode == 1
    assert "a worker process died" in found.stderr
    assert "Traceback" not in found.stderr


OUTSIDE = Task(0, "properties.shared_weight", "scalar_power", "witness", 0, Plan(examples=60))


def test_another_process_finds_the_claim_of_a_task(tmp_path: Path) -> None:
    assert running._claim_of(OUTSIDE) is scalar_power
    file = tmp_path / "true.py"
    with pytest.raises(
        WorkersError, match=rf"^a worker has no file {file}; put it in the same place there$"
    ):
        running._claim_of(replace(OUTSIDE, origin=str(file), name="squares_grow"))
    file.write_text(TRUE)
    found = running._claim_of(replace(OUTSIDE, origin=str(file), name="squares_grow"))
    assert found.name == "squares_grow"
    assert running._origin(found) == str(file)
    assert running._origin(scalar_power) == "properties.shared_weight"


def test_what_another_process_gives_is_what_this_one_would() -> None:
    shard = running._verify_elsewhere(OUTSIDE)
    record, failure = running.verify_or_recall(scalar_power, "witness", OUTSIDE.plan)
    assert (shard.task, shard.failure, shard.by) == (OUTSIDE, failure, running.sources())
    assert without_seconds(shard.record) == without_seconds(record)


def test_a_part_is_recalled_where_the_plan_says_so(tmp_path: Path) -> None:
    plan = Plan(examples=60, reuse=tmp_path)
    first = running.verify_or_recall(TRUE_ONE, "holds", plan)
    assert running.verify_or_recall(TRUE_ONE, "holds", plan) == first
    assert first[1] == ""
    assert first[0]["verdict"] == "holds"
    for _ in range(2):
        record, failure = running.verify_or_recall(FALSE_ONE, "holds", plan)
        assert record["verdict"] == "refuted"
        assert record["counterexample"] in failure
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("processes", [1, 2])
def test_audits_come_with_the_place_of_their_claim(processes: int) -> None:
    plan, workers = Plan(examples=60), Workers(processes)
    found = dict(running.audit_claims([scalar_power, transition_width], plan, workers))
    assert [found[i].claim for i in (0, 1)] == ["scalar_power", "transition_width"]
    assert all(each.caught for each in found.values())
    place, audited = running._audit_elsewhere(replace(OUTSIDE, claim=7, part=""))
    assert (place, audited.record()) == (7, found[0].record())


class Elsewhere(Workers):
    """Workers that do here, in another order, what several processes would do."""

    def run(self, function: Any, tasks: Any) -> Any:
        return map(function, reversed(tasks))


def test_what_workers_give_is_what_this_process_would() -> None:
    chosen, plan = [scalar_power, transition_width], Plan(examples=130)
    ours, theirs = (
        {(done.claim, done.part): done for done in verify_claims(chosen, plan, workers) if done}
        for workers in (Workers(1), Elsewhere(2))
    )
    assert list(ours) == list(reversed(theirs))
    for key, done in ours.items():
        assert theirs[key].failure == done.failure == ""
        assert without_seconds(theirs[key].record) == without_seconds(done.record)
    (alone,) = running.audit_claims([scalar_power], Plan(examples=2))
    assert (alone[0], alone[1].claim) == (0, "scalar_power")
    audited = running.audit_claims(chosen, Plan(examples=2), Elsewhere(2))
    assert [index for index, _ in audited] == [1, 0]


def test_other_sources_elsewhere_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = iter(["theirs", "ours"])
    monkeypatch.setattr(running, "sources", lambda: next(versions))
    message = (
        "a worker has other sources or versions of this project; install the same there "
        "(constraints.txt)"
    )
    with pytest.raises(WorkersError, match=f"^{re.escape(message)}$"):
        list(verify_claims([scalar_power], Plan(examples=2), Elsewhere(2)))


class Dying(Workers):
    """Workers that give the first results and then die."""

    def run(self, function: Any, tasks: Any) -> Any:
        yield function(tasks[0])
        raise WorkerDied("died")


def half(number: int) -> float:
    return number / 2


def test_what_dead_workers_left_is_done_one_by_one_and_what_kills_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[int] = []

    def alone(work: Any, task: int) -> float:
        done.append(task)
        if task == 3:
            raise WorkerDied("died")
        return float(work(task))

    monkeypatch.setattr(running, "alone", alone)
    found = list(running._survived(Dying(2), half, [1, 2, 3, 4], lambda task: -task))  # type: ignore[arg-type]
    assert found == [0.5, 1.0, -3, 2.0]
    assert done == [2, 3, 4]


def test_a_part_that_killed_its_process_is_an_error_that_names_it() -> None:
    task = replace(OUTSIDE, claim=1, part="holds", plan=Plan(backend="jax"))
    shard = running._lost([transition_width, scalar_power], task)
    assert shard.task is task
    assert shard.record["verdict"] == "error"
    assert shard.record["part"] == "holds"
    assert shard.record["message"] == f"scalar_power::holds: {running.DIED}"
    assert f"scalar_power::holds: {running.DIED}" in shard.failure
    assert shard.by == running.sources()
