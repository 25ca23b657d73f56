"""Figures and widgets: each is drawn, says what it shows in both languages, and stands alone."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from itertools import chain
from pathlib import Path
from xml.etree import ElementTree

import pytest

from properties.checking.loading import load_catalogue
from teaching.figures import FIGURES, WIDGETS, Figure, Widget, svg
from teaching.figures.figure import inline

ROOT = Path(__file__).parent.parent
LARGEST = 80_000
"""Bytes; all pictures together stay well below what a page can carry."""

CLAIMS = {claim.name: claim for claim in load_catalogue().claims}


def identifiers(fragment: str) -> list[str]:
    return re.findall(r'(?<!\[)\bid="([^"]+)"', fragment)


def test_names_are_unique_and_in_the_chapters_order() -> None:
    names = [*FIGURES, *WIDGETS]
    assert max(Counter(names).values()) == 1
    themes = list(dict.fromkeys(figure.theme for figure in FIGURES.values()))
    assert len(themes) == len({figure.theme for figure in FIGURES.values()})


@pytest.mark.parametrize("shown", [*FIGURES.values(), *WIDGETS.values()], ids=lambda s: s.name)
def test_it_says_what_to_see_in_both_languages(shown: Figure | Widget) -> None:
    for text in ("title", "caption", *(("alt",) if isinstance(shown, Figure) else ())):
        english, chinese = getattr(shown, text), getattr(shown, f"{text}_zh")
        assert english
        assert not re.search("[一-鿿]", english)
        assert re.search("[一-鿿]", chinese)
        assert english[0].isupper()


@pytest.mark.parametrize("shown", [*FIGURES.values(), *WIDGETS.values()], ids=lambda s: s.name)
def test_it_illustrates_claims_of_its_theme(shown: Figure | Widget) -> None:
    known = [name for name in shown.claims if name in CLAIMS]
    assert known
    assert shown.theme in {CLAIMS[name].theme for name in known}


@pytest.mark.parametrize("figure", FIGURES.values(), ids=lambda figure: figure.name)
def test_it_is_drawn_as_one_element_that_fits_into_a_page(figure: Figure) -> None:
    drawn = svg(figure)
    element = ElementTree.fromstring(drawn)
    assert element.tag.endswith("svg")
    assert "viewBox" in element.attrib
    assert not {"width", "height"} & set(element.attrib)
    assert len(drawn.encode()) < LARGEST
    assert "<image" not in drawn
    used = re.findall(r'href="#([^"]+)"', drawn) + re.findall(r"url\(#([^)]+)\)", drawn)
    assert set(used) <= set(identifiers(drawn))
    assert all(name.startswith(f"{figure.name}-") for name in identifiers(drawn))


def test_a_figure_is_the_same_each_time() -> None:
    figure = FIGURES["product_paths"]
    assert svg(figure) == svg(figure)


def test_all_identifiers_in_a_page_of_all_pictures_differ() -> None:
    fragments = [*map(svg, FIGURES.values()), *(widget.html() for widget in WIDGETS.values())]
    counted = Counter(chain.from_iterable(map(identifiers, fragments)))
    assert max(counted.values()) == 1


def test_nothing_is_imported_before_it_is_drawn() -> None:
    code = (
        "import sys\nimport teaching.figures\n"
        "heavy = {'matplotlib', 'numpy', 'sympy', 'flint'} & set(sys.modules)\n"
        "sys.exit(bool(heavy) and str(heavy))"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_references_inside_a_drawing_follow_its_identifiers() -> None:
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    shapes = (
        '<path id="a_1" d="M 1.23456 2 L 5 7"/><path id="b_1" d=""/><path id="lonely_1" d="M 1 1"/>'
    )
    uses = '<use xlink:href="#a_1"/><use xlink:href="#b_1"/>'
    drawn = '<g id="gid"><path d="M 0 0 L 9 9" clip-path="url(#clip_1)"/></g>'
    clip = '<clipPath id="clip_1"><rect width="9" height="9"/></clipPath>'
    element = inline(
        f'<?xml version="1.0"?><svg width="9pt" height="9pt" viewBox="0 0 9 9" {names}>'
        f"<defs>{shapes}{clip}</defs>{uses}{drawn}</svg>",
        "it",
    )
    ElementTree.fromstring(element)
    assert set(identifiers(element)) == {"it-a_1", "it-gid", "it-clip_1"}
    assert re.findall(r'href="([^"]+)"', element) == ["#it-a_1"]
    assert "url(#it-clip_1)" in element
    assert 'd="m1.23 2 3.77 5"' in element
    assert "pt" not in element


@pytest.mark.parametrize("widget", WIDGETS.values(), ids=lambda widget: widget.name)
def test_a_widget_is_labelled_and_needs_nothing_from_outside(widget: Widget) -> None:
    html = widget.html()
    sliders = re.findall(r'<input type="range" id="([^"]+)"', html)
    assert sliders
    for slider in sliders:
        assert f'<label for="{slider}">' in html
        assert f'<output id="{slider}-value" for="{slider}">' in html
    outside = [
        address for address in re.findall(r'(?:src|href)="([^"]+)"', html) if address[0] != "#"
    ]
    assert outside == []
    assert html.count("<script>") == 1
    moved = re.findall(r'move\("([\w-]+)"', html)
    assert moved
    picture = ElementTree.fromstring(
        html[html.index("<svg") : html.index("</svg>") + len("</svg>")]
    )
    elements = {element.get("id"): element for element in picture.iter()}
    for gid in moved:
        kinds = {child.tag.rpartition("}")[2] for child in elements[f"{widget.name}-{gid}"].iter()}
        assert kinds & {"path", "use"}, f"there is nothing of {gid} to be moved"
