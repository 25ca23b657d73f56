"""Conducting an experiment: its sweep, its table and what that rests on, its figures."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from experiments.experiment import Experiment, Rows
from experiments.files import cannot_write, write_whole
from experiments.shards import ShardError, ShardFolder
from experiments.sweep import Finished, rows, run
from experiments.versions import versions
from experiments.workers import Workers

Report = Callable[[int, int, int], None]
"""Told after each shard: how many are finished, of how many, and how many of them just now."""


def conduct(
    experiment: Experiment,
    parameters: Any,
    seed: int,
    workers: Workers,
    out: Path,
    *,
    resume: bool = False,
    report: Report = lambda finished, shards, computed: None,
) -> dict[str, Any]:
    """Run the sweep, write table and figures into `out`, and return what is known of it as data.

    The result has experiment, parameters, seed, rows, seconds, workers, files and versions; all but
    the last four are the same whatever the workers. Finished shards are kept in `out`/shards as
    they come. Raises WorkersError and ShardError, each saying what to do.
    """
    start = time.monotonic()
    sweep = experiment.sweep(parameters, seed)
    folder = ShardFolder(out / "shards", resume)
    earlier = folder.count() if resume else 0
    finished: list[Finished] = []
    for each in run(sweep, workers, folder):
        finished.append(each)
        report(len(finished), len(sweep.shards), max(len(finished) - earlier, 0))
    found = {
        "experiment": experiment.name,
        "parameters": sweep.parameters,
        "seed": seed,
        "rows": rows(sweep, finished),
    }
    return found | _written(experiment, found, out, workers, start)


def _written(
    experiment: Experiment, found: dict[str, Any], out: Path, workers: Workers, start: float
) -> dict[str, Any]:
    table, beside = out / f"{experiment.name}.csv", out / f"{experiment.name}.json"
    try:
        write_whole(table, _csv(found["rows"]))
        figures = experiment.draw(found["rows"], out) if figures_can_be_drawn() else []
        rest = {
            "seconds": round(time.monotonic() - start, 3),
            "workers": workers.cluster or workers.count,
            "files": [str(file) for file in (table, beside, *figures)],
            "versions": versions(),
        }
        write_whole(beside, json.dumps(found | rest, indent=1, ensure_ascii=False) + "\n")
    except OSError as problem:
        raise ShardError(cannot_write(out, problem)) from None
    return rest


def figures_can_be_drawn() -> bool:
    """Whether matplotlib, of the extra [figures], is installed."""
    return importlib.util.find_spec("matplotlib") is not None


def _csv(found: Rows) -> str:
    text = io.StringIO()
    # Cells of one sweep may have different parameters.
    columns = list(dict.fromkeys(key for row in found for key in row))
    table = csv.DictWriter(text, columns, lineterminator="\n")
    table.writeheader()
    table.writerows(found)
    return text.getvalue()
