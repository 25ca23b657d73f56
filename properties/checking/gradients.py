"""The states of a run and all the gradients of a back-propagation, compared with balls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from properties.checking.ball_models import BallTrajectory, Gradients
from properties.checking.balls import Balls, each_precision, exact, zeros
from properties.checking.bounds import RunBounds
from properties.checking.comparison import Check
from properties.checking.references import reference
from properties.checking.rounding import Floats

Backward = Callable[[BallTrajectory, Balls], Gradients]

SHOWN = {"inputs": "x", "initial": "s_0"}


class JudgedRun:
    """A run of one sequence by the backend, beside its enclosure.

    trajectory: this project's own run of the same model, along which bounds are evaluated.
    """

    def __init__(self, check: Check, trajectory: Any) -> None:
        self._check, self._trajectory = check, trajectory
        self._given = trajectory.model, trajectory.states[0], trajectory.inputs
        self.bounds = RunBounds(trajectory, check.backend.unit_roundoff)
        self._balls = each_precision(lambda: reference(trajectory))

    def states(self, what: str = "states") -> None:
        """Compare all states."""
        found = self._check.backend.run(*self._given)
        truth = self._balls
        self._check.enclosed(found, lambda: truth().states, self.bounds.states.values, what)

    def gradients(
        self,
        cotangents: Floats,
        what: str,
        backward: Backward = BallTrajectory.backward,
        accounts: Mapping[str, str] | None = None,
    ) -> None:
        """Compare the gradient of each parameter, of the inputs and of the initial state.

        cotangents: (T+1, 1, S), or (1, S) of the last state alone.
        backward: takes the run in balls and the cotangents back; for a misreading, wrongly.
        accounts: what a misreading takes the gradient of a parameter for, as formulas.
        """
        found = self._check.backend.vjp(*self._given, cotangents)
        bounds = self.bounds.backward(cotangents)
        truth = each_precision(lambda: backward(self._balls(), exact(cotangents[..., 0, :])))
        computed = {**found.parameters, "inputs": found.inputs, "initial": found.initial}
        limits = {**bounds.parameters, "inputs": bounds.inputs, "initial": bounds.initial}
        account = {name: f"; {formula}" for name, formula in (accounts or {}).items()}
        for name, gradient in computed.items():
            self._check.enclosed(
                gradient,
                lambda name=name: truth()[name],  # type: ignore[misc]
                limits[name].values,
                f"{what}: ∂C/∂{SHOWN.get(name, name)}{account.get(name, '')}",
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
