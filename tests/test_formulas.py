"""Formulas as they are typed: read, reckoned with, and written with their values put in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq, fmpq_mat
from hypothesis import given
from hypothesis import strategies as st

from properties.checking import matrix, vector
from properties.checking.balls import precision
from properties.checking.formulas import NotAFormula, parsed, plain_name
from properties.checking.putting_in import stages
from properties.checking.reckoning import value_of

VALUES: dict[str, Any] = {
    "ρ": fmpq(1, 2),
    "t": fmpq(1),
    "n": fmpq(3),
    "δ": fmpq(-1, 3),
    "w": fmpq(2),
    "h_0": vector("0 2"),
    "c": vector("3 4"),
    "W": matrix("0 2; 0 0"),
    "D": matrix("1 0; 0 -3"),
    "x_1": 0.5,
    "∂a_t/∂a_0": fmpq(5),
    "|b|": fmpq(7),
    "E(w)²": fmpq(11),
}


def reckoned(text: str) -> Any:
    return value_of(parsed(text, [*VALUES]), VALUES)


def put_in(text: str) -> list[str]:
    return [stage.text for stage in stages(parsed(text, [*VALUES]), VALUES)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ρ²ᵗ‖h₀‖²", 1),
        ("Wᵗh₀", vector("4 0")),
        ("(Wᵗ)ᵀh₀", vector("0 0")),
        ("W⁻¹", None),
        ("D⁻¹", matrix("1 0; 0 -1/3")),
        ("D⁻ᵀD", matrix("1 0; 0 1")),
        ("4δ(1 − δ)", fmpq(-16, 9)),
        ("2δ/w", fmpq(-1, 3)),
        ("1/2·w", 1),
        ("½w", 1),
        ("−w + n − 1", 0),
        ("w^{n − 1}", 4),
        ("w^-1", fmpq(1, 2)),
        ("W^{n − 3}", matrix("1 0; 0 1")),
        ("[w, 1; 0, 1]^n", matrix("8 7; 0 1")),
        ("[w, 1; 0, 1]^{n − 3}", matrix("1 0; 0 1")),
        ("[w, 1; 0, 1]^{−1}", None),
        ("diag(c)^n", matrix("27 0; 0 64")),
        ("c^n", vector("27 64")),
        ("w^⌈n/2⌉", 4),
        ("ρ^n", fmpq(1, 8)),
        ("⌊n/2⌋", 1),
        ("|δ| + |w|δ|", None),
        ("|δ||w|", fmpq(2, 3)),
        ("‖W‖", 2),
        ("‖[1, 1; 0, 1]‖", 2),
        ("‖D‖₂", 3),
        ("‖D‖_∞", 3),
        ("‖c‖", 5),
        ("max(w, n, ρ)", 3),
        ("min|D|", 0),
        ("sgn(δ)w", -2),
        ("diag(c)h₀", vector("0 8")),
        ("1 − c ⊙ h₀", vector("1 -7")),
        ("c²", vector("9 16")),
        ("[w, n; 0, ρ]", matrix("2 3; 0 1/2")),
        ("[[W, D; D, W]]_cc", matrix("0 2; 0 0")),
        ("∂a_t/∂a_0 ÷ wᵗ", fmpq(5, 2)),
        ("|b|²", 49),
        ("E(w)² − w²", 7),
        ("√(w² + 12)", 4),
        ("1.5w", 3),
        ("3", 3),
    ],
)
def test_a_formula_is_reckoned_exactly(text: str, value: Any) -> None:
    if value is None:
        with pytest.raises(NotAFormula):
            reckoned(text)
        return
    found = reckoned(text)
    if isinstance(found, np.ndarray):
        found = fmpq_mat(found.tolist())
    assert found == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("tanh(x₁)", np.tanh(0.5)),
        ("tanh x₁", np.tanh(0.5)),
        ("σ(δ)", 1 / (1 + np.exp(1 / 3))),
        ("ln w", np.log(2)),
        ("exp(δ)", np.exp(-1 / 3)),
        ("e^{−w/4}", np.exp(-0.5)),
        ("arccosh √w", np.arccosh(2**0.5)),
        ("artanh(ρ)", np.arctanh(0.5)),
        ("w^ρ", 2**0.5),
        ("‖[w, 1; 1, w]‖₂", 3),
        ("‖tanh(c)‖", np.hypot(*np.tanh([3, 4]))),
        ("relu(δ) + x₁", 0.5),
        ("W tanh(h₀)", [2 * np.tanh(2), 0]),
    ],
)
def test_what_is_not_rational_is_reckoned_in_balls(text: str, value: Any) -> None:
    found = np.vectorize(float)(reckoned(text)).ravel()
    assert np.allclose(found, np.ravel(value), rtol=1e-14, atol=0)


@pytest.mark.parametrize(
    "text",
    [
        *("", "v", "the share", "ρ +", "(ρ", "ρ)", "‖h₀", "ρ = 1", "h_1", "x_1′", "1/2w"),
        *("W + 1", "W/h₀", "1/0", "Wh₀h₀", "⌈x₁⌉", "tanh", "[W, n"),
    ],
)
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises(NotAFormula):
        reckoned(text)


def test_a_high_power_is_a_ball() -> None:
    found = value_of(parsed("ρ^n", ["ρ", "n"]), {"ρ": fmpq(3, 4), "n": fmpq(10**9)})
    assert isinstance(found, arb)
    assert found < fmpq(1, 10**9)


def test_a_subscript_may_be_typed_in_both_ways() -> None:
    assert plain_name("h₀") == plain_name("h_0") == "h_0"
    assert plain_name("σ₁²W_i") == "σ_1²W_i"
    assert plain_name("gᵢ₁₂") == "g_i12"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ρ²ᵗ‖h₀‖²", ["(1/2)² · (0² + 2²)", "1/4 · 4"]),
        ("4δ(1 − δ)", ["4 · (-1/3) · (1 − (-1/3))", "4 · (-1/3) · (4/3)"]),
        ("(δ/w)²", ["((-1/3)/2)²", "(-1/6)²"]),
        ("w^n", ["2³"]),
        ("w^t", ["2"]),
        ("−δ + w", ["-(-1/3) + 2"]),
        ("w − nδ", ["2 − 3 · (-1/3)", "2 − (-1)"]),
        ("max(w, δ)", ["max(2, -1/3)"]),
        ("Wh₀", ["⎡ 0  2 ⎤ ⎡ 0 ⎤\n⎣ 0  0 ⎦ ⎣ 2 ⎦"]),
        ("wWᵀ", ["2 · ⎡ 0  2 ⎤ᵀ\n    ⎣ 0  0 ⎦", "2 · ⎡ 0  0 ⎤\n    ⎣ 2  0 ⎦"]),
        ("diag(c)", ["diag( ⎡ 3 ⎤ )\n      ⎣ 4 ⎦"]),
        ("diag(w)", ["2"]),
        ("w ⊙ n", ["2 ⊙ 3"]),
        ("(w)²", ["2²"]),
        ("√w", ["√2"]),
        ("√(w + n)", ["√(2 + 3)", "√5"]),
        ("√(wn)", ["√(2 · 3)", "√6"]),
        ("√ρ", ["√(1/2)"]),
        ("−δ", ["-(-1/3)"]),
        ("(2)^n", ["2³"]),
        ("(w + n)²", ["(2 + 3)²", "5²"]),
        ("w", []),
        ("1", []),
    ],
)
def test_values_are_put_in_stage_by_stage(text: str, expected: list[str]) -> None:
    assert put_in(text) == expected


def test_a_long_sum_and_a_long_product_are_cut_in_the_middle() -> None:
    assert put_in("+".join("w" * 12)) == ["2 + 2 + 2 + 2 + 2 + … + 2 + 2"]
    assert put_in("·".join("w" * 12)) == ["2 · 2 · 2 · 2 · … · 2 · 2"]


LATEX = {
    "w+w+w+w+w+w+w+w+w+w+w+w": [
        r"2 + 2 + 2 + 2 + 2 + \dots + 2 + 2",
    ],
    "w·w·w·w·w·w·w·w·w·w·w·w": [
        r"2 \cdot 2 \cdot 2 \cdot 2 \cdot \dots  \cdot 2 \cdot 2",
    ],
    "w⊙w⊙w⊙w⊙w⊙w⊙w⊙w⊙w⊙w⊙w⊙w": [
        r"2 \odot 2 \odot 2 \odot 2 \odot \dots  \odot 2 \odot 2",
    ],
    "ρ²ᵗ‖h₀‖²": [
        r"\left(\tfrac{1}{2}\right)^{2} \cdot (0^{2} + 2^{2})",
        r"\tfrac{1}{4} \cdot 4",
    ],
    "diag(c)W": [
        r"\mathrm{diag}(\begin{pmatrix} 3 \\ 4 \end{pmatrix})"
        r"\begin{pmatrix} 0 & 2 \\ 0 & 0 \end{pmatrix}",
        r"\begin{pmatrix} 3 & 0 \\ 0 & 4 \end{pmatrix}\begin{pmatrix} 0 & 2 \\ 0 & 0 \end{pmatrix}",
    ],
    "−w/n": [
        "-2/3",
        r"-\tfrac{2}{3}",
    ],
    "|δ|": [
        r"|-\tfrac{1}{3}|",
    ],
    "⌈ρ⌉ + ⌊ρ⌋": [
        r"\lceil \tfrac{1}{2}\rceil  + \lfloor \tfrac{1}{2}\rfloor ",
        "1 + 0",
    ],
    "‖W‖_∞": [
        r"\|\begin{pmatrix} 0 & 2 \\ 0 & 0 \end{pmatrix}\|_{\infty}",
    ],
    "‖c‖": [
        r"\|\begin{pmatrix} 3 \\ 4 \end{pmatrix}\|",
    ],
    "√(w + n)": [
        r"\surd (2 + 3)",
        r"\surd 5",
    ],
    "(Wᵗ)ᵀh₀": [
        r"\begin{pmatrix} 0 & 2 \\ 0 & 0 \end{pmatrix}^{\top}\begin{pmatrix} 0 \\ 2 \end{pmatrix}",
        r"\begin{pmatrix} 0 & 0 \\ 2 & 0 \end{pmatrix}\begin{pmatrix} 0 \\ 2 \end{pmatrix}",
    ],
    "w(n − δ)": [
        r"2 \cdot (3 - (-\tfrac{1}{3}))",
        r"2 \cdot (\tfrac{10}{3})",
    ],
    "w − δ": [
        r"2 - (-\tfrac{1}{3})",
    ],
    "[[W, D; D, W]]_cc": [
        r"[\begin{pmatrix} 0 & 2 & 1 & 0 \\ 0 & 0 & 0 & -3 \\ "
        r"1 & 0 & 0 & 2 \\ 0 & -3 & 0 & 0 \end{pmatrix}]_{cc}",
    ],
    "e^{w}": [
        r"\mathrm{exp}(2)",
    ],
    "max(w, n)": [
        r"\mathrm{max}(2, 3)",
    ],
    "w^δ": [
        r"2^{-\tfrac{1}{3}}",
    ],
    "W⁻¹": [
        r"\begin{pmatrix} 0 & 2 \\ 0 & 0 \end{pmatrix}^{-1}",
    ],
}


@pytest.mark.parametrize("text", LATEX)
def test_values_are_put_in_for_slides_too(text: str) -> None:
    assert [stage.latex for stage in stages(parsed(text, [*VALUES]), VALUES)] == LATEX[text]


numbers = st.builds(fmpq, st.integers(-4, 4), st.integers(1, 3))


@st.composite
def formulas(draw: Any, depth: int = 3) -> tuple[str, Any]:
    """A formula of a, b and c as text, and a function of their values that gives its own."""
    kind = draw(
        st.sampled_from(
            ["sym", "num", "+", "-", "·", "/", "^", "(", "|"] if depth else ["sym", "num"]
        )
    )
    if kind == "sym":
        name = draw(st.sampled_from("abc"))
        return name, lambda v: v[name]
    if kind == "num":
        number = draw(st.integers(0, 9))
        return str(number), lambda _: fmpq(number)
    text, one = draw(formulas(depth - 1))
    if kind in "(|":
        return (f"({text})", one) if kind == "(" else (f"|({text})|", lambda v: abs(one(v)))
    if kind == "^":
        power = draw(st.integers(0, 3))
        return f"({text})^{power}", lambda v: one(v) ** power
    more, other = draw(formulas(depth - 1))
    return {
        "+": (f"{text} + ({more})", lambda v: one(v) + other(v)),
        "-": (f"{text} − ({more})", lambda v: one(v) - other(v)),
        "·": (f"({text})({more})", lambda v: one(v) * other(v)),
        "/": (f"({text})/({more})", lambda v: one(v) / other(v)),
    }[kind]


@given(formulas(), st.fixed_dictionaries(dict.fromkeys("abc", numbers)))
def test_a_formula_and_each_of_its_stages_have_the_value_that_python_gives(
    formula: tuple[str, Any], values: dict[str, fmpq]
) -> None:
    text, function = formula
    node = parsed(text, [*values])
    try:
        expected = function(values)
    except ZeroDivisionError:
        with pytest.raises(NotAFormula):
            value_of(node, values)
        return
    assert value_of(node, values) == expected
    for stage in stages(node, values):
        if "≈" not in stage.text and "…" not in stage.text:
            assert value_of(parsed(stage.text, []), {}) == expected


@given(st.text("abW₀²ᵀ()|‖[]+−·/^{}⌈ tanhσ,;1½", max_size=12))
def test_any_text_is_a_formula_or_is_refused(text: str) -> None:
    values = {"a": fmpq(2), "b": vector("1 2"), "W": matrix("1 2; 3 4"), "a_0": 0.5}
    try:
        node = parsed(text, [*values])
        with precision(64):
            value_of(node, values)
            found = stages(node, values)
    except NotAFormula:
        return
    assert all(stage.text and stage.latex for stage in found)
