"""One step of each model in running error analysis: what it adds to an error, and what it passes on.

A step s_t = F_t(s_{t−1}) adds the local error δ_t (rounding within the step) and passes errors on
by its Jacobian. Both follow from the formulas of the step, evaluated with `Computed` numbers for all
steps at once. The model's own code is not used, only its states, inputs and parameters.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.lstm import LSTM
from models.rnn import RNN
from properties.checking.rounding import (
    Computed,
    Floats,
    activated,
    conversions,
    gamma,
    smallest_normal,
    tanh,
)

# The gradient of a weight is Σ_t left_t ⊗ right_t, that of a bias Σ_t left_t (right is None). A
# weight whose rows multiply different things has a block for each.
Blocks = Sequence[tuple[Computed, Computed | None]]


@dataclass(frozen=True)
class StepBound:
    """All steps of a run: arrays (T, B, …) with S the width of the state.

    state     (T, B, S), s_t: error is the local one if the state's was given as 0
    jacobian  (T, B, S, S), ∂s_t/∂s_{t−1}
    paths     (T, B, S, S), the sum of the magnitudes of all products that make up an entry
    roundings the most that meet on a path when cotangents are taken back through a step
    blocks    from the cotangents of s_1 … s_T (T, B, S) to the blocks of each parameter
    """

    state: Computed
    jacobian: Computed
    paths: Floats
    roundings: int
    blocks: Callable[[Computed], Mapping[str, Blocks]]


Evaluate = Callable[[Floats, Floats], StepBound]


def _each_step(weight: Floats, per_step: bool = False) -> Floats:
    """A matrix (M, N) or (B, M, N) as (1, B or 1, M, N); with a leading axis of steps, its own."""
    stacked = weight if per_step else weight[None]
    return stacked if stacked.ndim == 4 else stacked[:, None]


def _bias(bias: Floats, per_step: bool = False) -> Floats:
    """A vector (M,) or (B, M) as (1, B or 1, M)."""
    stacked = bias if per_step else bias[None]
    return stacked if stacked.ndim == 3 else stacked[:, None]


def applied(matrix: Floats, rows: Floats) -> Floats:
    """matrix (T|1, B|1, M, N) times each row (T, B, N): (T, B, M)."""
    return np.asarray((matrix @ rows[..., None])[..., 0])


def _affine(terms: Sequence[tuple[Floats, Computed]], biases: Sequence[Floats]) -> Computed:
    """Σ matrix·operand + Σ bias, summed in any order."""
    u = terms[0][1].u
    value = sum(applied(W, x.value) for W, x in terms) + sum(biases)
    reach = sum(applied(np.abs(W), x.reach) for W, x in terms) + sum(np.abs(b) for b in biases)
    # Each parameter and input may be converted first: two more factors 1 + δ on a path.
    n = sum(W.shape[-1] for W, _ in terms) + len(biases) + 1 + 2 * conversions(u)
    rounding = gamma(n, u) * reach + n * smallest_normal(u)
    error = sum(applied(np.abs(W), x.error) for W, x in terms)
    spread = sum(applied(np.abs(W), x.spread) for W, x in terms)
    return Computed(value, rounding + error, 2 * rounding + spread, u)


def _weighted(pairs: Sequence[tuple[Computed, Floats]], more: int = 0) -> tuple[Computed, Floats]:
    """Σ diag(d)·W over pairs of d (T, B, M) and W (T|1, B|1, M, N): entries, and their paths.

    more: roundings that other ways to group the same products would add.
    """
    u = pairs[0][0].u
    n = len(pairs) + 1 + more + conversions(u)

    def combined(part: Callable[[Computed], Floats], weight: Callable[[Any], Any]) -> Floats:
        return np.asarray(sum(part(d)[..., :, None] * weight(W) for d, W in pairs))

    value = combined(lambda d: d.value, lambda W: W)
    paths = combined(lambda d: d.reach, np.abs)
    rounding = gamma(n, u) * paths + n * smallest_normal(u)
    error = combined(lambda d: d.error, np.abs) + rounding
    spread = combined(lambda d: d.spread, np.abs) + 2 * rounding
    return Computed(value, error, spread, u), paths


# -- h_t = φ(W_t h_{t−1} + d_t) and a_t = W_t φ(a_{t−1}) + d_t


def elman(
    W: Floats,
    U: Floats | None,
    biases: Sequence[Floats],
    states: Floats,
    inputs: Floats,
    activation: str,
    order: str,
    u: float,
    per_step: bool = False,
) -> Evaluate:
    """RNN, and with a weight a step (per_step, no U) the feed-forward network.

    Evaluated at states (T+1, B, N), with errors and spreads (T, B, N) of s_0 … s_{T−1}.
    """
    weight = _each_step(W, per_step)
    drive = [] if U is None else [(_each_step(U), Computed.of(inputs, u))]
    constant = [_bias(b, per_step) for b in biases]
    roundings = W.shape[-1] + 2 + 2 * conversions(u)

    def last(error: Floats, spread: Floats) -> StepBound:
        h = Computed(states[:-1], error, spread, u)
        y, slope = activated(activation, _affine([(weight, h), *drive], constant))
        jacobian, paths = _weighted([(slope, weight)])

        def blocks(g: Computed) -> Mapping[str, Blocks]:
            delta = g * slope
            return {"W": [(delta, h)], "U": [(delta, Computed.of(inputs, u))], "b": [(delta, None)]}

        return StepBound(y, jacobian, paths, roundings, blocks)

    def first(error: Floats, spread: Floats) -> StepBound:
        y, slope = activated(activation, Computed(states[:-1], error, spread, u))
        # Columns are scaled here: the transpose of rows scaled.
        transposed, paths = _weighted([(slope, weight.swapaxes(-1, -2))])
        jacobian = Computed(*(each.swapaxes(-1, -2) for each in _parts(transposed)), u)

        def blocks(g: Computed) -> Mapping[str, Blocks]:
            return {"W": [(g, y)], "U": [(g, Computed.of(inputs, u))], "b": [(g, None)]}

        new_state = _affine([(weight, y), *drive], constant)
        return StepBound(new_state, jacobian, paths.swapaxes(-1, -2), roundings, blocks)

    return {"activation_last": last, "activation_first": first}[order]


def _parts(computed: Computed) -> tuple[Floats, Floats, Floats]:
    return computed.value, computed.error, computed.spread


# -- LSTM


def lstm(W: Floats, U: Floats, b: Floats, states: Floats, inputs: Floats, u: float) -> Evaluate:
    """W (4N, N), U (4N, D), b (4N,), gates i, f, g, o; states [h, c] (T+1, B, 2N)."""
    size = W.shape[-1]
    weight, bias = _each_step(W), _bias(b)
    x = Computed.of(inputs, u)
    gate_weights = np.split(weight, 4, axis=-2)

    def evaluate(error: Floats, spread: Floats) -> StepBound:
        state = Computed(states[:-1], error, spread, u)
        h, c = state.part(..., slice(size)), state.part(..., slice(size, None))
        a = _affine([(weight, h), (_each_step(U), x)], [bias])
        (i, di), (f, df), (g, dg), (o, do) = (
            activated(name, a.part(..., slice(k * size, (k + 1) * size)))
            for k, name in enumerate(("logistic", "logistic", "tanh", "logistic"))
        )
        new_c = f * c + i * g
        cell, cell_slope = activated("tanh", new_c)
        through = o * cell_slope
        by_gate = [g * di, c * df, i * dg]
        jacobian, paths = _lstm_jacobian(
            [*by_gate, cell * do], through, f, gate_weights
        )

        def blocks(cotangent: Computed) -> Mapping[str, Blocks]:
            into_h, direct = cotangent.part(..., slice(size)), cotangent.part(..., slice(size, None))
            into_c = direct + into_h * through
            deltas = [*(into_c * each for each in by_gate), into_h * (cell * do)]
            return {
                "W": [(delta, h) for delta in deltas],
                "U": [(delta, x) for delta in deltas],
                "b": [(delta, None) for delta in deltas],
            }

        new_state = joined([o * cell, new_c])
        return StepBound(new_state, jacobian, paths, 4 * size + 10 + 2 * conversions(u), blocks)

    return evaluate


def joined(parts: Sequence[Computed]) -> Computed:
    """The parts one after the other along the last axis."""
    value, error, spread = (
        np.concatenate(arrays, axis=-1)
        for arrays in zip(*(_parts(part) for part in parts), strict=True)
    )
    return Computed(value, error, spread, parts[0].u)


def _lstm_jacobian(
    by_gate: Sequence[Computed], through: Computed, f: Computed, weights: Sequence[Floats]
) -> tuple[Computed, Floats]:
    """∂[h, c]_t/∂[h, c]_{t−1}: by_gate is ∂c/∂a of i, f, g and ∂h/∂a of o; through is ∂h_t/∂c_t."""
    c_by_h = _weighted(list(zip(by_gate[:3], weights[:3], strict=True)), more=1)
    h_gates = [*(through * each for each in by_gate[:3]), by_gate[3]]
    h_by_h = _weighted(list(zip(h_gates, weights, strict=True)), more=2)
    eye = np.eye(f.value.shape[-1])[None, None]
    h_by_c, c_by_c = _weighted([(through * f, eye)]), _weighted([(f, eye)])
    jacobian, paths = [
        np.block([[of(h_by_h), of(h_by_c)], [of(c_by_h), of(c_by_c)]])
        for of in (lambda pair: pair[0].value, lambda pair: pair[1])
    ]
    error, spread = (
        np.block([[of(h_by_h[0]), of(h_by_c[0])], [of(c_by_h[0]), of(c_by_c[0])]])
        for of in (lambda each: each.error, lambda each: each.spread)
    )
    return Computed(jacobian, error, spread, f.u), paths


def of(trajectory: Any, u: float) -> tuple[Evaluate, bool]:
    """The steps of a model's trajectory, and whether each step has parameters of its own.

    Raises ValueError for a model that has no bounds.
    """
    model, states, inputs = trajectory.model, trajectory.states, trajectory.inputs
    if isinstance(model, RNN):
        evaluate = elman(
            model.W, model.U, [model.b], states, inputs, model.activation, model.order, u
        )
        return evaluate, False
    if isinstance(model, LSTM):
        return lstm(model.W, model.U, model.b, states, inputs, u), False
    raise ValueError(f"trajectory is of a {type(model).__name__}; there are bounds for RNN, LSTM")
