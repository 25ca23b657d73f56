"""Networks whose states are chosen first, and inputs that take them there: rational slopes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np
from flint import arb, fmpq, fmpq_mat
from hypothesis import strategies as st

from models.rnn import RNN
from properties.checking import (
    Case,
    Check,
    cell_formulas,
    column_floats,
    diagonal,
    floats,
    identity,
)
from properties.checking.balls import Balls, exact, precision, product, times
from properties.checking.bounds import RunBounds
from properties.checking.domains import dyadics, fixed_lists, rectangles, unimodular_matrices
from properties.checking.norms import row_sum_norm
from properties.checking.references import reference


def network(W: fmpq_mat, b: fmpq_mat | None = None) -> RNN:
    """a_t = W tanh a_{t−1} + b + x_t."""
    n = W.nrows()
    bias = np.zeros(n) if b is None else column_floats(b)
    return RNN(W=floats(W), U=np.eye(n), b=bias, order="activation_first")


def row_sums(matrix: Balls) -> Any:
    """‖A‖_∞, the largest sum of the magnitudes in a row."""
    return reduce(arb.max, (sum(abs(entry) for entry in row) for row in matrix))


def largest(column: Balls) -> Any:
    """max |x_i|."""
    return reduce(arb.max, (abs(entry) for entry in column.ravel()))


def state_with(slopes: fmpq_mat) -> Balls:
    """The positive state at which tanh has these slopes: sech² a = d at cosh a = 1/√d."""
    return np.array([(1 / arb(d)).sqrt().acosh() for d in slopes.entries()], dtype=object)


@dataclass(frozen=True, repr=False)
class NormedRun(Case):
    """A network's run with the slopes d_0, …, d_{t−1}, and for each state a norm to measure M′ in.

    The norm of P is ‖A‖ = ‖PAP⁻¹‖_∞. M′(a_k) = W diag d_k is meant to have a norm of at most λ.
    """

    W: fmpq_mat
    slopes: tuple[fmpq_mat, ...]
    norms: tuple[fmpq_mat, ...]
    λ: fmpq

    def terms(self) -> dict[str, Any]:
        steps = {f"d_{k}": d for k, d in enumerate(self.slopes)}
        steps |= {f"M_{k}": f"W diag(d_{k})" for k in range(self.t)}
        jacobian = cell_formulas.product_of("M_{}", self.t - 1, 0)
        return steps | {
            "t": fmpq(self.t),
            "P": self.norms[0],
            "J": jacobian,
            "‖∂a_t/∂a_0‖": "‖PJP^{−1}‖_∞",
        }

    @property
    def t(self) -> int:
        return len(self.slopes)

    def steps(self) -> list[fmpq_mat]:
        """M′(a_0), …, M′(a_{t−1})."""
        return [self.W * diagonal(d) for d in self.slopes]

    def step_norms(self) -> list[fmpq]:
        pairs = zip(self.steps(), self.norms, strict=True)
        return [row_sum_norm(P * step * P.inv()) for step, P in pairs]

    def norm(self) -> fmpq:
        """‖∂a_t/∂a_0‖ in the first state's norm."""
        P, nothing = self.norms[0], identity(self.W.nrows())
        total = reduce(lambda J, step: step * J, self.steps(), nothing)
        return row_sum_norm(P * total * P.inv())

    def models(self) -> tuple[RNN]:
        return (network(self.W),)

    def start_and_inputs(self) -> tuple[np.ndarray, np.ndarray]:
        """What takes the model through states with these slopes, rounded; the last input is 0."""
        with precision(128):
            states = [state_with(d) for d in self.slopes]
            W = exact(self.W)
            inputs = [
                (after - times(W, np.array([a.tanh() for a in before], dtype=object))).astype(float)
                for before, after in pairwise(states)
            ]
        inputs.append(np.zeros(self.W.nrows()))
        return states[0].astype(float)[None], np.array(inputs)[:, None]

    def jacobian_is_enclosed(self, check: Check) -> Any:
        """The backend's ∂a_t/∂a_0 is as near as its rounding allows; returns the trajectory."""
        (model,), (start, inputs) = self.models(), self.start_and_inputs()
        trajectory = model.run(start, inputs)
        bound = RunBounds(trajectory, check.backend.unit_roundoff).jacobian(0, self.t).values
        check.enclosed(
            check.backend.jacobian(model, start, inputs)[0],
            lambda: reference(trajectory).jacobian(0, self.t),
            bound[0],
            "∂a_t/∂a_0",
        )
        return trajectory

    def norms_of_run(self, trajectory: Any) -> tuple[list[Any], Any]:
        """The norms of the rounded run's steps, and of its ∂a_t/∂a_0, all in the first one."""
        run, P = reference(trajectory), exact(self.norms[0])
        inverse = exact(self.norms[0].inv())

        def norm(matrix: Balls) -> Any:
            return row_sums(product(P, product(matrix, inverse)))

        return [norm(step) for step in run.step_jacobians()], norm(run.jacobian(0, self.t))


