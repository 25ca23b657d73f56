"""LSTM and GRU in balls.

Each step reads its pre-activations a = W h_{t−1} + U x_t + b; K = ∂s_t/∂a is written out, and
the rest follows: ∂s_t/∂h_{t−1} = K W (+ the direct path), and the pull of g to a is Kᵀg.

Sources: Gers, Schmidhuber & Cummins 2000 (LSTM with a forget gate); Cho et al. 2014 (GRU).
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from properties.checking.ball_models import BallTrajectory, Gradients, Step, outer, unroll
from properties.checking.balls import (
    SLOPES,
    VALUES,
    Balls,
    diagonal,
    exact,
    product,
    times,
    zeros,
)

_logistic, _tanh = VALUES["logistic"], VALUES["tanh"]
_logistic_slope, _tanh_slope = SLOPES["logistic"], SLOPES["tanh"]


def _beside(*vectors: Balls) -> Balls:
    """The diagonal matrices of the vectors, side by side."""
    return np.hstack([diagonal(vector) for vector in vectors])


def lstm(W: Any, U: Any, b: Any, s0: Any, x: Any) -> BallTrajectory:
    """W (4N, N), U (4N, D), b (4N,), gates i, f, g, o along the first axis; s0 = [h, c] (2N,).

    c_t = f⊙c_{t−1} + i⊙g, h_t = o⊙tanh c_t.
    """
    W, U, b = exact(W), exact(U), exact(b)
    return unroll(exact(s0), [_lstm_cell(W, U, b, x_t) for x_t in exact(x)])


def _lstm_cell(W: Balls, U: Balls, b: Balls, x: Balls) -> Callable[[Balls], Step]:
    drive = times(U, x) + b

    def cell(state: Balls) -> Step:
        h, c = np.split(state, 2)
        a_i, a_f, a_g, a_o = np.split(times(W, h) + drive, 4)
        i, f, g, o = _logistic(a_i), _logistic(a_f), _tanh(a_g), _logistic(a_o)
        c_new = f * c + i * g
        through = o * _tanh_slope(c_new)
        c_by_gates = [g * _logistic_slope(a_i), c * _logistic_slope(a_f), i * _tanh_slope(a_g)]
        K = np.vstack(
            [
                _beside(*(through * k for k in c_by_gates), _tanh(c_new) * _logistic_slope(a_o)),
                _beside(*c_by_gates, zeros(c.size)),
            ]
        )
        direct = np.vstack([diagonal(through * f), diagonal(f)])

        def pull(covector: Balls) -> Gradients:
            delta = times(K.T, covector)
            return {
                "W": outer(delta, h),
                "U": outer(delta, x),
                "b": delta,
                "inputs": times(U.T, delta),
            }

        new_state = np.concatenate([o * _tanh(c_new), c_new])
        return Step(new_state, np.hstack([product(K, W), direct]), pull)

    return cell


def gru(
    W: Any,
    U: Any,
    b: Any,
    bn: Any,
    s0: Any,
    *,
    x: Any,
    update: str = "keep",
    reset: str = "after",
) -> BallTrajectory:
    """W (3N, N), U (3N, D), b (3N,), bn (N,), gates r, z, n along the first axis; s0 (N,).

    update "keep": h_t = z⊙h_{t−1} + (1−z)⊙n; "write": h_t = (1−z)⊙h_{t−1} + z⊙n.
    reset "after": n = tanh(U x + b + r⊙(W h + bn)); "before": n = tanh(U x + b + W(r⊙h) + bn).
    """
    weights = exact(W), exact(U), exact(b), exact(bn)
    cell = {"after": _reset_after, "before": _reset_before}[reset]
    return unroll(exact(s0), [cell(weights, x_t, update) for x_t in exact(x)])


_Weights = tuple[Balls, Balls, Balls, Balls]


def _shares(z: Balls, update: str) -> tuple[Balls, Balls, int]:
    """The share of the old state, that of the candidate, and d(share of the old)/dz."""
    return {"keep": (z, 1 - z, 1), "write": (1 - z, z, -1)}[update]


def _reset_after(weights: _Weights, x: Balls, update: str) -> Callable[[Balls], Step]:
    W, U, b, bn = weights
    drive_r, drive_z, drive_n = np.split(times(U, x) + b, 3)

    def cell(h: Balls) -> Step:
        p_r, p_z, p_n = np.split(times(W, h), 3)
        p_n = p_n + bn
        r, z = _logistic(p_r + drive_r), _logistic(p_z + drive_z)
        a_n = drive_n + r * p_n
        n = _tanh(a_n)
        old, new, sign = _shares(z, update)
        by_n = new * _tanh_slope(a_n)
        by_r = by_n * p_n * _logistic_slope(p_r + drive_r)
        by_z = sign * (h - n) * _logistic_slope(p_z + drive_z)
        by_inputs, by_recurrent = _beside(by_r, by_z, by_n), _beside(by_r, by_z, by_n * r)

        def pull(covector: Balls) -> Gradients:
            delta = times(by_inputs.T, covector)
            recurrent = times(by_recurrent.T, covector)
            return {
                "W": outer(recurrent, h),
                "U": outer(delta, x),
                "b": delta,
                "bn": np.split(recurrent, 3)[2],
                "inputs": times(U.T, delta),
            }

        return Step(old * h + new * n, diagonal(old) + product(by_recurrent, W), pull)

    return cell


def _reset_before(weights: _Weights, x: Balls, update: str) -> Callable[[Balls], Step]:
    W, U, b, bn = weights
    W_r, W_z, W_n = np.split(W, 3)
    drive_r, drive_z, drive_n = np.split(times(U, x) + b, 3)

    def cell(h: Balls) -> Step:
        a_r, a_z = times(W_r, h) + drive_r, times(W_z, h) + drive_z
        r, z = _logistic(a_r), _logistic(a_z)
        a_n = drive_n + times(W_n, r * h) + bn
        n = _tanh(a_n)
        old, new, sign = _shares(z, update)
        by_n = diagonal(new * _tanh_slope(a_n))
        by_reset_state = product(by_n, W_n)
        by_z = diagonal(sign * (h - n) * _logistic_slope(a_z))
        by_r = by_reset_state * (h * _logistic_slope(a_r))[None, :]
        K = np.hstack([by_r, by_z, by_n])

        def pull(covector: Balls) -> Gradients:
            delta = times(K.T, covector)
            delta_r, delta_z, delta_n = np.split(delta, 3)
            return {
                "W": np.vstack([outer(delta_r, h), outer(delta_z, h), outer(delta_n, r * h)]),
                "U": outer(delta, x),
                "b": delta,
                "bn": delta_n,
                "inputs": times(U.T, delta),
            }

        jacobian = (
            diagonal(old) + product(by_r, W_r) + product(by_z, W_z) + by_reset_state * r[None, :]
        )
        return Step(old * h + new * n, jacobian, pull)

    return cell
