"""Section 10.7's non-recurrent net: a product of independent random weights.

Its variance multiplies, and so does its geometric mean, which is what the product is like.
"""

from typing import Any

from sympy import (
    IndexedBase,
    Product,
    Sum,
    Symbol,
    exp,
    log,
)

from theory.derivation import (
    ByLemma,
    Derivation,
    Fact,
    Identity,
    Relation,
    Step,
    at_most,
    equation,
)
from theory.lemmas import expectation, independence, independent
from theory.normal_form import Rule
from theory.probability import (
    expected_sum,
    geometric_mean,
    product_of_bounds,
    variance,
)

n = Symbol("n", integer=True, positive=True)
i = Symbol("i", integer=True, positive=True)
v = Symbol("v", positive=True)
w = IndexedBase("w")

product = Product(w[i], (i, 1, n))
squared = Product(w[i] ** 2, (i, 1, n))
second_moment = Product(expectation(w[i] ** 2), (i, 1, n))
mean = Product(expectation(w[i]), (i, 1, n))

Assumptions = dict[str, Relation | Fact]

DEFINITION: Assumptions = {
    "Var x = E x² − (E x)²": equation(
        variance(product), expectation(product**2) - expectation(product) ** 2
    )
}
INDEPENDENT: Assumptions = {"the weights are independent": independent(w)}
ONE_LAW: Assumptions = {
    "every weight has mean zero": equation(expectation(w[i]), 0),
    "every weight has variance v": equation(expectation(w[i] ** 2), v + expectation(w[i]) ** 2),
}


def _independence(factor: Any, right: Any, why: str) -> ByLemma:
    return ByLemma(
        equation(expectation(Product(factor, (i, 1, n))), right),
        why,
        lemma=independence,
        of=(factor, i, n, w),
        given=tuple(INDEPENDENT),
    )


def _square(power: int) -> Identity:
    return Identity(
        equation(Product(w[i] ** power, (i, 1, n)) ** 2, Product(w[i] ** (2 * power), (i, 1, n))),
        "square factor by factor",
        rules=(Rule("product"),),
    )


by_moments: tuple[Step, ...] = (
    _independence(w[i] ** 2, second_moment, "the squares of independent weights are independent"),
    _independence(w[i], mean, "the weights are independent"),
    _square(1),
    Identity(
        equation(variance(product), second_moment - mean**2),
        "put steps 1 to 3 into the definition",
        given=("Var x = E x² − (E x)²", 3, 1, 2),
    ),
)

product_variance = Derivation(
    name="product_variance",
    assumptions=DEFINITION | INDEPENDENT | ONE_LAW,
    steps=(
        *by_moments,
        Identity(
            equation(second_moment - mean**2, v**n),
            "every second moment is v, every mean is 0",
            given=("every weight has variance v", "every weight has mean zero"),
            rules=(Rule("doit"),),
        ),
    ),
    conclusion=equation(variance(product), v**n),
    parameters=(v, n),
)

v_i, μ_i = IndexedBase("v"), IndexedBase("μ")
with_means = Product(v_i[i] + μ_i[i] ** 2, (i, 1, n)) - Product(μ_i[i], (i, 1, n)) ** 2

general_product_variance = Derivation(
    name="general_product_variance",
    assumptions={
        **DEFINITION,
        **INDEPENDENT,
        "weight i has mean μ_i": equation(expectation(w[i]), μ_i[i]),
        "weight i has variance v_i": equation(
            expectation(w[i] ** 2), v_i[i] + expectation(w[i]) ** 2
        ),
    },
    steps=(
        *by_moments,
        Identity(
            equation(second_moment - mean**2, with_means),
            "the second moment of weight i is v_i + μ_i²",
            given=("weight i has variance v_i", "weight i has mean μ_i"),
        ),
    ),
    conclusion=equation(variance(product), with_means),
    parameters=(v_i, μ_i, n),
)

wanted = Symbol("v_star", positive=True)

variance_design = Derivation(
    name="variance_design",
    assumptions={
        **DEFINITION,
        **INDEPENDENT,
        **ONE_LAW,
        "the product has the variance v*": equation(wanted, variance(product)),
    },
    steps=(
        *product_variance.steps,
        Identity(
            equation(v, wanted ** (1 / n)),
            "v* is vⁿ, and the n-th root of vⁿ is v for v > 0; so no other v does",
            given=("the product has the variance v*", 4, 5),
        ),
    ),
    conclusion=equation(v, wanted ** (1 / n)),
    parameters=(wanted, n),
)

# Weights that are never zero, so that their logarithms exist.
u = IndexedBase("u", real=True, nonzero=True)
log_square = log(u[i] ** 2)
geometric = Product(exp(expectation(log_square)), (i, 1, n))
squared_u = Product(u[i] ** 2, (i, 1, n))
moments_of_u = Product(expectation(u[i] ** 2), (i, 1, n))

typical_size = Derivation(
    name="typical_size",
    assumptions={
        "every weight has mean zero": equation(expectation(u[i]), 0),
        "every weight has variance v": equation(expectation(u[i] ** 2), v + expectation(u[i]) ** 2),
    },
    steps=(
        ByLemma(
            at_most(exp(expectation(log_square)), expectation(u[i] ** 2)),
            "no geometric mean exceeds the mean",
            lemma=geometric_mean,
            of=(u[i] ** 2,),
        ),
        Identity(
            equation(log(squared_u), Sum(log_square, (i, 1, n))),
            "the logarithm of the product is a sum",
            rules=(Rule("logarithm"),),
        ),
        ByLemma(
            equation(
                expectation(Sum(log_square, (i, 1, n))), Sum(expectation(log_square), (i, 1, n))
            ),
            "expectations add, whether or not the weights are independent",
            lemma=expected_sum,
            of=(log_square, i, n),
        ),
        Identity(
            equation(exp(expectation(log(squared_u))), geometric),
            "so the geometric mean of the product is the product of the geometric means",
            given=(2, 3),
        ),
        ByLemma(
            at_most(geometric, moments_of_u),
            "multiply the bounds of all weights",
            lemma=product_of_bounds,
            of=(exp(expectation(log_square)), expectation(u[i] ** 2), i, n),
            given=(1,),
        ),
        Identity(
            equation(moments_of_u, v**n),
            "every second moment is v",
            given=("every weight has variance v", "every weight has mean zero"),
            rules=(Rule("doit"),),
        ),
    ),
    conclusion=at_most(exp(expectation(log(squared_u))), v**n),
    parameters=(v, n),
)
