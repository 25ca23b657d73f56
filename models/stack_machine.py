"""Machines with a finite control and two stacks, each as one recurrent network.

The units are saturated-linear. A step of the machine takes three of the network. A single 1 goes
around in the control: from the unit of its state to a unit that waits while the stacks are read,
from there to the unit of the rule that applies, and on to the next state, while the rule's unit
opens the gates of the two stacks.

Source: Siegelmann & Sontag, On the computational power of neural nets, J. Comput. Syst. Sci. 50
(1995); the layout of the units is this project's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from models.rnn import RNN
from models.stack_network import FACTORS, GATES, OPERATIONS, SIGNS, THRESHOLDS

READINGS = ("empty", 0, 1)
TICKS = 3
"""Steps of the network for one of the machine."""


@dataclass(frozen=True)
class Rule:
    """In `state`, reading `symbol` and these tops of the two stacks, do `operations`, go to `then`.

    symbol None and a top None match anything. `emit` is 0 or 1 for a machine that writes bits.
    """

    state: str
    then: str
    symbol: str | None = None
    tops: tuple[str | int | None, str | int | None] = (None, None)
    operations: tuple[str, str] = ("hold", "hold")
    emit: int | None = None

    def meets(self, other: "Rule") -> bool:
        """Whether some situation fits both rules."""
        pairs = zip((self.symbol, *self.tops), (other.symbol, *other.tops), strict=True)
        return self.state == other.state and all(
            None in (one, two) or one == two for one, two in pairs
        )


@dataclass(frozen=True)
class StackMachine:
    """A deterministic machine with two stacks: it starts in the first of its states.

    Raises ValueError for an unknown state, symbol, top or operation, and for rules that could both
    apply.
    """

    states: tuple[str, ...]
    alphabet: tuple[str, ...]
    rules: tuple[Rule, ...]

    def __post_init__(self):
        known = {
            "state": self.states,
            "then": self.states,
            "symbol": (*self.alphabet, None),
            "emit": (0, 1, None),
        }
        for rule in self.rules:
            values = [(name, getattr(rule, name), choices) for name, choices in known.items()]
            values += [("tops", top, (*READINGS, None)) for top in rule.tops]
            values += [("operations", each, OPERATIONS) for each in rule.operations]
            for name, value, choices in values:
                if value not in choices:
                    needed = ", ".join(map(repr, choices))
                    raise ValueError(f"{name} of {rule} is {value!r}; it needs one of {needed}")
        for one, two in combinations(self.rules, 2):
            if one.meets(two):
                raise ValueError(f"rules: {one} and {two} could both apply")

    @cached_property
    def layout(self) -> dict[str, slice]:
        """Where in the network's state each part lies."""
        sizes = {
            "states": len(self.states),
            "waiting": len(self.states),
            "rules": len(self.rules),
            "stack 1": 5,
            "stack 2": 5,
            "tops": 2,
            "not empty": 2,
            "emit": 2,
        }
        ends = np.cumsum(list(sizes.values())).tolist()
        return {name: slice(e - n, e) for (name, n), e in zip(sizes.items(), ends, strict=True)}

    def network(self) -> RNN:
        """The machine as an RNN; its inputs are one-hot for the alphabet."""
        at, size = self.layout, max(part.stop for part in self.layout.values())
        W, U, b = np.zeros((size, size)), np.zeros((size, len(self.alphabet))), np.zeros(size)
        W[at["waiting"], at["states"]] = np.eye(len(self.states))
        for number in (0, 1):
            units = at[f"stack {number + 1}"]
            W[units, units], b[units] = np.outer(FACTORS, SIGNS), THRESHOLDS
            W[at["tops"].start + number, units] = W[at["not empty"].start + number, units] = (
                4 * SIGNS
            )
        b[at["tops"]] = -2.0
        for index, rule in enumerate(self.rules):
            self._write(rule, at["rules"].start + index, W, U, b)
        return RNN(W=W, U=U, b=b, activation="saturated_linear")

    def _write(self, rule: Rule, unit: int, W: np.ndarray, U: np.ndarray, b: np.ndarray):
        """The rule's unit is on when all that it asks for is there, and sets what follows."""
        at, asked = self.layout, 1
        W[unit, at["waiting"].start + self.states.index(rule.state)] = 1.0
        if rule.symbol is not None:
            U[unit, self.alphabet.index(rule.symbol)], asked = 1.0, asked + 1
        for number, reading in enumerate(rule.tops):
            top, not_empty = at["tops"].start + number, at["not empty"].start + number
            if reading == "empty":
                W[unit, not_empty] = -1.0
            elif reading == 1:
                W[unit, top], asked = 1.0, asked + 1
            elif reading == 0:
                W[unit, not_empty], W[unit, top], asked = 1.0, -1.0, asked + 1
        b[unit] = 1.0 - asked
        W[at["states"].start + self.states.index(rule.then), unit] = 1.0
        for number, operation in enumerate(rule.operations):
            if operation != "hold":
                W[at[f"stack {number + 1}"], unit] = GATES[:, OPERATIONS.index(operation)]
        if rule.emit is not None:
            W[at["emit"].start + rule.emit, unit] = 1.0

    def start(self) -> np.ndarray:
        """h₀ (1, N): the first state, two empty stacks."""
        h0 = np.zeros((1, max(part.stop for part in self.layout.values())))
        h0[0, self.layout["states"].start] = 1.0
        return h0

    def inputs(self, text: Sequence[str], silent: int = 0) -> np.ndarray:
        """(T, 1, D) for a text of the alphabet, then `silent` steps of the machine without input.

        Each symbol is shown for the three steps of the network in which the machine takes one.
        Raises ValueError for a symbol that is not in the alphabet.
        """
        x = np.zeros((TICKS * (len(text) + silent), 1, len(self.alphabet)))
        for step, symbol in enumerate(text):
            if symbol not in self.alphabet:
                needed = ", ".join(map(repr, self.alphabet))
                raise ValueError(f"text[{step}] is {symbol!r}; it needs one of {needed}")
            x[TICKS * step : TICKS * (step + 1), 0, self.alphabet.index(symbol)] = 1.0
        return x

    def state_at(self, h: np.ndarray) -> str | None:
        """The state that h (N,) is in; None where no state's unit is 1, and all others are 0."""
        on = np.flatnonzero(h[self.layout["states"]])
        single = len(on) == 1 and h[self.layout["states"]][on[0]] == 1.0
        return self.states[on[0]] if single else None

    def written(self, states: np.ndarray) -> list[int]:
        """The bits emitted along states (T+1, N), in order."""
        emit = states[:, self.layout["emit"]]
        return [int(np.flatnonzero(step)[0]) for step in emit if step.any()]


