"""Sweeps: the same results by any workers, nothing finished is lost, and clear errors."""

from __future__ import annotations

import importlib
import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments import shards, sweep
from experiments.proportions import interval
from experiments.shards import ShardError, ShardFolder
from experiments.sweep import Counts, Finished, Sweep, rows, run
from experiments.versions import versions
from experiments.workers import Workers, WorkersError
from properties.checking import statistics
from tests.clusters import cluster

HERE = Workers(1)


def toss(shard: tuple[int, float], seed: np.random.SeedSequence) -> Counts:
    """A thousand coins of a cell."""
    cell, chance = shard
    heads = np.random.default_rng(seed).random(1000) < chance
    return [(cell, 1000, int(heads.sum()))]


def coins(seed: int = 0, count: int = 4, **parameters: Any) -> Sweep:
    """Two coins, in shards of a thousand tosses each."""
    chances = (0.2, 0.9)
    cells = [{"chance": chance} for chance in chances]
    return Sweep("coins", parameters, seed, cells, toss, count * list(enumerate(chances)))


def sorted_results(finished: Iterator[Finished]) -> list[Finished]:
    return sorted(finished, key=lambda each: each.shard)


def test_rows_add_up_and_have_intervals() -> None:
    tossed = coins()
    found = rows(tossed, list(run(tossed, HERE, None)))
    assert [row["runs"] for row in found] == [4000, 4000]
    for row in found:
        assert row["low"] < row["chance"] < row["high"]
        assert row["rate"] == row["successes"] / row["runs"]
    assert list(found[0]) == ["chance", "runs", "successes", "rate", "low", "high"]


def test_the_intervals_are_those_of_exact_tails() -> None:
    for successes, runs in ((0, 10), (3, 10), (10, 10), (777, 1000)):
        low, high = interval(successes, runs, 0.95)
        surely = statistics.interval(successes, runs, 0.05)
        assert (low, high) == pytest.approx(surely, abs=1e-9)
    with pytest.raises(ValueError, match="11 of 10"):
        interval(11, 10)


def test_two_processes_give_what_one_gives() -> None:
    alone = list(run(coins(), HERE, None))
    shared = list(run(coins(), Workers(2), None))
    assert sorted_results(iter(shared)) == alone


def test_the_seed_and_the_place_of_a_shard_decide() -> None:
    results = [each.counts for each in run(coins(), HERE, None)]
    assert [each.counts for each in run(coins(seed=1), HERE, None)] != results
    # More shards change nothing in those that were there.
    assert [each.counts for each in run(coins(count=5), HERE, None)][:8] == results
    assert results[0] != results[2]


def test_an_interrupted_sweep_continues(tmp_path: Path) -> None:
    expected = list(run(coins(), HERE, None))
    started = run(coins(), HERE, ShardFolder(tmp_path))
    finished = [next(started) for _ in range(3)]
    started.close()  # type: ignore[attr-defined]
    again = list(run(coins(), HERE, ShardFolder(tmp_path, resume=True)))
    assert [tuple(map(tuple, each.counts)) for each in again] == [
        tuple(each.counts) for each in expected
    ]
    assert finished == expected[:3]


def test_finished_shards_are_not_computed_again(tmp_path: Path) -> None:
    list(run(coins(), HERE, ShardFolder(tmp_path)))
    (tmp_path / "000005.json").unlink()
    # What is read back is what was kept, were it ever so strange.
    (tmp_path / "000004.json").write_text("[[0, 1000, 1000]]")
    counts = {each.shard: each.counts for each in run(coins(), HERE, ShardFolder(tmp_path, True))}
    assert counts[4] == [[0, 1000, 1000]]
    assert counts[5] == next(e.counts for e in run(coins(), HERE, None) if e.shard == 5)


def test_an_unfinished_sweep_is_not_overwritten(tmp_path: Path) -> None:
    started = run(coins(), HERE, ShardFolder(tmp_path))
    next(started)
    with pytest.raises(ShardError, match=r"1 of 8 shards .* --resume"):
        next(run(coins(), HERE, ShardFolder(tmp_path)))
    assert (tmp_path / "000000.json").exists()
    # A finished one may be: its table is written.
    list(run(coins(), HERE, ShardFolder(tmp_path, resume=True)))
    assert len(list(run(coins(seed=1), HERE, ShardFolder(tmp_path)))) == 8


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (coins(seed=3), "seed 0 .now 3"),
        (coins(count=5), "shards 8 .now 10"),
        (coins(tosses=7), "tosses None .now 7"),
    ],
)
def test_another_sweep_is_not_continued(tmp_path: Path, other: Sweep, said: str) -> None:
    next(run(coins(tosses=None), HERE, ShardFolder(tmp_path)))
    with pytest.raises(ShardError, match=said):
        next(
            run(
                replace(other, parameters={"tosses": None} | dict(other.parameters)),
                HERE,
                ShardFolder(tmp_path, resume=True),
            )
        )


