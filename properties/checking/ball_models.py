"""The models once more, in balls: one sequence at a time, by the textbook recursions.

Nothing here is shared with the models under test: each cell is written as the map it is,
with its Jacobian and the transposes ("pulls") that take ∂C/∂s_t to its parameters, and one loop
does back-propagation through time for all of them. Shapes are those of a batch without its axis:
inputs (T, D), states (T+1, N) with the initial one first.

Sources: Werbos 1990 (back-propagation through time); Bengio, Simard & Frasconi 1994, eq. 4 (the sum
over lags); Hochreiter & Schmidhuber 1997 with Gers et al. 2000 (LSTM); Cho et al. 2014 (GRU).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb

from properties.checking.balls import SLOPES, VALUES, Balls, exact, product, times, to_matrix, zeros

Gradients = dict[str, Balls]


@dataclass(frozen=True)
class Step:
    """s_t = F(s_{t−1}): the new state (N,), ∂s_t/∂s_{t−1} (N, N), and the parameters' pull.

    `pull(g)` gives, for g = ∂C/∂s_t (N,), the immediate gradients (∂⁺s_t/∂θ)ᵀg by name, "inputs"
    among them.
    """

    state: Balls
    jacobian: Balls
    pull: Callable[[Balls], Gradients]


@dataclass(frozen=True)
class BallTrajectory:
    """A run in balls. `tied`: the same parameters at every step (else a set a step).

    What is computed from it is computed at the precision of the moment, as the run was.
    """

    initial: Balls
    steps: Sequence[Step]
    tied: bool = True

    @property
    def states(self) -> Balls:
        """(T+1, N), the initial state first."""
        return np.stack([self.initial, *(step.state for step in self.steps)])

    def step_jacobians(self) -> Balls:
        """(T, N, N): [t−1] is ∂s_t/∂s_{t−1}."""
        return np.stack([step.jacobian for step in self.steps])

    def jacobian(self, s: int, t: int) -> Balls:
        """∂s_t/∂s_s (N, N), the identity for s = t. Raises ValueError unless 0 ≤ s ≤ t ≤ T."""
        if not 0 <= s <= t <= len(self.steps):
            raise ValueError(f"s = {s}, t = {t}; they need 0 <= s <= t <= T = {len(self.steps)}")
        result = _identity(len(self.initial))
        for step in self.steps[s:t]:
            result = product(step.jacobian, result)
        return result

    def total_cotangents(self, cotangents: Balls) -> Balls:
        """∂C/∂s_t (T+1, N) in total, from the direct ones (T+1, N), or (N,): the last step's."""
        total = zeros(len(self.steps) + 1, len(self.initial))
        total[...] = cotangents if cotangents.ndim == 2 else total
        if cotangents.ndim == 1:
            total[-1] = cotangents
        for t in range(len(self.steps), 0, -1):
            total[t - 1] = total[t - 1] + times(self.steps[t - 1].jacobian.T, total[t])
        return total

    def backward(self, cotangents: Balls) -> Gradients:
        """The gradients by name: each parameter, "inputs" (T, D), "initial" (N,), "states"."""
        total = self.total_cotangents(cotangents)
        pulled = [step.pull(g) for step, g in zip(self.steps, total[1:], strict=True)]
        gradients = {name: np.stack([pull[name] for pull in pulled]) for name in pulled[0]}
        if self.tied:
            for name in gradients.keys() - {"inputs"}:
                gradients[name] = np.asarray(gradients[name].sum(axis=0), dtype=object)
        return gradients | {"initial": total[0], "states": total}

    def lag_terms(self, cotangent: Balls) -> Gradients:
        """The terms (T, …) of each parameter's gradient of cotangent·s_T; [τ−1] is step τ's."""
        total = self.total_cotangents(cotangent)
        pulled = [step.pull(g) for step, g in zip(self.steps, total[1:], strict=True)]
        return {n: np.stack([pull[n] for pull in pulled]) for n in pulled[0] if n != "inputs"}


def _identity(size: int) -> Balls:
    result = zeros(size, size)
    result[np.diag_indices(size)] = arb(1)
    return result


def outer(column: Balls, row: Balls) -> Balls:
    return np.asarray(column[:, None] * row[None, :], dtype=object)


def linear_run(W: Any, h0: Any, steps: int) -> Balls:
    """h_t = Wᵀh_{t−1}: the states (steps+1, N) for W (N, N), h0 (N,)."""
    transposed, states = exact(W).T, [exact(h0)]
    for _ in range(steps):
        states.append(times(transposed, states[-1]))
    return np.stack(states)


def matrix_product(factors: Any) -> Balls:
    """factors[-1] ⋯ factors[0] of factors (T, N, N)."""
    factors = exact(factors)
    result = _identity(factors.shape[1])
    for factor in factors:
        result = product(factor, result)
    return result


