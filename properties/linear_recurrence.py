"""Section 10.7, eqs. 10.36 to 10.39: a recurrence without nonlinearity multiplies eigenvalues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flint import fmpq_mat
from hypothesis import strategies as st

from properties.checking import (
    EXACT,
    Case,
    Check,
    claim,
    diagonal,
    formula,
    is_orthogonal,
    is_symmetric,
    matrix,
    vector,
)
from properties.checking.domains import (
    orthogonal_matrices,
    spectra,
    times,
    unimodular_matrices,
    vectors,
)
from theory import linear_recurrence as theory

LARGEST = 6


@dataclass(frozen=True, repr=False)
class SpectralSystem(Case):
    """h_t = Wᵀh_{t−1} with W = QΛQᵀ: the n × n factor Q, the n eigenvalues, h₀ and t."""

    q: fmpq_mat
    eigenvalues: fmpq_mat
    h0: fmpq_mat
    t: int

    @property
    def w(self) -> fmpq_mat:
        """W = QΛQᵀ."""
        return self.q * diagonal(self.eigenvalues) * self.q.transpose()

    def shown(self) -> dict[str, Any]:
        return {"W": self.w}

    def iterate(self) -> fmpq_mat:
        """h_t, one step of the recurrence after another."""
        h, transposed = self.h0, self.w.transpose()
        for _ in range(self.t):
            h = transposed * h
        return h

    def spectral_form(self) -> fmpq_mat:
        """The right side of the derived conclusion, in exact arithmetic."""
        derived = formula(theory.spectral_power, EXACT)
        return derived(self.q, diagonal(self.eigenvalues), self.t, self.h0)

    def radius(self) -> Any:
        """The largest modulus of an eigenvalue in Λ."""
        return max(abs(eigenvalue) for eigenvalue in self.eigenvalues.entries())


@st.composite
def spectral_systems(draw: Any, factors: Any = orthogonal_matrices) -> SpectralSystem:
    """Systems of size 1 to 6 with rational spectra and t to 200; `factors` draws Q."""
    n = draw(st.integers(1, LARGEST))
    return SpectralSystem(
        q=draw(factors(n)),
        eigenvalues=draw(spectra(n)),
        h0=draw(vectors(n)),
        t=draw(times()),
    )


@claim(
    statement="If W = QΛQᵀ with Q orthogonal, then h_t = Wᵀh_{t−1} has h_t = QΛᵗQᵀh₀.",
    source="Goodfellow, Bengio & Courville 2016, eq. 10.39, corrected",
    derivation=theory.spectral_power,
    domain=spectral_systems(),
    tiers=("symbolic", "exact"),
    assumptions={"Q is orthogonal": lambda system: is_orthogonal(system.q)},
    labels={
        "Q is no reflection": (0.3, lambda system: not is_symmetric(system.q)),
        "expanding": (0.2, lambda system: system.radius() > 1),
        "contracting": (0.05, lambda system: 0 < system.radius() < 1),
        "t ≥ 10": (0.2, lambda system: system.t >= 10),
        "t ≥ 100": (0.05, lambda system: system.t >= 100),
    },
    witness=SpectralSystem(
        q=matrix("-3/5 4/5; -4/5 -3/5"), eigenvalues=vector("2 1"), h0=vector("1 0"), t=1
    ),
)
def spectral_power(system: SpectralSystem, check: Check) -> None:
    truth = system.spectral_form()
    check.exact(system.iterate(), truth, "recurrence and closed form")


spectral_power.without(
    "Q is orthogonal",
    domain=spectral_systems(unimodular_matrices),
    why="QᵀQ stands between neighbouring factors, and only for an orthogonal Q does it cancel.",
)


@spectral_power.misread(
    "h_t = QᵀΛᵗQh₀",
    source="Goodfellow, Bengio & Courville 2016, eq. 10.39 as printed",
    why="The printed form swaps Q and Qᵀ; a reflection (Q = Qᵀ) hides it, a rotation shows it.",
)
def printed_form(system: SpectralSystem, check: Check) -> None:
    q, powers = system.q, diagonal([e**system.t for e in system.eigenvalues.entries()])
    check.exact(system.iterate(), q.transpose() * powers * q * system.h0)
