"""Section 10.7, figure 10.17: the error surface of one unit, its flats, its wall, and the steps of
gradient descent from there."""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb
from hypothesis import strategies as st

from models.rnn import RNN
from properties.checking import Check, claim, rational
from properties.checking.balls import DEFAULT_BITS, UnresolvedError, exact, precision
from properties.checking.bounds import RunBounds
from properties.checking.decided import below
from properties.checking.gradients import JudgedRun
from properties.checking.references import reference
from properties.error_surface_cases import (
    FIGURE,
    LEFT,
    ON_THE_LINE,
    RandomPoints,
    Resting,
    WallStep,
    line_of_figure_6,
    off_the_wall,
    resting,
    wall_steps,
)
from theory import cliff_step as step_theory
from theory import error_surface as theory

PASCANU = "Pascanu, Mikolov & Bengio 2013"
ON_THE_WALL, TO_THE_RIGHT = theory.REST, step_theory.CONCAVE


@claim(
    statement=(
        "For x_t = wσ(x_{t−1}) + b and E = (σ(x_T) − d)², the line b = x_0 − wσ(x_0) is where the "
        "unit rests at x_0, with the slope m = wσ′(x_0), and there ‖∇E‖ = 2|σ(x_0) − "
        "d|σ′(x_0)√(1 + σ(x_0)²)(mᵀ − 1)/(m − 1): for w > 1/σ′(x_0) a wall whose steepness grows "
        "exponentially with T, and that becomes thinner as it does."
    ),
    source=f"{PASCANU}, figure 6, for x_0 = 1/2, d = 0.7 and T = 50",
    derivation=theory.cliff,
    domain=resting(),
    tiers=("symbolic", "exact", "enclosed"),
    assumptions={ON_THE_WALL: lambda point: point.offset == 0},
    labels={
        "a wall: ‖∇E‖ > 1": (0.1, lambda point: below(lambda: (1, point.steepness()))[0]),
        "m > 1": (0.1, lambda point: below(lambda: (1, point.slope()))[0]),
        "m < 1": (0.2, lambda point: below(lambda: (point.slope(), 1))[0]),
        "T ≥ 20": (0.2, lambda point: point.t >= 20),
    },
    witness=Resting(w=rational(5), **FIGURE),
    concerns=RNN,
    explain=(
        "x_0 is then a fixed point, and for m > 1 an unstable one: it parts the starts that end "
        "high from those that end low, and x_T has to jump across. No grid shows how high the wall "
        "is: at w = 5 it is 1/3000 wide, at w = 10 about 10⁻¹⁸."
    ),
)
def cliff(point: Resting, check: Check) -> None:
    trajectory = point.trajectory()
    JudgedRun(check, trajectory).states()
    cotangent = point.surface().cotangent(trajectory.states[-1])
    given = trajectory.model, trajectory.states[0], trajectory.inputs
    found = check.backend.vjp(*given, cotangent).parameters
    limits = RunBounds(trajectory, check.backend.unit_roundoff).backward(cotangent).parameters
    for name in ("W", "b"):
        check.enclosed(
            found[name],
            lambda name=name: reference(trajectory).backward(exact(cotangent[0]))[name],
            limits[name].values,
            f"gradient of {name}",
        )

    with precision(DEFAULT_BITS):
        by_w, by_b = point.gradient()
        squared, derived = by_w * by_w + by_b * by_b, point.steepness()
        if not squared.rad() < (1 + derived) * arb(2) ** -100:
            raise UnresolvedError(f"‖∇E‖² is {squared}: these balls are too wide to judge it")
        check.that(squared.overlaps(derived), squared, derived, f"‖∇E‖²; {ON_THE_LINE}")


cliff.without(
    ON_THE_WALL,
    domain=resting(off_the_wall),
    why="Beside the line the run leaves x_0, and the slopes that it meets are other ones.",
)


