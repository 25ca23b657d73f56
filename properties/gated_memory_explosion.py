"""Section 10.10: an LSTM can keep a gradient; nothing keeps it from growing, or from vanishing."""

from __future__ import annotations

import numpy as np
from flint import arb, fmpq

from models.lstm import LSTM
from properties.checking import Check, claim, vector
from properties.checking.decided import below
from properties.gated_memory_explosion_cases import (
    OrdinaryRun,
    RestingCell,
    away,
    ordinary_runs,
    resting_cells,
)
from theory import gated_memory_explosion as theory

THEME = "gated_memory"


@claim(
    statement=(
        "A cell at rest whose candidate alone reads the hidden state, with the weight w, has "
        "∂c_T/∂c_0 = (f + iow)^T in all. So an LSTM's gradient exceeds any bound in any number of "
        "steps, for w large enough, and is 0 for w = −f/(io), however far open its forget gate is."
    ),
    source="corrects 'the LSTM solves vanishing and exploding gradients'",
    derivation=theory.lstm_can_explode,
    domain=resting_cells(),
    tiers=("symbolic", "enclosed", "exact"),
    assumptions={theory.REST: lambda cell: cell.c0 == 0},
    labels={
        "T ≥ 10": (0.15, lambda cell: cell.t >= 10),
        "a bound of a million or more": (0.2, lambda cell: cell.bound >= 10**6),
        "w as drawn shrinks it": (0.2, lambda cell: abs(cell.rate()) < 1),
        "w as drawn makes it grow": (0.1, lambda cell: abs(cell.rate()) > 1),
    },
    witness=RestingCell(b=vector("0 0 0"), w=6, c0=fmpq(0), t=10, bound=1000),
    concerns=LSTM,
    examples=100,
    explain=(
        "The carousel is one path of many. It can be kept open, f near 1, and nothing then makes "
        "the gradient vanish along it; but the paths through h add to it whatever the recurrent "
        "weights make of them, with either sign. All biases 0 and w = 6 double it in each step, "
        "w = −2 cancels it though half of the cell is kept. Hence the clipping that LSTMs are "
        "trained with."
    ),
)
def lstm_can_explode(cell: RestingCell, check: Check) -> None:
    cell.judge(check)
    large = cell.exploding()
    large.judge(check)
    check.that(*below(lambda: (arb(cell.bound), large.grown())), "the bound, and (f + iow)^T")


lstm_can_explode.without(
    theory.REST,
    domain=resting_cells(away),
    why="Away from 0 both tanh are flatter.",
)


@lstm_can_explode.misread(
    "the LSTM solves both: over 12 steps no gradient grows a hundredfold",
    source="an annotation of section 10.10",
    domain=ordinary_runs(most=1, largest=8),
    why="The search drives the gradient up by its weights alone, and finds one that it shrinks.",
)
def lstm_solves_both(run: OrdinaryRun, check: Check) -> None:
    largest = np.abs(run.jacobian(check)).max()
    check.drive(np.log10(max(largest, 1e-300)), "the gradient's size")
    if largest > 100:
        check.at_most(largest, 100, bound=run.error(check), what="the largest entry of ∂s_T/∂s_0")


@lstm_can_explode.misread(
    "the LSTM solves vanishing: over up to 12 steps a hundredth of the gradient is left",
    source="an annotation of section 10.10",
    domain=ordinary_runs(),
    why="Paths through h can cancel the direct one; and half-open gates keep 2^{−7} in 7 steps.",
)
def lstm_solves_vanishing(run: OrdinaryRun, check: Check) -> None:
    largest = np.abs(run.jacobian(check)[run.n :, run.n :]).max()
    if largest < 0.01:
        check.at_most(0.01, largest, bound=run.error(check), what="1/100, and ∂c_T/∂c_0")


@lstm_can_explode.misread(
    "what passes through h can only add to the direct path: |∂c_T/∂c_0| ≥ f_T ··· f_1",
    domain=ordinary_runs(most=1),
    why="It has a sign of its own, and can cancel the direct path altogether.",
)
def direct_path_is_least(run: OrdinaryRun, check: Check) -> None:
    total = abs(run.jacobian(check)[1, 1])
    direct = run.trajectory().direct_path(0, run.t)[0, 0]
    if total < direct:
        check.at_most(direct, total, bound=run.error(check), what="∏f, and |∂c_T/∂c_0|")
