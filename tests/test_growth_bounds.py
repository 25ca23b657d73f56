"""Logarithmic growth by repeated QR, against balls of the exact product's volumes."""

import numpy as np
import pytest

from models import products
from properties.checking import growth_bounds
from properties.checking.ball_models import log_growth
from properties.checking.rounding import FLOAT64, gamma
from properties.checking.transport import OWN_ROUNDING
from tests.bound_cases import CLASSES, ratio

SHARP = 1e-4


def _cases(matrices, count):
    for seed in range(count):
        rng = np.random.default_rng(seed)
        n, steps, every = int(rng.integers(1, 7)), int(rng.integers(1, 25)), int(rng.integers(1, 4))
        tied = bool(rng.integers(2))
        factors = np.stack(
            [matrices(rng, n)] * steps if tied else [matrices(rng, n) for _ in range(steps)]
        )
        columns = int(rng.integers(0, n + 1))
        frame = rng.normal(size=(n, columns)) if columns else None
        yield factors, frame, every


def _judge(matrices, count):
    found = []
    for factors, frame, every in _cases(CLASSES[matrices], count):
        given = None if frame is None else frame[None]
        growth = products.log_growth(factors[:, None], given, every=every)
        bound = growth_bounds.log_growth(factors[:, None], given, every=every)
        whole = np.eye(factors.shape[-1]) if frame is None else frame
        truth = lambda factors=factors, whole=whole: log_growth(factors, whole)  # noqa: E731
        found.append(ratio(growth.logarithms[0], truth, bound.values[0], 512))
    print(f"{matrices:20s} log growth {max(found):.2g}")
    assert max(found) <= 1
    assert max(found) >= SHARP


@pytest.mark.parametrize("matrices", CLASSES)
def test_the_bound_is_never_exceeded_and_sharp(matrices):
    _judge(matrices, 25)


@pytest.mark.long
@pytest.mark.parametrize("matrices", CLASSES)
def test_the_bound_is_never_exceeded_over_many_cases(matrices):
    _judge(matrices, 1000)


@pytest.mark.parametrize("matrices", CLASSES)
def test_a_product_that_lacks_a_factor_is_refused(matrices):
    rng = np.random.default_rng(0)
    factors = np.stack([CLASSES[matrices](rng, 3) for _ in range(12)])
    frame = rng.normal(size=(3, 1))
    bound = growth_bounds.log_growth(factors[:, None], frame[None]).values[0]
    short = products.log_growth(factors[1:, None], frame[None]).logarithms[0]
    transposed = products.log_growth(factors.swapaxes(1, 2)[:, None], frame[None]).logarithms[0]
    # Leaving out a rotation, or turning it round, leaves every length: nothing to be told there.
    differs = matrices != "orthogonal"
    assert (ratio(short, lambda: log_growth(factors, frame), bound, 512) > 1) == differs
    symmetric = matrices == "symmetric"
    assert symmetric or (
        (ratio(transposed, lambda: log_growth(factors, frame), bound, 512) > 1) == differs
    )


def test_a_nearly_dependent_frame_widens_the_bound():
    factors = np.random.default_rng(0).normal(size=(5, 1, 3, 3))
    limits = []
    for angle in (1.0, 1e-6):
        frame = np.array([[[1.0, 1.0], [0.0, angle], [0.0, 0.0]]])
        bound = growth_bounds.log_growth(factors, frame)
        growth = products.log_growth(factors, frame)
        truth = lambda frame=frame: log_growth(factors[:, 0], frame[0])  # noqa: E731
        assert ratio(growth.logarithms[0], truth, bound.values[0], 512) <= 1
        limits.append(bound.values[0])
    assert limits[1][1] > 1e3 * limits[0][1]


