"""Networks that are built to keep or to bridge a long lag, and where they are drawn from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from flint import arb, fmpq, fmpq_mat
from hypothesis import strategies as st

from models.rnn import RNN
from properties.checking import EXACT, Case, Check, cell_formulas, floats, formula, identity
from properties.checking.bounds import RunBounds
from properties.checking.domains import (
    dyadics,
    fixed_lists,
    matrices,
    orthogonal_matrices,
    small_integers,
    vectors,
)
from properties.checking.norms import row_sum_norm
from properties.checking.rounding import FLOAT64, gamma
from properties.vanishing_cases import Stretch, slope_bounds, slope_columns, some_of_four
from theory import remedies as theory

Draw = Any


def silent_network(W: np.ndarray, activation: str = "identity") -> RNN:
    """A network without inputs or biases, its activation last."""
    n = len(W)
    return RNN(W=W, U=np.zeros((n, 0)), b=np.zeros(n), activation=activation)


# -- an orthogonal W


@dataclass(frozen=True, repr=False)
class OrthogonalRun(Stretch):
    """A run h_t = φ(Wh_{t−1}) from h_0 beside a stretch of the same W, its slopes at most γ = 1."""

    activation: str
    h0: fmpq_mat

    def terms(self) -> dict[str, Any]:
        φ = {"tanh": "tanh", "identity": ""}[self.activation]
        terms = super().terms() | {"I": identity(self.n)}
        for k in range(1, self.lag + 1):
            terms[f"h_{k}"] = f"{φ}(Wh_{k - 1})"
            terms[f"N_{k}"] = f"diag(1 − h_{k}²)W" if φ else "W"
        return terms | {
            "J": cell_formulas.product_of("N_{}", self.lag, 1),
            "JᵀJ of the network": "JᵀJ",
            "JᵀJ with slopes 0 and 1": "(∂h_t/∂h_s)ᵀ∂h_t/∂h_s",
        }

    def size(self) -> tuple[int, int]:
        return self.n, super().size()[1]

    def models(self) -> tuple[RNN]:
        return (silent_network(floats(self.W), self.activation),)

    def computed_jacobian(self, check: Check) -> tuple[np.ndarray, np.ndarray]:
        """The backend's J = ∂h_t/∂h_0 (n, n), and how far rounding may have moved it.

        J is off by its own rounding errors, and by those of the entries of W: ‖ΔW‖₂ ≤ u√n moves Wᵗ
        by no more than tu√n(1 + u√n)ᵗ⁻¹.
        """
        (model,), silent = self.models(), np.zeros((self.lag, 1, 0))
        start = floats(self.h0).T
        bounds = RunBounds(model.run(start, silent), check.backend.unit_roundoff)
        J = check.backend.jacobian(model, start, silent)[0].astype(float)
        moved = FLOAT64 * np.sqrt(self.n) * (1 + 2 * FLOAT64)
        error = bounds.jacobian(0, self.lag).values[0] + self.lag * moved * (1 + moved) ** self.lag
        return J, error

    def gram(self, J: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """JᵀJ (n, n), and how far it may lie from the exact one if J is off by so much."""
        magnitude = np.abs(J)
        spread = magnitude.T @ error
        rounding = gamma(self.n, FLOAT64) * magnitude.T @ magnitude
        return J.T @ J, spread + spread.T + error.T @ error + rounding


@st.composite
def orthogonal_runs(
    draw: Draw,
    W: Any = orthogonal_matrices,
    activation: str = "identity",
    quarters: Any = some_of_four,
    most: int = 4,
    longest: int = 20,
) -> OrthogonalRun:
    """1 to `most` units, 1 to `longest` steps; the slopes are so many quarters."""
    n, lag = draw(st.integers(1, most)), draw(st.integers(1, longest))
    slopes = draw(slope_columns(n, lag, fmpq(1), quarters))
    return OrthogonalRun(draw(W(n)), slopes, fmpq(1), activation, draw(vectors(n)))


# -- connections that skip steps


@dataclass(frozen=True, repr=False)
class SkippingRun(Stretch):
    """A stretch of h_t = φ(Wh_{t−1} + Vh_{t−d} + u_t), and η, a bound on (‖W‖ + ‖V‖)γ."""

    V: fmpq_mat
    d: int
    η: fmpq

    def terms(self) -> dict[str, Any]:
        steps: dict[str, Any] = {"J_0": identity(self.n)}
        for k in range(1, self.lag + 1):
            skipped = f" + VJ_{k - self.d}" if k >= self.d else ""
            steps[f"J_{k}"] = f"D_{k}(WJ_{k - 1}{skipped})"
        reached = f"J_{self.lag}"
        return (
            super().terms()
            | steps
            | {
                "τ": fmpq(self.lag),
                "∂h_t/∂h_s": reached,
                "∂h_t/∂h_{t−τ}": reached,
            }
        )

    def size(self) -> tuple[int, int]:
        return self.n, super().size()[1]

    @property
    def exponent(self) -> int:
        """⌈τ/d⌉, the fewest connections that reach from h_t to h_{t−τ}."""
        return -(-self.lag // self.d)

    def jacobian(self) -> fmpq_mat:
        """∂h_t/∂h_{t−τ} for τ the number of steps, by the chain rule along both connections."""
        J = [identity(self.n)]
        for t, D in enumerate(self.diagonals(), 1):
            reached = self.W * J[-1]
            if t >= self.d:
                reached += self.V * J[t - self.d]
            J.append(D * reached)
        return J[-1]

    def size_at_lag(self) -> fmpq:
        """‖∂h_t/∂h_{t−τ}‖_∞."""
        return row_sum_norm(self.jacobian())

    def bound(self) -> fmpq:
        """η to the power that was derived for this lag; at lag 0 it is 1."""
        if self.lag == 0:
            return fmpq(1)
        return formula(theory.skip_connections, EXACT)(self.η, self.exponent - 1)

    def weights_within(self) -> bool:
        return (row_sum_norm(self.W) + row_sum_norm(self.V)) * self.γ <= self.η

    def models(self) -> tuple[RNN]:
        """The linear one, as a network that holds the last d states side by side."""
        n, d = self.n, self.d
        W = np.zeros((n * d, n * d))
        W[n:, :-n] = np.eye(n * (d - 1))
        W[:n, :n] += floats(self.W)
        W[:n, -n:] += floats(self.V)
        return (silent_network(W),)

    def linear_is_enclosed(self, check: Check) -> None:
        """The backend's ∂h_t/∂h_{t−τ} of the linear network is that of the chain rule."""
        (model,), silent = self.models(), np.zeros((self.lag, 1, 0))
        start = np.ones((1, self.n * self.d))
        bounds = RunBounds(model.run(start, silent), check.backend.unit_roundoff)
        block = slice(self.n), slice(self.n)
        slopes = fmpq_mat(self.n, self.lag, [1] * (self.n * self.lag))
        check.close(
            check.backend.jacobian(model, start, silent)[0][block],
            replace(self, slopes=slopes).jacobian(),
            bounds.jacobian(0, self.lag).values[0][block],
            "∂h_t/∂h_{t−τ} of the linear network",
        )


