"""Noise that a latch forgets as fast as it comes: theorem 3 of Bengio, Simard & Frasconi 1994."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb, fmpq, fmpq_mat
from hypothesis import strategies as st

from models.rnn import RNN
from properties.checking import Check, claim, matrix, rational, vector
from properties.checking.balls import precision
from properties.checking.decided import below
from properties.checking.domains import fixed_lists
from properties.latch_cases import (
    COARSE,
    Latches,
    dyadic_above,
    dyadic_below,
    edge,
    latches,
    mixings,
    pushes,
    rest_point,
    signed_permutations,
    slope,
    weights,
)
from theory import robust_memory as theory

THEME = "robust_memory"


@dataclass(frozen=True, repr=False)
class BesideTheQuietRun(Latches):
    """Latches under noise, and how far, d, they may be driven from the run without it.

    λ is meant to bound ‖M′‖₂ within d of that run.
    """

    d: fmpq
    λ: fmpq

    def terms(self) -> dict[str, Any]:
        t, terms = self.t, super().terms() | {"a_0": self.c0}
        for k in range(1, t + 1):
            terms[f"a_{k}"] = f"wP tanh(a_{k - 1}) + Ux_{k}"
            terms[f"c_{k}"] = f"wP tanh(c_{k - 1})"
        squares = "; ".join(f"‖a_{k} − c_{k}‖²" for k in range(2, t + 1))
        return terms | {"‖a_t − c_t‖² for t ≥ 2": f"[{squares}]", "‖a_1 − c_1‖²": "‖Ux_1‖²"}

    @cached_property
    def quiet(self) -> BesideTheQuietRun:
        """The same latches without noise."""
        return replace(self, x=(fmpq_mat(self.n, 1),) * self.t)

    def slopes_at_most(self) -> bool:
        """Whether ‖M′‖₂ ≤ λ within d of the quiet run.

        M′ is a permutation with signs times w diag(tanh′), and no unit comes closer to 0 than its
        distance from there less d.
        """

        def sides() -> tuple[Any, Any]:
            least = [arb.max(depth - self.d, arb(0)) for depth in self.quiet.depths().ravel()]
            return np.array([slope(arb(self.w), a) for a in least], dtype=object), self.λ

        return below(sides)[0]

    def noise_at_most(self) -> bool:
        """Whether ‖u_t‖₂ ≤ (1 − λ)d."""
        most = (1 - self.λ) * self.d
        return most >= 0 and all(square <= most**2 for square in self.noise())

    def noise_is_nearly_all(self) -> bool:
        """Whether some ‖u_t‖₂ is within a fiftieth of (1 − λ)d."""
        return max(self.noise()) >= (fmpq(49, 50) * (1 - self.λ) * self.d) ** 2

    def stays_near(self, check: Check) -> None:
        """The run stays within d of the quiet one; after one step they are the noise apart."""
        check.at_most(self.noise()[0], self.d**2, what="‖a_1 − c_1‖² ≤ d²")

        def squares() -> tuple[Any, Any]:
            apart = self.balls().states - self.quiet.balls().states
            return (apart * apart).sum(axis=1)[2:], arb(self.d) ** 2

        check.below(squares, "‖a_t − c_t‖² for t ≥ 2; d²")


quarters = st.builds(fmpq, st.integers(0, 4), st.just(4))
beyond = st.builds(fmpq, st.integers(2, 12), st.just(8))
steady = st.builds(lambda duration: [([-1], duration)], st.integers(1, 20))
eighths = st.builds(fmpq, st.integers(1, 7), st.just(8))


@st.composite
def noisy_runs(
    draw: Any,
    most: int = 3,
    sizes: Any = quarters,
    at_the_centre: bool = False,
    whole: bool = False,
    pushed: Any = None,
    bits: int = 12,
) -> BesideTheQuietRun:
    """Noise up to `sizes` times (1 − λ)d, or times d if `whole`.

    λ is hardly above the slopes within d of the quiet run, or of those on it if `at_the_centre`;
    `pushed` draws other noise than pushes of all kinds. All numbers have `bits` significant bits.
    """
    n, w = draw(st.integers(1, most)), draw(weights)
    with precision(64):
        limit, attractor = edge(arb(w)), rest_point(w, 0)
        start = [dyadic_above(limit + offset, bits) for offset in draw(fixed_lists(beyond, n))]
        shallowest = arb.min(arb(min(start)), attractor)
        d = dyadic_below((shallowest - limit) * draw(eighths), bits)
        λ = dyadic_above(slope(arb(w), shallowest - (0 if at_the_centre else d)), bits)
        size = arb(d if whole else (1 - λ) * d) * draw(sizes)
        made = latches(
            w,
            draw(signed_permutations(n)),
            draw(mixings(n)),
            start,
            draw(pushes(n) if pushed is None else pushed),
            size,
            bits,
        )
    return BesideTheQuietRun(made.w, made.P, made.U, made.c0, made.x, d, λ)


@claim(
    statement=(
        "If ‖M′‖ ≤ λ within d of the run c_t = M(c_{t−1}), and ‖u_t‖ ≤ (1 − λ)d, then the run "
        "a_t = M(a_{t−1}) + u_t from the same start stays within d of it, for ever."
    ),
    source="Bengio, Simard & Frasconi 1994, theorem 3",
    derivation=theory.noise_tolerance,
    domain=noisy_runs(),
    tiers=("symbolic", "exact", "enclosed"),
    assumptions={
        theory.SLOPES: lambda case: case.slopes_at_most(),
        theory.NOISE: lambda case: case.noise_at_most(),
    },
    labels={
        "several latches": (0.4, lambda case: case.n > 1),
        "noise": (0.3, lambda case: any(case.noise())),
        "nearly all that is allowed": (0.1, lambda case: case.noise_is_nearly_all()),
        "λ ≥ 3/4": (0.05, lambda case: case.λ >= fmpq(3, 4)),
        "T ≥ 12": (0.15, lambda case: case.t >= 12),
    },
    witness=BesideTheQuietRun(
        w=rational(2),
        P=matrix("0 1; 1 0"),
        U=matrix("1 1; -1 1"),
        c0=vector("2 2"),
        x=(vector("1/16 0"), vector("1/16 0"), vector("-1/32 1/32")),
        d=rational("1/4"),
        λ=rational("1/2"),
    ),
    concerns=RNN,
    explain=(
        "A contraction takes a share of the old deviation away at every step, and new noise of "
        "that size is what it can afford. The same share is what the gradient loses."
    ),
)
def noise_tolerance(case: BesideTheQuietRun, check: Check) -> None:
    case.run_is_enclosed(check)
    case.stays_near(check)


noise_tolerance.without(
    theory.SLOPES,
    domain=noisy_runs(
        most=1, sizes=st.just(fmpq(1)), at_the_centre=True, pushed=steady, bits=COARSE
    ),
    why="The slope on the quiet run is not enough: noise takes the state to where it is larger.",
)
noise_tolerance.without(
    theory.NOISE,
    domain=noisy_runs(most=1, sizes=st.builds(fmpq, st.integers(4, 12), st.just(4)), bits=COARSE),
    why="Steady noise adds up to 1/(1 − λ) times its size.",
)


@noise_tolerance.misread(
    "Noise with ‖u_t‖ ≤ d keeps the run within d, since M shrinks what was there before.",
    domain=noisy_runs(most=1, whole=True, bits=COARSE),
    why="It does not shrink it to nothing: only for λ = 0 is the whole of d left for new noise.",
)
def as_large_as_the_room(case: BesideTheQuietRun, check: Check) -> None:
    case.stays_near(check)
