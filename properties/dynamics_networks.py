"""Several units: fixed points of networks, one network in two forms, and the gradient at the
boundary of two basins."""

from __future__ import annotations

import numpy as np
from flint import fmpq, fmpq_mat
from hypothesis import strategies as st

from models.rnn import RNN
from properties.checking import BALL, Check, claim, formula, matrix, vector
from properties.checking.balls import Balls, exact
from properties.checking.bounds import RunBounds
from properties.checking.domains import small_integers
from properties.checking.references import reference
from properties.dynamics_network_cases import (
    LogisticNet,
    SmallNet,
    StandingState,
    logistic_nets,
    mutual_nets,
    small_nets,
    standing_states,
)
from theory import dynamics as theory
from theory import dynamics_networks as theory_networks

THEME = "dynamics"


@claim(
    statement=(
        "If unit 2 does not read unit 1, then h′ = tanh(Wh + b) has Σ N(w₁₁, b₁ + w₁₂x₂) fixed "
        "points, summed over the fixed points x₂ of unit 2, with N the count of a unit alone: up "
        "to nine."
    ),
    source="after Doya 1993: to the unit that it drives, a unit at rest is a bias",
    derivation=theory.fixed_point_count,
    domain=small_nets((2,), driven=True),
    tiers=("symbolic", "exact"),
    assumptions={"unit 2 does not read unit 1": lambda net: net.W[1, 0] == 0},
    labels={
        "one": (0.2, lambda net: len(net.fixed_points) == 1),
        "three": (0.15, lambda net: len(net.fixed_points) == 3),
        "five and more": (0.03, lambda net: len(net.fixed_points) >= 5),
        "w₁₂ ≠ 0": (0.5, lambda net: net.W[0, 1] != 0),
    },
    witness=SmallNet(W=matrix("2 1/2; 0 2"), b=vector("1/16 1/16")),
)
def driven_unit(net: SmallNet, check: Check) -> None:
    what = "the number of fixed points; Σ N(w₁₁, b₁ + w₁₂x₂)"
    check.exact(len(net.fixed_points), net.driven_count(), what)


driven_unit.without(
    "unit 2 does not read unit 1",
    domain=mutual_nets(),
    why="Units that read each other can hold states that neither holds alone.",
)


@driven_unit.misread(
    "the counts of the units multiply: N(w₁₁, b₁)·N(w₂₂, b₂)",
    why="A drive is a bias, which can take unit 1 out of its wedge, at one x₂ and not at another.",
)
def counts_multiply(net: SmallNet, check: Check) -> None:
    alone = SmallNet(fmpq_mat(2, 2, [net.W[0, 0], fmpq(0), fmpq(0), net.W[1, 1]]), net.b)
    what = "the number of fixed points; N(w₁₁, b₁)·N(w₂₂, b₂)"
    check.exact(len(net.fixed_points), alone.driven_count(), what)


@claim(
    statement=(
        "If no fixed point of h′ = tanh(Wh + b) has the multiplier one, then the signs of det(I − "
        "J) over all fixed points sum to one, J being the Jacobian there; so their number is odd."
    ),
    source="Brouwer's degree of h ↦ h − tanh(Wh + b) on the cube, which it maps into itself",
    derivation=(
        "none: that W can be shrunk to 0 without a zero of h − tanh(sWh + b) leaving the cube, and "
        "that the degree stays meanwhile, is topology that normal forms do not decide"
    ),
    domain=small_nets(),
    tiers=("exact",),
    assumptions={
        "no fixed point has the multiplier one": lambda net: all(map(net.index, net.fixed_points))
    },
    labels={
        "two units": (0.3, lambda net: net.n == 2),
        "several fixed points": (0.15, lambda net: len(net.fixed_points) > 1),
        "an odd number of unstable directions": (
            0.15,
            lambda net: any(net.index(x) < 0 for x in net.fixed_points),
        ),
        "W is not symmetric": (0.2, lambda net: net.n == 2 and net.W[0, 1] != net.W[1, 0]),
    },
    witness=SmallNet(W=matrix("2 1; -1 2"), b=vector("1/16 -1/16")),
    explain=(
        "Fixed points are born and vanish in pairs of opposite index, at bifurcations, where one "
        "has the multiplier one. So two networks of any size have the same parity, and between any "
        "two attractors there is something that is none: a saddle, on which states are undecided."
    ),
)
def fixed_point_index(net: SmallNet, check: Check) -> None:
    check.exact(sum(map(net.index, net.fixed_points)), 1, "the signs of det(I − J), summed; 1")
    check.exact(len(net.fixed_points) % 2, 1, "number of fixed points, modulo two")


