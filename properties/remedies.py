"""Sections 10.9 and 10.11: what can be done about long lags, and what it does and does not do."""

from __future__ import annotations

from typing import Any

from flint import arb, fmpq
from hypothesis import strategies as st

from models.rnn import RNN
from properties.checking import Check, claim, identity, is_orthogonal, matrix, rational, vector
from properties.checking.balls import exact
from properties.checking.bounds import RunBounds
from properties.checking.decided import below
from properties.checking.domains import matrices
from properties.checking.norms import row_sum_norm, spectral_norm_at_most
from properties.remedies_cases import (
    LeakyUnit,
    OrthogonalRun,
    SkippingRun,
    leaky_runs,
    more_than_all,
    orthogonal_runs,
    skipping_runs,
    some_feedback,
)
from theory import remedies as theory

GOODFELLOW = "Goodfellow, Bengio & Courville 2016"

few: dict[str, Any] = {"most": 2, "longest": 4}
"""So many units and steps are enough for a counterexample, and found sooner."""


@claim(
    statement=(
        "In a linear network h_t = Wh_{t−1} + u_t with W orthogonal, all singular values of "
        "∂h_t/∂h_s are 1: (∂h_t/∂h_s)ᵀ(∂h_t/∂h_s) = I at every lag. Slopes between 0 and 1, as "
        "those of tanh, can only shrink it."
    ),
    source="Saxe, McClelland & Ganguli 2014; Arjovsky, Shah & Bengio 2016",
    derivation=theory.orthogonal_keeps_norm,
    domain=orthogonal_runs(),
    tiers=("symbolic", "exact", "float"),
    assumptions={
        theory.LINEAR: lambda run: run.activation == "identity",
        theory.ORTHOGONAL: lambda run: is_orthogonal(run.W),
    },
    labels={
        "several units": (0.4, lambda run: run.n > 1),
        "W turns": (0.3, lambda run: sum(x != 0 for x in run.W.entries()) > run.n),
        "t − s ≥ 10": (0.2, lambda run: run.lag >= 10),
    },
    witness=OrthogonalRun(
        W=matrix("3/5 -4/5; 4/5 3/5"),
        slopes=matrix("1 1/2 1; 1 1 3/4"),
        γ=fmpq(1),
        activation="identity",
        h0=vector("1 0"),
    ),
    concerns=RNN,
    explain=(
        "Rotations and reflections neither shrink nor stretch, and a product of them is one. An "
        "activation takes that away, step by step, wherever its slope is below one; that slopes "
        "up to one never stretch is vanishing_bound with σ₁ = γ = 1."
    ),
)
def orthogonal_keeps_norm(run: OrthogonalRun, check: Check) -> None:
    J, error = run.computed_jacobian(check)
    gram, bound = run.gram(J, error)
    check.close(gram, identity(run.n), bound, "JᵀJ of the network, and I")
    power = run.W**run.lag
    check.close(J, power, error, "∂h_t/∂h_0 of the network, and Wᵗ")
    check.exact(power.transpose() * power, identity(run.n), "(Wᵗ)ᵀWᵗ, and I")
    shrunk = run.jacobian()
    check.that(spectral_norm_at_most(shrunk, fmpq(1)), shrunk, fmpq(1), "‖∂h_t/∂h_s‖₂ ≤ 1")


orthogonal_keeps_norm.without(
    theory.LINEAR,
    domain=orthogonal_runs(activation="tanh", **few),
    why="tanh has the slope 1 at 0 alone: every other state costs some of the gradient.",
)
orthogonal_keeps_norm.without(
    theory.ORTHOGONAL,
    domain=orthogonal_runs(W=matrices, **few),
    why="Any other W shrinks or stretches some direction in each step.",
)


@orthogonal_keeps_norm.misread(
    "an orthogonal W keeps every norm of the gradient, ‖·‖_∞ among them",
    domain=orthogonal_runs(**few),
    why="A rotation keeps Euclid's length: by 3-4-5 it takes (1, 1) to (−1/5, 7/5).",
)
def every_norm_is_kept(run: OrthogonalRun, check: Check) -> None:
    check.exact(row_sum_norm(run.W**run.lag), fmpq(1), "‖Wᵗ‖_∞ = 1")


