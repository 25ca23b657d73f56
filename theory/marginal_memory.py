"""Memory without an attractor: what a linear recurrence with an orthogonal W keeps, and what adds up.

e_t is how far the state has been driven from where it would be without noise, and E e_t e_tᵀ its
second moments.
"""

from sympy import Identity as Unit
from sympy import MatrixSymbol, Symbol

from theory.derivation import ByLemma, Derivation, Fact, Identity, Induction, Lemma, equation
from theory.entries import entry, matrix_entry
from theory.lemmas import COLUMN, ROW, by_entries, chain_rule, partial_derivative, transposition
from theory.matrices import Jacobian, MapOf, family
from theory.normal_form import Rule, orthogonal

n = Symbol("n", integer=True, positive=True)
t = Symbol("t", integer=True, nonnegative=True)
v = Symbol("v", nonnegative=True)
W = MatrixSymbol("W", n, n)
a, e, u = (family(name, n) for name in ("a", "e", "u"))
