"""The steps of LSTM and GRU in running error analysis.

Formulas that implementations write in more than one way (the GRU's z⊙h + (1−z)⊙n is n + z⊙(h−n)
too) get the larger of the errors.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from properties.checking.rounding import (
    Computed,
    Floats,
    activated,
    conversions,
    gamma,
    smallest_normal,
)
from properties.checking.step_bounds import (
    Blocks,
    Evaluate,
    Matrix,
    StepBound,
    affine,
    weighted,
)


def joined(parts: Sequence[Computed], axis: int = -1) -> Computed:
    """The parts one after the other along an axis."""
    value, error, spread = (
        np.concatenate(arrays, axis=axis)
        for arrays in zip(*((part.value, part.error, part.spread) for part in parts), strict=True)
    )
    return Computed(value, error, spread, parts[0].u)


def assembled(rows: Sequence[Sequence[Matrix]]) -> Matrix:
    """The matrix of these blocks."""
    entries = joined([joined([block.entries for block in row]) for row in rows], axis=-2)
    return Matrix(entries, np.block([[block.paths for block in row] for row in rows]))


def _gates(a: Computed, names: Sequence[str]) -> list[tuple[Computed, Computed]]:
    """Value and slope of each gate, of the pre-activations side by side."""
    size = a.value.shape[-1] // len(names)
    return [
        activated(name, a.part(..., slice(k * size, (k + 1) * size)))
        for k, name in enumerate(names)
    ]


def lstm(W: Floats, U: Floats, b: Floats, states: Floats, x: Computed) -> Evaluate:
    """W (1, B|1, 4N, N), U (1, B|1, 4N, D), b (1, B|1, 4N), gates i, f, g, o; states [h, c]."""
    size, u = W.shape[-1], x.u
    eye = np.eye(size)[None, None]
    weights = np.split(W, 4, axis=-2)

    def evaluate(error: Floats, spread: Floats) -> StepBound:
        state = Computed(states[:-1], error, spread, u)
        h, c = state.part(..., slice(size)), state.part(..., slice(size, None))
        (i, di), (f, df), (g, dg), (o, do) = _gates(
            affine([(W, h), (U, x)], [b]), ("logistic", "logistic", "tanh", "logistic")
        )
        c_new = f * c + i * g
        cell, cell_slope = activated("tanh", c_new)
        through = o * cell_slope
        c_by_gates, h_by_o = [g * di, c * df, i * dg], cell * do
        h_by_gates = [*(through * each for each in c_by_gates), h_by_o]
        jacobian = assembled(
            [
                # (∂h/∂c)(Σ …) may be formed from the sum, or term by term.
                [weighted(_pairs(h_by_gates, weights), more=2), weighted([(through * f, eye)])],
                [weighted(_pairs(c_by_gates, weights), more=1), weighted([(f, eye)])],
            ]
        )

        def blocks(cotangent: Computed) -> Mapping[str, Blocks]:
            into_h = cotangent.part(..., slice(size))
            total = cotangent.part(..., slice(size, None)) + into_h * through
            deltas = [*(total * each for each in c_by_gates), into_h * h_by_o]
            return _gradients(deltas, [h] * 4, x)

        roundings = 4 * size + 10 + 2 * conversions(u)
        return StepBound(joined([o * cell, c_new]), jacobian, roundings, blocks)

    return evaluate


def _pairs(
    diagonals: Sequence[Computed], weights: Sequence[Floats]
) -> list[tuple[Computed, Floats]]:
    return list(zip(diagonals, weights, strict=False))


def _gradients(
    deltas: Sequence[Computed], multiplied: Sequence[Computed], x: Computed
) -> dict[str, Blocks]:
    return {
        "W": list(zip(deltas, multiplied, strict=True)),
        "U": [(delta, x) for delta in deltas],
        "b": [(delta, None) for delta in deltas],
    }


def gru(
    W: Floats,
    U: Floats,
    b: Floats,
    bn: Floats,
    states: Floats,
    *,
    x: Computed,
    update: str,
    reset: str,
) -> Evaluate:
    """W (1, B|1, 3N, N), U (1, B|1, 3N, D), b (1, B|1, 3N), bn (1, B|1, N), gates r, z, n.

    update "keep" | "write" and reset "after" | "before" as in the model.
    """
    size, u = W.shape[-1], x.u
    eye = np.eye(size)[None, None]
    (W_r, W_z, W_n), (U_r, U_z, U_n) = np.split(W, 3, axis=-2), np.split(U, 3, axis=-2)
    b_r, b_z, b_n = np.split(b, 3, axis=-1)
    roundings = 4 * size + 12 + 2 * conversions(u)

    def evaluate(error: Floats, spread: Floats) -> StepBound:
        h = Computed(states[:-1], error, spread, u)
        (r, dr), (z, dz) = (
            activated("logistic", affine([(W_k, h), (U_k, x)], [b_k]))
            for W_k, U_k, b_k in ((W_r, U_r, b_r), (W_z, U_z, b_z))
        )
        step = {"after": after, "before": before}[reset]
        return step(h, r, dr, z, dz)

    def after(h: Computed, r: Computed, dr: Computed, z: Computed, dz: Computed) -> StepBound:
        recurrent = affine([(W_n, h)], [bn])
        n, dn = activated("tanh", affine([(U_n, x)], [b_n]) + r * recurrent)
        new_state, old, new, by_z = _mixed(h, n, z, dz, update)
        by_n = new * dn
        by_r = by_n * recurrent * dr
        by_recurrent = by_n * r
        jacobian = weighted([(old, eye), (by_r, W_r), (by_z, W_z), (by_recurrent, W_n)], more=4)

        def blocks(g: Computed) -> Mapping[str, Blocks]:
            gates, candidate = [g * by_r, g * by_z], g * by_recurrent
            weights = _gradients([*gates, candidate], [h] * 3, x)["W"]
            gradients = _gradients([*gates, g * by_n], [h] * 3, x)
            return gradients | {"W": weights, "bn": [(candidate, None)]}

        return StepBound(new_state, jacobian, roundings, blocks)

    def before(h: Computed, r: Computed, dr: Computed, z: Computed, dz: Computed) -> StepBound:
        n, dn = activated("tanh", affine([(U_n, x), (W_n, r * h)], [b_n, bn]))
        new_state, old, new, by_z = _mixed(h, n, z, dz, update)
        by_n = new * dn
        through_reset = _product(weighted([(by_n, W_n)]), weighted([(r, eye), (h * dr, W_r)]))
        direct = weighted([(old, eye), (by_z, W_z)], more=4)
        jacobian = Matrix(
            direct.entries + through_reset.entries, direct.paths + through_reset.paths
        )

        def blocks(g: Computed) -> Mapping[str, Blocks]:
            candidate = g * by_n
            into_reset = affine([(np.swapaxes(W_n, -1, -2), candidate)], [])
            deltas = [into_reset * h * dr, g * by_z, candidate]
            return _gradients(deltas, [h, h, r * h], x) | {"bn": [(candidate, None)]}

        return StepBound(new_state, jacobian, roundings, blocks)

    return evaluate


def _mixed(
    h: Computed, n: Computed, z: Computed, dz: Computed, update: str
) -> tuple[Computed, Computed, Computed, Computed]:
    """The new state, its derivatives by h, by n and by z's pre-activation."""
    first, second = (h, n) if update == "keep" else (n, h)
    share = z.complement()
    difference = first + second.negated()
    by_shares = z * first + share * second
    by_difference = second + z * difference
    new_state = Computed(
        by_shares.value,
        np.maximum(by_shares.error, by_difference.error),
        np.maximum(by_shares.spread, by_difference.spread),
        h.u,
    )
    old, new = (z, share) if update == "keep" else (share, z)
    # g⊙h − g⊙n instead of g⊙(h − n) rounds each of the two.
    apart = 2 * h.u * (first.reach + second.reach)
    by_z = Computed(difference.value, difference.error + apart, difference.spread + apart, h.u) * dz
    return new_state, old, new, by_z


def _product(first: Matrix, second: Matrix) -> Matrix:
    """The products of two matrices (T, B, M, N) and (T, B, N, K)."""
    left, right, u = first.entries, second.entries, first.entries.u
    paths = first.paths @ second.paths
    n = left.value.shape[-1] + conversions(u)
    rounding = gamma(n, u) * paths + n * smallest_normal(u)
    entries = Computed(
        left.value @ right.value,
        left.error @ second.paths + first.paths @ right.error + rounding,
        left.spread @ second.paths + first.paths @ right.spread + 2 * rounding,
        u,
    )
    return Matrix(entries, paths)
