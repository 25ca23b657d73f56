"""Section 10.7: a wide layer that keeps its signal alive lets perturbations of it grow."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from flint import acb, arb, fmpq
from hypothesis import strategies as st

from models.activations import ACTIVATIONS
from models.feedforward import FeedForward
from properties.checking import Case, Check, Worked, Working, claim, rational
from properties.checking.balls import precision
from properties.checking.rounding import FLOAT64, gamma
from properties.random_products_gaussian_cases import seeds
from theory import mean_field as theory

THEME = "backpropagation"

UNITS, LAYERS = 16, 400
"""What one case draws."""

# A Gaussian lies beyond 16 with a chance of 2·10⁻⁵⁷, and nothing averaged here exceeds z².
END, BEYOND = 16, arb(0, 1e-50)

NONE, WHOLE = fmpq(0), fmpq(1)

Function = Callable[[Any], Any]
VALUES: dict[str, Function] = {"tanh": acb.tanh, "logistic": lambda a: 1 / (1 + (-a).exp())}
SLOPES: dict[str, Function] = {
    "tanh": lambda a: 1 / a.cosh() ** 2,
    "logistic": lambda a: 1 / (4 * (a / 2).cosh() ** 2),
}


def gaussian_mean(function: Function, variance: Any, power: int = 0) -> arb:
    """E f(√q z)² z^power for a function bounded by 1, a ball."""
    scale, unit = acb(arb(variance).sqrt()), (2 * arb.pi()).sqrt()

    def integrand(z: Any, _: bool) -> Any:
        return function(scale * z) ** 2 * z**power * (-z * z / 2).exp() / unit

    return acb.integral(integrand, -END, END).real + BEYOND


@dataclass(frozen=True, repr=False)
class Layer(Case):
    """A layer φ(Wx + b), W_ij ~ N(0, σ_w²/N), whose pre-activations have the variance q.

    b_i ~ N(0, bias), and σ_w² is `share` of what gives the next layer the variance q again. The
    perturbation v of x is orthogonal to it, or, if `along`, a multiple of it.
    """

    q: fmpq
    activation: Literal["tanh", "logistic", "identity"] = "tanh"
    bias: fmpq = NONE
    share: fmpq = WHOLE
    along: bool = False
    seed: int = 0

    def size(self) -> tuple[int, int]:
        return 1, 1

    def weight(self) -> Any:
        """σ_w²: a ball, or a rational for a linear layer."""
        kept = fmpq(self.share) * (self.q - self.bias)
        if self.activation == "identity":
            return kept / self.q
        return kept / gaussian_mean(VALUES[self.activation], self.q)

    def factor(self) -> Any:
        """By what the layer multiplies E ‖v‖²: χ, if v is orthogonal to x."""
        if self.activation == "identity":
            return self.weight()
        power = 2 if self.along else 0
        return self.weight() * gaussian_mean(SLOPES[self.activation], self.q, power)

    def shown(self) -> dict[str, Any]:
        with precision(64):
            return {"σ_w²": arb(self.weight()), "what it does to E ‖v‖²": arb(self.factor())}

    def terms(self) -> dict[str, Any]:
        return {"χ": self._worked_factor}

    def _worked_factor(self) -> Worked:
        """χ from the integral that it is."""
        χ, weight = self.factor(), self.weight()
        along = "z²" if self.along else ""
        lines = [
            Working(f"E φ′(√q z)²{along}", χ / weight),
            Working(f"χ = σ_w²E φ′(√q z)²{along}", χ, factors=(arb(weight), arb(χ / weight))),
        ]
        return Worked(χ, lambda: lines)

    def drawn(self) -> tuple[np.ndarray, np.ndarray, float]:
        """Of all units of layers of the model: φ′(a_i)², φ′(a_i)²·[|b_i| > 1], and their error.

        b = Wv has the variance 1. The error is that of the two means: of a slope by rounding, and
        of the units of which rounding leaves open whether |b_i| > 1.
        """
        generator, shape = np.random.default_rng(self.seed), (LAYERS, UNITS, UNITS)
        with precision(64):
            σ = math.sqrt(float(self.weight()))
        W = generator.standard_normal((1, *shape)) * (σ / math.sqrt(UNITS))
        x = np.full((LAYERS, UNITS), math.sqrt(float(self.q)) / σ)
        v = np.resize([1.0, -1.0], UNITS) / σ
        run = FeedForward(W, np.zeros((1, UNITS)), activation=self.activation).run(x)
        slopes = ACTIVATIONS[self.activation].slope_at(run.states[1])
        moved = np.abs(run.step_jacobians()[0] @ v)
        lengths = np.sum(np.abs(W[0]), axis=-1) * np.abs(v[0])
        # a errs by γ of Σ|W||x|, and the slope by that times |φ″| ≤ 1 and a few units of its own.
        inexact = gamma(UNITS + 8, FLOAT64) * (1 + lengths * math.sqrt(float(self.q)))
        unclear = np.abs(moved - slopes) <= inexact * (1 + lengths)
        error = 3 * float(np.mean(inexact)) + float(np.mean(unclear * slopes**2))
        return slopes**2, slopes**2 * (moved > slopes), error


widths_of_signal = st.builds(fmpq, st.integers(1, 64), st.sampled_from([1, 4, 16]))


def layers(**fields: Any) -> st.SearchStrategy[Layer]:
    """q from 1/16 to 64; tanh, and a linear one in eight, unless told otherwise."""
    kinds = st.sampled_from(["tanh"] * 7 + ["identity"])
    return st.builds(
        Layer, **({"q": widths_of_signal, "activation": kinds, "seed": seeds} | fields)
    )


ORTHOGONAL = "v is orthogonal to x"
halves = st.sampled_from([fmpq(1, 2), fmpq(1, 4), fmpq(3, 4)])


@claim(
    statement=(
        "A layer φ(Wx) of N units, without biases and with a φ of mean zero, as odd ones have, has "
        "W_ij ~ N(0, σ_w²/N) and keeps the mean square of its signal: q = σ_w²E φ(√q z)². Then it "
        "multiplies that of a perturbation v orthogonal to x by χ = σ_w²E φ′(√q z)² ≥ 1, and by 1 "
        "only if φ is linear. So without biases χ = 1 is where the signal dies: wide untied nets "
        "lose their signal with their gradient, or keep it and explode in the mean square."
    ),
    source="derived here; χ and its boundary: Schoenholz, Gilmer, Ganguli & Sohl-Dickstein 2017",
    derivation=theory.sustained_signal,
    domain=layers(),
    examples=50,
    tiers=("symbolic", "exact", "statistical"),
    assumptions={
        theory.ODD: lambda case: case.activation != "logistic",
        theory.KEPT: lambda case: case.share == 1,
        theory.UNBIASED: lambda case: case.bias == 0,
        ORTHOGONAL: lambda case: not case.along,
    },
    labels={
        "nearly linear: q ≤ 1": (0.1, lambda case: case.q <= 1),
        "saturated: q ≥ 9": (0.1, lambda case: case.q >= 9),
        "linear": (0.02, lambda case: case.activation == "identity"),
    },
    witness=Layer(q=rational(1)),
    explain=(
        "One is told that sigmoid units make gradients vanish because their slopes are below 1. In "
        "one unit they do. But a net that is to carry anything has to make up for its saturation "
        "by larger weights, and these act on differences more than on the signal: a function "
        "varies no more than its slope lets it (Poincaré's inequality), so what holds the signal "
        "at its size spreads its perturbations. Whether gradients “usually vanish” is thus a "
        "matter of the ensemble. Biases, or inputs, that drive the units without having come "
        "through the weights are what lets wide nets keep a signal and lose its gradient."
    ),
)
def sustained_signal(case: Layer, check: Check) -> None:
    if case.activation == "identity":
        check.at_most(fmpq(1), case.factor(), what="1 ≤ χ")
        return
    check.below(lambda: (arb(1), case.factor()), "1 < χ")
    squares, of_large, error = case.drawn()
    with precision(64):
        slopes = gaussian_mean(SLOPES[case.activation], case.q) + arb(0, error)
        large = (arb(1) / 2).sqrt().erfc()
    for what, samples, expected in (
        ("φ′(a)²", squares, slopes),
        ("φ′(a)², where |b| > 1", of_large, slopes * large),
    ):
        check.mean(np.minimum(samples, 1.0), expected, what, low=0, high=1, deviation=0.5)


sustained_signal.without(
    theory.ODD,
    domain=layers(activation=st.just("logistic")),
    examples=300,
    why="A logistic unit's mean of ½ is most of its mean square, and no part of what varies.",
)
sustained_signal.without(
    theory.KEPT,
    domain=layers(share=halves),
    examples=300,
    why="With smaller weights the signal dies, and so do perturbations of it.",
)
sustained_signal.without(
    theory.UNBIASED,
    domain=st.builds(lambda case, part: replace(case, bias=case.q * part), layers(), halves),
    examples=300,
    why="What biases add to the variance need not be kept by the weights.",
)
sustained_signal.without(
    ORTHOGONAL,
    domain=layers(along=st.just(True), activation=st.just("tanh")),
    examples=300,
    why="Along x a perturbation only lengthens the signal, and saturation takes that back.",
)


@sustained_signal.misread(
    "weights that keep the mean square of the signal keep that of the gradient: χ ≤ 101/100",
    source="Goodfellow, Bengio & Courville 2016, section 10.7: careful scaling avoids both",
    examples=300,
    why="True of linear layers alone.",
)
def one_scale_for_both(case: Layer, check: Check) -> None:
    check.below(lambda: (case.factor(), arb(101) / 100), "χ < 101/100")


@sustained_signal.misread(
    "as tanh′ ≤ 1, a tanh layer makes no perturbation longer in the mean square",
    domain=layers(activation=st.just("tanh")),
    examples=300,
    why="The weights that keep the signal in spite of saturation make it longer.",
)
def slopes_below_one_shrink(case: Layer, check: Check) -> None:
    check.below(lambda: (case.factor(), arb(1)), "χ < 1")
