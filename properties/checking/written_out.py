"""Counterexamples as data: what goes on the blackboard, for a page that did not see the run."""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import fmpq_mat

from properties.checking.cases import Case
from properties.checking.counterexample import Counterexample
from properties.checking.exact import plain
from properties.checking.working import Working

LARGEST_ARRAY = 36
"""An array with more entries is given as text, with most of them left out."""


def written_out(found: Counterexample) -> dict[str, Any]:
    """The quantities of the case by name, both sides worked out, and how they were compared.

    Workings that the check gave are data to be typeset; `lines` has all of them as plain text.
    """
    sides = {"left": found.left, "right": found.right}
    return {
        "case": as_data(found.case),
        "what": found.what,
        **{name: None if side is None else as_data(side) for name, side in sides.items()},
        "workings": {name: [*map(_step, found.given(i))] for i, name in enumerate(sides)},
        "lines": {name: [step.text() for step in found.steps(i)] for i, name in enumerate(sides)},
        "error": None if found.error is None else float(found.error),
        "bound": None if found.bound is None else float(found.bound),
        "needed": found.needed,
    }


def _step(working: Working) -> dict[str, Any]:
    """One line of a working: the formula, the factors that stand for it, and what they make."""
    return {
        "formula": working.formula,
        "factors": [as_data(factor) for factor in working.factors],
        "value": as_data(working.value),
    }


def as_data(value: Any) -> Any:
    """A value as JSON: text, {"matrix": rows}, {"tuple": items} or {"fields": [name, value] …}.

    Rows, items and values are such data again; a vector is a matrix of one column.
    """
    if isinstance(value, Case):
        return {"fields": [[name, as_data(item)] for name, item in value.quantities().items()]}
    if isinstance(value, fmpq_mat):
        return {"matrix": [[plain(entry) for entry in row] for row in value.table()]}
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, np.ndarray) and 0 < value.size <= LARGEST_ARRAY and value.ndim:
        if any(length > 1 for length in value.shape[:-2]):
            return plain(value)
        # A batch of one sequence is shown as the sequence; a vector is a column.
        rows = value.reshape(value.shape[-2:]) if value.ndim > 1 else value.reshape(-1, 1)
        return {"matrix": [[plain(np.asarray(entry)) for entry in row] for row in rows]}
    if isinstance(value, tuple):
        return {"tuple": [as_data(item) for item in value]}
    return plain(value)
