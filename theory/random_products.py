"""Section 10.7's non-recurrent net: a product of independent random weights."""

from sympy import Function, IndexedBase, Product, Symbol

from theory.derivation import ByLemma, Derivation, Identity, equation
from theory.lemmas import expectation, independence, independent
from theory.normal_form import Rule

n = Symbol("n", integer=True, positive=True)
i = Symbol("i", integer=True, positive=True)
v = Symbol("v", nonnegative=True)
w = IndexedBase("w")
variance = Function("Var")

product = Product(w[i], (i, 1, n))
second_moment = Product(expectation(w[i] ** 2), (i, 1, n))
mean = Product(expectation(w[i]), (i, 1, n))

product_variance = Derivation(
    name="product_variance",
    assumptions={
        "Var x = E x² − (E x)²": equation(
            variance(product), expectation(product**2) - expectation(product) ** 2
        ),
        "the weights are independent": independent(w),
        "every weight has mean zero": equation(expectation(w[i]), 0),
        "every weight has variance v": equation(expectation(w[i] ** 2), v + expectation(w[i]) ** 2),
    },
    steps=(
        ByLemma(
            equation(expectation(Product(w[i] ** 2, (i, 1, n))), second_moment),
            "the squares of independent weights are independent",
            lemma=independence,
            of=(w[i] ** 2, i, n, w),
            given=("the weights are independent",),
        ),
        ByLemma(
            equation(expectation(product), mean),
            "the weights are independent",
            lemma=independence,
            of=(w[i], i, n, w),
            given=("the weights are independent",),
        ),
        Identity(
            equation(product**2, Product(w[i] ** 2, (i, 1, n))),
            "square factor by factor",
            rules=(Rule("product"),),
        ),
        Identity(
            equation(variance(product), second_moment - mean**2),
            "put steps 1 to 3 into the definition",
            given=("Var x = E x² − (E x)²", 3, 1, 2),
        ),
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
