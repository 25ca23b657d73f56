"""The experiments by name."""

from __future__ import annotations

from experiments import latching_figures, latching_sweep
from experiments.experiment import Experiment

EXPERIMENTS = {
    each.name: each
    for each in (
        Experiment(
            name="latching",
            title="how often gradient descent learns to keep one bit for T steps, beside noise",
            source=(
                "Y. Bengio, P. Simard and P. Frasconi, Learning long-term dependencies with "
                "gradient descent is difficult, IEEE Trans. Neural Networks 5 (1994), fig. 2"
            ),
            parameters=latching_sweep.Latching,
            quick={"runs": 100},
            reduction="none: more runs a cell than the paper's 18, on the same axes",
            sweep=latching_sweep.sweep,
            draw=latching_figures.draw,
        ),
    )
}
