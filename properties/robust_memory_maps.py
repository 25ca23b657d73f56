"""Pairs of runs, and pairs of nearby states, of networks a_t = W tanh a_{t−1} + u_t."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, fmpq, fmpq_mat
from hypothesis import strategies as st

from models.rnn import RNN
from properties.checking import Case, Check, cell_formulas, diagonal, floats, identity
from properties.checking.balls import Balls, exact, precision, times
from properties.checking.bounds import RunBounds
from properties.checking.decided import below
from properties.checking.domains import dyadics, fixed_lists, rectangles
from properties.checking.norms import row_sum_norm
from properties.checking.references import reference
from properties.latch_cases import COARSE, dyadic_above
from properties.robust_memory_cases import largest, network, row_sums, sixteenths, state_with


def enclosed_pair(check: Check, model: RNN, pair: np.ndarray, inputs: np.ndarray) -> None:
    """The backend's two runs (2, n) under the same inputs (T, n) are as near as rounding allows."""
    both = np.repeat(inputs[:, None], 2, axis=1)
    trajectory = model.run(pair, both)
    bound = RunBounds(trajectory, check.backend.unit_roundoff).states.values
    check.enclosed(
        check.backend.run(model, pair, both),
        lambda: np.stack([reference(trajectory, k).states for k in range(2)], axis=1),
        bound,
        "the two runs",
    )


@dataclass(frozen=True, repr=False)
class TwoRuns(Case):
    """Two runs of a network under the same inputs, and the set of states with |a_i| ≥ m_i.

    Of each unit one side alone belongs to the set, the positive one, if `one_sided`; else both.
    """

    W: fmpq_mat
    m: fmpq_mat
    one_sided: bool
    a0: fmpq_mat
    b0: fmpq_mat
    x: tuple[fmpq_mat, ...]
    λ: fmpq

    def terms(self) -> dict[str, Any]:
        terms = cell_formulas.inputs(self.x)
        for k in range(1, self.t + 1):
            terms |= {f"{a}_{k}": f"W tanh({a}_{k - 1}) + x_{k}" for a in "ab"}
        return terms | {
            "t": fmpq(self.t),
            "‖a_t − b_t‖": f"‖a_{self.t} − b_{self.t}‖_∞",
            "‖a_0 − b_0‖": "‖a_0 − b_0‖_∞",
        }

    @property
    def t(self) -> int:
        return len(self.x)

    def models(self) -> tuple[RNN]:
        return (network(self.W),)

    def starts(self) -> np.ndarray:
        return np.stack([floats(self.a0).ravel(), floats(self.b0).ravel()])

    def inputs(self) -> np.ndarray:
        return np.array([floats(x).ravel() for x in self.x])

    def states(self) -> tuple[list[Balls], list[Balls]]:
        """a_0, …, a_t and b_0, …, b_t."""
        runs = []
        for start in (self.a0, self.b0):
            states = [exact(start)[:, 0]]
            for x in self.x:
                value = np.array([a.tanh() for a in states[-1]], dtype=object)
                states.append(times(exact(self.W), value) + exact(x)[:, 0])
            runs.append(states)
        return runs[0], runs[1]

    def slopes_at_most(self) -> bool:
        """Whether ‖M′‖_∞ ≤ λ on the set."""
        return below(lambda: (steepest(self.W, self.m.entries()), self.λ))[0]

    def stays(self) -> bool:
        """Whether a_0, …, a_{t−1} and b_0, …, b_{t−1} lie in the set."""
        with precision(128):
            m = exact(self.m)[:, 0]
            for state in (state for run in self.states() for state in run[:-1]):
                sides = state if self.one_sided else [abs(a) for a in state]
                if any(a < least for a, least in zip(sides, m, strict=True)):
                    return False
        return True


def steepest(W: fmpq_mat, depths: list[fmpq]) -> Any:
    """‖W diag(sech² depths)‖_∞, the largest ‖M′‖_∞ of states that are at least so deep."""
    return row_sums(exact(W) * np.array([arb(d).sech() ** 2 for d in depths], dtype=object))


margins = st.builds(fmpq, st.integers(2, 8), st.just(4))
depths = st.builds(fmpq, st.integers(0, 8), st.just(4))


@st.composite
def two_runs(
    draw: Any, most: int = 3, shifts: Any = depths, pointwise: bool = False, bits: int = 16
) -> TwoRuns:
    """1 to `most` units; inputs that make up for what W can take keep them beyond their margins.

    `shifts` is how far beyond its margin a unit starts; λ is hardly above ‖M′‖ on the whole set, or
    at b_0 alone if `pointwise`, and has that many significant bits.
    """
    n, t = draw(st.integers(1, most)), draw(st.integers(1, 5))
    W, m = draw(rectangles(n, n, dyadics(8, (4,)))), draw(fixed_lists(margins, n))
    enough = [each + sum(map(abs, row), fmpq(0)) for each, row in zip(m, W.table(), strict=True)]
    x = tuple(_sum(enough, draw(fixed_lists(depths, n))) for _ in range(t))
    a0, b0 = (_sum(m, draw(fixed_lists(shifts, n))) for _ in range(2))
    # Two runs that start together stay together: nothing is to be seen of them.
    a0[0, 0] += int(a0 == b0)
    with precision(128):
        λ = dyadic_above(steepest(W, b0.entries() if pointwise else m) + fmpq(1, 1024), bits)
    return TwoRuns(W, fmpq_mat(n, 1, m), True, a0, b0, x, λ)


