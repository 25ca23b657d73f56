"""A limit to how long a piece of work may take, so that one that hangs does not stop the others.

A signal's handler raises in the main thread, between two steps of Python: a loop, a sleep and a
wait are interrupted, a single call into C (a power with a million digits) only once it is over.
Where there are no such signals, or in another thread, there is no limit.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class OutOfTime(BaseException):
    """The time allowed is over. No Exception, so that no `except Exception` holds it up."""


@contextmanager
def time_limit(seconds: float, *, of_cpu: bool = False) -> Iterator[None]:
    """Raise OutOfTime in what is done here once so many seconds have passed, or were computed.

    One limit of each kind can be in force at a time.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() != threading.main_thread():
        yield
        return
    timer, number = signal.ITIMER_REAL, signal.SIGALRM
    if of_cpu:
        timer, number = signal.ITIMER_PROF, signal.SIGPROF

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise OutOfTime(f"it took more than {seconds:g} s" + of_cpu * " of computing")

    before = signal.signal(number, stop)
    signal.setitimer(timer, seconds)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)
        signal.signal(number, before)
