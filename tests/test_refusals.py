"""What the machinery refuses it refuses in whole sentences: which argument, and what it needs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq

from properties.checking import Check, bounds, matrix, rational
from properties.checking.ball_models import BallTrajectory
from properties.checking.balls import SLOPES, enclosure_error, exact, precision, resolving, sign
from properties.checking.decided import below
from properties.checking.formulas import parsed
from properties.checking.reckoning import OPERATIONS, as_operand, shape_of, value_of
from properties.checking.references import reference
from properties.checking.rounding import FLOAT32, gamma
from properties.checking.statistics import (
    DKWM,
    ClopperPearson,
    EmpiricalBernstein,
    Hoeffding,
    distance_from_uniform,
    interval,
)

TWO = np.array([0.5, 0.25])


def around(middle: float, radius: float) -> Any:
    with precision(53):
        return np.array([arb(middle, radius)])


def sampled(*samples: float) -> Callable[[], object]:
    return lambda: Check().mean(np.array(samples), 0.5, "the share", low=0.0, high=1.0)


def reckoned(text: str) -> Callable[[], object]:
    values = {"W": matrix("1 2; 3 4"), "h": matrix("1; 2"), "n": fmpq(3)}
    return lambda: value_of(parsed(text, [*values]), values)


class Unknown:
    """A trajectory of a model that nobody knows."""

    model, states, inputs = object(), np.zeros((1, 1, 1)), np.zeros((0, 1, 1))


NO_MODEL = "ValueError: trajectory is of a object; it needs one of this project's models"

REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    # Exact values and balls.
    "a float for a rational": (
        lambda: rational(0.5),  # type: ignore[arg-type]
        "TypeError: value: 0.5 is a float; write it as text or as a Fraction",
    ),
    "rows of two lengths": (lambda: matrix("1; 2 3"), "ValueError: rows: lengths [1, 2] differ"),
    "one bit": (lambda: precision(1).__enter__(), "ValueError: bits is 1; a ball needs at least 2"),
    "a ball around NaN": (
        lambda: exact([1.0, math.nan]),
        "ValueError: values has NaN or infinite entries; a ball encloses a finite number",
    ),
    "a slope at a kink": (
        lambda: SLOPES["saturated_linear"](around(1.0, 0.5)),
        "UndecidedError: the pre-activation [1e+0 +/- 0.501] may lie on either side of the "
        "kink at 1",
    ),
    "the sign of a ball around 0": (
        lambda: sign(around(0.0, 0.5)[0]),
        "UndecidedError: [+/- 0.501] may have either sign",
    ),
    "floats and balls of two shapes": (
        lambda: enclosure_error(TWO, around(0.0, 0.5)),
        "ValueError: actual has shape (2,); the balls have (1,)",
    ),
    "a bound of another shape": (
        lambda: resolving(lambda: around(0.0, 0.5), TWO),
        "ValueError: bound has shape (2,); the balls (1,)",
    ),
    "balls that stay too wide": (
        lambda: resolving(
            lambda: np.concatenate([around(0.5, 0.0), around(0.0, 0.5), around(0.0, 1.0)]),
            np.array([1.0, 2.0, 3.0]),
            limit=512,
        ),
        "UnresolvedError: entry (1,): the ball's radius 0.5 exceeds a hundredth of the bound 2 "
        "even at 512 bits (2 such entries)",
    ),
    "steps that there are not": (
        lambda: BallTrajectory(TWO, ()).jacobian(0, 1),
        "ValueError: s = 0, t = 1; they need 0 <= s <= t <= T = 0",
    ),
    "the balls of no model": (lambda: reference(Unknown()), NO_MODEL),
    "the bounds of no model": (lambda: bounds.RunBounds(Unknown()), NO_MODEL),
    "no accuracy left": (
        lambda: gamma(2**24, FLOAT32),
        "ValueError: n u = 1 for n = 16777216 terms; γ_n needs n u < 1",
    ),
    # Comparisons.
    "floats that are to be equal": (
        lambda: Check().exact(1, np.float64(1.0)),
        "TypeError: right: floats are not exact; use check.close with a bound",
    ),
    "sides that are not told apart": (
        lambda: below(lambda: (arb(0), arb(0)), limit=512),
        "UndecidedError: 0 and 0 are not told apart at 512 bits",
    ),
    "infinity on the computed side": (
        lambda: Check().close(np.array([math.inf]), [0], 1.0),
        "NotFinite: the computed side holds NaN or infinity: [inf]",
    ),
    "NaN on the left": (
        lambda: Check().at_most(math.nan, 0.0, 1.0),
        "NotFinite: left side holds NaN or infinity: nan",
    ),
    "no number as a limit": (
        lambda: Check().at_most(np.ones(2), np.array([2.0, math.nan]), 0.5, "h_t"),
        "NotFinite: the limit of h_t holds NaN or infinity: [ 2. nan]",
    ),
    "infinity as a limit": (
        lambda: Check().at_most(1.0, math.inf, 0.5),
        "NotFinite: right side holds NaN or infinity: inf",
    ),
    "no number on the left": (
        lambda: Check().at_most(math.nan, 1),
        "UndecidedError: nan and 1 are not told apart",
    ),
    "a limit that may lie on either side": (
        lambda: Check().at_most(fmpq(1), around(1.0, 0.5)[0]),
        "UndecidedError: 1 and [1e+0 +/- 0.501] are not told apart",
    ),
    "no number expected": (
        lambda: Check().close(TWO, np.array([arb(0), arb("nan")]), 0.5),
        "NotFinite: the expected side holds NaN or infinity: [0 nan]",
    ),
    "no number as a mean": (
        lambda: Check().mean(TWO, arb("inf"), "the share", low=0.0, high=1.0),
        "NotFinite: the expected side holds NaN or infinity: [+/- inf]",
    ),
    "no number as a chance": (
        lambda: Check().proportion(1, 2, "the share", least=arb("nan")),
        "NotFinite: the expected side holds NaN or infinity: [nan 1.0000000000000000]",
    ),
    "a computed side of integers": (
        lambda: Check().close(np.array([1]), [0], 1.0),
        "TypeError: actual: dtype int64; a float array is needed",
    ),
    "two sides of two shapes": (
        lambda: Check().close(TWO, [0], 1.0),
        "ValueError: actual: shape (2,); expected has shape (1,)",
    ),
    "a negative bound": (
        lambda: Check().close(TWO, [0, 0], -1.0),
        "NotFinite: the bound: a bound is not a finite number ≥ 0",
    ),
    "a bound that is infinite": (
        lambda: Check().close(TWO, [0, 0], math.inf, "h_t"),
        "NotFinite: h_t: a bound is not a finite number ≥ 0",
    ),
    # Samples.
    "a sample outside": (
        sampled(0.5, 2.0),
        "ValueError: samples: some of the share lie outside [0.0, 1.0]",
    ),
    "a sample that is NaN": (
        sampled(0.5, math.nan),
        "NotFinite: the computed side holds NaN or infinity: [0.5 nan]",
    ),
    "values outside": (
        lambda: distance_from_uniform([0.5, 1.5]),
        "ValueError: values: some lie outside [0, 1]; give them through their own cdf",
    ),
    "values below": (
        lambda: distance_from_uniform([-0.5, 0.5]),
        "ValueError: values: some lie outside [0, 1]; give them through their own cdf",
    ),
    "more successes than trials": (
        lambda: interval(3, 2),
        "ValueError: successes, n: 3 of 2; needs 0 ≤ successes ≤ n and n ≥ 1",
    ),
    "no trials": (
        lambda: interval(0, 0),
        "ValueError: successes, n: 0 of 0; needs 0 ≤ successes ≤ n and n ≥ 1",
    ),
    "fewer successes than none": (
        lambda: interval(-1, 2),
        "ValueError: successes, n: -1 of 2; needs 0 ≤ successes ≤ n and n ≥ 1",
    ),
    "an empty range": (
        lambda: ClopperPearson(0.5, 0.4),
        "ValueError: least, most: [0.5, 0.4] is no range in [0, 1]",
    ),
    "a chance above one": (
        lambda: ClopperPearson(0.5, 1.5),
        "ValueError: least, most: [0.5, 1.5] is no range in [0, 1]",
    ),
    "an empty interval": (
        lambda: Hoeffding(1.0, 1.0),
        "ValueError: low, high: [1.0, 1.0] is no interval",
    ),
    "an interval turned around": (
        lambda: EmpiricalBernstein(1.0, 0.0, 0.5),
        "ValueError: low, high: [1.0, 0.0] is no interval",
    ),
    "no false alarms": (
        lambda: DKWM(false_alarm=0.0),
        "ValueError: false_alarm: 0.0 is no rate; it has to lie between 0 and 1",
    ),
    "nothing but misses": (
        lambda: Hoeffding(0.0, 1.0, miss=1.0),
        "ValueError: miss: 1.0 is no rate; it has to lie between 0 and 1",
    ),
    "no discrepancy": (
        lambda: DKWM().min_num_samples(0.0),
        "ValueError: discrepancy: 0.0 is not positive",
    ),
    # Formulas.
    "words for a formula": (
        reckoned("the share"),
        "NotAFormula: the share: 'the share' is not understood",
    ),
    "a bracket left open": (reckoned("(n"), "NotAFormula: (n: ( is not closed"),
    "a bar left open": (reckoned("‖h"), "NotAFormula: ‖h: ‖ is not closed"),
    "a matrix left open": (reckoned("[W, n"), "NotAFormula: [W, n: [ is not closed"),
    "a function left open": (reckoned("tanh(n"), "NotAFormula: tanh(n: ( is not closed"),
    "a stroke read in two ways": (
        reckoned("1/2n"),
        "NotAFormula: 1/2n: 'n' may belong below the stroke",
    ),
    "an end too many": (reckoned("n)"), "NotAFormula: n): ')' is not understood"),
    "a number plus a matrix": (
        reckoned("W + 1"),
        "NotAFormula: +: a number is added to the entries of a column alone",
    ),
    "a function of a matrix": (
        reckoned("sinh(W)"),
        "NotAFormula: sinh(W): 'sinh(W)' is not understood",
    ),
    "a root of a matrix": (
        reckoned("W^(1/2)"),
        "NotAFormula: ^: this is a function of numbers",
    ),
    "an index that nothing has": (
        reckoned("n + n_1"),
        "NotAFormula: n + n_1: 'n_1' is not understood",
    ),
    "another symbol than is given": (
        reckoned("n*"),
        "NotAFormula: n*: 'n*' is not understood",
    ),
    "no quantity": (lambda: as_operand("x"), "NotAFormula: str is no quantity to reckon with"),
    "the shape of a number": (lambda: shape_of(fmpq(1, 2)), "TypeError: 1/2 is no matrix"),
    "a float to be rounded": (
        lambda: OPERATIONS["⌈"](0.5),
        "TypeError: only what is exact is rounded",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_is_refused_in_these_words(what: str) -> None:
    call, message = REFUSED[what]
    with pytest.raises(Exception) as refusal:  # noqa: PT011
        call()
    assert f"{type(refusal.value).__name__}: {refusal.value}" == message
