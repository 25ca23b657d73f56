"""Gradient clipping: shortening what is longer than θ is the projection onto a ball.

It takes care of explosion alone: a short gradient is left as it is, and a step is never longer than
the learning rate times θ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat
from hypothesis import strategies as st

from models.clipping import clip_by_entry, clip_by_norm
from properties.checking import (
    EXACT,
    Case,
    Check,
    Worked,
    Working,
    claim,
    floats,
    formula,
    rational,
    vector,
    worked_sum,
)
from properties.checking.domains import orthogonal_matrices, rationals
from properties.checking.exact import squared_length
from properties.checking.norms import square_root
from properties.checking.rounding import FLOAT64, gamma
from theory import clipping as theory

THEME = "error_surface"

EUCLIDEAN, LARGEST_ENTRY = "Euclidean", "largest entry"


@dataclass(frozen=True, repr=False)
class GradientPair(Case):
    """Two gradients, a threshold θ and a learning rate; and by which norm lengths are measured."""

    g: fmpq_mat
    h: fmpq_mat
    θ: fmpq
    rate: fmpq
    norm: str = EUCLIDEAN

    @property
    def n(self) -> int:
        return self.g.nrows()

    def length(self, x: fmpq_mat) -> fmpq:
        """Of a column whose length is rational."""
        if self.norm == LARGEST_ENTRY:
            return max(abs(entry) for entry in x.entries())
        return square_root(squared_length(x))

    def distance(self, x: fmpq_mat, y: fmpq_mat) -> fmpq:
        """‖x − y‖², which is rational in either norm."""
        if self.norm == LARGEST_ENTRY:
            return self.length(x - y) ** 2
        return squared_length(x - y)

    def farthest(self) -> fmpq:
        """How far apart the clipped gradients may be, by what was derived for Euclid's norm."""
        if self.norm == LARGEST_ENTRY:
            return self.distance(self.g, self.h)
        return formula(theory.clipping, EXACT)(self.g, self.h)

    def clipped(self, x: fmpq_mat) -> fmpq_mat:
        length = self.length(x)
        return x * (self.θ / length) if length > self.θ else x

    def shown(self) -> dict[str, Any]:
        return {"clip g": self.clipped(self.g), "clip h": self.clipped(self.h)}

    def terms(self) -> dict[str, Any]:
        by = "_∞" if self.norm == LARGEST_ENTRY else ""
        terms: dict[str, Any] = {
            f"clip {x}": f"{x} · min(1, θ/‖{x}‖{by})"
            for x in "gh"
            if any(getattr(self, x).entries())
        }
        if by:
            terms |= {
                "‖clip g − clip h‖²": "‖clip g − clip h‖_∞²",
                "‖g − h‖²": "‖g − h‖_∞²",
            }
        clipped = entrywise(self.g, self.θ)
        said = Working("clip(g), every entry to [−θ, θ],", clipped)
        return terms | {"clip(g)": lambda: Worked(clipped, lambda: [said])}


halves = st.builds(fmpq, st.integers(1, 8), st.just(2))
thresholds = halves
rates = st.builds(fmpq, st.integers(1, 8), st.just(8))
lengths = st.builds(fmpq, st.integers(0, 24), st.just(2))


@st.composite
def gradients(draw: Any, n: int) -> fmpq_mat:
    """A column of rational length, in a rational direction."""
    turned = draw(orthogonal_matrices(n)) * vector([1] + [0] * (n - 1))
    return turned * draw(lengths)


@st.composite
def gradient_pairs(draw: Any) -> GradientPair:
    """1 to 3 parameters; lengths up to 12 and thresholds up to 4."""
    n = draw(st.integers(1, 3))
    return GradientPair(
        draw(gradients(n)), draw(gradients(n)), draw(thresholds), draw(rates), EUCLIDEAN
    )


@st.composite
def measured_by_the_largest_entry(draw: Any) -> GradientPair:
    """‖·‖_∞ instead of Euclid's norm; h is on the diagonal, and g across it beside h."""
    c, δ = draw(halves), draw(halves)
    g, h = vector([c + δ, c - δ]), vector([c, c])
    return GradientPair(g, h, draw(thresholds), draw(rates), LARGEST_ENTRY)


@claim(
    statement=(
        "Clipping by norm, g ↦ g·min(1, θ/‖g‖₂), is the projection onto the ball of radius θ: it "
        "brings no two gradients farther apart, ‖clip g − clip h‖ ≤ ‖g − h‖, is the identity up to "
        "the length θ, keeps the direction, changes nothing when it is done again, and bounds a "
        "step by the learning rate times θ."
    ),
    source="Pascanu, Mikolov & Bengio 2013, section 3.2 and algorithm 1",
    derivation=theory.clipping,
    domain=gradient_pairs(),
    tiers=("symbolic", "exact", "float"),
    assumptions={"the norm is Euclidean": lambda pair: pair.norm == EUCLIDEAN},
    labels={
        "several parameters": (0.4, lambda pair: pair.n > 1),
        "both are clipped": (
            0.2,
            lambda pair: min(map(pair.length, (pair.g, pair.h))) > pair.θ,
        ),
        "one is clipped": (
            0.15,
            lambda pair: len({pair.length(x) > pair.θ for x in (pair.g, pair.h)}) == 2,
        ),
        "none is clipped": (0.02, lambda pair: pair.θ >= max(map(pair.length, (pair.g, pair.h)))),
    },
    witness=GradientPair(
        g=vector("6 8"), h=vector("0 1/2"), θ=rational(5), rate=rational("1/4"), norm=EUCLIDEAN
    ),
    explain=(
        "Pascanu, Mikolov and Bengio rescale the gradient so that a cliff cannot throw the "
        "parameters far away. It does nothing against vanishing, and what it guarantees is said "
        "of one gradient and of its Euclidean length: clip the entries, or every example apart, "
        "and directions change."
    ),
)
def clipping(pair: GradientPair, check: Check) -> None:
    p, q = pair.clipped(pair.g), pair.clipped(pair.h)
    check.at_most(pair.distance(p, q), pair.farthest(), what="‖clip g − clip h‖² ≤ ‖g − h‖²")
    for given, clipped in ((pair.g, p), (pair.h, q)):
        length, left = pair.length(given), pair.length(clipped)
        check.exact(left, min(length, pair.θ), "‖clip g‖ = min(‖g‖, θ)")
        check.exact(clipped * length, given * left, "the direction")
        check.exact(pair.clipped(clipped), clipped, "clipped again")
        check.at_most(
            pair.length(clipped * pair.rate), pair.rate * pair.θ, what="the length of a step"
        )
    if pair.norm == EUCLIDEAN:
        computed_alike(pair, [p, q], check)


