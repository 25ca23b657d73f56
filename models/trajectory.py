"""What every model's run gives back: the states, and the derivatives along them.

A model says how one step's Jacobian is built, how cotangents travel back through its steps, and
which outer products make up the gradient of each of its weights. The rest is the same for all.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.matrices import times
from models.products import chain

# The derivative of the cost with respect to a weight is Σ_t left_t ⊗ right_t: the cotangent of what
# the weight feeds, and what it multiplies. A bias multiplies 1, written None. A weight whose
# rows multiply different things is a list of such blocks of rows.
Blocks = Sequence[tuple[np.ndarray, np.ndarray | None]]


@dataclass(frozen=True)
class Gradients:
    """The derivatives of a scalar cost C.

    parameters  by field of the model; summed over steps and, for a weight shared by the batch, over
                the batch; a weight with a batch axis keeps it
    inputs      (T, B, D)  ∂C/∂x_t
    initial     (B, N)     ∂C/∂s_0
    states      (T+1, B, N) the total ∂C/∂s_t: directly and through all later states
    """

    parameters: Mapping[str, np.ndarray]
    inputs: np.ndarray
    initial: np.ndarray
    states: np.ndarray


class Trajectory(ABC):
    """One run: `model`, `states` (T+1, B, N) with the initial state first, `inputs` (T, B, D)."""

    model: Any
    states: np.ndarray
    inputs: np.ndarray

    @abstractmethod
    def step_jacobians(self) -> np.ndarray:
        """(T, B, N, N): [t-1, b, i, j] is ∂s_t[i]/∂s_{t-1}[j]."""

    @abstractmethod
    def _totals(self, last: np.ndarray, direct: np.ndarray | None) -> np.ndarray:
        """(T+1, B, N): ∂C/∂s_t, from `last` = ∂C/∂s_T and `direct` (T, B, N) of earlier states."""

    @abstractmethod
    def _blocks(self, totals: np.ndarray) -> dict[str, Blocks]:
        """The blocks of every parameter, from the totals (T, B, N) of the states s_1 … s_T."""

    def jacobian(self, s: int, t: int) -> np.ndarray:
        """∂s_t/∂s_s, (B, N, N), for 0 <= s <= t <= T; the identity when s == t."""
        steps = len(self.inputs)
        if not 0 <= s <= t <= steps:
            raise ValueError(f"(s, t) is ({s}, {t}); it needs 0 <= s <= t <= T = {steps}")
        if s == t:
            _, batch, size = self.states.shape
            return np.broadcast_to(
                np.eye(size, dtype=self.states.dtype), (batch, size, size)
            ).copy()
        return chain(self.step_jacobians()[s:t])

    def backward(self, cotangents: np.ndarray) -> Gradients:
        """Backpropagation through time.

        cotangents: ∂C/∂s_t taken directly, not through later states, (T+1, B, N); or (B, N), the
        last state's alone.
        """
        if cotangents.ndim == 2:
            totals = self._totals(cotangents, None)
        else:
            totals = self._totals(cotangents[-1], cotangents[:-1])
        blocks = self._blocks(totals[1:])
        parameters = {name: self._sum(name, each) for name, each in blocks.items()}
        return Gradients(parameters, self._input_cotangents(blocks), totals[0], totals)

    def lag_terms(self, cotangent: np.ndarray) -> dict[str, np.ndarray]:
        """The terms of ∂C/∂W = Σ_τ (∂C/∂s_T)(∂s_T/∂s_τ)(∂⁺s_τ/∂W), by parameter (T, B, …).

        Index τ-1 holds term τ. Each comes from its own product of step Jacobians, not from the
        recursion of `backward`. Bengio, Simard & Frasconi 1994, eq. 4.
        """
        steps = self.step_jacobians()
        totals = np.empty_like(self.states[1:], shape=steps.shape[:-1])
        product = np.broadcast_to(np.eye(steps.shape[-1]), steps.shape[1:])
        for tau in reversed(range(len(steps))):
            totals[tau] = (cotangent[:, None, :] @ product)[:, 0]
            product = product @ steps[tau]
        return {
            name: np.concatenate([_outer(*block) for block in each], axis=2)
            for name, each in self._blocks(totals).items()
        }

    def _sum(self, name: str, blocks: Blocks) -> np.ndarray:
        """Σ over steps, and over the batch unless the parameter has a batch axis."""
        rank = 1 if blocks[0][1] is None else 2
        batched = getattr(self.model, name).ndim > rank
        return np.concatenate([_summed(*block, batched) for block in blocks], axis=-rank)

    def _input_cotangents(self, blocks: dict[str, Blocks]) -> np.ndarray:
        """∂C/∂x_t = Uᵀ times the cotangent of what U feeds."""
        if "U" not in blocks:
            return np.zeros_like(self.inputs)
        lefts = [left for left, _ in blocks["U"]]
        parts = np.split(self.model.U, len(lefts), axis=-2)
        return sum(times(left, part) for left, part in zip(lefts, parts, strict=True))


def _outer(left, right):
    return left if right is None else left[..., :, None] * right[..., None, :]


def _summed(left, right, batched):
    if right is None:
        return left.sum(axis=0) if batched else left.sum(axis=(0, 1))
    if batched:
        return left.transpose(1, 2, 0) @ right.transpose(1, 0, 2)
    # One GEMM over all steps and sequences, with T·B as its inner dimension.
    return left.reshape(-1, left.shape[-1]).T @ right.reshape(-1, right.shape[-1])