@cliff.misread(
    "The error surface of a recurrent network is always very flat or very steep: ‖∇E‖ is below "
    "1/1000 or above 1.",
    source="Goodfellow, Bengio & Courville 2016, section 8.2.4 and 10.7, as it is often told",
    domain=line_of_figure_6(2, 40),
    why="With w = 1/2 every run ends near one fixed point, which moves with b at an ordinary rate.",
)
def flat_or_steep(point: Resting, check: Check) -> None:
    flat, steepness, least = below(lambda: (point.steepness(), arb(10) ** -6))
    steep = below(lambda: (1, point.steepness()))[0]
    check.that(flat or steep, steepness, (least, 1), f"neither: {ON_THE_LINE}; (10⁻⁶, 1)")


LARGEST_ON_A_GRID = 440


@cliff.misread(
    "Figure 6's surface is nowhere steeper than on a grid of 401 × 401 points over [−2, 10] × "
    "[−6, 2]: ‖∇E‖ ≤ 440.",
    domain=line_of_figure_6(17, 40),
    why="The wall is thinner than the grid's meshes. On it ‖∇E‖ is 779 at w = 5 and above 10¹⁷ at "
    "w = 10.",
)
def steepest_on_a_grid(point: Resting, check: Check) -> None:
    sides = below(lambda: (point.steepness(), arb(LARGEST_ON_A_GRID) ** 2))
    check.that(*sides, f"{ON_THE_LINE} ≤ 440²")


POINTS = 5_000


@claim(
    statement=(
        "On [−2, 10] × [−6, 2] the surface of figure 6 is mostly flat: at a random point (w, b) "
        "‖∇E‖ is below 1/1000 with a chance between 0.13 and 0.16, its median lies between 0.01 "
        "and 0.02, and it exceeds 1 with a chance of 0.002 at most."
    ),
    source=f"{PASCANU}, figure 6, measured",
    derivation="none: these shares are measured, at random points",
    domain=st.builds(RandomPoints, st.integers(0, 2**32 - 1)),
    examples=8,
    tiers=("statistical",),
    witness=RandomPoints(seed=0),
    explain=(
        "ErrorSurface.grid gives the loss and the gradient for a picture. What the picture shows "
        "of the wall depends on its meshes (see cliff); the quantiles do not."
    ),
)
def mostly_flat(sample: RandomPoints, check: Check) -> None:
    low, high = sample.steepness(POINTS)

    def below_by(threshold: float, what: str, **chance: Any) -> None:
        """Points that rounding errors leave in doubt count against the claim."""
        count = np.count_nonzero((high if "least" in chance else low) < threshold)
        check.proportion(int(count), POINTS, what, **chance)

    below_by(1e-3, "‖∇E‖ < 1/1000, often enough", least=rational("13/100"))
    below_by(1e-3, "‖∇E‖ < 1/1000, and no more often", most=rational("16/100"))
    below_by(1e-2, "‖∇E‖ < 1/100 for less than half", most=rational("1/2"))
    below_by(2e-2, "‖∇E‖ < 1/50 for more than half", least=rational("1/2"))
    below_by(1.0, "‖∇E‖ < 1 nearly always", least=rational("998/1000"))


@mostly_flat.misread(
    "Half of the surface is as good as level: the median of ‖∇E‖ is below 1/1000.",
    why="Flat is a matter of degree: the median is near 0.015.",
)
def half_is_level(sample: RandomPoints, check: Check) -> None:
    low, _ = sample.steepness(POINTS)
    level = int(np.count_nonzero(low < 1e-3))
    check.proportion(level, POINTS, "‖∇E‖ < 1/1000", least=rational("1/2"))


