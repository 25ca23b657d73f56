"""Sentences with formulas in them, as words and formulas apart.

A statement reads the same in a terminal and on the page: "If W = QΛQᵀ with Q orthogonal, then …".
What is a formula is seen from its characters: signs, Greek letters, indices, and letters that stand
alone. Formulas are broken where a line may break: at relations, and at + and − in long ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from markupsafe import Markup, escape

from teaching.page.mathml import mathml
from teaching.page.notation import FUNCTIONS, latex, lowered, raised

_ARTICLES = ("a", "A", "I")
_NAMES = frozenset(("bn", "eN", "vI", "vz", "Wh", "Wq"))
_COUNTS = frozenset("all an any its no none one the two".split())
_RELATIONS = "=≤≥<>≠→⇒⇔↦∈≈≪"
_OPERATORS = _RELATIONS + "+−·×÷⊙±∓/…|‖"
_CHINESE = re.compile("([\u2e80-\u303f\u3400-\u9fff\uff00-\uffef“”‘’—]+)")
_MATRIX = re.compile(r"\[\[[^\[\]]*\](?:, ?\[[^\[\]]*\])*\]")
_NUMBER = re.compile(r"\d[\d.,]*(?:st|nd|rd|th)?%?")
_APPLIED = re.compile(rf"[(\[|‖]*(?:E|{'|'.join(sorted(FUNCTIONS))})(?:\(.+|′|²)")
_APPLIES = re.compile(rf"(?:^|[^A-Za-z])(?:{'|'.join(sorted(FUNCTIONS))})²?$")
_SNAKE = re.compile(r"`?[a-z]{3,}(?:_[a-z0-9]+)*_[a-z0-9]{2,}`?")
_SHORT = re.compile(
    r"[(\[|]*(?:[A-Za-z]|\d+(?:\.\d+)?[A-Za-z]?)(?:[/+=<>(),|!\]](?:[A-Za-z]|\d+(?:\.\d+)?[A-Za-z]?)?)+"
)
_JOINER = "\u2060"  # no line is broken here
_OPENING = ("(", "（", "“")
_CLOSING = ",.;:)?!，。；：、）”"
_MULTIPLE = re.compile(r"\d+[A-Zb-z](?:/[A-Za-z])?(?<!\dD)")
_SHORT_ENOUGH, _LEAST, _LONG, _WIDEST = 22, 6, 26, 34
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]{2,}(?:[-'’][A-Za-z\u00c0-\u024f]+)*")


def typeset(text: str, links: Mapping[str, str] | None = None) -> Markup:
    """The text as HTML, with its formulas as MathML; everything else is escaped.

    links: addresses by the names that are to be linked to them where the text has them.
    """
    html = Markup("")
    after_formula = False
    for part, is_formula in parts(text):
        if not part:
            continue
        if is_formula:
            html += (_JOINER if html.endswith(_OPENING) else "") + _formula(part)
        else:
            html += (_JOINER if after_formula and part[0] in _CLOSING else "") + _words(
                part, links or {}
            )
        after_formula = is_formula
    return html


def _words(text: str, links: Mapping[str, str]) -> Markup:
    bare = text.strip("`,.;:()")
    if bare not in links or not ("_" in bare or "`" in text):
        return escape(text)
    before, _, after = text.partition(bare)
    link = Markup('<a href="{}">{}</a>').format(links[bare], bare)
    return escape(before.strip("`")) + link + escape(after.strip("`"))


def parts(text: str) -> Iterator[tuple[str, bool]]:
    """The text in order, cut into words (False) and formulas (True)."""
    for place, piece in enumerate(_CHINESE.split(text)):
        if place % 2:
            yield piece, False
        else:
            yield from _latin(piece, chinese=piece != text)


def _latin(text: str, *, chinese: bool) -> Iterator[tuple[str, bool]]:
    tokens = re.findall(r"\s+|\[\[[^\[\]]*\](?:, ?\[[^\[\]]*\])*\]\S*|\S+", text)
    kinds = [_kind(tokens, i, chinese=chinese) for i in range(len(tokens))]
    i = 0
    while i < len(tokens):
        end = _formula_end(tokens, kinds, i)
        if end is not None:
            joined = "".join(tokens[i:end])
            inside, after = _without_punctuation(joined)
            yield inside, True
            yield after, False
            i = end
        elif kinds[i] == "formula" and tokens[i][0] in '(["' and len(tokens[i]) > 1:
            yield tokens[i][0], False
            tokens[i] = tokens[i][1:]
            kinds[i] = _kind(tokens, i, chinese=chinese)
        elif kinds[i] == "formula":
            inside, after = _without_punctuation(tokens[i], brackets=True)
            yield inside, bool(inside)
            yield after, False
            i += 1
        else:
            yield tokens[i], False
            i += 1


def _formula_end(tokens: list[str], kinds: list[str], start: int) -> int | None:
    """Behind the longest formula that starts here, with its brackets closed; None for none."""
    if kinds[start] not in ("formula", "number", "operator"):
        return None
    end, best, seen, text = start, None, False, ""
    while end < len(tokens) and kinds[end] != "word":
        text += tokens[end]
        seen = (
            seen
            or kinds[end] == "formula"
            or (kinds[end] == "operator" and tokens[start] != tokens[end])
        )
        end += 1
        bare, after = _without_punctuation(text)
        if _depth(bare) == 0 and kinds[end - 1] != "space" and bare:
            if seen and not _dangling(kinds[end - 1], after):
                best = end
            if after:
                break
        if _depth(bare) < 0:
            break
    return best


def _dangling(kind: str, after: str) -> bool:
    return kind == "operator" and not after


def _depth(text: str) -> int:
    return sum((c in "([{") - (c in ")]}") for c in text)


def _without_punctuation(text: str, *, brackets: bool = False) -> tuple[str, str]:
    """The text, and apart what of a sentence is stuck to its end."""
    end = len(text)
    while end and (text[end - 1] in ',.;:?!"' or (brackets and text[end - 1] in ")]")):
        end -= 1
    while not brackets and end and text[end - 1] in ")]" and _depth(text[:end]) < 0:
        end -= 1
        while end and text[end - 1] in ",.;:?!":
            end -= 1
    return text[:end], text[end:]


def _kind(tokens: list[str], i: int, *, chinese: bool) -> str:
    token = tokens[i]
    if token.isspace():
        return "space"
    bare = _without_punctuation(token.lstrip("(["), brackets=True)[0]
    if token in ("…", "–", "—") and i == 0:
        return "word"
    if all(c in _OPERATORS for c in token):
        return "operator"
    if _NUMBER.fullmatch(bare):
        return "number"
    if bare in FUNCTIONS:
        return "formula" if _is_applied(tokens, i) else "word"
    if _MATRIX.match(token) or bare in _NAMES:
        return "formula"
    if len(bare) == 1 and bare.isascii() and bare.isalpha():
        article = bare in _ARTICLES and not chinese and not _beside_operator(tokens, i, token, bare)
        return "word" if article else "formula"
    if _SNAKE.fullmatch(bare):
        return "word"
    if _SHORT.fullmatch(token) or _SHORT.fullmatch(bare) or _APPLIED.match(token):
        return "formula"
    if len(bare) <= 3 and bare.isascii() and bare.isalpha() and bare not in _COUNTS:
        return "formula" if _in_an_equation(tokens, i) else "word"
    if _MULTIPLE.fullmatch(bare):
        return "formula"
    if re.search(r"\)(?:" + "|".join(FUNCTIONS) + r")\b", token):
        return "formula"
    if any(_is_mathematical(c) for c in bare):
        return "formula"
    return "word"


def _in_an_equation(tokens: list[str], i: int) -> bool:
    """Whether letters such as wx or mv stand behind a sign, or before a relation."""
    before = tokens[i - 2] if i >= 2 else " "
    after = tokens[i + 2] if i + 2 < len(tokens) else " "
    return before in "+−·" + _RELATIONS or (len(tokens[i]) == 2 and after in _RELATIONS)


def _is_mathematical(c: str) -> bool:
    if c in "_^{}=<>|½¼√∂∏Σ∑∫∞′*ℓ" or c in _OPERATORS.replace("/", "").replace("…", ""):
        return True
    return "α" <= c <= "ω" or "Α" <= c <= "Ω" or c == "ϕ" or raised(c) or lowered(c)


def _beside_operator(tokens: list[str], i: int, token: str, bare: str) -> bool:
    if token != bare:
        return True
    before = tokens[i - 2] if i >= 2 else ""
    after = tokens[i + 2] if i + 2 < len(tokens) else ""
    operator = bool(before) and before[-1] in _OPERATORS.replace("…", "")
    return operator or bool(_APPLIES.search(before)) or (bool(after) and after[0] in _OPERATORS)


def _is_applied(tokens: list[str], i: int) -> bool:
    """Whether a function's name has an argument: `ln |w|`, but not `as the max`."""
    if tokens[i].endswith((",", ".", ";")):
        return False
    following = tokens[i + 2] if i + 2 < len(tokens) else ""
    bare = _without_punctuation(following.lstrip("(["), brackets=True)[0]
    return bool(bare) and not (_WORD.fullmatch(bare) and bare not in FUNCTIONS)