@st.composite
def skipping_runs(
    draw: Draw,
    steeper: int = 1,
    heavier: int = 1,
    growing: bool = False,
    most: int = 3,
    longest: int = 16,
) -> SkippingRun:
    """1 to `most` units, delays 1 to 4, lags 0 to `longest`.

    W and V are integers over a power of two, so that (‖W‖ + ‖V‖)γ lies between 1/2 and 1; or over
    one, if `growing`. Slopes are then multiplied by `steeper`, W and V by `heavier`, and η is not.
    """
    n, d, lag = draw(st.integers(1, most)), draw(st.integers(1, 4)), draw(st.integers(0, longest))
    γ = draw(slope_bounds)
    if draw(st.booleans()):
        W, V = draw(matrices(n, small_integers(999))), draw(matrices(n, small_integers(999)))
    else:  # every path is as long as the others: they reach the bound
        W, V = fmpq_mat(n, n), identity(n) * draw(st.integers(1, 999))
    η = (row_sum_norm(W) + row_sum_norm(V)) * γ
    scale = fmpq(1)
    while η > scale and not growing:
        scale *= 2
    slopes = draw(slope_columns(n, lag, γ)) if lag else fmpq_mat(n, 0)
    return SkippingRun(
        W * (heavier / scale), slopes * steeper, γ, V * (heavier / scale), d, η / scale
    )


# -- leaky units


@dataclass(frozen=True, repr=False)
class LeakyUnit(Case):
    """h_t = αh_{t−1} + (1 − α)v_t, where v_t = feedback·h_{t−1} + x_t."""

    α: fmpq
    h0: fmpq
    x: tuple[Any, ...]
    feedback: fmpq

    def terms(self) -> dict[str, Any]:
        return {
            "t": fmpq(self.t),
            "∂h_t/∂h_0": "(α + (1 − α)feedback)ᵗ",
            "αᵗ < 1/e": ("αᵗ", "<", "e^{−1}"),
            "t > −1/ln α": ("−1/ln α", "<", "t"),
        }

    @property
    def t(self) -> int:
        return len(self.x)

    def derived(self) -> list[fmpq]:
        """h_0, …, h_t by the derived formula, where the input is x."""
        h, v = (lambda _: self.h0), (lambda k: self.x[k - 1])
        return [formula(theory.leaky_units, EXACT)(self.α, h, v, t) for t in range(self.t + 1)]

    def models(self) -> tuple[RNN]:
        W = self.α + (1 - self.α) * self.feedback
        U, b = np.array([[floats(1 - self.α)]]), np.zeros(1)
        return (RNN(W=np.array([[floats(W)]]), U=U, b=b, activation="identity"),)

    def start(self) -> np.ndarray:
        return np.array([[floats(self.h0)]])

    def inputs(self) -> np.ndarray:
        return np.array([floats(x) for x in self.x]).reshape(-1, 1, 1)

    def time_constant(self) -> Any:
        """−1/ln α, a ball."""
        return -1 / arb(self.α).log()


shares = st.sampled_from(
    [fmpq(p, q) for q in (2, 4, 8) for p in range(1, q, 2)]
    + [fmpq(p, 512) for p in (171, 341, 469, 491, 503)]
)
"""α, the last of them for time constants up to 57; powers of these are rounded from t = 6 on."""

more_than_all = st.builds(lambda p: fmpq(p, 4), st.integers(5, 8))
no_feedback = st.just(fmpq(0))
some_feedback = st.builds(lambda p: fmpq(p, 4), st.sampled_from((1, -1, 2, -2, 4, -4)))


@st.composite
def leaky_runs(draw: Draw, share: Any = shares, feedback: Any = no_feedback) -> LeakyUnit:
    """Up to 24 steps."""
    steps = draw(st.integers(0, 24))
    x = tuple(draw(fixed_lists(small_integers(2), steps)))
    return LeakyUnit(draw(share), draw(dyadics(4, (1, 2))), x, draw(feedback))
