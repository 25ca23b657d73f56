"""All the gradients that one back-propagation gives, compared with balls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from properties.checking.ball_models import BallTrajectory, Gradients
from properties.checking.balls import Balls, each_precision, exact, zeros
from properties.checking.bounds import RunBounds
from properties.checking.comparison import Check
from properties.checking.references import reference
from properties.checking.rounding import Floats

Backward = Callable[[BallTrajectory, Balls], Gradients]

SHOWN = {"inputs": "the inputs", "initial": "the initial state"}


def enclosed_gradients(
    check: Check,
    trajectory: Any,
    cotangents: Floats,
    what: str,
    backward: Backward = BallTrajectory.backward,
) -> None:
    """Each gradient that the backend gives along a run of one sequence, against its enclosure.

    trajectory: this project's own run of the same model, along which bounds are evaluated.
    cotangents: (T+1, 1, S), or (1, S) of the last state alone.
    backward: what takes the run in balls and the cotangents back; for a misreading, a wrong one.
    """
    model, start, inputs = trajectory.model, trajectory.states[0], trajectory.inputs
    found = check.backend.vjp(model, start, inputs, cotangents)
    bounds = RunBounds(trajectory, check.backend.unit_roundoff).backward(cotangents)
    truth = each_precision(lambda: backward(reference(trajectory), exact(cotangents[..., 0, :])))
    computed = {**found.parameters, "inputs": found.inputs, "initial": found.initial}
    limits = {**bounds.parameters, "inputs": bounds.inputs, "initial": bounds.initial}
    for name, gradient in computed.items():
        check.enclosed(
            gradient,
            lambda name=name: truth()[name],  # type: ignore[misc]
            limits[name].values,
            f"gradient of {SHOWN.get(name, name)}, {what}",
        )


def truncated(run: BallTrajectory, g: Balls, steps: int) -> Gradients:
    """Back-propagation of C = g·s_T that goes back no more than some steps: all before is zero."""
    older = max(0, len(run.steps) - steps)
    if older == 0:
        return run.backward(g)
    recent = BallTrajectory(run.steps[older - 1].state, run.steps[older:]).backward(g)
    nothing = zeros(older, recent["inputs"].shape[1])
    return recent | {
        "inputs": np.concatenate([nothing, recent["inputs"]]),
        "initial": zeros(run.initial.size),
    }
