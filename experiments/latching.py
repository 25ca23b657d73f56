"""Learning to latch one bit with one unit: the minimal task of Bengio, Simard & Frasconi 1994.

A unit a_t = w·tanh(a_{t−1}) + h_t, a_0 = 0, has to keep for T steps which of two classes it is
shown. The inputs h_1 … h_L of either class are learnt together with w; those that follow are
Gaussian noise. The cost is C = ½ Σ (x_T − d)² over the two classes, x_t being tanh(a_t), with the
targets d = ±0.8. Many runs are trained at once, each with a start and noise of its own.

Source: section III of the paper, and figure 2. Whatever it leaves open is a field of `Training`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from experiments.noise import gaussian

TARGETS = (0.8, -0.8)

TOGETHER = 2048
"""Runs trained at once: the arrays of T = 20 then stay in a second-level cache."""


@dataclass(frozen=True)
class Training:
    """What the paper does not give.

    The defaults come nearest to the paper's figure 2(b) of 36 combinations that were tried: of the
    noise fixed, fixed and tested anew, or redrawn, `initial` of 0.1, 0.5 and 1, and rates of 0.05,
    0.1, 0.3 and 1. Fixed noise, however large, is in part learnt: success then falls too slowly.

    steps          L, the number of learnt inputs of each class (the paper's value for fig. 2a)
    learning_rate  of plain gradient descent on C
    updates        of w and h
    initial        h_1 … h_L start uniform in [−initial, initial]
    weight         "trained" from w0 on, or "fixed" at it
    noise          "fixed" for the whole of a run, or "redrawn" for every update
    tested         on the "training" noise or on "new" noise (redrawn noise is always new)
    precision      of the arithmetic, "single" or "double"
    """

    steps: int = 3
    learning_rate: float = 0.3
    updates: int = 1000
    initial: float = 0.1
    weight: Literal["trained", "fixed"] = "trained"
    noise: Literal["fixed", "redrawn"] = "redrawn"
    tested: Literal["training", "new"] = "training"
    precision: Literal["single", "double"] = "single"


def latch(w0: Any, deviation: Any, T: int, training: Training, seed: Any) -> np.ndarray:
    """The outputs x_T (2, R) after training, of the class of target 0.8 and of that of −0.8.

    w0 (R,), deviation (R,): the first weight and the standard deviation of the noise of each run.
    seed: a numpy SeedSequence, or what makes one.
    """
    seeds = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    bits = np.random.SFC64(seeds)
    outputs = np.empty((2, len(w0)))
    for first in range(0, len(w0), TOGETHER):
        some = slice(first, first + TOGETHER)
        first_weights, deviations = np.asarray(w0)[some], np.asarray(deviation)[some]
        outputs[:, some] = _Runs(first_weights, deviations, T, training, bits).train()
    return outputs


def succeeded(outputs: Any, criterion: str, tolerance: float) -> Any:
    """Which runs (R,) have learnt both classes, by their outputs (2, R).

    "sign": both outputs have the sign of their target; an untrained run has it by chance 1/4.
    "strict": both lie within the tolerance of their target.
    """
    if criterion == "sign":
        return (outputs[0] > 0) & (outputs[1] < 0)
    errors = np.abs(outputs - np.array(TARGETS)[:, None])
    return (errors <= tolerance).all(axis=0)


class _Runs:
    """R runs side by side; the arrays are (T, 2, R): time, class, run."""

    def __init__(self, w0: Any, deviation: Any, T: int, training: Training, bits: Any) -> None:
        kind = np.float32 if training.precision == "single" else np.float64
        runs = len(w0)
        self.training, self.bits, self.T = training, bits, T
        self.learnt = min(training.steps, T)
        self.w: Any = w0.astype(kind)
        self.deviation = deviation.astype(kind)
        self.targets = np.array(TARGETS, kind)[:, None]
        # In single precision, so that both precisions train from the same start on the same noise.
        start = np.random.Generator(bits).random((self.learnt, 2, runs), np.float32)
        self.h: Any = ((2 * start - 1) * np.float32(training.initial)).astype(kind)
        self.drawn = np.empty((T - self.learnt, 2, runs), np.float32)
        self.noise = np.zeros((T - self.learnt, 2, runs), kind)
        self.x = np.zeros((T + 1, 2, runs), kind)
        self.slopes, self.gradients = np.empty((2, T, 2, runs), kind)
        # Views of each step, made once: making them costs a tenth of the time.
        self.fed = [*self.h, *self.noise]
        self.reached = list(self.x)
        self.backwards = list(
            zip(self.gradients[:0:-1], self.slopes[-2::-1], self.gradients[-2::-1], strict=True)
        )

    def train(self) -> Any:
        """The outputs (2, R) when all updates are made."""
        training = self.training
        self._draw()
        for update in range(training.updates):
            if update and training.noise == "redrawn":
                self._draw()
            self._forward()
            self._step()
        if training.noise == "redrawn" or training.tested == "new":
            self._draw()
        self._forward()
        return self.x[self.T]

    def _draw(self) -> None:
        if self.drawn.size:
            gaussian(self.bits, self.drawn)
            np.multiply(self.drawn, self.deviation, out=self.noise)

    def _forward(self) -> None:
        w, before = self.w, self.reached[0]
        for fed, reached in zip(self.fed, self.reached[1:], strict=True):
            np.multiply(before, w, reached)
            np.add(reached, fed, reached)
            np.tanh(reached, reached)
            before = reached

    def _step(self) -> None:
        """One update by ∂C/∂a_T = (x_T − d)·x_T', ∂C/∂a_t = ∂C/∂a_{t+1}·w·x_t'."""
        x, slopes, gradients, T = self.x, self.slopes, self.gradients, self.T
        np.multiply(x[1:], x[1:], out=slopes)
        np.subtract(1, slopes, out=slopes)
        np.subtract(x[T], self.targets, out=gradients[-1])
        np.multiply(gradients[-1], slopes[-1], out=gradients[-1])
        np.multiply(slopes[:-1], self.w, out=slopes[:-1])
        for after, slope, before in self.backwards:
            np.multiply(after, slope, before)
        if self.training.weight == "trained":
            # ∂C/∂w = Σ_t ∂C/∂a_t·x_{t−1}
            by_w = np.einsum("tcr,tcr->r", gradients[1:], x[1:T])
            self.w -= self.training.learning_rate * by_w
        self.h -= self.training.learning_rate * gradients[: self.learnt]
