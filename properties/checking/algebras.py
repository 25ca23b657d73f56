"""The arithmetics in which a derived formula is evaluated."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import reduce
from typing import Any

import numpy as np
from flint import arb, fmpq, fmpq_mat

from properties.checking import balls
from properties.checking.exact import identity
from theory.formula import Algebra


def _product(*factors: Any) -> Any:
    """Left to right from the right end: matrix·(matrix·column) is the cheap order."""
    return reduce(lambda right, left: left * right, reversed(factors))


def _power(base: Any, exponent: Any) -> Any:
    return base ** int(exponent)


def _product_of(factors: Iterable[Any]) -> Any:
    return reduce(lambda left, right: left * right, factors, fmpq(1))


EXACT = Algebra(
    "exact rationals",
    {
        "product": _product,
        "power": _power,
        "transpose": fmpq_mat.transpose,
        "inverse": fmpq_mat.inv,
        "identity": identity,
        "rational": fmpq,
        "sum": sum,
        "product_of": _product_of,
    },
)

FLOAT = Algebra(
    "float64",
    {
        "product": lambda *factors: reduce(
            lambda right, left: left @ right if np.ndim(left) else left * right, reversed(factors)
        ),
        "power": lambda base, e: np.linalg.matrix_power(base, int(e)) if np.ndim(base) else base**e,
        "transpose": np.transpose,
        "inverse": np.linalg.inv,
        "identity": np.eye,
        "rational": lambda p, q: p / q,
        "sum": sum,
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
            lambda right, left: balls.product(left, right), reversed(factors)
        ),
        "transpose": np.transpose,
        "identity": lambda n: balls.exact(np.eye(n)),
        "rational": lambda p, q: arb(fmpq(p, q)),
        "sum": sum,
        "product_of": lambda factors: reduce(lambda left, right: left * right, factors, arb(1)),
        "power": lambda x, exponent: arb(x) ** exponent,
        "tanh": lambda x: x.tanh() if isinstance(x, arb) else balls.VALUES["tanh"](x),
        "exp": lambda x: x.exp(),
        "log": lambda x: x.log(),
        "sqrt": lambda x: x.sqrt(),
        "acosh": lambda x: x.acosh(),
        "atan": lambda x: x.atan(),
    },
)
