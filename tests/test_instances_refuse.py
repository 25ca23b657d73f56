"""Objects and instances of lemmas that make no sense are refused by the name of what is wrong."""

import pytest
from sympy import Function, Integer, MatrixSymbol, Symbol

from tests.deriving import Q, W, h, h0, k, n, s, t, x
from theory import lemmas, lemmas_of_calculus, lemmas_of_functions, remedies
from theory import smoothness_penalty as penalty
from theory.lemmas import COLUMN, ROW
from theory.matrices import Blocks, Jacobian, Norm, OrderedProduct, family
from theory.relations import Everywhere, Relation, equation

F = family("F", n, n)
f = Function("f", real=True)
R = MatrixSymbol("R", n, 2)
of_row, of_column = family("v", n)(ROW), family("v", n)(COLUMN)
p = Symbol("p", positive=True)

REFUSED = {
    "a product of oblong matrices": (
        lambda: OrderedProduct(R, k, 1, t),
        "term: it is n × 2, and has to be square",
    ),
    "a product that ends before it starts": (
        lambda: OrderedProduct(F(k), k, 3, 1),
        "last: 1 lies more than one below first = 3",
    ),
    "a Jacobian of a matrix": (
        lambda: Jacobian(W, h0),
        "y: a Jacobian is of columns, not of (n, n)",
    ),
    "a Jacobian by a matrix": (
        lambda: Jacobian(h0, R),
        "x: a Jacobian is of columns, not of (n, 2)",
    ),
    "blocks of two heights": (
        lambda: Blocks(1, W, h0.T),
        "blocks: of shapes [(n, n), (1, n)], which do not fit",
    ),
    "the norm of a number": (lambda: Norm(x), "argument: x is no matrix"),
    "a relation of a truth value": (
        lambda: Relation(x < 1, "=", Integer(0)),
        "left: x < 1 is neither a scalar nor a matrix expression",
    ),
    "a derivative of a column of columns": (
        lambda: lemmas._by_entries(of_row, W * h0, h0, W, ()),
        "v_i and W have to be free of the indices i and j",
    ),
    "a derivative by a column of columns": (
        lambda: lemmas._by_entries(h(1), W * of_column, of_column, W, ()),
        "h_1 and W have to be free of the indices i and j",
    ),
    "a column that is none": (
        lambda: lemmas_of_functions._column_by_entries(W, Q),
        "W and Q have to be columns free of the index i",
    ),
    "a column of columns": (
        lambda: lemmas_of_functions._column_by_entries(of_row, h0),
        "v_i and h₀ have to be columns free of the index i",
    ),
    "a total derivative of a column of columns": (
        lambda: lemmas_of_functions._total_derivative(of_row, h(t) + h0, h(t), h0, W, W, ()),
        "v_i has to be free of the indices i and j",
    ),
    "a total derivative by what is not read": (
        lambda: lemmas_of_functions._total_derivative(h(t + 1), h0, h(t), h0, W, W, ()),
        "h₀ is no plain function of h_t and h₀",
    ),
    "a limit that moves with x": (
        lambda: lemmas_of_calculus._markov(f(x), x, x, Integer(0), Integer(1)),
        "x and the ends have to be free of x",
    ),
    "an end that moves with x": (
        lambda: lemmas_of_calculus._markov(f(x), Integer(1), x, Integer(0), x),
        "1 and the ends have to be free of x",
    ),
    "every value of a number": (
        lambda: Everywhere(equation(x, 1), Integer(3)),
        "variable: 3 has to be a symbol",
    ),
    "lags that are not any": (
        lambda: remedies._delayed(f(k), Integer(3), s, x, x, 2, x, 2, 1),
        "lag and before: they have to be any integers from 0 and from 1 on",
    ),
    "an index that is not any": (
        lambda: penalty._one_of_squares(f(3), Integer(3), k, n),
        "index: it has to be any integer from 0 on",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_makes_no_sense_is_refused_in_these_words(what):
    call, message = REFUSED[what]
    with pytest.raises(ValueError) as refusal:  # noqa: PT011
        call()
    assert str(refusal.value) == message
