"""The normal form of scalars: an expanded, cancelled quotient, after the rewritings allowed.

Indices that sums and products run over have their canonical names here (`theory.ranges`), so that
nothing that is put in for a free symbol can be captured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sympy import (
    Add,
    Derivative,
    Function,
    KroneckerDelta,
    Mul,
    Pow,
    Product,
    Subs,
    Sum,
    cancel,
    cosh,
    diff,
    exp,
    expand,
    expand_func,
    expand_log,
    gammasimp,
    log,
    powsimp,
    sinh,
    tanh,
    together,
    trigsimp,
)

from theory.matrices import Measure, OrderedProduct
from theory.ranges import Range, canonical, canonical_again, nonnegative
from theory.rules import Rule
from theory.words import Matrices

Where = tuple[Range, ...]


def split(expr: Any, where: Where = ()) -> Any:
    """Take the last term out of every product and sum whose upper limit is a sum like t + 1.

    Only where it has a term: a product that may be empty stays as it is.
    """

    def splits(first: Any, last: Any) -> bool:
        later = isinstance(last, Add) and last.as_coeff_Add()[0] > 0
        return bool(later and nonnegative(last - first, where))

    def peel(node: Any) -> Any:
        function, (variable, first, last) = node.function, node.limits[0]
        head, tail = function.subs(variable, last), node.func(function, (variable, first, last - 1))
        return head * tail if isinstance(node, Product) else head + tail

    expr = expr.replace(
        lambda e: isinstance(e, Sum | Product) and len(e.limits) == 1 and splits(*e.limits[0][1:]),
        peel,
    )
    return expr.replace(
        lambda e: isinstance(e, OrderedProduct) and splits(e.first, e.last), lambda e: e.peeled()
    )


def _sift(expr: Any, where: Where) -> Any:
    """Evaluate sums with a Kronecker delta whose other index is known to lie in their range."""

    def chosen(term: Any, k: Any, first: Any, last: Any) -> Any:
        """What the sum of the term comes to, or None."""
        for delta in Mul.make_args(term):
            if isinstance(delta, KroneckerDelta) and k in delta.args:
                (other,) = set(delta.args) - {k}
                inside = nonnegative(other - first, where) and nonnegative(last - other, where)
                if inside and other.is_integer and k not in other.free_symbols:
                    return (term / delta).subs(k, other)
        return None

    def sifted(node: Any) -> Any:
        k, first, last = node.limits[0]
        total: list[Any] = []
        rest: list[Any] = []
        for term in Add.make_args(expand(node.function)):
            value = chosen(term, k, first, last)
            (rest if value is None else total).append(term if value is None else value)
        return Add(*total, Sum(Add(*rest), node.limits[0])) if total else node

    return canonical_again(
        expr.replace(
            lambda e: isinstance(e, Sum) and len(e.limits) == 1 and e.function.has(KroneckerDelta),
            sifted,
        )
    )


def _power_of_product(expr: Any, where: Where) -> Any:
    expr = expr.replace(
        lambda e: isinstance(e, Pow) and isinstance(e.base, Product) and e.exp.is_integer,
        lambda e: Product(e.base.function**e.exp, *e.base.limits),
    )
    return expr.replace(lambda e: isinstance(e, Product), lambda e: _evaluated(e, where))


def _evaluated(node: Any, where: Where) -> Any:
    """The closed form of a sum or a product whose range is not seen to run backwards.

    A sum from 5 to 3 is empty here, and so it is for Python; for sympy it is minus the sum at 4.
    """
    forwards = all(nonnegative(last - first + 1, where) for _, first, last in node.limits)
    return node.doit(deep=False) if forwards else node


def _hyperbolic_as_exponentials(expr: Any, where: Where) -> Any:
    for function in (tanh, sinh, cosh):
        expr = expr.replace(function, lambda x, f=function: f(x).rewrite(exp))
    return expr


def _written_out(expr: Any, where: Where) -> Any:
    """Nothing else is evaluated: sympy's `doit` of a matrix takes AA⁻¹ = I for every A."""
    expr = expr.replace(lambda e: isinstance(e, Derivative | Subs), lambda e: e.doit(deep=False))
    return expr.replace(lambda e: isinstance(e, Sum | Product), lambda e: _evaluated(e, where))


_REWRITINGS: dict[str, Callable[[Any, Where], Any]] = {
    "doit": _written_out,
    "differentiate": lambda e, where: e.replace(Derivative, diff),
    "exponential": _hyperbolic_as_exponentials,
    "trigonometric": lambda e, where: trigsimp(e),
    "gamma": lambda e, where: gammasimp(expand_func(e)),
    "logarithm": lambda e, where: expand_log(e),
    "kronecker": _sift,
    "product": _power_of_product,
    "split": split,
}


def _canonical_measures(expr: Any, normal: Matrices) -> Any:
    """Norms and their like, of the normal form of what they measure."""

    def canonical_argument(argument: Any) -> Any:
        if not argument.is_Matrix:
            return argument
        return normal.expression(normal.words(argument), argument.shape)

    return expr.replace(
        lambda e: isinstance(e, Measure),
        lambda e: e.func(*(canonical_argument(argument) for argument in e.args)),
    )


def scalar_normal_form(expr: Any, rules: Iterable[Rule] = (), where: Iterable[Range] = ()) -> Any:
    """The expanded, cancelled form of a scalar after the rewritings that the rules allow."""
    rules, where = tuple(rules), tuple(where)
    normal = Matrices(rules, where)
    expr = _canonical_measures(canonical(expr), normal)
    for rule in rules:
        if rule.name in _REWRITINGS:
            expr = _REWRITINGS[rule.name](expr, where)
    # What `expand` and `cancel` would do to a logarithm has a rule of its own.
    expr = _canonical_measures(expr, normal).replace(log, Function("ln"))
    expr = powsimp(expand(expr))
    if expr == 0:
        return expr
    # Powers with symbolic exponents are opaque to `cancel` unless they are split first.
    return powsimp(expand(cancel(together(expand(expr)))))


def is_zero(expr: Any, rules: Iterable[Rule] = (), where: Iterable[Range] = ()) -> bool:
    """Whether a scalar reduces to zero; False says only that it was not seen to."""
    return bool(scalar_normal_form(expr, rules, where) == 0)
