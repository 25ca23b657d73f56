"""The cells once more, as their papers write them: one sequence, one step, column vectors.

Nothing is shared with the models. The numbers may be floats, or `Majorant`s in arrays of objects.
"""

import numpy as np

from tests.majorants import Majorant


def logistic(a):
    if a.dtype == object:
        return np.array([each.logistic() for each in a], dtype=object)
    return 1 / (1 + np.exp(-a))


ACTIVATIONS = {"tanh": np.tanh, "logistic": logistic}


def activation_last(W, U, b, state, x, activation="tanh"):
    return ACTIVATIONS[activation](W @ state + U @ x + b)


def activation_first(W, U, b, state, x, activation="tanh"):
    return W @ ACTIVATIONS[activation](state) + U @ x + b


def lstm(W, U, b, state, x):
    h, c = np.split(state, 2)
    i, f, g, o = np.split(W @ h + U @ x + b, 4)
    c = logistic(f) * c + logistic(i) * np.tanh(g)
    return np.concatenate([logistic(o) * np.tanh(c), c])


def gru(W, U, b, bn, state, x, update, reset):
    wr, wz, wn = np.split(W, 3)
    ur, uz, un = np.split(U @ x + b, 3)
    r, z = logistic(wr @ state + ur), logistic(wz @ state + uz)
    inner = r * (wn @ state + bn) if reset == "after" else wn @ (r * state) + bn
    n = np.tanh(un + inner)
    return z * state + (1 - z) * n if update == "keep" else (1 - z) * state + z * n


def variables(array, directions):
    """An array of Majorants, each varying along the direction in its place."""
    made = np.empty(array.shape, dtype=object)
    for place in np.ndindex(array.shape):
        made[place] = Majorant.variable(float(array[place]), directions[place])
    return made
