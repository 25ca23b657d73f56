"""How many roundings the bounds count: of ones, a bound is that number times u, to first order.

Numbers of the shorter format cost a rounding more for each float64 number that is converted to it:
a factor of a product has one, what multiplies a parameter or an input two.
"""

import numpy as np
import pytest

from models.feedforward import FeedForward
from models.gru import GRU
from models.lstm import LSTM
from models.neuron import Neuron
from models.rnn import RNN
from properties.checking import bounds
from properties.checking.evaluation import evaluation
from properties.checking.gated_step_bounds import _product
from properties.checking.rounding import (
    ACTIVATION_ERROR,
    FLOAT32,
    FLOAT64,
    Computed,
    activated,
    gamma,
    smallest_normal,
)
from properties.checking.step_bounds import Matrix, affine, outer_sums, weighted
from properties.checking.transport import OWN_ROUNDING

FORMATS = pytest.mark.parametrize(("u", "converted"), [(FLOAT64, 0), (FLOAT32, 1)])


def ones(*shape, u, size=1.0):
    return Computed.of(np.full(shape, size), u)


def counted(error, u):
    """How often u: γ_n is n·u up to a part of about n·u."""
    return np.round(np.asarray(error) / u, 3)


@FORMATS
def test_operations_of_one_number(u, converted):
    one = ones(u=u)
    for result, spread in ((one * one, 2), (one + one, 4), (one.complement(), 0)):
        assert counted(result.error, u) == spread / 2
        assert counted(result.spread, u) == spread


@FORMATS
@pytest.mark.parametrize(("terms", "constants"), [(1, 0), (1, 1), (2, 1), (2, 2)])
def test_sums_of_products_of_a_weight_and_a_number(u, converted, terms, constants):
    W, b = np.ones((1, 1, 2, 3)), np.ones((1, 1, 2))
    found = affine([(W, ones(1, 1, 3, u=u))] * terms, [b] * constants)
    summands, roundings = 3 * terms + constants, 3 * terms + constants + 1 + 2 * converted
    assert (found.value == summands).all()
    assert (counted(found.error, u) == summands * roundings).all()
    assert (counted(found.spread, u) == 2 * summands * roundings).all()
    nothing = affine([(W, ones(1, 1, 3, u=u, size=0.0))] * terms, [0 * b] * constants)
    assert (nothing.error == roundings * smallest_normal(u)).all()
    assert (nothing.spread == 2 * roundings * smallest_normal(u)).all()


@FORMATS
@pytest.mark.parametrize(("pairs", "more"), [(1, 0), (2, 0), (2, 4)])
def test_weights_scaled_by_rows(u, converted, pairs, more):
    found = weighted([(ones(1, 1, 2, u=u), np.ones((1, 1, 2, 3)))] * pairs, more=more)
    roundings = pairs + 1 + more + converted
    assert (found.paths == pairs).all()
    assert (counted(found.entries.error, u) == pairs * roundings).all()
    assert (counted(found.entries.spread, u) == 2 * pairs * roundings).all()
    nothing = weighted([(ones(1, 1, 2, u=u, size=0.0), np.ones((1, 1, 2, 3)))] * pairs, more=more)
    assert (nothing.entries.error == roundings * smallest_normal(u)).all()


@FORMATS
def test_products_of_two_matrices(u, converted):
    entries = Matrix(ones(1, 1, 3, 3, u=u), np.ones((1, 1, 3, 3)))
    found = _product(entries, entries)
    assert (found.paths == 3).all()
    assert (counted(found.entries.error, u) == 3 * (3 + converted)).all()
    assert (counted(found.entries.spread, u) == 6 * (3 + converted)).all()


@FORMATS
def test_sums_over_steps_and_a_batch(u, converted):
    left, right = ones(5, 2, 3, u=u), ones(5, 2, 4, u=u)
    for block, kept, count in (
        ([(left, right)], "", 10),
        ([(left, right)], "t", 2),
        ([(left, None)], "b", 5),
    ):
        error, scale = outer_sums(block, kept, count, u)
        assert (scale == count).all()
        assert (counted(error, u) == count * (count + 1 + converted)).all()


def some(*shape):
    return np.full(shape, 0.1)


MODELS = {
    RNN: (RNN(some(3, 3), some(3, 1), some(3)), 3, 3 + 2),
    LSTM: (LSTM(some(12, 3), some(12, 1), some(12)), 6, 4 * 3 + 10),
    GRU: (GRU(some(9, 3), some(9, 1), some(9), some(3)), 3, 4 * 3 + 12),
}


@FORMATS
@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.__name__)
def test_a_cotangent_taken_back_through_a_step(kind, u, converted):
    """A path through a gate and its slope, N products to be summed, and two conversions."""
    model, size, roundings = MODELS[kind]
    trajectory = model.run(np.zeros((1, size)), np.zeros((2, 1, 1)))
    nothing = np.zeros((2, 1, size))
    steps = evaluation(trajectory, u)(nothing, nothing)
    assert steps.roundings == roundings + 2 * converted


@FORMATS
@pytest.mark.parametrize("rounded", [0, 2])
def test_a_linear_run(u, converted, rounded):
    states = np.array([[[1.0, 1.0]], [[2.0, 2.0]]])
    bound = bounds.linear_run(np.ones((2, 2)), states, u, rounded=rounded).values
    start, step = converted + rounded, 2 * (2 + 2 * converted + rounded)
    assert (counted(bound[0], u) == start).all()
    assert (counted(bound[1], u) == 2 * start + step).all()


