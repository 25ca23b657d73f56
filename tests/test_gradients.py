"""Back-propagation cut short, by hand: h_t = 2h_{t−1} + x_t from h_0 = 1 along x = 1, 2, 3."""

from __future__ import annotations

import numpy as np
import pytest

from models.rnn import RNN
from properties.checking.balls import exact
from properties.checking.gradients import truncated
from properties.checking.references import reference

DOUBLING = RNN(np.full((1, 1), 2.0), np.ones((1, 1)), np.zeros(1), activation="identity")

# h is 1, 3, 8, 19, and what a step adds to ∂C/∂W is 2^{T−t} h_{t−1}.
EXPECTED = {
    1: {"inputs": [0, 0, 1], "W": 8, "b": 1, "initial": 0},
    2: {"inputs": [0, 2, 1], "W": 14, "b": 3, "initial": 0},
    3: {"inputs": [4, 2, 1], "W": 18, "b": 7, "initial": 8},
    4: {"inputs": [4, 2, 1], "W": 18, "b": 7, "initial": 8},
}


@pytest.mark.parametrize("steps", [1, 2, 3, 4])
def test_what_is_before_the_last_steps_is_zero(steps: int) -> None:
    trajectory = DOUBLING.run(np.ones((1, 1)), np.array([1.0, 2.0, 3.0]).reshape(3, 1, 1))
    found = truncated(reference(trajectory), exact(np.ones(1)), steps)
    for name, value in EXPECTED[steps].items():
        assert [float(entry) for entry in found[name].flat] == np.ravel(value).tolist()
