"""One unit with a wall in its error surface, and how steep that is.

The unit is x_{t+1} = wσ(x_t) + b from x_0, and E = (σ(x_T) − d)². On the line b = x_0 − wσ(x_0) it
rests at x_0, which parts two basins where m = wσ′(x_0) > 1.
"""

from typing import Any

from sympy import Function, Mul, Symbol

from theory.derivation import (
    Derivation,
    Identity,
    Induction,
    equation,
    nonzero,
)
from theory.entries import Logistic

t = Symbol("t", integer=True, nonnegative=True)
w, b, d, m = (Symbol(name, real=True) for name in "wbdm")
s = Symbol("s", nonnegative=True)
x, by_w, by_b, steepness = (Function(name, real=True) for name in ("x", "q", "p", "G"))
start = x(0)

RUN = "x_{t+1} = wσ(x_t) + b"
REST, VALUE = "b = x_0 − wσ(x_0)", "s = σ(x_0)"
SLOPE, NOT_ONE = "m = wσ′(x_0)", "m ≠ 1"
BY_B = "p_{t+1} = wσ′(x_t)p_t + 1, p_0 = 0: p_t is ∂x_t/∂b, by the chain rule"
BY_W = "q_{t+1} = wσ′(x_t)q_t + σ(x_t), q_0 = 0: q_t is ∂x_t/∂w"
FROM_NOTHING = "p_0 = 0", "q_0 = 0"
GRADIENT = "G_t = ‖∇E‖² = (2(σ(x_t) − d)σ′(x_t))²(p_t² + q_t²)"


def flattened(value: Any) -> Any:
    """σ′ where σ has this value."""
    return value * (1 - value)


now, resting = Logistic(x(t)), Logistic(start)
geometric = (m**t - 1) / (m - 1)
factor = 2 * (s - d) * flattened(s)

cliff = Derivation(
    name="cliff",
    assumptions={
        RUN: equation(x(t + 1), w * now + b),
        REST: equation(b, start - w * resting),
        VALUE: equation(resting, s),
        SLOPE: equation(w * flattened(s), m),
        NOT_ONE: nonzero(m - 1),
        BY_B: equation(by_b(t + 1), w * flattened(now) * by_b(t) + 1),
        BY_W: equation(by_w(t + 1), w * flattened(now) * by_w(t) + now),
        FROM_NOTHING[0]: equation(by_b(0), 0),
        FROM_NOTHING[1]: equation(by_w(0), 0),
        GRADIENT: equation(
            steepness(t),
            (2 * (now - d) * flattened(now)) ** 2 * (by_b(t) ** 2 + by_w(t) ** 2),
        ),
    },
    steps=(
        Identity(equation(start, start), "where it starts"),
        Induction(
            equation(x(t), start),
            "there it rests",
            variable=t,
            start=0,
            base=1,
            step=RUN,
            given=(REST,),
        ),
        Identity(
            equation(by_b(t + 1), Mul(w * flattened(s), by_b(t), evaluate=False) + 1),
            "so every step has the same slope",
            given=(BY_B, 2, VALUE),
        ),
        Identity(
            equation(by_w(t + 1), Mul(w * flattened(s), by_w(t), evaluate=False) + s),
            "and feeds in the same value",
            given=(BY_W, 2, VALUE),
        ),
        Identity(equation(by_b(t + 1), m * by_b(t) + 1), "which is m", given=(3, SLOPE)),
        Identity(equation(by_w(t + 1), m * by_w(t) + s), "the same", given=(4, SLOPE)),
        Identity(equation(by_b(0), geometric.subs(t, 0)), "both are 0", given=(FROM_NOTHING[0],)),
        Identity(
            equation(by_w(0), s * geometric.subs(t, 0)), "both are 0", given=(FROM_NOTHING[1],)
        ),
        Induction(
            equation(by_b(t), geometric),
            "1 + m(mᵗ − 1)/(m − 1) = (mᵗ⁺¹ − 1)/(m − 1)",
            variable=t,
            start=0,
            base=7,
            step=5,
        ),
        Induction(
            equation(by_w(t), s * geometric),
            "and s times as much",
            variable=t,
            start=0,
            base=8,
            step=6,
        ),
        Identity(
            equation(steepness(t), factor**2 * (1 + s**2) * geometric**2),
            "put it into the gradient",
            given=(GRADIENT, 2, VALUE, 9, 10),
        ),
    ),
    conclusion=equation(steepness(t), factor**2 * (1 + s**2) * geometric**2),
    parameters=(s, d, m, t),
)