def test_a_linear_run_with_weights_for_each_element():
    rng = np.random.default_rng(0)
    W, states = rng.normal(size=(2, 3, 3)), rng.normal(size=(4, 2, 3))
    both = bounds.linear_run(W, states).values
    for k in (0, 1):
        alone = bounds.linear_run(W[k], states[:, k : k + 1]).values[:, 0]
        assert np.allclose(both[:, k], alone, rtol=1e-12, atol=0)


@FORMATS
def test_the_initial_state_of_a_model(u, converted):
    model, size, _ = MODELS[RNN]
    trajectory = model.run(np.ones((1, size)), np.zeros((2, 1, 1)))
    assert (counted(bounds.RunBounds(trajectory, u).states.values[0], u) == converted).all()


def test_a_neuron_and_a_layer_count_as_a_recurrent_network():
    neuron = Neuron(0.1).run(np.zeros(1), np.zeros((2, 1)))
    nothing = np.zeros((2, 1, 1))
    assert evaluation(neuron, FLOAT32)(nothing, nothing).roundings == 1 + 2 + 2

    layers = FeedForward(some(2, 3, 3), some(2, 3)).run(np.zeros((1, 3)))
    nothing = np.zeros((2, 1, 3))
    assert evaluation(layers, FLOAT32)(nothing, nothing).roundings == 3 + 2 + 2


@FORMATS
@pytest.mark.parametrize(
    ("name", "value", "slope"),
    [
        ("tanh", np.tanh, lambda a: 1 - np.tanh(a) ** 2),
        ("logistic", lambda a: 1 / (1 + np.exp(-a)), lambda a: np.exp(-a) / (1 + np.exp(-a)) ** 2),
    ],
)
def test_activations_carry_errors_by_the_steepest_slope_that_there_may_be(
    u, converted, name, value, slope
):
    carried = 2.0**-10
    for a in (0.0, 1.0, -3.0):
        found, _ = activated(name, Computed.of(np.array([a]), u, error=np.array([carried])))
        # Exact and computed arguments lie within twice the error: there it is that steep.
        steepest = slope(max(abs(a) - 2 * carried, 0.0))
        own = ACTIVATION_ERROR * u * (abs(value(a)) + 2 * carried * steepest)
        # 2⁻³⁰ for what rounding makes of q, and u of some operations.
        np.testing.assert_allclose(found.error, carried * steepest + own, rtol=2.0**-29)
        np.testing.assert_allclose(found.spread, 2 * carried * steepest + 2 * own, rtol=2.0**-29)
    far = Computed.of(np.array([0.0]), u, error=np.array([100.0]))
    width = {"tanh": 2.0, "logistic": 1.0}[name]
    most = width + ACTIVATION_ERROR * u * (value(0.0) + width)
    np.testing.assert_allclose(activated(name, far)[0].error, most, rtol=1e-15)


@FORMATS
def test_the_gradient_of_an_input(u, converted):
    """With W = 0 and U = 1 it is the cotangent, multiplied and summed once."""
    zero, one = np.zeros((1, 1)), np.ones((1, 1))
    trajectory = RNN(zero, one, np.zeros(1), "identity").run(one, np.ones((1, 1, 1)))
    found = bounds.RunBounds(trajectory, u).backward(one)
    product, least = gamma(2 + 2 * converted, u), 2 * smallest_normal(u)
    assert (found.inputs.values >= product).all()
    assert (found.inputs.values <= (product + least) * OWN_ROUNDING + 4 * u).all()
    assert found.inputs.resolvable.all()
    assert found.initial.resolvable.all()
    assert found.states.resolvable.all()


@FORMATS
@pytest.mark.parametrize("own", [False, True])
def test_gradients_are_sums_over_steps_and_over_a_batch_that_shares_its_weights(u, converted, own):
    """With W = 0 the cotangents are those given: of them three steps, of two elements or of one."""
    shape = (2,) if own else ()
    model = RNN(
        np.zeros((*shape, 1, 1)), np.ones((*shape, 1, 1)), np.zeros((*shape, 1)), "identity"
    )
    trajectory = model.run(np.zeros((2, 1)), np.zeros((3, 2, 1)))
    found = bounds.RunBounds(trajectory, u).backward(np.ones((4, 2, 1))).parameters["b"].values
    count = 3 if own else 6
    # A cotangent may be added to one term of the next, and is multiplied by the slope.
    each = 1 + converted + 1
    assert (counted(found, u) == count * (each + count + 1 + converted)).all()


def test_what_is_resolvable_of_an_element_does_not_depend_on_the_others():
    """At a kink of relu the slope is unknown, however large the cotangents of others are."""
    model = RNN(np.array([[1.0, -1.0], [0.5, 0.5]]), np.zeros((2, 1)), np.zeros(2), "relu")
    h0 = np.array([[0.1 + 0.2, 0.3], [2.0, 1.0]])
    trajectory = model.run(h0, np.zeros((3, 2, 1)))
    found = bounds.RunBounds(trajectory).backward(np.array([[1.0, 1.0], [1e12, 1e12]]))
    for bound in (found.initial, found.states):
        assert not bound.resolvable[..., 0].all()
        assert bound.resolvable[..., 1].all()
