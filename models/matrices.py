"""Row vectors times matrices: one that the whole batch shares, or one for each of its elements."""

import math

import numpy as np

from models.arrays import common_dtype

# Numbers in an array of a block: a few such arrays fit into a second-level cache.
BLOCK = 2**16
# Products of up to some 10^6 multiplications OpenBLAS forms without packing, which is the quicker
# way; with half as many, what a product reads and writes stays near the first-level cache.
MULTIPLICATIONS = 2**19
LINE = 64  # bytes of a cache line
FEW = 16
SMALL = 2**15  # numbers in the weights


def times(rows, matrix, out=None):
    """rows (T, B, M) times matrix (M, N) or (B, M, N): (T, B, N), contiguous, in `out` if given."""
    if out is None:
        out = np.empty((*rows.shape[:2], matrix.shape[-1]), np.result_type(rows, matrix))
    if matrix.ndim == 2:
        # One product for all rows where those of a step are few, else one of each step, which
        # OpenBLAS needn't pack.
        few = rows.shape[1] < FEW
        np.matmul(flat(rows) if few else rows, matrix, out=flat(out) if few else out)
    else:
        # All steps of an element at once: B products rather than T·B.
        np.matmul(rows.swapaxes(0, 1), matrix, out=out.swapaxes(0, 1))
    return out


def times_gates(rows, matrices):
    """rows (T, B, M) times matrices (G, M, N) or (G, B, M, N): (G, T, B, N)."""
    if matrices.ndim == 3:
        return (flat(rows) @ matrices).reshape(len(matrices), *rows.shape[:2], matrices.shape[-1])
    return (rows.swapaxes(0, 1) @ matrices).swapaxes(1, 2)


def is_small(model, start):
    """Whether a run from start (1, ·) is a matter of calls alone, by W, U and b together."""
    W, U, b = model.W, model.U, model.b
    return len(start) == 1 and W.ndim == U.ndim == b.ndim + 1 == 2 and W.size + U.size <= SMALL


def side_by_side(model, h, x):
    """Rows [h_{t-1}, x_t, 1] (T+1, N+D+1) of one sequence, and [W U b].

    h (N,) is the start and x (T, D); the other states are yet to be written.
    """
    matrix = np.concatenate((model.W, model.U, model.b[:, None]), axis=1)
    rows = np.empty((len(x) + 1, matrix.shape[1]), common_dtype(matrix, h, x))
    rows[0, : len(h)], rows[:-1, len(h) : -1], rows[:, -1] = h, x, 1.0
    return rows, matrix


def transposed(matrix):
    """(N, M) of (M, N), (B, N, M) of (B, M, N); a view."""
    return matrix.swapaxes(-1, -2)


def by_gate(parameter, gates, vector=False):
    """The rows of a parameter by gate: (gates, N, …), or (gates, B, N, …) with a batch axis."""
    columns = () if vector else parameter.shape[-1:]
    *batch, rows = parameter.shape[: parameter.ndim - len(columns)]
    split = parameter.reshape(*batch, gates, rows // gates, *columns)
    return split.swapaxes(0, 1) if batch else split


def blocks_of_steps(steps, size):
    """Intervals (s, t) of the steps, so short that arrays of this size a step stay in the caches.

    Large arrays are slow to allocate and to read again; a short block of one is still at hand when
    the next operation needs it.
    """
    return intervals(steps, BLOCK // size)


def intervals(steps, count):
    """Intervals (s, t) of the steps, of `count` each, or of one where that is less."""
    count = max(1, count)
    return [(s, min(s + count, steps)) for s in range(0, steps, count)]


def identities(states):
    """An identity for each element of the batch of states (…, B, N): (B, N, N); a view."""
    batch, size = states.shape[-2:]
    return np.broadcast_to(np.eye(size, dtype=states.dtype), (batch, size, size))


def aligned(array):
    """A contiguous copy that starts a cache line, so that vector instructions cross none."""
    buffer = np.empty(array.size + LINE // array.itemsize, array.dtype)
    first = -buffer.ctypes.data % LINE // array.itemsize
    copy = buffer[first : first + array.size].reshape(array.shape)
    copy[...] = array
    return copy


def flat(array):
    """All rows of array (…, N) under each other, (·, N); a view of a contiguous array."""
    return array.reshape(math.prod(array.shape[:-1]), array.shape[-1])
