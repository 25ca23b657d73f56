# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Add your theorem
#
# A residual unit, h_t = h_{t−1} + w·h_{t−1}, multiplies by 1 + w at every step. The claim has
# four parts: a derivation, cases, a check, and mistakes that it has to tell from the truth.

# %%
from dataclasses import dataclass

from flint import fmpq
from hypothesis import strategies as st
from sympy import Function, Symbol

from properties.checking import EXACT, Case, claim, formula, rational
from properties.checking.domains import rationals
from teaching.notebook import refute, verify
from theory.derivation import Derivation, Induction, equation

# %% [markdown]
# **The derivation.** By induction: the base and the step are assumptions, and sympy verifies that
# they give the conclusion for every t.

# %%
t = Symbol("t", integer=True, nonnegative=True)
w, h0 = Symbol("w", real=True), Symbol("h0", real=True)
h = Function("h")

residual_power = Derivation(
    name="residual_power",
    assumptions={
        "the start is h₀": equation(h(0), h0),
        "h_{t+1} = h_t + w·h_t": equation(h(t + 1), h(t) + w * h(t)),
    },
    steps=(
        Induction(
            equation(h(t), (1 + w) ** t * h0),
            "each step multiplies by 1 + w",
            variable=t,
            start=0,
            base="the start is h₀",
            step="h_{t+1} = h_t + w·h_t",
        ),
    ),
    conclusion=equation(h(t), (1 + w) ** t * h0),
    parameters=(w, t, h0),
)
print(residual_power.verify(), "step verified")
residual_power

# %% [markdown]
# **The cases.** A frozen dataclass of exact numbers, and a strategy that builds them.


# %%
@dataclass(frozen=True, repr=False)
class Residual(Case):
    w: fmpq
    h0: fmpq
    t: int

    def state(self):
        h = self.h0
        for _ in range(self.t):
            h = h + self.w * h
        return h


residuals = st.builds(Residual, rationals(), rationals(), st.integers(0, 20))

# %% [markdown]
# **The claim** compares two accounts of the same thing: steps, and the derived formula.


# %%
@claim(
    statement="h_t = h_{t−1} + w·h_{t−1} has h_t = (1 + w)ᵗh₀.",
    source="this notebook",
    derivation=residual_power,
    domain=residuals,
    tiers=("symbolic", "exact"),
    labels={"t ≥ 10": (0.2, lambda case: case.t >= 10)},
    witness=Residual(w=rational("-1/2"), h0=rational(1), t=3),
)
def residual_unit(case, check):
    check.exact(case.state(), formula(residual_power, EXACT)(case.w, case.t, case.h0))


@residual_unit.misread("the shortcut saves the gradient: |h_t| ≥ |h₀| for every w")
def shortcut_saves_it(case, check):
    check.at_most(abs(case.h0), abs(case.state()), what="|h₀| ≤ |h_t|")


residual_unit

# %%
verdict = verify(residual_unit)
assert verdict.holds, verdict
verdict

# %%
refute(residual_unit, misreading="shortcut_saves_it")

# %% [markdown]
# `claims new residual_unit --theme lecture` writes such a file for you; the tutorial shows what
# goes wrong on the way, and what it then says.
