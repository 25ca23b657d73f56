"""Whether a relation means something: what it divides by, inverts and sums over is all in order.

A quotient says nothing where its divisor is zero, and worse: y = xz and y = xz' give z = y/x = z'
for x = 0 too. So every divisor and every inverse that is written down needs its reason, from the
symbols' own assumptions or from one that the derivation lists by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import sympy
from sympy import (
    Derivative,
    Dummy,
    Expr,
    Float,
    Indexed,
    Inverse,
    MatAdd,
    MatMul,
    MatPow,
    MatrixSymbol,
    Mul,
    Pow,
    Product,
    Sum,
    Symbol,
    Transpose,
    cancel,
    expand,
)
from sympy.core.function import AppliedUndef
from sympy.matrices.expressions.hadamard import HadamardProduct
from sympy.matrices.expressions.matexpr import MatrixElement, MatrixExpr

from theory.matrices import IndexedMatrix, OrderedProduct
from theory.printing import plain
from theory.ranges import Range, bound_ranges, canonical, nonnegative, positive
from theory.relations import Fact, Relation
from theory.rewriting import Refused
from theory.rules import Rule

_POSITIVE_ARGUMENT = (sympy.gamma, sympy.loggamma, sympy.polygamma, sympy.harmonic)
_STEPS = (
    sympy.Max,
    sympy.Min,
    sympy.Piecewise,
    sympy.floor,
    sympy.ceiling,
    sympy.Heaviside,
    sympy.DiracDelta,
)
_POLES = {
    sympy.log: lambda x: x,
    sympy.tan: sympy.cos,
    sympy.sec: sympy.cos,
    sympy.cot: sympy.sin,
    sympy.csc: sympy.sin,
    sympy.coth: sympy.sinh,
    sympy.csch: sympy.sinh,
}


class Grants:
    """What is known to be invertible or not to be zero: as such, or from 0 < x."""

    def __init__(self, known: Iterable[Relation | Rule | Fact]) -> None:
        known = tuple(known)
        self.positive = {
            canonical(fact.right - fact.left)
            for fact in known
            if isinstance(fact, Relation) and fact.sign == "<"
            if not (fact.where or fact.supposing)
        }
        self.nonzero = self.positive | {
            canonical(subject)
            for fact in known
            if isinstance(fact, Fact) and fact.name == "nonzero"
            for subject in fact.subjects
        }
        self.invertible = {
            matrix
            for rule in known
            if isinstance(rule, Rule) and rule.name in ("invertible", "orthogonal")
            for matrix in rule.subjects
        }

    def exceeds_zero(self, scalar: Any, where: tuple[Range, ...]) -> bool:
        """Whether a scalar is known to be positive."""
        return positive(_real(scalar), where) or any(
            expand(scalar - known).is_nonnegative or cancel(scalar / known).is_positive
            for known in self.positive
        )

    def divides(self, divisor: Any) -> bool:
        """Whether a scalar is known not to be zero."""
        if {divisor, -divisor} & self.nonzero or _real(divisor).is_nonzero:
            return True
        if isinstance(divisor, sympy.gamma):
            return True
        if isinstance(divisor, Mul):
            return all(self.divides(factor) for factor in divisor.args)
        return isinstance(divisor, Pow) and self.divides(divisor.base)

    def inverts(self, matrix: Any) -> bool:
        """Whether a matrix is known to be invertible."""
        if matrix in self.invertible or isinstance(matrix, sympy.Identity):
            return True
        if isinstance(matrix, MatMul):
            return all(
                self.inverts(factor) if factor.is_Matrix else self.divides(factor)
                for factor in matrix.args
            )
        return isinstance(matrix, Transpose | MatPow | Inverse) and self.inverts(matrix.args[0])


def refuse_objections(relation: Relation, grants: Grants) -> None:
    """Raise Refused with the first objection to a relation, if there is one."""
    objection = next(objections(relation, grants), None)
    if objection is not None:
        raise Refused(objection)


def objections(relation: Relation, grants: Grants) -> Iterator[str]:
    """What is wrong with a relation, if anything; each objection says what is needed."""
    for side in relation.sides:
        for symbol in side.atoms(Symbol):
            if not symbol.is_commutative:
                yield f"its scalar {plain(symbol)} does not commute"
        try:
            bound = bound_ranges(side)
        except ValueError as problem:
            yield str(problem)
            continue
        yield from _badly_bound(bound)
        yield from _undefined(canonical(side), relation.where, grants)


def _badly_bound(ranges: Iterable[Range]) -> Iterator[str]:
    for bound in ranges:
        k, first = plain(bound.variable), plain(bound.first)
        if not all(is_like(bound.variable, v) for v in (bound.first, bound.variable + 1)):
            yield f"its index {k} starts from {first}, which the assumptions of {k} exclude"


def is_like(symbol: Any, value: Any) -> bool:
    """Whether the value is all that the symbol is assumed to be: an integer, positive …

    What is no symbol, such as a number, is assumed to be nothing, and no value is like it.
    """
    value = sympy.sympify(value)
    return isinstance(symbol, sympy.Symbol) and all(
        getattr(value, f"is_{name}") is holds for name, holds in symbol.assumptions0.items()
    )


def _undefined(expr: Any, where: tuple[Range, ...], grants: Grants) -> Iterator[str]:
    if isinstance(expr, Float) or expr.is_finite is False:
        yield f"it contains {plain(expr)}; write exact and finite numbers"
    if isinstance(expr, MatrixExpr):
        yield from _misfits(expr)
    if isinstance(expr, Sum | Product | OrderedProduct):
        where = (*where, *bound_ranges(expr))
    if isinstance(expr, Pow | MatPow) and not nonnegative(expr.exp, where):
        granted = grants.divides if isinstance(expr, Pow) else grants.inverts
        if not granted(expr.base):
            needed = "nonzero" if isinstance(expr, Pow) else "invertible"
            yield f"{plain(expr)} needs {needed}({plain(expr.base)}) among the assumptions"
    if isinstance(expr, _POSITIVE_ARGUMENT) and not grants.exceeds_zero(expr.args[-1], where):
        yield f"{plain(expr)} needs 0 < {plain(expr.args[-1])}"
    for function, vanishes in _POLES.items():
        if isinstance(expr, function) and not grants.divides(vanishes(expr.args[0])):
            divisor = plain(vanishes(expr.args[0]))
            yield f"{plain(expr)} needs nonzero({divisor}) among the assumptions"
    if isinstance(expr, Derivative):
        yield from _kinks(expr, grants)
    for argument in expr.args:
        infinite_end = isinstance(argument, sympy.Tuple) and isinstance(expr, sympy.Integral)
        if isinstance(argument, Expr | sympy.Tuple) and not infinite_end:
            yield from _undefined(argument, where, grants)


def _kinks(expr: Any, grants: Grants) -> Iterator[str]:
    """Where a derivative is taken of what has none, or by an index."""
    for corner in expr.expr.atoms(sympy.Abs, sympy.sign):
        if not grants.divides(corner.args[0]):
            yield f"{plain(expr)} needs nonzero({plain(corner.args[0])}) among the assumptions"
    for step in expr.expr.atoms(*_STEPS):
        yield f"{plain(expr)}: {plain(step)} is not differentiable everywhere"
    for variable in expr.variables:
        if variable.is_integer:
            yield f"{plain(expr)} is a derivative by an index"


def _misfits(expr: Any) -> Iterator[str]:
    """Sizes that differ as expressions; sympy lets n × m times n × m pass, since m may equal n."""
    matrices = [argument for argument in expr.args if getattr(argument, "is_Matrix", False)]
    for left, right in pairwise(matrices):
        if isinstance(expr, MatMul) and left.shape[1] != right.shape[0]:
            yield f"{plain(left)} times {plain(right)}: {_sizes(left)} times {_sizes(right)}"
        if isinstance(expr, MatAdd | HadamardProduct) and left.shape != right.shape:
            yield f"{plain(left)} beside {plain(right)}: {_sizes(left)} beside {_sizes(right)}"


def _sizes(matrix: Any) -> str:
    return " × ".join(plain(size) for size in matrix.shape)


def _real(expr: Any) -> Any:
    """The expression with real symbols for all scalars of which nothing else is known."""
    atoms = expr.atoms(Indexed, AppliedUndef, MatrixElement, Symbol)
    return expr.xreplace({a: Dummy(real=True) for a in atoms if a.is_real is None})


def ambiguous(sides: Iterable[Any]) -> set[str]:
    """The names that stand for symbols with different assumptions, or for different matrices."""
    kinds: dict[str, set[Any]] = {}
    for side in sides:
        for symbol in side.free_symbols:
            if type(symbol) is Symbol:
                kinds.setdefault(f"the symbol {plain(symbol)}", set()).add(symbol)
        for matrix in side.atoms(MatrixSymbol, IndexedMatrix):
            what = (type(matrix), matrix.shape)
            kinds.setdefault(f"the matrix {matrix.name}", set()).add(what)
    return {name for name, meanings in kinds.items() if len(meanings) > 1}
