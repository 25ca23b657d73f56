"""The domains of the linear recurrence.

Spectra are chosen first, so that the regimes that matter are common: moduli near 1, eigenvalues
that repeat or come in pairs ±λ, Jordan blocks, eigenvectors that are nearly parallel.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat
from hypothesis import strategies as st

from properties.checking import diagonal, identity, vector
from properties.checking.domains import (
    cayley,
    fixed_lists,
    matrices,
    orthogonal_matrices,
    small_integers,
    spectra,
    times,
    unimodular_matrices,
    vectors,
)
from properties.checking.exact import squared_length
from properties.linear_recurrence_cases import (
    JordanSystem,
    LinearSystem,
    SchurSystem,
    SpectralSystem,
)

LARGEST = 8
"""Units where everything is exact and dense; up to 64 where the structure keeps it cheap."""

Draw = Any

signs = st.sampled_from((1, -1))


def near_one(n: int) -> st.SearchStrategy[fmpq_mat]:
    """Columns of n eigenvalues ±62/64 … ±66/64."""
    nearly = st.builds(lambda k, sign: fmpq(sign * (64 + k), 64), st.integers(-2, 2), signs)
    return fixed_lists(nearly, n).map(vector)


def eigenvalue_columns(n: int) -> st.SearchStrategy[fmpq_mat]:
    """Columns of n rational eigenvalues: small numbers or, one in three, moduli near 1."""
    return st.one_of(spectra(n), spectra(n), near_one(n))


@st.composite
def nonzero_vectors(draw: Draw, n: int, bound: int = 3) -> fmpq_mat:
    """Columns of small integers that are not all zero: a first entry of 1 where they would be."""
    column = draw(vectors(n, small_integers(bound)))
    if not any(column.entries()):
        column[0, 0] = 1
    return column


@st.composite
def turned_reflections(draw: Draw, n: int) -> fmpq_mat:
    """Orthogonal n × n matrices for large n: a reflection along an integer vector, rows shifted."""
    normal = draw(nonzero_vectors(n, 1))
    reflection = identity(n) - normal * normal.transpose() * (2 / squared_length(normal))
    rows = reflection.tolist()
    return fmpq_mat(rows[1:] + rows[:1])


large_sizes = st.integers(LARGEST + 1, 64)


@st.composite
def small_spectral_systems(
    draw: Draw, factors: Any = orthogonal_matrices, largest: int = LARGEST
) -> SpectralSystem:
    """Sizes from 1, t to 200; `factors` draws Q."""
    n = draw(st.integers(1, largest))
    return SpectralSystem(
        q=draw(factors(n)),
        eigenvalues=draw(eigenvalue_columns(n)),
        h0=draw(vectors(n)),
        t=draw(times()),
    )


@st.composite
def opposite_systems(draw: Draw) -> SpectralSystem:
    """Eigenvalues λ and −λ alone, sizes 2 and 3, and an even t ≥ 2."""
    n, modulus = draw(st.integers(2, 3)), draw(st.integers(1, 3))
    eigenvalues = vector([modulus * sign for sign in draw(fixed_lists(signs, n))])
    q, start = draw(orthogonal_matrices(n)), draw(vectors(n))
    return SpectralSystem(q, eigenvalues, start, 2 * draw(st.integers(1, 5)))


@st.composite
def large_spectral_systems(draw: Draw) -> SpectralSystem:
    """Sizes 9 to 64, t to 50."""
    n = draw(large_sizes)
    return SpectralSystem(
        q=draw(turned_reflections(n)),
        eigenvalues=draw(eigenvalue_columns(n)),
        h0=draw(vectors(n)),
        t=draw(times(50)),
    )


def mostly(small: Any, large: Any) -> Any:
    """One case in four from `large`."""
    return st.integers(0, 3).flatmap(lambda k: large if k == 3 else small)


def spectral_systems(factors: Any = orthogonal_matrices) -> Any:
    """W = QΛQᵀ of sizes 1 to 64."""
    return mostly(small_spectral_systems(factors), large_spectral_systems())


@st.composite
def small_linear_systems(draw: Draw, largest: int = LARGEST) -> LinearSystem:
    """Dense W with entries k, k/4 or k/16, so that it grows, keeps its size or shrinks."""
    n = draw(st.integers(1, largest))
    scale = fmpq(1, draw(st.sampled_from((1, 4, 16))))
    return LinearSystem(draw(matrices(n)) * scale, draw(vectors(n)), draw(times()))


@st.composite
def large_linear_systems(draw: Draw) -> LinearSystem:
    """Dense W of sizes 9 to 64, its entries −8/16 … 7/16 read from bytes, and t to 50."""
    n = draw(large_sizes)
    drawn = np.frombuffer(draw(st.binary(min_size=n * n, max_size=n * n)), np.int8)
    w = fmpq_mat(n, n, (drawn >> 4).tolist()) * fmpq(1, 16)
    return LinearSystem(w, draw(vectors(n)), draw(times(50)))


@st.composite
def stretched(draw: Draw, n: int) -> fmpq_mat:
    """Invertible matrices with nearly parallel columns: all rows but one are divided by 2^k."""
    k = draw(st.sampled_from((0, 5, 10, 20)))
    rows = [1] + (n - 1) * [fmpq(1, 2**k)]
    return diagonal(rows) * draw(unimodular_matrices(n))


@st.composite
def diagonalisable_systems(draw: Draw, largest: int = LARGEST) -> JordanSystem:
    """W = VΛV⁻¹, with V from orthogonal to nearly singular."""
    n = draw(st.integers(1, largest))
    return JordanSystem(
        v=draw(st.one_of(stretched(n), stretched(n), orthogonal_matrices(n))),
        eigenvalues=draw(eigenvalue_columns(n)),
        above=(0,) * (n - 1),
        h0=draw(vectors(n)),
        t=draw(times()),
    )


@st.composite
def nearly_parallel_systems(draw: Draw) -> JordanSystem:
    """W = VΛV⁻¹ of sizes 2 and 3: nearly parallel columns in V, eigenvalues near 1 in modulus."""
    n = draw(st.integers(2, 3))
    v, eigenvalues, start = draw(stretched(n)), draw(near_one(n)), draw(vectors(n))
    return JordanSystem(v, eigenvalues, (0,) * (n - 1), start, draw(times()))


@st.composite
def defective_systems(draw: Draw) -> JordanSystem:
    """W = VJV⁻¹ of sizes 2 and 3 whose first Jordan block has a size of at least 2."""
    n = draw(st.integers(2, 3))
    above = (1, *draw(fixed_lists(st.integers(0, 1), n - 2)))
    eigenvalues = draw(eigenvalue_columns(n))
    for i, one in enumerate(above):
        # A one joins a block: its eigenvalue is the one before it.
        if one:
            eigenvalues[i + 1, 0] = eigenvalues[i, 0]
    return JordanSystem(
        draw(unimodular_matrices(n)), eigenvalues, above, draw(vectors(n)), draw(times())
    )


@st.composite
def unsound_systems(draw: Draw) -> LinearSystem:
    """W without a basis of eigenvectors, or with a nearly dependent one."""
    system = draw(st.one_of(defective_systems(), nearly_parallel_systems()))
    return LinearSystem(system.w, system.h0, system.t)


def schur_form(scales: fmpq_mat, turns: list[int], couplings: list[int]) -> fmpq_mat:
    """The real Schur form with these blocks: scale 2j times the rotation cayley(2, [turn j]).

    Where a turn is 0 there are two real eigenvalues, scale 2j and scale 2j + 1, instead. The
    couplings fill what lies above the blocks, column by column.
    """
    n = scales.nrows()
    form, above = diagonal(scales), iter(couplings)
    for j, turn in enumerate(turns):
        if turn:
            block = cayley(2, [turn]) * scales[2 * j, 0]
            for row in range(2):
                for column in range(2):
                    form[2 * j + row, 2 * j + column] = block[row, column]
    for column in range(n):
        for row in range(column):
            coupling = next(above, 0)
            if form[column, row] == 0:
                form[row, column] = form[row, column] + coupling
    return form


@st.composite
def normal_systems(draw: Draw) -> SchurSystem:
    """Normal W of sizes 1 to 8: real eigenvalues and scaled rotations in an orthogonal basis."""
    n = draw(st.integers(1, LARGEST))
    turns = draw(fixed_lists(small_integers(2), n // 2))
    return SchurSystem(
        q=draw(orthogonal_matrices(n)),
        schur=schur_form(draw(eigenvalue_columns(n)), turns, []),
        h0=draw(vectors(n)),
        t=draw(times()),
    )


@st.composite
def triangular_systems(draw: Draw, eigenvalues: Any = eigenvalue_columns) -> SchurSystem:
    """W of sizes 1 to 4 with real eigenvalues and any couplings in its Schur form."""
    n = draw(st.integers(1, 4))
    q, scales = draw(orthogonal_matrices(n)), draw(eigenvalues(n))
    couplings = draw(fixed_lists(small_integers(), n * (n - 1) // 2))
    return SchurSystem(q, schur_form(scales, [], couplings), draw(vectors(n)), draw(times(50)))


def decaying(n: int) -> st.SearchStrategy[fmpq_mat]:
    """Columns of n eigenvalues below one in modulus: 0, ±1/4, ±1/2, ±3/4."""
    return fixed_lists(st.builds(fmpq, small_integers(), st.just(4)), n).map(vector)


@st.composite
def dominated_systems(
    draw: Draw,
    *,
    gap: bool = True,
    overlap: bool = True,
    coupled: bool = False,
    largest: int = LARGEST,
) -> SchurSystem:
    """Systems with one eigenvalue of largest modulus, last on T's diagonal, and h₀ along its axis.

    Without `gap` another eigenvalue has its modulus, without `overlap` h₀ lies across its axis, and
    `coupled` ones are not normal.
    """
    n = draw(st.integers(1 if gap and overlap else 2, largest))
    q, scales = draw(orthogonal_matrices(n)), draw(eigenvalue_columns(n))
    turns = [] if coupled else draw(fixed_lists(small_integers(2), (n - 1) // 2))
    couplings = draw(fixed_lists(small_integers(), n * (n - 1) // 2)) if coupled else []
    start = draw(vectors(n))
    if gap:
        more = draw(st.sampled_from((fmpq(1), fmpq(1, 4), fmpq(1, 64))))
    else:
        more, scales[0, 0] = fmpq(0), scales[0, 0] or fmpq(1)
    others = [abs(s) for s in scales.entries()[:-1]]
    scales[n - 1, 0] = draw(signs) * (max(others, default=fmpq(0)) + more)
    start[n - 1, 0] = (abs(start[n - 1, 0]) + 1) if overlap else 0
    return SchurSystem(q, schur_form(scales, turns, couplings), q * start, draw(times()))
