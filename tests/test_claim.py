"""What a declaration holds, and what is said of each thing that is wrong with one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from models.rnn import RNN
from properties.checking.claim import Misreading, Without
from properties.shared_weight import scalar_power
from tests.controls import NUMBERS, Number, square_is_nonnegative
from tests.controls import a_claim as make

SMALL = {"x is small": lambda n: n.x < 9, "x is odd": lambda n: n.x % 2}

WRONG: dict[str, dict[str, Any]] = {
    "it has no witness; give `witness=` one concrete case": {"witness": None},
    "its tiers are (); name those used of symbolic, exact, float, enclosed, statistical": {
        "tiers": ()
    },
    "its tiers are ('exact', 'exactly'); name those used of symbolic, exact, float, enclosed, "
    "statistical": {"tiers": ("exact", "exactly")},
    "the tier `symbolic` and a derivation go together; give both, or neither and a line that says "
    "why there is none": {"tiers": ("symbolic", "exact")},
    "its derivation is empty; give one, or a line that says why there is none": {
        "derivation": " \n"
    },
    "the assumption 'x is small' has no counterexample; declare "
    "square_is_nonnegative.without('x is small', domain=…)": {
        "assumptions": {"x is small": SMALL["x is small"]}
    },
    "its statement is not a text": {"statement": 7},
    "its source is not a text": {"source": None},
    "its derivation is not a derivation or a line": {"derivation": 7},
    "its domain is not a strategy of Hypothesis": {"domain": [1, 2]},
    "its tiers is not names of tiers": {"tiers": (1,)},
    "its assumptions is not predicates by name": {"assumptions": {"x is small": True}},
    "its concerns is not a type of model": {"concerns": "RNN"},
    "its examples is not a number from 1 on": {"examples": 0},
}
NO_LABELS: list[Any] = [
    0.5,
    (0.5,),
    (0.5, SMALL["x is odd"], 1),
    [0.5, SMALL["x is odd"]],
    (0, SMALL["x is odd"]),
    (1.5, SMALL["x is odd"]),
    ("0.5", SMALL["x is odd"]),
    (0.5, "odd"),
]


@pytest.mark.parametrize("said", WRONG)
def test_each_fault_is_said_with_what_to_do(said: str) -> None:
    assert make(**WRONG[said]).declared_faults() == [said]


@pytest.mark.parametrize("label", NO_LABELS)
def test_what_is_no_label_is_said(label: Any) -> None:
    said = "its labels is not a share in (0, 1] and a predicate by name"
    assert make(labels={"odd": label}).declared_faults() == [said]
    assert make(labels={"odd": (1, SMALL["x is odd"])}).declared_faults() == []


def test_all_that_is_malformed_is_said_and_nothing_else() -> None:
    made = make(statement=7, domain=7, witness=None, examples="many")
    assert made.declared_faults() == [
        "its statement is not a text",
        "its domain is not a strategy of Hypothesis",
        "its examples is not a number from 1 on",
    ]


def test_a_claim_may_ask_for_one_example() -> None:
    assert make(examples=1).declared_faults() == []


class Modelled(Number):
    """A number that says which models its check computes with."""

    def __init__(self, found: Any) -> None:
        object.__setattr__(self, "found", found)

    def models(self) -> Any:
        return self.found()


def test_a_witness_has_to_name_the_models_that_are_concerned() -> None:
    def concerning(found: Any) -> list[str]:
        return make(concerns=RNN, witness=Modelled(found)).declared_faults()

    assert concerning(lambda: [1]) == []
    assert concerning(list) == [
        "it concerns RNN and its witness names no model; let the case's models() give those that "
        "the check computes with"
    ]
    assert concerning(lambda: 1 // 0) == [
        "its witness's models() raises ZeroDivisionError: integer division or modulo by zero"
    ]
    assert make(witness=Modelled(lambda: [1])).concerned_models() == ()
    assert make(concerns=RNN, witness=Modelled(lambda: [1])).concerned_models() == (1,)
    assert make(concerns=RNN, witness=None).concerned_models() == ()


def test_an_assumption_is_dropped_once_and_only_one_that_there_is() -> None:
    made = make(assumptions=SMALL)
    made.without("x is small", domain=NUMBERS)
    made.without("x is odd", domain=NUMBERS, examples=7, why="two is even")
    assert made.declared_faults() == []
    assert made.without_["x is small"] == Without("x is small", NUMBERS, 2000, "")
    assert made.without_["x is odd"] == Without("x is odd", NUMBERS, 7, "two is even")
    assert made.without_["x is odd"].name == "x is odd"
    made.without("x is small", domain=NUMBERS, examples=3)
    made.without("x is prime", domain=NUMBERS)
    assert made.declared_faults() == [
        "without('x is small') is declared twice; keep one",
        "without('x is prime') names no assumption of the claim; it has: x is small; x is odd",
    ]
    assert made.without_["x is small"].examples == 2000
    bare = make()
    bare.without("x is prime", domain=NUMBERS)
    assert bare.declared_faults() == [
        "without('x is prime') names no assumption of the claim; it has: none"
    ]


def test_a_misreading_is_the_check_that_it_decorates() -> None:
    made = make(assumptions={"x is odd": SMALL["x is odd"]})
    made.without("x is odd", domain=NUMBERS)
    assert made.misread("1 = 2")(square_is_nonnegative) is square_is_nonnegative
    name = "square_is_nonnegative"
    expected = Misreading(name, "1 = 2", "", square_is_nonnegative, None, 2000, "")
    assert made.misreadings == {name: expected}
    few = st.builds(Number, st.just(1))
    again = made.misread("1 = 3", source="a book", domain=few, examples=7, why="no")
    again(square_is_nonnegative)
    expected = Misreading(name, "1 = 3", "a book", square_is_nonnegative, few, 7, "no")
    assert made.misreadings == {name: expected}
    assert made.declared_faults() == [f"the misreading {name} is declared twice; rename one"]
    assert made.parts == [
        "derivation",
        "witness",
        "holds",
        "without[x is odd]",
        "misread[square_is_nonnegative]",
    ]


def test_what_is_concluded() -> None:
    assert make().concluded() == "a square is not negative"
    assert scalar_power.concluded() == "∂(w^(T−1))/∂w = w^(T−2)(T − 1)"


def test_a_claim_in_a_notebook() -> None:
    made = make(
        statement="x < y", tiers=("exact", "float"), assumptions={"x < 1": SMALL["x is odd"]}
    )
    made.misread("x & y")(square_is_nonnegative)
    assert made._repr_html_() == (
        "<p><b>square_is_nonnegative</b>: x &lt; y</p><table>"
        "<tr><th>Source</th><td>arithmetic</td></tr>"
        "<tr><th>Tiers</th><td>exact, float</td></tr>"
        "<tr><th>Assumption</th><td>x &lt; 1</td></tr>"
        "<tr><th>Misreading</th><td>square_is_nonnegative: x &amp; y</td></tr></table>"
    )
