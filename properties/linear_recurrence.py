"""Section 10.7, eqs. 10.36 to 10.39: a recurrence without nonlinearity multiplies eigenvalues."""

from __future__ import annotations

from typing import Any

from flint import fmpq
from hypothesis import strategies as st

from properties.checking import (
    EXACT,
    Check,
    claim,
    column_floats,
    diagonal,
    floats,
    formula,
    is_orthogonal,
    is_symmetric,
    matrix,
    vector,
    worked_formula,
    worked_product,
)
from properties.checking.domains import matrices, unimodular_matrices
from properties.linear_recurrence_cases import (
    JordanSystem,
    LinearSystem,
    SpectralSystem,
    SquareMatrix,
    is_defective,
)
from properties.linear_recurrence_domains import (
    defective_systems,
    diagonalisable_systems,
    large_linear_systems,
    mostly,
    nearly_parallel_systems,
    small_linear_systems,
    small_spectral_systems,
    spectral_systems,
    unsound_systems,
)
from theory import linear_recurrence as theory


@claim(
    statement="h_t = Wᵀh_{t−1} has h_t = (Wᵗ)ᵀh₀, for every square W and every t ≥ 0.",
    source="Goodfellow, Bengio & Courville 2016, eqs. 10.36 and 10.37",
    derivation=theory.unrolled_power,
    domain=mostly(mostly(small_linear_systems(), unsound_systems()), large_linear_systems()),
    tiers=("symbolic", "exact", "float"),
    labels={
        "W is not symmetric": (0.6, lambda system: not is_symmetric(system.w)),
        "t = 0": (0.02, lambda system: system.t == 0),
        "t ≥ 10": (0.2, lambda system: system.t >= 10),
        "t ≥ 100": (0.05, lambda system: system.t >= 100),
        "n > 8": (0.03, lambda system: system.n > 8),
        "W is defective": (0.05, lambda system: system.n <= 3 and is_defective(system.w)),
    },
    witness=LinearSystem(w=matrix("0 1; 0 0"), h0=vector("1 0"), t=1),
)
def unrolled_power(system: LinearSystem, check: Check) -> None:
    truth = worked_formula(theory.unrolled_power, system.w, system.t, system.h0)
    check.exact(system.worked(), truth, "recurrence and power")
    computed, bound = system.model_run()
    check.close(computed, truth.value, bound, "the model's h_t")


@unrolled_power.misread(
    "h_t = Wᵗh₀",
    domain=small_linear_systems(3),
    why="The transpose belongs to the recurrence; it is lost unless W is symmetric.",
)
def transpose_lost(system: LinearSystem, check: Check) -> None:
    check.exact(system.worked(), worked_product("Wᵗh₀", system.w**system.t, system.h0))


@unrolled_power.misread(
    "h_t = (Wᵗ⁻¹)ᵀh₀ for t ≥ 1",
    domain=small_linear_systems(3),
    why="h₁ has already met W once: t steps are t factors. (T states y_1 … y_T have T − 1.)",
)
def off_by_one(system: LinearSystem, check: Check) -> None:
    if system.t:
        power = (system.w ** (system.t - 1)).transpose()
        check.exact(system.worked(), worked_product("(Wᵗ⁻¹)ᵀh₀", power, system.h0))


def _repeats(system: Any) -> bool:
    return len(set(system.eigenvalues.entries())) < system.n


def _has_opposites(system: Any) -> bool:
    spectrum = set(system.eigenvalues.entries())
    return any(-eigenvalue in spectrum for eigenvalue in spectrum if eigenvalue != 0)


@claim(
    statement="If W = QΛQᵀ with Q orthogonal, then h_t = Wᵀh_{t−1} has h_t = QΛᵗQᵀh₀.",
    source="Goodfellow, Bengio & Courville 2016, eq. 10.39, corrected",
    derivation=theory.spectral_power,
    domain=spectral_systems(),
    tiers=("symbolic", "exact", "float"),
    assumptions={"Q is orthogonal": lambda system: is_orthogonal(system.q)},
    labels={
        "Q is no reflection": (0.3, lambda system: not is_symmetric(system.q)),
        "expanding": (0.2, lambda system: system.radius() > 1),
        "contracting": (0.05, lambda system: 0 < system.radius() < 1),
        "ρ near 1": (0.05, lambda system: 0 < abs(system.radius() - 1) <= fmpq(1, 32)),
        "a repeated eigenvalue": (0.2, _repeats),
        "a pair ±λ": (0.1, _has_opposites),
        "t ≥ 10": (0.2, lambda system: system.t >= 10),
        "t ≥ 100": (0.05, lambda system: system.t >= 100),
        "n > 8": (0.03, lambda system: system.n > 8),
    },
    witness=SpectralSystem(
        q=matrix("-3/5 4/5; -4/5 -3/5"), eigenvalues=vector("2 1"), h0=vector("1 0"), t=1
    ),
)
def spectral_power(system: SpectralSystem, check: Check) -> None:
    spectrum = diagonal(system.eigenvalues)
    truth = worked_formula(theory.spectral_power, system.q, spectrum, system.t, system.h0)
    check.exact(system.worked(), truth, "recurrence and closed form")
    computed, bound = system.model_run()
    check.close(computed, truth.value, bound, "the model's h_t")


