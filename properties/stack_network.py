"""A memory that is exact, whose gradient does not vanish, and that is not robust: a stack of bits
in bounded units."""

from __future__ import annotations

import numpy as np
from flint import fmpq
from hypothesis import strategies as st

from models.rnn import RNN
from models.stack_network import SIGNS
from properties.checking import EXACT, Check, claim, formula, rational
from properties.checking.exact import held_matrix
from properties.stack_network_cases import (
    NoisyStack,
    Operations,
    Window,
    code,
    deep_pushes,
    derived_code,
    exact_states,
    held,
    holds,
    noisy_stacks,
    operations,
    precision_of,
    windows,
)
from theory import stack_network as theory

THEME = "dynamics"

SOURCE = "Siegelmann & Sontag 1995, On the computational power of neural nets"
DEEP = "at most 26 bits lie on the stack"


@claim(
    statement=(
        "A network of saturated-linear units holds a stack of bits, b_n on top, as q = Σ(2b_i + "
        "1)4^{i−n−1}: pushing b makes it q/4 + (2b + 1)/4, popping undoes that, clamp(4q − 2) is "
        "the top and clamp(4q) tells that there is one. In float64 not a digit is lost up to 26 "
        "bits."
    ),
    source=SOURCE,
    derivation=theory.stack_network,
    domain=st.builds(Operations, operations()),
    tiers=("symbolic", "exact"),
    assumptions={DEEP: lambda case: case.deepest <= 26},
    labels={
        "ten operations": (0.5, lambda case: len(case.operations) >= 10),
        "eight bits": (0.3, lambda case: case.deepest >= 8),
        "pops the empty stack": (
            0.1,
            lambda case: any(
                operation == "pop" and not stack
                for operation, stack in zip(case.operations, case.stacks, strict=False)
            ),
        ),
        "pops a one": (
            0.2,
            lambda case: any(
                operation == "pop" and stack[-1:] == (1,)
                for operation, stack in zip(case.operations, case.stacks, strict=False)
            ),
        ),
    },
    witness=Operations(("push 1", "push 0", "pop", "push 1", "hold", "pop", "pop", "pop")),
    concerns=RNN,
    explain=(
        "Digits 1 and 3 leave gaps in base four, and in a gap a clamp can rise from 0 to 1: so a "
        "unit reads the top exactly. Each bit takes two of the 53 binary digits of a float64. The "
        "network does an operation in one step, which Python's list does beside it."
    ),
)
def stack_network(case: Operations, check: Check) -> None:
    states, stacks = case.exact_states, case.stacks
    check.exact([code(h) for h in states[:-1]], [derived_code(s) for s in stacks], "q")
    tops = [int(stack[-1]) if stack else 0 for stack in stacks]
    check.exact([h[5, 0] for h in states[1:]], [fmpq(top) for top in tops], "top")
    check.exact([h[6, 0] for h in states[1:]], [fmpq(bool(s)) for s in stacks], "not empty")
    computed = case.computed(check)
    bits = holds(check.backend.unit_roundoff)
    judged = len(states) if bits >= 26 else case.within(bits) + 1
    for exactly, found in zip(states[:judged], computed, strict=False):
        check.exact(
            held_matrix(found[:, None]), exactly, "the states in floating point; the exact ones"
        )


stack_network.without(
    DEEP,
    domain=st.builds(Operations, deep_pushes),
    why="A 27th bit needs a 54th binary digit, unless the one on top is 0.",
)


@stack_network.misread(
    "popping is 4q − 2·top − 1 for every stack",
    source=f"{SOURCE}, the formula without its clamp",
    why="The empty stack has q = 0, and −1 is the code of nothing.",
)
def pop_without_clamp(case: Operations, check: Check) -> None:
    for t, operation in enumerate(case.operations):
        if operation == "pop":
            q, stack = code(case.exact_states[t]), case.stacks[t]
            top = stack[-1] if stack else 0
            check.exact(
                code(case.exact_states[t + 1]),
                4 * q - 2 * top - 1,
                "q after popping = 4q − 2·top − 1",
            )


@stack_network.misread(
    "the binary fraction q = Σ b_i 2^{i−n−1} does as well, with clamp(2q) as its top",
    why="Between 0.0111… and 0.1 there is no gap: what lies below the top shines through.",
)
def binary_code(case: Operations, check: Check) -> None:
    stack = case.stacks[-1]
    q = sum((fmpq(b, 2 ** (len(stack) - i)) for i, b in enumerate(stack)), fmpq(0))
    check.exact(min(2 * q, fmpq(1)), fmpq(stack[-1] if stack else 0), "its clamp(2q); the top")


KEEPS = "from step s on a bit lies on the stack"


