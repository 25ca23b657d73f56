"""What the commands share: options, the claims that they load, and how a mistake is reported."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from properties.checking.claim import Claim
    from properties.checking.loading import Loaded

REFUTED, USAGE = 1, 2

Outside = Annotated[
    Path | None,
    typer.Option(
        "--claims-from",
        metavar="PATH",
        help="Take the claims of this file or folder instead of the project's own.",
    ),
]


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Theme = Annotated[str | None, typer.Option(help="Only the claims of this theme.")]


def mistake(message: object) -> typer.Exit:
    """Report a mistake in the call; what is returned ends the command when it is raised."""
    typer.echo(f"claims: {message}", err=True)
    return typer.Exit(USAGE)


def require_writable(option: str, file: Path | None) -> None:
    """Refuse a file that cannot be written before the work is done whose result it is to hold."""
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.is_symlink() and not file.exists():
            file.resolve(strict=True)
        if file.exists() and not file.is_file():
            raise mistake(f"{option} {file}: that is no file that can be written; name another")
        new = not file.exists()
        with file.open("a"):
            pass
        if new:
            file.unlink()
    except typer.Exit:
        raise
    except (OSError, RuntimeError) as problem:
        raise unusable(option, file, problem) from None


def require_folder(option: str, folder: Path | None) -> None:
    """Refuse a folder that cannot be made, or that no file can be written into."""
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as problem:
        raise unusable(option, folder, problem) from None


def unusable(option: str, path: Path, problem: Exception) -> typer.Exit:
    """Report a path that cannot be used."""
    shown = str(path) if len(str(path)) < LONGEST_SHOWN else f"{str(path)[:LONGEST_SHOWN]}…"
    why = getattr(problem, "strerror", None) or str(problem)
    return mistake(f"{option} {shown}: {why}; name another")


LONGEST_SHOWN = 200


def load(outside: Path | None) -> Loaded:
    """The project's claims, or those of a file or folder."""
    from properties.checking.loading import load_catalogue, load_from

    if outside is None:
        return load_catalogue()
    try:
        return load_from(outside)
    except FileNotFoundError as missing:
        raise mistake(missing) from None
    except OSError as problem:
        raise unusable("--claims-from", outside, problem) from None


def select(outside: Path | None, names: list[str], theme: str | None) -> tuple[Loaded, list[Claim]]:
    """The claims chosen; named ones may be the project's as well as those from outside."""
    from properties.checking.loading import UnknownName, load_catalogue
    from properties.checking.loading import select as chosen_of

    loaded = load(outside)
    if outside is not None and (names or theme):
        own = load_catalogue()
        loaded.claims += own.claims
    try:
        return loaded, chosen_of(loaded, names, theme)
    except UnknownName as unknown:
        for failure in loaded.failures.values():
            typer.echo(f"claims: {failure}", err=True)
        raise mistake(unknown) from None


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False))


def report_failures(loaded: Loaded) -> None:
    """Say which files don't import, and end the command if any doesn't."""
    for failure in loaded.failures.values():
        typer.echo(f"claims: {failure}", err=True)
    if loaded.failures:
        raise typer.Exit(REFUTED)
