"""Latches, networks of neurons that each keep a bit, and what theory says of them, in balls."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import permutations
from math import lcm
from typing import Any

import numpy as np
from flint import arb, ctx, fmpq, fmpq_mat
from hypothesis import strategies as st

from models.rnn import RNN
from properties.checking import BALL, Case, Check, cell_formulas, floats, vector
from properties.checking.ball_models import BallTrajectory
from properties.checking.balls import Balls, exact, precision
from properties.checking.bounds import RunBounds
from properties.checking.decided import below
from properties.checking.domains import fixed_lists, orthogonal_matrices, small_integers
from properties.checking.exact import sign, squared_length
from properties.checking.references import reference
from theory import latch as theory
from theory.formula import callable_form

threshold = callable_form((theory.w,), theory.closed_form, BALL)
"""h*(w), from a ball w > 1."""

edge = callable_form((theory.w,), theory.edge, BALL)
"""arccosh √w, where the slope is one."""

slope = callable_form((theory.w, theory.x), theory.slope(theory.x), BALL)
"""w tanh′ a, from balls w and a."""


def rest_point(w: Any, push: Any) -> Any:
    """The larger solution of a = w tanh a − push, for 0 ≤ push < h*(w): a ball that holds it.

    Newton's method from the right, where g(a) = w tanh a − a − push falls and is concave, finds it;
    that g changes its sign within the ball proves it.
    """
    w, push, tiny = arb(w), arb(push), arb(2) ** (16 - ctx.prec)

    def g(a: Any) -> Any:
        return w * a.tanh() - a - push

    a, step = w, arb(1)
    while abs(step) > tiny:
        step = g(a) / (1 - slope(w, a))
        a = (a + step).mid()
    radius = tiny
    while not (g(a - radius) > 0 and g(a + radius) < 0):
        radius *= 16
    return arb(a, radius)


SLACK = 2.0**-40
"""More than what turning a ball into a float can round, and far less than a unit of 2⁻¹⁶."""


COARSE = 5
"""Significant bits of numbers that are to be read: counterexamples are shown on a blackboard."""


def dyadic_below(ball: Any, bits: int = 16) -> fmpq:
    """A number of `bits` significant bits just below a positive ball."""
    mantissa, exponent = math.frexp(float(ball.lower()))
    return math.floor(mantissa * 2**bits * (1 - SLACK)) * fmpq(2) ** (exponent - bits)


def dyadic_above(ball: Any, bits: int = 16) -> fmpq:
    """A number of `bits` significant bits just above a positive ball."""
    mantissa, exponent = math.frexp(float(ball.upper()))
    return math.ceil(mantissa * 2**bits * (1 + SLACK)) * fmpq(2) ** (exponent - bits)


@dataclass(frozen=True, repr=False)
class Latches(Case):
    """c_t = wP tanh c_{t−1} + Ux_t: n neurons that read one another, and inputs that mix them.

    P is a permutation with signs, so that the bits move along it: σ_t = Pσ_{t−1}. U is k times a
    rotation or reflection; so in the coordinates a = Uᵀc/k of the inputs, a network that no longer
    looks like n neurons, the noise is kx_t.
    """

    w: fmpq
    P: fmpq_mat
    U: fmpq_mat
    c0: fmpq_mat
    x: tuple[fmpq_mat, ...]

    def terms(self) -> dict[str, Any]:
        terms = cell_formulas.inputs(self.x)
        terms |= {f"σ_{k}": bits for k, bits in enumerate(self.bits())}
        for k in range(1, self.t + 1):
            terms[f"c_{k}"] = f"wP tanh(c_{k - 1}) + Ux_{k}"
            terms[f"S_{k}"] = f"wP diag(1 − tanh(c_{k - 1})²)"
        depths = "; ".join(f"(σ_{k} ⊙ c_{k})ᵀ" for k in range(1, self.t + 1))
        return terms | {
            "t": fmpq(self.t),
            "σ_t ⊙ c_t for t ≥ 1": f"[{depths}]",
            "J": cell_formulas.product_of("S_{}", self.t, 1),
        }

    @property
    def n(self) -> int:
        return self.P.nrows()

    @property
    def t(self) -> int:
        """How many steps the run has."""
        return len(self.x)

    def model(self) -> RNN:
        return RNN(
            W=floats(self.P * self.w),
            U=floats(self.U),
            b=np.zeros(self.n),
            order="activation_first",
        )

    def models(self) -> tuple[RNN]:
        return (self.model(),)

    def start(self) -> np.ndarray:
        """c_0 as a batch of one."""
        return floats(self.c0).T

    def inputs(self) -> np.ndarray:
        """(T, 1, n)."""
        return np.array([floats(x) for x in self.x]).reshape(-1, 1, self.n)

    @cached_property
    def trajectory(self) -> Any:
        """The run of this project's own model, along which bounds are evaluated."""
        return self.model().run(self.start(), self.inputs())

    @cached_property
    def _enclosures(self) -> dict[int, BallTrajectory]:
        return {}

    def balls(self) -> BallTrajectory:
        """The same run in balls, at the precision of the moment."""
        if ctx.prec not in self._enclosures:
            self._enclosures[ctx.prec] = reference(self.trajectory)
        return self._enclosures[ctx.prec]

    def bits(self) -> list[fmpq_mat]:
        """σ_0, …, σ_T."""
        result = [vector([sign(c) for c in self.c0.entries()])]
        for _ in self.x:
            result.append(self.P * result[-1])
        return result

    def depths(self) -> Balls:
        """σ_t ⊙ c_t, (T+1, n): how far every state is on the side of its bit."""
        return exact(np.array([floats(b).ravel() for b in self.bits()])) * self.balls().states

    def noise(self) -> list[fmpq]:
        """‖u_t‖², exactly, of the noise u_t = Ux_t, t = 1, …, T."""
        return [squared_length(self.U * x) for x in self.x]

    def noise_below(self, bound: Any) -> bool:
        """Whether every ‖u_t‖ is below a bound, given as a function that returns its ball."""
        largest = max(self.noise(), default=fmpq(0))
        return below(lambda: (arb(largest), bound() ** 2))[0]

    def starts_beyond(self, bound: Any) -> bool:
        """Whether every |c_0| exceeds a bound, given as a function that returns its ball."""
        least = min(abs(c) for c in self.c0.entries())
        return below(lambda: (bound(), arb(least)))[0]

    def run_is_enclosed(self, check: Check) -> None:
        """The backend's states are as near to the exact ones as its rounding allows."""
        states = check.backend.run(self.model(), self.start(), self.inputs())
        bound = RunBounds(self.trajectory, check.backend.unit_roundoff).states.values
        check.enclosed(states, lambda: self.balls().states, bound, "the run")

    def jacobian_is_enclosed(self, check: Check) -> None:
        """So is its ∂c_T/∂c_0."""
        jacobian = check.backend.jacobian(self.model(), self.start(), self.inputs())
        bounds = RunBounds(self.trajectory, check.backend.unit_roundoff).jacobian(0, self.t).values
        check.enclosed(
            jacobian[0], lambda: self.balls().jacobian(0, self.t), bounds[0], "∂c_t/∂c_0"
        )


