"""The numbers of robust memory, from derived formulas and from the model, and known witnesses."""

import numpy as np
import pytest
from flint import arb, fmpq

from models.neuron import Neuron
from properties.checking import Check, rational
from properties.checking.balls import precision
from properties.checking.decided import below, spectral_gaps
from properties.checking.exact import floats
from properties.checking.loading import load_catalogue
from properties.checking.plan import Plan
from properties.checking.verification import verify_part
from properties.latch_cases import dyadic_above, dyadic_below, edge, rest_point, slope, threshold
from properties.latch_decay import AtTheThreshold, least, log_gradient, most
from properties.latch_passage import NearTheEdge, steps_to_pass
from properties.latch_steered import Steered
from properties.robust_memory_cases import Alternating, stays_latched
from tests.digits import printed

CLAIMS = {claim.name: claim for claim in load_catalogue().claims}


@pytest.fixture(autouse=True)
def _many_bits():
    with precision(128):
        yield


# -- the threshold


@pytest.mark.parametrize(
    ("w", "digits"),
    [
        ("1.25", "0.077805"),
        ("1.5", "0.207546"),
        ("2", "0.532840"),
        ("3", "1.303274"),
        ("5", "3.028500"),
    ],
)
def test_threshold(w, digits):
    assert printed(threshold(arb(w)), digits)


@pytest.mark.parametrize("gain", ["1e-2", "1e-4", "1e-6"])
def test_near_one_the_threshold_is_two_thirds_of_a_power(gain):
    """With r = √(w − 1): r√(1 + r²) − arsinh r = (2/3)r³ − (1/5)r⁵ + …, an alternating series."""
    g = arb(gain)
    ratio = threshold(1 + g) / (arb(2) / 3 * g * g.sqrt())
    assert 1 - arb(3) / 10 * g < ratio < 1


@pytest.mark.parametrize(
    ("share", "digits"), [("0", "0.166"), ("0.5", "0.320"), ("0.9", "0.644"), ("0.99", "0.880")]
)
def test_slope_at_the_rest_point_of_two(share, digits):
    w = arb(2)
    assert printed(slope(w, rest_point(w, threshold(w) * arb(share))), digits)


@pytest.mark.parametrize(("w", "most"), [(5, "2e-3"), (10, "5e-7"), (20, "1e-14")])
def test_slope_of_a_large_weight(w, most):
    """λ(w, 0) → 4w e^{−2w}: a = w tanh a is w − 2w e^{−2w} + …"""
    w = arb(w)
    assert abs(slope(w, rest_point(w, 0)) / (4 * w * (-2 * w).exp()) - 1) < arb(most)


def test_rest_points_are_enclosed():
    for w, push in ((arb(2), arb(0)), (arb("1.25"), arb("0.07")), (arb(6), arb(3))):
        a = rest_point(w, push)
        assert (w * a.tanh() - push).overlaps(a)
        assert a > edge(w)
        assert a.rad() < arb(2) ** -80


# -- past it, and at it


@pytest.mark.parametrize(("bits", "steps"), [(10, 109), (14, 467), (18, 1902)])
def test_unlatching_takes_about_pi_over_the_root(bits, steps):
    """∫dx/(ε + κx²) is π/√(κε) over the line, and outside of [−δ, δ] 2/(κδ) of that."""
    case = NearTheEdge(rational(2), rational("1/4"), fmpq(1, 2**bits))
    assert len(steps_to_pass(case, 5000)) - 1 == steps
    κ = case.curvature()
    whole, outside = arb.pi() / (κ * case.ε).sqrt(), 2 / (κ * case.δ)
    assert abs(steps - (whole - outside)) < 1


AT = {"w": rational(2), "δ": rational("1/8"), "share": rational(1)}


def test_exponential_below_the_threshold():
    """ln λ − 2(a_0 − r)/((1 − λ)T) ≤ (1/T) ln ∂a_T/∂a_0 ≤ ln λ, from |(ln tanh′)′| ≤ 2."""
    w, steps = arb(2), 100_000
    r = rest_point(w, threshold(w) / 2)
    λ = slope(w, r)
    start = max(float(edge(w)) + 1 / 8, float(r.upper()) + 2.0**-40)
    push = float(threshold(w) / 2)
    trajectory = Neuron(2.0).run(np.array([start]), np.full((steps, 1), -push))
    value, error = log_gradient(trajectory)
    high = λ.log()
    low = high - 2 * (arb(start) - r) / ((1 - λ) * steps)
    rate = arb(value / steps, error / steps)
    assert not rate > high
    assert not rate < low
    assert high - low < arb("1e-4")
    assert error < 1e-4 * abs(value)


