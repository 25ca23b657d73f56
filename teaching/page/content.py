"""What the page shows of a claim: its texts joined with the evidence, ready for the templates."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from properties.checking.counterexample import COUNTLESS
from teaching.page.blackboard import named, quantity, worked
from teaching.page.code import Lines, claim_lines, derivation_lines
from teaching.page.evidence import Evidence, Verdict
from teaching.page.mathml import mathml
from teaching.page.phrases import phrase
from teaching.page.recognition import has_words
from teaching.page.texts import Erratum, Question, Said, chapter, claim_texts
from theory.steps import ByLemma

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from properties.checking.claim import Claim, Misreading, Without
    from teaching.figures import Figure, Widget
    from theory.derivation import Derivation
    from theory.relations import Relation

LARGEST_DRAWN = 1e100
"""Beyond it, and where no float holds a number, there is no picture: lengths would overflow."""

MARKS = {"left": "①", "right": "②"}
"""Names of the sides in pictures, which serve both languages."""


@dataclass(frozen=True)
class Board:
    """A counterexample written out: quantities by name, both sides, and how they compare.

    picture and draw: the name of its picture, and what draws it; or neither.
    """

    quantities: Sequence[Markup]
    left: Sequence[Markup]
    right: Sequence[Markup]
    what: Said
    needed: Said
    error: float = 0.0
    bound: float = 0.0
    times: float = 0.0
    picture: str = ""
    draw: Callable[[], Drawing] | None = None
    marks: Sequence[str] = ("", "")


@dataclass(frozen=True)
class Refuted:
    """An assumption that is needed or a misreading that is false, with its counterexample."""

    anchor: str
    statement: Said
    why: Said
    source: Said
    command: str
    board: Board | None


@dataclass(frozen=True)
class Shown:
    """A step of a derivation.

    same_lemma: the step that cited its lemma first.
    cited: the numbers of earlier steps, and the letters of assumptions, as (a).
    """

    number: int
    formula: Markup
    kind: str
    why: Said
    lemma: Said
    same_lemma: int | None
    cited: Sequence[str]


@dataclass(frozen=True)
class Derived:
    """A derivation, and whether the run verified every step of it: holds, elsewhere, unverified."""

    given: Sequence[Said]
    domains: Sequence[str]
    steps: Sequence[Shown]
    conclusion: Markup
    status: str
    lines: Lines | None


@dataclass(frozen=True)
class ClaimView:
    """All that the page says of one claim."""

    name: str
    theme: str
    title: Said
    statement: Said
    source: Said
    explain: Said | None
    verdict: Verdict
    tiers: Sequence[str]
    ratio: float | None
    facts: Mapping[str, Any]
    regimes: Sequence[tuple[Said, float]]
    derivation: Derived | None
    underived: Said
    assumptions: Sequence[Refuted]
    misreadings: Sequence[Refuted]
    failing: Board | None
    lines: Lines
    command: str
    errata: Sequence[tuple[Erratum, bool]] = ()
    questions: Sequence[Question] = ()
    figures: Sequence[Figure] = field(default=())
    widgets: Sequence[Widget] = field(default=())

    def boards(self) -> list[Board]:
        """All counterexamples that the page shows of it."""
        refuted = (item.board for item in (*self.assumptions, *self.misreadings))
        return [board for board in (self.failing, *refuted) if board is not None]


def view(claim: Claim, evidence: Evidence) -> ClaimView:
    """The claim as the page shows it; what the evidence does not say is not shown as verified."""
    text = claim_texts().get(claim.name, {})
    verdict = evidence.verdict(claim.name, claim.statement)
    entry: Mapping[str, Any] = verdict.entry or {}
    derivation = None if isinstance(claim.derivation, str) else claim.derivation
    misreadings = _misreadings(claim, text, entry)
    return ClaimView(
        name=claim.name,
        theme=claim.theme,
        title=Said(text.get("title", claim.name.replace("_", " ")), text.get("title_zh")),
        statement=Said(claim.statement, text.get("statement_zh")),
        source=phrase("sources", claim.source),
        explain=_explanation(claim, text),
        verdict=verdict,
        tiers=entry.get("tiers", ()),
        ratio=entry.get("worst_ratio"),
        facts=entry,
        regimes=[(phrase("regimes", name), share) for name, share in entry["labels"].items()]
        if entry
        else (),
        derivation=_derived(derivation, entry, evidence) if derivation else None,
        underived=_underived(claim.derivation),
        assumptions=_assumptions(claim, text, entry),
        misreadings=misreadings,
        failing=_board(entry.get("counterexample") and entry.get("written_out"), claim.name),
        lines=claim_lines(claim),
        command=f"claims verify {claim.name}",
        errata=_errata(claim.name, entry),
        questions=[q for q in chapter().questions if claim.name in q.claims],
    )


def _explanation(claim: Claim, text: Mapping[str, Any]) -> Said | None:
    """What the claim itself explains; a module's docstring is about all of its claims."""
    own = claim.explain.strip()
    shared = (sys.modules[claim.module].__doc__ or "").strip()
    return Said(own, text.get("explain_zh")) if own and own != shared else None