@claim(
    statement=(
        "Let σ(x_0) < d < (1 + σ(x_0))/2 and x_0 ≥ 0. From the wall b = x_0 − wσ(x_0), with s = "
        "σ(x_0), a gradient step ε(s, 1) lowers E if ε ≤ Δ/2S(m), and raises it if ε > Δ/(1 + "
        "s²)S(k), where S(m) = 1 + m + … + mᵀ⁻¹, σ(x_0 + Δ) = 2d − s and k = 2w(d − s)/Δ. As ε is "
        "the learning rate times 2(d − s)σ′(x_0)S(m), the largest safe rate falls exponentially: "
        "no faster than m⁻²ᵀ and, where k > 1, no slower than (mk)⁻ᵀ. An unsafe step that is "
        "clipped ends lower than the whole of it."
    ),
    source=f"{PASCANU}, section 2.3 and figure 6",
    derivation=step_theory.cliff_step,
    domain=wall_steps(),
    examples=100,
    tiers=("symbolic", "exact", "enclosed"),
    assumptions={
        ON_THE_WALL: lambda step: step.offset == 0,
        TO_THE_RIGHT: lambda step: step.x0 >= 0,
    },
    labels={
        "T ≥ 20": (0.2, lambda step: step.t >= 20),
        "the safe rate is below 1/1000": (
            0.2,
            lambda step: below(lambda: (step.rate(step.safe()), arb(1) / 1000))[0],
        ),
        "x_0 > 0": (0.3, lambda step: step.x0 > 0),
        "k > 1": (0.3, lambda step: below(lambda: (1, step.chord_slope()))[0]),
    },
    witness=WallStep(
        w=rational(5),
        **FIGURE,
        share=rational(1),
        clipped=rational("1/8"),
    ),
    concerns=RNN,
    explain=(
        "Along the step x_T only rises, so that E falls until σ(x_T) = d and rises from there: one "
        "threshold separates the safe rates from the others. It shrinks with the wall's width, "
        "once for the way to go and once for the gradient that multiplies it. Clipping does not "
        "make the step safe, since the wall may be thinner than any θ; it keeps it from going far."
    ),
)
def cliff_step(step: WallStep, check: Check) -> None:
    if not step.aims_higher():
        raise ValueError("case: the target has to lie between σ(x_0) and (1 + σ(x_0))/2")
    what = "E after a safe step; E before"
    check.below(lambda: (step.loss(step.share * step.safe()), step.loss()), what)

    def too_far() -> Any:
        return (1 + step.share) * step.unsafe()

    check.below(lambda: (step.loss(), step.loss(too_far())), "E before; E after too far")
    what = "E after the clipped step, and after the whole of it"
    check.below(lambda: (step.loss(step.clipped * too_far()), step.loss(too_far())), what)
    JudgedRun(check, step.trajectory(too_far())).states("the run after the step")


cliff_step.without(
    ON_THE_WALL,
    domain=wall_steps(offsets=off_the_wall),
    why="Beside the wall the run ends in a basin, and the steps that suit the wall do not suit it.",
)
cliff_step.without(
    TO_THE_RIGHT,
    domain=wall_steps(starts=tuple(LEFT)),
    why="To the left of 0 σ lies below its chord: a step that should be too far is a safe one.",
)


@cliff_step.misread(
    "A small learning rate, say 1/1000, lowers E from every wall.",
    source="Goodfellow, Bengio & Courville 2016, section 10.11.1, as it is often read",
    why="Each step of the run makes the safe rate smaller by m²: no rate is small enough for all "
    "T. With w = 5 the unit rests at 1/2, m = 1.175, and for T = 50 a rate of 10⁻⁶ is too large.",
)
def one_small_rate_is_enough(step: WallStep, check: Check) -> None:
    what = "E after a step of rate 1/1000; E before"
    check.below(lambda: (step.loss(step.thousandth()), step.loss()), what)


@cliff_step.misread(
    "Clipping makes the step safe: with θ = 1 a rate of 1/100 lowers E from every wall.",
    source="Goodfellow, Bengio & Courville 2016, figure 10.17, as it is often read",
    why="The wall is thinner than 1/100, and a step of that length ends behind it; but near by.",
)
def clipping_makes_it_safe(step: WallStep, check: Check) -> None:
    what = "E after a clipped step of rate 1/100; E before"
    check.below(lambda: (step.loss(step.hundredth()), step.loss()), what)
