"""The audit says what a claim catches: a sharp claim much, a vacuous one nothing."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq, fmpq_mat
from hypothesis import strategies as st

from models import linear, products
from models.backends import load_backend
from models.rnn import RNN
from properties.checking import BALL, EXACT, Case, Check, claim, formula, matrix
from properties.checking.audit import CASES, Audit, audit
from properties.checking.claim import REGISTRY, Claim
from properties.checking.domains import rationals
from properties.checking.plan import Plan
from properties.checking.statistics import Tally
from properties.checking.time_limit import OutOfTime, time_limit
from properties.checking.verification import verify_part
from properties.checking.wrong_functions import (
    around,
    calls_noted,
    of_models,
    wrong_functions,
)
from properties.learning import ten_or_twenty
from properties.linear_recurrence import spectral_power, unrolled_power
from properties.remedies import orthogonal_keeps_norm
from tests.test_cli import claims
from theory import linear_recurrence as theory
from theory.derivation import Derivation
from theory.formula import callable_form, watched
from theory.gated_memory_retention import forget_bias
from theory.latch_gradient import rare_explosion
from theory.random_products import product_variance

LOOKS_AT_FUNCTIONS = pytest.mark.skipif(
    "'MUTANT_UNDER_TEST' in os.environ", reason="the functions of the models are then mutmut's"
)


@dataclass(frozen=True, repr=False)
class Power(Case):
    W: fmpq_mat
    h0: fmpq_mat
    t: int

    def iterated(self) -> fmpq_mat:
        h = self.h0
        for _ in range(self.t):
            h = self.W.transpose() * h
        return h


POWERS = st.builds(
    lambda a, b, c, t: Power(
        fmpq_mat(2, 2, [a, b, c, fmpq(1)]), fmpq_mat(2, 1, [fmpq(2), fmpq(1)]), t
    ),
    rationals(),
    rationals(),
    rationals(),
    st.integers(0, 4),
)
WITNESS = Power(matrix("0 1; 0 0"), matrix("1; 0"), 1)


def derived(case: Power) -> Any:
    return formula(theory.unrolled_power, EXACT)(case.W, case.t, case.h0)


def audited(
    check: Any,
    derivation: Derivation | str = "none: made for a test",
    tiers: tuple[str, ...] = ("exact",),
    *,
    domain: st.SearchStrategy[Any] = POWERS,
    witness: Any = WITNESS,
    **plan: Any,
) -> Audit:
    return audit(declared(check, derivation, tiers, domain, witness), Plan(**plan))


def declared(
    check: Any,
    derivation: Derivation | str = "none: made for a test",
    tiers: tuple[str, ...] = ("exact",),
    domain: st.SearchStrategy[Any] = POWERS,
    witness: Any = WITNESS,
) -> Claim:
    tiers = tiers if isinstance(derivation, str) else ("symbolic", *tiers)
    made: Claim = claim(
        statement="made for a test",
        source="none",
        derivation=derivation,
        domain=domain,
        tiers=tiers,
        witness=witness,
    )(check)
    REGISTRY.pop(made.name)
    return made


def sharp(case: Power, check: Check) -> None:
    check.exact(case.iterated(), derived(case), "both")


def test_a_sharp_claim_catches_every_wrong_formula_and_conclusion() -> None:
    found = audited(sharp, theory.unrolled_power)
    changes = {tried.what.partition(":")[0] for tried in found.of("formula")}
    # (Wᵀ)ᵗh₀ with W for Wᵀ, or with Wᵀ for W, is one and the same; sympy doesn't see that.
    assert changes == {"the sign changed", "W for Wᵀ", "Wᵀ for W", "t + 1 for t"}
    assert found.of("conclusion")
    assert not found.missed
    assert not found.catches_nothing


def test_conclusions_that_any_steps_reach_are_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Derivation, "concludes", lambda self, established: None)
    found = audited(sharp, theory.unrolled_power)
    assert found.of("conclusion")
    assert not found.caught_of("conclusion")
    assert [tried.error for tried in found.of("conclusion") if tried.error] == []


def test_a_claim_that_compares_a_formula_with_itself_catches_nothing() -> None:
    def circular(case: Power, check: Check) -> None:
        check.exact(derived(case), derived(case))

    found = audited(circular)
    missed = {tried.what.partition(":")[0] for tried in found.of("formula")}
    assert missed == {"the sign changed", "W for Wᵀ", "Wᵀ for W", "t + 1 for t"}
    assert not found.caught_of("formula")
    assert {tried.kind for tried in found.tried} == {"formula", "quantity", "comparison"}
    assert [str(tried) for tried in found.of("comparison")] == [
        "comparison: exact: the left side one more in its first entry"
    ]
    assert found.catches_nothing
    assert found.record()["missed"] == [str(tried) for tried in found.missed]


def test_a_claim_that_looks_at_one_entry_misses_what_leaves_it_alone() -> None:
    def of_the_first_step(case: Power, check: Check) -> None:
        check.exact(derived(Power(case.W, case.h0, 0)), case.h0)

    found = audited(of_the_first_step)
    missed = {tried.what.partition(":")[0] for tried in found.of("formula") if not tried.caught}
    # At t = 0 a transpose makes no difference: that is no wrong formula there.
    assert missed == set()
    assert len(found.of("formula")) == 2


def test_a_formula_that_builds_the_cases_is_wrong_in_them_too() -> None:
    variance = formula(product_variance, EXACT)

    def of_what_was_drawn(case: tuple[int, fmpq], check: Check) -> None:
        check.at_most(0, variance(2, case[0]))
        check.exact(case[1], 2 ** case[0])

    built = st.integers(1, 4).map(lambda n: (n, variance(2, n)))
    found = audited(of_what_was_drawn, domain=built, witness=(1, fmpq(2)))
    assert {str(tried): tried.caught for tried in found.of("formula")} == {
        "formula: the sign changed: −vⁿ": True,
        "formula: n + 1 for n: v^(n+1)": True,
    }


def test_the_cases_are_those_that_the_claim_is_verified_on_by_few_examples() -> None:
    seen: list[str] = []

    def seeing(case: Power, check: Check) -> None:
        seen.append(repr(case))
        check.exact(0, 0)

    for examples, verifying in ((200, CASES), (3, 3)):
        seen.clear()
        made = declared(seeing)
        verify_part(made, "holds", Plan(examples=verifying))
        verified = list(seen)
        seen.clear()
        audit(made, Plan(examples=examples))
        # Each is looked at more than once.
        assert list(dict.fromkeys(seen)) == list(dict.fromkeys([repr(WITNESS), *verified]))


def test_a_case_of_any_kind_is_as_it_was_drawn_each_time() -> None:
    def emptying(case: list[int], check: Check) -> None:
        check.exact(formula(product_variance, EXACT)(case.pop(), 2), 9)
        assert case == []

    found = audited(emptying, domain=st.just([3]), witness=[3])
    assert not found.problem
    assert found.of("formula")
    assert not [tried for tried in found.tried if tried.error]
    assert not found.catches_nothing


def test_what_hangs_or_raises_is_missed_and_said() -> None:
    def astray(case: Power, check: Check) -> None:
        value = formula(product_variance, EXACT)(2, case.t)
        while value != 2**case.t:
            pass
        check.exact(value, 2**case.t)

    def raising(case: Power, check: Check) -> None:
        if formula(product_variance, EXACT)(2, case.t) != 2**case.t:
            raise ZeroDivisionError("by zero")
        check.exact(0, 0)

    hung, raised = audited(astray), audited(raising)
    assert {tried.error for tried in hung.of("formula")} == {"it came to no end"}
    assert {tried.error for tried in raised.of("formula")} == {"ZeroDivisionError: by zero"}
    assert not hung.caught_of("formula") + raised.caught_of("formula")
    assert str(raised.of("formula")[0]).endswith(" (in error: ZeroDivisionError: by zero)")


def test_where_nothing_else_is_wrong_its_own_quantities_are() -> None:
    def no_formula(case: Power, check: Check) -> None:
        check.exact(case.iterated(), (case.W**case.t).transpose() * case.h0)

    found = audited(no_formula)
    assert [(tried.what, tried.caught) for tried in found.of("quantity")] == [
        ("test_audit.Power.iterated: one more", True),
        ("test_audit.Power.iterated: the opposite", True),
    ]


def tally(case: Power) -> Tally:
    return Tally(10, 1000)


def test_of_a_sample_the_failures_are_tried() -> None:
    def sampled(case: Power, check: Check) -> None:
        check.proportion(*tally(case), "P(succeeds)", most=0.1)

    found = audited(sampled, tiers=("statistical",))
    assert [(tried.what, tried.caught) for tried in found.of("quantity")] == [
        ("test_audit.tally: the opposite", True)
    ]


def states(W: np.ndarray, h0: np.ndarray) -> np.ndarray:
    """A model of this file: what `models` has mutmut puts in functions of its own."""
    return linear.run(W, h0, 1)


@pytest.fixture
def own_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Audits take the functions of this file for those of `models`."""
    module = sys.modules[__name__]
    monkeypatch.setattr(
        sys.modules["properties.checking.audit"], "of_models", partial(around, module)
    )


