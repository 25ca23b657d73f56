"""How much noise a latch bears, and how long it takes to lose its bit to more."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flint import arb, fmpq
from hypothesis import strategies as st

from models.rnn import RNN
from properties.checking import Check, claim, matrix, rational
from properties.checking.balls import precision
from properties.checking.domains import fixed_lists
from properties.latch_cases import (
    COARSE,
    Latches,
    dyadic_above,
    edge,
    latches,
    mixings,
    pushes,
    rest_point,
    signed_permutations,
    threshold,
    weights,
)
from theory import latch as theory

THEME = "robust_memory"

BEYOND_THE_EDGE = "every state is beyond the edge: arccosh √w < σ_t ⊙ c_t for t ≥ 1"

quarters = st.builds(fmpq, st.integers(0, 4), st.just(4))
excesses = st.builds(fmpq, st.integers(1, 16), st.just(16))


@dataclass(frozen=True, repr=False)
class NoisyLatches(Latches):
    """Latches under noise, and by how much a push against a bit exceeds h* in the second run."""

    excess: fmpq

    def limit(self) -> Any:
        """h*(w)."""
        return threshold(arb(self.w))

    def edge(self) -> Any:
        return edge(arb(self.w))

    def bit_is_lost(self) -> tuple[bool, Any, Any]:
        """Whether the constant push h* + e turns the first bit over in |c_0|/e + 1 steps.

        Besides it the depths on the way, and the number of these steps.
        """
        c0 = abs(self.c0[0, 0])
        most = math.floor(c0 / self.excess) + 1
        with precision(128):
            push = self.limit() + self.excess
            w, depths = arb(self.w), [arb(c0)]
            while not depths[-1] < 0 and len(depths) <= most:
                depths.append(w * depths[-1].tanh() - push)
        return bool(depths[-1] < 0), depths, most


@st.composite
def noisy_latches(
    draw: Any,
    most: int = 3,
    sizes: Any = quarters,
    offsets: Any = quarters,
    of: Callable[[Any], Any] = threshold,
    from_attractor: bool = False,
    bits: int = 12,
) -> NoisyLatches:
    """1 to `most` latches; `sizes` is the noise's, as a share of h* or of what `of` makes of w.

    They start at the edge, or at the attractor, or that far beyond; their numbers have that many
    significant bits.
    """
    n, w = draw(st.integers(1, most)), draw(weights)
    with precision(64):
        size = arb(draw(sizes)) * of(arb(w))
        least = dyadic_above(rest_point(w, 0) if from_attractor else edge(arb(w)), bits)
    made = latches(
        w,
        draw(signed_permutations(n)),
        draw(mixings(n)),
        [least + offset for offset in draw(fixed_lists(offsets, n))],
        draw(pushes(n)),
        size,
        bits,
    )
    return NoisyLatches(made.w, made.P, made.U, made.c0, made.x, draw(excesses))


def noise_is_near(case: Latches) -> bool:
    return not case.noise_below(lambda: threshold(arb(case.w)) * 0.99)


@claim(
    statement=(
        "A latch a_t = w tanh a_{t−1} + h_t, w > 1, that starts beyond its edge arccosh √w stays "
        "there under all inputs with |h_t| ≤ h iff h ≤ h*(w) = √(w(w − 1)) − arccosh √w. So do n "
        "latches that read one another, under all noise with ‖u_t‖₂ ≤ h, however it is mixed."
    ),
    source="Bengio, Simard & Frasconi 1994, section III, which asks for it and gives no formula",
    derivation=theory.latch_threshold,
    domain=noisy_latches(),
    tiers=("symbolic", "exact", "enclosed"),
    assumptions={
        theory.LATCHED: lambda case: case.starts_beyond(case.edge),
        theory.BOUNDED: lambda case: case.noise_below(case.limit),
    },
    labels={
        "several latches": (0.4, lambda case: case.n > 1),
        "the bits move": (0.3, lambda case: any(b != case.bits()[0] for b in case.bits())),
        "noise of nearly h*": (0.1, noise_is_near),
        "T ≥ 12": (0.15, lambda case: case.t >= 12),
        "w ≤ 3/2": (0.02, lambda case: case.w <= fmpq(3, 2)),
        "w ≥ 3": (0.2, lambda case: case.w >= 3),
    },
    witness=NoisyLatches(
        w=rational(2),
        P=matrix("1"),
        U=matrix("1"),
        c0=matrix("1"),
        x=(matrix("-1/2"), matrix("-1/2"), matrix("1/2"), matrix("-1/2")),
        excess=rational("1/16"),
    ),
    concerns=RNN,
    explain=(
        "The worst inputs push steadily towards the other bit. Under a push the two rest points "
        "of the latched side approach each other; at h* they meet at the edge, where the slope is "
        "one, and beyond it there is nothing left to hold the state. So h* is what a latch bears, "
        "however clever the noise, and a steady push of a little more loses the bit for certain."
    ),
)
def latch_threshold(case: NoisyLatches, check: Check) -> None:
    case.run_is_enclosed(check)
    check.below(
        lambda: (case.edge(), case.depths()[1:]),
        BEYOND_THE_EDGE,
    )
    check.that(*case.bit_is_lost(), "h* + e turns a bit over in |c_0|/e + 1 steps")


latch_threshold.without(
    theory.LATCHED,
    domain=noisy_latches(
        most=2,
        sizes=st.just(fmpq(0)),
        offsets=st.builds(fmpq, st.integers(-12, 0), st.just(8)),
        bits=COARSE,
    ),
    why="Between the edges the map expands: the state leaves for either bit, or it is on its way.",
)
latch_threshold.without(
    theory.BOUNDED,
    domain=noisy_latches(
        most=2, sizes=st.builds(fmpq, st.integers(4, 16), st.just(4)), bits=COARSE
    ),
    why="More noise than h*, and the state is over the edge, at once or step by step.",
)


@latch_threshold.misread(
    "The bit is safe while the noise is smaller than the distance from the attractor to the edge.",
    source="the picture of a ball in a valley",
    domain=noisy_latches(
        most=1,
        sizes=st.just(fmpq(1)),
        offsets=st.just(fmpq(0)),
        of=lambda w: rest_point(w, 0) - edge(w),
        from_attractor=True,
        bits=COARSE,
    ),
    why="That is what one kick needs. Steady noise pushes again before the state has come back.",
)
def as_wide_as_the_basin(case: NoisyLatches, check: Check) -> None:
    check.below(lambda: (case.edge(), case.depths()[1:]), BEYOND_THE_EDGE)


@latch_threshold.misread(
    "The bit is safe while the noise is at most h* on average.",
    domain=noisy_latches(
        most=1, sizes=st.builds(fmpq, st.integers(1, 40), st.just(4)), bits=COARSE
    ),
    why="One kick that reaches over the edge loses the bit, whatever the average.",
)
def on_average(case: NoisyLatches, check: Check) -> None:
    with precision(64):
        mean = sum((arb(square).sqrt() for square in case.noise()), arb(0)) / case.t
        if mean > case.limit():
            return
    check.below(lambda: (case.edge(), case.depths()[1:]), BEYOND_THE_EDGE)
