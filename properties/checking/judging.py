"""Whether a check and a domain do what they must for a claim that holds to mean something."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

from properties.checking.claim import Claim
from properties.checking.comparison import Check
from properties.checking.plan import Faulty, Plan, seed_of
from properties.checking.search import explore

SLACKEST = 1e-6
"""A claim whose worst ratio stays below this has a bound too loose to catch anything."""

LABEL_ALARM = 1e-9
"""A label's share is too small when so few visits had at most this chance under its least share."""

FEWEST = 50
"""Below this many examples shares of labels are not judged."""

FEWEST_FOR_SHARPNESS = 200
"""Below this many examples, unless the claim asks for fewer, the sharpness of bounds is not: fifty
cases of small size may all be free of rounding, and then nothing can be said of a bound."""


def broken_assumptions(claim: Claim, case: Any) -> list[str]:
    """The assumptions of the claim that the case does not satisfy."""
    return [name for name, holds in claim.assumptions.items() if not holds(case)]


def run_on(claim: Claim, run: Callable[[Any, Check], Any], case: Any, check: Check) -> str:
    """Run a check, see to it that it leaves its case as it was, and give the case as text."""
    before = repr(case)
    answer = run(case, check)
    if answer is not None:
        raise Faulty(
            f"the check returned {answer!r}, which nobody judges; compare by check.exact and others"
        )
    if repr(case) != before:
        raise Faulty(f"the check changed its case, which was {before}")
    return before


def judge_labels(claim: Claim, visits: Counter[str], examples: int, plan: Plan) -> None:
    """Raises Faulty where a label had too few of the cases, of which `visits` counts its own."""
    if examples < FEWEST:
        return
    for name, (least, holds) in claim.labels.items():
        if visits[name] == 0 and not _reachable(claim, name, holds, least, plan):
            raise Faulty(f"the label {name!r} was never visited; widen the domain")
        if _chance_of_at_most(visits[name], examples, least) < LABEL_ALARM:
            raise Faulty(
                f"the label {name!r} was visited by {visits[name]} of {examples} cases, and "
                f"{least:.0%} is its least share; widen the domain"
            )


def _chance_of_at_most(successes: int, trials: int, probability: float) -> float:
    from scipy.special import bdtr

    return float(bdtr(successes, trials, probability))


def _reachable(
    claim: Claim, name: str, holds: Callable[[Any], bool], least: float, plan: Plan
) -> bool:
    """Whether a longer look finds a case with the label (its chance of a miss is below e⁻²⁰)."""

    class Found(Exception):
        pass

    def body(case: Any) -> None:
        if holds(case):
            raise Found

    seen = explore(
        claim.domain,
        body,
        examples=math.ceil(20 / least),
        seed_value=seed_of(plan, claim, f"label {name}"),
    )
    return isinstance(seen.failure, Found)


def judge_tiers(claim: Claim, check: Check) -> None:
    """Raises Faulty unless the check compared in each of the declared tiers and in no other."""
    declared = set(claim.tiers) - {"symbolic"}
    if check.tiers != declared:
        raise Faulty(
            f"it declares the tiers {sorted(declared)} and its check used {sorted(check.tiers)}; "
            "make the declaration say what is done"
        )


def judge_sharpness(claim: Claim, check: Check, examples: int) -> None:
    """Raises Faulty where all errors seen are far below their bound."""
    if examples < max(FEWEST, min(FEWEST_FOR_SHARPNESS, claim.examples or math.inf)):
        return
    for what, ratio in check.ratios.items():
        # A statistical comparison states what it detects instead.
        if ratio < SLACKEST and what not in check.detects:
            raise Faulty(
                f"the bound of {what or 'its comparison'} is too loose to catch anything: the "
                f"worst error is {ratio:.1g} of it; derive a sharper one"
            )
