"""Normal forms: two expressions are equal when they reduce to the same one.

A matrix expression becomes a sum of words, each a scalar coefficient and a sequence of factors
(base, transposed, exponent). A scalar becomes an expanded, cancelled quotient. Beyond ring
arithmetic nothing is rewritten but by the rules below, which a derivation has to name; sympy's
own `refine` is not trusted (it takes det Q = 1 for an orthogonal Q, and a reflection has −1).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sympy import (
    Add,
    Derivative,
    Expr,
    Identity,
    Integer,
    Inverse,
    MatAdd,
    MatMul,
    MatPow,
    Mul,
    Transpose,
    ZeroMatrix,
    cancel,
    diff,
    expand,
    expand_func,
    expand_log,
    gammasimp,
    powsimp,
    sympify,
    together,
    trigsimp,
)
from sympy import cosh as sym_cosh
from sympy import exp as sym_exp
from sympy import sinh as sym_sinh
from sympy import tanh as sym_tanh
from sympy.matrices.expressions.matexpr import MatrixExpr

from theory.matrices import Norm, OrderedProduct

MATRIX_RULES = {
    "orthogonal": "QᵀQ = QQᵀ = I, so Qᵀ = Q⁻¹",
    "symmetric": "Sᵀ = S",
    "commuting": "the matrices named commute with one another",
}
SCALAR_RULES = {
    "doit": "evaluate derivatives, sums and products that are written out",
    "differentiate": "carry out the derivatives, by the rules of calculus",
    "exponential": "write the hyperbolic functions as quotients of exponentials",
    "trigonometric": "sin² + cos² = 1 and its like",
    "gamma": "the recurrences of the gamma function and its logarithmic derivatives",
    "logarithm": "ln(xy) = ln x + ln y and ln xʸ = y ln x for positive x, y",
    "kronecker": "a sum over all k of f(k)·δ(j, k) is f(j), for an index j in range",
    "product": "(∏ f)ᵐ = ∏ fᵐ, and a product or sum of a constant has a closed form",
    "split": "take the last term out of a sum or a product",
}


@dataclass(frozen=True)
class Rule:
    """One rewriting rule of the allow-list, with the matrices that it may be used on."""

    name: str
    subjects: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        if self.name not in MATRIX_RULES and self.name not in SCALAR_RULES:
            known = ", ".join([*MATRIX_RULES, *SCALAR_RULES])
            raise ValueError(f"name: no rewriting rule {self.name!r}; the allowed ones: {known}")

    def __str__(self) -> str:
        subjects = ", ".join(str(s) for s in self.subjects)
        return f"{subjects} {self.name}" if subjects else self.name


def orthogonal(*matrices: Any) -> Rule:
    """The rule that each of these square matrices has its transpose as its inverse."""
    return Rule("orthogonal", matrices)


def symmetric(*matrices: Any) -> Rule:
    """The rule that each of these matrices equals its transpose (diagonal ones do)."""
    return Rule("symmetric", matrices)


def commuting(*matrices: Any) -> Rule:
    """The rule that these matrices commute with one another (diagonal ones do)."""
    return Rule("commuting", matrices)


Factor = tuple[Any, bool, Any]  # base, transposed, exponent
Word = tuple[Factor, ...]
Words = dict[Word, Any]


def _subjects(rules: Iterable[Rule], name: str) -> list[tuple[Any, ...]]:
    return [rule.subjects for rule in rules if rule.name == name]


class _Matrices:
    """The normal form of matrix expressions under some rules."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        rules = tuple(rules)
        self.orthogonal = {m for group in _subjects(rules, "orthogonal") for m in group}
        self.symmetric = {m for group in _subjects(rules, "symmetric") for m in group}
        self.commuting = _subjects(rules, "commuting")

    def factor(self, base: Any, transposed: bool, exponent: Any) -> Factor:
        if transposed and base in self.symmetric:
            transposed = False
        if transposed and base in self.orthogonal:
            transposed, exponent = False, -exponent
        return base, transposed, expand(exponent)

    def commute(self, left: Factor, right: Factor) -> bool:
        return any(left[0] in group and right[0] in group for group in self.commuting)

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
        """The inverse of a single word; None for a sum, which has no normal form here."""
        if len(words) != 1:
            return None
        (word, coefficient), turned = next(iter(words.items())), ()
        for base, transposed, exponent in reversed(word):
            turned = self.append(turned, self.factor(base, transposed, -exponent))
        return {turned: 1 / coefficient}

    def opaque(self, expr: Any) -> Words:
        return {(self.factor(expr, False, Integer(1)),): Integer(1)}

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
        if len(base) == 1:
            (word, coefficient) = next(iter(base.items()))
            if len(word) == 1:
                symbol, transposed, power = word[0]
                factor = self.factor(symbol, transposed, power * exponent)
                return {(factor,): coefficient**exponent}
            if not word:
                return {(): coefficient**exponent}
        canonical = self.expression(base, expr.shape)
        return {((canonical, False, exponent),): Integer(1)}

    def words(self, expr: Any) -> Words:
        if isinstance(expr, MatAdd):
            total: Words = {}
            for term in expr.args:
                for word, coefficient in self.words(term).items():
                    total[word] = total.get(word, Integer(0)) + coefficient
            return total
        if isinstance(expr, MatMul):
            result: Words = {(): Integer(1)}
            for argument in expr.args:
                is_matrix = getattr(argument, "is_Matrix", False)
                right = self.words(argument) if is_matrix else {(): argument}
                result = self.times(result, right)
            return result
        if isinstance(expr, Transpose):
            return self.transpose(self.words(expr.arg))
        if isinstance(expr, MatPow | Inverse):
            return self.power(expr)
        if isinstance(expr, Identity):
            return {(): Integer(1)}
        if isinstance(expr, ZeroMatrix):
            return {}
        return self.opaque(expr)

    def expression(self, words: Words, shape: tuple[Any, Any]) -> Any:
        """The words as one sympy expression, in a fixed order."""
        terms = []
        for word, coefficient in words.items():
            factors = [
                MatPow(Transpose(base) if transposed else base, exponent).doit(deep=False)
                for base, transposed, exponent in word
            ]
            product = MatMul(*factors) if factors else Identity(shape[0])
            terms.append(coefficient * product)
        if not terms:
            return ZeroMatrix(*shape)
        return MatAdd(*sorted(terms, key=str)).doit(deep=False)


