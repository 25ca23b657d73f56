"""How often networks learn each task, by the length of its sequences and the way of descent."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from itertools import product
from typing import Any

import numpy as np

from experiments.experiment import require_at_least
from experiments.sweep import Counts, Sweep
from experiments.tasks import TASKS
from experiments.training import METHODS, Descent, Setting, errors_after_training

TOGETHER = 20
"""Runs trained at once, a shard."""


@dataclass(frozen=True)
class TaskSweep(Setting):
    """The parameters of the sweep; those of Setting, and:

    tasks, methods, learning_rates, lengths  of the cells, all of them combined
    runs       of each cell
    tolerance  the share of wrong answers up to which a run has learnt its task
    """

    tasks: tuple[str, ...] = tuple(TASKS)
    methods: tuple[str, ...] = METHODS
    learning_rates: tuple[float, ...] = (0.05, 0.2)
    lengths: tuple[int, ...] = (10, 15, 20, 30, 40)
    runs: int = 40
    tolerance: float = 0.05

    def __post_init__(self) -> None:
        for name, known in (("tasks", TASKS), ("methods", METHODS)):
            unknown = sorted(set(getattr(self, name)) - set(known))
            if unknown:
                raise ValueError(f"{name}: there is no {unknown[0]!r}; it takes {', '.join(known)}")
        shortest = max(TASKS[name].shortest for name in self.tasks)
        require_at_least(shortest, lengths=self.lengths)
        require_at_least(1, runs=self.runs, units=self.units, updates=self.updates)
        require_at_least(1, batch=self.batch)
        require_at_least(0, learning_rates=self.learning_rates, tolerance=self.tolerance)
        require_at_least(0, gain=self.gain, threshold=self.threshold, strength=self.strength)

    def descent(self, method: Any, learning_rate: float) -> Descent:
        """How the networks of a cell are trained."""
        shared = {each.name: getattr(self, each.name) for each in fields(Setting)}
        return Descent(**shared, method=method, learning_rate=learning_rate)


@dataclass(frozen=True)
class Shard:
    """Some runs of one cell."""

    cell: int
    task: str
    T: int
    descent: Descent
    runs: int
    tolerance: float


def sweep(parameters: TaskSweep, seed: int) -> Sweep:
    """Each task by each method at each learning rate and length."""
    axes = ("tasks", "methods", "learning_rates", "lengths")
    keys = ("task", "method", "learning_rate", "T")
    combined = product(*(getattr(parameters, axis) for axis in axes))
    cells: list[dict[str, Any]] = [dict(zip(keys, values, strict=True)) for values in combined]
    shards = [
        Shard(
            cell=index,
            task=cell["task"],
            T=cell["T"],
            descent=parameters.descent(cell["method"], cell["learning_rate"]),
            runs=min(TOGETHER, parameters.runs - first),
            tolerance=parameters.tolerance,
        )
        for index, cell in enumerate(cells)
        for first in range(0, parameters.runs, TOGETHER)
    ]
    return Sweep("tasks", asdict(parameters), seed, cells, compute, shards)


def compute(shard: Shard, seed: np.random.SeedSequence) -> Counts:
    """How many of the runs have learnt the task."""
    task = TASKS[shard.task]
    wrong = errors_after_training(task, shard.T, shard.runs, shard.descent, seed)
    return [(shard.cell, shard.runs, int(np.sum(wrong <= shard.tolerance)))]
