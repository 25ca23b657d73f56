"""What every model's run gives back: the states, and the derivatives along them.

A model says how one step's Jacobian is built, how cotangents travel back through its steps, and
which outer products make up the gradient of each of its weights. The rest is the same for all.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.arrays import all_finite, fit, require, require_interval, require_no_overflow
from models.matrices import blocks_of_steps, flat, identities, times
from models.products import chain

# The derivative of the cost with respect to a weight is Σ_t left_t ⊗ right_t: the cotangent of what
# the weight feeds, and what it multiplies. A bias multiplies 1, written None. A weight whose
# rows multiply different things is a list of such blocks of rows.
Blocks = Sequence[tuple[np.ndarray, np.ndarray | None]]

# Numbers in the step Jacobians that are held at once while a product is formed: 8 MB.
HELD = 2**20


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

    STATE = "B N"  # the layout of one state

    model: Any
    states: np.ndarray
    inputs: np.ndarray

    @abstractmethod
    def _step_jacobians(self, s: int, t: int) -> np.ndarray:
        """(t-s, B, N, N): the Jacobians of the steps s+1 … t."""

    @abstractmethod
    def _reverse(self, s: int, t: int, totals: np.ndarray, direct: np.ndarray | None) -> Any:
        """Back through the steps t … s+1, given ∂C/∂s_t in totals[t] and all direct cotangents.

        Fills totals[s:t], and returns the cotangents of these steps' pre-activations.
        """

    @abstractmethod
    def _preactivation_cotangents(self, totals: np.ndarray) -> Any:
        """Those of all steps, given the totals (T, B, N) of s_1 … s_T."""

    @abstractmethod
    def _blocks(self, s: int, t: int, cotangents: Any) -> dict[str, Blocks]:
        """The blocks of every parameter, given the cotangents of the steps s+1 … t."""

    def step_jacobians(self) -> np.ndarray:
        """(T, B, N, N): [t-1, b, i, j] is ∂s_t[i]/∂s_{t-1}[j]."""
        return self._step_jacobians(0, len(self.inputs))

    def jacobian(self, s: int, t: int) -> np.ndarray:
        """∂s_t/∂s_s, (B, N, N), for 0 <= s <= t <= T; the identity when s == t.

        Raises ValueError for another interval, and OverflowError when the product of the step
        Jacobians leaves the doubles.
        """
        require_interval(s, t, len(self.inputs))
        if s == t:
            return np.array(identities(self.states))
        with np.errstate(over="ignore", invalid="ignore"):
            product = self._product(s, t)
            # A product that overflows is formed again step by step: that names the step, and
            # succeeds where only the other order of multiplication leaves the doubles.
            return product if all_finite(product) else self._products_from(s, t)[0]

    def backward(self, cotangents: np.ndarray) -> Gradients:
        """Backpropagation through time.

        cotangents: ∂C/∂s_t taken directly, not through later states, (T+1, B, N); or (B, N), the
        last state's alone. Raises OverflowError when a gradient leaves the doubles.
        """
        self._require_cotangents("cotangents", cotangents, f"T+1 {self.STATE}", self.STATE)
        alone = cotangents.ndim == 2
        totals = np.empty(self.states.shape, np.result_type(self.states, cotangents))
        totals[-1], direct = (cotangents, None) if alone else (cotangents[-1], cotangents)
        parameters = {
            name: np.zeros_like(getattr(self.model, name), totals.dtype)
            for name in self.model.PARAMETERS
        }
        inputs = np.zeros_like(self.inputs, totals.dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            for s, t in reversed(blocks_of_steps(self.states)):
                blocks = self._blocks(s, t, self._reverse(s, t, totals, direct))
                for name, each in blocks.items():
                    self._accumulate(parameters[name], each, s, t)
                self._input_cotangents(blocks, inputs[s:t])
        require_no_overflow(
            "the cotangents of the states", totals[::-1], range(len(totals) - 1, -1, -1)
        )
        for name, gradient in (*parameters.items(), ("the inputs", inputs)):
            if not all_finite(gradient):
                raise OverflowError(f"the gradient of {name} exceeds the largest float64, 1.8e308")
        return Gradients(parameters, inputs, totals[0], totals)

    def lag_terms(self, cotangent: np.ndarray) -> dict[str, np.ndarray]:
        """The terms of ∂C/∂W = Σ_τ (∂C/∂s_T)(∂s_T/∂s_τ)(∂⁺s_τ/∂W), by parameter (T, B, …).

        cotangent: ∂C/∂s_T, (B, N). Index τ-1 holds term τ. Each comes from its own product of step
        Jacobians, not from the recursion of `backward`. Bengio, Simard & Frasconi 1994, eq. 4.
        """
        self._require_cotangents("cotangent", cotangent, self.STATE)
        with np.errstate(over="ignore", invalid="ignore"):
            products = self._products_from(0, len(self.inputs))[1:]
            totals = (cotangent[:, None, :] @ products)[:, :, 0]
            cotangents = self._preactivation_cotangents(totals)
            blocks = self._blocks(0, len(totals), cotangents)
            terms = {
                name: np.concatenate([_outer(*block) for block in each], axis=2)
                for name, each in blocks.items()
            }
        for name, each in terms.items():
            require_no_overflow(f"the lag terms of {name}", each, range(1, len(each) + 1))
        return terms

    def _product(self, s, t):
        """∂s_t/∂s_s for s < t."""
        size = self.states.shape[-1]
        count = max(1, HELD // (self.states[0].size * size))
        product = identities(self.states)
        for start in range(s, t, count):
            product = chain(self._step_jacobians(start, min(start + count, t))) @ product
        return product

    def _products_from(self, s, t):
        """∂s_t/∂s_τ for τ = s … t, (t-s+1, B, N, N), one step after another."""
        steps = self._step_jacobians(s, t)
        products = np.empty((len(steps) + 1, *steps.shape[1:]), steps.dtype)
        products[-1] = identities(self.states)
        for k in reversed(range(len(steps))):
            np.matmul(products[k + 1], steps[k], out=products[k])
        require_no_overflow(f"the derivatives of state {t}", products[::-1], range(t, s - 1, -1))
        return products

    def _accumulate(self, gradient, blocks, s, t):
        """Adds Σ over the steps s+1 … t to the gradient of a parameter."""
        row = 0
        for left, right in blocks:
            rows = slice(row, row := row + left.shape[-1])
            if right is None:
                total = left.sum(axis=0)
                gradient[..., rows] += total if gradient.ndim == 2 else total.sum(axis=0)
            elif gradient.ndim == 3:
                gradient[..., rows, :] += left.transpose(1, 2, 0) @ right.transpose(1, 0, 2)
            else:
                # One product, with the steps and the batch as its inner dimension.
                gradient[rows] += flat(left).T @ flat(right)

    def _input_cotangents(self, blocks, out):
        """∂C/∂x_t = Uᵀ times the cotangent of what U feeds."""
        row = 0
        for left, _ in blocks.get("U", ()):
            part = self.model.U[..., row : row + left.shape[-1], :]
            out += times(left, part)
            row += left.shape[-1]

    def _require_cotangents(self, name, cotangents, *layouts):
        sizes = fit(self.states.shape, f"T+1 {self.STATE}", {})
        require(name, cotangents, *layouts, sizes=sizes)


def _outer(left, right):
    return left if right is None else left[..., :, None] * right[..., None, :]
