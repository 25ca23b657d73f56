"""Training many recurrent networks at once, by plain or clipped gradient descent or with a penalty.

Networks a_t = W φ(a_{t−1}) + U x_t + b, a_0 = 0, φ = tanh, whose classes are read off φ(a_T) by a
softmax. All runs have networks, starts and sequences of their own: arrays (T, R, B, N) hold the
time, the run, the sequence of its batch, and the unit.

Source: R. Pascanu, T. Mikolov and Y. Bengio, On the difficulty of training recurrent neural
networks, ICML 2013: algorithm 1 (clipping), eqs. 9 and 10 (the penalty Ω).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from experiments.tasks import Task

Method = Literal["plain", "clipped", "penalty", "clipped_penalty"]
METHODS: tuple[Method, ...] = ("plain", "clipped", "penalty", "clipped_penalty")

Gradients = dict[str, Any]


@dataclass(frozen=True)
class Setting:
    """How long networks of what size are trained, by whatever method.

    units      N
    gain       of the first W: Gaussian of variance gain²/N
    updates    how many
    batch      sequences of an update
    threshold  of clipping: the largest norm of a gradient
    strength   of the penalty Ω beside the cost
    """

    units: int = 12
    gain: float = 1.2
    updates: int = 3000
    batch: int = 10
    threshold: float = 1.0
    strength: float = 0.5


@dataclass(frozen=True)
class Descent(Setting):
    """How networks are trained.

    method         "plain", "clipped", "penalty", or "clipped_penalty" for both
    learning_rate  of gradient descent
    """

    method: Method = "plain"
    learning_rate: float = 0.2


TESTED = 200
"""Sequences on which a trained network is tested."""


def errors_after_training(
    task: Task, T: int, runs: int, descent: Descent, seed: np.random.SeedSequence
) -> np.ndarray:
    """Of each run (R,) the share of new sequences whose class the trained network gets wrong.

    A network whose numbers overflow counts as wrong on all of them.
    """
    random = np.random.Generator(np.random.SFC64(seed))
    networks = Networks(task, runs, descent, random)
    for _ in range(descent.updates):
        networks.update(*_draw(task, T, runs, descent.batch, random))
    x, classes = _draw(task, T, runs, TESTED, random)
    with np.errstate(over="ignore", invalid="ignore"):
        scores = networks.scores(networks.run(x))
    wrong = np.argmax(scores, axis=-1) != classes
    return np.where(np.isfinite(scores).all(axis=(1, 2)), wrong.mean(axis=1), 1.0)


def _draw(task: Task, T: int, runs: int, batch: int, random: Any) -> tuple[Any, Any]:
    """x (T, R, B, D) and classes (R, B)."""
    x, classes = task.draw(T, runs * batch, random)
    return x.reshape(T, runs, batch, -1), classes.reshape(runs, batch)


class Networks:
    """R networks side by side, and one update of all of them."""

    def __init__(self, task: Task, runs: int, descent: Descent, random: Any) -> None:
        n, d, k = descent.units, task.inputs, task.classes

        def normal(*shape: int, gain: float) -> Any:
            return np.float32(gain) * random.standard_normal((runs, *shape), np.float32)

        self.descent = descent
        self.parameters = {
            "W": normal(n, n, gain=descent.gain * n**-0.5),
            "U": normal(n, d, gain=1.0),
            "b": np.zeros((runs, n), np.float32),
            "V": normal(k, n, gain=n**-0.5),
            "c": np.zeros((runs, k), np.float32),
        }

    def run(self, x: Any) -> Any:
        """φ(a_t) for t = 0 … T, (T+1, R, B, N)."""
        W, U, b = (self.parameters[name] for name in "WUb")
        y = np.zeros((len(x) + 1, *x.shape[1:3], W.shape[-1]), np.float32)
        driven = np.matmul(x, _transposed(U)) + b[:, None, :]
        recurrent = np.ascontiguousarray(_transposed(W))
        for t, each in enumerate(driven):
            np.matmul(y[t], recurrent, out=y[t + 1])
            np.tanh(np.add(y[t + 1], each, out=each), out=y[t + 1])
        return y

    def scores(self, y: Any) -> Any:
        """Of each class, before the softmax, (R, B, K)."""
        V, c = self.parameters["V"], self.parameters["c"]
        return np.matmul(y[-1], _transposed(V)) + c[:, None, :]

    def update(self, x: Any, classes: Any) -> None:
        """One step of gradient descent on the mean cost of the batch of each run."""
        descent = self.descent
        with np.errstate(over="ignore", invalid="ignore"):
            found = self.gradients(x, classes)
            if descent.method.startswith("clipped"):
                clip(found, descent.threshold)
            for name, gradient in found.items():
                self.parameters[name] -= np.float32(descent.learning_rate) * gradient

    def gradients(self, x: Any, classes: Any) -> Gradients:
        """Of the batch's mean cross entropy, with strength·Ω where there is a penalty."""
        y = self.run(x)
        scores = self.scores(y)
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        np.put_along_axis(
            shares,
            classes[..., None],
            np.take_along_axis(shares, classes[..., None], axis=-1) - 1,
            axis=-1,
        )
        shares /= np.float32(classes.shape[1])
        slopes = 1 - y[1:] * y[1:]
        e = self._errors(shares, slopes)
        found = {
            "W": _outer(e, y[:-1]),
            "U": _outer(e, x),
            "b": e.sum(axis=(0, 2)),
            "V": np.matmul(_transposed(shares), y[-1]),
            "c": shares.sum(axis=1),
        }
        if self.descent.method.endswith("penalty"):
            found["W"] += np.float32(self.descent.strength) * penalty_gradient(e, slopes)
        return found

    def _errors(self, shares: Any, slopes: Any) -> Any:
        """∂C/∂a_t for t = 1 … T, (T, R, B, N)."""
        W, e = self.parameters["W"], np.empty_like(slopes)
        np.multiply(np.matmul(shares, self.parameters["V"]), slopes[-1], out=e[-1])
        for t in range(len(e) - 1, 0, -1):
            np.matmul(e[t], W, out=e[t - 1])
            np.multiply(e[t - 1], slopes[t - 1], out=e[t - 1])
        return e


