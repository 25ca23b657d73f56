"""What an array handed to a model must be, said in the ValueError when it is not.

Shapes are written as they are read: "T+1 B N", or "4N N" with four rows for each column. A size
that one argument fixes, the next ones must repeat.
"""

import re
from functools import cache, lru_cache

import numpy as np

# A sequence may be empty and a network may have no inputs; units and sequences there must be.
_MAY_BE_EMPTY = {"T", "L", "D"}
_FLOAT64 = np.dtype(np.float64)
_AXIS = re.compile(r"(\d*)([A-Z])(\+\d+)?")


def require(name, array, *layouts, sizes, finite=True):
    """The sizes, with those that `array` fixes added, if it fits one of the layouts.

    Raises ValueError unless array is a numpy array of float64, or of complex128 for the
    complex-step derivative, with a fitting shape and, unless that is not asked, finite entries.
    """
    if not isinstance(array, np.ndarray):
        raise ValueError(
            f"{name} is of type {type(array).__name__}; "
            f"it needs a float64 array of shape {_needed(layouts, sizes)}"
        )
    if array.dtype.char not in "dD":
        raise ValueError(
            f"{name} has dtype {array.dtype} and shape {array.shape}; "
            f"it needs float64 and {_needed(layouts, sizes)}"
        )
    for layout in layouts:
        if (fitted := fit(array.shape, layout, sizes)) is not None:
            break
    else:
        raise ValueError(
            f"{name} has shape {array.shape}; it needs shape {_needed(layouts, sizes)}"
        )
    if finite and not all_finite(array):
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(
            f"{name} of shape {array.shape} has {array[where]} at {where}; "
            f"it needs finite numbers of shape {_needed(layouts, sizes)}"
        )
    return fitted


def require_parameters(model, **layouts):
    """The sizes of a model whose parameters have these layouts or, before them, a batch axis B."""
    sizes = {}
    for name, layout in layouts.items():
        sizes = require(name, getattr(model, name), layout, f"B {layout}", sizes=sizes)
    return sizes


def parameters(model):
    """The arrays of a model's parameters, in the order in which it names them."""
    return [getattr(model, name) for name in model.PARAMETERS]


def common_dtype(*arrays):
    """complex128 if an array is complex, else float64."""
    # A third of the time of np.result_type.
    for array in arrays:
        if array.dtype.char == "D":
            return array.dtype
    return _FLOAT64


def require_choice(name, value, choices):
    """Raises ValueError unless the value is one of the choices."""
    if value not in choices:
        raise ValueError(f"{name} is {value!r}; it needs one of {', '.join(map(repr, choices))}")


def require_interval(s, t, steps):
    """Raises ValueError unless 0 <= s <= t <= T = steps."""
    if not 0 <= s <= t <= steps:
        raise ValueError(f"(s, t) is ({s}, {t}); it needs 0 <= s <= t <= T = {steps}")


def all_finite(array):
    """Whether no entry is an infinity or a NaN."""
    # Counting is half the price of isfinite(...).all() on a small array.
    return np.count_nonzero(np.isfinite(array)) == array.size


def require_no_overflow(what, array, steps):
    """Raises OverflowError, naming the first of the steps at which array (T, …) left the doubles.

    steps: the number of each entry of array, in the order in which they were computed.
    """
    if not all_finite(array):
        finite = np.isfinite(array).all(axis=tuple(range(1, array.ndim)))
        raise OverflowError(
            f"{what} exceed the largest float64, 1.8e308, at step {steps[int(np.argmin(finite))]}"
        )


def require_bounded_preactivations(model, h0, x):
    """Raises OverflowError if W h + U x + biases, or a part of it, could leave the doubles.

    For a state that never leaves [-1, 1] except at its start h0; the activations would hide it.
    Returns the greatest magnitude that a pre-activation can have.
    """
    with np.errstate(over="ignore"):
        reach = (
            _greatest_row_sum(model.W) * max(1.0, greatest(h0))
            + _greatest_row_sum(model.U) * greatest(x)
            + sum(greatest(getattr(model, name)) for name in model.PARAMETERS if name[0] == "b")
        )
    if not reach < np.inf:
        raise OverflowError("W h + U x + b can exceed the largest float64, 1.8e308, at step 1")
    return reach


def greatest(array):
    """The greatest magnitude in an array, 0 of an empty one."""
    # The ufuncs' own reductions take half the time of the methods on a small array.
    return float(np.maximum.reduce(np.abs(array), axis=None, initial=0.0))


def _greatest_row_sum(matrix):
    # There is a row for each unit, of zero where there is no column.
    return float(np.maximum.reduce(np.add.reduce(np.abs(matrix), -1), axis=None))


@cache
def _axes(layout):
    """ "T+1 4N" as ((1, "T", 1), (4, "N", 0)): factor, symbol, what is added."""
    axes = (_AXIS.fullmatch(axis).groups() for axis in layout.split())
    return tuple((int(factor or 1), symbol, int(more or 0)) for factor, symbol, more in axes)


def fit(shape, layout, sizes):
    """The sizes with those that the shape fixes added, or None where it doesn't fit."""
    fixed = _fixed(shape, layout)
    if fixed is None:
        return None
    found = sizes | fixed
    # What both say they say alike, if nothing that was known is now something else.
    return found if found | sizes == found else None


@lru_cache
def _fixed(shape, layout):
    """The sizes that the shape fixes by itself, or None where it doesn't fit; not to be changed."""
    axes, found = _axes(layout), {}
    if len(axes) != len(shape):
        return None
    for (factor, symbol, more), length in zip(axes, shape, strict=True):
        size, rest = divmod(length - more, factor)
        if rest or size < 0 or found.setdefault(symbol, size) != size:
            return None
        if size == 0 and symbol not in _MAY_BE_EMPTY:
            return None
    return found


def _needed(layouts, sizes):
    shapes = " or ".join("(" + ", ".join(each.split()) + ")" for each in layouts)
    symbols = sorted({symbol for each in layouts for _, symbol, _ in _axes(each)})
    known = [f"{each} = {sizes[each]}" for each in symbols if each in sizes]
    free = [f"{each} >= 1" for each in symbols if each not in sizes and each not in _MAY_BE_EMPTY]
    return f"{shapes} with {', '.join(known + free)}" if known or free else shapes
