"""Derived expressions as callables, over whatever arithmetic the caller brings.

What a check compares is thereby what was derived: the expression is printed as Python once, with
every operation a named function, and the caller's algebra supplies those functions: exact
rationals, float64 or balls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from types import CodeType
from typing import Any

from sympy import Integer, MatrixSymbol, Pow, Symbol, lambdify
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.pycode import PythonCodePrinter

from theory.derivation import Derivation
from theory.matrices import OrderedProduct


class _AlgebraPrinter(PythonCodePrinter):  # type: ignore[misc]
    """Prints every operation that plain Python lacks as a call into the algebra."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__({"fully_qualified_modules": False, "allow_unknown_functions": True})
        self.names = set(names)

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

    def _print_Blocks(self, expr: Any) -> str:
        return self._call("blocks", *expr.args)

    def _print_Identity(self, expr: Any) -> str:
        return self._call("identity", expr.shape[0])

    def _print_MatrixElement(self, expr: Any) -> str:
        return f"{self._print(expr.parent)}[{self._print(expr.i)}, {self._print(expr.j)}]"

    def _print_IndexedMatrix(self, expr: Any) -> str:
        return f"{expr.name}[{self._print(expr.index)}]"

    def _print_OrderedProduct(self, expr: Any) -> str:
        """An empty product is the identity, if a parameter tells of which size."""
        size = self._print(expr.shape[0])
        empty = f" or [identity({size})]" if size in self.names else ""
        return f"product({self._ordered(expr)}{empty})"

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

    def _print_SquaredLength(self, expr: Any) -> str:
        return self._call("squared_length", expr.args[0])

    def _print_Function(self, expr: Any) -> str:
        return self._call(expr.func.__name__.lower(), *expr.args)

    def _print_Elementwise(self, expr: Any) -> str:
        return f"{expr.args[0]}({self._print(expr.args[1])})"

    _print_sign = _print_Function
    _print_tanh = _print_exp = _print_log = _print_Function
    _print_sqrt = _print_cosh = _print_sinh = _print_acosh = _print_atan = _print_Function

    def _print_Pow(self, expr: Any, rational: bool = False) -> str:
        if expr.exp.is_Rational and expr.exp < 0:
            return self._call("divide", Integer(1), 1 / expr)
        return self._call("power", expr.base, expr.exp)

    def _print_Mul(self, expr: Any) -> str:
        """Divisions are the algebra's: Python would divide two integers into a float."""
        coefficient, factors = expr.as_coeff_mul()
        sunk = [isinstance(f, Pow) and f.exp.is_Rational and f.exp < 0 for f in factors]
        over = [f for f, below in zip(factors, sunk, strict=True) if not below]
        under = [1 / f for f, below in zip(factors, sunk, strict=True) if below]
        top = self._times([Integer(abs(coefficient.p)), *over])
        bottom = self._times([Integer(coefficient.q), *under])
        sign = "-" if coefficient < 0 else ""
        return sign + (top if bottom == "1" else f"divide({top}, {bottom})")

    def _times(self, factors: list[Any]) -> str:
        some = [f for f in factors if f != 1] or [Integer(1)]
        return "*".join(self.parenthesize(f, PRECEDENCE["Mul"]) for f in some)

    def _print_Exp1(self, expr: Any) -> str:
        return "exp(1)"

    def _print_Pi(self, expr: Any) -> str:
        return "pi()"

    def _print_EulerGamma(self, expr: Any) -> str:
        return "euler_gamma()"


@dataclass(frozen=True, eq=False)
class Algebra:
    """An arithmetic: the operations that a formula may call, by name.

    product, power, divide, transpose, inverse, identity, blocks, rows, rational, sum, product_of,
    norm, tanh, exp, … A size that no parameter names is taken from `rows` of one that has it.
    """

    name: str
    operations: Mapping[str, Callable[..., Any]]


Watcher = Callable[["Formula"], Callable[..., Any]]

_watching: list[Watcher] = []


@contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Ask `watcher`, for every formula evaluated here, what is to be evaluated in its place."""
    _watching.append(watcher)
    try:
        yield
    finally:
        _watching.pop()


@dataclass(frozen=True, eq=False)
class Formula:
    """An expression as a function of its parameters, by the operations of an algebra.

    Raises ValueError for a parameter that is called like an operation, and for an expression that
    needs a parameter or an operation that is not there.
    """

    parameters: tuple[Any, ...]
    expression: Any
    algebra: Algebra
    form: Callable[..., Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "form", _compiled(self.parameters, self.expression, self.algebra))

    def __call__(self, *values: Any) -> Any:
        return (_watching[-1](self) if _watching else self.form)(*values)


def callable_form(parameters: tuple[Any, ...], expression: Any, algebra: Algebra) -> Formula:
    """The expression as a function of the parameters, computed by the algebra's operations."""
    return Formula(parameters, expression, algebra)


def _compiled(parameters: tuple[Any, ...], expression: Any, algebra: Algebra) -> Callable[..., Any]:
    names = [str(getattr(p, "name", p)) for p in parameters]
    taken = sorted({*algebra.operations, "range"} & set(names))
    if taken:
        raise ValueError(f"parameters: {', '.join(taken)} is an operation of {algebra.name}")
    sizes = {
        p.shape[0].name: place
        for place, p in enumerate(parameters)
        if isinstance(p, MatrixSymbol)
        and isinstance(p.shape[0], Symbol)
        and p.shape[0].name not in names
    }
    form: Callable[..., Any] = lambdify(
        [*names, *sizes],
        expression,
        modules=[{**algebra.operations}],
        printer=_AlgebraPrinter([*names, *sizes]),
    )
    missing = sorted(_globals(form.__code__) - {*algebra.operations, "range"})
    if missing:
        raise ValueError(
            f"parameters, algebra: the formula needs {', '.join(missing)}, which is neither a "
            f"parameter nor an operation of {algebra.name}"
        )
    if not sizes:
        return form
    rows = algebra.operations["rows"]
    return lambda *values: form(*values, *(rows(values[place]) for place in sizes.values()))


def _globals(code: CodeType) -> set[str]:
    """The names that a piece of code takes from outside, its inner functions included."""
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return set(code.co_names).union(*(_globals(each) for each in inner))


@cache
def formula(derivation: Derivation, algebra: Algebra) -> Formula:
    """The right side of a derivation's conclusion as a function of the derivation's parameters."""
    return callable_form(derivation.parameters, derivation.conclusion.right, algebra)
