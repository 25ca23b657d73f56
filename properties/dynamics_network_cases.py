"""Small networks with constant biases: their fixed points, their forms, and a state that stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb, arb_mat, fmpq, fmpq_mat
from hypothesis import strategies as st

from models.rnn import RNN
from properties.checking import (
    BALL,
    EXACT,
    Case,
    Worked,
    Working,
    diagonal,
    floats,
    formula,
    identity,
    vector,
)
from properties.checking.balls import DEFAULT_BITS, precision, radius, sign
from properties.checking.domains import dyadics, fixed_lists, matrices, small_integers, vectors
from properties.checking.zeros import zeros, zeros_of_one_variable
from properties.dynamics_cases import PlanePoint, image, less
from theory import dynamics as theory
from theory import dynamics_networks as theory_networks


@dataclass(frozen=True, repr=False)
class SmallNet(Case):
    """h′ = tanh(Wh + b) with one or two units and a constant bias."""

    W: fmpq_mat
    b: fmpq_mat

    def terms(self) -> dict[str, Any]:
        return {
            "the number of fixed points": self._listed,
            "the signs of det(I − J), summed": self._indices,
            "the sign of det(I − J)": self._indices,
        }

    def _listed(self) -> Worked:
        """The fixed points, and how many there are."""
        points = self.fixed_points
        lines = [Working("x", np.array(x, dtype=object)) for x in points]
        count = fmpq(len(points))
        return Worked(count, lambda: [*lines, Working("the number of fixed points", count)])

    def _indices(self) -> Worked:
        """The sum of the signs of det(I − J), fixed point by fixed point."""
        lines, total = [], fmpq(0)
        for x in self.fixed_points:
            total += self.index(x)
            lines.append(Working("x", np.array(x, dtype=object)))
            if self.n == 1:
                slope = (1 - x[0] * x[0]) * self.W[0, 0]
                lines.append(Working("det(I − J) = 1 − (1 − x²)W", 1 - slope))
            lines.append(Working("the sign of det(I − J) there", fmpq(self.index(x))))
        return Worked(total, lambda: [*lines, Working("their sum", total)])

    @property
    def n(self) -> int:
        return self.b.nrows()

    @cached_property
    def fixed_points(self) -> list[list[Any]]:
        """All of them, each a list of n balls."""
        if self.n == 1:
            unit = PlanePoint(self.W[0, 0], 0, self.b[0, 0])
            return [[x] for x in unit.fixed_points]
        W, b = arb_mat(self.W), arb_mat(self.b)

        def preactivations(x: list[Any]) -> list[Any]:
            return (W * arb_mat(self.n, 1, x) + b).entries()

        def excess(x: list[Any]) -> list[Any]:
            return [h - a.tanh() for h, a in zip(x, preactivations(x), strict=True)]

        def slope(x: list[Any]) -> arb_mat:
            slopes = [a.sech() ** 2 for a in preactivations(x)]
            rows = [
                [int(i == j) - slopes[i] * W[i, j] for j in range(self.n)] for i in range(self.n)
            ]
            return arb_mat(rows)

        return zeros(excess, slope, [arb(0, 1)] * self.n)

    def index(self, x: list[Any]) -> int:
        """The sign of det(I − J) at a fixed point: 0 if it has the multiplier one."""
        with precision(DEFAULT_BITS):
            W = arb_mat(self.W)
            rows = [
                [int(i == j) - (1 - x[i] * x[i]) * W[i, j] for j in range(self.n)]
                for i in range(self.n)
            ]
            return sign(arb_mat(rows).det())

    def is_unstable(self, x: list[Any]) -> bool:
        """Whether the spectral radius of J at a fixed point is seen to exceed one.

        The moduli of the eigenvalues are at least |det J|^(1/n) and |tr J|/n at their largest.
        """
        with precision(DEFAULT_BITS):
            J = arb_mat(
                [[(1 - x[i] * x[i]) * self.W[i, j] for j in range(self.n)] for i in range(self.n)]
            )
            return bool(abs(J.det()) > 1 or abs(J.trace()) > self.n)

    def driven_count(self) -> int:
        """Σ over the fixed points x₂ of unit 2 of the derived number for unit 1, driven by x₂."""
        (w, drive), (_, own) = self.W.tolist()
        second = PlanePoint(own, 0, self.b[1, 0]).fixed_points
        derived = formula(theory.fixed_point_count, BALL)
        with precision(DEFAULT_BITS):
            counts = [derived(arb(w), self.b[0, 0] + drive * x) if w > 1 else 1 for x in second]
        return int(sum(counts))


@dataclass(frozen=True, repr=False)
class StandingState(Case):
    """h_t = tanh(Wh_{t−1} + b) from x₀, with b = artanh x₀ − Wx₀ + offset, and a covector v.

    With an offset of 0 the state stands at x₀.
    """

    W: fmpq_mat
    x0: fmpq_mat
    v: fmpq_mat
    offset: fmpq_mat
    t: int

    def terms(self) -> dict[str, Any]:
        terms: dict[str, Any] = {
            "T": fmpq(self.t),
            "μ": lambda: self.multiplier,
            "S": "diag(1 − x_0²)",
            "I": identity(self.n),
            "G_0": fmpq_mat(self.n, self.n),
            "Γ_0": fmpq_mat(self.n, self.n),
            "b": "artanh(x_0) − Wx_0 + offset",
        }
        for k in range(1, self.t + 1):
            before = f"h_{k - 1}" if k > 1 else "x_0"
            terms |= {
                f"G_{k}": f"S(WG_{k - 1} + I)",
                f"h_{k}": f"tanh(W{before} + b)",
                f"Γ_{k}": f"diag(1 − h_{k}²)(WΓ_{k - 1} + I)",
            }
        return terms | {
            "vᵀ∂h_T/∂b step by step": f"vᵀG_{self.t}",
            "vᵀ∂h_T/∂b of the network": f"vᵀΓ_{self.t}",
        }

    @property
    def n(self) -> int:
        return self.x0.nrows()

    @property
    def slopes(self) -> fmpq_mat:
        """diag(1 − x₀²)."""
        return diagonal([1 - x * x for x in self.x0.entries()])

    @property
    def multiplier(self) -> fmpq:
        """μ, if v is a left eigenvector of diag(1 − x₀²)W."""
        moved = (self.v.transpose() * self.slopes * self.W).entries()
        return next(m / e for m, e in zip(moved, self.v.entries(), strict=True) if e != 0)

    def is_eigenvector(self) -> bool:
        vT = self.v.transpose()
        return bool(vT * self.slopes * self.W == vT * self.multiplier)

    def derived(self) -> fmpq_mat:
        """vᵀ∂h_T/∂b by the derived formula, (1, n)."""
        return formula(theory_networks.basin_crossing, EXACT)(
            self.multiplier, self.t, self.v, self.slopes
        )

    def recurrence(self) -> fmpq_mat:
        """vᵀ∂h_T/∂b, step by step, where the state stands."""
        gradient = fmpq_mat(self.n, self.n)
        for _ in range(self.t):
            gradient = self.slopes * (self.W * gradient + identity(self.n))
        return self.v.transpose() * gradient

    def biases(self) -> list[Any]:
        """b as balls."""
        drive = (self.W * self.x0).entries()
        return [
            arb(x).atanh() - arb(d) + arb(o)
            for x, d, o in zip(self.x0.entries(), drive, self.offset.entries(), strict=True)
        ]

    def model(self) -> RNN:
        """The network, with b rounded."""
        with precision(DEFAULT_BITS):
            b = np.array([float(each) for each in self.biases()])
        return RNN(W=floats(self.W), U=np.zeros((self.n, 0)), b=b)

    def models(self) -> tuple[RNN]:
        return (self.model(),)

    def start(self) -> np.ndarray:
        """x₀ as a batch of one."""
        return floats(self.x0).T

    def covector(self) -> np.ndarray:
        """v as a batch of one."""
        return floats(self.v).T

    def inputs(self) -> np.ndarray:
        return np.zeros((self.t, 1, 0))

    def drift(self, model: RNN) -> np.ndarray:
        """How far vᵀ∂h_T/∂b (n,) may move while b and x₀ go from exact values to the model's."""
        with precision(DEFAULT_BITS):
            b = [
                exact.union(arb(float(r))) for exact, r in zip(self.biases(), model.b, strict=True)
            ]
            pairs = zip(self.x0.entries(), self.start()[0], strict=True)
            h = arb_mat(self.n, 1, [arb(x).union(arb(float(r))) for x, r in pairs])
            W, gradient = arb_mat(self.W), arb_mat(self.n, self.n)
            for _ in range(self.t):
                a = (W * h + arb_mat(self.n, 1, b)).entries()
                h = arb_mat(self.n, 1, [each.tanh() for each in a])
                inner = W * gradient + arb_mat(identity(self.n))
                gradient = arb_mat(
                    [[a[i].sech() ** 2 * inner[i, j] for j in range(self.n)] for i in range(self.n)]
                )
            row = arb_mat(self.v.transpose()) * gradient
            return 2 * radius(np.array(row.entries(), dtype=object))

    def neighbours(self, distance: fmpq) -> list[list[Any]]:
        """For one unit, the fixed points with the bias that much lower and higher."""
        with precision(DEFAULT_BITS):
            (b,) = self.biases()
            maps = [image(arb(self.W[0, 0]), b + side * arb(distance)) for side in (-1, 1)]
            return [zeros_of_one_variable(lambda x, f=f: less(x, f(x)), -1, 1) for f in maps]


