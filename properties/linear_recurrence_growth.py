"""Section 10.7: what grows, what vanishes and what is kept when W is applied again and again."""

from __future__ import annotations

from dataclasses import dataclass
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
    dominated_systems,
    nonzero_vectors,
    normal_systems,
    signs,
    small_linear_systems,
    triangular_systems,
)
from theory import linear_recurrence
from theory import linear_recurrence_growth as theory
from theory.formula import callable_form

THEME = "linear_recurrence"


@dataclass(frozen=True, repr=False)
class EigenSystem(Recurrence):
    """h_t = Wᵀh_{t−1} with one eigenvector, Wq = λq; and h₀, t."""

    w: fmpq_mat
    q: fmpq_mat
    eigenvalue: fmpq
    h0: fmpq_mat
    t: int

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
    check.exact(
        growth, sign(abs(system.eigenvalue) - 1), "sign of |qᵀh_{t+1}| − |qᵀh₀|; of |λ| − 1"
    )


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
    check.that(
        any(growing), lengths[0], lengths[1], "‖h₀‖² and ‖h_t‖²: some q_iᵀh₀, |λ_i| > 1, is ≠ 0"
    )


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
    check.exact(system.component(system.t), system.eigenvalue**system.t * system.component(0))


def _is_dominated(system: SchurSystem) -> bool:
    """Whether the last eigenvalue on T's diagonal exceeds all others in modulus."""
    *others, dominant = system.moduli()
    return dominant > max(others, default=fmpq(0))


def _falls(now: tuple[fmpq, fmpq], after: tuple[fmpq, fmpq]) -> bool:
    """Whether (across)²/(along)² becomes less, or is zero, or there is no direction left."""
    return now[0] == 0 or not any(after) or after[0] * now[1] < now[0] * after[1]


derived_rate = callable_form((theory.λ, theory.t), theory.rate, EXACT)
DOMINANT = "one eigenvalue is the largest in modulus"


@claim(
    statement=(
        "If W is normal, |λ₁| > |λ_k| for all other k and q₁ᵀh₀ ≠ 0, then the angle θ_t between "
        "h_t and ±q₁ falls at every step and tan θ_t ≤ |λ₂/λ₁|ᵗ tan θ₀."
    ),
    source="Goodfellow, Bengio & Courville 2016, section 10.7: all else is eventually discarded",
    derivation=theory.dominant_direction,
    domain=dominated_systems(),
    tiers=("symbolic", "exact"),
    assumptions={
        theory.NORMAL: lambda system: system.is_normal(),
        DOMINANT: _is_dominated,
        theory.OVERLAP: lambda system: system.tangent_squared(0)[1] != 0,
    },
    labels={
        "rotations among the others": (0.2, lambda system: system.has_rotation()),
        "a close race, |λ₂/λ₁| ≥ 9/10": (
            0.1,
            lambda system: (
                system.n > 1 and 10 * max(system.moduli()[:-1]) >= 9 * system.moduli()[-1]
            ),
        ),
        "everything decays": (0.05, lambda system: system.moduli()[-1] < 1),
        "t ≥ 100": (0.05, lambda system: system.t >= 100),
    },
    witness=SchurSystem(q=matrix("1 0; 0 1"), schur=matrix("3/2 0; 0 2"), h0=vector("1 1"), t=5),
)
def dominant_direction(system: SchurSystem, check: Check) -> None:
    start, now, after = (system.tangent_squared(s) for s in (0, system.t, system.t + 1))
    check.that(_falls(now, after), after, now, "(across², along²) of h_{t+1} and of h_t: θ falls")
    *others, dominant = system.moduli()
    moduli = {1: dominant, 2: max(others, default=fmpq(0))}
    rate = derived_rate(moduli, system.t)
    check.at_most(
        now[0] * start[1], rate * start[0] * now[1], what="tan²θ_t, both sides multiplied out"
    )


dominant_direction.without(
    theory.NORMAL,
    domain=dominated_systems(coupled=True, largest=3),
    why="A coupling can turn h_t away from q₁ first, or for ever if it cancels what h₀ has there.",
)
dominant_direction.without(
    DOMINANT,
    domain=dominated_systems(gap=False, largest=3),
    why="Of two equal moduli none wins: under diag(1, −1) the angle keeps its size for ever.",
)
dominant_direction.without(
    theory.OVERLAP,
    domain=dominated_systems(overlap=False),
    why="A start across q₁ stays there: θ_t is a right angle for ever.",
)


@dominant_direction.misread(
    "what lies across q₁ goes to zero",
    domain=dominated_systems(largest=3),
    why="It vanishes beside what lies along q₁, not by itself: diag(2, 3/2) grows in both.",
)
def the_others_vanish(system: SchurSystem, check: Check) -> None:
    across = [system.tangent_squared(steps)[0] for steps in (0, system.t)]
    check.at_most(across[1], across[0], what="‖h_t‖² − (q₁ᵀh_t)² ≤ ‖h₀‖² − (q₁ᵀh₀)²")


_lower_bound = callable_form(
    (theory.least, theory.t, theory.h(0)), theory.norm_floor.conclusion.left, EXACT
)


@claim(
    statement="If W is normal, then |λ|_minᵗ‖h₀‖₂ ≤ ‖h_t‖₂ ≤ ρᵗ‖h₀‖₂.",
    source="the spectral theorem; Goodfellow, Bengio & Courville 2016, section 10.7, in norms",
    derivation=theory.norm_growth,
    domain=normal_systems(),
    tiers=("symbolic", "exact"),
    assumptions={theory.NORMAL: lambda system: system.is_normal()},
    labels={
        "not symmetric": (0.2, lambda system: system.has_rotation()),
        "orthogonal up to a factor": (
            0.05,
            lambda system: len(set(system.moduli())) == 1 and system.moduli()[0] > 0,
        ),
        "ρ < 1": (0.1, lambda system: max(system.moduli()) < 1),
        "ρ > 1": (0.2, lambda system: max(system.moduli()) > 1),
        "t ≥ 100": (0.05, lambda system: system.t >= 100),
    },
    witness=SchurSystem(
        q=matrix("1 0; 0 1"), schur=matrix("3/5 -4/5; 4/5 3/5"), h0=vector("1 2"), t=3
    ),
)
def norm_growth(system: SchurSystem, check: Check) -> None:
    reached, moduli = squared_length(system.iterate()), system.moduli()
    start = [system.h0]
    highest = formula(theory.norm_growth, EXACT)(max(moduli), system.t, start)
    check.at_most(reached, highest, what="‖h_t‖² ≤ ρ²ᵗ‖h₀‖²")
    lowest = _lower_bound(min(moduli), system.t, start)
    check.at_most(lowest, reached, what="|λ|_min²ᵗ‖h₀‖² ≤ ‖h_t‖²")


norm_growth.without(
    theory.NORMAL,
    domain=triangular_systems(),
    why="[[0, 2], [0, 0]] has ρ = 0 and doubles a vector; see transient_growth.",
)


@norm_growth.misread(
    "‖h_t‖₂ ≤ ρᵗ‖h₀‖₂ holds for every diagonalisable W",
    domain=diagonalisable_systems(largest=3),
    why="The eigenvectors have to be orthogonal: otherwise κ(V) stands before ρᵗ.",
)
def diagonalisable_is_enough(system: Any, check: Check) -> None:
    reached = squared_length(system.iterate())
    check.at_most(reached, system.radius() ** (2 * system.t) * squared_length(system.h0))
