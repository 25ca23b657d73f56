"""Section 10.8: when a reservoir forgets where it started, and what its spectral radius says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, fmpq, fmpq_mat
from hypothesis import strategies as st

from models.rnn import RNN
from properties.checking import (
    BALL,
    Case,
    Check,
    claim,
    floats,
    matrix,
    rational,
    vector,
)
from properties.checking.bounds import RunBounds
from properties.checking.domains import dyadics, matrices, small_integers, vectors
from properties.checking.exact import column_floats
from properties.checking.norms import spectral_norm_at_most
from properties.checking.references import reference
from properties.vanishing_cases import triangular
from theory import remedies as theory
from theory.formula import callable_form

THEME = "remedies"

approached = callable_form((theory.η, theory.t, theory.apart_at_first), theory.approached, BALL)


@dataclass(frozen=True, repr=False)
class TwoStarts(Case):
    """h_t = tanh(Wh_{t−1} + u_t) from a_0 under the inputs x, and from b_0 under y."""

    W: fmpq_mat
    η: fmpq
    a0: fmpq_mat
    b0: fmpq_mat
    x: tuple[fmpq_mat, ...]
    y: tuple[fmpq_mat, ...]

    @property
    def n(self) -> int:
        return self.W.nrows()

    @property
    def t(self) -> int:
        return len(self.x)

    def models(self) -> tuple[RNN]:
        return (RNN(W=floats(self.W), U=np.eye(self.n), b=np.zeros(self.n)),)

    def starts(self) -> np.ndarray:
        """(2, n)."""
        return np.stack([column_floats(self.a0), column_floats(self.b0)])

    def inputs(self) -> np.ndarray:
        """(T, 2, n)."""
        pairs = zip(self.x, self.y, strict=True)
        return np.array([[column_floats(u) for u in pair] for pair in pairs])

    def trajectory(self) -> Any:
        """Of both runs, as a batch, by this project's own model."""
        return self.models()[0].run(self.starts(), self.inputs())

    def squared_distances(self) -> tuple[Any, Any]:
        """‖a_0 − b_0‖₂² and ‖a_t − b_t‖₂² as balls, at the precision of the moment."""
        a, b = (reference(self.trajectory(), run).states for run in range(2))
        apart = a - b
        first, last = (sum((x * x for x in apart[k]), arb(0)) for k in (0, -1))
        return first, last

    def shown(self) -> dict[str, Any]:
        first, last = (float(squared) for squared in self.squared_distances())
        return {"‖a_0 − b_0‖": first**0.5, "‖a_t − b_t‖": abs(last) ** 0.5}

    def terms(self) -> dict[str, Any]:
        terms: dict[str, Any] = {"t": fmpq(self.t)}
        inputs = {"x": self.x, "y": self.y}
        for run, u in ("ax", "by"):
            terms |= {f"{u}_{k}": value for k, value in enumerate(inputs[u], 1)}
            for k in range(1, self.t + 1):
                terms[f"{run}_{k}"] = f"tanh(W{run}_{k - 1} + {u}_{k})"
        return terms | {"‖a_t − b_t‖": f"‖a_{self.t} − b_{self.t}‖"}


eighths = dyadics(4, (8,))
states, loud = dyadics(2, (1, 2)), small_integers(2)


def norm_bound(W: fmpq_mat) -> fmpq:
    """The least multiple of 1/16, from the first on, that ‖W‖₂ does not exceed."""
    sixteenths = max(1, int(16 * np.linalg.norm(floats(W), 2)) - 1)
    while not spectral_norm_at_most(W, fmpq(sixteenths, 16)):
        sixteenths += 1
    return fmpq(sixteenths, 16)


def eigenvalue_bound(W: fmpq_mat) -> fmpq:
    """The spectral radius of a triangular W, or 1/4 if it is less."""
    return max(fmpq(1, 4), *(abs(W[i, i]) for i in range(W.nrows())))


@st.composite
def two_starts(
    draw: Any,
    W: Any = lambda n: matrices(n, eighths),
    bound: Any = norm_bound,
    fewest: int = 1,
    longest: int = 8,
    same_inputs: bool = True,
) -> TwoStarts:
    """`fewest` to 3 units and 1 to `longest` steps; η is what `bound` makes of W."""
    n, t = draw(st.integers(fewest, 3)), draw(st.integers(1, longest))
    weight, a0, b0 = draw(W(n)), draw(vectors(n, states)), draw(vectors(n, states))
    # Two runs that start together stay together: nothing is to be seen of them.
    a0[0, 0] += int(a0 == b0)
    x = tuple(draw(vectors(n, loud)) for _ in range(t))
    y = x if same_inputs else tuple(draw(vectors(n, loud)) for _ in range(t))
    return TwoStarts(weight, bound(weight), a0, b0, x, y)


SAME_INPUTS, NORM = "both runs have the same inputs", "‖W‖₂ ≤ η"


