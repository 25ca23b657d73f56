"""Which parts of a sentence are formulas: seen from their characters and their neighbours.

Signs, Greek letters, indices and letters that stand alone make a formula; numbers and operators
belong to one where it goes on beside them. Brackets that open in a formula close in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from teaching.page.notation import FUNCTIONS, lowered, raised

Kind = Literal["space", "word", "number", "operator", "formula"]

RELATIONS = frozenset("=≤≥<>≠→⇒⇔↦∈≈≪~")
_SIGNS = RELATIONS | set("+−·×÷⊙±∓|‖")
_OPERATORS = _SIGNS | set("/…")
_MATHEMATICAL = _SIGNS | set("_^{}½¼√∂∏Σ∑∫∞′*ℓϕ")

_CHINESE = re.compile("([\u2e80-\u303f\u3400-\u9fff\uff00-\uffef“”‘’—]+)")
_MATRIX = r"\[\[[^\[\]]*\](?:, ?\[[^\[\]]*\])*\]|\[[^\[\];]*;[^\[\]]*\]"
_TOKEN = re.compile(rf"\s+|(?:{_MATRIX})\S*|\S+")

_FUNCTION = "|".join(sorted(FUNCTIONS))
_QUANTITY = r"(?:[A-Za-z]|\d+(?:\.\d+)?[A-Za-z]?)"
_NUMBER = re.compile(r"\d[\d.,]*(?:e[-+]?\d+|st|nd|rd|th)?%?")
_NAME = re.compile(r"`?[a-z]{3,}(?:_[a-z0-9]+)*_[a-z0-9]{2,}`?")
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]{2,}(?:[-'’][A-Za-z\u00c0-\u024f]+)*")
_LETTERS = re.compile("[A-Za-z]{2}")
_FORMULAS = (
    re.compile(rf"(?:{_MATRIX}).*"),  # [[1, 2], [3, 4]] or [A, B; C, D]
    re.compile(rf"[(\[|]*{_QUANTITY}(?:[/+=<>(),|!\]]{_QUANTITY}?)+"),  # x/2, N(0, (w,
    re.compile(r"\d+[A-Zb-z](?:/[A-Za-z])?(?<!\dD)"),  # 2w, but not 3D
    re.compile(rf"[(\[|‖]*(?:E|{_FUNCTION})(?:\(.+|′|²)"),  # tanh(Wh
    re.compile(rf".*\)(?:{_FUNCTION})(?:\(.*)?"),  # (W/4)tanh, u)cosh(u
    re.compile(rf"(?:\d+|[A-Za-z])[(/]+(?:{_FUNCTION})(?:\(.*)?"),  # 2/ln(1, P(ln, d/(cosh(d
)
_ENDS_IN_FUNCTION = re.compile(rf"(?:^|.*[^A-Za-z])(?:{_FUNCTION})²?")
_ARTICLES = ("a", "A", "I")
_PRODUCTS = frozenset(("bn", "eN", "vI", "vz", "Wh", "Wq"))
_SHORT_WORDS = frozenset(("all", "an", "any", "its", "no", "one", "the", "two"))


@dataclass(frozen=True)
class Token:
    """What stands between two spaces, with its neighbours beyond them."""

    text: str
    before: str
    after: str

    @property
    def bare(self) -> str:
        """It without the brackets and the punctuation around it."""
        return without_punctuation(self.text.lstrip("(["), brackets=True)[0]


def parts(text: str) -> Iterator[tuple[str, bool]]:
    """The text in order, cut into words (False) and formulas (True)."""
    for place, piece in enumerate(_CHINESE.split(text)):
        if place % 2:
            yield piece, False
        else:
            yield from _latin_parts(piece, chinese=piece != text)


def has_words(text: str) -> bool:
    """Whether anything in it has to be translated: two letters side by side outside of formulas."""
    return any(_LETTERS.search(part) for part, is_formula in parts(text) if not is_formula)


def _latin_parts(text: str, *, chinese: bool) -> Iterator[tuple[str, bool]]:
    tokens = _TOKEN.findall(text)
    kinds = [kind(_token(tokens, i), chinese=chinese) for i in range(len(tokens))]
    i = 0
    while i < len(tokens):
        end = _formula_end(tokens, kinds, i)
        if end is not None:
            formula, punctuation = without_punctuation("".join(tokens[i:end]))
            yield formula, True
            yield punctuation, False
            i = end
        elif kinds[i] != "formula":
            yield tokens[i], False
            i += 1
        elif tokens[i][0] in '(["' and len(tokens[i]) > 1:
            # A bracket of the sentence, not of the formula.
            yield tokens[i][0], False
            tokens[i] = tokens[i][1:]
            kinds[i] = kind(_token(tokens, i), chinese=chinese)
        else:
            formula, punctuation = without_punctuation(tokens[i], brackets=True)
            yield formula, bool(formula)
            yield punctuation, False
            i += 1


def _token(tokens: Sequence[str], i: int) -> Token:
    before = tokens[i - 2] if i >= 2 else ""
    return Token(tokens[i], before, tokens[i + 2] if i + 2 < len(tokens) else "")


def _formula_end(tokens: Sequence[str], kinds: Sequence[Kind], start: int) -> int | None:
    """Behind the longest formula that starts here, with its brackets closed; None for none."""
    best, is_formula, text = None, False, ""
    for at in range(start, len(tokens)):
        if kinds[at] == "word" or (at == start and kinds[at] == "space"):
            break
        if tokens[at].startswith("(") and _is_aside(text):
            break
        text += tokens[at]
        is_formula |= kinds[at] == "formula" or (kinds[at] == "operator" and at > start)
        is_formula |= kinds[at] == "number" and tokens[start] in RELATIONS
        bare, punctuation = without_punctuation(text)
        if depth(bare) == 0 and bare and kinds[at] != "space":
            if is_formula and (punctuation or kinds[at] != "operator"):
                best = at + 1
            if punctuation:
                break
        if depth(bare) < 0:
            break
    return best


def _is_aside(before: str) -> bool:
    """Whether a bracket behind this and a space is the sentence's, as in "x = 0 (or 1)"."""
    said = before.rstrip()
    return said != before and depth(said) == 0 and said[-1] not in _OPERATORS


