"""Section 10.7's linear recurrence: how fast its powers grow, with and without normality."""

from sympy import Abs, Function, IndexedBase, MatMul, MatrixSymbol, Sum, Symbol

from theory.derivation import ByLemma, Derivation, Identity, Induction, at_most, equation, less
from theory.lemmas import monotone_product, submultiplicative
from theory.lemmas_of_norms import (
    eigencomponent,
    homogeneity,
    norm_sign,
    normal,
    spectral_theorem,
)
from theory.lemmas_of_order import (
    above_modulus,
    division,
    modulus_power,
    positive_power,
    positive_product,
    weighted_squares,
)
from theory.linear_recurrence import RECURRENCE, W, h, n, recurrence, t
from theory.matrices import Component, Norm, SquaredLength

k = Symbol("k", integer=True, positive=True)
ρ, least = Symbol("ρ", nonnegative=True), Symbol("ℓ", nonnegative=True)
λ = IndexedBase("λ")
tan = Function("tan_θ")

NORMAL = "W is normal"


def modulus(index):
    return Abs(λ[index])


def components(index, first):
    """Four steps to |q_k*h_t| = |λ_k|ᵗ|q_k*h₀|, numbered from `first`."""
    return (
        ByLemma(
            equation(Component(index, W.T * h(t)), modulus(index) * Component(index, h(t))),
            f"q_{index} is an eigenvector of W",
            lemma=eigencomponent,
            of=(W, λ[index], h(t), index),
            given=(NORMAL,),
        ),
        Identity(
            equation(Component(index, h(t + 1)), modulus(index) * Component(index, h(t))),
            f"put step {first} into the recurrence",
            given=(RECURRENCE, first),
        ),
        Identity(equation(Component(index, h(0)), Component(index, h(0))), "the start"),
        Induction(
            equation(Component(index, h(t)), modulus(index) ** t * Component(index, h(0))),
            "each step multiplies the component",
            variable=t,
            start=0,
            base=first + 2,
            step=first + 1,
        ),
    )


def weighted(weight, first=1):
    """Σ weight·|q_k*h₀|² over k from `first` to n."""
    return Sum(weight * Component(k, h(0)) ** 2, (k, first, n))


LARGEST, SMALLEST = "|λ_k| ≤ ρ for every k", "|λ_k| ≥ ℓ for every k"

