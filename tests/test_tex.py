"""Sentences and derivatives in LaTeX, to the letter."""

import pytest
from sympy import Derivative, Function, Symbol

from theory.tex import tex, tex_prose


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("x_1 = W_2 + b_3 here", "$x_1 = W_2 + b_3$ here"),
        ("a_1 + b_1 = c_1", "$a_1 + b_1 = c_1$"),
        ("a_1 and b_1", "$a_1$ and $b_1$"),
        ("100% & more", r"100\% \& more"),
        ("", ""),
    ],
)
def test_a_formula_and_its_signs_are_one(text, latex):
    assert tex_prose(text) == latex


def test_a_derivative_has_its_order_where_that_is_not_one():
    x, f = Symbol("x", real=True), Function("f")
    inside = r"\left(f{\left(x \right)}\right)"
    assert tex(Derivative(f(x), x)) == rf"\frac{{\partial}}{{\partial x}} {inside}"
    assert tex(Derivative(f(x), (x, 2))) == rf"\frac{{\partial^{{2}}}}{{\partial x^{{2}}}} {inside}"
