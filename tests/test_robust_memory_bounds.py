"""Bounds of robust memory are attained, or nearly; and what the known witnesses refute."""

import math

import numpy as np
import pytest
from flint import arb, fmpq

from models.neuron import Neuron
from models.rnn import RNN
from properties.checking import Check, Violation, identity, matrix, rational, vector
from properties.checking.balls import exact, precision
from properties.latch import NoisyLatches
from properties.latch_boundary import Starts, rare_explosion
from properties.latch_cases import dyadic_above, dyadic_below, edge, rest_point, slope, threshold
from properties.latch_decay import log_gradient
from properties.latch_gradient import BoundedNoise, robustness_rate_tradeoff
from properties.latch_noise import BesideTheQuietRun, noise_tolerance
from properties.latch_passage import NearTheEdge
from properties.latch_steered import Steered
from properties.robust_memory import (
    contraction,
    latching_vanishes,
    pointwise_below_one,
    theorem_4_one_unit,
    theorem_4_two_units,
)
from properties.robust_memory_cases import Alternating, NormedRun, largest, stays_latched
from properties.robust_memory_maps import NearbyStates, Root, TwoRuns, steepest


@pytest.fixture(autouse=True)
def _many_bits():
    with precision(128):
        yield


# -- the printed theorems, against the witnesses that were known before any search