both_sides = {
    RECURRENCE: recurrence[RECURRENCE],
    NORMAL: normal(W),
    LARGEST: at_most(modulus(k), ρ),
    SMALLEST: at_most(least, modulus(k)),
}
squares_of_components = (
    *components(k, 1),
    *(
        ByLemma(
            equation(SquaredLength(h(s)), Sum(Component(k, h(s)) ** 2, (k, 1, n))),
            "Pythagoras in the eigenvectors",
            lemma=spectral_theorem,
            of=(W, h(s), k),
            given=(NORMAL,),
        )
        for s in (t, 0)
    ),
)
from_below = (
    ByLemma(
        at_most(least ** (2 * t), modulus(k) ** (2 * t)),
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
        at_most(modulus(k) ** (2 * t), ρ ** (2 * t)),
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

OTHERS, DOMINANT = "|λ_k| ≤ |λ₂| for every k ≥ 2", "one eigenvalue is the largest in modulus"
OVERLAP = "h₀ has a component along q₁"


def tangent_squared(s):
    """Σ_{k≥2} |q_k*h_s|² / |q₁*h_s|²."""
    across = Sum(Component(k, h(s)) ** 2, (k, 2, n))
    return across / Component(1, h(s)) ** 2


along = modulus(1) ** (2 * t) * Component(1, h(0)) ** 2

dominant_direction = Derivation(
    name="dominant_direction",
    assumptions={
        RECURRENCE: recurrence[RECURRENCE],
        NORMAL: normal(W),
        OTHERS: at_most(modulus(k), modulus(2)),
        DOMINANT: less(modulus(2), modulus(1)),
        OVERLAP: less(0, Component(1, h(0))),
        "tan θ_t is what lies across q₁ over what lies along it": equation(
            tan(t) ** 2, tangent_squared(t)
        ),
        "and so is tan θ₀": equation(tan(0) ** 2, tangent_squared(0)),
    },
    steps=(
        *components(k, 1),
        *components(1, 5),
        ByLemma(
            less(0, modulus(1)),
            "|λ₁| exceeds a modulus",
            lemma=above_modulus,
            of=(λ[2], modulus(1)),
            given=(DOMINANT,),
        ),
        ByLemma(
            less(0, modulus(1) ** (2 * t)),
            "step 9",
            lemma=positive_power,
            of=(modulus(1), 2 * t),
            given=(9,),
        ),
        ByLemma(
            less(0, Component(1, h(0)) ** 2),
            "the overlap",
            lemma=positive_power,
            of=(Component(1, h(0)), 2),
            given=(OVERLAP,),
        ),
        ByLemma(
            less(0, along),
            "so what lies along q₁ may be divided by",
            lemma=positive_product,
            of=(modulus(1) ** (2 * t), Component(1, h(0)) ** 2),
            given=(10, 11),
        ),
        ByLemma(
            at_most(modulus(k) ** (2 * t), modulus(2) ** (2 * t)),
            "no other modulus is larger",
            lemma=modulus_power,
            of=(λ[k], modulus(2), 2 * t),
            given=(OTHERS,),
        ),
        ByLemma(
            at_most(weighted(modulus(k) ** (2 * t), 2), weighted(modulus(2) ** (2 * t), 2)),
            "step 13, term by term",
            lemma=weighted_squares,
            of=(modulus(k) ** (2 * t), modulus(2) ** (2 * t), Component(k, h(0)), k, 2, n),
            given=(13,),
        ),
        Identity(
            equation(tan(t) ** 2, weighted(modulus(k) ** (2 * t), 2) / along),
            "steps 4 and 8",
            given=("tan θ_t is what lies across q₁ over what lies along it", 4, 8),
        ),
        ByLemma(
            at_most(
                weighted(modulus(k) ** (2 * t), 2) / along,
                weighted(modulus(2) ** (2 * t), 2) / along,
            ),
            "divide step 14 by step 12",
            lemma=division,
            of=(
                weighted(modulus(k) ** (2 * t), 2),
                weighted(modulus(2) ** (2 * t), 2),
                along,
            ),
            given=(12, 14),
        ),
        Identity(
            equation(
                weighted(modulus(2) ** (2 * t), 2) / along,
                (modulus(2) / modulus(1)) ** (2 * t) * tan(0) ** 2,
            ),
            "the same quotient at the start",
            given=("and so is tan θ₀",),
        ),
    ),
    conclusion=at_most(tan(t) ** 2, (modulus(2) / modulus(1)) ** (2 * t) * tan(0) ** 2),
    parameters=(λ, tan, t),
)

μ = Symbol("λ")
q = MatrixSymbol("q", n, 1)
S, M = (MatrixSymbol(name, n, n) for name in ("S", "M"))
EIGENVECTOR, NONZERO, SIMILAR = "Wq = λq", "q ≠ 0", "W = SMS⁻¹"


def power_bound(matrix, first):
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


eigenpair = {EIGENVECTOR: equation(W * q, μ * q), NONZERO: less(0, Norm(q))}

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
    assumptions={SIMILAR: equation(W, S * M * S.I)},
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
        ),
        *power_bound(M, 5),
        ByLemma(
            at_most(Norm(M**t * S.I), Norm(M**t) * Norm(S.I)),
            "the norm of a product",
            lemma=submultiplicative,
            of=(M**t, S.I),
        ),
        *(
            ByLemma(at_most(0, Norm(factor)), "a norm", lemma=norm_sign, of=(factor,))
            for factor in (S, S.I)
        ),
        ByLemma(
            at_most(Norm(S.I) * Norm(M**t), Norm(S.I) * Norm(M) ** t),
            "step 7 times ‖S⁻¹‖",
            lemma=monotone_product,
            of=(Norm(S.I), Norm(M**t), Norm(M) ** t),
            given=(10, 7),
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
            given=(9, 8),
        ),
        ByLemma(
            at_most(Norm(S) * Norm(M**t) * Norm(S.I), Norm(S) * Norm(M) ** t * Norm(S.I)),
            "step 11 times ‖S‖",
            lemma=monotone_product,
            of=(Norm(S), Norm(M**t) * Norm(S.I), Norm(M) ** t * Norm(S.I)),
            given=(9, 11),
        ),
    ),
    conclusion=at_most(Norm(W**t), Norm(S) * Norm(M) ** t * Norm(S.I)),
    parameters=(S, M, t),
)
