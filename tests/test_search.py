"""Exploring a domain: how many cases, which of them, the smallest that fails, what was rejected."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, target
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers

from properties.checking.search import DomainFailed, derived_seed, explore

NUMBERS = st.integers(0, 10**6)


def seen_by(domain: st.SearchStrategy[int], **options: object) -> list[int]:
    """The cases that an exploration runs."""
    cases: list[int] = []
    explore(domain, cases.append, **{"examples": 50, "seed_value": 1, **options})  # type: ignore[arg-type]
    return cases


def too_large(case: int) -> None:
    assert case < 1000


def test_a_seed_is_that_of_the_names_given() -> None:
    digest = hashlib.sha256(b"1\x1fholds").hexdigest()
    assert derived_seed(1, "holds") == int(digest[:16], 16)
    assert len({derived_seed("a", "b"), derived_seed("ab"), derived_seed("b", "a")}) == 3


def test_a_seed_determines_the_cases_and_their_number_is_that_asked_for() -> None:
    assert seen_by(NUMBERS) == seen_by(NUMBERS)
    assert seen_by(NUMBERS) != seen_by(NUMBERS, seed_value=2)
    assert [len(seen_by(NUMBERS, examples=n)) for n in (1, 7, 50)] == [1, 7, 50]
    assert explore(NUMBERS, lambda _: None, examples=7, seed_value=1).examples == 7


def test_no_constant_of_a_module_is_drawn_and_hypothesis_is_as_it_was() -> None:
    read = providers._get_local_constants
    with_constants = seen_by(st.integers(), examples=300)
    providers._get_local_constants = lambda: pytest.fail("constants were read")
    try:
        assert seen_by(st.integers(), examples=300) == with_constants
    finally:
        providers._get_local_constants = read


def test_the_smallest_case_that_fails_is_found_unless_it_is_not_sought() -> None:
    smallest = explore(NUMBERS, too_large, examples=50, seed_value=1)
    assert smallest.case == 1000
    assert isinstance(smallest.failure, AssertionError)
    first = explore(NUMBERS, too_large, examples=50, seed_value=1, shrink=False)
    assert first.case > 1000
    assert isinstance(first.failure, AssertionError)
    # Those before it passed.
    passed = seen_by(NUMBERS, examples=first.examples + 1)
    assert max(passed[:-1], default=0) < 1000 <= passed[-1] == first.case


def test_what_is_driven_comes_farther() -> None:
    def largest(targeted: bool) -> float:
        sums: list[float] = []

        def body(case: list[int]) -> None:
            sums.append(float(sum(case)))
            target(sums[-1])

        several = st.lists(st.integers(0, 1000), max_size=20)
        explore(several, body, examples=200, seed_value=3, targeted=targeted)
        return max(sums)

    assert largest(True) > largest(False)


def test_with_a_database_the_cases_stay_as_various_as_they_are(tmp_path: Path) -> None:
    def share_of_long_ones(**options: Any) -> float:
        lengths: list[int] = []

        def body(case: list[int]) -> None:
            lengths.append(len(case))
            target(float(max(case, default=0)))

        several = st.lists(st.integers(0, 1000), max_size=20)
        explore(several, body, examples=2000, seed_value=3, **options)
        return sum(length > 5 for length in lengths) / len(lengths)

    undriven = share_of_long_ones()
    found = share_of_long_ones(targeted=True, database=tmp_path)
    # Smoothing the front of what is driven leaves a half of them.
    assert found > 0.8 * undriven


def test_a_failing_case_is_kept_and_tried_first(tmp_path: Path) -> None:
    explore(NUMBERS, too_large, examples=50, seed_value=1, database=tmp_path)
    assert any(file.is_file() for file in tmp_path.rglob("*"))
    cases: list[int] = []

    def body(case: int) -> None:
        cases.append(case)
        too_large(case)

    explore(NUMBERS, body, examples=50, seed_value=2, database=tmp_path)
    assert cases[0] == 1000


def test_what_a_domain_or_a_body_rejects_is_counted() -> None:
    def odd(case: int) -> None:
        assume(case % 2)

    for domain, body in (
        (NUMBERS.filter(lambda n: n % 2), lambda _: None),
        (NUMBERS, odd),
    ):
        seen = explore(domain, body, examples=40, seed_value=1)
        assert seen.failure is None
        assert seen.examples > 10
        # About every second draw.
        assert 5 <= seen.rejected <= 80
    assert explore(NUMBERS, lambda _: None, examples=40, seed_value=1).rejected == 0


def test_a_domain_that_cannot_be_drawn_from_is_an_error() -> None:
    with pytest.raises(
        DomainFailed, match=r"^the domain gives no case: everything in it is rejected$"
    ):
        explore(NUMBERS.filter(lambda _: False), print, examples=5, seed_value=1)
    with pytest.raises(DomainFailed, match=r"^ZeroDivisionError: .*zero$"):
        explore(NUMBERS.map(lambda n: 1 // 0), print, examples=5, seed_value=1)
    restless = iter([True, False])
    with pytest.raises(DomainFailed, match=r"^one case gave different results when run again: \d"):
        explore(st.just(3), lambda _: 1 // (1 - next(restless)), examples=5, seed_value=1)


def test_what_a_body_raises_is_what_is_found() -> None:
    seen = explore(st.just(3), lambda n: n // 0, examples=5, seed_value=1)
    assert (seen.case, type(seen.failure)) == (3, ZeroDivisionError)