def depth(text: str) -> int:
    """How many brackets are open at its end."""
    return sum((c in "([{") - (c in ")]}") for c in text)


def without_punctuation(text: str, *, brackets: bool = False) -> tuple[str, str]:
    """The text, and apart what of the sentence is stuck to its end.

    brackets: whether closing brackets are the sentence's; else those are that nothing opens.
    """
    end = len(text)
    while end and (
        text[end - 1] in ',.;:?!"'
        or (text[end - 1] in ")]" and (brackets or depth(text[:end]) < 0))
    ):
        end -= 1
    return text[:end], text[end:]


def kind(token: Token, *, chinese: bool) -> Kind:
    """What a token is by itself; a formula is made of those that stand together."""
    text, bare = token.text, token.bare
    if text.isspace():
        return "space"
    if all(c in _OPERATORS for c in text):
        return "operator"
    if _NUMBER.fullmatch(bare):
        return "number"
    if _NAME.fullmatch(bare):
        return "word"
    return "formula" if _is_formula(token, chinese=chinese) else "word"


def _is_formula(token: Token, *, chinese: bool) -> bool:
    bare = token.bare
    if bare in FUNCTIONS:
        return _is_applied(token)
    if _is_initial(token):
        return False
    if len(bare) == 1 and bare.isascii() and bare.isalpha():
        return chinese or bare not in _ARTICLES or _is_no_article(token)
    if bare in _PRODUCTS or any(f.fullmatch(t) for f in _FORMULAS for t in (token.text, bare)):
        return True
    if len(bare) <= 3 and bare.isascii() and bare.isalpha():
        return bare not in _SHORT_WORDS and _is_in_an_equation(token)
    return any(_is_mathematical(c) for c in bare)


def _is_initial(token: Token) -> bool:
    """Whether it is the first letter of a person's name, as in "Y. Bengio, P. Simard and …"."""
    begins = token.before in ("", "and") or token.before.endswith(",")
    return begins and bool(re.fullmatch("[A-Z][.]", token.text)) and token.after[:1].isupper()


def _is_applied(token: Token) -> bool:
    """Whether a function's name has an argument: `ln |w|`, but not `as the max of`."""
    argument = Token(token.after, "", "").bare
    a_word = _WORD.fullmatch(argument) and argument not in FUNCTIONS
    return bool(argument) and not a_word and not token.text.endswith((",", ".", ";"))


def _is_no_article(token: Token) -> bool:
    """Whether a letter such as `a` stands in brackets, beside a sign or behind a function."""
    return (
        token.text != token.bare
        or token.before[-1:] in _SIGNS | {"/"}
        or token.after[:1] in _OPERATORS
        or _ENDS_IN_FUNCTION.fullmatch(token.before) is not None
    )


def _is_in_an_equation(token: Token) -> bool:
    """Whether letters such as wx or mv stand behind a sign, or before a relation."""
    behind_a_sign = token.before in RELATIONS | set("+−·")
    return behind_a_sign or (len(token.text) == 2 and token.after in RELATIONS)


def _is_mathematical(c: str) -> bool:
    return c in _MATHEMATICAL or "Α" <= c <= "ω" or raised(c) or lowered(c)
