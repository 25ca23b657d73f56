"""How far a long command is, and how long the rest takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


def progress_bar(console: Console, *, quiet: bool) -> Progress:
    """A bar with a description, how many of how many, and the time left, which is a field `left`.

    Not shown where the console is no terminal.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[left]}"),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    )


def time_left(seconds: float, finished: int, remaining: int) -> str:
    """How long the rest takes at the pace of what was finished in so many seconds."""
    if not finished:
        return ""
    whole = round(seconds / finished * remaining)
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest:02} s left" if minutes else f"{rest} s left"
