"""The command `claims`: list, show, verify and refute the claims, and begin a new one."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from teaching.arguments import (
    REFUTED,
    AsJson,
    Outside,
    Theme,
    mistake,
    print_json,
    report_failures,
    require_folder,
    require_writable,
    select,
)
from teaching.auditing import audit, seeds
from teaching.experiments import Cluster, chosen_workers, experiment
from teaching.page.command import page

if TYPE_CHECKING:
    from experiments.workers import Workers
    from properties.checking.claim import Claim
    from properties.checking.plan import Plan
    from teaching.blackboard import Refutation

INTERRUPTED = "interrupted"

app = typer.Typer(
    name="claims",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Why recurrent networks forget: claims that a machine derives, checks and tries to break.",
    epilog=(
        "Examples:  claims list · claims show spectral_power · claims verify --theme "
        "linear_recurrence · claims refute spectral_power --misreading printed_form"
    ),
)

Backend = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="Implementation under test: numpy, torch, jax, torch:float32, jax:float32, "
        "module:object or file.py:object.",
    ),
]


def main() -> None:
    """Entry point of the console script."""
    try:
        app()
    except KeyboardInterrupt:
        typer.echo("interrupted", err=True)
        sys.exit(130)


READY_WITHIN = 120.0
"""Seconds that a backend may take until it has computed something; jax compiles first."""


def _one(name: str, outside: Path | None) -> Claim:
    _, claims = select(outside, [name], None)
    return claims[0]


def _require_backend(name: str) -> None:
    from models.backends import BackendError, load_backend
    from properties.checking.containment import contained
    from properties.checking.time_limit import OutOfTime, time_limit

    try:
        with time_limit(READY_WITHIN), contained(seed=0):
            # So it is seen to compute something, in some precision, before all else begins.
            _ = load_backend(name).unit_roundoff
    except BackendError as problem:
        raise mistake(f"--backend: {problem}") from None
    except OutOfTime:
        raise mistake(
            f"--backend: {name} was not imported, and one step computed, within {READY_WITHIN:g} s"
        ) from None
    except Exception as problem:
        raise mistake(
            f"--backend: {name}: one step of a model of one unit raised "
            f"{type(problem).__name__}: {problem}"
        ) from None


@app.command("list", epilog="Example:  claims list --theme linear_recurrence --json")
def list_claims(theme: Theme = None, claims_from: Outside = None, as_json: AsJson = False) -> None:
    """List the claims, a line each."""
    from properties.checking.evidence import header

    loaded, claims = select(claims_from, [], theme)
    if as_json:
        print_json([header(claim) for claim in claims])
    else:
        _print_list(claims)
    report_failures(loaded)


def _print_list(claims: list[Claim]) -> None:
    """A line a claim under its theme; cut to the width of a terminal, whole in a file."""
    from itertools import groupby

    from rich.console import Console
    from rich.text import Text

    console = Console()
    width = max(len(claim.name) for claim in claims) if claims else 0
    for theme, members in groupby(claims, key=lambda claim: claim.theme):
        console.print(Text(theme, style="bold"))
        for claim in members:
            line = Text(f"  {claim.name:{width}}  {claim.statement}")
            if console.is_terminal:
                line.truncate(console.width, overflow="ellipsis")
            console.print(line, soft_wrap=True)


@app.command(epilog="Example:  claims show spectral_power")
def show(name: str, claims_from: Outside = None, as_json: AsJson = False) -> None:
    """Show one claim: statement, assumptions, the steps of its derivation, source."""
    from properties.checking.evidence import header

    claim = _one(name, claims_from)
    derivation = None if isinstance(claim.derivation, str) else claim.derivation
    if as_json:
        steps = derivation and {"steps": derivation.lines(), "latex": derivation.latex()}
        print_json({**header(claim), "derivation": steps, "explain": claim.explain})
        return
    lines = [claim.name, "", f"  {claim.statement}", f"  Source: {claim.source}", ""]
    lines += [f"  {line}" for line in claim.explain.strip().splitlines()]
    lines += ["", f"Theme        {claim.theme}", f"Tiers        {', '.join(claim.tiers)}"]
    lines += [f"Assumption   {assumption}" for assumption in claim.assumptions]
    lines += [
        f"Misreading   {misreading.name}: {misreading.statement}"
        for misreading in claim.misreadings.values()
    ]
    lines += [f"Regime       {label}" for label in claim.labels]
    lines += ["", "Derivation"]
    text = str(claim.derivation) if derivation is None else derivation.text()
    lines += [f"  {line}" for line in text.splitlines()]
    typer.echo("\n".join(lines))


@app.command(
    epilog="Examples:  claims verify · claims verify spectral_power --examples 2000 --seed 7 · "
    "claims verify --claims-from my_claims/ · claims verify --backend torch · "
    "claims verify --examples 1000000 --cluster tcp://10.0.0.1:8786"
)
def verify(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...")] = None,
    theme: Theme = None,
    examples: Annotated[int, typer.Option(min=1, help="Cases generated for each claim.")] = 200,
    seed: Annotated[int, typer.Option(help="Seed of the generated cases.")] = 0,
    evidence: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the evidence here as JSON.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Processes; by default all cores for many claims."),
    ] = None,
    limit: Annotated[
        float, typer.Option(min=1, metavar="SECONDS", help="What each part of a claim may take.")
    ] = 600.0,
    cluster: Cluster = None,
    reuse: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Recall from here what was verified before with the same sources and versions.",
        ),
    ] = None,
    backend: Backend = "numpy",
    claims_from: Outside = None,
    as_json: AsJson = False,
) -> None:
    """Verify claims: exit 0 if all hold, 1 if any does not, 2 for a mistake in the call."""
    from properties.checking import evidence as saved
    from properties.checking.plan import Plan

    require_writable("--evidence", evidence)
    require_folder("--reuse", reuse)
    _require_backend(backend)
    loaded, chosen = select(claims_from, names or [], theme)
    claims, not_applicable = _applicable(chosen, backend)
    if not claims and not loaded.failures:
        raise mistake(f"--backend {backend}: none of the claims chosen can judge it")
    plan = Plan(examples=examples, seed=seed, backend=backend, reuse=reuse, limit=limit)
    # With neither option, few claims are verified in this process and many on all cores.
    on = chosen_workers(workers, cluster) if workers or cluster else None
    entries, cut_short = _verify_all(claims, plan, on, quiet=as_json)
    entries += [saved.failed_import(name, why) for name, why in loaded.failures.items()]
    found = saved.evidence(entries, plan, list(not_applicable))
    if evidence is not None:
        try:
            saved.write(evidence, found)
        except OSError as problem:
            raise mistake(f"--evidence {evidence}: {problem.strerror}") from None
    if as_json:
        print_json(found)
    else:
        _print_table(entries)
        _print_not_applicable(not_applicable, backend)
    if cut_short:
        typer.echo(f"{cut_short} after {len(entries)} of {len(claims)} claims", err=True)
        raise typer.Exit(130 if cut_short == INTERRUPTED else REFUTED)
    if any(entry["verdict"] != "holds" for entry in entries):
        raise typer.Exit(REFUTED)


def _applicable(claims: list[Claim], backend: str) -> tuple[list[Claim], dict[str, str]]:
    """The claims that judge the backend; and those that don't, by name, with the reason."""
    from properties.checking.applicability import why_not_applicable

    reasons = {claim.name: why_not_applicable(claim, backend) for claim in claims}
    return (
        [claim for claim in claims if reasons[claim.name] is None],
        {name: why for name, why in reasons.items() if why is not None},
    )


