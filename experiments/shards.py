"""The folder of a sweep's finished shards: a file each, written whole or not at all.

Each file names its sweep and its place in it, so that none can be taken for another's; whatever
else stands in the folder is refused, and never counted.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.files import cannot_write, read_json, write_whole
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

    def open(self, identity: dict[str, Any], cells: int) -> dict[int, Any]:
        """The counts of the shards that are there already, by index; begins the folder if new.

        cells: how many the sweep has. Raises ShardError when it holds an unfinished sweep and
        `resume` is not set, when it cannot be continued because the sweep or the versions are
        others, and for a file that is no finished shard of this sweep.
        """
        begun = {"sweep": json.loads(json.dumps(identity)), "versions": versions()}
        found = self._sweep()
        kept = sorted(self.path.glob("[0-9]*.json"))
        if found is not None and self.resume:
            self._require_same(found, begun)
            return {
                index: self._counts(file, identity, index, cells) for index, file in _placed(kept)
            }
        shards = 0 if found is None else found["sweep"].get("shards", 0)
        if isinstance(shards, int) and len(kept) < shards:
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

    def keep(self, identity: dict[str, Any], shard: int, counts: Any) -> None:
        """Keep a finished shard of a sweep. Raises ShardError when it cannot be written."""
        kept = {"sweep": _digest(identity), "shard": shard, "counts": counts}
        self._write(f"{shard:06}.json", kept)

    def _sweep(self) -> Any:
        found = self._read(self.path / SWEEP, "begin elsewhere with --out")
        if found is None:
            return None
        kinds = [found.get(kind) for kind in ("sweep", "versions")] if _named(found) else [None]
        if not all(map(_named, kinds)):
            raise ShardError(
                f"{self.path / SWEEP} names no sweep and its versions; begin elsewhere with --out"
            )
        return found

    def _counts(self, file: Path, identity: dict[str, Any], index: int, cells: int) -> Any:
        """The counts in the file of a shard, which has to be this one."""
        found = self._read(file, COMPUTED_AGAIN)
        own = {"sweep": _digest(identity), "shard": index}
        if not _named(found) or {key: found.get(key) for key in own} != own:
            raise ShardError(f"{file} is shard {index} of another sweep; {COMPUTED_AGAIN}")
        counts = found.get("counts")
        if index >= identity["shards"] or not _are_counts(counts, cells):
            raise ShardError(f"{file} holds no counts of this sweep's runs; {COMPUTED_AGAIN}")
        return counts

    def _require_same(self, found: dict[str, Any], needed: dict[str, Any]) -> None:
        for kind, hint in (
            ("sweep", "give the same parameters and seed"),
            ("versions", "install the versions that it was begun with"),
        ):
            differing = _differences(found[kind], needed[kind])
            if differing:
                raise ShardError(
                    f"--resume: {self.path} was made with {differing}; {hint}, or begin elsewhere "
                    "with --out"
                )

    def _read(self, file: Path, remedy: str) -> Any:
        try:
            return read_json(file)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as problem:
            raise ShardError(f"{file} cannot be read ({problem}); {remedy}") from None

    def _write(self, name: str, value: Any) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            write_whole(self.path / name, json.dumps(value))
        except OSError as problem:
            raise ShardError(cannot_write(self.path / name, problem)) from None


COMPUTED_AGAIN = "remove it, and that shard is computed again"


def _placed(kept: list[Path]) -> Iterator[tuple[int, Path]]:
    """The files of shards and their places, by their names. Raises ShardError for another name."""
    for file in kept:
        if re.fullmatch("[0-9]{6,9}", file.stem) is None:
            raise ShardError(f"{file} has no name of a shard; remove it")
        yield int(file.stem), file


def _digest(identity: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:16]


def _named(value: Any) -> bool:
    return isinstance(value, dict)


def _are_counts(counts: Any, cells: int) -> bool:
    """Whether these are (cell, runs, successes), in whole numbers that are possible."""
    return isinstance(counts, list) and all(
        isinstance(count, list)
        and len(count) == 3
        and all(type(number) is int for number in count)
        and 0 <= count[0] < cells
        and 0 <= count[2] <= count[1]
        for count in counts
    )


def _differences(found: dict[str, Any], needed: dict[str, Any]) -> str:
    keys = sorted(key for key in {*found, *needed} if found.get(key) != needed.get(key))
    nested = [key for key in keys if _named(needed.get(key)) and _named(found.get(key))]
    parts = [_differences(found[key], needed[key]) for key in nested]
    parts += [
        f"{key} {found.get(key)} (now {needed.get(key)})" for key in keys if key not in nested
    ]
    return ", ".join(parts)
