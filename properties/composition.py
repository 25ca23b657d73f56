"""Section 10.7, figure 10.15: a layer composed with itself grows steep and folded, not flat."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from flint import fmpq
from hypothesis import strategies as st

from models.composition import random_composition
from properties.checking import Case, Check, claim, rational
from properties.checking.statistics import interval
from properties.random_products_gaussian_cases import seeds

THEME = "backpropagation"

NETS, STEPS = 128, 5
LINE = np.linspace(-30.0, 30.0, 65)


@dataclass(frozen=True, repr=False)
class Compositions(Case):
    """128 random layers, each composed with itself five times along a random line.

    N = `units`, W_ij ~ N(0, gain²/N). The line is seen at 65 points from −30 to 30.
    """

    units: int
    gain: fmpq
    seed: int

    def size(self) -> tuple[int, int]:
        return self.units, 1

    @cached_property
    def measures(self) -> dict[str, np.ndarray]:
        """By name and after 0 … 5 compositions, of each net (NETS, STEPS + 1)."""
        generator = np.random.default_rng(self.seed)
        curves = [
            random_composition(self.units, float(self.gain), generator, LINE, STEPS)
            for _ in range(NETS)
        ]
        slopes = np.abs([each.slopes for each in curves])
        return {
            "median |slope|": np.median(slopes, axis=-1),
            "largest |slope|": np.max(slopes, axis=-1),
            "turning points": np.array([each.turning_points() for each in curves]),
        }

    def grown(self, name: str) -> int:
        """In how many nets a measure is larger after five compositions than after one."""
        values = self.measures[name]
        return int(np.sum(values[:, STEPS] > values[:, 1]))

    def uneven(self) -> int:
        """In how many nets more than half of the last slopes are below a quarter of the largest."""
        median, largest = (
            self.measures[f"{name} |slope|"][:, -1] for name in ("median", "largest")
        )
        return int(np.sum(median < largest / 4))

    def shown(self) -> dict[str, Any]:
        """For each measure the share of nets in which it grows, with its 95 % interval."""
        return {
            f"{name} grows in": "{:.3f} of nets, 95 % interval {:.3f} … {:.3f}".format(
                self.grown(name) / NETS, *interval(self.grown(name), NETS, 0.05)
            )
            for name in self.measures
        }


def compositions(
    *gains: int | fmpq, units: st.SearchStrategy[int]
) -> st.SearchStrategy[Compositions]:
    return st.builds(
        Compositions,
        units=units,
        gain=st.sampled_from([fmpq(gain) for gain in gains]),
        seed=seeds,
    )


any_width, few = st.integers(32, 100), st.just(32)
LARGE = "the gain is at least 3"


@claim(
    statement=(
        "A layer h ↦ tanh(Wh) of 32 to 100 units, W_ij ~ N(0, g²/N) with g from 3 to 8, is "
        "composed with itself along a random line and projected on one dimension. From 1 to 5 "
        "compositions the largest slope grows, and the number of turning points, and in the end "
        "most slopes are below a quarter of the largest: each in more than 9 of 10 layers."
    ),
    source="Goodfellow, Bengio & Courville 2016, figure 10.15, whose weight scale is not stated",
    derivation="measured on the ensemble stated; why slopes grow in the mean: sustained_signal",
    domain=compositions(3, 4, 6, 8, units=any_width),
    examples=15,
    tiers=("statistical",),
    assumptions={LARGE: lambda case: case.gain >= 3},
    witness=Compositions(units=100, gain=rational(3), seed=0),
    explain=(
        "Composed with itself a layer is a function of great folds: steep where all its steps "
        "happen to be steep, flat where one of them is saturated, and turning in between. So a "
        "gradient step that is right here is wrong a little further on. What the figure's caption "
        "says of its slopes, that most are tiny, is so beside the largest. In themselves they do "
        "not fall: where the signal is sustained, the typical slope of a wide layer grows from "
        "composition to composition. The curves flatten only where the gain is below 1, or so "
        "large beside N that hardly any unit is ever found between its two limits."
    ),
)
def composition(case: Compositions, check: Check) -> None:
    for name in ("largest |slope|", "turning points"):
        check.proportion(case.grown(name), NETS, f"9/10 ≤ P({name} grows)", least=fmpq(9, 10))
    check.proportion(
        case.uneven(), NETS, "9/10 ≤ P(median below a quarter of the largest)", least=fmpq(9, 10)
    )


composition.without(
    LARGE,
    domain=compositions(1, fmpq(1, 2), units=few),
    examples=50,
    why="Layers that shrink what they are given flatten the curve, as ½I does.",
)


@composition.misread(
    "the median slope falls from 1 to 5 compositions in at least half of the layers",
    source="what figure 10.15's caption, “most of the values associated with a tiny derivative”, "
    "may be taken for",
    domain=compositions(3, 4, units=few),
    examples=50,
    why="It grows, in nearly all of them: a sustained signal has slopes that grow in the mean.",
)
def median_falls(case: Compositions, check: Check) -> None:
    fallen = NETS - case.grown("median |slope|")
    check.proportion(fallen, NETS, "1/2 ≤ P(median |slope| falls)", least=fmpq(1, 2))