def _print_not_applicable(reasons: dict[str, str], backend: str) -> None:
    by_reason: dict[str, list[str]] = {}
    for name, why in reasons.items():
        by_reason.setdefault(why, []).append(name)
    for why, names in by_reason.items():
        typer.echo(f"not applicable to {backend} ({why}): {', '.join(names)}")


def _verify_all(
    claims: list[Claim], plan: Plan, workers: Workers | None, *, quiet: bool
) -> tuple[list[dict[str, Any]], str]:
    """The entries of the claims, each reported when it is finished; and what cut the run short.

    On Ctrl-C, and when workers fail, those that are finished are returned.
    """
    from rich.console import Console

    from experiments.workers import WorkersError
    from properties.checking.applicability import parts_on
    from properties.checking.evidence import entry, header
    from properties.checking.running import tasks_of, verify_claims
    from teaching.progress import progress_bar, time_left

    console = Console(stderr=True)
    parts = [parts_on(claim, plan.backend) for claim in claims]
    records: list[dict[str, Any]] = [{} for _ in claims]
    entries: dict[int, dict[str, Any]] = {}
    cut_short = ""
    with progress_bar(console, quiet=quiet) as bar:
        total, start = len(tasks_of(claims, plan)), time.monotonic()
        task = bar.add_task("", total=total, left="")
        try:
            for count, done in enumerate(verify_claims(claims, plan, workers), 1):
                left = time_left(time.monotonic() - start, count, total - count)
                bar.update(task, advance=1, left=left)
                if done is None:
                    continue
                claim, seen = claims[done.claim], records[done.claim]
                seen[done.part] = done.record
                bar.update(task, description=f"{claim.name} {done.part}"[:48])
                if done.failure and not quiet:
                    console.print(done.failure, markup=False, highlight=False, soft_wrap=True)
                if len(seen) == len(parts[done.claim]):
                    found = entry(header(claim), [seen[part] for part in parts[done.claim]])
                    entries[done.claim] = found
                    if not console.is_terminal and not quiet:
                        said = f"{found['verdict']:8} {claim.name} {found['seconds']:.1f} s"
                        typer.echo(said, err=True)
        except KeyboardInterrupt:
            cut_short = INTERRUPTED
        except WorkersError as problem:
            cut_short = f"claims: {problem}; stopped"
    return [entries[index] for index in sorted(entries)], cut_short


