"""Of two latches at rest without a push, the one of the larger weight has the smaller slope.

So more room for noise is more of a vanishing gradient. The attractor of a weight w is p = w tanh p,
and its slope w tanh′ p is 2p/sinh 2p.
"""

from typing import Any

from sympy import Symbol, sinh, tanh

from theory.derivation import ByLemma, Derivation, Identity, at_most, equation
from theory.latch import slope, w
from theory.lemmas import monotone_product
from theory.lemmas_of_calculus import falling_quotient, rising_quotient
from theory.lemmas_of_order import transitivity
from theory.rules import Rule

v, p, q = (Symbol(name, positive=True) for name in "vpq")
LESSER, GREATER, ORDER = "w = p/tanh p", "v = q/tanh q", "w ≤ v"


def rate(attractor: Any) -> Any:
    """The slope there, by the attractor alone."""
    return 2 * attractor / sinh(2 * attractor)


def slope_of(weight: Any, attractor: Any) -> Any:
    return slope(attractor).subs(w, weight)


rate_at_the_attractor = Derivation(
    name="rate_at_the_attractor",
    assumptions={
        LESSER: equation(w, p / tanh(p)),
        GREATER: equation(v, q / tanh(q)),
        ORDER: at_most(w, v),
    },
    steps=(
        ByLemma(
            at_most(p / tanh(p), v),
            "one attractor and the other weight",
            lemma=transitivity,
            of=(p / tanh(p), w, v),
            given=(LESSER, ORDER),
        ),
        ByLemma(
            at_most(p / tanh(p), q / tanh(q)),
            "and the two attractors",
            lemma=transitivity,
            of=(p / tanh(p), v, q / tanh(q)),
            given=(1, GREATER),
        ),
        ByLemma(
            at_most(p, q),
            "the larger weight has its attractor farther out",
            lemma=rising_quotient,
            of=(p, q),
            given=(2,),
        ),
        ByLemma(
            at_most(2 * p, 2 * q), "twice that", lemma=monotone_product, of=(2, p, q), given=(3,)
        ),
        ByLemma(
            at_most(rate(q), rate(p)),
            "sinh outgrows its argument",
            lemma=falling_quotient,
            of=(2 * p, 2 * q),
            given=(4,),
        ),
        Identity(
            equation(slope_of(w, p), rate(p)),
            "that is the slope: 2 sinh p cosh p = sinh 2p",
            given=(LESSER,),
            rules=(Rule("exponential"),),
        ),
        Identity(
            equation(slope_of(v, q), rate(q)),
            "here too",
            given=(GREATER,),
            rules=(Rule("exponential"),),
        ),
        ByLemma(
            at_most(slope_of(v, q), rate(p)),
            "steps 7 and 5",
            lemma=transitivity,
            of=(slope_of(v, q), rate(q), rate(p)),
            given=(7, 5),
        ),
        ByLemma(
            at_most(slope_of(v, q), slope_of(w, p)),
            "steps 8 and 6",
            lemma=transitivity,
            of=(slope_of(v, q), rate(p), slope_of(w, p)),
            given=(8, 6),
        ),
    ),
    conclusion=at_most(slope_of(v, q), slope_of(w, p)),
    parameters=(w, p),
)
