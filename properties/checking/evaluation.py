"""Which step analysis belongs to which model."""

from typing import Any

from models.feedforward import FeedForward
from models.gru import GRU
from models.lstm import LSTM
from models.neuron import Neuron
from models.rnn import RNN
from properties.checking.gated_step_bounds import gru, lstm
from properties.checking.rounding import Computed, Floats
from properties.checking.step_bounds import Evaluate, bias_of_steps, elman, weight_of_steps


def evaluation(trajectory: Any, u: float) -> Evaluate:
    """The steps of the trajectory of a model. Raises ValueError for a model without bounds."""
    model, states = trajectory.model, trajectory.states
    x = Computed.of(trajectory.inputs, u)
    match model:
        case RNN():
            drive, bias = [(weight_of_steps(model.U), x)], [bias_of_steps(model.b)]
            weight = weight_of_steps(model.W)
        case FeedForward():
            drive, bias = [], [model.b if model.b.ndim == 3 else model.b[:, None]]
            weight = model.W if model.W.ndim == 4 else model.W[:, None]
        case Neuron():
            drive, bias = [(weight_of_steps(model.U), x)], []
            weight = model.w.reshape(1, -1, 1, 1)
        case LSTM():
            return lstm(*_parameters_of_steps(model), states, x)
        case GRU():
            weights = *_parameters_of_steps(model), bias_of_steps(model.bn)
            return gru(*weights, states, x=x, update=model.update, reset=model.reset)
        case _:
            raise ValueError(
                f"trajectory is of a {type(model).__name__}; it needs one of this project's models"
            )
    return elman(weight, drive, bias, states, u, activation=model.activation, order=model.order)


def _parameters_of_steps(model: LSTM | GRU) -> tuple[Floats, Floats, Floats]:
    return weight_of_steps(model.W), weight_of_steps(model.U), bias_of_steps(model.b)
