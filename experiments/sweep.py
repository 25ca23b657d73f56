"""A sweep: independent shards, each with a seed of its own, and what becomes of them.

The seeds are spawned from the sweep's before anything runs, so that neither the number of workers
nor the order in which they finish changes a result. Finished shards are kept in a folder
(`experiments.shards`), from which an interrupted sweep continues.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.proportions import interval
from experiments.shards import ShardFolder
from experiments.versions import versions
from experiments.workers import Workers, WorkersError

Counts = list[tuple[int, int, int]]
"""Of some cells the index, the number of runs and how many of them succeeded."""

Compute = Callable[[Any, np.random.SeedSequence], Counts]


@dataclass(frozen=True)
class Sweep:
    """What to compute; everything in it pickles.

    experiment  its name
    parameters  what all cells share, as data
    cells       of each cell its own parameters
    compute     a function of (one of the shards, its seed), defined in a module
    shards      what `compute` is given, one after the other
    """

    experiment: str
    parameters: Mapping[str, Any]
    seed: int
    cells: Sequence[Mapping[str, Any]]
    compute: Compute
    shards: Sequence[Any]

    def identity(self) -> dict[str, Any]:
        """What two runs have to share for the shards of one to serve the other."""
        return {
            "experiment": self.experiment,
            "parameters": dict(self.parameters),
            "seed": self.seed,
            "shards": len(self.shards),
        }


@dataclass(frozen=True)
class Finished:
    """A shard that is finished, here or in an earlier run."""

    shard: int
    counts: Counts


@dataclass(frozen=True)
class _Task:
    compute: Compute
    shard: int
    argument: Any
    seed: np.random.SeedSequence


def run(sweep: Sweep, workers: Workers, folder: ShardFolder | None) -> Iterator[Finished]:
    """Each shard as soon as it is finished and kept; those kept earlier come first.

    Raises WorkersError, as Workers.run does and when a worker has other versions than this
    process, and ShardError when the folder holds another sweep's shards or cannot be written.
    """
    identity = sweep.identity()
    kept = {} if folder is None else folder.open(identity, len(sweep.cells))
    for shard, counts in kept.items():
        yield Finished(shard, counts)
    # Spawned in one go: a child depends on its place alone.
    seeds = np.random.SeedSequence(sweep.seed).spawn(len(sweep.shards))
    tasks = [
        _Task(sweep.compute, index, argument, seed)
        for index, (argument, seed) in enumerate(zip(sweep.shards, seeds, strict=True))
        if index not in kept
    ]
    own = versions()
    for finished, others in workers.run(_compute, tasks):
        if others != own:
            raise WorkersError(_differing(own, others))
        if folder is not None:
            folder.keep(identity, finished.shard, finished.counts)
        yield finished


def _compute(task: _Task) -> tuple[Finished, dict[str, str]]:
    return Finished(task.shard, task.compute(task.argument, task.seed)), versions()


def _differing(own: Mapping[str, str], others: Mapping[str, str]) -> str:
    found = ", ".join(
        f"{name} {others.get(name)} (here {own.get(name)})"
        for name in sorted({*own, *others})
        if own.get(name) != others.get(name)
    )
    return f"a worker has other versions: {found}; install the same there (constraints.txt)"


def rows(sweep: Sweep, finished: Sequence[Finished]) -> list[dict[str, Any]]:
    """A row for each cell that has runs: its parameters, runs, successes, rate, low and high.

    low, high: the Clopper-Pearson interval of `experiments.proportions.CONFIDENCE`.
    """
    totals = [[0, 0] for _ in sweep.cells]
    for each in finished:
        for index, runs, successes in each.counts:
            totals[index][0] += runs
            totals[index][1] += successes
    found = []
    for cell, (runs, successes) in zip(sweep.cells, totals, strict=True):
        if runs:
            low, high = interval(successes, runs)
            counted = {"runs": runs, "successes": successes, "rate": successes / runs}
            found.append({**cell, **counted, "low": low, "high": high})
    return found