def log_growth(factors: Any, frame: Any) -> Balls:
    """ln of how the product of factors (T, N, N) stretches the directions frame (N, k): (k,).

    The sum of the first j is ln of the growth of the volume of the first j columns: ½ ln det(YᵀY)
    at the end less that at the start. A ball isn't finite where a volume may be zero.
    """
    frame = exact(frame)
    before, after = _log_volumes(frame), _log_volumes(product(matrix_product(factors), frame))
    volumes: Balls = after - before
    volumes[1:] = volumes[1:] - volumes[:-1]
    return volumes


def _log_volumes(columns: Balls) -> Balls:
    """½ ln det of the leading Gram matrices of columns (N, k): (k,)."""
    gram = product(columns.T, columns)
    logarithms = [to_matrix(gram[:j, :j]).det().log() / 2 for j in range(1, columns.shape[1] + 1)]
    return np.array(logarithms, dtype=object)


def rnn(
    W: Any,
    U: Any,
    b: Any,
    s0: Any,
    x: Any,
    *,
    activation: str = "tanh",
    order: str = "activation_last",
) -> BallTrajectory:
    """W (N, N), U (N, D), b (N,), s0 (N,), x (T, D).

    order "activation_last": h_t = φ(W h_{t−1} + U x_t + b);
    "activation_first": a_t = W φ(a_{t−1}) + U x_t + b.
    """
    W, U, b, x = exact(W), exact(U), exact(b), exact(x)
    run = {"activation_last": _activation_last, "activation_first": _activation_first}[order]
    return unroll(exact(s0), [run(W, activation, times(U, x_t) + b, U, x_t) for x_t in x])


def feed_forward(
    W: Any, b: Any, s0: Any, *, activation: str = "tanh", order: str = "activation_last"
) -> BallTrajectory:
    """A weight a layer: W (L, N, N), b (L, N), s0 (N,); the layers are the steps."""
    nothing = zeros(exact(s0).size, 0)
    run = {"activation_last": _activation_last, "activation_first": _activation_first}[order]
    layers = [
        run(W_l, activation, b_l, nothing, zeros(0))
        for W_l, b_l in zip(exact(W), exact(b), strict=True)
    ]
    return unroll(exact(s0), layers, tied=False)


def neuron(w: Any, a0: Any, inputs: Any) -> BallTrajectory:
    """a_t = w·tanh a_{t−1} + inputs_t for numbers w, a0 and inputs (T,): Bengio 1994's unit.

    Its gradients: "w" (), "inputs" (T, 1), "initial" (1,), "states" (T+1, 1).
    """
    W, one = exact([[w]]), exact([[1]])

    def cell(x: Balls) -> Callable[[Balls], Step]:
        of_one_unit = _activation_first(W, "tanh", x, one, x)

        def named(state: Balls) -> Step:
            step = of_one_unit(state)

            def pull(g: Balls) -> Gradients:
                gradients = step.pull(g)
                return {"w": gradients["W"].reshape(()), "inputs": gradients["inputs"]}

            return Step(step.state, step.jacobian, pull)

        return named

    return unroll(exact([a0]), [cell(x) for x in exact(inputs)[:, None]])


def unroll(
    initial: Balls, cells: Sequence[Callable[[Balls], Step]], tied: bool = True
) -> BallTrajectory:
    steps: list[Step] = []
    for cell in cells:
        steps.append(cell(steps[-1].state if steps else initial))
    return BallTrajectory(initial, steps, tied)


def _affine_pull(delta: Balls, state: Balls, U: Balls, x: Balls) -> Gradients:
    """The pull of W state + U x + b for the covector delta of the sum."""
    return {
        "W": outer(delta, state),
        "U": outer(delta, x),
        "b": delta,
        "inputs": times(U.T, delta),
    }


def _activation_last(
    W: Balls, activation: str, drive: Balls, U: Balls, x: Balls
) -> Callable[[Balls], Step]:
    def cell(state: Balls) -> Step:
        a = times(W, state) + drive
        slope = SLOPES[activation](a)

        def pull(g: Balls) -> Gradients:
            return _affine_pull(slope * g, state, U, x)

        return Step(VALUES[activation](a), slope[:, None] * W, pull)

    return cell


def _activation_first(
    W: Balls, activation: str, drive: Balls, U: Balls, x: Balls
) -> Callable[[Balls], Step]:
    def cell(state: Balls) -> Step:
        value = VALUES[activation](state)

        def pull(g: Balls) -> Gradients:
            return _affine_pull(g, value, U, x)

        return Step(times(W, value) + drive, W * SLOPES[activation](state)[None, :], pull)

    return cell
