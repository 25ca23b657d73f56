"""Section 10.7's linear recurrence: how fast its powers grow, with and without normality."""

from typing import Any

from sympy import Abs, IndexedBase, MatMul, MatrixSymbol, Sum, Symbol

from theory.derivation import (
    ByLemma,
    Derivation,
    Fact,
    Identity,
    Induction,
    Relation,
    Step,
    at_most,
    equation,
    nonzero,
)
from theory.lemmas import monotone_product, submultiplicative
from theory.lemmas_of_norms import eigencomponent, homogeneity, normal, spectral_theorem
from theory.lemmas_of_order import division, modulus_power, weighted_squares
from theory.linear_recurrence import RECURRENCE, W, h, n, recurrence, t
from theory.matrices import Component, Norm, SquaredLength
from theory.ranges import Range
from theory.rules import invertible

k = Symbol("k", integer=True, positive=True)
ρ, least = Symbol("ρ", nonnegative=True), Symbol("ℓ", nonnegative=True)
λ = IndexedBase("λ")

NORMAL = "W is normal"


def modulus(index: Any) -> Any:
    """|λ_k| for k = index."""
    return Abs(λ[index])


def components(index: Any, first: int, *where: Range) -> tuple[Step, ...]:
    """Four steps to |q_k*h_t| = |λ_k|ᵗ|q_k*h₀|, numbered from `first`; `where` ranges the index."""
    return (
        ByLemma(
            equation(Component(index, W.T * h(t)), modulus(index) * Component(index, h(t)), *where),
            "q is an eigenvector of W",
            lemma=eigencomponent,
            of=(W, λ, h(t), index),
            given=(NORMAL,),
        ),
        Identity(
            equation(Component(index, h(t + 1)), modulus(index) * Component(index, h(t)), *where),
            f"put step {first} into the recurrence",
            given=(RECURRENCE, first),
        ),
        Identity(equation(Component(index, h(0)), Component(index, h(0)), *where), "the start"),
        Induction(
            equation(Component(index, h(t)), modulus(index) ** t * Component(index, h(0)), *where),
            "each step multiplies the component",
            variable=t,
            start=0,
            base=first + 2,
            step=first + 1,
        ),
    )


def weighted(weight: Any, first: int = 1) -> Any:
    """Σ weight·|q_k*h₀|² over k from `first` to n."""
    return Sum(weight * Component(k, h(0)) ** 2, (k, first, n))


each = Range(k, 1, n)
LARGEST, SMALLEST = "|λ_k| ≤ ρ for every k", "|λ_k| ≥ ℓ for every k"

both_sides: dict[str, Relation | Fact] = {
    RECURRENCE: recurrence[RECURRENCE],
    NORMAL: normal(W, λ),
    LARGEST: at_most(modulus(k), ρ, each),
    SMALLEST: at_most(least, modulus(k), each),
}
squares_of_components = (
    *components(k, 1, each),
    *(
        ByLemma(
            equation(SquaredLength(h(s)), Sum(Component(k, h(s)) ** 2, (k, 1, n))),
            "Pythagoras in the eigenvectors",
            lemma=spectral_theorem,
            of=(W, λ, h(s), k),
            given=(NORMAL,),
        )
        for s in (t, 0)
    ),
)
from_below = (
    ByLemma(
        at_most(least ** (2 * t), modulus(k) ** (2 * t), each),
        "no modulus is smaller",
        lemma=modulus_power,
        of=(least, modulus(k), 2 * t),
        given=(SMALLEST,),
    ),
    Identity(
        equation(least ** (2 * t) * SquaredLength(h(0)), weighted(least ** (2 * t))),
        "step 6",
        given=(6,),
    ),
    ByLemma(
        at_most(weighted(least ** (2 * t)), weighted(modulus(k) ** (2 * t))),
        "step 7, term by term",
        lemma=weighted_squares,
        of=(least ** (2 * t), modulus(k) ** (2 * t), Component(k, h(0)), k, 1, n),
        given=(7,),
    ),
    Identity(
        equation(weighted(modulus(k) ** (2 * t)), SquaredLength(h(t))),
        "steps 5 and 4",
        given=(5, 4),
    ),
)
from_above = (
    ByLemma(
        at_most(modulus(k) ** (2 * t), ρ ** (2 * t), each),
        "no modulus is larger",
        lemma=modulus_power,
        of=(λ[k], ρ, 2 * t),
        given=(LARGEST,),
    ),
    Identity(
        equation(SquaredLength(h(t)), weighted(modulus(k) ** (2 * t))),
        "steps 5 and 4",
        given=(5, 4),
    ),
    ByLemma(
        at_most(weighted(modulus(k) ** (2 * t)), weighted(ρ ** (2 * t))),
        "step 11, term by term",
        lemma=weighted_squares,
        of=(modulus(k) ** (2 * t), ρ ** (2 * t), Component(k, h(0)), k, 1, n),
        given=(11,),
    ),
    Identity(
        equation(weighted(ρ ** (2 * t)), ρ ** (2 * t) * SquaredLength(h(0))), "step 6", given=(6,)
    ),
)