def computed_alike(pair: GradientPair, clipped: list[fmpq_mat], check: Check) -> None:
    """What models/ clips is, up to rounding, what was clipped here.

    Entries, θ and the largest entry are rounded; a square is of a quotient; of the sum of squares
    the root is taken, and the entry multiplied by θ over that: n/2 + 8 roundings at most.
    """
    given = np.concatenate([floats(pair.g), floats(pair.h)], axis=1).T
    both = fmpq_mat(2, pair.n, [entry for column in clipped for entry in column.entries()])
    bound = gamma(pair.n + 8, FLOAT64) * np.abs(floats(both))
    check.close(clip_by_norm(given, floats(pair.θ)), both, bound, "clipped in floating point")


clipping.without(
    "the norm is Euclidean",
    domain=measured_by_the_largest_entry(),
    why="Shortened by another norm a gradient goes to a point of the ball that need not be the "
    "nearest one, and two of them may move apart.",
)


def entrywise(x: fmpq_mat, θ: fmpq) -> fmpq_mat:
    return vector([min(max(entry, -θ), θ) for entry in x.entries()])


@clipping.misread(
    "clipping every entry to [−θ, θ] keeps the direction too",
    why="It shortens the long entries and leaves the short ones: (2, 1) becomes (1, 1).",
)
def entrywise_keeps_direction(pair: GradientPair, check: Check) -> None:
    clipped = entrywise(pair.g, pair.θ)
    computed = clip_by_entry(floats(pair.g).T, floats(pair.θ))
    bound = gamma(1, FLOAT64) * np.abs(floats(clipped)).T
    check.close(computed, clipped.transpose(), bound, "clipped in floating point")
    left, right = clipped * pair.g.transpose(), pair.g * clipped.transpose()
    check.exact(left, right, "the two are parallel: clip(g)gᵀ = g · clip(g)ᵀ")


@dataclass(frozen=True, repr=False)
class Batch(Case):
    """The gradients of a batch's examples by one parameter, and θ."""

    a: tuple[fmpq, ...]
    θ: fmpq

    def terms(self) -> dict[str, Any]:
        batches = {"g": self.a, "a": self.a, "b": getattr(self, "b", ())}
        sums = {f"Σ {name}ᵢ": batch for name, batch in batches.items()}
        sums |= {f"Σ clip {name}ᵢ": self.clipped(batch) for name, batch in batches.items()}
        return {
            name: lambda name=name, each=each: worked_sum(name, *((x,) for x in each))
            for name, each in sums.items()
        }

    def clipped(self, batch: tuple[fmpq, ...]) -> list[fmpq]:
        return [min(max(g, -self.θ), self.θ) for g in batch]


@dataclass(frozen=True, repr=False)
class TwoBatches(Batch):
    """Another batch beside it."""

    b: tuple[fmpq, ...]


examples = st.lists(rationals(12, (1,)), min_size=2, max_size=4).map(tuple)
batches = st.builds(Batch, examples, thresholds)
two_batches = st.builds(TwoBatches, examples, thresholds, examples)


def total(numbers: Any) -> fmpq:
    return sum(numbers, fmpq(0))


@clipping.misread(
    "clipping each example's gradient is unbiased but for the length: the mean keeps its sense",
    domain=batches,
    why="One long gradient may outweigh many short ones, until it is clipped: with θ = 1 the mean "
    "of 10, −1, −1 turns from 8/3 into −1/3.",
)
def per_example_is_unbiased(batch: Batch, check: Check) -> None:
    along = total(batch.clipped(batch.a)) * total(batch.a)
    check.at_most(fmpq(0), along, what="0 ≤ (Σ clip gᵢ)(Σ gᵢ)")


@clipping.misread(
    "clipping keeps the order of sums: Σ aᵢ ≤ Σ bᵢ ⇒ Σ clip aᵢ ≤ Σ clip bᵢ",
    domain=two_batches,
    why="Clipping keeps the order of two gradients, and not that of their sums.",
)
def order_of_sums_is_kept(batch: TwoBatches, check: Check) -> None:
    if total(batch.a) <= total(batch.b):
        sums = (total(batch.clipped(each)) for each in (batch.a, batch.b))
        check.at_most(*sums, what="Σ clip aᵢ ≤ Σ clip bᵢ")
