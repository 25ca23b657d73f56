"""Learning to latch: the gradient, the noise, the precision and the shards of the experiment."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr

from experiments import latching
from experiments.latching import Training, latch, succeeded
from experiments.latching_figures import PAPER_2B
from experiments.latching_sweep import UNIT_STEPS, Latching, compute, sweep
from experiments.noise import LARGEST, gaussian
from experiments.sweep import rows, run
from experiments.workers import Workers
from models.rnn import RNN
from properties.checking.statistics import DKWM, ClopperPearson, distance_from_uniform

DOUBLE = Training(precision="double")


def started(T: int, runs: int = 3, **settings: Any) -> Any:
    training = Training(**{"precision": "double", "initial": 0.5} | settings)
    w0, deviation = np.linspace(0.5, 2.0, runs), np.linspace(0.1, 0.6, runs)
    return latching._Runs(w0, deviation, T, training, np.random.SFC64(7))


@pytest.mark.parametrize("T", [1, 3, 4, 12])
def test_an_update_goes_along_the_gradient(T: int) -> None:
    runs = started(T, learning_rate=1.0)
    runs._draw()
    inputs, w, h = np.concatenate([runs.h, runs.noise]), runs.w.copy(), runs.h.copy()
    runs._forward()
    runs._step()
    for r in range(len(w)):
        model = RNN(np.array([[w[r]]]), np.eye(1), np.zeros(1), order="activation_first")
        trajectory = model.run(np.zeros((2, 1)), inputs[:, :, r, None])
        outputs = np.tanh(trajectory.states[-1])
        errors = (outputs - np.array([[0.8], [-0.8]])) * (1 - outputs**2)
        gradients = trajectory.backward(errors)
        np.testing.assert_allclose(runs.x[T][:, r, None], outputs, rtol=1e-13)
        by_w = gradients.parameters["W"].sum()
        np.testing.assert_allclose(w[r] - runs.w[r], by_w, rtol=1e-10, atol=1e-14)
        learnt = len(h)
        by_h = gradients.inputs[:learnt, :, 0]
        np.testing.assert_allclose(h[..., r] - runs.h[..., r], by_h, rtol=1e-10, atol=1e-14)


def test_a_fixed_weight_stays() -> None:
    runs = started(8, weight="fixed", updates=20)
    before, start = runs.w.copy(), runs.h.copy()
    runs.train()
    assert (runs.w == before).all()
    assert (runs.h != start).all()


def test_noise_is_drawn_once_or_for_every_update() -> None:
    for noise, tested, draws in (
        ("fixed", "training", 1),
        ("fixed", "new", 2),
        ("redrawn", "training", 6),
    ):
        runs, count = started(8, noise=noise, tested=tested, updates=5), []
        draw = runs._draw

        def counted(draw: Any = draw, count: Any = count) -> None:
            count.append(1)
            draw()

        runs._draw = counted
        runs.train()
        assert len(count) == draws


def test_the_noise_is_gaussian() -> None:
    noise = np.empty((2, 100_000), np.float32)
    gaussian(np.random.SFC64(1), noise)
    assert np.abs(noise).max() < LARGEST
    test = DKWM(false_alarm=1e-9)
    for sample in (noise.ravel(), noise[0] * np.sqrt(0.5) + noise[1] * np.sqrt(0.5)):
        assert distance_from_uniform(ndtr(sample.astype(float))) < test.half_width(sample.size)
    # And the test would see a deviation that is 2 % too large.
    wrong = distance_from_uniform(ndtr(1.02 * noise.ravel().astype(float)))
    assert wrong > DKWM(false_alarm=0.01).half_width(noise.size)


def test_criteria() -> None:
    outputs = np.array([[0.9, 0.5, 0.1, -0.8, 0.8], [-0.7, -0.9, -0.1, 0.8, 0.9]])
    assert succeeded(outputs, "sign", 0.2).tolist() == [True, True, True, False, False]
    assert succeeded(outputs, "strict", 0.2).tolist() == [True, False, False, False, False]


@pytest.mark.parametrize("noise", ["fixed", "redrawn"])
def test_single_precision_learns_as_often_as_double(noise: Any) -> None:
    """The same starts and noise: few runs come out differently, and those as often either way."""
    n = 400
    w0, deviation = np.full(n, 1.25), np.full(n, 0.2)
    single, double = (
        succeeded(latch(w0, deviation, 20, Training(noise=noise, precision=p), 3), "strict", 0.2)
        for p in ("single", "double")
    )
    # Under 3 % of all runs, with certainty 1 − 1e-9: far inside the widths of any interval here.
    few = ClopperPearson(0.0, 0.01, false_alarm=1e-9)
    assert few.interval(int((single ^ double).sum()), n)[0] <= few.most
    assert 0.3 < double.mean() < 0.9


def test_memory_is_flat_in_the_number_of_runs() -> None:
    """More runs are more shards, and a shard holds as many at most."""
    few, many = (sweep(Latching(runs=runs), 0) for runs in (1000, 8000))
    assert len(many.shards) > 6 * len(few.shards)
    for shard in (*few.shards, *many.shards):
        steps = shard.T * shard.training.updates * sum(lot[-1] for lot in shard.lots)
        assert steps <= UNIT_STEPS + shard.T * shard.training.updates
    tracemalloc.start()
    peaks = []
    for count in (latching.TOGETHER, 3 * latching.TOGETHER):
        tracemalloc.reset_peak()
        latch(np.full(count, 1.25), np.full(count, 0.2), 20, Training(updates=2), 0)
        peaks.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


SMALL = Latching(runs=7, updates=3, weights=(1.0, 2.0), noises=(0.0, 0.5), lengths=(5, 20))


def test_every_cell_has_its_runs_however_they_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    for steps in (1, 700, 10**9):
        monkeypatch.setattr("experiments.latching_sweep.UNIT_STEPS", steps)
        cut = sweep(SMALL, 0)
        found = rows(cut, list(run(cut, Workers(1), None)))
        assert {row["runs"] for row in found} == {7}
        assert len(found) == 2 * 2 * (4 + 2)


def test_the_two_readings_differ_in_the_deviation() -> None:
    lots = {lot for shard in sweep(SMALL, 0).shards for lot in shard.lots}
    cells = sweep(SMALL, 0).cells
    for first, w0, deviation, _ in lots:
        cell = cells[first]
        root = 0.5 if cell["reading"] == "variance" else 1
        assert (cell["w0"], cell["s"] ** root) == (w0, deviation)
        assert cells[first + 1] == {**cell, "criterion": "strict"}


def test_a_shard_counts_what_its_runs_do() -> None:
    shard = sweep(SMALL, 0).shards[0]
    seed = np.random.SeedSequence(5)
    counts = compute(shard, seed)
    runs = [lot[-1] for lot in shard.lots]
    outputs = latch(
        np.repeat([lot[1] for lot in shard.lots], runs),
        np.repeat([lot[2] for lot in shard.lots], runs),
        shard.T,
        shard.training,
        np.random.SeedSequence(5),
    )
    learnt = succeeded(outputs, "sign", 0.2)
    assert [count for *_, count in counts[: len(runs)]] == [
        int(part.sum()) for part in np.split(learnt, np.cumsum(runs)[:-1])
    ]


def test_the_paper_falls_with_length() -> None:
    rates = list(PAPER_2B.values())
    assert rates == sorted(rates, reverse=True)
    assert PAPER_2B[20] == 0.8
