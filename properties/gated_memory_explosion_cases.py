"""Cells at rest that make a gradient grow as much as is asked for, and ordinary LSTMs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from flint import arb, fmpq, fmpq_mat
from hypothesis import strategies as st

from models.lstm import LSTM
from properties.checking import BALL, Case, Check, floats, formula
from properties.checking.balls import VALUES, Balls, exact
from properties.checking.bounds import RunBounds
from properties.checking.domains import dyadics, fixed_lists, rectangles, small_integers, vectors
from properties.checking.exact import rational
from properties.gated_memory_cases import LSTMJacobianRun
from theory import gated_memory_explosion as theory

growth = formula(theory.lstm_can_explode, BALL)


@dataclass(frozen=True, repr=False)
class RestingCell(Case):
    """One cell, b (3) the biases of its gates i, f, o, which read nothing; the candidate reads w·h.

    It runs t ≥ 1 steps from c0 and what that shows; the gradient is to exceed `bound`.
    """

    b: fmpq_mat
    w: int
    c0: fmpq
    t: int
    bound: int

    def exploding(self) -> RestingCell:
        """The same cell with a weight for which the gradient exceeds the bound.

        (f + iow)^t ≥ ((bound)^{1/t} + 1)^t with w ≥ (bound^{1/t} + 1)/(io); floats, rounded up.
        """
        i, _, o = (float(gate.mid()) for gate in self.gates())
        needed = (self.bound ** (1 / self.t) + 1) / (i * o)
        return replace(self, w=int(needed) + 1)

    def model(self) -> LSTM:
        i, f, o = floats(self.b).ravel()
        W = np.array([[0.0], [0.0], [float(self.w)], [0.0]])
        return LSTM(W=W, U=np.zeros((4, 0)), b=np.array([i, f, 0.0, o]))

    def models(self) -> tuple[LSTM]:
        return (self.model(),)

    def trajectory(self) -> Any:
        """The run of this project's own model, from what the cell shows before step 1."""
        o, c = float(self.gates()[2].mid()), floats(self.c0)
        start = np.array([[o * np.tanh(c), c]])
        return self.model().run(start, np.zeros((self.t, 1, 0)))

    def gates(self) -> Balls:
        """i, f and o."""
        return VALUES["logistic"](exact(self.b)[:, 0])

    def rate(self) -> Any:
        """f + iow, the factor of a step."""
        i, f, o = self.gates()
        return growth(f, i, o, arb(self.w), 1)

    def grown(self) -> Any:
        """∂c_T/∂c_0 in all, by the derived formula."""
        i, f, o = self.gates()
        return growth(f, i, o, arb(self.w), self.t)

    def jacobian(self) -> Balls:
        """∂(h_T, c_T)/∂(h_0, c_0): one step is (o, 1)ᵀ(iw, f), of rank one."""
        i, f, o = self.gates()
        one = arb(1)
        column, row = np.array([o, one], dtype=object), np.array([i * self.w, f], dtype=object)
        return np.asarray(growth(f, i, o, arb(self.w), self.t - 1) * np.outer(column, row))

    def judge(self, check: Check) -> None:
        """Compare the backend's Jacobian of the run with the formula's."""
        run = self.trajectory()
        found = check.backend.jacobian(run.model, run.states[0], run.inputs)[0]
        bound = RunBounds(run, check.backend.unit_roundoff).jacobian(0, self.t).values[0]
        check.enclosed(found, self.jacobian, bound, "∂(h_T, c_T)/∂(h_0, c_0)")


@dataclass(frozen=True, repr=False)
class OrdinaryRun(LSTMJacobianRun):
    """An LSTM as others are, from s = 0."""

    def jacobian(self, check: Check) -> np.ndarray:
        """∂(h_T, c_T)/∂(h_0, c_0) by the backend."""
        return check.backend.jacobian(self.model(), self.start(), self.inputs())[0]

    def error(self, check: Check) -> float:
        """How far its entries may lie from the exact ones.

        It takes most of the time, and is asked for where an inequality seems not to hold.
        """
        bounds = RunBounds(self.trajectory(), check.backend.unit_roundoff)
        return float(bounds.jacobian(0, self.t).values.max())


@st.composite
def resting_cells(draw: Any, c0: Any = None) -> RestingCell:
    """Gates from σ(−2) to σ(4), 1 to 30 steps, bounds up to 10¹²; c0 = 0 unless given."""
    return RestingCell(
        b=draw(vectors(3, dyadics(4, (1, 2)))),
        w=draw(small_integers(8)),
        c0=fmpq(0) if c0 is None else draw(c0),
        t=draw(st.integers(1, 30)),
        bound=10 ** draw(st.integers(0, 12)),
    )


@st.composite
def ordinary_runs(draw: Any, most: int = 2, largest: int = 4) -> OrdinaryRun:
    """1 or 2 cells, integer weights up to the largest, 1 to 12 steps."""
    n, t = draw(st.integers(1, most)), draw(st.integers(1, 12))
    return OrdinaryRun(
        W=draw(rectangles(4 * n, n, small_integers(largest))),
        u=draw(vectors(4 * n, small_integers(2))),
        b=draw(vectors(4 * n, small_integers(2))),
        h0=fmpq_mat(n, 1),
        c0=draw(vectors(n, small_integers(1))),
        x=tuple(draw(fixed_lists(small_integers(1), t))),
        s=0,
    )


away = st.sampled_from([rational(text) for text in ("1", "-1", "1/2", "2")])
