"""How expressions are written in LaTeX: pure ASCII, every Unicode letter under its TeX name."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby
from typing import Any

from sympy import sympify
from sympy.matrices.expressions.hadamard import HadamardProduct
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE

from theory.matrices import OrderedProduct

_SIGNS = {
    "−": "-",
    "≤": r"\le ",
    "≥": r"\ge ",
    "≠": r"\ne ",
    "⇒": r"\Rightarrow ",
    "→": r"\to ",
    "↦": r"\mapsto ",
    "≈": r"\approx ",
    "≪": r"\ll ",
    "∫": r"\int ",
    "⊥": r"\perp ",
    "⟂": r"\perp ",
    "′": "'",
    "∈": r"\in ",
    "∞": r"\infty ",
    "ℓ": r"\ell ",
    "∂": r"\partial ",
    "∇": r"\nabla ",
    "∑": r"\sum ",
    "∝": r"\propto ",
    "÷": r"\div ",
    "⌈": r"\lceil ",
    "⌉": r"\rceil ",
    "⌊": r"\lfloor ",
    "⌋": r"\rfloor ",
    "∏": r"\prod ",
    "±": r"\pm ",
    "∓": r"\mp ",
    "√": r"\surd ",
    "‖": r"\| ",
    "⊙": r"\odot ",
    "·": r"\cdot ",
    "×": r"\times ",
    "…": r"\dots ",
    "½": r"\tfrac{1}{2}",
    "¼": r"\tfrac{1}{4}",
    "—": r"\text{---}",
    "–": r"\text{--}",
    "’": r"\text{'}",
}
# Capitals that TeX leaves to the Latin alphabet.
_LATIN = {"Alpha": "A", "Beta": "B", "Epsilon": "E", "Eta": "H", "Rho": "P", "Tau": "T", "Chi": "X"}
_ESCAPED = {c: "\\" + c for c in "#$%&_{}"} | {
    "\\": r"\textbackslash{}",
    "^": r"\^{}",
    "~": r"\~{}",
}

# Braces that group an index or an exponent, while those that are written are escaped.
_OPEN, _CLOSE = "\x02", "\x03"

_TYPED = {"–": "--", "—": "---", "’": "'", "‘": "`", "“": "``", "”": "''"}
_TYPED |= {c: f"${c}$" for c in "<>|"}  # fonts for text have other characters in their places

_ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0308": '"',
    "\u030c": "v",
    "\u0327": "c",
}

_CONSTANTS = {"Pi": r"\pi", "EulerGamma": r"\gamma", "Infinity": r"\infty"}


def tex(expression: Any) -> str:
    """The expression in LaTeX, for math mode."""
    return str(_PRINTER.doprint(sympify(expression)))


def tex_text(text: str) -> str:
    """Text for math mode: the words upright, its mathematical characters as mathematics.

    A character that has no TeX name here stays as it is.
    """
    result = []
    for place, run in groupby(text, _place):
        characters = "".join(run)
        if place == "text":
            escaped = "".join(_ESCAPED.get(c, c) for c in characters)
            result.append(rf"\text{{{escaped}}}")
        else:
            inside = "".join(_SIGNS.get(c) or _plainly(c) for c in characters)
            raised = inside.replace("T", r"\top ")
            result.append({"^": f"^{{{raised}}}", "_": f"_{{{inside}}}"}.get(place, inside))
    return "".join(result)


def _plainly(character: str) -> str:
    """A character that is not listed: an index or an exponent as what it raises or lowers."""
    return "".join(map(_sign, unicodedata.normalize("NFKD", character)))


def tex_formula(text: str) -> str:
    """A formula as it is typed, h_t = QΛᵗQᵀh₀, for math mode; words in it are upright.

    Underscores, carets and the braces behind them keep their meaning, the other special characters
    are escaped.
    """
    result = []
    groups = r"([_^])(?:\{([^{}]*)\}|(⌈[^⌈⌉]*⌉|⌊[^⌊⌋]*⌋))"
    grouped = re.sub(groups, rf"\1{_OPEN}\2\3{_CLOSE}", text.rstrip("_^"))
    for place, run in groupby(grouped, _place):
        characters = "".join(run)
        if place == "text":
            result.append(re.sub(r"[A-Za-z]{3,}|ln|[#$%&~{}\\]", _in_formula, characters))
        else:
            result.append(tex_text(characters))
    return "".join(result).replace(_OPEN, "{").replace(_CLOSE, "}")


def _in_formula(match: re.Match[str]) -> str:
    return _ESCAPED.get(match[0]) or rf"\mathrm{{{match[0]}}}"


def tex_prose(text: str) -> str:
    """A sentence in LaTeX: words escaped, and what is written like a formula in math mode."""
    tokens = re.split(r"(\s+)", unicodedata.normalize("NFC", text))
    written = "".join(_token(token) for token in tokens)
    # One formula from two and the sign between them; then that one and the next.
    joined = None
    while joined != written:
        joined, written = written, re.sub(r"\$ (?:([=+])|\$([^$ ]+)\$) \$", r" \1\2 ", written)
    return written


def _token(token: str) -> str:
    match = re.fullmatch(r"([\"'(\[]*)(.*?)([\"')\],.;:?!]*)", token, re.DOTALL)
    before, inside, after = match.groups() if match else ("", token, "")
    if not _is_formula(inside):
        return _words(token)
    return f"{_words(before)}${tex_formula(inside).rstrip()}${_words(after)}"


def _is_formula(token: str) -> bool:
    """Whether it has mathematical characters or indices, or is a letter that is no word."""
    if re.fullmatch(r"[a-z]{2,}(?:_[a-z0-9]{2,})+", token):
        return False
    token = token.rstrip("_^")
    signs = [c for c in token if not c.isascii() and c not in _TYPED and not _accented(c)]
    alone = len(token) == 1 and token.isalpha() and token not in "aAI"
    return alone or bool(signs) or "^" in token or "_" in token


def _words(text: str) -> str:
    return "".join(_ESCAPED.get(c) or _TYPED.get(c) or _accented(c) or c for c in text)


def _accented(character: str) -> str:
    """A letter with an accent in LaTeX; nothing for any other character."""
    decomposed = unicodedata.normalize("NFD", character)
    letter, accent = decomposed[:1], _ACCENTS.get(decomposed[1:])
    return rf"\{accent}{{{letter}}}" if accent and letter.isascii() else ""


def _place(character: str) -> str:
    """Where a character stands: among the words, on the line as a sign, above it (^), below (_)."""
    if character.isascii():
        return "text"
    name = unicodedata.name(character)
    if "SUBSCRIPT" in name:
        return "_"
    return "^" if "SUPERSCRIPT" in name or "MODIFIER" in name else "sign"


def _sign(character: str) -> str:
    """One character in math mode."""
    if character in _SIGNS:
        return _SIGNS[character]
    if character.isascii():
        return character
    script, _, rest = unicodedata.name(character, "").partition(" ")
    if script != "GREEK" or "LETTER " not in rest:
        return rf"\text{{{character}}}"
    case, _, letter = rest.partition(" LETTER ")
    name = letter.lower().replace("lamda", "lambda")
    name = name.capitalize() if case == "CAPITAL" else {"phi": "varphi"}.get(name, name)
    return _LATIN.get(name, rf"\{name} ")


def _name(name: str) -> str:
    """A symbol's name: Λ, h*, h0 (its number is an index), u_f, k_ (k′); long words upright."""
    bare = name.rstrip("_*")
    marks = name[len(bare) :].replace("_", r"\prime ")
    stem, _, index = bare.partition("_")
    letters = stem.rstrip("0123456789")
    index = index or stem[len(letters) :] if letters else ""
    word = letters or stem
    if min(len(word), len(index)) > 1 and index.isascii() and index.isalpha():
        return rf"\text{{{word} {index}}}"
    shown = rf"\mathrm{{{word}}}" if len(word) > 1 and word.isascii() else "".join(map(_sign, word))
    under = f"_{{{''.join(map(_sign, index))}}}" if index else ""
    return f"{shown.strip()}{under}" + (f"^{{{marks.strip()}}}" if marks else "")