def _assumptions(claim: Claim, text: Mapping[str, Any], entry: Mapping[str, Any]) -> list[Refuted]:
    chinese, found = text.get("assumptions_zh", {}), _by_name(entry.get("assumptions", ()))
    return [
        Refuted(
            anchor=f"{claim.name}.without.{number}",
            statement=Said(assumption, chinese.get(assumption)),
            why=_why(claim.without_.get(assumption), assumption, text),
            source=Said(""),
            command=f"claims refute {claim.name} --without {shlex.quote(assumption)}",
            board=_refutation(found.get(assumption), f"{claim.name}.without.{number}"),
        )
        for number, assumption in enumerate(claim.assumptions, 1)
    ]


def _misreadings(claim: Claim, text: Mapping[str, Any], entry: Mapping[str, Any]) -> list[Refuted]:
    chinese, found = text.get("misreadings_zh", {}), _by_name(entry.get("misreadings", ()))
    return [
        Refuted(
            anchor=f"{claim.name}.{name}",
            statement=Said(misreading.statement, chinese.get(name)),
            why=_why(misreading, name, text),
            source=phrase("sources", misreading.source),
            command=f"claims refute {claim.name} --misreading {name}",
            board=_refutation(found.get(name), f"{claim.name}.{name}"),
        )
        for name, misreading in claim.misreadings.items()
    ]


def _why(sought: Without | Misreading | None, name: str, text: Mapping[str, Any]) -> Said:
    return Said(sought.why if sought else "", text.get("why_zh", {}).get(name))


