"""The controls: right objects are accepted, wrong ones rejected, and nothing is left out."""

from __future__ import annotations

import inspect

import pytest

from properties.checking import Check
from tests.controls import Control, controls, happens, verdict

CONTROLS = controls()
NAMED_OTHERWISE = {"at_most": "at most"}
NO_COMPARISONS = {"absorb", "drive"}


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.of)
def test_the_right_one_is_accepted_and_the_wrong_one_rejected(control: Control) -> None:
    assert happens(control.right) is None
    with pytest.raises(control.refusal):
        control.wrong()
    assert verdict(control) == (True, True)


def test_every_comparison_has_a_control() -> None:
    made = {control.of.partition(",")[0] for control in CONTROLS}
    asked = {
        NAMED_OTHERWISE.get(name, name)
        for name, method in vars(Check).items()
        if inspect.isfunction(method) and name[0] != "_" and name not in NO_COMPARISONS
        if name.isascii()  # mutmut keeps its versions of a method beside it
    }
    assert asked <= made


def test_no_two_controls_have_one_name() -> None:
    assert len({control.of for control in CONTROLS}) == len(CONTROLS)


def test_a_control_that_fails_is_seen() -> None:
    idle = Control("nothing", "nothing", "nothing", lambda: None, lambda: None)
    assert verdict(idle) == (True, False)
    overeager = Control("all", "nothing", "all", lambda: 1 / 0, lambda: 1 / 0)
    assert verdict(overeager) == (False, False)
