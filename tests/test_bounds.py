"""The bounds are true (no right result exceeds one) and sharp (some come near)."""

import dataclasses

import numpy as np
import pytest
from flint import arb
from scipy.special import expit

from models import linear
from models.feedforward import FeedForward
from models.rnn import RNN
from properties.checking import bounds
from properties.checking.ball_models import linear_run, matrix_product
from properties.checking.balls import enclosure_error, exact, precision
from properties.checking.references import reference
from properties.checking.rounding import ACTIVATION_ERROR, FLOAT32, FLOAT64, gamma
from tests.bound_cases import CLASSES, MODELS, linear_ratio, lstm, ratio, rnn, survey, trajectory_of

# The largest error met has to be this share of the bound at least: the textbook bound γ_{nT}|W|ᵀ|h|
# is missed by a hundred orders of magnitude.
SHARP = 1e-4


def _judge(matrices, seeds, largest_n, largest_t):
    found = survey(CLASSES[matrices], seeds, largest_n, largest_t)
    for computation, (worst, resolvable) in found.items():
        print(f"{matrices:20s} {computation:28s} {worst:8.2g} {resolvable:6.0%} resolvable")
    assert max(worst for worst, _ in found.values()) <= 1
    assert min(worst for worst, _ in found.values()) >= SHARP
    # Otherwise the bounds say little about most cases.
    assert min(resolvable for _, resolvable in found.values()) >= 0.5
    # A bound divided by 10⁶ is exceeded.
    assert all(worst * 1e6 > 1 for worst, _ in found.values())


@pytest.mark.parametrize("matrices", CLASSES)
def test_bounds_are_never_exceeded_and_sharp(matrices):
    _judge(matrices, range(20), largest_n=8, largest_t=40)


@pytest.mark.long
@pytest.mark.parametrize("matrices", CLASSES)
def test_bounds_are_never_exceeded_and_sharp_at_every_size(matrices):
    _judge(matrices, range(200), largest_n=32, largest_t=200)


@pytest.mark.parametrize("matrices", CLASSES)
def test_a_long_wide_linear_run(matrices):
    found, resolvable = linear_ratio(np.random.default_rng(0), CLASSES[matrices], 32, 200)
    assert SHARP <= found <= 1
    assert resolvable


def _random_grouping(factors, rng):
    """factors[-1] ⋯ factors[0], the products formed in a random order."""
    blocks = list(factors)
    while len(blocks) > 1:
        k = int(rng.integers(len(blocks) - 1))
        blocks[k : k + 2] = [blocks[k + 1] @ blocks[k]]
    return blocks[0]


@pytest.mark.parametrize("matrices", CLASSES)
def test_the_jacobian_bound_covers_every_grouping(matrices):
    rng = np.random.default_rng(5)
    trajectory = trajectory_of(rnn(rng, CLASSES[matrices], 6), rng, 30)
    steps, bound = trajectory.step_jacobians()[:, 0], bounds.RunBounds(trajectory).jacobian(0, 30)
    with precision(512):
        truth = reference(trajectory).jacobian(0, 30)
    for _ in range(50):
        error, _ = enclosure_error(_random_grouping(steps, rng), truth)
        assert (error <= bound.values[0]).all()


@pytest.mark.parametrize("matrices", CLASSES)
def test_the_bounds_cover_every_order_of_summation(matrices):
    rng = np.random.default_rng(6)
    W, h0 = CLASSES[matrices](rng, 8), rng.normal(size=(1, 8))
    bound = bounds.linear_run(W, linear.run(W, h0, 30)).values[:, 0]
    with precision(512):
        truth = linear_run(W, h0[0], 30)
    for _ in range(10):
        states = [h0[0]]
        for _ in range(30):
            order = rng.permutation(8)
            states.append(np.add.accumulate((W.T * states[-1])[:, order], axis=1)[:, -1])
        assert (enclosure_error(np.array(states), truth)[0] <= bound).all()


def _single_precision_states(model, trajectory):
    W, U, b, h, inputs = (
        each.astype(np.float32)
        for each in (model.W, model.U, model.b, trajectory.states[0], trajectory.inputs)
    )
    states = [h]
    for x in inputs:
        states.append(np.tanh(states[-1] @ W.T + x @ U.T + b))
    return np.array(states)