norm_growth = Derivation(
    name="norm_growth",
    assumptions=both_sides,
    steps=(*squares_of_components, *from_below, *from_above),
    conclusion=at_most(SquaredLength(h(t)), ρ ** (2 * t) * SquaredLength(h(0))),
    parameters=(ρ, t, h(0)),
)

norm_floor = Derivation(
    name="norm_floor",
    assumptions={name: both_sides[name] for name in (RECURRENCE, NORMAL, SMALLEST)},
    steps=(*squares_of_components, *from_below),
    conclusion=at_most(least ** (2 * t) * SquaredLength(h(0)), SquaredLength(h(t))),
)

OTHERS, OVERLAP = "|λ_k| ≤ |λ₂| for every k ≥ 2", "h₀ has a component along q₁"
others = Range(k, 2, n)
τ0 = Symbol("τ0", nonnegative=True)


def across(s: Any) -> Any:
    """Σ_{k≥2} |q_k*h_s|², what of h_s lies across q₁, squared."""
    return Sum(Component(k, h(s)) ** 2, (k, 2, n))


def along(s: Any) -> Any:
    """|q₁*h_s|²."""
    return Component(1, h(s)) ** 2


rate = (modulus(2) / modulus(1)) ** (2 * t)

dominant_direction = Derivation(
    name="dominant_direction",
    assumptions={
        RECURRENCE: recurrence[RECURRENCE],
        NORMAL: normal(W, λ),
        OTHERS: at_most(modulus(k), modulus(2), others),
        "λ₁ ≠ 0": nonzero(modulus(1)),
        OVERLAP: nonzero(Component(1, h(0))),
        "τ₀ = tan θ₀: what lies across q₁ over what lies along it": equation(
            τ0**2, across(0) / along(0)
        ),
    },
    steps=(
        *components(k, 1, others),
        *components(1, 5),
        ByLemma(
            at_most(modulus(k) ** (2 * t), modulus(2) ** (2 * t), others),
            "no other modulus is larger",
            lemma=modulus_power,
            of=(λ[k], modulus(2), 2 * t),
            given=(OTHERS,),
        ),
        Identity(
            equation(across(t), weighted(modulus(k) ** (2 * t), 2)), "put step 4 in", given=(4,)
        ),
        ByLemma(
            at_most(weighted(modulus(k) ** (2 * t), 2), weighted(modulus(2) ** (2 * t), 2)),
            "step 9, term by term",
            lemma=weighted_squares,
            of=(modulus(k) ** (2 * t), modulus(2) ** (2 * t), Component(k, h(0)), k, 2, n),
            given=(9,),
        ),
        Identity(
            equation(weighted(modulus(2) ** (2 * t), 2), rate * τ0**2 * along(t)),
            "step 8: |q₁*h_t|² = |λ₁|²ᵗ|q₁*h₀|²",
            given=("τ₀ = tan θ₀: what lies across q₁ over what lies along it", 8),
        ),
    ),
    conclusion=at_most(across(t), rate * τ0**2 * along(t)),
)

μ = Symbol("λ")
q = MatrixSymbol("q", n, 1)
S, M = (MatrixSymbol(name, n, n) for name in ("S", "M"))
EIGENVECTOR, NONZERO, SIMILAR = "Wq = λq", "‖q‖ ≠ 0", "W = SMS⁻¹"


def power_bound(matrix: Any, first: int) -> tuple[Step, ...]:
    """Three steps to ‖Aᵗ‖ ≤ ‖A‖ᵗ, numbered from `first`."""
    return (
        Identity(equation(Norm(matrix**0), 1), "‖I‖ = 1"),
        ByLemma(
            at_most(Norm(matrix ** (t + 1)), Norm(matrix) * Norm(matrix**t)),
            "one factor more",
            lemma=submultiplicative,
            of=(matrix, matrix**t),
        ),
        Induction(
            at_most(Norm(matrix**t), Norm(matrix) ** t),
            "each factor multiplies the bound",
            variable=t,
            start=0,
            base=first,
            step=first + 1,
        ),
    )


eigenpair: dict[str, Relation | Fact] = {
    EIGENVECTOR: equation(W * q, μ * q),
    NONZERO: nonzero(Norm(q)),
}

