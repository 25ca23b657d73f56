"""The shelf, continued: states of two parts.

As in `theory.lemmas`, each is a pattern and each is verified on generated exact cases in the tests.
"""

from __future__ import annotations

from typing import Any

from theory.lemmas import Instance
from theory.matrices import Blocks, Jacobian
from theory.printing import plain
from theory.relations import equation, fixed
from theory.steps import Lemma


def _by_blocks(
    above: Any, below: Any, x: Any, y: Any, above_x: Any, above_y: Any, below_x: Any, below_y: Any
) -> Instance:
    """The parts `above` and `below` of a new state, x and y of the old one, and the derivatives.

    Raises ValueError for one part twice.
    """
    if x == y:
        raise ValueError(f"{plain(x)} is to be one of two parts")
    premises = (
        fixed(x, y),
        equation(Jacobian(above, x), above_x),
        equation(Jacobian(above, y), above_y),
        equation(Jacobian(below, x), below_x),
        equation(Jacobian(below, y), below_y),
    )
    whole = Jacobian(Blocks(2, above, below), Blocks(2, x, y))
    return premises, equation(whole, Blocks(2, above_x, above_y, below_x, below_y))


by_blocks = Lemma(
    "a matrix by its blocks",
    "x, y arguments of their own ⇒ ∂(u, v)/∂(x, y) consists of ∂u/∂x, ∂u/∂y, ∂v/∂x, ∂v/∂y",
    _by_blocks,
)
