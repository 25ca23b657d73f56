"""What is written down reads as a person writes it at the blackboard, and as TeX."""

import pytest
from sympy import (
    Abs,
    Derivative,
    EulerGamma,
    Function,
    Identity,
    IndexedBase,
    Inverse,
    KroneckerDelta,
    MatMul,
    MatPow,
    MatrixSymbol,
    Product,
    Rational,
    Sum,
    Symbol,
    Transpose,
    ZeroMatrix,
    exp,
    log,
    pi,
    sqrt,
    symbols,
    tanh,
)
from sympy.matrices.expressions.hadamard import HadamardProduct
from sympy.matrices.expressions.matexpr import MatrixElement

from theory.derivation import Derivation, at_most, equation, fixed, less
from theory.derivation import Identity as IdentityStep
from theory.entries import Logistic
from theory.matrices import (
    Blocks,
    Component,
    Elementwise,
    Gradient,
    Jacobian,
    Norm,
    OrderedProduct,
    SquaredLength,
    family,
)
from theory.printing import domains, plain
from theory.ranges import Range
from theory.rules import orthogonal
from theory.tex import tex, tex_text

n = Symbol("n", integer=True, positive=True)
s, t = (Symbol(name, integer=True, nonnegative=True) for name in "st")
k, i, j = (Symbol(name, integer=True) for name in "kij")
x, y = symbols("x y", real=True)
λ, σ = Symbol("λ"), Symbol("σ")
Q, Λ, A, B, W_f = (MatrixSymbol(name, n, n) for name in ("Q", "Λ", "A", "B", "W_f"))
h0 = MatrixSymbol("h0", n, 1)
h, u_f, D = family("h", n), family("u_f", n), family("D", n, n)
w, W = IndexedBase("w"), IndexedBase("W")
E = Function("E")

