"""The page says what the evidence says, and of the rest that it was not verified."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq

from properties.checking import matrix, vector
from properties.checking.balls import precision
from properties.checking.written_out import as_data
from teaching.page.blackboard import number_latex, quantity, value_latex, worked
from teaching.page.content import ClaimView, view
from teaching.page.evidence import EvidenceError, read_evidence
from teaching.page.mathml import mathml
from teaching.page.site import ASSETS, write_site
from tests.page_evidence import VERIFIED, catalogue, seen, written
from tests.test_cli import claims
from tests.test_collection import TRUE

HOSTILE = "<script>alert(1)</script> & 'x' </math> h_t = <b>"


def shown(tmp_path: Path, name: str = "spectral_power", **changes: Any) -> ClaimView:
    """What the page says of a claim; the changes are to its entry in the evidence."""
    found = seen()
    for entry in found["claims"]:
        if entry["name"] == name:
            entry.update(changes)
    return view(catalogue()[name], read_evidence(written(tmp_path, found)))


def test_a_verified_claim_is_shown_as_such(tmp_path: Path) -> None:
    found = shown(tmp_path)
    assert found.verdict.status == "holds"
    assert list(found.tiers) == ["symbolic", "exact", "float"]
    assert found.derivation is not None
    assert found.derivation.status == "holds"
    printed = found.misreadings[0]
    assert printed.statement.en == "h_t = QᵀΛᵗQh₀"
    assert printed.board is not None
    assert str(printed.board.quantities[0]).startswith("<math><mi>Q</mi><mo>=</mo>")
    assert printed.board.needed.zh == "两边应当相等，却不相等"
    ((erratum, refuted),) = found.errata
    assert (erratum.misreading, refuted) == ("printed_form", True)


def test_sides_in_the_plane_are_drawn(tmp_path: Path) -> None:
    pages = page(tmp_path, seen(), "spectral_power")
    address = 'src="figures/spectral_power.printed_form.svg"'
    assert address in pages["linear_recurrence.html"]
    picture = (tmp_path / "page" / "figures" / "spectral_power.printed_form.svg").read_text()
    assert picture.startswith("<svg ")
    assert "spectral_power.without.1.svg" not in pages["linear_recurrence.html"]


def test_a_claim_that_the_evidence_leaves_out_is_not_verified(tmp_path: Path) -> None:
    found = shown(tmp_path, "latching_vanishes")
    assert (found.verdict.status, found.verdict.reason) == ("unverified", "missing")
    assert found.derivation is not None
    assert found.derivation.status == "unverified"
    assert not found.tiers
    assert {refuted.board for refuted in (*found.assumptions, *found.misreadings)} == {None}
    assert {refuted for _, refuted in found.errata} == {False}


def test_evidence_on_another_statement_verifies_nothing(tmp_path: Path) -> None:
    found = shown(tmp_path, statement="If W = QΛQᵀ, then all is well.")
    assert (found.verdict.status, found.verdict.reason) == ("unverified", "other_statement")
    assert found.verdict.detail == "If W = QΛQᵀ, then all is well."
    assert not found.tiers


@pytest.mark.parametrize("verdict", ["refuted", "error"])
def test_what_does_not_hold_is_not_verified(tmp_path: Path, verdict: str) -> None:
    found = shown(tmp_path, verdict=verdict, messages={"holds": "it fails"})
    assert found.verdict.status == verdict
    assert not found.verdict.verified
    assert found.verdict.detail == "it fails"


def test_a_derivation_with_fewer_steps_verified_is_not_verified(tmp_path: Path) -> None:
    found = shown(tmp_path, derivation={"steps": 3, "verified": 2})
    assert found.derivation is not None
    assert found.derivation.status == "unverified"


def test_a_misreading_without_a_counterexample_is_not_refuted(tmp_path: Path) -> None:
    misreadings = [r | {"counterexample": None, "written_out": None} for r in _misreadings()]
    found = shown(tmp_path, misreadings=misreadings)
    assert [refuted.board for refuted in found.misreadings] == [None, None]
    assert [refuted for _, refuted in found.errata] == [False]


def _misreadings() -> list[dict[str, Any]]:
    (entry,) = [e for e in seen()["claims"] if e["name"] == "spectral_power"]
    return list(entry["misreadings"])


def test_only_what_is_verified_is_said_to_be(tmp_path: Path) -> None:
    """A page of a refuted claim, one in error and one that was left out has no green badge."""
    found = seen()
    first, second, third = found["claims"]
    first |= {"verdict": "refuted", "messages": {"holds": "the sides differ"}}
    second |= {"verdict": "error", "messages": {"holds": "took longer than 60 s"}}
    for entry in (first, second):
        entry["derivation"] = entry["derivation"] and {**entry["derivation"], "verified": 0}
    found["claims"] = [first, second]
    pages = page(tmp_path, found, *VERIFIED)
    shown = "".join(text for name, text in pages.items() if not name.startswith("code/"))
    assert "badge holds" not in shown
    assert "How it was verified" not in shown
    for said in ("the sides differ", "took longer than 60 s", "badge unverified", "badge error"):
        assert said in shown
    assert third["name"] in shown
    assert "How it was verified" in page(tmp_path, seen(), *VERIFIED)["linear_recurrence.html"]


def test_evidence_of_other_sources_says_so(tmp_path: Path) -> None:
    found = seen() | {"sources": "others"}
    found["versions"]["numpy"] = "0.1"
    read = read_evidence(written(tmp_path, found))
    seen_elsewhere = view(catalogue()["spectral_power"], read)
    assert seen_elsewhere.verdict.status == "elsewhere"
    assert seen_elsewhere.derivation is not None
    assert seen_elsewhere.derivation.status == "elsewhere"
    assert list(read.other_versions) == ["numpy"]
    text = page(tmp_path, found, "spectral_power")["index.html"]
    assert "This evidence was made with other sources" in text
    assert "0.1 / " in text
    assert "made with other sources" not in page(tmp_path, seen(), *VERIFIED)["index.html"]


def page(folder: Path, found: dict[str, Any], *names: str) -> dict[str, str]:
    """The pages on some claims, or on all."""
    chosen = [claim for name, claim in catalogue().items() if name in names or not names]
    out = folder / "page"
    write_site(chosen, read_evidence(written(folder, found)), out)
    return {str(f.relative_to(out)): f.read_text() for f in out.rglob("*.html")}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of evidence on a few claims, and of the page on all of them."""
    folder = tmp_path_factory.mktemp("whole")
    page(folder, seen())
    return folder


