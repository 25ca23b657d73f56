"""Section 10.7: the gradient by a shared weight is a sum over lags, each term with its own fate."""

from __future__ import annotations

import numpy as np

from properties.backpropagation_cases import GradientRun, gradient_runs
from properties.checking import Check, claim, matrix, vector
from properties.checking.balls import Balls, each_precision
from properties.checking.bounds import RunBounds
from theory import backpropagation as theory

THEME = "backpropagation"


@claim(
    statement=(
        "∂C/∂W is a sum with one term for each lag t − τ, (∂C/∂h_t)(∂h_t/∂h_τ)(∂⁺h_τ/∂W), where ∂⁺ "
        "holds h_{τ−1} fixed; each term computed apart, their sum is what BPTT gives."
    ),
    source="Bengio, Simard & Frasconi 1994, eq. 4",
    derivation=theory.backpropagation_through_time,
    domain=gradient_runs(longest=64),
    tiers=("symbolic", "enclosed"),
    labels={
        "several units": (0.4, lambda run: run.W.nrows() > 1),
        "T ≥ 12": (0.15, lambda run: run.t >= 12),
        "T = 1": (0.02, lambda run: run.t == 1),
    },
    witness=GradientRun(
        W=matrix("1/2"),
        u=vector("1"),
        b=vector("0"),
        h0=vector("1/2"),
        x=(1, 0, 0),
        g=vector("1"),
    ),
    explain=(
        "The weights that the section calls exponentially smaller are no parameters: they are the "
        "coefficients ∂h_t/∂h_τ of this sum. One and the same W is used at every step, and each "
        "use asks for a change of W on its own account. What an early use asks for has to pass "
        "t − τ Jacobians before it counts. So even where the whole gradient neither vanishes nor "
        "explodes, it is made up of the short lags: the long ones have a say, but a faint one."
    ),
)
def gradient_is_sum_over_lags(run: GradientRun, check: Check) -> None:
    trajectory, at_last = run.trajectory(), run.cotangents()[0]
    bounds, derived = RunBounds(trajectory), each_precision(run.recurrent_lag_terms)
    latest_first = trajectory.lag_terms(at_last)["W"][::-1, 0]
    limits = bounds.lag_terms(at_last)["W"].values[::-1, 0]
    check.enclosed(latest_first, derived, limits, "the terms, lag by lag")
    check.enclosed(
        trajectory.backward(at_last).parameters["W"],
        lambda: np.asarray(derived().sum(axis=0)),
        bounds.backward(at_last).parameters["W"].values,
        "their sum",
    )


def claimed_gradient(run: GradientRun, check: Check, wrong: Balls, account: str) -> None:
    """Compare the gradient by W that BPTT gives with another account of it."""
    trajectory, at_last = run.trajectory(), run.cotangents()[0]
    bound = RunBounds(trajectory).backward(at_last).parameters["W"].values
    check.enclosed(trajectory.backward(at_last).parameters["W"], wrong, bound, f"∂C/∂W; {account}")


@gradient_is_sum_over_lags.misread(
    "∂C/∂W is what the last step asks for: (∂C/∂h_t)(∂⁺h_t/∂W)",
    domain=gradient_runs(),
    why="That is the term of lag 0; every earlier use of W has its own.",
)
def last_use_alone(run: GradientRun, check: Check) -> None:
    claimed_gradient(run, check, lambda: run.recurrent_lag_terms()[0], "(∂C/∂h_t)(∂⁺h_t/∂W)")


@gradient_is_sum_over_lags.misread(
    "∂C/∂W is what the first step asks for, carried through all the others",
    domain=gradient_runs(),
    why="That is the term of the longest lag, one of t.",
)
def first_use_alone(run: GradientRun, check: Check) -> None:
    first = "the term of the first step"
    claimed_gradient(run, check, lambda: run.recurrent_lag_terms()[-1], first)
