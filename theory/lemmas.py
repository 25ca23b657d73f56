"""The shelf: the few facts that derivations take without proof.

Each is a pattern; a step that cites one must be an exact instance of it, with every premise given.
Each is verified on generated exact cases in the tests.
"""

from __future__ import annotations

from typing import Any

from sympy import (
    Derivative,
    Function,
    Indexed,
    IndexedBase,
    KroneckerDelta,
    MatAdd,
    MatMul,
    MatrixSymbol,
    Product,
    Symbol,
    Transpose,
    Tuple,
)
from sympy.core.function import AppliedUndef

from theory.entries import entry, matrix_entry
from theory.matrices import Gradient, IndexedMatrix, Jacobian, Norm
from theory.printing import plain
from theory.ranges import Range, canonical
from theory.relations import Everywhere, Fact, Premise, Relation, at_most, equation, fixed
from theory.steps import Lemma
from theory.well_formed import is_like

Instance = tuple[tuple[Premise, ...], Relation]

ROW, COLUMN = Symbol("i", integer=True), Symbol("j", integer=True)
WEIGHT_ROW = Symbol("p", integer=True)


def _submultiplicative(a: Any, b: Any) -> Instance:
    return (), at_most(Norm(MatMul(a, b)), Norm(a) * Norm(b))


submultiplicative = Lemma("submultiplicative norm", "‖AB‖ ≤ ‖A‖·‖B‖", _submultiplicative)


def _triangle(a: Any, b: Any) -> Instance:
    return (), at_most(Norm(MatAdd(a, b)), Norm(a) + Norm(b))


triangle = Lemma("triangle inequality", "‖A + B‖ ≤ ‖A‖ + ‖B‖", _triangle)


def _monotone_product(factor: Any, smaller: Any, larger: Any) -> Instance:
    premises = (at_most(0, factor), at_most(smaller, larger))
    return premises, at_most(factor * smaller, factor * larger)


monotone_product = Lemma("monotone product", "0 ≤ c and a ≤ b ⇒ ca ≤ cb", _monotone_product)


def read_besides(expression: Any, x: Any) -> set[Any]:
    """What an expression reads but x: matrices, entries and scalars, indices and sizes aside."""
    if expression == x:
        return set()
    if isinstance(expression, IndexedMatrix | MatrixSymbol | Indexed | AppliedUndef):
        return {expression}
    if isinstance(expression, Symbol):
        return set() if expression.is_integer else {expression}
    return {atom for argument in expression.args for atom in read_besides(argument, x)}


def _function_of(y: Any, expression: Any, x: Any) -> tuple[Premise, ...]:
    """The premises that y = expression, a function of x whose other ingredients do not move.

    Raises ValueError for an expression that does not read x, or that differentiates.
    """
    if not expression.has(x) or expression.has(Jacobian, Gradient, Derivative):
        raise ValueError(f"{plain(expression)} is no plain function of {plain(x)}")
    others = read_besides(expression, x)
    held = (fixed(*sorted(others, key=str)),) if others else ()
    return (equation(y, expression), *held, *_comes_before(x, y))


def _comes_before(x: Any, y: Any) -> tuple[Premise, ...]:
    """Of two members of one family, that x is the earlier one.

    Raises ValueError for one matrix twice.
    """
    if x == y:
        raise ValueError(f"{plain(x)} is to be a function of something else than itself")
    if isinstance(x, IndexedMatrix) and isinstance(y, IndexedMatrix) and x.name == y.name:
        return (at_most(x.index + 1, y.index),)
    return ()


def _chain_rule(outer: Any, expression: Any, inner: Any, variable: Any) -> Instance:
    """outer = expression, which reads inner and nothing else that moves with the variable."""
    moving = [m for m in read_besides(expression, inner) if isinstance(m, IndexedMatrix)]
    family = isinstance(variable, IndexedMatrix) and variable.name
    strays = {m for m in moving if m.name in (inner.name, family)}
    if strays or variable in read_besides(expression, inner):
        raise ValueError(f"{plain(outer)} has to read the past through {plain(inner)} alone")
    if family and family != inner.name and family == getattr(outer, "name", None):
        raise ValueError(f"{plain(variable)} could be {plain(outer)} itself")
    not_later = (at_most(variable.index, inner.index),) if family == inner.name else ()
    product = MatMul(Jacobian(outer, inner), Jacobian(inner, variable))
    premises = (*_function_of(outer, expression, inner), *not_later)
    return premises, equation(Jacobian(outer, variable), product)


