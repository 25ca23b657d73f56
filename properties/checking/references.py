"""The run of a model once more, in balls: what its trajectory and its gradients are judged by."""

from typing import Any

from models.lstm import LSTM
from models.rnn import RNN
from properties.checking import ball_gated, ball_models
from properties.checking.ball_models import BallTrajectory


def reference(trajectory: Any, element: int = 0) -> BallTrajectory:
    """The trajectory of one element of the batch, at the present precision.

    Parameters, inputs and the initial state are taken from the trajectory, exactly; its states
    aren't. Raises ValueError for a model that has no reference.
    """
    model = trajectory.model

    def own(name: str, rank: int) -> Any:
        parameter = getattr(model, name)
        return parameter[element] if parameter.ndim > rank else parameter

    s0, x = trajectory.states[0, element], trajectory.inputs[:, element]
    match model:
        case RNN(activation=activation, order=order):
            weights = own("W", 2), own("U", 2), own("b", 1)
            return ball_models.rnn(*weights, s0, x, activation=activation, order=order)
        case LSTM():
            return ball_gated.lstm(own("W", 2), own("U", 2), own("b", 1), s0, x)
    raise ValueError(
        f"trajectory is of a {type(model).__name__}; it needs a model with a reference: RNN, LSTM"
    )
