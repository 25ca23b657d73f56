"""How expressions are written in plain text: as at a blackboard, QΛᵗQᵀh₀ and ∂h_{t+1}/∂h_t."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, ClassVar

from sympy import (
    Abs,
    Function,
    Identity,
    Indexed,
    Integer,
    MatrixSymbol,
    Mul,
    Pow,
    Product,
    Rational,
    Sum,
    Symbol,
    sympify,
)
from sympy.matrices.expressions.hadamard import HadamardProduct
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

from theory.matrices import Blocks, Component, Elementwise, IndexedMatrix, Norm, OrderedProduct

_NAMES = (Symbol, MatrixSymbol, IndexedMatrix, Indexed, Integer, Identity)
_CLOSED = (*_NAMES, Blocks, Function, Elementwise, Norm, Component, Abs)
_RAISED = dict(
    zip(
        "0123456789−abcdefghijklmnoprstuvwxyz",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ",
        strict=True,
    )
)
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_FUNCTIONS = {"log": "ln", "Logistic": "σ", "gamma": "Γ", "acosh": "arccosh", "atan": "arctan"}
_CONSTANTS = {"Pi": "π", "EulerGamma": "γ", "Infinity": "∞", "Identity": "I", "ZeroMatrix": "0"}
_LONG_WORD = r"[A-Za-zͰ-Ͽ]{2,}"


def plain(expression: Any) -> str:
    """The expression in plain text."""
    return str(_PRINTER.doprint(sympify(expression)))


def domains(symbols: Iterable[Any]) -> list[str]:
    """What the symbols' own assumptions say of them: n = 1, 2, …; v ≥ 0."""
    kinds: dict[str, list[str]] = {}
    for symbol in sorted(symbols, key=str):
        if isinstance(symbol, Symbol):
            kinds.setdefault(_domain(symbol), []).append(plain(symbol))
    return [f"{', '.join(names)} {kind}" for kind, names in kinds.items() if kind]


def _domain(symbol: Any) -> str:
    if symbol.is_integer:
        least = "1, 2, …" if symbol.is_positive else "0, 1, 2, …" if symbol.is_nonnegative else ""
        return f"= {least}" if least else "= …, −1, 0, 1, …"
    signs = {"positive": "> 0", "negative": "< 0", "nonnegative": "≥ 0", "nonzero": "≠ 0"}
    return next((sign for name, sign in signs.items() if getattr(symbol, f"is_{name}")), "")


def _side_by_side(factors: list[str]) -> str:
    """The factors of a product, with a dot between two that would run together: h_t·Q, ‖A‖·‖B‖."""
    text = factors[0]
    for left, right in pairwise(factors):
        runs_on = re.search(rf"(_\w+|{_LONG_WORD}|∂[^()]*)$", left)
        begins = re.match(rf"[\d∂]|{_LONG_WORD}", right)
        bars = left.endswith(("‖", "|")) and right.startswith(("‖", "|"))
        text += f"·{right}" if runs_on or begins or bars else right
    return text


def _member(family: str, indices: list[str]) -> str:
    """A member of a family: h_t, h_{t+1}, W_{ij}; of one whose name has an index, u_{f,t+1}."""
    name, _, more = family.partition("_")
    parts = [part.replace(" ", "") for part in ([more] if more else []) + indices]
    plainly = not more and all(len(part) == 1 for part in parts)
    text = ("" if plainly else ",").join(parts)
    return f"{name}_{text}" if len(text) == 1 else f"{name}_{{{text}}}"


def _exponent(text: str) -> str:
    """A superscript: ᵗ and ⁻¹, or ^(t+1) where Unicode has none."""
    if re.fullmatch(r"−?\d+|.", text) and all(c in _RAISED for c in text):
        return "".join(_RAISED[c] for c in text)
    return f"^({text.replace(' ', '')})"


