"""Section 10.10: the LSTM's cell carries what it holds from step to step, times its forget gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat
from hypothesis import strategies as st

from models.lstm import LSTM, LSTMTrajectory
from properties.checking import (
    BALL,
    Case,
    Check,
    ball_gated,
    claim,
    floats,
    formula,
    matrix,
    vector,
)
from properties.checking.balls import SLOPES, VALUES, Balls, exact, times
from properties.checking.bounds import RunBounds
from properties.checking.domains import dyadics, fixed_lists, rectangles, small_integers, vectors
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
    s: int

    @property
    def n(self) -> int:
        return self.c0.nrows()

    @property
    def t(self) -> int:
        """T, the number of steps."""
        return len(self.x)

    def model(self) -> LSTM:
        return LSTM(W=floats(self.W), U=floats(self.u), b=floats(self.b).ravel())

    def start(self) -> np.ndarray:
        """[h₀, c₀] as a batch of one."""
        return np.concatenate([floats(self.h0), floats(self.c0)]).T

    def inputs(self) -> np.ndarray:
        """(T, 1, 1)."""
        return np.array([floats(x) for x in self.x]).reshape(-1, 1, 1)

    def run(self) -> LSTMTrajectory:
        return self.model().run(self.start(), self.inputs())

    def balls(self) -> list[dict[str, Balls]]:
        """For each step the gates i, f, g, o and the states h, c before it and c after it."""
        W, u, b = exact(self.W), exact(self.u)[:, 0], exact(self.b)[:, 0]
        states = ball_gated.lstm(W, u[:, None], b, self.start()[0], self.inputs()[:, 0]).states
        steps = []
        for before, after, x in zip(states[:-1], states[1:], self.inputs()[:, 0, 0], strict=True):
            h, c = np.split(before, 2)
            i, f, g, o = np.split(times(W, h) + u * exact(x) + b, 4)
            gates = {"i": i, "f": f, "o": o}
            step = {name: VALUES["logistic"](a) for name, a in gates.items()}
            steps.append(step | {"g": VALUES["tanh"](g), "c": c, "c_new": np.split(after, 2)[1]})
        return steps

    def reads_hidden_state(self) -> bool:
        """Whether the input, forget or candidate gate reads h (the output gate does not matter)."""
        return any(self.W[row, j] != 0 for row in range(3 * self.n) for j in range(self.n))


def _diagonal(entries: Balls) -> Balls:
    return np.diag(entries) + exact(np.zeros((entries.size, entries.size)))


@st.composite
def lstm_runs(draw: Any, recurrent: bool = True, steps: Any = None) -> LSTMRun:
    """1 to 3 cells, dyadic weights; `recurrent` says whether i, f and g read the hidden state."""
    n, t = draw(st.integers(1, 3)), draw(st.integers(0, 12) if steps is None else steps)
    W = draw(rectangles(4 * n, n, dyadics(4, (1, 2, 4)))) if recurrent else fmpq_mat(4 * n, n)
    return LSTMRun(
        W=W,
        u=draw(vectors(4 * n, dyadics(2, (1, 2)))),
        b=draw(vectors(4 * n, dyadics(6, (1, 2)))),
        h0=draw(vectors(n, dyadics(2, (2, 4)))),
        c0=draw(vectors(n, dyadics(4, (1, 2)))),
        x=tuple(draw(fixed_lists(small_integers(2), t))),
        s=draw(st.integers(0, t)),
    )


@claim(
    statement=(
        "If the gates do not read the hidden state, c_t = f_t ⊙ c_{t−1} + i_t ⊙ g_t has "
        "∂c_t/∂c_s = diag(f_t ⊙ f_{t−1} ⊙ ··· ⊙ f_{s+1})."
    ),
    source="Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000",
    derivation=theory.carousel,
    domain=lstm_runs(recurrent=False),
    tiers=("symbolic", "enclosed"),
    assumptions={
        "the gates do not read the hidden state": lambda run: not run.reads_hidden_state()
    },
    labels={
        "several cells": (0.4, lambda run: run.n > 1),
        "t − s ≥ 4": (0.2, lambda run: run.t - run.s >= 4),
        "t = s": (0.03, lambda run: run.t == run.s),
        "long memory": (0.1, lambda run: run.b[run.n, 0] >= 2),
    },
    witness=LSTMRun(
        W=matrix("0; 0; 0; 0"),
        u=vector("1 0 1 0"),
        b=vector("0 1 0 0"),
        h0=vector("0"),
        c0=vector("1"),
        x=(1, -1, 2),
        s=1,
    ),
    concerns=LSTM,
)
def carousel(run: LSTMRun, check: Check) -> None:
    trajectory, n = run.run(), run.n
    derived = formula(theory.carousel, BALL)

    def truth() -> Balls:
        forget = [_diagonal(step["f"]) for step in run.balls()]
        return derived([None, *forget], run.s, run.t) if run.s < run.t else exact(np.eye(n))

    bound = RunBounds(trajectory).jacobian(run.s, run.t).values[0, n:, n:]
    check.enclosed(trajectory.jacobian(run.s, run.t)[0, n:, n:], truth, bound, "∂c_t/∂c_s")
    check.enclosed(
        trajectory.direct_path(run.s, run.t)[0],
        lambda: np.diag(truth()),
        np.diag(bound),
        "direct path",
    )


carousel.without(
    "the gates do not read the hidden state",
    domain=lstm_runs(),
    why="c_{t−1} then acts on c_t through h_{t−1} and the gates as well; see cell_jacobian.",
)


@carousel.misread(
    "∂c_t/∂c_s = diag(i_t ⊙ ··· ⊙ i_{s+1})",
    why="The input gate scales what is written; the forget gate scales what is kept.",
)
def kept_by_the_input_gate(run: LSTMRun, check: Check) -> None:
    trajectory, n = run.run(), run.n

    def wrong() -> Balls:
        result = exact(np.eye(n))
        for step in run.balls()[run.s :]:
            result = _diagonal(step["i"]) @ result
        return result

    bound = RunBounds(trajectory).jacobian(run.s, run.t).values[0, n:, n:]
    check.enclosed(trajectory.jacobian(run.s, run.t)[0, n:, n:], wrong, bound)


@dataclass(frozen=True, repr=False)
class CellStep(Case):
    """One step of n LSTM cells: W (4n × n), b (4n) with the input's share in it, o and c before.

    The hidden state that the gates read is h = o ⊙ tanh c.
    """

    W: fmpq_mat
    b: fmpq_mat
    o: fmpq_mat
    c: fmpq_mat

    @property
    def n(self) -> int:
        return self.c.nrows()

    def run(self) -> LSTMTrajectory:
        o, c = floats(self.o).T, floats(self.c).T
        model = LSTM(W=floats(self.W), U=np.zeros((4 * self.n, 0)), b=floats(self.b).ravel())
        return model.run(np.concatenate([o * np.tanh(c), c], axis=1), np.zeros((1, 1, 0)))

    def total(self, trajectory: LSTMTrajectory) -> Computed:
        """∂c_t/∂c_{t−1} from the model's Jacobian: directly, and through h; with its bound."""
        n, u = self.n, FLOAT64
        jacobian = trajectory.step_jacobians()[0, 0]
        error = RunBounds(trajectory).step_jacobians().values[0, 0]
        directly, through_h = (
            Computed.of(jacobian[n:, part], u, error[n:, part])
            for part in (slice(n, None), slice(n))
        )
        _, slope = activated("tanh", Computed.of(floats(self.c)[:, 0], u))
        slope = Computed.of(floats(self.o)[:, 0], u) * slope
        return directly + through_h * slope

    def derived(self, trajectory: LSTMTrajectory) -> Balls:
        """The right side of the derived conclusion, in balls."""
        h, c, o = (exact(column)[:, 0] for column in (trajectory.h[0].T, self.c, self.o))
        W = [exact(block) for block in np.split(floats(self.W), 4)]
        b = np.split(exact(self.b)[:, 0], 4)
        i, f = (VALUES["logistic"](times(W[k], h) + b[k]) for k in range(2))
        g = VALUES["tanh"](times(W[2], h) + b[2])
        diagonals = {
            "F": f,
            "A_f": c * f * (1 - f),
            "A_i": g * i * (1 - i),
            "A_g": i * (1 - g * g),
            "B": o * SLOPES["tanh"](c),
        }
        F, A_f, A_i, A_g, B = ({0: _diagonal(d), 1: _diagonal(d)} for d in diagonals.values())
        return formula(theory.cell_jacobian, BALL)(F, A_f, A_i, A_g, W[1], W[0], W[2], B, 0)


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


