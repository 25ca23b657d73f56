"""Words: the normal form of matrix expressions.

A matrix expression becomes a sum of words, each a scalar coefficient and a sequence of factors
(base, transposed, exponent). Equal neighbours merge by adding exponents, which is right for
natural exponents of any matrix (A⁰ = I) and for integer ones of an invertible matrix alone; any
other power, such as A⁻¹ where nothing says that A is invertible, is a base of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sympy import (
    Identity,
    Integer,
    Inverse,
    MatAdd,
    MatMul,
    MatPow,
    Transpose,
    ZeroMatrix,
    expand,
)
from sympy.matrices.expressions.matexpr import MatrixExpr

from theory.ranges import Range, nonnegative
from theory.rules import Rule


class _Inert(MatrixExpr):  # type: ignore[misc]
    """A matrix expression that sympy does not evaluate: `expand` takes AA⁻¹ = I for every A."""


class _Product(_Inert):
    shape = property(
        lambda self: (
            next(a for a in self.args if a.is_Matrix).shape[0],
            self.args[-1].shape[1],
        )
    )


class _Sum(_Inert):
    shape = property(lambda self: self.args[0].shape)


Factor = tuple[Any, bool, Any]  # base, transposed, exponent
Word = tuple[Factor, ...]
Words = dict[Word, Any]


class Matrices:
    """The normal form of matrix expressions under some rules, for indices in some ranges."""

    def __init__(self, rules: Iterable[Rule] = (), where: Iterable[Range] = ()) -> None:
        rules = tuple(rules)
        self.where = tuple(where)
        self.orthogonal = _named(rules, "orthogonal")
        self.symmetric = _named(rules, "symmetric")
        self.invertible = _named(rules, "invertible") | self.orthogonal
        self.commuting = [rule.subjects for rule in rules if rule.name == "commuting"]

    def factor(self, base: Any, transposed: bool, exponent: Any) -> Factor:
        exponent = expand(exponent)
        if not self.adds(base, exponent):
            base, exponent = MatPow(base, exponent), Integer(1)
        if transposed and base in self.symmetric:
            transposed = False
        if transposed and base in self.orthogonal:
            transposed, exponent = False, -exponent
        return base, transposed, exponent

    def adds(self, base: Any, exponent: Any) -> bool:
        """Whether this power may merge with others of its base by adding exponents."""
        return bool(exponent.is_integer) and (
            base in self.invertible or nonnegative(exponent, self.where)
        )

    def commute(self, left: Factor, right: Factor) -> bool:
        """AB = BA gives AᵀBᵀ = BᵀAᵀ, but nothing about ABᵀ."""
        return left[1] == right[1] and any(
            left[0] in group and right[0] in group for group in self.commuting
        )

    def append(self, word: Word, factor: Factor) -> Word:
        """The word times the factor: equal bases merge, commuting factors are sorted."""
        position = len(word)
        while position and self.commute(word[position - 1], factor):
            neighbour = word[position - 1]
            if neighbour[:2] == factor[:2]:
                break
            if neighbour[0].sort_key() < factor[0].sort_key():
                break
            position -= 1
        head, tail = word[:position], word[position:]
        if head and head[-1][:2] == factor[:2]:
            exponent = expand(head[-1][2] + factor[2])
            merged = () if exponent == 0 else ((factor[0], factor[1], exponent),)
            return self.join(head[:-1] + merged, tail)
        return self.join((*head, factor), tail)

    def join(self, left: Word, right: Word) -> Word:
        if not left or not right:
            return left + right
        if left[-1][:2] != right[0][:2]:
            return left + right
        return self.multiply_words(left, right)

    def multiply_words(self, left: Word, right: Word) -> Word:
        for factor in right:
            left = self.append(left, factor)
        return left

    def times(self, left: Words, right: Words) -> Words:
        result: Words = {}
        for lw, lc in left.items():
            for rw, rc in right.items():
                word = self.multiply_words(lw, rw)
                result[word] = result.get(word, Integer(0)) + lc * rc
        return result

    def transpose(self, words: Words) -> Words:
        result: Words = {}
        for word, coefficient in words.items():
            turned: Word = ()
            for base, transposed, exponent in reversed(word):
                turned = self.append(turned, self.factor(base, not transposed, exponent))
            result[turned] = result.get(turned, Integer(0)) + coefficient
        return result

    def inverse(self, words: Words) -> Words | None:
        """The inverse of a single word of invertible matrices; None for anything else."""
        if len(words) != 1:
            return None
        ((word, coefficient),) = words.items()
        if any(base not in self.invertible for base, _, _ in word):
            return None
        turned: Word = ()
        for base, transposed, exponent in reversed(word):
            turned = self.append(turned, self.factor(base, transposed, -exponent))
        return {turned: 1 / coefficient}

    def power(self, expr: Any) -> Words:
        base, exponent = self.words(expr.base), expand(expr.exp)
        if isinstance(exponent, Integer) and exponent >= 0:
            result: Words = {(): Integer(1)}
            for _ in range(int(exponent)):
                result = self.times(result, base)
            return result
        if exponent == -1:
            inverted = self.inverse(base)
            if inverted is not None:
                return inverted
        if len(base) == 1 and exponent.is_integer:
            ((word, coefficient),) = base.items()
            if not word:
                return {(): coefficient**exponent}
            ((symbol, transposed, power), *more) = word
            if not more:
                factor = self.factor(symbol, transposed, power * exponent)
                return {(factor,): coefficient**exponent}
        return {(self.factor(self.expression(base, expr.shape), False, exponent),): Integer(1)}

    def words(self, expr: Any) -> Words:
        if isinstance(expr, MatAdd | _Sum):
            total: Words = {}
            for term in expr.args:
                for word, coefficient in self.words(term).items():
                    total[word] = total.get(word, Integer(0)) + coefficient
            return total
        if isinstance(expr, MatMul | _Product):
            result: Words = {(): Integer(1)}
            for argument in expr.args:
                is_matrix = getattr(argument, "is_Matrix", False)
                right: Words = self.words(argument) if is_matrix else {(): argument}
                result = self.times(result, right)
            return result
        if isinstance(expr, Transpose):
            return self.transpose(self.words(expr.arg))
        if isinstance(expr, MatPow | Inverse):
            return self.power(expr)
        if isinstance(expr, ZeroMatrix):
            return {}
        word = () if isinstance(expr, Identity) else (self.factor(expr, False, Integer(1)),)
        return {word: Integer(1)}

    def expression(self, words: Words, shape: tuple[Any, Any]) -> Any:
        """The words as one expression, in a fixed order."""
        terms = []
        for word, coefficient in words.items():
            scale = expand(coefficient)
            factors = [_written(factor) for factor in word] or [Identity(shape[0])]
            if scale != 0:
                terms.append(_one(_Product, factors if scale == 1 else [scale, *factors]))
        if not terms:
            return ZeroMatrix(*shape)
        return _one(_Sum, sorted(terms, key=lambda term: term.sort_key()))


def _written(factor: Factor) -> Any:
    base, transposed, exponent = factor
    base = Transpose(base) if transposed else base
    return base if exponent == 1 else MatPow(base, exponent)


def _one(operation: Any, arguments: list[Any]) -> Any:
    return arguments[0] if len(arguments) == 1 else operation(*arguments)


def _named(rules: tuple[Rule, ...], name: str) -> set[Any]:
    return {matrix for rule in rules if rule.name == name for matrix in rule.subjects}