class _PlainPrinter(StrPrinter):  # type: ignore[misc]
    printmethod = "_plain"
    _relationals: ClassVar = {**StrPrinter._relationals, ">=": "≥", "<=": "≤"}

    def _print_Symbol(self, expr: Any) -> str:
        """Digits at the end of a name are its index: h0 is h₀."""
        stem = expr.name.rstrip("0123456789")
        digits = expr.name[len(stem) :]
        return f"{stem}{digits.translate(_LOWERED)}" if stem else digits

    _print_MatrixSymbol = _print_Dummy = _print_Symbol

    def _constant(self, expr: Any) -> str:
        return _CONSTANTS[type(expr).__name__]

    _print_Pi = _print_EulerGamma = _print_Infinity = _constant
    _print_Identity = _print_ZeroMatrix = _constant

    def _print_Integer(self, expr: Any) -> str:
        return str(expr.p).replace("-", "−")

    _print_One = _print_Zero = _print_NegativeOne = _print_Integer

    def _print_Rational(self, expr: Any) -> str:
        return f"{expr.p}/{expr.q}".replace("-", "−")

    _print_Half = _print_Rational

    # Sums and products.

    def _signed(self, terms: list[str]) -> str:
        """The terms, those with a minus sign last."""
        return " + ".join(sorted(terms, key=lambda t: t.startswith("−"))).replace("+ −", "− ")

    def _print_Add(self, expr: Any, order: Any = None) -> str:
        return self._signed([self._print(t) for t in self._as_ordered_terms(expr, order=order)])

    def _print_MatAdd(self, expr: Any) -> str:
        return self._signed([self._print(t) for t in expr.args])

    def _factor(self, expr: Any, last: bool = False) -> str:
        """A factor of a product; Σ and ∏ reach as far as they can, so only the last goes bare."""
        text = str(self.parenthesize(expr, PRECEDENCE["Mul"], strict=True))
        far = isinstance(expr, Sum | Product | OrderedProduct) and not last
        return f"({text})" if far or isinstance(expr, HadamardProduct) else text

    def _product(self, factors: list[Any]) -> str:
        return _side_by_side([self._factor(f, f is factors[-1]) for f in factors])

    def _print_MatMul(self, expr: Any) -> str:
        first, *rest = expr.args
        if first == -1:
            return f"−{self._product(rest)}"
        return self._product(list(expr.args))

    def _print_Mul(self, expr: Any) -> str:
        coefficient, rest = expr.as_coeff_Mul()
        factors = Mul.make_args(rest) if not rest.is_Mul else rest.as_ordered_factors()
        over: list[Any] = []
        under: list[Any] = []
        for factor in factors:
            sunk = isinstance(factor, Pow) and factor.exp.is_Rational and factor.exp < 0
            (under if sunk else over).append(1 / factor if sunk else factor)
        scale = abs(coefficient)
        top = [*([sympify(scale.p)] if scale.p != 1 else []), *over] if scale.is_Rational else over
        if scale.is_Rational and scale.q != 1:
            under.insert(0, sympify(scale.q))
        text = self._product(top) if top else "1"
        if under:
            below = self._product(under)
            text += f"/{below}" if len(under) == 1 else f"/({below})"
        return f"−{text}" if coefficient < 0 else text

    def _print_HadamardProduct(self, expr: Any) -> str:
        return " ⊙ ".join(self.parenthesize(a, PRECEDENCE["Mul"], strict=True) for a in expr.args)

    # Powers.

    def _base(self, expr: Any) -> str:
        """What a power, a transpose or a derivative is taken of: bare if it is one symbol."""
        text = self._print(expr)
        return text if isinstance(expr, _CLOSED) and not text.startswith("−") else f"({text})"

    def _print_Pow(self, expr: Any, rational: bool = False) -> str:
        base, exponent = expr.args
        if exponent == Rational(1, 2):
            return f"√{self._base(base)}"
        if exponent.is_Rational and exponent < 0:
            return f"1/{self._factor(1 / expr)}"
        return self._base(base) + _exponent(self._print(exponent))

    def _print_MatPow(self, expr: Any) -> str:
        return self._base(expr.base) + _exponent(self._print(expr.exp))

    _print_Inverse = _print_MatPow

    def _print_Transpose(self, expr: Any) -> str:
        return f"{self._base(expr.arg)}ᵀ"

    # Members of families, sums over an index.

    def _print_IndexedBase(self, expr: Any) -> str:
        return str(self._print(expr.label))

    def _print_Indexed(self, expr: Any) -> str:
        return _member(str(expr.base.label), [self._print(i) for i in expr.indices])

    def _print_IndexedMatrix(self, expr: Any) -> str:
        return _member(expr.name, [self._print(expr.index)])

    def _over(self, sign: str, limits: Any, body: Any) -> str:
        ranges = "".join(
            f"{sign}[{self._print(k)} = {self._print(a)} … {self._print(b)}] " for k, a, b in limits
        )
        return ranges + str(self.parenthesize(body, PRECEDENCE["Mul"], strict=True))

    def _print_Sum(self, expr: Any) -> str:
        return self._over("Σ", reversed(expr.limits), expr.function)

    def _print_Product(self, expr: Any) -> str:
        return self._over("∏", reversed(expr.limits), expr.function)

    def _print_OrderedProduct(self, expr: Any) -> str:
        return self._over("∏", [(expr.variable, expr.last, expr.first)], expr.term)

    def _print_MatrixElement(self, expr: Any) -> str:
        indices = [self._print(index) for index in (expr.i, expr.j)]
        between = "" if all(len(index) == 1 for index in indices) else ","
        return f"{self._base(expr.parent)}_{{{between.join(indices)}}}"

    # Functions and derivatives.

    def _print_Function(self, expr: Any) -> str:
        name = expr.func.__name__
        arguments = ", ".join(self._print(a) for a in expr.args)
        return f"{_FUNCTIONS.get(name, name)}({arguments})"

    def _print_KroneckerDelta(self, expr: Any) -> str:
        return _member("δ", [self._print(a) for a in expr.args])

    def _print_polygamma(self, expr: Any) -> str:
        order, argument = (self._print(a) for a in expr.args)
        return f"ψ({argument})" if order == "0" else f"ψ_{order}({argument})"

    def _print_Abs(self, expr: Any) -> str:
        return f"|{self._print(expr.args[0])}|"

    def _print_Elementwise(self, expr: Any) -> str:
        return f"{expr.args[0]}({self._print(expr.args[1])})"

    _print_MapOf = _print_Elementwise

    def _print_Blocks(self, expr: Any) -> str:
        """Row by row: [A, B; C, D], and a column of columns (x, y)."""
        rows = [", ".join(self._print(block) for block in row) for row in expr.grid]
        return f"({', '.join(rows)})" if expr.shape[1] == 1 else f"[{'; '.join(rows)}]"

    def _print_Norm(self, expr: Any) -> str:
        return f"‖{self._print(expr.args[0])}‖"

    def _print_SquaredLength(self, expr: Any) -> str:
        return f"‖{self._print(expr.args[0])}‖₂²"

    def _print_Component(self, expr: Any) -> str:
        index, vector = expr.args
        return f"|{_member('q', [self._print(index)])}*{self._factor(vector, last=True)}|"

    def _print_Jacobian(self, expr: Any) -> str:
        y, x = (self._base(argument) for argument in expr.args)
        return f"∂{y}/∂{x}"

    def _print_Gradient(self, expr: Any) -> str:
        return f"∂C/∂{self._base(expr.args[0])}"

    def _print_Derivative(self, expr: Any) -> str:
        """By one variable, once or several times: ∂²f/∂x²."""
        order = _exponent(str(expr.derivative_count)) if expr.derivative_count > 1 else ""
        return f"∂{order}{self._base(expr.expr)}/∂{self._base(expr.variables[0])}{order}"


_PRINTER = _PlainPrinter()
