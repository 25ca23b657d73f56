"""Deep nets and products of matrices, drawn by a seed, and how each factor stretches a vector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from flint import arb, fmpq
from hypothesis import strategies as st

from models.feedforward import FeedForward
from models.products import log_growth, lyapunov_exponents
from properties.checking import BALL, Case, floats
from properties.checking.balls import DEFAULT_BITS, precision
from properties.checking.log_chi_square import distribution
from properties.checking.rounding import FLOAT64, gamma
from properties.random_products_cases import positive
from properties.random_products_samples import Entries, seeds, standardised
from theory import random_matrices as theory
from theory.formula import callable_form

LAYERS, FACTORS, WEIGHTS, JUDGED = 8000, 4000, 1_000_000, 2000
"""The most layers, factors and weights of one case, and how many's law is judged as a whole."""

log_gain = callable_form((theory.N,), theory.log_gain, BALL)


@dataclass(frozen=True)
class Stretches:
    """By how much single factors stretch a squared length, gain and 1/N divided out.

    `values` are the computed N‖Wh‖²/‖h‖², at most `errors` from that quotient for the vector that
    was computed; `degrees` say how many degrees of freedom its χ² law has.
    """

    values: Any
    errors: Any
    degrees: Any

    def law(self) -> Any:
        """Some 2000 of them by their own distribution functions: uniform if the laws are χ²."""
        every = slice(None, None, max(1, self.values.size // JUDGED))
        balls = np.frompyfunc(arb, 2, 1)(self.values.ravel()[every], self.errors.ravel()[every])
        return distribution(self.degrees.ravel()[every], balls)

    def only(self, k: int) -> Stretches:
        """Those with this last index."""
        return Stretches(self.values[..., k], self.errors[..., k], self.degrees[..., k])

    def logarithms(self) -> tuple[Any, Any]:
        """ln of the values, and how far rounding may have moved them (infinity: anywhere)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = np.where(self.values > 0, self.errors / self.values, np.inf)
            # |ln(1 + e)| ≤ 2|e| for |e| ≤ ½; and the logarithm errs by an ulp of itself.
            moved = np.where(relative <= 0.5, 2 * relative, np.inf)
            logs = np.log(self.values)
            return logs, moved + 4 * FLOAT64 * np.abs(logs)

    def totals(self, terms: int) -> tuple[Any, float]:
        """Sums of `terms` logarithms, one for each value of the first index; their worst error."""
        logs, errors = (array.reshape(terms, -1) for array in self.logarithms())
        errors = errors + gamma(terms, FLOAT64) * np.abs(logs)
        return logs.sum(axis=0), 1.01 * float(errors.sum(axis=0).max())


@dataclass(frozen=True, repr=False)
class Networks(Case):
    """Nets h_l = gφ(W_l h_{l−1}), the weights of variance 1/N; `tied`: W_l = W_1.

    There are as many as make 8000 layers together, or a million weights. The gain is 1, or the
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
        return Stretches(values, errors, degrees[1:][alive])


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


def relu_networks(least: int, most: int) -> Any:
    """ReLU nets of up to 8 layers with this many units."""
    sizes = {"width": st.integers(least, most), "depth": st.integers(1, 8), "seed": seeds}
    return st.builds(Networks, **sizes, activation=st.just("relu"))


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


@dataclass(frozen=True, repr=False)
class MatrixProducts(Case):
    """Products W_T ⋯ W_1 of N × N matrices with entries of deviation σ; `tied`: W_t = W_1.

    There are as many as make 4000 factors together.
    """

    width: int
    deviation: fmpq
    steps: int
    seed: int
    tied: bool = False
    entries: Entries = "Gaussian"

    def size(self) -> tuple[int, int]:
        return self.width, self.steps

    def factors(self) -> np.ndarray:
        """(T, B, N, N)."""
        shape = (1 if self.tied else self.steps, FACTORS // self.steps, self.width, self.width)
        drawn = standardised(np.random.default_rng(self.seed), self.entries, shape)
        return np.broadcast_to(drawn * floats(self.deviation), (self.steps, *shape[1:]))

    def exponents(self) -> Any:
        """The exponents (B, N) that models.products finds from all T factors."""
        return lyapunov_exponents(np.array(self.factors()))

    def diagonals(self) -> Stretches:
        """(R_kk/σ)² of every factor and k, (T, B, N): the growth beside the first k − 1 columns.

        Householder's QR errs by c·N²u‖A‖_F, c a small number (Higham 2002, theorem 19.4; c = 8
        here), and R by √2 κ(A) times that, relative to ‖A‖ (J.-G. Sun, BIT 31 (1991)).
        """
        factors, frame, logs, errors = self.factors(), None, [], []
        for factor in factors:
            product = factor if frame is None else factor @ frame
            growth = log_growth(factor[None], frame)
            norms = np.linalg.norm(product, axis=(-2, -1)) / floats(self.deviation)
            error = 12 * self.width**2 * FLOAT64 * np.linalg.cond(product) * norms
            logs.append(growth.logarithms)
            errors.append(np.broadcast_to(error[:, None], growth.logarithms.shape))
            frame = growth.frame
        roots, of_roots = np.exp(np.array(logs)) / floats(self.deviation), np.array(errors)
        degrees = np.broadcast_to(np.arange(self.width, 0, -1), roots.shape)
        return Stretches(roots**2, of_roots * (2 * roots + of_roots), degrees)


@st.composite
def matrix_products(
    draw: Any, *, tied: bool = False, entries: Entries = "Gaussian"
) -> MatrixProducts:
    """Up to 30 factors of up to four rows."""
    return MatrixProducts(
        width=draw(st.integers(1, 4)),
        deviation=draw(positive),
        steps=draw(st.integers(2 if tied else 1, 30)),
        seed=draw(seeds),
        tied=tied,
        entries=entries,
    )
