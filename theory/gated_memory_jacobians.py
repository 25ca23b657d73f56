"""One step of the LSTM and of the GRU, differentiated in full from the equations of their gates.

What passes directly, without any weight, stands beside what passes through the hidden state that
the gates read. Gers, Schmidhuber & Cummins 2000 (LSTM); Cho et al. 2014 (GRU).
"""

from typing import Any

from sympy import MatrixSymbol, Symbol, tanh
from sympy.matrices.expressions.hadamard import HadamardProduct

from theory.derivation import ByLemma, Derivation, Identity, equation, fixed
from theory.entries import entry, matrix_entry
from theory.lemmas import COLUMN, ROW, by_entries, diagonal, entries_of, partial_derivative
from theory.lemmas_of_blocks import by_blocks
from theory.matrices import Blocks, Elementwise, Jacobian, family
from theory.normal_form import Rule

n = Symbol("n", integer=True, positive=True)
CALCULUS = (Rule("differentiate"), Rule("kronecker"))


def differentiated(
    y: Any, update: Any, x: Any, form: Any, diagonals: list[Any], why: str, given: Any
) -> tuple[Identity, ByLemma]:
    """The two steps to ∂y/∂x = form, of y = update: entry by entry, and the matrix of these.

    `given` names the assumptions of the second; the number of the first step comes last.
    """
    written = {d: (value, at) for d, value, at in diagonals}
    *assumed, first = given
    return (
        Identity(
            equation(
                partial_derivative(update, x),
                matrix_entry(form, ROW, COLUMN, written),
                *entries_of(y, x),
            ),
            why,
            rules=CALCULUS,
        ),
        ByLemma(
            equation(Jacobian(y, x), form),
            "entry by entry, the sum of these products",
            lemma=by_entries,
            of=(y, update, x, form, diagonals),
            given=(*assumed, first),
        ),
    )


# -- the LSTM: (h, c) ↦ (h′, c′)

CELL, HIDDEN = "c′ = f ⊙ c + i ⊙ g", "h′ = o ⊙ tanh c′"
HELD = "h and c are arguments of their own; weights and inputs do not depend on them"
SLOPES = (
    "F = diag f, A_f = diag c f(1−f), A_i = diag g i(1−i), A_g = diag i(1−g²), "
    "A_o = diag o(1−o) tanh c′, B = diag o(1−tanh²c′)"
)
h, c, h_new, c_new = (MatrixSymbol(name, n, 1) for name in ("h", "c", "h′", "c′"))
u_i, u_f, u_g, u_o = (MatrixSymbol(name, n, 1) for name in ("u_i", "u_f", "u_g", "u_o"))
W_i, W_f, W_g, W_o = (MatrixSymbol(name, n, n) for name in ("W_i", "W_f", "W_g", "W_o"))
F, A_f, A_i, A_g, A_o, B = (
    MatrixSymbol(name, n, n) for name in ("F", "A_f", "A_i", "A_g", "A_o", "B")
)
i, f, o = (Elementwise("σ", W * h + u) for W, u in ((W_i, u_i), (W_f, u_f), (W_o, u_o)))
g = Elementwise("tanh", W_g * h + u_g)
cell = HadamardProduct(f, c) + HadamardProduct(i, g)
hidden = HadamardProduct(o, Elementwise("tanh", cell))
i_, f_, g_, o_, c_, next_c = (entry(each, ROW) for each in (i, f, g, o, c, cell))
lstm_diagonals = [
    (F, f_, ROW),
    (A_f, c_ * f_ * (1 - f_), ROW),
    (A_i, g_ * i_ * (1 - i_), ROW),
    (A_g, i_ * (1 - g_**2), ROW),
    (A_o, o_ * (1 - o_) * tanh(next_c), ROW),
    (B, o_ * (1 - tanh(next_c) ** 2), ROW),
]
c_by_h = A_f * W_f + A_i * W_i + A_g * W_g
h_by_h = A_o * W_o + B * A_f * W_f + B * A_i * W_i + B * A_g * W_g
into_cell = (CELL, HELD, SLOPES)
into_hidden = (HIDDEN, HELD, SLOPES)


def used(form: Any) -> list[Any]:
    """The definitions of those diagonal matrices that a form is written with."""
    return [each for each in lstm_diagonals if form.has(each[0])]


