"""The folder of a sweep's finished shards: a file each, written whole or not at all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.files import cannot_write, write_whole
from experiments.versions import versions

SWEEP = "sweep.json"
"""Which sweep the shards beside it belong to, and by which versions they were made."""


class ShardError(Exception):
    """A folder of shards that cannot be used; says why and what to do."""


@dataclass(frozen=True)
class ShardFolder:
    """Where finished shards are kept; `resume` lets a sweep continue from what it finds there."""

    path: Path
    resume: bool = False

    def open(self, identity: dict[str, Any]) -> dict[int, Any]:
        """The counts of the shards that are there already, by index; begins the folder if new.

        Raises ShardError when it holds an unfinished sweep and `resume` is not set, or when it
        cannot be continued because the sweep or the versions are others.
        """
        begun = {"sweep": json.loads(json.dumps(identity)), "versions": versions()}
        found = self._read(self.path / SWEEP)
        kept = sorted(self.path.glob("[0-9]*.json"))
        if found is not None and self.resume:
            self._require_same(found, begun)
            return {int(file.stem): self._read(file) for file in kept}
        shards = 0 if found is None else found.get("sweep", {}).get("shards", 0)
        if len(kept) < shards:
            raise ShardError(
                f"{self.path} holds {len(kept)} of {shards} shards of an "
                "interrupted sweep: continue it with --resume, or begin elsewhere with --out"
            )
        try:
            # What names the old sweep goes first: its shards are never taken for the new one's.
            for file in (self.path / SWEEP, *kept):
                file.unlink(missing_ok=True)
        except OSError as problem:
            raise ShardError(cannot_write(self.path, problem)) from None
        self._write(SWEEP, begun)
        return {}

    def count(self) -> int:
        """How many shards are there."""
        return len(list(self.path.glob("[0-9]*.json")))

    def keep(self, shard: int, counts: Any) -> None:
        """Keep a finished shard. Raises ShardError when it cannot be written."""
        self._write(f"{shard:06}.json", counts)

    def _require_same(self, found: dict[str, Any], needed: dict[str, Any]) -> None:
        for kind, hint in (
            ("sweep", "give the same parameters and seed"),
            ("versions", "install the versions that it was begun with"),
        ):
            differing = _differences(found.get(kind, {}), needed[kind])
            if differing:
                raise ShardError(
                    f"--resume: {self.path} was made with {differing}; {hint}, or begin elsewhere "
                    "with --out"
                )

    def _read(self, file: Path) -> Any:
        try:
            return json.loads(file.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as problem:
            raise ShardError(
                f"{file} cannot be read ({problem}); remove it, and that shard is computed again"
            ) from None

    def _write(self, name: str, value: Any) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            write_whole(self.path / name, json.dumps(value))
        except OSError as problem:
            raise ShardError(cannot_write(self.path / name, problem)) from None


def _differences(found: dict[str, Any], needed: dict[str, Any]) -> str:
    keys = sorted(key for key in {*found, *needed} if found.get(key) != needed.get(key))
    nested = [key for key in keys if isinstance(needed.get(key), dict) and key in found]
    parts = [_differences(found[key], needed[key]) for key in nested]
    parts += [
        f"{key} {found.get(key)} (now {needed.get(key)})" for key in keys if key not in nested
    ]
    return ", ".join(parts)
