"""Replaying a text whose blocks are files, changes to the last file, and commands with outputs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from tests.test_cli import claims_said

BLOCK = re.compile(r"(.*?)^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NAMED = re.compile(r"`([\w/]+\.py)`")


def replay(text: str, folder: Path) -> Iterator[tuple[str, str, str]]:
    """Do in a folder what the text says, and give each command, its output as shown, and as it is.

    Paths in the output are shown from the folder. A Python block is the file that was named last
    before it; a diff changes that file.
    """
    file = folder
    for before, language, block in BLOCK.findall(text):
        named = NAMED.findall(before)
        if language == "python":
            file = folder / named[-1]
            file.write_text(block)
        elif language == "diff":
            change(folder, block)
        else:
            command, _, shown = block.removeprefix("$ ").partition("\n")
            program, *arguments = shlex.split(command)
            assert program == "claims"
            yield command, shown, claims_said(*arguments, cwd=folder).replace(f"{folder}/", "")


def change(folder: Path, diff: str) -> None:
    """Replace each run of lines with − by the lines with + below it, in the file that has them."""
    for old, new in re.findall(r"((?:^-.*\n)+)((?:^\+.*\n)*)", diff, re.MULTILINE):
        removed, added = (re.sub(r"^[-+]", "", lines, flags=re.MULTILINE) for lines in (old, new))
        (file,) = [f for f in folder.rglob("*.py") if removed in f.read_text()]
        file.write_text(file.read_text().replace(removed, added, 1))


def untimed(text: str) -> str:
    """Without times and trailing spaces: what has to be the same each time."""
    text = re.sub(r"\b\d+\.\d(?= s\b| *$)", "0.0", text, flags=re.MULTILINE)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
