"""Backends with the mistakes that people make; the claims have to refute each."""

from dataclasses import replace

import numpy as np

from models.backends.numpy_models import NumpyModels
from models.gru import GRU
from models.lstm import LSTM
from models.rnn import RNN
from tests.plain_cells import PlainCells


class Only(PlainCells):
    """One kind of model only."""

    kind = RNN

    def supports(self, model):
        return isinstance(model, self.kind) and super().supports(model)


class RewrittenWeights(Only):
    """Right on other weights than those given, and gives the gradients of those back."""

    def rewritten(self, name, array):
        raise NotImplementedError

    def _of(self, model):
        return replace(model, **{n: self.rewritten(n, getattr(model, n)) for n in "WUb"})

    def run(self, model, state0, x):
        return super().run(self._of(model), state0, x)

    def vjp(self, model, state0, x, cotangents):
        found = super().vjp(self._of(model), state0, x, cotangents)
        own = {name: self.rewritten(name, array) for name, array in found.parameters.items()}
        return replace(found, parameters=own)


class GatesSwapped(RewrittenWeights):
    """Takes the rows of an LSTM's gates to be in the order f, i, g, o."""

    kind = LSTM

    def rewritten(self, name, array):
        i, f, g, o = np.split(array, 4)
        return np.concatenate([f, i, g, o])


class RecurrentTransposed(RewrittenWeights):
    """Multiplies by Wᵀ where W is due."""

    def rewritten(self, name, array):
        return array.T if name == "W" else array


class SlopeOfTheNextStep(Only):
    """Takes tanh' in the backward pass from the step after."""

    slope_late = 1


class SlopeOfTheNextCell(SlopeOfTheNextStep):
    kind = LSTM


class TruncatedAfterTen(Only):
    """Stops the gradient ten steps before the end."""

    steps_back = 10


class TruncatedLSTM(TruncatedAfterTen):
    kind = LSTM


class BiasTwice(Only):
    """Adds up the gradients of two bias vectors which it calls one."""

    def vjp(self, model, state0, x, cotangents):
        found = super().vjp(model, state0, x, cotangents)
        return replace(found, parameters={**found.parameters, "b": 2 * found.parameters["b"]})


class BiasTwiceLSTM(BiasTwice):
    kind = LSTM


class Float16AsFloat32(Only):
    """Computes in half precision and returns single."""

    computed, returned = np.float16, np.float32


class Float16AsFloat32LSTM(Float16AsFloat32):
    kind = LSTM


class UnitForgetBias(RewrittenWeights):
    """Adds 1 to the forget bias, as some libraries do unasked."""

    kind = LSTM
    added = 1.0

    def _of(self, model):
        bias = model.b.copy()
        bias[len(bias) // 4 : len(bias) // 2] += self.added
        return replace(model, b=bias)

    def rewritten(self, name, array):
        return array


class CoupledGates(UnitForgetBias):
    """Forgets by 1 − i, whatever the forget gate has learned."""

    def _of(self, model):
        def coupled(name, array):
            i, _, g, o = np.split(array, 4)
            return np.concatenate([i, -i, g, o])

        return replace(model, **{name: coupled(name, getattr(model, name)) for name in "WUb"})


class DetachedLSTM(Only):
    """Takes errors back along the cells alone, as in 1997."""

    kind = LSTM
    detached = True


class OtherConvention(NumpyModels):
    """A GRU that takes one convention for another."""

    analytic = False

    def supports(self, model):
        return isinstance(model, GRU) and (model.update, model.reset) == ("keep", "after")

    def mistaken(self, model):
        raise NotImplementedError

    def run(self, model, state0, x):
        return super().run(self.mistaken(model), state0, x)

    def vjp(self, model, state0, x, cotangents):
        return super().vjp(self.mistaken(model), state0, x, cotangents)

    def jacobian(self, model, state0, x):
        return super().jacobian(self.mistaken(model), state0, x)


class WritesWithZ(OtherConvention):
    def mistaken(self, model):
        return replace(model, update="write")


class ResetsBefore(OtherConvention):
    def mistaken(self, model):
        return replace(model, reset="before")
