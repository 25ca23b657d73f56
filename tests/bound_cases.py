"""Runs of every model on every class of matrices, and how their errors compare with the bounds."""

from collections import defaultdict
from functools import cache

import numpy as np
from flint import ctx

from models import linear
from models.activations import ACTIVATIONS
from models.feedforward import FeedForward
from models.gru import GRU
from models.lstm import LSTM
from models.neuron import Neuron
from models.rnn import RNN
from properties.checking import bounds
from properties.checking.ball_models import linear_run
from properties.checking.balls import enclosure_error, exact, resolving
from properties.checking.references import reference

ORDERS = ("activation_last", "activation_first")


def _orthogonal(rng, n):
    return np.linalg.qr(rng.normal(size=(n, n)))[0]


def _symmetric(rng, n):
    entries = rng.normal(size=(n, n)) / np.sqrt(2 * n)
    return (entries + entries.T) / np.sqrt(2)


def _gaussian(gain):
    return lambda rng, n: gain * rng.normal(size=(n, n)) / np.sqrt(n)


def _non_normal(rng, n):
    return np.triu(2 * rng.normal(size=(n, n)), 1) + np.diag(rng.uniform(-0.9, 0.9, n))


CLASSES = {
    "orthogonal": _orthogonal,
    "symmetric": _symmetric,
    "Gaussian, gain 0.7": _gaussian(0.7),
    "Gaussian, gain 1.1": _gaussian(1.1),
    "non-normal": _non_normal,
}


def ratio(actual, balls_of, bound, bits=256):
    """The largest error ÷ bound of an array: 0 where it is exact, infinite for a bound of 0."""
    balls = resolving(balls_of, bound, bits)
    error, _ = enclosure_error(actual, balls)
    judged = (error > 0) & np.isfinite(bound)
    with np.errstate(divide="ignore"):
        ratios = np.divide(error, bound, out=np.zeros_like(error), where=judged)
    return float(ratios.max(initial=0.0))


def _log_uniform(rng, largest):
    return int(np.exp(rng.uniform(0, np.log(largest + 1))))


def _bits(size, steps):
    # Balls of an orthogonal W widen by √N a step at most, its |W|'s norm; half as much is typical.
    return 256 + int(steps * np.log2(size + 1))


def trajectory_of(model, rng, steps, batch=1):
    """A run from a normal initial state along normal inputs."""
    if isinstance(model, Neuron):
        return model.run(rng.normal(size=batch), rng.normal(size=(steps, batch)))
    n = model.W.shape[-1]
    if isinstance(model, FeedForward):
        return model.run(rng.normal(size=(batch, n)))
    width = 2 * n if isinstance(model, LSTM) else n
    x = rng.normal(size=(steps, batch, model.U.shape[-1]))
    return model.run(rng.normal(size=(batch, width)), x)


def _drives(rng, rows, inputs=2):
    return 0.3 * rng.normal(size=(rows, inputs)), 0.1 * rng.normal(size=rows)


def _convention(rng, *choices):
    return [str(rng.choice(each)) for each in choices]


def rnn(rng, matrices, n, _steps=None):
    convention = _convention(rng, list(ACTIVATIONS), ORDERS)
    return RNN(matrices(rng, n), *_drives(rng, n), *convention)


def lstm(rng, matrices, n, _steps=None):
    return LSTM(np.vstack([matrices(rng, n) for _ in range(4)]), *_drives(rng, 4 * n))


def gru(rng, matrices, n, _steps=None):
    W = np.vstack([matrices(rng, n) for _ in range(3)])
    convention = _convention(rng, ("keep", "write"), ("after", "before"))
    return GRU(W, *_drives(rng, 3 * n), 0.1 * rng.normal(size=n), *convention)


def feed_forward(rng, matrices, n, steps):
    W, b = np.stack([matrices(rng, n) for _ in range(steps)]), 0.1 * rng.normal(size=(steps, n))
    return FeedForward(W, b, *_convention(rng, list(ACTIVATIONS), ORDERS))


def neuron(rng, matrices, _n, _steps=None):
    return Neuron(matrices(rng, 1)[0, 0])


