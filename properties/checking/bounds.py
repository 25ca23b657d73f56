"""How far right floats may lie from the exact results: a bound for every entry of a result.

Each bound is a sum of local rounding errors, transported by the Jacobian products that the errors
travel along (`transport`), over local errors from running error analysis (`rounding`,
`step_bounds`). It covers every implementation of the same formulas in arithmetic of unit roundoff
u, whatever its order of summation within an inner product; how products of matrices may be grouped
is said at each bound. The bounds are evaluated along the run of this project's float64 model.

`resolvable` is a label, not a verdict: it says whether the bound stays below a hundredth of the
largest number met on the way, as a reference must be a hundred times better than what it judges.
Beyond it a comparison says little; where a bound could not be proven at all it is infinite.

Sources: Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., §2.2, §3.1, §3.3 (running
error analysis), §3.7 (products of matrices); the transport is derived in `transport`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.feedforward import FeedForward
from properties.checking.evaluation import evaluation
from properties.checking.gated_step_bounds import joined
from properties.checking.product_bounds import any_grouping, reversed_steps, running
from properties.checking.rounding import (
    FLOAT64,
    Computed,
    Floats,
    conversions,
    gamma,
    smallest_normal,
)
from properties.checking.step_bounds import (
    Blocks,
    StepBound,
    affine,
    applied,
    outer_sums,
    rank_of,
    weight_of_steps,
)
from properties.checking.transport import OWN_ROUNDING, own_products, transported, verified

RESOLUTION = 1 / 100
# An underflow is as small as the format can say, even after it has grown this many times.
_GROWN_UNDERFLOW = 2.0**60


@dataclass(frozen=True)
class Bound:
    """values: the shape of the result. resolvable: a flag for each of its leading indices."""

    values: Floats
    resolvable: NDArray[np.bool_]


@dataclass(frozen=True)
class GradientBounds:
    """A bound for each field of the models' Gradients, and of the same shapes."""

    parameters: Mapping[str, Bound]
    inputs: Bound
    initial: Bound
    states: Bound


def _labelled(values: Floats, scale: Floats, rank: int, u: float) -> Bound:
    """The bound, resolvable where all of its last `rank` axes are small beside the scale."""
    values = np.where(np.isnan(values), np.inf, values)
    largest = values.max(axis=tuple(range(-rank, 0)), initial=0.0)
    small = RESOLUTION * scale + _GROWN_UNDERFLOW * smallest_normal(u)
    return Bound(values, largest <= small)


def _largest(array: Floats, rank: int) -> Floats:
    largest = np.abs(array).max(axis=tuple(range(-rank, 0)), initial=0.0)
    return np.asarray(np.where(np.isnan(largest), 0.0, largest))


def linear_run(W: Floats, states: Floats, u: float = FLOAT64, rounded: int = 0) -> Bound:
    """For h_t = Wᵀh_{t−1}, step by step: (T+1, B, N), of states (T+1, B, N).

    W (N, N) or (B, N, N). The local error is γ_N|Wᵀ||h_{t−1}|; the step is linear and its matrix
    known, so (2) of `transport` needs no guess: |ĥ| ≤ |h̃| + 2·bound for every implementation.
    `rounded` is how often the entries of W and h₀ were rounded to become the floats that they are:
    the run of the unrounded ones is then what is bounded, with so many more roundings a product.
    """
    transposed = np.swapaxes(W if W.ndim == 3 else W[None], -1, -2)
    count, batch, size = len(states) - 1, *states.shape[1:]
    steps = np.broadcast_to(transposed, (count, batch, size, size))
    n = size + 2 * conversions(u) + rounded
    with np.errstate(all="ignore"):
        local = np.empty((*states.shape, 1))
        local[0, ..., 0] = gamma(conversions(u) + rounded, u) * np.abs(states[0])
        local[1:, ..., 0] = gamma(n, u) * applied(np.abs(transposed)[None], np.abs(states[:-1]))
        local[1:] += n * smallest_normal(u)
        coupling = 2 * gamma(n, u) * np.abs(steps) + own_products(steps)
        values = transported(steps, local, coupling)[..., 0]
        scale = np.maximum.accumulate(_largest(states, 1), axis=0)
        return _labelled(values, scale, 1, u)


