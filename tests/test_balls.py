"""The reference has to be right before anything is judged by it."""

from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx, fmpq, fmpq_mat

from properties.checking import ball_gated, ball_models
from properties.checking.balls import (
    SLOPES,
    VALUES,
    UndecidedError,
    UnresolvedError,
    enclosure_error,
    exact,
    precision,
    radius,
    resolving,
)

UNITS, INPUTS, STEPS = 3, 2, 4
# A difference quotient with step 2⁻⁴⁰⁰ is off by at most 2⁻⁴⁰⁰·sup|second derivative|/2, plus what
# 2048 bits leave of a difference of numbers near 1, 2⁻¹⁶⁴⁸. Weights and states here are below 4, so
# a second derivative through four steps is far below 2²⁰⁰: the formulas agree if this is to 2⁻²⁰⁰.
QUOTIENT_BITS, QUOTIENT_STEP, QUOTIENT_ERROR = 2048, arb(2) ** -400, 2.0**-200


def _normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def _rnn(activation, order):
    def run(W, U, b, s0, x):
        return ball_models.rnn(W, U, b, s0, x, activation=activation, order=order)

    shapes = {"W": (UNITS, UNITS), "U": (UNITS, INPUTS), "b": (UNITS,)}
    return run, shapes, UNITS


def _lstm():
    shapes = {"W": (4 * UNITS, UNITS), "U": (4 * UNITS, INPUTS), "b": (4 * UNITS,)}
    return ball_gated.lstm, shapes, 2 * UNITS


def _gru(update, reset):
    def run(**arguments):
        return ball_gated.gru(**arguments, update=update, reset=reset)

    gates = {"W": (3 * UNITS, UNITS), "U": (3 * UNITS, INPUTS), "b": (3 * UNITS,)}
    return run, gates | {"bn": (UNITS,)}, UNITS


MODELS = {
    **{
        f"rnn {activation} {order}": _rnn(activation, order)
        for activation in VALUES
        for order in ("activation_last", "activation_first")
    },
    "lstm": _lstm(),
    **{
        f"gru {update} {reset}": _gru(update, reset)
        for update in ("keep", "write")
        for reset in ("after", "before")
    },
}


@pytest.mark.parametrize("name", MODELS)
def test_every_derivative_is_the_limit_of_its_difference_quotient(name):
    run, shapes, width = MODELS[name]
    with precision(QUOTIENT_BITS):
        arguments = {
            key: exact(_normal(i, *shape)) for i, (key, shape) in enumerate(shapes.items())
        }
        arguments |= {"s0": exact(_normal(7, width)), "x": exact(_normal(8, STEPS, INPUTS))}
        cotangents = exact(_normal(9, STEPS + 1, width))

        def cost(changed):
            return (run(**changed).states * cotangents).sum()

        trajectory = run(**arguments)
        gradients = trajectory.backward(cotangents)
        gradients |= {"s0": gradients["initial"], "x": gradients["inputs"]}
        for key, value in arguments.items():
            direction = exact(_normal(10, *value.shape))
            moved = cost(arguments | {key: value + direction * QUOTIENT_STEP})
            quotient = (moved - cost(arguments)) / QUOTIENT_STEP
            derivative = (gradients[key] * direction).sum()
            assert abs(quotient - derivative) < QUOTIENT_ERROR, key
        direction = exact(_normal(11, width))
        moved = run(**arguments | {"s0": arguments["s0"] + direction * QUOTIENT_STEP}).states[-1]
        quotients = (moved - trajectory.states[-1]) / QUOTIENT_STEP
        tangents = (trajectory.jacobian(0, STEPS) * direction[None, :]).sum(axis=1)
        assert all(abs(q - d) < QUOTIENT_ERROR for q, d in zip(quotients, tangents, strict=True))


@pytest.mark.parametrize("name", MODELS)
def test_the_lag_terms_sum_to_the_gradient(name):
    run, shapes, width = MODELS[name]
    arguments = {key: exact(_normal(i, *shape)) for i, (key, shape) in enumerate(shapes.items())}
    with precision(256):
        trajectory = run(**arguments, s0=_normal(7, width), x=_normal(8, STEPS, INPUTS))
        cotangent = exact(_normal(9, width))
        gradients = trajectory.backward(cotangent)
        for key, terms in trajectory.lag_terms(cotangent).items():
            assert all(
                total.overlaps(each)
                for total, each in zip(
                    gradients[key].ravel(), terms.sum(axis=0).ravel(), strict=True
                )
            )
        assert radius(gradients["W"]).max() < 2.0**-200


