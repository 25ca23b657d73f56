"""The page has words for every claim, in both languages, and for nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from properties import THEMES
from properties.checking.claim import Claim
from teaching.page.texts import Said, chapter, claim_texts, labels
from tests.page_evidence import catalogue

TABLES = {"assumptions_zh", "misreadings_zh", "why_zh"}
KEYS = {"title", "title_zh", "statement_zh", "explain_zh"} | TABLES


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_every_claim_has_its_words(name: str) -> None:
    claim = catalogue()[name]
    assert name in claim_texts(), f"teaching/text/{claim.theme}.toml has no entry [{name}]"
    assert missing(claim, claim_texts()[name]) == []


def missing(claim: Claim, entry: Mapping[str, Any]) -> list[str]:
    """What the entry of a claim lacks, and what it has that the claim has not."""
    needed = {"title", "title_zh", "statement_zh"}
    wrong = [f"no {key}" for key in sorted(needed) if not entry.get(key, "").strip()]
    wrong += [f"unknown key {key}" for key in sorted(set(entry) - KEYS)]
    names = {"assumptions_zh": list(claim.assumptions), "misreadings_zh": list(claim.misreadings)}
    for key, declared in names.items():
        wrong += [f"{key} has no {name!r}" for name in declared if name not in entry.get(key, {})]
    names["why_zh"] = [*claim.assumptions, *claim.misreadings]
    for key, declared in names.items():
        wrong += [
            f"{key} has {n!r}, the claim has not" for n in entry.get(key, {}) if n not in declared
        ]
    return wrong


def test_a_missing_word_is_seen() -> None:
    claim, entry = catalogue()["spectral_power"], dict(claim_texts()["spectral_power"])
    assert missing(claim, entry | {"title_zh": " "}) == ["no title_zh"]
    assert missing(claim, entry | {"titel": ""}) == ["unknown key titel"]
    assert missing(claim, entry | {"assumptions_zh": {"Q": "Q 正交"}}) == [
        "assumptions_zh has no 'Q is orthogonal'",
        "assumptions_zh has 'Q', the claim has not",
    ]


def test_there_are_words_for_claims_alone() -> None:
    assert set(claim_texts()) <= set(catalogue())


def test_the_themes_are_those_of_the_catalogue_in_its_order() -> None:
    assert tuple(theme.name for theme in chapter().themes) == THEMES


@pytest.mark.parametrize("erratum", chapter().errata, ids=lambda e: f"{e.claim}-{e.misreading}")
def test_an_erratum_rests_on_a_misreading_that_is_refuted(erratum: Any) -> None:
    assert erratum.misreading in catalogue()[erratum.claim].misreadings
    assert erratum.whose in ("chapter", "source")


@pytest.mark.parametrize("question", chapter().questions, ids=lambda q: q.name)
def test_a_question_is_answered_by_claims(question: Any) -> None:
    assert question.claims
    assert set(question.claims) <= set(catalogue())


def test_everything_is_said_in_chinese_too() -> None:
    said = [*labels().values(), *chapter().intro]
    said += [text for theme in chapter().themes for text in (theme.title, theme.intro)]
    said += [erratum.text for erratum in chapter().errata]
    said += [text for q in chapter().questions for text in (q.question, *q.answer)]
    assert [text.en for text in said if not is_chinese(text)] == []


def is_chinese(text: Said) -> bool:
    return any("\u4e00" <= c <= "\u9fff" for c in text.zh or "")
