"""Values as a person writes them at the blackboard, in text and in LaTeX.

`exact.plain` keeps every digit; here decimals have a few, an array of one entry is a number, and
what is long is cut in the middle.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from flint import arb, fmpq, fmpq_mat, fmpz

from properties.checking.exact import plain
from theory.tex import tex_formula, tex_text

Item = TypeVar("Item")

DIGITS, MORE_DIGITS = 6, (12, 17)
LONGEST = 8
"""A list with more entries, or a matrix with more rows or columns, is cut in the middle."""

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")

LONGEST_FRACTION = 24
"""Of a fraction with more digits the decimals are written."""

Piece = tuple[str, str]
"""A piece of a line, in text and in LaTeX; a matrix is one piece, its rows below one another."""


def written(value: Any, digits: int = DIGITS) -> str:
    """The value in text: a column as a tuple with ᵀ, a matrix with its rows one below the other."""
    entries = _entries(value, digits, str)
    if entries is None:
        return _other(value, digits)
    rows = cut([cut(row, "…") for row in entries], ["⋮"] * len(cut(entries[0], "…")))
    if len(rows) == len(rows[0]) == 1:
        return rows[0][0]
    if len(rows[0]) == 1:
        return f"({', '.join(row[0] for row in rows)})ᵀ"
    return _bracketed(rows)


def column(value: Any, digits: int = DIGITS) -> str:
    """The same with columns upright, as they stand in a product."""
    entries = _entries(value, digits, str)
    if entries is None or len(entries[0]) > 1 or len(entries) == 1:
        return written(value, digits)
    return _bracketed(cut(entries, ["⋮"]))


def typeset(value: Any, digits: int = DIGITS) -> str:
    """The value in LaTeX, for math mode; matrices need amsmath."""
    entries = _entries(value, digits, _tex_number)
    if entries is None:
        if isinstance(value, tuple):
            inside = ", ".join(cut([typeset(item, digits) for item in value], r"\dots"))
            more = rf",\ {len(value)}\text{{ entries}}" if len(value) > LONGEST else ""
            return rf"\left({inside}\right){more}"
        if hasattr(value, "quantities"):
            inner = [f"{tex_formula(n)} &= {typeset(v)}" for n, v in value.quantities().items()]
            return r"\begin{aligned} " + r" \\ ".join(inner) + r" \end{aligned}"
        if isinstance(value, bool | str):
            return tex_text(str(value))
        return tex_text(_other(value, digits))
    rows = cut([cut(row, r"\dots") for row in entries], [r"\vdots"] * len(cut(entries[0], "")))
    if len(rows) == len(rows[0]) == 1:
        return rows[0][0]
    body = r" \\ ".join(" & ".join(row) for row in rows)
    return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"


@dataclass(frozen=True)
class Stage:
    """What stands between two signs of equality, in text and in LaTeX."""

    text: str
    latex: str


def shown(value: Any) -> Piece:
    """A number or a matrix as a piece of a line."""
    return column(value), typeset(value)


def powered(value: Any, raised: str, latex: str) -> list[Piece]:
    """A number or a matrix with what is raised beside it: its exponent, or ᵀ."""
    text, typed = shown(value)
    if "\n" in text:
        first, _, others = text.partition("\n")
        return [(f"{first}{raised}\n{others}", f"{typed}^{{{latex}}}")]
    if not text.replace(".", "").isdigit() and not text.endswith("]"):
        text, typed = f"({text})", rf"\left({typed}\right)"
    return [(text + raised, f"{typed}^{{{latex}}}")]


def on_one_line(pieces: Sequence[Piece]) -> Stage:
    """The pieces side by side, those without a matrix joined to one."""
    blocks: list[str] = []
    for text, _ in pieces:
        if blocks and "\n" not in text and "\n" not in blocks[-1]:
            blocks[-1] += text
        else:
            blocks.append(text)
    text = beside(*(block if "\n" in block else block.strip() for block in blocks))
    return Stage(text, "".join(latex for _, latex in pieces))


def apart(left: Any, right: Any) -> int:
    """How many digits to write both sides with, so that they can be told apart."""
    for digits in (DIGITS, *MORE_DIGITS):
        one, other = (written(side, digits).replace("≈ ", "") for side in (left, right))
        if one != other:
            return digits
    return DIGITS


def symbol(name: str) -> str:
    """The name of a quantity as it is written: h₀ for h0."""
    stem = name.rstrip("0123456789")
    return stem + name[len(stem) :].translate(SUBSCRIPTS) if stem else name


def beside(*blocks: str) -> str:
    """Blocks of lines side by side, each with its middle on one line."""
    split = [block.split("\n") for block in blocks]
    above = max((len(lines) - 1) // 2 for lines in split)
    height = above + max(len(lines) - (len(lines) - 1) // 2 for lines in split)
    padded = []
    for lines in split:
        width, top = max(map(len, lines)), above - (len(lines) - 1) // 2
        full = [""] * top + lines + [""] * (height - top - len(lines))
        padded.append([line.ljust(width) for line in full])
    return "\n".join(" ".join(row).rstrip() for row in zip(*padded, strict=True))


def indented(text: str) -> str:
    return "\n".join("    " + line for line in text.split("\n"))


def _entries(value: Any, digits: int, number: Callable[[str], str]) -> list[list[str]] | None:
    """The entries of a number, a vector or a matrix, row by row; None for anything else.

    A batch of one is shown as what it holds.
    """
    if isinstance(value, bool | np.bool_):
        return None
    if isinstance(value, int | float | np.number | arb | fmpq | fmpz):
        return [[number(_number(value, digits))]]
    table: Any
    if isinstance(value, fmpq_mat):
        table = value.table()
    elif isinstance(value, np.ndarray | list):
        array = value if isinstance(value, np.ndarray) else np.array(value, dtype=object)
        while array.ndim > 1 and len(array) == 1:
            array = array[0]
        if array.ndim > 2 or array.size == 0:
            return None
        table = array[:, None] if array.ndim == 1 else np.atleast_2d(array)
    else:
        return None
    if len(table) == 0 or len(table[0]) == 0:
        return None
    return [[number(_number(entry, digits)) for entry in row] for row in table]


def _number(value: Any, digits: int) -> str:
    if isinstance(value, arb) and float(value.rad()) > 0.1**digits * abs(float(value)):
        return f"{float(value):.{digits}g} ± {float(value.rad()):.2g}"
    if isinstance(value, float | np.floating | arb):
        return f"{float(value):.{digits}g}"
    text = str(value)
    if len(text) > LONGEST_FRACTION and isinstance(value, fmpq) and float(arb(value)) % 1:
        return f"≈ {float(arb(value)):.{digits}g}"
    return text


def _tex_number(number: str) -> str:
    if number.startswith("≈ "):
        return rf"\approx {_tex_number(number[2:])}"
    if " ± " in number:
        return r" \pm ".join(map(_tex_number, number.split(" ± ")))
    over, _, under = number.partition("/")
    sign, over = ("-", over[1:]) if over.startswith("-") else ("", over)
    if under:
        return rf"{sign}\tfrac{{{over}}}{{{under}}}"
    mantissa, _, exponent = over.partition("e")
    return sign + (rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa)


def _other(value: Any, digits: int) -> str:
    if isinstance(value, tuple):
        items = cut([written(item, digits) for item in value], "…")
        if any("\n" in item for item in items):
            commas = [blocks for item in items for blocks in (item, ",")][:-1]
            return beside("(", *commas, ")")
        inside = ", ".join(items)
        return f"({inside})" + (f", {len(value)} entries" if len(value) > LONGEST else "")
    return str(value.written_out()) if hasattr(value, "written_out") else plain(value)


def cut(items: Sequence[Item], gap: Item) -> list[Item]:
    """All items, or the first and the last of many with a gap between them."""
    return [*items] if len(items) <= LONGEST else [*items[:4], gap, *items[-2:]]


def _bracketed(rows: list[list[str]]) -> str:
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    lines = ["  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
    if len(lines) == 1:
        return f"[ {lines[0]} ]"
    top, *middle, bottom = lines
    return "\n".join([f"⎡ {top} ⎤", *(f"⎢ {line} ⎥" for line in middle), f"⎣ {bottom} ⎦"])
