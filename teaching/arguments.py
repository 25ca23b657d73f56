"""What the commands share: options, the claims that they load, and how a mistake is reported."""

from __future__ import annotations

import json
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


def load(outside: Path | None) -> Loaded:
    """The project's claims, or those of a file or folder."""
    from properties.checking.loading import load_catalogue, load_from

    if outside is None:
        return load_catalogue()
    try:
        return load_from(outside)
    except FileNotFoundError as missing:
        raise mistake(missing) from None


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
