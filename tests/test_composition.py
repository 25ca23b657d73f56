"""A layer composed with itself: its slopes are derivatives, and what figure 10.15 shows."""

import numpy as np
import pytest

from models.composition import Curves, compose, figure_10_15, random_composition, random_layer
from models.rnn import RNN
from properties.checking import Check, Violation, rational
from properties.checking.loading import load_catalogue
from properties.checking.plan import Plan
from properties.checking.verification import verify_part
from properties.composition import Compositions

CLAIM = next(c for c in load_catalogue().claims if c.name == "composition")
X = np.linspace(-3.0, 3.0, 7)


def layer(W):
    return RNN(W, np.zeros((len(W), 0)), np.zeros(len(W)))


def test_the_slopes_are_the_derivatives_of_the_curves():
    generator = np.random.default_rng(0)
    net = random_layer(5, 2.0, generator)
    origin, direction, readout = generator.standard_normal((3, 5))
    curves = compose(net, origin, direction, readout, X, steps=4)
    run = net.run(origin + X[:, None] * direction, np.zeros((4, len(X), 0)))
    for t in range(5):
        np.testing.assert_allclose(curves.y[t], run.states[t] @ readout, rtol=1e-14)
        through_jacobian = run.jacobian(0, t) @ direction @ readout
        np.testing.assert_allclose(curves.slopes[t], through_jacobian, rtol=1e-12)

    step = 1e-200
    by_complex_step = compose(net, origin, direction, readout, X + step * 1j, steps=4).y.imag / step
    np.testing.assert_allclose(curves.slopes, by_complex_step, rtol=1e-12)


def test_half_the_identity_flattens():
    # The largest slope at x = 0, and it is halved by each composition; no curve turns.
    one = np.array([1.0, 0.0])
    curves = compose(layer(np.eye(2) / 2), 0 * one, one, one, np.linspace(-9, 9, 19), steps=6)
    np.testing.assert_allclose(np.abs(curves.slopes).max(axis=1), 0.5 ** np.arange(7), rtol=1e-12)
    assert np.all(np.diff(np.median(np.abs(curves.slopes), axis=1)) < 0)
    assert not curves.turning_points().any()


def test_turning_points_are_changes_of_sign():
    x = np.linspace(0.0, 4 * np.pi, 101)
    curves = Curves(x, np.array([np.sin(x), x]), np.array([np.cos(x), np.ones(101)]))
    assert curves.turning_points().tolist() == [4, 0]


def test_the_scale_of_the_weights_is_the_gain():
    W = random_layer(400, 3.0, np.random.default_rng(1)).W
    # Of 160 000 entries the mean square is within 1 % of 9/400: seven of its deviations.
    assert abs(np.mean(W**2) / (9 / 400) - 1) < 0.025


def test_the_data_of_the_figure():
    curves = figure_10_15()
    assert curves.x.shape == (1201,)
    assert curves.y.shape == curves.slopes.shape == (6, 1201)
    assert np.array_equal(curves.y, figure_10_15(gain=5.0, seed=0).y)
    # The curves themselves turn where the slopes change sign.
    turns = np.sum(np.diff(np.sign(np.diff(curves.y, axis=1)), axis=1) != 0, axis=1)
    assert np.all(np.abs(turns - curves.turning_points()) <= 2)
    largest, turning = np.abs(curves.slopes).max(axis=1), curves.turning_points()
    assert largest[5] > 3 * largest[1]
    assert turning[5] > 2 * turning[1]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"origin": np.zeros(3)}, "origin has shape"),
        ({"readout": [1.0, 0.0]}, "readout is of type list"),
        ({"x": np.zeros((2, 2))}, "x has shape"),
        (
            {"layer": RNN(np.eye(2), np.zeros((2, 0)), np.zeros(2), order="activation_first")},
            "activation_first",
        ),
    ],
)
def test_what_does_not_fit_is_refused(changed, message):
    one = np.array([1.0, 0.0])
    fitting = {"layer": layer(np.eye(2)), "origin": one, "direction": one, "readout": one, "x": X}
    with pytest.raises(ValueError, match=message):
        compose(**(fitting | changed), steps=2)


@pytest.mark.parametrize("gain", [3.0, 8.0, 30.0])
def test_the_median_slope_grows(gain):
    # As it should where a layer keeps its signal, and not as figure 10.15's caption sounds.
    x, grown = np.linspace(-30.0, 30.0, 65), 0
    for seed in range(20):
        median = np.median(np.abs(random_composition(100, gain, seed, x).slopes), axis=1)
        grown += median[5] > median[1]
    assert grown >= 18


def test_hard_switches_have_a_median_that_falls():
    # At a gain of three times N few points have any unit between its limits.
    x = np.linspace(-60.0, 60.0, 401)
    for seed in range(5):
        slopes = np.abs(random_composition(100, 300.0, seed, x).slopes)
        median = np.median(slopes, axis=1)
        assert median[5] < median[1] < 1e-3 < slopes[1].max() < slopes[5].max()


@pytest.mark.parametrize("part", ["without[the gain is at least 3]", "misread[median_falls]"])
def test_counterexamples_are_found(part):
    outcome = verify_part(CLAIM, part, Plan())
    assert outcome.verdict == "holds", outcome.message
    assert "units=32" in repr(outcome.counterexample.case)


def test_slopes_that_do_not_grow_are_noticed():
    class Backwards(Compositions):
        @property
        def measures(self):
            return {name: values[:, ::-1] for name, values in super().measures.items()}

    with pytest.raises(Violation):
        CLAIM.check(Backwards(units=32, gain=rational(3), seed=0), Check())
