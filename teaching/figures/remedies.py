"""A figure of the remedies: what is left of a gradient, and when a network forgets its start."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING, Any

from teaching.figures.figure import Figure, words
from teaching.figures.style import BLUE, FAINT, GREEN, INK, ORANGE, PAIR, RED, subplots

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

LAGS, STEPS, SKIPPED = 40, 24, 4
"""The longest lag of the left half, the steps of the right one, and d."""


def _left_by_skipping() -> tuple[list[float], list[float]]:
    """‖∂h_t/∂h_{t−τ}‖ of a linear unit with w = v = 2/5 and a skip of d steps, and η^⌈τ/d⌉."""
    from flint import fmpq, fmpq_mat

    from properties.checking import floats, matrix
    from properties.remedies_cases import SkippingRun

    def run(lag: int) -> SkippingRun:
        w, ones = matrix("2/5"), fmpq_mat(1, lag, [fmpq(1)] * lag)
        return SkippingRun(w, ones, fmpq(1), w, SKIPPED, fmpq(4, 5))

    runs = [run(lag) for lag in range(LAGS + 1)]
    return [floats(r.size_at_lag()) for r in runs], [floats(r.bound()) for r in runs]


def _left_by_leaking() -> tuple[list[float], float]:
    """∂h_t/∂h_0 of a leaky unit's network with α = 31/32, t = 0 …, and its time constant."""
    import numpy as np
    from flint import fmpq

    from properties.remedies_cases import LeakyUnit

    unit = LeakyUnit(fmpq(31, 32), fmpq(0), (0,) * LAGS, fmpq(0))
    trajectory = unit.models()[0].run(unit.start(), unit.inputs())
    left = [float(trajectory.jacobian(0, t)[0, 0, 0]) for t in range(LAGS + 1)]
    return left, float(np.asarray(unit.time_constant(), dtype=float))


def _left_by_rotating() -> list[float]:
    """‖∂h_t/∂h_0‖₂ of the linear network that rotates by the angle of 3-4-5."""
    import numpy as np

    from properties.checking import floats, matrix
    from properties.remedies_cases import silent_network

    model = silent_network(floats(matrix("3/5 -4/5; 4/5 3/5")))
    run = model.run(np.zeros((1, 2)), np.zeros((LAGS, 1, 0)))
    return [float(np.linalg.norm(run.jacobian(0, t)[0], 2)) for t in range(LAGS + 1)]


def _apart(W: str, start: str, held: str) -> Any:
    """‖a_t − b_t‖ of two runs from a_0 and −a_0 under one input that is held, t = 0 … STEPS."""
    import numpy as np
    from flint import fmpq

    from properties.checking import matrix, vector
    from properties.echo_state import TwoStarts

    a0, inputs = vector(start), (vector(held),) * STEPS
    states = TwoStarts(matrix(W), fmpq(1), a0, -1 * a0, inputs, inputs).trajectory().states
    return np.linalg.norm(states[:, 0] - states[:, 1], axis=1)


def _left(axes: Any) -> None:
    lags = range(LAGS + 1)
    skipping, bound = _left_by_skipping()
    leaking, constant = _left_by_leaking()
    axes.plot(lags, _left_by_rotating(), "-", color=GREEN)
    axes.plot(lags, leaking, "--", color=BLUE)
    axes.plot([constant], [exp(-1)], "D", color=BLUE, markersize=5)
    axes.step(lags, bound, where="post", color=FAINT, linewidth=1)
    axes.plot(lags, skipping, "o", color=ORANGE, markersize=3)
    axes.plot(lags, [0.8**lag for lag in lags], ":", color=INK)
    for text, place, colour in (
        (r"$W^\top W = I$", (24, 1.3), GREEN),
        (r"$\alpha^\tau$", (36, 0.42), BLUE),
        (r"$\eta^{\lceil\tau/d\rceil}$", (21, 0.019), ORANGE),
        (r"$\eta^\tau$", (27, 0.0028), INK),
    ):
        axes.annotate(text, place, color=colour, ha="left", va="bottom")
    axes.set(yscale="log", ylim=(1e-4, 3), xlabel=r"$\tau$")
    axes.minorticks_off()
    axes.set_title(r"$\|\partial h_t/\partial h_{t-\tau}\|$")


def _right(axes: Any) -> None:
    steps = range(STEPS + 1)
    for W, start, held, line, colour, label, off in (
        ("27/50 -18/25; 18/25 27/50", "1 -1", "0 0", "--", BLUE, r"$\|W\|_2 = 0.9$", -18),
        ("3 -3; 3 -3", "1 -1", "0 5", "-", RED, r"$\rho(W) = 0$", 6),
        ("2", "1", "1", ":", ORANGE, r"$\rho(W) = 2$", 6),
    ):
        apart = _apart(W, start, held)
        seen = [(t, d) for t, d in zip(steps, apart, strict=True) if d > LEAST]
        axes.plot(*zip(*seen, strict=True), line, color=colour)
        end = seen[-1]
        axes.annotate(label, end, xytext=(-4, off), textcoords="offset points", ha="right")
    axes.set(yscale="log", ylim=(LEAST, 6), xlabel="$t$")
    axes.minorticks_off()
    axes.set_title(r"$\|a_t - b_t\|$")


LEAST = 1e-6
"""What is nearer than that counts as forgotten."""


def _remedies() -> Drawing:
    drawing, (left, right) = subplots(1, 2, figsize=PAIR)
    _left(left)
    _right(right)
    return drawing


WORDS = words("remedies")

FIGURES = (
    Figure(
        name="remedies_memory",
        theme="remedies",
        **WORDS["remedies_memory"],
        draw=_remedies,
        claims=("skip_connections", "leaky_units", "orthogonal_keeps_norm", "echo_state"),
    ),
)

WIDGETS = ()
