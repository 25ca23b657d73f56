"""The arithmetics in which a derived formula is evaluated."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import reduce
from math import comb
from operator import methodcaller
from typing import Any

import numpy as np
from flint import acb, arb, fmpq

from properties.checking import balls
from properties.checking.exact import identity, squared_length
from properties.checking.norms import row_sum_norm
from theory.formula import Algebra


def _product(*factors: Any) -> Any:
    """Left to right from the right end: matrix·(matrix·column) is the cheap order."""
    return reduce(lambda right, left: left * right, reversed(factors))


def _power(base: Any, exponent: Any) -> Any:
    """A power, or the root of a non-negative rational that has a rational one."""
    fraction = fmpq(exponent)
    base = fmpq(base) if isinstance(base, int) else base
    return (base if fraction.q == 1 else _root(base, int(fraction.q))) ** int(fraction.p)


def _root(base: Any, degree: int) -> Any:
    root = fmpq(fmpq(base).p.root(degree), fmpq(base).q.root(degree))
    if root**degree != base:
        raise ValueError(f"base: {base} has no rational root of degree {degree}")
    return root


def _ball_power(base: Any, exponent: Any) -> Any:
    """A power; Arb takes one of a ball around 0 by its logarithm, and gets NaN."""
    base = base if isinstance(base, arb | acb) else arb(base)
    if isinstance(exponent, int) and exponent > 0 and base.contains(0):
        return reduce(lambda left, right: left * right, [base] * exponent)
    return base**exponent


def _ball_blocks(rows: int, *blocks: balls.Balls) -> balls.Balls:
    """The matrix of these blocks, row by row."""
    width = len(blocks) // rows
    beside = [np.hstack(blocks[k : k + width]) for k in range(0, len(blocks), width)]
    return np.vstack(beside)


def _polygamma(order: int, argument: Any) -> Any:
    """ψ and its first derivative ψ', which is Hurwitz' ζ(2, ·)."""
    ball = arb(argument)
    return ball.digamma() if order == 0 else arb(2).zeta(ball)


def _product_of(factors: Iterable[Any]) -> Any:
    return reduce(lambda left, right: left * right, factors, fmpq(1))


EXACT = Algebra(
    "exact rationals",
    {
        "product": _product,
        "power": _power,
        "divide": lambda over, under: fmpq(over) / under,
        # Called through the class, flint's methods don't look at what they are given.
        "rows": methodcaller("nrows"),
        "transpose": methodcaller("transpose"),
        "inverse": methodcaller("inv"),
        "identity": identity,
        "rational": fmpq,
        "sum": sum,
        "abs": abs,
        "product_of": _product_of,
        "squared_length": squared_length,
    },
)

ROW_SUMS = Algebra(
    "exact rationals, with the largest sum of magnitudes in a row as the norm",
    {**EXACT.operations, "norm": row_sum_norm},
)

FLOAT = Algebra(
    "float64",
    {
        "product": lambda *factors: reduce(
            lambda right, left: left @ right if np.ndim(left) else left * right, reversed(factors)
        ),
        "power": lambda base, e: np.linalg.matrix_power(base, e) if np.ndim(base) else base**e,
        "divide": lambda over, under: over / under,
        "rows": len,
        "transpose": np.transpose,
        "inverse": np.linalg.inv,
        "identity": np.eye,
        "rational": lambda p, q: p / q,
        "sum": sum,
        "abs": abs,
        "product_of": math.prod,
        "tanh": np.tanh,
        "exp": np.exp,
        "log": np.log,
        "sqrt": np.sqrt,
    },
)

BALL = Algebra(
    "balls",
    {
        "product": lambda *factors: reduce(
            lambda right, left: balls.product(left, right) if np.ndim(left) else left * right,
            reversed(factors),
        ),
        "transpose": np.transpose,
        "identity": lambda n: balls.exact(np.eye(n)),
        "blocks": _ball_blocks,
        "rational": lambda p, q: arb(fmpq(p, q)),
        "sum": sum,
        "abs": abs,
        "product_of": lambda factors: reduce(lambda left, right: left * right, factors, arb(1)),
        "power": _ball_power,
        "divide": lambda over, under: (over if isinstance(over, arb | acb) else arb(over)) / under,
        "rows": len,
        "tanh": lambda x: x.tanh() if isinstance(x, arb) else balls.VALUES["tanh"](x),
        "exp": lambda x: arb(x).exp(),
        "log": lambda x: arb(x).log(),
        "sqrt": lambda x: arb(x).sqrt(),
        "sinh": lambda x: arb(x).sinh(),
        "cosh": lambda x: arb(x).cosh(),
        "acosh": lambda x: arb(x).acosh(),
        "atan": lambda x: arb(x).atan(),
        "sign": balls.sign,
        "gamma": lambda x: x.gamma(),
        "polygamma": _polygamma,
        "binomial": lambda n, k: arb(comb(n, k)),
        "pi": arb.pi,
        "euler_gamma": arb.const_euler,
    },
)
