"""Forget gates at the start of training, with the weights that torch draws by default."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import log, sqrt
from typing import Any

import numpy as np
from hypothesis import strategies as st

from models.lstm import LSTM, LSTMTrajectory
from properties.checking import Case, Check, claim
from properties.checking.balls import exact
from properties.checking.rounding import ACTIVATION_ERROR, FLOAT64, Floats, gamma

THEME = "gated_memory"
CELLS = 16_384
"""Cells in all the networks of a case: enough to tell a triangular law from a uniform one."""


@dataclass(frozen=True, repr=False)
class InitialLSTMs(Case):
    """Networks of N cells with fresh weights, b_f more in their forget gates, over T steps.

    Weights are uniform on ±1/√N; so is each of the `biases` that are added up, of which torch has
    two. x_1 = 0, the other inputs are uniform on [−1, 1]; h_0 = c_0 = 0.
    """

    cells: int
    bias: float
    steps: int
    seed: int
    biases: int = 2

    @property
    def scale(self) -> float:
        """1/√N."""
        return 1 / sqrt(self.cells)

    @cached_property
    def run(self) -> LSTMTrajectory:
        """All networks at once, each with weights of its own."""
        draw, n, batch = np.random.default_rng(self.seed), self.cells, CELLS // self.cells

        def weights(*shape: int) -> Floats:
            return draw.uniform(-self.scale, self.scale, shape)

        b = sum(weights(batch, 4 * n) for _ in range(self.biases))
        b[:, n : 2 * n] += self.bias
        x = draw.uniform(-1, 1, (self.steps, batch, 1))
        x[0] = 0
        model = LSTM(weights(batch, 4 * n, n), weights(batch, 4 * n, 1), b)
        trajectory: LSTMTrajectory = model.run(np.zeros((batch, 2 * n)), x)
        return trajectory

    def first_gates(self) -> Floats:
        """f_1 of every cell: of independent ones, for h_0 = 0 and x_1 = 0."""
        return np.asarray(self.run.gates.f[0].ravel())

    def law(self) -> tuple[Floats, Floats]:
        """F(ξ) of ξ = logit f_1 − b_f, F being triangular on ±2/√N, and how far it may be off.

        f_1 is off by eight ulps, the model's b by one of b_f + ξ, the logarithm by four of itself;
        F rises by 1/(2/√N) at most.
        """
        f = self.first_gates()
        logits = np.log(f / (1 - f))
        off = ACTIVATION_ERROR / (1 - f) + 2 * np.abs(logits) + 4 * np.abs(logits) + 8
        z = np.clip((logits - self.bias) / (2 * self.scale), -1, 1)
        below = (1 + z) ** 2 / 2
        return np.where(z < 0, below, 1 - (1 - z) ** 2 / 2), off * FLOAT64 / (2 * self.scale)

    def reach(self) -> Floats:
        """(‖x_t‖₁ + ‖h_{t−1}‖₁ + 2)/√N, the largest over t, which no ξ exceeds, (B, 1)."""
        read = np.abs(self.run.inputs).sum(-1) + np.abs(self.run.h[:-1]).sum(-1)
        return np.asarray((read.max(axis=0)[:, None] + 2) * self.scale)

    def kept(self) -> Floats:
        """∏ f_t of every cell, (B, N)."""
        return self.run.direct_path(0, self.steps)

    def within(self) -> bool:
        """Whether every cell keeps between σ(b_f − r)ᵀ and σ(b_f + r)ᵀ, but for rounding.

        Each gate is off by what a sum of N + 4 products and eight ulps make of it, relative to it.
        """
        r, T = self.reach(), self.steps
        gate = 2 * ACTIVATION_ERROR * FLOAT64 + 2 * gamma(self.cells + 6, FLOAT64) * (
            abs(self.bias) + r
        )
        slack = 2 * T * gate
        low, high = (T * -np.log1p(np.exp(-self.bias - sign * r)) for sign in (-1, 1))
        logs = np.log(self.kept())
        return bool(np.all((low - slack <= logs) & (logs <= high + slack)))


@st.composite
def initial_lstms(
    draw: Any, biases: int = 2, bias: float | None = None, steps: int | None = None
) -> InitialLSTMs:
    """4, 16 or 64 cells, b_f = 0, 1 or ln(T − 1), 2 to 20 steps."""
    T = steps or draw(st.integers(2, 20))
    drawn = draw(st.sampled_from([0.0, 1.0, log(T - 1)])) if bias is None else bias
    seed = draw(st.integers(0, 2**32 - 1))
    return InitialLSTMs(draw(st.sampled_from([4, 16, 64])), drawn, T, seed, biases)


@claim(
    statement=(
        "torch draws every weight of an LSTM from U(−1/√N, 1/√N). With b_f added, a forget gate is "
        "then σ(b_f + ξ_t) with |ξ_t| ≤ r = max (‖x_t‖₁ + ‖h_{t−1}‖₁ + 2)/√N, and the direct path "
        "keeps between σ(b_f − r)^T and σ(b_f + r)^T. While h and x are 0, ξ is the sum of two "
        "biases and has the triangular law on ±2/√N."
    ),
    source="torch.nn.LSTM's default initialisation; Tallec & Ollivier 2018 for ln(T − 1)",
    derivation=(
        "none of its own: σ increases, each weight is at most 1/√N in magnitude, and the density "
        "of a sum of two uniform variables is the triangle"
    ),
    domain=initial_lstms(),
    tiers=("statistical", "exact"),
    assumptions={"two biases are added up": lambda case: case.biases == 2},
    labels={
        "N ≥ 16": (0.3, lambda case: case.cells >= 16),
        "b_f = 0": (0.1, lambda case: case.bias == 0),
        "b_f = ln(T − 1) > 1": (0.1, lambda case: case.bias > 1),
    },
    witness=InitialLSTMs(cells=16, bias=1.0, steps=10, seed=0),
    examples=20,
    explain=(
        "So by default a cell begins by forgetting half in every step, give or take what 2/√N does "
        "to the gate. b_f = ln(T − 1) outweighs that: it keeps about 1/e over T steps from the "
        "start. In torch the two bias vectors add up, so that setting both to 1 makes b_f = 2."
    ),
)
def default_forget_gates(case: InitialLSTMs, check: Check) -> None:
    law, errors = case.law()
    check.uniform(law, "F(ξ) of the first forget gates", errors=errors)
    check.that(case.within(), case.kept().min(), case.kept().max(), "σ(b_f ∓ r)^T around ∏f")


default_forget_gates.without(
    "two biases are added up",
    domain=initial_lstms(biases=1),
    examples=100,
    why="With one bias vector the law is that of one uniform variable, and half as wide.",
)


@default_forget_gates.misread(
    "with b_f = 0 every forget gate starts at one half",
    domain=initial_lstms(bias=0.0),
    examples=100,
    why="It starts near it, at σ(ξ); the fewer cells, the farther.",
)
def all_at_one_half(case: InitialLSTMs, check: Check) -> None:
    f = case.first_gates()[:1]
    half = exact(np.full(1, 0.5))
    check.close(f, half, ACTIVATION_ERROR * FLOAT64, "the first forget gate σ(ξ); ½")


@default_forget_gates.misread(
    "torch's default remembers: half of all cells keep a tenth over ten steps",
    domain=initial_lstms(bias=0.0, steps=10),
    examples=100,
    why="They keep about 2^{−10}, a thousandth.",
)
def remembers_by_default(case: InitialLSTMs, check: Check) -> None:
    # The gates read the first input after one step, so that cells of one network are dependent:
    # one cell of each network is counted.
    kept = case.kept()[:, 0]
    check.proportion(int(np.sum(kept >= 0.1)), kept.size, "cells that keep a tenth", least=0.5)
