"""Products of random matrices: their Lyapunov exponents, each a mean of logarithms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, fmpq
from hypothesis import strategies as st

from models.products import log_growth, lyapunov_exponents
from properties.checking import BALL, Case, Check, claim, floats, formula, rational
from properties.checking.balls import DEFAULT_BITS, precision
from properties.checking.rounding import FLOAT64
from properties.random_products_cases import positive
from properties.random_products_gaussian_cases import Entries, seeds, standardised
from properties.random_products_stretches import Stretches, judge_factors, judge_total
from theory import random_matrices

THEME = "random_products"

FACTORS = 6000
"""How many matrices one case draws."""


@dataclass(frozen=True, repr=False)
class MatrixProducts(Case):
    """Products W_T ⋯ W_1 of N × N matrices with entries of deviation σ; `tied`: W_t = W_1.

    There are as many as make 6000 factors together.
    """

    width: int
    deviation: fmpq
    steps: int
    seed: int
    tied: bool = False
    entries: Entries = "Gaussian"

    def size(self) -> tuple[int, int]:
        return self.width, self.steps

    def factors(self) -> np.ndarray:
        """(T, B, N, N)."""
        shape = (1 if self.tied else self.steps, FACTORS // self.steps, self.width, self.width)
        drawn = standardised(np.random.default_rng(self.seed), self.entries, shape)
        return np.broadcast_to(drawn * floats(self.deviation), (self.steps, *shape[1:]))

    def exponents(self) -> Any:
        """The exponents (B, N) that models.products finds from all T factors."""
        return lyapunov_exponents(np.array(self.factors()))

    def diagonals(self) -> Stretches:
        """(R_kk/σ)² of every factor and k, (T, B, N): the growth beside the first k − 1 columns.

        Householder's QR errs by c·N²u‖A‖_F, c a small number (Higham 2002, theorem 19.4; c = 8
        here), and R by √2 κ(A) times that, relative to ‖A‖ (J.-G. Sun, BIT 31 (1991)).
        """
        factors, frame, logs, errors = self.factors(), None, [], []
        for factor in factors:
            product = factor if frame is None else factor @ frame
            growth = log_growth(factor[None], frame)
            norms = np.linalg.norm(product, axis=(-2, -1)) / floats(self.deviation)
            error = 12 * self.width**2 * FLOAT64 * norms
            # The first column's length needs no other column to be known.
            others = np.repeat((error * np.linalg.cond(product))[:, None], self.width - 1, axis=1)
            logs.append(growth.logarithms)
            errors.append(np.concatenate([error[:, None], others], axis=1))
            frame = growth.frame
        roots, of_roots = np.exp(np.array(logs)) / floats(self.deviation), np.array(errors)
        degrees = np.broadcast_to(np.arange(self.width, 0, -1), roots.shape)
        return Stretches(roots**2, of_roots * (2 * roots + of_roots), degrees)


@st.composite
def matrix_products(
    draw: Any, *, tied: bool = False, entries: Entries = "Gaussian"
) -> MatrixProducts:
    """Up to 20 factors of up to four rows."""
    return MatrixProducts(
        width=draw(st.integers(1, 4)),
        deviation=draw(positive),
        steps=draw(st.integers(2 if tied else 1, 20)),
        seed=draw(seeds),
        tied=tied,
        entries=entries,
    )


@claim(
    statement=(
        "Products of independent N × N matrices with entries N(0, σ²) have the Lyapunov exponents "
        "½(ln 2 + ψ((N − k + 1)/2)) + ln σ, k = 1 … N: each (R_kk/σ)² is χ² with N − k + 1 "
        "degrees of freedom."
    ),
    source="C. Newman, Commun. Math. Phys. 103 (1986)",
    derivation=random_matrices.top_exponent,
    domain=matrix_products(),
    examples=50,
    tiers=("symbolic", "statistical"),
    assumptions={
        "the factors are independent": lambda case: not case.tied,
        "the entries are Gaussian": lambda case: case.entries == "Gaussian",
    },
    labels={
        "N ≥ 3": (0.3, lambda case: case.width >= 3),
        "10 factors or more": (0.3, lambda case: case.steps >= 10),
    },
    witness=MatrixProducts(width=3, deviation=rational(1), steps=20, seed=0),
)
def top_exponent(case: MatrixProducts, check: Check) -> None:
    def derived(degrees: int) -> arb:
        """The mean of ln (R_kk/σ)²: twice the exponent, less σ's part."""
        with precision(DEFAULT_BITS):
            exponent = formula(random_matrices.top_exponent, BALL)(
                arb(degrees), arb(case.deviation)
            )
            return 2 * (exponent - arb(case.deviation).log())

    diagonals = case.diagonals()
    totals = 2 * case.steps * (case.exponents()[:, 0] - np.log(floats(case.deviation)))
    error = diagonals.only(0).totals(case.steps)[1]
    mean = case.steps * derived(case.width)
    judge_total(check, totals, error, degrees=case.width, terms=case.steps, mean=mean)
    judge_factors(check, diagonals, derived)


top_exponent.without(
    "the factors are independent",
    domain=matrix_products(tied=True),
    examples=300,
    why="Powers of one matrix grow by its spectral radius, whichever that is.",
)
top_exponent.without(
    "the entries are Gaussian",
    domain=matrix_products(entries="signs"),
    examples=300,
    why="R_kk has another law; at N = 1 the exponent is ln σ.",
)


@top_exponent.misread(
    "the top exponent is ln(σ√N), the spectral radius of one factor",
    source="the circular law, which is about one matrix",
    why="That is also ½ ln of the mean squared growth, and by Jensen too much: ψ(N/2) < ln(N/2).",
)
def circular_law(case: MatrixProducts, check: Check) -> None:
    judge_factors(check, case.diagonals().only(0), lambda _: arb(case.width).log())
