"""Exploring a domain with Hypothesis: many cases, the smallest that fails, and what was rejected.

All that is internal to Hypothesis and used by the project is used in this module.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, errors, given, seed, settings
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from hypothesis.statistics import collector

RETRIED = "Retried draw"


@dataclass
class Exploration:
    """What one exploration saw."""

    examples: int = 0
    rejected: int = 0
    failure: BaseException | None = None
    case: Any = None


class DomainFailed(Exception):
    """A domain that cannot be drawn from."""


def derived_seed(*parts: object) -> int:
    """A seed that depends on the names given alone, the same in every process."""
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def explore(
    domain: st.SearchStrategy[Any],
    body: Callable[[Any], None],
    *,
    examples: int,
    seed_value: int,
    targeted: bool = False,
    shrink: bool = True,
    database: Path | None = None,
) -> Exploration:
    """Run the body on at most `examples` cases; on an exception stop, and shrink that case.

    Every case that a strategy gives up on or draws again after a filter's no is counted as
    rejected. `database` is a folder for the failing cases of this one domain, which are tried
    first when it is explored again; nothing is driven then. Raises DomainFailed when nothing can
    be drawn.
    """
    seen = Exploration()
    phases = [Phase.generate]
    if shrink:
        phases.append(Phase.shrink)
    store: ExampleDatabase | None = None
    if database is not None:
        store = DirectoryBasedExampleDatabase(database)
        phases.append(Phase.reuse)
    elif targeted:
        # With a database most cases would go into smoothing the front of what is driven.
        phases.append(Phase.target)

    # The seed stands inside, since it takes the database from the settings that it finds.
    @settings(
        max_examples=examples,
        phases=phases,
        database=store,
        derandomize=False,
        deadline=None,
        print_blob=False,
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @seed(seed_value)
    @given(domain)
    def run(case: Any) -> None:
        try:
            body(case)
        except errors.UnsatisfiedAssumption:
            raise
        except Exception as failure:
            # Hypothesis runs the smallest failing case last.
            seen.case, seen.failure = case, failure
            raise
        if seen.failure is None:
            seen.examples += 1

    with _no_constants_of_modules(), collector.with_value(partial(_count_rejected, seen)):  # type: ignore[arg-type]
        try:
            run()
        except errors.Unsatisfiable as problem:
            raise DomainFailed(
                "the domain gives no case: everything in it is rejected"
            ) from problem
        except errors.FlakyFailure as flaky:
            raise DomainFailed(
                f"one case gave different results when run again: {seen.case!r} ({flaky})"
            ) from flaky
        except Exception as failure:
            if seen.failure is None:
                raise DomainFailed(f"{type(failure).__name__}: {failure}") from failure
    return seen


@contextmanager
def _no_constants_of_modules() -> Iterator[None]:
    """Let Hypothesis draw no constant that it has read in the source of some loaded module.

    Which modules are loaded differs from process to process; so would the cases of one seed.
    """
    read = providers._get_local_constants
    providers._get_local_constants = Constants
    providers.CONSTANTS_CACHE.cache.clear()
    try:
        yield
    finally:
        providers._get_local_constants = read
        providers.CONSTANTS_CACHE.cache.clear()


def _count_rejected(seen: Exploration, statistics: Any) -> None:
    """Count, of the cases generated, those given up on and those drawn again after a no."""
    for case in statistics.get("generate-phase", {}).get("test-cases", ()):
        retried = any(event.startswith(RETRIED) for event in case["events"])
        seen.rejected += case["status"] == "invalid" or retried