IN_A_FILE = 100
"""The columns that tables and notes have where no terminal sets them."""

VERDICTS = {"holds": "[green]✓[/]", "refuted": "[red]✗[/]", "error": "[yellow]![/]"}


def _print_table(entries: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from properties.checking.evidence import false_alarm

    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0))
    for column in ("", "claim", "tiers"):
        table.add_column(column, no_wrap=column == "claim")
    for column in ("examples", "worst ratio", "dropped", "misread", "seconds"):
        table.add_column(column, justify="right")
    for found in entries:
        ratio = found["worst_ratio"]
        table.add_row(
            VERDICTS[found["verdict"]],
            escape(found["name"]),
            escape(", ".join(found["tiers"])),
            str(found["examples"]),
            "–" if ratio is None else f"{ratio:.2g}",
            _share(found["assumptions"]),
            _share(found["misreadings"]),
            f"{found['seconds']:.1f}",
        )
    console = Console()
    if not console.is_terminal:
        console.width = IN_A_FILE
    console.print(table)
    counts = {v: sum(found["verdict"] == v for found in entries) for v in VERDICTS}
    console.print(
        f"{counts['holds']} hold, {counts['refuted']} refuted, {counts['error']} in error. "
        "[dim]dropped: assumptions with a counterexample; misread: misreadings refuted; "
        "worst ratio: largest error ÷ bound.[/]"
    )
    alarm = false_alarm(entries)
    if alarm:
        console.print(
            f"[dim]Samples and labels: the chance that a true claim of these failed is at most "
            f"{alarm:.1e}.[/]"
        )


def _share(refutations: list[dict[str, Any]]) -> str:
    found = sum(refutation["counterexample"] is not None for refutation in refutations)
    return f"{found}/{len(refutations)}" if refutations else "–"


