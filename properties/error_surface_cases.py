"""Points of the (w, b) plane at which a logistic unit rests, steps from there, random points."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from flint import arb, fmpq
from hypothesis import strategies as st

from models.error_surface import ErrorSurface
from models.rnn import RNN
from properties.checking import BALL, Case, Worked, Working, floats, formula, rational
from properties.checking.ball_models import BallTrajectory, rnn
from properties.checking.balls import DEFAULT_BITS, SLOPES, VALUES, exact, precision, zeros
from properties.checking.bounds import RunBounds
from properties.checking.rounding import FLOAT64, Computed, activated
from theory import cliff_step
from theory import error_surface as theory
from theory.formula import callable_form

Draw = Any

passed = callable_form(
    (cliff_step.ε, cliff_step.s, cliff_step.k, cliff_step.t), cliff_step.passed, BALL
)
"""How far a step ε(s, 1) drives the unit at least, from where it rested, as long as it is safe."""

within = formula(cliff_step.cliff_step, BALL)
"""How far at most."""

LARGEST_GROWTH = 10
"""Bits that the backend's run may lose on the way: then float32 still resolves it."""


def logistic(x: Any) -> Any:
    """σ(x) of a ball."""
    return VALUES["logistic"](exact([x]))[0]


def logistic_slope(x: Any) -> Any:
    """σ′(x) of a ball."""
    return SLOPES["logistic"](exact([x]))[0]


ON_THE_LINE = "‖∇E‖² on the line b = x_0 − wσ(x_0)"


@dataclass(frozen=True, repr=False)
class Resting(Case):
    """x_t = wσ(x_{t−1}) + b for t steps from x_0, and E = (σ(x_t) − d)².

    b is x_0 − wσ(x_0) + offset: without an offset the unit rests at x_0.
    """

    w: fmpq
    x0: fmpq
    d: fmpq
    t: int
    offset: fmpq

    def terms(self) -> dict[str, Any]:
        t = self.t
        terms: dict[str, Any] = {
            "b": "x_0 − wσ(x_0) + offset",
            "s": "σ(x_0)",
            "m": "ws(1 − s)",
            "p_0": fmpq(0),
            "q_0": fmpq(0),
        }
        for k in range(1, t + 1):
            slope = f"wσ(x_{k - 1})(1 − σ(x_{k - 1}))"
            terms |= {
                f"x_{k}": f"wσ(x_{k - 1}) + b",
                f"p_{k}": f"σ(x_{k - 1}) + {slope}p_{k - 1}",
                f"q_{k}": f"1 + {slope}q_{k - 1}",
            }
        return terms | {
            "E before": f"(σ(x_{t}) − d)²",
            "‖∇E‖²": f"(2(σ(x_{t}) − d)σ(x_{t})(1 − σ(x_{t})))²(p_{t}² + q_{t}²)",
            ON_THE_LINE: "(2(s − d)s(1 − s))²(1 + s²)((m^t − 1)/(m − 1))²",
        }

    def value(self) -> Any:
        """σ(x_0)."""
        return logistic(self.x0)

    def slope(self) -> Any:
        """m = wσ′(x_0)."""
        return self.w * logistic_slope(self.x0)

    def bias(self) -> Any:
        return self.x0 - self.w * self.value() + self.offset

    def surface(self) -> ErrorSurface:
        return ErrorSurface(self.t, floats(self.x0), floats(self.d))

    def steepness(self) -> Any:
        """‖∇E‖² by the derived formula."""
        return formula(theory.cliff, BALL)(self.value(), self.d, self.slope(), self.t)

    def run(self, forth: Any = 0) -> BallTrajectory:
        """The run in balls, at the parameters moved by forth·(σ(x_0), 1)."""
        w, b = self.w + forth * self.value(), self.bias() + forth
        return rnn(
            [[w]], zeros(1, 0), [b], [self.x0], zeros(self.t, 0),
            activation="logistic", order="activation_first",
        )  # fmt: skip

    def loss(self, forth: Any = 0) -> Any:
        """E there, a ball."""
        miss = logistic(self.run(forth).states[-1, 0]) - self.d
        return miss * miss

    def gradient(self) -> tuple[Any, Any]:
        """∂E/∂w and ∂E/∂b at rest, by back-propagation in balls."""
        run = self.run()
        last = run.states[-1, 0]
        cotangent = 2 * (logistic(last) - self.d) * logistic_slope(last)
        gradients = run.backward(exact([cotangent]))
        return gradients["W"][0, 0], gradients["b"][0]

    def resolved_steps(self) -> int:
        """So many steps that a perturbation grows by 10 bits at most, out of the t."""
        growth = math.log2(max(abs(float(self.slope())), 1.0))
        return self.t if growth == 0 else min(self.t, int(LARGEST_GROWTH / growth))

    def network(self, forth: Any = 0) -> RNN:
        """The unit as a network, its parameters rounded."""
        with precision(DEFAULT_BITS):
            w, b = float(self.w + forth * self.value()), float(self.bias() + forth)
        return RNN(
            W=np.array([[w]]),
            U=np.zeros((1, 0)),
            b=np.array([b]),
            activation="logistic",
            order="activation_first",
        )

    def models(self) -> tuple[RNN]:
        return (self.network(),)

    def trajectory(self, forth: Any = 0) -> Any:
        """This project's run of the network, over the steps that are resolved."""
        given = np.array([[floats(self.x0)]]), np.zeros((self.resolved_steps(), 1, 0))
        return self.network(forth).run(*given)

    def shown(self) -> dict[str, Any]:
        with precision(DEFAULT_BITS):
            return {
                "b": float(self.bias()),
                "m": float(self.slope()),
                "‖∇E‖ on the line": float(self.steepness()) ** 0.5,
            }