def test_shards_of_another_version_are_not_continued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    next(run(coins(), HERE, ShardFolder(tmp_path)))
    monkeypatch.setattr(shards, "versions", lambda: versions() | {"numpy": "1.0"})
    with pytest.raises(ShardError, match=r"numpy .* .now 1.0.; install the versions"):
        next(run(coins(), HERE, ShardFolder(tmp_path, resume=True)))


def test_a_worker_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = iter([{"numpy": "2.0"}, {"numpy": "1.0"}])
    monkeypatch.setattr(sweep, "versions", lambda: next(seen))
    with pytest.raises(WorkersError, match=r"numpy 1.0 .here 2.0.; install the same"):
        next(run(coins(), HERE, None))


def test_a_full_disk_keeps_what_was_finished(tmp_path: Path) -> None:
    # Whoever writes to /dev/full is told that no space is left.
    (tmp_path / "000002.json.partial").symlink_to("/dev/full")
    with pytest.raises(ShardError, match=r"No space left .* continue with --resume"):
        list(run(coins(), HERE, ShardFolder(tmp_path)))
    assert ShardFolder(tmp_path).count() == 2
    assert json.loads((tmp_path / "000001.json").read_text())[0][:2] == [1, 1000]


def test_a_file_that_is_no_shard_is_named(tmp_path: Path) -> None:
    next(run(coins(), HERE, ShardFolder(tmp_path)))
    (tmp_path / "000000.json").write_text("[[0, 10")
    with pytest.raises(ShardError, match=r"000000.json cannot be read"):
        next(run(coins(), HERE, ShardFolder(tmp_path, resume=True)))


def die(shard: int, seed: np.random.SeedSequence) -> Counts:
    if shard == 2:
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGKILL)
    return [(0, 1, 1)]


def test_a_killed_process_is_said_and_loses_nothing_finished(tmp_path: Path) -> None:
    deadly = Sweep("deadly", {}, 0, [{}], die, range(4))
    with pytest.raises(WorkersError, match="a worker process died"):
        list(run(deadly, Workers(2), ShardFolder(tmp_path)))
    assert ShardFolder(tmp_path).count() >= 2


def slow_toss(shard: tuple[int, float], seed: np.random.SeedSequence) -> Counts:
    """With the process that tossed in place of the number of runs, and time to kill it."""
    time.sleep(0.2)
    return [*toss(shard, seed), (2, os.getpid(), 0)]


def test_nobody_answers() -> None:
    pytest.importorskip("distributed", reason="the extra [cluster] is not installed")
    for address in ("nonsense", "tcp://"):
        with pytest.raises(WorkersError, match="no Dask scheduler answers there"):
            next(run(coins(), Workers(cluster=address), None))


@pytest.mark.long
def test_a_cluster_gives_what_one_process_gives_though_a_worker_is_killed() -> None:
    pytest.importorskip("distributed", reason="the extra [cluster] is not installed")
    slow = replace(coins(count=8), compute=slow_toss)
    alone = [each.counts for each in run(coins(count=8), HERE, None)]
    processes = set()
    with cluster(workers=2) as address:
        finished = []
        for each in run(slow, Workers(cluster=address), None):
            finished.append(each)
            processes.add(each.counts[1][1])
            if len(finished) == 4:
                os.kill(each.counts[1][1], signal.SIGKILL)
    assert [each.counts[:1] for each in sorted_results(iter(finished))] == alone
    assert len(processes) == 2


@pytest.mark.long
def test_a_cluster_without_this_project_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed", reason="the extra [cluster] is not installed")
    (tmp_path / "only_here.py").write_text("def toss(shard, seed):\n    return []\n")
    with cluster(workers=1) as address:
        monkeypatch.syspath_prepend(tmp_path)
        unknown = importlib.import_module("only_here").toss
        with pytest.raises(WorkersError, match="lacks this project; install it there"):
            next(run(replace(coins(), compute=unknown), Workers(cluster=address), None))


@pytest.mark.long
def test_a_cluster_without_workers_or_with_none_left(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="the extra [cluster] is not installed")
    monkeypatch.setattr("experiments.workers.ALONE_FOR", 1.0)
    with cluster(workers=0) as address, pytest.raises(WorkersError, match="has no workers"):
        next(run(coins(), Workers(cluster=address), None))
    slow = replace(coins(count=8), compute=slow_toss)
    with cluster(workers=1) as address:
        running = run(slow, Workers(cluster=address), None)
        os.kill(next(running).counts[1][1], signal.SIGKILL)
        with pytest.raises(WorkersError, match="no worker for 1 s"):
            list(running)
