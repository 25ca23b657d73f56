"""Section 10.7: whether gradients usually vanish is a matter of which nets one looks at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from flint import fmpq
from hypothesis import strategies as st

from models.rnn import RNN
from properties.checking import Case, Check, claim, rational
from properties.checking.statistics import interval
from properties.random_products_gaussian_cases import seeds

THEME = "backpropagation"

NETS, STEPS = 400, 50
SMALL, LARGE = 1e-2, 1e2
"""A gradient has vanished or exploded when ‖∂h_T/∂h_0‖₂ is beyond these."""

Kind = Literal["linear", "tanh at rest", "tanh with inputs"]


@dataclass(frozen=True, repr=False)
class Ensemble(Case):
    """400 nets h_t = φ(Wh_{t−1} + u_t) of N = `units` units over 50 steps, W_ij ~ N(0, gain²/N).

    h_0 ~ N(0, I). The nets with inputs have u_t ~ N(0, I), all others u_t = 0. With `upper` W is
    strictly upper triangular, its entries above the diagonal as before.
    """

    kind: Kind
    units: int
    gain: fmpq
    seed: int
    upper: bool = False

    def size(self) -> tuple[int, int]:
        return self.units, 1

    @cached_property
    def norms(self) -> np.ndarray:
        """‖∂h_T/∂h_0‖₂ of each net."""
        generator, n = np.random.default_rng(self.seed), self.units
        W = generator.standard_normal((NETS, n, n)) * (float(self.gain) / np.sqrt(n))
        h0 = generator.standard_normal((NETS, n))
        inputs = np.zeros((STEPS, NETS, n))
        if self.kind == "tanh with inputs":
            inputs = generator.standard_normal(inputs.shape)
        activation = "identity" if self.kind == "linear" else "tanh"
        model = RNN(np.triu(W, 1) if self.upper else W, np.eye(n), np.zeros(n), activation)
        jacobians = model.run(h0, inputs).jacobian(0, STEPS)
        return np.asarray(np.linalg.norm(jacobians, 2, axis=(1, 2)))

    @property
    def vanished(self) -> int:
        return int(np.sum(self.norms < SMALL))

    @property
    def exploded(self) -> int:
        return int(np.sum(self.norms > LARGE))

    def fates(self) -> dict[str, int]:
        vanished, exploded = self.vanished, self.exploded
        return {"vanish": vanished, "explode": exploded, "do neither": NETS - vanished - exploded}

    def shown(self) -> dict[str, Any]:
        """Each with its Clopper-Pearson interval of 95 %."""
        return {
            name: "{} of {}: a share in {:.3f} … {:.3f}".format(
                count, NETS, *interval(count, NETS, 0.05)
            )
            for name, count in self.fates().items()
        }


half, most = fmpq(1, 2), fmpq(9, 10)

STATED: dict[tuple[Kind, fmpq], tuple[str, fmpq]] = {
    ("linear", fmpq(1, 2)): ("vanish", most),
    ("tanh at rest", fmpq(1, 2)): ("vanish", most),
    ("tanh with inputs", fmpq(1, 2)): ("vanish", most),
    ("tanh with inputs", fmpq(5, 4)): ("vanish", most),
    ("tanh at rest", fmpq(5, 4)): ("do neither", half),
    ("linear", fmpq(3, 2)): ("explode", most),
    ("linear", fmpq(2)): ("explode", most),
    ("tanh at rest", fmpq(4)): ("explode", half),
    ("tanh with inputs", fmpq(4)): ("explode", half),
}
"""Of each ensemble what at least this share of its gradients do."""


@st.composite
def ensembles(
    draw: Any, units: Any = None, *, upper: bool = False, among: Any = tuple(STATED)
) -> Ensemble:
    """Those stated, of 16 to 32 units."""
    kind, gain = draw(st.sampled_from(among))
    n = draw(st.integers(16, 32) if units is None else units)
    return Ensemble(kind, n, gain, draw(seeds), upper)


INDEPENDENT = "all entries of W are independent N(0, g²/N)"


@claim(
    statement=(
        "Whether ‖∂h_T/∂h_0‖ vanishes (< 1/100) or explodes (> 100) in T = 50 steps depends on "
        "the ensemble. With 16 to 32 units and W_ij ~ N(0, g²/N): at g = ½ more than 9 of 10 "
        "vanish. At g = 3/2 and 2 more than 9 of 10 explode if the net is linear. Of tanh nets "
        "more than 9 of 10 vanish at g = 5/4 under inputs N(0, 1), most do neither at g = 5/4 "
        "without inputs, and most explode at g = 4, with or without."
    ),
    source="Goodfellow, Bengio & Courville 2016, section 10.7: “most of the time” they vanish",
    derivation=(
        "frequencies of the ensembles stated, measured: no theorem says “usually”; what is derived "
        "of such nets is in vanishing_bound, sustained_signal and width_rescues"
    ),
    domain=ensembles(),
    examples=50,
    tiers=("statistical",),
    assumptions={INDEPENDENT: lambda case: not case.upper},
    labels={
        "vanishes": (0.1, lambda case: case.vanished >= most * NETS),
        "explodes": (0.1, lambda case: case.exploded >= half * NETS),
        "tanh": (0.3, lambda case: case.kind != "linear"),
    },
    witness=Ensemble("linear", 20, rational(2), seed=0),
    explain=(
        "“Usually vanish, rarely explode” says what nets one has looked at. A linear net follows "
        "its eigenvalues: by the circular law they fill a disc of radius g as N grows, so that "
        "g = 1 divides nearly all that vanish from nearly all that explode. A tanh net also "
        "saturates. Inputs hold its slopes down, so that it vanishes beyond g = 1, too. Left to "
        "itself its state grows until saturation balances the weights, and its gradient changes "
        "slowly; with large g the balance is not kept, and it explodes. The shares are estimates, "
        "each given with its Clopper-Pearson interval. They say nothing about other widths, other "
        "laws of W or other spans, nor about trained nets."
    ),
)
def mostly_vanishes(case: Ensemble, check: Check) -> None:
    fate, share = STATED[case.kind, case.gain]
    what = f"{case.kind}, g = {case.gain}: {share} ≤ P({fate})"
    check.proportion(case.fates()[fate], NETS, what, least=share)


sixteen = st.just(16)
beyond_one = [(kind, gain) for kind, gain in STATED if gain == fmpq(5, 4)]

mostly_vanishes.without(
    INDEPENDENT,
    domain=ensembles(sixteen, upper=True),
    examples=50,
    why="Independent Gaussians above the diagonal alone are nilpotent: at no gain do they explode.",
)


@mostly_vanishes.misread(
    "gradients usually vanish and rarely explode: in any ensemble at most 1/10 explode",
    source="Goodfellow, Bengio & Courville 2016, section 10.7, read as a theorem",
    domain=ensembles(sixteen),
    examples=50,
    why="Linear nets with g > 1 nearly all explode.",
)
def rarely_explode(case: Ensemble, check: Check) -> None:
    check.proportion(case.exploded, NETS, "P(explode) ≤ 1/10", most=fmpq(1, 10))


@mostly_vanishes.misread(
    "g = 1 divides tanh nets as it does linear ones: beyond it at most 1/10 vanish",
    domain=ensembles(sixteen, among=beyond_one),
    examples=50,
    why="Inputs saturate tanh units, and their slopes fall below 1.",
)
def tanh_like_linear(case: Ensemble, check: Check) -> None:
    check.proportion(case.vanished, NETS, "P(vanish) ≤ 1/10", most=fmpq(1, 10))
