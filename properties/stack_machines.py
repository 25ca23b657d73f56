"""Two stacks and a control as one recurrent network: what is held exactly can be computed with."""

from __future__ import annotations

import numpy as np
from flint import fmpq

from models.rnn import RNN
from models.stack_machine import TICKS
from models.stack_network import SIGNS
from properties.checking import Check, claim
from properties.checking.exact import held_matrix
from properties.stack_machines_cases import Sum, Word, sums, words
from properties.stack_network import SOURCE

THEME = "dynamics"


def same(runs: list[np.ndarray], check: Check) -> list[np.ndarray]:
    """The runs of a machine, seen to agree digit by digit."""
    for other in runs[1:]:
        agree = bool(np.array_equal(runs[0], other))
        check.that(agree, runs[0][-1], other[-1], "the states, exact and in floating point")
    return runs


PROGRAM = "none: the rules are a program; what a stack does is derived in stack_network"


@claim(
    statement=(
        "One recurrent network of 39 saturated-linear units recognises aⁿbⁿ for all n that its "
        "numbers hold: it reads a word letter by letter, and then says whether it is one. Until "
        "the count is gone, its derivative by the earlier count is 4^{n_s − n_t}."
    ),
    source=f"{SOURCE}; no finite automaton recognises this language",
    derivation=PROGRAM,
    domain=words(),
    tiers=("exact",),
    labels={
        "accepted": (0.2, lambda case: case.is_balanced()),
        "rejected": (0.3, lambda case: not case.is_balanced()),
        "n ≥ 5": (0.05, lambda case: case.is_balanced() and len(case.word) >= 10),
    },
    witness=Word("aabb"),
    concerns=RNN,
)
def counts_letters(case: Word, check: Check) -> None:
    answer = "accept" if case.is_balanced() else "reject"
    for states in same(case.runs(check), check):
        check.exact(case.machine.state_at(states[-1]), answer, "the state at the end")
    depths = case.depths()
    if len(depths) > 2:
        check.exact(count_gradient(case, len(depths) - 1), gradient_of(depths), "∂q_t/∂q_1")


def count_gradient(case: Word, last: int) -> list[fmpq]:
    """The gradient of the code after `last` letters, by the stack's units after the first."""
    units = case.machine.layout["stack 1"]
    run = case.models()[0].run(case.machine.start(), case.inputs())
    jacobian = run.jacobian(TICKS, TICKS * last)[0, units, units]
    return held_matrix(SIGNS[None] @ jacobian).entries()


def gradient_of(depths: list[int]) -> list[fmpq]:
    return [fmpq(int(sign)) * fmpq(1, 4) ** (depths[-1] - depths[1]) for sign in SIGNS]


@counts_letters.misread(
    "it is enough to count: the network accepts each word with as many a's as b's",
    why="The order matters too, and the control remembers that a b was read.",
)
def equal_numbers(case: Word, check: Check) -> None:
    states, *_ = case.runs(check)
    answer = "accept" if case.word.count("a") == case.word.count("b") else "reject"
    check.exact(
        case.machine.state_at(states[-1]), answer, "the state at the end; what counting says"
    )


@claim(
    statement=(
        "One recurrent network of 51 saturated-linear units adds binary numbers: it reads both, "
        "highest bit first, onto two stacks, and then, without input, writes their sum, lowest bit "
        "first."
    ),
    source=f"{SOURCE}; two stacks are as good as a Turing machine's tape",
    derivation=PROGRAM,
    domain=sums,
    tiers=("exact",),
    labels={
        "eight bits": (0.05, lambda case: case.deepest() >= 8),
        "one bit more than both": (
            0.1,
            lambda case: len(bin(case.total())) - 2 > case.deepest() > 0,
        ),
        "different lengths": (0.5, lambda case: len(case.one) != len(case.two)),
    },
    witness=Sum(one="1011", two="110"),
    concerns=RNN,
)
def adds_binary(case: Sum, check: Check) -> None:
    for states in same(case.runs(check), check):
        written = case.machine.written(states)
        check.exact(sum(b << i for i, b in enumerate(written)), case.total(), "sum")
        check.exact(case.machine.state_at(states[-1]), "done", "the state at the end")


@adds_binary.misread(
    "bit by bit: what it writes is the exclusive or of the two numbers",
    why="The carry goes from one step to the next in the state of the control.",
)
def without_carry(case: Sum, check: Check) -> None:
    states, *_ = case.runs(check)
    expected = int(case.one or "0", 2) ^ int(case.two or "0", 2)
    check.exact(
        sum(b << i for i, b in enumerate(case.machine.written(states))),
        expected,
        "what it writes; the exclusive or",
    )
