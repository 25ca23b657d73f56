"""Evidence that is damaged, or written by an enemy, is refused or shown as text: never run."""

from __future__ import annotations

import copy
import json
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from teaching.page.content import view
from teaching.page.evidence import EvidenceError, read_evidence
from teaching.page.site import write_site
from tests.page_evidence import catalogue, seen, written

NAMES = ("spectral_power", "stack_network")
HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>'",
    "</math></p><b>h_t = </b>",
    r"\end{bmatrix} \href{javascript:alert(1)}{x} \unicode{x3c} $x$ $\frac{",
    "{{ 7 * 7 }}{% raw %}",
    "h_{t−1} = (((‖W_{",
    "\x00\x1b[31m\ud800",
    "1/0",
    f"{10**40}/0",
    "1.0e" + "9" * 400,
    "1.5e+400",
    "-1e300",
    "[1e999 +/- 1e-999]",
    "nan",
    "-inf",
    "x" * 100_000,
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
ANYTHING = st.recursive(
    SCALARS | st.sampled_from(HOSTILE),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@cache
def small() -> dict[str, Any]:
    found = seen()
    found["claims"] = [entry for entry in found["claims"] if entry["name"] in NAMES]
    return found


def places(value: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where in a JSON value anything stands: keys and indices from the outside in."""
    keys = (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    return [before, *(place for key in keys for place in places(value[key], (*before, key)))]


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """Evidence in which one thing, or a few, were replaced or left out."""
    found = {"all": copy.deepcopy(small())}
    for _ in range(draw(st.integers(1, 3))):
        *outer, last = draw(st.sampled_from([p for p in places(found) if p]))
        inside: Any = found
        for key in outer:
            inside = inside[key]
        if draw(st.booleans()) and isinstance(inside, dict):
            del inside[last]
        else:
            inside[last] = draw(st.sampled_from(HOSTILE) | ANYTHING)
        if "all" not in found:
            return None
    return found["all"]


class Tags(HTMLParser):
    """The scripts of a page, and every attribute that would run something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts = 0
        self.run: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.run += [name for name, _ in attributes if name.startswith("on")]
        self.run += [link for _, link in attributes if link and link.startswith("javascript:")]
        self.run += [tag] if tag in ("b", "iframe", "object") else []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    small()  # the run is a search of its own, which must not be inside another
    return tmp_path_factory.mktemp("hostile")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the figures of the chapter, which no evidence changes."""
    monkeypatch.setattr("teaching.figures.FIGURES", {})
    monkeypatch.setattr("teaching.figures.WIDGETS", {})


@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(damaged())
def test_damaged_evidence_is_refused_or_shown(bare: None, folder: Path, found: Any) -> None:
    file = folder / "evidence.json"
    file.write_text(json.dumps(found), encoding="utf-8")
    try:
        evidence = read_evidence(file)
    except EvidenceError:
        return
    write_site([catalogue()[name] for name in NAMES], evidence, folder / "page")
    for page in folder.glob("page/*.html"):
        tags = Tags(page.read_text(encoding="utf-8"))
        assert (tags.scripts, tags.run) == (1, [])


@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
def test_hostile_text_in_every_place(
    bare: None, folder: Path, hostile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each text of the evidence is replaced at once, except where only certain words are right."""
    kept = ("name", "statement", "verdict", "tiers", "sources", "counterexample")
    found = json.loads(json.dumps(small()))
    for place in places(found):
        inside = found
        for key in place[:-1]:
            inside = inside[key]
        if place and isinstance(inside[place[-1]], str) and not set(place) & set(kept):
            inside[place[-1]] = hostile
    try:
        evidence = read_evidence(written(folder, found))
    except EvidenceError:
        assert (
            hostile.startswith("1.0e")
            or len(hostile) > 1000
            or hostile in ("1/0", f"{10**40}/0")
            or "\ud800" in hostile
        )
        return
    write_site([catalogue()[name] for name in NAMES], evidence, folder / "page")
    for page in folder.glob("page/*.html"):
        tags = Tags(page.read_text(encoding="utf-8"))
        assert (tags.scripts, tags.run) == (1, [])


@given(st.data())
def test_cut_off_evidence_is_refused(folder: Path, data: st.DataObject) -> None:
    whole = json.dumps(small()).encode()
    file = folder / "cut.json"
    file.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(EvidenceError, match="no JSON"):
        read_evidence(file)


def test_bytes_that_are_no_text_are_refused(folder: Path) -> None:
    file = folder / "bytes.json"
    file.write_bytes(b"\xff\xfe\x00{")
    with pytest.raises(EvidenceError, match="no JSON"):
        read_evidence(file)


def test_a_claim_that_stands_there_twice_is_no_evidence(folder: Path) -> None:
    """Of a refuted entry and one that holds the second would be shown."""
    found = seen()
    found["claims"].append(found["claims"][0])
    with pytest.raises(EvidenceError, match="twice"):
        read_evidence(written(folder, found))


def test_this_evidence_would_be_shown_as_it_is(folder: Path) -> None:
    evidence = read_evidence(written(folder, copy.deepcopy(small())))
    assert view(catalogue()["spectral_power"], evidence).verdict.verified