weights = st.builds(fmpq, st.integers(-8, 40), st.just(4))
targets = st.builds(fmpq, st.integers(1, 9), st.just(10))
halves = st.builds(fmpq, st.integers(-4, 4), st.just(2))


on_the_wall = st.just(fmpq(0))
off_the_wall = st.builds(fmpq, st.sampled_from((1, -1, 2, -2)), st.just(4))


@st.composite
def resting(draw: Draw, offsets: Any = on_the_wall) -> Resting:
    """w from −2 to 10, as in figure 6, x_0 from −2 to 2, and 1 to 50 steps."""
    w, x0 = draw(weights), draw(halves)
    if x0 == 0 and w == 4:  # the one with slope 1
        w = fmpq(5)
    return Resting(w, x0, draw(targets), draw(st.integers(1, 50)), draw(offsets))


FIGURE = {"x0": rational("1/2"), "d": rational("7/10"), "t": 50, "offset": rational(0)}
"""Where the run of figure 6 starts and what it aims at, on the wall."""


def line_of_figure_6(least: int, most: int) -> st.SearchStrategy[Resting]:
    """Points of its line, w in so many quarters."""
    return st.builds(lambda w: Resting(w=fmpq(w, 4), **FIGURE), st.integers(least, most))


# -- steps from there


@dataclass(frozen=True, repr=False)
class WallStep(Resting):
    """A step from the wall, or with an offset from beside it.

    `share` says how far a safe step stays below what is safe for certain, and an unsafe one
    exceeds what is not; `clipped` how much of the unsafe one clipping leaves.
    """

    share: fmpq
    clipped: fmpq

    def terms(self) -> dict[str, Any]:
        too_far = "ε = (1 + share) times what is too far"
        steps = {
            "E after a safe step": ("ε = share times what is safe", self.share, self.safe),
            "E after too far": (too_far, 1 + self.share, self.unsafe),
            "E after a step of rate 1/1000": ("ε = |∂E/∂b|/1000", 1, self.thousandth),
            "E after a clipped step of rate 1/100": ("ε of length 1/100", 1, self.hundredth),
        }
        return super().terms() | {
            name: partial(self._stepped, name, *how) for name, how in steps.items()
        }

    def _stepped(self, name: str, said: str, share: Any, length: Callable[[], Any]) -> Worked:
        """E after the step ε(s, 1), with the run there."""
        ε = share * length()
        run, E = self.run(ε), self.loss(ε)
        lines = [
            Working(said, ε),
            Working("w + εs", self.w + ε * self.value()),
            Working("b + ε", self.bias() + ε),
            *(Working(f"x_{k} there", x) for k, (x,) in enumerate(run.states)),
            Working(f"{name} = (σ(x_{self.t}) − d)²", E),
        ]
        return Worked(E, lambda: lines)

    def thousandth(self) -> Any:
        """ε of the gradient step at the rate 1/1000."""
        return abs(self.gradient()[1]) / 1000

    def hundredth(self) -> Any:
        """ε of the gradient step at the rate 1/100, clipped to θ = 1."""
        s = self.value()
        return arb.min(abs(self.gradient()[1]) / 100, 1 / (100 * (1 + s * s).sqrt()))

    def room(self) -> Any:
        """Δ: at x_0 + Δ the output is as much above the target as it is below it at x_0."""
        mirrored = 2 * self.d - self.value()
        return (mirrored / (1 - mirrored)).log() - self.x0

    def chord_slope(self) -> Any:
        """k, w times the slope of σ's chord from x_0 to x_0 + Δ."""
        return 2 * self.w * (self.d - self.value()) / self.room()

    def safe(self) -> Any:
        """A length ε of the step ε(s, 1) that leads no further than Δ for certain: derived."""
        return self.room() / within(arb(1), self.slope(), self.t)

    def unsafe(self) -> Any:
        """One that leads to Δ or beyond for certain: derived."""
        return self.room() / passed(arb(1), self.value(), self.chord_slope(), self.t)

    def rate(self, ε: Any) -> Any:
        """The learning rate at which the gradient step at rest is ε(s, 1)."""
        return ε / abs(self.gradient()[1])

    def aims_higher(self) -> bool:
        """Whether σ(x_0) < d < (1 + σ(x_0))/2."""
        with precision(DEFAULT_BITS):
            value = self.value()
            return bool(value < self.d) and bool(2 * self.d - value < 1)