WRITTEN = [
    # products side by side, a dot where two would run together
    (Q * Λ**t * Q.T * h0, "QΛᵗQᵀh₀", r"Q \Lambda^{t} Q^{\top} h_{0}"),
    (Q * Λ ** (t + 1) * Q.T * h(t), "QΛ^(t+1)Qᵀh_t", r"Q \Lambda^{t + 1} Q^{\top} h_{t}"),
    (Transpose(h(t)) * Q * h(t), "h_tᵀ·Qh_t", r"h_{t}^{\top} Q h_{t}"),
    (W_f * A, "W_f·A", "W_{f} A"),
    (Norm(A) * Norm(B), "‖A‖·‖B‖", None),
    (x * tanh(y), "x·tanh(y)", None),
    (-A * B + 2 * A, "2A − AB", "2 A - A B"),
    (A * (B - A), "A(B − A)", None),
    (MatMul(-1, A), "−A", "- A"),
    (Inverse(A) * B, "A⁻¹B", "A^{-1} B"),
    # powers and transposes
    (Λ**t, "Λᵗ", r"\Lambda^{t}"),
    (Λ ** (t + 1), "Λ^(t+1)", r"\Lambda^{t + 1}"),
    (Λ**12, "Λ¹²", r"\Lambda^{12}"),
    (MatPow(A.T, t), "(Aᵀ)ᵗ", r"\left(A^{\top}\right)^{t}"),
    (Transpose(A**t), "(Aᵗ)ᵀ", r"\left(A^{t}\right)^{\top}"),
    (Transpose(MatMul(A, B)), "(AB)ᵀ", r"\left(A B\right)^{\top}"),
    ((A + B) ** t, "(A + B)ᵗ", r"\left(A + B\right)^{t}"),
    (Norm(A) ** t, "‖A‖ᵗ", r"\left\| A \right\|^{t}"),
    (x ** (t - 1), "x^(t−1)", "x^{t - 1}"),
    ((-x) ** t, "(−x)ᵗ", None),
    (-((x + y) ** 2), "−(x + y)²", None),
    (tanh(x) ** 2, "tanh(x)²", None),
    (2**t, "2ᵗ", "2^{t}"),
    (sqrt(x), "√x", r"\sqrt{x}"),
    (sqrt(x + y), "√(x + y)", r"\sqrt{x + y}"),
    # sums and quotients
    (x - y, "x − y", "x - y"),
    (1 - tanh(x) ** 2, "1 − tanh(x)²", None),
    (x / (t * y), "x/(ty)", r"\frac{x}{t y}"),
    (-x * y / 2, "−xy/2", None),
    (1 / x**2, "1/x²", r"\frac{1}{x^{2}}"),
    (Rational(-1, 2) + x, "x − 1/2", None),
    (x * (y + 1), "x(y + 1)", None),
    # members of families
    (h(0), "h_0", "h_{0}"),
    (h(t + 1), "h_{t+1}", "h_{t + 1}"),
    (u_f(t + 1), "u_{f,t+1}", "u_{f,t + 1}"),
    (w[i] ** 2, "w_i²", "w_{i}^{2}"),
    (W[i, j], "W_{ij}", "W_{i,j}"),
    (W[t + 1, j], "W_{t+1,j}", "W_{t + 1,j}"),
    # sums over an index reach as far as they can
    (Sum(W[i, k] * w[k], (k, 0, n - 1)), "Σ[k = 0 … n − 1] W_{ik}w_k", None),
    (Product(w[k], (k, 1, n)) ** 2, "(∏[k = 1 … n] w_k)²", None),
    (Sum(x + k, (k, 1, n)), "Σ[k = 1 … n] (k + x)", None),
    (OrderedProduct(D(k) * A, k, s + 1, t), "∏[k = t … s + 1] D_k·A", None),
    (OrderedProduct(D(k), k, 1, t) * A, "(∏[k = t … 1] D_k)A", None),
    (A * OrderedProduct(D(k), k, 1, t), "A∏[k = t … 1] D_k", r"A \prod_{k=t}^{1} D_{k}"),
    # functions and derivatives
    (Jacobian(h(t + 1), h(t)), "∂h_{t+1}/∂h_t", r"\frac{\partial h_{t + 1}}{\partial h_{t}}"),
    (
        Jacobian(h(t + 1), h(t)) * Jacobian(h(t), h(s)),
        "∂h_{t+1}/∂h_t·∂h_t/∂h_s",
        r"\frac{\partial h_{t + 1}}{\partial h_{t}} \frac{\partial h_{t}}{\partial h_{s}}",
    ),
    (D(t + 1) * A * Jacobian(h(t), h(s)), "D_{t+1}A·∂h_t/∂h_s", None),
    (
        MatrixElement(Jacobian(h(t), h(s)), i, j),
        "(∂h_t/∂h_s)_{ij}",
        r"\left(\frac{\partial h_{t}}{\partial h_{s}}\right)_{i,j}",
    ),
    (Blocks(2, A, B, B, A), "[A, B; B, A]", r"\begin{pmatrix} A & B \cr B & A \end{pmatrix}"),
    (Jacobian(Blocks(2, h(t), h0), h0), "∂(h_t, h₀)/∂h₀", None),
    (Derivative(tanh(w[i]), w[j]), "∂tanh(w_i)/∂w_j", None),
    (Elementwise("φ", A * h(t)), "φ(Ah_t)", r"\varphi\left(A h_{t}\right)"),
    (
        HadamardProduct(h(t), h0 + h(0)),
        "h_t ⊙ (h_0 + h₀)",
        r"h_{t} \odot \left(h_{0} + h_{0}\right)",
    ),
    (A * HadamardProduct(h(t), h0), "A(h_t ⊙ h₀)", None),
    (E(w[i] ** 2), "E(w_i²)", None),
    (log(x), "ln(x)", None),
    (Abs(x), "|x|", None),
    (exp(-x), "exp(−x)", "e^{- x}"),
    (Logistic(x), "σ(x)", r"\sigma\left(x\right)"),
    (KroneckerDelta(i, j), "δ_{ij}", None),
    (Component(i, h0 + h(0)), "|q_i*(h_0 + h₀)|", None),
    (Component(i, OrderedProduct(D(k), k, 1, t)), "|q_i*∏[k = t … 1] D_k|", None),
    (Norm(A * h(t)), "‖Ah_t‖", r"\left\| A h_{t} \right\|"),
    (SquaredLength(h0), "‖h₀‖₂²", r"\left\| h_{0} \right\|_2^2"),
    (x * SquaredLength(h0), "x‖h₀‖₂²", r"x \left\| h_{0} \right\|_2^2"),
    (
        SquaredLength(h0) ** 2,
        "(‖h₀‖₂²)²",
        r"\left(\left\| h_{0} \right\|_2^2\right)^{2}",
    ),
    (Gradient(W_f), "∂C/∂W_f", r"\frac{\partial C}{\partial W_{f}}"),
    (Elementwise("tanh", h0), "tanh(h₀)", r"\tanh\left(h_{0}\right)"),
    (Logistic(x) ** 2, "σ(x)²", r"\sigma^{2}\left(x\right)"),
    (Component(i, h0), "|q_i*h₀|", r"\left| q_{i}^{*} h_{0} \right|"),
    (Component(i, h0) ** 2, "|q_i*h₀|²", r"\left| q_{i}^{*} h_{0} \right|^{2}"),
    (
        Derivative(tanh(x * y), x, x),
        "∂²tanh(xy)/∂x²",
        r"\frac{\partial^{2}}{\partial x^{2}} \left(\tanh{\left(x y \right)}\right)",
    ),
    (Identity(n), "I", "I"),
    (ZeroMatrix(n, 1), "0", "0"),
    (pi * EulerGamma, "γπ", None),
    (λ**t * σ, "λᵗσ", r"\lambda^{t} \sigma"),
]