sixteenths = st.integers(0, 15).map(lambda k: fmpq(16 - k, 16))
"""Slopes of tanh, the simplest of them 1, at 0."""
bounds_below_one = st.sampled_from((fmpq(1, 2), fmpq(3, 4), fmpq(15, 16)))


def scaled(W: fmpq_mat, slopes: list[fmpq_mat], P: fmpq_mat, λ: fmpq) -> tuple[fmpq_mat, ...]:
    """The slopes, all multiplied by one number so that no step's norm exceeds λ."""
    norms = [row_sum_norm(P * (W * diagonal(d)) * P.inv()) for d in slopes]
    factor = min(fmpq(1), λ / max(norms)) if any(norms) else fmpq(1)
    return tuple(d * factor for d in slopes)


@st.composite
def normed_runs(draw: Any, most: int = 3, longest: int = 6) -> NormedRun:
    """1 to 3 units, any weights, one norm for all steps, and slopes such that λ < 1 holds."""
    n, t, λ = draw(st.integers(1, most)), draw(st.integers(1, longest)), draw(bounds_below_one)
    W, P = draw(rectangles(n, n, dyadics(12, (4,)))), draw(unimodular_matrices(n))
    slopes = [fmpq_mat(n, 1, draw(fixed_lists(sixteenths, n))) for _ in range(t)]
    return NormedRun(W, scaled(W, slopes, P, λ), (P,) * t, λ)


@st.composite
def small_in_their_norm(draw: Any) -> NormedRun:
    """Two units that read each other, one saturated: M′ = [[0, w/q²], [w, 0]], or slopes below.

    Its norm is w/q for P = diag(q, 1), although ‖M′‖_∞ = w is above one.
    """
    w, gap, t = draw(st.integers(2, 4)), draw(st.integers(1, 3)), draw(st.integers(1, 6))
    q, P = fmpq(w + gap), diagonal([w + gap, 1])
    W = fmpq_mat([[0, w], [w, 0]])
    shares = [draw(fixed_lists(sixteenths, 2)) for _ in range(t)]
    slopes = tuple(fmpq_mat(2, 1, [one, other / q**2]) for one, other in shares)
    return NormedRun(W, slopes, (P,) * t, w / q)


@st.composite
def alternating_norms(draw: Any) -> NormedRun:
    """Two units that read each other, each saturated at every other step; each step has its norm.

    W diag(1, 1/q²) has the norm w/q for P = diag(q, 1), and so has its mirror image; λ = w/q < 1.
    """
    w, gap, t = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 6))
    q = fmpq(w + gap)
    slopes = [fmpq_mat(2, 1, [1, 1 / q**2]), fmpq_mat(2, 1, [1 / q**2, 1])]
    norms = [diagonal([q, 1]), diagonal([1, q])]
    chosen = [k % 2 for k in range(t)]
    W = fmpq_mat([[0, w], [w, 0]])
    return NormedRun(W, tuple(slopes[k] for k in chosen), tuple(norms[k] for k in chosen), w / q)


@st.composite
def rising_slopes(draw: Any) -> NormedRun:
    """One unit with the slopes 1 − 1/(k + 2)², every one below one, and λ the first of them."""
    w, t = draw(st.integers(1, 4)), draw(st.integers(1, 12))
    slopes = tuple(fmpq_mat(1, 1, [(1 - fmpq(1, (k + 2) ** 2)) / w]) for k in range(t))
    return NormedRun(fmpq_mat([[w]]), slopes, (identity(1),) * t, fmpq(3, 4))