@st.composite
def opposite_bits(draw: Any) -> TwoRuns:
    """1 or 2 latches without inputs, and two runs of opposite bits, each beyond where λ < 1."""
    n, t = draw(st.integers(1, 2)), draw(st.integers(1, 5))
    w, m = draw(st.sampled_from(((2, fmpq(1)), (3, fmpq(5, 4)), (4, fmpq(3, 2)))))
    a0, b0 = (_sum([m] * n, draw(fixed_lists(depths, n))) for _ in range(2))
    W, margin = identity(n) * w, [m] * n
    with precision(128):
        λ = dyadic_above(steepest(W, margin), COARSE)
    quiet = (fmpq_mat(n, 1),) * t
    return TwoRuns(W, fmpq_mat(n, 1, margin), False, -1 * a0, b0, quiet, λ)


def _sum(one: list[fmpq], other: list[fmpq]) -> fmpq_mat:
    return fmpq_mat(len(one), 1, [a + b for a, b in zip(one, other, strict=True)])


@dataclass(frozen=True, repr=False)
class Root(Case):
    """M(x) = α√(c + x²), 0 ≤ α ≤ 1, 0 < c: |M′(x)| < 1 at every x."""

    α: fmpq
    c: fmpq


roots = st.builds(
    Root,
    st.sampled_from((fmpq(0), fmpq(1, 2), fmpq(3, 4), fmpq(15, 16), fmpq(1))),
    st.builds(fmpq, st.integers(1, 4)),
)


# -- theorem 1


@dataclass(frozen=True, repr=False)
class NearbyStates(Case):
    """Two states x and x + εv of a network, v of entries −1, 0, 1: do they move apart?

    tanh has the slopes d at x, so that M′(x) = W diag d is rational.
    """

    W: fmpq_mat
    d: fmpq_mat
    v: fmpq_mat
    ε: fmpq

    def terms(self) -> dict[str, Any]:
        return {
            "x": lambda: self.states()[0],
            "δ": "εv",
            "‖δ‖": "‖δ‖_∞",
            "‖M(x + δ) − M(x)‖": "‖W tanh(x + δ) − W tanh(x)‖_∞",
        }

    def stretch(self) -> fmpq:
        """‖M′(x)v‖_∞."""
        return row_sum_norm(self.W * diagonal(self.d) * self.v)

    def bend(self) -> fmpq:
        """Lε²/2: |tanh″| = 2|y|(1 − y²) < 1 makes L = ‖W‖_∞ a Lipschitz constant of M′."""
        return row_sum_norm(self.W) * self.ε**2 / 2

    def is_stretched(self) -> bool:
        return self.ε * self.stretch() > self.ε + self.bend()

    def states(self) -> tuple[Balls, Balls]:
        x = state_with(self.d)
        return x, x + exact(self.v)[:, 0] * arb(self.ε)

    def distance(self) -> Any:
        """‖M(x + εv) − M(x)‖_∞."""
        one, other = (np.array([a.tanh() for a in x], dtype=object) for x in self.states())
        return largest(times(exact(self.W), other - one))

    def models(self) -> tuple[RNN]:
        return (network(self.W),)

    def starts(self) -> np.ndarray:
        with precision(128):
            return np.stack([x.astype(float) for x in self.states()])


directions = st.sampled_from((1, -1, 0))
parts = st.builds(fmpq, st.integers(1, 15), st.just(16))


@st.composite
def nearby_states(
    draw: Any, most: int = 3, shares: Any = parts, along: bool = True
) -> NearbyStates:
    """W is scaled so that ‖M′(x)v‖ is one of four gains above one, and ε follows from that.

    v is the direction that M′(x) stretches most if `along`, or any one of at most that stretch;
    `shares` is ε as a share of what the bend allows.
    """
    n = draw(st.integers(1, most))
    W, d = (
        draw(rectangles(n, n, dyadics(8, (4,)))),
        fmpq_mat(n, 1, draw(fixed_lists(sixteenths, n))),
    )
    W[0, 0] += 1 if W[0, 0] >= 0 else -1
    M = W * diagonal(d)
    row = max(M.table(), key=lambda entries: sum(map(abs, entries), fmpq(0)))
    stretched = [1 if entry >= 0 else -1 for entry in row]
    gain = draw(st.sampled_from((fmpq(5, 4), fmpq(3, 2), fmpq(2), fmpq(4))))
    W = W * (gain / row_sum_norm(M))
    share = draw(shares)
    ε = share * 2 * (gain - 1) / row_sum_norm(W)
    v = stretched if along else [1, *draw(fixed_lists(directions, n - 1))]
    return NearbyStates(W, d, fmpq_mat(n, 1, v), ε)
