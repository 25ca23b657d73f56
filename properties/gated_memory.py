"""Section 10.10: the LSTM's cell carries what it holds from step to step, times its forget gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from models.gru import GRU
from models.lstm import LSTM
from properties.checking import BALL, Check, claim, formula, matrix, vector
from properties.checking.ball_models import BallTrajectory, Gradients
from properties.checking.balls import VALUES, Balls, diagonal, exact
from properties.checking.gradients import Backward, JudgedRun, truncated
from properties.checking.references import reference
from properties.checking.rounding import FLOAT64
from properties.gated_memory_cases import (
    CellStep,
    GRUGradientRun,
    LSTMGradientRun,
    LSTMJacobianRun,
    blind_cell,
    cell_steps,
    costs,
    gru_gradient_runs,
    lstm_gradient_runs,
    lstm_runs,
)
from theory import gated_memory as theory


@claim(
    statement=(
        "If the gates do not read the hidden state, c_t = f_t ⊙ c_{t−1} + i_t ⊙ g_t has "
        "∂c_t/∂c_s = diag(f_t ⊙ f_{t−1} ⊙ ··· ⊙ f_{s+1})."
    ),
    source="Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000",
    derivation=theory.carousel,
    domain=lstm_runs(recurrent=False),
    tiers=("symbolic", "enclosed"),
    assumptions={
        "the gates do not read the hidden state": lambda run: not run.reads_hidden_state()
    },
    labels={
        "several cells": (0.4, lambda run: run.n > 1),
        "t − s ≥ 4": (0.2, lambda run: run.t - run.s >= 4),
        "t = s": (0.03, lambda run: run.t == run.s),
        "long memory": (0.1, lambda run: run.b[run.n, 0] >= 2),
    },
    witness=blind_cell(LSTMJacobianRun, s=1),
    concerns=LSTM,
)
def carousel(run: LSTMJacobianRun, check: Check) -> None:
    derived = formula(theory.carousel, BALL)

    def truth() -> Balls:
        forget = [diagonal(f) for f in run.gates("f")]
        return derived([None, *forget], run.s, run.t) if run.s < run.t else exact(np.eye(run.n))

    JudgedRun(check, run.trajectory()).states("states [h_t, c_t]")
    bound = run.bound(check.backend.unit_roundoff)
    what = "∂c_t/∂c_s = diag(f_t ⊙ ··· ⊙ f_{s+1})"
    check.enclosed(run.computed(check), truth, bound, what)
    # No backend shows its gates: the direct path is that of this project's own model.
    direct, bound = run.trajectory().direct_path(run.s, run.t)[0], run.bound(FLOAT64)
    check.enclosed(direct, lambda: np.diag(truth()), np.diag(bound), "direct path")


carousel.without(
    "the gates do not read the hidden state",
    domain=lstm_runs(),
    why="c_{t−1} then acts on c_t through h_{t−1} and the gates as well; see cell_jacobian.",
)


@carousel.misread(
    "∂c_t/∂c_s = diag(i_t ⊙ ··· ⊙ i_{s+1})",
    why="The input gate scales what is written; the forget gate scales what is kept.",
)
def kept_by_the_input_gate(run: LSTMJacobianRun, check: Check) -> None:
    def wrong() -> Balls:
        gates = [exact(np.ones(run.n)), *run.gates("i")[run.s :]]
        return diagonal(np.prod(gates, axis=0))

    check.enclosed(run.computed(check), wrong, run.bound(check.backend.unit_roundoff))


@claim(
    statement=(
        "∂c_t/∂c_{t−1} = diag f + (diag(c f(1−f))W_f + diag(g i(1−i))W_i + diag(i(1−g²))W_g)"
        "·diag(o(1 − tanh² c)), c and o being those of t − 1."
    ),
    source="Gers, Schmidhuber & Cummins 2000, the equations of the cell differentiated in full",
    derivation=theory.cell_jacobian,
    domain=cell_steps(),
    tiers=("symbolic", "enclosed"),
    labels={
        "several cells": (0.4, lambda step: step.n > 1),
        "closed output gate": (0.05, lambda step: all(o == 0 for o in step.o.entries())),
        "open output gate": (0.3, lambda step: any(o != 0 for o in step.o.entries())),
    },
    witness=CellStep(W=matrix("1; 1; 1; 0"), b=vector("0 0 0 0"), o=vector("1"), c=vector("1")),
    concerns=LSTM,
)
def cell_jacobian(step: CellStep, check: Check) -> None:
    total = step.total(check)
    check.enclosed(total.value, step.derived, total.error, "∂c_t/∂c_{t−1}")


@cell_jacobian.misread(
    "∂c_t/∂c_{t−1} = diag f",
    source="the usual picture of the constant error carousel",
    why="That is the direct path; unless the gates ignore h there is a second one through it.",
)
def direct_path_alone(step: CellStep, check: Check) -> None:
    total = step.total(check)
    check.enclosed(
        total.value,
        lambda: diagonal(VALUES["logistic"](step.preactivations()[1])),
        total.error,
        "∂c_t/∂c_{t−1} = diag(f)",
    )


@claim(
    statement=(
        "For an LSTM with states s_t = [h_t, c_t] and a cost C of them, ∂C/∂W, ∂C/∂U and ∂C/∂b are "
        "the sums over all steps of δ_t h_{t−1}ᵀ, δ_t x_tᵀ and δ_t, where δ_t is what "
        "back-propagation through h and c gives for the pre-activations of i, f, g, o."
    ),
    source="Gers, Schmidhuber & Cummins 2000; Graves & Schmidhuber 2005, the full gradient",
    derivation=(
        "none of its own: the recursion is that of backpropagation_through_time with this cell's "
        "step, which cell_jacobian derives for the cell; the rest is differentiated in the balls"
    ),
    domain=lstm_gradient_runs(),
    tiers=("enclosed",),
    labels={
        "several cells": (0.3, lambda run: run.n > 1),
        "T ≥ 12": (0.05, lambda run: run.t >= 12),
        "T = 1": (0.02, lambda run: run.t == 1),
    },
    witness=LSTMGradientRun(
        W=matrix("1; 1/2; -1; 0"),
        u=vector("1 0 1 1"),
        b=vector("0 1 0 0"),
        h0=vector("1/2"),
        c0=vector("1"),
        x=(1, -1, 2),
        g=vector("1 -1"),
    ),
    concerns=LSTM,
)
def lstm_gradients(run: LSTMGradientRun, check: Check) -> None:
    at_last, everywhere = costs(run.g, run.t)
    judged = JudgedRun(check, run.trajectory())
    judged.states()
    judged.gradients(at_last, "C = g·s_T")
    judged.gradients(everywhere, "C = g·(s₀ + ··· + s_T)")


def claimed_gradients(
    run: LSTMGradientRun, check: Check, backward: Backward, accounts: Mapping[str, str]
) -> None:
    """Compare the model's gradients for C = g·s_T with those of a wrong account."""
    at_last, _ = costs(run.g, run.t)
    JudgedRun(check, run.trajectory()).gradients(at_last, "C = g·s_T", backward, accounts)


