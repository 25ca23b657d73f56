"""Section 10.7: along each eigenvector of W a component grows, vanishes or is kept by itself."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from flint import fmpq, fmpq_mat
from hypothesis import strategies as st

from properties.checking import EXACT, Check, claim, formula, matrix, rational, vector
from properties.checking.domains import orthogonal_matrices, spectra, times, vectors
from properties.checking.exact import sign, squared_length
from properties.linear_recurrence_cases import Recurrence, SchurSystem, SpectralSystem
from properties.linear_recurrence_domains import (
    decaying,
    diagonalisable_systems,
    nonzero_vectors,
    signs,
    small_linear_systems,
    triangular_systems,
)
from theory import linear_recurrence

THEME = "linear_recurrence"


@dataclass(frozen=True, repr=False)
class EigenSystem(Recurrence):
    """h_t = Wᵀh_{t−1} with one eigenvector, Wq = λq; and h₀, t."""

    w: fmpq_mat
    q: fmpq_mat
    eigenvalue: fmpq
    h0: fmpq_mat
    t: int

    symbols = MappingProxyType({"w": "W", "eigenvalue": "λ"})

    def component(self, steps: int) -> fmpq:
        """qᵀh_t for t = steps."""
        return (self.q.transpose() * self.iterate(steps))[0, 0]

    def has_eigenvector(self) -> bool:
        return any(self.q.entries()) and self.w * self.q == self.q * self.eigenvalue

    def overlapping(self) -> EigenSystem:
        """The same, with q added to h₀ if they are orthogonal."""
        if self.component(0) != 0:
            return self
        return EigenSystem(self.w, self.q, self.eigenvalue, self.h0 + self.q, self.t)


@st.composite
def eigen_systems(draw: Any, largest: int = 8) -> EigenSystem:
    """One eigenvector of a diagonalisable W."""
    system = draw(diagonalisable_systems(largest))
    i = draw(st.integers(0, system.n - 1))
    q = fmpq_mat([[row[i]] for row in system.v.tolist()])
    return EigenSystem(system.w, q, system.eigenvalues[i, 0], system.h0, system.t)


@st.composite
def unrelated_systems(draw: Any) -> EigenSystem:
    """Any W, any q ≠ 0, and in place of an eigenvalue the nearest to one: qᵀWq/qᵀq."""
    system = draw(small_linear_systems(3))
    q = draw(nonzero_vectors(system.n))
    quotient = (q.transpose() * system.w * q)[0, 0] / squared_length(q)
    return EigenSystem(system.w, q, quotient, system.h0, system.t).overlapping()


@st.composite
def orthogonal_starts(draw: Any) -> EigenSystem:
    """h₀ ≠ 0 across an eigenvector q of a symmetric W."""
    n = draw(st.integers(2, 4))
    basis, start = draw(orthogonal_matrices(n)), draw(vectors(n))
    start[0, 0], start[1, 0] = 0, abs(start[1, 0]) + 1
    system = SpectralSystem(basis, draw(vectors(n)), basis * start, draw(times()))
    q = fmpq_mat([[row[0]] for row in basis.tolist()])
    return EigenSystem(system.w, q, system.eigenvalues[0, 0], system.h0, system.t)


@claim(
    statement=(
        "If Wq = λq, then qᵀh_t = λᵗqᵀh₀: a component that is not zero decays iff |λ| < 1, keeps "
        "its size iff |λ| = 1 and grows iff |λ| > 1. For a symmetric W these are the coordinates "
        "of h_t in its eigenvectors."
    ),
    source="Goodfellow, Bengio & Courville 2016, section 10.7, after eq. 10.39",
    derivation=linear_recurrence.eigencomponents,
    domain=eigen_systems().map(EigenSystem.overlapping),
    tiers=("symbolic", "exact"),
    assumptions={
        "q is an eigenvector of W": lambda system: system.has_eigenvector(),
        "h₀ has a component along q": lambda system: system.component(0) != 0,
    },
    labels={
        "decays": (0.2, lambda system: abs(system.eigenvalue) < 1),
        "is kept": (0.05, lambda system: abs(system.eigenvalue) == 1),
        "grows": (0.2, lambda system: abs(system.eigenvalue) > 1),
        "changes its sign": (0.1, lambda system: system.eigenvalue < 0),
        "W is not symmetric": (0.3, lambda system: system.w != system.w.transpose()),
        "t ≥ 100": (0.05, lambda system: system.t >= 100),
    },
    witness=EigenSystem(
        w=matrix("2 0; 0 1/2"), q=vector("0 1"), eigenvalue=rational("1/2"), h0=vector("1 1"), t=3
    ),
)
def eigencomponents(system: EigenSystem, check: Check) -> None:
    derived = formula(linear_recurrence.eigencomponents, EXACT)
    before, now, after = (system.component(steps) for steps in (0, system.t, system.t + 1))
    truth = derived(system.q, system.eigenvalue, system.t, system.h0)
    check.exact(now, truth[0, 0], "qᵀh_t = λᵗqᵀh₀")
    growth = sign(abs(after) - abs(before))
    what = "sgn(|qᵀh_{t+1}| − |qᵀh₀|) = sgn(|λ| − 1)"
    check.exact(growth, sign(abs(system.eigenvalue) - 1), what)


eigencomponents.without(
    "q is an eigenvector of W",
    domain=unrelated_systems(),
    why="Only along an eigenvector is W a number.",
)
eigencomponents.without(
    "h₀ has a component along q",
    domain=orthogonal_starts(),
    why="Zero stays zero under every λ: nothing decays and nothing grows.",
)


@st.composite
def expanding_systems(draw: Any) -> SpectralSystem:
    """Symmetric W of sizes 1 to 3 with an eigenvalue of modulus 2 or 3, h₀ ≠ 0 and t ≥ 1."""
    n = draw(st.integers(1, 3))
    q, eigenvalues, start = draw(orthogonal_matrices(n)), draw(spectra(n)), draw(nonzero_vectors(n))
    eigenvalues[0, 0] = draw(st.sampled_from((2, 3))) * draw(signs)
    return SpectralSystem(q, eigenvalues, start, draw(st.integers(1, 20)))


@eigencomponents.misread(
    "if ρ(W) > 1, then every h₀ ≠ 0 explodes",
    domain=expanding_systems(),
    why="A start orthogonal to all growing eigenvectors never meets their eigenvalues.",
)
def every_start_explodes(system: SpectralSystem, check: Check) -> None:
    growing = [
        component
        for component, eigenvalue in zip(
            system.components(), system.eigenvalues.entries(), strict=True
        )
        if abs(eigenvalue) > 1
    ]
    lengths = [squared_length(system.iterate(steps)) for steps in (0, system.t)]
    what = "some q_iᵀh₀ with |λ_i| > 1 is not 0, and h_t grows: ‖h₀‖², and ‖h_t‖²"
    check.that(any(growing), lengths[0], lengths[1], what)


@eigencomponents.misread(
    "if every |λ| < 1, then ‖h_t‖ never exceeds ‖h₀‖",
    domain=triangular_systems(decaying),
    why="That is true of normal matrices; otherwise the components are no right angles apart.",
)
def decays_monotonically(system: SchurSystem, check: Check) -> None:
    check.at_most(
        squared_length(system.iterate()), squared_length(system.h0), what="‖h_t‖² ≤ ‖h₀‖²"
    )


@eigencomponents.misread(
    "if qᵀW = λqᵀ, then qᵀh_t = λᵗqᵀh₀",
    domain=eigen_systems(largest=3).map(
        lambda s: EigenSystem(s.w.transpose(), s.q, s.eigenvalue, s.h0, s.t)
    ),
    why="h_t = Wᵀh_{t−1} makes the eigenvectors of W read off what those of Wᵀ span.",
)
def left_eigenvector(system: EigenSystem, check: Check) -> None:
    truth = system.eigenvalue**system.t * system.component(0)
    check.exact(system.component(system.t), truth, "qᵀh_t = λᵗqᵀh₀")
