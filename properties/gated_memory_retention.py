"""Section 10.10: what a cell keeps. It fades by its forget gates, and by nothing else."""

from __future__ import annotations

from math import ceil, exp, log, log1p

import numpy as np
from flint import arb, fmpq

from models.lstm import LSTM
from properties.checking import BALL, Check, claim, floats, formula, matrix, vector
from properties.checking.balls import VALUES, exact
from properties.checking.bounds import RunBounds
from properties.gated_memory_cases import blind_cell
from properties.gated_memory_retention_cases import (
    BiasedRun,
    InfluenceRun,
    OldStates,
    alone,
    biased_runs,
    identities,
    influence_runs,
    old_states,
    open_gates,
)
from theory import gated_memory_retention as theory

THEME = "gated_memory"
kept_over = formula(theory.forget_bias, BALL)
"""fᵀ of f and T − 1."""


@claim(
    statement=(
        "If the gates do not read the hidden state, writing δ more into the cell at step s makes "
        "c_T larger by (f_T ⊙ ··· ⊙ f_{s+1}) ⊙ δ. No logistic gate is 0, so this is never nothing; "
        "and where no f exceeds φ < 1 it is at most φ^{T−s}|δ|, so it fades all the same."
    ),
    source="Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000",
    derivation=theory.influence_persists,
    domain=influence_runs(),
    tiers=("symbolic", "enclosed"),
    assumptions={theory.OTHER: lambda run: not run.reads_hidden_state()},
    labels={
        "several cells": (0.3, lambda run: run.n > 1),
        "T = s": (0.03, lambda run: run.t == run.s),
        "T − s ≥ 4": (0.1, lambda run: run.t - run.s >= 4),
        "half of it or more is left": (0.1, lambda run: run.outlives(fmpq(1, 2))),
        "a thousandth is not left": (0.03, lambda run: not run.outlives(fmpq(1, 1000))),
    },
    witness=blind_cell(InfluenceRun, s=1, y=2),
    concerns=LSTM,
    explain=(
        "An exponential with a rate of one's own choice: that is what the forget gate buys. "
        "f = 0.99 leaves 0.99^1000 = 4.3e-5 of what was written a thousand steps ago. To keep half "
        "of it for T steps takes f ≥ 2^{−1/T}, closer to 1 the longer it is to be kept."
    ),
)
def influence_persists(run: InfluenceRun, check: Check) -> None:
    difference = run.difference(check)
    check.enclosed(
        difference.value,
        lambda: run.kept(run.s) * run.written(),
        difference.error,
        "c_T − c′_T = f_T ⊙ ··· ⊙ f_{s+1} ⊙ (c_s − c′_s)",
    )


influence_persists.without(
    theory.OTHER,
    domain=influence_runs(recurrent=True),
    why="What was written is shown to the gates, and changes what is kept and written later.",
)


@influence_persists.misread(
    "influence lasts for ever unless the forget gate closes: half is left while every f ≥ 9/10",
    source="an annotation of section 10.10",
    domain=open_gates(),
    why="A gate open by 95 % halves in 15 steps. For ever is f = 1, which σ does not reach.",
)
def for_ever(run: InfluenceRun, check: Check) -> None:
    check.below(lambda: (np.full(run.n, 0.5), run.kept(run.s)), "½; f_T ⊙ ··· ⊙ f_{s+1}")


@influence_persists.misread(
    "what is written at step s meets the forget gate of step s too",
    why="c_s = f_s⊙c_{s−1} + i_s⊙g_s: the gate of step s scales what was there before.",
)
def one_gate_too_many(run: InfluenceRun, check: Check) -> None:
    difference = run.difference(check)
    what = "c_T − c′_T = f_T ⊙ ··· ⊙ f_s ⊙ (c_s − c′_s)"
    wrong = lambda: run.kept(run.s - 1) * run.written()  # noqa: E731
    check.enclosed(difference.value, wrong, difference.error, what)


