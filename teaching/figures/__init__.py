"""The figures of the chapter, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """A drawn figure, its words in both languages and the claims that it belongs to."""

    name: str
    theme: str
    title: str
    title_zh: str
    caption: str
    caption_zh: str
    alt: str
    alt_zh: str
    draw: Callable[[], Any]
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Widget:
    """A figure to play with: an HTML fragment with its own script."""

    name: str
    theme: str
    claims: tuple[str, ...]
    title: str
    title_zh: str
    caption: str
    caption_zh: str
    html: Callable[[], str]


FIGURES: Mapping[str, Figure] = {}
WIDGETS: Mapping[str, Widget] = {}


def svg(figure: Figure) -> str:
    """The figure drawn, as SVG."""
    raise NotImplementedError
