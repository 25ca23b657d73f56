"""What the Chinese view says of claims is Chinese: each reason, lemma, regime and comparison."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from properties.checking.claim import Claim
from teaching.page.content import ClaimView, view
from teaching.page.evidence import Evidence, read_evidence
from teaching.page.phrases import KINDS, phrase, words
from teaching.page.recognition import lowered, raised
from teaching.page.texts import Said
from tests.page_evidence import catalogue, seen, written

NOTHING = Evidence({}, frozenset(), {}, True, {})
RUN = Path(__file__).parent.parent / "build" / "evidence.json"
STATIC = ("assumptions", "lemmas", "regimes", "sources", "underived")
"""The kinds of words that claims declare; those of counterexamples are found, and derivations have
reasons that no claim tells."""


def said(found: ClaimView, claim: Claim) -> Iterator[Said]:
    """All that the page says of a claim but for its counterexamples."""
    yield from (found.title, found.statement, found.source, found.underived)
    yield from [found.explain] if found.explain else []
    for refuted in (*found.assumptions, *found.misreadings):
        yield from (refuted.statement, refuted.why, refuted.source)
    yield from [phrase("regimes", name) for name in claim.labels]
    for step in found.derivation.steps if found.derivation else ():
        yield from (step.why, step.lemma)
    yield from found.derivation.given if found.derivation else ()


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_every_claim_is_said_in_chinese(name: str) -> None:
    claim = catalogue()[name]
    texts = said(view(claim, NOTHING), claim)
    assert [text.en for text in texts if text.en and text.zh is None] == []


def compared(evidence: dict[str, Any]) -> Iterator[Said]:
    """What counterexamples compare, and the names and values of their quantities."""
    for entry in evidence["claims"]:
        for refuted in (*entry["assumptions"], *entry["misreadings"]):
            found = refuted["written_out"]
            if found is not None:
                yield from (phrase("comparisons", found[key]) for key in ("what", "needed"))
                for side in ("case", "left", "right"):
                    yield from in_a_value(found[side])


def in_a_value(data: Any) -> Iterator[Said]:
    if isinstance(data, str):
        yield phrase("values", data)
    for name, value in data["fields"] if isinstance(data, dict) and "fields" in data else ():
        yield phrase("quantities", name.replace("_", " ") if name.isascii() else name)
        yield from in_a_value(value)
    for item in data.get("tuple", ()) if isinstance(data, dict) else ():
        yield from in_a_value(item)


def english(texts: Iterator[Said]) -> list[str]:
    """Those without a Chinese, but for words over an alphabet and numbers in another notation."""
    return sorted({text.en for text in texts if text.zh is None and not NO_WORD.fullmatch(text.en)})


NO_WORD = re.compile(r"[ab]+|[\d.e+\-/]+|\[.*\+/- .*\]|\[\[.*", re.DOTALL)


def test_counterexamples_are_said_in_chinese() -> None:
    assert english(compared(seen())) == []


def test_counterexamples_of_a_whole_run_are_said_in_chinese() -> None:
    if not RUN.exists() or not read_evidence(RUN).same_sources:
        pytest.skip("build/evidence.json is not that of these sources; `make verify` writes it")
    assert english(compared(dict(read_evidence(RUN).run))) == []


@pytest.mark.parametrize("kind", STATIC)
def test_there_are_words_for_what_is_said_alone(kind: str) -> None:
    used = {text.zh for claim in catalogue().values() for text in said(view(claim, NOTHING), claim)}
    unused = [zh for en, zh in words(kind).items() if "§" not in zh and zh not in used]
    assert unused == []


@pytest.mark.parametrize("kind", KINDS)
def test_formulas_are_the_same_in_both_languages(kind: str) -> None:
    assert [en for en, zh in words(kind).items() if signs(en) != signs(zh)] == []


def signs(text: str) -> list[str]:
    """Its Greek letters, indices, exponents and relations, sorted."""
    return sorted(
        c for c in text if "Α" <= c <= "ω" or raised(c) or lowered(c) or c in "=≤≥<>≠∂√⇒§#"
    )


@pytest.mark.parametrize(
    ("kind", "text", "chinese"),
    [
        ("reasons", "steps 5 and 4", "步骤 5 与 4"),
        ("reasons", "put steps 1 to 3 into the definition", "把步骤 1 至 3 代入定义"),
        ("reasons", "put step 4 into step 5; v cancels", "把步骤 4 代入步骤 5；v 消去"),
        ("reasons", "steps 11, 12, 17", "步骤 11、12、17"),
        ("reasons", "1 + x ≤ eˣ", "1 + x ≤ eˣ"),
        ("reasons", "nobody said this", None),
        ("values", "162 of 200", "162/200"),
        ("values", "400 of 400: a share in 0.991 … 1.000", "400/400：比例在 0.991 与 1.000 之间"),
    ],
)
def test_numbers_are_put_where_they_belong(kind: str, text: str, chinese: str | None) -> None:
    assert phrase(kind, text) == Said(text, chinese)


def test_words_that_are_missing_are_seen(tmp_path: Path) -> None:
    found = seen()
    refuted = found["claims"][0]["misreadings"][0]["written_out"]
    refuted["what"] = "nobody said this"
    refuted["case"]["fields"].append(["unheard_of", "strange"])
    assert english(compared(found)) == ["nobody said this", "strange", "unheard of"]
    board = view(catalogue()["spectral_power"], read_evidence(written(tmp_path, found)))
    shown = board.misreadings[0].board
    assert shown is not None
    assert shown.what.zh is None
