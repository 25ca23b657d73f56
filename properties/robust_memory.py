"""Keeping a bit against noise makes the gradient vanish: Bengio et al. 1994, theorems 1, 2, 4."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
from flint import arb, fmpq
from hypothesis import strategies as st

from models.rnn import RNN
from properties.checking import BALL, EXACT, Check, claim, formula, matrix, rational, vector
from properties.checking.balls import precision
from properties.checking.bounds import RunBounds
from properties.checking.decided import below
from properties.checking.norms import row_sum_norm
from properties.checking.references import reference
from properties.latch_cases import COARSE, dyadic_above, edge
from properties.latch_steered import Steered, steered
from properties.robust_memory_cases import (
    Alternating,
    NormedRun,
    alternating,
    alternating_norms,
    largest,
    normed_runs,
    rising_slopes,
    small_in_their_norm,
    stays_latched,
)
from properties.robust_memory_maps import (
    NearbyStates,
    Root,
    TwoRuns,
    enclosed_pair,
    nearby_states,
    opposite_bits,
    roots,
    two_runs,
)
from theory import robust_memory as theory
from theory.formula import callable_form

BENGIO = "Bengio, Simard & Frasconi 1994"
λ_to_the_t = formula(theory.latching_vanishes, EXACT)
ONE_NORM, UNIFORM = "one norm serves every state", "‖M′(a_t)‖ ≤ λ at every state"


@claim(
    statement=(
        "If the inputs keep a_t = M(a_{t−1}) + u_t where ‖M′(a_t)‖ ≤ λ < 1, in one norm and with "
        "one λ for all t, then ‖∂a_t/∂a_0‖ ≤ λᵗ: a bit kept robustly has a vanishing gradient."
    ),
    source=f"{BENGIO}, theorem 4, corrected",
    derivation=theory.latching_vanishes,
    domain=st.one_of(normed_runs(), small_in_their_norm()),
    tiers=("symbolic", "exact", "enclosed"),
    assumptions={
        ONE_NORM: lambda run: all(run.norms[0] == P for P in run.norms),
        UNIFORM: lambda run: all(norm <= run.λ for norm in run.step_norms()),
    },
    labels={
        "several units": (0.4, lambda run: run.W.nrows() > 1),
        "above one in ‖·‖_∞": (0.1, lambda run: max(map(row_sum_norm, run.steps())) > 1),
        "t ≥ 3": (0.3, lambda run: run.t >= 3),
    },
    witness=NormedRun(
        W=matrix("0 2; 2 0"),
        slopes=(vector("1 1/16"), vector("1/2 1/32")),
        norms=(matrix("4 0; 0 1"),) * 2,
        λ=rational("1/2"),
    ),
    concerns=RNN,
)
def latching_vanishes(run: NormedRun, check: Check) -> None:
    check.at_most(run.norm(), λ_to_the_t(run.λ, run.t), what="‖∂a_t/∂a_0‖ ≤ λᵗ")
    trajectory = run.jacobian_is_enclosed(check)
    with precision(256):
        norms, _ = run.norms_of_run(trajectory)
        # The rounded inputs have slopes of their own, and so a λ of its own.
        λ = dyadic_above(reduce(arb.max, norms, arb(run.λ)), 30)
    check.that(λ < 1, λ, 1, "λ < 1 of the network's run")
    check.below(
        lambda: (run.norms_of_run(trajectory)[1], arb(λ) ** run.t),
        "‖∂a_t/∂a_0‖ < λᵗ of the network's run",
    )


latching_vanishes.without(
    ONE_NORM,
    domain=alternating_norms(),
    why="Norms compose, λ by λ, only if it is always the same: small in a norm of its own, each "
    "step can undo what made the one before look small.",
)
latching_vanishes.without(
    UNIFORM,
    domain=rising_slopes(),
    why="Every step shrinks, but less and less: 1 − 1/4, 1 − 1/9, … have a product above 1/2.",
)


@latching_vanishes.misread(
    "If a_t is robustly latched for all t, that is in the reduced attracting set, the gradient "
    "∂a_t/∂a_0 tends to 0. (One unit.)",
    source=f"{BENGIO}, theorem 4 as printed",
    domain=steered(most_c=2, powers=(1, 2, 3)),
    why="Slopes below one at every state may tend to one; theirs has no uniform bound.",
)
def theorem_4_one_unit(case: Steered, check: Check) -> None:
    states = np.array(case.states(), dtype=object)
    latched, _, _ = below(lambda: (edge(arb(case.w)), states))
    if not latched:
        raise ValueError("case: its states are not latched; build it so that they are")
    check.at_most(case.never_below(), fmpq(0), what="what ∂a_t/∂a_0 stays above, and 0")


@latching_vanishes.misread(
    "If a_t is robustly latched for all t, every eigenvalue of every (Mˡ)′(a_t) being below one "
    "in modulus, the gradient ∂a_t/∂a_0 tends to 0. (Two units.)",
    source=f"{BENGIO}, theorem 4 as printed",
    domain=alternating(),
    why="Eigenvalues do not compose: the product of two matrices without any but 0 may grow.",
)
def theorem_4_two_units(case: Alternating, check: Check) -> None:
    with precision(128):
        model = case.model()
        if not all(stays_latched(case.W, case.bias(), state) for state in case.states()):
            raise ValueError("case: its states are not latched; build it so that they are")
    start, inputs = case.start_and_inputs()
    trajectory = model.run(start, inputs)
    bound = RunBounds(trajectory).jacobian(0, case.t).values[0]
    jacobian = trajectory.jacobian(0, case.t)[0]
    check.enclosed(jacobian, lambda: reference(trajectory).jacobian(0, case.t), bound)
    check.at_most(case.never_below(), fmpq(0), what="what ‖∂a_t/∂a_0‖ stays above, and 0")


CONVEX, SLOPES, STAYS = (
    "the set is convex",
    "‖M′‖ ≤ λ on the set",
    "both runs stay in the set",
)
contracted = callable_form((theory.λ, theory.t, theory.apart_at_first), theory.contracted, BALL)


@claim(
    statement=(
        "If ‖M′‖ ≤ λ < 1 on a convex set, in one norm, with one λ, two runs in it under the same "
        "inputs approach: ‖a_t − b_t‖ ≤ λᵗ‖a_0 − b_0‖. So M has at most one fixed point there."
    ),
    source=f"{BENGIO}, theorem 2, corrected; Banach 1922",
    derivation=theory.contraction,
    domain=two_runs(),
    tiers=("symbolic", "exact", "enclosed"),
    assumptions={
        CONVEX: lambda runs: runs.one_sided,
        SLOPES: lambda runs: runs.slopes_at_most(),
        STAYS: lambda runs: runs.stays(),
    },
    labels={
        "several units": (0.4, lambda runs: runs.W.nrows() > 1),
        "λ < 1": (0.2, lambda runs: runs.λ < 1),
        "t ≥ 3": (0.3, lambda runs: runs.t >= 3),
    },
    witness=TwoRuns(
        W=matrix("1 1/2; -1 1"),
        m=vector("1 1"),
        one_sided=True,
        a0=vector("1 2"),
        b0=vector("3/2 1"),
        x=(vector("3 3"), vector("3 4")),
        λ=rational("7/8"),
    ),
    concerns=RNN,
)
def contraction(runs: TwoRuns, check: Check) -> None:
    enclosed_pair(check, *runs.models(), runs.starts(), runs.inputs())

    def distances() -> tuple[Any, Any]:
        a, b = runs.states()
        at_first, at_last = largest(a[0] - b[0]), largest(a[-1] - b[-1])
        return at_last, contracted(arb(runs.λ), runs.t, at_first)

    check.below(distances, "‖a_t − b_t‖ < λᵗ‖a_0 − b_0‖")


contraction.without(
    CONVEX,
    domain=opposite_bits(),
    why="Between two basins lies what parts them: two latched states of opposite bits stay apart.",
)
contraction.without(
    SLOPES,
    domain=two_runs(most=2, pointwise=True, bits=COARSE),
    why="The slope at one of the two states says nothing of those in between.",
)
contraction.without(
    STAYS,
    domain=two_runs(most=2, shifts=st.builds(fmpq, st.integers(-8, 0), st.just(4)), bits=COARSE),
    why="A run that starts outside of the set meets steeper slopes.",
)


@contraction.misread(
    "If |M′(x)| < 1 at every x then M has a fixed point, and all runs approach it.",
    source=f"{BENGIO}, theorem 2 as printed",
    domain=roots,
    why="√(1 + x²) has a slope below one everywhere, no bound below one on it, and no fixed point.",
)
def pointwise_below_one(root: Root, check: Check) -> None:
    # x = α√(c + x²) is (1 − α²)x² = α²c, which has a solution iff α < 1.
    check.that(root.α < 1, 1 - root.α**2, fmpq(0), "(1 − α²)x² = α²c has a solution: 1 − α² > 0")


@claim(
    statement=(
        "If ‖M′(x)δ‖ > ‖δ‖ + L‖δ‖²/2, where L is a Lipschitz constant of M′, then x and x + δ move "
        "apart. So wherever ‖M′‖ > 1 there are states as near as one likes that do."
    ),
    source=f"{BENGIO}, theorem 1, with the distance that it leaves open",
    derivation=theory.expansion_somewhere,
    domain=nearby_states(),
    tiers=("symbolic", "exact", "enclosed"),
    assumptions={theory.STRETCH: lambda pair: pair.is_stretched()},
    labels={
        "several units": (0.4, lambda pair: pair.W.nrows() > 1),
        "‖M′(x)v‖ ≥ 2": (0.2, lambda pair: pair.stretch() >= 2),
    },
    witness=NearbyStates(
        W=matrix("2 1; 0 1"), d=vector("1 1/2"), v=vector("1 1"), ε=rational("1/2")
    ),
    concerns=RNN,
)
def expansion_somewhere(pair: NearbyStates, check: Check) -> None:
    enclosed_pair(check, *pair.models(), pair.starts(), np.zeros((1, pair.W.nrows())))
    check.below(lambda: (arb(pair.ε), pair.distance()), "‖δ‖ < ‖M(x + δ) − M(x)‖")


expansion_somewhere.without(
    theory.STRETCH,
    domain=nearby_states(most=2, shares=st.builds(fmpq, st.integers(1, 40), st.just(2))),
    why="Farther off tanh has bent, and takes back what its slope at x had gained.",
)


@expansion_somewhere.misread(
    "Where ‖M′‖ > 1, any two states near by move apart.",
    domain=nearby_states(along=False),
    why="The norm is the stretch of one direction; others may shrink. With one unit it is true.",
)
def in_every_direction(pair: NearbyStates, check: Check) -> None:
    check.below(lambda: (arb(pair.ε), pair.distance()), "‖δ‖ < ‖M(x + δ) − M(x)‖")