@pytest.mark.parametrize("matrices", CLASSES)
def test_single_precision_is_covered_by_its_own_roundoff(matrices):
    rng = np.random.default_rng(7)
    model = dataclasses.replace(
        rnn(rng, CLASSES[matrices], 6), activation="tanh", order="activation_last"
    )
    trajectory = trajectory_of(model, rng, 25)
    states = _single_precision_states(model, trajectory)
    found = {
        u: ratio(
            states[:, 0],
            lambda: reference(trajectory).states,
            bounds.RunBounds(trajectory, u).states.values[:, 0],
        )
        for u in (FLOAT32, FLOAT64)
    }
    assert SHARP <= found[FLOAT32] <= 1 < found[FLOAT64]


@pytest.mark.parametrize("kind", MODELS)
def test_a_batch_is_bounded_element_by_element(kind):
    """Shared weights give gradients summed over the batch, a weight for each element its own."""
    rng = np.random.default_rng(8)
    model = MODELS[kind](rng, CLASSES["orthogonal"], 3, 6)
    # The batch axis of a layer's weights stands behind that of the layers.
    axis = 1 if isinstance(model, FeedForward) else 0
    each = {name: np.stack([getattr(model, name)] * 2, axis) for name in model.PARAMETERS}
    own = trajectory_of(dataclasses.replace(model, **each), np.random.default_rng(8), 6, batch=2)
    shared = trajectory_of(model, np.random.default_rng(8), 6, batch=2)
    assert np.array_equal(shared.states[0], own.states[0])
    assert np.array_equal(shared.inputs, own.inputs)
    cotangents = rng.normal(size=shared.states.shape)
    gradients = [trajectory.backward(cotangents) for trajectory in (shared, own)]
    limits = [bounds.RunBounds(each).backward(cotangents) for each in (shared, own)]
    for name in model.PARAMETERS:

        def truth(k, name=name):
            return reference(own, k).backward(exact(cotangents[:, k]))[name]

        total, apart = (each.parameters[name] for each in gradients)
        total_limit, apart_limit = (each.parameters[name] for each in limits)
        summed = ratio(total, lambda truth=truth: truth(0) + truth(1), total_limit.values)
        stacked = ratio(
            apart,
            lambda truth=truth: np.stack([truth(0), truth(1)], axis),
            apart_limit.values,
        )
        assert summed <= 1
        assert stacked <= 1
        assert apart_limit.resolvable.shape[axis:] == (2,)
    for field in ("inputs", "initial", "states"):
        assert getattr(limits[0], field).values.shape == getattr(gradients[0], field).shape


def test_what_a_late_step_adds_is_bounded_however_long_the_run_was():
    """Where h doubles at every step, an early state has a term 2^60 times that of a late one."""
    doubling = RNN(2 * np.eye(2), np.zeros((2, 1)), np.zeros(2), "identity")
    trajectory = doubling.run(np.zeros((1, 2)), np.zeros((60, 1, 1)))
    late, early = bounds.RunBounds(trajectory).lag_terms(np.ones((1, 2)))["b"].values[[-1, 0], 0]
    assert (late > 0).all()
    assert (late < 1e-14).all()
    # Relative errors grow by some roundings a step, 60 times those of the last.
    assert (2.0**59 * late < early).all()
    assert (early < 2.0**59 * 100 * late).all()


def test_nothing_is_lost_in_an_empty_run():
    rng = np.random.default_rng(0)
    trajectory = trajectory_of(rnn(rng, CLASSES["symmetric"], 3), rng, 0)
    run = bounds.RunBounds(trajectory)
    gradients = run.backward(np.ones((1, 3)))
    assert (run.states.values == 0).all()
    assert (run.jacobian(0, 0).values == 0).all()
    assert (gradients.parameters["W"].values == 0).all()
    assert gradients.inputs.values.shape == (0, 1, 2)
    assert run.lag_terms(np.ones((1, 3)))["W"].values.shape == (0, 1, 3, 3)


def test_underflow_is_covered_and_not_taken_for_precision():
    W, h0 = np.array([[2.0**-600]]), np.array([[2.0**-600]])
    states = linear.run(W, h0, 1)
    bound = bounds.linear_run(W, states)
    assert states[1] == 0
    assert ratio(states[:, 0], lambda: linear_run(W, h0[0], 1), bound.values[:, 0], 2048) <= 1
    # Flushing a subnormal result to zero is covered too.
    h0 = np.array([[2.0**-430]])
    bound = bounds.linear_run(W, linear.run(W, h0, 1)).values
    assert bound[1] >= 2.0**-1030 > 0


