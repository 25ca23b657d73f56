"""Bad input is refused by name, and what leaves the doubles is reported, never passed on."""

import numpy as np
import pytest

from models import linear
from models.activations import ACTIVATIONS
from models.clipping import clip_by_entry, clip_by_norm
from models.composition import compose
from models.feedforward import FeedForward
from models.gru import GRU
from models.lstm import LSTM
from models.neuron import Neuron
from models.products import log_growth
from models.rnn import RNN
from models.smoothness_penalty import smoothness_penalty

ones = np.ones


def rnn(**changed):
    return RNN(**{"W": ones((3, 3)), "U": ones((3, 2)), "b": ones(3), **changed})


def run(h0=None, x=None, **changed):
    h0 = ones((1, 3)) if h0 is None else h0
    return rnn(**changed).run(h0, ones((4, 1, 2)) if x is None else x)


def lstm(**changed):
    return LSTM(**{"W": ones((12, 3)), "U": ones((12, 2)), "b": ones(12), **changed})


REFUSED = {
    "W is not square": (
        lambda: rnn(W=ones((3, 2))),
        "W has shape (3, 2); it needs shape (N, N) or (B, N, N) with B >= 1, N >= 1",
    ),
    "W has three axes too many": (
        lambda: rnn(W=ones((1, 1, 1, 3, 3))),
        "W has shape (1, 1, 1, 3, 3); it needs shape (N, N) or (B, N, N) with B >= 1, N >= 1",
    ),
    "no units": (
        lambda: rnn(W=ones((0, 0))),
        "W has shape (0, 0); it needs shape (N, N) or (B, N, N) with B >= 1, N >= 1",
    ),
    "a list": (
        lambda: rnn(W=[[1.0]]),
        "W is of type list; it needs a float64 array of shape (N, N) or (B, N, N) "
        "with B >= 1, N >= 1",
    ),
    "integers": (
        lambda: rnn(W=np.ones((3, 3), int)),
        "W has dtype int64 and shape (3, 3); it needs float64 and (N, N) or (B, N, N) "
        "with B >= 1, N >= 1",
    ),
    "mixed dtypes": (
        lambda: rnn(U=np.ones((3, 2), np.float32)),
        "U has dtype float32 and shape (3, 2); it needs float64 and (N, D) or (B, N, D) "
        "with N = 3, B >= 1",
    ),
    "not a number": (
        lambda: rnn(b=np.array([1.0, np.nan, 1.0])),
        "b of shape (3,) has nan at (1,); it needs finite numbers of shape (N) or (B, N) "
        "with N = 3, B >= 1",
    ),
    "infinity": (
        lambda: run(x=np.full((1, 1, 2), -np.inf)),
        "x of shape (1, 1, 2) has -inf at (0, 0, 0); it needs finite numbers of shape (T, B, D) "
        "with B = 1, D = 2",
    ),
    "U for other units": (
        lambda: rnn(U=ones((2, 2))),
        "U has shape (2, 2); it needs shape (N, D) or (B, N, D) with N = 3, B >= 1",
    ),
    "batches of different sizes": (
        lambda: rnn(W=ones((2, 3, 3)), b=ones((5, 3))),
        "b has shape (5, 3); it needs shape (N) or (B, N) with B = 2, N = 3",
    ),
    "an unknown activation": (
        lambda: rnn(activation="sigmoid"),
        "activation is 'sigmoid'; it needs one of 'identity', 'tanh', 'logistic', 'relu', "
        "'saturated_linear'",
    ),
    "an unknown order": (
        lambda: rnn(order="first"),
        "order is 'first'; it needs one of 'activation_last', 'activation_first'",
    ),
    "no sequences": (
        lambda: run(h0=ones((0, 3))),
        "h0 has shape (0, 3); it needs shape (B, N) with N = 3, B >= 1",
    ),
    "one sequence where the weights are for two": (
        lambda: run(W=ones((2, 3, 3))),
        "h0 has shape (1, 3); it needs shape (B, N) with B = 2, N = 3",
    ),
    "inputs of other width": (
        lambda: run(x=ones((4, 1, 3))),
        "x has shape (4, 1, 3); it needs shape (T, B, D) with B = 1, D = 2",
    ),
    "s > t": (
        lambda: run().jacobian(3, 2),
        "(s, t) is (3, 2); it needs 0 <= s <= t <= T = 4",
    ),
    "t > T": (
        lambda: run().step_jacobians(0, 5),
        "(s, t) is (0, 5); it needs 0 <= s <= t <= T = 4",
    ),
    "cotangents of the steps alone": (
        lambda: run().backward(ones((4, 1, 3))),
        "cotangents has shape (4, 1, 3); it needs shape (T+1, B, N) or (B, N) "
        "with B = 1, N = 3, T = 4",
    ),
    "a cotangent of all states": (
        lambda: run().lag_terms(ones((5, 1, 3))),
        "cotangent has shape (5, 1, 3); it needs shape (B, N) with B = 1, N = 3",
    ),
    "LSTM: rows that are not four gates": (
        lambda: lstm(W=ones((10, 3))),
        "W has shape (10, 3); it needs shape (4N, N) or (B, 4N, N) with B >= 1, N >= 1",
    ),
    "LSTM: a start without the cells": (
        lambda: lstm().run(ones((1, 3)), ones((4, 1, 2))),
        "state0 has shape (1, 3); it needs shape (B, 2N) with N = 3, B >= 1",
    ),
    "LSTM: direct path backwards": (
        lambda: lstm().run(ones((1, 6)), ones((4, 1, 2))).direct_path(2, 1),
        "(s, t) is (2, 1); it needs 0 <= s <= t <= T = 4",
    ),
    "GRU: an unknown update": (
        lambda: GRU(ones((3, 1)), ones((3, 1)), ones(3), ones(1), update="torch"),
        "update is 'torch'; it needs one of 'keep', 'write'",
    ),
    "GRU: an unknown reset": (
        lambda: GRU(ones((3, 1)), ones((3, 1)), ones(3), ones(1), reset="torch"),
        "reset is 'torch'; it needs one of 'after', 'before'",
    ),
    "FeedForward: fewer biases than layers": (
        lambda: FeedForward(ones((4, 3, 3)), ones((3, 3))),
        "b has shape (3, 3); it needs shape (L, N) or (L, B, N) with L = 4, N = 3, B >= 1",
    ),
    "Neuron: inputs with a third axis": (
        lambda: Neuron(1.5).run(ones(2), ones((4, 2, 1))),
        "h has shape (4, 2, 1); it needs shape (T, B) with B = 2",
    ),
    "Neuron: an integer weight": (
        lambda: Neuron(np.array(2)),
        "w has dtype int64 and shape (); it needs float64 and () or (B) with B >= 1",
    ),
    "linear: steps below zero": (
        lambda: linear.run(ones((2, 2)), ones((1, 2)), -1),
        "steps is -1; it needs to be 0 or more",
    ),
    "products: no batch axis": (
        lambda: log_growth(ones((5, 2, 2))),
        "blocks has shape (5, 2, 2); it needs shape (T, B, N, N) with B >= 1, N >= 1",
    ),
    "products: none": (
        lambda: log_growth(iter(())),
        "blocks holds no step; it needs shape (T, B, N, N) with T >= 1",
    ),
    "products: more directions than dimensions": (
        lambda: log_growth(ones((1, 1, 2, 2)), ones((1, 2, 3))),
        "frame has shape (1, 2, 3); it needs K <= N = 2",
    ),
    "products: no step between two QRs": (
        lambda: log_growth(ones((1, 1, 2, 2)), every=0),
        "every is 0; it needs to be 1 or more",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused(what):
    call, message = REFUSED[what]
    with pytest.raises(ValueError) as refusal:  # noqa: PT011
        call()
    assert str(refusal.value) == message


DOUBLING = RNN(np.full((1, 1), 2.0), np.zeros((1, 1)), np.zeros(1), activation="identity")


def test_growing_states_are_reported():
    # 2^1023 is a double and 2^1024 is not.
    assert DOUBLING.run(ones((1, 1)), np.zeros((1023, 1, 1))).states[-1] == 2.0**1023
    with pytest.raises(OverflowError, match=r"pre-activations exceed .* at step 1024$"):
        DOUBLING.run(ones((1, 1)), np.zeros((1030, 1, 1)))
    with pytest.raises(OverflowError, match=r"at step 1024$"):
        linear.run(np.full((1, 1), 2.0), ones((1, 1)), 1030)


def test_a_growing_product_is_reported():
    trajectory = DOUBLING.run(np.zeros((1, 1)), np.zeros((1030, 1, 1)))
    assert trajectory.jacobian(7, 1030) == 2.0**1023
    with pytest.raises(OverflowError, match=r"derivatives of state 1030 exceed .* at step 6$"):
        trajectory.jacobian(0, 1030)
    with pytest.raises(OverflowError, match=r"cotangents of the states exceed .* at step 6$"):
        trajectory.backward(ones((1, 1)))
    with pytest.raises(OverflowError, match=r"derivatives of state 1030 exceed .* at step 6$"):
        trajectory.lag_terms(ones((1, 1)))


def test_a_product_that_only_one_order_of_multiplication_can_form():
    # Neighbours give 2^1200; from the last step backwards there are 2^-1000, 2^-400 and 2^200.
    W = 2.0 ** np.array([600, 600, -500, -500]).reshape(4, 1, 1)
    trajectory = FeedForward(W, np.zeros((4, 1)), activation="identity").run(np.zeros((1, 1)))
    assert trajectory.jacobian(0, 4) == 2.0**200


def test_a_gradient_that_overflows_in_its_sum():
    model = RNN(W=np.zeros((1, 1)), U=ones((1, 1)), b=np.zeros(1), activation="identity")
    trajectory = model.run(np.zeros((1, 1)), np.full((4, 1, 1), 2.0**1020))
    with pytest.raises(OverflowError, match="gradient of W exceeds"):
        trajectory.backward(np.full((5, 1, 1), 16.0))


@pytest.mark.parametrize("activation", ["tanh", "relu", "saturated_linear", "logistic"])
def test_an_activation_does_not_hide_an_overflow(activation):
    # The pre-activation is 3·2^1023: no order of its sum stays within the doubles.
    W = np.zeros((3, 3))
    W[0] = 2.0**1023
    model = RNN(W, np.zeros((3, 1)), np.zeros(3), activation=activation)
    for batch in (1, 2):
        with pytest.raises(OverflowError, match=r"at step 1$"):
            model.run(ones((batch, 3)), ones((1, batch, 1)))


@pytest.mark.parametrize(
    "model",
    [
        LSTM(np.full((4, 1), 2.0**1023), np.full((4, 1), 2.0**1023), np.zeros(4)),
        GRU(np.full((3, 1), 2.0**1023), np.full((3, 1), 2.0**1023), np.zeros(3), np.zeros(1)),
    ],
)
def test_a_gate_does_not_hide_an_overflow(model):
    start = ones((1, 2 if isinstance(model, LSTM) else 1))
    with pytest.raises(OverflowError, match=r"at step 1$"):
        model.run(start, -ones((2, 1, 1)))


@pytest.mark.parametrize("order", ["activation_first", "activation_last"])
def test_an_overflow_is_found_at_its_step_whether_the_activation_comes_first_or_last(order):
    growing = RNN(np.full((1, 1), 1e100), np.zeros((1, 1)), np.zeros(1), "identity", order)
    for batch in (1, 2):
        with pytest.raises(OverflowError, match=r"at step 3$"):
            growing.run(np.full((batch, 1), 1e10), np.zeros((5, batch, 1)))


def test_a_linear_run_is_complex_where_either_part_of_it_is():
    W, h0 = np.array([[0.5, 1.0], [0.0, 2.0]]), np.array([[1.0, 2.0]])
    for weights, start in ((W * 1j, h0), (W, h0 * 1j)):
        states = linear.run(weights, start, 1)
        assert np.array_equal(states[1], start @ weights)


def test_the_direct_path_of_a_gru_is_that_of_its_steps_alone():
    z = gru().run(ones((1, 3)), ones((4, 1, 2))).gates.z
    path = gru().run(ones((1, 3)), ones((4, 1, 2))).direct_path
    assert np.array_equal(path(1, 3), z[1] * z[2])
    assert np.array_equal(path(2, 2), ones((1, 3)))


@pytest.mark.parametrize("batch", [1, 2])
def test_saturated_gates_do_not_overflow(batch):
    model = LSTM(np.zeros((4, 1)), np.zeros((4, 1)), np.array([-800.0, -708.0, 0, 800.0]))
    i, f, _, o = model.run(np.zeros((batch, 2)), np.zeros((1, batch, 1))).gates
    # Where exp(708) is the largest that is used, a gate stays above zero.
    assert np.all((i > 0) & (i < 2.0**-1020))
    assert np.all((f > 0) & (f < 2.0**-1020))
    assert np.all(o == 1)


def test_a_network_without_inputs_runs():
    nothing = np.empty((2, 1, 0))
    lstm = LSTM(np.ones((4, 1)), np.empty((4, 0)), np.zeros(4))
    gru = GRU(np.ones((3, 1)), np.empty((3, 0)), np.zeros(3), np.zeros(1))
    rnn = RNN(np.ones((1, 1)), np.empty((1, 0)), np.zeros(1))
    for model, width in ((lstm, 2), (gru, 1), (rnn, 1)):
        assert model.run(np.zeros((1, width)), nothing).states.shape == (3, 1, width)


@pytest.mark.parametrize("steps", [0, 3])
@pytest.mark.parametrize("batch", [1, 2])
def test_a_start_that_is_not_finite_is_named(steps, batch):
    model = RNN(ones((3, 3)), ones((3, 1)), ones(3))
    start = ones((batch, 3))
    start[0, 1] = -np.inf
    with pytest.raises(ValueError, match=r"^h0 of shape .* has -inf at \(0, 1\)"):
        model.run(start, ones((steps, batch, 1)))


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_an_input_that_is_not_finite_is_named_though_its_weight_is_zero(activation, number):
    model = RNN(np.zeros((3, 3)), np.zeros((3, 2)), np.zeros(3), activation=activation)
    x = np.zeros((4, 1, 2))
    x[2, 0, 1] = number
    with pytest.raises(ValueError, match=rf"^x of shape .* has {number} at \(2, 0, 1\)"):
        model.run(np.zeros((1, 3)), x)


@pytest.mark.parametrize("where", [(0, 1), (0, 4)])
@pytest.mark.parametrize("number", [np.nan, np.inf])
@pytest.mark.parametrize("steps", [0, 3])
def test_a_start_of_an_lstm_that_is_not_finite_is_named(where, number, steps):
    start = ones((1, 6))
    start[where] = number
    with pytest.raises(ValueError, match=rf"^state0 of shape \(1, 6\) has {number} at \(0, "):
        lstm().run(start, ones((steps, 1, 2)))


def gru(**changed):
    parts = {"W": ones((9, 3)), "U": ones((9, 2)), "b": ones(9), "bn": ones(3)}
    return GRU(**{**parts, **changed})


def deep(**changed):
    return FeedForward(**{"W": ones((4, 3, 3)), "b": ones((4, 3)), **changed})


LIST = [1.0]
# In each call one argument is a list: how the message has to begin, to the end of the layout.
LISTS = [
    (lambda: rnn(U=LIST), "U", "(N, D) or (B, N, D)"),
    (lambda: rnn(b=LIST), "b", "(N) or (B, N)"),
    (lambda: run(h0=LIST), "h0", "(B, N)"),
    (lambda: run(x=LIST), "x", "(T, B, D)"),
    (lambda: run().backward(LIST), "cotangents", "(T+1, B, N) or (B, N)"),
    (lambda: run().lag_terms(LIST), "cotangent", "(B, N)"),
    (lambda: lstm(W=LIST), "W", "(4N, N) or (B, 4N, N)"),
    (lambda: lstm(U=LIST), "U", "(4N, D) or (B, 4N, D)"),
    (lambda: lstm(b=LIST), "b", "(4N) or (B, 4N)"),
    (lambda: lstm().run(LIST, ones((4, 1, 2))), "state0", "(B, 2N)"),
    (lambda: lstm().run(ones((1, 6)), LIST), "x", "(T, B, D)"),
    (
        lambda: lstm().run(ones((1, 6)), ones((4, 1, 2))).backward(LIST),
        "cotangents",
        "(T+1, B, 2N)",
    ),
    (lambda: gru(W=LIST), "W", "(3N, N) or (B, 3N, N)"),
    (lambda: gru(U=LIST), "U", "(3N, D) or (B, 3N, D)"),
    (lambda: gru(b=LIST), "b", "(3N) or (B, 3N)"),
    (lambda: gru(bn=LIST), "bn", "(N) or (B, N)"),
    (lambda: gru().run(LIST, ones((4, 1, 2))), "h0", "(B, N)"),
    (lambda: gru().run(ones((1, 3)), LIST), "x", "(T, B, D)"),
    (lambda: deep(W=LIST), "W", "(L, N, N) or (L, B, N, N)"),
    (lambda: deep(b=LIST), "b", "(L, N) or (L, B, N)"),
    (lambda: deep().run(LIST), "h0", "(B, N)"),
    (lambda: Neuron(1.5).run(LIST, ones((4, 2))), "a0", "(B)"),
    (lambda: Neuron(1.5).run(ones(2), LIST), "h", "(T, B)"),
    (lambda: linear.run(LIST, ones((1, 2)), 1), "W", "(N, N) or (B, N, N)"),
    (lambda: linear.run(ones((2, 2)), LIST, 1), "h0", "(B, N)"),
    (lambda: log_growth(iter([LIST])), "blocks", "(T, B, N, N)"),
    (lambda: log_growth(ones((1, 1, 2, 2)), LIST), "frame", "(B, N, K)"),
    (lambda: smoothness_penalty(LIST), "cotangents", "(T+1, B, N)"),
    (lambda: clip_by_norm(LIST, 1.0), "gradients", "(B, N)"),
    (lambda: clip_by_entry(LIST, 1.0), "gradients", "(B, N)"),
]


@pytest.mark.parametrize(("call", "name", "layout"), LISTS)
def test_the_argument_that_is_a_list_is_named(call, name, layout):
    with pytest.raises(ValueError) as refusal:  # noqa: PT011
        call()
    begins = f"{name} is of type list; it needs a float64 array of shape {layout}"
    assert str(refusal.value).startswith(begins)


COMPOSED = {"origin": ones(2), "direction": ones(2), "readout": ones(2), "x": ones(3)}


@pytest.mark.parametrize("name", COMPOSED)
def test_the_argument_of_a_composition_that_is_a_list_is_named(name):
    layer = RNN(ones((2, 2)), ones((2, 1)), ones(2))
    with pytest.raises(ValueError, match=rf"^{name} is of type list; it needs a float64 array"):
        compose(layer, steps=2, **{**COMPOSED, name: LIST})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: clip_by_norm(ones((1, 2)), -1.0), "threshold is -1.0; it needs to be a finite"),
        (lambda: clip_by_entry(ones((1, 2)), np.inf), "threshold is inf; it needs to be a finite"),
        (lambda: smoothness_penalty(np.zeros((3, 1, 2))), "cotangents: that of step 2 is zero; Ω"),
    ],
)
def test_refused_by_value(call, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        call()