STARTS = [
    (rational(x0), rational(d))
    for x0, d in (
        ("1/2", "7/10"), ("0", "3/5"), ("0", "7/10"), ("1/2", "3/4"), ("1", "4/5"), ("1", "17/20"),
    )
]  # fmt: skip
"""x_0 and a target between σ(x_0) and (1 + σ(x_0))/2."""

LEFT = [
    (rational(x0), rational(d))
    for x0, d in (("-1", "1/2"), ("-2", "1/2"), ("-1", "3/5"), ("-3", "1/2"))
]
"""The same with x_0 < 0."""

shares = st.builds(fmpq, st.integers(1, 8), st.just(8))
left_by_clipping = st.builds(fmpq, st.integers(1, 7), st.just(8))


@st.composite
def wall_steps(draw: Draw, starts: Any = tuple(STARTS), offsets: Any = on_the_wall) -> WallStep:
    """w from 11/10 of the least weight that makes a wall to 8, and 2 to 40 steps."""
    x0, d = draw(st.sampled_from(starts))
    with precision(64):
        least = math.ceil(4.4 * float(1 / logistic_slope(x0)))
    w = fmpq(draw(st.integers(least, max(least, 32))), 4)
    t = draw(st.integers(2, 40))
    return WallStep(w, x0, d, t, draw(offsets), draw(shares), draw(left_by_clipping))


# -- points of the plane


@dataclass(frozen=True, repr=False)
class RandomPoints(Case):
    """Points drawn uniformly from [−2, 10] × [−6, 2], and the surface of figure 6 there."""

    seed: int

    def steepness(self, points: int) -> tuple[np.ndarray, np.ndarray]:
        """‖∇E‖ at so many points, from below and from above."""
        rng = np.random.default_rng(self.seed)
        return enclosed_steepness(rng.uniform(-2, 10, points), rng.uniform(-6, 2, points))


def enclosed_steepness(w: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Floats that ‖∇E‖ of figure 6 lies between at the points w, b (B,)."""
    surface = ErrorSurface()
    trajectory = surface.network(w, b).run(*surface.given(w.size))
    bounds = RunBounds(trajectory)
    last = Computed.of(trajectory.states[-1], FLOAT64, bounds.states.values[-1])
    value, slope = activated("logistic", last)
    miss = value + Computed.of(np.float64(-surface.target), FLOAT64)
    cotangent = miss * slope * Computed.of(np.float64(2.0), FLOAT64)
    moves = np.ones((w.size, 1))
    found, limits = trajectory.backward(moves).parameters, bounds.backward(moves).parameters
    ends = []
    for name in ("W", "b"):
        move = Computed.of(found[name].reshape(-1, 1), FLOAT64, limits[name].values.reshape(-1, 1))
        by = cotangent * move
        ends.append((np.maximum(np.abs(by.value) - by.error, 0), np.abs(by.value) + by.error))
    # A rounding of each square, of their sum and of its root: two units at most.
    low, high = (np.hypot(*side)[:, 0] for side in zip(*ends, strict=True))
    return low * (1 - 4 * FLOAT64), high * (1 + 4 * FLOAT64)
