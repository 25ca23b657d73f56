"""Enclosures of real numbers: what a float64 result is judged against.

A ball is a midpoint and a radius; every operation on balls (Arb's, through python-flint) returns a
ball that holds the exact result, whatever the precision. So a reference in balls is not trusted
for being "more precise": it is certain, and its radius says how much it knows.

Source: F. Johansson, "Arb: efficient arbitrary-precision midpoint-radius interval arithmetic",
IEEE Transactions on Computers 66 (2017).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from flint import arb, arb_mat, ctx, fmpq, fmpq_mat
from numpy.typing import NDArray

Balls: TypeAlias = NDArray[np.object_]
Floats: TypeAlias = NDArray[np.float64]

# At 53 or 128 bits an orthogonal W of size 8 already loses a run of 100 steps to the radius;
# at 256 bits the radius there is below 1e-44.
DEFAULT_BITS = 256
MAXIMAL_BITS = 16_384
# A difference of balls is rounded relative to itself: 64 bits add 2⁻⁶⁴ of the error found.
COMPARISON_BITS = 64


class UndecidedError(ArithmeticError):
    """A ball contains a point where the derivative jumps, so the slope isn't known."""


class UnresolvedError(ArithmeticError):
    """The balls are wider than what they are asked to judge, at the highest precision allowed."""


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Compute with balls of `bits` bits inside the block; the former precision comes back after it.

    Raises ValueError if `bits` is below 2.
    """
    if bits < 2:
        raise ValueError(f"bits is {bits}; a ball needs at least 2")
    former = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = former


def exact(values: Any) -> Balls:
    """`values` as balls: floats and integers without any error, rationals to the last bit.

    Takes floats, integers, Fractions, fmpq, balls, arrays of these, and fmpq_mat; the shape stays.
    Raises ValueError where an entry is NaN or infinite.
    """
    if isinstance(values, fmpq_mat):
        values = np.array(values.tolist(), dtype=object).reshape(values.nrows(), values.ncols())
    array = np.asarray(values)
    if array.dtype != object and not np.isfinite(array).all():
        raise ValueError("values has NaN or infinite entries; a ball encloses a finite number")
    return np.asarray(_ball(array), dtype=object)


def _to_ball(value: Any) -> Any:
    if isinstance(value, Fraction):
        value = fmpq(value.numerator, value.denominator)
    elif isinstance(value, np.integer):
        value = int(value)
    elif isinstance(value, np.floating):
        value = float(value)
    return arb(value)


_ball = np.frompyfunc(_to_ball, 1, 1)


def zeros(*shape: int) -> Balls:
    """Exact zeros of the given shape."""
    return np.full(shape, arb(0), dtype=object)


def diagonal(vector: Balls) -> Balls:
    """The (n, n) matrix with the entries of a vector (n,) on its diagonal."""
    result = zeros(vector.size, vector.size)
    result[np.diag_indices(vector.size)] = vector
    return result


def each_precision(reference: Callable[[], Any]) -> Callable[[], Any]:
    """The same reference, computed once at each precision at which it is asked for."""
    known: dict[int, Any] = {}

    def asked() -> Any:
        if ctx.prec not in known:
            known[ctx.prec] = reference()
        return known[ctx.prec]

    return asked


def to_matrix(array: Balls) -> arb_mat:
    """An (n, m) array of balls as flint's matrix."""
    rows, columns = array.shape
    return arb_mat(rows, columns, array.ravel().tolist())


def from_matrix(matrix: arb_mat) -> Balls:
    """flint's matrix as an (n, m) array of balls."""
    array = np.empty(matrix.nrows() * matrix.ncols(), dtype=object)
    array[:] = matrix.entries()
    return array.reshape(matrix.nrows(), matrix.ncols())


def times(matrix: Balls, vector: Balls) -> Balls:
    """The product of an (n, m) matrix and an (m,) vector."""
    return from_matrix(to_matrix(matrix) * to_matrix(vector[:, None]))[:, 0]


def product(first: Balls, second: Balls) -> Balls:
    """The product of an (n, m) and an (m, k) matrix."""
    return from_matrix(to_matrix(first) * to_matrix(second))


# -- the activations, and their derivatives without cancellation where a unit is saturated


def _elementwise(function: Callable[[Any], Any]) -> Callable[[Balls], Balls]:
    ufunc = np.frompyfunc(function, 1, 1)
    return lambda array: np.asarray(ufunc(array), dtype=object)


def _logistic(a: Any) -> Any:
    return 1 / (1 + (-a).exp())


def _clamped_below(a: Any) -> Any:
    return (a + abs(a)) / 2