@pytest.mark.parametrize(("first", "width"), [(100, "0.2"), (1000, "0.02"), (10_000, "0.002")])
def test_the_exponent_at_the_threshold_is_minus_two(first, width):
    """Between T and 10T, fitted to the model's run, in the interval that was derived for it."""
    last = 10 * first
    (before, error), (after, later_error) = (
        log_gradient(AtTheThreshold(**AT, t=t).run()) for t in (first, last)
    )
    fitted = arb(after - before, error + later_error) / arb(10).log()
    w, x, steps = arb(2), AtTheThreshold(**AT, t=first).decay.x, last - first
    # The bounds of threshold_rate, for a run that starts where this one is at T.
    near, a = NearTheEdge(rational(2), dyadic_above(x), fmpq(0)), edge(w) + x
    first_step = a - (w * a.tanh() - threshold(w))

    def bound(side, index, t):
        return (
            side(near.curvature(), near.third_order(), arb(near.δ), near.sides()[index], [x], t)
            / first_step
        )

    ends = bound(least, 1, steps - 1) * slope(w, a), bound(most, 0, steps)
    interval = [end.log() / arb(10).log() for end in ends]
    assert interval[0] < fitted < interval[1]
    assert all(abs(end + 2) < arb(width) for end in interval)


def test_steered_the_gradient_tends_to_one_half():
    """w = 2, slopes 1 − 1/(t + 2)²: the product is (T + 2)/(2(T + 1))."""
    case = Steered(rational(2), 1, 1, 2, 200)
    assert case.gradient() == fmpq(202, 402)
    assert case.never_below() > fmpq(49, 100)
    assert printed(case.run().jacobian(0, 200)[0, 0, 0], "0.5024876")
    assert below(lambda: (edge(arb(2)), np.array(case.states(), dtype=object)))[0]


# -- theorem 4 as printed, the second witness


def test_two_latched_units_with_a_growing_gradient():
    case = Alternating(rational(2), rational(20), 20)
    assert all(stays_latched(case.W, case.bias(), state) for state in case.states())
    start, inputs = case.start_and_inputs()
    trajectory = case.model().run(start, inputs)
    assert trajectory.jacobian(0, 20)[0].max() == 2.0**20
    for step in trajectory.step_jacobians()[:, 0]:
        assert np.abs(np.linalg.eigvals(step)).max() < 1e-7
    assert set(map(tuple, trajectory.states[:, 0])) == {(0.0, 20.0), (20.0, 0.0)}


def test_a_state_that_is_not_latched_is_seen():
    case = Alternating(rational(8), rational(1), 2)
    assert not stays_latched(case.W, case.bias(), case.states()[0])
    with pytest.raises(ValueError, match="M\\(state\\) ≥ state"):
        stays_latched(case.W, case.bias(), np.array([arb(30), arb(30)], dtype=object))


def test_without_a_fixed_point_a_run_escapes():
    """x_t² = x_0² + t for M(x) = √(1 + x²), although |M′| < 1 everywhere."""
    x = arb(0)
    for _ in range(100):
        x = (1 + x * x).sqrt()
    assert abs(x - 10) < arb(2) ** -100


# -- the smallest counterexamples

