"""Writing the page: an index, a page for each theme, the questions, and the code it links to."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from teaching.page.blackboard import decimal
from teaching.page.code import Lines, pieces
from teaching.page.content import ClaimView, view
from teaching.page.evidence import Evidence
from teaching.page.prose import say, typeset
from teaching.page.texts import Said, Theme, chapter, claim_texts, labels

if TYPE_CHECKING:
    from properties.checking.claim import Claim

HERE = Path(__file__).parent
ASSETS = HERE / "assets"


@dataclass(frozen=True)
class Section:
    """A theme with its claims."""

    theme: Theme
    claims: Sequence[ClaimView]

    @property
    def page(self) -> str:
        return f"{self.theme.name}.html"


def write_site(claims: Sequence[Claim], evidence: Evidence, out: Path) -> list[ClaimView]:
    """Write the page on these claims into a folder, and return what it says of each.

    Files that are there already are overwritten, and others left alone.
    """
    from teaching.figures import FIGURES, WIDGETS

    sections = _sections([view(claim, evidence) for claim in claims])
    sections = _with_figures(sections, FIGURES, WIDGETS)
    views = [claim for section in sections for claim in section.claims]
    out.mkdir(parents=True, exist_ok=True)
    shutil.copytree(ASSETS, out / "assets", dirs_exist_ok=True)
    _draw(views, out / "figures")
    for file, text in _pages(sections, views, evidence):
        _write(out / file, text)
    return views


def _draw(views: Sequence[ClaimView], folder: Path) -> None:
    """Write the figures of the claims, and the pictures of their counterexamples."""
    from teaching.figures import svg
    from teaching.figures.figure import drawn_as_svg

    for claim in views:
        for figure in claim.figures:
            _write(folder / f"{figure.name}.svg", svg(figure))
        for board in claim.boards():
            if board.draw is not None:
                picture = drawn_as_svg(board.picture, board.draw)
                _write(folder / f"{board.picture}.svg", picture)


def _pages(
    sections: Sequence[Section], views: Sequence[ClaimView], evidence: Evidence
) -> Iterator[tuple[str, str]]:
    """The name and the text of every page."""
    known = {claim.name: f"{claim.theme}.html#{claim.name}" for claim in views}
    questions = [question for question in chapter().questions if set(question.claims) & set(known)]
    render = partial(
        _renderer(known),
        evidence=evidence,
        sections=sections,
        claims=known,
        questions=questions,
        unknown=sorted(set(evidence.entries) - set(known)),
        views={claim.name: claim for claim in views},
    )
    yield "index.html", render("index.html", page="index")
    if questions:
        yield "questions.html", render("questions.html", page="questions")
    for before, section, after in zip(
        [None, *sections], sections, [*sections[1:], None], strict=False
    ):
        around = {"before": before, "section": section, "after": after}
        yield section.page, render("theme.html", page=section.theme.name, **around)
    for linked in _linked_lines(views):
        code = {"file": linked[0].file, "pieces": pieces(linked)}
        yield linked[0].page, render("code.html", page="code", code=code, root="../")


def _sections(views: Sequence[ClaimView]) -> list[Section]:
    """The claims by theme, both in the chapter's order; what it does not name comes last."""
    order = {name: place for place, name in enumerate(claim_texts())}
    last = len(order)
    themes = list(chapter().themes)
    for claim in views:
        if claim.theme not in {theme.name for theme in themes}:
            themes.append(Theme(claim.theme, Said(claim.theme.replace("_", " ")), Said("")))
    sections = []
    for theme in themes:
        own = [claim for claim in views if claim.theme == theme.name]
        own.sort(key=lambda claim: order.get(claim.name, last))
        if own:
            sections.append(Section(theme, own))
    return sections


def _with_figures(
    sections: Sequence[Section], figures: Mapping[str, Any], widgets: Mapping[str, Any]
) -> list[Section]:
    """The sections with each figure and widget at the first of its claims that the page has."""
    claims = [claim.name for section in sections for claim in section.claims]

    def place(things: Mapping[str, Any]) -> dict[str, list[Any]]:
        placed: dict[str, list[Any]] = {}
        for thing in things.values():
            home = next((name for name in claims if name in thing.claims), None)
            if home is not None:
                placed.setdefault(home, []).append(thing)
        return placed

    drawn, played = place(figures), place(widgets)

    def filled(claim: ClaimView) -> ClaimView:
        figures, widgets = drawn.get(claim.name, ()), played.get(claim.name, ())
        return replace(claim, figures=figures, widgets=widgets)

    return [replace(section, claims=[*map(filled, section.claims)]) for section in sections]


def _linked_lines(views: Iterable[ClaimView]) -> list[list[Lines]]:
    """The lines of code that claims link to, file by file and in order."""
    files: dict[str, set[Lines]] = {}
    for claim in views:
        derived = claim.derivation.lines if claim.derivation else None
        for lines in (claim.lines, derived):
            if lines is not None:
                files.setdefault(lines.page, set()).add(lines)
    return [sorted(linked, key=attrgetter("first")) for linked in files.values()]


def _renderer(claims: Mapping[str, str]) -> Callable[..., str]:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    show = partial(typeset, links=claims)
    environment.globals.update(
        say=partial(say, show=show),
        both=lambda en, zh: say(Said(en, zh), show=show),
        label=lambda name: say(labels()[name]),
        labels=labels(),
        chapter=chapter(),
    )
    environment.filters.update(typeset=show, decimal=decimal, listing=listing)

    def render(template: str, **values: Any) -> str:
        return environment.get_template(template).render({"root": "", **values})

    return render


def listing(code: str) -> Markup:
    """Code as HTML: quotation marks need no escape outside of attributes."""
    return Markup(escape(code, quote=False))


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
