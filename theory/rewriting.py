"""Putting one relation into another: replacing what stands on the left of an equation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

from sympy import Derivative, Integral, MatMul, Subs, Symbol

from theory.matrices import Gradient, Jacobian
from theory.ranges import Range, bound_ranges, implied
from theory.relations import Relation

# Functions that agree in value somewhere differ in slope there: nothing is put into a derivative.
_CLOSED = (Derivative, Gradient, Jacobian, Subs, Integral)


class Refused(Exception):
    """Why one step does not go through."""


def rewritten(expr: Any, facts: Sequence[Relation], where: Sequence[Range] = ()) -> Any:
    """The expression with the left side of each equation in turn replaced by its right side.

    Raises Refused for an inequality, and for an equation used outside the range it holds in.
    """
    for fact in facts:
        if fact.sign != "=":
            raise Refused(f"it rewrites with {fact}, which is no equation")
        result = replaced(expr, fact.left, fact.right)
        if result != expr:
            require_in_range(fact, where, expr)
        expr = result
    return expr


def require_in_range(fact: Relation, where: Sequence[Range], expr: Any = None) -> None:
    """Refuse a relation that is used where it does not hold.

    The free indices lie in the given ranges; those that `expr` sums over, in their own.
    """
    bound = bound_ranges(expr) if expr is not None else set()
    names = {b.variable for b in bound}
    for hypothesis in fact.supposing:
        if any(names & side.free_symbols for side in hypothesis.sides):
            raise Refused(f"it uses {fact} under a sum or product, but {hypothesis} is supposed")
    for needed in fact.where:
        for context in _contexts(bound, where, needed.symbols, expr):
            if not implied(needed, context):
                raise Refused(f"it uses {fact}, and {needed} is not among its own ranges")


def _contexts(
    bound: set[Range], where: Sequence[Range], symbols: set[Any], expr: Any
) -> Iterator[list[Range]]:
    """What is known of these symbols in each place where they occur, free or bound."""
    names = symbols & {b.variable for b in bound}
    if not names or names & expr.free_symbols:
        yield list(where)
    if names:
        free = [r for r in where if r.variable not in names]
        for chosen in product(*([b for b in bound if b.variable == name] for name in names)):
            yield [*free, *chosen]


def replaced(expr: Any, old: Any, new: Any) -> Any:
    """Every `old` replaced by `new`, also as a run of factors in a product of matrices.

    Raises Refused for an index that a sum or a product in the expression runs over.
    """
    if isinstance(old, Symbol) and any(old == bound.variable for bound in bound_ranges(expr)):
        raise Refused(f"it replaces {old}, and a sum or a product runs over it")
    return _replaced(expr, old, new)


def _replaced(expr: Any, old: Any, new: Any) -> Any:
    if expr == old:
        return new
    if isinstance(expr, _CLOSED) or not expr.args:
        return expr
    arguments = tuple(_replaced(argument, old, new) for argument in expr.args)
    if isinstance(expr, MatMul):
        arguments = _flat(arguments)
        if isinstance(old, MatMul):
            arguments = _flat(_without_runs(arguments, old.args, new))
    return expr if arguments == expr.args else expr.func(*arguments)


def _flat(factors: tuple[Any, ...]) -> tuple[Any, ...]:
    """The factors; those of a product that was put in for one of them take its place."""
    inside = (each.args if isinstance(each, MatMul) else (each,) for each in factors)
    return tuple(factor for group in inside for factor in group)


def _without_runs(factors: tuple[Any, ...], old: tuple[Any, ...], new: Any) -> tuple[Any, ...]:
    result: tuple[Any, ...] = ()
    while factors:
        if factors[: len(old)] == old:
            result, factors = (*result, new), factors[len(old) :]
        else:
            result, factors = (*result, factors[0]), factors[1:]
    return result
