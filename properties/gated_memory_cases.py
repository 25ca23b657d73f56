"""Runs of LSTM and GRU networks, and where they are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from flint import fmpq, fmpq_mat
from hypothesis import strategies as st

from models.gru import GRU
from models.lstm import LSTM, LSTMTrajectory
from properties.checking import BALL, Case, Check, cell_formulas, floats, formula, matrix, vector
from properties.checking.balls import SLOPES, VALUES, Balls, diagonal, exact, times
from properties.checking.bounds import RunBounds
from properties.checking.domains import dyadics, fixed_lists, rectangles, small_integers, vectors
from properties.checking.references import reference
from properties.checking.rounding import FLOAT64, Computed, activated
from theory import gated_memory as theory


@dataclass(frozen=True, repr=False)
class LSTMRun(Case):
    """n LSTM cells, gates i, f, g, o below one another: W (4n × n), u and b (4n), T inputs x."""

    W: fmpq_mat
    u: fmpq_mat
    b: fmpq_mat
    h0: fmpq_mat
    c0: fmpq_mat
    x: tuple[Any, ...]

    @property
    def n(self) -> int:
        return self.c0.nrows()

    @property
    def t(self) -> int:
        """T, the number of steps."""
        return len(self.x)

    def terms(self) -> dict[str, Any]:
        rows = cell_formulas.rows_of("ifgo", W=self.W, u=self.u, b=self.b)
        steps = cell_formulas.lstm(self.t) | cell_formulas.lstm_jacobians(self.t)
        return rows | cell_formulas.inputs(self.x) | steps

    def model(self) -> LSTM:
        return LSTM(W=floats(self.W), U=floats(self.u), b=floats(self.b).ravel())

    def models(self) -> tuple[LSTM]:
        return (self.model(),)

    def start(self) -> np.ndarray:
        """[h₀, c₀] as a batch of one."""
        return np.concatenate([floats(self.h0), floats(self.c0)]).T

    def inputs(self) -> np.ndarray:
        """(T, 1, 1)."""
        return np.array([floats(x) for x in self.x]).reshape(-1, 1, 1)

    def trajectory(self) -> LSTMTrajectory:
        """The run of this project's own model, along which bounds are evaluated."""
        return self.model().run(self.start(), self.inputs())


@dataclass(frozen=True, repr=False)
class LSTMJacobianRun(LSTMRun):
    """A run with a step s ≤ T: the Jacobian is ∂c_T/∂c_s."""

    s: int

    def terms(self) -> dict[str, Any]:
        steps = self.t, self.s + 1
        gates = {
            name: " ⊙ ".join(f"{name}_{k}" for k in range(self.t, self.s, -1)) for name in "if"
        }
        return super().terms() | {
            "∂c_t/∂c_s": f"[{cell_formulas.product_of('S_{}', *steps)}]_cc",
            "diag(f_t ⊙ ··· ⊙ f_{s+1})": f"diag({gates['f'] or 1})",
            "diag(i_t ⊙ ··· ⊙ i_{s+1})": f"diag({gates['i'] or 1})",
        }

    def computed(self, check: Check) -> np.ndarray:
        """∂c_T/∂c_s (n, n) by the backend, which is asked for the run again from its own state."""
        backend, x = check.backend, self.inputs()
        states = backend.run(self.model(), self.start(), x[: self.s])
        jacobian = backend.jacobian(self.model(), states[-1].astype(float), x[self.s :])
        return jacobian[0, self.n :, self.n :]

    def bound(self, u: float) -> np.ndarray:
        """How far that may lie from the exact one, in arithmetic of unit roundoff u."""
        bounds = RunBounds(self.trajectory(), u).jacobian(self.s, self.t)
        return bounds.values[0, self.n :, self.n :]

    def gates(self, name: str) -> list[Balls]:
        """A gate, i or f, at the steps 1 … T, in balls."""
        rows = {"i": slice(self.n), "f": slice(self.n, 2 * self.n)}[name]
        W, u, b = exact(self.W)[rows], exact(self.u)[rows, 0], exact(self.b)[rows, 0]
        states = reference(self.trajectory()).states[:-1]
        return [
            VALUES["logistic"](times(W, state[: self.n]) + u * exact(x) + b)
            for state, x in zip(states, self.inputs()[:, 0, 0], strict=True)
        ]

    def reads_hidden_state(self) -> bool:
        """Whether the input, forget or candidate gate reads h (the output gate does not matter)."""
        return any(self.W[row, j] != 0 for row in range(3 * self.n) for j in range(self.n))