fixed_point_index.without(
    "no fixed point has the multiplier one",
    domain=st.builds(
        lambda w, b: SmallNet(W=fmpq_mat(1, 1, [fmpq(w, 2)]), b=fmpq_mat(1, 1, [fmpq(b, 16)])),
        st.integers(0, 4),
        st.integers(0, 2),
    ),
    why="At the cusp three fixed points are one, whose det(I − J) is 0.",
)


@fixed_point_index.misread(
    "every fixed point that is unstable has det(I − J) < 0",
    why="Two unstable directions, or a complex pair of them, turn the sign twice; so does a flip.",
)
def unstable_means_negative(net: SmallNet, check: Check) -> None:
    for x in net.fixed_points:
        if net.is_unstable(x):
            check.exact(net.index(x), -1, "unstable: the sign of det(I − J); −1")


@claim(
    statement=(
        "x_t = Wσ(x_{t−1}) + b is a_t = (W/4)tanh a_{t−1} + (b/2 + W·1/4) with a = x/2. For one "
        "unit: w/4 and b/2 + w/4, so its cusp lies at (4, −2)."
    ),
    source="the cliff of Pascanu, Mikolov & Bengio 2013, figure 6, is drawn for the logistic form",
    derivation=theory_networks.logistic_form,
    domain=logistic_nets(),
    tiers=("symbolic", "enclosed"),
    labels={
        "several units": (0.4, lambda net: net.W.nrows() > 1),
        "T ≥ 6": (0.3, lambda net: net.t >= 6),
    },
    witness=LogisticNet(W=matrix("5"), b=vector("-5/2"), x0=vector("1/2"), t=3),
    concerns=RNN,
)
def logistic_form(net: LogisticNet, check: Check) -> None:
    x0, silent = exact(net.x0)[:, 0], net.inputs()
    logistic = net.model().run(net.start(), silent)
    tanh = net.tanh_model().run(net.start() / 2, silent)
    u = check.backend.unit_roundoff

    def truth() -> Balls:
        """The states of the logistic form, each by the derived right side from the last one."""
        derived, a = formula(theory_networks.logistic_form, BALL), [x0[:, None] / 2]
        W, b = exact(net.W), exact(net.b)
        ones = exact(np.ones((len(W), 1)))
        for t in range(net.t):
            a.append(derived(W, a, b, ones, t))
        return 2 * np.stack(a)[:, None, :, 0]

    for model, run, scale in ((net.model(), logistic, 1), (net.tanh_model(), tanh, 2)):
        states = check.backend.run(model, run.states[0], silent)
        bound = RunBounds(run, u).states.values
        what = f"the {model.activation} form"
        check.enclosed(states, lambda scale=scale: truth() / scale, bound, what)


@logistic_form.misread(
    "the two forms differ by their weights alone: a_t = (W/4)tanh a_{t−1} + b/2",
    why="σ is centred at 1/2, so W adds a bias of its own: hence the logistic cusp at b = −2.",
)
def same_bias(net: LogisticNet, check: Check) -> None:
    model = net.tanh_model()
    model = RNN(
        model.W, model.U, np.array([float(b) / 2 for b in net.b.entries()]), "tanh", model.order
    )
    run = model.run(net.start() / 2, net.inputs())
    logistic = net.model().run(net.start(), net.inputs())
    bound = RunBounds(run).states.values
    what = "a_0 … a_T; x_0/2 … x_T/2"
    check.enclosed(run.states[:, 0], lambda: reference(logistic).states / 2, bound[:, 0], what)


