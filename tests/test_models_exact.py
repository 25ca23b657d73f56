"""Networks whose every operation is exact on small integers: all derivatives must agree exactly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models import linear
from models.activations import ACTIVATIONS
from models.complex_step import complex_step
from models.lstm import LSTM
from models.rnn import RNN

# Products of at most five such numbers, summed over at most 3·3·5 terms, stay far below 2^53.
INTEGERS = st.integers(-4, 4).map(float)


def exact(*shape):
    return arrays(np.float64, shape, elements=INTEGERS, fill=st.nothing())


@st.composite
def piecewise_linear_runs(draw):
    n, d, batch, steps = (draw(st.integers(1, 3)) for _ in range(4))
    lead = draw(st.sampled_from([(), (batch,)]))
    model = RNN(
        W=draw(exact(*lead, n, n)) * draw(st.sampled_from([1.0, 1.0 + 2.0j])),
        U=draw(exact(*lead, n, d)),
        b=draw(exact(*lead, n)),
        activation=draw(st.sampled_from(["identity", "relu", "saturated_linear"])),
        order=draw(st.sampled_from(["activation_last", "activation_first"])),
    )
    # A quarter keeps the pre-activations off the kinks at 0 and 1.
    h0 = draw(exact(batch, n)) + 0.25
    x = draw(exact(steps, batch, d))
    return model, h0, x, draw(exact(steps + 1, batch, n))


@given(piecewise_linear_runs())
def test_jacobian_is_the_product_of_step_jacobians(case):
    model, h0, x, _ = case
    trajectory = model.run(h0, x)
    product = np.broadcast_to(np.eye(h0.shape[1]), (*h0.shape, h0.shape[1]))
    for step in trajectory.step_jacobians():
        product = step @ product
    assert np.array_equal(trajectory.jacobian(0, len(x)), product)
    assert np.array_equal(trajectory.jacobian(len(x), len(x))[0], np.eye(h0.shape[1]))


@given(piecewise_linear_runs())
def test_lag_terms_sum_to_the_gradient(case):
    model, h0, x, cotangents = case
    trajectory = model.run(h0, x)
    gradients = trajectory.backward(cotangents[-1])
    terms = trajectory.lag_terms(cotangents[-1])
    for name, gradient in gradients.parameters.items():
        batched = getattr(model, name).ndim == terms[name].ndim - 1
        assert np.array_equal(terms[name].sum(axis=0 if batched else (0, 1)), gradient)


@given(piecewise_linear_runs())
def test_a_cotangent_at_the_last_state_alone(case):
    model, h0, x, cotangents = case
    trajectory = model.run(h0, x)
    cotangents[:-1] = 0
    short, full = trajectory.backward(cotangents[-1]), trajectory.backward(cotangents)
    assert np.array_equal(short.initial, full.initial)
    assert np.array_equal(short.inputs, full.inputs)


@given(exact(3, 2, 2), exact(3, 2), st.integers(0, 5))
def test_linear_is_the_power_of_the_transposed_matrix(W, h0, steps):
    for one, start, states in zip(W, h0, linear.run(W, h0, steps).swapaxes(0, 1), strict=True):
        assert np.array_equal(states[-1], np.linalg.matrix_power(one.T, steps) @ start)
        assert np.array_equal(states, linear.run(one, start[None], steps)[:, 0])


def test_lstm_carousel_without_gates_that_read_the_state():
    # Pre-activations of ±708 and beyond saturate the gates: i = f = o = 1 in float64, g = tanh(1).
    model = LSTM(
        W=np.zeros((4, 1)), U=np.array([[0.0], [0], [1], [0]]), b=np.array([800.0, 800, 0, 800])
    )
    trajectory = model.run(np.zeros((1, 2)), np.ones((3, 1, 1)))
    assert trajectory.c[3, 0, 0] == np.tanh(1.0) * 3
    assert trajectory.direct_path(0, 3) == 1
    assert trajectory.jacobian(0, 3)[0, 1, 1] == 1
    assert trajectory.states.shape == (4, 1, 2)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slope_is_the_complex_step_derivative_off_the_kinks(name):
    activation = ACTIVATIONS[name]
    a = np.array([-3.5, -0.5, 0.25, 0.75, 2.5])
    derivative = np.array([complex_step(activation.value, np.array([each]))[0, 0] for each in a])
    # The value carries a few units u of relative error; the slopes 1 − y² and y(1 − y) carry
    # twice its absolute error and two roundings, so 16u is far above both accounts' errors.
    assert np.all(np.abs(activation.slope(a) - derivative) <= 16 * 2.0**-53)


@pytest.mark.parametrize(("weight", "power"), [(2.0, 3.0**29), (-1.0, 0.0)])
def test_lstm_with_open_gates_explodes_or_forgets_through_h(weight, power):
    # Pre-activations of 800 open the gates fully; around 0 a step is [h, c] -> (1, 1)(u h + c),
    # so that thirty steps multiply by (1 + u)^29.
    W = np.array([[0.0], [0.0], [weight], [0.0]])
    model = LSTM(W, np.zeros((4, 0)), np.array([800.0, 800.0, 0.0, 800.0]))
    jacobian = model.run(np.zeros((1, 2)), np.zeros((30, 1, 0))).jacobian(0, 30)[0]
    assert np.array_equal(jacobian, power * np.array([[weight, 1], [weight, 1]]))