# -- two units that keep latched, and whose gradient grows


@dataclass(frozen=True, repr=False)
class Alternating(Case):
    """Two units, W = [[0, w], [w, 0]], b = (β, β), whose inputs alternate (0, β) and (β, 0).

    M(a) = W tanh a + b has one attractor, with both units saturated.
    """

    w: fmpq
    β: fmpq
    t: int

    def terms(self) -> dict[str, Any]:
        return {
            "W": self.W,
            "a_0": fmpq_mat(2, 1, [fmpq(0), self.β]),
            "a_1": fmpq_mat(2, 1, [self.β, fmpq(0)]),
            "M_0": "W diag(1 − tanh(a_0)²)",
            "M_1": "W diag(1 − tanh(a_1)²)",
            "J": "M_1M_0",
            "what ‖∂a_t/∂a_0‖ stays above": "min(1, ‖J‖_∞)",
        }

    @property
    def W(self) -> fmpq_mat:
        return fmpq_mat([[fmpq(0), self.w], [self.w, fmpq(0)]])

    def states(self) -> list[Balls]:
        """The two states, (0, β) first."""
        β, zero = arb(self.β), arb(0)
        return [np.array([zero, β], dtype=object), np.array([β, zero], dtype=object)]

    def bias(self) -> fmpq_mat:
        return fmpq_mat(2, 1, [self.β, self.β])

    def model(self) -> RNN:
        return network(self.W, self.bias())

    def models(self) -> tuple[RNN]:
        return (self.model(),)

    def start_and_inputs(self) -> tuple[np.ndarray, np.ndarray]:
        """From (0, β) M leads to (β + w tanh β, β), and from there the input to (β, 0)."""
        β = floats(self.β)
        back = np.array([-floats(self.w) * np.tanh(β), -β])
        inputs = np.array([back if k % 2 == 0 else back[::-1] for k in range(self.t)])
        return np.array([[0.0, β]]), inputs[:, None]

    def never_below(self) -> fmpq:
        """A rational that ‖∂a_t/∂a_0‖ does not fall below at any even t.

        Two steps have the Jacobian diag(w², w² sech⁴β), as the slope at 0 is one.
        """
        return fmpq(self.w >= 1)


def stays_latched(W: fmpq_mat, b: fmpq_mat, state: Balls, longest: int = 64) -> bool:
    """Whether every (Mˡ)′(state), l ≥ 1, has only eigenvalues below one in modulus, certainly.

    For two units, W, b and the state non-negative, M(a) = W tanh a + b, M(state) ≥ state. Then M
    increases and the run from the state rises, so that the norm μ of M′ falls along it; once
    μ < 1 and ‖(Mˡ)′‖ < 1, all later ones are below one. The run has a limit, an attractor.
    Eigenvalues lie within the unit circle iff |det| < 1 and |tr| < 1 + det (Jury).
    """
    weights, bias = exact(W), exact(b)[:, 0]
    total = exact(np.eye(2))
    for _ in range(longest):
        values = np.array([a.tanh() for a in state], dtype=object)
        step = weights * (1 - values**2)[None, :]
        total, after = product(step, total), times(weights, values) + bias
        if any(a < s for a, s in zip(after, state, strict=True)):
            raise ValueError("state: M(state) ≥ state is needed")
        determinant = total[0, 0] * total[1, 1] - total[0, 1] * total[1, 0]
        trace = total[0, 0] + total[1, 1]
        if not (abs(determinant) < 1 and abs(trace) < 1 + determinant):
            return False
        if row_sums(step) < 1 and row_sums(total) < 1:
            return True
        state = after
    return False


@st.composite
def alternating(draw: Any) -> Alternating:
    """w from 1/2 to 3 and β from 4 to 20, so that w² sech² β < 1 and every state is latched."""
    w, β = fmpq(draw(st.integers(1, 6)), 2), fmpq(draw(st.integers(4, 20)))
    return Alternating(w, β, 2 * draw(st.integers(1, 10)))
