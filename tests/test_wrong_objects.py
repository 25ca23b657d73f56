"""Wrong formulas and values: each differs from the right one, and by what it says."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq
from sympy import Integer, MatrixSymbol, Sum, Symbol, exp

from models.gru import Gates
from models.lstm import LSTM
from models.trajectory import Trajectory
from properties.checking import matrix
from properties.checking.statistics import Tally
from properties.checking.working import Worked
from properties.checking.wrong_functions import Target, WrongFunction, WrongModel
from properties.checking.wrong_values import CHANGES, COARSE_CHANGES, changed, differs, one_more
from theory import linear_recurrence as theory
from theory.matrices import OrderedProduct, family
from theory.wrong_formulas import LONGEST, wrong_versions

RIGHT = [
    1.5,
    fmpq(1, 2),
    arb(2),
    np.array([[1.0, 2.0], [3.0, 4.0]]),
    np.array([1, 2]),
    matrix("1 2; 3 4"),
    (fmpq(1), fmpq(2)),
    True,
    "accepts",
    Worked(fmpq(1), list),
    np.array([True, False]),
    Tally(3, 10),
    {"a": 1, "b": 2, "c": 3},
    LSTM(np.ones((4, 1)), np.ones((4, 1)), np.ones(4)).run(np.zeros((1, 2)), np.ones((2, 1, 1))),
]


@pytest.mark.parametrize("value", RIGHT, ids=lambda value: type(value).__name__)
def test_wrong_values_differ_from_right_ones_and_right_ones_do_not(value: Any) -> None:
    assert not differs(value, value)
    wrong = [changed(value, change) for change in CHANGES.values()]
    assert any(differs(value, other) for other in wrong)
    if not isinstance(value, Worked | Tally | Trajectory | dict):
        assert differs(value, one_more(value))


def test_changes_are_those_said() -> None:
    square = np.array([[1.0, 2.0], [3.0, 4.0]])
    found = {text: change(square).tolist() for text, change in CHANGES.items()}
    assert found == {
        "1 + 2⁻²⁰ times as large": (square * (1 + 2.0**-20)).tolist(),
        "one more": square.tolist(),
        "the opposite": [[-1, -2], [-3, -4]],
        "a step late": [[1, 2], [1, 2]],
        "transposed": [[1, 3], [2, 4]],
    }


def test_coarse_changes_are_the_same_but_for_what_is_too_small_for_them() -> None:
    assert list(COARSE_CHANGES)[1:] == list(CHANGES)[1:]
    assert COARSE_CHANGES["twice as large"](np.array([1.5])).tolist() == [3.0]
    assert COARSE_CHANGES["twice as large"](3) == 3


def test_of_a_tally_only_successes_and_failures_are_exchanged() -> None:
    found = {text: changed(Tally(3, 10), change) for text, change in CHANGES.items()}
    assert found.pop("the opposite") == Tally(7, 10)
    assert set(found.values()) == {Tally(3, 10)}


def test_of_a_run_the_states_are_wrong_in_every_one_of_them() -> None:
    right = RIGHT[-1]
    wrong = changed(right, CHANGES["the opposite"])
    assert np.array_equal(wrong.states, -right.states)
    assert np.array_equal(wrong.gates.f, right.gates.f)


def test_of_parts_with_names_each_is_wrong() -> None:
    right = Gates(np.ones(1), np.full(1, 2.0), np.full(1, 3.0))
    wrong = changed(right, CHANGES["the opposite"])
    assert isinstance(wrong, Gates)
    assert [part.tolist() for part in wrong] == [[-1], [-2], [-3]]


def test_wrong_versions_of_a_formula() -> None:
    found = [str(wrong) for wrong in wrong_versions(theory.spectral_power.conclusion.right)]
    assert found == [
        "the sign changed: −QΛᵗQᵀh₀",
        "Q and Λᵗ exchanged: ΛᵗQQᵀh₀",
        "Λᵗ and Qᵀ exchanged: QQᵀΛᵗh₀",
        "Qᵀ for Q: QᵀΛᵗQᵀh₀",
        "Λᵀ for Λ: Q(Λᵀ)ᵗQᵀh₀",
        "t + 1 for t: QΛ^(t+1)Qᵀh₀",
        "Q for Qᵀ: QΛᵗQh₀",
        "Qᵀ for Q: QΛᵗ(Qᵀ)ᵀh₀",
    ]


class Scaled:
    """A model of one weight."""

    def __init__(self, weight: float) -> None:
        self.weight = weight

    def of(self, x: float, *, plus: float = 0.0) -> float:
        return self.weight * x + plus

    def run(self) -> Trajectory:
        return RIGHT[-1]


SCALED = Target(Scaled, "of", Scaled.of)


def test_a_function_is_wrong_while_its_change_is_installed() -> None:
    wrong = WrongFunction(SCALED, lambda value: value + 1)
    with wrong.installed():
        assert Scaled(2).of(3, plus=1) == 8
    assert Scaled(2).of(3, plus=1) == 7
    assert wrong.differed
    same = WrongFunction(SCALED, lambda value: value)
    with same.installed():
        assert Scaled(2).of(3) == 6
    assert not same.differed


def test_a_function_is_wrong_wherever_it_was_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    importing = ModuleType("importing")
    vars(importing).update(of=Scaled.of, other=abs)
    monkeypatch.setitem(sys.modules, "importing", importing)
    with WrongFunction(SCALED, lambda value: -value).installed():
        assert importing.of(Scaled(2), 3) == -6
        assert importing.other is abs
    assert importing.of is Scaled.of


def test_a_model_with_a_mistake_answers_in_place_of_another() -> None:
    wrong = WrongModel(SCALED, lambda model: Scaled(model.weight + 1))
    with wrong.installed():
        assert Scaled(2).of(3, plus=1) == 10
    assert wrong.differed


def test_trajectories_are_left_alone_where_a_backend_is_judged() -> None:
    target = Target(Scaled, "run", Scaled.run)
    for asked in (True, False):
        wrong = WrongFunction(target, CHANGES["the opposite"], trajectories=asked)
        with wrong.installed():
            Scaled(2).run()
        assert wrong.differed is asked


x, n = Symbol("x", real=True), Symbol("n", integer=True, positive=True)
k, t = Symbol("k", integer=True), Symbol("t", integer=True, nonnegative=True)
W = MatrixSymbol("W", n, n)


def changes(expression: Any) -> list[str]:
    return [str(wrong) for wrong in wrong_versions(expression)]


def test_a_number_becomes_one_larger_and_an_index_too() -> None:
    assert changes(3 * x**2) == ["the sign changed: −3x²", "4 for 3: 4x²", "3 for 2: 3x³"]
    assert changes(x**t) == ["the sign changed: −xᵗ", "t + 1 for t: x^(t+1)"]
    assert wrong_versions(Integer(0))[-1].expression == 1


def test_every_term_changes_its_sign_and_every_quotient_is_turned() -> None:
    assert "−exp(x) for exp(x): x − exp(x)" in changes(x + exp(x))
    assert "−x for x: exp(x) − x" in changes(x + exp(x))
    assert "x multiplied, not divided: x" in changes(1 / x)
    assert "x for −x: exp(x)" in changes(exp(-x))


def test_the_variables_of_sums_and_products_and_sizes_are_left_alone() -> None:
    F = family("F", n, n)
    for whole, shifted in (
        (Sum(x**k, (k, 1, t)), Sum(x**k, (k, 1, t + 1))),
        (OrderedProduct(F(k), k, 1, t), OrderedProduct(F(k), k, 1, t + 1)),
    ):
        versions = [wrong.expression for wrong in wrong_versions(whole)]
        assert shifted in versions
        assert all(getattr(v, "shape", ()) == getattr(whole, "shape", ()) for v in versions)
        assert len(versions) == len(set(versions))
    assert "Wᵀ for W: Wᵀ" in changes(W)


def test_a_long_formula_is_cut_off() -> None:
    text = changes(sum(x**power for power in range(2, 40)))[0]
    assert text.endswith("…")
    assert len(text) == len("the sign changed: ") + LONGEST