@pytest.mark.parametrize(
    ("misreading", "witness"),
    [
        (theorem_4_one_unit, Steered(rational(2), 1, 1, 2, 200)),
        (theorem_4_two_units, Alternating(rational(2), rational(20), 20)),
        (pointwise_below_one, Root(rational(1), rational(1))),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_a_printed_theorem_is_refuted_by_its_known_witness(misreading, witness):
    with pytest.raises(Violation):
        misreading(witness, Check())


def test_the_corrected_theorem_says_nothing_of_the_witnesses():
    """Neither has one λ below one in one norm: its conclusion would be wrong there."""
    steered = Steered(rational(2), 1, 1, 2, 30)
    assert max(steered.slopes()) > fmpq(99, 100)
    two = Alternating(rational(2), rational(20), 2)
    a, b = ((exact(two.W) * (1 - np.array([x.tanh() for x in s]) ** 2)) for s in two.states())
    assert abs((b @ a)[0, 0] - 4) < arb("1e-15")


def test_a_state_with_an_eigenvalue_above_one_is_not_latched_though_its_run_settles():
    """At 0 the Jacobian is diag(3/2, 1/2); one step later all is saturated."""
    state = np.array([arb(0), arb(0)], dtype=object)
    assert not stays_latched(matrix("3/2 0; 0 1/2"), vector("1 1"), state)
    assert stays_latched(matrix("1/2 0; 0 1/2"), vector("1 1"), state)


# -- how much is left of each bound in its worst case


def test_equal_slopes_attain_the_bound_of_the_corrected_theorem():
    slopes = (matrix("3/8"),) * 6
    run = NormedRun(matrix("2"), slopes, (identity(1),) * 6, rational("3/4"))
    latching_vanishes.check(run, Check())
    assert run.norm() == fmpq(3, 4) ** 6


@pytest.mark.parametrize("mixing", ["1 0; 0 1", "1 1; -1 1"])
def test_steady_noise_attains_the_rate(mixing):
    U = matrix(mixing)
    scale = (U.transpose() * U)[0, 0]
    H, steps = dyadic_above(arb(1) / 4, 40), 20
    rest = dyadic_above(rest_point(2, H), 40)
    push = U.transpose() * vector("-1/4 0") / scale
    case = BoundedNoise(rational(2), identity(2), U, vector([rest, rest]), (push,) * steps, H)
    robustness_rate_tradeoff.check(case, Check())
    gradient = case.balls().jacobian(0, steps)[0, 0]
    assert 1 - arb("1e-6") < gradient / slope(2, case.rest()) ** steps < 1


def test_two_near_states_at_the_margin_attain_the_contraction():
    m, near, steps = rational("1/2"), fmpq(1, 2**30), 5
    λ = dyadic_above(steepest(matrix("1"), [m]), 40)
    x = matrix([[dyadic_above(arb(m) - arb(m).tanh(), 40)]])
    case = TwoRuns(
        matrix("1"), matrix([[m]]), True, matrix([[m]]), matrix([[m + near]]), (x,) * steps, λ
    )
    contraction.check(case, Check())
    a, b = case.states()
    assert largest(a[-1] - b[-1]) > arb(λ) ** steps * near * arb("0.999999")


def test_steady_noise_takes_up_the_room():
    """The slopes within a small d hardly differ: noise of (1 − λ)d adds up to nearly d."""
    w, d = arb(2), fmpq(1, 1024)
    start = dyadic_above(rest_point(w, 0), 40)
    λ = dyadic_above(slope(w, rest_point(w, 0) - d), 40)
    u = matrix([[-dyadic_below(arb((1 - λ) * d), 40)]])
    case = BesideTheQuietRun(
        rational(2), identity(1), identity(1), matrix([[start]]), (u,) * 40, d, λ
    )
    noise_tolerance.check(case, Check())
    apart = abs(case.balls().states[-1, 0] - case.quiet.balls().states[-1, 0])
    assert arb("0.998") * d < apart < d


def test_what_the_bend_takes_is_bounded_within_a_third():
    """|tanh″| ≤ 4/(3√3), 1.3 times less than the 1 that is used, attained at the slope 2/3."""
    pair = NearbyStates(matrix("3"), matrix("11/16"), matrix("1"), fmpq(1, 2**12))
    bent = abs(arb(pair.ε * pair.stretch()) - pair.distance())
    assert bent < arb(pair.bend()) < bent * arb("1.31")


@pytest.mark.parametrize("w", ["101/100", "2", "6"])
def test_a_step_near_the_edge_is_a_parabola_up_to_third_order(w):
    """|a − (w tanh a − h*) − κx²| ≤ R|x|³, and where tanh is steepest hardly less."""
    case, ratios = NearTheEdge(rational(w), fmpq(1, 8), fmpq(0)), []
    for k in (-8, -4, -1, 1, 4, 8):
        x = arb(fmpq(k, 64))
        a = edge(arb(case.w)) + x
        rest = a - (case.w * a.tanh() - case.push()) - case.curvature() * x * x
        ratios.append(abs(rest) / (case.third_order() * abs(x) ** 3))
    assert all(ratio < 1 for ratio in ratios)
    if case.w < 2:
        assert max(map(float, ratios)) > 0.9


def test_where_the_gradient_is_large():
    """After one step 2 sech² z ≥ 3/2 for |z| ≤ arccosh √(4/3): 1.0986 of the 8/3 allowed."""
    case = Starts(rational(2), (fmpq(0),), 24, fmpq(1, 32), rational("3/2"))
    rare_explosion.check(case, Check())
    length = 2 * (arb(4) / 3).sqrt().acosh()
    assert length - arb(case.width) * 2 < arb(case.exploding()) < length


# -- the threshold, from both sides


@pytest.mark.parametrize("w", ["5/4", "2", "5"])
def test_the_threshold_from_both_sides(w):
    """A steady push of 2⁻¹² less keeps the bit for ever, of 2⁻¹² more turns it over."""
    w, ε = rational(w), fmpq(1, 4096)
    limit, attractor = threshold(arb(w)), rest_point(w, 0)
    steps = math.ceil(float(8 * arb.pi() / (ε * (1 - 1 / arb(w)).sqrt()).sqrt()))
    kept = lost = attractor
    for _ in range(steps):
        kept = w * kept.tanh() - (limit - ε)
        lost = w * lost.tanh() - (limit + ε)
    # Within h* − ε nothing is below the rest point that it has left beyond the edge.
    assert kept > rest_point(w, limit - ε) > edge(arb(w))
    assert lost < -edge(arb(w))


def test_the_bit_is_counted_as_lost_at_the_right_step():
    case = NoisyLatches(
        rational(2), matrix("1"), matrix("1"), matrix("2"), (matrix("0"),), rational("1/16")
    )
    push = float(threshold(arb(2)) + arb(1) / 16)
    states = Neuron(2.0).run(np.array([2.0]), np.full((40, 1), -push)).states[:, 0, 0]
    lost, depths, most = case.bit_is_lost()
    assert lost
    assert len(depths) - 1 == int(np.argmax(states < 0)) <= most == 33


# -- steered along the edge: no decay, over 10⁵ steps


@pytest.mark.parametrize(("first", "width"), [(1000, 2e-3), (10_000, 2e-4)])
def test_the_exponent_of_a_steered_latch_is_zero(first, width):
    """Fitted between T and 10T: (T + 2)/(2(T + 1)) has −(1 − 1/10)/(T ln 10) and less."""
    logs = []
    for steps in (first, 10 * first):
        value, error = log_gradient(Steered(rational(2), 1, 1, 2, steps).run())
        exactly = (arb(steps + 2) / (2 * (steps + 1))).log()
        assert abs(value - exactly) < arb(error)
        logs.append((value, error))
    (before, error), (after, later_error) = logs
    exponent = (after - before) / math.log(10)
    assert abs(exponent) + (error + later_error) / math.log(10) < width


# -- two kinds of memory, on one task


def test_both_memories_under_the_same_noise_for_400_steps():
    """±s at random: a sum of signs is within √T of 0 as often as coins say; a latch never moves."""
    s, steps, runs = 1 / 16, 400, 2000
    noise = s * np.random.default_rng(10).choice((-1.0, 1.0), (steps, runs))
    linear = RNN(W=np.eye(1), U=np.eye(1), b=np.zeros(1), activation="identity")
    errors = linear.run(np.zeros((runs, 1)), noise[:, :, None]).states[-1, :, 0]
    near = sum(math.comb(steps, k) for k in range(steps + 1) if abs(2 * k - steps) ** 2 <= steps)
    chance = fmpq(near, 2**steps)
    within = int(np.sum(np.abs(errors) <= s * math.sqrt(steps)))
    Check().proportion(within, runs, "errors within s√T", least=chance, most=chance)

    λ = slope(2, rest_point(2, arb(s)))
    attractor = float(rest_point(2, 0))
    run = Neuron(2.0).run(np.full(runs, attractor), noise)
    assert np.abs(run.states - attractor).max() < float(s / (1 - λ))
    slopes = run.step_jacobians()
    assert slopes.max() < float(λ)
    assert np.all(linear.run(np.zeros((1, 1)), noise[:, :1, None]).jacobian(0, steps) == 1)