@dataclass(frozen=True, repr=False)
class LogisticNet(Case):
    """x_t = Wσ(x_{t−1}) + b from x₀ for T steps, with n units."""

    W: fmpq_mat
    b: fmpq_mat
    x0: fmpq_mat
    t: int

    def terms(self) -> dict[str, Any]:
        terms: dict[str, Any] = {"a_0": "x_0/2"}
        for k in range(1, self.t + 1):
            terms |= {
                f"a_{k}": f"(W/4)tanh(a_{k - 1}) + b/2",
                f"x_{k}": f"Wσ(x_{k - 1}) + b",
            }
        halves = "; ".join(f"x_{k}ᵀ/2" for k in range(self.t + 1))
        return terms | {
            "a_0 … a_T": f"[{'; '.join(f'a_{k}ᵀ' for k in range(self.t + 1))}]",
            "x_0/2 … x_T/2": f"[{halves}]",
        }

    def model(self) -> RNN:
        return RNN(
            W=floats(self.W),
            U=np.zeros((self.b.nrows(), 0)),
            b=floats(self.b).ravel(),
            activation="logistic",
            order="activation_first",
        )

    def tanh_model(self) -> RNN:
        """a_t = (W/4)tanh a_{t−1} + (b/2 + W·1/4): the same network for a = x/2."""
        W = floats(self.W)
        return RNN(
            W=W / 4,
            U=np.zeros((len(W), 0)),
            b=floats(self.b / 2 + self.W * vector([1] * len(W)) / 4).ravel(),
            order="activation_first",
        )

    def models(self) -> tuple[RNN, RNN]:
        return self.model(), self.tanh_model()

    def start(self) -> np.ndarray:
        """x₀ as a batch of one."""
        return floats(self.x0).T

    def inputs(self) -> np.ndarray:
        return np.zeros((self.t, 1, 0))


