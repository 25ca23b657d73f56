"""A latch's gradient: the more noise it bears the faster it vanishes; and where it doesn't."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, fmpq
from hypothesis import strategies as st

from models.rnn import RNN
from properties.checking import (
    BALL,
    Check,
    claim,
    formula,
    matrix,
    rational,
    vector,
)
from properties.checking.balls import Balls, exact, precision
from properties.checking.decided import spectral_gaps
from properties.checking.domains import fixed_lists
from properties.latch_cases import (
    COARSE,
    Latches,
    dyadic_above,
    dyadic_below,
    latches,
    mixings,
    pushes,
    rest_point,
    signed_permutations,
    slope,
    threshold,
    weights,
)
from theory import latch_gradient as theory

THEME = "robust_memory"

decay_bound = formula(theory.robustness_rate_tradeoff, BALL)
"""λᵗ from w, the rest point and t."""


@dataclass(frozen=True, repr=False)
class BoundedNoise(Latches):
    """Latches whose noise is meant to be at most H < h*(w)."""

    H: fmpq

    def terms(self) -> dict[str, Any]:
        t, terms = self.t, super().terms()
        terms |= {"r": self.rest, "r₀": lambda: rest_point(self.w, 0)}
        terms |= {"λ": "w(1 − tanh(r)²)", "λ₀": "w(1 − tanh(r₀)²)"}
        if self.n > 1:
            return terms
        return terms | {
            "A": "J",
            "the minors of λ²ᵗI − AᵀA": f"λ^{2 * t} − A²",
            "the minors of λ₀²ᵗI − JᵀJ": f"λ₀^{2 * t} − J²",
        }

    def rest(self) -> Any:
        """Where a latch comes to rest under the steady push H."""
        return rest_point(self.w, self.H)

    def jacobian_in_mixed_coordinates(self) -> Balls:
        """∂a_T/∂a_0 = Uᵀ(∂c_T/∂c_0)U/k² for the coordinates a = Uᵀc/k of the noise."""
        U = exact(self.U)
        k_squared = sum(U[:, 0] * U[:, 0])
        return U.T @ self.balls().jacobian(0, self.t) @ U / k_squared


shares = st.builds(fmpq, st.integers(0, 15), st.just(16))
full, nothing = st.just(fmpq(1)), st.just(fmpq(0))


@st.composite
def bounded_noise(
    draw: Any,
    most: int = 3,
    sizes: Any = full,
    starts: Any = nothing,
    from_attractor: bool = False,
    bits: int = 12,
) -> BoundedNoise:
    """Noise up to `sizes` times H, H up to 15/16 of h*; starts that far beyond the rest point.

    The rest point is that under H, or else the attractor, that without any push. All numbers have
    that many significant bits.
    """
    n, w, share = draw(st.integers(1, most)), draw(weights), draw(shares)
    with precision(64):
        H = dyadic_below(threshold(arb(w)) * share, bits) if share else fmpq(0)
        least = dyadic_above(rest_point(w, 0 if from_attractor else H), bits)
        made = latches(
            w,
            draw(signed_permutations(n)),
            draw(mixings(n)),
            [least + offset for offset in draw(fixed_lists(starts, n))],
            draw(pushes(n, longest=4)),
            arb(H) * draw(sizes),
            bits,
        )
    return BoundedNoise(made.w, made.P, made.U, made.c0, made.x, H)


quarters = st.builds(fmpq, st.integers(0, 4), st.just(4))


@claim(
    statement=(
        "n latches under noise with ‖u_t‖₂ ≤ H < h*(w), started beyond r, the rest point under the "
        "steady push H, have ‖∂a_t/∂a_0‖₂ ≤ λᵗ with λ = w tanh′ r < 1. A larger w bears more noise "
        "and makes λ smaller: h* rises with w, and the λ of H = 0 falls."
    ),
    source="Bengio, Simard & Frasconi 1994, theorem 4, corrected and made quantitative",
    derivation=theory.robustness_rate_tradeoff,
    domain=bounded_noise(starts=quarters),
    tiers=("symbolic", "exact", "enclosed"),
    assumptions={
        theory.WITHIN: lambda case: not any(case.noise()) or case.noise_below(lambda: arb(case.H)),
        theory.BEYOND: lambda case: case.starts_beyond(case.rest),
    },
    labels={
        "several latches": (0.4, lambda case: case.n > 1),
        "mixed": (0.3, lambda case: sum(u != 0 for u in case.U.entries()) > case.n),
        "noise": (0.3, lambda case: any(case.noise())),
        "t ≥ 8": (0.2, lambda case: case.t >= 8),
    },
    witness=BoundedNoise(
        w=rational(2),
        P=matrix("0 1; -1 0"),
        U=matrix("3 4; -4 3"),
        c0=vector("2 2"),
        x=(vector("1/64 -1/32"), vector("0 1/32"), vector("1/32 0")),
        H=rational("1/4"),
    ),
    concerns=RNN,
    explain=(
        "The three regimes. Noise that stays below some H < h* leaves room before the edge, and "
        "the gradient vanishes exponentially: λ is 0.17, 0.32, 0.64, 0.88 for w = 2 and H/h* = 0, "
        "0.5, 0.9, 0.99. Held at h* it decays like t⁻² (threshold_rate). Inputs that steer the "
        "state along the edge keep it (steered_gradient), and these are no longer noise."
    ),
)
def robustness_rate_tradeoff(case: BoundedNoise, check: Check) -> None:
    case.jacobian_is_enclosed(check)

    def gaps() -> tuple[Any, Any]:
        jacobian = case.jacobian_in_mixed_coordinates()
        bound = decay_bound(arb(case.w), case.rest(), case.t)
        return np.zeros(case.n), spectral_gaps(jacobian, bound)

    check.below(gaps, "‖A‖₂ < λᵗ, A = ∂a_t/∂a_0: 0; the minors of λ²ᵗI − AᵀA")
    w, larger = arb(case.w), arb(case.w) + fmpq(1, 4)
    check.below(lambda: (threshold(w), threshold(larger)), "h*(w), and h*(w + 1/4)")
    check.below(
        lambda: (slope(larger, rest_point(larger, 0)), slope(w, rest_point(w, 0))),
        "the slope at the attractor for w + 1/4, and for w",
    )


robustness_rate_tradeoff.without(
    theory.WITHIN,
    domain=bounded_noise(
        most=2, sizes=st.builds(fmpq, st.integers(4, 12), st.just(4)), bits=COARSE
    ),
    why="More noise than H drives the state to where the slope exceeds λ.",
)
robustness_rate_tradeoff.without(
    theory.BEYOND,
    domain=bounded_noise(
        most=2, starts=st.builds(fmpq, st.integers(-8, 0), st.just(8)), bits=COARSE
    ),
    why="A run that starts closer to the edge starts with a steeper slope.",
)


@robustness_rate_tradeoff.misread(
    "The gradient is at most λᵗ with λ the slope at the attractor, whatever noise is within h*.",
    domain=bounded_noise(most=1, from_attractor=True, bits=COARSE),
    why="Noise moves the state towards the edge, and there the slope is larger.",
)
def slope_at_the_attractor(case: BoundedNoise, check: Check) -> None:
    def gaps() -> tuple[Any, Any]:
        bound = slope(arb(case.w), rest_point(case.w, 0)) ** case.t
        return np.zeros(case.n), spectral_gaps(case.balls().jacobian(0, case.t), bound)

    check.below(gaps, "‖J‖₂ < λ₀ᵗ, J = ∂c_t/∂c_0: 0; the minors of λ₀²ᵗI − JᵀJ")