@claim(
    statement=(
        "From two old states h and h′, tanh units with the input u differ by sinh d/(cosh(d + a)"
        "cosh a), d = (W(h − h′))_i and a = (Wh′)_i + u_i: by no more than |d|, and by nothing iff "
        "d is 0. Cells holding h and h′ differ by f ⊙ (h − h′) whatever W is, given the same "
        "h_{t−1}. So what a network has of its old state is up to W, and what a cell has to f."
    ),
    source="corrects 'an RNN overwrites its state, an LSTM adds to it'",
    derivation=theory.overwrites_versus_adds,
    domain=old_states(),
    tiers=("symbolic", "enclosed", "exact"),
    labels={
        "several units": (0.4, lambda case: case.n > 1),
        "a unit overwrites": (0.2, lambda case: any(d == 0 for d in case.seen().entries())),
        "every unit keeps something": (0.3, lambda case: all(case.seen().entries())),
    },
    witness=OldStates(
        W=matrix("1"), u=vector("0"), b=vector("0 1 0 0"), h=vector("1"), h2=vector("1/2")
    ),
    concerns=LSTM,
    explain=(
        "W = 0 overwrites, and only W = 0. With W = I a network adds its inputs up as a cell does, "
        "but through a tanh, which is steep near 0 alone; linear units with W = I are a carousel. "
        "The difference is where the share that is kept comes from: W is one for all steps, and "
        "learns everything else as well; f is a gate of its own, chosen anew in each step."
    ),
)
def overwrites_versus_adds(case: OldStates, check: Check) -> None:
    if check.backend.supports(case.rnn()):
        states = case.new_states(check)
        check.enclosed(states.value, case.differences, states.error, "the network's new states")
    for i, d in enumerate(case.seen().entries()):
        if d == 0:
            check.that(case.differences()[i].is_zero(), d, case.differences()[i], "d = 0")
        else:
            check.below(case.moved_and_seen(i), "the difference of unit i, and |d|")
    cells = case.new_cells(check)
    check.enclosed(
        cells.value,
        lambda: case.forget_gates() * exact(case.h - case.h2)[:, 0],
        cells.error,
        "the new cells",
    )


NEW_STATES = "tanh(Wh + u) − tanh(Wh′ + u)"


@overwrites_versus_adds.misread(
    "a tanh network overwrites its state: from h and h′ the same inputs lead to the same new state",
    source="an annotation of section 10.10",
    why="Only if W(h − h′) = 0: of all W, 0 alone overwrites everything.",
)
def every_network_overwrites(case: OldStates, check: Check) -> None:
    states = case.new_states(check)
    what = f"{NEW_STATES}, and 0"
    check.enclosed(states.value, lambda: exact(np.zeros(case.n)), states.error, what)


@overwrites_versus_adds.misread(
    "an LSTM's cell only adds: what it held stays as it was",
    source="an annotation of section 10.10",
    why="It is scaled by f first, which lies below 1.",
)
def cells_only_add(case: OldStates, check: Check) -> None:
    cells, what = case.new_cells(check), "c_1 − c′_1 = h − h′"
    check.enclosed(cells.value, lambda: exact(case.h - case.h2)[:, 0], cells.error, what)


@overwrites_versus_adds.misread(
    "with W = I a tanh network keeps its old state whole, as a carousel with f = 1 would",
    domain=old_states(identities),
    why="A tanh shrinks every difference; only linear units with W = I keep it.",
)
def identity_keeps_all(case: OldStates, check: Check) -> None:
    states, what = case.new_states(check), f"{NEW_STATES} = h − h′"
    check.enclosed(states.value, lambda: exact(case.h - case.h2)[:, 0], states.error, what)


def least_kept(span: int) -> arb:
    """(1 − 1/T)/e, the left side of the derived conclusion."""
    m = arb(span - 1)
    return m / (m + 1) / arb(1).exp()