eigenvector_steps = (
    Identity(equation(W ** (t + 1) * q, MatMul(W**t, W, q)), "one factor more"),
    Identity(
        equation(W ** (t + 1) * q, μ * W**t * q),
        "the last factor meets the eigenvector",
        given=(1, EIGENVECTOR),
    ),
    ByLemma(
        equation(Norm(μ * W**t * q), Abs(μ) * Norm(W**t * q)),
        "a scalar leaves a norm as its modulus",
        lemma=homogeneity,
        of=(μ, W**t * q),
    ),
    Identity(
        equation(Norm(W ** (t + 1) * q), Abs(μ) * Norm(W**t * q)),
        "steps 2 and 3",
        given=(2, 3),
    ),
    Identity(equation(Norm(W**0 * q), Norm(q)), "W⁰ = I"),
    Induction(
        equation(Norm(W**t * q), Abs(μ) ** t * Norm(q)),
        "each factor gives one |λ|",
        variable=t,
        start=0,
        base=5,
        step=4,
    ),
    ByLemma(
        at_most(Norm(W**t * q), Norm(W**t) * Norm(q)),
        "the norm of a product",
        lemma=submultiplicative,
        of=(W**t, q),
    ),
    Identity(equation(Abs(μ) ** t, Norm(W**t * q) / Norm(q)), "divide step 6 by ‖q‖", given=(6,)),
    ByLemma(
        at_most(Norm(W**t * q) / Norm(q), Norm(W**t)),
        "divide step 7 by ‖q‖",
        lemma=division,
        of=(Norm(W**t * q), Norm(W**t) * Norm(q), Norm(q)),
        given=(NONZERO, 7),
    ),
)

radius_below_norm = Derivation(
    name="radius_below_norm",
    assumptions=eigenpair,
    steps=eigenvector_steps,
    conclusion=at_most(Abs(μ) ** t, Norm(W**t)),
)

transient_growth = Derivation(
    name="transient_growth",
    assumptions=eigenpair,
    steps=(*eigenvector_steps, *power_bound(W, 10)),
    conclusion=at_most(Norm(W**t), Norm(W) ** t),
    parameters=(W, t),
)

gelfand_bound = Derivation(
    name="gelfand_bound",
    assumptions={SIMILAR: equation(W, S * M * S.I), "S is invertible": invertible(S)},
    steps=(
        Identity(equation(W**0, S * M**0 * S.I), "both are the identity"),
        Identity(equation(W ** (t + 1), MatMul(W**t, W)), "one factor more"),
        Identity(
            equation(W ** (t + 1), W**t * S * M * S.I),
            "put the similarity into the last factor",
            given=(2, SIMILAR),
        ),
        Induction(
            equation(W**t, S * M**t * S.I),
            "between neighbours S⁻¹S = I",
            variable=t,
            start=0,
            base=1,
            step=3,
            rules=(invertible(S),),
        ),
        *power_bound(M, 5),
        ByLemma(
            at_most(Norm(M**t * S.I), Norm(M**t) * Norm(S.I)),
            "the norm of a product",
            lemma=submultiplicative,
            of=(M**t, S.I),
        ),
        ByLemma(
            at_most(Norm(S.I) * Norm(M**t), Norm(S.I) * Norm(M) ** t),
            "step 7 times ‖S⁻¹‖",
            lemma=monotone_product,
            of=(Norm(S.I), Norm(M**t), Norm(M) ** t),
            given=(7,),
        ),
        Identity(equation(Norm(W**t), Norm(S * M**t * S.I)), "step 4", given=(4,)),
        ByLemma(
            at_most(Norm(S * M**t * S.I), Norm(S) * Norm(M**t * S.I)),
            "the norm of a product",
            lemma=submultiplicative,
            of=(S, M**t * S.I),
        ),
        ByLemma(
            at_most(Norm(S) * Norm(M**t * S.I), Norm(S) * Norm(M**t) * Norm(S.I)),
            "step 8 times ‖S‖",
            lemma=monotone_product,
            of=(Norm(S), Norm(M**t * S.I), Norm(M**t) * Norm(S.I)),
            given=(8,),
        ),
        ByLemma(
            at_most(Norm(S) * Norm(M**t) * Norm(S.I), Norm(S) * Norm(M) ** t * Norm(S.I)),
            "step 9 times ‖S‖",
            lemma=monotone_product,
            of=(Norm(S), Norm(M**t) * Norm(S.I), Norm(M) ** t * Norm(S.I)),
            given=(9,),
        ),
    ),
    conclusion=at_most(Norm(W**t), Norm(S) * Norm(M) ** t * Norm(S.I)),
    parameters=(S, M, t),
)