def test_gates_shut_beyond_the_exponents_range_are_covered():
    W = np.array([[-1e5]])
    trajectory = RNN(W, np.zeros((1, 1)), np.zeros(1), "logistic").run(
        np.ones((1, 1)), np.zeros((2, 1, 1))
    )
    bound = bounds.RunBounds(trajectory).states.values[:, 0]
    assert ratio(trajectory.states[:, 0], lambda: reference(trajectory).states, bound) <= 1


def test_chaos_is_labelled_where_it_outgrows_the_bound():
    rng = np.random.default_rng(4)
    model = RNN(3 * rng.normal(size=(8, 8)) / np.sqrt(8), np.zeros((8, 1)), np.zeros(8))
    trajectory = trajectory_of(model, rng, 200)
    run = bounds.RunBounds(trajectory)
    resolvable = run.states.resolvable[:, 0]
    horizon = int(np.argmin(resolvable))
    assert 100 < horizon < 200
    assert not resolvable[horizon:].any()
    assert np.isinf(run.states.values[-1]).all()
    assert not run.jacobian(0, 200).resolvable.any()
    found = ratio(
        trajectory.states[:horizon, 0],
        lambda: reference(trajectory).states[:horizon],
        run.states.values[:horizon, 0],
    )
    assert SHARP <= found <= 1


def test_a_relu_at_its_kink_has_a_bounded_value_and_an_unknown_slope():
    W = np.array([[1.0, -1.0], [0.5, 0.5]])
    h0 = np.array([[0.1 + 0.2, 0.3]])  # the difference is a rounding error
    trajectory = RNN(W, np.zeros((2, 1)), np.zeros(2), "relu").run(h0, np.zeros((3, 1, 1)))
    run = bounds.RunBounds(trajectory)
    assert run.states.resolvable.all()
    assert run.states.values.max() < 1e-13
    assert not run.jacobian(0, 1).resolvable.any()


def test_the_linear_bound_of_one_product_is_gamma():
    W, h0 = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, -1.0]])
    bound = bounds.linear_run(W, linear.run(W, h0, 1)).values[1, 0]
    assert (bound >= gamma(2, FLOAT64) * np.array([4.0, 6.0])).all()
    assert (bound <= gamma(2, FLOAT64) * np.array([4.0, 6.0]) * (1 + 2.0**-20)).all()
    with pytest.raises(ValueError, match="n u < 1"):
        gamma(2**24, FLOAT32)


def test_numpy_activations_stay_within_the_error_assumed():
    rng = np.random.default_rng(0)
    small = rng.normal(size=2000) * 10.0 ** -rng.integers(0, 20, 2000)
    a = np.concatenate([rng.uniform(-25, 25, 2000), small])
    with precision(128):
        tanh = np.array([arb(float(v)).tanh() for v in a])
        logistic = np.array([1 / (1 + (-arb(float(v))).exp()) for v in a])
        written_out = 1 / (1 + np.exp(-a))
        for values, truth in ((np.tanh(a), tanh), (written_out, logistic), (expit(a), logistic)):
            error, _ = enclosure_error(values, truth)
            magnitude = np.array([float(abs(each)) for each in truth])
            assert (error <= ACTIVATION_ERROR * FLOAT64 * magnitude).all()
            # Not a guess from far above: within a factor of eight of what is met.
            assert (error > FLOAT64 * magnitude).any()


def test_matrix_products_of_balls_agree_with_the_running_product():
    rng = np.random.default_rng(1)
    trajectory = trajectory_of(lstm(rng, CLASSES["orthogonal"], 2), rng, 4)
    with precision(256):
        truth = reference(trajectory)
        product = matrix_product(truth.step_jacobians())
        assert all(
            a.overlaps(b)
            for a, b in zip(product.ravel(), truth.jacobian(0, 4).ravel(), strict=True)
        )


def test_a_model_without_bounds_is_refused():
    class Unknown:
        model, states, inputs = object(), np.zeros((1, 1, 1)), np.zeros((0, 1, 1))

    with pytest.raises(ValueError, match="object"):
        bounds.RunBounds(Unknown())
    with pytest.raises(ValueError, match="object"):
        reference(Unknown())