chain_rule = Lemma("chain rule", "z = f(y(x)) ⇒ ∂z/∂x = (∂z/∂y)(∂y/∂x)", _chain_rule)


def partial_derivative(expression: Any, variable: Any) -> Any:
    """∂y_i/∂x_j, not yet evaluated, of a column y given as an expression in the column x."""
    return Derivative(entry(expression, ROW), entry(variable, COLUMN))


def entries_of(y: Any, x: Any) -> tuple[Range, Range]:
    """The ranges of the row i and the column j of ∂y/∂x."""
    return Range(ROW, 0, y.shape[0] - 1), Range(COLUMN, 0, x.shape[0] - 1)


def diagonal(*definitions: tuple[Any, Any, Any]) -> Fact:
    """The fact that each D is the diagonal matrix of an entry: (D, entry, the entry's index).

    The index is ROW or COLUMN. Raises ValueError for an entry that depends on the other one.
    """
    for _, value, index in definitions:
        others = {ROW, COLUMN} - {index}
        if len(others) != 1 or others & value.free_symbols:
            raise ValueError(f"definitions: {plain(value)} has to be a function of i or of j alone")
    return Fact("diagonal", tuple(Tuple(*definition) for definition in definitions), each=True)


def _by_entries(y: Any, expression: Any, x: Any, matrix: Any, diagonals: Any) -> Instance:
    """The premises give y, and its derivative entry by entry as that of `matrix`.

    `diagonals` lists (D, entry, index) for the diagonal matrices that it is written with.
    """
    if {ROW, COLUMN} & (y.free_symbols | x.free_symbols | matrix.free_symbols):
        raise ValueError(f"{plain(y)} and {plain(matrix)} have to be free of the indices i and j")
    written = {d: (value, index) for d, value, index in diagonals}
    defined = (diagonal(*diagonals),) if diagonals else ()
    one_entry = equation(
        partial_derivative(expression, x),
        matrix_entry(matrix, ROW, COLUMN, written),
        *entries_of(y, x),
    )
    premises = (*_function_of(y, expression, x), *defined, one_entry)
    return premises, equation(Jacobian(y, x), matrix)


by_entries = Lemma(
    "a matrix by its entries", "∂y_i/∂x_j = M_ij for all i, j ⇒ ∂y/∂x = M", _by_entries
)


def cost_of(last: Any) -> Fact:
    """The fact that the cost C is a function of this state, the last one, and of nothing else."""
    return Fact("is all that the cost reads", (last,))


def _reverse_chain_rule(outer: Any, expression: Any, inner: Any, last: Any) -> Instance:
    """outer = expression, which reads inner, the state before it, and no other state."""
    step = _every_step(outer, expression, inner, last)
    back = MatMul(Transpose(Jacobian(outer, inner)), Gradient(outer))
    _, *held = _function_of(outer, expression, inner)
    premises = (cost_of(last), step, *held, at_most(outer.index, last.index))
    return premises, equation(Gradient(inner), back)


def _every_step(outer: Any, expression: Any, inner: Any, last: Any) -> Everywhere:
    """The premise that every state up to the last one is given by the state before it alone.

    Raises ValueError unless outer = expression, by its index, says so.
    """
    states = [m for m in expression.atoms(IndexedMatrix) if m.name == outer.name]
    if states != [inner] or inner.index + 1 != outer.index or last.name != outer.name:
        raise ValueError(f"{plain(outer)} has to read of the states the one before it alone")
    for k in sorted(outer.index.free_symbols - last.index.free_symbols, key=str):
        ahead = outer.index.subs(k, k + 1) - outer.index
        onwards = ahead == 1 and is_like(k, k + 1)
        back_from_the_last = ahead == -1 and is_like(k, 0) and outer.index.subs(k, 0) == last.index
        if onwards or back_from_the_last:
            return Everywhere(equation(outer, expression), k)
    raise ValueError(f"{plain(outer)} has to stand for every state up to {plain(last)}")


