"""The commands `claims audit` and `claims seeds`: what claims catch, and that no seed fails."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from teaching.arguments import (
    REFUTED,
    AsJson,
    Outside,
    Theme,
    mistake,
    print_json,
    report_failures,
    require_writable,
    select,
)
from teaching.experiments import chosen_workers

if TYPE_CHECKING:
    from experiments.workers import Workers
    from properties.checking.audit import Audit
    from properties.checking.claim import Claim

WorkerCount = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Processes; by default all cores for many claims."),
]


def audit(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...")] = None,
    theme: Theme = None,
    seed: Annotated[int, typer.Option(help="Seed of the cases.")] = 0,
    workers: WorkerCount = None,
    claims_from: Outside = None,
    as_json: AsJson = False,
) -> None:
    """Try wrong formulas and models on claims: exit 0 if each catches some, 1 if any catches none.

    With names, every wrong object is listed; otherwise a line for each claim.
    """
    from teaching.audit_table import details, print_table

    loaded, claims = select(claims_from, names or [], theme)
    on = chosen_workers(workers, None) if workers else None
    audits = _audit_all(claims, seed, on, quiet=as_json)
    if as_json:
        print_json([found.record() for found in audits])
    elif names:
        typer.echo("\n\n".join(map(details, audits)))
    else:
        print_table(audits)
    report_failures(loaded)
    if any(found.catches_nothing or found.problem for found in audits):
        raise typer.Exit(REFUTED)


def _audit_all(
    claims: list[Claim], seed: int, workers: Workers | None, *, quiet: bool
) -> list[Audit]:
    from rich.console import Console

    from experiments.workers import WorkersError
    from properties.checking.plan import Plan
    from properties.checking.running import audit_claims
    from teaching.progress import progress_bar, time_left

    console = Console(stderr=True)
    found: dict[int, Audit] = {}
    with progress_bar(console, quiet=quiet) as bar:
        task, start = bar.add_task("", total=len(claims), left=""), time.monotonic()
        try:
            for index, audited in audit_claims(claims, Plan(seed=seed), workers):
                found[index] = audited
                left = time_left(time.monotonic() - start, len(found), len(claims) - len(found))
                bar.update(task, advance=1, description=audited.claim[:48], left=left)
                if not console.is_terminal and not quiet:
                    said = f"{len(audited.caught)} of {len(audited.tried)} caught by"
                    typer.echo(f"{said} {audited.claim}", err=True)
        except WorkersError as problem:
            raise mistake(problem) from None
    return [found[index] for index in sorted(found)]


def seeds(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...")] = None,
    theme: Theme = None,
    runs: Annotated[int, typer.Option(min=1, help="How many seeds.")] = 50,
    first: Annotated[int, typer.Option(help="The first of them; the others follow.")] = 1,
    examples: Annotated[int, typer.Option(min=1, help="Cases generated for each claim.")] = 50,
    record: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Add a line of JSON for each seed to this file."),
    ] = None,
    workers: WorkerCount = None,
    claims_from: Outside = None,
    as_json: AsJson = False,
) -> None:
    """Verify with one seed after another: exit 0 if all hold with each, 1 if any does not.

    Only what depends on the seed is verified: the claims on their cases, and the searches.
    """
    from experiments.workers import WorkersError
    from properties.checking.seeds import run_of_seed

    loaded, claims = select(claims_from, names or [], theme)
    require_writable("--record", record)
    found = []
    for seed in range(first, first + runs):
        on = chosen_workers(workers, None) if workers else None
        try:
            run = run_of_seed(claims, seed, examples, on)
        except WorkersError as problem:
            raise mistake(problem) from None
        found.append(run)
        if record is not None:
            try:
                run.add_to(record)
            except OSError as problem:
                raise mistake(f"--record {record}: {problem.strerror}") from None
        typer.echo(run.line(), err=as_json)
        for failure in run.failures:
            typer.echo(f"    {failure['claim']}::{failure['part']}: {failure['message']}", err=True)
    if as_json:
        print_json([run.as_data() for run in found])
    report_failures(loaded)
    if any(run.failures for run in found):
        raise typer.Exit(REFUTED)