@app.command(
    epilog="Examples:  claims refute spectral_power --misreading printed_form --picture it.svg · "
    'claims refute spectral_power --without "Q is orthogonal" --latex'
)
def refute(
    name: str,
    without: Annotated[
        str | None, typer.Option(metavar="ASSUMPTION", help="Drop this assumption.")
    ] = None,
    misreading: Annotated[
        str | None, typer.Option(metavar="M", help="Refute this false version.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the search.")] = 0,
    backend: Backend = "numpy",
    claims_from: Outside = None,
    as_latex: Annotated[
        bool, typer.Option("--latex", help="Print LaTeX for a slide; it needs amsmath.")
    ] = False,
    picture: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw the counterexample into this .svg, .png or .pdf."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Search for the smallest counterexample to a misreading, or to a claim less an assumption."""
    from properties.checking.loading import UnknownName
    from properties.checking.plan import Plan
    from teaching.blackboard import NoPicture, picture_format
    from teaching.blackboard import refute as search

    if (without is None) == (misreading is None):
        raise mistake('name one of --without "ASSUMPTION" and --misreading M')
    _require_backend(backend)
    claim = _one(name, claims_from)
    _, not_applicable = _applicable([claim], backend)
    if not_applicable:
        raise mistake(f"--backend {backend}: {name}: {not_applicable[name]}")
    try:
        if picture is not None:
            picture_format(picture)  # before the search, which may take seconds
        refutation = search(claim, without, misreading, Plan(seed=seed, backend=backend))
    except UnknownName as unknown:
        raise mistake(unknown) from None
    except NoPicture as reason:
        raise mistake(f"--picture: {reason}") from None
    if picture is not None:
        _draw(refutation, picture)
    if as_json:
        print_json(_refutation(refutation))
    else:
        typer.echo(refutation.latex() if as_latex else refutation.text())
    if refutation.outcome.counterexample is None:
        raise typer.Exit(REFUTED)


def _draw(refutation: Refutation, picture: Path) -> None:
    from teaching.blackboard import NoPicture

    try:
        refutation.draw(picture)
    except NoPicture as reason:
        raise mistake(f"--picture: {reason}") from None
    except OSError as problem:
        raise mistake(f"--picture {picture}: {problem.strerror}") from None


def _refutation(refutation: Refutation) -> dict[str, Any]:
    from properties.checking.evidence import record

    found = record(refutation.outcome)
    kept = ("counterexample", "left", "right", "violation", "examples", "seconds")
    without, misreading = refutation.without, refutation.misreading
    kind, name = ("misreading", misreading) if without is None else ("without", without)
    named = {"claim": refutation.claim.name, "kind": kind, "name": name}
    shown = refutation.outcome.counterexample
    worked = shown and {
        side: [line.text() for line in shown.steps(k)] for k, side in enumerate(("left", "right"))
    }
    return {**named, **{key: found[key] for key in kept}, "worked": worked}


@app.command(
    epilog="Examples:  claims new my_theorem --theme linear_recurrence · "
    "claims new my_theorem --theme lecture_3 --to ~/my_claims"
)
def new(
    name: str,
    theme: Annotated[str, typer.Option(help="The theme that it belongs to, old or new.")],
    to: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write both files here, outside the project's rooms."),
    ] = None,
) -> None:
    """Begin a claim: a file that runs, with its derivation in a second one, ready to be edited."""
    from teaching.scaffold import ScaffoldError, scaffold

    try:
        written = scaffold(name, theme, to)
    except (ScaffoldError, OSError) as refused:
        raise mistake(refused) from None
    for file in written:
        typer.echo(f"wrote {file}")
    typer.echo(f"now edit both, and run: claims verify --claims-from {written[0]}")


app.command(
    epilog="Examples:  claims audit spectral_power · claims audit --theme robust_memory · "
    "claims audit --claims-from my_claims/ --json"
)(audit)


app.command(
    epilog="Examples:  claims seeds --runs 50 --record build/seeds.jsonl · "
    "claims seeds --theme random_products --runs 3 --first 100"
)(seeds)


app.command(
    epilog="Examples:  claims experiment list · claims experiment latching --quick · "
    "claims experiment latching --set runs=10000 --workers 2 --resume · "
    "claims experiment latching --cluster tcp://10.0.0.1:8786 --out results --json"
)(experiment)


app.command(
    epilog="Examples:  claims page · claims page --from build/evidence.json --out build/page · "
    "claims page --claims-from my_claims/"
)(page)


if __name__ == "__main__":
    main()
