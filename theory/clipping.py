"""Clipping a gradient to a length θ is the projection onto the ball of radius θ.

p and q are what clipping leaves of g and h: g = (1 + λ)p, where λ = 0 unless p has the length θ.
"""

from typing import Any

from sympy import MatrixSymbol, Mul, Symbol, Tuple

from theory.derivation import ByLemma, Derivation, Identity, Lemma, at_most, equation
from theory.lemmas import Instance
from theory.lemmas_of_order import rearrangement, square, sum_of_products, transitivity
from theory.matrices import SquaredLength

n = Symbol("n", integer=True, positive=True)
λ, μ, θ = (Symbol(name, nonnegative=True) for name in "λμθ")
g, h, p, q = (MatrixSymbol(name, n, 1) for name in "ghpq")


def _stewart(a: Any, x: Any, b: Any, y: Any) -> Instance:
    apart = a * (a - b) * SquaredLength(x) + b * (b - a) * SquaredLength(y)
    return (), equation(SquaredLength(a * x - b * y), apart + a * b * SquaredLength(x - y))


stewart = Lemma(
    "Stewart's theorem",
    "‖ax − by‖² = a(a − b)‖x‖² + b(b − a)‖y‖² + ab‖x − y‖², in the Euclidean norm",
    _stewart,
)

SAME_DIRECTION = "g = (1 + λ)p", "h = (1 + μ)q"
WITHIN = "‖p‖ ≤ θ", "‖q‖ ≤ θ"
ONLY_THE_LONGER = "λ = 0 unless ‖p‖ = θ", "μ = 0 unless ‖q‖ = θ"

apart, P, Q = SquaredLength(p - q), SquaredLength(p), SquaredLength(q)
slack_p, slack_q = λ * (θ**2 - P), μ * (θ**2 - Q)
gained = (λ - μ) ** 2 * θ**2 + λ * (θ**2 - Q) + μ * (θ**2 - P) + (λ + μ + λ * μ) * apart
# Kept as factors, so that what vanishes is seen to stand there.
vanishing = Mul(μ - λ - 1, slack_p, evaluate=False) + Mul(λ - μ - 1, slack_q, evaluate=False)

multiples = ByLemma(
    stewart.instance(1 + λ, p, 1 + μ, q)[1],
    "the distance of two multiples",
    lemma=stewart,
    of=(1 + λ, p, 1 + μ, q),
)

clipping = Derivation(
    name="clipping",
    assumptions={
        SAME_DIRECTION[0]: equation(g, (1 + λ) * p),
        SAME_DIRECTION[1]: equation(h, (1 + μ) * q),
        WITHIN[0]: at_most(0, θ**2 - P),
        WITHIN[1]: at_most(0, θ**2 - Q),
        ONLY_THE_LONGER[0]: equation(slack_p, 0),
        ONLY_THE_LONGER[1]: equation(slack_q, 0),
    },
    steps=(
        multiples,
        Identity(
            equation(SquaredLength(g - h), multiples.relation.left),
            "of the gradients themselves",
            given=SAME_DIRECTION,
        ),
        Identity(
            equation(SquaredLength(g - h), apart + gained + vanishing),
            "sorted by what is known to be 0 or more",
            given=(2, 1),
        ),
        Identity(
            equation(SquaredLength(g - h), apart + gained),
            "whatever is shortened has the length θ",
            given=(3, *ONLY_THE_LONGER),
        ),
        ByLemma(at_most(0, (λ - μ) ** 2), "a square", lemma=square, of=(λ - μ,)),
        ByLemma(
            at_most(0, gained),
            "nothing in it is negative",
            lemma=sum_of_products,
            of=(
                Tuple((λ - μ) ** 2, θ**2),
                Tuple(λ, θ**2 - Q),
                Tuple(μ, θ**2 - P),
                Tuple(λ + μ + λ * μ, apart),
            ),
            given=(5, *WITHIN),
        ),
        ByLemma(
            at_most(apart, apart + gained),
            "step 6, moved",
            lemma=rearrangement,
            of=(0, gained, apart, apart + gained),
            given=(6,),
        ),
        ByLemma(
            at_most(apart, SquaredLength(g - h)),
            "steps 7 and 4",
            lemma=transitivity,
            of=(apart, apart + gained, SquaredLength(g - h)),
            given=(7, 4),
        ),
    ),
    conclusion=at_most(apart, SquaredLength(g - h)),
    parameters=(g, h),
)