Run = TypeVar("Run", bound=LSTMRun)


def blind_cell(kind: type[Run], **more: Any) -> Run:
    """Three steps of one cell whose gates read the input, the forget gate nothing: a witness."""
    return kind(
        W=matrix("0; 0; 0; 0"),
        u=vector("1 0 1 0"),
        b=vector("0 1 0 0"),
        h0=vector("0"),
        c0=vector("1"),
        x=(1, -1, 2),
        **more,
    )


def costs(g: fmpq_mat, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """The cotangents of C = g·s_T, (1, S), and of C = g·(s₀ + ··· + s_T), (T+1, 1, S)."""
    at_last = floats(g).T
    return at_last, np.repeat(at_last[None], steps + 1, axis=0)


@dataclass(frozen=True, repr=False)
class LSTMGradientRun(LSTMRun):
    """A run with a cost: g (2n) is its gradient by each state [h, c] that it reads."""

    g: fmpq_mat

    def terms(self) -> dict[str, Any]:
        n, t, sum_of = self.n, self.t, cell_formulas.sum_of
        exchanged = [[fmpq(0)] * (4 * n) for _ in range(4 * n)]
        for row, gate in enumerate((1, 0, 2, 3)):
            for k in range(n):
                exchanged[row * n + k][gate * n + k] = fmpq(1)
        kept = [[fmpq(int(i == j and i >= n)) for j in range(2 * n)] for i in range(2 * n)]
        return (
            super().terms()
            | cell_formulas.lstm_gradients(t)
            | {
                "Σ of the last 10 P_kᵀε_k": sum_of("P_{k}ᵀε_{k}", max(1, t - 9), t),
                "∂C/∂b in the order f, i, g, o": "E∂C/∂b",
                "E": fmpq_mat(exchanged),
                "K": fmpq_mat(kept),
                "ε₀ by the cells alone": "".join(f"KS_{k}ᵀ" for k in range(1, t + 1)) + "g",
            }
        )


@dataclass(frozen=True, repr=False)
class GRURun(Case):
    """n GRU units, gates r, z, n below one another: W (3n × n), u, b (3n); bn (n), T inputs x."""

    W: fmpq_mat
    u: fmpq_mat
    b: fmpq_mat
    bn: fmpq_mat
    h0: fmpq_mat
    x: tuple[Any, ...]

    @property
    def n(self) -> int:
        return self.bn.nrows()

    @property
    def t(self) -> int:
        """T, the number of steps."""
        return len(self.x)

    def terms(self) -> dict[str, Any]:
        rows = cell_formulas.rows_of("rzn", W=self.W, u=self.u, b=self.b)
        return rows | cell_formulas.inputs(self.x)

    def model(self, update: Any, reset: Any) -> GRU:
        return GRU(
            W=floats(self.W),
            U=floats(self.u),
            b=floats(self.b).ravel(),
            bn=floats(self.bn).ravel(),
            update=update,
            reset=reset,
        )

    def models(self) -> tuple[GRU, ...]:
        """In the four published conventions."""
        return tuple(
            self.model(update, reset)
            for update in ("keep", "write")
            for reset in ("after", "before")
        )

    def trajectory(self, model: GRU) -> Any:
        """The run of this project's own model."""
        inputs = np.array([floats(x) for x in self.x]).reshape(-1, 1, 1)
        return model.run(floats(self.h0).T, inputs)


@dataclass(frozen=True, repr=False)
class GRUGradientRun(GRURun):
    """A run with a cost: g (n) is its gradient by the last state."""

    g: fmpq_mat

    def terms(self) -> dict[str, Any]:
        """In the first of the conventions; primed where z writes instead."""
        t, sum_of = self.t, cell_formulas.sum_of
        gradients = cell_formulas.gru_gradients(t, "keep", "after")
        other = cell_formulas.marked(cell_formulas.gru_gradients(t, "write", "after"))
        others = {"∂C/∂b where z writes": other.pop("∂C/∂b"), "h′_0": self.h0}
        others |= {f"x′_{k}": x for k, x in enumerate(self.x, 1)}
        return (
            super().terms()
            | gradients
            | other
            | others
            | {
                "∂C/∂bn": gradients["∂C/∂bn"],
                "Σ of the last 10 P_kᵀε_k": sum_of("P_{k}ᵀε_{k}", max(1, t - 9), t),
                "the candidate's rows of ∂C/∂b": sum_of("N_{k}ε_{k}", 1, t),
            }
        )


@dataclass(frozen=True, repr=False)
class CellStep(Case):
    """One step of n LSTM cells: W (4n × n), b (4n) with the input's share in it, o and c before.

    The hidden state that the gates read is h = o ⊙ tanh c.
    """

    W: fmpq_mat
    b: fmpq_mat
    o: fmpq_mat
    c: fmpq_mat

    def terms(self) -> dict[str, Any]:
        return cell_formulas.rows_of("ifgo", W=self.W, b=self.b) | {
            "h": "o ⊙ tanh(c)",
            "i": "σ(W_ih + b_i)",
            "f": "σ(W_fh + b_f)",
            "g": "tanh(W_gh + b_g)",
            "F": "diag(c ⊙ f ⊙ (1 − f))",
            "I": "diag(g ⊙ i ⊙ (1 − i))",
            "G": "diag(i ⊙ (1 − g²))",
            "B": "diag(o ⊙ (1 − tanh(c)²))",
            "∂c_t/∂c_{t−1}": "diag(f) + (FW_f + IW_i + GW_g)B",
        }

    @property
    def n(self) -> int:
        return self.c.nrows()

    def model(self) -> LSTM:
        return LSTM(W=floats(self.W), U=np.zeros((4 * self.n, 0)), b=floats(self.b).ravel())

    def models(self) -> tuple[LSTM]:
        return (self.model(),)

    def trajectory(self) -> LSTMTrajectory:
        """The run of this project's own model: its start is a float's [o ⊙ tanh c, c]."""
        o, c = floats(self.o).T, floats(self.c).T
        start = np.concatenate([o * np.tanh(c), c], axis=1)
        return self.model().run(start, np.zeros((1, 1, 0)))

    def total(self, check: Check) -> Computed:
        """∂c_t/∂c_{t−1} from the backend's Jacobian: directly, and through h; with its bound."""
        n, trajectory = self.n, self.trajectory()
        start, inputs = trajectory.states[0], trajectory.inputs
        jacobian = check.backend.jacobian(self.model(), start, inputs)[0].astype(float)
        error = RunBounds(trajectory, check.backend.unit_roundoff).step_jacobians().values[0, 0]
        directly, through_h = (
            Computed.of(jacobian[n:, part], FLOAT64, error[n:, part])
            for part in (slice(n, None), slice(n))
        )
        _, slope = activated("tanh", Computed.of(floats(self.c)[:, 0], FLOAT64))
        slope = Computed.of(floats(self.o)[:, 0], FLOAT64) * slope
        return directly + through_h * slope

    def preactivations(self) -> list[Balls]:
        """Those of the gates i, f, g and o."""
        h = exact(self.trajectory().h[0, 0])
        return np.split(times(exact(self.W), h) + exact(self.b)[:, 0], 4)

    def derived(self) -> Balls:
        """The right side of the derived conclusion, in balls."""
        c, o = exact(self.c)[:, 0], exact(self.o)[:, 0]
        W = np.split(exact(self.W), 4)
        a_i, a_f, a_g, _ = self.preactivations()
        i, f, g = VALUES["logistic"](a_i), VALUES["logistic"](a_f), VALUES["tanh"](a_g)
        diagonals = {
            "F": f,
            "A_f": c * f * (1 - f),
            "A_i": g * i * (1 - i),
            "A_g": i * (1 - g * g),
            "B": o * SLOPES["tanh"](c),
        }
        F, A_f, A_i, A_g, B = (dict.fromkeys((0, 1), diagonal(d)) for d in diagonals.values())
        return formula(theory.cell_jacobian, BALL)(F, A_f, A_i, A_g, W[1], W[0], W[2], B, 0)


def gated(draw: Any, gates: int, n: int, t: int, recurrent: bool = True) -> dict[str, Any]:
    """The weights of n units with so many gates and t inputs; dyadic, so that floats hold them."""
    W = draw(rectangles(gates * n, n, dyadics(4, (1, 2, 4)))) if recurrent else None
    return {
        "W": fmpq_mat(gates * n, n) if W is None else W,
        "u": draw(vectors(gates * n, dyadics(2, (1, 2)))),
        "b": draw(vectors(gates * n, dyadics(6, (1, 2)))),
        "h0": draw(vectors(n, dyadics(2, (2, 4)))),
        "x": tuple(draw(fixed_lists(small_integers(2), t))),
    }


def preactivations(run: LSTMRun | GRURun, h: Balls, x: Any, gates: int) -> list[Balls]:
    """Those of each gate in the step from h with the input x, without the GRU's recurrent bias."""
    drive = exact(run.u)[:, 0] * exact(x) + exact(run.b)[:, 0]
    return np.split(times(exact(run.W), h) + drive, gates)


@st.composite
def lstm_runs(draw: Any, recurrent: bool = True) -> LSTMJacobianRun:
    """1 to 3 cells, up to 12 steps; `recurrent` says whether i, f and g read the hidden state."""
    n, t = draw(st.integers(1, 3)), draw(st.integers(0, 12))
    return LSTMJacobianRun(
        **gated(draw, 4, n, t, recurrent),
        c0=draw(vectors(n, dyadics(4, (1, 2)))),
        s=draw(st.integers(0, t)),
    )


@st.composite
def lstm_gradient_runs(draw: Any, least: int = 1) -> LSTMGradientRun:
    """1 or 2 cells, `least` to 14 steps."""
    n, t = draw(st.integers(1, 2)), draw(st.integers(least, 14))
    return LSTMGradientRun(
        **gated(draw, 4, n, t), c0=draw(vectors(n, dyadics(4, (1, 2)))), g=draw(vectors(2 * n))
    )


@st.composite
def gru_gradient_runs(draw: Any, least: int = 1) -> GRUGradientRun:
    """1 or 2 units, `least` to 14 steps."""
    n, t = draw(st.integers(1, 2)), draw(st.integers(least, 14))
    return GRUGradientRun(
        **gated(draw, 3, n, t), bn=draw(vectors(n, dyadics(2, (1, 2)))), g=draw(vectors(n))
    )


@st.composite
def cell_steps(draw: Any) -> CellStep:
    """1 to 3 cells, dyadic weights, output gates from 0 to 1."""
    n = draw(st.integers(1, 3))
    return CellStep(
        W=draw(rectangles(4 * n, n, dyadics(4, (1, 2, 4)))),
        b=draw(vectors(4 * n, dyadics(4, (1, 2)))),
        o=draw(vectors(n, st.builds(fmpq, st.integers(0, 4), st.just(4)))),
        c=draw(vectors(n, dyadics(4, (1, 2)))),
    )
