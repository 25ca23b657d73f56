"""Strategies for exact matrices, built and never filtered, in which every coordinate shrinks alone.

Each takes the size as given, so that all parts of a case share it. Sizes seldom shrink by
themselves; the search for a counterexample looks among smaller cases afresh instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any

from flint import fmpq, fmpq_mat
from hypothesis import strategies as st

from properties.checking.exact import diagonal, identity, vector

Draw = Any

# Strategies are made once and kept: Hypothesis validates each anew, which costs more than a draw.


@cache
def small_integers(bound: int = 3) -> st.SearchStrategy[int]:
    """Integers from −bound to bound; the simplest is 0."""
    return st.integers(-bound, bound)


@cache
def rationals(bound: int = 4, denominators: tuple[int, ...] = (1, 2, 3, 4)) -> Any:
    """The rationals p/q with |p| ≤ bound and q among the denominators, each as likely.

    They shrink to 0, and to integers before fractions.
    """
    fractions = {Fraction(p, q) for q in denominators for p in range(-bound, bound + 1)}
    by_simplicity = sorted(fractions, key=lambda x: (x.denominator, abs(x.numerator), x < 0))
    return st.sampled_from([fmpq(x.numerator, x.denominator) for x in by_simplicity])


def dyadics(bound: int = 16, denominators: tuple[int, ...] = (1, 2, 4, 8)) -> Any:
    """Rationals that float64 holds exactly."""
    return rationals(bound, denominators)


_either, _scales = st.booleans(), st.sampled_from([1, -1, 2, -2])


@cache
def fixed_lists(elements: st.SearchStrategy[Any], length: int) -> st.SearchStrategy[list[Any]]:
    """Lists of one length."""
    return st.lists(elements, min_size=length, max_size=length)


@cache
def times(longest: int = 200) -> st.SearchStrategy[int]:
    """Numbers of steps, half of them at most 10; the simplest is 0."""
    return st.one_of(st.integers(0, 10), st.integers(0, longest))


def cayley(n: int, skew: Sequence[int]) -> fmpq_mat:
    """The rotation (I − A)(I + A)⁻¹ of the skew-symmetric A with these entries above its diagonal.

    Entries are read column by column. I + A is always invertible, and det = +1.
    Source: A. Cayley, J. reine angew. Math. 32 (1846).
    """
    a = fmpq_mat(n, n)
    entries = iter(skew)
    for j in range(n):
        for i in range(j):
            a[i, j] = next(entries)
            a[j, i] = -a[i, j]
    return (identity(n) - a) * (identity(n) + a).inv()


@st.composite
def orthogonal_matrices(draw: Draw, n: int) -> fmpq_mat:
    """Exact orthogonal n × n matrices: rotations by Cayley, times signs, so reflections too."""
    skew = draw(fixed_lists(small_integers(), n * (n - 1) // 2))
    signs = draw(fixed_lists(_either, n))
    return cayley(n, skew) * diagonal([-1 if sign else 1 for sign in signs])


def matrices(n: int, elements: Any = small_integers()) -> st.SearchStrategy[fmpq_mat]:
    """Dense exact n × n matrices with entries from `elements` (small integers by default)."""
    return rectangles(n, n, elements)


@cache
def rectangles(
    rows: int, columns: int, elements: Any = small_integers()
) -> st.SearchStrategy[fmpq_mat]:
    """Exact matrices of any shape with entries from `elements`."""
    entries = fixed_lists(elements, rows * columns)
    return entries.map(lambda drawn: fmpq_mat(rows, columns, drawn))


@st.composite
def unimodular_matrices(draw: Draw, n: int) -> fmpq_mat:
    """Invertible integer n × n matrices LDU: unit triangular L and U around a diagonal of ±1, ±2.

    The simplest is the identity.
    """
    pairs = n * (n - 1) // 2
    below, above = (draw(fixed_lists(small_integers(), pairs)) for _ in range(2))
    scales = draw(fixed_lists(_scales, n))
    lower, upper = identity(n), identity(n)
    low, up = iter(below), iter(above)
    for j in range(n):
        for i in range(j):
            lower[j, i] = next(low)
            upper[i, j] = next(up)
    return lower * diagonal(scales) * upper


@st.composite
def spectra(draw: Draw, n: int) -> fmpq_mat:
    """Columns of n rational eigenvalues over one denominator, large or small as it is 1 or 4."""
    denominator = draw(st.sampled_from((1, 2, 4)))
    numerators = draw(fixed_lists(small_integers(), n))
    return vector([fmpq(p, denominator) for p in numerators])


def vectors(n: int, elements: Any = small_integers()) -> st.SearchStrategy[fmpq_mat]:
    """Exact columns of n entries from `elements` (small integers by default)."""
    return rectangles(n, 1, elements)
