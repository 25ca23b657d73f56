"""Why sampling does not show the variance of a product: it sits in samples that never come."""

from sympy import Ge, IndexedBase, Integer, Product, Sum, Symbol

from theory.chi_square import is_chi_square, moment, moment_step, z
from theory.derivation import ByLemma, Derivation, Identity, at_most, equation, fixed
from theory.lemmas import expectation, independence, independent
from theory.normal_form import Rule
from theory.probability import (
    linearity,
    markov,
    probability,
    sample_mean,
    variance,
    variance_of_mean,
)

n, m = (Symbol(name, integer=True, positive=True) for name in ("n", "m"))
i, j = (Symbol(name, integer=True, positive=True) for name in ("i", "j"))
v, κ, c = (Symbol(name, positive=True) for name in ("v", "κ", "c"))
w = IndexedBase("w")

square = Product(w[i] ** 2, (i, 1, n))
fourth = Product(w[i] ** 4, (i, 1, n))
estimate = sample_mean(square, m)

v_i = IndexedBase("v", positive=True)
second = Product(v_i[i], (i, 1, n))

variance_estimate = Derivation(
    name="variance_estimate",
    assumptions={
        "Var x = E x² − (E x)²": equation(
            variance(square), expectation(square**2) - expectation(square) ** 2
        ),
        "the weights are independent": independent(w),
        "every weight has mean zero": equation(expectation(w[i] ** 2), v_i[i]),
        "every weight has kurtosis κ": equation(expectation(w[i] ** 4), κ * v_i[i] ** 2),
    },
    steps=(
        *(
            ByLemma(
                equation(
                    expectation(Product(w[i] ** power, (i, 1, n))),
                    Product(expectation(w[i] ** power), (i, 1, n)),
                ),
                f"powers {power} of independent weights are independent",
                lemma=independence,
                of=(w[i] ** power, i, n, w),
                given=("the weights are independent",),
            )
            for power in (2, 4)
        ),
        Identity(equation(square**2, fourth), "square factor by factor", rules=(Rule("product"),)),
        Identity(
            equation(expectation(square), second),
            "the second moment of a weight with mean zero is its variance",
            given=(1, "every weight has mean zero"),
        ),
        Identity(
            equation(expectation(fourth), κ**n * second**2),
            "every fourth moment is κv_i²",
            given=(2, "every weight has kurtosis κ"),
            rules=(Rule("product"), Rule("doit")),
        ),
        ByLemma(
            equation(variance(estimate), variance(square) / m),
            "the mean of m independent samples",
            lemma=variance_of_mean,
            of=(square, m),
        ),
        Identity(
            equation(variance(estimate), second**2 * (κ**n - 1) / m),
            "put steps 3 to 6 together",
            given=(6, "Var x = E x² − (E x)²", 3, 4, 5),
        ),
    ),
    conclusion=equation(variance(estimate), second**2 * (κ**n - 1) / m),
    parameters=(v_i, κ, n, m),
)

power = Symbol("s", positive=True)
one = Integer(1)
X = IndexedBase("X", nonnegative=True)
factors = IndexedBase("y", positive=True)
share = c * m * v**n
enough = probability(Ge(Sum(X[j], (j, 1, m)), share))
one_factor = v**power * moment(one, power)

sampling_cannot_see_variance = Derivation(
    name="sampling_cannot_see_variance",
    assumptions={
        "z is χ²": is_chi_square(one)["z is χ²"],
        "s ≤ 1": at_most(power, 1),
        "s is a number": fixed(power),
        "X_j is the product of n factors y_i": equation(
            X[j] ** power, Product(factors[i] ** power, (i, 1, n))
        ),
        "the factors are independent": independent(factors),
        "y_i is the square of a Gaussian N(0, v), vz": equation(
            expectation(factors[i] ** power), expectation(v**power * z[one] ** power)
        ),
    },
    steps=(
        moment_step(one, power),
        ByLemma(
            equation(
                expectation(v**power * z[one] ** power), v**power * expectation(z[one] ** power)
            ),
            "the constant comes out",
            lemma=linearity,
            of=(z[one] ** power, v**power, 0),
        ),
        ByLemma(
            equation(
                expectation(Product(factors[i] ** power, (i, 1, n))),
                Product(expectation(factors[i] ** power), (i, 1, n)),
            ),
            "powers of independent factors are independent",
            lemma=independence,
            of=(factors[i] ** power, i, n, factors),
            given=("the factors are independent", "s is a number"),
        ),
        Identity(
            equation(expectation(X[j] ** power), one_factor**n),
            "put steps 1 to 3 together",
            given=(
                "X_j is the product of n factors y_i",
                3,
                "y_i is the square of a Gaussian N(0, v), vz",
                2,
                1,
            ),
            rules=(Rule("doit"),),
        ),
        ByLemma(
            at_most(enough, Sum(expectation(X[j] ** power), (j, 1, m)) / share**power),
            "a sum of m squares reaches cmvⁿ only if their s-th powers do",
            lemma=markov,
            of=(X[j], j, m, power, share),
            given=("s ≤ 1",),
        ),
        Identity(
            equation(
                Sum(expectation(X[j] ** power), (j, 1, m)) / share**power,
                m ** (1 - power) * c ** (-power) * moment(one, power) ** n,
            ),
            "put step 4 into step 5; v cancels",
            given=(4,),
            rules=(Rule("doit"),),
        ),
    ),
    conclusion=at_most(enough, m ** (1 - power) * c ** (-power) * moment(one, power) ** n),
    parameters=(m, c, power, n),
)
