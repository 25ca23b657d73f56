"""A backend under test: what it returns is looked at before it is judged."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any, get_args

import numpy as np

from models import elman, gru
from models.activations import ACTIVATIONS
from models.backends.protocol import Backend, BackendError
from models.gru import GRU
from models.lstm import LSTM
from models.rnn import RNN
from models.trajectory import Gradients

NEEDED = ("supports", "run", "vjp")
UNIT_ROUNDOFF = {np.dtype(np.float64): 2.0**-53, np.dtype(np.float32): 2.0**-24}

# A parameter with more axes than this has a matrix for each element of the batch.
OWN_AXES = {"W": 2, "U": 2, "b": 1, "bn": 1}


def smallest_models() -> Iterator[Any]:
    """One model of every kind and convention, of one unit with one input."""
    one, ones = np.ones((1, 1)), np.ones(1)
    for order in get_args(elman.Order):
        for activation in ACTIVATIONS:
            yield RNN(one, one, ones, activation, order)
    yield LSTM(np.ones((4, 1)), np.ones((4, 1)), np.ones(4))
    for update in get_args(gru.Update):
        for reset in get_args(gru.Reset):
            yield GRU(np.ones((3, 1)), np.ones((3, 1)), np.ones(3), ones, update, reset)


class UnderTest:
    """A backend with its results verified to be finite numpy arrays of the right shapes.

    Attributes:
        name: as in reports.
        analytic: whether `run` takes complex states.
        asked: how often it computed something.

    Every method raises BackendError for what breaks the protocol.
    """

    def __init__(self, backend: Backend, name: str) -> None:
        missing = [each for each in NEEDED if not callable(getattr(backend, each, None))]
        if missing:
            raise BackendError(
                f"{name} is of type {type(backend).__name__} and lacks {', '.join(missing)}; "
                f"a backend needs the methods {', '.join(NEEDED)} of models.backends.Backend"
            )
        self._backend, self._dtype = backend, None
        self.name, self.asked = name, 0
        self.analytic = bool(getattr(backend, "analytic", False))

    @cached_property
    def unit_roundoff(self) -> float:
        """2⁻⁵³ or 2⁻²⁴, by the dtype of what it returns."""
        if self._dtype is None:
            for model in smallest_models():
                if self.supports(model):
                    width = 2 if isinstance(model, LSTM) else 1
                    self.run(model, np.zeros((1, width)), np.zeros((1, 1, 1)))
                    break
            else:
                raise BackendError(f"{self.name} supports no model: neither RNN, LSTM nor GRU")
        return UNIT_ROUNDOFF[self._dtype]

    def supports(self, model: Any) -> bool:
        """Whether it computes this model."""
        try:
            return bool(self._backend.supports(model))
        except Exception as failure:
            raise BackendError(
                f"{self.name}: supports raised {type(failure).__name__}: {failure}; it needs to "
                f"return whether it computes {_kind(model)}"
            ) from failure

    def run(self, model: Any, state0: np.ndarray, x: np.ndarray) -> np.ndarray:
        """The states (T+1, B, S)."""
        self._require_supported(model)
        states = self._backend.run(_copied(model), *_copies(state0, x))
        complex_allowed = self.analytic and np.iscomplexobj(state0)
        return self._verified("run", states, (len(x) + 1, *state0.shape), complex_allowed)

    def vjp(
        self, model: Any, state0: np.ndarray, x: np.ndarray, cotangents: np.ndarray
    ) -> Gradients:
        """The gradients for the direct cotangents (T+1, B, S), or (B, S) of the last state."""
        self._require_supported(model)
        found = self._backend.vjp(_copied(model), *_copies(state0, x, cotangents))
        parts = {name: getattr(found, name, None) for name in ("parameters", "inputs", "initial")}
        if any(part is None for part in parts.values()):
            raise BackendError(
                f"{self.name}: vjp returned {type(found).__name__}; it needs an object with "
                f"{', '.join(parts)}, such as models.trajectory.Gradients"
            )
        missing = set(model.PARAMETERS) - set(parts["parameters"])
        if missing:
            raise BackendError(
                f"{self.name}: vjp's parameters are {', '.join(parts['parameters']) or 'none'}; "
                f"it needs {', '.join(model.PARAMETERS)}"
            )
        states = getattr(found, "states", None)
        return Gradients(
            parameters={
                name: self._verified(
                    f"vjp, {name}", parts["parameters"][name], getattr(model, name).shape
                )
                for name in model.PARAMETERS
            },
            inputs=self._verified("vjp, inputs", parts["inputs"], x.shape),
            initial=self._verified("vjp, initial", parts["initial"], state0.shape),
            states=None
            if states is None
            else self._verified("vjp, states", states, (len(x) + 1, *state0.shape)),
        )

    def jacobian(self, model: Any, state0: np.ndarray, x: np.ndarray) -> np.ndarray:
        """∂s_T/∂s_0, (B, S, S): [b, i, j] is ∂s_T[i]/∂s_0[j]."""
        self._require_supported(model)
        batch, size = state0.shape
        if hasattr(self._backend, "jacobian"):
            found = self._backend.jacobian(_copied(model), *_copies(state0, x))
            return self._verified("jacobian", found, (batch, size, size))
        rows = self.vjp(
            _repeated(model, size),
            np.repeat(state0, size, axis=0),
            np.repeat(x, size, axis=1),
            np.tile(np.eye(size), (batch, 1)),
        )
        return rows.initial.reshape(batch, size, size)

    def _require_supported(self, model: Any) -> None:
        self.asked += 1
        if not self.supports(model):
            raise BackendError(f"{self.name} does not support {_kind(model)}")

    def _verified(
        self, what: str, array: Any, shape: tuple[int, ...], complex_allowed: bool = False
    ) -> np.ndarray:
        where = f"{self.name}: {what} returned"
        if not isinstance(array, np.ndarray):
            raise BackendError(f"{where} a {type(array).__name__}; it needs a numpy array")
        if array.shape != shape:
            raise BackendError(f"{where} shape {array.shape}; it needs {shape}")
        if not (complex_allowed and array.dtype.kind == "c"):
            self._require_dtype(where, array.dtype)
        if not np.isfinite(array).all():
            first = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
            raise BackendError(f"{where} {array[first]} at {first}; it needs finite numbers")
        return array.copy()  # The backend may write into its own array again.

    def _require_dtype(self, where: str, dtype: np.dtype) -> None:
        if dtype not in UNIT_ROUNDOFF:
            raise BackendError(f"{where} dtype {dtype}; it needs float64 or float32")
        if self._dtype is None:
            self._dtype = dtype
        if dtype != self._dtype:
            raise BackendError(
                f"{where} dtype {dtype}, and {self._dtype} before; it needs one for all"
            )


def _copies(*arrays: np.ndarray) -> list[np.ndarray]:
    """So that a backend that works in place spoils nothing of ours."""
    return [np.array(array, order="C") for array in arrays]


def _copied(model: Any) -> Any:
    return replace(model, **{name: getattr(model, name).copy() for name in model.PARAMETERS})


def _repeated(model: Any, times: int) -> Any:
    """The model for a batch in which every element is repeated."""
    batched = {
        name: np.repeat(getattr(model, name), times, axis=0)
        for name in model.PARAMETERS
        if getattr(model, name).ndim > OWN_AXES[name]
    }
    return replace(model, **batched)


def _kind(model: Any) -> str:
    conventions = [
        str(getattr(model, name))
        for name in ("activation", "order", "update", "reset")
        if hasattr(model, name)
    ]
    name = type(model).__name__
    return f"{name} ({', '.join(conventions)})" if conventions else name
