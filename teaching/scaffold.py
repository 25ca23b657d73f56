"""The two files that `claims new` writes: a claim that runs as it is, and its derivation."""

from __future__ import annotations

import keyword
from pathlib import Path
from string import Template

CLAIM = Template('''\
"""Say in a line what this file claims."""

from dataclasses import dataclass
from math import prod

from flint import fmpq
from hypothesis import strategies as st

$import_line
from properties.checking import EXACT, Case, claim, formula, rational
from properties.checking.domains import rationals

THEME = "$theme"


@dataclass(frozen=True, repr=False)
class Chain(Case):
    """h_t = w_t·h_{t−1}: the weights w_1 … w_t and the start h₀."""

    weights: tuple[fmpq, ...]
    h0: fmpq


tied = st.builds(lambda w, t, h0: Chain((w,) * t, h0), rationals(), st.integers(0, 20), rationals())
untied = st.builds(Chain, st.lists(rationals(), max_size=20).map(tuple), rationals())


@claim(
    statement="With one weight w for every step, h_t = wᵗh₀.",
    source="name the book, paper or lecture, and the equation",
    derivation=derivation,
    domain=tied,
    tiers=("symbolic", "exact"),
    assumptions={"all weights are one": lambda chain: len(set(chain.weights)) <= 1},
    labels={"t ≥ 2": (0.3, lambda chain: len(chain.weights) >= 2)},
    witness=Chain((rational(2),) * 3, rational(1)),
)
def $name(chain, check):
    w, t = chain.weights[0] if chain.weights else rational(1), len(chain.weights)
    check.exact(prod(chain.weights) * chain.h0, formula(derivation, EXACT)(w, t, chain.h0))


$name.without("all weights are one", domain=untied, why="Then the weights multiply: ∏w_k.")


@$name.misread("h_t = wᵗ⁻¹h₀", why="h₀ has been multiplied t times, not t − 1 times.")
def one_too_few(chain, check):
    w, t = chain.weights[0] if chain.weights else rational(1), len(chain.weights)
    check.exact(prod(chain.weights) * chain.h0, w ** max(t - 1, 0) * chain.h0)
''')

DERIVATION = Template('''\
"""The derivation of $name, each step verified by sympy."""

from sympy import Function, Symbol

from theory.derivation import Derivation, Identity, Induction, equation

t = Symbol("t", integer=True, nonnegative=True)
w, h0 = Symbol("w", real=True), Symbol("h0", real=True)
h = Function("h")

$name = Derivation(
    name="$name",
    assumptions={
        "the start is h₀": equation(h(0), h0),
        "all weights are one": equation(h(t + 1), w * h(t)),
    },
    steps=(
        Induction(
            equation(h(t), w**t * h0),
            "each step multiplies by w once more",
            variable=t,
            start=0,
            base="the start is h₀",
            step="all weights are one",
        ),
    ),
    conclusion=equation(h(t), w**t * h0),
    parameters=(w, t, h0),
)
''')


class ScaffoldError(Exception):
    """The files cannot be written as asked; says why."""


def scaffold(name: str, theme: str, folder: Path | None) -> list[Path]:
    """Write a claim and its derivation, and return their paths, the claim's first.

    In the project (no folder given, and properties/ and theory/ are here) they go into those two
    rooms; elsewhere side by side into the folder. Nothing is ever overwritten: raises
    ScaffoldError for a file that exists and for a name that is no Python name.
    """
    for what, value in (("NAME", name), ("--theme", theme)):
        if not value.isidentifier() or keyword.iskeyword(value):
            raise ScaffoldError(f"{what}: {value!r} is no Python name; use letters, digits and _")
    here = Path.cwd()
    inside = folder is None and (here / "properties").is_dir() and (here / "theory").is_dir()
    if inside:
        files = [here / "properties" / f"{name}.py", here / "theory" / f"{name}.py"]
        import_line = f"from theory.{name} import {name} as derivation"
    else:
        folder = folder or here
        files = [folder / f"{name}.py", folder / f"{name}_theory.py"]
        import_line = f"from {name}_theory import {name} as derivation"
    for file in files:
        if file.exists():
            raise ScaffoldError(f"{file} exists already; choose another NAME, or edit that file")
    texts = [
        CLAIM.substitute(name=name, theme=theme, import_line=import_line),
        DERIVATION.substitute(name=name),
    ]
    for file, text in zip(files, texts, strict=True):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return files