def clip(gradients: Gradients, threshold: float) -> None:
    """Scales each run's gradient, all parameters together, to a norm of at most `threshold`."""
    squares = sum(
        (gradient.reshape(len(gradient), -1) ** 2).sum(axis=1) for gradient in gradients.values()
    )
    norms = np.sqrt(squares)
    scale = np.where(norms > threshold, threshold / np.maximum(norms, threshold), 1)
    for gradient in gradients.values():
        by_run = scale.reshape(-1, *[1] * (gradient.ndim - 1)).astype(np.float32)
        np.multiply(gradient, by_run, out=gradient)


def penalty(e: Any) -> Any:
    """Ω of each sequence, (R, B): Σ_t (‖e_t‖/‖e_{t+1}‖ − 1)² over the errors e_t = ∂C/∂a_t.

    With a cost at the last step alone, e_t is e_{t+1}·∂a_{t+1}/∂a_t, as the paper's eq. 9 has it.
    A step behind which the error is zero counts as keeping it.
    """
    norms = np.linalg.norm(e, axis=-1)
    return ((_ratios(norms) - 1) ** 2).sum(axis=0)


def penalty_gradient(e: Any, slopes: Any) -> Any:
    """∂⁺Ω/∂W, the mean over each run's batch, (R, N, N): eq. 10 holds e_{t+1} and a_t.

    With v = (e_{t+1}W)⊙φ'(a_t) = e_t and r = ‖v‖/‖e_{t+1}‖ the term of t is
    2(r − 1)/(‖v‖‖e_{t+1}‖)·e_{t+1}ᵀ(v⊙φ'(a_t)).
    """
    norms = np.linalg.norm(e, axis=-1)
    scale = norms[:-1] * norms[1:]
    weight = np.divide(
        2 * (_ratios(norms) - 1), scale, out=np.zeros_like(scale), where=scale > 0
    ) / np.float32(e.shape[2])
    return _outer(weight[..., None] * e[1:], e[:-1] * slopes[:-1])


def _ratios(norms: Any) -> Any:
    return np.divide(norms[:-1], norms[1:], out=np.ones_like(norms[1:]), where=norms[1:] > 0)


def _transposed(matrices: Any) -> Any:
    return matrices.swapaxes(-1, -2)


def _outer(left: Any, right: Any) -> Any:
    """Σ over time and batch of leftᵀ right, (R, N, D), from (T, R, B, N) and (T, R, B, D)."""
    steps, runs, batch, _ = left.shape
    rows = [each.swapaxes(0, 1).reshape(runs, steps * batch, -1) for each in (left, right)]
    return np.matmul(_transposed(rows[0]), rows[1])
