"""How far the logarithmic growth found by repeated QR may lie from the exact one.

Let F_t be the frames and R_t the triangles, M_t F_{t−1} = F_t R_t. In floats a step reads
M_t F̂_{t−1} + E_t = F̃_t R̂_t with F̃_t orthonormal and F̂_t = F̃_t + G_t (Higham, Accuracy and
Stability of Numerical Algorithms, 2nd ed., thm. 19.4 and (19.13)). The sum of the first j
logarithms is ln vol_j, the growth of a j-dimensional volume, and to first order the volume under
S_t = M_T ⋯ M_{t+1} changes by tr((S_tF_t)⁺S_t·dF). In the basis of the full frame Q_t ⊇ F_t
(S_tF_t)⁺S_t = Z_tQ_tᵀ, where

    Z_T = [1 0],    C_t = (R_t)_jj⁻¹Z_t,    Z_{t−1} = C_tR_t,

hence |Δ ln vol_j| ≤ Σ_t Σ_{i≤j} (‖C_t,i‖‖E_t,i‖ + ‖Z_t,i‖‖G_t,i‖), rows of C and Z, columns of E
and G. Z stays small where the growth rates are apart: errors don't grow with T but by being summed.
"""

import numpy as np

from properties.checking.bounds import RESOLUTION, Bound
from properties.checking.product_bounds import any_grouping
from properties.checking.rounding import FLOAT64, Floats, gamma
from properties.checking.transport import OWN_ROUNDING

# The constant in ‖E‖ ≤ c·N·k·u‖A‖ and ‖G‖ ≤ c·N·k·u, by columns, that theorem 19.4 leaves open: at
# most 2.0 was found against balls over 5000 matrices of N to 32; four is the next power of two.
QR_ERROR = 4


def log_growth(
    blocks: Floats, frame: Floats | None = None, *, every: int = 1, u: float = FLOAT64
) -> Bound:
    """For the logarithms (B, k) of `models.products.log_growth` with the same arguments.

    blocks (T, B, N, N), T ≥ 1, M_1 first; frame (B, N, k). To first order: resolvable where the
    bound is below a hundredth, for then the volumes are known to a hundredth. Infinite where a
    direction collapses.
    """
    _, batch, size, _ = blocks.shape
    columns = size if frame is None else frame.shape[-1]
    backward = QR_ERROR * gamma(size * columns, u)
    with np.errstate(all="ignore"):
        matrices, errors = _grouped(blocks, every, u)
        frames, triangles = _frames(matrices, frame)
        moved = np.abs(matrices) @ np.abs(frames[:-1])
        rounded = gamma(size, u) * moved + errors @ np.abs(frames[:-1])
        of_columns = np.linalg.norm(rounded, axis=-2) + backward * np.linalg.norm(moved, axis=-2)
        volumes = np.zeros((columns + 1, batch))
        for j in range(1, columns + 1):
            volumes[j], Z = _volume_error(triangles, of_columns, j, backward)
            if frame is not None:
                volumes[j] += _frame_error(frame[..., :j], Z, backward)
        diagonals = np.abs(np.diagonal(triangles, axis1=-2, axis2=-1)[..., :columns])
        summed = gamma(len(triangles) + 4, u) * np.abs(np.log(diagonals)).sum(axis=0)
        values = (summed + (volumes[1:] + volumes[:-1]).T) * OWN_ROUNDING
    values = np.where(np.isnan(values), np.inf, values)
    return Bound(values, values <= RESOLUTION)


def lyapunov_exponents(blocks: Floats, *, every: int = 1, u: float = FLOAT64) -> Bound:
    """For the exponents (B, N) of `models.products.lyapunov_exponents` with the same arguments."""
    growth = log_growth(blocks, every=every, u=u)
    # The division rounds once more; that is already among the roundings of the sum.
    return Bound(growth.values / len(blocks), growth.resolvable)


def _grouped(blocks: Floats, every: int, u: float) -> tuple[Floats, Floats]:
    """The products of `every` neighbours each, and bounds on their errors: (⌈T/every⌉, B, N, N)."""
    known = np.zeros_like(blocks[:every])
    products, errors = [], []
    for start in range(0, len(blocks), every):
        steps = blocks[start : start + every]
        product = steps[0]
        for step in steps[1:]:
            product = step @ product
        products.append(product)
        errors.append(any_grouping(steps, known[: len(steps)], known[: len(steps)], u)[0])
    return np.stack(products), np.stack(errors)


def _frames(matrices: Floats, frame: Floats | None) -> tuple[Floats, Floats]:
    """The full frames Q_0 … Q_T and the triangles R_1 … R_T, (…, B, N, N)."""
    count, batch, size, _ = matrices.shape
    frames, triangles = np.empty((count + 1, batch, size, size)), np.empty_like(matrices)
    frames[0] = np.eye(size) if frame is None else np.linalg.qr(frame, mode="complete")[0]
    for t, matrix in enumerate(matrices):
        frames[t + 1], triangles[t] = np.linalg.qr(matrix @ frames[t])
    return frames, triangles


def _volume_error(
    triangles: Floats, of_columns: Floats, j: int, orthonormality: float
) -> tuple[Floats, Floats]:
    """|Δ ln vol_j|, (B,), summed from the last step to the first, and Z_0 (B, j, N)."""
    _, batch, size, _ = triangles.shape
    Z = np.broadcast_to(np.eye(j, size), (batch, j, size))
    total = np.zeros(batch)
    for R, columns in zip(triangles[::-1], of_columns[::-1], strict=True):
        C = _solved(R[:, :j, :j], Z)
        total += orthonormality * np.linalg.norm(Z, axis=-1).sum(axis=-1)
        total += (np.linalg.norm(C, axis=-1) * columns[:, :j]).sum(axis=-1)
        Z = C @ R
    return total, Z


def _frame_error(frame: Floats, Z: Floats, backward: float) -> Floats:
    """What making a given frame (B, N, j) orthonormal adds: its own volume is divided by."""
    j, size = Z.shape[-2:]
    C = _solved(np.linalg.qr(frame)[1], Z - np.eye(j, size))
    of_columns = backward * np.linalg.norm(frame, axis=-2)
    turned = backward * np.linalg.norm(Z, axis=-1).sum(axis=-1)
    return np.asarray(turned + (np.linalg.norm(C, axis=-1) * of_columns).sum(axis=-1))


def _solved(triangle: Floats, right: Floats) -> Floats:
    """triangle⁻¹·right; NaN where the triangle is singular."""
    diagonal = np.diagonal(triangle, axis1=-2, axis2=-1)
    singular = (diagonal == 0).any(axis=-1)
    regular = np.where(singular[:, None, None], np.eye(triangle.shape[-1]), triangle)
    return np.where(singular[:, None, None], np.nan, np.linalg.solve(regular, right))
