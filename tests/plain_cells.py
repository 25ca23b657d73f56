"""A backend of the plainest kind: loops over the steps, with the derivatives written out by hand.

Independent of the models and of every framework, so that what the claims say of it is not what they
say of those; and the ground on which the wrong backends of `tests.wrong_cells` stand.
"""

import numpy as np

from models.lstm import LSTM
from models.rnn import RNN
from models.trajectory import Gradients


def logistic(a):
    return 1 / (1 + np.exp(-a))


class PlainCells:
    """Tanh networks (activation last) and LSTMs, computed in one precision.

    computed, returned: dtypes.
    steps_back: how many steps a gradient travels back, None for all.
    slope_late: by how many steps tanh' is taken too late.
    detached: whether no gradient travels back through what the gates read.
    """

    name = "plain"
    computed = returned = np.float64
    steps_back: int | None = None
    slope_late = 0
    detached = False

    def supports(self, model):
        if isinstance(model, RNN):
            return (model.activation, model.order) == ("tanh", "activation_last")
        return isinstance(model, LSTM)

    def run(self, model, state0, x):
        states, _ = self._forward(model, state0, x)
        return states.astype(self.returned)

    def vjp(self, model, state0, x, cotangents):
        # What leaves the format is returned as it is, for others to judge.
        with np.errstate(over="ignore", invalid="ignore"):
            return self._vjp(model, state0, x, cotangents)

    def _vjp(self, model, state0, x, cotangents):
        states, steps = self._forward(model, state0, x)
        direct = np.zeros(states.shape, self.computed)
        if cotangents.ndim == 2:
            direct[-1] = cotangents
        else:
            direct += cotangents.astype(self.computed)
        back = self._lstm_back if isinstance(model, LSTM) else self._rnn_back
        W, U, _ = self._weights(model)
        x = x.astype(self.computed)
        found = {name: np.zeros(getattr(model, name).shape, self.computed) for name in "WUb"}
        inputs, g = np.zeros(x.shape, self.computed), direct[-1]
        hidden = slice(W.shape[1])
        for t in range(len(x), 0, -1):
            if self.steps_back is not None and len(x) - t >= self.steps_back:
                g = np.zeros_like(g)
            delta, g = back(states, steps, t, g)
            g[:, hidden] += 0 if self.detached else delta @ W
            found["W"] += delta.T @ states[t - 1][:, hidden]
            found["U"] += delta.T @ x[t - 1]
            found["b"] += delta.sum(axis=0)
            inputs[t - 1] = delta @ U
            g = g + direct[t - 1]
        found = {name: array.astype(self.returned) for name, array in found.items()}
        return Gradients(found, inputs.astype(self.returned), g.astype(self.returned), None)

    def _weights(self, model):
        return (array.astype(self.computed) for array in (model.W, model.U, model.b))

    def _forward(self, model, state0, x):
        """The states, and for each step what its derivative needs."""
        W, U, b = self._weights(model)
        step = self._lstm_step if isinstance(model, LSTM) else self._rnn_step
        states, steps = [state0.astype(self.computed)], []
        for x_t in x.astype(self.computed):
            h = states[-1][:, : W.shape[1]]
            state, kept = step(h @ W.T + x_t @ U.T + b, states[-1])
            states.append(state)
            steps.append(kept)
        return np.stack(states), steps

    def _rnn_step(self, a, state):
        return np.tanh(a), None

    def _rnn_back(self, states, steps, t, g):
        """The cotangent of the pre-activation, and what else reaches the state before."""
        slope = 1 - states[min(t + self.slope_late, len(steps))] ** 2
        return g * slope, np.zeros_like(g)

    def _lstm_step(self, a, state):
        i, f, g, o = np.split(a, 4, axis=1)
        i, f, g, o = logistic(i), logistic(f), np.tanh(g), logistic(o)
        c = f * np.split(state, 2, axis=1)[1] + i * g
        return np.concatenate([o * np.tanh(c), c], axis=1), (i, f, g, o)

    def _lstm_back(self, states, steps, t, cotangent):
        i, f, g, o = steps[t - 1]
        before = np.split(states[t - 1], 2, axis=1)[1]
        after = np.split(states[min(t + self.slope_late, len(steps))], 2, axis=1)[1]
        by_h, by_c = np.split(cotangent, 2, axis=1)
        by_c = by_c + by_h * o * (1 - np.tanh(after) ** 2)
        delta = [
            by_c * g * i * (1 - i),
            by_c * before * f * (1 - f),
            by_c * i * (1 - g * g),
            by_h * np.tanh(np.split(states[t], 2, axis=1)[1]) * o * (1 - o),
        ]
        return np.concatenate(delta, axis=1), np.concatenate(
            [np.zeros_like(by_h), by_c * f], axis=1
        )


class Float32(PlainCells):
    """All in single precision."""

    computed = returned = np.float32
