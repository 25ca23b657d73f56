"""Section 10.7: the gradient through time is a product of Jacobians, one for each step."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.complex_step import complex_step
from models.rnn import RNN
from properties.backpropagation_cases import (
    GradientRun,
    JacobianRun,
    gradient_runs,
    jacobian_runs,
)
from properties.checking import BALL, Check, claim, complex_step_bounds, formula, matrix, vector
from properties.checking.ball_models import BallTrajectory, Gradients
from properties.checking.balls import Balls, each_precision, exact
from properties.checking.bounds import RunBounds
from properties.checking.gradients import Backward, JudgedRun, truncated
from theory import backpropagation as theory


def gain(run: JacobianRun) -> float:
    """The largest entry of |∂h_T/∂h_s|."""
    return float(np.abs(run.trajectory().jacobian(run.s, run.t)).max())


@claim(
    statement=(
        "For h_t = tanh(Wh_{t−1} + u_t), ∂h_t/∂h_s = D_tW · D_{t−1}W ··· D_{s+1}W with "
        "D_k = diag(1 − tanh² a_k)."
    ),
    source="Goodfellow et al. 2016, section 10.7; Pascanu, Mikolov & Bengio 2013, eq. 5",
    derivation=theory.jacobian_chain,
    domain=jacobian_runs(longest=200),
    tiers=("symbolic", "enclosed"),
    labels={
        "several units": (0.4, lambda run: run.W.nrows() > 1),
        "t − s ≥ 5": (0.15, lambda run: run.t - run.s >= 5),
        "shrinking": (0.1, lambda run: 0 < gain(run) < 0.5),
        "growing": (0.1, lambda run: gain(run) > 2),
    },
    witness=JacobianRun(
        W=matrix("1 -1; 1/2 1"),
        u=vector("1 0"),
        b=vector("0 0"),
        h0=vector("1/2 -1/4"),
        x=(1, -1, 2),
        s=1,
    ),
    concerns=RNN,
)
def jacobian_chain(run: JacobianRun, check: Check) -> None:
    bounds = RunBounds(run.trajectory(), check.backend.unit_roundoff)
    derived, s, t, n = formula(theory.jacobian_chain, BALL), run.s, run.t, run.W.nrows()

    def truth(since: int) -> Balls:
        return derived(run.slopes(), exact(run.W), since, t) if since < t else exact(np.eye(n))

    check.enclosed(run.computed(check), lambda: truth(s), bounds.jacobian(s, t).values, "Jacobian")
    covector = np.arange(1.0, n + 1)[None]
    check.enclosed(
        check.backend.vjp(run.model(), run.start(), run.inputs(), covector).initial,
        lambda: truth(0).T @ exact(covector[0]),
        bounds.backward(covector).initial.values,
        "backpropagation through time",
    )
    if check.backend.analytic:
        many = np.repeat(run.inputs(), n, axis=1)
        check.enclosed(
            complex_step(
                lambda h0: check.backend.run(run.model(), h0, many)[-1],
                run.start()[0],
                complex_step_bounds.step(run.trajectory()),
            ),
            lambda: truth(0),
            complex_step_bounds.jacobian(run.trajectory())[0],
            "complex step",
        )


def claimed_jacobian(run: JacobianRun, check: Check, product: Any) -> None:
    """Compare the model's Jacobian with a product over the steps s+1 … t (first the latest)."""

    def wrong() -> Balls:
        D, result = run.slopes(), exact(np.eye(run.W.nrows()))
        for factor in product(D, exact(run.W), list(range(run.t, run.s, -1))):
            result = result @ factor
        return result

    bounds = RunBounds(run.trajectory(), check.backend.unit_roundoff)
    check.enclosed(run.computed(check), wrong, bounds.jacobian(run.s, run.t).values)


@jacobian_chain.misread(
    "∂h_t/∂h_s = D_{s+1}W ··· D_tW",
    domain=jacobian_runs(),
    why="Matrices do not commute: the latest step stands leftmost.",
)
def order_reversed(run: JacobianRun, check: Check) -> None:
    claimed_jacobian(run, check, lambda D, W, steps: [D[k] @ W for k in reversed(steps)])


@jacobian_chain.misread(
    "∂h_t/∂h_s = D_tWᵀ ··· D_{s+1}Wᵀ",
    domain=jacobian_runs(),
    why="Wᵀ takes gradients back; ∂h_t/∂h_s takes perturbations of h_s forward.",
)
def transpose_mistaken(run: JacobianRun, check: Check) -> None:
    claimed_jacobian(run, check, lambda D, W, steps: [D[k] @ W.T for k in steps])


