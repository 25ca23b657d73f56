"""The command `claims experiment`: what experiments there are, and running one."""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from teaching.arguments import mistake, require_folder

if TYPE_CHECKING:
    from experiments.experiment import Experiment
    from experiments.workers import Workers

FAILED, INTERRUPTED = 1, 130

LIST = "list"
DEFAULT_FOLDER = Path("build/experiments")

WorkerCount = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Processes; all cores by default.")
]
Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Run on the Dask cluster of this scheduler, as in tcp://10.0.0.1:8786.",
    ),
]


def experiment(
    name: Annotated[str, typer.Argument(help="An experiment, or `list` for all of them.")],
    quick: Annotated[bool, typer.Option("--quick", help="Fewer runs: under a minute.")] = False,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Set a parameter; may be repeated."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the whole sweep.")] = 0,
    workers: WorkerCount = None,
    cluster: Cluster = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write here; by default build/experiments/NAME."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue from the shards finished before.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Run an experiment: its table, what that rests on, and its figures."""
    from experiments.experiment import ParameterError
    from experiments.shards import ShardError
    from experiments.workers import WorkersError

    if name == LIST:
        _list(as_json)
        return
    chosen = _named(name)
    on = chosen_workers(workers, cluster)
    try:
        parameters = chosen.chosen(settings or [], quick=quick)
    except ParameterError as wrong:
        raise mistake(f"--set {wrong}") from None
    where = out or DEFAULT_FOLDER / (f"{name}-quick" if quick else name)
    require_folder("--out", where)
    try:
        found = _conducted(chosen, parameters, seed, on, where, resume=resume, quiet=as_json)
    except ShardError as problem:
        typer.echo(f"claims: {problem}", err=True)
        raise typer.Exit(FAILED) from None
    except WorkersError as problem:
        typer.echo(f"claims: {problem}", err=True)
        _say_what_is_kept(where)
        raise typer.Exit(FAILED) from None
    except KeyboardInterrupt:
        typer.echo("interrupted", err=True)
        _say_what_is_kept(where)
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        typer.echo(json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False))
    else:
        _print_rows(found)


def chosen_workers(count: int | None, cluster: str | None) -> Workers:
    """The workers of the options --workers and --cluster; all cores when neither is given."""
    import os

    from experiments.workers import Workers, WorkersError

    if count is not None and cluster is not None:
        raise mistake("give --workers or --cluster, not both")
    try:
        return Workers(count or os.cpu_count() or 1, cluster)
    except WorkersError as wrong:
        raise mistake(wrong) from None


def _named(name: str) -> Experiment:
    import difflib

    from experiments.catalogue import EXPERIMENTS

    if name not in EXPERIMENTS:
        close = difflib.get_close_matches(name, EXPERIMENTS, n=1, cutoff=0.4)
        hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(EXPERIMENTS)}"
        raise mistake(f"there is no experiment {name!r}; {hint}")
    return EXPERIMENTS[name]


def _list(as_json: bool) -> None:
    from experiments.catalogue import EXPERIMENTS

    if as_json:
        typer.echo(json.dumps([_described(each) for each in EXPERIMENTS.values()], indent=1))
        return
    for each in EXPERIMENTS.values():
        typer.echo(f"{each.name}: {each.title}")
        typer.echo(f"  source     {each.source}")
        typer.echo(f"  reduction  {each.reduction}")
        for name, value in _described(each)["parameters"].items():
            quick = f"   (--quick: {_plain(each.quick[name])})" if name in each.quick else ""
            typer.echo(f"  --set {name}={_plain(value)}{quick}")


def _described(each: Experiment) -> dict[str, Any]:
    return {
        "name": each.name,
        "title": each.title,
        "source": each.source,
        "reduction": each.reduction,
        "parameters": dataclasses.asdict(each.parameters()),
        "quick": dict(each.quick),
    }


def _plain(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _conducted(
    chosen: Experiment,
    parameters: Any,
    seed: int,
    workers: Workers,
    out: Path,
    *,
    resume: bool,
    quiet: bool,
) -> dict[str, Any]:
    from rich.console import Console

    from experiments.conducting import conduct, figures_can_be_drawn
    from teaching.progress import progress_bar, time_left

    console = Console(stderr=True)
    start, said = time.monotonic(), [time.monotonic()]
    with progress_bar(console, quiet=quiet) as bar:
        task = bar.add_task(chosen.name, total=None, left="")

        def report(finished: int, shards: int, computed: int) -> None:
            left = time_left(time.monotonic() - start, computed, shards - finished)
            bar.update(task, completed=finished, total=shards, left=left)
            if not console.is_terminal and not quiet and time.monotonic() - said[0] > SAY_EVERY:
                said[0] = time.monotonic()
                typer.echo(f"{finished} of {shards} shards, {left}", err=True)

        found = conduct(chosen, parameters, seed, workers, out, resume=resume, report=report)
    if not figures_can_be_drawn():
        typer.echo("no figures: pip install 'long-term-dependencies[figures]'", err=True)
    return found


SAY_EVERY = 10.0
"""Seconds between two lines of progress where there is no terminal to draw a bar on."""


def _say_what_is_kept(out: Path) -> None:
    from experiments.shards import ShardFolder

    kept = ShardFolder(out / "shards").count()
    if kept:
        typer.echo(f"{kept} finished shards are kept in {out}; continue with --resume", err=True)


def _print_rows(found: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    rows = found["rows"]
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in rows[0]:
        table.add_column(column, justify="left" if isinstance(rows[0][column], str) else "right")
    for row in rows:
        table.add_row(*(f"{v:.3f}" if isinstance(v, float) else str(v) for v in row.values()))
    Console().print(table)
    typer.echo(f"{found['seconds']:.1f} s; written: {', '.join(found['files'])}")
