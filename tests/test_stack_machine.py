"""The network of a stack beside a Python list, driven by rules; and machines made of two."""

import itertools

import numpy as np
import pytest
from flint import fmpq
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from models import stack_network
from models.stack_machine import Rule, StackMachine, adding_machine, counting_machine
from properties.checking.exact import held_matrix
from properties.stack_network_cases import clamped, code, derived_code, exact_states

NETWORK = stack_network.stack()
W, U, B = (held_matrix(each) for each in (NETWORK.W, NETWORK.U, NETWORK.b[:, None]))


class StackBesideAList(RuleBasedStateMachine):
    """Every rule is one step of the network, in exact rationals and in float64."""

    def __init__(self):
        super().__init__()
        self.stack = []
        self.exact = held_matrix(np.zeros((7, 1)))
        self.states = np.zeros((1, 7))

    def operate(self, operation):
        x = stack_network.inputs((operation,))
        self.exact = clamped(W * self.exact + U * held_matrix(x[0].T) + B)
        self.states = NETWORK.run(self.states, x).states[-1]

    @rule(bit=st.integers(0, 1))
    def push(self, bit):
        if len(self.stack) == stack_network.DEPTH:
            self.pop()
        self.stack.append(bit)
        self.operate(f"push {bit}")

    @rule()
    def pop(self):
        del self.stack[-1:]
        self.operate("pop")

    @rule()
    def top(self):
        self.operate("hold")
        assert self.exact[5, 0] == (self.stack[-1] if self.stack else 0)

    @rule()
    def empty(self):
        self.operate("hold")
        assert self.exact[6, 0] == bool(self.stack)

    @invariant()
    def holds_the_code(self):
        assert code(self.exact) == derived_code(tuple(self.stack))

    @invariant()
    def float64_loses_nothing(self):
        assert held_matrix(self.states.T) == self.exact


TestStackBesideAList = StackBesideAList.TestCase
TestStackBesideAList.settings = settings(max_examples=40, stateful_step_count=50)


def test_float64_is_exact_to_26_bits_and_not_to_27():
    for depth, exactly in ((26, True), (27, False)):
        x = stack_network.inputs(("push 1",) * depth)
        found = NETWORK.run(np.zeros((1, 7)), x).states[-1]
        truth = exact_states(NETWORK, np.zeros((1, 7)), x)[-1]
        assert (held_matrix(found.T) == truth) is exactly


def test_the_27th_bit_comes_out_wrong():
    """Rounded, the code of 27 ones is 1, and popping cannot bring back what was pushed first."""
    operations = ("push 1",) * 27 + ("pop",) * 27
    found = NETWORK.run(np.zeros((1, 7)), stack_network.inputs(operations)).states[-1]
    assert stack_network.code(found) == 1.0
    assert code(exact_states(NETWORK, np.zeros((1, 7)), stack_network.inputs(operations))[-1]) == 0


def test_codes_of_small_stacks():
    assert [derived_code(stack) for stack in ((), (0,), (1,), (0, 1), (1, 0))] == [
        fmpq(0),
        fmpq(1, 4),
        fmpq(3, 4),
        fmpq(13, 16),
        fmpq(7, 16),
    ]


def test_every_word_of_up_to_eight_letters():
    machine = counting_machine()
    network = machine.network()
    assert network.W.shape == (39, 39)
    words = ["".join(w) for k in range(9) for w in itertools.product("ab", repeat=k)]
    for length, group in itertools.groupby(words, len):
        batch = list(group)
        x = np.concatenate([machine.inputs(f"{word}.") for word in batch], axis=1)
        states = network.run(np.repeat(machine.start(), len(batch), axis=0), x).states[-1]
        accepted = [
            word for word, h in zip(batch, states, strict=True) if machine.state_at(h) == "accept"
        ]
        half = length // 2
        assert accepted == (["a" * half + "b" * half] if length % 2 == 0 else [])


def test_every_sum_of_numbers_of_up_to_four_bits():
    machine = adding_machine()
    network = machine.network()
    assert network.W.shape == (51, 51)
    for one, two in itertools.product(range(16), repeat=2):
        text = f"{one:b}+{two:b}="
        states = network.run(machine.start(), machine.inputs(text, 5)).states[:, 0]
        written = machine.written(states)
        assert sum(b << i for i, b in enumerate(written)) == one + two
        assert machine.state_at(states[-1]) == "done"


def test_a_machine_is_asked_for_what_it_can_do():
    with pytest.raises(ValueError, match=r"operations\[0\] is 'push 2'; it needs one of 'push 0'"):
        stack_network.inputs(("push 2",))
    with pytest.raises(ValueError, match=r"text\[1\] is 'c'; it needs one of 'a', 'b'"):
        counting_machine().inputs("ac")
    with pytest.raises(ValueError, match=r"then of .* is 'nowhere'; it needs one of 'here'"):
        StackMachine(("here",), ("a",), (Rule("here", "nowhere"),))
    with pytest.raises(ValueError, match=r"tops of .* is 2"):
        StackMachine(("here",), ("a",), (Rule("here", "here", tops=(2, None)),))
    with pytest.raises(ValueError, match="could both apply"):
        StackMachine(("here",), ("a",), (Rule("here", "here", "a"), Rule("here", "here")))