@lstm_gradients.misread(
    "what lies more than 10 steps back may be left out",
    domain=lstm_gradient_runs(least=11),
    why="An LSTM is trained for just those terms: a forget gate near 1 keeps them large.",
)
def truncated_after_ten(run: LSTMGradientRun, check: Check) -> None:
    recent = {"b": "Σ of the last 10 P_kᵀε_k"}
    claimed_gradients(run, check, lambda balls, g: truncated(balls, g, 10), recent)


@lstm_gradients.misread(
    "errors travel back along the cells alone, not through what the gates read",
    source="the truncated gradient that Hochreiter & Schmidhuber 1997 trained with",
    why="It leaves out every path through h_{t−1}: a shorter computation and another gradient.",
)
def through_the_cells_alone(run: LSTMGradientRun, check: Check) -> None:
    def wrong(balls: BallTrajectory, g: Balls) -> Gradients:
        def without_hidden(jacobian: Balls) -> Balls:
            kept = jacobian.copy()
            kept[:, : run.n] = exact(np.zeros((2 * run.n, run.n)))
            return kept

        steps = [replace(step, jacobian=without_hidden(step.jacobian)) for step in balls.steps]
        return replace(balls, steps=steps).backward(g)

    claimed_gradients(run, check, wrong, {"initial": "ε₀ by the cells alone"})


