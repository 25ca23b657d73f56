"""Values and lines of a working as data."""

from __future__ import annotations

from flint import fmpq

from properties.checking import matrix, vector
from properties.checking.working import Working
from properties.checking.written_out import _step, as_data


def test_a_line_of_a_working() -> None:
    assert _step(Working("Wh", fmpq(11), factors=(matrix("1 2"), vector("3 4")))) == {
        "formula": "Wh",
        "factors": [{"matrix": [["1", "2"]]}, {"matrix": [["3"], ["4"]]}],
        "value": "11",
    }


def test_a_tuple_holds_values() -> None:
    assert as_data((fmpq(1, 2), matrix("1"))) == {"tuple": ["1/2", {"matrix": [["1"]]}]}