def _formula(text: str) -> Markup:
    return Markup("<wbr>").join(map(_piece, breakable(text)))


def _piece(text: str) -> Markup:
    """A piece of a formula; one that is wider than a phone can be moved sideways."""
    written = latex(text)
    if not written.strip():
        return escape(text)
    formula = mathml(written)
    if len(text) <= _WIDEST:
        return formula
    return Markup('<span class="long" tabindex="0" role="group">{}</span>').format(formula)


def breakable(formula: str) -> list[str]:
    """The formula cut before its relations outside of brackets, and before + and − if it is long.

    A formula that is short stays in one piece, and no piece is shorter than a few characters.
    """
    if len(formula) <= _SHORT_ENOUGH:
        return [formula]
    pieces, depth, bars, start = [], 0, {"|": False, "‖": False}, 0
    for at, c in enumerate(formula):
        depth += (c in "([{") - (c in ")]}")
        if c in bars:
            bars[c] = not bars[c]
        outside = depth == 0 and not any(bars.values()) and at - start >= _LEAST
        sum_sign = c in "+−" and at - start > _LONG and formula[at - 1] == " "
        if outside and (c in _RELATIONS or sum_sign):
            pieces.append(formula[start:at])
            start = at
    return [piece.strip() for piece in (*pieces, formula[start:])]
