"""What checking costs beside drawing: each claim's cases with its check, and with an empty one.

Run as `python -m benchmarks.overhead [EXAMPLES]`. CPU time, one process, nothing cached.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from properties.checking.loading import load_catalogue
from properties.checking.plan import Plan
from properties.checking.search import explore
from properties.checking.verification import verify_part


def drawing(domain: Any, examples: int) -> float:
    """Seconds to draw the cases and do nothing with them."""
    start = time.process_time()
    explore(domain, lambda case: None, examples=examples, seed_value=0)
    return time.process_time() - start


def main(examples: int = 200) -> None:
    """Print for each claim both times and their ratio, and the sums."""
    drawn, checked = 0.0, 0.0
    print(f"{'claim':32} {'drawn':>8} {'checked':>8} {'ratio':>6}")
    for claim in load_catalogue().claims:
        empty, full = drawing(claim.domain, examples), 0.0
        for part in ("witness", "holds"):
            start = time.process_time()
            verify_part(claim, part, Plan(examples=examples))
            full += time.process_time() - start
        drawn, checked = drawn + empty, checked + full
        print(f"{claim.name:32} {empty:8.2f} {full:8.2f} {full / empty:6.2f}")
    print(f"{'all':32} {drawn:8.2f} {checked:8.2f} {checked / drawn:6.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
