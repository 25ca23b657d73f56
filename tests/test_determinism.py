"""Two runs with one seed give the same evidence but for the times, whatever the workers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from experiments.workers import Workers
from models.backends.files import load_file
from properties.checking.audit import audit
from properties.checking.balls import precision
from properties.checking.claim import Claim
from properties.checking.evidence import entry, evidence, header
from properties.checking.loading import load_catalogue
from properties.checking.plan import Plan
from properties.checking.running import audit_claims, verify_claims, verify_or_recall
from properties.checking.search import explore
from properties.latch_boundary import basin_boundary
from tests.test_cli import from_json
from tests.test_collection import FALSE, TRUE

CATALOGUE = load_catalogue().claims
SOME = [claim for claim in CATALOGUE if claim.name in ("product_variance", "explosion_needs")]


def timeless(found: dict[str, Any]) -> dict[str, Any]:
    """Evidence without what the clock says."""
    claims = [{**each, "seconds": None} for each in found["claims"]]
    return {**found, "claims": claims}


def seen(claims: list[Claim], plan: Plan, workers: int) -> dict[str, Any]:
    records: list[dict[str, Any]] = [{} for _ in claims]
    for done in verify_claims(claims, plan, Workers(workers)):
        if done is not None:
            records[done.claim][done.part] = done.record
    entries = [
        entry(header(claim), [records[index][part] for part in claim.parts])
        for index, claim in enumerate(claims)
    ]
    return timeless(evidence(entries, plan))


def test_the_same_seed_gives_the_same_evidence_whatever_the_workers() -> None:
    plan = Plan(examples=60, seed=3)
    first = seen(SOME, plan, workers=1)
    assert seen(SOME, plan, workers=2) == first
    assert seen(SOME, Plan(examples=60, seed=4), workers=1) != first


def test_a_refutation_is_the_same_in_every_process(tmp_path: Path) -> None:
    (tmp_path / "true.py").write_text(TRUE)
    (tmp_path / "false.py").write_text(FALSE)
    call = ("verify", "--claims-from", tmp_path, "--workers")
    one, two = (timeless(from_json(*call, workers)) for workers in (1, 2))
    assert one == two
    assert [found["verdict"] for found in one["claims"]] == ["refuted", "holds"]


def test_an_audit_is_the_same_in_every_process() -> None:
    alone = {found.claim: found.record() for _, found in audit_claims(SOME, Plan(), Workers(1))}
    shared = {found.claim: found.record() for _, found in audit_claims(SOME, Plan(), Workers(2))}
    assert alone == shared
    assert audit(SOME[0], Plan()).record() == alone[SOME[0].name]


def test_what_else_a_process_has_loaded_makes_no_difference(tmp_path: Path) -> None:
    def drawn() -> list[int]:
        cases: list[int] = []
        explore(st.integers(0, 2**32 - 1), cases.append, examples=200, seed_value=7)
        return cases

    before = drawn()
    file = tmp_path / "with_constants.py"
    file.write_text(f"CONSTANTS = {[10**6 + 17 * k for k in range(500)]}")
    load_file(file)
    assert drawn() == before


def test_the_precision_of_balls_that_a_process_has_set_makes_no_difference() -> None:
    dropped = "without[the state starts on the boundary]"
    found = []
    for bits in (53, 256):
        with precision(bits):
            record, failure = verify_or_recall(basin_boundary, dropped, Plan(examples=20))
        found.append(({**record, "seconds": None}, failure))
    assert "+/-" in found[0][0]["left"]
    assert found[0] == found[1]


@pytest.mark.long
def test_the_whole_catalogue_is_deterministic() -> None:
    plan = Plan(examples=60, seed=3)
    alone, shared = (seen(CATALOGUE, plan, workers) for workers in (1, 2))
    pairs = zip(alone.pop("claims"), shared.pop("claims"), strict=True)
    differ = {(a["name"], key): (a[key], b[key]) for a, b in pairs for key in a if a[key] != b[key]}
    assert differ == {}
    assert alone == shared
