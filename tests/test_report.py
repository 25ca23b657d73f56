"""What people read of a failure, to the letter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from flint import fmpq

from properties.checking import Case, Check
from properties.checking.blackboard import typeset
from properties.checking.comparison import LARGEST
from properties.checking.counterexample import Counterexample
from properties.checking.loading import load_from
from properties.checking.plan import Outcome, Plan
from properties.checking.report import PART_MEANS, failure_text, reproduction, side, text_of
from properties.checking.verification import verify_part
from tests import controls
from tests.controls import a_claim as make

TO_REPRODUCE = """\
    from properties.checking import *
    from tests.controls import Number
    from tests.test_report import at_most_three
    case = Number(x=4)
    at_most_three.check(case, Check())"""


def at_most_three(number: controls.Number, check: Check) -> None:
    check.at_most(number.x, 3, what="number")


def test_a_refutation_is_written_whole() -> None:
    made = make(at_most_three)
    outcome = verify_part(made, "holds", Plan())
    refutation = f"""\
at_most_three::holds: refuted
  claim     a square is not negative
  source    arithmetic
  verified  the claim itself, on every case

smallest of the failing cases (after {outcome.examples} that hold):
    x = 4
    
    number:
    left side
        4
    right side
        3
    the comparison is exact: the left side must not exceed the right one, and does

to reproduce:
{TO_REPRODUCE}"""  # noqa: W293
    assert failure_text(made, outcome) == refutation
    outcome.backend = "jax"
    on_jax = failure_text(made, outcome)
    verified = f"  verified  {PART_MEANS['holds']}\n"
    assert verified + "  backend   jax\n\nsmallest" in on_jax
    assert on_jax.endswith(
        "    from models.backends import load_backend\n"
        "    from tests.test_report import at_most_three\n"
        "    case = Number(x=4)\n"
        "    at_most_three.check(case, Check(backend=load_backend('jax')))"
    )


def test_an_error_is_its_message() -> None:
    outcome = Outcome("at_most_three", "without[x is odd]", "error", message="it broke")
    assert failure_text(make(at_most_three, statement=7), outcome) == (
        "at_most_three::without[x is odd]: error\n"
        "  claim     (no text but a int)\n"
        "  source    arithmetic\n"
        "  verified  an assumption dropped: the search has to find a counterexample\n"
        "\n"
        "it broke"
    )


@dataclass(frozen=True, repr=False)
class Pair(Case):
    number: controls.Number
    other: Any


def found(case: Any) -> Counterexample:
    return Counterexample(case, "number", 4, 3, None, None, 1.0)


def test_a_counterexample_is_written_whole_for_slides() -> None:
    assert found(Pair(controls.Number(fmpq(1)), 2)).latex().splitlines() == [
        r"\begin{align*}",
        r"x &= 1 \\",
        r"\mathrm{other} &= 2",
        r"\end{align*}",
        r"\noindent number:",
        r"\begin{align*}",
        r"& \text{left side:} && 4 \\",
        r"& \text{right side:} && 3",
        r"\end{align*}",
        r"\noindent the comparison is exact: the sides have to be equal, and are not",
    ]
    assert typeset(Pair(controls.Number(fmpq(1)), 2)) == (
        r"\begin{aligned} x &= 1 \\ \mathrm{other} &= 2 \end{aligned}"
    )


def test_what_is_no_case_and_has_no_sides_is_written_as_it_is() -> None:
    said = Counterexample("a case", "", None, None, 1.5, 0.5, 3.0)
    assert said.lines() == ["'a case'", "", "error 1.5, bound 0.5: 3 times the bound"]
    assert said.latex().splitlines() == [
        r"\begin{align*}",
        r"& \text{'a case'}",
        r"\end{align*}",
        r"\noindent error 1.5, bound 0.5: 3 times the bound",
    ]
    countless = replace(said, violation=LARGEST)
    assert countless.compared() == "error 1.5, bound 0.5"


def test_the_code_of_a_misreading_and_of_a_case_within_a_case() -> None:
    lines = reproduction(
        make(at_most_three), "two_is_odd", found(Pair(controls.Number(fmpq(1)), 2))
    )
    assert lines.split("\n")[:-2] == [
        "    from properties.checking import *",
        "    from tests.controls import Number",
        "    from tests.test_report import Pair, two_is_odd",
    ]
    assert lines.endswith("\n    two_is_odd(case, Check())")


def test_the_code_of_a_case_that_is_a_number() -> None:
    lines = reproduction(make(at_most_three), "at_most_three", found(7)).split("\n")
    assert lines[1:3] == ["    from tests.test_report import at_most_three", "    case = 7"]


def test_the_code_of_a_claim_of_a_file_says_where_it_is(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "from dataclasses import dataclass\n"
        "from hypothesis import strategies as st\n"
        "from properties.checking import Case, claim\n"
        "@dataclass(frozen=True, repr=False)\n"
        "class Own(Case):\n"
        "    x: int\n"
        "@claim(statement='', source='', derivation='none', domain=st.builds(Own, st.just(1)),\n"
        "       tiers=('exact',), witness=Own(1))\n"
        "def mine(case, check):\n"
        "    check.exact(case.x, 2)\n"
    )
    (mine,) = load_from(file).claims
    assert reproduction(mine, "mine", found(mine.witness)).split("\n") == [
        "    from properties.checking import *",
        f"    import sys; sys.path.insert(0, {str(tmp_path)!r})",
        "    from mine import Own, mine",
        "    case = Own(x=1)",
        "    mine.check(case, Check())",
    ]


def test_sides_and_texts() -> None:
    assert side(None) is None
    assert side(np.array([0.5])) == "[0.5]"
    assert text_of("x") == "x"
    assert text_of(None) == "(no text but a NoneType)"
