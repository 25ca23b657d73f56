"""Values and lines of a working as data."""

from __future__ import annotations

import numpy as np
from flint import fmpq

from properties.checking import matrix, vector
from properties.checking.exact import plain
from properties.checking.working import Working
from properties.checking.written_out import _step, as_data
from tests.controls import Number


def test_a_line_of_a_working() -> None:
    assert _step(Working("Wh", fmpq(11), factors=(matrix("1 2"), vector("3 4")))) == {
        "formula": "Wh",
        "factors": [{"matrix": [["1", "2"]]}, {"matrix": [["3"], ["4"]]}],
        "value": "11",
    }


def test_arrays_are_matrices_where_they_are_small_and_of_one_sequence() -> None:
    assert as_data(np.array([1.5, 2.0])) == {"matrix": [["1.5"], ["2.0"]]}
    assert as_data(np.array([[[1.5, 2.0]]])) == {"matrix": [["1.5", "2.0"]]}
    two, none = np.ones((2, 1, 1)), np.zeros((0, 3))
    large = np.zeros((1, 37))
    for value in (two, none, large, np.array(2.5)):
        assert as_data(value) == plain(value)
    assert as_data(np.zeros((1, 36))) == {"matrix": [["0.0"] * 36]}
    assert as_data(np.float64(0.5)) == "0.5"


def test_a_case_holds_its_quantities_by_name() -> None:
    assert as_data(Number(fmpq(1, 2))) == {"fields": [["x", "1/2"]]}


def test_a_tuple_holds_values() -> None:
    assert as_data((fmpq(1, 2), matrix("1"))) == {"tuple": ["1/2", {"matrix": [["1"]]}]}
