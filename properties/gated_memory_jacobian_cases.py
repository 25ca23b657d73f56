"""Every step of a run by itself: the Jacobian of a step from the state that the run has there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any, ClassVar

import numpy as np
from flint import fmpq, fmpq_mat
from hypothesis import strategies as st

from models.gru import GRU, Reset
from properties.checking import BALL, Check, cell_formulas, formula
from properties.checking.balls import SLOPES, VALUES, Balls, diagonal, exact, times
from properties.checking.bounds import RunBounds
from properties.checking.domains import dyadics, vectors
from properties.checking.rounding import FLOAT64, Computed, activated
from properties.checking.step_bounds import affine
from properties.gated_memory_cases import GRURun, LSTMRun, gated, preactivations
from theory import gated_memory_jacobians as theory

derived_lstm = formula(theory.lstm_jacobian, BALL)
derived_gru = {
    "after": formula(theory.gru_reset_after, BALL),
    "before": formula(theory.gru_reset_before, BALL),
}


def judge_steps(
    trajectory: Any, check: Check, form: Callable[[Balls, Any], Balls], what: str
) -> None:
    """Compare the Jacobian of each step of a run with form(state before, input), in balls.

    The steps go to the backend as one batch, each from the state of this project's own run.
    """
    states, inputs = trajectory.states[:-1, 0], trajectory.inputs[:, 0][None]
    steps = trajectory.model.run(states, inputs)
    bound = RunBounds(steps, check.backend.unit_roundoff).jacobian(0, 1).values

    def truth() -> Balls:
        return np.stack([form(exact(s), exact(x)) for s, x in zip(states, inputs[0], strict=True)])

    found = check.backend.jacobian(trajectory.model, states, inputs)
    check.enclosed(found, truth, bound, what)


@dataclass(frozen=True, repr=False)
class LSTMSteps(LSTMRun):
    """A run of an LSTM, of which every step is differentiated."""

    def terms(self) -> dict[str, Any]:
        if self.t != 1:
            return super().terms()
        return super().terms() | {
            "∂(h_t, c_t)/∂(h_{t−1}, c_{t−1})": "S_1",
            "[0, BF; 0, F]": "[0, B_1diag(f_1); 0, diag(f_1)]",
            "the same with f ⊙ o for BF": "[O_1W_o + B_1J_1, diag(f_1 ⊙ o_1); J_1, diag(f_1)]",
        }

    def derived(self, state: Balls, x: Any) -> Balls:
        """∂[h_t, c_t]/∂[h_{t−1}, c_{t−1}], the right side of the derived conclusion, in balls."""
        h, c = np.split(state, 2)
        a_i, a_f, a_g, a_o = preactivations(self, h, x, 4)
        i, f, o = (VALUES["logistic"](a) for a in (a_i, a_f, a_o))
        g = VALUES["tanh"](a_g)
        cell = f * c + i * g
        diagonals = (
            f,
            c * SLOPES["logistic"](a_f),
            g * SLOPES["logistic"](a_i),
            i * SLOPES["tanh"](a_g),
            SLOPES["logistic"](a_o) * VALUES["tanh"](cell),
            o * SLOPES["tanh"](cell),
        )
        W_i, W_f, W_g, W_o = np.split(exact(self.W), 4)
        return np.asarray(derived_lstm(*map(diagonal, diagonals), W_i, W_f, W_g, W_o))

    def forget_gates(self, state: Balls, x: Any) -> Balls:
        """f, all that the direct path has."""
        return VALUES["logistic"](preactivations(self, np.split(state, 2)[0], x, 4)[1])


@dataclass(frozen=True, repr=False)
class GRUSteps(GRURun):
    """A run of a GRU whose reset gate acts after the product; every step is differentiated."""

    RESET: ClassVar[Reset] = "after"

    def terms(self) -> dict[str, Any]:
        """Of one step in both conventions; primed where the other differs from this one."""
        if self.t != 1:
            return super().terms()
        reset, other = self.RESET, "before" if self.RESET == "after" else "after"
        terms = super().terms()
        for mark, update, acts in (
            ("", "keep", reset),
            ("′", "write", reset),
            ("″", "keep", other),
        ):
            step = cell_formulas.gru(1, update, acts) | cell_formulas.gru_jacobians(1, update, acts)
            given = {"h_0": self.h0, "x_1": self.x[0]}
            terms |= cell_formulas.marked(step | given, mark)
        return terms | {
            "∂h_t/∂h_{t−1}": "S_1",
            "diag z": "diag(z_1)",
            "the same where z writes": "S′_1",
            f"the same with r {other} the product": "S″_1",
            "the same without A_rW_r": terms["S_1"].replace(" + Q_1W_r", ""),
        }

    def models(self) -> tuple[GRU, ...]:
        """With the reset gate that acts there, in both conventions for z."""
        return tuple(self.model(update, self.RESET) for update in ("keep", "write"))

    def supported(self, check: Check) -> list[GRU]:
        """Those of them that the backend computes."""
        return [model for model in self.models() if check.backend.supports(model)]

    def derived(self, model: GRU, reset_moves: bool = True) -> Callable[[Balls, Any], Balls]:
        """∂h_t/∂h_{t−1}, the right side of the derived conclusion, in balls.

        It is derived for a z that keeps. One that writes is 1 − z = σ(−a_z): with −W_z for W_z.
        For a misreading the reset gate is taken to stay as it is.
        """
        sign = 1 if model.update == "keep" else -1
        W_r, W_z, W_n = np.split(exact(self.W), 3)
        bn = exact(self.bn)[:, 0]

        def form(h: Balls, x: Any) -> Balls:
            a_r, a_z, _ = preactivations(self, h, x, 3)
            r, kept = VALUES["logistic"](a_r), VALUES["logistic"](sign * a_z)
            drive = np.split(exact(self.u)[:, 0] * x + exact(self.b)[:, 0], 3)[2]
            if model.reset == "after":
                reset = times(W_n, h) + bn
                a_n = drive + r * reset
            else:
                reset = h
                a_n = drive + times(W_n, r * h) + bn
            diagonals = (
                kept,
                (h - VALUES["tanh"](a_n)) * SLOPES["logistic"](a_z),
                (1 - kept) * SLOPES["tanh"](a_n),
                r,
                reset * SLOPES["logistic"](a_r) * int(reset_moves),
            )
            weights = W_r, sign * W_z, W_n
            return np.asarray(derived_gru[model.reset](*map(diagonal, diagonals), *weights))

        return form

    def judge_direct_path(self, model: GRU, check: Check) -> None:
        """Compare ∏z, or ∏(1 − z), of this project's own run with its gates in balls."""
        run, kept = self.trajectory(model), self.kept(model)
        h, x = (Computed.of(each, FLOAT64) for each in (run.states[:-1], run.inputs))
        W_z, U_z, b_z = (np.split(each, 3)[1] for each in (model.W, model.U, model.b))
        z, _ = activated("logistic", affine([(W_z, h), (U_z, x)], [b_z]))
        gates = z if model.update == "keep" else z.complement()
        product = reduce(Computed.__mul__, (gates.part(k, 0) for k in range(self.t)))

        def truth() -> Balls:
            pairs = zip(run.states[:-1, 0], run.inputs[:, 0], strict=True)
            return np.prod([kept(exact(h), exact(x)) for h, x in pairs], axis=0)

        check.enclosed(run.direct_path(0, self.t)[0], truth, product.error, "the direct path")

    def kept(self, model: GRU) -> Callable[[Balls, Any], Balls]:
        """What the gate keeps of the old state: z, or 1 − z where z writes."""
        sign = 1 if model.update == "keep" else -1
        return lambda h, x: VALUES["logistic"](sign * preactivations(self, h, x, 3)[1])


@dataclass(frozen=True, repr=False)
class ResetFirstSteps(GRUSteps):
    """The same with a reset gate that acts before the product."""

    RESET: ClassVar[Reset] = "before"


lengths = st.sampled_from((1, 3))
"""Few, because a backend that compiles does so for each batch of steps anew."""


@st.composite
def lstm_steps(draw: Any) -> LSTMSteps:
    """1 or 2 cells, 1 or 3 steps."""
    n, t = draw(st.integers(1, 2)), draw(lengths)
    return LSTMSteps(**gated(draw, 4, n, t), c0=draw(vectors(n, dyadics(4, (1, 2)))))


@st.composite
def gru_steps(draw: Any, kind: type[GRUSteps] = GRUSteps) -> GRUSteps:
    """1 or 2 units, 1 or 3 steps."""
    n, t = draw(st.integers(1, 2)), draw(lengths)
    return kind(**gated(draw, 3, n, t), bn=draw(vectors(n, dyadics(2, (1, 2)))))


def couples(W: fmpq_mat) -> bool:
    """Whether any weight of the hidden state is not zero."""
    return any(w != fmpq(0) for w in W.entries())