@claim(
    statement=(
        "∂c_t/∂c_{t−1} = diag f + (diag(c f(1−f))W_f + diag(g i(1−i))W_i + diag(i(1−g²))W_g)"
        "·diag(o(1 − tanh² c)), c and o being those of t − 1."
    ),
    source="Gers, Schmidhuber & Cummins 2000, the equations of the cell differentiated in full",
    derivation=theory.cell_jacobian,
    domain=cell_steps(),
    tiers=("symbolic", "enclosed"),
    labels={
        "several cells": (0.4, lambda step: step.n > 1),
        "closed output gate": (0.05, lambda step: all(o == 0 for o in step.o.entries())),
        "open output gate": (0.3, lambda step: any(o != 0 for o in step.o.entries())),
    },
    witness=CellStep(W=matrix("1; 1; 1; 0"), b=vector("0 0 0 0"), o=vector("1"), c=vector("1")),
    concerns=LSTM,
)
def cell_jacobian(step: CellStep, check: Check) -> None:
    trajectory = step.run()
    total = step.total(trajectory)
    check.enclosed(total.value, lambda: step.derived(trajectory), total.error)


@cell_jacobian.misread(
    "∂c_t/∂c_{t−1} = diag f",
    source="the usual picture of the constant error carousel",
    why="That is the direct path; unless the gates ignore h there is a second one through it.",
)
def direct_path_alone(step: CellStep, check: Check) -> None:
    trajectory, n = step.run(), step.n
    total = step.total(trajectory)
    h = exact(trajectory.h[0, 0])
    W_f, b_f = exact(floats(step.W)[n : 2 * n]), exact(step.b)[n : 2 * n, 0]
    check.enclosed(
        total.value, lambda: _diagonal(VALUES["logistic"](times(W_f, h) + b_f)), total.error
    )