@pytest.mark.parametrize(
    ("expression", "text", "latex"), WRITTEN, ids=[str(text) for _, text, _ in WRITTEN]
)
def test_expression(expression, text, latex):
    written = tex(expression)
    assert written.isascii()
    assert written.count("{") == written.count("}")
    assert latex in (None, written)
    assert text in (None, plain(expression))


def test_different_expressions_are_written_differently():
    shown = [plain(expression) for expression, _, _ in WRITTEN]
    assert len(set(shown)) == len(shown)
    assert plain(A**t * B) != plain(A ** (t + 1) * B)
    assert plain(MatMul(A, B.T)) != plain(MatMul(A.T, B))
    assert plain((A * B).T) != plain(A * B.T)


@pytest.mark.parametrize(
    ("relation", "text"),
    [
        (equation(h(t + 1), Q * h(t)), "h_{t+1} = Qh_t"),
        (at_most(Norm(A), x), "‖A‖ ≤ x"),
        (less(x, y), "x < y"),
        (equation(h(t), h0, Range(t, s)), "h_t = h₀ for t ≥ s"),
        (equation(w[k], 0, Range(k, 0, n - 1)), "w_k = 0 for 0 ≤ k ≤ n − 1"),
    ],
)
def test_relation(relation, text):
    assert str(relation) == text
    assert relation.latex().isascii()


def test_facts_and_rules_name_what_they_are_about():
    assert str(fixed(A, h(t))) == "A, h_t fixed"
    assert str(orthogonal(Q)) == "Q orthogonal"


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("transpose", r"\text{transpose}"),
        ("Wᵀ = (QΛQᵀ)ᵀ", r"\text{W}^{\top }\text{ = (Q}\Lambda \text{Q}^{\top }\text{)}^{\top }"),
        ("V⁻¹", r"\text{V}^{-1}"),
        ("λᵗ⁻¹h₀", r"\lambda ^{t-1}\text{h}_{0}"),
        ("h_{t+1} costs 5 % & $", r"\text{h\_\{t+1\} costs 5 \% \& \$}"),
        ("a ≤ b", r"\text{a }\le \text{ b}"),
        ("ΑΡ", "AP"),
    ],
)
def test_text_in_latex(text, latex):
    assert tex_text(text) == latex


def test_domains_of_symbols():
    some = {n, t, s, k, Symbol("v", nonnegative=True), Symbol("c", positive=True), x}
    some |= {Symbol("z", nonzero=True), Symbol("q", negative=True), Q}
    assert domains(some) == [
        "c > 0",
        "k = …, −1, 0, 1, …",
        "n = 1, 2, …",
        "q < 0",
        "s, t = 0, 1, 2, …",
        "v ≥ 0",
        "z ≠ 0",
    ]


def test_a_derivation_as_text_and_latex():
    step = IdentityStep(equation(Q.T * Q, Identity(n)), "QᵀQ = I", rules=(orthogonal(Q),))
    derivation = Derivation("d", {"Q is orthogonal": orthogonal(Q)}, (step,), step.relation)
    assert derivation.text().splitlines() == [
        "Given",
        "   Q is orthogonal",
        "   n = 1, 2, …",
        "Steps",
        "   1. QᵀQ = I    [identity: QᵀQ = I]",
        "⇒  QᵀQ = I",
    ]
    assert derivation.latex().splitlines() == [
        r"\begin{align*}",
        r"& Q^{\top} Q = I && \text{identity: Q}^{\top }\text{Q = I} \\",
        r"\Rightarrow\; & Q^{\top} Q = I",
        r"\end{align*}",
    ]
