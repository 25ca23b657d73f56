"""What other people's code must not do to the process that runs it."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

import numpy as np

from properties.checking.balls import precision

BITS = 53
"""Of a ball where no check asks for more: python-flint's own choice."""


@contextmanager
def contained(seed: int) -> Iterator[None]:
    """Let what a claim prints go to stderr, and its use of global random numbers be the same again.

    The numbers that others draw from the same global generators are left as they would have been;
    os._exit only raises. Balls have python-flint's own precision, whatever the process has set.
    """
    before = random.getstate(), np.random.get_state()  # noqa: NPY002
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002
    try:
        with redirect_stdout(sys.stderr), no_sudden_end(), precision(BITS):
            yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])  # noqa: NPY002


@contextmanager
def no_sudden_end() -> Iterator[None]:
    """Let os._exit, which would end the process without a word, raise SystemExit here."""
    end, here = os._exit, os.getpid()

    def raising(status: int) -> None:
        # A forked process has to end in this way.
        if os.getpid() != here:
            end(status)
        raise SystemExit(f"os._exit({status})")

    os._exit = raising  # type: ignore[assignment]
    try:
        yield
    finally:
        os._exit = end
