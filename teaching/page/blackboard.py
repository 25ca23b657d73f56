"""A counterexample as a person writes it: fractions, small matrices, decimals of a few digits.

The values come from evidence, as data (`properties.checking.written_out`), and are never run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from markupsafe import Markup, escape

from teaching.page.mathml import mathml
from teaching.page.notation import latex, matrix_latex
from teaching.page.phrases import phrase
from teaching.page.prose import say, typeset

T = TypeVar("T")

MOST_SHOWN = 9
"""Of a longer list the first and the last are shown."""

DIGITS = 6
"""Significant digits of a decimal; an ellipsis says that there are more."""

_INTEGER = re.compile(r"-?\d+")
_FRACTION = re.compile(r"(-?)(\d+)/(\d+)")
_DECIMAL = re.compile(r"(-?)(\d+)\.(\d*)(?:e([+-]?\d+))?")
_BALL = re.compile(r"\[(.*?) ?\+/- (.*)\]")
_SYMBOL = re.compile(r"[A-Za-zα-ωΑ-Ω][0-9₀-₉]?\*?")


def quantity(data: Any) -> Markup:
    """A value as HTML: as a formula where all of it is numbers, else as text."""
    written = value_latex(data)
    if written is not None:
        return mathml(written)
    if isinstance(data, dict) and "fields" in data:
        return Markup("; ").join(named(name, value) for name, value in data["fields"])
    if isinstance(data, dict) and "tuple" in data:
        return Markup("({})").format(Markup(", ").join(_shortened(data["tuple"], quantity)))
    if isinstance(data, dict):
        return escape("; ".join(" ".join(row) for row in data["matrix"]))
    return say(phrase("values", data), show=escape)


def decimal(number: float) -> Markup:
    """A number to two digits, as a formula."""
    return mathml(str(_decimal(f"{number:.2g}")))


def named(name: str, value: Any) -> Markup:
    """A value with its name, a symbol such as h0 or words, as an equation; or alone without one."""
    written = value_latex(value)
    if written is not None and _SYMBOL.fullmatch(name):
        return mathml(f"{latex(name)} = {written}")
    if not name:
        return quantity(value)
    words = name.replace("_", " ") if name.isascii() else name
    symbol = mathml(latex(name)) if _SYMBOL.fullmatch(name) else say(phrase("quantities", words))
    return Markup("{}\u2009=\u2009{}").format(symbol, quantity(value))


def worked(step: Mapping[str, Any]) -> Markup:
    """A line of a working, formula = factor · factor = value; in words where those are in it."""
    formula, end = latex(step["formula"]), value_latex(step["value"])
    factors = _all([value_latex(factor) for factor in step["factors"]])
    if end is None or factors is None:
        return Markup("{} = {}").format(typeset(step["formula"]), quantity(step["value"]))
    if not any(r"\begin" in factor for factor in factors):
        later = [rf"\left( {f} \right)" if f.startswith("-") else f for f in factors[1:]]
        product = r" \cdot ".join(_shortened([*factors[:1], *later], str, r"\dots"))
    else:
        product = r" \, ".join(factors)
    between = [] if product in ("", end) else [product]
    return mathml(" = ".join([formula, *between, end]))


def value_latex(data: Any) -> str | None:
    """The value in LaTeX, or None if words are in it."""
    if isinstance(data, str):
        return number_latex(data)
    parts = data.get("tuple")
    if parts is not None:
        written = _all(_shortened(parts, value_latex, r"\dots"))
        return None if written is None else rf"\left( {', '.join(written)} \right)"
    if "matrix" not in data:
        return None
    entries = (_all(_shortened(row, value_latex, r"\dots")) for row in data["matrix"])
    rows: list[list[str]] | None = _all(list(entries))
    if rows is None or not all(rows) or not rows:
        return None
    if len(rows) == 1 and len(rows[0]) == 1:
        return rows[0][0]
    return matrix_latex(_shortened(rows, list, [r"\vdots"] * len(rows[0])))


def number_latex(text: str) -> str | None:
    """A number as exact evidence writes it, in LaTeX; None for any other text."""
    if _INTEGER.fullmatch(text):
        return text if len(text) <= 2 * DIGITS else _decimal(f"{Decimal(text):.12g}")
    fraction = _FRACTION.fullmatch(text)
    if fraction:
        minus, over, under = fraction.groups()
        if len(over) + len(under) > 4 * DIGITS:
            return rf"\approx {minus}{_decimal(f'{Decimal(over) / Decimal(under):.12g}')}"
        return rf"{minus}\frac{{{over}}}{{{under}}}"
    ball = _BALL.fullmatch(text)
    if ball:
        return number_latex(ball.group(1)) if ball.group(1) else rf"0 \pm {_decimal(ball.group(2))}"
    return _decimal(text)


def _decimal(text: str) -> str | None:
    match = _DECIMAL.fullmatch(text) or re.fullmatch(r"(-?)(\d+)()(?:e([+-]?\d+))?", text)
    if not match:
        return None
    minus, whole, digits, exponent = match.groups()
    leading = len(digits) - len(digits.lstrip("0")) if whole.strip("0") == "" else 0
    keep = max(DIGITS - (len(whole) if whole.strip("0") else -leading), 0)
    kept = digits[:keep].rstrip("0") if not digits[keep:].strip("0") else digits[:keep]
    more = r"\text{…}" if digits[keep:].strip("0") else ""
    shown = f"{whole}.{kept}" if kept else whole
    power = rf" \cdot 10^{{{int(exponent)}}}" if exponent else ""
    return f"{minus}{shown}{more}{power}"


def _shortened(items: list[Any], show: Any, gap: Any = None) -> list[Any]:
    """All items shown, or of a long list the first and the last with a gap between them."""
    if len(items) <= MOST_SHOWN:
        return [show(item) for item in items]
    between = Markup("… ({})").format(len(items)) if gap is None else gap
    return [*map(show, items[:4]), between, *map(show, items[-2:])]


def _all(items: Sequence[T | None]) -> list[T] | None:
    """The items, or None if one of them is."""
    there = [item for item in items if item is not None]
    return there if len(there) == len(items) else None
