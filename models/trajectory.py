"""What every model's run gives back: the states, and the derivatives along them.

A model says how one step's Jacobian is built, how cotangents travel back through its steps, and
what each of its weights multiplies and feeds. The rest is the same for all.
"""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from models.arrays import all_finite, fit, require, require_interval, require_no_overflow
from models.gradients import Gradients, Weight, accumulate, pull_back
from models.gradients import terms as terms_of
from models.matrices import MULTIPLICATIONS, blocks_of_steps, identities, intervals
from models.products import chain
from models.recursion import solve_back, solved

# Numbers in the step Jacobians that are held at once while a product is formed: 8 MB.
HELD = 2**20


class Trajectory(ABC):
    """One run: `model`, `states` (T+1, B, N) with the initial state first, `inputs` (T, B, D).

    To be read only; it is not frozen because that is a fiftieth of a short run's time.
    """

    STATE = "B N"  # the layout of one state

    model: Any
    states: np.ndarray
    inputs: np.ndarray
    # [h_{t-1}, x_t, 1], (T+1, N+D+1), of one sequence that was run with W, U and b side by side
    rows: np.ndarray | None

    @abstractmethod
    def _step_jacobians(self, s: int, t: int) -> np.ndarray:
        """(t-s, B, N, N): the Jacobians of the steps s+1 … t."""

    @abstractmethod
    def _preactivation_cotangents(self, s: int, t: int, totals: np.ndarray) -> Any:
        """∂C/∂(pre-activations) at the steps s+1 … t, given the totals (t-s, B, N) there."""

    @abstractmethod
    def _weights(self, s: int, t: int, cotangents: Any) -> dict[str, Weight]:
        """What every weight multiplies and feeds at the steps s+1 … t, given these cotangents."""

    def step_jacobians(self, s: int = 0, t: int | None = None) -> np.ndarray:
        """(T, B, N, N): [t-1, b, i, j] is ∂s_t[i]/∂s_{t-1}[j]; or those of the steps s+1 … t alone.

        Raises ValueError unless 0 <= s <= t <= T.
        """
        t = len(self.inputs) if t is None else t
        require_interval(s, t, len(self.inputs))
        return self._step_jacobians(s, t)

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
            name: np.zeros(getattr(self.model, name).shape, totals.dtype)
            for name in self.model.PARAMETERS
        }
        inputs = np.zeros(self.inputs.shape, totals.dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            for s, t in reversed(blocks_of_steps(len(self.inputs), self.states[0].size)):
                fed = self._reverse(s, t, totals, direct)
                add = self._add_gradients if self.rows is None else self._add_together
                add(parameters, inputs[s:t], s, t, fed)
        if not all_finite(totals):
            numbers = range(len(totals) - 1, -1, -1)
            require_no_overflow("the cotangents of the states", totals[::-1], numbers)
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
            cotangents = self._preactivation_cotangents(0, len(totals), totals)
            weights = self._weights(0, len(totals), cotangents)
            terms = {name: terms_of(weights[name]) for name in self.model.PARAMETERS}
        for name, each in terms.items():
            require_no_overflow(f"the lag terms of {name}", each, range(1, len(each) + 1))
        return terms

    def _reverse(self, s, t, totals, direct):
        """Back through the steps t … s+1, given ∂C/∂s_t in totals[t] and all direct cotangents.

        Fills totals[s:t], and returns the cotangents of these steps' pre-activations.
        """
        totals[s:t] = 0.0 if direct is None else direct[s:t]
        if solved(totals):
            size = totals.shape[2]
            for start, end in reversed(blocks_of_steps(t - s, 2 * size * size)):
                first, last = s + start, s + end
                steps = self._step_jacobians(first, last)[:, 0]
                solve_back(steps, totals[first : last + 1, 0])
        else:
            steps = self._step_jacobians(s, t)
            for k in range(t - 1, s - 1, -1):
                totals[k] += (totals[k + 1, :, None] @ steps[k - s])[:, 0]
        return self._preactivation_cotangents(s, t, totals[s + 1 : t + 1])

    def _product(self, s, t):
        """∂s_t/∂s_s for s < t."""
        size = self.states.shape[-1]
        count = max(1, HELD // (self.states[0].size * size))
        product = chain(self._step_jacobians(s, min(s + count, t)))
        for start in range(s + count, t, count):
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

    def _add_gradients(self, parameters, inputs, s, t, cotangents):
        """Adds what the steps s+1 … t contribute, and puts their inputs' gradients into inputs."""
        weights = self._weights(s, t, cotangents)
        for name, gradient in parameters.items():
            self._accumulate(gradient, weights[name], s, t)
        if "U" in weights:
            pull_back(weights["U"], self.model.U, inputs)

    def _add_together(self, parameters, inputs, s, t, cotangents):
        """_add_gradients where W, U and b multiply the rows together: one product for all three."""
        fed, rows = cotangents.reshape(t - s, -1), self.rows[s:t]
        total = 0.0
        for first, last in intervals(t - s, MULTIPLICATIONS // (fed.shape[1] * rows.shape[1])):
            total += fed[first:last].T.dot(rows[first:last])
            np.matmul(fed[first:last], self.model.U, inputs[first:last, 0])
        size = self.model.W.shape[1]
        for name, part in (("W", total[:, :size]), ("U", total[:, size:-1]), ("b", total[:, -1])):
            parameters[name] += part

    def _accumulate(self, gradient, weight, s, t):
        """Adds what the steps s+1 … t contribute to the gradient of a parameter."""
        accumulate(gradient, weight)

    def _require_cotangents(self, name, cotangents, *layouts):
        sizes = fit(self.states.shape, f"T+1 {self.STATE}", {})
        require(name, cotangents, *layouts, sizes=sizes)
