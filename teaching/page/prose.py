"""Sentences with formulas in them as HTML, the formulas as MathML.

A statement is one text, for a terminal and for the page: "If W = QΛQᵀ with Q orthogonal, then …".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from markupsafe import Markup, escape

from teaching.page.mathml import mathml
from teaching.page.notation import latex
from teaching.page.recognition import RELATIONS, parts
from teaching.page.texts import Said

UNBROKEN = 22
"""Up to this many characters a formula stays on one line."""

LEAST, LONG = 6, 26
"""The fewest characters before a break, and before one at + or −."""

WIDEST = 34
"""A piece that is longer than a phone is wide can be moved sideways."""

_OPENING = ("(", "（", "“")
_CLOSING = ",.;:)?!，。；：、）”"


def typeset(text: str, links: Mapping[str, str] | None = None) -> Markup:
    """The text as HTML, with its formulas as MathML; everything else is escaped.

    links: addresses by the names that are to be linked to them where the text has them.
    """
    html: list[Markup] = []
    keeps_punctuation = False
    for part, is_formula in parts(text):
        if is_formula and part:
            written = breakable(part)
            pieces = [*map(_piece, written)]
            if html and html[-1].endswith(_OPENING) and len(written[0]) <= UNBROKEN:
                pieces[0] = _unbroken(html[-1][-1], pieces[0])
                html[-1] = html[-1][:-1]
            html += [Markup("<wbr>").join([*pieces[:-1], ""]), pieces[-1]]
            keeps_punctuation = len(written[-1]) <= UNBROKEN
        elif part:
            closing = part[: len(part) - len(part.lstrip(_CLOSING))] if keeps_punctuation else ""
            if closing:
                html[-1] = _unbroken(html[-1], closing)
            html.append(_words(part[len(closing) :], links or {}))
            keeps_punctuation = False
    return Markup("").join(html)


def _unbroken(before: Markup | str, after: Markup | str) -> Markup:
    """A formula and its punctuation on one line: a browser breaks lines on both sides of it.

    Of formulas that a narrow screen has room for.
    """
    return Markup("<l-nb>{}{}</l-nb>").format(before, after)


def say(text: Said, *, show: Callable[[str], Markup] = typeset) -> Markup:
    """A text in both languages, of which the page shows one; or in English alone in both.

    There are thousands of them: short elements, that need no `lang`, since the whole page has that
    of the language it shows.
    """
    if text.zh is None:
        return Markup('<span lang="en">{}</span>').format(show(text.en))
    if text.zh == text.en:
        return show(text.en)
    return Markup("<l-en>{}</l-en><l-zh>{}</l-zh>").format(show(text.en), show(text.zh))


def _words(text: str, links: Mapping[str, str]) -> Markup:
    """Words, and a link where one is a name: `so`, or with an underscore."""
    name = text.strip("`,.;:()")
    if name not in links or not ("_" in name or "`" in text):
        return escape(text)
    before, _, after = text.replace("`", "").partition(name)
    return Markup('{}<a href="{}">{}</a>{}').format(before, links[name], name, after)


def _piece(text: str) -> Markup:
    written = latex(text)
    if not written.strip():
        return escape(text)
    formula = mathml(written)
    if len(text) <= WIDEST:
        return formula
    return Markup('<span class="long">{}</span>').format(formula)


def breakable(formula: str) -> list[str]:
    """The formula cut before its relations outside of brackets, and before + and − if long."""
    if len(formula) <= UNBROKEN:
        return [formula]
    pieces, start, depth, bars = [], 0, 0, {"|": False, "‖": False}
    for at, c in enumerate(formula):
        depth += (c in "([{") - (c in ")]}")
        if c in bars:
            bars[c] = not bars[c]
        width = at - start
        binary = c in "+−" and width > LONG and formula[at - 1] == " "
        breaks = width >= LEAST and (c in RELATIONS or binary)
        if breaks and depth == 0 and not any(bars.values()):
            pieces.append(formula[start:at])
            start = at
    return [piece.strip() for piece in (*pieces, formula[start:])]
