"""Figures of the linear recurrence: vectors that turn, and matrices whose powers grow first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from teaching.figures.figure import Figure, words
from teaching.figures.style import BLUE, FAINT, INK, ORANGE, PAIR, WIDE, arrow, crossed, subplots

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

EIGENVALUES = (1.3, 0.6)
STEPS, LABELLED = 6, (0, 1, 2, 3, 6)


def _power_method() -> Drawing:
    import numpy as np

    from models import linear

    drawing, (turning, flattening) = subplots(1, 2, figsize=PAIR)
    Q = np.array([[4, -3], [3, 4]]) / 5
    W = Q @ np.diag(EIGENVALUES) @ Q.T
    start = Q @ [0.25, 1.5]
    for axes, reach in ((turning, 1.75), (flattening, 1.45)):
        crossed(axes, reach)
        for column, name, shift in ((Q[:, 0], "$q_1$", (-2, 8)), (Q[:, 1], "$q_2$", (6, 0))):
            end = 1.35 * reach * column
            axes.plot(*np.array([-end, end]).T, color=FAINT, linewidth=0.9, linestyle="--")
            axes.annotate(
                name, -reach * column, textcoords="offset points", xytext=shift, color=FAINT
            )
    states = linear.run(W, start[None], STEPS)[:, 0]
    turning.plot(*states.T, color=FAINT, linewidth=0.8, linestyle=":")
    for t, h in enumerate(states):
        arrow(turning, h, color=BLUE if t else INK, label=f"$h_{t}$" if t in LABELLED else "")
    turn = np.linspace(0, 2 * np.pi, 121)
    circle = np.array([np.cos(turn), np.sin(turn)]).T
    images = linear.run(W, circle, STEPS) / EIGENVALUES[0] ** np.arange(STEPS + 1)[:, None, None]
    for t, line in ((0, "-"), (1, "--"), (2, "-."), (6, ":")):
        flattening.plot(*images[t].T, color=INK if t == 0 else BLUE, linestyle=line, label=f"${t}$")
    flattening.legend(title="$t$", frameon=False, loc="lower left", handlelength=1.6)
    flattening.get_legend().set_bbox_to_anchor((0.93, 0.5))
    turning.set_title(r"$h_t = W^{\top} h_{t-1}$")
    flattening.set_title(r"$h_t / \lambda_1^{\,t}$")
    return drawing


def _transients() -> Drawing:
    import numpy as np

    drawing, axes = subplots(figsize=WIDE)
    ρ, t = 0.9, np.arange(81)
    W = np.array([[ρ, 10.0], [0, ρ]])
    norms = [np.linalg.norm(np.linalg.matrix_power(W, int(k)), 2) for k in t]
    axes.set_yscale("log")
    axes.minorticks_off()
    axes.axhline(1, color=FAINT, linewidth=0.8)
    axes.plot(t, np.linalg.norm(W, 2) ** t, color=INK, linestyle="--")
    axes.plot(t, norms, color=ORANGE)
    axes.plot(t, ρ**t, color=BLUE, linestyle="-.")
    for text, place, colour in (
        (r"$\sigma_1^{\,t}$", (3.6, 900), INK),
        (r"$\|W^t\|_2$", (40, 14), ORANGE),
        (r"$\rho^{\,t}$", (30, 0.075), BLUE),
    ):
        axes.annotate(text, place, color=colour, fontsize=13)
    axes.text(57, 500, r"$W=\binom{0.9\ \ 10}{0\ \ \ 0.9}$", fontsize=14)
    axes.set(xlim=(0, 80), ylim=(1e-4, 3e3), xlabel="$t$")
    return drawing


WORDS: dict[str, Any] = words("linear_recurrence")

FIGURES = (
    Figure(
        name="power_method",
        theme="linear_recurrence",
        **WORDS["power_method"],
        draw=_power_method,
        claims=("spectral_power", "eigencomponents", "dominant_direction"),
    ),
    Figure(
        name="transients",
        theme="linear_recurrence",
        **WORDS["transients"],
        draw=_transients,
        claims=("transient_growth", "norm_growth", "gelfand_bound", "kreiss_bounds"),
    ),
)

WIDGETS = ()