def test_a_tied_feed_forward_network_is_an_rnn_without_inputs():
    W, b, s0 = _normal(0, UNITS, UNITS), _normal(1, UNITS), _normal(2, UNITS)
    with precision(256):
        rnn = ball_models.rnn(W, np.zeros((UNITS, 1)), b, s0, np.zeros((STEPS, 1)))
        layers = ball_models.feed_forward(np.stack([W] * STEPS), np.stack([b] * STEPS), s0)
        assert _overlap(rnn.states, layers.states)
        cotangent = exact(_normal(3, UNITS))
        untied = layers.backward(cotangent)["W"]
        assert untied.shape == (STEPS, UNITS, UNITS)
        assert _overlap(untied.sum(axis=0), rnn.backward(cotangent)["W"])


def test_the_neuron_of_one_unit():
    with precision(256):
        trajectory = ball_models.neuron(1.25, 0.5, [0.25, -0.5])
        after_one = arb(1.25) * arb(0.5).tanh() + 0.25
        assert trajectory.states[2, 0].overlaps(arb(1.25) * after_one.tanh() - 0.5)


def _overlap(first, second):
    return all(a.overlaps(b) for a, b in zip(first.ravel(), second.ravel(), strict=True))


def test_rational_input_is_enclosed_to_the_last_bit():
    W = fmpq_mat(2, 2, [fmpq(1, 3), fmpq(2, 7), fmpq(-1, 5), 2])
    states = ball_models.linear_run(W, [Fraction(1, 3), 1], 5)
    truth = fmpq_mat(2, 1, [fmpq(1, 3), 1])
    for state in states:
        assert all(ball.contains(arb(q)) for ball, q in zip(state, truth.entries(), strict=True))
        truth = W.transpose() * truth


def test_matrix_product_multiplies_the_last_factor_from_the_left():
    factors = np.array([[[1.0, 2.0], [3.0, 4.0]], [[0.0, 1.0], [1.0, 1.0]]])
    assert (ball_models.matrix_product(factors) == exact(factors[1] @ factors[0])).all()


def test_floats_are_exact_and_nan_is_refused():
    assert radius(exact([0.1, 2.0**-1074])).max() == 0.0
    with pytest.raises(ValueError, match="NaN"):
        exact([1.0, np.nan])


def test_the_precision_comes_back_also_after_an_exception():
    def fail():
        with precision(1000):
            assert ctx.prec == 1000
            raise KeyError

    former = ctx.prec
    with pytest.raises(KeyError):
        fail()
    assert ctx.prec == former
    with pytest.raises(ValueError, match="bits"):
        precision(1).__enter__()


def test_enclosure_error_is_an_upper_bound_of_the_true_error():
    with precision(256):
        tenth = np.array([arb(1) / 10, arb(0), arb(1) / 10, arb(1) / 10])
    upper, radii = enclosure_error(np.array([0.1, 0.0, np.inf, np.nan]), tenth)
    true = abs(Fraction(0.1) - Fraction(1, 10))
    assert true <= Fraction(upper[0]) <= true * (1 + Fraction(1, 2**50))
    assert upper[1] == 0.0
    assert np.isinf(upper[2:]).all()
    assert 2.0**-300 < radii[0] < 2.0**-250
    # What underflows in float64 is still not zero.
    assert enclosure_error(np.zeros(1), np.array([arb(2) ** -2000]))[0][0] == 2.0**-1074
    with pytest.raises(ValueError, match=r"\(3,\)"):
        enclosure_error(np.zeros(3), tenth)


def test_resolving_raises_the_precision_until_the_bound_is_resolved():
    def cancelling():
        return np.array([arb(1), (1 + arb(2) ** -700 * arb(1) / 3) - 1])

    balls = resolving(cancelling, np.array([0.0, 1e-300]))
    assert balls[1].overlaps(arb(2) ** -700 / 3)
    assert radius(balls)[1] <= 1e-302
    with pytest.raises(UnresolvedError, match=r"entry \(1,\).*512 bits"):
        resolving(cancelling, np.array([1.0, 1e-300]), limit=512)
    with pytest.raises(ValueError, match="shape"):
        resolving(cancelling, np.zeros(3))


def test_a_slope_at_a_kink_is_undecided_and_its_value_is_not():
    for kink, name in ((0, "relu"), (0, "saturated_linear"), (1, "saturated_linear")):
        at_kink = np.array([arb(kink, 2.0**-30)])
        with pytest.raises(UndecidedError):
            SLOPES[name](at_kink)
        assert VALUES[name](at_kink)[0].contains(arb(kink))
        assert radius(VALUES[name](at_kink))[0] < 2.0**-28
    with pytest.raises(UndecidedError):
        resolving(lambda: SLOPES["relu"](np.array([arb(0)])), np.ones(1), limit=512)


@pytest.mark.parametrize("name", VALUES)
def test_slopes_keep_their_digits_where_a_unit_is_saturated(name):
    with precision(256):
        slopes = SLOPES[name](exact([-300.0, 300.0]))
    assert all(slope.is_zero() or slope.rel_accuracy_bits() > 200 for slope in slopes)