biases, small_biases = (small_integers(most).map(lambda k: fmpq(2 * k + 1, 16)) for most in (8, 2))


@st.composite
def small_nets(draw: Any, sizes: tuple[int, ...] = (1, 2), driven: bool = False) -> SmallNet:
    """One or two units with biases that are no integers; `driven`: unit 2 does not read unit 1."""
    n = draw(st.sampled_from(sizes))
    W = draw(matrices(n, dyadics(10, (4, 2, 1))))
    if driven:
        W[1, 0] = fmpq(0)
    return SmallNet(W=W, b=fmpq_mat(n, 1, draw(fixed_lists(biases, n))))


@st.composite
def mutual_nets(draw: Any) -> SmallNet:
    """Two units that read themselves, and one another, alike: W = [[p, q], [q, p]]."""
    p, q = (draw(dyadics(10, (2, 1))) for _ in range(2))
    return SmallNet(
        W=fmpq_mat([[p, q], [q, p]]), b=fmpq_mat(2, 1, draw(fixed_lists(small_biases, 2)))
    )


@st.composite
def standing_states(draw: Any, offsets: Any = None, other: bool = False) -> StandingState:
    """One unit or two that are mixed: W = V·diag(m)·V⁻¹ with integer V of determinant one.

    All |x₀| are equal, so that diag(1 − x₀²)W has the eigenvectors of W. `other` draws v anew.
    """
    n = draw(st.integers(1, 2))
    p, q = draw(fixed_lists(small_integers(1), 2))
    V = [[fmpq(1)]] if n == 1 else [[1, p], [q, 1 + p * q]]
    V = fmpq_mat(n, n, [each for row in V for each in row])
    weights = fmpq_mat(n, 1, draw(fixed_lists(standing_weights, n)))
    r = draw(st.sampled_from(DISTANCES))
    signs = draw(fixed_lists(one_sign, n))
    v = vector(V.inv().table()[0])
    moved = draw(vectors(n)) + v if other else v
    state = StandingState(
        W=V * diagonal(weights) * V.inv(),
        x0=vector([s * r for s in signs]),
        v=moved if any(moved.entries()) else v,
        offset=fmpq_mat(n, 1) if offsets is None else draw(vectors(n, offsets)),
        t=draw(st.integers(0, 10)),
    )
    # What stands for μ where v is no eigenvector may be 1, for which there is no formula.
    return state if state.multiplier != 1 else replace(state, v=v)


WEIGHTS = tuple(fmpq(*each) for each in ((2, 1), (3, 2), (5, 2), (3, 1), (1, 2), (-1, 2), (-3, 2)))
DISTANCES = tuple(fmpq(*each) for each in ((0, 1), (1, 2), (1, 3), (1, 5), (2, 7)))
"""Dyadic weights m and |x₀| for which m(1 − x₀²) ≠ 1; where x₀ has to be rounded, so does all."""

standing_weights, one_sign = st.sampled_from(WEIGHTS), st.sampled_from((1, -1))


@st.composite
def logistic_nets(draw: Any) -> LogisticNet:
    """1 to 4 units; the weights are dyadic, so that floats hold them and their quarters."""
    n = draw(st.integers(1, 4))
    return LogisticNet(
        W=draw(matrices(n, dyadics(24, (4, 2, 1)))),
        b=draw(vectors(n, dyadics(8, (4, 2, 1)))),
        x0=draw(vectors(n, dyadics(8, (4, 2, 1)))),
        t=draw(st.integers(1, 12)),
    )