reverse_chain_rule = Lemma(
    "reverse chain rule",
    "C = C(y), y = f(x) and C reads x through y alone ⇒ ∂C/∂x = (∂y/∂x)ᵀ∂C/∂y",
    _reverse_chain_rule,
)


def weight_derivative(expression: Any, weight: Any) -> Any:
    """∂y_i/∂M_pj, not yet evaluated, of a column y given as an expression in the matrix M."""
    return Derivative(entry(expression, ROW), weight_entry(weight, WEIGHT_ROW, COLUMN))


def weight_entry(weight: Any, row: Any, column: Any) -> Any:
    """An entry of a member of a family of weights."""
    return IndexedBase(weight.name)[weight.index, row, column]


def weight_ranges(outer: Any, weight: Any) -> tuple[Range, Range, Range]:
    """The ranges of the unit i and of the weight's row p and column j."""
    rows, columns = weight.shape
    return (
        Range(ROW, 0, outer.shape[0] - 1),
        Range(WEIGHT_ROW, 0, rows - 1),
        Range(COLUMN, 0, columns - 1),
    )


def _weight_of_a_step(
    outer: Any, expression: Any, inner: Any, weight: Any, D: Any, slope: Any, z: Any, last: Any
) -> Instance:
    """outer = expression, the state of a step, in which its own weight multiplies the column z.

    The weight of row p moves unit p alone: by its slope, an entry of the diagonal D, times z_j. The
    state before, inner, does not move with it: no earlier step reads this weight.
    """
    step = _every_step(outer, expression, inner, last)
    if {ROW, COLUMN, WEIGHT_ROW} & (outer.free_symbols | z.free_symbols):
        raise ValueError(f"{plain(outer)} and {plain(z)} have to be free of the indices i, j and p")
    members = [m for m in expression.atoms(IndexedMatrix) if m.name == weight.name]
    if members != [weight] or weight.index != outer.index:
        raise ValueError(
            f"{plain(weight)} has to be the weight of the step to {plain(outer)} alone"
        )
    local = KroneckerDelta(ROW, WEIGHT_ROW) * slope * entry(z, COLUMN)
    others = read_besides(expression, weight) - {inner}
    premises = (
        cost_of(last),
        step,
        fixed(*sorted(others, key=str)),
        at_most(outer.index, last.index),
        diagonal((D, slope, ROW)),
        equation(weight_derivative(expression, weight), local, *weight_ranges(outer, weight)),
    )
    gradient = MatMul(D, Gradient(outer), Transpose(z))
    return premises, equation(Gradient(weight), gradient)


weight_of_a_step = Lemma(
    "weight of a step",
    "∂y_i/∂M_pj = δ_ip d_i z_j, and C reads M through y alone ⇒ ∂C/∂M = diag(d)(∂C/∂y)zᵀ",
    _weight_of_a_step,
)


EXPECTATION = Function("E", real=True)


def expectation(expression: Any) -> Any:
    """E of an expression in random symbols: a real number, of which only lemmas say more."""
    return EXPECTATION(expression)


def _independence(factor: Any, index: Any, last: Any, weight: Any) -> Instance:
    """factor is a function of the weight of one index, the index runs from 1 to last.

    The expectations that it speaks of are taken to exist.
    """
    here = weight[index]
    if canonical(factor).atoms(Indexed) != {here}:
        raise ValueError(f"{plain(factor)} has to be a function of {plain(here)} alone")
    others = {o for o in read_besides(factor, here) if o.func != EXPECTATION}
    held = (fixed(*sorted(others, key=str)),) if others else ()
    left = expectation(Product(factor, (index, 1, last)))
    right = Product(expectation(factor), (index, 1, last))
    return (independent(weight), *held), equation(left, right)


def independent(weight: Any) -> Fact:
    """The fact that the members of an indexed family of random variables are independent."""
    return Fact("independent", (weight,))


independence = Lemma(
    "independence", "w_1 … w_n independent ⇒ E ∏ f(w_i) = ∏ E f(w_i)", _independence
)
