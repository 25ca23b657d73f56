"""The machinery of claims, and in one place the names that an author of a claim needs."""

from properties.checking.algebras import BALL, EXACT, FLOAT
from properties.checking.cases import Case
from properties.checking.claim import Claim, claim
from properties.checking.comparison import Check, NotFinite, Violation
from properties.checking.exact import (
    column_floats,
    diagonal,
    floats,
    identity,
    is_orthogonal,
    is_symmetric,
    matrix,
    rational,
    vector,
)
from properties.checking.working import (
    Worked,
    Working,
    worked_formula,
    worked_product,
    worked_sum,
)
from theory.formula import formula

__all__ = [
    "BALL",
    "EXACT",
    "FLOAT",
    "Case",
    "Check",
    "Claim",
    "NotFinite",
    "Violation",
    "Worked",
    "Working",
    "claim",
    "column_floats",
    "diagonal",
    "floats",
    "formula",
    "identity",
    "is_orthogonal",
    "is_symmetric",
    "matrix",
    "rational",
    "vector",
    "worked_formula",
    "worked_product",
    "worked_sum",
]