lstm_jacobian = Derivation(
    name="lstm_jacobian",
    assumptions={
        CELL: equation(c_new, cell),
        HIDDEN: equation(h_new, hidden),
        HELD: fixed(h, c, W_i, W_f, W_g, W_o, u_i, u_f, u_g, u_o),
        SLOPES: diagonal(*lstm_diagonals),
    },
    steps=(
        *differentiated(
            *(c_new, cell, c, F, used(F)),
            "cell i reads cell i alone, times its forget gate: the direct path",
            (*into_cell, 1),
        ),
        *differentiated(
            *(c_new, cell, h, c_by_h, used(c_by_h)),
            "of the hidden state it reads what its three gates do",
            (*into_cell, 3),
        ),
        *differentiated(
            *(h_new, hidden, h, h_by_h, used(h_by_h)),
            "unit i shows its cell, by an output gate that reads h too",
            (*into_hidden, 5),
        ),
        *differentiated(
            *(h_new, hidden, c, B * F, used(B * F)),
            "and of the old cells cell i alone",
            (*into_hidden, 7),
        ),
        ByLemma(
            equation(
                Jacobian(Blocks(2, h_new, c_new), Blocks(2, h, c)),
                Blocks(2, h_by_h, B * F, c_by_h, F),
            ),
            "the four blocks",
            lemma=by_blocks,
            of=(h_new, c_new, h, c, h_by_h, B * F, c_by_h, F),
            given=(HELD, 6, 8, 4, 2),
        ),
    ),
    conclusion=equation(
        Jacobian(Blocks(2, h_new, c_new), Blocks(2, h, c)), Blocks(2, h_by_h, B * F, c_by_h, F)
    ),
    parameters=(F, A_f, A_i, A_g, A_o, B, W_i, W_f, W_g, W_o),
)

# -- the GRU, in the convention in which z keeps

KEEPS = "h_{t+1} = z ⊙ h_t + (1 − z) ⊙ n"
GRU_HELD = "weights and inputs do not depend on h_t"
t = Symbol("t", integer=True, nonnegative=True)
state, u_r, u_z, u_n = (family(name, n) for name in ("h", "u_r", "u_z", "u_n"))
b_n = MatrixSymbol("b_n", n, 1)
W_r, W_z, W_n = (MatrixSymbol(name, n, n) for name in ("W_r", "W_z", "W_n"))
Z, A_z, A_n, R, A_r = (MatrixSymbol(name, n, n) for name in ("Z", "A_z", "A_n", "R", "A_r"))
r, z = (Elementwise("σ", W * state(t) + u(t + 1)) for W, u in ((W_r, u_r), (W_z, u_z)))


def gru_step(name: str, candidate: Any, by_h: Any, reset_slope: Any, slopes: str) -> Derivation:
    """∂h_{t+1}/∂h_t for this candidate n, by_h being ∂(its pre-activation)/∂h_t.

    reset_slope: the entry of A_r.
    """
    update = HadamardProduct(z, state(t)) + candidate - HadamardProduct(z, candidate)
    z_, n_, h_ = (entry(each, ROW) for each in (z, candidate, state(t)))
    diagonals = [
        (Z, z_, ROW),
        (A_z, (h_ - n_) * z_ * (1 - z_), ROW),
        (A_n, (1 - z_) * (1 - n_**2), ROW),
        (R, entry(r, ROW), ROW),
        (A_r, reset_slope, ROW),
    ]
    form = Z + A_z * W_z + A_n * by_h[0] + A_n * by_h[1]
    return Derivation(
        name=name,
        assumptions={
            KEEPS: equation(state(t + 1), update),
            GRU_HELD: fixed(W_r, W_z, W_n, b_n, u_r(t + 1), u_z(t + 1), u_n(t + 1)),
            slopes: diagonal(*diagonals),
        },
        steps=differentiated(
            *(state(t + 1), update, state(t), form, diagonals),
            "differentiate unit i by unit j: directly, through z, and through the candidate",
            (KEEPS, GRU_HELD, slopes, 1),
        ),
        conclusion=equation(Jacobian(state(t + 1), state(t)), form),
        parameters=(Z, A_z, A_n, R, A_r, W_r, W_z, W_n),
    )


recurrent = W_n * state(t) + b_n
r_, recurrent_, old_ = (entry(each, ROW) for each in (r, recurrent, state(t)))
COMMON = "Z = diag z, A_z = diag (h−n)z(1−z), A_n = diag (1−z)(1−n²), R = diag r, A_r = diag "

gru_reset_after = gru_step(
    "gru_reset_after",
    Elementwise("tanh", u_n(t + 1) + HadamardProduct(r, recurrent)),
    (R * W_n, A_r * W_r),
    recurrent_ * r_ * (1 - r_),
    f"{COMMON}(W_n h + b_n)r(1−r)",
)
gru_reset_before = gru_step(
    "gru_reset_before",
    Elementwise("tanh", u_n(t + 1) + W_n * HadamardProduct(r, state(t)) + b_n),
    (W_n * R, W_n * A_r * W_r),
    old_ * r_ * (1 - r_),
    f"{COMMON}h r(1−r)",
)