def matrix_difference(left: Any, right: Any, rules: Iterable[Rule] = ()) -> Words:
    """The words of left − right whose coefficients do not reduce to zero (none if equal)."""
    rules = tuple(rules)
    normal = _Matrices(rules)
    split = any(rule.name == "split" for rule in rules)
    difference: Words = {}
    for expr, sign in ((left, 1), (right, -1)):
        for word, coefficient in normal.words(_split(expr) if split else expr).items():
            difference[word] = difference.get(word, Integer(0)) + sign * coefficient
    return {w: c for w, c in difference.items() if not is_zero(c, rules)}


def _split(expr: Any) -> Any:
    """Take the last term out of every product and sum whose upper limit is a sum like t + 1."""
    from sympy import Product, Sum

    def peel(node: Any) -> Any:
        function, (variable, first, last) = node.function, node.limits[0]
        head, tail = function.subs(variable, last), node.func(function, (variable, first, last - 1))
        return head * tail if isinstance(node, Product) else head + tail

    def ends_late(last: Any) -> bool:
        return bool(isinstance(last, Add) and last.as_coeff_Add()[0] > 0)

    expr = expr.replace(
        lambda e: isinstance(e, Sum | Product) and len(e.limits) == 1 and ends_late(e.limits[0][2]),
        peel,
    )
    return expr.replace(
        lambda e: isinstance(e, OrderedProduct) and ends_late(e.last), lambda e: e.peeled()
    )


def _sift(expr: Any) -> Any:
    """Evaluate sums with a Kronecker delta, taking the branch in which its index is in range."""
    from sympy import KroneckerDelta, Piecewise, Sum

    def pick(node: Any) -> Any:
        value = node.doit()
        return value.args[0].expr if isinstance(value, Piecewise) else value

    return expr.replace(lambda e: isinstance(e, Sum) and e.function.has(KroneckerDelta), pick)


def _power_of_product(expr: Any) -> Any:
    from sympy import Pow, Product

    return expr.replace(
        lambda e: isinstance(e, Pow) and isinstance(e.base, Product),
        lambda e: Product(e.base.function**e.exp, *e.base.limits).doit(),
    )


def _hyperbolic_as_exponentials(expr: Any) -> Any:
    for function in (sym_tanh, sym_sinh, sym_cosh):
        expr = expr.replace(function, lambda x, f=function: f(x).rewrite(sym_exp))
    return expr


_SCALAR_REWRITINGS = {
    "doit": lambda e: e.doit(),
    "differentiate": lambda e: e.replace(Derivative, diff),
    "exponential": _hyperbolic_as_exponentials,
    "trigonometric": trigsimp,
    "gamma": lambda e: gammasimp(expand_func(e)),
    "logarithm": expand_log,
    "kronecker": _sift,
    "product": _power_of_product,
    "split": _split,
}


def _canonical_norms(expr: Any, rules: tuple[Rule, ...]) -> Any:
    normal = _Matrices(rules)
    return expr.replace(
        lambda e: isinstance(e, Norm),
        lambda e: Norm(normal.expression(normal.words(e.args[0]), e.args[0].shape)),
    )


def scalar_normal_form(expr: Any, rules: Iterable[Rule] = ()) -> Any:
    """The expanded, cancelled form of a scalar after the rewritings that the rules allow."""
    rules = tuple(rules)
    expr = _canonical_norms(sympify(expr), rules)
    for rule in rules:
        if rule.name in _SCALAR_REWRITINGS:
            expr = _SCALAR_REWRITINGS[rule.name](expr)
    expr = powsimp(expand(expr))
    if expr == 0:
        return expr
    # Powers with symbolic exponents are opaque to `cancel` unless they are split first.
    return powsimp(expand(cancel(together(expand(expr, power_exp=True, power_base=True)))))


def is_zero(expr: Any, rules: Iterable[Rule] = ()) -> bool:
    """Whether a scalar reduces to zero; False says only that it was not seen to."""
    return bool(scalar_normal_form(expr, rules) == 0)


def equal(left: Any, right: Any, rules: Iterable[Rule] = ()) -> bool:
    """Whether two expressions, both scalars or both matrices, have one normal form."""
    left, right = sympify(left), sympify(right)
    matrices = [isinstance(side, MatrixExpr) for side in (left, right)]
    if any(matrices):
        return (
            all(matrices)
            and left.shape == right.shape
            and not matrix_difference(left, right, rules)
        )
    if not (isinstance(left, Expr) and isinstance(right, Expr)):
        return bool(left == right)
    return is_zero(Add(left, Mul(-1, right)), rules)
