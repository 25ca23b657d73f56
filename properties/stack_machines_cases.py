"""Inputs of the machines that are made of two stacks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from hypothesis import strategies as st

from models.rnn import RNN
from models.stack_machine import StackMachine, adding_machine, counting_machine
from properties.checking import Case, Check, floats
from properties.stack_network_cases import exact_states, holds


class MachineCase(Case):
    """A run of a machine."""

    machine: ClassVar[StackMachine]

    def text(self) -> str:
        """The input."""
        raise NotImplementedError

    def models(self) -> tuple[RNN]:
        return (self.machine.network(),)

    def silence(self) -> int:
        """Steps of the machine after the input."""
        return 0

    def inputs(self) -> np.ndarray:
        return self.machine.inputs(self.text(), self.silence())

    def size(self) -> tuple[int, int]:
        return 0, len(self.text())

    def runs(self, check: Check) -> list[np.ndarray]:
        """The states (T+1, N): in exact rationals, as floats, and of the network under test.

        The latter only where its numbers hold the stacks, and one digit more: the gates come from
        units here, and so their sums with a stack's units stay below 4.
        """
        model, start, x = self.models()[0], self.machine.start(), self.inputs()
        exactly = np.array([floats(state)[:, 0] for state in exact_states(model, start, x)])
        if self.deepest() >= holds(check.backend.unit_roundoff):
            return [exactly]
        return [exactly, check.backend.run(model, start, x)[:, 0]]

    def deepest(self) -> int:
        """A bound on the bits in a stack."""
        raise NotImplementedError


@dataclass(frozen=True, repr=False)
class Word(MachineCase):
    """A word of a's and b's, read by the machine that counts."""

    word: str

    machine = counting_machine()

    def text(self) -> str:
        return f"{self.word}."

    def deepest(self) -> int:
        return self.word.count("a")

    def is_balanced(self) -> bool:
        """Python's answer: aⁿbⁿ for some n ≥ 0."""
        half = len(self.word) // 2
        return self.word == "a" * half + "b" * half

    def depths(self) -> list[int]:
        """The depth of the stack along the start of the word that is aᵖbʳ with r < p."""
        run = re.match("a*", self.word).group()  # type: ignore[union-attr]
        back = re.match("b*", self.word[len(run) :]).group()  # type: ignore[union-attr]
        return [*range(len(run) + 1), *range(len(run) - 1, max(0, len(run) - len(back) - 1), -1)]


@dataclass(frozen=True, repr=False)
class Sum(MachineCase):
    """Two binary numbers, highest bit first; an empty one is 0."""

    one: str
    two: str

    machine = adding_machine()

    def text(self) -> str:
        return f"{self.one}+{self.two}="

    def deepest(self) -> int:
        return max(len(self.one), len(self.two))

    def silence(self) -> int:
        """One step for every bit of the longer number, and one for the last carry."""
        return self.deepest() + 1

    def total(self) -> int:
        """Python's answer."""
        return int(self.one or "0", 2) + int(self.two or "0", 2)


@st.composite
def words(draw: Any) -> Word:
    """aᵖbʳ, in half of the cases with p = r, and words of any order."""
    p, r = draw(st.integers(0, 12)), draw(st.integers(0, 12))
    mixed = st.text(alphabet="ab", max_size=12)
    return Word(draw(st.one_of(st.just("a" * p + "b" * p), st.just("a" * p + "b" * r), mixed)))


numbers = st.text(alphabet="01", max_size=12)
sums = st.builds(Sum, numbers, numbers)
