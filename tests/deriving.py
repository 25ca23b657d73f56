"""What the tests of derivations are written in: symbols, one-line steps, and `refused`."""

from sympy import Function, IndexedBase, MatrixSymbol, Symbol, symbols

from tests.saying import refusing
from theory.derivation import Derivation, DerivationError, Identity, equation
from theory.matrices import family

n = Symbol("n", integer=True, positive=True)
s, t = (Symbol(name, integer=True, nonnegative=True) for name in "st")
k = Symbol("k", integer=True)
a, b, c, x, y, z = symbols("a b c x y z", real=True)
growth = Symbol("λ", nonnegative=True)
X = Function("X")
W, V, Q = (MatrixSymbol(name, n, n) for name in "WVQ")
h0 = MatrixSymbol("h0", n, 1)
h = family("h", n)
w = IndexedBase("w")


def derive(*steps, conclusion=None, **assumptions):
    """Verify a derivation that ends with its last step's relation, unless told otherwise."""
    end = conclusion or steps[-1].relation
    return Derivation("example", assumptions, steps, end).verify()


def identity(left, right, *where, **given):
    return Identity(equation(left, right, *where), "", **given)


def refused(match, *steps, **assumptions):
    with refusing(DerivationError, match=match):
        derive(*steps, **assumptions)
