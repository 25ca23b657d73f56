"""What the tests of lemmas speak of: the symbols, the objects, and whether a relation holds."""

from sympy import IndexedBase, MatrixSymbol, Symbol, symbols
from sympy.matrices.expressions.hadamard import HadamardProduct

from tests.evaluation import agree, value
from theory.entries import entry
from theory.lemmas import ROW
from theory.matrices import family

n, m, r = (Symbol(name, integer=True, positive=True) for name in "nmr")
s, t = (Symbol(name, integer=True, nonnegative=True) for name in "st")
i = Symbol("i", integer=True, positive=True)
W, U = (MatrixSymbol(name, n, n) for name in "WU")
h0 = MatrixSymbol("h0", n, 1)
h, u, c, D = family("h", n), family("u", n), family("c", n), family("D", n, n)
w = IndexedBase("w")

A, B, C = MatrixSymbol("A", n, m), MatrixSymbol("B", m, r), MatrixSymbol("C", n, m)
a, b, x = symbols("a b x", real=True)

TESTED = {}


def exact_cases(lemma):
    """The test decorated is the one of this lemma on generated cases."""

    def register(test):
        TESTED[lemma.name] = test
        return test

    return register


def holds(relation, values):
    left, right = (value(side, values) for side in relation.sides)
    return {"=": agree, "≤": lambda x, y: x <= y, "<": lambda x, y: x < y}[relation.sign](
        left, right
    )


# One bilinear step, and the form of its Jacobian.

bilinear = HadamardProduct(W * h(t), h(t)) + U * h(t) + u(t + 1)
E_, F_ = family("E", n, n), family("F", n, n)
DIAGONALS = [(E_(t), entry(h(t), ROW), ROW), (F_(t), entry(W * h(t), ROW), ROW)]
FORM = E_(t) * W + F_(t) + U

# Each step with weights of its own, and the cost a function of h_3.

T = 3
weights = family("W", n, n)
own_step = HadamardProduct(weights(t + 1) * h(t), u(t + 1)) + u(t + 1)
OWN_STEP = (h(t + 1), own_step, h(t), h(T))
OWN_WEIGHT = (
    h(t + 1),
    own_step,
    h(t),
    weights(t + 1),
    D(t + 1),
    entry(u(t + 1), ROW),
    h(t),
    h(T),
)
