"""A refutation at the blackboard: in text, in LaTeX for slides, and as a picture in a file."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

from properties.checking.claim import Claim
from properties.checking.loading import require
from properties.checking.plan import Outcome, Plan
from properties.checking.report import reproduction
from properties.checking.verification import verify_part
from theory.tex import tex_prose

ENDINGS = ("svg", "png", "pdf")


class NoPicture(Exception):
    """A picture cannot be made as asked; says why."""


@dataclass(frozen=True)
class Refutation:
    """What a search for a counterexample gave: to a claim less `without`, or to `misreading`.

    One of the two is named and the other is None.
    """

    claim: Claim
    without: str | None
    misreading: str | None
    outcome: Outcome

    def heading(self) -> list[tuple[str, str]]:
        """The claim, what is refuted, its source and why it is false, each with its name."""
        if self.without is not None:
            lines = [("Without", self.without)]
            why = self.claim.without_[self.without].why
        else:
            misread = self.claim.misreadings[str(self.misreading)]
            lines, why = [("Misread", misread.statement)], misread.why
            lines += [("Source", misread.source)] if misread.source else []
        return lines + ([("Why", why)] if why else [])

    def text(self) -> str:
        """All of it in plain text, with the code that reproduces the counterexample."""
        lines = [f"{self.claim.name}: {self.claim.statement}"]
        lines += [f"{f'{name}:':8} {said}" for name, said in self.heading()]
        found, outcome = self.outcome.counterexample, self.outcome
        if found is None:
            return "\n".join([*lines, "", outcome.message])
        check = self.claim.name if self.without is not None else str(self.misreading)
        shown = "\n".join(found.lines()).split("\n")
        lines += ["", "Smallest counterexample", "", *(f"    {line}".rstrip() for line in shown)]
        lines += ["", "To reproduce", "", reproduction(self.claim, check, found, outcome.backend)]
        lines += [
            "",
            f"Found in {outcome.seconds:.1f} s among {outcome.examples} cases that agree.",
        ]
        return "\n".join(lines)

    def latex(self) -> str:
        """The heading and the counterexample worked out, for a slide; it needs amsmath."""
        found = self.outcome.counterexample
        lines = [
            rf"\noindent\textbf{{{tex_prose(self.claim.name)}}}: {tex_prose(self.claim.statement)}"
        ]
        lines += [
            rf"\par\noindent\textbf{{{said}}}: {tex_prose(what)}" for said, what in self.heading()
        ]
        end = tex_prose(self.outcome.message) if found is None else found.latex()
        return "\n".join(["% for the preamble: \\usepackage{amsmath}", *lines, end])

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.text())}</pre>"

    def _repr_latex_(self) -> str:
        return self.latex()

    def draw(self, file: Path) -> None:
        """Write a picture of the counterexample, in the format that the file's ending names.

        Raises NoPicture for another ending, where there is no counterexample or nothing to draw,
        and without matplotlib; OSError where the file cannot be written.
        """
        ending = picture_format(file)
        found = self.outcome.counterexample
        if found is None:
            raise NoPicture("no counterexample was found, so there is nothing to draw")
        from teaching.figures.counterexample import NothingToDraw, picture, save

        try:
            save(picture(found), file, ending)
        except NothingToDraw as reason:
            raise NoPicture(str(reason)) from None
        except ModuleNotFoundError as missing:
            raise NoPicture(
                f"{missing.name} is not installed; pip install 'long-term-dependencies[figures]'"
            ) from None


def picture_format(file: Path) -> str:
    """The format that a file's ending names. Raises NoPicture for one that is not drawn."""
    ending = file.suffix.removeprefix(".").lower()
    if ending not in ENDINGS:
        raise NoPicture(f"{file}: the ending has to be one of {', '.join(ENDINGS)}")
    return ending


def refute(claim: Claim, without: str | None, misreading: str | None, plan: Plan) -> Refutation:
    """Search for the smallest counterexample; see `Refutation`.

    Raises UnknownName for an assumption or a misreading that the claim does not have.
    """
    if without is not None:
        require(without, list(claim.assumptions), "assumption")
    else:
        require(str(misreading), list(claim.misreadings), "misreading")
    part = f"without[{without}]" if without is not None else f"misread[{misreading}]"
    return Refutation(claim, without, misreading, verify_part(claim, part, plan))