@cache
def two_states() -> Any:
    return states(np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [1.0, 2.0]]))


@pytest.mark.usefixtures("own_models")
def test_what_a_function_keeps_hides_nothing_and_is_right_afterwards() -> None:
    def keeping(case: Power, check: Check) -> None:
        assert two_states().tolist() == right

    right = two_states().tolist()
    found = audited(keeping, tiers=("float",))
    assert {tried.what: tried.caught for tried in found.of("model")} == {
        "test_audit.states: 1 + 2⁻²⁰ times as large": True,
        "test_audit.states: the opposite": True,
        "test_audit.states: a step late": True,
        "test_audit.states: transposed": True,
    }
    assert two_states().tolist() == right


@pytest.mark.usefixtures("own_models")
def test_where_no_floats_are_compared_a_value_becomes_twice_as_large() -> None:
    def inequality(case: Power, check: Check) -> None:
        ones = states(np.ones((1, 1)), np.ones((1, 1)))
        check.at_most(float(ones[-1, 0, 0]), 1.5)

    said = {tried.what: tried.caught for tried in audited(inequality).of("model")}
    assert said == {
        "test_audit.states: twice as large": True,
        "test_audit.states: the opposite": False,
    }


@LOOKS_AT_FUNCTIONS
def test_where_no_backend_is_judged_models_with_mistakes_are_tried() -> None:
    ones = np.ones((1, 1))

    def of_a_model(case: Power, check: Check) -> None:
        states = RNN(ones, ones, np.full(1, 0.5)).run(ones, np.zeros((1, 1, 1))).states
        check.close(states[-1, 0], [arb(1.5).tanh()], 2.0**-50)

    said = {tried.what: tried.caught for tried in audited(of_a_model, tiers=("float",)).of("model")}
    assert {what.partition(": ")[2] for what, caught in said.items() if caught} == {
        "1 + 2⁻²⁰ times as large",
        "the opposite",
        "a step late",
        "of a model with no bias",
        "of a model with another activation",
    }
    assert all(said.values())


