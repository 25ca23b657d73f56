"""Finding claims: the project's own, and those in files of other people.

A file from outside is loaded by its path under a private name (`models.backends.files`), so that
nothing it is called can shadow a module of the project or of anybody else.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType

import properties
from models.backends.files import load_file, private_name
from properties.checking.claim import REGISTRY, Claim
from properties.checking.containment import no_sudden_end
from properties.checking.time_limit import time_limit

IMPORTED_WITHIN = 60.0
"""Seconds that a file of claims may take to import."""


class UnknownName(Exception):
    """No claim, theme, assumption or misreading has this name."""


@dataclass
class Loaded:
    """The claims found, and for each file that failed to import what it said."""

    claims: list[Claim] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)


def load_catalogue() -> Loaded:
    """The claims of every theme in `properties`, in the chapter's order; new themes come last."""
    loaded = Loaded()
    for found in pkgutil.iter_modules(properties.__path__):
        if not found.ispkg and found.name != "pytest_plugin":
            name = f"{properties.__name__}.{found.name}"
            _load(loaded, name, partial(importlib.import_module, name))
    place = {theme: index for index, theme in enumerate(properties.THEMES)}
    loaded.claims.sort(key=lambda claim: place.get(claim.theme, len(place)))
    return loaded


def load_from(path: Path) -> Loaded:
    """The claims in a Python file, or in every Python file directly in a folder.

    Raises FileNotFoundError naming the path when there is nothing there.
    """
    if not path.exists():
        raise FileNotFoundError(f"--claims-from {path}: there is no such file or folder")
    files = sorted(path.glob("*.py")) if path.is_dir() else [path]
    if not files:
        raise FileNotFoundError(f"--claims-from {path}: the folder holds no Python file")
    loaded = Loaded()
    for file in files:
        name = private_name(file)
        _load(loaded, name, partial(load_file, file), label=str(file))
    return loaded


@contextmanager
def guarded() -> Iterator[None]:
    """Let what is imported here print to stderr, raise in place of ending the process, and end."""
    with redirect_stdout(sys.stderr), no_sudden_end(), time_limit(IMPORTED_WITHIN):
        yield


def _load(loaded: Loaded, name: str, load: Callable[[], ModuleType], label: str = "") -> None:
    try:
        with guarded():
            load()
    except KeyboardInterrupt:
        raise
    except BaseException as problem:
        where = traceback.extract_tb(problem.__traceback__)[-1]
        loaded.failures[label or name] = (
            f"{label or name} does not import: {type(problem).__name__}: {problem} "
            f"({where.filename}:{where.lineno})"
        )
        return
    loaded.claims += [c for same in REGISTRY.values() for c in same if c.module == name]


def select(loaded: Loaded, names: list[str], theme: str | None) -> list[Claim]:
    """The claims with these names and of this theme; all of them when neither is given.

    Raises UnknownName with the closest names there are.
    """
    claims = loaded.claims
    if theme is not None:
        require(theme, sorted({claim.theme for claim in claims}), "theme")
        claims = [claim for claim in claims if claim.theme == theme]
    for name in names:
        require(name, [claim.name for claim in claims], "claim")
    return [claim for claim in claims if not names or claim.name in names]


def require(name: str, known: list[str], kind: str) -> None:
    """Raise UnknownName, suggesting the closest, unless the name is among the known ones."""
    if name in known:
        return
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    hint = f"; did you mean {', '.join(close)}?" if close else ""
    listed = "" if close else f"; there are: {', '.join(known) or 'none'}"
    raise UnknownName(f"there is no {kind} {name!r}{hint}{listed}")
