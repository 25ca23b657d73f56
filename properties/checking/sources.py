"""A digest of the project's sources: whether two runs verified the same thing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).parent.parent.parent
ROOMS = ("theory", "models", "experiments", "properties")


@cache
def sources_digest() -> str:
    """A digest of every file that a verdict rests on."""
    return content_digest(file for room in ROOMS for file in (PROJECT / room).rglob("*.py"))


def content_digest(files: Iterable[Path]) -> str:
    """A digest of the files' names and contents, whatever their order."""
    digest = hashlib.sha256()
    for file in sorted(files):
        content = file.read_bytes()
        digest.update(f"{file.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()
