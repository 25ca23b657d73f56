"""Short texts of claims in Chinese: reasons, lemmas, regimes, what a counterexample compares.

They are many and shared by claims, so they stand in `teaching/text/words`, a file a kind, by their
English: "§ times a norm" serves whichever steps are named, and "# of #" whichever numbers.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from itertools import chain

from teaching.page.recognition import has_words
from teaching.page.texts import FOLDER, Said

WORDS = FOLDER / "words"
KINDS = (
    *("assumptions", "comparisons", "lemmas", "quantities", "reasons"),
    *("regimes", "sources", "underived", "values"),
)

_STEPS = re.compile(r"\bsteps? (\d+(?:, \d+)*(?: (?:and|to) \d+)?)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_BETWEEN = {" and ": " 与 ", " to ": " 至 ", ", ": "、"}


@cache
def words(kind: str) -> Mapping[str, str]:
    """The Chinese of a kind of texts, by the English."""
    return tomllib.loads((WORDS / f"{kind}.toml").read_text(encoding="utf-8"))


def phrase(kind: str, text: str) -> Said:
    """A text in both languages; in English alone if it has words that are not in their file."""
    steps = [f"步骤 {_between(found)}" for found in _STEPS.findall(text)]
    written = _filled(kind, _STEPS.sub("§", text), "§", steps)
    if written is None:
        written = _filled(kind, _NUMBER.sub("#", text), "#", _NUMBER.findall(text))
    return Said(text, written)


def _filled(kind: str, template: str, sign: str, values: list[str]) -> str | None:
    """The Chinese of a text, with the values put where their sign stands."""
    written = words(kind).get(template, None if has_words(template) else template)
    if written is None or written.count(sign) != len(values):
        return None
    parts = written.split(sign)
    return "".join(chain.from_iterable(zip(parts, [*values, ""], strict=True)))


def _between(steps: str) -> str:
    for english, chinese in _BETWEEN.items():
        steps = steps.replace(english, chinese)
    return steps
