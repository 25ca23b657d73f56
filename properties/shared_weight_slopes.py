"""A note in section 10.7: what the slopes of the units have to do with vanishing gradients."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat
from hypothesis import strategies as st

from models.rnn import RNN
from properties.checking import (
    EXACT,
    Case,
    Check,
    claim,
    column_floats,
    floats,
    formula,
    matrix,
    vector,
)
from properties.checking.bounds import RunBounds
from properties.checking.domains import dyadics, fixed_lists, rectangles, times, vectors
from properties.checking.exact import held, held_matrix
from properties.checking.norms import (
    spectral_norm_above,
    spectral_norm_at_most,
    spectral_norm_below,
)
from properties.checking.transport import OWN_ROUNDING
from theory import shared_weight as theory
from theory.formula import Algebra

THEME = "shared_weight"


@dataclass(frozen=True, repr=False)
class Run(Case):
    """h_t = φ(Wh_{t−1} + b) for t steps, a network of n units; the Jacobian is ∂h_t/∂h_0."""

    activation: str
    W: fmpq_mat
    b: fmpq_mat
    h0: fmpq_mat
    t: int

    @property
    def n(self) -> int:
        return self.W.nrows()

    def terms(self) -> dict[str, Any]:
        slope = {"logistic": "h_{} ⊙ (1 − h_{})", "tanh": "1 − h_{}²", "relu": "sgn(h_{})"}
        φ = {"logistic": "σ", "identity": "", "relu": "relu", "tanh": "tanh"}[self.activation]
        terms: dict[str, Any] = {"σ₁": "‖W‖₂"}
        for k in range(1, self.t + 1):
            terms[f"h_{k}"] = f"{φ}(Wh_{k - 1} + b)"
            inside = slope.get(self.activation, "1").replace("{}", str(k))
            terms[f"D_{k}"] = f"diag({inside})"
        linear = self.activation == "identity"
        factors = ["W" if linear else f"D_{k}W" for k in range(self.t, 0, -1)]
        return terms | {"∂h_t/∂h_0": "".join(factors)}

    def models(self) -> tuple[RNN]:
        no_inputs = np.zeros((self.n, 0))
        return (RNN(floats(self.W), no_inputs, column_floats(self.b), self.activation),)

    def jacobian(self, check: Check) -> tuple[np.ndarray, np.ndarray]:
        """∂h_t/∂h_0 (n, n) by the backend, and how far it may lie from the exact one."""
        (model,), start, inputs = self.models(), floats(self.h0).T, np.zeros((self.t, 1, 0))
        bounds = RunBounds(model.run(start, inputs), check.backend.unit_roundoff)
        return check.backend.jacobian(model, start, inputs)[0], bounds.jacobian(0, self.t).values[0]

    def is_steepest(self) -> bool:
        """Whether every logistic unit stays at 1/2, where its slope is 1/4."""
        half = vector([fmpq(1, 2)] * self.n)
        logistic = self.activation == "logistic"
        return logistic and self.h0 == half and self.W * half == -self.b


@st.composite
def stretched_permutations(draw: Any, n: int, scales: Any) -> fmpq_mat:
    """A number times a matrix with one ±1 in each row and column: σ₁ is that number."""
    places, scale = draw(st.permutations(range(n))), draw(scales)
    signs = draw(fixed_lists(st.sampled_from((1, -1)), n))
    return fmpq_mat([[signs[i] * scale * (places[i] == j) for j in range(n)] for i in range(n)])


@st.composite
def runs(draw: Any, activation: str = "logistic", scales: Any = None, longest: int = 60) -> Run:
    """1 to 3 units, σ₁ < 4 unless `scales` are given; half of the biases hold the units at 1/2."""
    n = draw(st.integers(1, 3))
    if scales is None:
        below_four = stretched_permutations(n, st.builds(fmpq, st.integers(1, 63), st.just(16)))
        dense = rectangles(n, n, dyadics(10, (8, 16)))
        W = draw(st.one_of(below_four, dense))
    else:
        W = draw(stretched_permutations(n, scales))
    half = vector([fmpq(1, 2)] * n)
    off = draw(st.booleans())
    b, h0 = -1 * (W * half), half
    if off:
        b, h0 = b + draw(vectors(n, dyadics(2, (1, 2)))), h0 + draw(vectors(n, dyadics(2, (1, 2))))
    return Run(activation, W, b, h0, draw(times(longest)))


KNOWN = "∂h_t/∂h_0 where it is known: Wᵗ without a sigmoid, (W/4)ᵗ if all slopes are 1/4"

CERTIFIED = Algebra(
    "exact rationals, with a float just above ‖W‖₂ as the norm of a float array",
    {
        **EXACT.operations,
        "norm": lambda W: held(spectral_norm_above(W)),
        "rows": len,
        "transpose": np.transpose,
    },
)


@claim(
    statement=(
        "Without any sigmoid h_t = Wh_{t−1} has ∂h_t/∂h_0 = Wᵗ, which vanishes and explodes; with "
        "the logistic function ‖∂h_t/∂h_0‖₂ ≤ (σ₁/4)ᵗ, which vanishes for every σ₁ < 4. So the "
        "sigmoid is not the cause, but its slope of at most 1/4 pulls towards vanishing."
    ),
    source="a note in the section: the cause is not the sigmoid; the slope bound is Pascanu's γ",
    derivation=theory.not_the_sigmoid,
    domain=runs(),
    tiers=("symbolic", "exact", "float"),
    assumptions={
        theory.LOGISTIC: lambda run: run.activation == "logistic",
        "σ₁ < 4": lambda run: spectral_norm_below(run.W, fmpq(4)),
    },
    labels={
        "steepest: every slope is 1/4": (0.2, lambda run: run.is_steepest()),
        "σ₁ > 1": (0.2, lambda run: not spectral_norm_below(run.W, fmpq(1))),
        "several units": (0.3, lambda run: run.n > 1),
        "t ≥ 10": (0.1, lambda run: run.t >= 10),
    },
    witness=Run(activation="logistic", W=matrix("2"), b=vector("-1"), h0=vector("1/2"), t=5),
    concerns=RNN,
    explain=(
        "An identity network with the same W has the Jacobian Wᵗ and so shows both effects, while "
        "the logistic one can only vanish below σ₁ = 4. A ReLU is the identity wherever it is "
        "active: in a chain with one positive weight it is active always, and nothing is cured."
    ),
)
def not_the_sigmoid(run: Run, check: Check) -> None:
    jacobian, error = run.jacobian(check)
    limit = min(formula(theory.not_the_sigmoid, CERTIFIED)(floats(run.W), run.t), fmpq(1))
    # A float Jacobian off by E in all is off by ‖E‖_F in norm, at most.
    within = limit + held(np.linalg.norm(error) * OWN_ROUNDING)
    small = spectral_norm_at_most(held_matrix(jacobian), within)
    check.that(small, jacobian, floats(within), "‖∂h_t/∂h_0‖₂ ≤ min((σ₁/4)ᵗ, 1)")
    if run.is_steepest():
        steepest = (run.W * fmpq(1, 4)) ** run.t
        check.close(jacobian, steepest, error, KNOWN)
    linear, error = replace(run, activation="identity").jacobian(check)
    check.close(linear, run.W**run.t, error, KNOWN)


not_the_sigmoid.without(
    theory.LOGISTIC,
    domain=runs("tanh", longest=5),
    why="tanh has the slope 1 at 0: it vanishes for σ₁ < 1 only.",
)
not_the_sigmoid.without(
    "σ₁ < 4",
    domain=runs(scales=st.integers(4, 8).map(fmpq), longest=5),
    why="At 1/2 the slope is 1/4, and a weight of 8 turns it into a factor of 2 at each step.",
)


def neither(run: Run, check: Check) -> None:
    """Check that an entry of ∂h_t/∂h_0 of a single unit lies between 1/10 and 10."""
    jacobian, error = run.jacobian(check)
    slack = error + check.backend.unit_roundoff
    check.at_most(jacobian, 10.0, slack, "∂h_t/∂h_0 ≤ 10")
    check.at_most(0.1, jacobian, slack, "1/10 ≤ ∂h_t/∂h_0")


def positive_chains(activation: str) -> Any:
    """One unit without bias, a shared weight w > 0, from h₀ = 1."""
    weights = st.builds(fmpq, st.integers(1, 16), st.sampled_from((8, 4, 16)))
    return st.builds(
        lambda w, t: Run(activation, matrix([[w]]), vector("0"), vector("1"), t), weights, times(60)
    )


@not_the_sigmoid.misread(
    "with ReLU units the gradient neither vanishes nor explodes",
    source="a note in the section: sigmoid units replaced by ReLU would solve it",
    domain=positive_chains("relu"),
    why="With one weight w > 0 and a positive start every ReLU is active: the gradient is wᵗ.",
)
def relu_cures_it(run: Run, check: Check) -> None:
    neither(run, check)


@not_the_sigmoid.misread(
    "without a sigmoid the gradient neither vanishes nor explodes",
    domain=positive_chains("identity"),
    why="A linear chain has the gradient wᵗ.",
)
def sigmoid_is_the_cause(run: Run, check: Check) -> None:
    neither(run, check)