spectral_power.without(
    "Q is orthogonal",
    domain=small_spectral_systems(unimodular_matrices, 3),
    why="QᵀQ stands between neighbouring factors, and only for an orthogonal Q does it cancel.",
)


@spectral_power.misread(
    "h_t = QᵀΛᵗQh₀",
    domain=small_spectral_systems(largest=3),
    source="Goodfellow, Bengio & Courville 2016, eq. 10.39 as printed",
    why="The printed form swaps Q and Qᵀ; a reflection (Q = Qᵀ) hides it, a rotation shows it.",
)
def printed_form(system: SpectralSystem, check: Check) -> None:
    q, powers = system.q, diagonal([e**system.t for e in system.eigenvalues.entries()])
    check.exact(system.worked(), worked_product("QᵀΛᵗQh₀", q.transpose(), powers, q, system.h0))


@spectral_power.misread(
    "every real square W is QΛQᵀ with a real orthogonal Q",
    domain=st.integers(1, 3).flatmap(matrices).map(SquareMatrix),
    why="QΛQᵀ is symmetric; [[0, 1], [0, 0]] is not, and is not even diagonalisable.",
)
def every_matrix(square: SquareMatrix, check: Check) -> None:
    check.exact(square.w, square.w.transpose(), "W = Wᵀ")


@claim(
    statement=(
        "If W = VΛV⁻¹, then (Wᵗ)ᵀ = V⁻ᵀΛᵗVᵀ; in floats this form errs by as much as "
        "γ·κ(V)·ρᵗ‖h₀‖, with the condition number κ(V) = ‖V‖‖V⁻¹‖."
    ),
    source=(
        "Goodfellow, Bengio & Courville 2016, section 10.7, without its orthogonality; "
        "error by Higham 2002, section 3.5"
    ),
    derivation=theory.diagonalisable_power,
    domain=diagonalisable_systems(),
    tiers=("symbolic", "exact", "float"),
    assumptions={"W is diagonalisable": lambda system: system.is_diagonalisable()},
    labels={
        "κ(V) ≥ 1000": (0.2, lambda system: system.condition() >= 1000),
        "V is orthogonal": (0.1, lambda system: is_orthogonal(system.v)),
        "a repeated eigenvalue": (0.2, _repeats),
        "a pair ±λ": (0.1, _has_opposites),
        "ρ near 1": (0.05, lambda system: 0 < abs(system.radius() - 1) <= fmpq(1, 32)),
        "t ≥ 100": (0.05, lambda system: system.t >= 100),
    },
    witness=JordanSystem(
        v=matrix("1 1; 0 1"), eigenvalues=vector("1 2"), above=(0,), h0=vector("1 0"), t=3
    ),
    explain=(
        "A Jordan block has no such form: [[1, 1], [0, 1]]ᵗ = [[1, t], [0, 1]] grows without end "
        "although every eigenvalue is 1. A matrix near it has one, with nearly parallel columns in "
        "V; what the floats lose then is κ(V) roundings, which the error bound has to carry."
    ),
)
def diagonalisable_power(system: JordanSystem, check: Check) -> None:
    derived = formula(theory.diagonalisable_power, EXACT)
    power = derived(system.v, diagonal(system.eigenvalues), system.t)
    check.exact((system.w**system.t).transpose(), power, "(Wᵗ)ᵀ = V⁻ᵀΛᵗVᵀ")
    truth, magnitudes = power * system.h0, system.magnitudes()
    computed, bound = system.model_run()
    check.close(computed, truth, bound, "the model's h_t")
    computed, γ = system.closed_form()
    check.close(computed, truth, γ * column_floats(magnitudes), "V⁻ᵀΛᵗVᵀh₀ in floats")
    largest = max(magnitudes.entries())
    limit = system.condition() * _without_condition(system)
    check.at_most(largest, limit, what="the bound and κρᵗ‖h₀‖")


def _without_condition(system: JordanSystem) -> fmpq:
    """ρᵗ‖h₀‖_∞."""
    return system.radius() ** system.t * max(map(abs, system.h0.entries()))


diagonalisable_power.without(
    "W is diagonalisable",
    domain=defective_systems(),
    why="A Jordan block couples its coordinates: λᵗ is joined by tλᵗ⁻¹, which Λᵗ does not have.",
)


@diagonalisable_power.misread(
    "in floats V⁻ᵀΛᵗVᵀh₀ errs by γρᵗ‖h₀‖ at most",
    domain=nearly_parallel_systems(),
    why="That holds for an orthogonal V; in general it is κ(V) times as much.",
)
def condition_forgotten(system: JordanSystem, check: Check) -> None:
    truth = (system.w**system.t).transpose() * system.h0
    computed, γ = system.closed_form()
    what = "V⁻ᵀΛᵗVᵀh₀ in floats, and V⁻ᵀΛᵗVᵀh₀"
    check.close(computed, truth, γ * floats(_without_condition(system)), what)


@diagonalisable_power.misread(
    "(Wᵗ)ᵀ = VΛᵗVᵀ",
    domain=diagonalisable_systems(3),
    why="The inverse is the transpose for orthogonal matrices alone.",
)
def transpose_for_the_inverse(system: JordanSystem, check: Check) -> None:
    powers = diagonal([e**system.t for e in system.eigenvalues.entries()])
    form = worked_product("VΛᵗVᵀ", system.v, powers, system.v.transpose())
    check.exact((system.w**system.t).transpose(), form)
