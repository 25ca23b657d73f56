"""Deep nets drawn by a seed, and how each of their layers stretches a signal or a gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from flint import arb, fmpq
from hypothesis import strategies as st

from models.feedforward import FeedForward
from properties.checking import BALL, Case, formula
from properties.checking.balls import DEFAULT_BITS, precision
from properties.checking.rounding import FLOAT64, gamma
from properties.random_products_gaussian_cases import Entries, seeds, standardised
from properties.random_products_stretches import Stretches
from theory import random_matrices as theory
from theory.derivation import Derivation
from theory.formula import callable_form

LAYERS, WEIGHTS = 20_000, 1_000_000
"""The most layers and weights that one case draws."""

log_gain = callable_form((theory.N,), theory.log_gain, BALL)


@dataclass(frozen=True, repr=False)
class Networks(Case):
    """Nets h_l = gφ(W_l h_{l−1}), the weights of variance 1/N; `tied`: W_l = W_1.

    There are as many as make 20 000 layers together, or a million weights. The gain is 1, or the
    derived one that keeps the mean of ln ‖h_l‖.
    """

    width: int
    depth: int
    seed: int
    gain: Literal["one", "driftless"] = "one"
    activation: Literal["identity", "relu"] = "identity"
    tied: bool = False
    entries: Entries = "Gaussian"

    def size(self) -> tuple[int, int]:
        return self.width, self.depth

    def terms(self) -> dict[str, Any]:
        return {
            "N": fmpq(self.width),
            "ln g": "ln(2)/2 + 1.2/(max(N, 6) − 2.4)",
            "E ln(z/N)": lambda: formula(theory.relu_gain, BALL)(self.width),
        }

    @property
    def nets(self) -> int:
        return min(LAYERS, WEIGHTS // self.width**2) // self.depth

    @property
    def g(self) -> float:
        return 1.0 if self.gain == "one" else float(log_gain(arb(self.width)).exp())

    def model(self) -> FeedForward:
        """The nets side by side: every element of the batch has weights of its own."""
        layers = 1 if self.tied else self.depth
        shape = (layers, self.nets, self.width, self.width)
        drawn = standardised(np.random.default_rng(self.seed), self.entries, shape)
        weights = np.broadcast_to(drawn * (self.g / np.sqrt(self.width)), (self.depth, *shape[1:]))
        b = np.zeros((self.depth, self.width))
        return FeedForward(weights, b, activation=self.activation, order="activation_first")

    def start(self) -> np.ndarray:
        """The same input for every net."""
        return np.ones((self.nets, self.width))

    def mean_log(self, derivation: Derivation, layers: int, degrees: int) -> Any:
        """The derived mean of Σ ln z over so many layers, gain and 1/N divided out."""
        with precision(DEFAULT_BITS):
            mean = formula(derivation, BALL)(0, layers, arb(self.g), arb(self.width), arb(degrees))
            return mean - layers * (arb(self.g) ** 2 / self.width).log()

    def forward(self) -> Stretches:
        """How each layer stretches the signal φ(a_l); with ReLU by its active units alone."""
        model = self.model()
        states = model.run(self.start()).states
        if self.activation == "identity":
            return self._stretches(model.W, states, np.full(states.shape[:2], self.width))
        return self._stretches(model.W, np.maximum(states, 0.0), np.sum(states > 0, axis=-1))

    def backward(self) -> Stretches:
        """How each layer stretches ∂C/∂a_l on its way back, from the output on.

        With ReLU the cotangent is orthogonal to the output: a_l·∂C/∂a_l is the same in every
        layer, so a part of the gradient along the signal would not shrink as the rest does.
        """
        model = self.model()
        trajectory = model.run(self.start())
        output = trajectory.states[-1]
        cotangent = np.random.default_rng([self.seed, 1]).standard_normal(output.shape)
        degrees = np.full(trajectory.states.shape[:2], self.width)
        if self.activation == "relu":
            degrees = np.sum(trajectory.states > 0, axis=-1) - 1
            along = np.sum(cotangent * output, axis=-1, keepdims=True)
            squared = np.sum(output * output, axis=-1, keepdims=True)
            shares = np.divide(along, squared, out=np.zeros_like(along), where=squared > 0)
            cotangent -= shares * output
        gradients = trajectory.backward(cotangent).states
        return self._stretches(model.W[::-1], gradients[::-1], degrees[::-1])

    def _stretches(self, weights: Any, vectors: Any, degrees: Any) -> Stretches:
        """From vectors (D+1, B, N) and weights in the order in which they arise.

        A net that died, so that its vectors are zero, counts no more. A product of a matrix and a
        vector errs by γ_{N+8} ‖W‖_F ‖x‖ at most, the weights' three roundings included, and the
        quotient of the squared lengths by γ_{2N+8} of itself.
        """
        squared = np.sum(vectors**2, axis=-1)
        alive = np.cumprod((degrees[1:] > 0) & (squared[:-1] > 0), axis=0) > 0
        values = squared[1:][alive] / squared[:-1][alive] * (self.width / self.g**2)
        norms = np.sqrt(np.sum(weights**2, axis=(-2, -1)))[alive] * (np.sqrt(self.width) / self.g)
        of_roots = 1.01 * gamma(self.width + 8, FLOAT64) * norms
        errors = of_roots * (2 * np.sqrt(values) + of_roots)
        errors += gamma(2 * self.width + 16, FLOAT64) * values
        # Of two layers one after the other, where both count: their places among the values.
        place = (np.cumsum(alive) - 1).reshape(alive.shape)
        both = alive[1::2]
        pairs = np.stack([place[: 2 * len(both) : 2][both], place[1::2][both]])
        return Stretches(values, errors, degrees[1:][alive], pairs)


@st.composite
def networks(
    draw: Any,
    *,
    activations: tuple[str, ...] = ("identity",),
    gains: tuple[str, ...] = ("one", "driftless"),
    tied: bool = False,
    entries: Entries = "Gaussian",
) -> Networks:
    """Nets of up to 20 layers; of 1 to 8 units, and with ReLU of 4 to 8, or they die at once."""
    activation = draw(st.sampled_from(activations))
    return Networks(
        width=draw(st.integers(4 if activation == "relu" else 1, 8)),
        depth=draw(st.integers(2 if tied else 1, 20)),
        seed=draw(seeds),
        gain=draw(st.sampled_from(gains)),
        activation=activation,
        tied=tied,
        entries=entries,
    )


def relu_networks(
    least: int, most: int, *, tied: bool = False, entries: Entries = "Gaussian"
) -> Any:
    """ReLU nets of up to 8 layers with this many units, tied ones of 8 to 20."""
    return st.builds(
        Networks,
        width=st.integers(least, most),
        depth=st.integers(8, 20) if tied else st.integers(1, 8),
        seed=seeds,
        activation=st.just("relu"),
        tied=st.just(tied),
        entries=st.just(entries),
    )


@dataclass(frozen=True, repr=False)
class Width(Case):
    """N units."""

    n: int

    def log_gain(self) -> arb:
        """The derived ln g that keeps the mean of ln ‖h‖."""
        with precision(DEFAULT_BITS):
            return log_gain(arb(self.n))

    def shown(self) -> dict[str, Any]:
        return {"g": self.log_gain().exp()}
