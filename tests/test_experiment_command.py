"""The command `claims experiment`, as people call it."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.clusters import ROOT, cluster
from tests.test_cli import claims

SMALL = (
    *("experiment", "latching", "--set", "runs=20", "--set", "updates=20"),
    *("--set", "weights=1,2", "--set", "noises=0,0.5", "--set", "lengths=5,20"),
)


def same_for_all_workers(found: Any) -> Any:
    return {key: found[key] for key in ("experiment", "parameters", "seed", "rows")}


def test_help_has_examples() -> None:
    assert "Example" in claims("experiment", "--help").stdout


def test_list_names_experiments_parameters_and_reductions() -> None:
    found = {
        each["name"]: each for each in json.loads(claims("experiment", "list", "--json").stdout)
    }
    assert list(found) == ["latching", "tasks"]
    assert found["latching"]["parameters"]["learning_rate"] == 0.3
    assert "5 million" in found["tasks"]["reduction"]
    text = claims("experiment", "list").stdout
    assert "--set runs=1000   (--quick: 100)" in text


def test_a_run_leaves_table_parameters_and_figures(tmp_path: Path) -> None:
    result = claims(*SMALL, "--out", tmp_path / "deep", "--workers", 1, "--json", "--seed", 5)
    assert (result.returncode, result.stderr) == (0, "")
    found = json.loads(result.stdout)
    assert list(found) == [
        *("experiment", "parameters", "seed", "rows"),
        *("seconds", "workers", "files", "versions"),
    ]
    assert (found["seed"], found["workers"]) == (5, 1)
    assert found["parameters"]["weights"] == [1.0, 2.0]
    assert {"python", "numpy", "sources"} <= set(found["versions"])
    (row, *_) = found["rows"]
    assert list(row)[-5:] == ["runs", "successes", "rate", "low", "high"]
    assert row["low"] <= row["rate"] <= row["high"]
    table, beside, *figures = map(Path, found["files"])
    read = csv.DictReader(table.read_text().splitlines())
    assert [int(each["successes"]) for each in read] == [
        each["successes"] for each in found["rows"]
    ]
    assert json.loads(beside.read_text()) == found
    for figure in figures:
        assert figure.read_text().startswith("<?xml")
    # The same again, from the shards alone.
    again = claims(*SMALL, "--out", tmp_path / "deep", "--seed", 5, "--resume", "--json").stdout
    assert same_for_all_workers(json.loads(again)) == same_for_all_workers(found)


def test_the_tasks_too(tmp_path: Path) -> None:
    some = ("--set", "tasks=latch,parity", "--set", "lengths=5", "--set", "runs=3")
    few = ("--set", "updates=2", "--out", tmp_path, "--workers", 1)
    result = claims("experiment", "tasks", *some, *few)
    assert result.returncode == 0, result.stderr
    assert "clipped_penalty" in (tmp_path / "tasks.csv").read_text()
    assert "tasks.csv" in result.stdout


def test_mistakes_are_usage_errors_with_a_hint(tmp_path: Path) -> None:
    for arguments, said in (
        (("experiment", "latch"), "did you mean latching?"),
        (("experiment", "latching", "--set", "rate=1"), "no such parameter; it has steps, learn"),
        (("experiment", "latching", "--set", "runs=many"), "runs: 'many' is not int, as in 1000"),
        (("experiment", "latching", "--set", "noise=loud"), "'loud' is none of fixed, redrawn"),
        (("experiment", "latching", "--set", "lengths=5,x"), "is not numbers with commas between"),
        (("experiment", "latching", "--set", "runs=0"), "runs: 0; at least 1 is needed"),
        (("experiment", "tasks", "--set", "tasks=copy"), "there is no 'copy'; it takes latch"),
        (("experiment", "latching", "--workers", "2", "--cluster", "x"), "not both"),
    ):
        result = claims(*arguments, cwd=tmp_path)
        assert result.returncode == 2, arguments
        assert said in result.stderr, (arguments, result.stderr)
        assert "Traceback" not in result.stderr
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = claims(*SMALL, "--out", tmp_path / "file")
    assert result.returncode == 2
    assert "--out" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.long
def test_nobody_answers(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the extra [cluster] is not installed")
    result = claims(*SMALL, "--cluster", "tcp://127.0.0.1:1", "--out", tmp_path)
    assert result.returncode == 1
    assert "no Dask scheduler answers there within 10 s" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.long
def test_an_interrupted_run_continues_and_gives_the_same(tmp_path: Path) -> None:
    small = (*SMALL, "--set", "updates=400", "--set", "runs=4000")
    expected = json.loads(claims(*small, "--out", tmp_path / "whole", "--json").stdout)
    folder, kept = tmp_path / "cut", tmp_path / "cut" / "shards"
    # A test run in the background ignores interrupts, and its children would too.
    interruptible = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from teaching.cli import main; main()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", interruptible, *map(str, small), "--workers", "2", "--out", folder],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            while not list(kept.glob("0*.json")):
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 130
            assert process.stderr is not None
            said = process.stderr.read()
        finally:
            process.kill()
    assert "finished shards are kept" in said
    assert "Traceback" not in said
    finished = len(list(kept.glob("0*.json")))
    assert 0 < finished < len(list((tmp_path / "whole" / "shards").glob("0*.json")))
    refused = claims(*small, "--out", folder)
    assert refused.returncode == 1
    assert f"holds {finished} of" in refused.stderr
    continued = json.loads(claims(*small, "--out", folder, "--resume", "--json").stdout)
    assert same_for_all_workers(continued) == same_for_all_workers(expected)


@pytest.mark.long
def test_a_cluster_gives_the_same(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the extra [cluster] is not installed")
    expected = json.loads(claims(*SMALL, "--out", tmp_path / "here", "--json").stdout)
    with cluster(workers=2) as address:
        result = claims(*SMALL, "--cluster", address, "--out", tmp_path / "there", "--json")
    found = json.loads(result.stdout)
    assert found["workers"] == address
    assert same_for_all_workers(found) == same_for_all_workers(expected)