def _step_at(kink: int) -> Callable[[Any], Any]:
    def step(a: Any) -> Any:
        if a > kink:
            return arb(1)
        if a < kink:
            return arb(0)
        raise UndecidedError(f"the pre-activation {a} may lie on either side of the kink at {kink}")

    return step


_above_zero, _above_one = _step_at(0), _step_at(1)

VALUES: dict[str, Callable[[Balls], Balls]] = {
    "identity": lambda array: array,
    "tanh": _elementwise(lambda a: a.tanh()),
    "logistic": _elementwise(_logistic),
    "relu": _elementwise(_clamped_below),
    "saturated_linear": _elementwise(lambda a: _clamped_below(a) - _clamped_below(a - 1)),
}
SLOPES: dict[str, Callable[[Balls], Balls]] = {
    "identity": _elementwise(lambda _: arb(1)),
    "tanh": _elementwise(lambda a: a.sech() ** 2),
    "logistic": _elementwise(lambda a: _logistic(a) * _logistic(-a)),
    "relu": _elementwise(_above_zero),
    "saturated_linear": _elementwise(lambda a: _above_zero(a) - _above_one(a)),
}


def sign(ball: Any) -> int:
    """−1, 0 or 1 for what the ball encloses. Raises UndecidedError for a ball around 0."""
    if ball.is_zero():
        return 0
    if ball.contains(0):
        raise UndecidedError(f"{ball} may have either sign")
    return 1 if ball > 0 else -1


# -- comparing floats with balls


def _upward(ball: Any) -> float:
    """A float not below the (non-negative) ball."""
    upper = ball.abs_upper()
    if upper.is_zero():
        return 0.0
    nearest = float(upper)
    return np.inf if np.isnan(nearest) else float(np.nextafter(nearest, np.inf))


def _distance(actual: Any, ball: Any) -> float:
    # Arb gives infinity and NaN no midpoint to be far from.
    return _upward(ball - arb(float(actual))) if np.isfinite(actual) else np.inf


_distances = np.frompyfunc(_distance, 2, 1)
_radii = np.frompyfunc(lambda ball: _upward(ball.rad()), 1, 1)


def radius(balls: Balls) -> Floats:
    """The radius of each ball, rounded up."""
    return np.asarray(_radii(balls), dtype=np.float64)


def enclosure_error(actual: NDArray[Any], balls: Balls) -> tuple[Floats, Floats]:
    """Upper bounds of |actual − true|, and the radii of the balls, both of the shape of `balls`.

    The first is |actual − midpoint| + radius rounded up: a bound that it does not exceed is met
    by the true error. An infinite or NaN `actual` is infinitely far.

    Raises ValueError if the shapes differ.
    """
    actual = np.asarray(actual)
    if actual.shape != balls.shape:
        raise ValueError(f"actual has shape {actual.shape}; the balls have {balls.shape}")
    with precision(COMPARISON_BITS):
        return np.asarray(_distances(actual, balls), dtype=np.float64), radius(balls)


def resolving(
    reference: Callable[[], Balls],
    bound: Floats,
    bits: int = DEFAULT_BITS,
    limit: int = MAXIMAL_BITS,
) -> Balls:
    """`reference()` at the first precision, doubled from `bits`, that can judge `bound`.

    That is: every radius is at most a hundredth of the bound, so that the enclosure shifts the
    ratio error ÷ bound by a hundredth at most. A bound of zero asks for an exact ball.

    Raises UnresolvedError naming the worst entry if `limit` bits don't suffice; UndecidedError if
    a slope at a kink stays undecided; ValueError if the bound has another shape.
    """
    while True:
        try:
            with precision(bits):
                balls = np.asarray(reference(), dtype=object)
        except UndecidedError:
            if 2 * bits > limit:
                raise
        else:
            if balls.shape != np.shape(bound):
                raise ValueError(f"bound has shape {np.shape(bound)}; the balls {balls.shape}")
            radii = radius(balls)
            # Written so that a NaN counts as too wide.
            too_wide = ~(radii <= np.asarray(bound) / 100)
            if not too_wide.any():
                return balls
            if 2 * bits > limit:
                _refuse(radii, np.asarray(bound), too_wide, bits)
        bits *= 2


def _refuse(radii: Floats, bound: Floats, too_wide: NDArray[np.bool_], bits: int) -> None:
    first = np.argwhere(too_wide)[0]
    entry = tuple(int(i) for i in first)
    raise UnresolvedError(
        f"entry {entry}: the ball's radius {radii[entry]:.3g} exceeds a hundredth of the bound "
        f"{bound[entry]:.3g} even at {bits} bits ({int(too_wide.sum())} such entries)"
    )
