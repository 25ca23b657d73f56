"""Runs of tanh networks, and where they are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq_mat
from hypothesis import strategies as st

from models.rnn import RNN
from properties.checking import BALL, Case, Check, cell_formulas, floats, formula
from properties.checking.ball_models import BallTrajectory
from properties.checking.balls import Balls, diagonal, exact
from properties.checking.domains import (
    dyadics,
    fixed_lists,
    matrices,
    small_integers,
    vectors,
)
from properties.checking.references import reference
from properties.vanishing_cases import sizes
from theory import backpropagation as theory


@dataclass(frozen=True, repr=False)
class TanhRun(Case):
    """h_t = tanh(Wh_{t−1} + u·x_t + b): n units, T inputs x."""

    W: fmpq_mat
    u: fmpq_mat
    b: fmpq_mat
    h0: fmpq_mat
    x: tuple[Any, ...]

    @property
    def t(self) -> int:
        """T, the number of steps."""
        return len(self.x)

    def model(self) -> RNN:
        return RNN(W=floats(self.W), U=floats(self.u), b=floats(self.b).ravel())

    def models(self) -> tuple[RNN]:
        return (self.model(),)

    def start(self) -> np.ndarray:
        """h₀ as a batch of one."""
        return floats(self.h0).T

    def inputs(self) -> np.ndarray:
        """(T, 1, 1)."""
        return np.array([floats(x) for x in self.x]).reshape(-1, 1, 1)

    def trajectory(self) -> Any:
        """The run of this project's own model, along which bounds are evaluated."""
        return self.model().run(self.start(), self.inputs())

    def balls(self) -> BallTrajectory:
        """The same run in balls."""
        return reference(self.trajectory())

    def terms(self) -> dict[str, Any]:
        return cell_formulas.inputs(self.x) | cell_formulas.elman(self.t)

    def slopes(self) -> list[Balls]:
        """D_t = diag(1 − tanh² a_t), t = 0 … T, where D_0 is that of h₀ (no derivative uses it)."""
        return [diagonal(1 - h * h) for h in self.balls().states]


@dataclass(frozen=True, repr=False)
class JacobianRun(TanhRun):
    """A run with a step s ≤ T: the Jacobian is ∂h_T/∂h_s."""

    s: int

    def terms(self) -> dict[str, Any]:
        last, first = self.t, self.s + 1
        reversed_order = "".join(f"D_{k}W" for k in range(first, last + 1)) or "1"
        return super().terms() | {
            "D_0": "diag(1 − h_0²)",
            "∂h_t/∂h_s": cell_formulas.product_of("D_{}W", last, first),
            "D_{s+1}W ··· D_tW": reversed_order,
            "D_tWᵀ ··· D_{s+1}Wᵀ": cell_formulas.product_of("D_{}Wᵀ", last, first),
            "D_{t−1}W ··· D_sW": cell_formulas.product_of("D_{}W", last - 1, first - 1),
        }

    def computed(self, check: Check) -> np.ndarray:
        """∂h_T/∂h_s (1, n, n) by the backend, which is asked for the run again from its own h_s."""
        backend, x = check.backend, self.inputs()
        states = backend.run(self.model(), self.start(), x[: self.s])
        return backend.jacobian(self.model(), states[-1].astype(float), x[self.s :])


@dataclass(frozen=True, repr=False)
class GradientRun(TanhRun):
    """A run of T ≥ 1 steps with a cost: g is its gradient by each state that it reads."""

    g: fmpq_mat

    def terms(self) -> dict[str, Any]:
        t, sum_of = self.t, cell_formulas.sum_of
        return (
            super().terms()
            | cell_formulas.elman_gradients(t)
            | {
                "Σ of the last 10 D_kg_k": sum_of("D_{k}g_{k}", max(1, t - 9), t),
                "Σ of the last 10 D_kg_kh_{k−1}ᵀ": sum_of("D_{k}g_{k}h_{j}ᵀ", max(1, t - 9), t),
                "Σ_t h_{t−1}(D_t g_t)ᵀ": sum_of("h_{j}(D_{k}g_{k})ᵀ", 1, t),
                "(∂C/∂h_t)(∂⁺h_t/∂W)": f"D_{t}g_{t}h_{t - 1}ᵀ",
                "the term of the first step": "D_1g_1h_0ᵀ",
            }
        )

    def cotangents(self) -> tuple[np.ndarray, np.ndarray]:
        """Of C = g·h_T, (1, n), and of C = g·(h₀ + ··· + h_T), (T+1, 1, n)."""
        at_last = floats(self.g).T
        return at_last, np.repeat(at_last[None], self.t + 1, axis=0)

    def lag_terms(self, derivation: Any, multiplied: list[Balls]) -> Balls:
        """What was derived for C = g·h_T, lag by lag; the weight multiplies these columns."""
        lag_term, t = formula(derivation, BALL), self.t
        D, W, g = self.slopes(), [exact(self.W)] * (t + 1), exact(self.g)
        return np.stack([lag_term(D, W, g, multiplied, t, k) for k in range(t)])

    def derived(self, derivation: Any, multiplied: list[Balls]) -> Balls:
        """The sum over lags: as one weight serves all steps, its gradient is the sum of theirs."""
        return np.asarray(self.lag_terms(derivation, multiplied).sum(axis=0))

    def recurrent_lag_terms(self) -> Balls:
        """The terms of ∂C/∂W (T, n, n), that of lag 0 first."""
        columns = [h[:, None] for h in self.balls().states]
        return self.lag_terms(theory.backpropagation_through_time, columns)

    def derived_recurrent(self) -> Balls:
        """∂C/∂W (n, n)."""
        return np.asarray(self.recurrent_lag_terms().sum(axis=0))

    def derived_inputs(self) -> Balls:
        """∂C/∂U and ∂C/∂b beside it (n, 2): b is the column of U whose input is always 1."""
        columns = [exact([[0.0], [1.0]]), *(exact([[x], [1.0]]) for x in self.inputs()[:, 0, 0])]
        return self.derived(theory.gradient_of_input_weights, columns)


small = dyadics(2, (4, 8))


def tanh_runs(draw: Any, n: int, t: int) -> dict[str, Any]:
    """n units, t steps; the numbers are dyadic, so that floats of any precision hold them."""
    return {
        "W": draw(matrices(n, dyadics(12, (4, 8)))),
        "u": draw(vectors(n, small)),
        "b": draw(vectors(n, small)),
        "h0": draw(vectors(n, small)),
        "x": tuple(draw(fixed_lists(small_integers(2), t))),
    }


@st.composite
def jacobian_runs(draw: Any, longest: int | None = None) -> JacobianRun:
    """1 to 4 units, up to 16 steps; with a `longest`, now and then 8 units or so many steps."""
    n, t = draw(sizes(4, (0, 16), longest))
    return JacobianRun(**tanh_runs(draw, n, t), s=draw(st.integers(0, t)))


@st.composite
def gradient_runs(draw: Any, least: int = 1, longest: int | None = None) -> GradientRun:
    """1 to 3 units, `least` to 16 steps; with a `longest`, now and then 8 units or so many."""
    n, t = draw(sizes(3, (least, 16), longest))
    return GradientRun(**tanh_runs(draw, n, t), g=draw(vectors(n)))
