"""Whether a check does all that it says: the lines of it that no case reaches."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from properties.checking.claim import Claim
from properties.checking.plan import Plan
from properties.checking.search import derived_seed, explore


def lines_not_reached(claim: Claim, plan: Plan) -> list[int]:
    """The numbers of the lines of a claim's check that neither its witness nor its cases run.

    The cases are those that the plan verifies the claim on. Functions defined in it count too;
    what only raises does not, since it refuses a case that must not be there.
    """
    codes = set(_all_codes(claim.check.__code__))
    reached: set[int] = set()

    def body(case: Any) -> None:
        with _lines_noted(codes, reached):
            claim.check(case, plan.check())

    body(claim.witness)
    examples = min(plan.examples, claim.examples or plan.examples)
    seed = derived_seed(plan.seed, claim.name, "holds")
    seen = explore(claim.domain, body, examples=examples, seed_value=seed)
    if seen.failure is not None:
        raise seen.failure
    lines = {line for code in codes for line in _lines(code)}
    return sorted(lines - reached - _refusals(claim))


def _all_codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _all_codes(constant)


def _lines(code: CodeType) -> set[int]:
    """The lines that hold something to be run; the first only where a body stands beside it."""
    lines = {line for _, _, line in code.co_lines() if line is not None}
    return lines if len(lines) == 1 else lines - {code.co_firstlineno}


def _refusals(claim: Claim) -> set[int]:
    """The lines of the check's raise statements."""
    source, first = inspect.getsourcelines(claim.check)
    raising = [
        node
        for node in ast.walk(ast.parse(textwrap.dedent("".join(source))))
        if isinstance(node, ast.Raise)
    ]
    return {
        first - 1 + line
        for node in raising
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


@contextmanager
def _lines_noted(codes: set[CodeType], reached: set[int]) -> Iterator[None]:
    def within(frame: FrameType, event: str, _argument: Any) -> Any:
        reached.add(frame.f_lineno)
        return within

    def called(frame: FrameType, event: str, _argument: Any) -> Any:
        return within(frame, event, None) if frame.f_code in codes else None

    before = sys.gettrace()
    sys.settrace(called)
    try:
        yield
    finally:
        sys.settrace(before)
