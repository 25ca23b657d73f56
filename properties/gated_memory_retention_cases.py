"""Runs that show what a cell keeps, and where they are drawn from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from flint import arb, fmpq, fmpq_mat
from hypothesis import strategies as st

from models.lstm import LSTM
from models.rnn import RNN
from properties.checking import BALL, Case, Check, cell_formulas, floats, formula, identity
from properties.checking.balls import VALUES, Balls, diagonal, exact, times
from properties.checking.bounds import RunBounds
from properties.checking.domains import (
    dyadics,
    matrices,
    vectors,
)
from properties.checking.references import reference
from properties.checking.rounding import Computed
from properties.gated_memory_cases import LSTMJacobianRun, gated
from theory import gated_memory_retention as theory

derived_influence = formula(theory.influence_persists, BALL)
derived_difference = formula(theory.overwrites_versus_adds, BALL)


def computed_difference(runs: list[Any], check: Check) -> Computed:
    """The last state of the first run less that of the second, by the backend, with its bound."""
    u = check.backend.unit_roundoff
    ends = []
    for run in runs:
        states = check.backend.run(run.model, run.states[0], run.inputs)
        bound = RunBounds(run, u).states.values
        ends.append(Computed.of(states[-1, 0].astype(float), u, bound[-1, 0]))
    return ends[0] + ends[1].negated()


@dataclass(frozen=True, repr=False)
class InfluenceRun(LSTMJacobianRun):
    """A run, and a second one with the input y instead of x_s at step s ≥ 1."""

    y: int

    def terms(self) -> dict[str, Any]:
        s, t = self.s, self.t
        given = {"h_0": self.h0, "c_0": self.c0} | cell_formulas.inputs(self.other().x)
        second = cell_formulas.marked(cell_formulas.lstm(t) | given)
        gates = {since: [f"f_{k}" for k in range(t, since, -1)] for since in (s - 1, s)}
        apart = f"(c_{s} − c′_{s})"
        return (
            super().terms()
            | second
            | {
                "c_T − c′_T": f"c_{t} − c′_{t}",
                "f_T ⊙ ··· ⊙ f_{s+1}": " ⊙ ".join(gates[s]) or "1",
                "f_T ⊙ ··· ⊙ f_{s+1} ⊙ (c_s − c′_s)": " ⊙ ".join([*gates[s], apart]),
                "f_T ⊙ ··· ⊙ f_s ⊙ (c_s − c′_s)": " ⊙ ".join([*gates[s - 1], apart]),
            }
        )

    def other(self) -> InfluenceRun:
        """The second run."""
        return replace(self, x=(*self.x[: self.s - 1], self.y, *self.x[self.s :]))

    def difference(self, check: Check) -> Computed:
        """c_T of the first run less that of the second, (n,)."""
        runs = [self.trajectory(), self.other().trajectory()]
        return computed_difference(runs, check).part(slice(self.n, None))

    def written(self) -> Balls:
        """By how much the two runs' cells differ after step s, (n,)."""
        ends = [reference(run.trajectory()).states[self.s] for run in (self, self.other())]
        return (ends[0] - ends[1])[self.n :]

    def kept(self, since: int) -> Balls:
        """∏ f_k over since < k ≤ T, along the first run, (n,)."""
        gates: list[Balls] = [exact(np.ones(self.n)), *self.gates("f")]
        return np.asarray(derived_influence(exact(np.ones(self.n)), gates, since, self.t))

    def outlives(self, share: fmpq) -> bool:
        """Whether some cell keeps at least so much, by floats: a label needs no more."""
        return bool(np.any(self.trajectory().direct_path(self.s, self.t) >= floats(share)))


@dataclass(frozen=True, repr=False)
class OldStates(Case):
    """One step from two old states h and h2, of n tanh units and of n LSTM cells.

    W (n × n) and u (n) are the network's; the cells hold h and h2, read what they show through the
    same W in every gate, and have the biases b (4n) of i, f, g, o.
    """

    W: fmpq_mat
    u: fmpq_mat
    b: fmpq_mat
    h: fmpq_mat
    h2: fmpq_mat

    def terms(self) -> dict[str, Any]:
        n = self.n
        forget = fmpq_mat(self.b.table()[n : 2 * n])
        rows = cell_formulas.rows_of("ifgo", b=self.b)
        return rows | {
            "h′": self.h2,
            "b_f": forget,
            "f": "σ(Wh + b_f)",
            "i": "σ(Wh + b_i)",
            "g": "tanh(Wh + b_g)",
            "c_1": "f ⊙ h + i ⊙ g",
            "c′_1": "f ⊙ h′ + i ⊙ g",
        }

    @property
    def n(self) -> int:
        return self.h.nrows()

    def rnn(self) -> RNN:
        return RNN(W=floats(self.W), U=np.zeros((self.n, 0)), b=floats(self.u).ravel())

    def lstm(self) -> LSTM:
        W = np.concatenate([floats(self.W)] * 4)
        return LSTM(W=W, U=np.zeros((4 * self.n, 0)), b=floats(self.b).ravel())

    def models(self) -> tuple[LSTM, RNN]:
        return self.lstm(), self.rnn()

    def seen(self) -> fmpq_mat:
        """W(h − h2), all that a tanh unit has of the difference."""
        return self.W * (self.h - self.h2)

    def new_states(self, check: Check) -> Computed:
        """The difference of the network's new states, by the backend."""
        nothing = np.zeros((1, 1, 0))
        runs = [self.rnn().run(floats(h).T, nothing) for h in (self.h, self.h2)]
        return computed_difference(runs, check)

    def new_cells(self, check: Check) -> Computed:
        """The difference of the new cells, by the backend; both show h to the gates."""
        nothing, shown = np.zeros((1, 1, 0)), floats(self.h).T
        starts = [np.concatenate([shown, floats(c).T], axis=1) for c in (self.h, self.h2)]
        runs = [self.lstm().run(start, nothing) for start in starts]
        return computed_difference(runs, check).part(slice(self.n, None))

    def differences(self) -> Balls:
        """h_i − h′_i of the network's new states, by the derived formula.

        It is taken at p − q = (W(h − h2))_i, which is exact: it is 0 where that is.
        """
        q, u = exact(self.W * self.h2)[:, 0], exact(self.u)[:, 0]
        moved = exact(self.seen())[:, 0]
        pairs = zip(moved, q + u, strict=True)
        return np.array([derived_difference(d, arb(0), a) for d, a in pairs], dtype=object)

    def moved_and_seen(self, unit: int) -> Callable[[], tuple[Any, Any]]:
        """|h_i − h′_i| of the new states and |(W(h − h2))_i|, in balls."""
        return lambda: (abs(self.differences()[unit]), abs(arb(self.seen()[unit, 0])))

    def forget_gates(self) -> Balls:
        """f of both, which read the same h."""
        n = self.n
        a = times(exact(self.W), exact(self.h)[:, 0]) + exact(self.b)[n : 2 * n, 0]
        return VALUES["logistic"](a)


