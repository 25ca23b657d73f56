"""The complex step is as small as the largest derivative on the way needs it."""

import numpy as np

from models.complex_step import complex_step
from models.rnn import RNN
from properties.checking import complex_step_bounds


def doubling(steps: int) -> tuple[RNN, np.ndarray, np.ndarray]:
    """A unit at rest at 0 with W = 2: ∂h_t/∂h_0 = 2ᵗ."""
    model = RNN(W=np.array([[2.0]]), U=np.zeros((1, 0)), b=np.zeros(1))
    return model, np.zeros((1, 1)), np.zeros((steps, 1, 0))


def test_a_derivative_of_two_to_the_three_hundred_is_within_its_bound() -> None:
    model, start, inputs = doubling(300)
    trajectory = model.run(start, inputs)

    def last(h0: np.ndarray) -> np.ndarray:
        return model.run(h0, inputs).states[-1]

    bound = complex_step_bounds.jacobian(trajectory)[0]
    found = complex_step(last, start[0], complex_step_bounds.step(trajectory))
    assert abs(found - 2.0**300) <= bound
    assert not abs(complex_step(last, start[0]) - 2.0**300) <= bound


def test_what_was_large_on_the_way_counts() -> None:
    """The unit doubles 100 times, and then is held where its slope is below 2⁻¹⁰."""
    model, start, _ = doubling(100)
    held = RNN(W=model.W, U=np.ones((1, 1)), b=model.b)
    drive = np.zeros((130, 1, 1))
    assert complex_step_bounds.step(held.run(start, drive[:100])) == 2.0**-201
    drive[100:] = 4.0
    trajectory = held.run(start, drive)
    assert abs(trajectory.jacobian(0, 130)).max() < 1
    assert complex_step_bounds.step(trajectory) == 2.0**-201
