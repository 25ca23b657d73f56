"""Runs with other seeds: what is recorded of them, and that a claim failing with one is seen."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from experiments.workers import Workers
from properties.checking.comparison import DEFAULT
from properties.checking.evidence import entry, false_alarm, header, versions
from properties.checking.judging import LABEL_ALARM
from properties.checking.loading import load_catalogue, load_from
from properties.checking.plan import Plan
from properties.checking.running import verify_claims
from properties.checking.seeds import SeededRun, run_of_seed
from properties.linear_recurrence import spectral_power
from tests.test_cli import claims

NOW_AND_THEN = """
from dataclasses import dataclass
from hypothesis import strategies as st
from properties.checking import Case, claim

@dataclass(frozen=True, repr=False)
class Number(Case):
    n: int

@claim(statement="no number is 7 or more", source="none", derivation="none", tiers=("exact",),
       domain=st.builds(Number, st.integers(0, 9)), witness=Number(2))
def below_seven(case, check):
    check.at_most(case.n, 6)
"""


def test_what_does_not_depend_on_the_seed_is_left_out() -> None:
    run = run_of_seed([spectral_power], 3, 20, Workers(1))
    assert (run.seed, run.examples, run.claims, run.failures) == (3, 20, 1, [])
    assert run.parts == len(spectral_power.parts) - 2


def test_counterexamples_of_a_misreading_are_not_made_small(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plans: list[Plan] = []
    monkeypatch.setattr(
        "properties.checking.seeds.verify_claims",
        lambda claims, plan, workers, leaving_out: plans.append(plan) or iter([None]),
    )
    run_of_seed([spectral_power], 3, 20)
    assert plans == [Plan(examples=20, seed=3, smallest=False)]


def test_each_seed_is_a_line_of_the_record_and_a_failure_its_counterexample(tmp_path: Path) -> None:
    file, record = tmp_path / "seven.py", tmp_path / "new" / "seeds.jsonl"
    file.write_text(NOW_AND_THEN)
    arguments = ("--runs", 2, "--claims-from", file, "--record", record)
    result = claims("seeds", *arguments, "--first", 5)
    assert result.returncode == 1
    assert "seed 5: 1 parts of 1 claims, 1 failed" in result.stdout
    claims("seeds", *arguments, "--first", 8)
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    assert [line["seed"] for line in lines] == [5, 6, 8, 9]
    assert {failure["counterexample"] for line in lines for failure in line["failures"]} == {
        "Number(n=7)"
    }
    assert all(line["versions"]["hypothesis"] for line in lines)


def test_a_line_cut_off_in_a_record_spoils_no_other(tmp_path: Path) -> None:
    record = tmp_path / "seeds.jsonl"
    run = run_of_seed([], 3, 20, Workers(1))
    for before, lines in ((b"", 1), (b'{"seed": 1}\n', 2), (b'{"se', 2), (b"\xff\x00", 2)):
        record.write_bytes(before)
        run.add_to(record)
        run.add_to(record)
        *rest, one, other = record.read_bytes().splitlines()
        assert len(rest) == lines - 1
        assert json.loads(one) == json.loads(other) == run.as_data()


def test_the_rates_of_samples_and_of_labels_are_added_up() -> None:
    two_labels = {"false_alarm": 3e-12, "labels": {"a": 0.5, "b": 0.5}}
    none = {"false_alarm": 0.0, "labels": {}}
    assert false_alarm([two_labels, none]) == pytest.approx(3e-12 + 2 * LABEL_ALARM)


def test_a_run_is_said_in_a_line_and_recorded_whole(tmp_path: Path) -> None:
    failed = {"claim": "a", "part": "holds", "verdict": "refuted"}
    run = SeededRun(7, 50, 2, 6, [failed, failed], 1e-12, 12.6)
    assert run.line() == "seed 7: 6 parts of 2 claims, 2 failed, 13 s"
    assert replace(run, failures=[]).line() == "seed 7: 6 parts of 2 claims, all hold, 13 s"
    record = tmp_path / "a" / "b" / "seeds.jsonl"
    run.add_to(record)
    run.add_to(record)
    assert record.read_text(encoding="utf-8").count("\n") == 2
    kept = json.loads(record.read_text(encoding="utf-8").splitlines()[1])
    assert kept.pop("versions") == versions(DEFAULT)
    assert kept == asdict(run)


def test_a_failure_of_a_seed_is_recorded_with_its_part_and_counterexample(tmp_path: Path) -> None:
    (tmp_path / "seven.py").write_text(NOW_AND_THEN)
    (below_seven,) = load_from(tmp_path / "seven.py").claims
    (failure,) = run_of_seed([below_seven], 5, 50, Workers(1)).failures
    assert failure.pop("message")
    assert failure == {
        "claim": "below_seven",
        "part": "holds",
        "verdict": "refuted",
        "counterexample": "Number(n=7)",
    }


@pytest.mark.long
def test_the_whole_suite_raises_a_false_alarm_less_than_once_in_a_million_runs() -> None:
    catalogue = load_catalogue().claims
    done = verify_claims(catalogue, Plan())
    entries = [entry(header(catalogue[each.claim]), [each.record]) for each in done if each]
    assert false_alarm(entries) < 1e-6
