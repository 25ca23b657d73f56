"""What an implementation of recurrent networks offers, to be judged."""

from typing import Any, Protocol

import numpy as np

from models.trajectory import Gradients


class BackendError(ValueError):
    """A backend that cannot be found, or that breaks the protocol; says what to do."""


class Backend(Protocol):
    """An implementation of the RNN, the LSTM or the GRU, with its derivatives.

    It is handed a model of this project (`models.rnn.RNN`, `models.lstm.LSTM`, `models.gru.GRU`:
    the parameters in float64, with shapes and gate order documented there), and computes what that
    model says, in a precision of its own. T steps, batch B, D inputs, state of width S (N units; 2N
    for the LSTM's [h, c]). T = 0 is a sequence too. It returns numpy arrays that are all float64 or
    all float32: that dtype decides which rounding errors it may make.

    Two members are optional: `jacobian(model, state0, x)`, ∂s_T/∂s_0 as (B, S, S), which is
    otherwise taken from `vjp` of the S unit cotangents in one batch; and `analytic = True` where
    `run` takes complex states too, as the complex-step derivative needs.
    """

    name: str

    def supports(self, model: Any) -> bool:
        """Whether it computes this model, with this activation and in this convention."""

    def run(self, model: Any, state0: np.ndarray, x: np.ndarray) -> np.ndarray:
        """The states (T+1, B, S) from state0 (B, S), which comes first, along x (T, B, D)."""

    def vjp(
        self, model: Any, state0: np.ndarray, x: np.ndarray, cotangents: np.ndarray
    ) -> Gradients:
        """The gradients of a cost with ∂C/∂s_t = cotangents[t], directly, (T+1, B, S).

        Or (B, S): at the last state alone. `states` may be None where only the ends are seen.
        """
