"""What the sides of a comparison are called, and how they are worked out from a case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq, fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from properties.backpropagation_cases import GradientRun, JacobianRun
from properties.checking import Case, Check, Violation, Worked, Working, matrix, vector
from properties.checking.blackboard import Stage
from properties.checking.counterexample import Counterexample
from properties.checking.domains import dyadics, fixed_lists, rectangles, small_integers, vectors
from properties.checking.formulas import NotAFormula
from properties.checking.reckoning import value_of
from properties.checking.refuting import counterexample_of
from properties.checking.sides import Board, names_of_sides
from properties.gated_memory_cases import GRUGradientRun, LSTMGradientRun
from properties.gated_memory_jacobian_cases import GRUSteps


@pytest.mark.parametrize(
    ("what", "statement", "names"),
    [
        ("‖h_t‖² ≤ ρ²ᵗ‖h₀‖²", "", ("‖h_t‖²", "ρ²ᵗ‖h₀‖²")),
        ("θ falls: a, and b = c", "", ("a", "b = c")),
        ("the forms agree; Q = Qᵀ", "", ("the forms agree", "Q = Qᵀ")),
        ("S = [0, BF; 0, F]", "", ("S", "[0, BF; 0, F]")),
        ("0 < x < 1", "", ("0 < x < 1", "")),
        ("states", "h_t = Wh₀", ("states", "")),
        ("", "h_t = (Wᵗ⁻¹)ᵀh₀ for t ≥ 1", ("h_t", "(Wᵗ⁻¹)ᵀh₀")),
        ("", "J = diag(i_t), as it is told", ("J", "diag(i_t)")),
        ("", "every W is QΛQᵀ", ("", "")),
        ("", "if ρ < 1, it vanishes", ("", "")),
    ],
)
def test_the_names_are_in_what_is_compared_or_in_the_statement(
    what: str, statement: str, names: tuple[str, str]
) -> None:
    assert names_of_sides(what, statement) == names


@dataclass(frozen=True, repr=False)
class Fall(Case):
    """x_t = μᵗx₀."""

    mu: fmpq
    x0: fmpq_mat
    t: int

    symbols = MappingProxyType({"mu": "μ"})

    def terms(self) -> dict[str, Any]:
        return {
            "x_t": "μᵗx₀",
            "itself": "itself + 1",
            "this": "that",
            "that": "this",
            "c": fmpq(3),
            "size": lambda: fmpq(2),
            "steps": lambda: Worked(fmpq(4), lambda: [Working("one", 1), Working("s", 4)]),
            "it shrinks": ("μ", "<", "1"),
            "μ = c": ("μ", "=", "c"),
            "words": lambda: "a few",
        }


@dataclass(frozen=True, repr=False)
class Falls(Case):
    one: Fall
    y: fmpq


FALL = Fall(fmpq(1, 2), vector("0 2"), 2)


def worked(case: Any, what: str, left: Any, right: Any) -> tuple[list[str], list[str]]:
    found = Counterexample(case, what, left, right, None, None, 1.0)
    one, other = ([line.text() for line in found.steps(side)] for side in (0, 1))
    return one, other


def test_a_term_is_defined_once_and_only_where_it_is_spoken_of() -> None:
    left, right = worked(FALL, "‖x_t‖² ≤ c‖x_t‖", fmpq(1, 4), fmpq(3, 2))
    assert left == ["x_t = μᵗx₀ = (1/2)² · ⎡ 0 ⎤ = 1/4 · ⎡ 0 ⎤ = ⎡   0 ⎤\n"
                    "                      ⎣ 2 ⎦         ⎣ 2 ⎦   ⎣ 1/2 ⎦",
                    "‖x_t‖² = 0² + (1/2)² = 1/4"]  # fmt: skip
    assert right[0].startswith("c‖x_t‖ = 3 · ‖ ⎡   0 ⎤ ‖ = 3 · 1/2 = 3/2")
    assert len(right) == 1


def test_terms_are_values_workings_and_propositions_too() -> None:
    left, right = worked(FALL, "size + steps; it shrinks", fmpq(6), True)
    assert left == ["size = 2", "one = 1", "s = 4", "size + steps = 2 + 4 = 6"]
    assert right == ["it shrinks: True"]
    assert worked(Falls(FALL, fmpq(1)), "y; size", fmpq(1), fmpq(2)) == (["y = 1"], ["size = 2"])


def test_a_name_that_is_no_formula_stands_beside_the_value() -> None:
    assert worked(FALL, "what is left, and the rest", 1, 2) == (
        ["what is left = 1"],
        ["the rest = 2"],
    )
    assert worked(FALL, "number of steps", 1, 2) == ([], [])
    assert worked(None, "what is left; the rest", 1, 2) == (["what is left = 1"], ["the rest = 2"])


def test_a_formula_that_is_not_what_was_compared_is_not_shown() -> None:
    left, right = worked(FALL, "μ ≤ x_t", fmpq(1, 2), fmpq(77))
    assert (left, right) == (["μ = 1/2"], ["x_t = 77"])
    assert worked(FALL, "2‖x_t‖ ≤ c", fmpq(77), 3)[0] == ["2‖x_t‖ = 77"]
    # No name is given to the wrong side, nor where it says another number.
    assert worked(FALL, "1 < μ", fmpq(1, 2), 1) == (["μ = 1/2"], ["1"])
    assert worked(FALL, "1 < μ", 5, 6) == ([], [])


@pytest.mark.parametrize("name", ["itself", "this"])
def test_a_term_that_is_defined_by_itself_is_not_worked_out(name: str) -> None:
    assert worked(FALL, f"{name} ≤ c", 1, 3)[0] == [f"{name} = 1"]
    with pytest.raises(NotAFormula, match=f"^{name} is defined by itself$"):
        Board(FALL)._read(name)


def test_terms_that_are_too_many_to_follow_are_not_worked_out() -> None:
    @dataclass(frozen=True, repr=False)
    class Long(Case):
        def terms(self) -> dict[str, Any]:
            return {"h_0": fmpq(1)} | {f"h_{k}": f"h_{k - 1}" for k in range(1, 5000)}

    assert worked(Long(), "h_4999 ≤ h_9", 1, 1)[0] == ["h₄₉₉₉ = 1"]


def test_a_number_that_digits_cannot_show_is_left_as_it_is_typed() -> None:
    assert worked(FALL, "1 + 2⁻⁶⁴ < c", arb(1), 3)[0] == ["1 + 2⁻⁶⁴"]
    assert worked(FALL, "440² < c", arb(440) ** 2, 3)[0] == ["440² = 193600"]


def test_a_matrix_that_was_compared_by_its_norm_has_that_norm_as_its_value() -> None:
    power = matrix("0 2; 0 0")

    @dataclass(frozen=True, repr=False)
    class Square(Case):
        W: fmpq_mat

    found = Counterexample(Square(power), "‖W‖₂ ≤ 1", power, fmpq(1), None, None, 1.0)
    assert found.value(0) == 2
    assert (found.name(0), found.name(1)) == ("‖W‖₂", "1")
    found = Counterexample(FALL, "it shrinks; μ = c", True, False, None, None, 1.0)
    assert (found.name(0), found.name(1)) == ("it shrinks", "μ = c")
    assert Counterexample(FALL, "what", 1, 2, None, None, 1.0).name(0) == ""


def test_a_fraction_that_is_long_is_followed_by_its_decimals() -> None:
    assert Working("δ", fmpq(127413, 524288)).text() == "δ = 127413/524288 ≈ 0.243021"
    power = fmpq(201, 200) ** 100
    assert Working("w^T", power).text() == "w^T ≈ 1.64667"
    assert Working("w^T", power).latex() == r"w^T \approx 1.64667"


def test_a_working_that_is_wide_goes_on_below() -> None:
    stages = tuple(Stage(" + ".join(["1/2"] * k), "") for k in (12, 11))
    first, *others = Working("x", fmpq(6), stages).text().split("\n")
    assert first.startswith("x = 1/2 + ")
    assert [line[:4] for line in others] == ["  = ", "  = "]
    formula = "what is left of all of it in the end"
    assert Working(formula, fmpq(6), stages).text().split("\n")[0] == formula


def test_latex_keeps_indices_together_and_breaks_what_is_wide() -> None:
    one = Stage("a", "a")
    assert Working("h_10 = W_ih_9", fmpq(2), (one,)).latex() == r"h_{10} = W_ih_9 = a = 2"
    assert Working("[S_1]_cc", fmpq(2)).latex() == r"[S_1]_{cc} = 2"
    assert Working("1/2", fmpq(1, 2)).latex() == "1/2"
    stages = tuple(Stage(" + ".join(["1/2"] * k), f"{k}") for k in (12, 11))
    assert Working("x", fmpq(6), stages).latex_rows() == ["x = 12", "= 11", "= 6"]
    latex = Counterexample(FALL, "‖x_t‖ ≤ c", fmpq(1, 2), 3, None, None, 1.0).latex()
    assert latex.count(r"\text{left side:}") == latex.count(r"\text{right side:}") == 1
    assert latex.count("& && ") == 1


def refuted(compare: Callable[[Check], None]) -> Counterexample:
    with pytest.raises(Violation) as raised:
        compare(Check())
    return counterexample_of(None, raised.value, "")


def test_statistical_comparisons_say_what_was_counted() -> None:
    few = refuted(lambda check: check.proportion(3, 200, "P(it learns)", least=fmpq(1, 2)))
    assert few.lines()[2:] == [
        "P(it learns):",
        "left side",
        "    share = 3/200 = 0.015",
        "    upper end of its interval (error 1e-12) = 0.16896",
        "right side",
        "    claimed: at least = 1/2",
        "error 0.485, bound 0.154: 3.15 times the bound",
    ]
    assert (few.left, few.right) == (3 / 200, fmpq(1, 2))
    assert few.given(0) == []
    many = refuted(lambda check: check.proportion(150, 200, "P(it learns)", most=fmpq(1, 2)))
    assert many.lines()[3:] == [
        "left side",
        "    share = 150/200 = 0.75",
        "    lower end of its interval (error 1e-12) = 0.504337",
        "right side",
        "    claimed: at most = 1/2",
        "error 0.25, bound 0.246: 1.02 times the bound",
    ]
    law = refuted(lambda check: check.uniform(np.linspace(0, 0.5, 2000), "law"))
    assert law.lines()[3:] == [
        "left side",
        "    largest distance of the sample's distribution function = 0.5",
        "right side",
        "    largest distance by chance (error 1e-12) = √(ln(2/1e-12)/4000) = 0.0841489",
        "error 0.5, bound 0.0841: 5.94 times the bound",
    ]
    samples = np.linspace(0.9, 1, 2000)
    mean = refuted(lambda check: check.mean(samples, fmpq(1, 2), "mean", low=0, high=1))
    assert mean.lines()[3:] == [
        "left side",
        "    largest distance by chance (error 1e-12) = 0.0841489",
        "    the mean of 2000 samples = 0.95",
        "right side",
        "    claimed = 1/2",
        "error 0.45, bound 0.0841: 5.35 times the bound",
    ]
    assert mean.latex().splitlines()[4:-2] == [
        r"\begin{align*}",
        r"& \text{left side:} && \text{largest distance by chance (error 1e-12)} = 0.0841489 \\",
        r"& && \text{the mean of 2000 samples} = 0.95 \\",
        r"& \text{right side:} && \mathrm{claimed} = \tfrac{1}{2}",
    ]


def test_a_fraction_is_followed_by_its_decimals_on_a_row_of_its_own_where_it_is_long() -> None:
    assert Working("x", fmpq(4115, 2263)).latex_rows() == [
        r"x = \tfrac{4115}{2263} \approx 1.81838"
    ]
    stages = tuple(Stage(" + ".join(["1/2"] * k), f"{k}") for k in (12, 11))
    assert Working("x", fmpq(4115, 2263), stages).latex_rows() == [
        "x = 12",
        "= 11",
        r"= \tfrac{4115}{2263}",
        r"\approx 1.81838",
    ]
    assert Working("x", fmpq(4115, 2263), stages).latex() == (
        r"x = 12 = 11 = \tfrac{4115}{2263} \approx 1.81838"
    )
    worked = Worked(fmpq(4115, 2263), lambda: [Working("x", fmpq(4115, 2263), stages)])
    found = Counterexample(None, "it", worked.value, 1, None, None, 1.0, workings=(worked, None))
    assert found.latex().splitlines()[5:9] == [
        r"& \text{left side:} && x = 12 \\",
        r"& && \quad = 11 \\",
        r"& && \quad = \tfrac{4115}{2263} \\",
        r"& && \quad \approx 1.81838 \\",
    ]


# -- the cells' formulas give what the models compute

small = dyadics(2, (2,))


def value(case: Case, name: str) -> np.ndarray:
    board = Board(case)
    _, node = board._read(name)
    return np.vectorize(float, otypes=[float])(np.array(_table(value_of(node, board.defined))))


def _table(found: Any) -> Any:
    return found.table() if isinstance(found, fmpq_mat) else found


@st.composite
def cells(draw: Any, gates: int) -> dict[str, Any]:
    """The weights of one or two units with so many gates, and one to three inputs."""
    n, t = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    return {
        "W": draw(rectangles(gates * n, n, small)),
        "u": draw(vectors(gates * n, small)),
        "b": draw(vectors(gates * n, small)),
        "h0": draw(vectors(n, small)),
        "x": tuple(draw(fixed_lists(small_integers(2), t))),
    }


def near(one: Any, other: Any) -> bool:
    one, other = np.asarray(one, float), np.asarray(other, float)
    return np.allclose(one.ravel(), other.ravel(), rtol=1e-12, atol=1e-14)


@given(cells(1), st.data())
def test_the_formulas_of_a_network_give_its_jacobian_and_gradients(cell: Any, data: Any) -> None:
    n, t = cell["W"].nrows(), len(cell["x"])
    run = JacobianRun(**cell, s=data.draw(st.integers(0, t)))
    if run.s < t:
        assert near(value(run, "∂h_t/∂h_s"), run.trajectory().jacobian(run.s, t))
    gradient = GradientRun(**cell, g=data.draw(vectors(n, small)))
    found = gradient.trajectory().backward(gradient.cotangents()[0])
    for name in "WUb":
        assert near(value(gradient, f"∂C/∂{name}"), found.parameters[name])
    assert near(value(gradient, "∂C/∂h_0"), found.initial)


@settings(max_examples=25)
@given(cells(4), st.data())
def test_the_formulas_of_an_lstm_give_its_jacobian_and_gradients(cell: Any, data: Any) -> None:
    n, t = cell["W"].ncols(), len(cell["x"])
    c0, g = data.draw(vectors(n, small)), data.draw(vectors(2 * n, small))
    run = LSTMGradientRun(**cell, c0=c0, g=g)
    trajectory = run.trajectory()
    for k in range(t):
        assert near(value(run, f"S_{k + 1}"), trajectory.jacobian(k, k + 1))
    found = trajectory.backward(np.array(g.tolist(), dtype=float).T)
    assert near(value(run, "∂C/∂W"), found.parameters["W"])
    assert near(value(run, "∂C/∂b"), found.parameters["b"])
    assert near(value(run, "∂C/∂s_0"), found.initial)


@settings(max_examples=25)
@given(cells(3), st.data())
def test_the_formulas_of_a_gru_give_its_jacobian_and_gradients(cell: Any, data: Any) -> None:
    n = cell["W"].ncols()
    bn, g = data.draw(vectors(n, small)), data.draw(vectors(n, small))
    run = GRUGradientRun(**cell, bn=bn, g=g)
    cotangent = np.array(g.tolist(), dtype=float).T
    found = run.trajectory(run.model("keep", "after")).backward(cotangent).parameters
    assert near(value(run, "∂C/∂b"), found["b"])
    assert near(value(run, "∂C/∂bn"), found["bn"])
    other = run.trajectory(run.model("write", "after")).backward(cotangent).parameters
    assert near(value(run, "∂C/∂b where z writes"), other["b"])
    step = GRUSteps(**{**cell, "x": cell["x"][:1]}, bn=bn)
    for name, model in (
        ("∂h_t/∂h_{t−1}", run.model("keep", "after")),
        ("the same where z writes", run.model("write", "after")),
        ("the same with r before the product", run.model("keep", "before")),
    ):
        assert near(value(step, name), step.trajectory(model).jacobian(0, 1))
