"""Tasks and training: what each task shows, the gradients, clipping and the penalty."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from experiments.tasks import TASKS, latch, parity, temporal_order, two_sequence
from experiments.tasks_sweep import TaskSweep, sweep
from experiments.training import (
    METHODS,
    Descent,
    Networks,
    clip,
    errors_after_training,
    penalty,
    penalty_gradient,
)
from models.clipping import clip_by_norm
from models.rnn import RNN
from models.smoothness_penalty import smoothness_penalty


def generator() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize("name", TASKS)
def test_a_task_is_what_it_says(name: str) -> None:
    task = TASKS[name]
    for T in (task.shortest, 10, 31):
        x, classes = task.draw(T, 500, generator())
        assert (x.shape, x.dtype) == ((T, 500, task.inputs), np.float32)
        assert set(classes) == set(range(task.classes))


def test_latch_and_two_sequence_show_the_class_at_the_beginning() -> None:
    x, classes = latch(20, 2000, generator())
    assert ((x[0, :, 0] > 0) == classes).all()
    assert np.abs(x[1:].mean(axis=(1, 2))).max() < 0.05
    x, classes = two_sequence(20, 2000, generator())
    means = [x[:3, classes == each, 0].mean(axis=1) for each in (0, 1)]
    assert np.abs(means[0] - means[1]).min() > 0.9
    assert np.abs(x[3:].mean(axis=(1, 2))).max() < 0.05


def test_parity_counts_the_ones_of_sequences_of_several_lengths() -> None:
    x, classes = parity(9, 2000, generator())
    assert ((x[:, :, 0] == 1).sum(axis=0) % 2 == classes).all()
    lengths = (x[:, :, 0] != 0).sum(axis=0)
    assert set(lengths) == {5, 6, 7, 8, 9}
    # All end at the last step.
    assert (x[-1] != 0).all()


@pytest.mark.parametrize("T", [10, 40, 57])
def test_temporal_order_has_two_marks_in_their_tenths(T: int) -> None:
    x, classes = temporal_order(T, 2000, generator())
    assert (x.sum(axis=-1) == 1).all()
    marks = x[:, :, :2].sum(axis=-1)
    assert (marks.sum(axis=0) == 2).all()
    places = np.argsort(-marks, axis=0, kind="stable")[:2]
    for place, (begin, end) in zip(places, ((1, 2), (4, 5)), strict=True):
        assert place.min() >= T * begin // 10
        assert place.max() <= max(T * end // 10 - 1, T * begin // 10)
    first, second = (x[place, np.arange(2000), 1] for place in places)
    assert (2 * first + second == classes).all()


def networks(method: Any = "plain", **settings: Any) -> tuple[Networks, Any, Any]:
    """Three networks in double precision, and a batch for each."""
    task, random = TASKS["temporal_order"], generator()
    made = Networks(task, 3, Descent(method=method, units=4, gain=1.5, **settings), random)
    made.parameters = {name: each.astype(float) for name, each in made.parameters.items()}
    x, classes = task.draw(12, 15, random)
    return made, x.reshape(12, 3, 5, -1), classes.reshape(3, 5)


def cost(scores: Any, classes: Any) -> Any:
    """The mean cross entropy of each run."""
    largest = scores.max(axis=-1, keepdims=True)
    logs = scores - largest - np.log(np.exp(scores - largest).sum(axis=-1, keepdims=True))
    return -np.take_along_axis(logs, classes[..., None], axis=-1).mean(axis=(1, 2))


def single(parameters: Any, r: int) -> RNN:
    W, U, b = (parameters[name][r].astype(float) for name in "WUb")
    return RNN(W, U, b, order="activation_first")


def test_scores_and_gradients_are_the_models() -> None:
    made, x, classes = networks()
    y = made.run(x)
    scores, found = made.scores(y), made.gradients(x, classes)
    for r in range(3):
        model = single(made.parameters, r)
        trajectory = model.run(np.zeros((5, 4)), x[:, r].astype(float))
        V, c = (made.parameters[name][r].astype(float) for name in "Vc")
        last = np.tanh(trajectory.states[-1])
        np.testing.assert_allclose(scores[r], last @ V.T + c, atol=1e-5)
        shares = np.exp(last @ V.T + c)
        shares /= shares.sum(axis=1, keepdims=True)
        shares[np.arange(5), classes[r]] -= 1
        gradients = trajectory.backward(shares / 5 @ V * (1 - last**2)).parameters
        for name in "WUb":
            np.testing.assert_allclose(found[name][r], gradients[name], atol=1e-5)
        np.testing.assert_allclose(found["V"][r], (shares / 5).T @ last, atol=1e-5)
        np.testing.assert_allclose(found["c"][r], shares.mean(axis=0), atol=1e-5)


def test_plain_descent_goes_down() -> None:
    made, x, classes = networks(learning_rate=0.01)
    before = cost(made.scores(made.run(x)), classes)
    made.update(x, classes)
    assert (cost(made.scores(made.run(x)), classes) < before).all()


def errors_and_slopes(T: int = 6) -> tuple[Any, Any, Any, Any]:
    """Errors e_t that really travel back through a W, in double precision; (T, R, B, N)."""
    random = generator()
    W = random.standard_normal((2, 4, 4))
    slopes, e = random.uniform(0.1, 1, (T, 2, 3, 4)), np.empty((T, 2, 3, 4))
    e[-1] = random.standard_normal((2, 3, 4))
    return W, slopes, e, T


def test_the_penalty_is_zero_exactly_where_norms_are_kept() -> None:
    random = generator()
    e = random.standard_normal((5, 2, 3, 4))
    e /= np.linalg.norm(e, axis=-1, keepdims=True)
    np.testing.assert_allclose(penalty(e), 0, atol=1e-30)
    # Halved on the way back once: (1/2 − 1)².
    e[:2] *= 0.5
    np.testing.assert_allclose(penalty(e), 0.25)


def test_the_penalty_is_the_models() -> None:
    e = generator().standard_normal((6, 2, 3, 4))
    for r in range(2):
        np.testing.assert_allclose(penalty(e)[r], smoothness_penalty(e[:, r]), rtol=1e-12)


def test_the_penalty_s_gradient_is_that_of_eq_10() -> None:
    """By differences of Ω as W changes while e_{t+1} and the slopes are held."""
    W, slopes, e, T = errors_and_slopes()
    for t in range(T - 1, 0, -1):
        e[t - 1] = np.matmul(e[t], W) * slopes[t - 1]

    def held(changed: Any) -> Any:
        ratios = [
            np.linalg.norm(np.matmul(e[t + 1], changed) * slopes[t], axis=-1)
            / np.linalg.norm(e[t + 1], axis=-1)
            for t in range(T - 1)
        ]
        return ((np.array(ratios) - 1) ** 2).sum(axis=0).mean(axis=1)

    np.testing.assert_allclose(held(W), penalty(e).mean(axis=1), rtol=1e-12)
    found, step = penalty_gradient(e, slopes), 1e-6
    for i in range(4):
        for j in range(4):
            changed = [W.copy(), W.copy()]
            changed[0][:, i, j] += step
            changed[1][:, i, j] -= step
            slope = (held(changed[0]) - held(changed[1])) / (2 * step)
            np.testing.assert_allclose(found[:, i, j], slope, rtol=1e-5, atol=1e-7)


def test_a_vanished_error_has_no_penalty() -> None:
    _, slopes, e, _ = errors_and_slopes()
    e[:] = 0
    assert (penalty(e) == 0).all()
    assert (penalty_gradient(e, slopes) == 0).all()


def test_the_penalty_is_added_to_the_gradient_of_W_alone() -> None:
    (plain, x, classes), (penalised, *_) = networks(), networks("penalty")
    without, with_it = plain.gradients(x, classes), penalised.gradients(x, classes)
    assert (without["W"] != with_it["W"]).all()
    for name in "UbVc":
        assert (without[name] == with_it[name]).all()


def test_clipping_scales_the_whole_gradient_of_a_run() -> None:
    made, x, classes = networks()
    found = made.gradients(x, classes)
    norms = np.sqrt(sum((g.reshape(3, -1) ** 2).sum(axis=1) for g in found.values()))
    threshold = float(np.median(norms))
    clipped = {name: g.copy() for name, g in found.items()}
    clip(clipped, threshold)
    together = [
        np.concatenate([g.reshape(3, -1) for g in each.values()], axis=1).astype(float)
        for each in (found, clipped)
    ]
    np.testing.assert_allclose(together[1], clip_by_norm(together[0], threshold), rtol=1e-5)
    assert (together[0] != together[1]).any(axis=1).sum() == 1


@pytest.mark.parametrize("method", METHODS)
def test_an_easy_task_is_learnt(method: Any) -> None:
    descent = Descent(method=method, units=4, learning_rate=0.2, updates=150)
    wrong = errors_after_training(TASKS["latch"], 3, 4, descent, np.random.SeedSequence(0))
    assert (wrong < 0.05).all()
    untrained = Descent(method=method, units=4, updates=0)
    wrong = errors_after_training(TASKS["latch"], 3, 4, untrained, np.random.SeedSequence(0))
    assert (wrong > 0.1).any()


def test_the_cells_are_all_combinations() -> None:
    parameters = TaskSweep(tasks=("latch", "parity"), lengths=(10, 20), runs=30)
    made = sweep(parameters, 0)
    assert len(made.cells) == 2 * 4 * 2 * 2
    for index in range(len(made.cells)):
        own = [shard for shard in made.shards if shard.cell == index]
        assert sum(shard.runs for shard in own) == 30
        cell = made.cells[index]
        for shard in own:
            assert (shard.task, shard.T) == (cell["task"], cell["T"])
            assert shard.descent.method == cell["method"]
            assert shard.descent.learning_rate == cell["learning_rate"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"tasks": ("latch", "copy")}, "tasks: there is no 'copy'; it takes latch"),
        ({"methods": ("adam",)}, "methods: there is no 'adam'"),
        ({"lengths": (5,)}, "lengths: .* at least 10"),
        ({"runs": 0}, "runs: 0; at least 1"),
        ({"gain": float("nan")}, "gain: nan"),
    ],
)
def test_wrong_parameters_are_named(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        TaskSweep(**wrong)