@orthogonal_keeps_norm.misread(
    "ReLU keeps it too, as its slope is 1",
    domain=orthogonal_runs(quarters=st.sampled_from((4, 0)), **few),
    why="Its slope is 0 where a unit is off, and nothing passes there.",
)
def relu_keeps_norm(run: OrthogonalRun, check: Check) -> None:
    shrunk = run.jacobian()
    check.exact(shrunk.transpose() * shrunk, identity(run.n), "JᵀJ with slopes 0 and 1, and I")


@claim(
    statement=(
        "For h_t = φ(Wh_{t−1} + Vh_{t−d} + u_t) with 0 ≤ φ′ ≤ γ and (‖W‖ + ‖V‖)γ ≤ η ≤ 1, "
        "‖∂h_t/∂h_{t−τ}‖ ≤ η^⌈τ/d⌉: the connection that skips d − 1 steps divides the exponent by "
        "d, and the gradient still vanishes exponentially where η < 1."
    ),
    source=f"{GOODFELLOW}, section 10.9.1; Lin et al. 1996",
    derivation=theory.skip_connections,
    domain=skipping_runs(),
    tiers=("symbolic", "exact", "float"),
    assumptions={
        theory.SLOPES: lambda run: run.slopes_within(),
        theory.WEIGHTS: lambda run: run.weights_within(),
        theory.SHRINKING: lambda run: run.η <= 1,
    },
    labels={
        "several units": (0.4, lambda run: run.n > 1),
        "τ > d > 1": (0.3, lambda run: run.lag > run.d > 1),
        "it must vanish: η < 1": (0.4, lambda run: run.η < 1),
        "the bound is reached": (
            0.05,
            lambda run: run.η > 0 and run.lag > 0 and run.size_at_lag() == run.bound(),
        ),
    },
    witness=SkippingRun(
        W=matrix("1/4"), slopes=matrix("1 1 1"), γ=fmpq(1), V=matrix("1/2"), d=2, η=rational("3/4")
    ),
    concerns=RNN,
    explain=(
        "A path from h_{t−τ} to h_t has at least ⌈τ/d⌉ connections, if none of them reaches back "
        "further than d steps. So a lag of τ is bridged as one of ⌈τ/d⌉ would be without the skip "
        "connection. That is a remedy for lags of a length known before, and no cure."
    ),
)
def skip_connections(run: SkippingRun, check: Check) -> None:
    check.at_most(run.size_at_lag(), run.bound(), what="‖∂h_t/∂h_{t−τ}‖_∞ ≤ η^⌈τ/d⌉")
    run.linear_is_enclosed(check)


skip_connections.without(
    theory.SLOPES,
    domain=skipping_runs(steeper=2, **few),
    why="A unit twice as steep doubles the factor of each connection.",
)
skip_connections.without(
    theory.WEIGHTS,
    domain=skipping_runs(heavier=4, **few),
    why="Paths along both connections add up: it takes the sum of the norms.",
)
skip_connections.without(
    theory.SHRINKING,
    domain=skipping_runs(growing=True, **few),
    why="With η > 1 it is the longest path that counts, and that has τ connections: explosion is "
    "not slowed.",
)


@skip_connections.misread(
    "the bound η^τ of a network without the skip connection still holds",
    domain=skipping_runs(**few),
    why="The skip connection is there to break it: along V alone d steps cost one factor.",
)
def as_without_the_skip(run: SkippingRun, check: Check) -> None:
    check.at_most(run.size_at_lag(), run.η**run.lag, what="‖∂h_t/∂h_{t−τ}‖_∞ ≤ η^τ")


@skip_connections.misread(
    "the skip connection stops the vanishing: the gradient is no smaller than η^⌈τ/d⌉",
    domain=skipping_runs(**few),
    why="An upper bound promises nothing. A flat unit, a lag that is no multiple of d, or paths of "
    "opposite signs leave less.",
)
def never_smaller(run: SkippingRun, check: Check) -> None:
    check.at_most(run.bound(), run.size_at_lag(), what="η^⌈τ/d⌉ ≤ ‖∂h_t/∂h_{t−τ}‖_∞")


NO_FEEDBACK, LEAKS = "v_t does not read the state", "α < 1"


