"""Section 10.7: which direction wins when W is applied again and again, and how lengths grow."""

from __future__ import annotations

from typing import Any

from flint import fmpq

from properties.checking import EXACT, Check, claim, formula, matrix, vector
from properties.checking.exact import squared_length
from properties.linear_recurrence_cases import SchurSystem
from properties.linear_recurrence_domains import (
    diagonalisable_systems,
    dominated_systems,
    normal_systems,
    triangular_systems,
)
from theory import linear_recurrence_growth as theory
from theory.formula import callable_form

THEME = "linear_recurrence"


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
    explain=(
        "The bound holds from any state as the start, so that every single step shrinks tan θ by "
        "|λ₂/λ₁| at least, and θ falls. What the book calls discarded is so beside the rest alone: "
        "under diag(2, 3/2) both components grow without end, and h_t still turns to the first."
    ),
)
def dominant_direction(system: SchurSystem, check: Check) -> None:
    start, now, after = (system.tangent_squared(s) for s in (0, system.t, system.t + 1))
    what = "θ falls: (across², along²) of h_{t+1}, and (across², along²) of h_t"
    check.that(_falls(now, after), after, now, what)
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
    limit = system.radius() ** (2 * system.t) * squared_length(system.h0)
    check.at_most(reached, limit, what="‖h_t‖² ≤ ρ²ᵗ‖h₀‖²")
