"""The value of a symbolic expression, computed from its definition: what the checker is judged by.

Nothing is simplified here. Matrices are exact rationals; scalars are exact rationals as long as
they can be, and complex balls of 256 bits from the first transcendental function on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from itertools import chain
from math import prod
from typing import Any

import sympy
from flint import acb, fmpq, fmpq_mat
from sympy.core.function import AppliedUndef
from sympy.matrices.expressions.hadamard import HadamardProduct

from properties.checking.exact import diagonal, identity
from theory.entries import Logistic
from theory.matrices import (
    Blocks,
    Elementwise,
    Gradient,
    IndexedMatrix,
    Jacobian,
    MapOf,
    Norm,
    OrderedProduct,
)

Values = Mapping[Any, Any]
"""A value for each symbol; for a family or a function, its name and a Python function.

Three names are special: E takes a function of random values to its mean, ∂ takes y and x, as they
are written, to the Jacobian ∂y/∂x, and ∂C takes x to the gradient ∂C/∂x.
"""

FUNCTIONS: dict[Any, Callable[..., Any]] = {
    sympy.exp: acb.exp,
    sympy.log: acb.log,
    sympy.sin: acb.sin,
    sympy.cos: acb.cos,
    sympy.tan: acb.tan,
    sympy.sinh: acb.sinh,
    sympy.cosh: acb.cosh,
    sympy.tanh: acb.tanh,
    sympy.atan: acb.atan,
    sympy.gamma: acb.gamma,
    sympy.Abs: lambda x: acb(abs(x)),
    Logistic: lambda x: 1 / (1 + (-x).exp()),
}


def value(expr: Any, values: Values) -> Any:
    """The value of a scalar (fmpq or acb) or of a matrix expression (fmpq_mat).

    Raises ZeroDivisionError where it has none.
    """
    for kind, evaluate in KINDS.items():
        if isinstance(expr, kind):
            return evaluate(expr, values)
    if isinstance(expr, sympy.Function) and expr.func in FUNCTIONS:
        return FUNCTIONS[expr.func](*(acb(value(a, values)) for a in expr.args))
    if isinstance(expr, AppliedUndef) and expr.func.__name__ == "E":
        return values["E"](lambda more: value(expr.args[0], {**values, **more}))
    if isinstance(expr, sympy.Function):
        return values[expr.func.__name__](*(whole(a, values) for a in expr.args))
    raise TypeError(f"expr: {sympy.srepr(expr)} is not evaluated here")


def _undefined(expr: Any, values: Values) -> Any:
    raise ZeroDivisionError(f"{expr} is no number")


def whole(expr: Any, values: Values) -> int:
    """The value of an index or a size."""
    number = fmpq(value(expr, values))
    assert number.q == 1, f"{expr} = {number} is no integer"
    return int(number.p)


def infinity_norm(matrix: fmpq_mat) -> fmpq:
    """The largest sum of absolute values in a row: a submultiplicative norm with ‖I‖ = 1."""
    rows = [[abs(matrix[i, j]) for j in range(matrix.ncols())] for i in range(matrix.nrows())]
    return max(sum(row, fmpq(0)) for row in rows)


def _power(base: Any, exponent: Any) -> Any:
    if isinstance(exponent, fmpq) and exponent.q == 1:
        power = int(exponent.p)
        if power < 0:
            base = base.inv() if isinstance(base, fmpq_mat) else 1 / base
        if isinstance(base, fmpq_mat) and not power:
            return identity(base.nrows())
        return base ** abs(power)
    return acb(base) ** acb(exponent)


def _matrix_product(factors: list[Any], n: int) -> Any:
    return reduce(lambda left, right: left * right, factors, identity(n))


def _ordered_product(expr: Any, values: Values) -> Any:
    first, last = (whole(e, values) for e in (expr.first, expr.last))
    terms = [value(expr.term, {**values, expr.variable: k}) for k in range(last, first - 1, -1)]
    return _matrix_product(terms, whole(expr.shape[0], values))


def _over(expr: Any, values: Values, combine: Callable[[list[Any]], Any]) -> Any:
    *inner, (variable, first, last) = expr.limits
    body = expr.func(expr.function, *inner) if inner else expr.function
    indices = range(whole(first, values), whole(last, values) + 1)
    return combine([value(body, {**values, variable: k}) for k in indices])


def _elementwise(expr: Any, values: Values) -> Any:
    function = values[str(expr.args[0])]
    inside = value(expr.args[1], values)
    return fmpq_mat(inside.nrows(), inside.ncols(), [function(e) for e in inside.entries()])


def _hadamard(expr: Any, values: Values) -> Any:
    factors = [value(a, values) for a in expr.args]
    entries = [prod(e, start=fmpq(1)) for e in zip(*(f.entries() for f in factors), strict=True)]
    return fmpq_mat(factors[0].nrows(), factors[0].ncols(), entries)


def _matmul(expr: Any, values: Values) -> Any:
    scalars = [a for a in expr.args if not a.is_Matrix]
    matrices = [value(a, values) for a in expr.args if a.is_Matrix]
    scale = prod((value(a, values) for a in scalars), start=fmpq(1))
    return reduce(lambda left, right: left * right, matrices) * scale


def _blocks(expr: Any, values: Values) -> Any:
    parts = [[value(block, values).tolist() for block in row] for row in expr.grid]
    rows = [[*chain(*beside)] for row in parts for beside in zip(*row, strict=True)]
    return fmpq_mat(len(rows), len(rows[0]), [*chain(*rows)])


KINDS: dict[Any, Callable[[Any, Values], Any]] = {
    sympy.Rational: lambda e, v: fmpq(int(e.p), int(e.q)),
    sympy.MatrixSymbol: lambda e, v: v[e],
    IndexedMatrix: lambda e, v: v[e.name](whole(e.index, v)),
    sympy.Symbol: lambda e, v: fmpq(v[e]) if isinstance(v[e], int) else v[e],
    sympy.Indexed: lambda e, v: v[str(e.base.label)](*(whole(i, v) for i in e.indices)),
    sympy.Identity: lambda e, v: identity(whole(e.shape[0], v)),
    sympy.ZeroMatrix: lambda e, v: fmpq_mat(*(whole(n, v) for n in e.shape)),
    sympy.MatMul: _matmul,
    sympy.MatAdd: lambda e, v: reduce(lambda x, y: x + y, [value(a, v) for a in e.args]),
    sympy.Transpose: lambda e, v: value(e.arg, v).transpose(),
    sympy.MatPow: lambda e, v: _power(value(e.base, v), value(e.exp, v)),
    OrderedProduct: _ordered_product,
    HadamardProduct: _hadamard,
    Jacobian: lambda e, v: v["∂"](*e.args),
    Gradient: lambda e, v: v["∂C"](e.args[0]),
    Elementwise: _elementwise,
    Blocks: _blocks,
    MapOf: lambda e, v: v[str(e.args[0])](value(e.args[1], v)),
    Norm: lambda e, v: infinity_norm(value(e.args[0], v)),
    sympy.Add: lambda e, v: sum((value(a, v) for a in e.args), fmpq(0)),
    sympy.Mul: lambda e, v: prod((value(a, v) for a in e.args), start=fmpq(1)),
    sympy.Pow: lambda e, v: _power(value(e.base, v), value(e.exp, v)),
    sympy.Sum: lambda e, v: _over(e, v, lambda terms: sum(terms, fmpq(0))),
    sympy.Product: lambda e, v: _over(e, v, lambda terms: prod(terms, start=fmpq(1))),
    sympy.KroneckerDelta: lambda e, v: fmpq(int(whole(e.args[0], v) == whole(e.args[1], v))),
    type(sympy.zoo): _undefined,
    type(sympy.nan): _undefined,
    sympy.polygamma: lambda e, v: acb(value(e.args[1], v)).polygamma(acb(value(e.args[0], v))),
    type(sympy.EulerGamma): lambda e, v: acb.stieltjes(0),
    type(sympy.pi): lambda e, v: acb.pi(),
    type(sympy.I): lambda e, v: acb(0, 1),
    type(sympy.E): lambda e, v: acb(1).exp(),
}


def agree(left: Any, right: Any) -> bool:
    """Whether two values are equal: exactly if rational, otherwise as balls that touch.

    A ball that touches by being wide would agree with anything, and is refused.
    """
    if isinstance(left, fmpq_mat | fmpq | int) and isinstance(right, fmpq_mat | fmpq | int):
        return bool(left == right)
    difference = acb(left) - acb(right)
    radius = difference.rad() if hasattr(difference, "rad") else difference.abs_upper()
    assert radius < fmpq(1, 10**40), f"a difference of {difference} decides nothing"
    return bool(difference.contains(0))


def diagonal_matrix(*entries: Any) -> fmpq_mat:
    return diagonal([fmpq(e) for e in entries])
