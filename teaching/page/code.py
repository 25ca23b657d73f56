"""Where in the code a claim and its derivation stand."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from properties.checking.claim import Claim
    from theory.derivation import Derivation


@dataclass(frozen=True)
class Lines:
    """Some lines of a source file: first and last, counted from one."""

    file: Path
    first: int
    last: int

    @property
    def page(self) -> str:
        """The name of the page that shows the file."""
        return f"code/{self.file.parent.name}.{self.file.stem}.html"

    @property
    def link(self) -> str:
        return f"{self.page}#L{self.first}"

    @property
    def shown(self) -> str:
        lines = f"{self.first}–{self.last}" if self.first < self.last else f"{self.first}"
        return f"{self.file.parent.name}/{self.file.name}, {lines}"


def pieces(linked: Sequence[Lines]) -> list[tuple[str, int, str]]:
    """A file cut where the lines begin and end that are linked to.

    Each piece has the anchor of its first line, or none, its number of lines, and its text.
    """
    text = linked[0].file.read_text(encoding="utf-8").splitlines(keepends=True)
    cuts = sorted({0, len(text), *(at for each in linked for at in (each.first - 1, each.last))})
    anchors = {each.first - 1: f"L{each.first}" for each in linked}
    return [
        (anchors.get(start, ""), end - start, "".join(text[start:end]))
        for start, end in pairwise(cuts)
    ]


def claim_lines(claim: Claim) -> Lines:
    """The declaration of a claim with its check."""
    source, first = inspect.getsourcelines(claim.check)
    module = sys.modules[claim.module]
    return Lines(Path(str(module.__file__)), first, first + len(source) - 1)


def derivation_lines(derivation: Derivation) -> Lines | None:
    """The assignment of a derivation in `theory`; None for one that is elsewhere."""
    return _assigned_in_theory().get(id(derivation))


@cache
def _assigned_in_theory() -> Mapping[int, Lines]:
    import theory

    found: dict[int, Lines] = {}
    for info in pkgutil.iter_modules(theory.__path__):
        module = importlib.import_module(f"theory.{info.name}")
        file = Path(str(module.__file__))
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            for target in node.targets if isinstance(node, ast.Assign) else ():
                if isinstance(target, ast.Name):
                    lines = Lines(file, node.lineno, node.end_lineno or node.lineno)
                    found.setdefault(id(getattr(module, target.id, None)), lines)
    return found
