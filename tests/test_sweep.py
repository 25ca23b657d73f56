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
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments import shards, sweep, workers
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
    strange = json.loads((tmp_path / "000004.json").read_text()) | {"counts": [[0, 1000, 1000]]}
    (tmp_path / "000004.json").write_text(json.dumps(strange))
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
    assert json.loads((tmp_path / "000001.json").read_text())["counts"][0][:2] == [1, 1000]


def test_a_file_that_is_no_shard_is_named(tmp_path: Path) -> None:
    next(run(coins(), HERE, ShardFolder(tmp_path)))
    (tmp_path / "000000.json").write_text("[[0, 10")
    with pytest.raises(ShardError, match=r"000000.json cannot be read"):
        next(run(coins(), HERE, ShardFolder(tmp_path, resume=True)))


JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)
COUNTS = st.lists(st.lists(st.one_of(st.integers(-2, 4), JUNK), max_size=4), max_size=3)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A folder with one shard of a sweep, and what is in its two files."""
    folder = tmp_path_factory.mktemp("shards")
    next(run(coins(), HERE, ShardFolder(folder)))
    return folder, *((folder / name).read_text() for name in ("sweep.json", "000000.json"))


@settings(max_examples=150)
@given(
    st.sampled_from(
        ["sweep.json", "000000.json", "000007.json", "000099.json", "1.json", "9x.json"]
    ),
    st.data(),
)
def test_a_damaged_file_is_refused_by_name_or_is_as_good(
    begun: tuple[Path, str, str], name: str, data: st.DataObject
) -> None:
    folder, own_sweep, own_shard = begun
    for file, text in (("sweep.json", own_sweep), ("000000.json", own_shard)):
        (folder / file).write_text(text)
    whole = json.loads(own_sweep if name == "sweep.json" else own_shard)
    one = st.sampled_from(sorted(whole))
    damaged = data.draw(
        st.one_of(
            st.binary(max_size=30),
            st.just(b"[" * 100_000),
            JUNK.map(lambda junk: json.dumps(junk).encode()),
            st.builds(lambda key, junk: json.dumps(whole | {key: junk}).encode(), one, JUNK),
            COUNTS.map(lambda counts: json.dumps(whole | {"counts": counts}).encode()),
            st.integers(0, len(own_shard)).map(lambda end: own_shard[:end].encode()),
        )
    )
    (folder / name).write_bytes(damaged)
    refused, found = "", []
    try:
        found = list(run(coins(), HERE, ShardFolder(folder, resume=True)))
    except ShardError as problem:
        refused = str(problem)
    finally:
        for file in folder.iterdir():
            file.unlink()
    if refused:
        assert str(folder) in refused
        assert "remove it" in refused or "--out" in refused
    else:
        assert sum(each["runs"] for each in rows(coins(), found)) >= 7000
        assert len(found) == 8


def test_a_shard_of_another_sweep_or_place_is_refused(tmp_path: Path) -> None:
    folders = {seed: tmp_path / str(seed) for seed in (0, 1)}
    for seed, folder in folders.items():
        list(run(coins(seed=seed), HERE, ShardFolder(folder)))
    own = (folders[0] / "000003.json").read_text()
    for other in (folders[1] / "000003.json", folders[0] / "000002.json"):
        (folders[0] / "000003.json").write_text(other.read_text())
        with pytest.raises(ShardError, match=r"000003.json is shard 3 of another sweep; remove it"):
            list(run(coins(), HERE, ShardFolder(folders[0], resume=True)))
    (folders[0] / "000003.json").write_text(own)
    assert len(list(run(coins(), HERE, ShardFolder(folders[0], resume=True)))) == 8


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


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "ANSWERS_WITHIN", 0.5)
    pytest.importorskip("distributed", reason="the extra [cluster] is not installed")
    with pytest.raises(WorkersError, match="no Dask scheduler answers there"):
        next(run(coins(), Workers(cluster="tcp://127.0.0.1:1"), None))


@settings(max_examples=200)
@given(st.one_of(st.text(), st.from_regex(r"[a-z]{0,9}:?/{0,3}[^\x00]*:[0-9]{0,9}")))
def test_any_text_is_an_address_or_refused_by_name(text: str) -> None:
    address, refused = None, ""
    try:
        address = Workers(cluster=text).cluster
    except WorkersError as problem:
        refused = str(problem)
    if address is None:
        assert refused.startswith("--cluster ")
        assert "tcp://HOST:PORT" in refused
        assert refused.isprintable()
        return
    assert 0 < int(address.rpartition(":")[2]) < 2**16
    assert not set(address) & set(" ;$`'\"\n\x1b")


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
