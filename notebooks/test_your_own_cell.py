# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Test your own cell
#
# The claims about networks judge any implementation. This one is a tanh network in numpy with a
# backward pass by hand; the same works for a cell in torch or JAX. It has to say what it
# supports, to run, and to give the gradients.

# %%
import numpy as np

from models.rnn import RNN
from models.trajectory import Gradients
from teaching.notebook import verify


class MyRNN:
    name = "my RNN"

    def supports(self, model):
        return isinstance(model, RNN) and (model.activation, model.order) == (
            "tanh",
            "activation_last",
        )

    def run(self, model, state0, x):
        states = [state0]
        for x_t in x:
            states.append(np.tanh(states[-1] @ model.W.T + x_t @ model.U.T + model.b))
        return np.stack(states)

    def slope(self, states, t):
        return 1 - states[t] ** 2

    def vjp(self, model, state0, x, cotangents):
        states = self.run(model, state0, x)
        direct = np.zeros(states.shape)
        if cotangents.ndim == 2:
            direct[-1] = cotangents
        else:
            direct += cotangents
        found = {name: np.zeros(getattr(model, name).shape) for name in ("W", "U", "b")}
        inputs, g = np.zeros(x.shape), direct[-1]
        for t in range(len(x), 0, -1):
            delta = g * self.slope(states, t)
            found["W"] += delta.T @ states[t - 1]
            found["U"] += delta.T @ x[t - 1]
            found["b"] += delta.sum(axis=0)
            inputs[t - 1] = delta @ model.U
            g = delta @ model.W + direct[t - 1]
        return Gradients(found, inputs, g, None)


verdict = verify("jacobian_chain", "backpropagation_through_time", backend="__main__:MyRNN")
assert verdict.holds, verdict
verdict

# %% [markdown]
# Now a mistake that training hides well: the slope taken one step too early. The smallest network
# that shows it has one unit and one step.


# %%
class LateRNN(MyRNN):
    def slope(self, states, t):
        return 1 - states[t - 1] ** 2


verdict = verify("jacobian_chain", backend="__main__:LateRNN")
assert not verdict.holds
verdict

# %% [markdown]
# From the command line, with the class in a file: `claims verify --backend my_cell.py:MyRNN` judges
# it by every claim that concerns it, and `--backend torch` does the same for torch's own cells.
