"""Lists of operations on a stack, and networks run in exact rationals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat
from hypothesis import strategies as st

from models import stack_network
from models.rnn import RNN
from properties.checking import (
    EXACT,
    Case,
    Check,
    floats,
    formula,
    vector,
    worked_sum,
)
from properties.checking.domains import fixed_lists
from properties.checking.exact import held_matrix
from theory import stack_network as theory

Bits = tuple[int, ...]


def clamped(h: fmpq_mat) -> fmpq_mat:
    """min(max(h, 0), 1), entry by entry."""
    entries = [min(max(e, fmpq(0)), fmpq(1)) for e in h.entries()]
    return fmpq_mat(h.nrows(), h.ncols(), entries)


def exact_states(model: RNN, h0: np.ndarray, x: np.ndarray) -> list[fmpq_mat]:
    """h_0 … h_T of a saturated-linear network, as exact columns: the same weights, no rounding.

    h0 is (1, N) and x is (T, 1, D).
    """
    W, U, b = held_matrix(model.W), held_matrix(model.U), held_matrix(model.b[:, None])
    states = [held_matrix(h0.T)]
    for step in x:
        drive = U * held_matrix(step.T) + b
        states.append(clamped(W * states[-1] + drive))
    return states


def precision_of(u: float) -> int:
    """p, the binary digits of a number in arithmetic of unit roundoff u = 2^−p."""
    return round(-np.log2(u))


def holds(u: float) -> int:
    """How many bits a stack can hold: two digits each, and one before the point.

    The sums that make up a code stay below 2 in any order.
    """
    return (precision_of(u) - 1) // 2


@dataclass(frozen=True, repr=False)
class Operations(Case):
    """Operations on a stack that is empty at first."""

    operations: tuple[str, ...]

    def terms(self) -> dict[str, Any]:
        """With q and the top as they are before the last operation."""
        stack, n = self.stacks[-1], len(self.stacks[-1])
        fraction = [(fmpq(b), fmpq(1, 2 ** (n - i))) for i, b in enumerate(stack)]
        before = self.stacks[-2] if len(self.stacks) > 1 else ()
        return {
            "q": lambda: code(self.exact_states[len(self.operations) - 1]),
            "top": fmpq(before[-1] if before else 0),
            "q after popping": "max(0, 4q − 2·top − 1)",
            "the binary fraction": lambda: worked_sum("Σ b_i 2^{i−n−1}", *fraction),
            "its clamp(2q)": "min(2 · the binary fraction, 1)",
            "the top": lambda: fmpq(stack[-1] if stack else 0),
        }

    @cached_property
    def stacks(self) -> list[Bits]:
        """A Python list beside the network: what it holds before and after each operation."""
        stack: list[int] = []
        found: list[Bits] = [()]
        for operation in self.operations:
            if operation == "pop":
                del stack[-1:]
            elif operation != "hold":
                stack.append(int(operation[-1]))
            found.append(tuple(stack))
        return found

    @property
    def deepest(self) -> int:
        return max(map(len, self.stacks))

    def within(self, depth: int) -> int:
        """How many of the first operations keep the stack at that depth or less."""
        over = (t for t, stack in enumerate(self.stacks) if len(stack) > depth)
        return next(over, len(self.stacks)) - 1

    def models(self) -> tuple[RNN]:
        return (stack_network.stack(),)

    def start(self) -> np.ndarray:
        return np.zeros((1, 7))

    def inputs(self) -> np.ndarray:
        """(T+1, 1, 3): a last "hold" lets the units that read the stack see the last operation."""
        return stack_network.inputs((*self.operations, "hold"))

    @cached_property
    def exact_states(self) -> list[fmpq_mat]:
        return exact_states(self.models()[0], self.start(), self.inputs())

    def computed(self, check: Check) -> np.ndarray:
        """The states (T+2, 7) of the network under test."""
        return check.backend.run(self.models()[0], self.start(), self.inputs())[:, 0]

    def shown(self) -> dict[str, Any]:
        return {"stack": self.stacks[-1]}


def code(state: fmpq_mat) -> fmpq:
    """q of an exact state."""
    signs = held_matrix(stack_network.SIGNS[None])
    return (signs * fmpq_mat(5, 1, state.entries()[:5]))[0, 0]


def derived_code(stack: Bits) -> fmpq:
    """q by the derived sum; the bottom of the stack comes first."""
    n = len(stack)
    return fmpq(formula(theory.stack_network, EXACT)((None, *stack), n)) / 4**n


@dataclass(frozen=True, repr=False)
class Window(Operations):
    """Operations, and a step s of them: gradients are taken from there to the end."""

    s: int

    def terms(self) -> dict[str, Any]:
        reads = vector([*(int(sign) for sign in stack_network.SIGNS), 0, 0])
        return {
            "n_s": fmpq(self.depths[self.s]),
            "n_t": fmpq(self.depths[-1]),
            "c": lambda: reads,
            "∂q_t/∂q_s": "4^{n_s − n_t}",
        }

    @property
    def depths(self) -> list[int]:
        return [len(stack) for stack in self.stacks]

    def keeps_a_bit(self) -> bool:
        """Whether from step s on the stack is never empty."""
        return all(self.depths[self.s :])


@dataclass(frozen=True, repr=False)
class NoisyStack(Case):
    """A stack, bottom first, whose code is off by ε, and k pops."""

    stack: Bits
    ε: fmpq
    k: int

    def rest(self) -> fmpq:
        """The code of what k pops leave, with the error in it."""
        return derived_code(self.stack[: len(self.stack) - self.k]) + self.ε * 4**self.k

    def models(self) -> tuple[RNN]:
        return (stack_network.stack(),)

    def start(self) -> np.ndarray:
        """The unit that keeps the code holds it, and the error."""
        h0 = np.zeros((1, 7))
        h0[0, stack_network.UNITS.index("hold")] = floats(derived_code(self.stack) + self.ε)
        return h0

    def inputs(self) -> np.ndarray:
        return stack_network.inputs(("pop",) * self.k)

    def digits(self) -> int:
        """Binary digits that the sums on the way take: those of the code, and one more.

        Popping reads 4q, which has two digits fewer behind the point, in sums below 8.
        """
        return int((derived_code(self.stack) + self.ε).q).bit_length()

    def shown(self) -> dict[str, Any]:
        return {"q": derived_code(self.stack)}

    def terms(self) -> dict[str, Any]:
        terms: dict[str, Any] = {"q_0": "q + ε"}
        for k in range(1, self.k + 1):
            terms |= {
                f"top_{k}": f"min(1, max(0, 4q_{k - 1} − 2))",
                f"q_{k}": f"min(1, max(0, 4q_{k - 1} − 2top_{k} − 1))",
            }
        left = derived_code(self.stack[: len(self.stack) - self.k])
        return terms | {
            "what is left without ε": lambda: left,
            "the error after k pops": f"q_{self.k} − what is left without ε",
        }


PUSHES = ("push 1", "push 0")


@st.composite
def operations(draw: Any, deepest: int = stack_network.DEPTH, growing: bool = True) -> Any:
    """Up to forty operations; `growing`: twice as many pushes as pops, or else as many."""
    kinds = st.sampled_from((*PUSHES, "pop", *(PUSHES if growing else ("pop",)), "hold"))
    return kept_between(0, deepest, draw(fixed_lists(kinds, draw(st.integers(0, 40)))))


def kept_between(least: int, most: int, drawn: list[str], start: int = 0) -> tuple[str, ...]:
    """The operations, with a pop for a push too many, and a hold for a pop below `least` > 0."""
    chosen, depth = [], start
    for operation in drawn:
        if operation.startswith("push"):
            chosen.append(operation if depth < most else "pop")
        else:
            chosen.append("hold" if operation == "pop" and depth == least > 0 else operation)
        moved = {"push": 1, "pop": -1, "hold": 0}[chosen[-1].partition(" ")[0]]
        depth = max(0, depth + moved)
    return tuple(chosen)


deep_pushes = st.lists(st.sampled_from(PUSHES), min_size=27, max_size=29).map(tuple)


@st.composite
def windows(draw: Any, keeps: bool = True) -> Window:
    """Operations and a step of them; to keep a bit, one is pushed first and never popped."""
    drawn = draw(operations(growing=False))
    if not keeps:
        return Window(operations=drawn, s=draw(st.integers(0, len(drawn))))
    chosen = ("push 1", *kept_between(1, stack_network.DEPTH, drawn, start=1))
    return Window(operations=chosen, s=draw(st.integers(1, len(chosen))))


@st.composite
def noisy_stacks(draw: Any, rests: Any = None) -> NoisyStack:
    """Stacks of up to 16 bits; ε is chosen by the rest in [0, 1] that k pops shall leave."""
    stack = tuple(draw(st.lists(st.integers(0, 1), min_size=1, max_size=16)))
    k = draw(st.integers(1, len(stack)))
    inside = st.builds(fmpq, st.integers(0, 64), st.just(64))
    rest = draw(inside if rests is None else rests)
    below = derived_code(stack[: len(stack) - k])
    return NoisyStack(stack=stack, ε=(rest - below) / 4**k, k=k)


held = st.integers(0, 40).map(lambda t: Window(operations=("push 1",) + ("hold",) * t, s=1))
