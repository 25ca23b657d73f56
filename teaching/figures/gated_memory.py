"""Figures of the LSTM: how long its cells keep, and what gradients reach far back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from teaching.figures.figure import Figure, Widget, words
from teaching.figures.play import Slider, fragment
from teaching.figures.style import BLUE, FAINT, INK, ORANGE, WIDE, subplots

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure as Drawing

    from models.trajectory import Trajectory

    Array = np.ndarray[Any, np.dtype[np.float64]]

SPAN, UNITS, RUNS, SEED = 200, 32, 20, 0
BIASES = {0: ":", 1: "-.", 3: "--", 5: "-"}


def _half_lives() -> Drawing:
    import numpy as np

    from models.lstm import LSTM

    drawing, axes = subplots(figsize=WIDE)
    steps, biases = 1000, [float(b) for b in BIASES]
    b = np.array([[0, bias, 0, 0] for bias in biases])
    model = LSTM(np.zeros((4, 1)), np.zeros((4, 0)), b)
    run = model.run(np.zeros((len(b), 2)), np.zeros((steps, len(b), 0)))
    kept = np.cumprod(run.gates.f[:, :, 0], axis=0).T
    t = np.arange(1, steps + 1)
    axes.axhline(0.5, color=FAINT, linewidth=0.8)
    for (bias, line), curve in zip(BIASES.items(), kept, strict=True):
        axes.plot((0.7, *t), (curve[0] ** 0.7, *curve), color=BLUE, linestyle=line)
        half = float(np.log(0.5) / np.log(curve[0]))
        axes.plot((half,), (0.5,), "o", color=INK, markersize=5)
        axes.annotate(
            f"$b_f={bias}$", (half, 0.5), xytext=(6, 6), textcoords="offset points", color=INK
        )
    axes.set(xscale="log", xlim=(0.7, steps), ylim=(0, 1), xlabel="$t$")
    axes.set_ylabel(r"$\sigma(b_f)^t$")
    axes.set_xticks((1, 10, 100, 1000), ("1", "10", "100", "1000"))
    return drawing


def _cotangents(run: Trajectory, generator: np.random.Generator) -> Array:
    """‖∂C/∂s_{T−k}‖ for k = 0 … T and each sequence (T+1, B), C a random direction of h_T."""
    import numpy as np

    cotangent = np.zeros(run.states.shape[1:])
    cotangent[:, :UNITS] = generator.standard_normal((len(cotangent), UNITS))
    cotangent /= np.linalg.norm(cotangent, axis=-1, keepdims=True)
    sizes: Array = np.linalg.norm(run.backward(cotangent).states, axis=-1)[::-1]
    return sizes


def _networks(generator: np.random.Generator) -> Iterator[tuple[Trajectory, str, str, str, Any]]:
    """Runs of 20 random networks of each kind; their colour, line, name, and where that stands."""
    import numpy as np

    from models.lstm import LSTM
    from models.rnn import RNN

    x = generator.standard_normal((SPAN, RUNS, 1))
    square = generator.standard_normal((RUNS, UNITS, UNITS)) / np.sqrt(UNITS)
    into = generator.standard_normal((RUNS, UNITS, 1)) * 0.3
    for W, line, name, place in (
        (square / 2.2, ":", r"$\sigma_1<1$", (36, 3e-12)),
        (2 * square, "-.", "$g=2$", (55, 1e5)),
        (np.linalg.qr(square)[0], "--", r"$W^{\mathsf{T}}W=I$", (55, 1e-10)),
    ):
        run = RNN(W, into, np.zeros(UNITS)).run(np.zeros((RUNS, UNITS)), x)
        yield run, ORANGE, line, f"RNN, {name}", place
    W = generator.standard_normal((RUNS, 4 * UNITS, UNITS)) / np.sqrt(UNITS)
    U = generator.standard_normal((RUNS, 4 * UNITS, 1)) * 0.3
    for bias, line, name, place in (
        (1.0, "--", "1", (150, 7e-4)),
        (np.log(SPAN - 1), "-", r"\ln(T-1)", (85, 2e-2)),
    ):
        b = np.zeros(4 * UNITS)
        b[UNITS : 2 * UNITS] = bias
        if bias > 1:  # the chronological initialisation closes the input gate as well
            b[:UNITS] = -bias
        cells = LSTM(W, U, b).run(np.zeros((RUNS, 2 * UNITS)), x)
        yield cells, BLUE, line, f"LSTM, $b_f={name}$", place


def _gradient_against_lag() -> Drawing:
    import numpy as np

    drawing, axes = subplots(figsize=WIDE)
    generator, lags = np.random.default_rng(SEED), np.arange(0, SPAN + 1, 4)
    for run, colour, line, name, place in _networks(generator):
        sizes = _cotangents(run, generator)
        axes.plot(np.median(sizes, axis=1), color=colour, linestyle=line)
        axes.annotate(name, place, color=colour)
        tenths = np.quantile(sizes, (0.1, 0.9), axis=1)
        axes.fill_between(lags, *tenths[:, lags], color=colour, alpha=0.12, linewidth=0)
    axes.set(yscale="log", xlim=(0, SPAN), ylim=(1e-12, 1e9), xlabel="$k$")
    axes.set_ylabel(r"$\|\partial C/\partial s_{T-k}\|$")
    axes.minorticks_off()
    return drawing


def _played() -> Drawing:
    drawing, axes = subplots(figsize=WIDE)
    axes.axhline(0.5, color=FAINT, linewidth=0.8)
    axes.plot((1, 1000), (0.5, 0.5), color=BLUE, gid="kept")
    axes.plot((1,), (0.5,), "o", color=INK, gid="half")
    axes.plot((1,), (0.5,), "s", color=ORANGE, gid="here")
    axes.set(xscale="log", xlim=(0.7, 1000), ylim=(0, 1), xlabel="$t$", ylabel=r"$\sigma(b_f)^t$")
    axes.set_xticks((1, 10, 100, 1000), ("1", "10", "100", "1000"))
    return drawing


def _half_lives_played() -> str:
    return fragment(
        "half_lives_played",
        _played,
        (
            Slider("b", "bias of the forget gate", "遗忘门的偏置", -2, 8, 0.05, 1),
            Slider("T", "number of steps", "步数", 2, 1000, 1, 100),
        ),
        """
