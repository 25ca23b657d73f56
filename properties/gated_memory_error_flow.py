"""Section 10.10: the error flow that an LSTM is made to keep, and the bound that holds without."""

from __future__ import annotations

from flint import fmpq

from properties.checking import Check, claim, matrix, rational, vector
from properties.checking.norms import row_sum_norm
from properties.gated_memory_error_flow_cases import (
    ErrorFlow,
    error_flows,
    heavy_sigmoids,
    larger_scales,
    smaller_scales,
    steep_sigmoids,
    unequal_scales,
)
from theory import gated_memory_error_flow as theory

THEME = "gated_memory"


@claim(
    statement=(
        "Of an error ϑ_u(t) no more reaches ϑ_v(t − q) than |∂ϑ_v(t−q)/∂ϑ_u(t)| ≤ (γ‖W‖)^q, for "
        "a_{t+1} = Wφ(a_t) + u_{t+1} with 0 ≤ φ′ ≤ γ and a norm with |x_i| ≤ ‖x‖ and ‖e_k‖ ≤ 1, as "
        "the largest row sum is. The factor n that stands before it in 1997 is not needed. So "
        "sigmoid units (γ = 1/4) with |w_ij| ≤ w < 4/n let errors vanish at least like (nw/4)^q."
    ),
    source="sharpens Hochreiter & Schmidhuber 1997, section 3.1: n(f′_max‖W‖_A)^q",
    derivation=theory.error_flow_bound,
    domain=error_flows(),
    tiers=("symbolic", "exact"),
    assumptions={
        theory.SLOPES: lambda run: run.slopes_within(),
        theory.ENTRIES: lambda run: run.entries_within(),
        theory.UNITS: lambda run: run.units_within(),
    },
    labels={
        "several units": (0.4, lambda run: run.n > 1),
        "q ≥ 4": (0.2, lambda run: run.lag >= 4),
        "γ = 1/4, as of a sigmoid": (0.2, lambda run: run.γ == fmpq(1, 4)),
        "errors must vanish": (0.2, lambda run: run.lag and run.limit() < 1),
        "the bound is reached": (
            0.1,
            lambda run: run.lag and 0 < run.largest() == run.limit(),
        ),
    },
    witness=ErrorFlow(
        W=matrix("1/2 1; -1 1"),
        slopes=matrix("1/4 1/8; 1/4 1/4"),
        γ=rational("1/4"),
        a=vector("1 1"),
    ),
    explain=(
        "The bound is reached where all slopes are γ and each unit feeds one alone, as for "
        "W = wI. Where all weights are equal, each share is an n-th of it, for the bound counts "
        "what reaches all units together. It says when errors vanish. That they grow where it "
        "exceeds 1 it does not say: paths of both signs cancel, and slopes are flat where weights "
        "are large."
    ),
)
def error_flow_bound(run: ErrorFlow, check: Check) -> None:
    check.at_most(run.magnitudes(), run.limit(), what="|∂ϑ_v(t−q)/∂ϑ_u(t)| ≤ (γ‖W‖)^q")
    by_rows = (run.γ * row_sum_norm(run.W)) ** run.lag
    check.at_most(by_rows, run.limit_by_weights(), what="(γ‖W‖_∞)^q ≤ (nγw)^q")


error_flow_bound.without(
    theory.SLOPES,
    domain=error_flows(steeper=2),
    why="γ has to bound the slopes that occur.",
)
error_flow_bound.without(
    theory.ENTRIES,
    domain=unequal_scales(larger_scales),
    why="A norm that counts a unit for less than it is says little of that unit: max |x_i|/2.",
)
error_flow_bound.without(
    theory.UNITS,
    domain=unequal_scales(smaller_scales),
    why="A norm that counts a unit for more than it is lets a small ‖W‖ hide a large weight.",
)


@error_flow_bound.misread(
    "with sigmoid units and all |w_ij| < 4 no error grows",
    domain=steep_sigmoids(3),
    why="It takes |w_ij| < 4/n: n units of the weight 3 do together what one of 3n does.",
)
def each_weight_alone(run: ErrorFlow, check: Check) -> None:
    check.at_most(run.magnitudes(), fmpq(1), what="|∂ϑ_v(t−q)/∂ϑ_u(t)| ≤ 1")


@error_flow_bound.misread(
    "any size of W will do for ‖W‖: |∂ϑ_v(t−q)/∂ϑ_u(t)| ≤ n(γ max |w_ij|)^q",
    domain=steep_sigmoids(3),
    why="The largest entry is no norm of matrices that belongs to one of vectors: ‖AB‖ > ‖A‖‖B‖.",
)
def largest_entry_for_a_norm(run: ErrorFlow, check: Check) -> None:
    limit, what = run.n * (run.γ * run.largest_weight()) ** run.lag, "|∂ϑ_v(t−q)/∂ϑ_u(t)| ≤ n(γw)^q"
    check.at_most(run.magnitudes(), limit, what=what)


@error_flow_bound.misread(
    "where a weight is 4/n or more errors do not vanish: some |∂ϑ_v(t−q)/∂ϑ_u(t)| is 1 or more",
    domain=heavy_sigmoids(),
    why="The bound only rules growth out: a large weight that leads nowhere carries no error on.",
)
def heavy_weights_carry_on(run: ErrorFlow, check: Check) -> None:
    check.at_most(fmpq(1), run.largest(), what="1 ≤ max|∂ϑ_v(t−q)/∂ϑ_u(t)|")
