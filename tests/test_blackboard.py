"""Refutations at the blackboard: in text, in LaTeX and as pictures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from pathlib import Path
from textwrap import dedent
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import typer
from flint import arb, fmpq
from hypothesis import given
from hypothesis import strategies as st
from pylatexenc.latexwalker import LatexMathNode, LatexWalker

from properties.checking import Case, Check, Violation, matrix, rational, vector
from properties.checking.blackboard import beside, indented, typeset, written
from properties.checking.counterexample import Counterexample
from properties.checking.loading import load_catalogue
from properties.checking.report import reproduction
from properties.checking.working import (
    Worked,
    Working,
    worked_formula,
    worked_product,
    worked_sum,
)
from tests.test_cli import claims
from theory import linear_recurrence as theory
from theory.tex import tex_formula, tex_prose

# What matplotlib calls some commands of TeX; \surd it does not have, so another sign stands in.
OTHER_NAMES = {"le": r"\leq", "ge": r"\geq", "ne": r"\neq", "tfrac": r"\frac", "surd": r"\infty"}
PRINTED = ("refute", "spectral_power", "--misreading", "printed_form")


def require_well_formed(latex: str) -> None:
    """Groups, environments and math modes close; and matplotlib can set what is inline."""
    from matplotlib.mathtext import MathTextParser

    nodes, _, length = LatexWalker(latex, tolerant_parsing=False).get_latex_nodes()
    assert length == len(latex)
    unknown = sorted(set(re.findall(r"[^\x00-\x7f]", latex)))
    assert not unknown, f"theory/tex.py needs TeX's names of {unknown}"
    for node in nodes:
        if isinstance(node, LatexMathNode) and node.delimiters[0] == "$":
            formula = re.sub(
                r"\\(le|ge|ne|tfrac|surd)\b", lambda m: OTHER_NAMES[m[1]], node.latex_verbatim()
            )
            MathTextParser("path").parse(formula)


def test_a_value_is_written_as_a_person_would() -> None:
    for value, text, latex in (
        (matrix("1/2"), "1/2", r"\tfrac{1}{2}"),
        (rational("-3/4"), "-3/4", r"-\tfrac{3}{4}"),
        (vector("1 -1/2"), "(1, -1/2)ᵀ", r"\begin{pmatrix} 1 \\ -\tfrac{1}{2} \end{pmatrix}"),
        (matrix("1 2"), "[ 1  2 ]", r"\begin{pmatrix} 1 & 2 \end{pmatrix}"),
        (np.array([[[0.25]]]), "0.25", "0.25"),
        (
            np.array([1.5, 2e-9]),
            "(1.5, 2e-09)ᵀ",
            r"\begin{pmatrix} 1.5 \\ 2 \cdot 10^{-9} \end{pmatrix}",
        ),
        (
            [2**60 + 1, 0.5],
            "(1152921504606846977, 0.5)ᵀ",
            r"\begin{pmatrix} 1152921504606846977 \\ 0.5 \end{pmatrix}",
        ),
        (arb(1) / 3, "0.333333", "0.333333"),
        (arb(0, 1e-3), "0 ± 0.001", r"0 \pm 0.001"),
        (np.float64(2), "2", "2"),
        (True, "True", r"\text{True}"),
        ((1, fmpq(1, 3)), "(1, 1/3)", r"\left(1, \tfrac{1}{3}\right)"),
        (
            tuple(range(20)),
            "(0, 1, 2, 3, …, 18, 19), 20 entries",
            r"\left(0, 1, 2, 3, \dots, 18, 19\right),\ 20\text{ entries}",
        ),
    ):
        assert written(value) == text
        assert typeset(value) == latex
    large = np.arange(120).reshape(10, 12)
    assert {row.count("&") for row in typeset(large).split(r"\\")} == {6}
    assert len({len(line) for line in written(large).split("\n")}) == 1
    assert written(matrix("1 -2; 3/4 0")) == "⎡   1  -2 ⎤\n⎣ 3/4   0 ⎦"


@dataclass(frozen=True, repr=False)
class Pair(Case):
    """Two numbers, the second under another name."""

    x0: fmpq
    slope: fmpq

    symbols = MappingProxyType({"slope": "μ"})

    def shown(self) -> dict[str, Any]:
        return {"μx₀": self.slope * self.x0}


@dataclass(frozen=True, repr=False)
class Pairs(Case):
    one: Pair
    t: int
    other: Pair


def test_a_case_gives_its_quantities_under_their_symbols() -> None:
    pair = Pair(fmpq(1, 2), fmpq(3))
    assert pair.quantities() == {"x₀": fmpq(1, 2), "μ": 3, "μx₀": fmpq(3, 2)}
    pairs = Pairs(pair, 1, Pair(fmpq(0), fmpq(1)))
    assert list(pairs.quantities()) == ["x₀", "μ", "μx₀", "t", "other"]
    assert "other = μ = 1" in pairs.written_out()
    require_well_formed(counterexample(1, 2, pairs).latex())


def test_blocks_stand_side_by_side_on_their_middle_lines() -> None:
    tall, low = "a\nb\nc", "x"
    assert beside(low, tall, "y") == "  a\nx b y\n  c"


def test_a_working_gives_the_value_that_is_compared() -> None:
    q, spectrum, h0 = matrix("1 2; 0 1"), matrix("2 0; 0 -1"), vector("1 1")
    for worked in (
        worked_product("qh₀", q, h0),
        worked_formula(theory.spectral_power, q, spectrum, 3, h0),
        worked_product("w^T", *[fmpq(1, 2)] * 3),
    ):
        (line,) = worked.steps()
        product = line.factors[-1]
        for factor in line.factors[-2::-1]:
            product = factor * product
        assert product == line.value == worked.value


def test_the_factors_of_a_formula_stand_side_by_side() -> None:
    q, spectrum, h0 = matrix("1 2; 0 1"), matrix("2 0; 0 -1"), vector("1 1")
    (line,) = worked_formula(theory.spectral_power, q, spectrum, 3, h0).steps()
    assert line.formula == "QΛᵗQᵀh₀"
    assert line.factors == (q, spectrum**3, q.transpose(), h0)
    short = Working("Wh", vector("2 4"), factors=(matrix("2 0; 0 2"), vector("1 2")))
    assert short.latex() == (
        r"Wh = \begin{pmatrix} 2 & 0 \\ 0 & 2 \end{pmatrix} "
        r"\begin{pmatrix} 1 \\ 2 \end{pmatrix} = \begin{pmatrix} 2 \\ 4 \end{pmatrix}"
    )
    # Matrices of one entry are numbers, and numbers have a dot between them.
    numbers = Working("s", fmpq(6), factors=(matrix("2"), 3, arb(1)))
    assert numbers.text() == "s = 2 · 3 · 1 = 6"
    assert numbers.latex() == r"s = 2 \cdot 3 \cdot 1 = 6"
    mixed = Working("s", vector("2 4"), factors=(matrix("2"), vector("1 2")))
    assert mixed.text() == "s = 2 ⎡ 1 ⎤ = ⎡ 2 ⎤\n      ⎣ 2 ⎦   ⎣ 4 ⎦"


def test_a_working_is_written_with_its_factors() -> None:
    shown = Working("qh", vector("3 1"), factors=(matrix("1 2; 0 1"), vector("1 1")))
    assert shown.text() == "qh = ⎡ 1  2 ⎤ ⎡ 1 ⎤ = ⎡ 3 ⎤\n     ⎣ 0  1 ⎦ ⎣ 1 ⎦   ⎣ 1 ⎦"
    halved = Working("h₁ = Wᵀh₀", fmpq(-1), factors=(fmpq(1, 2), fmpq(-2)))
    assert halved.text() == "h₁ = Wᵀh₀ = 1/2 · (-2) = -1"
    assert Working("h₀", vector("1 0")).text() == "h₀ = (1, 0)ᵀ"
    assert halved.latex() == r"h_{1} = W^{\top }h_{0} = \tfrac{1}{2} \cdot (-2) = -1"
    require_well_formed(f"${halved.latex()}$")
    many = Working("p", fmpq(1), factors=(fmpq(-1),) * 10)
    assert many.text() == "p = -1 · (-1) · (-1) · (-1) · … · (-1) · (-1) = 1"
    assert many.latex() == (
        r"p = -1 \cdot (-1) \cdot (-1) \cdot (-1) \cdot \dots \cdot (-1) \cdot (-1) = 1"
    )


def test_a_side_with_a_working_is_compared_by_its_value() -> None:
    side = worked_product("2·3", fmpq(2), fmpq(3))
    Check().exact(side, fmpq(6))
    Check().at_most(fmpq(5), side)
    with pytest.raises(Violation) as raised:
        Check().exact(fmpq(5), side)
    assert raised.value.right == 6
    assert raised.value.workings == (None, side)


def test_sides_that_differ_late_are_written_with_the_digits_that_show_it() -> None:
    found = Counterexample(None, "", 1.00000001, 1.00000002, 1e-8, 1e-16, 1e8)
    assert "1.00000001" in "\n".join(found.lines())
    assert "1.00000002" in found.latex()


def test_a_long_working_is_cut() -> None:
    def shown(count: int) -> list[str]:
        """Of two interleaved sequences."""
        steps = [Working(f"{name}_{k}", fmpq(k)) for k in range(count) for name in "hD"]
        worked = Worked(fmpq(count - 1), lambda: steps)
        found = Counterexample(None, "", worked.value, 0, None, None, 1.0, workings=(worked, None))
        assert found.steps(1) == []
        return [step.formula for step in found.steps(0)]

    assert shown(4) == ["h_0", "D_0", "h_1", "D_1", "h_2", "D_2", "h_3", "D_3"]
    assert shown(9) == ["h_0", "D_0", "h_1", "D_1", "⋮", "h_8", "D_8"]
    assert shown(15) == ["h_0", "D_0", "h_1", "D_1", "⋮", "h_14", "D_14"]
    assert shown(16) == ["h_0", "D_0", "⋮", "h_15", "D_15"]
    assert shown(20) == ["h_0", "D_0", "⋮", "h_19", "D_19"]


def test_sequences_are_those_of_the_lines_that_define_a_quantity_with_a_number() -> None:
    lines = [Working("h_0", fmpq(5)), Working("h_1 = Wh_0 = w_3", fmpq(7)), Working("x = h_9", 1)]
    worked = Worked(fmpq(7), lambda: lines)
    found = Counterexample(None, "", worked.value, 0, None, None, 1.0, workings=(worked, None))
    assert found.sequences() == {"h": {0: fmpq(5), 1: fmpq(7)}}


def test_a_sum_of_products_is_worked_out_term_by_term() -> None:
    def line(*terms: tuple[int, int]) -> Working:
        (found,) = worked_sum("S", *(tuple(map(fmpq, term)) for term in terms)).steps()
        return found

    signs = line((-1, -2), (-3, 2))
    assert signs.text() == "S = -1 · (-2) + (-3) · 2 = -4"
    assert signs.latex() == r"S = -1 \cdot (-2) + (-3) \cdot 2 = -4"
    many = line(*((k, 1) for k in range(1, 12)))
    assert many.text() == "S = 1 · 1 + 2 · 1 + 3 · 1 + 4 · 1 + … + 10 · 1 + 11 · 1 = 66"
    assert many.latex() == (
        r"S = 1 \cdot 1 + 2 \cdot 1 + 3 \cdot 1 + 4 \cdot 1 + \dots + 10 \cdot 1 + 11 \cdot 1 = 66"
    )


def test_what_takes_several_lines_stands_between_brackets() -> None:
    assert written((matrix("1 2; 3 4"), 1)) == "( ⎡ 1  2 ⎤ , 1 )\n  ⎣ 3  4 ⎦"


def test_every_statement_is_well_formed_latex() -> None:
    for claim in load_catalogue().claims:
        texts = [claim.name, claim.statement, claim.source, *claim.assumptions]
        for misreading in claim.misreadings.values():
            texts += [misreading.statement, misreading.source, misreading.why]
        texts += [dropped.why for dropped in claim.without_.values()]
        for text in texts:
            require_well_formed(tex_prose(text))


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]) | st.sampled_from("ᵗ₀≤λ·")))
def test_whatever_is_said_its_latex_is_well_formed(text: str) -> None:
    for latex in (tex_prose(text), f"${tex_formula(text)}$" if text.strip("_^ ") else ""):
        *_, length = LatexWalker(latex, tolerant_parsing=False).get_latex_nodes()
        assert length == len(latex)


def test_latex_for_a_slide_is_well_formed() -> None:
    printed = claims(*PRINTED, "--latex").stdout
    require_well_formed(printed)
    for shown in (r"\textbf{spectral\_power}", r"\usepackage{amsmath}", r"\tfrac{12}{25}"):
        assert shown in printed
    assert r"Q^{\top }\Lambda ^{t}Qh_{0} = \begin{pmatrix}" in printed


def test_both_sides_are_worked_out_in_text() -> None:
    printed = claims(*PRINTED).stdout
    assert "h₁ = Wᵀh₀ = ⎡ 16/25  12/25 ⎤ ⎡ 0 ⎤ = ⎡ 12/25 ⎤" in printed
    assert "QᵀΛᵗQh₀ = ⎡ -3/5   4/5 ⎤ ⎡ 0  0 ⎤ ⎡ -3/5  -4/5 ⎤ ⎡ 0 ⎤ = ⎡ -12/25 ⎤" in printed


def test_a_picture_is_written_in_the_format_of_its_ending(tmp_path: Path) -> None:
    for ending, beginning in (("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")):
        file = tmp_path / f"printed.{ending}"
        assert claims(*PRINTED, "--picture", file).returncode == 0
        assert file.read_bytes().startswith(beginning)


def test_what_cannot_be_drawn_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "a.svg"
    folder.mkdir()
    for file, said in (
        (tmp_path / "it.gif", "ending has to be one of svg, png, pdf"),
        (tmp_path / "none" / "it.svg", "No such file or directory"),
        (folder, "Is a directory"),
    ):
        result = claims(*PRINTED, "--picture", file)
        assert result.returncode == 2
        assert said in result.stderr
        assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == [folder]


def test_an_ending_that_is_not_drawn_is_refused_before_the_search(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import teaching.blackboard
    from teaching import cli

    def searched(*_: object) -> None:
        pytest.fail("it searched")

    monkeypatch.setattr(teaching.blackboard, "refute", searched)
    with pytest.raises(typer.Exit):
        cli.refute("spectral_power", misreading="printed_form", picture=Path("it.gif"))
    assert "ending has to be one of" in capsys.readouterr().err


def counterexample(
    left: object, right: object, case: object = None, what: str = "what"
) -> Counterexample:
    return Counterexample(case, what, left, right, None, None, 1.0)


def test_every_kind_of_picture_is_drawn() -> None:
    from properties.linear_recurrence_cases import LinearSystem
    from teaching.figures.counterexample import NothingToDraw, picture

    system = LinearSystem(w=matrix("0 2; 0 0"), h0=vector("1 0"), t=2)
    for found, lines, words in (
        (counterexample(vector("1 2"), vector("0 0")), 4, 3),
        (counterexample(matrix("1 2; 0 1"), np.eye(2)), 5, 0),
        (counterexample(np.array([[1.0, 2.0, 3.0]]), arb(2)), 3, 0),
        (counterexample(fmpq(1), fmpq(2), system), 4, 6),
        (counterexample(1, fmpq(-2, 3)), 1, 2),
        (counterexample(np.ones((3, 3)), fmpq(1)), 0, 9),
        (counterexample("a few", "many"), 0, 2),
        (counterexample(True, False), 0, 2),
        (counterexample((1, 2), (0, 1)), 0, 2),
    ):
        drawing = picture(found)()
        assert len(drawing.axes[0].lines) == lines
        assert len(drawing.axes[0].texts) == words
        assert drawing.get_suptitle() == "what"
        assert drawing.get_supxlabel().startswith("the comparison is exact")
    with pytest.raises(NothingToDraw, match="named no sides"):
        picture(counterexample(None, None))


def test_a_picture_has_both_sides_by_name_and_in_two_ways_without_colour() -> None:
    from teaching.figures.counterexample import picture

    found = counterexample(fmpq(1, 2), fmpq(1, 4), Pair(fmpq(1, 2), fmpq(1, 2)), "x₀ = μx₀")
    (axes,) = picture(found)().axes
    assert [text.get_text() for text in axes.texts] == ["x₀ = 1/2", "μx₀ = 1/4"]
    assert [patch.get_width() for patch in axes.patches] == [0.5, 0.25]
    assert len({patch.get_hatch() for patch in axes.patches}) == 2


def test_a_sequence_that_was_worked_out_is_drawn_beside_its_end() -> None:
    from properties.latch_boundary import Middle
    from teaching.figures.counterexample import picture

    case = Middle(fmpq(2), fmpq(0), fmpq(1, 64), matrix("1"), matrix("1"), 10)
    gradient = float(case.gradient())
    beside, bars = picture(counterexample(1, gradient, case, "1 < ∂a_t/∂a_0"))().axes
    states, slopes = beside.lines
    assert len(states.get_xdata()) == 10
    assert np.isclose(np.prod(slopes.get_ydata()), gradient)
    assert states.get_linestyle() != slopes.get_linestyle()
    assert len(bars.patches) == 2


def test_sides_in_evidence_are_those_that_were_found() -> None:
    from properties.checking.written_out import written_out
    from properties.linear_recurrence_cases import LinearSystem
    from teaching.figures.counterexample import Sides

    system = LinearSystem(w=matrix("0 2; 0 0"), h0=vector("1 1/2"), t=1)
    with pytest.raises(Violation) as raised:
        Check().exact(system.worked(), worked_product("Wh₀", system.w, system.h0))
    refuted = raised.value
    for found in (
        Counterexample(
            system, "it", refuted.left, refuted.right, None, None, 1.0, workings=refuted.workings
        ),
        counterexample(np.array([[0.5, 1e-300]]), arb("0.25 +/- 1e-9")),
        counterexample("a few", arb(0, 1e-3)),
        counterexample(None, None),
    ):
        one, other = Sides.of(found), Sides.read(written_out(found))
        assert (one.names, one.what) == (other.names, other.what)
        for here, there in ((one.left, other.left), (one.right, other.right)):
            assert (here is None) == (there is None)
            assert here is None or np.allclose(here, there, rtol=1e-8, atol=0)
        assert (one.start is None) == (other.start is None)


REFUTATIONS = [
    (claim, part)
    for claim in load_catalogue().claims
    for part in claim.parts
    if part.startswith(("without", "misread"))
]

A_FEW = {
    "spectral_power::misread[printed_form]",
    "norm_growth::without[W is normal]",
    "gelfand_bound::misread[no_margin_needed]",
    "printed_form_agrees::misread[only_for_reflections]",
    "product_variance::without[every weight has mean zero]",
    "jacobian_chain::misread[order_reversed]",
    "carousel::misread[kept_by_the_input_gate]",
    "ten_or_twenty::misread[nothing_at_twenty]",
    "contraction::without[the set is convex]",
    "skip_connections::without[η ≤ 1]",
    "counts_letters::misread[equal_numbers]",
}
"""One of each kind; all are looked at with --long."""

NOTHING_TO_WORK_OUT = {
    "many_covariances_are_enough": "two counts of tests",
    "one_factor_more": "one number each",
    "the push exceeds h*(w)": "no number of steps is enough",
    "crossing_is_sufficient": "a bound that interval arithmetic finds",
    "period_two_by_weight_alone": "there is no point to be shown",
    "equal_numbers": "words",
    "without_carry": "what a run of the machine writes",
    "at most 26 bits lie on the stack": "the states of a run, in two arithmetics",
    "all_at_one_half": "a number that a random generator gives",
}
"""The refutations whose sides are given as they are, and why."""


def _refutations() -> list[Any]:
    named = {f"{claim.name}::{part}": (claim, part) for claim, part in REFUTATIONS}
    return [
        pytest.param(*each, id=name, marks=() if name in A_FEW else pytest.mark.long)
        for name, each in named.items()
    ]


def test_those_that_are_named_are_refutations_of_the_catalogue() -> None:
    assert {f"{claim.name}::{part}" for claim, part in REFUTATIONS} >= A_FEW
    assert {part.partition("[")[2][:-1] for _, part in REFUTATIONS} >= NOTHING_TO_WORK_OUT.keys()


@pytest.mark.parametrize(("claim", "part"), _refutations())
def test_a_refutation_is_worked_out_and_drawn(claim: Any, part: str, tmp_path: Path) -> None:
    """Both sides by name or as a bare number, how one of them came about, in text and in LaTeX."""
    from properties.checking.plan import Plan
    from properties.checking.verification import verify_part
    from teaching.figures.counterexample import picture, save

    outcome = verify_part(claim, part, Plan())
    found = outcome.counterexample
    assert found is not None, outcome.message
    lines = [found.steps(side) for side in (0, 1)]
    name = part.partition("[")[2].removesuffix("]")
    if name not in NOTHING_TO_WORK_OUT:
        assert any(line.stages() for side in lines for line in side) or max(map(len, lines)) > 1
    for side, value in zip(lines, (found.left, found.right), strict=True):
        number = re.fullmatch(r"-?[\d./e-]+", written(value))
        assert side or number or isinstance(value, str)
    text = "\n".join(found.lines())
    assert all(indented(line.text()) in text for side in lines for line in side)
    require_well_formed(found._repr_latex_())
    assert escape(text) in found._repr_html_()
    code = reproduction(claim, name if part.startswith("misread") else claim.name, found)
    with pytest.raises(AssertionError):
        exec(dedent(code), {})
    save(picture(found), tmp_path / "it.svg", "svg")
    assert (tmp_path / "it.svg").stat().st_size > 2000


def test_what_is_shown_in_a_notebook_is_escaped() -> None:
    from properties.checking.claim import Claim

    made = Claim(
        name="angle",
        module="m",
        theme="t",
        statement="1 < 2 & <script>",
        source="<b>",
        derivation="",
        domain=st.none(),
        assumptions={"x < y": lambda case: True},
        labels={},
        witness=None,
        tiers=("exact",),
        check=lambda case, check: None,
    )
    shown = made._repr_html_()
    assert "1 &lt; 2 &amp; &lt;script&gt;" in shown
    assert "x &lt; y" in shown
    found = counterexample(fmpq(1), fmpq(2), "<case>")
    assert "&lt;case&gt;" in found._repr_html_()
    require_well_formed(found._repr_latex_())
    require_well_formed(theory.spectral_power._repr_latex_())


def test_of_more_than_eight_entries_some_are_left_out_and_all_are_counted() -> None:
    assert written(tuple(range(8))) == "(0, 1, 2, 3, 4, 5, 6, 7)"
    assert written(tuple(range(9))) == "(0, 1, 2, 3, …, 7, 8), 9 entries"
    assert typeset(tuple(range(9))) == (r"\left(0, 1, 2, 3, \dots, 7, 8\right),\ 9\text{ entries}")
    rows = [
        " & ".join([f"{i}{j}" for j in (1, 2, 3, 4)] + [r"\dots", f"{i}8", f"{i}9"])
        for i in (1, 2, 3, 4, 8, 9)
    ]
    rows.insert(4, " & ".join([r"\vdots"] * 7))
    wide = np.array([[10 * i + j for j in range(1, 10)] for i in range(1, 10)])
    assert typeset(wide) == r"\begin{pmatrix} " + r" \\ ".join(rows) + r" \end{pmatrix}"
    assert written(wide).split("\n")[3:6] == [
        "⎢ 41  42  43  44  …  48  49 ⎥",
        "⎢  ⋮   ⋮   ⋮   ⋮  ⋮   ⋮   ⋮ ⎥",
        "⎢ 81  82  83  84  …  88  89 ⎥",
    ]
    assert written(np.zeros((2, 3, 2))) == str(np.zeros((2, 3, 2)))
