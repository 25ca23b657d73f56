"""Section 10.7: the gradient through time is a product of Jacobians, one for each step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq_mat
from hypothesis import strategies as st

from models.complex_step import complex_step
from models.rnn import RNN
from properties.checking import (
    BALL,
    Case,
    Check,
    ball_models,
    claim,
    complex_step_bounds,
    floats,
    formula,
    matrix,
    vector,
)
from properties.checking.balls import Balls, exact
from properties.checking.bounds import RunBounds
from properties.checking.domains import dyadics, fixed_lists, matrices, small_integers, vectors
from theory import backpropagation as theory


@dataclass(frozen=True, repr=False)
class TanhRun(Case):
    """h_t = tanh(Wh_{t−1} + u·x_t + b): n units, T inputs x; the Jacobian is ∂h_T/∂h_s."""

    W: fmpq_mat
    u: fmpq_mat
    b: fmpq_mat
    h0: fmpq_mat
    x: tuple[Any, ...]
    s: int

    @property
    def t(self) -> int:
        """T, the number of steps."""
        return len(self.x)

    def model(self) -> RNN:
        return RNN(W=floats(self.W), U=floats(self.u), b=floats(self.b).ravel())

    def start(self) -> np.ndarray:
        """h₀ as a batch of one."""
        return floats(self.h0).T

    def inputs(self) -> np.ndarray:
        """(T, 1, 1)."""
        return np.array([floats(x) for x in self.x]).reshape(-1, 1, 1)

    def balls(self) -> ball_models.BallTrajectory:
        """The same run in balls."""
        x = self.inputs()[:, :, 0]
        model = self.model()
        return ball_models.rnn(model.W, model.U, model.b, self.start()[0], x)

    def slopes(self) -> list[Balls]:
        """D_t = diag(1 − tanh² a_t), t = 0 … T, where D_0 is that of h₀ (no derivative uses it)."""
        return [np.diag(1 - h * h) + exact(np.zeros((h.size,) * 2)) for h in self.balls().states]


@st.composite
def tanh_runs(draw: Any) -> TanhRun:
    """1 to 4 units, up to 16 steps; weights are dyadic, so that floats hold them exactly."""
    n, t = draw(st.integers(1, 4)), draw(st.integers(0, 16))
    small = dyadics(2, (4, 8))
    return TanhRun(
        W=draw(matrices(n, dyadics(12, (4, 8)))),
        u=draw(vectors(n, small)),
        b=draw(vectors(n, small)),
        h0=draw(vectors(n, small)),
        x=tuple(draw(fixed_lists(small_integers(2), t))),
        s=draw(st.integers(0, t)),
    )


def gain(run: TanhRun) -> float:
    """The largest entry of |∂h_T/∂h_s|."""
    return float(np.abs(run.model().run(run.start(), run.inputs()).jacobian(run.s, run.t)).max())


@claim(
    statement=(
        "For h_t = tanh(Wh_{t−1} + u_t), ∂h_t/∂h_s = D_tW · D_{t−1}W ··· D_{s+1}W with "
        "D_k = diag(1 − tanh² a_k)."
    ),
    source="Goodfellow et al. 2016, section 10.7; Pascanu, Mikolov & Bengio 2013, eq. 5",
    derivation=theory.jacobian_chain,
    domain=tanh_runs(),
    tiers=("symbolic", "enclosed"),
    labels={
        "several units": (0.4, lambda run: run.W.nrows() > 1),
        "t − s ≥ 5": (0.15, lambda run: run.t - run.s >= 5),
        "shrinking": (0.1, lambda run: 0 < gain(run) < 0.5),
        "growing": (0.1, lambda run: gain(run) > 2),
    },
    witness=TanhRun(
        W=matrix("1 -1; 1/2 1"),
        u=vector("1 0"),
        b=vector("0 0"),
        h0=vector("1/2 -1/4"),
        x=(1, -1, 2),
        s=1,
    ),
    concerns=RNN,
)
def jacobian_chain(run: TanhRun, check: Check) -> None:
    trajectory = run.model().run(run.start(), run.inputs())
    bounds, derived = RunBounds(trajectory), formula(theory.jacobian_chain, BALL)
    s, t, n = run.s, run.t, run.W.nrows()

    def truth(since: int) -> Balls:
        return derived(run.slopes(), exact(run.W), since, t) if since < t else exact(np.eye(n))

    check.enclosed(
        trajectory.jacobian(s, t)[0], lambda: truth(s), bounds.jacobian(s, t).values[0], "Jacobian"
    )
    covector = np.arange(1.0, n + 1)[None]
    check.enclosed(
        trajectory.backward(covector).initial[0],
        lambda: truth(0).T @ exact(covector[0]),
        bounds.backward(covector).initial.values[0],
        "backpropagation through time",
    )
    many = np.repeat(run.inputs(), n, axis=1)
    check.enclosed(
        complex_step(lambda h0: run.model().run(h0, many).states[-1], run.start()[0]),
        lambda: truth(0),
        complex_step_bounds.jacobian(trajectory)[0],
        "complex step",
    )


def claimed(run: TanhRun, check: Check, product: Any) -> None:
    """Compare the model's Jacobian with a product over the steps s+1 … t (first the latest)."""
    trajectory = run.model().run(run.start(), run.inputs())

    def wrong() -> Balls:
        D, result = run.slopes(), exact(np.eye(run.W.nrows()))
        for factor in product(D, exact(run.W), list(range(run.t, run.s, -1))):
            result = result @ factor
        return result

    bound = RunBounds(trajectory).jacobian(run.s, run.t).values[0]
    check.enclosed(trajectory.jacobian(run.s, run.t)[0], wrong, bound)


@jacobian_chain.misread(
    "∂h_t/∂h_s = D_{s+1}W ··· D_tW", why="Matrices do not commute: the latest step stands leftmost."
)
def order_reversed(run: TanhRun, check: Check) -> None:
    claimed(run, check, lambda D, W, steps: [D[k] @ W for k in reversed(steps)])


@jacobian_chain.misread(
    "∂h_t/∂h_s = D_tWᵀ ··· D_{s+1}Wᵀ",
    why="Wᵀ takes gradients back; ∂h_t/∂h_s takes perturbations of h_s forward.",
)
def transpose_mistaken(run: TanhRun, check: Check) -> None:
    claimed(run, check, lambda D, W, steps: [D[k] @ W.T for k in steps])


@jacobian_chain.misread(
    "∂h_t/∂h_s = D_{t−1}W ··· D_sW", why="Step k saturates where it lands, at a_k, not at a_{k−1}."
)
def slope_of_the_previous_step(run: TanhRun, check: Check) -> None:
    claimed(run, check, lambda D, W, steps: [D[k - 1] @ W for k in steps])