def test_a_limit_that_lies_farther_out_is_not_wrong() -> None:
    def from_above(case: Power, check: Check) -> None:
        check.at_most(fmpq(1), formula(rare_explosion, EXACT)(fmpq(1), fmpq(2)))

    # Of 2w/g, 3w/g and 2gw and 2w are all larger for w = 1 and g = 2.
    found = audited(from_above, rare_explosion)
    assert {str(tried) for tried in found.of("formula")} == {"formula: the sign changed: −2w/g"}

    def from_below(case: Power, check: Check) -> None:
        check.below(lambda: (least(arb(1)), arb(1) / 5), "m/e(m + 1)")

    (m,) = (each for each in forget_bias.parameters if each.name == "m")
    least = callable_form((m,), forget_bias.conclusion.left, BALL)
    found = audited(from_below, forget_bias)
    assert found.of("formula")
    # What remains has no value at m = 1.
    assert all(tried.caught or "nan" in tried.error for tried in found.of("formula"))


def test_what_a_check_never_asks_a_backend_for_is_not_tried() -> None:
    found = {tried.what for tried in audit(orthogonal_keeps_norm, Plan(examples=2)).of("model")}
    assert "jacobian: the opposite" in found
    assert not [what for what in found if what.startswith("run: ")]


@pytest.mark.long
def test_what_training_gives_is_tried_and_trained_again() -> None:
    found = audit(ten_or_twenty, Plan())
    assert {(tried.what, tried.caught) for tried in found.of("model")} == {
        ("latching.latch: the opposite", True),
        ("latching.succeeded: the opposite", True),
    }
    assert verify_part(ten_or_twenty, "witness", Plan()).verdict == "holds"


def test_a_false_claim_is_not_audited() -> None:
    def false(case: Power, check: Check) -> None:
        check.exact(case.t, 0)

    found = audited(false)
    assert re.fullmatch(
        r"false::audit: Violation: .*, at \S+comparison\.py:\d+; only an AssertionError refutes; "
        "verify the claim first",
        found.problem,
        re.DOTALL,
    )
    assert found.record()["missed"] == [found.problem]


def test_a_claim_that_comes_to_no_end_is_not_audited() -> None:
    def endless(case: Power, check: Check) -> None:
        time.sleep(100)

    found = audited(endless, limit=0.2)
    assert found.problem == "endless::audit: it took more than 0.2 s"


def test_a_claim_with_a_fault_is_not_audited() -> None:
    found = audited(sharp, tiers=("exactly",))
    assert found.problem.startswith("sharp::audit: its tiers are ('exactly',); name those used of ")
    assert found.problem.endswith(" statistical; verify the claim first")


