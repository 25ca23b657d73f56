"""Breaking the project turns exactly the right claims red, and no others."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.test_collection import run_pytest

CLAIMS = "spectral_power or product_variance or jacobian_chain or carousel or cell_jacobian"


class Break(NamedTuple):
    """A change of one text in one file, and the items that it has to turn red."""

    file: str
    old: str
    new: str
    red: set[str]


BREAKS: dict[str, Break] = {}


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_turns_exactly_the_right_items_red(name: str, copied_house: Path) -> None:
    file, old, new, red = BREAKS[name]
    path = copied_house / file
    text = path.read_text()
    assert text.count(old) == 1, f"{old!r} has to stand in {file} exactly once"
    path.write_text(text.replace(old, new))
    result = run_pytest("properties", "-q", "-k", CLAIMS, cwd=copied_house)
    failed = set(re.findall(r"^FAILED properties/\w+\.py::(\w+::\S+)", result.stdout, re.MULTILINE))
    assert failed == red, result.stdout[-2000:]