@dataclass(frozen=True, repr=False)
class BiasedRun(LSTMJacobianRun):
    """A run from s = 0 whose forget gates have the biases of rows n … 2n of b."""

    def terms(self) -> dict[str, Any]:
        span = self.t + 1
        return super().terms() | {
            "∂c_T/∂c_0": f"[{cell_formulas.product_of('S_{}', self.t, 1)}]_cc",
            "diag(σ(b_f)^T)": f"diag(σ(b_f)^{self.t})",
            "T": fmpq(span),
            "σ(ln T)^T": "(T/(T + 1))^T",
            "σ(ln(T − 1))^T": "((T − 1)/T)^T",
        }

    def forgets_by_bias_alone(self) -> bool:
        """Whether no gate reads h, nor the forget gate the input."""
        n = self.n
        blind = all(self.u[row, 0] == 0 for row in range(n, 2 * n))
        return blind and not self.reads_hidden_state()

    def forget_biases(self) -> Balls:
        return exact(self.b)[self.n : 2 * self.n, 0]

    def kept(self) -> Balls:
        """diag σ(b_f)ᵀ."""
        return diagonal(VALUES["logistic"](self.forget_biases()) ** self.t)


def alone(bias: float, steps: int) -> Any:
    """The run of one cell that holds 1, whose gates read nothing and which writes nothing."""
    b = np.array([0.0, bias, 0.0, 0.0])
    model = LSTM(W=np.zeros((4, 1)), U=np.zeros((4, 0)), b=b)
    return model.run(np.array([[0.0, 1.0]]), np.zeros((steps, 1, 0)))


@st.composite
def influence_runs(draw: Any, recurrent: bool = False) -> InfluenceRun:
    """1 or 2 cells, 1 to 10 steps; the inputs of step s differ."""
    n, t = draw(st.integers(1, 2)), draw(st.integers(1, 10))
    weights = gated(draw, 4, n, t, recurrent)
    s = draw(st.integers(1, t))
    other = draw(st.sampled_from((1, -1, 2, -2)))
    return InfluenceRun(
        **weights, c0=draw(vectors(n, dyadics(4, (1, 2)))), s=s, y=weights["x"][s - 1] + other
    )


@st.composite
def open_gates(draw: Any) -> InfluenceRun:
    """One cell whose forget gate is always open by at least 9/10, 1 to 60 steps after s = 1."""
    t, bias = draw(st.integers(1, 60)), draw(st.integers(3, 5))
    b = fmpq_mat(4, 1, [0, bias, 0, 0])
    nothing, read = fmpq_mat(4, 1), fmpq_mat(4, 1, [0, 0, 1, 0])
    zero = fmpq_mat(1, 1)
    return InfluenceRun(nothing, read, b, zero, zero, (0,) * t, 1, 1)


def identities(n: int) -> st.SearchStrategy[fmpq_mat]:
    """The identity alone."""
    return st.just(identity(n))


@st.composite
def old_states(draw: Any, W: Any = None) -> OldStates:
    """1 to 3 units; W small integers, or given for a size."""
    n = draw(st.integers(1, 3))
    return OldStates(
        W=draw(matrices(n) if W is None else W(n)),
        u=draw(vectors(n, dyadics(2, (1, 2)))),
        b=draw(vectors(4 * n, dyadics(4, (1, 2)))),
        h=draw(vectors(n, dyadics(2, (1, 2, 4)))),
        h2=draw(vectors(n, dyadics(2, (1, 2, 4)))),
    )


@st.composite
def biased_runs(draw: Any, reading: bool = False, bias: fmpq | None = None) -> BiasedRun:
    """1 to 3 cells, 1 to 20 steps; `reading`: the gates read h, and the forget gate the input.

    bias: that of every forget gate, where it is not to be drawn.
    """
    n, t = draw(st.integers(1, 3)), draw(st.integers(1, 20))
    weights = gated(draw, 4, n, t, reading)
    for row in range(n, 2 * n):
        if not reading:
            weights["u"][row, 0] = 0
        if bias is not None:
            weights["b"][row, 0] = bias
    return BiasedRun(**weights, c0=draw(vectors(n, dyadics(4, (1, 2)))), s=0)
