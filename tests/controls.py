"""The table of controls: what the machinery has to accept, and what it has to reject.

Every comparison, bound, statistical check, check of a declaration and kind of step is fed an object
that is right and one that is wrong in a way that matters. `python -m tests.controls` prints the
table with what happened.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np
from flint import arb, fmpq
from hypothesis import strategies as st
from sympy import MatMul

from models.feedforward import FeedForward
from models.rnn import RNN
from properties.checking import Case, Check, NotFinite, Violation, claim, matrix, rational
from properties.checking import bounds as run_bounds
from properties.checking.balls import exact
from properties.checking.claim import REGISTRY, Claim
from properties.checking.domains import rationals
from properties.checking.plan import Plan
from properties.checking.references import reference
from properties.checking.statistics import DKWM, ClopperPearson, EmpiricalBernstein, Hoeffding
from properties.checking.verification import verify_part
from tests import deriving
from tests.bound_cases import CLASSES, MODELS, trajectory_of
from theory.derivation import (
    ByLemma,
    DerivationError,
    Induction,
    at_most,
    equation,
    nonzero,
)
from theory.lemmas import monotone_product
from theory.normal_form import orthogonal

Attempt = Callable[[], object]


@dataclass(frozen=True)
class Control:
    """Something with a right and a wrong object to be fed to it.

    `right` has to return, `wrong` to raise `refusal`.
    """

    of: str
    accepted: str
    rejected: str
    right: Attempt
    wrong: Attempt
    refusal: type[BaseException] = Violation


def happens(attempt: Attempt) -> BaseException | None:
    """What an attempt raises, if anything."""
    try:
        attempt()
    except Exception as raised:
        return raised
    return None


# Comparisons.


def _comparisons() -> list[Control]:
    def judge(name: str, *arguments: Any, **named: Any) -> Attempt:
        return lambda: getattr(Check(), name)(*arguments, **named)

    tenth, root = np.array([0.1]), np.array([math.sqrt(2)])
    ulp = 2.0**-53
    two, shifted = np.array([[1.0], [2.0]]), np.array([[1.0], [2.75]])
    return [
        Control(
            "exact, of rationals",
            "1/2 = 2/4",
            "1/2 = 1/2 + 10⁻³⁰",
            judge("exact", fmpq(1, 2), fmpq(2, 4)),
            judge("exact", fmpq(1, 2), fmpq(1, 2) + fmpq(1, 10**30)),
        ),
        Control(
            "exact, of matrices",
            "a matrix and itself",
            "a matrix and its transpose",
            judge("exact", matrix("1 2; 3 4"), matrix("1 2; 3 4")),
            judge("exact", matrix("1 2; 3 4"), matrix("1 3; 2 4")),
        ),
        Control(
            "exact, of sequences",
            "(1, 2) and (1, 2)",
            "(1, 2) and (1, 2, 2)",
            judge("exact", (1, 2), (1, 2)),
            judge("exact", (1, 2), (1, 2, 2)),
        ),
        Control(
            "exact, of integer arrays",
            "two equal arrays",
            "arrays that differ in one entry",
            judge("exact", np.arange(5), np.arange(5)),
            judge("exact", np.arange(5), np.array([0, 1, 2, 3, 5])),
        ),
        Control(
            "exact, of floats",
            "an integer",
            "a float, whatever its value",
            judge("exact", 1, 1),
            judge("exact", 1.0, 1.0),
            TypeError,
        ),
        Control(
            "that",
            "a proposition that holds",
            "one that does not",
            judge("that", True, 1, 2, "1 < 2"),
            judge("that", False, 2, 1, "2 < 1"),
        ),
        Control(
            "below",
            "√2 < 1.4142135623730951",
            "the same the other way round",
            judge("below", lambda: (arb(2).sqrt(), arb(math.sqrt(2))), "√2"),
            judge("below", lambda: (arb(math.sqrt(2)), arb(2).sqrt()), "√2"),
        ),
        Control(
            "below, entry by entry",
            "two entries, each below its own limit",
            "one of them beyond it",
            judge("below", lambda: (np.array([1.0, 2.0]), np.array([1.5, 2.5])), "both"),
            judge("below", lambda: (np.array([1.0, 2.0]), np.array([2.5, 1.5])), "both"),
        ),
        Control(
            "close",
            "0.1 and 1/10, within 2⁻⁵⁶",
            "the same within 2⁻⁵⁸, its error being 0.4·2⁻⁵⁶",
            judge("close", tenth, [rational("1/10")], 2.0**-56),
            judge("close", tenth, [rational("1/10")], 2.0**-58),
        ),
        Control(
            "close, with a bound of zero",
            "a float and the rational that it is",
            "a float and the next one",
            judge("close", np.array([0.5]), [fmpq(1, 2)], 0.0),
            judge("close", np.nextafter([0.5], 1), [fmpq(1, 2)], 0.0),
        ),
        Control(
            "close, entry by entry",
            "two entries, each within its own bound",
            "the same with the bounds exchanged",
            judge("close", shifted, exact(two), np.array([[0.5], [1.0]])),
            judge("close", shifted, exact(two), np.array([[1.0], [0.5]])),
        ),
        Control(
            "close, of what is not finite",
            "a finite float",
            "NaN, which is no refutation but an error",
            judge("close", tenth, [0.1], 0.0),
            judge("close", np.array([math.nan]), [0.1], 1.0),
            NotFinite,
        ),
        Control(
            "close, within no bound",
            "a bound of zero",
            "a bound that is NaN",
            judge("close", tenth, [0.1], 0.0),
            judge("close", tenth, [0.1], math.nan),
            NotFinite,
        ),
        Control(
            "enclosed",
            "√2 in float64 and its ball, within a rounding",
            "the float64 after the next one",
            judge("enclosed", root, lambda: [arb(2).sqrt()], ulp * math.sqrt(2)),
            judge("enclosed", root * (1 + 8 * ulp), lambda: [arb(2).sqrt()], ulp * math.sqrt(2)),
        ),
        Control(
            "at most, of rationals",
            "1 ≤ 1",
            "1 + 10⁻³⁰ ≤ 1",
            judge("at_most", fmpq(1), fmpq(1)),
            judge("at_most", fmpq(1) + fmpq(1, 10**30), fmpq(1)),
        ),
        Control(
            "at most, of matrices",
            "every entry at most its own limit",
            "one entry above it",
            judge("at_most", matrix("1 2"), matrix("1 3")),
            judge("at_most", matrix("1 4"), matrix("1 3")),
        ),
        Control(
            "at most, of floats",
            "1 + 2⁻⁵² ≤ 1, computed within 2⁻⁵²",
            "the same, computed within 2⁻⁵³",
            judge("at_most", np.array([1 + 2 * ulp]), np.array([1.0]), 2 * ulp),
            judge("at_most", np.array([1 + 2 * ulp]), np.array([1.0]), ulp),
        ),
    ]


# Statistical checks, each at the discrepancy that it says it reveals.

SAMPLES = 20_000


@cache
def _uniforms() -> Any:
    return np.random.default_rng(0).random(SAMPLES)


def _statistics() -> list[Control]:
    u = _uniforms()
    below = int(np.sum(u < 0.3))

    def mean(expected: float, **more: Any) -> Attempt:
        return lambda: Check().mean(u, expected, "mean", low=0.0, high=1.0, **more)

    def law(values: Any) -> Attempt:
        return lambda: Check().uniform(values, "law")

    def share(successes: int, **limits: float) -> Attempt:
        return lambda: Check().proportion(successes, SAMPLES, "share", **limits)

    hoeffding = Hoeffding(0.0, 1.0).min_discrepancy(SAMPLES)
    bernstein = EmpiricalBernstein(0.0, 1.0, 0.3).min_discrepancy(SAMPLES)
    whole = DKWM().min_discrepancy(SAMPLES)
    binomial = ClopperPearson(0.3, 0.3).min_discrepancy(SAMPLES)
    off = int(np.sum(u < 0.3 + binomial))
    return [
        Control(
            "mean, by Hoeffding",
            "uniform numbers have the mean 1/2",
            f"a mean off by the {hoeffding:.2g} that it reveals",
            mean(0.5),
            mean(0.5 + hoeffding),
        ),
        Control(
            "mean, by Bernstein",
            "uniform numbers have the mean 1/2",
            f"a mean off by the {bernstein:.2g} that it reveals",
            mean(0.5, deviation=0.3),
            mean(0.5 - bernstein, deviation=0.3),
        ),
        Control(
            "mean, of samples outside their range",
            "numbers in [0, 1]",
            "numbers of which one is not",
            mean(0.5),
            lambda: Check().mean(u + 0.5, 1.0, "mean", low=0.0, high=1.0),
            ValueError,
        ),
        Control(
            "uniform, by DKWM",
            "uniform numbers",
            f"uniform ones on [0, {1 - whole:.3g}]",
            law(u),
            law(u * (1 - whole)),
        ),
        Control(
            "proportion, of a known chance",
            "3 in 10",
            f"a chance off by the {binomial:.2g} that it reveals",
            share(below, least=0.3, most=0.3),
            share(off, least=0.3, most=0.3),
        ),
        Control(
            "proportion, at most",
            "3 in 10, at most 3 in 10",
            "the same of a larger chance",
            share(below, most=0.3),
            share(off, most=0.3),
        ),
        Control(
            "proportion, at least",
            "3 in 10, at least 3 in 10",
            "the same of a smaller chance",
            share(below, least=0.3),
            share(below - (off - below), least=0.3),
        ),
    ]


# Bounds: a run of each model, and one with a relative error of 10⁻⁹.

WRONG = 1 + 1e-9


def _bounds() -> list[Control]:
    found = []
    for name, build in MODELS.items():
        rng = np.random.default_rng(3)
        model = build(rng, CLASSES["Gaussian, gain 1.1"], 4, 12)
        if isinstance(model, RNN | FeedForward):
            model = replace(model, activation="tanh")  # a ReLU may be silent, and its slopes zero
        trajectory = trajectory_of(model, rng, 12)
        for what in ("states", "Jacobian", "gradients"):
            judge = partial(_judge_run, trajectory, what)
            found.append(
                Control(
                    f"bound on the {what} of a run of a {name}",
                    "what the model computes",
                    "the same with a relative error of 10⁻⁹",
                    judge,
                    partial(judge, factor=WRONG),
                )
            )
    return found


def _judge_run(trajectory: Any, what: str, factor: float = 1.0) -> None:
    run, check = run_bounds.RunBounds(trajectory), Check()
    steps = len(trajectory.inputs)
    if what == "states":
        actual, bound = trajectory.states[:, 0], run.states.values[:, 0]
        check.enclosed(actual * factor, lambda: reference(trajectory).states, bound)
    elif what == "Jacobian":
        actual, bound = trajectory.jacobian(0, steps)[0], run.jacobian(0, steps).values[0]
        check.enclosed(actual * factor, lambda: reference(trajectory).jacobian(0, steps), bound)
    else:
        last = np.ones_like(trajectory.states[-1])
        direct = np.zeros_like(trajectory.states)
        direct[-1] = last
        gradients, within = trajectory.backward(last), run.backward(last).parameters
        for name, limit in within.items():
            check.enclosed(
                gradients.parameters[name] * factor,
                lambda name=name: reference(trajectory).backward(exact(direct[:, 0]))[name],
                limit.values,
            )


# Declarations and domains: what is wrong with them is an error, never a verdict.


class Refused(Exception):
    """A part of a claim did not hold."""


@dataclass(frozen=True, repr=False)
class Number(Case):
    x: fmpq


NUMBERS = st.builds(Number, rationals(100))


def square_is_nonnegative(number: Number, check: Check) -> None:
    check.at_most(fmpq(0), number.x * number.x)


def a_claim(check: Any = square_is_nonnegative, **changes: Any) -> Claim:
    declared: dict[str, Any] = {
        "statement": "a square is not negative",
        "source": "arithmetic",
        "derivation": "nothing to derive: an order axiom",
        "domain": NUMBERS,
        "tiers": ("exact",),
        "witness": Number(rational(2)),
    }
    made = claim(**{**declared, **changes})(check)
    REGISTRY.pop(made.name)
    return made


def _verified(made: Claim, part: str = "holds") -> None:
    outcome = verify_part(made, part, Plan())
    if outcome.verdict != "holds":
        raise Refused(outcome.message)


def _declarations() -> list[Control]:
    def holding(part: str = "holds", check: Any = square_is_nonnegative, **changes: Any) -> Attempt:
        return lambda: _verified(a_claim(check, **changes), part)

    def refused(*arguments: Any) -> Control:
        return Control(*arguments, Refused)

    def within(bound: float) -> Any:
        return lambda number, check: check.close(np.array([0.1]), [rational("1/10")], bound)

    def without(domain: Any) -> Attempt:
        def verified() -> None:
            made = a_claim(
                lambda number, check: check.at_most(number.x, fmpq(2)),
                domain=st.builds(Number, rationals(2)),
                assumptions={"x ≤ 2": lambda number: number.x <= 2},
            )
            made.without("x ≤ 2", domain=domain)
            _verified(made, "without[x ≤ 2]")

        return verified

    def misread(limit: int) -> Attempt:
        def verified() -> None:
            made = a_claim()
            made.misread(f"x ≤ {limit}")(lambda number, check: check.at_most(number.x, fmpq(limit)))
            _verified(made, "misread[<lambda>]")

        return verified

    negative = {"x < 0": (0.3, lambda number: number.x < 0)}
    return [
        refused(
            "label",
            "a regime with its share of the cases",
            "one with less than that",
            holding(labels=negative),
            holding(labels={"x < −99": (0.3, lambda number: number.x < -99)}),
        ),
        refused(
            "label, of a regime without cases",
            "a regime that cases visit",
            "one that they never visit",
            holding(labels=negative),
            holding(labels={"x > 10⁹": (0.01, lambda number: number.x > 10**9)}),
        ),
        refused(
            "domain",
            "one that builds its cases",
            "one that filters them",
            holding(),
            holding(domain=st.builds(Number, rationals().filter(lambda x: x > 1))),
        ),
        refused(
            "tiers",
            "those that the check uses",
            "one more",
            holding(),
            holding(tiers=("exact", "float")),
        ),
        refused(
            "sharpness of a bound",
            "a bound that errors come near to",
            "a bound 10⁹ times as wide",
            holding("holds", within(2.0**-56), tiers=("float",)),
            holding("holds", within(2.0**-26), tiers=("float",)),
        ),
        refused(
            "witness",
            "a case that satisfies the claim",
            "none",
            holding("witness"),
            holding("witness", witness=None),
        ),
        refused(
            "assumption",
            "one whose absence has a counterexample",
            "one whose absence has none",
            without(st.builds(Number, rationals(3))),
            without(st.builds(Number, rationals(2))),
        ),
        refused(
            "misreading",
            "a false version of the claim",
            "a true one",
            misread(2),
            misread(100),
        ),
    ]


# The verifier of derivations.


def _derivations() -> list[Control]:
    d = deriving
    halved, base = equation(d.X(d.t), d.c / 2**d.t), equation(d.X(0), d.c)
    halving = equation(d.X(d.t + 1), d.X(d.t) / 2)

    def derived(*steps: Any, conclusion: Any = None, **assumptions: Any) -> Attempt:
        return lambda: d.derive(*steps, conclusion=conclusion, **assumptions)

    def refused(of: str, accepted: str, rejected: str, right: Attempt, wrong: Attempt) -> Control:
        return Control(of, accepted, rejected, right, wrong, DerivationError)

    def by_induction(relation: Any) -> Any:
        return Induction(relation, "", variable=d.t, start=0, base="base", step="step")

    def monotone(relation: Any, given: tuple[str, ...] = ("ab",)) -> Attempt:
        step = ByLemma(relation, "", lemma=monotone_product, of=(d.growth, d.a, d.b), given=given)
        return derived(step, ab=at_most(d.a, d.b))

    turned = d.identity(MatMul(d.Q.T, d.Q, d.h0), d.h0, rules=(orthogonal(d.Q),))
    cancelled = d.identity((d.x**2 - d.y**2) / (d.x - d.y), d.x + d.y)
    square = (d.x + d.y) ** 2
    return [
        refused(
            "step, an identity",
            "(x + y)² = x² + 2xy + y²",
            "(x + y)² = x² + y²",
            derived(d.identity(square, d.x**2 + 2 * d.x * d.y + d.y**2)),
            derived(d.identity(square, d.x**2 + d.y**2)),
        ),
        refused(
            "step, a rule about matrices",
            "QᵀQh₀ = h₀ for an orthogonal Q",
            "the same for any Q",
            derived(turned, Q=orthogonal(d.Q)),
            derived(turned),
        ),
        refused(
            "step, a division",
            "(x² − y²)/(x − y) = x + y for x − y ≠ 0",
            "the same for any x and y",
            derived(cancelled, apart=nonzero(d.x - d.y)),
            derived(cancelled),
        ),
        refused(
            "step, an induction",
            "X(0) = c and X(t + 1) = X(t)/2 give X(t) = c/2ᵗ",
            "the same give X(t) = c/2ᵗ⁺¹",
            derived(by_induction(halved), base=base, step=halving),
            derived(
                by_induction(equation(d.X(d.t), d.c / 2 ** (d.t + 1))), base=base, step=halving
            ),
        ),
        refused(
            "step, a lemma",
            "a ≤ b and 0 ≤ λ give λa ≤ λb",
            "the same give λb ≤ λa",
            monotone(at_most(d.growth * d.a, d.growth * d.b)),
            monotone(at_most(d.growth * d.b, d.growth * d.a)),
        ),
        refused(
            "step, a lemma's premises",
            "λa ≤ λb, citing a ≤ b",
            "the same without a premise",
            monotone(at_most(d.growth * d.a, d.growth * d.b)),
            monotone(at_most(d.growth * d.a, d.growth * d.b), given=()),
        ),
        refused(
            "conclusion",
            "what the last step states",
            "another",
            derived(d.identity(d.x, d.y, given=("xy",)), xy=equation(d.x, d.y)),
            derived(
                d.identity(d.x, d.y, given=("xy",)),
                conclusion=equation(d.x, 2 * d.y),
                xy=equation(d.x, d.y),
            ),
        ),
    ]


def controls() -> list[Control]:
    """All of them, in the order of the table."""
    return [
        *_comparisons(),
        *_statistics(),
        *_bounds(),
        *_declarations(),
        *_derivations(),
    ]


def verdict(control: Control) -> tuple[bool, bool]:
    """Whether the right object was accepted, and the wrong one rejected as it has to be."""
    return happens(control.right) is None, type(happens(control.wrong)) is control.refusal


def main() -> int:
    """Print the table; 1 if a control failed."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("of", "accepts", "", "rejects", "", box=None, header_style="bold")
    good = True
    for control in controls():
        accepted, rejected = verdict(control)
        good = good and accepted and rejected
        marks = ["✓" if well else "✗" for well in (accepted, rejected)]
        row = control.of, control.accepted, marks[0], control.rejected, marks[1]
        table.add_row(*map(escape, row))
    Console(width=150).print(table)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
