"""The experiments by name."""

from __future__ import annotations

from experiments import latching_figures, latching_sweep, tasks_figures, tasks_sweep
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
        Experiment(
            name="tasks",
            title="how often networks learn four tasks by plain or clipped descent, or by Ω",
            source=(
                "R. Pascanu, T. Mikolov and Y. Bengio, On the difficulty of training recurrent "
                "neural networks, ICML 2013, section 4.1; the tasks of Bengio, Simard and Frasconi "
                "1994, section IV"
            ),
            parameters=tasks_sweep.TaskSweep,
            quick={"lengths": (10, 20), "runs": 20, "updates": 1000, "learning_rates": (0.2,)},
            reduction=(
                "12 units instead of 50, 3000 updates of 10 sequences instead of up to 5 million "
                "of 20, lengths to 40 instead of 250; success is at most 5 % wrong instead of 1 %; "
                "some twenty minutes of one core"
            ),
            sweep=tasks_sweep.sweep,
            draw=tasks_figures.draw,
        ),
    )
}
