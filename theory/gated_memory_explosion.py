"""An LSTM whose gradient grows, or vanishes, as fast as one likes: a cell at rest.

The gates i, f, o do not read h_t, the candidate does: c_{t+1} = fc_t + i tanh(w o tanh c_t), and
G_t = ∂c_t/∂c_0 in all, through the cell and through h.
"""

from typing import Any

from sympy import Derivative, Symbol, tanh

from theory.derivation import Derivation, Identity, Induction, equation
from theory.latch import sequence
from theory.normal_form import Rule

t = Symbol("t", integer=True, nonnegative=True)
f, i, o, w, x = (Symbol(name, real=True) for name in ("f", "i", "o", "w", "x"))
c, G = (sequence(name, real=True) for name in ("c", "G"))


def moved(state: Any) -> Any:
    """M(c), the next cell."""
    return f * state + i * tanh(w * o * tanh(state))


CELL = "c_{t+1} = M(c_t), M(c) = fc + i tanh(w o tanh c)"
REST, START = "the cell is at rest: c_0 = 0", "G_0 = 1"
PRODUCT = "G_{t+1} = M′(c_t)G_t"
shown = tanh(c(t))
slope = f + i * (1 - tanh(w * o * shown) ** 2) * w * o * (1 - shown**2)
rate = f + i * o * w

lstm_can_explode = Derivation(
    name="lstm_can_explode",
    assumptions={
        CELL: equation(c(t + 1), moved(c(t))),
        REST: equation(c(0), 0),
        START: equation(G(0), 1),
        PRODUCT: equation(G(t + 1), Derivative(moved(x), x).subs(x, c(t)) * G(t)),
    },
    steps=(
        Induction(
            equation(c(t), 0),
            "M(0) = 0: it stays there",
            variable=t,
            start=0,
            base=REST,
            step=CELL,
        ),
        Identity(
            equation(G(t + 1), slope * G(t)),
            "differentiate, directly and through h, at c_t",
            given=(PRODUCT,),
            rules=(Rule("doit"),),
        ),
        Identity(equation(G(t + 1), rate * G(t)), "which is 0", given=(2, 1)),
        Induction(
            equation(G(t), rate**t),
            "one factor a step",
            variable=t,
            start=0,
            base=START,
            step=3,
        ),
    ),
    conclusion=equation(G(t), rate**t),
    parameters=(f, i, o, w, t),
)
