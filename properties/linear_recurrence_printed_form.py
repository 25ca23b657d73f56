"""Eq. 10.39 as printed: when it agrees with the right form, and how a weak test verifies it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat
from hypothesis import strategies as st

from properties.checking import (
    EXACT,
    Case,
    Check,
    claim,
    diagonal,
    floats,
    formula,
    is_orthogonal,
    is_symmetric,
    matrix,
    vector,
)
from properties.checking.domains import (
    orthogonal_matrices,
    small_integers,
    unimodular_matrices,
)
from properties.checking.rounding import FLOAT64, gamma
from properties.checking.transport import OWN_ROUNDING
from properties.linear_recurrence_cases import SpectralSystem, SquareMatrix
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
    what = "QᵀΛᵗQ − QΛᵗQᵀ = Qᵀ(ΛᵗQ² − Q²Λᵗ)Qᵀ"
    check.exact(difference, derived(q, diagonal(system.eigenvalues), system.t), what)
    commute = q * q * powers == powers * q * q
    check.exact(not any(difference.entries()), commute, "the forms agree; Q² and Λᵗ commute")


printed_form_agrees.without(
    "Q is orthogonal",
    domain=small_spectral_systems(unimodular_matrices, 3),
    why="QᵀQ² = Q is needed to factor the difference.",
)


@printed_form_agrees.misread(
    "they agree iff Q is a reflection",
    domain=small_spectral_systems(_factors, 3),
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


DRAWS = 2000
"""Matrices in a sample: enough to reveal a chance of 0.36 or 0.64 in place of 1/2."""


def passing(w: np.ndarray) -> np.ndarray:
    """Which of the symmetric matrices (B, n, n) a test of the printed form lets pass, (B,).

    The test takes Q and Λ from LAPACK and compares QᵀΛQ with QΛQᵀ, both computed in floats. An
    entry takes two products and n − 1 sums, so that rounding moves either by γ_{n+1} times the
    sum of magnitudes.
    """
    eigenvalues, q = np.linalg.eigh(w)
    turned = q.swapaxes(1, 2)
    printed, right = ((a * eigenvalues[:, None, :]) @ b for a, b in ((turned, q), (q, turned)))
    magnitudes = sum(
        (np.abs(a) * np.abs(eigenvalues)[:, None, :]) @ np.abs(b)
        for a, b in ((turned, q), (q, turned))
    )
    bound = gamma(w.shape[-1] + 1, FLOAT64) * OWN_ROUNDING * magnitudes
    return np.asarray((np.abs(printed - right) <= bound).all(axis=(1, 2)))


@dataclass(frozen=True, repr=False)
class SymmetricSample(Case):
    """DRAWS symmetric n × n matrices (G + Gᵀ)/2, or covariances GGᵀ, G standard Gaussian."""

    n: int
    seed: int

    def gaussian(self) -> np.ndarray:
        return np.random.default_rng((self.n, self.seed)).standard_normal((DRAWS, self.n, self.n))

    def symmetric(self) -> np.ndarray:
        g = self.gaussian()
        return (g + g.swapaxes(1, 2)) / 2

    def covariances(self) -> np.ndarray:
        g = self.gaussian()
        return g @ g.swapaxes(1, 2)


seeds = st.integers(0, 2**32 - 1)


@claim(
    statement=(
        "A test of eq. 10.39 as printed, on one random symmetric matrix that LAPACK diagonalises, "
        "passes with chance 1/2 if the matrix is 2 × 2, namely if its trace is positive, and "
        "with chance 0 if it is 3 × 3."
    ),
    source="eq. 10.39 of Goodfellow, Bengio & Courville 2016 as printed, tested naively",
    derivation="LAPACK's choice of signs is measured; which pass: see printed_form_agrees",
    domain=st.builds(SymmetricSample, st.sampled_from((2, 3)), seeds),
    tiers=("exact", "statistical"),
    labels={
        "2 × 2": (0.3, lambda sample: sample.n == 2),
        "3 × 3": (0.3, lambda sample: sample.n == 3),
    },
    witness=SymmetricSample(n=2, seed=0),
    explain=(
        "The two forms agree for a reflection, and half of all orthogonal 2 × 2 matrices are "
        "reflections: two of the four ways to choose the signs of a W's eigenvectors make one. "
        "LAPACK makes one iff tr W > 0, because it finds the eigenvalue of larger modulus first "
        "and then sorts. So every covariance matrix passes. Among orthogonal 3 × 3 matrices the "
        "symmetric ones fill a surface in a space of three dimensions, with no volume at all: "
        "a test one size larger could not have missed the error."
    ),
)
def printed_form_hides(sample: SymmetricSample, check: Check) -> None:
    w = sample.symmetric()
    passes = passing(w)
    successes = int(passes.sum())
    if sample.n == 2:
        half = fmpq(1, 2)
        by_trace = w[:, 0, 0] + w[:, 1, 1] > 0
        check.exact(int((passes != by_trace).sum()), 0, "2 × 2: passes unlike those with tr W > 0")
        check.proportion(successes, DRAWS, "2 × 2: tests passed", least=half, most=half)
    else:
        check.proportion(successes, DRAWS, "3 × 3: tests passed", most=0)


@printed_form_hides.misread(
    "one 2 × 2 matrix is enough to refute the printed form",
    domain=st.builds(
        lambda a, b, c: SquareMatrix(matrix([[a, b], [b, c]])),
        small_integers(),
        st.integers(1, 3),
        small_integers(),
    ),
    why="With tr W ≥ 0 LAPACK returns a reflection, and the test passes.",
)
def one_small_test_is_enough(square: SquareMatrix, check: Check) -> None:
    q = np.linalg.eigh(floats(square.w))[1]
    check.that(not passing(floats(square.w)[None])[0], q, q.T, "LAPACK's Q and Qᵀ differ: Q; Qᵀ")


@printed_form_hides.misread(
    f"of {DRAWS} covariance matrices, 2 × 2, at least one refutes the printed form",
    domain=st.builds(SymmetricSample, st.just(2), seeds),
    why="A covariance has a positive trace: all of them pass, however many are tried.",
)
def many_covariances_are_enough(sample: SymmetricSample, check: Check) -> None:
    passes = passing(sample.covariances())
    check.that(not passes.all(), int(passes.sum()), DRAWS, "some fail: tests passed; tests in all")
