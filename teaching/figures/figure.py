"""Figures and widgets: what a picture is, and how it becomes SVG.

A figure holds no numbers of its own: `draw` computes them from models/ or from the mathematics of
a claim when it is called. What is written inside a picture is formulas and symbols, so that one
picture serves every language; the words are in the captions.
"""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

Seen = TypeVar("Seen")

COMPACT = [
    *("--quiet", "--strip-xml-prolog", "--remove-metadata", "--enable-comment-stripping"),
    *("--enable-id-stripping", "--protect-ids-noninkscape", "--indent=none", "--no-line-breaks"),
    "--set-precision=5",
]
"""How scour shortens a drawing: to about half, with nothing changed that is seen."""


@dataclass(frozen=True)
class Figure:
    """A drawn figure.

    Attributes:
        name: its identifier, a file name without ending; unique among figures and widgets.
        theme: the theme that it belongs to, that of its claims.
        title, title_zh: a few words.
        caption, caption_zh: what to see in it.
        alt, alt_zh: what it looks like, for who cannot see it.
        draw: makes a new matplotlib figure.
        claims: the names of the claims that it illustrates.
    """

    name: str
    theme: str
    title: str
    title_zh: str
    caption: str
    caption_zh: str
    alt: str
    alt_zh: str
    draw: Callable[[], Drawing]
    claims: tuple[str, ...]

    def _repr_html_(self) -> str:
        """The figure in a notebook, with its caption."""
        shown = svg(self).replace("<svg ", f'<svg role="img" aria-label="{escape(self.alt)}" ', 1)
        return _captioned(shown, self.title, self.caption)


@dataclass(frozen=True)
class Widget:
    """A figure to play with: `html` makes a fragment of HTML that needs nothing from outside.

    The fragment has labelled sliders and one inline script, reaches no network, and prefixes its
    ids with its name. Its words stand in both languages, in `lang` spans; the rest is formulas.
    """

    name: str
    theme: str
    title: str
    title_zh: str
    caption: str
    caption_zh: str
    html: Callable[[], str]
    claims: tuple[str, ...]

    def _repr_html_(self) -> str:
        """The widget in a notebook, with its caption and in English."""
        hidden = f'<style>#{self.name} [lang="zh"] {{ display: none }}</style>'
        return _captioned(hidden + self.html(), self.title, self.caption)


def _captioned(shown: str, title: str, caption: str) -> str:
    words = f"<figcaption><b>{escape(title)}.</b> {escape(caption)}</figcaption>"
    return f'<figure style="max-width: 45em">{shown}{words}</figure>'


def words(theme: str) -> dict[str, dict[str, str]]:
    """The titles, captions and alternative texts of a theme's figures, by the figure's name."""
    file = Path(__file__).with_name(f"{theme}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def svg(figure: Figure) -> str:
    """The figure as one <svg> element: no prolog, the same text each time, all ids its own.

    It has a viewBox and no width or height, so it fills its container; text is drawn as paths. It
    carries no alternative text: whoever shows it has that in the language that is being read.
    """
    return drawn_as_svg(figure.name, figure.draw)


def drawn_as_svg(name: str, draw: Callable[[], Drawing]) -> str:
    """A drawing as `svg` gives it, its ids prefixed by the name."""
    return rendered(name, draw, lambda drawing: None)[0]


def rendered(
    name: str, draw: Callable[[], Drawing], look: Callable[[Drawing], Seen]
) -> tuple[str, Seen]:
    """A drawing as an <svg> element, and what `look` sees in it once it is laid out."""
    from matplotlib import rc_context

    from teaching.figures.style import STYLE

    style: Any = {**STYLE, "svg.hashsalt": name}
    with rc_context(style):
        drawing, written = draw(), io.StringIO()
        drawing.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
        return inline(written.getvalue(), name), look(drawing)


def inline(document: str, name: str) -> str:
    """An SVG document as an element to be put into a page, its ids prefixed by `name`.

    Ids that nothing refers to are left out, but those that end in no digit: a `gid` is one. What
    has no extent is left out too, such as a space in a text.
    """
    from scour import scour

    rounded = re.sub(r'\b(?:d|x|y)="[^"]*"', _rounded, document)
    compact = scour.scourString(rounded, scour.parse_args(COMPACT))
    element = compact[compact.index("<svg") :].strip()
    there = set(re.findall(r'\bid="([^"]+)"', element))
    element = re.sub(r'<use\b[^>]*href="#([^"]+)"[^>]*/>', partial(_unless_gone, there), element)
    element = re.sub(r' (?:width|height)="[\d.]+pt"', "", element, count=2)
    element = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', element)
    element = re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', element)
    return re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", element)


def _rounded(attribute: re.Match[str]) -> str:
    """Coordinates to a hundredth of a point, which no eye tells apart."""
    return re.sub(r"-?\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}", attribute[0])


def _unless_gone(there: Collection[str], use: re.Match[str]) -> str:
    """What uses a shape, unless that was left out: a space has none."""
    return use[0] if use[1] in there else ""
