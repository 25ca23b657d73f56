"""Runs of learning, drawn by a seed; what the papers leave open is in the case."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

import numpy as np
from flint import fmpq
from hypothesis import strategies as st

from experiments.latching import Training, latch, succeeded
from experiments.tasks import TASKS
from experiments.training import METHODS, Descent, Method, errors_after_training
from properties.checking import Case, rational
from properties.checking.statistics import Tally

RUNS = 400
"""Of each length; the claims of a chance are judged by as many independent runs."""

TOLERANCE = 0.2
"""A run has learnt when both outputs are this near to their targets ±0.8."""

W0, S = rational("5/4"), rational("1/5")
"""The first weight and the noise of the paper's figure 2(b)."""

HALF, ONE = rational("1/2"), rational("1")

Noise = Literal["fixed", "redrawn"]
Reading = Literal["deviation", "variance"]


@dataclass(frozen=True, repr=False)
class LatchingRuns(Case):
    """Runs of gradient descent on the latching task, at one setting of what the paper leaves open.

    noise: "fixed" for a run or "redrawn" for each update; s: its size, read as a deviation or as a
    variance; learning_rate: of 1000 updates of w, from w0 on, and of h_1, h_2, h_3.
    """

    noise: Noise
    learning_rate: fmpq
    seed: int
    w0: fmpq = W0
    s: fmpq = S
    reading: Reading = "deviation"

    def counted(self, T: int) -> Tally:
        """How many runs learn to latch for T steps, and of how many."""
        which = self.which(T)
        return Tally(int(which.sum()), which.size)

    def first_alone(self, T: int, other: LatchingRuns, other_T: int) -> Tally:
        """Of the pairs of a run here and one there of which just one learns: where this one does.

        Its chance is at least 1/2 exactly if runs here learn at least as often as those there.
        """
        mine, others = self.which(T), other.which(other_T)
        return Tally(int((mine & ~others).sum()), int((mine ^ others).sum()))

    def read_as_variance(self) -> LatchingRuns:
        """The same with s as the noise's variance."""
        return replace(self, reading="variance")

    def which(self, T: int) -> np.ndarray:
        """For each of RUNS runs whether it learns."""
        s = float(self.s)
        deviation = s if self.reading == "deviation" else s**0.5
        setting = (self.noise, float(self.learning_rate), float(self.w0), deviation)
        return _which(*setting, T, self.seed)


@cache
def _which(
    noise: Any, learning_rate: float, w0: float, deviation: float, T: int, seed: int
) -> np.ndarray:
    training = Training(noise=noise, learning_rate=learning_rate)
    w, deviations = np.full(RUNS, w0), np.full(RUNS, deviation)
    # The words of a seed: runs of other settings and lengths are independent of these.
    words = [seed, T, noise == "fixed", round(1000 * deviation), round(1000 * w0)]
    outputs = latch(w, deviations, T, training, [*words, round(1000 * learning_rate)])
    return succeeded(outputs, "strict", TOLERANCE)


seeds = st.integers(0, 2**32 - 1)
rates = st.sampled_from((rational("1/10"), rational("3/10")))


def latching_runs(
    *,
    noises: tuple[Noise, ...] = ("redrawn", "fixed"),
    learning_rates: st.SearchStrategy[fmpq] = rates,
    seed: st.SearchStrategy[int] = seeds,
    **held: Any,
) -> st.SearchStrategy[LatchingRuns]:
    """Runs of every setting, with the values that are held given by name."""
    values = {name: st.just(value) for name, value in held.items()}
    return st.builds(LatchingRuns, st.sampled_from(noises), learning_rates, seed, **values)


@dataclass(frozen=True, repr=False)
class Descents(Case):
    """Plain and clipped descent on the temporal-order task, 72 networks of 10 units by each.

    400 updates of 8 sequences of T steps, at a learning rate; clipped to a norm of `threshold`.
    """

    T: int
    learning_rate: fmpq
    threshold: fmpq
    seed: int

    def which(self, method: Method) -> np.ndarray:
        """For each network whether it learns: at most 1 in 20 new sequences told wrongly."""
        descent = Descent(
            method=method,
            units=10,
            learning_rate=float(self.learning_rate),
            threshold=float(self.threshold),
            gain=1.2,
            updates=400,
            batch=8,
        )
        return _trained(self.T, descent, self.seed)

    def counted(self, method: Method) -> Tally:
        """How many networks learn, and of how many."""
        which = self.which(method)
        return Tally(int(which.sum()), which.size)

    def clipped_alone(self) -> Tally:
        """Of the pairs of a clipped and a plain one of which just one learns: where that one is."""
        clipped, plain = self.which("clipped"), self.which("plain")
        return Tally(int((clipped & ~plain).sum()), int((clipped ^ plain).sum()))


NETWORKS = 72


@cache
def _trained(T: int, descent: Descent, seed: int) -> np.ndarray:
    words = [seed, T, METHODS.index(descent.method)]
    seeds = np.random.SeedSequence(words)
    wrong = errors_after_training(TASKS["temporal_order"], T, NETWORKS, descent, seeds)
    return wrong <= 0.05


def descents(
    *,
    T: tuple[int, ...] = (10, 12),
    learning_rate: fmpq = HALF,
    threshold: fmpq = ONE,
    seed: st.SearchStrategy[int] = seeds,
) -> st.SearchStrategy[Descents]:
    """Plain and clipped descent at one rate and one threshold."""
    held = (st.just(learning_rate), st.just(threshold))
    return st.builds(Descents, st.sampled_from(T), *held, seed)