@claim(
    statement=(
        "Two runs of h_t = tanh(Wh_{t−1} + u_t) under the same inputs approach, ‖a_t − b_t‖₂ ≤ "
        "ηᵗ‖a_0 − b_0‖₂, if ‖W‖₂ ≤ η. So with ‖W‖₂ < 1 the state is an echo of the inputs alone."
    ),
    source="Jaeger 2001, The echo state approach, proposition 3",
    derivation=theory.echo_state,
    domain=two_starts(),
    tiers=("symbolic", "exact", "enclosed"),
    assumptions={
        SAME_INPUTS: lambda runs: runs.x == runs.y,
        NORM: lambda runs: spectral_norm_at_most(runs.W, runs.η),
    },
    labels={
        "it forgets: η < 1": (0.3, lambda runs: runs.η < 1),
        "several units": (0.4, lambda runs: runs.n > 1),
        "t ≥ 4": (0.2, lambda runs: runs.t >= 4),
    },
    witness=TwoStarts(
        W=matrix("1/2 1/4; -1/4 1/2"),
        η=rational("5/8"),
        a0=vector("1 0"),
        b0=vector("-1 1/2"),
        x=(vector("1 -1"), vector("0 2")),
        y=(vector("1 -1"), vector("0 2")),
    ),
    concerns=RNN,
    explain=(
        "Reservoirs are often said to need a spectral radius below one. That is neither enough nor "
        "needed: eigenvalues see no single step, and with tanh each step multiplies by another "
        "matrix, D_tW. The largest singular value is enough, in every step and for all inputs."
    ),
)
def echo_state(runs: TwoStarts, check: Check) -> None:
    trajectory = runs.trajectory()
    bound = RunBounds(trajectory, check.backend.unit_roundoff).states.values
    check.enclosed(
        check.backend.run(runs.models()[0], runs.starts(), runs.inputs()),
        lambda: np.stack([reference(trajectory, run).states for run in range(2)], axis=1),
        bound,
        "the two runs",
    )

    def sides() -> tuple[Any, Any]:
        first, last = runs.squared_distances()
        return last, approached(arb(runs.η), runs.t, first.sqrt()) ** 2

    check.below(sides, "‖a_t − b_t‖² < (ηᵗ‖a_0 − b_0‖)²")


echo_state.without(
    SAME_INPUTS,
    domain=two_starts(same_inputs=False),
    why="An echo of other inputs is another state.",
)
echo_state.without(
    NORM,
    domain=two_starts(triangular, eigenvalue_bound, fewest=2),
    why="The spectral radius in place of ‖W‖₂ bounds no single step: [[0, 2], [0, 0]] has ρ = 0.",
)


@echo_state.misread(
    "ρ(W) < 1 makes every step a contraction",
    source="section 10.8, as it is often read",
    domain=two_starts(triangular, eigenvalue_bound, fewest=2, longest=1),
    why="[[0, 2], [0, 0]] has no eigenvalue but 0, and first nearly doubles a small second entry.",
)
def spectral_radius_contracts(runs: TwoStarts, check: Check) -> None:
    check.below(lambda: runs.squared_distances()[::-1], "‖a_t − b_t‖² < ‖a_0 − b_0‖²")


@dataclass(frozen=True, repr=False)
class Held(Case):
    """One input u for t steps, and two runs that start from a_0 and −a_0."""

    W: fmpq_mat
    a0: fmpq_mat
    u: fmpq_mat
    t: int

    def terms(self) -> dict[str, Any]:
        terms: dict[str, Any] = {"b_0": "−a_0"}
        for k in range(1, self.t + 1):
            terms |= {f"{run}_{k}": f"tanh(W{run}_{k - 1} + u)" for run in "ab"}
        return terms | {"‖a_t − b_t‖": f"‖a_{self.t} − b_{self.t}‖"}

    def squared_distances(self) -> tuple[Any, Any]:
        """‖a_0 − b_0‖₂² and ‖a_t − b_t‖₂²."""
        inputs = (self.u,) * self.t
        runs = TwoStarts(self.W, fmpq(1), self.a0, -1 * self.a0, inputs, inputs)
        return runs.squared_distances()


@st.composite
def held_inputs(draw: Any, weights: Any) -> Held:
    """40 steps: what is left of a difference then will stay."""
    W = draw(weights)
    start = fmpq_mat(W.nrows(), 1, [(-1) ** i for i in range(W.nrows())])
    return Held(W, start, draw(vectors(W.nrows(), small_integers(6))), 40)


nilpotent = st.integers(1, 4).map(lambda k: fmpq_mat([[k, -k], [k, -k]]))
steep = st.integers(2, 4).map(lambda w: fmpq_mat([[w]]))


@echo_state.misread(
    "ρ(W) < 1 is enough for the start to be forgotten in the end: after 40 steps under one input "
    "two runs are nearer than half as far apart as at first",
    source="section 10.8, as it is often read; Jaeger 2001 warns of it",
    domain=held_inputs(nilpotent),
    why="[[2, −2], [2, −2]] is nilpotent. An input that saturates the second unit leaves the first "
    "with its own weight 2, and that is a latch.",
)
def spectral_radius_forgets(held: Held, check: Check) -> None:
    def sides() -> tuple[Any, Any]:
        first, last = held.squared_distances()
        return last, first / 4

    check.below(sides, "‖a_t − b_t‖² < ‖a_0 − b_0‖²/4")


@echo_state.misread(
    "ρ(W) > 1 rules echo states out: two runs under one input stay as far apart as they were, or "
    "half as far",
    domain=held_inputs(steep),
    why="A strong input saturates the unit, and its slope makes up for any weight.",
)
def large_radius_remembers(held: Held, check: Check) -> None:
    def sides() -> tuple[Any, Any]:
        first, last = held.squared_distances()
        return first / 4, last

    check.below(sides, "‖a_0 − b_0‖²/4 < ‖a_t − b_t‖²")
