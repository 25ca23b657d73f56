"""Comparisons: what a check may ask of one case, and how it says no.

Each records what it saw (the tier, the ratio of error to bound) and fails by `Violation`, an
AssertionError that carries both sides. A value that is not finite is no violation but a
`NotFinite` error: a model that returns NaN is broken, and a claim about it is not thereby false.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from flint import arb, fmpq_mat

from models.backends import UnderTest, load_backend
from properties.checking.balls import (
    DEFAULT_BITS,
    UndecidedError,
    enclosure_error,
    exact,
    precision,
    resolving,
)
from properties.checking.blackboard import Stage
from properties.checking.decided import below, pairs
from properties.checking.exact import plain
from properties.checking.rounding import FLOAT64, gamma
from properties.checking.statistics import (
    DKWM,
    ClopperPearson,
    EmpiricalBernstein,
    Hoeffding,
    StatisticalTest,
    distance_from_uniform,
)
from properties.checking.working import Worked, Working
from theory.tex import tex_formula

Workings = tuple[Worked | None, Worked | None]
"""Of the left side and of the right."""

DEFAULT = "numpy"
"""The backend under test unless another is named."""

LARGEST = sys.float_info.max
"""The violation of an exact comparison: its bound is zero, and JSON has no infinity."""


EQUAL = "the sides have to be equal, and are not"


class Violation(AssertionError):
    """A comparison that does not hold: both sides, the bound and error ÷ bound.

    `needed` says of an exact comparison what had to hold and does not; `workings` are those of the
    sides that came with one.
    """

    def __init__(
        self,
        what: str,
        left: Any,
        right: Any,
        error: Any,
        bound: Any,
        ratio: float,
        needed: str = EQUAL,
        workings: Workings = (None, None),
    ) -> None:
        self.what, self.left, self.right, self.workings = what, left, right, workings
        self.error, self.bound, self.ratio, self.needed = error, bound, ratio, needed
        super().__init__(self.explain())

    def explain(self) -> str:
        lines = [f"{self.what}:"] if self.what else []
        lines += [
            "left side:",
            _indent(plain(self.left)),
            "right side:",
            _indent(plain(self.right)),
        ]
        if self.bound is None:
            lines.append(f"an exact comparison: {self.needed}")
        else:
            lines.append(
                f"error {self.error:.3g}, bound {self.bound:.3g}, error ÷ bound {self.ratio:.3g}"
            )
        return "\n".join(lines)


class NotFinite(Exception):
    """A model or a formula returned NaN or infinity."""


def _indent(text: str) -> str:
    return "\n".join("    " + line for line in text.split("\n"))


@dataclass
class Check:
    """The comparisons, handed to a claim's check as its second argument.

    Attributes:
        backend: the implementation under test; a check that concerns a model computes with it, and
            takes bounds at its unit roundoff.
        ratios: the largest error ÷ bound seen so far, or left ÷ right of what has to lie below, by
            the name of the comparison.
        tiers: the tiers that were exercised.
        false_alarm: a bound on the chance that a statistical comparison fails for a true claim.
        detects: by the name of a statistical comparison, the discrepancy that it reveals.
        driven: by its name, what a search for a counterexample is to make large.
    """

    backend: UnderTest = field(default_factory=lambda: load_backend(DEFAULT))
    ratios: dict[str, float] = field(default_factory=dict)
    tiers: set[str] = field(default_factory=set)
    false_alarm: float = 0.0
    detects: dict[str, float] = field(default_factory=dict)
    driven: dict[str, float] = field(default_factory=dict)

    def absorb(self, other: Check) -> None:
        """Take over what another check saw: the largest ratios, the sum of the false alarms."""
        for mine, others in ((self.ratios, other.ratios), (self.detects, other.detects)):
            for what, value in others.items():
                mine[what] = max(mine.get(what, 0.0), value)
        self.tiers |= other.tiers
        self.false_alarm += other.false_alarm

    def exact(self, left: Any, right: Any, what: str = "") -> None:
        """left = right in exact arithmetic: rationals, rational matrices, integers, booleans.

        A side may come with its working, as `Worked`.
        """
        left, right, workings = _unpacked(left, right)
        for side, value in (("left", left), ("right", right)):
            if isinstance(value, float | np.floating) or (
                isinstance(value, np.ndarray) and value.dtype.kind == "f"
            ):
                raise TypeError(f"{side}: floats are not exact; use check.close with a bound")
        self.tiers.add("exact")
        if not _same(left, right):
            raise Violation(what, left, right, None, None, math.inf, EQUAL, workings)

    def that(self, holds: bool, left: Any, right: Any, what: str) -> None:
        """An exact proposition about two sides other than equality, named by `what`."""
        self.tiers.add("exact")
        if not holds:
            raise Violation(
                what, left, right, None, None, math.inf, "this has to hold, and does not"
            )

    def below(self, sides: Callable[[], tuple[Any, Any]], what: str) -> None:
        """left < right, entry by entry, where sides() encloses both in balls; named by `what`.

        More bits are taken until the two are told apart, so that this is exact. Raises
        UndecidedError where 2^14 bits do not tell them apart.
        """
        holds, left, right = below(sides)
        self.that(holds, left, right, what)
        self._note_share(pairs(left, right), what)

    def close(self, actual: Any, expected: Any, bound: Any, what: str = "") -> None:
        """|actual − expected| ≤ bound, entry by entry; `bound` is a number or an array.

        `actual` is a float array; `expected` is exact (rationals), or balls, or floats that the
        bound accounts for. The difference is taken in balls: comparing adds no rounding.
        """
        self.tiers.add("float")
        array = _computed(actual)
        with precision(DEFAULT_BITS):
            balls = _known(expected, array.shape)
        self._judge(array, enclosure_error(array, balls)[0], bound, expected, what)

    def enclosed(
        self, actual: Any, reference: Callable[[], Any], bound: Any, what: str = ""
    ) -> None:
        """|actual − truth| ≤ bound, where reference() encloses the truth in balls.

        It is called at 256 bits, and again at twice as many until every radius is below a
        hundredth of its bound. Raises UnresolvedError where 2^14 bits do not suffice.
        """
        self.tiers.add("enclosed")
        array = _computed(actual)
        limits = np.broadcast_to(np.asarray(bound, dtype=float), array.shape)
        balls = resolving(lambda: _as_balls(reference(), array.shape), limits)
        self._judge(array, enclosure_error(array, balls)[0], limits, balls, what)

    def drive(self, value: float, what: str) -> None:
        """Let a search for a counterexample look where this is large; nothing is compared."""
        self.driven[what] = float(value)

    def at_most(
        self, actual: Any, limit: Any, bound: Any = None, what: str = "", kept_as: str = ""
    ) -> None:
        """actual ≤ limit, entry by entry: exactly for rationals, within `bound` for floats.

        `bound` says how far the computed `actual` may lie above its exact value; `kept_as` is the
        name of the ratio where `what` says which of many. Raises UndecidedError for balls that
        overlap: those of `below` are taken at more bits.
        """
        if bound is None:
            self.tiers.add("exact")
            actual, limit, workings = _unpacked(actual, limit)
            if _exceeds(actual, limit):
                needed = "the left side must not exceed the right one, and does"
                raise Violation(what, actual, limit, None, None, math.inf, needed, workings)
            self._note_share(_entries(actual, limit), kept_as or what)
            return
        self.tiers.add("float")
        left, right = np.asarray(actual, float), np.asarray(limit, float)
        _refuse_nonfinite(left, what or "left side")
        _refuse_nonfinite(right, f"the limit of {what}" if what else "right side")
        self._judge(actual, np.maximum(left - right, 0.0), bound, limit, what)

    def mean(
        self,
        samples: Any,
        expected: Any,
        what: str,
        *,
        low: float,
        high: float,
        deviation: float | None = None,
    ) -> None:
        """Independent samples, all in [low, high], come from laws whose means average `expected`.

        `expected` is exact, a ball or a float. Judged by Hoeffding's inequality; where `deviation`
        is given, samples of one law are judged by their own variance, and laws whose standard
        deviation is at most that are told apart by the discrepancy that is recorded.
        Raises ValueError for a sample outside [low, high].
        """
        array = _computed(samples).ravel()
        if not np.all((low <= array) & (array <= high)):
            raise ValueError(f"samples: some of {what} lie outside [{low}, {high}]")
        if deviation is None:
            test = Hoeffding(low, high)
            bound = test.half_width(array.size)
        else:
            test = EmpiricalBernstein(low, high, deviation)
            bound = test.half_width(array.size, float(np.var(array, ddof=1)))
        # A sum of n terms, in whatever order, and a division: γ_n of the largest, and u.
        bound += gamma(array.size + 1, FLOAT64) * max(abs(low), abs(high))
        with precision(DEFAULT_BITS):
            ball = _known(expected, ())
        average = np.mean(array)
        error, _ = enclosure_error(average, ball)
        self._count(test, array.size, what)
        by_chance = Working(f"largest distance by chance (error {test.false_alarm:g})", bound)
        observed = Working(f"the mean of {array.size} samples", float(average))
        worked = Worked(float(average), lambda: [by_chance, observed])
        self._judge(average, error, bound, expected, what, (worked, _line("claimed", expected)))

    def uniform(self, values: Any, what: str, *, errors: Any = 0.0) -> None:
        """Independent values have the uniform law on [0, 1]; the exact ones lie within `errors`.

        A sample of a continuous law is judged through its own distribution function, F(x).
        """
        array = _computed(values).ravel()
        test = DKWM()
        self._count(test, array.size, what)
        distance = np.asarray(distance_from_uniform(array, np.ravel(errors)))
        farthest, bound = float(distance.max()), test.half_width(array.size)
        apart = _line("largest distance of the sample's distribution function", farthest)
        said = f"largest distance by chance (error {test.false_alarm:g})"
        shape = f"√(ln(2/{test.false_alarm:g})/{2 * array.size})"
        formula = Stage(shape, tex_formula(shape))
        chance = _line(said, bound, formula)
        self._judge(farthest, distance, bound, bound, what, (apart, chance))

    def proportion(
        self, successes: int, n: int, what: str, *, least: Any = 0, most: Any = 1
    ) -> None:
        """Of n independent trials so many succeeded; the chance of it lies in [least, most].

        The ends are exact, balls or floats; give the same for both where the chance is known.
        """
        with precision(DEFAULT_BITS):
            ends = _known([least, most], (2,))
        bottom = max(0.0, math.nextafter(float(ends[0].lower()), -1))
        top = min(1.0, math.nextafter(float(ends[1].upper()), 2))
        test = ClopperPearson(bottom, top)
        share, (low, high) = successes / n, test.interval(successes, n)
        if share > test.most:
            error, bound, limit = share - test.most, share - low, most
            end, name, claimed = low, "lower", "claimed: at most"
        else:
            error, bound, limit = max(0.0, test.least - share), high - share, least
            end, name, claimed = high, "upper", "claimed: at least"
        self._count(test, n, what)
        observed = Working("share", share, (Stage(f"{successes}/{n}", f"{successes}/{n}"),))
        chance = Working(f"{name} end of its interval (error {test.false_alarm:g})", end)
        worked = Worked(share, lambda: [observed, chance])
        said = _line(claimed, limit)
        self._judge(share, np.asarray(error), bound, limit, what, (worked, said))

    def _note_share(self, sides: Iterable[tuple[Any, Any]], what: str) -> None:
        """The ratio of an exact inequality that holds: left ÷ right at its largest.

        A limit that is far too large shows there; of a left side that is not positive it says
        nothing.
        """
        with precision(DEFAULT_BITS):
            shares = [float((arb(a) / arb(b)).mid()) for a, b in sides if a > 0]
        if shares:
            self.ratios[what] = max(self.ratios.get(what, 0.0), *shares)

    def _count(self, test: StatisticalTest, n: int, what: str) -> None:
        self.tiers.add("statistical")
        self.false_alarm += test.false_alarm
        self.detects[what] = max(self.detects.get(what, 0.0), _revealed(test, n))

    def _judge(
        self,
        actual: Any,
        error: Any,
        bound: Any,
        expected: Any,
        what: str,
        workings: Workings = (None, None),
    ) -> None:
        limits = np.broadcast_to(np.asarray(bound, dtype=float), np.shape(error))
        if not np.all(np.isfinite(limits)) or np.any(limits < 0):
            raise NotFinite(f"{what or 'the bound'}: a bound is not a finite number ≥ 0")
        # An error of 1 beside a bound of 1e-320 is infinitely too large.
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            ratios = np.where(error == 0, 0.0, error / limits)
        worst = int(np.argmax(ratios)) if ratios.size else 0
        ratio = float(ratios.flat[worst]) if ratios.size else 0.0
        self.ratios[what] = max(self.ratios.get(what, 0.0), ratio)
        if ratio > 1:
            raise Violation(
                what,
                actual,
                expected,
                float(error.flat[worst]),
                float(limits.flat[worst]),
                ratio,
                workings=workings,
            )


@cache
def _revealed(test: StatisticalTest, n: int) -> float:
    """The same for every case of a domain, and it takes longer than the comparison itself."""
    return test.min_discrepancy(n)


def _line(said: str, value: Any, *between: Stage) -> Worked:
    """A side whose working is one line."""
    return Worked(value, lambda: [Working(said, value, between)])


def _unpacked(left: Any, right: Any) -> tuple[Any, Any, Workings]:
    """The values of two sides, and the workings of those that have one."""
    first, second = (side if isinstance(side, Worked) else None for side in (left, right))
    return first.value if first else left, second.value if second else right, (first, second)


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, tuple | list) and isinstance(right, tuple | list):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
        return bool(np.array_equal(left, right))
    return bool(left == right)


def _entries(actual: Any, limit: Any) -> list[tuple[Any, Any]]:
    """The entries of two sides that are compared with one another; a limit may be one for all."""
    if not isinstance(actual, fmpq_mat):
        return [(actual, limit)]
    entries = actual.entries()
    limits = limit.entries() if isinstance(limit, fmpq_mat) else [limit] * len(entries)
    return list(zip(entries, limits, strict=True))


def _exceeds(left: Any, right: Any) -> bool:
    """Whether an entry of the left side is above that of the right one, which has to be certain.

    Raises UndecidedError for balls that overlap and for what is no number.
    """
    exceeding = False
    for a, b in _entries(left, right):
        if not a <= b:
            if not a > b:
                raise UndecidedError(f"{a} and {b} are not told apart")
            exceeding = True
    return exceeding


def _refuse_nonfinite(array: Any, what: str) -> None:
    if not np.all(np.isfinite(array)):
        raise NotFinite(f"{what} holds NaN or infinity: {plain(array)}")


def _computed(actual: Any) -> Any:
    array = np.asarray(actual)
    if array.dtype.kind != "f":
        raise TypeError(f"actual: dtype {array.dtype}; a float array is needed")
    _refuse_nonfinite(array, "the computed side")
    return array


def _known(expected: Any, shape: tuple[int, ...]) -> Any:
    """What is expected, as finite balls of the shape of what was computed."""
    balls = _as_balls(expected, shape)
    if not all(ball.is_finite() for ball in balls.flat):
        raise NotFinite(f"the expected side holds NaN or infinity: {plain(balls)}")
    return balls


def _as_balls(expected: Any, shape: tuple[int, ...]) -> Any:
    """What is expected, as balls of the shape of what was computed (a column fits a vector)."""
    balls = exact(expected)
    if balls.size != np.prod(shape, dtype=int):
        raise ValueError(f"actual: shape {shape}; expected has shape {balls.shape}")
    return balls.reshape(shape)
