"""What the commands share: options, the claims that they load, and how a mistake is reported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
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
