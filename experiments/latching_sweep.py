"""Figures 2(a) and 2(b) of Bengio, Simard & Frasconi 1994 as a sweep over cells.

The caption calls the noise's size s a variance; the text speaks of a deviation. Each cell is
therefore computed for both readings, and judged by both criteria.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from itertools import product
from typing import Any

import numpy as np

from experiments.experiment import require_at_least
from experiments.latching import TOGETHER, Training, latch, succeeded
from experiments.sweep import Counts, Sweep

READINGS = ("deviation", "variance")
CRITERIA = ("sign", "strict")

UNIT_STEPS = 1000 * 20 * 2 * TOGETHER
"""Runs × updates × T of a shard, where there are as many: about a second's work."""

FIGURE_A = {"T": 20}
FIGURE_B = {"w0": 1.25, "s": 0.2}
"""What the paper holds in each figure."""


@dataclass(frozen=True)
class Latching(Training):
    """The parameters of the two figures; those of Training, and:

    runs       of each cell (the paper has 18)
    tolerance  of the strict criterion, |x_T − d|
    weights    w0 of the cells of figure 2(a)
    noises     s of the cells of figure 2(a)
    lengths    T of the bars of figure 2(b)
    """

    runs: int = 1000
    tolerance: float = 0.2
    weights: tuple[float, ...] = tuple(0.5 + 0.25 * k for k in range(9))
    noises: tuple[float, ...] = tuple(k / 10 for k in range(11))
    lengths: tuple[int, ...] = (5, 10, 13, 15, 20, 25, 30, 35, 41, 50, 60)

    def __post_init__(self) -> None:
        require_at_least(1, steps=self.steps, updates=self.updates, runs=self.runs)
        require_at_least(1, lengths=self.lengths)
        require_at_least(0, noises=self.noises, weights=self.weights, initial=self.initial)
        require_at_least(0, learning_rate=self.learning_rate, tolerance=self.tolerance)

    def training(self) -> Training:
        return Training(**{each.name: getattr(self, each.name) for each in fields(Training)})


@dataclass(frozen=True)
class Shard:
    """Runs of one length; each lot has its first cell's index, w0, the deviation, and runs."""

    T: int
    training: Training
    tolerance: float
    lots: tuple[tuple[int, float, float, int], ...]


def sweep(parameters: Latching, seed: int) -> Sweep:
    """All cells of both figures, in the order of the figures."""
    places = [
        *(
            {"figure": "2a", **FIGURE_A, "w0": w0, "s": s}
            for s, w0 in product(parameters.noises, parameters.weights)
        ),
        *({"figure": "2b", **FIGURE_B, "T": T} for T in parameters.lengths),
    ]
    runs = [
        {"figure": place["figure"], "reading": reading}
        | {key: place[key] for key in ("T", "w0", "s")}
        for reading, place in product(READINGS, places)
    ]
    return Sweep(
        experiment="latching",
        parameters=asdict(parameters),
        seed=seed,
        cells=[{**cell, "criterion": criterion} for cell in runs for criterion in CRITERIA],
        compute=compute,
        shards=_shards(parameters, runs),
    )


def _shards(parameters: Latching, cells: list[dict[str, Any]]) -> list[Shard]:
    """The runs of each length, in lots that are worth a shard; their number keeps memory flat."""
    shards = []
    for T in sorted({cell["T"] for cell in cells}):
        room = -(-UNIT_STEPS // (T * parameters.updates))
        lots: list[tuple[int, float, float, int]] = []
        left = room
        for index, cell in enumerate(cells):
            todo = parameters.runs if cell["T"] == T else 0
            deviation = cell["s"] if cell["reading"] == "deviation" else cell["s"] ** 0.5
            while todo:
                some = min(todo, left)
                lots.append((len(CRITERIA) * index, cell["w0"], deviation, some))
                todo, left = todo - some, left - some
                if left == 0:
                    shards.append(_shard(T, parameters, lots))
                    lots, left = [], room
        if lots:
            shards.append(_shard(T, parameters, lots))
    return shards


def _shard(T: int, parameters: Latching, lots: list[Any]) -> Shard:
    return Shard(T, parameters.training(), parameters.tolerance, tuple(lots))


def compute(shard: Shard, seed: np.random.SeedSequence) -> Counts:
    """How many runs of each lot have learnt to latch, by either criterion."""
    counts = [runs for *_, runs in shard.lots]
    w0 = np.repeat([w0 for _, w0, _, _ in shard.lots], counts)
    deviation = np.repeat([deviation for _, _, deviation, _ in shard.lots], counts)
    outputs = latch(w0, deviation, shard.T, shard.training, seed)
    starts = np.cumsum([0, *counts[:-1]])
    found: Counts = []
    for offset, criterion in enumerate(CRITERIA):
        learnt = succeeded(outputs, criterion, shard.tolerance)
        successes = np.add.reduceat(learnt, starts, dtype=int)
        found += [
            (first + offset, runs, int(each))
            for (first, _, _, runs), each in zip(shard.lots, successes, strict=True)
        ]
    return found
