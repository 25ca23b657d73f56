"""Clipping the gradient, where steps are long enough for the error surface's walls to matter."""

from __future__ import annotations

from hypothesis import strategies as st

from properties.checking import Check, claim, rational
from properties.learning import no_less_often
from properties.learning_cases import HALF, ONE, Descents, descents

THEME = "learning"

PASCANU = (
    "R. Pascanu, T. Mikolov and Y. Bengio, On the difficulty of training recurrent neural "
    "networks, ICML 2013"
)
first = st.just(0)


@claim(
    statement=(
        "On the temporal-order task, at a learning rate of 1/2, networks of 10 units learn no less "
        "often with gradients clipped to norm 1 than without, at T = 10 and at T = 12; at T = 10 "
        "at least 3/4 of them do with clipping, and at most 1/5 without."
    ),
    source=f"{PASCANU}, section 4.1, reduced",
    derivation="none: a fact about what training does, found by training",
    domain=descents(),
    examples=2,
    tiers=("statistical",),
    assumptions={
        "the learning rate is 1/2": lambda case: case.learning_rate == HALF,
        "the gradient is clipped to norm 1": lambda case: case.threshold == ONE,
    },
    witness=Descents(10, HALF, ONE, 0),
    explain=(
        "The networks see six symbols a step and have to tell in which order two of them came. "
        "They get 400 updates of 8 sequences, a small part of what the paper spends. A large "
        "learning rate gets a network out of the flat parts of the surface and throws it off the "
        "cliffs; clipping leaves the first and mends the second. With a small rate few steps are "
        "long enough to be clipped, and plain descent does as well."
    ),
)
def clipping_helps(case: Descents, check: Check) -> None:
    no_less_often(check, case.clipped_alone(), "P(clipped alone | one of two)")
    if case.T == 10:
        clipped, plain = case.counted("clipped"), case.counted("plain")
        check.proportion(*plain, "P(a plain one learns)", most=rational("1/5"))
        check.proportion(*clipped, "P(a clipped one learns)", least=rational("3/4"))


clipping_helps.without(
    "the learning rate is 1/2",
    domain=descents(T=(10,), learning_rate=rational("1/100"), seed=first),
    why="So short a step is seldom clipped, and 400 of them teach a network nothing.",
)
clipping_helps.without(
    "the gradient is clipped to norm 1",
    domain=descents(T=(10,), threshold=rational("1/100"), seed=first),
    why="Clipped to a hundredth, 400 steps together lead nowhere.",
)


@clipping_helps.misread(
    "with clipping any learning rate will do",
    domain=descents(T=(10,), learning_rate=rational("2"), seed=first),
    why="Steps of length 2 miss every valley; clipping bounds a step, and not by what is needed.",
)
def any_rate(case: Descents, check: Check) -> None:
    check.proportion(*case.counted("clipped"), "P(a clipped one learns)", least=rational("3/4"))


@clipping_helps.misread(
    "clipping makes long sequences as learnable as short ones",
    domain=descents(T=(20,), seed=first),
    why="It cures explosion. At T = 20 the gradient has vanished, and there is nothing to clip.",
)
def any_length(case: Descents, check: Check) -> None:
    check.proportion(*case.counted("clipped"), "P(a clipped one learns)", least=rational("3/4"))