class _TexPrinter(LatexPrinter):  # type: ignore[misc]
    printmethod = "_tex"

    def _print_Symbol(self, expr: Any, style: str = "plain") -> str:
        return _name(expr.name)

    _print_MatrixSymbol = _print_Dummy = _print_Symbol

    def _constant(self, expr: Any) -> str:
        return _CONSTANTS[type(expr).__name__]

    _print_Pi = _print_EulerGamma = _print_Infinity = _constant

    def _print_polygamma(self, expr: Any, exp: str | None = None) -> str:
        order, argument = expr.args
        function = r"\psi" + "'" * int(order)
        return self._raised(rf"{function}\left({self._print(argument)}\right)", exp)

    def _raised(self, base: str, exp: str | None) -> str:
        return base if exp is None else rf"\left({base}\right)^{{{exp}}}"

    def _print_Identity(self, expr: Any) -> str:
        return "I"

    def _print_ZeroMatrix(self, expr: Any) -> str:
        return "0"

    def _print_Transpose(self, expr: Any) -> str:
        inner = self._print(expr.arg)
        single = expr.arg.is_Symbol or type(expr.arg).__name__ in ("MatrixSymbol", "IndexedMatrix")
        return rf"{inner}^{{\top}}" if single else rf"\left({inner}\right)^{{\top}}"

    def _member(self, name: str, indices: list[Any]) -> str:
        stem, _, more = name.partition("_")
        inside = [*([more] if more else []), *(self._print(i) for i in indices)]
        return f"{_name(stem)}_{{{','.join(inside)}}}"

    def _print_Indexed(self, expr: Any) -> str:
        return self._member(str(expr.base.label), expr.indices)

    def _print_IndexedMatrix(self, expr: Any) -> str:
        return self._member(expr.name, [expr.index])

    def _print_OrderedProduct(self, expr: Any) -> str:
        k, first, last = (self._print(e) for e in (expr.variable, expr.first, expr.last))
        term = self.parenthesize(expr.term, PRECEDENCE["Mul"], strict=True)
        return rf"\prod_{{{k}={last}}}^{{{first}}} {term}"

    def _print_MatMul(self, expr: Any) -> str:
        sign, factors = ("- ", expr.args[1:]) if expr.args[0] == -1 else ("", expr.args)
        return sign + " ".join(self._factor(f, f is factors[-1]) for f in factors)

    def _factor(self, expr: Any, last: bool) -> str:
        """A factor; ∏ reaches as far as it can, so only the last goes bare."""
        far = isinstance(expr, OrderedProduct) and not last
        if far or isinstance(expr, HadamardProduct):
            return rf"\left({self._print(expr)}\right)"
        return str(self.parenthesize(expr, PRECEDENCE["Mul"], strict=True))

    def _print_Jacobian(self, expr: Any) -> str:
        y, x = (self._print(argument) for argument in expr.args)
        return rf"\frac{{\partial {y}}}{{\partial {x}}}"

    def _print_MatrixElement(self, expr: Any) -> str:
        parent, i, j = (self._print(part) for part in (expr.parent, expr.i, expr.j))
        return rf"\left({parent}\right)_{{{i},{j}}}"

    def _print_Gradient(self, expr: Any) -> str:
        return rf"\frac{{\partial C}}{{\partial {self._print(expr.args[0])}}}"

    def _print_Derivative(self, expr: Any) -> str:
        y, x = self._print(expr.expr), self._print(expr.variables[0])
        order = rf"^{{{expr.derivative_count}}}" if expr.derivative_count > 1 else ""
        return rf"\frac{{\partial{order}}}{{\partial {x}{order}}} \left({y}\right)"

    def _print_Blocks(self, expr: Any) -> str:
        rows = [" & ".join(self._print(block) for block in row) for row in expr.grid]
        inside = r" \cr ".join(rows)
        return rf"\begin{{pmatrix}} {inside} \end{{pmatrix}}"

    def _print_Norm(self, expr: Any) -> str:
        return rf"\left\| {self._print(expr.args[0])} \right\|"

    def _print_SquaredLength(self, expr: Any) -> str:
        return rf"\left\| {self._print(expr.args[0])} \right\|_2^2"

    def _print_Component(self, expr: Any, exp: str | None = None) -> str:
        index, vector = (self._print(argument) for argument in expr.args)
        power = f"^{{{exp}}}" if exp else ""
        return rf"\left| q_{{{index}}}^{{*}} {vector} \right|{power}"

    def _function(self, name: str, arguments: list[str], exponent: str | None = None) -> str:
        shown = r"\tanh" if name == "tanh" else _name(name)
        power = f"^{{{exponent}}}" if exponent else ""
        return rf"{shown}{power}\left({', '.join(arguments)}\right)"

    def _print_Elementwise(self, expr: Any) -> str:
        return self._function(str(expr.args[0]), [self._print(expr.args[1])])

    _print_MapOf = _print_Elementwise

    def _print_Logistic(self, expr: Any, exp: str | None = None) -> str:
        return self._function("σ", [self._print(expr.args[0])], exp)

    def _print_HadamardProduct(self, expr: Any) -> str:
        parts = (self._print(argument) for argument in expr.args)
        return r" \odot ".join(
            rf"\left({part}\right)" if argument.is_Add or argument.is_MatAdd else part
            for argument, part in zip(expr.args, parts, strict=True)
        )


_PRINTER = _TexPrinter({"ln_notation": True})
