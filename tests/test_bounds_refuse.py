"""Negative controls: what a bound is for is to tell wrong models from right ones."""

import dataclasses

import numpy as np
import pytest

from properties.checking import bounds
from properties.checking.balls import enclosure_error, exact, precision
from properties.checking.references import reference
from tests.bound_cases import CLASSES, ORDERS, rnn, trajectory_of


@pytest.mark.parametrize("matrices", CLASSES)
@pytest.mark.parametrize("order", ORDERS)
class TestAWrongModelAtFiftyStepsOfEightUnits:
    """Negative controls: what a bound is for is to tell these from right ones."""

    @pytest.fixture
    def case(self, matrices, order):
        rng = np.random.default_rng(3)
        model = dataclasses.replace(rnn(rng, CLASSES[matrices], 8), activation="tanh", order=order)
        trajectory = trajectory_of(model, rng, 50)
        with precision(512):
            return trajectory, bounds.RunBounds(trajectory), reference(trajectory)

    def _states(self, trajectory, tanh, transpose=False):
        model, states = trajectory.model, [trajectory.states[0]]
        W = model.W.T if transpose else model.W
        for x in trajectory.inputs:
            drive = x @ model.U.T + model.b
            if model.order == "activation_last":
                states.append(tanh(states[-1] @ W.T + drive))
            else:
                states.append(tanh(states[-1]) @ W.T + drive)
        return np.array(states)

    def _jacobian(self, truth):
        with precision(512):
            return truth.jacobian(0, 50)

    def _caught(self, actual, balls, bound):
        return (enclosure_error(actual, balls)[0] > bound).any()

    def test_the_right_one_passes(self, case):
        trajectory, run, truth = case
        states = self._states(trajectory, np.tanh)
        assert not self._caught(states[:, 0], truth.states, run.states.values[:, 0])

    def test_a_relative_error_of_1e_9_in_tanh(self, case):
        trajectory, run, truth = case
        states = self._states(trajectory, lambda a: np.tanh(a) * (1 + 1e-9))
        assert self._caught(states[:, 0], truth.states, run.states.values[:, 0])
        # At every step, not only at the first.
        assert self._caught(states[-1:, 0], truth.states[-1:], run.states.values[-1:, 0])

    def test_a_relative_error_of_1e_9_in_the_slope(self, case):
        trajectory, run, truth = case
        jacobian = trajectory.jacobian(0, 50)[0] * (1 + 1e-9) ** 50
        assert self._caught(jacobian, self._jacobian(truth), run.jacobian(0, 50).values[0])

    def test_a_transposed_matrix(self, case):
        trajectory, run, truth = case
        states = self._states(trajectory, np.tanh, transpose=True)
        symmetric = np.array_equal(trajectory.model.W, trajectory.model.W.T)
        bound = run.states.values[:, 0]
        assert symmetric or self._caught(states[-1:, 0], truth.states[-1:], bound[-1:])

    def test_float32_in_place_of_float64(self, case):
        trajectory, run, truth = case
        states = self._states(trajectory, lambda a: np.tanh(a.astype(np.float32)).astype(float))
        assert self._caught(states[:, 0], truth.states, run.states.values[:, 0])

    def test_slopes_of_the_next_step(self, case):
        trajectory, run, truth = case
        steps = trajectory.step_jacobians()
        shifted = np.concatenate([steps[1:], steps[-1:]])
        jacobian = np.linalg.multi_dot(shifted[::-1, 0])
        assert self._caught(jacobian, self._jacobian(truth), run.jacobian(0, 50).values[0])

    def test_a_gradient_truncated_after_ten_steps(self, case):
        trajectory, run, truth = case
        cotangents = np.random.default_rng(0).normal(size=(1, 8))
        right = run.backward(cotangents).parameters["W"].values
        terms = trajectory.lag_terms(cotangents)["W"][:, 0]
        with precision(512):
            balls = truth.backward(exact(cotangents[0]))["W"]
        assert not self._caught(terms.sum(axis=0), balls, right)
        assert self._caught(terms[-10:].sum(axis=0), balls, right)
