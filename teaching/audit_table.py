"""What `claims audit` prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from properties.checking.audit import Audit

MEANS = {
    "formula": "what it evaluates, with a constant, an index, a transpose or a sign changed",
    "conclusion": "the same of what it derives, which its steps must not reach",
    "model": "what it runs, with a mistake, or returning something else",
    "quantity": "what its check calls, returning something else, where nothing above is caught",
    "comparison": "a side of a comparison moved just beyond what that may allow",
}


def details(audit: Audit) -> str:
    """What one claim catches and what it does not, an object a line."""
    lines = [audit.claim, ""]
    for kind, meaning in MEANS.items():
        tried = audit.of(kind)
        if not tried:
            lines += [f"  wrong {_plural(kind)}: none that differ", ""]
            continue
        caught = sum(each.caught for each in tried)
        lines.append(f"  wrong {_plural(kind)}: {caught} of {len(tried)} caught ({meaning})")
        for each in tried:
            said = f" (in error: {each.error})" if each.error else ""
            lines.append(f"    {'caught' if each.caught else 'MISSED'}  {each.what}{said}")
        lines.append("")
    if audit.problem:
        lines.append(f"  {audit.problem}")
    return "\n".join(lines).rstrip()


def print_table(audits: Sequence[Audit]) -> None:
    """A line for each claim: of each kind of wrong objects, how many were caught of how many."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("", "claim"):
        table.add_column(column)
    for column in (*map(_plural, MEANS), "caught", "in error"):
        table.add_column(column, justify="right")
    for audit in audits:
        mark = (
            "[yellow]![/]"
            if audit.problem
            else "[red]✗[/]"
            if audit.catches_nothing
            else "[green]✓[/]"
        )
        shares = [_share(audit, kind) for kind in MEANS]
        in_error = sum(bool(each.error) for each in audit.missed)
        whole = f"{len(audit.caught)}/{len(audit.tried)}"
        table.add_row(mark, escape(audit.claim), *shares, whole, str(in_error or ""))
    console = Console()
    console.print(table)
    for audit in audits:
        if audit.problem:
            console.print(audit.problem, markup=False, highlight=False, soft_wrap=True)
    wrong = sum(len(audit.tried) for audit in audits)
    caught = sum(len(audit.caught) for audit in audits)
    nothing = [audit.claim for audit in audits if audit.catches_nothing]
    console.print(
        f"{caught} of {wrong} wrong objects caught by {len(audits)} claims; catching nothing: "
        f"{', '.join(nothing) or 'none'}."
    )
    for kind, meaning in MEANS.items():
        console.print(f"[dim]{_plural(kind)}: {meaning}[/]")


def _plural(kind: str) -> str:
    return f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"


def _share(audit: Audit, kind: str) -> str:
    tried = audit.of(kind)
    return f"{sum(each.caught for each in tried)}/{len(tried)}" if tried else "–"
