"""What the norm of the recurrent weight says about the gradient: vanishing, and explosion.

Pascanu, Mikolov & Bengio (2013), section 2.1, by induction on the recursion that jacobian_chain
derives. The norm is ‖·‖₁, ‖·‖₂ or ‖·‖_∞; in ‖·‖₂ that of W is σ₁.
"""

from sympy import IndexedBase, Symbol

from theory.backpropagation import D, W, h, later, n, s, t
from theory.derivation import ByLemma, Derivation, Identity, Induction, at_most, equation, less
from theory.lemmas import ROW, diagonal, monotone_product, submultiplicative
from theory.lemmas_of_norms import diagonal_norm
from theory.lemmas_of_order import cancellation, modulus_power, root, transitivity
from theory.matrices import Jacobian, Norm
from theory.ranges import Range

γ, η, μ = (Symbol(name, nonnegative=True) for name in "γημ")
slope, rows = IndexedBase("d")[t + 1, ROW], Range(ROW, 0, n - 1)

CHAIN = "∂h_{t+1}/∂h_s = D_{t+1}W ∂h_t/∂h_s"
DIAGONAL = "D_t is the diagonal matrix of the slopes φ′ at a_t"
RISING = "φ′ ≥ 0"
SLOPES = "φ′ ≤ γ"
WEIGHT = "σ₁γ ≤ η"
GROWTH = "‖∂h_t/∂h_s‖ > μ^{t−s}"

so_far, further = (Jacobian(h(last), h(s)) for last in (t, t + 1))
carried, rate = W * so_far, γ * Norm(W)

chain = {
    CHAIN: equation(further, D(t + 1) * carried, later),
    DIAGONAL: diagonal((D(t + 1), slope, ROW)),
    RISING: at_most(0, slope, rows),
    SLOPES: at_most(slope, γ, rows),
}
one_factor_a_step = (
    ByLemma(
        at_most(Norm(D(t + 1)), γ),
        "no slope exceeds γ",
        lemma=diagonal_norm,
        of=(D(t + 1), slope, γ),
        given=(DIAGONAL, RISING, SLOPES),
    ),
    Identity(
        equation(Norm(further), Norm(D(t + 1) * carried), later), "one step more", given=(CHAIN,)
    ),
    ByLemma(
        at_most(Norm(D(t + 1) * carried), Norm(D(t + 1)) * Norm(carried), later),
        "the norm of a product",
        lemma=submultiplicative,
        of=(D(t + 1), carried),
    ),
    ByLemma(
        at_most(Norm(D(t + 1)) * Norm(carried), γ * Norm(carried), later),
        "step 1 times a norm",
        lemma=monotone_product,
        of=(Norm(carried), Norm(D(t + 1)), γ),
        given=(1,),
    ),
    ByLemma(
        at_most(Norm(carried), Norm(W) * Norm(so_far), later),
        "the norm of a product",
        lemma=submultiplicative,
        of=(W, so_far),
    ),
    ByLemma(
        at_most(γ * Norm(carried), rate * Norm(so_far), later),
        "γ times step 5",
        lemma=monotone_product,
        of=(γ, Norm(carried), Norm(W) * Norm(so_far)),
        given=(5,),
    ),
    ByLemma(
        at_most(Norm(further), Norm(D(t + 1)) * Norm(carried), later),
        "steps 2 and 3",
        lemma=transitivity,
        of=(Norm(further), Norm(D(t + 1) * carried), Norm(D(t + 1)) * Norm(carried)),
        given=(2, 3),
    ),
    ByLemma(
        at_most(Norm(further), γ * Norm(carried), later),
        "steps 7 and 4",
        lemma=transitivity,
        of=(Norm(further), Norm(D(t + 1)) * Norm(carried), γ * Norm(carried)),
        given=(7, 4),
    ),
    ByLemma(
        at_most(Norm(further), rate * Norm(so_far), later),
        "steps 8 and 6",
        lemma=transitivity,
        of=(Norm(further), γ * Norm(carried), rate * Norm(so_far)),
        given=(8, 6),
    ),
    Identity(equation(Norm(Jacobian(h(s), h(s))), 1), "no step, the identity"),
    Induction(
        at_most(Norm(so_far), rate ** (t - s), later),
        "one factor γσ₁ a step",
        variable=t,
        start=s,
        base=10,
        step=9,
    ),
)

vanishing_bound = Derivation(
    name="vanishing_bound",
    assumptions={**chain, WEIGHT: at_most(rate, η)},
    steps=(
        *one_factor_a_step,
        ByLemma(
            at_most(rate ** (t - s), η ** (t - s), later),
            "powers of the bound",
            lemma=modulus_power,
            of=(rate, η, t - s),
            given=(WEIGHT,),
        ),
        ByLemma(
            at_most(Norm(so_far), η ** (t - s), later),
            "steps 11 and 12",
            lemma=transitivity,
            of=(Norm(so_far), rate ** (t - s), η ** (t - s)),
            given=(11, 12),
        ),
    ),
    conclusion=at_most(Norm(so_far), η ** (t - s), later),
    parameters=(η, s, t),
)

explosion_needs = Derivation(
    name="explosion_needs",
    assumptions={**chain, GROWTH: less(μ ** (t - s), Norm(so_far), later)},
    steps=(
        *one_factor_a_step,
        ByLemma(
            less(μ ** (t - s), rate ** (t - s), later),
            "step 11 bounds what grew",
            lemma=cancellation,
            of=(μ ** (t - s), Norm(so_far), 0, rate ** (t - s)),
            given=(GROWTH, 11),
        ),
        ByLemma(
            less(μ, rate, later),
            "take the root",
            lemma=root,
            of=(μ, rate, t - s),
            given=(12,),
        ),
    ),
    conclusion=less(μ, rate, later),
    parameters=(γ, W),
)