const f = 1 / (1 + Math.exp(-b)), half = Math.log(0.5) / Math.log(f), kept = Math.pow(f, T);
move("kept", range(-0.2, 3, 200).map((e) => [10 ** e, Math.pow(f, 10 ** e)]), 0);
move("half", [[half, 0.5]], 0);
move("here", [[T, kept]], 0);
say(`σ(b) = ${short(f)};  t½ = ${short(half)};  σ(b)ᵀ = ${short(kept)};  `
  + `b = ln(T − 1) = ${short(Math.log(T - 1))}: σ(b)ᵀ = ${short(Math.pow(1 - 1 / T, T))}`);
""",
    )


WORDS: dict[str, Any] = words("gated_memory")

FIGURES = (
    Figure(
        name="half_lives",
        theme="gated_memory",
        **WORDS["half_lives"],
        draw=_half_lives,
        claims=("forget_bias", "influence_persists"),
    ),
    Figure(
        name="gradient_against_lag",
        theme="gated_memory",
        **WORDS["gradient_against_lag"],
        draw=_gradient_against_lag,
        claims=("carousel", "cell_jacobian", "vanishing_bound", "lstm_can_explode"),
    ),
)

WIDGETS = (
    Widget(
        name="half_lives_played",
        theme="gated_memory",
        **WORDS["half_lives_played"],
        html=_half_lives_played,
        claims=("forget_bias",),
    ),
)