def counting_machine() -> StackMachine:
    """Recognises aⁿbⁿ, n ≥ 0: after the end mark "." it is in the state "accept" or "reject".

    It pushes a 1 for every a and pops one for every b; the second stack stays empty.
    """
    some, none = (1, None), ("empty", None)
    push, pop = ("push 1", "hold"), ("pop", "hold")
    rules = (
        Rule("read a", "read a", "a", operations=push),
        Rule("read a", "read b", "b", some, pop),
        Rule("read a", "failed", "b", none),
        Rule("read a", "accept", ".", none),
        Rule("read a", "reject", ".", some),
        Rule("read b", "read b", "b", some, pop),
        Rule("read b", "failed", "b", none),
        Rule("read b", "failed", "a"),
        Rule("read b", "accept", ".", none),
        Rule("read b", "reject", ".", some),
        Rule("failed", "failed", "a"),
        Rule("failed", "failed", "b"),
        Rule("failed", "reject", "."),
    )
    states = ("read a", "read b", "failed", "accept", "reject")
    return StackMachine(states, ("a", "b", "."), rules)


def adding_machine() -> StackMachine:
    """Adds two binary numbers: after "1011+110=" it writes the sum's bits, the lowest first.

    It reads each number onto a stack of its own, which leaves the lowest bit on top, and then pops
    both together with the carry in its state, without input; it ends in "done".
    """
    rules = []
    for state, number, mark, after in (("first", 0, "+", "second"), ("second", 1, "=", "carry 0")):
        for digit in "01":
            operations = ["hold", "hold"]
            operations[number] = f"push {digit}"
            rules.append(Rule(state, state, digit, operations=tuple(operations)))
        rules.append(Rule(state, after, mark))
    for carry in (0, 1):
        for one in READINGS:
            for two in READINGS:
                total = carry + (one == 1) + (two == 1)
                over = one == two == "empty"
                then = "done" if over else f"carry {total // 2}"
                emit = None if over and not carry else total % 2
                state, pops = f"carry {carry}", ("pop", "pop")
                rules.append(Rule(state, then, None, (one, two), pops, emit))
    states = ("first", "second", "carry 0", "carry 1", "done")
    return StackMachine(states, ("0", "1", "+", "="), tuple(rules))