def test_exponents_are_growth_a_step():
    factors = np.random.default_rng(1).normal(size=(20, 1, 3, 3))
    exponents = products.lyapunov_exponents(factors)
    bound = growth_bounds.lyapunov_exponents(factors)
    truth = lambda: log_growth(factors[:, 0], np.eye(3)) / 20  # noqa: E731
    assert SHARP <= ratio(exponents[0], truth, bound.values[0], 512) <= 1
    assert bound.resolvable.all()


def test_a_direction_that_collapses_has_no_bound():
    factors = np.array([[[[1.0, 1.0], [1.0, 1.0]]], [[[2.0, 0.0], [0.0, 1.0]]]])
    bound = growth_bounds.log_growth(factors)
    assert bound.resolvable[0, 0]
    assert not bound.resolvable[0, 1]


def test_a_batch_is_bounded_element_by_element():
    rng = np.random.default_rng(2)
    factors, frame = rng.normal(size=(7, 2, 3, 3)), rng.normal(size=(2, 3, 2))
    for given in (None, frame):
        whole = growth_bounds.log_growth(factors, given, every=3).values
        for k in (0, 1):
            one = None if given is None else given[k : k + 1]
            alone = growth_bounds.log_growth(factors[:, k : k + 1], one, every=3).values
            # Stacked matrices may be multiplied by other routines than single ones.
            assert np.allclose(whole[k], alone[0], rtol=1e-12, atol=0)


def test_neighbours_are_multiplied_the_last_by_what_is_left():
    factors = np.random.default_rng(3).integers(-9, 9, size=(7, 2, 3, 3)).astype(float)
    products, errors = growth_bounds._grouped(factors, 3, FLOAT64)
    first, second, third, *_ = factors
    # Integers this small are multiplied exactly.
    assert np.array_equal(products[0], third @ second @ first)
    assert np.array_equal(products[2], factors[6])
    assert products.shape == errors.shape == (3, 2, 3, 3)
    assert (errors[:2] >= gamma(3, FLOAT64) * np.abs(products[:2])).all()
    assert (errors[2] < 1e-300).all()  # but for what underflows


def test_the_bound_does_not_depend_on_the_unit_of_length():
    factors, frame = np.random.default_rng(4).normal(size=(7, 1, 3, 3)), np.ones((1, 3, 1))
    # But that seven logarithms larger by 20 ln 2 have larger roundings themselves.
    logarithms = gamma(7 + 4, FLOAT64) * 7 * 20 * np.log(2) * OWN_ROUNDING
    for given in (None, frame):
        bound = growth_bounds.log_growth(factors, given).values
        for scale in (2.0**-20, 2.0**20):
            other = growth_bounds.log_growth(factors * scale, given).values
            assert (np.abs(other - bound) <= logarithms * (1 + 2.0**-40)).all()


def test_errors_of_a_group_meet_the_frame_that_it_turns():
    """E|Q| for entries of E that are about the same: its columns are √2 longer for Q at 45°."""
    A = np.array([[1e4, 1e4 - 1], [1e4, 1e4 + 1]])
    unit, turned = np.eye(2), np.array([[1.0, -1.0], [1.0, 1.0]]) / np.sqrt(2)
    # A⁻¹ and A cancel in their product, and not in its error: that of all else is far smaller.
    straight, askew = (
        growth_bounds.log_growth(np.stack([unit, first, np.linalg.inv(A), A])[:, None], every=2)
        for first in (unit, turned)
    )
    np.testing.assert_allclose(askew.values / straight.values, np.sqrt(2), rtol=1e-3)


def test_a_direction_that_others_outgrow_is_known_less_well():
    """Of lengths 1 and 2⁻²⁰ a step, roundings of the longer blur the direction of the shorter."""
    c, s = np.cos(0.5), np.sin(0.5)
    S = np.array([[c, -s], [s, c]])
    factors = np.stack([S @ np.diag([1.0, 2.0**-20]) @ S.T] * 3)[:, None]
    long, short = (growth_bounds.log_growth(factors, S[None, :, [k]]).values for k in (0, 1))
    assert short > 2.0**15 * long