def read_pages(whole: Path) -> dict[str, str]:
    out = whole / "page"
    return {str(f.relative_to(out)): f.read_text() for f in out.rglob("*.html")}


class Anchors(HTMLParser):
    """The links of a page and the ids that it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        self.ids += [found["id"]] if found.get("id") else []
        self.links += [found["href"]] if tag == "a" and found.get("href") else []


def test_links_lead_somewhere_and_ids_are_there_once(whole: Path) -> None:
    read = {name: Anchors(text) for name, text in read_pages(whole).items()}
    for name, anchors in read.items():
        assert len(anchors.ids) == len(set(anchors.ids)), name
        for link in anchors.links:
            target, _, place = link.partition("#")
            file = str(Path(name).parent / target).replace("code/../", "") if target else name
            assert file in read, link
            assert not place or place in read[file].ids, link


def test_every_claim_is_on_the_page(whole: Path) -> None:
    pages = read_pages(whole)
    for claim in catalogue().values():
        assert f'<article class="claim" id="{claim.name}"' in pages[f"{claim.theme}.html"]
        assert f'href="{claim.theme}.html#{claim.name}"' in pages["index.html"]


def test_the_lines_of_code_are_those_of_the_claim(whole: Path) -> None:
    pages, evidence = read_pages(whole), read_evidence(whole / "evidence.json")
    claim = catalogue()["scalar_power"]
    found = view(claim, evidence)
    assert not isinstance(claim.derivation, str)
    assert found.derivation is not None
    assert found.derivation.lines is not None
    assigned = f"{claim.derivation.name} = Derivation("
    for lines, beginning in ((found.lines, "@claim("), (found.derivation.lines, assigned)):
        assert f'<span id="L{lines.first}">{beginning}' in pages[lines.page]


LARGEST = 4_500_000
"""Bytes of the page of a whole run: a tenth below what it may have at most."""

REFUTATIONS = 600_000
"""Bytes of the counterexamples of all claims, of which this evidence has few."""


@pytest.mark.skipif("'MUTANT_UNDER_TEST' in os.environ", reason="the sources are then mutmut's")
def test_the_page_is_small(whole: Path) -> None:
    files = [file for file in (whole / "page").rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < LARGEST - REFUTATIONS


def test_formulas_have_their_characters_in_the_font(whole: Path) -> None:
    """Those of other fonts have other heights and weights, where there are any."""
    listed = (ASSETS / "chapter-math.txt").read_text().partition("\n\n")[2].split("\n\n")[0]
    written = [re.findall("<math.*?</math>", text) for text in read_pages(whole).values()]
    formulas = unescape(re.sub("<[^>]*>", "", "".join(chain.from_iterable(written))))
    assert set(formulas) - set(listed) - set("\u2009 ") == set()


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_every_formula_of_a_derivation_is_drawn(name: str) -> None:
    derivation = catalogue()[name].derivation
    for step in () if isinstance(derivation, str) else derivation.steps:
        assert "<math" in mathml(step.relation.latex()), step.relation


def test_a_hostile_claim_is_escaped(tmp_path: Path) -> None:
    outside = tmp_path / "theirs.py"
    statement = f"statement={HOSTILE!r}"
    outside.write_text(
        TRUE.replace('statement="n² ≥ n"', statement).replace(
            "arithmetic", HOSTILE.replace('"', "")
        )
    )
    result = claims("verify", "--claims-from", outside, "--evidence", tmp_path / "e.json")
    assert result.returncode == 0, result.stderr
    result = claims(
        "page", "--claims-from", outside, "--from", tmp_path / "e.json", "--out", tmp_path / "out"
    )
    assert "1 of 1 claims verified" in result.stdout, result.stderr
    pages = list((tmp_path / "out").rglob("*.html"))
    assert len(pages) == 3
    assert not (tmp_path / "out" / "questions.html").exists()
    index = (tmp_path / "out" / "index.html").read_text()
    assert "questions.html" not in index
    assert "Where the chapter errs" not in index
    for file in pages:
        text = file.read_text()
        assert "<script>alert" not in text
        assert "<b>" not in text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "claims verify --evidence"),
        ("{", "no JSON"),
        ("[]", "it is no object"),
        ('{"claims": []}', "it has no not_applicable, it has no backend"),
        ("[" * 100_000, "no JSON"),
        ('{"claims": {}}', "claims is no list"),
    ],
)
def test_what_is_no_evidence_is_refused(tmp_path: Path, content: str | None, said: str) -> None:
    file = tmp_path / "evidence.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(EvidenceError, match=said):
        read_evidence(file)


def test_evidence_of_an_older_layout_is_refused(tmp_path: Path) -> None:
    found = seen()
    del found["claims"][0]["misreadings"][0]["written_out"]["workings"]
    with pytest.raises(EvidenceError, match=r"misreadings\[0\].written_out has no workings"):
        read_evidence(written(tmp_path, found))
    del found["claims"][0]["verdict"]
    with pytest.raises(EvidenceError, match=r"claims\[0\] has no verdict"):
        read_evidence(written(tmp_path, found))


def test_both_sides_are_worked_out(tmp_path: Path) -> None:
    board = shown(tmp_path).misreadings[0].board
    assert board is not None
    (left,), (right,) = board.left, board.right
    assert str(left).count("<mtable>") == 3
    assert str(right).count("<mtable>") == 5
    numbers = {"formula": "q·w", "factors": ["2", "-3/5"], "value": "-6/5"}
    assert worked(numbers).count("<mo>·</mo>") == 2
    assert "<mo" not in worked({"formula": "q", "factors": ["2"], "value": "2"}).replace(
        "<mo>=", ""
    )


def test_a_mistake_in_the_call_is_reported_without_a_traceback(tmp_path: Path) -> None:
    result = claims("page", "--from", tmp_path / "nothing.json", "--out", tmp_path)
    assert result.returncode == 2
    assert "claims verify --evidence" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (fmpq(-3, 5), "-3/5"),
        (matrix("1 1/2; 0 -3"), {"matrix": [["1", "1/2"], ["0", "-3"]]}),
        (vector("1 0"), {"matrix": [["1"], ["0"]]}),
        (np.array([[[0.5, 1.0]]]), {"matrix": [["0.5", "1.0"]]}),
        (np.array([0.25, 1.0]), {"matrix": [["0.25"], ["1.0"]]}),
        (np.float64(0.5), "0.5"),
        ((fmpq(1), ("push 1",)), {"tuple": ["1", {"tuple": ["push 1"]}]}),
        (arb(2), "2.00000000000000"),
    ],
)
def test_values_as_data(value: Any, data: Any) -> None:
    with precision(53):
        assert as_data(value) == data


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("-3", "-3"),
        ("-3/5", r"-\frac{3}{5}"),
        ("1.0", "1"),
        ("0.250000000000000", "0.25"),
        ("[0.481211825059603 +/- 4.48e-16]", r"0.481211\text{…}"),
        ("[+/- 1e-3]", r"0 \pm 1 \cdot 10^{-3}"),
        ("5.42101086242752e-20", r"5.42101\text{…} \cdot 10^{-20}"),
        (f"{3**90}/{2**90}", r"\approx 7.05039\text{…} \cdot 10^{15}"),
        ("Gaussian", None),
        ("1/2x", None),
    ],
)
def test_numbers_as_a_person_writes_them(text: str, latex: str | None) -> None:
    assert number_latex(text) == latex


def test_long_lists_are_cut_in_the_middle() -> None:
    assert value_latex({"tuple": ["0"] * 27}) == r"\left( 0, 0, 0, 0, \dots, 0, 0 \right)"
    assert "… (27)" in quantity({"tuple": ["push 1"] * 27})


def test_words_are_escaped_on_the_blackboard() -> None:
    for data in (
        HOSTILE,
        {"tuple": [HOSTILE]},
        {"matrix": [[HOSTILE]]},
        {"fields": [[HOSTILE, HOSTILE]]},
    ):
        assert "<script>" not in quantity(data)
        assert "<b>" not in quantity(data)
