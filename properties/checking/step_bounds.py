"""One step of a model in running error analysis: what it adds to an error, and what it passes on.

A step s_t = F_t(s_{t−1}) adds the local error δ_t (rounding within the step) and passes errors on
by its Jacobian. Both follow from the formulas of the step, evaluated with `Computed` numbers for
all steps at once. The model's own code is not used, only its states, inputs and parameters.

Here the algebra, and the steps of the networks with one activation; the gated ones' are in
`gated_step_bounds`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from properties.checking.rounding import (
    Computed,
    Floats,
    activated,
    conversions,
    gamma,
    smallest_normal,
)
from properties.checking.transport import OWN_ROUNDING

# The gradient of a weight is Σ_t left_t ⊗ right_t, that of a bias Σ_t left_t (right is None). A
# weight whose rows multiply different things has a block for each.
Blocks = Sequence[tuple[Computed, Computed | None]]


@dataclass(frozen=True)
class Matrix:
    """Matrices (T, B, M, N) of `Computed` entries; `paths`: Σ|·| of the products an entry sums."""

    entries: Computed
    paths: Floats

    def transposed(self) -> "Matrix":
        """Each matrix transposed."""
        value, error, spread, paths = (
            np.swapaxes(each, -1, -2)
            for each in (self.entries.value, self.entries.error, self.entries.spread, self.paths)
        )
        return Matrix(Computed(value, error, spread, self.entries.u), paths)


@dataclass(frozen=True)
class StepBound:
    """All steps of a run: arrays (T, B, …) with S the width of the state.

    state     (T, B, S), s_t: its error is the local one if the state's was given as 0
    jacobian  (T, B, S, S), ∂s_t/∂s_{t−1}
    roundings the most that meet on a path when cotangents are taken back through a step
    blocks    from the cotangents of s_1 … s_T (T, B, S) to the blocks of each parameter
    """

    state: Computed
    jacobian: Matrix
    roundings: int
    blocks: Callable[[Computed], Mapping[str, Blocks]]


# From errors and spreads (T, B, S) of the states s_0 … s_{T−1}.
Evaluate = Callable[[Floats, Floats], StepBound]


def weight_of_steps(weight: Floats) -> Floats:
    """A matrix (M, N) or (B, M, N), the same at every step, as (1, B or 1, M, N)."""
    return weight[None] if weight.ndim == 3 else weight[None, None]


def bias_of_steps(bias: Floats) -> Floats:
    """A vector (M,) or (B, M), the same at every step, as (1, B or 1, M)."""
    return bias[None] if bias.ndim == 2 else bias[None, None]


def applied(matrix: Floats, rows: Floats) -> Floats:
    """matrix (T|1, B|1, M, N) times each row (T, B, N): (T, B, M)."""
    return np.asarray((matrix @ rows[..., None])[..., 0])


def affine(terms: Sequence[tuple[Floats, Computed]], constants: Sequence[Floats]) -> Computed:
    """Σ matrix·operand + Σ constant, summed in any order."""
    u = terms[0][1].u
    value = sum(applied(W, x.value) for W, x in terms) + sum(constants)
    reach = sum(applied(np.abs(W), x.reach) for W, x in terms) + sum(map(np.abs, constants))
    # Each parameter and input may be converted first: two more factors 1 + δ on a path.
    n = sum(W.shape[-1] for W, _ in terms) + len(constants) + 1 + 2 * conversions(u)
    rounding = gamma(n, u) * reach + n * smallest_normal(u)
    error = rounding + sum(applied(np.abs(W), x.error) for W, x in terms)
    spread = 2 * rounding + sum(applied(np.abs(W), x.spread) for W, x in terms)
    return Computed(np.asarray(value), error, spread, u)


def weighted(pairs: Sequence[tuple[Computed, Floats]], more: int = 0) -> Matrix:
    """Σ diag(d)·W over pairs of d (T, B, M) and W (T|1, B|1, M, N).

    more: roundings that other ways to group the same products would add.
    """
    u = pairs[0][0].u
    n = len(pairs) + 1 + more + conversions(u)

    def combined(part: Callable[[Computed], Floats], weight: Callable[[Any], Any]) -> Floats:
        return np.asarray(sum(part(d)[..., :, None] * weight(W) for d, W in pairs))

    paths = combined(lambda d: d.reach, np.abs)
    rounding = gamma(n, u) * paths + n * smallest_normal(u)
    entries = Computed(
        combined(lambda d: d.value, np.asarray),
        combined(lambda d: d.error, np.abs) + rounding,
        combined(lambda d: d.spread, np.abs) + 2 * rounding,
        u,
    )
    return Matrix(entries, paths)


def rank_of(blocks: Blocks) -> int:
    """The number of axes of a parameter: 2, 1, or 0 for the neuron's w."""
    left, right = blocks[0]
    return left.value.ndim - 2 + (right is not None)