def test_a_claim_that_leaves_or_prints_is_not_audited(capsys: pytest.CaptureFixture[str]) -> None:
    def leaving(case: Power, check: Check) -> None:
        print("not json")
        raise SystemExit(3)

    assert "SystemExit: 3" in audited(leaving).problem
    assert capsys.readouterr().out == ""


@LOOKS_AT_FUNCTIONS
def test_the_model_and_every_comparison_of_a_claim_of_the_catalogue_are_tried() -> None:
    found = audit(unrolled_power, Plan())
    models = {tried.what for tried in found.of("model") if tried.caught}
    assert models == {
        f"linear.run: {text}" for text in ("1 + 2⁻²⁰ times as large", "the opposite", "a step late")
    }
    assert len(found.caught_of("comparison")) == 2


def test_the_project_is_as_it_was_after_an_audit() -> None:
    run_before, chain_before = linear.run, products.chain
    first, second = audit(spectral_power, Plan()), audit(spectral_power, Plan())
    assert (linear.run, products.chain) == (run_before, chain_before)
    assert first.record() == second.record()


def test_calls_are_noted_where_claims_make_them_and_undone_afterwards() -> None:
    calls: dict[Any, None] = {}
    ones = np.ones((1, 1))
    with calls_noted(calls, around(sys.modules[__name__])):
        states(ones, ones)
    assert [str(target) for target in calls] == ["test_audit.states"]
    ((said, wrong),) = [found for found in wrong_functions(calls) if found[0].endswith("opposite")]
    with wrong.installed():
        assert states(ones, ones).sum() == -2
    assert states(ones, ones).sum() == 2
    assert wrong.differed
    assert said == "test_audit.states: the opposite"


def test_the_functions_of_models_are_its_public_ones_and_those_that_sample() -> None:
    known = {str(target) for target in of_models().values()}
    assert known >= {"latching.latch", "latching.succeeded", "training.clip"}
    if "MUTANT_UNDER_TEST" not in os.environ:  # the functions of the models are then mutmut's
        assert known >= {"linear.run", "rnn.RNN.run", "lstm.LSTMTrajectory.states"}
    assert not [name for name in known if name.rpartition(".")[2].startswith("_")]
    assert not [name for name in known if name.startswith("backends.")]


def test_a_watcher_decides_what_is_evaluated_and_only_meanwhile() -> None:
    case = Power(matrix("2 0; 0 2"), matrix("1; 1"), 1)
    with watched(lambda _formula: lambda *values: values[1]):
        assert derived(case) == 1
    assert derived(case) == matrix("2; 2")


def _for_ever() -> None:
    while True:
        pass


def test_a_time_limit_stops_what_sleeps_and_what_computes() -> None:
    with pytest.raises(OutOfTime, match="more than"), time_limit(0.05):
        time.sleep(20)
    with pytest.raises(OutOfTime, match="of computing"), time_limit(0.05, of_cpu=True):
        _for_ever()
    with time_limit(0.05):
        pass
    time.sleep(0.1)


def test_audit_on_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "circular.py").write_text(CIRCULAR)
    result = claims("audit", "--claims-from", tmp_path / "circular.py", "--json")
    assert result.returncode == 1
    (found,) = json.loads(result.stdout)
    assert set(found) == {"name", "wrong", "caught", "missed"}
    assert found["wrong"] == found["caught"] + len(found["missed"])
    shown = claims("audit", "circular", "--claims-from", tmp_path / "circular.py")
    assert "MISSED" in shown.stdout
    table = claims("audit", "--claims-from", tmp_path / "circular.py")
    assert "catching nothing: circular" in table.stdout
    unknown = claims("audit", "spectral_pwer")
    assert unknown.returncode == 2
    assert "did you mean spectral_power" in unknown.stderr


CIRCULAR = """
from dataclasses import dataclass
from hypothesis import strategies as st
from properties.checking import EXACT, Case, claim, formula
from theory.random_products import product_variance

@dataclass(frozen=True, repr=False)
class Number(Case):
    n: int

@claim(statement="vⁿ = vⁿ", source="none", derivation="none", domain=st.builds(Number, st.just(2)),
       tiers=("exact",), witness=Number(2))
def circular(case, check):
    derived = formula(product_variance, EXACT)
    check.exact(derived(3, case.n), derived(3, case.n))
"""


def test_backends_with_mistakes_differ() -> None:
    from properties.checking.wrong_backends import wrong_backends

    names = [said for said, _ in wrong_backends(load_backend("numpy"))]
    assert len(names) == len(set(names)) > 15
