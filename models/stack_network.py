"""A stack of bits in five saturated-linear units, one operation a step.

The stack with b_n on top and b_1 below all others is the number q = Σ (2b_i + 1)·4^{i−n−1}, so the
empty one is 0, one with 0 on top lies in [1/4, 1/2) and one with 1 on top in [3/4, 1). The units do
not hold q itself: q is the signed sum SIGNS·units, of which an operation leaves one term, or three
that add up, and this makes an operation take a single step.

Source: Siegelmann & Sontag, On the computational power of neural nets, J. Comput. Syst. Sci. 50
(1995); the layout of the units is this project's.
"""

import numpy as np

from models.rnn import RNN

OPERATIONS = ("push 0", "push 1", "pop", "hold")

UNITS = ("pop, first", "pop, second", "pop, third", "push", "hold")
"""What each of the five units holds after its operation, and 0 after another."""

SIGNS = np.array([1.0, -1.0, 1.0, 1.0, 1.0])
"""q = SIGNS·units."""

FACTORS = np.array([4.0, 4.0, 4.0, 0.25, 1.0])
"""Each unit reads q with its factor."""

# With its operation a unit reads 4q − 1, 4q − 2, 4q − 3, q/4 + (2b + 1)/4 or q; without it, what it
# reads is at most 0. Columns: push 0, push 1, pop.
GATES = np.array(
    [
        [0.0, 0.0, 4.0],
        [0.0, 0.0, 4.0],
        [0.0, 0.0, 4.0],
        [1.25, 1.75, 0.0],
        [-1.0, -1.0, -1.0],
    ]
)
THRESHOLDS = np.array([-5.0, -6.0, -7.0, -1.0, 0.0])

DEPTH = 26
"""The codes of at most 26 bits are float64 numbers: two digits for each bit, one before the point.

So is every sum that the units form on the way, in whatever order.
"""


def stack() -> RNN:
    """The network: five units of the stack, then "top" and "not empty" of the step before.

    Inputs are one-hot for push 0, push 1 and pop; hold is an input of zeros. Popping the empty
    stack leaves it empty, and its top reads 0. W is 7 × 7, U is 7 × 3.
    """
    W, U, b = np.zeros((7, 7)), np.zeros((7, 3)), np.zeros(7)
    W[:5, :5], U[:5], b[:5] = np.outer(FACTORS, SIGNS), GATES, THRESHOLDS
    W[5:, :5] = 4 * SIGNS
    b[5] = -2.0
    return RNN(W=W, U=U, b=b, activation="saturated_linear")


def inputs(operations) -> np.ndarray:
    """(T, 1, 3) for a sequence of OPERATIONS.

    Raises ValueError for anything else.
    """
    x = np.zeros((len(operations), 1, 3))
    for step, operation in enumerate(operations):
        if operation not in OPERATIONS:
            needed = ", ".join(map(repr, OPERATIONS))
            raise ValueError(f"operations[{step}] is {operation!r}; it needs one of {needed}")
        if operation != "hold":
            x[step, 0, OPERATIONS.index(operation)] = 1.0
    return x


def code(states: np.ndarray) -> np.ndarray:
    """q of states (…, 7) or (…, 5)."""
    return states[..., :5] @ SIGNS