@jacobian_chain.misread(
    "∂h_t/∂h_s = D_{t−1}W ··· D_sW",
    domain=jacobian_runs(),
    why="Step k saturates where it lands, at a_k, not at a_{k−1}.",
)
def slope_of_the_previous_step(run: JacobianRun, check: Check) -> None:
    claimed_jacobian(run, check, lambda D, W, steps: [D[k - 1] @ W for k in steps])


@claim(
    statement=(
        "For h_t = tanh(Wh_{t−1} + Ux_t + b) and a cost C of h_T, ∂C/∂W = Σ_t D_t g_t h_{t−1}ᵀ "
        "over t = 1 … T, where g_t = (D_TW ··· D_{t+1}W)ᵀ ∂C/∂h_T. With x_t or 1 for h_{t−1} it is "
        "∂C/∂U or ∂C/∂b; ∂C/∂x_t = UᵀD_t g_t, ∂C/∂h₀ = g₀; and costs of other states add."
    ),
    source="Werbos 1990; Rumelhart, Hinton & Williams 1986",
    derivation=theory.backpropagation_through_time,
    domain=gradient_runs(longest=64),
    tiers=("symbolic", "enclosed"),
    labels={
        "several units": (0.4, lambda run: run.W.nrows() > 1),
        "T ≥ 12": (0.15, lambda run: run.t >= 12),
        "T = 1": (0.02, lambda run: run.t == 1),
    },
    witness=GradientRun(
        W=matrix("1 -1; 1/2 1"),
        u=vector("1 0"),
        b=vector("0 1/4"),
        h0=vector("1/2 -1/4"),
        x=(1, -1, 2),
        g=vector("1 -1"),
    ),
    concerns=RNN,
)
def backpropagation_through_time(run: GradientRun, check: Check) -> None:
    judged, (at_last, everywhere) = JudgedRun(check, run.trajectory()), run.cotangents()
    found = check.backend.vjp(run.model(), run.start(), run.inputs(), at_last).parameters
    limits = judged.bounds.backward(at_last).parameters
    inputs_weight = each_precision(run.derived_inputs)
    derived = {
        "W": run.derived_recurrent,
        "U": lambda: inputs_weight()[:, 0],
        "b": lambda: inputs_weight()[:, 1],
    }
    for name, truth in derived.items():
        check.enclosed(
            found[name], truth, limits[name].values, f"derived gradient of {name}, C = g·h_T"
        )
    judged.states()
    judged.gradients(everywhere, "C = g·(h₀ + ··· + h_T)")


def claimed_gradients(run: GradientRun, check: Check, backward: Backward) -> None:
    """Compare the model's gradients for C = g·h_T with those of a wrong account."""
    at_last, _ = run.cotangents()
    JudgedRun(check, run.trajectory()).gradients(at_last, "C = g·h_T", backward)


@backpropagation_through_time.misread(
    "what lies more than 10 steps back may be left out",
    source="truncated backpropagation through time: Williams & Peng 1990",
    domain=gradient_runs(least=11),
    why="That changes the gradient by just those terms that a long-term dependency is learnt from.",
)
def truncated_after_ten(run: GradientRun, check: Check) -> None:
    claimed_gradients(run, check, lambda balls, g: truncated(balls, g, 10))


@backpropagation_through_time.misread(
    "∂C/∂b = 2 Σ_t D_t g_t, once for each of a step's two bias vectors",
    domain=gradient_runs(),
    why="Each of two bias vectors has the whole gradient; their sum, which is b, has it once.",
)
def bias_counted_twice(run: GradientRun, check: Check) -> None:
    def wrong(balls: BallTrajectory, g: Balls) -> Gradients:
        gradients = balls.backward(g)
        return gradients | {"b": 2 * gradients["b"]}

    claimed_gradients(run, check, wrong)


@backpropagation_through_time.misread(
    "∂C/∂W = Σ_t h_{t−1}(D_t g_t)ᵀ",
    domain=gradient_runs(),
    why="Row i of W feeds unit i, so the cotangent stands on the left.",
)
def outer_product_transposed(run: GradientRun, check: Check) -> None:
    def wrong(balls: BallTrajectory, g: Balls) -> Gradients:
        gradients = balls.backward(g)
        return gradients | {"W": gradients["W"].T}

    claimed_gradients(run, check, wrong)