# -- where they are drawn from

weights = st.integers(-3, 16).map(lambda k: fmpq(8 + k, 4))
"""w from 5/4 to 6, the simplest of them 2; floats hold them."""


one_sign = st.sampled_from((1, -1))


@cache
def signed_permutations(n: int) -> st.SearchStrategy[fmpq_mat]:
    """One ±1 in every row and column; the simplest is the identity."""

    def placed(places: tuple[int, ...], signs: list[int]) -> fmpq_mat:
        return fmpq_mat([[signs[i] * (places[i] == j) for j in range(n)] for i in range(n)])

    return st.builds(
        placed, st.sampled_from(tuple(permutations(range(n)))), fixed_lists(one_sign, n)
    )


@st.composite
def mixings(draw: Any, n: int) -> fmpq_mat:
    """Integer matrices U with UUᵀ = k²I: rotations and reflections times their denominator."""
    turned = draw(orthogonal_matrices(n))
    return turned * lcm(*(int(entry.q) for entry in turned.entries()))


Push = tuple[list[int], int]
"""Noise relative to the bits (negative: towards the edge), a small integer a unit, and how long."""


@cache
def pushes(n: int, longest: int = 6) -> st.SearchStrategy[list[Push]]:
    """Up to five pushes in a row; the simplest is one step without noise."""
    one = st.tuples(fixed_lists(small_integers(2), n), st.integers(1, longest))
    return st.lists(one, min_size=1, max_size=5)


def latches(
    w: fmpq,
    P: fmpq_mat,
    U: fmpq_mat,
    c0: list[fmpq],
    pushed: list[Push],
    size: Any,
    bits: int = 12,
) -> Latches:
    """Latches under noise whose largest ‖u_t‖ is hardly below a ball `size`, or 0 if that is 0.

    The inputs have that many significant bits.
    """
    with precision(64):
        longest = max(sum(r * r for r in push) for push, _ in pushed)
        squared_stretch = arb(squared_length(U * vector([1] + [0] * (U.ncols() - 1))))
        # x = sUᵀy makes the noise Ux = sk²y: floats hold x, and the noise has the direction of y.
        norm = squared_stretch * arb(longest).sqrt()
        scale = dyadic_below(size / norm, bits) if longest and size > 0 else fmpq(0)
    bits, inputs = vector([sign(c) for c in c0]), []
    for push, duration in pushed:
        for _ in range(duration):
            bits = P * bits
            against = vector([b * r for b, r in zip(bits.entries(), push, strict=True)])
            inputs.append(U.transpose() * against * scale)
    return Latches(w, P, U, vector(c0), tuple(inputs))