class RunBounds:
    """The bounds along one run of a model.

    trajectory: the run of the model in float64; u: the unit roundoff of the implementation judged.
    The methods have the names and arguments of the trajectory's.
    """

    def __init__(self, trajectory: Any, u: float = FLOAT64) -> None:
        self._trajectory, self._u = trajectory, u
        self._evaluate = evaluation(trajectory, u)
        # A feed-forward network has parameters of its own at every step.
        self._per_step = isinstance(trajectory.model, FeedForward)

    @cached_property
    def states(self) -> Bound:
        """(T+1, B, S), proven: (2) of `transport`, C_t from how the slopes change within the guess.

        The local error at step t is that of one step from the computed state: γ_n times the sum of
        magnitudes of the pre-activation times the slope, and the activation's own error.
        """
        states, u = self._trajectory.states, self._u
        start = conversions(u) * u * np.abs(states[:1])
        nothing = np.zeros_like(states[1:])

        def terms(guess: Floats | None) -> tuple[Floats, Floats]:
            # Judged and exact states are within `guess` of each other, and so is the float64
            # model's of the exact one: nothing is farther from the latter than twice that.
            step = exactly_there
            if guess is not None:
                step = self._evaluate(nothing, 2 * guess[:-1, ..., 0])
            jacobian = step.jacobian.entries
            local = np.concatenate([start, step.state.error])[..., None]
            return local, jacobian.spread + own_products(jacobian.value)

        with np.errstate(all="ignore"):
            exactly_there = self._evaluate(nothing, nothing)
            values, proven = verified(exactly_there.jacobian.entries.value, terms)
            scale = np.maximum.accumulate(_largest(states, 1), axis=0)
            bound = _labelled(values[..., 0], scale, 1, u)
        return Bound(bound.values, bound.resolvable & proven)

    @cached_property
    def _steps(self) -> StepBound:
        """The steps with the states' errors carried in."""
        error = self.states.values[:-1]
        with np.errstate(all="ignore"):
            return self._evaluate(error, 2 * error)

    @cached_property
    def _local(self) -> Floats:
        """What multiplies a cotangent's magnitude in its local error, (T, B, S, S).

        The error of the step's matrix and, whether it is applied as a matrix or factor by factor,
        γ for the roundings on the way.
        """
        roundings = gamma(self._steps.roundings + 1, self._u)
        jacobian = self._steps.jacobian
        return jacobian.entries.error + roundings * jacobian.paths

    def step_jacobians(self) -> Bound:
        """(T, B, S, S). The state's error moves the slopes, and each product is rounded."""
        with np.errstate(all="ignore"):
            jacobian = self._steps.jacobian.entries
            return _labelled(jacobian.error * OWN_ROUNDING, _largest(jacobian.value, 2), 2, self._u)

    def jacobian(self, s: int, t: int) -> Bound:
        """∂s_t/∂s_s (B, S, S), the steps grouped in any way, multiplied whole or factor by factor.

        Σ_k |J_{t←k}|(local error of step k)|J_{k−1←s}| + γ_S Σ_m (what splitting at m can cost):
        see `product_bounds.any_grouping`.
        """
        if s == t:
            _, batch, size = self._trajectory.states.shape
            return Bound(np.zeros((batch, size, size)), np.ones(batch, dtype=bool))
        jacobian = self._steps.jacobian.entries
        with np.errstate(all="ignore"):
            values, largest = any_grouping(
                jacobian.value[s:t], self._local[s:t], jacobian.error[s:t], self._u
            )
            return _labelled(values, largest, 2, self._u)

    def backward(self, cotangents: Floats) -> GradientBounds:
        """For back-propagation step by step from cotangents (T+1, B, S) or (B, S), proven.

        g_{t−1} = J_tᵀg_t + c_{t−1} is (2) of `transport` run backwards. Gradients of parameters are
        sums of products over steps and batch, in any order.
        """
        states, u = self._trajectory.states, self._u
        direct = np.zeros_like(states)
        direct[...] = cotangents if cotangents.ndim == 3 else direct
        if cotangents.ndim == 2:
            direct[-1] = cotangents
        with np.errstate(all="ignore"):
            total = self._cotangents(direct)
            blocks = self._steps.blocks(total.part(slice(1, None)))
            carried = _labelled(
                total.error, _largest(total.value, 1).max(axis=0, initial=0.0), 1, u
            )
            return GradientBounds(
                {name: self._summed(name, blocks[name]) for name in self._parameters},
                self._input_bound(blocks),
                Bound(carried.values[0], carried.resolvable[0]),
                carried,
            )

    def lag_terms(self, cotangent: Floats) -> dict[str, Bound]:
        """(T, B, …) for each parameter: the terms of its gradient from cotangent (B, S) of s_T.

        ∂s_T/∂s_τ may be multiplied out from the left, as a matrix, before the cotangent meets it;
        or the cotangent may be taken back through the steps.
        """
        direct = np.zeros_like(self._trajectory.states)
        direct[-1] = cotangent
        with np.errstate(all="ignore"):
            total = self._cotangents(direct)
            by_matrices = self._cotangents_by_matrices(cotangent)
            error = np.maximum(total.error, by_matrices)
            total = Computed.of(total.value, self._u, error).part(slice(1, None))
            blocks = self._steps.blocks(total)
            return {name: self._terms(blocks[name]) for name in self._parameters}

    @property
    def _parameters(self) -> Sequence[str]:
        names: Sequence[str] = self._trajectory.model.PARAMETERS
        return names

    @cached_property
    def _reversed(self) -> tuple[Floats, Floats, Floats]:
        """What cotangents go through: matrices, their local errors, their errors as such."""
        jacobian = self._steps.jacobian.entries
        return reversed_steps(jacobian.value, self._local, jacobian.error)

    def _cotangents(self, direct: Floats) -> Computed:
        """The total cotangents (T+1, B, S) of every state, from the direct ones."""
        steps, local, error = self._reversed
        total = direct[::-1].copy()
        for k, step in enumerate(steps):
            total[k + 1] += applied(step, total[k])
        # The terms of J_tᵀg_t may be added to c_{t−1} one by one: as many roundings of it.
        added = gamma(steps.shape[-1] + conversions(self._u), self._u)
        errors = added * np.abs(direct[::-1]) + steps.shape[-1] * smallest_normal(self._u)
        errors[1:] += applied(local, np.abs(total[:-1]))
        coupling = error + 2 * local + own_products(steps)
        carried = transported(steps, errors[..., None], coupling)[::-1, ..., 0]
        return Computed.of(total[::-1], self._u, carried)

    def _cotangents_by_matrices(self, cotangent: Floats) -> Floats:
        """The errors (T+1, B, S) of cotangent·(∂s_T/∂s_τ), the matrix being computed first."""
        products, carried = running(*self._reversed, self._u)
        rounding = gamma(products.shape[-1] + 2 * conversions(self._u), self._u)
        carried = carried + rounding * (np.abs(products) + 2 * carried)
        return applied(carried, np.abs(cotangent)[None])[::-1]

    def _summed(self, name: str, blocks: Blocks) -> Bound:
        """The bound on Σ left ⊗ right, over the axes t (steps) and b (batch) that are summed."""
        kept = "t" * self._per_step
        if getattr(self._trajectory.model, name).ndim > rank_of(blocks) + self._per_step:
            kept += "b"
        steps, batch = blocks[0][0].value.shape[:2]
        count = (1 if "t" in kept else steps) * (1 if "b" in kept else batch)
        values, scale = outer_sums(blocks, kept, count, self._u)
        largest = _largest(scale, rank_of(blocks))
        if self._per_step:
            largest = largest.max(axis=0, initial=0.0)
        return _labelled(values, largest, rank_of(blocks), self._u)

    def _terms(self, blocks: Blocks) -> Bound:
        """The bounds on left ⊗ right, every step and element apart."""
        values, scale = outer_sums(blocks, "tb", 1, self._u)
        largest = _largest(scale, rank_of(blocks)).max(axis=0, initial=0.0)
        return _labelled(values, largest, rank_of(blocks), self._u)

    def _input_bound(self, blocks: Mapping[str, Blocks]) -> Bound:
        """For Uᵀ times the cotangent of what U feeds, (T, B, D)."""
        inputs, u = self._trajectory.inputs, self._u
        if "U" not in blocks:
            return Bound(np.zeros_like(inputs), np.ones(inputs.shape[:2], dtype=bool))
        U = np.swapaxes(weight_of_steps(self._trajectory.model.U), -1, -2)
        delta = joined([left for left, _ in blocks["U"]])
        scale = _largest(applied(np.abs(U), delta.reach), 1).max(axis=0, initial=0.0)
        return _labelled(affine([(U, delta)], []).error * OWN_ROUNDING, scale, 1, u)
