"""Derived expressions as callables, over whatever arithmetic the caller brings.

What a check compares is thereby what was derived: the expression is printed as Python once, with
every operation a named function, and the caller's algebra supplies those functions: exact
rationals, float64 or balls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sympy import Integer, lambdify
from sympy.printing.pycode import PythonCodePrinter

from theory.derivation import Derivation
from theory.matrices import OrderedProduct


class _AlgebraPrinter(PythonCodePrinter):  # type: ignore[misc]
    """Prints every operation that plain Python lacks as a call into the algebra."""

    def __init__(self) -> None:
        super().__init__({"fully_qualified_modules": False, "allow_unknown_functions": True})

    def _call(self, name: str, *arguments: Any) -> str:
        return f"{name}({', '.join(self._print(a) for a in arguments)})"

    def _print_Rational(self, expr: Any) -> str:
        return f"rational({expr.p}, {expr.q})"

    def _print_Integer(self, expr: Any) -> str:
        return str(int(expr))

    def _print_MatMul(self, expr: Any) -> str:
        return f"product({', '.join(self._factors(a) for a in expr.args)})"

    def _factors(self, expr: Any) -> str:
        """One factor, or, without brackets, the factors of a product that may have none."""
        return self._ordered(expr) if isinstance(expr, OrderedProduct) else str(self._print(expr))

    def _print_MatAdd(self, expr: Any) -> str:
        return " + ".join(f"({self._print(a)})" for a in expr.args)

    def _print_MatPow(self, expr: Any) -> str:
        return self._call("power", expr.base, expr.exp)

    def _print_Inverse(self, expr: Any) -> str:
        return self._call("inverse", expr.arg)

    def _print_Transpose(self, expr: Any) -> str:
        return self._call("transpose", expr.arg)

    def _print_Identity(self, expr: Any) -> str:
        return self._call("identity", expr.shape[0])

    def _print_MatrixElement(self, expr: Any) -> str:
        return f"{self._print(expr.parent)}[{self._print(expr.i)}, {self._print(expr.j)}]"

    def _print_IndexedMatrix(self, expr: Any) -> str:
        return f"{expr.name}[{self._print(expr.index)}]"

    def _print_OrderedProduct(self, expr: Any) -> str:
        return f"product({self._ordered(expr)})"

    def _ordered(self, expr: Any) -> str:
        k = self._print(expr.variable)
        first, last = self._print(expr.first), self._print(expr.last)
        return f"*[{self._print(expr.term)} for {k} in range({last}, {first} - 1, -1)]"

    def _print_Indexed(self, expr: Any) -> str:
        indices = ", ".join(self._print(i) for i in expr.indices)
        return f"{self._print(expr.base.label)}[{indices}]"

    def _loop(self, name: str, expr: Any) -> str:
        ((variable, first, last),) = expr.limits
        k, start, stop = (self._print(e) for e in (variable, first, last))
        return f"{name}({self._print(expr.function)} for {k} in range({start}, {stop} + 1))"

    def _print_Sum(self, expr: Any) -> str:
        return self._loop("sum", expr)

    def _print_Product(self, expr: Any) -> str:
        return self._loop("product_of", expr)

    def _print_Norm(self, expr: Any) -> str:
        return self._call("norm", expr.args[0])

    def _print_Function(self, expr: Any) -> str:
        return self._call(expr.func.__name__.lower(), *expr.args)

    _print_tanh = _print_exp = _print_log = _print_Function
    _print_sqrt = _print_cosh = _print_sinh = _print_acosh = _print_Function

    def _print_Pow(self, expr: Any, rational: bool = False) -> str:
        if isinstance(expr.exp, Integer):
            return f"({self._print(expr.base)})**{self._print(expr.exp)}"
        return self._call("power", expr.base, expr.exp)

    def _print_Exp1(self, expr: Any) -> str:
        return "exp(1)"

    def _print_Pi(self, expr: Any) -> str:
        return "pi()"

    def _print_EulerGamma(self, expr: Any) -> str:
        return "euler_gamma()"


@dataclass(frozen=True, eq=False)
class Algebra:
    """An arithmetic: the operations that a formula may call, by name.

    product, power, transpose, inverse, identity, rational, sum, product_of, norm, tanh, exp, …
    """

    name: str
    operations: Mapping[str, Callable[..., Any]]


def callable_form(parameters: tuple[Any, ...], expression: Any, algebra: Algebra) -> Any:
    """The expression as a function of the parameters, computed by the algebra's operations."""
    names = [getattr(p, "name", str(p)) for p in parameters]
    return lambdify(names, expression, modules=[{**algebra.operations}], printer=_AlgebraPrinter())


@cache
def formula(derivation: Derivation, algebra: Algebra) -> Callable[..., Any]:
    """The right side of a derivation's conclusion as a function of the derivation's parameters."""
    return callable_form(derivation.parameters, derivation.conclusion.right, algebra)
