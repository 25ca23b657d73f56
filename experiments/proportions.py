"""The Clopper-Pearson interval of a proportion."""

from __future__ import annotations

CONFIDENCE = 0.95
"""Of the intervals in tables and figures; claims have intervals of their own, far surer."""


def interval(successes: int, runs: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The probabilities of a success that so many of so many runs don't exclude.

    Clopper and Pearson, Biometrika 26 (1934). Raises ValueError unless 0 ≤ successes ≤ runs ≥ 1.
    """
    from scipy.special import betaincinv

    if not 0 <= successes <= runs or runs < 1:
        raise ValueError(f"successes, runs: {successes} of {runs}; needs 0 ≤ successes ≤ runs ≥ 1")
    tail = (1 - confidence) / 2
    low = betaincinv(successes, runs - successes + 1, tail) if successes else 0.0
    high = betaincinv(successes + 1, runs - successes, 1 - tail) if successes < runs else 1.0
    return float(low), float(high)
