"""Comparisons handed something wrong: a side moved just beyond what the comparison may allow.

They show that a comparison is reached, and with something in it. What a claim would notice of a
wrong formula or model, wrong formulas and models show.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq_mat

from models.backends import UnderTest
from properties.checking.comparison import Check
from properties.checking.statistics import DKWM, EmpiricalBernstein, Hoeffding
from properties.checking.working import Worked
from properties.checking.wrong_values import one_more, with_first

MOVED, EXCHANGED = "moved", "exchanged"


@dataclass(frozen=True)
class Site:
    """One comparison of a check: its kind, its name, and what is done to its sides."""

    kind: str
    what: str
    done: str = MOVED

    def __str__(self) -> str:
        name = f"{self.kind} “{self.what}”" if self.what else self.kind
        return (
            f"{name}: the sides exchanged"
            if self.done == EXCHANGED
            else f"{name}: {MEANS[self.kind]}"
        )


MEANS = {
    "exact": "the left side one more in its first entry",
    "that": "the opposite",
    "close": "the first entry off by three bounds",
    "enclosed": "the first entry off by three bounds",
    "at_most": "the first entry beyond its limit",
    "mean": "a mean off by what the sample reveals",
    "uniform": "a law off by what the sample reveals",
    "proportion": "as many successes as contradict the limits most",
}


class DisturbedCheck(Check):
    """A check that moves the sides of one comparison, and notes all that it is asked for.

    Attributes:
        sites: the comparisons that were made, in the order of their first time.
        differed: whether a side was moved.
    """

    def __init__(self, backend: UnderTest, disturbed: Site | None = None) -> None:
        super().__init__(backend=backend)
        self.disturbed, self.differed = disturbed, False
        self.sites: dict[Site, None] = {}

    def _to_do(self, kind: str, what: str) -> str | None:
        self.sites[Site(kind, what)] = None
        if kind == "at_most":
            self.sites[Site(kind, what, EXCHANGED)] = None
        site = self.disturbed
        if site is None or (site.kind, site.what) != (kind, what):
            return None
        self.differed = True
        return site.done

    def exact(self, left: Any, right: Any, what: str = "") -> None:
        if self._to_do("exact", what):
            left = one_more(_bare(left))
        super().exact(left, right, what)

    def that(self, holds: bool, left: Any, right: Any, what: str) -> None:
        if self._to_do("that", what):
            holds = not holds
        super().that(holds, left, right, what)

    def close(self, actual: Any, expected: Any, bound: Any, what: str = "") -> None:
        if self._to_do("close", what):
            actual = off_by_three(actual, bound)
        super().close(actual, expected, bound, what)

    def enclosed(
        self, actual: Any, reference: Callable[[], Any], bound: Any, what: str = ""
    ) -> None:
        if self._to_do("enclosed", what):
            actual = off_by_three(actual, bound)
        super().enclosed(actual, reference, bound, what)

    def at_most(
        self, actual: Any, limit: Any, bound: Any = None, what: str = "", kept_as: str = ""
    ) -> None:
        done = self._to_do("at_most", kept_as or what)
        if done is not None:
            actual, limit = _bare(actual), _bare(limit)
        if done == EXCHANGED:
            actual, limit = limit, actual
        elif done == MOVED:
            actual = _beyond(actual, limit, bound)
        super().at_most(actual, limit, bound, what, kept_as)

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
        if self._to_do("mean", what):
            test = Hoeffding(low, high)
            if deviation is not None:
                test = EmpiricalBernstein(low, high, deviation)
            expected = expected + 2 * test.min_discrepancy(np.size(samples))
        super().mean(samples, expected, what, low=low, high=high, deviation=deviation)

    def uniform(self, values: Any, what: str, *, errors: Any = 0.0) -> None:
        if self._to_do("uniform", what):
            values = np.asarray(values) * (
                1 - min(1.0, 2 * DKWM().min_discrepancy(np.size(values)))
            )
        super().uniform(values, what, errors=errors)

    def proportion(
        self, successes: int, n: int, what: str, *, least: Any = 0, most: Any = 1
    ) -> None:
        if self._to_do("proportion", what):
            successes = n if float(most) - 0.5 < 0.5 - float(least) else 0
        super().proportion(successes, n, what, least=least, most=most)


def _bare(side: Any) -> Any:
    """A side without its working."""
    return side.value if isinstance(side, Worked) else side


def off_by_three(actual: Any, bound: Any) -> Any:
    """A float array with its first entry moved up by three bounds, or to the next float but one."""
    moved = np.array(actual)
    if moved.size:
        least = float(np.broadcast_to(np.asarray(bound, dtype=float), moved.shape).flat[0])
        entry = moved.flat[0]
        next_but_one = np.nextafter(np.nextafter(entry, math.inf), math.inf)
        moved.flat[0] = max(entry + moved.dtype.type(3 * least), next_but_one)
    return moved


def _beyond(actual: Any, limit: Any, bound: Any) -> Any:
    """The smaller side with its first entry just beyond the larger one's."""
    if bound is not None:
        moved = np.array(actual, dtype=float)
        moved.flat[0] = np.broadcast_to(np.asarray(limit, dtype=float), moved.shape).flat[0]
        return off_by_three(moved, bound)
    if isinstance(actual, fmpq_mat):
        return with_first(actual, (limit[0, 0] if isinstance(limit, fmpq_mat) else limit) + 1)
    return one_more(limit)