@lstm_gradients.misread(
    "the rows of ∂C/∂W, ∂C/∂U and ∂C/∂b are in the order f, i, g, o",
    why="They are in the order of the rows of W, U and b, which is i, f, g, o here.",
)
def gates_exchanged(run: LSTMGradientRun, check: Check) -> None:
    def wrong(balls: BallTrajectory, g: Balls) -> Gradients:
        gradients = balls.backward(g)
        for name in ("W", "U", "b"):
            i, f, *others = np.split(gradients[name], 4)
            gradients[name] = np.concatenate([f, i, *others])
        return gradients

    claimed_gradients(run, check, wrong, {"b": "∂C/∂b in the order f, i, g, o"})


@claim(
    statement=(
        "For a GRU and a cost C of its states, ∂C/∂W, ∂C/∂U, ∂C/∂b and ∂C/∂bn are sums over all "
        "steps, in each published convention: z keeps or z writes, the reset gate acts before or "
        "after the product with W."
    ),
    source="Cho et al. 2014; Chung, Gülçehre, Cho & Bengio 2014; cuDNN's variant",
    derivation=(
        "none of its own: the recursion is that of backpropagation_through_time with this cell's "
        "step, which the balls differentiate by hand in each convention"
    ),
    domain=gru_gradient_runs(),
    tiers=("enclosed",),
    labels={
        "several units": (0.3, lambda run: run.bn.nrows() > 1),
        "T ≥ 12": (0.05, lambda run: run.t >= 12),
        "T = 1": (0.02, lambda run: run.t == 1),
    },
    witness=GRUGradientRun(
        W=matrix("1; 1/2; -1"),
        u=vector("1 0 1"),
        b=vector("0 1 0"),
        bn=vector("1/2"),
        h0=vector("1/2"),
        x=(1, -1, 2),
        g=vector("1"),
    ),
    concerns=GRU,
    examples=100,
    explain=(
        "Four conventions go by one name. Each case is computed in those that the backend has."
    ),
)
def gru_gradients(run: GRUGradientRun, check: Check) -> None:
    _, everywhere = costs(run.g, run.t)
    for model in supported(run, check):
        judged = JudgedRun(check, run.trajectory(model))
        judged.states(f"states, {shown(model)}")
        judged.gradients(everywhere, shown(model))


def supported(run: GRUGradientRun, check: Check) -> list[GRU]:
    """The conventions in which the backend computes."""
    return [model for model in run.models() if check.backend.supports(model)]


def shown(model: GRU) -> str:
    """A convention in words."""
    return f"where z {model.update}s and r acts {model.reset} the product"


def claimed_gru_gradients(
    run: GRUGradientRun,
    check: Check,
    backward: Callable[[GRU], Backward],
    accounts: Mapping[str, str],
) -> None:
    """Compare the gradients for C = g·h_T with those of a wrong account, in each convention."""
    at_last, _ = costs(run.g, run.t)
    for model in supported(run, check):
        judged = JudgedRun(check, run.trajectory(model))
        judged.gradients(at_last, shown(model), backward(model), accounts)


@gru_gradients.misread(
    "what lies more than 10 steps back may be left out",
    domain=gru_gradient_runs(least=11),
    why="A unit whose update gate keeps has gradients from far back, which are then missing.",
)
def truncated_after_ten_steps(run: GRUGradientRun, check: Check) -> None:
    recent = {"b": "Σ of the last 10 P_kᵀε_k"}
    claimed_gru_gradients(run, check, lambda _: lambda balls, g: truncated(balls, g, 10), recent)


@gru_gradients.misread(
    "b and bn add, so the candidate's rows of ∂C/∂b are ∂C/∂bn",
    source="true where the reset gate acts before the product, as in the papers of 2014",
    why="Where it acts after the product, it scales bn as well: ∂C/∂bn has the factor r.",
)
def one_bias_would_do(run: GRUGradientRun, check: Check) -> None:
    def wrong(balls: BallTrajectory, g: Balls) -> Gradients:
        gradients = balls.backward(g)
        return gradients | {"bn": np.split(gradients["b"], 3)[2]}

    claimed_gru_gradients(run, check, lambda _: wrong, {"bn": "the candidate's rows of ∂C/∂b"})


@gru_gradients.misread(
    "whether z keeps or writes makes no difference to the gradient",
    why="The gate's share and its slope change sides: z and 1 − z are exchanged.",
)
def conventions_confused(run: GRUGradientRun, check: Check) -> None:
    def of_the_other(model: GRU) -> Backward:
        other = replace(model, update="write" if model.update == "keep" else "keep")
        return lambda _, g: reference(run.trajectory(other)).backward(g)

    claimed_gru_gradients(run, check, of_the_other, {"b": "∂C/∂b where z writes"})
