"""The time that is left."""

import pytest

from teaching.progress import time_left


@pytest.mark.parametrize(
    ("seconds", "finished", "remaining", "said"),
    [
        (3.0, 0, 9, ""),
        (10.0, 5, 20, "40 s left"),
        (10.0, 5, 40, "1 min 20 s left"),
        (30.0, 1, 4, "2 min 00 s left"),
        (10.0, 5, 0, "0 s left"),
    ],
)
def test_time_left(seconds: float, finished: int, remaining: int, said: str) -> None:
    assert time_left(seconds, finished, remaining) == said
