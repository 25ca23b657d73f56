"""Section 10.7's scalar network: the same weight at every step, and why that is all or nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from flint import arb, fmpq
from hypothesis import strategies as st

from models.rnn import RNN
from properties.checking import (
    BALL,
    EXACT,
    Case,
    Check,
    Worked,
    Working,
    claim,
    floats,
    formula,
    rational,
    worked_product,
)
from properties.checking.balls import precision
from properties.checking.blackboard import symbol
from properties.checking.bounds import RunBounds
from properties.checking.domains import fixed_lists, times
from properties.checking.exact import held, sign
from theory import shared_weight as theory
from theory.formula import callable_form


@dataclass(frozen=True, repr=False)
class Chain(Case):
    """y_1 = 1, y_{k+1} = w·y_k, up to y_T."""

    w: fmpq
    T: int

    def values(self) -> list[tuple[fmpq, fmpq]]:
        """y_k and dy_k/dw for k = 1 … T, by the product rule at each step."""
        found = [(fmpq(1), fmpq(0))]
        for _ in range(self.T - 1):
            y, slope = found[-1]
            found.append((self.w * y, y + self.w * slope))
        return found

    def terms(self) -> dict[str, Any]:
        slopes = {"dy_1/dw": fmpq(0), "y_1": fmpq(1)}
        for k in range(2, self.T + 1):
            slopes |= {f"y_{k}": f"wy_{k - 1}", f"dy_{k}/dw": f"y_{k - 1} + w·dy_{k - 1}/dw"}
        return slopes | {"dy_T/dw": f"dy_{self.T}/dw"}

    def models(self) -> tuple[RNN]:
        """The same chain as a recurrent network of one unit."""
        W, U, b = np.array([[floats(self.w)]]), np.zeros((1, 0)), np.zeros(1)
        return (RNN(W, U, b, activation="identity"),)

    def start(self) -> np.ndarray:
        """y_1."""
        return np.ones((1, 1))

    def inputs(self) -> np.ndarray:
        """Of T − 1 steps, none."""
        return np.zeros((self.T - 1, 1, 0))


near_one = st.builds(lambda k, bits: 1 + fmpq(k, 2**bits), st.integers(-4, 4), st.integers(3, 10))
# At most 3/2, so that 200 steps stay within single precision too.
nonzero = st.builds(
    lambda p, s: s * fmpq(p, 8),
    st.sampled_from((8, 4, 12, 2, 6, 9, 7, 10)),
    st.sampled_from((1, -1)),
)
chains = st.builds(Chain, st.one_of(nonzero, near_one), times().map(lambda t: t + 1))


@claim(
    statement=(
        "y_1 = 1 and y_{k+1} = w·y_k give y_T = w^{T−1} and dy_T/dw = (T−1)w^{T−2}: as T grows, "
        "y_T vanishes, keeps its size or explodes as |w| is below, at or above 1."
    ),
    source="Goodfellow, Bengio & Courville 2016, section 10.7, the scalar case",
    derivation=theory.scalar_gradient,
    domain=chains,
    tiers=("symbolic", "exact", "float"),
    labels={
        "vanishes": (0.1, lambda chain: abs(chain.w) < 1),
        "keeps its size": (0.03, lambda chain: abs(chain.w) == 1),
        "explodes": (0.2, lambda chain: abs(chain.w) > 1),
        "|w| within 2 % of 1": (0.1, lambda chain: 0 < abs(abs(chain.w) - 1) <= fmpq(1, 50)),
        "T > 100": (0.05, lambda chain: chain.T > 100),
    },
    witness=Chain(w=rational("101/100"), T=1000),
    concerns=RNN,
    explain=(
        "Between y_1 and y_T lie T − 1 multiplications: 1.01 gives y_1000 = 20751.6, 0.99 gives "
        "0.000044, and 1 gives 1. At 1.01 the slope dy/dw is 2·10⁷: a cliff; at 0.99 it is 0.04."
    ),
)
def scalar_power(chain: Chain, check: Check) -> None:
    value, gradient = (
        formula(derivation, EXACT) for derivation in (theory.scalar_power, theory.scalar_gradient)
    )
    y, slope = chain.values()[-1]
    check.exact(y, value(chain.w, chain.T), "y_T = w^{T−1}")
    check.exact(slope, gradient(chain.w, chain.T), "dy_T/dw = (T−1)w^{T−2}")
    if chain.T > 1:
        check.exact(sign(abs(y) - 1), sign(abs(chain.w) - 1), "sign of |y_T| − 1; of |w| − 1")
    (model,), start, inputs = chain.models(), chain.start(), chain.inputs()
    bounds = RunBounds(model.run(start, inputs), check.backend.unit_roundoff)
    w, cotangent = held(floats(chain.w)), np.ones((1, 1))
    check.close(
        check.backend.run(model, start, inputs)[-1],
        value(w, chain.T),
        bounds.states.values[-1],
        "the network's y_T",
    )
    check.close(
        check.backend.vjp(model, start, inputs, cotangent).parameters["W"],
        gradient(w, chain.T),
        bounds.backward(cotangent).parameters["W"].values,
        "back-propagation's dy_T/dw",
    )


@scalar_power.misread(
    "y_T = w^T",
    why="T values have T − 1 gaps: y_1000 at w = 1.01 is 20751.6, and 20959.2 would be y_1001.",
)
def one_factor_more(chain: Chain, check: Check) -> None:
    values = [y for y, _ in chain.values()]
    names = [symbol(f"y{k}") for k in range(1, chain.T + 1)]
    steps = [
        Working(f"{names[k]} = w{names[k - 1]}", values[k], factors=(chain.w, values[k - 1]))
        for k in range(1, chain.T)
    ]
    left = Worked(values[-1], lambda: steps or [Working(names[0], values[0])])
    check.exact(left, worked_product("w^T", *[chain.w] * chain.T))


@scalar_power.misread(
    "a weight above 1 in modulus is needed for dy_T/dw to exceed 1",
    domain=chains,
    why="The factor T − 1 counts the uses: T = 4 and w = 3/4 already give 27/16.",
)
def only_large_weights_have_large_slopes(chain: Chain, check: Check) -> None:
    slope = chain.values()[-1][1]
    what = "|dy_T/dw| ≤ 1 or |w| ≥ 1: dy_T/dw; w"
    check.that(abs(slope) <= 1 or abs(chain.w) >= 1, slope, chain.w, what)


def clipped_slope(k: int) -> Worked:
    """∂y_k/∂w where y_k is clipped."""
    said = Working(f"∂y_{k}/∂w, where y_{k} is clipped,", fmpq(0))
    return Worked(fmpq(0), lambda: [said])


@dataclass(frozen=True, repr=False)
class Uses(Case):
    """A chain whose step k multiplies by weights[uses[k]]; saturating units clip that to [0, 1]."""

    weights: tuple[fmpq, ...]
    uses: tuple[int, ...]
    saturating: bool

    def shown(self) -> dict[str, Any]:
        return {"y": self.derivative(0)[0]}

    def terms(self) -> dict[str, Any]:
        """y_k after k steps and its derivative by w, the first of the weights that are used."""
        clip, terms = "min(1, max(0, {}))" if self.saturating else "{}", {}
        terms |= {"y_0": fmpq(1), "∂y_0/∂w": fmpq(0)}
        for k, use in enumerate(self.uses, 1):
            v = self.weights[use]
            unclipped = v * self._after(k - 1)
            flat = self.saturating and not 0 <= unclipped <= 1
            slope = f"v_{k}·∂y_{k - 1}/∂w" + (f" + y_{k - 1}" if use == self.uses[0] else "")
            terms |= {
                f"v_{k}": v,
                f"y_{k}": clip.format(f"v_{k}y_{k - 1}"),
                f"∂y_{k}/∂w": partial(clipped_slope, k) if flat else slope,
            }
        last = len(self.uses)
        return terms | {
            "w": self.weights[self.uses[0]],
            "m": fmpq(self.count(self.uses[0])),
            "∂y/∂w": f"∂y_{last}/∂w",
        }

    def _after(self, steps: int) -> fmpq:
        """y after so many steps."""
        return replace(self, uses=self.uses[:steps]).derivative(0)[0]

    def count(self, k: int) -> int:
        """How often weight k is used."""
        return self.uses.count(k)

    def derivative(self, k: int) -> tuple[fmpq, fmpq]:
        """y and its derivative by weight k, carried forward through the steps."""
        y, slope = fmpq(1), fmpq(0)
        for use in self.uses:
            v = self.weights[use]
            y, slope = v * y, v * slope + (y if use == k else 0)
            if self.saturating and not 0 <= y <= 1:
                y, slope = (fmpq(y > 0), fmpq(0))
        return y, slope


@st.composite
def uses(draw: Any, saturating: bool = False) -> Uses:
    """1 to 3 weights that are not 0, used 1 to 40 times in any order."""
    count = draw(st.integers(1, 3))
    order = draw(fixed_lists(st.integers(0, count - 1), draw(st.integers(1, 40))))
    return Uses(tuple(draw(fixed_lists(nonzero, count))), tuple(order), saturating)


@dataclass(frozen=True, repr=False)
class NearOne(Case):
    """w^T with w = 1 + c/T."""

    c: fmpq
    T: int

    @property
    def w(self) -> fmpq:
        """1 + c/T."""
        return 1 + self.c / self.T

    def shown(self) -> dict[str, Any]:
        return {"w": self.w}


def near_ones(steps: Any) -> Any:
    """c from −5 to 5, and T more than that by the number of steps drawn."""
    c = st.builds(fmpq, st.integers(-10, 10), st.just(2))
    return st.builds(lambda c, more: NearOne(c, 5 + more), c, steps)


@claim(
    statement=(
        "If w is used m times in a chain of linear units, the elasticity (w/y)(∂y/∂w) is m: one "
        "percent more weight is m percent more output. Used T times it is T, used once it is 1."
    ),
    source="the sense of the section's remark that sharing w over time makes its effect extreme",
    derivation=theory.reuse_amplifies,
    domain=uses(),
    tiers=("symbolic", "exact"),
    assumptions={"the units are linear": lambda case: not case.saturating},
    labels={
        "one weight for all steps": (0.1, lambda case: case.count(0) == len(case.uses) > 1),
        "no weight used twice": (0.03, lambda case: len(set(case.uses)) == len(case.uses)),
        "some weight used 10 times": (0.1, lambda case: max(map(case.count, case.uses)) >= 10),
    },
    witness=Uses(weights=(rational("3/2"), rational(2)), uses=(0, 1, 0, 0), saturating=False),
    explain=(
        "Each use has the elasticity 1 and the uses add up. T separate weights share the effect "
        "among them; one weight used T times has all of it. That is why the same change of w does "
        "everything or nothing in a recurrent net, and why the step from one to the other is "
        "narrow: see transition_width."
    ),
)
def reuse_amplifies(case: Uses, check: Check) -> None:
    elasticity = formula(theory.reuse_amplifies, EXACT)
    for k in set(case.uses):
        y, slope = case.derivative(k)
        check.exact(case.weights[k] * slope, elasticity(case.count(k)) * y, "w·∂y/∂w = m·y")


reuse_amplifies.without(
    "the units are linear",
    domain=uses(saturating=True),
    why="A saturated unit passes no change on: the elasticity of everything before it is 0.",
)


@reuse_amplifies.misread(
    "one percent more weight is one percent more output",
    why="That holds for a weight that is used once.",
)
def no_amplification(case: Uses, check: Check) -> None:
    for k in set(case.uses):
        y, slope = case.derivative(k)
        check.exact(case.weights[k] * slope, y, "w·∂y/∂w = y")


@reuse_amplifies.misread(
    "at a given T, say from 100 on, every |w| ≠ 1 vanishes or explodes: w^T ≤ 1/10 or w^T ≥ 10",
    domain=near_ones(st.integers(95, 400)),
    why="Between the two lies a band of width about 1/T: w = 1 + c/T gives nearly eᶜ.",
)
def nothing_between(case: NearOne, check: Check) -> None:
    if case.w != 1:
        power = case.w**case.T
        extreme = power <= fmpq(1, 10) or power >= 10
        check.that(extreme, power, case.w, "w^T ≤ 1/10 or w^T ≥ 10, where w ≠ 1: w^T; w")


floor = callable_form((theory.w, theory.T), theory.transition_floor.conclusion.left, BALL)


@claim(
    statement=(
        "For w > 0, e^{T(1−1/w)} ≤ w^T ≤ e^{T(w−1)}. So w = 1 + c/T gives w^T between e^{c/w} and "
        "eᶜ, nearly eᶜ for large T: the step from vanishing to exploding is about 1/T wide."
    ),
    source="derived from 1 + x ≤ eˣ",
    derivation=theory.transition_width,
    domain=near_ones(st.integers(1, 400)),
    tiers=("symbolic", "exact"),
    assumptions={theory.POSITIVE: lambda case: case.w > 0},
    labels={
        "below 1": (0.2, lambda case: case.c < 0),
        "above 1": (0.2, lambda case: case.c > 0),
        "T ≥ 100": (0.1, lambda case: case.T >= 100),
    },
    witness=NearOne(c=rational(1), T=100),
)
def transition_width(case: NearOne, check: Check) -> None:
    with precision(256):
        power, w = arb(case.w**case.T), arb(case.w)
        lowest, highest = floor(w, case.T), formula(theory.transition_width, BALL)(w, case.T)
        check.that(bool(lowest <= power), lowest, power, "e^{T(1−1/w)} ≤ w^T")
        check.that(bool(power <= highest), power, highest, "w^T ≤ e^{T(w−1)}")


transition_width.without(
    theory.POSITIVE,
    domain=st.builds(
        lambda T, more: NearOne(fmpq(-T - more), T), st.integers(1, 5), st.integers(1, 5)
    ),
    why="An odd power of a negative w is negative, and no exponential is.",
)


@transition_width.misread(
    "within one percent of 1, w keeps w^T between 1/10 and 10 for every T up to 1000",
    domain=st.builds(
        lambda percent, T: NearOne(fmpq(percent * T, 100), T),
        st.sampled_from((1, -1)),
        st.integers(1, 1000),
    ),
    why="One percent a step is a factor of 20 959 in a thousand steps.",
)
def one_percent_is_close(case: NearOne, check: Check) -> None:
    power = case.w**case.T
    check.that(fmpq(1, 10) <= power <= 10, float(arb(power)), case.w, "1/10 ≤ w^T ≤ 10: w^T; w")