@claim(
    statement=(
        "A cell whose forget gate reads nothing keeps σ(b_f)^T, half of it for "
        "ln 2/ln(1 + e^{−b_f}) steps: one step for b_f = 0, 2.2 for b_f = 1. To keep 1/e, nearly, "
        "over T ≥ 2 steps takes b_f = ln(T − 1), with (1 − 1/T)/e ≤ σ(b_f)^T ≤ 1/e."
    ),
    source="Jozefowicz et al. 2015 for b_f = 1; Tallec & Ollivier 2018 for ln(T − 1)",
    derivation=theory.forget_bias,
    domain=biased_runs(),
    tiers=("symbolic", "enclosed", "exact"),
    assumptions={"the gates read nothing": lambda run: run.forgets_by_bias_alone()},
    labels={
        "several cells": (0.4, lambda run: run.n > 1),
        "T ≥ 10": (0.2, lambda run: run.t >= 10),
        "b_f ≥ 1": (0.2, lambda run: run.b[run.n, 0] >= 1),
    },
    witness=blind_cell(BiasedRun, s=0),
    concerns=LSTM,
    explain=(
        "Bias 1 is better than bias 0, and no long memory: it keeps 0.731^100 = 2.5e-14 over a "
        "hundred steps, for which ln 99 = 4.6 is due. Chrono initialisation draws b_f from "
        "ln U(1, T_max − 1) and sets b_i = −b_f."
    ),
)
def forget_bias(run: BiasedRun, check: Check) -> None:
    bound = run.bound(check.backend.unit_roundoff)
    check.enclosed(run.computed(check), run.kept, bound, "∂c_T/∂c_0 = diag(σ(b_f)^T)")
    keeps_a_share(run.t + 1, check)
    halves_in_time(floats(min(run.b[run.n, 0], fmpq(3))), check)


def keeps_a_share(span: int, check: Check) -> None:
    """With b_f = ln(T − 1), rounded, the backend keeps σ(b_f)^T; without rounding about 1/e."""
    bias = log(span - 1)
    run = alone(bias, span)
    states = check.backend.run(run.model, run.states[0], run.inputs)
    bound = RunBounds(run, check.backend.unit_roundoff).states.values[-1, 0, 1]
    check.enclosed(
        states[-1, 0, 1],
        lambda: kept_over(VALUES["logistic"](exact([bias]))[0], span - 1),
        bound,
        "what a cell with b_f = ln(T − 1) keeps",
    )
    check.below(lambda: (least_kept(span), kept_share(span)), "(1 − 1/T)/e ≤ σ(b_f)^T")
    check.below(lambda: (kept_share(span), 1 / arb(1).exp()), "σ(b_f)^T ≤ 1/e")


def kept_share(span: int) -> arb:
    """(1 − 1/T)^T."""
    return kept_over(arb(fmpq(span - 1, span)), span - 1)


def halves_in_time(bias: float, check: Check) -> None:
    """The backend's cell is down to ½ after ⌈ln 2/ln(1 + e^{−b_f})⌉ steps, and not before."""
    steps = ceil(log(2) / log1p(exp(-bias)))
    run = alone(bias, steps)
    u = check.backend.unit_roundoff
    states = check.backend.run(run.model, run.states[0], run.inputs)
    before, after = states[-2, 0, 1], states[-1, 0, 1]
    error = RunBounds(run, u).states.values[-2:, 0, 1]
    holds = before > 0.5 - error[0] and after <= 0.5 + error[1]
    check.that(holds, before, after, f"½ lies between steps {steps - 1} and {steps}")


forget_bias.without(
    "the gates read nothing",
    domain=biased_runs(reading=True),
    why="f is then another one in each step, and c_{t−1} acts through h_{t−1} as well.",
)


@forget_bias.misread(
    "a forget bias of 1 makes for long memory: half is left after 10 steps",
    source="the common advice to start with a forget bias of 1",
    domain=biased_runs(bias=fmpq(1)),
    why="σ(1) = 0.73 halves in 2.2 steps.",
)
def one_is_long(run: BiasedRun, check: Check) -> None:
    forget = VALUES["logistic"](run.forget_biases())
    check.below(lambda: (np.full(run.n, 0.5), forget**10), "½; σ(b_f)¹⁰")


@forget_bias.misread(
    "b_f = ln T keeps as much as b_f = ln(T − 1)",
    why="σ(ln T) = T/(T + 1): near for a long span, and not the rule.",
)
def one_step_off(run: BiasedRun, check: Check) -> None:
    span = run.t + 1
    what = "σ(ln T)^T = σ(ln(T − 1))^T"
    check.exact(fmpq(span, span + 1) ** span, fmpq(span - 1, span) ** span, what)
