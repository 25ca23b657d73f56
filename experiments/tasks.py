"""The tasks that measure long-term dependencies: sequences whose class is told at the end.

Each generator draws B sequences of at most T steps and their classes. Where sequences of one batch
have different lengths, the shorter ones come after zeros, so that all of them end together.

Sources: Bengio, Simard & Frasconi, IEEE Trans. Neural Networks 5 (1994), section IV (latch,
two-sequence, parity); Hochreiter & Schmidhuber, Neural Computation 9 (1997), and Pascanu, Mikolov &
Bengio, ICML 2013 (temporal order).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Random = np.random.Generator


@dataclass(frozen=True)
class Task:
    """A classification of sequences.

    inputs, classes   the numbers of inputs a step and of classes
    shortest          the least T
    draw              (T, B, random) -> x (T, B, inputs) in float32 and classes (B,)
    """

    name: str
    inputs: int
    classes: int
    shortest: int
    draw: Callable[[int, int, Random], tuple[Any, Any]]


SIGNAL = 3
"""Steps at the beginning that show the class, in latch and two-sequence."""

NOISE = 0.2
"""The deviation of the noise around and after them."""


def latch(T: int, batch: int, random: Random) -> tuple[Any, Any]:
    """The first input is 1 or −1, the class; noise of deviation 0.2 on all of them."""
    classes = random.integers(0, 2, batch)
    x = NOISE * random.standard_normal((T, batch, 1), np.float32)
    x[0, :, 0] += 2 * classes - 1
    return x, classes


PATTERNS = np.array([[0.7, -0.5, 0.9], [-0.3, 0.8, -0.6]], np.float32)
"""Of the two classes of two-sequence; the paper draws its own and does not print them."""


def two_sequence(T: int, batch: int, random: Random) -> tuple[Any, Any]:
    """The first three inputs are one of two patterns and a little noise; then comes noise alone."""
    classes = random.integers(0, 2, batch)
    x = NOISE * random.standard_normal((T, batch, 1), np.float32)
    x[:SIGNAL, :, 0] += PATTERNS[classes].T
    return x, classes


def parity(T: int, batch: int, random: Random) -> tuple[Any, Any]:
    """±1 at each of T/2 to T steps; the class is whether the number of ones is odd."""
    lengths = random.integers((T + 1) // 2, T + 1, batch)
    ones = random.integers(0, 2, (T, batch))
    shown = np.arange(T)[:, None] >= T - lengths
    x = np.where(shown, 2 * ones - 1, 0).astype(np.float32)
    return x[:, :, None], (ones * shown).sum(axis=0) % 2


DISTRACTORS = 4


def temporal_order(T: int, batch: int, random: Random) -> tuple[Any, Any]:
    """Two of the T symbols are A or B, one in the second tenth and one in the fifth.

    The others are drawn from four distractors; a symbol is one of six inputs that is 1. The
    classes are AA, AB, BA and BB, by their order.
    """
    symbols = random.integers(2, 2 + DISTRACTORS, (T, batch))
    order = random.integers(0, 2, (2, batch))
    sequences = np.arange(batch)
    for which, (begin, end) in zip(order, ((1, 2), (4, 5)), strict=True):
        places = random.integers(T * begin // 10, max(T * end // 10, T * begin // 10 + 1), batch)
        symbols[places, sequences] = which
    x = np.eye(2 + DISTRACTORS, dtype=np.float32)[symbols]
    return x, 2 * order[0] + order[1]


TASKS = {
    each.name: each
    for each in (
        Task("latch", 1, 2, 1, latch),
        Task("two_sequence", 1, 2, SIGNAL, two_sequence),
        Task("parity", 1, 2, 2, parity),
        Task("temporal_order", 2 + DISTRACTORS, 4, 10, temporal_order),
    )
}
