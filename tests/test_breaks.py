"""Breaking the project turns exactly the right claims red, and no others."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.test_collection import run_pytest


class Break(NamedTuple):
    """A change of one text in a file; of the claims looked at, the parts that it turns red."""

    file: str
    old: str
    new: str
    claims: str
    red: set[str]


BREAKS = {
    # A symmetric W hides it: spectral_power stays green, unrolled_power does not.
    "the transpose dropped in the linear model": Break(
        "models/linear.py",
        "np.matmul(h[t], W, ",
        "np.matmul(h[t], np.swapaxes(W, -1, -2), ",
        "unrolled_power or spectral_power",
        {"unrolled_power::witness", "unrolled_power::holds"},
    ),
    "the transpose dropped in the recurrent model": Break(
        "models/elman.py",
        "aligned(transposed(weights))",
        "aligned(weights)",
        "jacobian_chain or carousel",
        {"jacobian_chain::witness", "jacobian_chain::holds"},
    ),
    "Λ^{t+1} for Λ^t in the step of a derivation": Break(
        "theory/linear_recurrence.py",
        'equation(h(t), Q * Λ**t * Q.T * h0),\n            "',
        'equation(h(t), Q * Λ ** (t + 1) * Q.T * h0),\n            "',
        "spectral_power or product_variance",
        {"spectral_power::derivation"},
    ),
    "Λ^{t+1} for Λ^t in a conclusion": Break(
        "theory/linear_recurrence.py",
        "conclusion=equation(h(t), Q * Λ**t * Q.T * h0)",
        "conclusion=equation(h(t), Q * Λ ** (t + 1) * Q.T * h0)",
        "spectral_power or product_variance",
        {f"spectral_power::{part}" for part in ("derivation", "witness", "holds")},
    ),
    "the misreading claimed as the claim": Break(
        "properties/linear_recurrence.py",
        "truth = worked_formula(theory.spectral_power, system.q, ",
        "truth = worked_formula(theory.spectral_power, system.q.transpose(), ",
        "spectral_power or unrolled_power",
        {"spectral_power::witness", "spectral_power::holds"},
    ),
    "a bound divided by 1e6": Break(
        "properties/backpropagation.py",
        "lambda: truth(s), bounds.jacobian(s, t).values, ",
        "lambda: truth(s), bounds.jacobian(s, t).values / 1e6, ",
        "jacobian_chain or carousel",
        {"jacobian_chain::witness", "jacobian_chain::holds"},
    ),
    "the path through the candidate left out of the LSTM's Jacobian": Break(
        "models/lstm.py",
        "        by_h += dg * wg\n",
        "",
        "carousel or cell_jacobian or lstm_jacobian",
        {
            f"{claim}::{part}"
            for claim in ("cell_jacobian", "lstm_jacobian")
            for part in ("witness", "holds")
        },
    ),
    "the forget gate applied to the wrong operand": Break(
        "models/lstm.py",
        "np.add(kept, written, c_after)",
        "np.add(written, written, c_after)",
        "carousel or cell_jacobian or jacobian_chain",
        {"carousel::witness", "carousel::holds"},
    ),
    "training that goes uphill": Break(
        "experiments/latching.py",
        "self.h -= self.training",
        "self.h += self.training",
        "ten_or_twenty or unrolled_power",
        {"ten_or_twenty::witness", "ten_or_twenty::holds"},
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_turns_exactly_the_right_items_red(
    name: str, copied_house: Path, pytestconfig: pytest.Config
) -> None:
    file, old, new, claims, red = BREAKS[name]
    path = copied_house / file
    text = path.read_text()
    assert text.count(old) == 1, f"{old!r} has to stand in {file} exactly once"
    path.write_text(text.replace(old, new))
    # The searches for counterexamples, none of which a break may stop, take five times as long.
    if not pytestconfig.getoption("--long"):
        claims = f"({claims}) and (derivation or witness or holds)"
    result = run_pytest("properties", "-q", "-k", claims, "--examples", 60, cwd=copied_house)
    failed = set(re.findall(r"^FAILED properties/\w+\.py::(\w+::\S+)", result.stdout, re.MULTILINE))
    assert failed == red, result.stdout[-3000:]
    assert " passed" in result.stdout
