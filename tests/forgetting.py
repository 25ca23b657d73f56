"""Files of claims and backends that a test loads are gone after it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from models.backends.files import PRIVATE
from properties.checking.claim import REGISTRY


@contextmanager
def forgetting_files() -> Iterator[None]:
    """Afterwards no claim or module of a file is left in this process that was not there before."""
    path, known = list(sys.path), _of_files()
    try:
        yield
    finally:
        sys.path[:] = path
        new = _of_files() - known
        for same in REGISTRY.values():
            same[:] = [claim for claim in same if claim.module not in new]
        for name in new & set(sys.modules):
            del sys.modules[name]


def _of_files() -> set[str]:
    """The modules that were loaded from files outside the project, or whose claims there are."""
    claimed = {claim.module for same in REGISTRY.values() for claim in same}
    return {name for name in {*sys.modules, *claimed} if name.startswith(PRIVATE)}
