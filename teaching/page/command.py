"""The command `claims page`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from teaching.arguments import REFUTED, Outside, load, mistake


def page(
    out: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Write the page into this folder.")
    ] = Path("build/page"),
    evidence: Annotated[
        Path, typer.Option("--from", metavar="FILE", help="The evidence to show.")
    ] = Path("build/evidence.json"),
    claims_from: Outside = None,
) -> None:
    """Write the chapter as a page that needs no network, from the evidence of a run.

    What the evidence does not say is shown as not verified. The page is in English and Chinese.
    """
    from teaching.page.evidence import EvidenceError, read_evidence
    from teaching.page.site import write_site

    try:
        found = read_evidence(evidence)
    except EvidenceError as problem:
        raise mistake(f"--from {problem}") from None
    loaded = load(claims_from)
    try:
        views = write_site(loaded.claims, found, out)
    except ModuleNotFoundError as missing:
        raise mistake(f"the figures need {missing.name}: pip install -e '.[figures]'") from None
    except OSError as problem:
        raise mistake(f"--out {out}: {problem.strerror}: {problem.filename}") from None
    verified = sum(claim.verdict.verified for claim in views)
    typer.echo(f"wrote {out / 'index.html'}: {verified} of {len(views)} claims verified")
    for failure in loaded.failures.values():
        typer.echo(f"claims: {failure}", err=True)
    if loaded.failures:
        raise typer.Exit(REFUTED)