@claim(
    statement=(
        "A leaky unit h_t = αh_{t−1} + (1 − α)v_t, 0 < α < 1, has h_t = αᵗh_0 + (1 − α)Σαᵗ⁻ᵏv_k: "
        "what is k steps old has the weight αᵏ of what is new. It falls below 1/e after the time "
        "constant −1/ln α, which lies between α/(1 − α) and 1/(1 − α)."
    ),
    source=f"{GOODFELLOW}, section 10.9.2; Mozer 1992; El Hihi & Bengio 1996",
    derivation=theory.leaky_units,
    domain=leaky_runs(),
    tiers=("symbolic", "exact", "float"),
    assumptions={
        NO_FEEDBACK: lambda unit: unit.feedback == 0,
        LEAKS: lambda unit: 0 < unit.α < 1,
    },
    labels={
        "α ≥ 7/8": (0.2, lambda unit: unit.α >= fmpq(7, 8)),
        "older than the time constant": (
            0.2,
            lambda unit: below(lambda: (unit.time_constant(), unit.t))[0],
        ),
        "younger": (0.2, lambda unit: below(lambda: (unit.t, unit.time_constant()))[0]),
    },
    witness=LeakyUnit(α=rational("3/4"), h0=fmpq(1), x=(1, 0, -2), feedback=fmpq(0)),
    concerns=RNN,
    explain=(
        "The self-connection α sets how long a unit averages: near 1 it changes slowly and the "
        "gradient through it shrinks slowly, by αᵏ over k steps. It is exponential all the same; "
        "time constants of different sizes are a choice of the lags to be bridged."
    ),
)
def leaky_units(unit: LeakyUnit, check: Check) -> None:
    (model,), start, inputs = unit.models(), unit.start(), unit.inputs()
    bounds = RunBounds(model.run(start, inputs), check.backend.unit_roundoff)
    states = check.backend.run(model, start, inputs)
    check.close(states.ravel(), matrix([unit.derived()]), bounds.states.values.ravel(), "states")
    kept = unit.α**unit.t
    jacobian, what = check.backend.jacobian(model, start, inputs), "∂h_t/∂h_0 = αᵗ"
    check.close(jacobian[0], matrix([[kept]]), bounds.jacobian(0, unit.t).values[0], what)
    past, faded = (
        below(lambda: (unit.time_constant(), unit.t))[0],
        below(lambda: (arb(kept), arb(-1).exp()))[0],
    )
    check.exact(faded, past, "αᵗ < 1/e, and t > −1/ln α")
    ends = unit.α / (1 - unit.α), 1 / (1 - unit.α)

    def inside() -> tuple[object, object]:
        middle = unit.time_constant()
        return exact([ends[0], middle]), exact([middle, ends[1]])

    check.below(inside, "α/(1 − α) < −1/ln α < 1/(1 − α)")


leaky_units.without(
    NO_FEEDBACK,
    domain=leaky_runs(feedback=some_feedback),
    why="What v_t takes back from the state is a second way round the leak.",
)
leaky_units.without(
    LEAKS,
    domain=leaky_runs(share=more_than_all),
    why="A share above one is a gain: the unit explodes, and has no time constant.",
)


@leaky_units.misread(
    "a leaky unit keeps (1 − α)ᵗ of its state",
    why="1 − α is the share of what is new.",
)
def shares_swapped(unit: LeakyUnit, check: Check) -> None:
    (model,), start, inputs = unit.models(), unit.start(), unit.inputs()
    bounds = RunBounds(model.run(start, inputs), check.backend.unit_roundoff)
    jacobian = check.backend.jacobian(model, start, inputs)
    kept, what = matrix([[(1 - unit.α) ** unit.t]]), "∂h_t/∂h_0 = (1 − α)ᵗ"
    check.close(jacobian[0], kept, bounds.jacobian(0, unit.t).values[0], what)


@leaky_units.misread(
    "its time constant is 1/(1 − α): after so many steps 1/e of the state is left",
    why="That is what −1/ln α tends to for α near 1. For α = 1/2 two steps leave a quarter.",
)
def time_constant_to_first_order(unit: LeakyUnit, check: Check) -> None:
    left = arb(unit.α) ** (1 / (1 - unit.α))
    check.below(lambda: (arb(-1).exp(), left), "e^{−1} < α^{1/(1−α)}")
