"""This project's own models as a backend, in float64."""

from models.gru import GRU
from models.lstm import LSTM
from models.rnn import RNN


class NumpyModels:
    """Runs and differentiates the models as they are."""

    name = "numpy"
    analytic = True

    def supports(self, model):
        return isinstance(model, RNN | LSTM | GRU)

    def run(self, model, state0, x):
        return model.run(state0, x).states

    def vjp(self, model, state0, x, cotangents):
        return model.run(state0, x).backward(cotangents)

    def jacobian(self, model, state0, x):
        return model.run(state0, x).jacobian(0, len(x))
