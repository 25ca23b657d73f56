"""The words of the page in two languages: labels, themes, claims, questions."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "text"
CHAPTER = FOLDER / "chapter.toml"
LABELS = Path(__file__).parent / "labels.toml"


@dataclass(frozen=True)
class Said:
    """A text in English and in Chinese; without a Chinese one it is shown in English in both."""

    en: str
    zh: str | None = None


@dataclass(frozen=True)
class Theme:
    """A group of claims that make up a page, in the chapter's order."""

    name: str
    title: Said
    intro: Said


@dataclass(frozen=True)
class Erratum:
    """What the chapter or a source of it says wrongly, and the misreading that refutes it."""

    claim: str
    misreading: str
    whose: str
    text: Said


@dataclass(frozen=True)
class Question:
    """A question that readers of the section ask, its answer, and the claims that give it."""

    name: str
    question: Said
    answer: tuple[Said, ...]
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Chapter:
    """The order of the chapter and what is said about it as a whole."""

    intro: tuple[Said, ...]
    themes: tuple[Theme, ...]
    errata: tuple[Erratum, ...]
    questions: tuple[Question, ...]


@cache
def labels() -> Mapping[str, Said]:
    """What the page says by itself."""
    return {name: Said(both["en"], both["zh"]) for name, both in _read(LABELS).items()}


@cache
def chapter() -> Chapter:
    """The order of the themes, the errata and the questions."""
    found = _read(CHAPTER)
    return Chapter(
        intro=tuple(_both(part, "text") for part in found["intro"]),
        themes=tuple(
            Theme(t["name"], _both(t, "title"), _both(t, "intro")) for t in found["theme"]
        ),
        errata=tuple(
            Erratum(e["claim"], e["misreading"], e["whose"], _both(e, "text"))
            for e in found["erratum"]
        ),
        questions=tuple(
            Question(
                q["name"],
                _both(q, "question"),
                tuple(Said(*pair) for pair in zip(q["answer"], q["answer_zh"], strict=True)),
                tuple(q["claims"]),
            )
            for q in found["question"]
        ),
    )


@cache
def claim_texts() -> Mapping[str, Mapping[str, Any]]:
    """By claim, in the chapter's order: title, title_zh, statement_zh and the rest in Chinese."""
    entries: dict[str, Mapping[str, Any]] = {}
    for theme in chapter().themes:
        file = FOLDER / f"{theme.name}.toml"
        if file.exists():
            entries.update(_read(file))
    return entries


def _both(entry: Mapping[str, str], key: str) -> Said:
    return Said(entry[key], entry[f"{key}_zh"])


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))
