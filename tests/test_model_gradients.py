"""Every derivative that a model gives, beside the complex-step derivative of its own run.

Both accounts lie within the bound of `tests.majorants` from the exact derivative.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import elman, matrices, recursion, trajectory
from models.complex_step import complex_step
from tests.majorants import Majorant
from tests.model_cases import CASES

few = settings(max_examples=25)


@pytest.fixture(params=["small", "large"], autouse=True, scope="module")
def way(request):
    """Large networks work in blocks and by other products; here small ones do so, too."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "large":
            patch.setattr(matrices, "BLOCK", 4)
            patch.setattr(trajectory, "HELD", 4)
            patch.setattr(elman, "STACK", 4)
            patch.setattr(elman, "MULTIPLICATIONS", 8)
            patch.setattr(elman, "STACKED_FROM", 0)
            patch.setattr(matrices, "FEW", 0)
            patch.setattr(matrices, "SMALL", 0)
            patch.setattr(recursion, "SMALL", 0)
        yield


def every_model(test):
    """The test of one case, for each kind of model, on generated cases."""

    @pytest.mark.parametrize("name", CASES)
    @few
    @given(st.data())
    def on_generated_cases(name, data):
        test(data.draw(CASES[name]))

    return on_generated_cases


def assert_within(difference, bound, label):
    """Both sides carry an error up to the bound."""
    assert np.shape(difference) == np.shape(bound)
    assert np.all(np.abs(difference) <= 2 * bound), f"{label}: {difference} above {2 * bound}"


def of_points(function):
    """What complex_step calls: function at each of many points."""
    return lambda points: np.array([function(point) for point in points])


def cost_bounds(case):
    """By name, the bound on an error of the derivative of case.cost(), shaped like it."""
    bounds = {name: np.zeros(array.shape) for name, array in case.parameters.items()}
    bounds |= {"start": np.zeros(case.start.shape), "inputs": np.zeros(case.inputs.shape)}
    for b in range(len(case.start)):
        states, places = case.majorants(b)
        cost = Majorant.constant(0.0)
        for state, cotangent in zip(states, case.cotangents[:, b], strict=True):
            cost = cost + state @ cotangent
        error = np.broadcast_to(cost.total_derivative_error, sum(p.size for p in places.values()))
        for name, place in places.items():
            bounds[name][case.part(name, b)] += error[place]
    return bounds


@every_model
def test_states_are_the_textbooks(case):
    states = case.trajectory().states
    for b in range(len(case.start)):
        majorants, _ = case.majorants(b)
        expected = np.array(case.textbook_states(case.element(b)))
        bound = np.array([[each.total_error for each in state] for state in majorants])
        assert_within(states[:, b] - expected, bound, "states")


@every_model
def test_backward_is_the_complex_step_derivative(case):
    gradients, bounds = case.trajectory().backward(case.cotangents), cost_bounds(case)
    given = {**case.parameters, "start": case.start, "inputs": case.inputs}
    found = {**gradients.parameters, "start": gradients.initial, "inputs": gradients.inputs}
    for name, array in given.items():
        cost = of_points(lambda point, name=name: case.cost(**{name: point}))
        assert_within(found[name] - complex_step(cost, array), bounds[name], name)


@every_model
def test_jacobian_is_the_complex_step_derivative(case):
    trajectory = case.trajectory()
    steps = len(trajectory.inputs)
    product = np.broadcast_to(np.eye(case.start.shape[1]), trajectory.jacobian(0, 0).shape)
    for step in trajectory.step_jacobians():
        product = step @ product
    last = of_points(lambda point: case.trajectory(start=point).states[-1])
    derivative = complex_step(last, case.start)
    for b in range(len(case.start)):
        majorants, places = case.majorants(b)
        bound = np.array([each.total_derivative_error[places["start"]] for each in majorants[-1]])
        assert_within(trajectory.jacobian(0, steps)[b] - derivative[b, :, b], bound, "jacobian")
        assert_within(product[b] - derivative[b, :, b], bound, "product of step Jacobians")


@every_model
def test_lag_terms_sum_to_the_gradient(case):
    case.cotangents[:-1] = 0
    trajectory, bounds = case.trajectory(), cost_bounds(case)
    gradients = trajectory.backward(case.cotangents[-1])
    for name, terms in trajectory.lag_terms(case.cotangents[-1]).items():
        gradient = gradients.parameters[name]
        layers_or_none = () if case.layered else (0,)
        axes = layers_or_none + ((1,) if case.shared else ())
        assert_within(terms.sum(axis=axes) - gradient, bounds[name], name)


@every_model
def test_weights_for_each_element_act_as_if_it_were_alone(case):
    """A batch gives what its elements give one by one, up to the order of the sums."""
    states = case.trajectory().states
    for b in range(len(case.start)):
        element = case.element(b)
        start, inputs = element.pop("start")[None], element.pop("inputs")[:, None]
        alone = case.trajectory(start=start, inputs=inputs, **element).states[:, 0]
        majorants, _ = case.majorants(b)
        bound = np.array([[each.total_error for each in state] for state in majorants])
        assert_within(states[:, b] - alone, bound, "states")
