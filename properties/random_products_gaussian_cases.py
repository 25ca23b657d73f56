"""Weights drawn by a seed: scalar products, and estimates of their variance.

A case is its seed and its sizes: the same case has the same samples, on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from flint import arb, fmpq
from hypothesis import strategies as st

from properties.checking import Case, floats
from properties.checking.rounding import FLOAT64, gamma
from properties.random_products_cases import positive

Entries = Literal["Gaussian", "signs"]

PRODUCTS, TRIALS = 1000, 200

GAUSSIAN = {"the weights are Gaussian": lambda case: case.entries == "Gaussian"}

seeds = st.integers(0, 2**32 - 1)


def standardised(generator: np.random.Generator, entries: Entries, shape: tuple[int, ...]) -> Any:
    """Independent numbers of mean 0 and variance 1: N(0, 1), or ±1."""
    if entries == "Gaussian":
        return generator.standard_normal(shape)
    return generator.integers(0, 2, shape) * 2.0 - 1.0


@dataclass(frozen=True, repr=False)
class Products(Case):
    """1000 products of n weights of variance v; `shared`: one weight n times over."""

    n: int
    v: fmpq
    seed: int
    shared: bool = False
    entries: Entries = "Gaussian"

    def size(self) -> tuple[int, int]:
        return self.n, 1

    def logarithms(self) -> tuple[Any, Any]:
        """ln |w| of every weight (1000, n), and bounds on their rounding errors.

        √v and its product with a sample err by 3u of the weight together, so by 3u in its
        logarithm, and the logarithm by an ulp of itself.
        """
        shape = (PRODUCTS, 1 if self.shared else self.n)
        weights = standardised(np.random.default_rng(self.seed), self.entries, shape)
        logs = np.broadcast_to(
            np.log(np.abs(np.sqrt(floats(self.v)) * weights)), (PRODUCTS, self.n)
        )
        return logs, gamma(3, FLOAT64) + gamma(2, FLOAT64) * np.abs(logs)

    def log_sizes(self) -> tuple[Any, float]:
        """ln |∏w_i| of every product (1000,), and a bound on the rounding error of all."""
        logs, errors = self.logarithms()
        summed = gamma(self.n, FLOAT64) * np.abs(logs).sum(axis=1) + errors.sum(axis=1)
        # The bounds' own rounding is a few u of them.
        return logs.sum(axis=1), 1.001 * float(summed.max())

    def shown(self) -> dict[str, Any]:
        sizes, _ = self.log_sizes()
        return {"median of ln |∏w_i|": float(np.median(sizes)), "½ ln vⁿ": self.half_log_variance}

    @property
    def half_log_variance(self) -> float:
        """ln of the product's deviation."""
        return self.n * float(arb(self.v).log()) / 2


@st.composite
def products(
    draw: Any, *, shared: bool = False, entries: Entries = "Gaussian", fewest: int = 1
) -> Products:
    """Products of up to 60 weights."""
    return Products(
        n=draw(st.integers(fewest, 60)),
        v=draw(positive),
        seed=draw(seeds),
        shared=shared,
        entries=entries,
    )


@dataclass(frozen=True, repr=False)
class Estimates(Case):
    """200 estimates of the variance vⁿ of a product, each the mean of m of its squares."""

    n: int
    m: int
    v: fmpq
    seed: int
    shared: bool = False
    entries: Entries = "Gaussian"

    def size(self) -> tuple[int, int]:
        return self.n, self.m

    def reaching(self, share: fmpq) -> tuple[int, fmpq]:
        """How many estimates reach `share` of the truth, and what part of it they surely reach.

        Computed relative to vⁿ: n squares, their product, a sum of m and a quotient round by a
        factor of 1 ± γ_{2n+m} at most, and products that underflow only make the estimate less.
        """
        shape = (TRIALS, self.m, 1 if self.shared else self.n)
        weights = standardised(np.random.default_rng(self.seed), self.entries, shape)
        squares = np.broadcast_to(weights**2, (TRIALS, self.m, self.n)).prod(axis=-1)
        certain = share * (1 - fmpq(2 * self.n + self.m, 2**52))
        return int(np.sum(squares.mean(axis=-1) >= floats(share))), certain

    def shown(self) -> dict[str, Any]:
        count, _ = self.reaching(fmpq(1, 2))
        return {"estimates that reach half of the truth": f"{count} of {TRIALS}"}


@st.composite
def estimates(draw: Any, *, shared: bool = False, entries: Entries = "Gaussian") -> Estimates:
    """Up to 60 weights and 500 samples, mostly where there are too few samples by far."""
    return Estimates(
        n=draw(st.integers(1, 60)),
        m=draw(st.integers(1, 500)),
        v=draw(positive),
        seed=draw(seeds),
        shared=shared,
        entries=entries,
    )
