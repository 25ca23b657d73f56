"""Indices: the range that one lies in, and the indices that sums and products run over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from sympy import Dummy, Product, Sum, Symbol, Tuple, expand, oo, sympify

from theory.matrices import OrderedProduct
from theory.printing import plain
from theory.tex import tex


@dataclass(frozen=True)
class Range:
    """first ≤ variable ≤ last, for an index: an integer symbol.

    Raises ValueError for another variable, and for limits that depend on it.
    """

    variable: Any
    first: Any
    last: Any = oo

    def __post_init__(self) -> None:
        for name in ("variable", "first", "last"):
            object.__setattr__(self, name, sympify(getattr(self, name)))
        if not (isinstance(self.variable, Symbol) and self.variable.is_integer):
            raise ValueError(f"variable: {plain(self.variable)} has to be an integer symbol")
        if self.variable in self.first.free_symbols | self.last.free_symbols:
            raise ValueError(f"first, last: they depend on {plain(self.variable)} itself")

    @property
    def symbols(self) -> set[Any]:
        limits: set[Any] = self.first.free_symbols | self.last.free_symbols
        return {self.variable} | limits

    def __str__(self) -> str:
        if self.last == oo:
            return f"{plain(self.variable)} ≥ {plain(self.first)}"
        return f"{plain(self.first)} ≤ {plain(self.variable)} ≤ {plain(self.last)}"

    def latex(self) -> str:
        if self.last == oo:
            return rf"{tex(self.variable)} \ge {tex(self.first)}"
        return rf"{tex(self.first)} \le {tex(self.variable)} \le {tex(self.last)}"


def nonnegative(expression: Any, where: Iterable[Range] = ()) -> bool:
    """Whether 0 ≤ expression follows from its symbols' assumptions and the ranges."""
    return any(form.is_nonnegative for form in _forms(expression, tuple(where)))


def positive(expression: Any, where: Iterable[Range] = ()) -> bool:
    """Whether 0 < expression follows from its symbols' assumptions and the ranges."""
    return any(form.is_positive for form in _forms(expression, tuple(where)))


def _forms(expression: Any, where: tuple[Range, ...]) -> Iterator[Any]:
    """The expression, and with each index as its least value plus a natural number, or its
    greatest minus one.
    """
    yield expand(expression)
    ends = [((r.first, 1),) if r.last == oo else ((r.first, 1), (r.last, -1)) for r in where]
    for chosen in product(*ends):
        yield expand(_shifted(expression, where, chosen))


def _shifted(expression: Any, where: tuple[Range, ...], ends: Iterable[tuple[Any, int]]) -> Any:
    ends = tuple(ends)
    natural = {r: Dummy(integer=True, nonnegative=True) for r in where}
    for _ in where:  # once more for each, since a limit may name another index
        for r, (end, direction) in zip(where, ends, strict=True):
            expression = expression.subs(r.variable, end + direction * natural[r])
    return expression


def implied(needed: Range, where: Iterable[Range] = ()) -> bool:
    """Whether the range follows from its index's assumptions and the other ranges."""
    where = tuple(where)
    above = nonnegative(needed.variable - needed.first, where)
    return above and (needed.last == oo or nonnegative(needed.last - needed.variable, where))


def _limits(node: Any) -> list[Any]:
    return [node.args[1:]] if isinstance(node, OrderedProduct) else list(node.limits)


def bound_ranges(expression: Any) -> set[Range]:
    """The range of every index that a sum or a product in the expression runs over.

    Raises ValueError where a limit depends on the index, or that is no integer symbol.
    """
    nodes = expression.atoms(Sum, Product, OrderedProduct)
    return {Range(*limits) for node in nodes for limits in _limits(node)}


def canonical(expression: Any, depth: int = 0) -> Any:
    """The expression with its bound indices renamed by their depth, the outermost first.

    So the names chosen make no difference, and what is put in for a free symbol is not captured.
    """
    return _renamed(expression, depth, _index)


def canonical_again(expression: Any) -> Any:
    """The same of an expression whose sums have been taken apart since: no name captures another.

    What was inside another sum may be so no longer, and its index has too deep a name.
    """
    return _renamed(_renamed(expression, 0, _index_of_its_own), 0, _index)


def _renamed(expression: Any, depth: int, name: Callable[[int, Any], Any]) -> Any:
    if not expression.has(Sum, Product, OrderedProduct):
        return expression
    if isinstance(expression, Sum | Product):
        body, outermost_first = expression.function, list(reversed(expression.limits))
        limits: list[Any] = []
        while outermost_first:
            (variable, first, last), *outermost_first = outermost_first
            new = name(depth, first)
            depth += 1
            body = body.xreplace({variable: new})
            outermost_first = [inner.xreplace({variable: new}) for inner in outermost_first]
            first, last = (_renamed(bound, depth, name) for bound in (first, last))
            limits.insert(0, Tuple(new, first, last))
        return expression.func(_renamed(body, depth, name), *limits)
    if isinstance(expression, OrderedProduct):
        new = name(depth, expression.first)
        term = expression.term.xreplace({expression.variable: new})
        bounds = (_renamed(bound, depth + 1, name) for bound in expression.args[2:])
        return OrderedProduct(_renamed(term, depth + 1, name), new, *bounds)
    return expression.func(*(_renamed(argument, depth, name) for argument in expression.args))


class _BoundIndex(Symbol):  # type: ignore[misc]
    """A bound index under its canonical name: different from every symbol that an author has."""


def _index(depth: int, first: Any) -> Any:
    return _BoundIndex(f"·{depth}", integer=True, **_known(first))


def _index_of_its_own(depth: int, first: Any) -> Any:
    return Dummy(integer=True, **_known(first))


def _known(first: Any) -> dict[str, bool]:
    """What an index that starts from `first` is."""
    return {name: True for name in ("nonnegative", "positive") if getattr(first, f"is_{name}")}