MODELS = {
    "RNN": rnn,
    "LSTM": lstm,
    "GRU": gru,
    "feed-forward": feed_forward,
    "neuron": neuron,
}


def linear_ratio(rng, matrices, n, steps):
    """The linear run's ratio, and whether all its steps are resolvable."""
    W, h0 = matrices(rng, n), rng.normal(size=(1, n))
    states = linear.run(W, h0, steps)
    bound = bounds.linear_run(W, states)
    found = ratio(
        states[:, 0], lambda: linear_run(W, h0[0], steps), bound.values[:, 0], _bits(n, steps)
    )
    return found, bound.resolvable.all()


def run_ratios(trajectory, rng):
    """The ratio of each computation along a run of one sequence, and whether it is resolvable."""
    steps, _, width = len(trajectory.inputs), *trajectory.states.shape[1:]
    run, bits = bounds.RunBounds(trajectory), _bits(width, steps)
    at = cache(lambda _: reference(trajectory))

    def compare(actual, balls_of, bound, picked=...):
        found = ratio(
            actual[picked], lambda: balls_of(at(ctx.prec))[picked], bound.values[picked], bits
        )
        return found, bool(bound.resolvable.all())

    def without_batch(bound):
        return bounds.Bound(bound.values[:, 0], bound.resolvable)

    some = np.unique(rng.integers(steps, size=3))
    s, t = sorted(rng.integers(steps + 1, size=2))
    cotangents = rng.normal(size=(steps + 1, 1, width))
    last = cotangents[-1]
    gradients, gradient_bounds = trajectory.backward(cotangents), run.backward(cotangents)
    terms, term_bounds = trajectory.lag_terms(last), run.lag_terms(last)
    return {
        "states": compare(
            trajectory.states[:, 0], lambda ball: ball.states, without_batch(run.states)
        ),
        "step Jacobians": compare(
            trajectory.step_jacobians()[:, 0],
            lambda ball: ball.step_jacobians(),
            without_batch(run.step_jacobians()),
            some,
        ),
        "Jacobian": max(
            compare(
                trajectory.jacobian(*span)[0],
                lambda ball, span=span: ball.jacobian(*span),
                _first(run.jacobian(*span)),
            )
            for span in ((0, steps), (int(s), int(t)))
        ),
        "gradients": _worst(
            compare(
                gradients.parameters[name],
                lambda ball, name=name: ball.backward(exact(cotangents[:, 0]))[name],
                bound,
            )
            for name, bound in gradient_bounds.parameters.items()
        ),
        "cotangents": compare(
            gradients.states[:, 0],
            lambda ball: ball.backward(exact(cotangents[:, 0]))["states"],
            without_batch(gradient_bounds.states),
        ),
        "input gradients": compare(
            gradients.inputs[:, 0],
            lambda ball: ball.backward(exact(cotangents[:, 0]))["inputs"],
            without_batch(gradient_bounds.inputs),
        ),
        "lag terms": _worst(
            compare(
                terms[name][:, 0],
                lambda ball, name=name: ball.lag_terms(exact(last[0]))[name],
                without_batch(bound),
                some,
            )
            for name, bound in term_bounds.items()
        ),
    }


def _first(bound):
    return bounds.Bound(bound.values[0], bound.resolvable)


def _worst(pairs):
    ratios, resolvable = zip(*pairs, strict=True)
    return max(ratios), all(resolvable)


def survey(matrices, seeds, largest_n, largest_t):
    """By computation: the largest ratio over the seeds, and the share of resolvable cases."""
    found = defaultdict(list)
    for seed in seeds:
        rng = np.random.default_rng(seed)
        n, steps = _log_uniform(rng, largest_n), _log_uniform(rng, largest_t)
        found["linear run"].append(linear_ratio(rng, matrices, n, steps))
        for name, build in MODELS.items():
            trajectory = trajectory_of(build(rng, matrices, n, steps), rng, steps)
            results = run_ratios(trajectory, rng)
            if not trajectory.inputs.size:
                del results["input gradients"]
            for computation, result in results.items():
                found[f"{name} {computation}"].append(result)
    return {
        name: (max(r for r, _ in results), float(np.mean([ok for _, ok in results])))
        for name, results in found.items()
    }
