"""How much of an error at time t reaches a unit q steps before: Hochreiter & Schmidhuber 1997.

ϑ_v(t) = ∂C/∂a_v(t) for a_{t+1} = Wφ(a_t) + u_{t+1}. An error ϑ_u(t) contributes ϑ_u(t)·∂a_u(t)/
∂a_v(t−q) to ϑ_v(t−q), so ∂ϑ_v(t−q)/∂ϑ_u(t) is the entry (u, v) of ∂a_t/∂a_{t−q}.
"""

from sympy import Abs, IndexedBase, MatrixSymbol, Symbol

from theory.derivation import ByLemma, Derivation, Identity, Induction, at_most, equation
from theory.lemmas import ROW, diagonal, monotone_product, submultiplicative
from theory.lemmas_of_norms import (
    bounds_entries,
    diagonal_norm,
    entry_of_matrix,
    matrix_element,
    unit_columns,
)
from theory.lemmas_of_order import transitivity
from theory.matrices import Jacobian, Norm, family
from theory.ranges import Range

n = Symbol("n", integer=True, positive=True)
s, t = (Symbol(name, integer=True, nonnegative=True) for name in ("s", "t"))
u, v = (Symbol(name, integer=True, nonnegative=True) for name in ("u", "v"))
W = MatrixSymbol("W", n, n)
a, D = family("a", n), family("D", n, n)
γ = Symbol("γ", nonnegative=True)
slope, rows = IndexedBase("d")[t, ROW], Range(ROW, 0, n - 1)
later = Range(t, s)
within = (Range(u, 0, n - 1), Range(v, 0, n - 1))

CHAIN = "∂a_{t+1}/∂a_s = WD_t ∂a_t/∂a_s"
DIAGONAL = "D_t is the diagonal matrix of the slopes φ′ at a_t"
RISING = "φ′ ≥ 0"
SLOPES = "φ′ ≤ γ"
ENTRIES = "the norm is no less than any entry: |x_i| ≤ ‖x‖"
UNITS = "unit vectors have a norm of at most 1: ‖e_k‖ ≤ 1"

so_far, further = (Jacobian(a(last), a(s)) for last in (t, t + 1))
carried, rate = D(t) * so_far, γ * Norm(W)
flow = matrix_element(so_far, u, v)

error_flow_bound = Derivation(
    name="error_flow_bound",
    assumptions={
        CHAIN: equation(further, W * carried, later),
        DIAGONAL: diagonal((D(t), slope, ROW)),
        RISING: at_most(0, slope, rows),
        SLOPES: at_most(slope, γ, rows),
        ENTRIES: bounds_entries(),
        UNITS: unit_columns(),
    },
    steps=(
        ByLemma(
            at_most(Norm(D(t)), γ),
            "no slope exceeds γ",
            lemma=diagonal_norm,
            of=(D(t), slope, γ),
            given=(DIAGONAL, RISING, SLOPES),
        ),
        ByLemma(
            at_most(Norm(carried), Norm(D(t)) * Norm(so_far), later),
            "the norm of a product",
            lemma=submultiplicative,
            of=(D(t), so_far),
        ),
        ByLemma(
            at_most(Norm(D(t)) * Norm(so_far), γ * Norm(so_far), later),
            "step 1 times a norm",
            lemma=monotone_product,
            of=(Norm(so_far), Norm(D(t)), γ),
            given=(1,),
        ),
        ByLemma(
            at_most(Norm(carried), γ * Norm(so_far), later),
            "steps 2 and 3",
            lemma=transitivity,
            of=(Norm(carried), Norm(D(t)) * Norm(so_far), γ * Norm(so_far)),
            given=(2, 3),
        ),
        ByLemma(
            at_most(Norm(W) * Norm(carried), rate * Norm(so_far), later),
            "times ‖W‖",
            lemma=monotone_product,
            of=(Norm(W), Norm(carried), γ * Norm(so_far)),
            given=(4,),
        ),
        Identity(
            equation(Norm(further), Norm(W * carried), later), "one step more", given=(CHAIN,)
        ),
        ByLemma(
            at_most(Norm(W * carried), Norm(W) * Norm(carried), later),
            "the norm of a product",
            lemma=submultiplicative,
            of=(W, carried),
        ),
        ByLemma(
            at_most(Norm(further), Norm(W) * Norm(carried), later),
            "steps 6 and 7",
            lemma=transitivity,
            of=(Norm(further), Norm(W * carried), Norm(W) * Norm(carried)),
            given=(6, 7),
        ),
        ByLemma(
            at_most(Norm(further), rate * Norm(so_far), later),
            "steps 8 and 5",
            lemma=transitivity,
            of=(Norm(further), Norm(W) * Norm(carried), rate * Norm(so_far)),
            given=(8, 5),
        ),
        Identity(equation(Norm(Jacobian(a(s), a(s))), 1), "no step, the identity"),
        Induction(
            at_most(Norm(so_far), rate ** (t - s), later),
            "one factor γ‖W‖ a step",
            variable=t,
            start=s,
            base=10,
            step=9,
        ),
        ByLemma(
            at_most(Abs(flow), Norm(so_far), later, *within),
            "one unit's share is no more than the norm",
            lemma=entry_of_matrix,
            of=(so_far, u, v),
            given=(ENTRIES, UNITS),
        ),
        ByLemma(
            at_most(Abs(flow), rate ** (t - s), later, *within),
            "steps 12 and 11",
            lemma=transitivity,
            of=(Abs(flow), Norm(so_far), rate ** (t - s)),
            given=(12, 11),
        ),
    ),
    conclusion=at_most(Abs(flow), rate ** (t - s), later, *within),
    parameters=(γ, W, s, t),
)
