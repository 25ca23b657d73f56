"""Formulas in sentences: what is found, how it is written, and that nothing else gets through."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teaching.page.mathml import mathml
from teaching.page.notation import latex
from teaching.page.prose import breakable, typeset
from teaching.page.recognition import parts

MATHEMATICS = "hWtλΛᵗᵀ₀₁_^{}()[]|‖√∏Σ∂=≤<>+−·/ .,*′0129 a if tanh und 若则，&<>\"'`\\%#$~"


def marked(text: str) -> str:
    """The text with its formulas in brackets of their own."""
    return "".join(f"⟦{part}⟧" if formula else part for part, formula in parts(text))


@pytest.mark.parametrize(
    "text",
    [
        "If ⟦W = QΛQᵀ⟧ with ⟦Q⟧ orthogonal, then ⟦h_t = Wᵀh_{t−1}⟧ has ⟦h_t = QΛᵗQᵀh₀⟧.",
        "⟦h_t = tanh(Wh_{t−1} + u_t)⟧ with ⟦D_k = diag(1 − tanh² a_k)⟧",
        "in place of ⟦w⟧ a number ⟦(w > 0)⟧ of about 2000",
        "⟦w_1 … w_n⟧ are independent, and a weight is ⟦±√v⟧",
        "for ⟦w = mv⟧ with a bound; see printed_form_agrees and `bifurcations`.",
        "⟦a − w·tanh a⟧ goes from ⟦−∞⟧ to ⟦∞⟧",
        "⟦[[0, 1], [0, 0]]⟧ is not, and the ⟦2 × 2⟧ case and/or 10 or 20 steps",
        "if ⟦‖W‖ ≤ 1⟧, i.e. as the max of all",
        "⟦x ≤ 0⟧ ⟦(0 ≤ x)⟧ at both ends, and ⟦1 + (w − 1)⟧",
        "⟦∂c/∂h = [A_oW_o + BJ, BF; J, F]⟧ with ⟦0.99^1000 = 4.3e-5⟧, a factor ⟦≥ 0⟧",
        "⟦2/ln(1 + x)⟧ steps, ⟦d/(cosh(d + u)cosh(u))⟧, ⟦P(ln |w| > E)⟧ and ⟦‖clip g − clip h‖⟧",
        "Y. Bengio, P. Simard and P. Frasconi on ⟦W⟧. They, with nothing to clip.",
        "若 ⟦W = QΛQᵀ⟧ 且 ⟦Q⟧ 正交，则 ⟦h_t⟧（⟦t ≥ 1⟧）衰减。",
    ],
)
def test_formulas_are_told_from_words(text: str) -> None:
    plain = text.replace("⟦", "").replace("⟧", "")
    assert marked(plain) == text


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("h_{t−1}", "h_{t-1}"),
        ("Wᵀ", r"W^{\top}"),
        ("(Wᵗ)ᵀ", r"{\left( W^{t} \right)}^{\top}"),
        ("h*(w)", r"h^{\ast} \left( w \right)"),
        ("v*^{1/n}", r"{v^{\ast}}^{1 / n}"),
        ("√(1 − 1/w)", r"\sqrt{1 - 1 / w}"),
        ("‖V‖‖V⁻¹‖", r"\left\| V \right\| \left\| V^{-1} \right\|"),
        ("||w| − 1|", r"\left| \left| w \right| - 1 \right|"),
        ("R_kk", "R_{k k}"),
        ("w_ij", "w_{i j}"),
        ("e_te_tᵀ", r"e_{t} e_{t}^{\top}"),
        ("|λ|_minᵗ", r"\left| λ \right|_{\min}^{t}"),
        ("tanh² c", r"\operatorname{tanh}^{2} c"),
        ("e^−0.635", "e^{-0.635}"),
        ("= [AB, 0; −J, F]", r"= \begin{bmatrix} A B & 0 \\ -J & F \end{bmatrix}"),
        ("4.3e-5", r"4.3 \cdot 10^{-5}"),
        ("[[1, t], [0, 1]]", r"\begin{bmatrix} 1 & t \\ 0 & 1 \end{bmatrix}"),
    ],
)
def test_formulas_in_latex(formula: str, expected: str) -> None:
    assert "".join(latex(formula).split()) == "".join(expected.split())


def test_long_formulas_break_at_relations() -> None:
    assert breakable("w = 2") == ["w = 2"]
    assert breakable("|aaaaaa| ≤ ‖b ≤ c‖ < (d ≤ e)ff") == ["|aaaaaa|", "≤ ‖b ≤ c‖", "< (d ≤ e)ff"]


@given(st.text() | st.text(MATHEMATICS))
def test_nothing_is_lost(text: str) -> None:
    assert "".join(part for part, _ in parts(text)) == text


@given(st.text() | st.text(MATHEMATICS) | st.text("<>&\"'/=x h_"))
def test_whatever_the_text_the_html_is_well_formed_and_all_its_own(text: str) -> None:
    html = "".join(c for c in typeset(text) if c >= " " and c not in "\ufffe\uffff")
    found = ElementTree.fromstring(f"<p>{html.replace('<wbr>', '')}</p>")
    ours = {"p", "math", "span", "l-nb"}
    outside = [e.tag for e in found.iter() if not _inside_math(found, e)]
    assert set(outside) <= ours


def _inside_math(root: ElementTree.Element, element: ElementTree.Element) -> bool:
    return any(
        element is below for math in root.iter("math") for below in math.iter() if below is not math
    )


@pytest.mark.parametrize(
    ("faulty", "said"),
    [(r"\text{a & b}", "well-formed"), (r"\left( x", "faulty"), ("x^2^3", "faulty")],
)
def test_what_is_no_formula_is_refused(faulty: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        mathml(faulty)