SMALLEST = {
    ("latching_vanishes", "without[one norm serves every state]"): (
        'NormedRun(W=matrix("0 1; 1 0"), slopes=(vector("1 1/4"), vector("1/4 1")), '
        'norms=(matrix("2 0; 0 1"), matrix("1 0; 0 2")), λ=rational("1/2"))'
    ),
    ("latching_vanishes", "without[‖M′(a_t)‖ ≤ λ at every state]"): (
        'NormedRun(W=matrix("1"), slopes=(matrix("3/4"), matrix("8/9")), '
        'norms=(matrix("1"), matrix("1")), λ=rational("3/4"))'
    ),
    ("latching_vanishes", "misread[theorem_4_one_unit]"): ("Steered(w=2, c=1, d=1, p=2, t=1)"),
    ("latching_vanishes", "misread[theorem_4_two_units]"): "Alternating(w=1, β=4, t=2)",
    ("contraction", "misread[pointwise_below_one]"): "Root(α=1, c=1)",
    ("contraction", "without[the set is convex]"): (
        'TwoRuns(W=matrix("2"), m=matrix("1"), one_sided=False, a0=matrix("-1"), b0=matrix("1"), '
        'x=(matrix("0"),), λ=rational("27/32"))'
    ),
    ("expansion_somewhere", "without[‖M′(x)δ‖ > ‖δ‖ + L‖δ‖²/2]"): (
        'NearbyStates(W=matrix("5/4"), d=matrix("1"), v=matrix("1"), ε=1)'
    ),
    ("latch_threshold", "without[|h_t| ≤ h*(w)]"): (
        'NoisyLatches(w=2, P=matrix("1"), U=matrix("1"), c0=matrix("29/32"), '
        'x=(matrix("-21/32"),), excess=rational("1/16"))'
    ),
    ("rare_explosion", "misread[measure_zero]"): (
        'Starts(w=2, h=(0,), cells=1, width=rational("1/8"), least=rational("1/2"))'
    ),
    ("unlatching_time", "without[the push exceeds h*(w)]"): (
        'NearTheEdge(w=2, δ=rational("1/8"), ε=0)'
    ),
    ("memory_kinds", "without[the noise of different steps is uncorrelated]"): (
        'Memory(W=matrix("1"), atoms=((rational("1/2"), matrix("1/8")), '
        '(rational("1/2"), matrix("-1/8"))), repeated=True, t=2, w=2)'
    ),
}


@pytest.mark.parametrize(("name", "part"), SMALLEST, ids=lambda each: each)
def test_the_smallest_counterexample(name, part):
    outcome = verify_part(CLAIMS[name], part, Plan())
    assert repr(outcome.counterexample.case) == SMALLEST[name, part]


# -- the tools


def test_dyadic_neighbours_are_strict():
    for ball in (arb(1), arb("0.3"), arb(3) / 7, arb(2) ** -20):
        assert arb(dyadic_below(ball)) < ball < arb(dyadic_above(ball))
        assert arb(dyadic_above(ball) - dyadic_below(ball)) <= ball / 2**14


def test_norms_are_compared_by_minors():
    rotation = np.array([[arb(3) / 5, arb(4) / 5], [arb(-4) / 5, arb(3) / 5]], dtype=object)
    assert all(gap > 0 for gap in spectral_gaps(rotation, arb("1.0001")))
    assert not all(gap > 0 for gap in spectral_gaps(rotation, arb("0.9999")))


def test_what_two_balls_do_not_tell_apart_is_an_error():
    from properties.checking.balls import UndecidedError

    assert below(lambda: (arb(2).sqrt(), arb("1.5")))[0]
    assert not below(lambda: (arb("1.5"), arb(2).sqrt()))[0]
    with pytest.raises(UndecidedError, match="1024 bits"):
        below(lambda: (arb(2).sqrt() ** 2, arb(2)), limit=1024)


def test_the_error_of_a_log_gradient_is_derived_and_sharp():
    """Judged by balls along runs at the threshold and below it."""
    worst = 0.0
    for share in ("1", "1/2"):
        for steps in (1, 10, 200):
            case = AtTheThreshold(rational(3), rational("1/8"), rational(share), steps)
            value, error = log_gradient(case.run())
            check = Check()
            check.close(np.array(value), np.array(case.decay.gradient.log(), dtype=object), error)
            worst = max(worst, *check.ratios.values())
    assert 1e-3 < worst < 1


def test_the_model_of_a_case_is_the_neuron():
    case = NearTheEdge(rational(2), rational("1/8"), rational("1/64"))
    start = np.array([[float(edge(arb(2))) + 1 / 8]])
    inputs = np.full((5, 1, 1), -float(case.push()))
    network = case.model().run(start, inputs).states
    neuron = Neuron(floats(case.w)).run(start[0], inputs[:, 0]).states
    assert np.array_equal(network, neuron)
