"""All the gradients that one back-propagation gives, compared with balls."""

from __future__ import annotations

from collections.abc import Callable

from models.trajectory import Gradients
from properties.checking import ball_models
from properties.checking.balls import each_precision
from properties.checking.bounds import GradientBounds
from properties.checking.comparison import Check


def enclosed_gradients(
    check: Check,
    found: Gradients,
    reference: Callable[[], ball_models.Gradients],
    bounds: GradientBounds,
    what: str,
) -> None:
    """Each parameter's gradient, the inputs' and the initial state's, of a batch of one sequence.

    reference() encloses them, by the names of the parameters, "inputs" and "initial".
    """
    truth = each_precision(reference)
    computed = {**found.parameters, "inputs": found.inputs, "initial": found.initial}
    limits = {**bounds.parameters, "inputs": bounds.inputs, "initial": bounds.initial}
    symbols = {"inputs": "x", "initial": "h₀"}
    for name, gradient in computed.items():
        check.enclosed(
            gradient,
            lambda name=name: truth()[name],  # type: ignore[misc]
            limits[name].values,
            f"∂C/∂{symbols.get(name, name)} {what}",
        )