def _by_name(refutations: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {refutation["name"]: refutation for refutation in refutations}


def _refutation(found: Mapping[str, Any] | None, picture: str) -> Board | None:
    refuted = found is not None and found["counterexample"] is not None
    return _board(found["written_out"], picture) if found and refuted else None


def _board(written: Mapping[str, Any] | None, picture: str) -> Board | None:
    if not written:
        return None
    draw, marks = _picture(written)
    case = written["case"]
    fields = case["fields"] if isinstance(case, dict) and "fields" in case else [["", case]]
    bound = written["bound"]
    compared: dict[str, float] = {}
    if bound is not None:
        compared = {"error": written["error"], "bound": bound}
        if written["error"] < COUNTLESS * bound:
            compared["times"] = written["error"] / bound
    return Board(
        quantities=[named(name, value) for name, value in fields],
        left=_side(written, "left"),
        right=_side(written, "right"),
        what=phrase("comparisons", written["what"]),
        needed=phrase("comparisons", written["needed"] if bound is None else ""),
        picture=picture if draw else "",
        draw=draw,
        marks=marks,
        **compared,
    )


def _picture(written: Mapping[str, Any]) -> tuple[Callable[[], Drawing] | None, Sequence[str]]:
    """What draws the sides, if they are in the plane, and their marks in that picture."""
    from teaching.figures.counterexample import Sides, in_the_plane

    marks = ["" if written["workings"][side] else mark for side, mark in MARKS.items()]
    try:
        sides = Sides.read(written)
    except OverflowError:
        return None, ("", "")
    shown = [side for side in (sides.left, sides.right, sides.start) if side is not None]
    if any(abs(side).max(initial=0) > LARGEST_DRAWN for side in shown):
        return None, ("", "")
    left, right = (mark or name for mark, name in zip(marks, sides.names, strict=True))
    names = (left.replace("$", r"\$"), right.replace("$", r"\$"))
    draw = in_the_plane(replace(sides, names=names))
    return (draw, marks) if draw else (None, ("", ""))


def _side(written: Mapping[str, Any], side: str) -> list[Markup]:
    """A side of the comparison: the lines of its working, or else its value, if it has one."""
    if written["workings"][side]:
        return [worked(step) for step in written["workings"][side]]
    lines = written["lines"][side]
    if lines and not any(map(has_words, lines)):
        return [Markup("<code>{}</code>").format("\n".join(lines))]
    return [] if written[side] is None else [quantity(written[side])]


def _derived(derivation: Derivation, entry: Mapping[str, Any], evidence: Evidence) -> Derived:
    seen = entry.get("derivation") or {}
    steps = _steps(derivation)
    return Derived(
        given=[phrase("assumptions", name) for name in derivation.assumptions],
        domains=derivation.given()[len(derivation.assumptions) :],
        steps=steps,
        conclusion=_drawn(derivation.conclusion),
        status=_derivation_status(seen.get("verified") == len(steps), evidence),
        lines=derivation_lines(derivation),
    )


def _derivation_status(verified: bool, evidence: Evidence) -> str:
    if not verified:
        return "unverified"
    return "holds" if evidence.same_sources else "elsewhere"


def _steps(derivation: Derivation) -> list[Shown]:
    shown: list[Shown] = []
    first_use: dict[str, int] = {}
    letters = {name: f"({_letter(n)})" for n, name in enumerate(derivation.assumptions)}
    for number, step in enumerate(derivation.steps, 1):
        lemma = str(step.lemma.statement) if isinstance(step, ByLemma) else ""
        first = first_use.setdefault(lemma, number)
        shown.append(
            Shown(
                number=number,
                formula=_drawn(step.relation),
                kind=step.kind,
                why=phrase("reasons", step.why),
                lemma=phrase("lemmas", lemma if first == number else ""),
                same_lemma=first if lemma and first != number else None,
                cited=[
                    *dict.fromkeys(letters.get(cited, cited) for cited in map(str, step.cited()))
                ],
            )
        )
    return shown


def _letter(number: int) -> str:
    """How a browser counts from a on: …, y, z, aa, ab."""
    before, last = divmod(number, 26)
    return (_letter(before - 1) if before else "") + chr(ord("a") + last)


def _underived(derivation: Derivation | str) -> Said:
    """Why there is no derivation; what says "none: …" says only that twice."""
    why = derivation if isinstance(derivation, str) else ""
    return phrase("underived", why.removeprefix("none: ").removeprefix("none of its own: "))


def _drawn(relation: Relation) -> Markup:
    """A relation as a formula; as it is printed in a terminal if its LaTeX cannot be drawn."""
    try:
        return mathml(relation.latex(), display=True)
    except ValueError:
        return Markup("<code>{}</code>").format(relation)


def _errata(name: str, entry: Mapping[str, Any]) -> list[tuple[Erratum, bool]]:
    """What the claim corrects, each with whether the run refuted it."""
    refuted = _by_name(entry.get("misreadings", ()))
    return [
        (erratum, refuted.get(erratum.misreading, {}).get("counterexample") is not None)
        for erratum in chapter().errata
        if erratum.claim == name
    ]