@claim(
    statement=(
        "Where a bias b = artanh x₀ − Wx₀ makes the start x₀ of h_t = tanh(Wh_{t−1} + b) a fixed "
        "point, and vᵀdiag(1 − x₀²)W = μvᵀ, vᵀ∂h_T/∂b = ((μᵀ − 1)/(μ − 1))·vᵀdiag(1 − x₀²) for "
        "μ ≠ 1, which explodes if μ > 1. For one unit, b then crosses the value at which the "
        "boundary of two basins passes x₀, and no bifurcation is near."
    ),
    source="Pascanu, Mikolov & Bengio 2013, section 2.2.2: crossing a basin's boundary",
    derivation=theory_networks.basin_crossing,
    domain=standing_states(),
    tiers=("symbolic", "exact", "enclosed"),
    assumptions={
        "the start is a fixed point": lambda state: all(o == 0 for o in state.offset.entries()),
        "vᵀdiag(1 − x₀²)W = μvᵀ": lambda state: state.is_eigenvector(),
    },
    labels={
        "μ > 1": (0.3, lambda state: state.multiplier > 1),
        "two units, mixed": (
            0.15,
            lambda state: state.n == 2 and (state.W[0, 1] != 0 or state.W[1, 0] != 0),
        ),
        "x₀ ≠ 0": (0.3, lambda state: any(x != 0 for x in state.x0.entries())),
        "T ≥ 5": (0.2, lambda state: state.t >= 5),
    },
    witness=StandingState(W=matrix("2"), x0=vector("1/2"), v=vector("1"), offset=vector("0"), t=10),
    concerns=RNN,
    explain=(
        "Of one unit with three fixed points the middle one parts the basins. If a change of the "
        "bias takes x₀ from one basin to the other, then on the way x₀ was that middle point, and "
        "there the gradient is a geometric sum, exponential in T: for w = 2 and x₀ = 0 it is 2ᵀ − "
        "1. So crossing a basin's boundary is sufficient for an explosion; crossing a bifurcation "
        "is neither necessary nor sufficient, see `bifurcations`. The runs on the two sides end at "
        "different attractors, and no smooth function gets from one to the other between two "
        "biases without a slope of their distance divided by that of the biases."
    ),
)
def basin_crossing(state: StandingState, check: Check) -> None:
    derived = state.derived()
    check.exact(state.recurrence(), derived, "vᵀ∂h_T/∂b step by step; (μ^T − 1)/(μ − 1) · vᵀS")
    model, start = state.model(), state.start()
    bounds = RunBounds(model.run(start, state.inputs()), check.backend.unit_roundoff)
    covector = state.covector()
    gradient = check.backend.vjp(model, start, state.inputs(), covector).parameters["b"]
    bound = bounds.backward(covector).parameters["b"].values + state.drift(model)
    check.enclosed(
        gradient,
        lambda: exact(derived)[0],
        bound,
        "vᵀ∂h_T/∂b of the network; (μ^T − 1)/(μ − 1) · vᵀS",
    )
    if state.n == 1 and state.multiplier > 1 and state.t > 0:
        boundary_passes(state, check)


def boundary_passes(state: StandingState, check: Check) -> None:
    """Slightly below the bias x₀ lies under the middle of three fixed points, above it over it."""
    x0 = state.x0[0, 0]
    for side, found in zip((-1, 1), state.neighbours(fmpq(1, 2**20)), strict=True):
        check.exact(len(found), 3, "number of fixed points")
        check.that(side * (x0 - found[1]) > 0, x0, found[1], "the side of the middle one")


basin_crossing.without(
    "the start is a fixed point",
    domain=standing_states(st.builds(fmpq, small_integers(2), st.just(2))),
    why="Elsewhere the state moves on, to where slopes are small: the gradient settles.",
)
basin_crossing.without(
    "vᵀdiag(1 − x₀²)W = μvᵀ",
    domain=standing_states(other=True),
    why="Along other covectors several eigenvalues mix; the largest one wins in the long run.",
)


@basin_crossing.misread(
    "the gradient grows as the weight does, with w in place of μ = w(1 − x₀²)",
    why="A unit that stands at x₀ ≠ 0 is partly saturated.",
)
def grows_as_the_weight(state: StandingState, check: Check) -> None:
    if state.n == 1:
        w, slope = state.W[0, 0], state.slopes[0, 0]
        total = sum((w**k for k in range(state.t)), fmpq(0))
        what = "vᵀ∂h_T/∂b step by step; (W^T − 1)/(W − 1) · vᵀS"
        check.exact(state.recurrence(), fmpq_mat(1, 1, [total * slope * state.v[0, 0]]), what)
