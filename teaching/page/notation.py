"""Formulas as they are typed, such as h_t = QΛᵗQᵀh₀, in LaTeX.

Superscripts and subscripts may be characters of their own (ᵗ, ₀), or stand behind a caret or an
underscore, alone or in braces (w^T, h_{t−1}). Several letters are a function or else a product.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

FUNCTIONS = frozenset(
    (
        *(
            "arccosh",
            "arctan",
            "artanh",
            "clamp",
            "clip",
            "cos",
            "cosh",
            "det",
            "diag",
            "exp",
            "lim",
            "ln",
        ),
        *("log", "max", "median", "min", "sgn", "sin", "sinh", "sup", "tan", "tanh", "tr", "Var"),
    )
)
_SIGNS = {
    "−": "-",
    "-": "-",
    "≤": r"\le ",
    "≥": r"\ge ",
    "≠": r"\ne ",
    "<": "<",
    ">": ">",
    "≪": r"\ll ",
    "≈": r"\approx ",
    "~": r"\sim ",
    "⇒": r"\Rightarrow ",
    "⇔": r"\Leftrightarrow ",
    "→": r"\to ",
    "↦": r"\mapsto ",
    "∈": r"\in ",
    "∞": r"\infty ",
    "∂": r"\partial ",
    "∏": r"\prod ",
    "Σ": r"\sum ",
    "∑": r"\sum ",
    "∫": r"\int ",
    "±": r"\pm ",
    "∓": r"\mp ",
    "⊙": r"\odot ",
    "·": r"\cdot ",
    "×": r"\times ",
    "÷": r"\div ",
    "…": r"\dots ",
    "½": r"\frac{1}{2}",
    "¼": r"\frac{1}{4}",
    "⟂": r"\perp ",
    "⊥": r"\perp ",
    "ℓ": r"\ell ",
    "%": r"\%",
    "&": r"\&",
    "#": r"\#",
    "$": r"\$",
    "φ": r"\varphi ",
    "'": r"{}^{\prime}",
    "′": r"{}^{\prime}",
}
_BARS = {"|": r"|", "‖": r"\|"}
_INDEX = re.compile(r"min|max|rec|ij|([a-z])\1(?!_)|−?\d[\d.]*|.", re.DOTALL)
_NUMBER = re.compile(r"(\d[\d.]*(?<!\.))(?:e([-+]?\d+))?")
_LETTERS = re.compile(r"[A-Za-z]+")
_ROWS = re.compile(r"\[(\[[^\[\]]*\](?:, ?\[[^\[\]]*\])*)\]")
_BLOCKS = re.compile(r"\[([^\[\];]*(?:;[^\[\];]*)+)\]")


def raised(character: str) -> bool:
    """Whether it is a superscript of its own, such as ᵗ."""
    name = unicodedata.name(character, "")
    return "SUPERSCRIPT" in name or "MODIFIER LETTER" in name


def lowered(character: str) -> bool:
    """Whether it is a subscript of its own, such as ₀."""
    return "SUBSCRIPT" in unicodedata.name(character, "")


def latex(formula: str) -> str:
    """The formula in LaTeX, for math mode."""
    return _Reader(formula).sequence(lambda c: False)


class _Reader:
    """Reads a formula from left to right; every method leaves `at` behind what it has read."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    @property
    def rest(self) -> str:
        return self.text[self.at :]

    @property
    def next(self) -> str:
        return self.text[self.at : self.at + 1]

    def sequence(self, ends: Callable[[str], bool]) -> str:
        """What stands on one line, up to a character that ends it, which is left unread."""
        parts: list[str] = []
        while self.next and not ends(self.next):
            if self.next.isspace():
                self.at += 1
            else:
                parts.append(self.item())
        return " ".join(part.strip() for part in parts)

    def item(self) -> str:
        """One thing with its indices and exponents."""
        base, below, above = self.atom(), "", ""
        while self.next:
            c = self.next
            if c == "_":
                below += self.script()
            elif lowered(c):
                below += self.run(lowered)
            elif c == "*":
                self.at += 1
                base, below, above = _scripted(base, below, above + r"\ast "), "", ""
            elif c in "′'":
                self.at += 1
                above += r"\prime "
            elif c == "^":
                above += self.script()
            elif raised(c):
                above += self.run(raised)
            else:
                break
        return _scripted(base, below, above)

    def run(self, belongs: Callable[[str], bool]) -> str:
        start = self.at
        while self.next and belongs(self.next):
            self.at += 1
        inside = unicodedata.normalize("NFKD", self.text[start : self.at])
        return latex(inside).replace("T", r"\top ") if belongs is raised else latex(inside)

    def script(self) -> str:
        """What stands behind _ or ^: a group in braces or parentheses, or one character."""
        above = self.next == "^"
        self.at += 1
        if self.next == "{":
            return self.group("}")
        if above and self.next == "(":
            return self.group(")")
        match = _INDEX.match(self.rest)
        self.at += match.end() if match else 0
        word = match.group() if match else ""
        return rf"\{word}" if word in ("min", "max") else latex(word)

    def group(self, closing: str) -> str:
        self.at += 1
        inside = self.sequence(lambda c: c == closing)
        self.at += 1
        return inside

    def atom(self) -> str:
        c = self.next
        for pattern, between in ((_ROWS, "],"), (_BLOCKS, ";")):
            matrix = pattern.match(self.rest)
            if matrix:
                self.at += matrix.end()
                rows = [row.split(",") for row in matrix.group(1).split(between)]
                return matrix_latex([[latex(entry.strip(" []")) for entry in row] for row in rows])
        if c == "(" and ")" in self.rest:
            return rf"\left( {self.group(')')} \right)"
        if c in _BARS and c in self.text[self.at + 1 :]:
            bar = _BARS[c]
            return rf"\left{bar} {self.between(c)} \right{bar}"
        if c == "√":
            self.at += 1
            inside = self.group(")") if self.next == "(" else self.item()
            return rf"\sqrt{{{inside}}}"
        number, letters = _NUMBER.match(self.rest), _LETTERS.match(self.rest)
        if number:
            self.at += number.end()
            digits, exponent = number.groups()
            return rf"{digits} \cdot 10^{{{int(exponent)}}}" if exponent else digits
        if letters:
            return self.word(letters.group())
        if self.rest.startswith("···"):
            self.at += 3
            return r"\cdots "
        self.at += 1
        return sign(c)

    def between(self, bar: str) -> str:
        """What stands between two bars; one that opens at once is nested: ||w| − 1|."""
        self.at += 1
        if self.next == bar:
            inside = self.item() + self.sequence(lambda c: c == bar)
        else:
            inside = self.sequence(lambda c: c == bar)
        self.at += 1
        return inside

    def word(self, letters: str) -> str:
        """A function's name, or a letter: with its number where one follows, h0 being h₀."""
        if letters in FUNCTIONS:
            self.at += len(letters)
            return rf"\operatorname{{{letters}}}"
        letter = letters[0]
        self.at += 1
        if letter == "E" and re.match(r"[ (]", self.rest):
            return r"\operatorname{E}"
        number = _NUMBER.match(self.rest)
        if number and len(letters) == 1:
            self.at += number.end()
            return f"{letter}_{{{number.group()}}}"
        return letter


def matrix_latex(rows: list[list[str]]) -> str:
    """A matrix of entries in LaTeX."""
    body = r" \\ ".join(" & ".join(row) for row in rows)
    return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"


def sign(character: str) -> str:
    """One character that is no letter, in LaTeX; Greek letters stand for themselves."""
    if character in _SIGNS:
        return _SIGNS[character]
    return "" if character in "{}\\^_" or not character.isprintable() else character


def _scripted(base: str, below: str, above: str) -> str:
    under = f"_{{{below.strip()}}}" if below else ""
    over = f"^{{{above.strip()}}}" if above else ""
    if not (under or over):
        return base
    # A base that already has its exponent takes another only as a whole.
    whole = not base.strip() or re.search(r"[_^]\{|\\begin", base)
    shown = f"{{{base}}}" if whole else base
    return f"{shown}{under}{over}"
