"""Section 10.10: one step of an LSTM and of a GRU, the direct path and all paths through h."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from models.gru import GRU
from models.lstm import LSTM
from properties.checking import Check, claim, matrix, vector
from properties.checking.balls import VALUES, Balls, diagonal, exact
from properties.gated_memory_cases import preactivations
from properties.gated_memory_jacobian_cases import (
    GRUSteps,
    LSTMSteps,
    ResetFirstSteps,
    couples,
    gru_steps,
    judge_steps,
    lstm_steps,
)
from theory import gated_memory_jacobians as theory

THEME = "gated_memory"


@claim(
    statement=(
        "An LSTM's step has ∂(h_t, c_t)/∂(h_{t−1}, c_{t−1}) = [A_oW_o + BJ, BF; J, F] with "
        "J = A_fW_f + A_iW_i + A_gW_g, F = diag f, A_f = diag c_{t−1}f(1−f), A_i = diag g i(1−i), "
        "A_g = diag i(1−g²), A_o = diag o(1−o)tanh c_t and B = diag o(1−tanh²c_t). Only F, the "
        "direct path, has no recurrent weight in it."
    ),
    source="Gers, Schmidhuber & Cummins 2000, the equations of the cell differentiated in full",
    derivation=theory.lstm_jacobian,
    domain=lstm_steps(),
    tiers=("symbolic", "enclosed"),
    labels={
        "several cells": (0.3, lambda run: run.n > 1),
        "the gates read h": (0.5, lambda run: couples(run.W)),
        "T = 3": (0.2, lambda run: run.t == 3),
    },
    witness=LSTMSteps(
        W=matrix("1; 1/2; -1; 2"),
        u=vector("1 0 1 1"),
        b=vector("0 1 0 0"),
        h0=vector("1/2"),
        c0=vector("1"),
        x=(1, -1),
    ),
    concerns=LSTM,
    explain=(
        "h_{t−1} and c_{t−1} are taken as two arguments here. The path by which an old cell acts "
        "through h_{t−1}, which it has shown to the gates, is the product of two such steps; "
        "cell_jacobian has it in one formula."
    ),
)
def lstm_jacobian(run: LSTMSteps, check: Check) -> None:
    judge_steps(run.trajectory(), check, run.derived, "∂(h_t, c_t)/∂(h_{t−1}, c_{t−1})")


@lstm_jacobian.misread(
    "∂(h_t, c_t)/∂(h_{t−1}, c_{t−1}) = [0, BF; 0, F]",
    source="the usual picture of the constant error carousel",
    why="The gates read h_{t−1}: with any recurrent weight the left blocks are not zero.",
)
def nothing_through_the_gates(run: LSTMSteps, check: Check) -> None:
    def direct(state: Balls, x: Any) -> Balls:
        whole = run.derived(state, x)
        whole[:, : run.n] = exact(np.zeros((2 * run.n, run.n)))
        return whole

    what = "∂(h_t, c_t)/∂(h_{t−1}, c_{t−1}) = [0, BF; 0, F]"
    judge_steps(run.trajectory(), check, direct, what)


@lstm_jacobian.misread(
    "h_t depends on c_{t−1} as c_t does: ∂h_t/∂c_{t−1} = diag(f ⊙ o)",
    why="The cell is shown through a tanh: its slope 1 − tanh²c_t is missing.",
)
def shown_without_tanh(run: LSTMSteps, check: Check) -> None:
    def linear(state: Balls, x: Any) -> Balls:
        whole = run.derived(state, x)
        o = VALUES["logistic"](preactivations(run, np.split(state, 2)[0], x, 4)[3])
        whole[: run.n, run.n :] = diagonal(o * run.forget_gates(state, x))
        return whole

    what = "∂(h_t, c_t)/∂(h_{t−1}, c_{t−1}), and the same with f ⊙ o for BF"
    judge_steps(run.trajectory(), check, linear, what)


GRU_LABELS = {
    "several units": (0.3, lambda run: run.n > 1),
    "the gates read h": (0.5, lambda run: couples(run.W)),
    "T = 3": (0.2, lambda run: run.t == 3),
}


def gru_witness(kind: type[GRUSteps]) -> GRUSteps:
    """Two steps of one unit."""
    return kind(
        W=matrix("1; 1/2; -1"),
        u=vector("1 0 1"),
        b=vector("0 1 0"),
        bn=vector("1/2"),
        h0=vector("1/2"),
        x=(1, -1),
    )


def judge_gru(
    run: GRUSteps,
    check: Check,
    form: Callable[[GRU], Callable[[Balls, Any], Balls]],
    account: str = "derived",
) -> None:
    """Compare ∂h_t/∂h_{t−1} of every step, z keeping and z writing."""
    for model in run.supported(check):
        judge_steps(
            run.trajectory(model),
            check,
            form(model),
            f"z {model.update}s: ∂h_t/∂h_{{t−1}}, and {account}",
        )


@claim(
    statement=(
        "A GRU whose z keeps, h_t = z⊙h_{t−1} + (1−z)⊙n, and whose reset gate acts after the "
        "product, n = tanh(u_n + r⊙(W_nh_{t−1} + b_n)), has ∂h_t/∂h_{t−1} = diag z + A_zW_z + "
        "A_n(diag r·W_n + A_rW_r), A_z = diag (h_{t−1}−n)z(1−z), A_n = diag (1−z)(1−n²), "
        "A_r = diag (W_nh_{t−1}+b_n)r(1−r). Where z writes, put 1 − z for z and −W_z for W_z. The "
        "direct path keeps ∏z, or ∏(1−z)."
    ),
    source="Cho et al. 2014 (z keeps), Chung et al. 2014 (z writes); the reset gate as in cuDNN",
    derivation=theory.gru_reset_after,
    domain=gru_steps(),
    tiers=("symbolic", "enclosed"),
    labels=GRU_LABELS,
    witness=gru_witness(GRUSteps),
    concerns=GRU,
    examples=100,
    explain=(
        "Four GRUs go by one name. torch and cuDNN have this reset gate and a z that keeps; see "
        "gru_resets_first for that of the papers."
    ),
)
def gru_interpolates(run: GRUSteps, check: Check) -> None:
    judge_gru(run, check, run.derived)
    for model in run.models():
        # No backend shows its gates: the direct path is that of this project's own model.
        run.judge_direct_path(model, check)


@gru_interpolates.misread(
    "∂h_t/∂h_{t−1} is what the gate keeps, diag z or diag(1 − z)",
    why="z, r and the candidate read h_{t−1} too.",
)
def interpolation_alone(run: GRUSteps, check: Check) -> None:
    def direct(model: GRU) -> Callable[[Balls, Any], Balls]:
        return lambda h, x: diagonal(run.kept(model)(h, x))

    judge_gru(run, check, direct, "diag z")


@gru_interpolates.misread(
    "the two conventions for z have the same Jacobian",
    why="What one keeps, the other writes.",
)
def conventions_alike(run: GRUSteps, check: Check) -> None:
    other = {"keep": run.model("write", "after"), "write": run.model("keep", "after")}
    account = "the same where z writes"
    judge_gru(run, check, lambda model: run.derived(other[model.update]), account)


@gru_interpolates.misread(
    "it makes no difference whether the reset gate acts before or after the product",
    source="both are called a GRU",
    why="Before the product r_j multiplies h_j, after it r_i multiplies the whole of row i.",
)
def resets_alike(run: GRUSteps, check: Check) -> None:
    account = "the same with r before the product"
    judge_gru(run, check, lambda model: run.derived(run.model(model.update, "before")), account)


@claim(
    statement=(
        "Where the reset gate of a GRU acts before the product, n = tanh(u_n + W_n(r⊙h_{t−1}) + "
        "b_n), ∂h_t/∂h_{t−1} = diag z + A_zW_z + A_nW_n(diag r + A_rW_r) with "
        "A_r = diag h_{t−1}r(1−r), and the rest as in gru_interpolates, in both conventions for z."
    ),
    source="Cho et al. 2014 (z keeps); Chung, Gülçehre, Cho & Bengio 2014 (z writes)",
    derivation=theory.gru_reset_before,
    domain=gru_steps(ResetFirstSteps),
    tiers=("symbolic", "enclosed"),
    labels=GRU_LABELS,
    witness=gru_witness(ResetFirstSteps),
    concerns=GRU,
    examples=100,
)
def gru_resets_first(run: GRUSteps, check: Check) -> None:
    judge_gru(run, check, run.derived)


@gru_resets_first.misread(
    "the reset gate only scales what the candidate reads: it leaves out A_rW_r",
    why="r reads h_{t−1} itself, and moves with it.",
)
def reset_gate_at_rest(run: GRUSteps, check: Check) -> None:
    account = "the same without A_rW_r"
    judge_gru(run, check, lambda model: run.derived(model, reset_moves=False), account)
