"""The LSTM's cell: what passes from c_{t−1} to c_t, directly and through the hidden state."""

from sympy import MatrixSymbol, Symbol, tanh
from sympy.matrices.expressions.hadamard import HadamardProduct

from theory.derivation import ByLemma, Derivation, Identity, Induction, equation, fixed
from theory.entries import entry, matrix_entry
from theory.lemmas import (
    COLUMN,
    ROW,
    by_entries,
    chain_rule,
    diagonal,
    entries_of,
    partial_derivative,
)
from theory.matrices import Elementwise, Jacobian, OrderedProduct, family
from theory.normal_form import Rule
from theory.ranges import Range

n = Symbol("n", integer=True, positive=True)
s, t, k = (Symbol(name, integer=True, nonnegative=True) for name in ("s", "t", "k"))
c, u_f, u_i, u_g, o = (family(name, n) for name in ("c", "u_f", "u_i", "u_g", "o"))
W_f, W_i, W_g = (MatrixSymbol(name, n, n) for name in ("W_f", "W_i", "W_g"))
F, A_f, A_i, A_g, B = (family(name, n, n) for name in ("F", "A_f", "A_i", "A_g", "B"))

# With gates that read only the input, c_{t+1} = f ⊙ c_t + i ⊙ g has f, i, g free of c_t.
f, written = Elementwise("σ", u_f(t + 1)), family("w", n)
blind_update = HadamardProduct(f, c(t)) + written(t + 1)
forget = entry(f, ROW)
one_blind_entry = partial_derivative(blind_update, c(t))
later = Range(t, s)

carousel = Derivation(
    name="carousel",
    assumptions={
        "c_{t+1} = f ⊙ c_t + w, f = σ(u_f), w = i ⊙ g": equation(c(t + 1), blind_update),
        "the gates do not read the hidden state": fixed(u_f(t + 1), written(t + 1)),
        "F_t = diag f_t": diagonal((F(t + 1), forget, ROW)),
    },
    steps=(
        Identity(
            equation(
                one_blind_entry,
                matrix_entry(F(t + 1), ROW, COLUMN, {F(t + 1): (forget, ROW)}),
                *entries_of(c(t + 1), c(t)),
            ),
            "cell i reads of the old cells only cell i, times its forget gate",
            rules=(Rule("differentiate"), Rule("kronecker")),
        ),
        ByLemma(
            equation(Jacobian(c(t + 1), c(t)), F(t + 1)),
            "so ∂c_{t+1}/∂c_t is diagonal",
            lemma=by_entries,
            of=(c(t + 1), blind_update, c(t), F(t + 1), [(F(t + 1), forget, ROW)]),
            given=(
                "c_{t+1} = f ⊙ c_t + w, f = σ(u_f), w = i ⊙ g",
                "the gates do not read the hidden state",
                "F_t = diag f_t",
                1,
            ),
        ),
        ByLemma(
            equation(
                Jacobian(c(t + 1), c(s)), Jacobian(c(t + 1), c(t)) * Jacobian(c(t), c(s)), later
            ),
            "c_{t+1} reads the past through c_t alone",
            lemma=chain_rule,
            of=(c(t + 1), blind_update, c(t), c(s)),
            given=(
                "c_{t+1} = f ⊙ c_t + w, f = σ(u_f), w = i ⊙ g",
                "the gates do not read the hidden state",
            ),
        ),
        Identity(
            equation(Jacobian(c(t + 1), c(s)), F(t + 1) * Jacobian(c(t), c(s)), later),
            "put step 2 into step 3",
            given=(3, 2),
        ),
        Identity(
            equation(Jacobian(c(s), c(s)), OrderedProduct(F(k), k, s + 1, s)),
            "both are the identity",
        ),
        Induction(
            equation(Jacobian(c(t), c(s)), OrderedProduct(F(k), k, s + 1, t), later),
            "each step multiplies by its forget gates",
            variable=t,
            start=s,
            base=5,
            step=4,
            rules=(Rule("split"),),
        ),
    ),
    conclusion=equation(Jacobian(c(t), c(s)), OrderedProduct(F(k), k, s + 1, t), later),
    parameters=(F(k), s, t),
)

# In full the gates read h_t = o_t ⊙ tanh c_t, and so c_t once more.
h = HadamardProduct(o(t), Elementwise("tanh", c(t)))
forget_gate = Elementwise("σ", W_f * h + u_f(t + 1))
input_gate = Elementwise("σ", W_i * h + u_i(t + 1))
candidate = Elementwise("tanh", W_g * h + u_g(t + 1))
full_update = HadamardProduct(forget_gate, c(t)) + HadamardProduct(input_gate, candidate)
f_i, i_i, g_i = (entry(gate, ROW) for gate in (forget_gate, input_gate, candidate))
diagonals = [
    (F(t + 1), f_i, ROW),
    (A_f(t + 1), entry(c(t), ROW) * f_i * (1 - f_i), ROW),
    (A_i(t + 1), g_i * i_i * (1 - i_i), ROW),
    (A_g(t + 1), i_i * (1 - g_i**2), ROW),
    (B(t), entry(o(t), COLUMN) * (1 - tanh(entry(c(t), COLUMN)) ** 2), COLUMN),
]
cell_jacobian_form = F(t + 1) + sum(
    (A(t + 1) * W * B(t) for A, W in ((A_i, W_i), (A_g, W_g))), A_f(t + 1) * W_f * B(t)
)

cell_jacobian = Derivation(
    name="cell_jacobian",
    assumptions={
        "c_{t+1} = f ⊙ c_t + i ⊙ g, gates reading h_t = o_t ⊙ tanh c_t": equation(
            c(t + 1), full_update
        ),
        "the weights, the inputs and o_t do not depend on c_t": fixed(
            W_f, W_i, W_g, u_f(t + 1), u_i(t + 1), u_g(t + 1), o(t)
        ),
        "F = diag f, A_f = diag c f(1−f), A_i = diag g i(1−i), A_g = diag i(1−g²), "
        "B = diag o(1−tanh²c)": diagonal(*diagonals),
    },
    steps=(
        Identity(
            equation(
                partial_derivative(full_update, c(t)),
                matrix_entry(
                    cell_jacobian_form, ROW, COLUMN, {d: (value, at) for d, value, at in diagonals}
                ),
                *entries_of(c(t + 1), c(t)),
            ),
            "differentiate cell i by cell j: directly, and through the three gates",
            rules=(Rule("differentiate"), Rule("kronecker")),
        ),
        ByLemma(
            equation(Jacobian(c(t + 1), c(t)), cell_jacobian_form),
            "entry by entry, the sum of these products",
            lemma=by_entries,
            of=(c(t + 1), full_update, c(t), cell_jacobian_form, diagonals),
            given=(
                "c_{t+1} = f ⊙ c_t + i ⊙ g, gates reading h_t = o_t ⊙ tanh c_t",
                "the weights, the inputs and o_t do not depend on c_t",
                "F = diag f, A_f = diag c f(1−f), A_i = diag g i(1−i), A_g = diag i(1−g²), "
                "B = diag o(1−tanh²c)",
                1,
            ),
        ),
    ),
    conclusion=equation(Jacobian(c(t + 1), c(t)), cell_jacobian_form),
    parameters=(F(t), A_f(t), A_i(t), A_g(t), W_f, W_i, W_g, B(t), t),
)
