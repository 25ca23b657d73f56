"""Eq. 10.39 as printed: when it agrees with the right form, and how a weak test verifies it."""

from __future__ import annotations

from typing import Any

from flint import fmpq_mat
from hypothesis import strategies as st

from properties.checking import (
    EXACT,
    Check,
    claim,
    diagonal,
    formula,
    is_orthogonal,
    is_symmetric,
    matrix,
    vector,
)
from properties.checking.domains import orthogonal_matrices, unimodular_matrices
from properties.linear_recurrence_cases import SpectralSystem
from properties.linear_recurrence_domains import opposite_systems, small_spectral_systems
from theory import linear_recurrence as theory

THEME = "linear_recurrence"


def _signed_permutations(n: int) -> Any:
    """Orthogonal matrices with one ±1 in each row, whose squares are often diagonal."""
    places = st.permutations(range(n))
    signs = st.lists(st.sampled_from((1, -1)), min_size=n, max_size=n)
    return st.builds(
        lambda p, s: fmpq_mat([[s[i] if p[i] == j else 0 for j in range(n)] for i in range(n)]),
        places,
        signs,
    )


@st.composite
def _reflections(draw: Any, n: int) -> fmpq_mat:
    """Symmetric orthogonal matrices."""
    q = draw(orthogonal_matrices(n))
    signs = draw(st.lists(st.sampled_from((1, -1)), min_size=n, max_size=n))
    return q * diagonal(signs) * q.transpose()


def _factors(n: int) -> Any:
    return st.one_of(
        orthogonal_matrices(n), orthogonal_matrices(n), _reflections(n), _signed_permutations(n)
    )


def _powers(system: SpectralSystem, exponent: int) -> fmpq_mat:
    return diagonal([e**exponent for e in system.eigenvalues.entries()])


def _forms_agree(system: SpectralSystem) -> bool:
    """Whether QᵀΛᵗQ = QΛᵗQᵀ."""
    q, powers = system.q, _powers(system, system.t)
    return bool(q.transpose() * powers * q == q * powers * q.transpose())


@claim(
    statement=(
        "For an orthogonal Q, the printed form agrees with the right one, QᵀΛᵗQh₀ = QΛᵗQᵀh₀ for "
        "every h₀, iff Q² commutes with Λᵗ."
    ),
    source="eq. 10.39 of Goodfellow, Bengio & Courville 2016 as printed, beside the corrected one",
    derivation=theory.printed_form_agrees,
    domain=small_spectral_systems(_factors),
    tiers=("symbolic", "exact"),
    assumptions={"Q is orthogonal": lambda system: is_orthogonal(system.q)},
    labels={
        "the forms agree": (0.2, _forms_agree),
        "the forms differ": (0.2, lambda system: not _forms_agree(system)),
        "they agree though Q is no reflection": (
            0.05,
            lambda system: _forms_agree(system) and not is_symmetric(system.q),
        ),
    },
    witness=SpectralSystem(q=matrix("0 -1; 1 0"), eigenvalues=vector("2 1"), h0=vector("1 0"), t=1),
    explain=(
        "Q turns by 90°, so Q² = −I commutes with everything and both forms agree, although Q is "
        "no reflection. Where the t-th powers of the eigenvalues all differ, Q² has to be "
        "diagonal; for 2 × 2 that means a reflection or a multiple of a quarter turn."
    ),
)
def printed_form_agrees(system: SpectralSystem, check: Check) -> None:
    q, turned, powers = system.q, system.q.transpose(), _powers(system, system.t)
    difference = turned * powers * q - q * powers * turned
    derived = formula(theory.printed_form_agrees, EXACT)
    check.exact(difference, derived(q, diagonal(system.eigenvalues), system.t), "QᵀΛᵗQ − QΛᵗQᵀ")
    commute = q * q * powers == powers * q * q
    check.exact(not any(difference.entries()), commute, "the forms agree; Q² and Λᵗ commute")


printed_form_agrees.without(
    "Q is orthogonal",
    domain=small_spectral_systems(unimodular_matrices),
    why="QᵀQ² = Q is needed to factor the difference.",
)


@printed_form_agrees.misread(
    "they agree iff Q is a reflection",
    why="The identity in place of Λᵗ, or a quarter turn as Q, makes them agree as well.",
)
def only_for_reflections(system: SpectralSystem, check: Check) -> None:
    check.exact(_forms_agree(system), is_symmetric(system.q), "the forms agree; Q = Qᵀ")


@printed_form_agrees.misread(
    "they agree iff Q² commutes with Λ",
    domain=opposite_systems(),
    why="Even powers merge a pair ±λ: Λ = diag(1, −1) has Λ² = I.",
)
def whatever_the_time(system: SpectralSystem, check: Check) -> None:
    square, eigenvalues = system.q * system.q, _powers(system, 1)
    commute = square * eigenvalues == eigenvalues * square
    check.exact(_forms_agree(system), commute, "the forms agree; Q² and Λ commute")