@claim(
    statement=(
        "While a bit lies on the stack, ∂q_t/∂h_s = 4^{n_s − n_t}cᵀ with n the depth and q = cᵀh: "
        "the gradient depends on the depths alone, and between two times of one depth it is 1, "
        "however long the time and whatever was pushed and popped meanwhile."
    ),
    source=f"{SOURCE}; the gradient is derived here",
    derivation=theory.stack_gradient,
    domain=windows(),
    tiers=("symbolic", "exact"),
    assumptions={KEEPS: lambda case: case.keeps_a_bit()},
    labels={
        "t − s ≥ 10": (0.2, lambda case: len(case.operations) - case.s >= 10),
        "back at the same depth": (
            0.05,
            lambda case: (
                len(case.operations) - case.s >= 2 and case.depths[-1] == case.depths[case.s]
            ),
        ),
        "grows": (0.05, lambda case: case.depths[-1] < case.depths[case.s]),
        "shrinks": (0.1, lambda case: case.depths[-1] > case.depths[case.s]),
    },
    witness=Window(operations=("push 1", "push 0", "hold", "pop"), s=1),
    explain=(
        "This is the other side of robust memory. There a state is pulled back to an attractor, "
        "errors die out and so does the gradient; here nothing is pulled back, so nothing is "
        "forgotten and nothing is repaired: see stack_noise."
    ),
)
def stack_gradient(case: Window, check: Check) -> None:
    last = len(case.operations)
    run = case.models()[0].run(case.start(), case.inputs())
    c = held_matrix(np.array([*SIGNS, 0.0, 0.0])[:, None])
    gradient = c.transpose() * held_matrix(run.jacobian(case.s, last)[0])
    derived = formula(theory.stack_gradient, EXACT)
    truth, what = (
        derived([fmpq(n) for n in case.depths], case.s, last, c),
        "∂q_t/∂h_s = 4^{n_s − n_t}cᵀ",
    )
    check.exact(gradient, truth, what)


stack_gradient.without(
    KEEPS,
    domain=windows(keeps=False),
    why="The empty stack sits at the clamp's kink: there is nothing left that could vary.",
)


@stack_gradient.misread(
    "what a network remembers for long has a small gradient: |∂q_t/∂q_s| ≤ 1/2 for t − s ≥ 10",
    source="Goodfellow, Bengio & Courville 2016, section 10.7, on storing memories",
    domain=held,
    why="That holds for memories at attractors. A stack that holds still has gradient 1.",
)
def must_vanish(case: Window, check: Check) -> None:
    last = len(case.operations)
    if last - case.s >= 10:
        run = case.models()[0].run(case.start(), case.inputs())
        by_units = held_matrix(SIGNS[None] @ run.jacobian(case.s, last)[0, :5, :5])
        # The first unit enters q with the sign 1, so the derivative by it is that by q.
        check.at_most(abs(by_units[0, 0]), fmpq(1, 2), what="|∂q_t/∂q_s| ≤ 1/2")


SMALL = "0 ≤ q + 4ᵏε ≤ 1 for the code q that k pops leave"


@claim(
    statement=(
        "An error ε in the code of a stack is 4ᵏε after k pops, as long as the unit holds it: the "
        "memory is exact and not robust."
    ),
    source=f"{SOURCE}; after Bengio, Simard & Frasconi 1994 on robust latching",
    derivation=theory.stack_noise,
    domain=noisy_stacks(),
    tiers=("symbolic", "exact"),
    assumptions={SMALL: lambda case: 0 <= case.rest() <= 1},
    labels={
        "k ≥ 4": (0.2, lambda case: case.k >= 4),
        "ε < 0": (0.1, lambda case: case.ε < 0),
        "ε > 0": (0.3, lambda case: case.ε > 0),
    },
    witness=NoisyStack(stack=(1, 0, 1), ε=rational("1/64"), k=2),
    concerns=RNN,
)
def stack_noise(case: NoisyStack, check: Check) -> None:
    left = derived_code(case.stack[: len(case.stack) - case.k])
    derived = formula(theory.stack_noise, EXACT)(case.ε, case.k)
    model, start, x = case.models()[0], case.start(), case.inputs()
    check.exact(
        code(exact_states(model, start, x)[-1]) - left, derived, "the error after k pops; 4ᵏε"
    )
    if case.digits() <= precision_of(check.backend.unit_roundoff):
        found = held_matrix(check.backend.run(model, start, x)[-1].T)
        check.exact(code(found) - left, derived, "error in floating point")


stack_noise.without(
    SMALL,
    domain=noisy_stacks(st.builds(fmpq, st.integers(65, 128), st.just(64))),
    why="A clamp ends the growth of the error: and the bit below is then read wrongly.",
)


@stack_noise.misread(
    "a memory that is exact is robust: the error never exceeds ε",
    why="Popping has slope 4: what was far below comes to the top, with its error.",
)
def error_stays(case: NoisyStack, check: Check) -> None:
    left = derived_code(case.stack[: len(case.stack) - case.k])
    states = exact_states(case.models()[0], case.start(), case.inputs())
    check.at_most(abs(code(states[-1]) - left), abs(case.ε), what="|the error after k pops| ≤ |ε|")
