"""The versions that the results of a sweep rest on."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from functools import cache
from pathlib import Path

ROOMS = ("experiments", "models")


@cache
def versions() -> dict[str, str]:
    """Of Python, numpy and this project, with a digest of the sources that compute the results."""
    return {
        "python": platform.python_version(),
        "numpy": importlib.metadata.version("numpy"),
        "long-term-dependencies": importlib.metadata.version("long-term-dependencies"),
        "sources": _digest(),
    }


def _digest() -> str:
    digest = hashlib.sha256()
    project = Path(__file__).parent.parent
    for file in sorted(file for room in ROOMS for file in (project / room).rglob("*.py")):
        digest.update(f"{file.relative_to(project)}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:12]
