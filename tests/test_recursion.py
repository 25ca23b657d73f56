"""BPTT of one small sequence: the banded system is the recursion."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import matrices, trajectory
from models.gradients import Gradients
from models.recursion import solve_back
from models.rnn import RNN

sizes = st.integers(1, 5)


@given(sizes, st.integers(1, 12), st.integers(0, 2**32 - 1), st.sampled_from([float, complex]))
def test_the_system_is_the_recursion(size: int, length: int, seed: int, kind: type) -> None:
    # Small integers: both ways are exact, so that they have to agree.
    generator = np.random.default_rng(seed)
    steps = generator.integers(-1, 2, (length, size, size)).astype(kind)
    direct = generator.integers(-2, 3, (length + 1, size)).astype(kind)
    expected = direct.copy()
    for k in range(length, 0, -1):
        expected[k - 1] += steps[k - 1].T @ expected[k]
    solved = direct.copy()
    solve_back(steps, solved)
    assert (solved == expected).all()


@pytest.mark.parametrize("numbers", [8, 24])
def test_a_long_sequence_is_solved_block_by_block(
    numbers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # ReLUs with whole numbers: every order of summation is exact, and the slopes differ by step.
    generator = np.random.default_rng(0)
    W, U, b = np.array([[1.0, -1.0], [1.0, 1.0]]), np.array([[1.0], [-1.0]]), np.zeros(2)
    x = generator.integers(-3, 4, (11, 1, 1)).astype(float)
    cotangents = generator.integers(-3, 4, (12, 1, 2)).astype(float)
    run = RNN(W, U, b, "relu").run(np.ones((1, 2)), x)
    whole = run.backward(cotangents)
    monkeypatch.setattr(matrices, "BLOCK", numbers)
    assert len(matrices.blocks_of_steps(len(x), 2 * W.size)) > 1
    assert_equal(run.backward(cotangents), whole)
    monkeypatch.undo()
    monkeypatch.setattr(trajectory, "MULTIPLICATIONS", numbers)
    assert_equal(run.backward(cotangents), whole)


def assert_equal(found: Gradients, expected: Gradients) -> None:
    assert (found.states == expected.states).all()
    assert (found.inputs == expected.inputs).all()
    for name, gradient in expected.parameters.items():
        assert (found.parameters[name] == gradient).all()