def outer_sums(blocks: Blocks, kept: str, count: int, u: float) -> tuple[Floats, Floats]:
    """The errors of Σ left ⊗ right over `count` terms in any order, and Σ |left| ⊗ |right|."""
    values, scales = zip(*(_outer_sum(block, kept, count, u) for block in blocks), strict=True)
    if rank_of(blocks) == 0:
        return values[0], scales[0]
    axis = -rank_of(blocks)
    return np.concatenate(values, axis=axis), np.concatenate(scales, axis=axis)


def _outer_sum(
    block: tuple[Computed, Computed | None], kept: str, count: int, u: float
) -> tuple[Floats, Floats]:
    left, right = block
    if right is None:
        scale, error = (np.einsum(f"tb...->{kept}...", each) for each in (left.reach, left.error))
    else:
        scale, by_left, by_right = (
            np.einsum(f"tbm,tbn->{kept}mn", *pair)
            for pair in (
                (left.reach, right.reach),
                (left.error, right.reach),
                (left.reach, right.error),
            )
        )
        error = by_left + by_right
    # A conversion of the input on the right, one product, the sum.
    n = count + 1 + conversions(u)
    rounding = gamma(n, u) * scale + count * smallest_normal(u)
    return (error + rounding) * OWN_ROUNDING, scale


def elman(
    weight: Floats,
    drive: Sequence[tuple[Floats, Computed]],
    constants: Sequence[Floats],
    states: Floats,
    u: float,
    *,
    activation: str,
    order: str,
) -> Evaluate:
    """h_t = φ(W_t h_{t−1} + d_t), or a_t = W_t φ(a_{t−1}) + d_t with the order "activation_first".

    weight (T|1, B|1, N, N); d_t = Σ matrix·operand of `drive` + Σ constants (T|1, B|1, N);
    states (T+1, B, N).
    """
    roundings = weight.shape[-1] + 2 + 2 * conversions(u)

    def gradients(delta: Computed, multiplied: Computed) -> Mapping[str, Blocks]:
        blocks: dict[str, Blocks] = {"W": [(delta, multiplied)], "b": [(delta, None)]}
        if delta.value.shape[-1] == 1:
            blocks["w"] = [((delta * multiplied).part(..., 0), None)]
        for _, x in drive:
            blocks["U"] = [(delta, x)]
        return blocks

    def last(error: Floats, spread: Floats) -> StepBound:
        h = Computed(states[:-1], error, spread, u)
        y, slope = activated(activation, affine([(weight, h), *drive], constants))
        return StepBound(
            y, weighted([(slope, weight)]), roundings, lambda g: gradients(g * slope, h)
        )

    def first(error: Floats, spread: Floats) -> StepBound:
        y, slope = activated(activation, Computed(states[:-1], error, spread, u))
        # The slopes scale the columns: the rows of the transpose.
        jacobian = weighted([(slope, np.swapaxes(weight, -1, -2))]).transposed()
        a = affine([(weight, y), *drive], constants)
        return StepBound(a, jacobian, roundings, lambda g: gradients(g, y))

    return {"activation_last": last, "activation_first": first}[order]
