"""Cells written in torch: their forward pass is given, their derivatives are torch's.

Imported only when a torch backend is asked for.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from models.gru import GRU
from models.lstm import LSTM
from models.rnn import RNN
from models.trajectory import Gradients


@contextmanager
def _one_thread() -> Iterator[None]:
    """For networks as small as those of claims, sharing a call between threads takes ten times."""
    former = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(former)


class TorchCell:
    """A backend from a forward pass: derive from it, and write `supports` and `forward`.

    dtype: "float64" or "float32".
    """

    name = "a torch cell"

    def __init__(self, dtype: str = "float64") -> None:
        self.dtype = getattr(torch, dtype)

    def supports(self, model: Any) -> bool:
        """Whether `forward` computes this model, with its conventions and shapes."""
        raise NotImplementedError

    def forward(self, model: Any, weights: dict[str, Tensor], state: Tensor, x: Tensor) -> Tensor:
        """The states (T+1, B, S) from the given one (B, S), which comes first, along x (T, B, D).

        weights: the model's parameters by name, as tensors.
        """
        raise NotImplementedError

    def last(self, model: Any, weights: dict[str, Tensor], state: Tensor, x: Tensor) -> Tensor:
        """The last of the states, (B, S), where there is a shorter way to it."""
        return self.forward(model, weights, state, x)[-1]

    def run(self, model: Any, state0: np.ndarray, x: np.ndarray) -> np.ndarray:
        """The states (T+1, B, S) as a numpy array."""
        with _one_thread(), torch.no_grad():
            return self.forward(model, *self._tensors(model, state0, x)).numpy()

    def vjp(
        self, model: Any, state0: np.ndarray, x: np.ndarray, cotangents: np.ndarray
    ) -> Gradients:
        """The gradients by torch's reverse mode."""
        weights, state, inputs = self._tensors(model, state0, x)
        sources = [*weights.values(), state, inputs]
        for source in sources:
            source.requires_grad_()
        through = self.last if cotangents.ndim == 2 else self.forward
        with _one_thread():
            found = torch.autograd.grad(
                through(model, weights, state, inputs),
                sources,
                torch.tensor(cotangents, dtype=self.dtype),
                materialize_grads=True,
            )
        *parameters, initial, by_inputs = (gradient.numpy() for gradient in found)
        return Gradients(dict(zip(weights, parameters, strict=True)), by_inputs, initial, None)

    def _tensors(
        self, model: Any, state0: np.ndarray, x: np.ndarray
    ) -> tuple[dict[str, Tensor], Tensor, Tensor]:
        def tensor(array: np.ndarray) -> Tensor:
            return torch.tensor(array, dtype=self.dtype)

        weights = {name: tensor(getattr(model, name)) for name in model.PARAMETERS}
        return weights, tensor(state0), tensor(x)


class TorchModules(TorchCell):
    """torch's own nn.RNN, nn.LSTM and nn.GRU with our weights.

    Their gates stand in our order; of their two bias vectors the second is added to W h: it holds
    the GRU's bn, and zeros otherwise. nn.RNN applies tanh or ReLU last; nn.GRU keeps with z and
    resets after the product with W. No weights of their own for elements of a batch.
    """

    name = "torch"

    def supports(self, model: Any) -> bool:
        match model:
            case RNN(activation="tanh" | "relu", order="activation_last") | LSTM():
                pass
            case GRU(update="keep", reset="after"):
                pass
            case _:
                return False
        return model.W.ndim == 2 and model.U.ndim == 2 and model.b.ndim == 1

    def forward(self, model: Any, weights: dict[str, Tensor], state: Tensor, x: Tensor) -> Tensor:
        if isinstance(model, LSTM):
            # nn.LSTM shows its cells only at the end of a sequence: so a step at a time.
            states = [state]
            for x_t in x:
                states.append(self.last(model, weights, states[-1], x_t[None]))
            return torch.stack(states)
        if len(x) == 0:
            return state[None]
        outputs, _ = self._call(model, weights, state[None], x)
        return torch.cat([state[None], outputs])

    def last(self, model: Any, weights: dict[str, Tensor], state: Tensor, x: Tensor) -> Tensor:
        if not isinstance(model, LSTM):
            return super().last(model, weights, state, x)
        if len(x) == 0:
            return state
        size = state.shape[1] // 2
        h, c = state[None, :, :size].contiguous(), state[None, :, size:].contiguous()
        _, (h, c) = self._call(model, weights, (h, c), x)
        return torch.cat([h[0], c[0]], dim=1)

    def _call(self, model: Any, weights: dict[str, Tensor], state: Any, x: Tensor) -> Any:
        U, b = weights["U"], weights["b"]
        if x.shape[2] == 0:
            # torch refuses a network without inputs; one that is always zero is none.
            U, x = U.new_zeros(len(U), 1), x.new_zeros(*x.shape[:2], 1)
        recurrent = torch.zeros_like(b)
        if "bn" in weights:
            recurrent = torch.cat([recurrent[len(weights["bn"]) :], weights["bn"]])
        renamed = {
            "weight_hh_l0": weights["W"],
            "weight_ih_l0": U,
            "bias_ih_l0": b,
            "bias_hh_l0": recurrent,
        }
        activation = getattr(model, "activation", None)
        module = _module(type(model), x.shape[2], model.W.shape[1], activation, self.dtype)
        return torch.func.functional_call(module, renamed, (x, state))


@cache
def _module(kind: type, inputs: int, size: int, activation: str | None, dtype: Any) -> nn.Module:
    """The module of this shape, without weights of its own."""
    made = {RNN: nn.RNN, LSTM: nn.LSTM, GRU: nn.GRU}[kind]
    convention = {"nonlinearity": activation} if activation else {}
    return made(inputs, size, device="meta", dtype=dtype, **convention)
