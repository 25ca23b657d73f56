"""Figures of random products: what the variance says, and where the paths are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from teaching.figures.figure import Figure, words
from teaching.figures.style import BLUE, FAINT, ORANGE, PAIR, subplots

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

LAYERS, PATHS, WIDTH, SEED = 50, 30, 50, 0


def _product_paths() -> Drawing:
    import numpy as np
    from flint import arb

    from models.feedforward import FeedForward
    from properties.checking import BALL, formula
    from theory.random_matrices import width_rescues

    drawing, both = subplots(1, 2, figsize=PAIR, sharey=True)
    generator, n = np.random.default_rng(SEED), np.arange(LAYERS + 1)
    for axes, N in zip(both, (1, WIDTH), strict=True):
        W = generator.standard_normal((LAYERS, PATHS, N, N)) / np.sqrt(N)
        start = np.full((PATHS, N), 1 / np.sqrt(N))
        states = FeedForward(W, np.zeros((LAYERS, N)), "identity").run(start).states
        squared = formula(width_rescues, BALL)(0, LAYERS, 1, arb(N), arb(N))
        axes.set_yscale("log")
        axes.plot(n, np.linalg.norm(states, axis=-1), color=FAINT, linewidth=0.6)
        axes.axhline(1, color=ORANGE, linestyle="--")
        axes.plot((0, LAYERS), (1, float((squared / 2).exp())), color=BLUE)
        axes.set(xlim=(0, LAYERS), ylim=(1e-22, 1e4), xlabel="$n$", title=f"$N={N}$")
    both[0].set_ylabel(r"$\|h_n\|$")
    both[0].annotate(r"$\sqrt{\mathrm{E}\,\|h_n\|^2}$", (23, 20), color=ORANGE)
    both[0].annotate(r"$e^{\,\mathrm{E}\,\ln\|h_n\|}$", (3, 1e-13), color=BLUE)
    both[1].annotate(r"$e^{\,\mathrm{E}\,\ln\|h_n\|}$", (30, 1e-3), color=BLUE)
    both[1].annotate(r"$\sqrt{\mathrm{E}\,\|h_n\|^2}$", (3, 60), color=ORANGE)
    return drawing


WORDS: dict[str, Any] = words("random_products")

FIGURES = (
    Figure(
        name="product_paths",
        theme="random_products",
        **WORDS["product_paths"],
        draw=_product_paths,
        claims=(
            "typical_size",
            "gaussian_typical_size",
            "product_variance",
            "sampling_cannot_see_variance",
            "width_rescues",
            "driftless_gain",
        ),
    ),
)

WIDGETS = ()
