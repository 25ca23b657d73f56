"""LaTeX in math mode as MathML, which every current browser draws by itself."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from xml.etree import ElementTree

from markupsafe import Markup

_NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"
_RELATIONS = frozenset("=≤≥<>≠→⇒⇔∈≈≪·↦")
_SIGNS = frozenset("+−±∓")
_TALL = frozenset(("mfrac", "mtable", "msqrt", "mover", "munder", "munderover"))
_SCRIPTS = ("msup", "msub", "msubsup")
_THIN = {"width": ".17em"}
_BINARY = {"lspace": "0.22em", "rspace": "0.22em"}


@cache
def mathml(latex: str, *, display: bool = False) -> Markup:
    """A math element; `display` makes it a line of its own.

    What latex2mathml writes is read again as XML, so that nothing that is no formula gets through.

    Raises ValueError where the LaTeX is faulty or makes no well-formed MathML.
    """
    from latex2mathml import converter, exceptions

    found = vars(exceptions).values()
    faults = tuple(e for e in found if isinstance(e, type) and issubclass(e, Exception))
    try:
        written = converter.convert(latex.replace("<", r"\lt ").replace(">", r"\gt "))
        root = ElementTree.fromstring(written)
    except faults as fault:
        raise ValueError(f"latex: {latex!r} is faulty: {type(fault).__name__}") from None
    except ElementTree.ParseError as problem:
        raise ValueError(f"latex: {latex!r} makes no well-formed MathML: {problem}") from None
    for element in root.iter():
        element.tag = element.tag.removeprefix(_NAMESPACE)
    _tidy(root)
    if len(root) == 1 and root[0].tag == "mrow":
        root[:] = list(root[0])
    _forget_defaults(root)
    root.attrib.clear()
    if display:
        root.set("display", "block")
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _tidy(parent: ElementTree.Element) -> None:
    """Make what latex2mathml writes look as TeX would set it, and shorter."""
    for child in parent:
        _tidy(child)
    parent[:] = [_unwrapped(child) for child in parent]
    for element in parent:
        if element.tag == "mo":
            _tidy_operator(element)
    if parent.tag in ("mrow", "math"):
        _tidy_row(parent)


def _unwrapped(element: ElementTree.Element) -> ElementTree.Element:
    """A row of one is that one."""
    return element[0] if element.tag == "mrow" and len(element) == 1 else element


def _without_row(element: ElementTree.Element) -> list[ElementTree.Element]:
    """What is in brackets that do not grow needs no row of its own; bars do, to be a pair."""
    first = element[0] if element.tag == "mrow" and len(element) else element
    plain = first.get("stretchy") == "false" and first.text in ("(", "[")
    return list(element) if element.tag == "mrow" and plain else [element]


def _tidy_operator(element: ElementTree.Element) -> None:
    """A name such as tanh, ∂ and ⊤ are identifiers; a slash stands close."""
    text = element.text or ""
    element.attrib.pop("fence", None)
    if text in ("∂", "∞", "⊤") or text.isalpha():
        element.tag = "mi"
        if len(text) == 1 and text.isascii():
            element.set("mathvariant", "normal")
    elif text == "/":
        element.tag = "mtext"


def _tidy_row(row: ElementTree.Element) -> None:
    """Brackets grow with fractions and matrices alone; functions keep off their operands."""
    row[:] = [item for child in row for item in _without_row(child)]
    items = _with_words(row)
    if len(items) > 1 and all(item.get("stretchy") == "true" for item in (items[0], items[-1])):
        grows = "true" if any(element.tag in _TALL for element in row.iter()) else "false"
        items[0].set("stretchy", grows)
        items[-1].set("stretchy", grows)
    if len(items) > 1 and items[0].tag == "mo" and items[0].text in _RELATIONS:
        # A relation that begins a line keeps its distance on both sides.
        items[0].set("form", "infix")
    spaced = items[:1]
    for before, after in pairwise(items):
        if after.tag == "mo" and after.text in _SIGNS:
            operand = (
                before.tag != "mo" or before.get("form") == "postfix" or before.text in (")", "]")
            )
            after.set("form", "infix" if operand else "prefix")
            if operand and after.text in ("±", "∓"):
                after.attrib.update(_BINARY)
        beside = _is_function(before) or _is_function(after)
        if beside and before.tag != "mo" and not _is_bracketed(after):
            spaced.append(ElementTree.Element("mspace", _THIN))
        spaced.append(after)
    row[:] = spaced


def _forget_defaults(row: ElementTree.Element) -> None:
    """Leave out what a browser takes an operator for by its place in the row."""
    items = list(row)
    for place, item in enumerate(items):
        by_place = "prefix" if place == 0 else "postfix" if place == len(items) - 1 else "infix"
        if row.tag in ("mrow", "math") and item.get("form") == by_place and len(items) > 1:
            del item.attrib["form"]
        if item.get("stretchy") == "true":
            del item.attrib["stretchy"]
        _forget_defaults(item)


def _with_words(row: ElementTree.Element) -> list[ElementTree.Element]:
    """The items of a row, with upright letters that stand together as the word that they are."""
    items: list[ElementTree.Element] = []
    for item in row:
        if items and _is_upright(item) and _is_upright(items[-1]):
            items[-1].text = f"{items[-1].text}{item.text}"
        else:
            items.append(item)
    return items


def _is_upright(element: ElementTree.Element) -> bool:
    return element.tag == "mi" and element.get("mathvariant") == "normal"


def _is_function(element: ElementTree.Element) -> bool:
    """tanh or an upright E, with or without an exponent."""
    name = element[0] if element.tag in _SCRIPTS else element
    text = name.text or ""
    upright = len(text) > 1 or _is_upright(name)
    return name.tag == "mi" and upright and text.isascii()


def _is_bracketed(element: ElementTree.Element) -> bool:
    first = element[0] if len(element) and element.tag in ("mrow", *_SCRIPTS) else element
    while len(first) and first.tag == "mrow":
        first = first[0]
    return first.tag == "mo" and first.text in ("(", "[")
