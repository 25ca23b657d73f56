"""Normal forms: two expressions are equal when they reduce to the same one.

Matrices become sums of words (`theory.words`), scalars cancelled quotients (`theory.scalars`).
Beyond ring arithmetic nothing is rewritten but by the rules that a derivation names
(`theory.rules`); sympy's own `refine` is not trusted (it takes det Q = 1 for an orthogonal Q, and a
reflection has −1), nor its evaluation of matrices (it takes AA⁻¹ = I for every A).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sympy import Add, Expr, Integer, Mul, sympify
from sympy.matrices.expressions.matexpr import MatrixExpr

from theory.ranges import Range, canonical
from theory.rules import Rule, commuting, invertible, orthogonal, symmetric
from theory.scalars import is_zero, scalar_normal_form, split
from theory.words import Matrices, Words

__all__ = [
    "Rule",
    "commuting",
    "equal",
    "invertible",
    "is_zero",
    "matrix_difference",
    "orthogonal",
    "scalar_normal_form",
    "symmetric",
]


def matrix_difference(
    left: Any, right: Any, rules: Iterable[Rule] = (), where: Iterable[Range] = ()
) -> Words:
    """The words of left − right whose coefficients do not reduce to zero (none if equal)."""
    rules, where = tuple(rules), tuple(where)
    normal = Matrices(rules, where)
    splits = any(rule.name == "split" for rule in rules)
    difference: Words = {}
    for side, sign in ((canonical(left), 1), (canonical(right), -1)):
        words = normal.words(split(side, where) if splits else side)
        for word, coefficient in words.items():
            difference[word] = difference.get(word, Integer(0)) + sign * coefficient
    return {w: c for w, c in difference.items() if not is_zero(c, rules, where)}


def equal(left: Any, right: Any, rules: Iterable[Rule] = (), where: Iterable[Range] = ()) -> bool:
    """Whether two expressions, both scalars or both matrices, have one normal form.

    The rules are those allowed, and the ranges say where the free indices lie.
    """
    return _equal(sympify(left), sympify(right), tuple(rules), tuple(where))


@lru_cache(maxsize=10_000)
def _equal(left: Any, right: Any, rules: tuple[Rule, ...], where: tuple[Range, ...]) -> bool:
    """The same question comes up again wherever relations are chained."""
    matrices = [isinstance(side, MatrixExpr) for side in (left, right)]
    if any(matrices):
        return (
            all(matrices)
            and left.shape == right.shape
            and not matrix_difference(left, right, rules, where)
        )
    if not (isinstance(left, Expr) and isinstance(right, Expr)):
        return bool(left == right)
    return is_zero(Add(left, Mul(-1, right)), rules, where)
