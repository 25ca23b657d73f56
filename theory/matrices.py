"""Symbolic matrices that sympy lacks: indexed families, ordered products of any length, norms."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Identity, Integer, MatMul, Symbol, ZeroMatrix, sympify
from sympy.core.symbol import Str
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.printing.precedence import PRECEDENCE


class IndexedMatrix(MatrixExpr):  # type: ignore[misc]
    """The member with a given index of a family of matrices of one shape, such as the state h_t."""

    def __new__(cls, name: Any, rows: Any, columns: Any, index: Any) -> Any:
        return super().__new__(cls, Str(str(name)), sympify(rows), sympify(columns), sympify(index))

    name = property(lambda self: str(self.args[0]))
    index = property(lambda self: self.args[3])
    shape = property(lambda self: (self.args[1], self.args[2]))

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Any:
        from sympy.matrices.expressions.matexpr import MatrixElement

        return MatrixElement(self, i, j)


def family(name: str, rows: Any, columns: Any = 1) -> Any:
    """A function from an index to the member of the family `name` (rows × columns) there."""
    return lambda index: IndexedMatrix(name, rows, columns, index)


class OrderedProduct(MatrixExpr):  # type: ignore[misc]
    """term(last) ··· term(first): a product of matrices with the later factor on the left.

    It is the identity when last = first − 1, and grows on the left: P(last + 1) =
    term(last + 1)·P(last). Those two are its definition, and all that is used of it.
    """

    def __new__(cls, term: Any, variable: Symbol, first: Any, last: Any) -> Any:
        first, last = sympify(first), sympify(last)
        rows, columns = term.shape
        if rows != columns:
            raise ValueError(f"term: it is {rows} × {columns}, and has to be square")
        length = last - first + 1
        if length == 0:
            return Identity(rows)
        if isinstance(length, Integer) and length < 0:
            raise ValueError(f"last: {last} lies more than one below first = {first}")
        return super().__new__(cls, term, variable, first, last)

    term = property(lambda self: self.args[0])
    variable = property(lambda self: self.args[1])
    first = property(lambda self: self.args[2])
    last = property(lambda self: self.args[3])
    shape = property(lambda self: self.args[0].shape)

    @property
    def free_symbols(self) -> set[Any]:
        inside: set[Any] = self.term.free_symbols - {self.variable}
        return inside.union(self.first.free_symbols, self.last.free_symbols)

    def _eval_subs(self, old: Any, new: Any) -> Any:
        if old == self.variable:
            return self
        return None

    def peeled(self) -> Any:
        """The same product with its last factor written out: term(last)·P(last − 1)."""
        head = self.term.subs(self.variable, self.last)
        return MatMul(head, OrderedProduct(self.term, self.variable, self.first, self.last - 1))


class Blocks(MatrixExpr):  # type: ignore[misc]
    """A matrix of blocks, so many rows of them, given row by row; also a column of columns.

    Raises ValueError for blocks that do not fit beside and under one another.
    """

    def __new__(cls, rows: Any, *blocks: Any) -> Any:
        made = super().__new__(cls, sympify(rows), *blocks)
        grid = made.grid
        heights = {tuple(block.shape[0] for block in column) for column in zip(*grid, strict=True)}
        widths = {tuple(block.shape[1] for block in row) for row in grid}
        if len(heights) != 1 or len(widths) != 1:
            raise ValueError(f"blocks: of shapes {[b.shape for b in blocks]}, which do not fit")
        return made

    @property
    def grid(self) -> list[tuple[Any, ...]]:
        """The rows of blocks."""
        rows, *blocks = self.args
        width = len(blocks) // int(rows)
        return [tuple(blocks[k : k + width]) for k in range(0, len(blocks), width)]

    @property
    def shape(self) -> tuple[Any, Any]:
        grid = self.grid
        heights, widths = (row[0].shape[0] for row in grid), (b.shape[1] for b in grid[0])
        return sum(heights, Integer(0)), sum(widths, Integer(0))


class Jacobian(MatrixExpr):  # type: ignore[misc]
    """∂y/∂x of a column y by a column x: entry (i, j) is ∂y_i/∂x_j.

    Total: y follows x through everything in between. Raises ValueError for other matrices.
    """

    def __new__(cls, y: Any, x: Any) -> Any:
        for name, column in (("y", y), ("x", x)):
            if column.shape[1] != 1:
                raise ValueError(f"{name}: a Jacobian is of columns, not of {column.shape}")
        if y == x:
            return Identity(x.shape[0])
        return super().__new__(cls, y, x)

    shape = property(lambda self: (self.args[0].shape[0], self.args[1].shape[0]))


class Gradient(MatrixExpr):  # type: ignore[misc]
    """∂C/∂x of the one cost C by a matrix or column x, in all: of the shape of x."""

    shape = property(lambda self: self.args[0].shape)


class MapOf(MatrixExpr):  # type: ignore[misc]
    """A differentiable map from columns to columns of one size, of which only the name is known."""

    def __new__(cls, name: Any, argument: Any) -> Any:
        return super().__new__(cls, Str(str(name)), argument)

    shape = property(lambda self: self.args[1].shape)


class Elementwise(MatrixExpr):  # type: ignore[misc]
    """A scalar function, named, applied to every entry of a matrix."""

    def __new__(cls, name: Any, argument: Any) -> Any:
        return super().__new__(cls, Str(str(name)), argument)

    shape = property(lambda self: self.args[1].shape)


class Measure(Expr):  # type: ignore[misc]
    """A non-negative number that measures a matrix: equal matrices have equal ones."""

    is_commutative = True
    is_extended_real = True
    is_nonnegative = True


class Norm(Measure):
    """A submultiplicative norm of a matrix with ‖I‖ = 1; which one is left open."""

    def __new__(cls, argument: Any) -> Any:
        if not isinstance(argument, MatrixExpr):
            raise ValueError(f"argument: {argument} is no matrix")
        if isinstance(argument, Identity):
            return Integer(1)
        if isinstance(argument, ZeroMatrix):
            return Integer(0)
        return super().__new__(cls, argument)


class SquaredLength(Measure):
    """‖x‖₂², the square of a column's Euclidean length: rational where the column is."""

    precedence = PRECEDENCE["Pow"]  # it is a square: raised once more it goes in brackets

    def __new__(cls, vector: Any) -> Any:
        return super().__new__(cls, vector)


class Component(Measure):
    """|q_k* x|: the modulus of a column's component along the unit eigenvector number k."""

    def __new__(cls, index: Any, vector: Any) -> Any:
        return super().__new__(cls, sympify(index), vector)
