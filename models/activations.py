"""The five activation functions, each with its slope and the constants that bounds need.

Complex arguments are taken where the function is analytic, so that the complex-step derivative
can run through every model; ReLU and the clamp are analytic on each of their pieces.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np


@dataclass(frozen=True)
class Activation:
    """An elementwise function φ.

    name       one of the keys of ACTIVATIONS
    value      value(a, out=None): φ(a), the shape of a
    slope_at   slope_at(φ(a)): φ'(a) written in terms of the value, which is what backward has
    lipschitz  sup |φ'|
    curvature  sup |φ''|, infinite where φ has a kink
    """

    name: str
    value: Callable[..., np.ndarray]
    slope_at: Callable[[np.ndarray], np.ndarray]
    lipschitz: float
    curvature: float

    def slope(self, a):
        """φ'(a), the shape of a; at a kink the slope of the flat side, 0."""
        return self.slope_at(self.value(a))


# An array takes less time to subtract from than a number.
ONE = np.ones(())


def _identity(a, out=None):
    if out is None:
        return np.array(a)
    np.copyto(out, a)
    return out


def _tanh_slope(y):
    square = y * y
    return np.subtract(ONE, square, out=square)


# Below this exp(-a) nears the largest double. The true value there is below the smallest normal
# number, and so is the error made by stopping here.
_LOGISTIC_FLOOR = -708.0


def _logistic(a, out=None):
    """1/(1 + exp(-a)): every operation is relatively accurate on both sides of zero."""
    out = np.maximum(a, _LOGISTIC_FLOOR, out=out)
    np.negative(out, out=out)
    np.exp(out, out=out)
    np.add(out, 1.0, out=out)
    return np.reciprocal(out, out=out)


def _relu(a, out=None):
    return np.maximum(a, 0.0, out=out)


def _saturated_linear(a, out=None):
    out = np.maximum(a, 0.0, out=out)
    return np.minimum(out, 1.0, out=out)


_ALL = (
    Activation("identity", _identity, np.ones_like, lipschitz=1.0, curvature=0.0),
    # sup |tanh''| is attained where tanh² = 1/3.
    Activation("tanh", np.tanh, _tanh_slope, lipschitz=1.0, curvature=4 / (3 * math.sqrt(3))),
    # logistic(a) = (1 + tanh(a/2))/2, hence a quarter and an eighth of tanh's constants.
    Activation(
        "logistic",
        _logistic,
        lambda y: y * (1.0 - y),
        lipschitz=0.25,
        curvature=1 / (6 * math.sqrt(3)),
    ),
    Activation(
        "relu",
        _relu,
        lambda y: (y.real > 0).astype(y.dtype),
        lipschitz=1.0,
        curvature=math.inf,
    ),
    Activation(
        "saturated_linear",
        _saturated_linear,
        lambda y: ((y.real > 0) & (y.real < 1)).astype(y.dtype),
        lipschitz=1.0,
        curvature=math.inf,
    ),
)

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({each.name: each for each in _ALL})
