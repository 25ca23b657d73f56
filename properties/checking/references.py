"""The run of a model once more, in balls: what its trajectory and its gradients are judged by."""

from typing import Any

from models.feedforward import FeedForward
from models.gru import GRU
from models.lstm import LSTM
from models.neuron import Neuron
from models.rnn import RNN
from properties.checking import ball_gated, ball_models
from properties.checking.ball_models import BallTrajectory


def reference(trajectory: Any, element: int = 0) -> BallTrajectory:
    """The trajectory of one element of the batch, at the precision of the moment.

    Parameters, inputs and the initial state are taken from the trajectory, exactly; its states
    aren't. Raises ValueError for a model that has no reference.
    """
    model, s0, x = trajectory.model, trajectory.states[0, element], trajectory.inputs[:, element]

    def own(name: str, rank: int) -> Any:
        """The parameter without its batch axis, which stands before the last `rank` ones."""
        parameter = getattr(model, name)
        has_batch = parameter.ndim > rank + isinstance(model, FeedForward)
        return parameter[(..., element) + (slice(None),) * rank] if has_batch else parameter

    convention = {
        name: getattr(model, name)
        for name in ("activation", "order", "update", "reset")
        if isinstance(model, RNN | FeedForward | GRU) and hasattr(model, name)
    }
    match model:
        case RNN():
            return ball_models.rnn(own("W", 2), own("U", 2), own("b", 1), s0, x, **convention)
        case FeedForward():
            return ball_models.feed_forward(own("W", 2), own("b", 1), s0, **convention)
        case Neuron():
            return ball_models.neuron(own("w", 0), s0[0], x[:, 0])
        case LSTM():
            return ball_gated.lstm(own("W", 2), own("U", 2), own("b", 1), s0, x)
        case GRU():
            weights = {"W": own("W", 2), "U": own("U", 2), "b": own("b", 1), "bn": own("bn", 1)}
            return ball_gated.gru(**weights, s0=s0, x=x, **convention)
    raise ValueError(
        f"trajectory is of a {type(model).__name__}; it needs one of this project's models"
    )
