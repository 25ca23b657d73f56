"""Backends with a mistake: each makes its own, and no other answer is touched."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.backends import load_backend
from models.gru import GRU
from models.lstm import LSTM
from models.rnn import RNN
from properties.checking.wrong_backends import MISTAKES, MODELS, WrongBackend, wrong_backends

NUMPY = load_backend("numpy")


def drawn(*shape: int) -> Any:
    return np.random.default_rng(sum(shape)).normal(size=shape)


RNN_ = RNN(drawn(2, 2), drawn(2, 1), drawn(2))
LSTM_ = LSTM(drawn(8, 2), drawn(8, 1), drawn(8))
GRU_ = GRU(drawn(6, 2), drawn(6, 1), drawn(6), drawn(2))
NETWORKS = [RNN_, LSTM_, GRU_]
X = drawn(3, 1, 1)


def start(model: Any) -> Any:
    return drawn(1, 4 if isinstance(model, LSTM) else 2)


@pytest.mark.parametrize(("model", "gates"), [(RNN_, 1), (LSTM_, 4), (GRU_, 3)])
def test_each_gate_is_transposed_by_itself(model: Any, gates: int) -> None:
    wrong = MODELS["Wᵀ for W"](model)
    for gate in range(gates):
        rows = slice(2 * gate, 2 * gate + 2)
        assert np.array_equal(wrong.W[rows], model.W[rows].T)
    assert wrong.U is model.U
    assert wrong.b is model.b


@pytest.mark.parametrize("model", [LSTM_, GRU_])
def test_the_last_gate_becomes_the_first(model: Any) -> None:
    wrong = MODELS["its gates in another order"](model)
    for name in ("W", "U", "b"):
        right = getattr(model, name)
        assert np.array_equal(getattr(wrong, name), np.concatenate([right[-2:], right[:-2]]))


def test_what_is_left_out_is_zero() -> None:
    for model in NETWORKS:
        wrong = MODELS["no bias"](model)
        assert not wrong.b.any()
        assert wrong.W is model.W
        assert not MODELS["no inputs"](model).U.any()
    assert not MODELS["no bias"](GRU_).bn.any()


def test_another_convention_is_the_other_of_two() -> None:
    assert MODELS["another activation"](RNN_).activation == "logistic"
    assert MODELS["another activation"](MODELS["another activation"](RNN_)).activation == "tanh"
    relu = RNN(RNN_.W, RNN_.U, RNN_.b, activation="relu")
    assert MODELS["another activation"](relu) is relu
    assert MODELS["another activation"](LSTM_) is LSTM_
    turned = {"keep": "write", "write": "keep", "before": "after", "after": "before"}
    assert MODELS["z for 1 − z"](GRU_).update == turned[GRU_.update]
    assert MODELS["the reset at another place"](GRU_).reset == turned[GRU_.reset]


def answers(backend: Any, model: Any) -> dict[str, Any]:
    """The three answers, of a backpropagation its parts."""
    state = start(model)
    found = backend.vjp(model, state, X, np.ones_like(state))
    return {
        "run": backend.run(model, state, X),
        "jacobian": backend.jacobian(model, state, X),
        "initial": found.initial,
        "inputs": found.inputs,
        **found.parameters,
    }


A_LITTLE = 1 + 2.0**-20
WITH_MISTAKE = {
    "run: 1 + 2⁻²⁰ times as large": {"run": lambda a: a * A_LITTLE},
    "run: the opposite": {"run": np.negative},
    "run: a step late": {"run": lambda a: np.concatenate([a[:1], a[:-1]])},
    "vjp: parameters 1 + 2⁻²⁰ times as large": dict.fromkeys("WUb", lambda a: a * A_LITTLE),
    "vjp: parameters counted twice": dict.fromkeys("WUb", lambda a: a * 2),
    "vjp: W transposed": {"W": np.transpose},
    "vjp: states and inputs 1 + 2⁻²⁰ times as large": dict.fromkeys(
        ("initial", "inputs"), lambda a: a * A_LITTLE
    ),
    "vjp: states and inputs the opposite": dict.fromkeys(("initial", "inputs"), np.negative),
    "vjp: nothing that reaches the first state": {"initial": np.zeros_like},
    "jacobian: 1 + 2⁻²⁰ times as large": {"jacobian": lambda a: a * A_LITTLE},
    "jacobian: the opposite": {"jacobian": np.negative},
    "jacobian: transposed": {"jacobian": lambda a: np.swapaxes(a, -1, -2)},
}


def test_an_answer_is_changed_as_is_said_and_the_others_are_not() -> None:
    right = answers(NUMPY, RNN_)
    wrong = {said: backend for said, backend in wrong_backends(NUMPY) if backend.where != "model"}
    assert wrong.keys() == WITH_MISTAKE.keys()
    for said, backend in wrong.items():
        changes = WITH_MISTAKE[said]
        expected = {name: changes.get(name, np.copy)(value) for name, value in right.items()}  # type: ignore[operator]
        found = answers(backend, RNN_)
        for name, value in expected.items():
            np.testing.assert_array_equal(found[name], value, f"{said}: {name}")
        assert backend.differed


@pytest.mark.parametrize("text", MODELS)
def test_a_wrong_model_is_asked_for_in_place_of_the_right_one(text: str) -> None:
    (found,) = [
        backend
        for said, backend in wrong_backends(NUMPY)
        if said == f"a backend that computes with {text}"
    ]
    for model in NETWORKS:
        expected = answers(NUMPY, MODELS[text](model))
        for name, value in answers(found, model).items():
            assert np.array_equal(value, expected[name])
    assert found.differed


def test_what_makes_no_difference_is_noticed() -> None:
    symmetric = RNN(np.eye(2), RNN_.U, RNN_.b)
    backend = WrongBackend(NUMPY, "model", MODELS["Wᵀ for W"])
    answers(backend, symmetric)
    assert not backend.differed
    backend.run(RNN_, start(RNN_), X)
    backend.run(symmetric, start(RNN_), X)
    assert backend.differed


def test_a_wrong_backend_is_like_the_right_one_otherwise() -> None:
    for _, backend in wrong_backends(NUMPY):
        assert (backend.name, backend.analytic) == (NUMPY.name, NUMPY.analytic)
        assert backend.supports(RNN_) == NUMPY.supports(RNN_)
        assert not backend.supports(object())
    assert len(MISTAKES) == len(list(wrong_backends(NUMPY)))
