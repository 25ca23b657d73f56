"""What the theory of dynamics gives in numbers, and the counterexamples that are known."""

from collections.abc import Iterator

import numpy as np
import pytest
from flint import arb, arb_series, fmpq
from hypothesis import given, settings

from models.rnn import RNN
from properties.checking import Check, Violation, formula, matrix, rational, vector
from properties.checking.algebras import BALL
from properties.checking.balls import precision
from properties.checking.loading import load_catalogue
from properties.checking.plan import Plan
from properties.checking.verification import verify_part
from properties.checking.zeros import zeros_of_one_variable
from properties.dynamics_cases import BiasPath, FlipPoint, PlanePoint, curve, image, less
from properties.dynamics_network_cases import SmallNet, StandingState, standing_states
from properties.stack_machines_cases import Sum, Word
from properties.stack_network_cases import NoisyStack, Operations, Window
from tests.digits import printed
from theory import dynamics as theory

CLAIMS = {claim.name: claim for claim in load_catalogue().claims}


@pytest.fixture(autouse=True)
def _many_bits() -> Iterator[None]:
    with precision(128):
        yield


THRESHOLDS = {
    "5/4": "0.077805",
    "3/2": "0.207546",
    "2": "0.532840",
    "3": "1.303274",
    "5": "3.028500",
}


@pytest.mark.parametrize("w", THRESHOLDS)
def test_the_saddle_nodes(w):
    assert printed(-curve(rational(w), 1), THRESHOLDS[w])


def test_the_saddle_nodes_begin_in_a_cusp():
    """h*(1 + e) ≈ (2/3)e^{3/2}: less than a thousandth off at e = 1/1000."""
    e = fmpq(1, 1000)
    height, leading = -curve(1 + e, 1), 2 * arb(e).sqrt() * arb(e) / 3
    assert abs(height / leading - 1) < arb(e)
    assert curve(fmpq(1), 1).contains(0)


def test_the_flips():
    """At w = −2: arccosh √2 + √2, and the fixed point is √(1/2)."""
    flip = curve(fmpq(2), -1)
    assert printed(flip, "2.295587")
    assert flip.overlaps(arb(2).sqrt().acosh() + arb(2).sqrt())


def logistic_bias(w, height):
    """The bias b of x′ = wσ(x) + b whose tanh form has the bias `height`: b/2 + w/4 = height."""
    return 2 * (height - arb(w) / 4)


def test_the_logistic_cusp_and_the_saddle_nodes_at_five():
    assert printed(logistic_bias(4, curve(fmpq(1), 1)), "-2.0000")
    height = curve(fmpq(5, 4), 1)
    assert printed(logistic_bias(5, height), "-2.6556")
    assert printed(logistic_bias(5, -height), "-2.3444")


def logistic_fixed_points(w, b):
    """The zeros of x − wσ(x) − b, where all of them lie; with σ(x) = (1 + tanh(x/2))/2."""
    half = image(arb(fmpq(1, 2)), arb(0))

    def excess(x):
        y = half(x)
        return less(x, [arb(w) * (1 + y[0]) / 2 + arb(b), *(arb(w) * each / 2 for each in y[1:])])

    return zeros_of_one_variable(excess, -20, 20)


@pytest.mark.parametrize(
    ("b", "count"), [("-2.6557", 1), ("-2.6555", 3), ("-2.3445", 3), ("-2.3443", 1)]
)
def test_the_logistic_form_itself_has_its_saddle_nodes_there(b, count):
    assert len(logistic_fixed_points(fmpq(5), rational(b))) == count


@pytest.mark.parametrize(
    ("w", "offset", "count"),
    [("2", "-1/1000000", 3), ("2", "1/1000000", 1), ("2", "0", 2), ("9/8", "0", 2), ("9", "0", 2)],
)
@pytest.mark.parametrize("side", [1, -1])
def test_counts_beside_the_edge_of_the_wedge(w, offset, count, side):
    point = PlanePoint(rational(w), side, side * rational(offset))
    assert len(point.fixed_points) == point.derived_count() == count


def test_the_cusp_has_one_fixed_point():
    cusp = PlanePoint(fmpq(1), 0, fmpq(0))
    assert len(cusp.fixed_points) == cusp.derived_count() == 1


@pytest.mark.parametrize(("offset", "count"), [("-1/1000", 2), ("1/1000", 0)])
@pytest.mark.parametrize("side", [1, -1])
def test_cycles_beside_the_flip_curve(offset, count, side):
    point = FlipPoint(fmpq(-2), side, side * rational(offset))
    assert len(point.period_two_points) == point.derived_count() == count


def test_the_taylor_coefficients_of_the_map():
    """Those of power series, which flint computes by another way."""
    x, w, b = (arb(fmpq(*each)) for each in ((1, 3), (-5, 2), (1, 4)))
    inner = arb_series([w * x + b, w * arb(2), w * arb(-1), w * arb(5)], prec=4)
    e = (2 * inner).exp()
    expected = (e - 1) / (e + 1)
    found = image(w, b)([x, arb(2), arb(-1), arb(5)])
    assert all(a.overlaps(b) and b.rad() < 1e-30 for a, b in zip(found, expected, strict=True))


def test_two_units_that_rest_in_nine_ways():
    assert len(SmallNet(matrix("3 1/4; 0 3"), vector("1/16 1/16")).fixed_points) == 9


def test_a_count_of_the_formula_is_no_float():
    count = formula(theory.fixed_point_count, BALL)(arb(2), arb(0))
    assert (count, type(count)) == (3, int)


# The counterexamples that a teacher shows: the smallest ones, where the search always ends there,
# and else what is to be seen in them.

SMALLEST = {
    "bifurcation_curves::misread[mirrored_curve]": 'CurvePoint(v=rational("3/2"), m=-1)',
    "bifurcations::misread[crossing_is_necessary]": repr(
        BiasPath(fmpq(2), fmpq(0), fmpq(0), fmpq(1, 4), 10)
    ),
    "period_two_orbits::without[(w, b) lies off the flip curve]": repr(
        FlipPoint(fmpq(-3, 2), 1, fmpq(0))
    ),
    "basin_crossing::misread[grows_as_the_weight]": repr(
        StandingState(matrix("2"), vector("1/2"), vector("1"), vector("0"), 2)
    ),
    "driven_unit::without[unit 2 does not read unit 1]": repr(
        SmallNet(matrix("0 2; 2 0"), vector("1/16 1/16"))
    ),
    "fixed_point_index::misread[unstable_means_negative]": repr(
        SmallNet(matrix("-2"), vector("1/16"))
    ),
    "fixed_point_index::without[no fixed point has the multiplier one]": repr(
        SmallNet(W=matrix("1"), b=vector("0"))
    ),
    "stack_network::misread[pop_without_clamp]": repr(Operations(("pop",))),
    "stack_network::misread[binary_code]": repr(Operations(("push 1", "push 0"))),
    "stack_gradient::without[from step s on a bit lies on the stack]": repr(Window(("pop",), 0)),
    "stack_gradient::misread[must_vanish]": repr(Window(("push 1", *("hold",) * 10), 1)),
    "stack_noise::misread[error_stays]": repr(NoisyStack((0,), rational("1/256"), 1)),
    "counts_letters::misread[equal_numbers]": repr(Word("ba")),
    "adds_binary::misread[without_carry]": repr(Sum("1", "1")),
}


def counterexample(part, seed=0):
    name, _, part = part.partition("::")
    outcome = verify_part(CLAIMS[name], part, Plan(seed=seed))
    assert outcome.verdict == "holds", outcome.message
    return outcome.counterexample.case


@pytest.mark.parametrize("part", SMALLEST)
def test_the_smallest_counterexamples(part):
    assert repr(counterexample(part)) == SMALLEST[part]


def test_a_bifurcation_is_crossed_without_an_explosion():
    """At w = 3 from 0, b from 1 to 3/2 crosses h*(3) = 1.3033, and |∂x_10/∂b| stays below 0.002."""
    path = BiasPath(fmpq(3), fmpq(0), fmpq(1), fmpq(3, 2), 10)
    assert path.counts() == (3, 1)
    assert path.steepest() < 0.002


def test_an_explosion_without_a_bifurcation():
    """At w = 2 from 0, b between ±1/8 stays inside the wedge, and ∂x_T/∂b is 2ᵀ − 1 at b = 0."""
    path = BiasPath(fmpq(2), fmpq(0), fmpq(-1, 8), fmpq(1, 8), 20)
    assert path.counts() == (3, 3)
    gradients, _ = path.gradients()
    assert gradients[1] == 2.0**20 - 1


@pytest.mark.parametrize("seed", [0, 1])
def test_what_the_search_finds_against_the_story_of_bifurcations(seed):
    crossed = counterexample("bifurcations::misread[crossing_is_sufficient]", seed)
    assert crossed.counts()[0] != crossed.counts()[1]
    inside = counterexample("bifurcations::misread[crossing_is_necessary]", seed)
    assert inside.counts() == (3, 3)


def test_the_stack_loses_its_27th_bit_in_float64():
    case = counterexample("stack_network::without[at most 26 bits lie on the stack]")
    assert len(case.operations) == case.deepest == 27


# Models that are broken, and checks that see it.


def test_a_network_off_its_fixed_point_is_seen():
    point = PlanePoint(fmpq(2), 0, fmpq(1, 2))

    class Wrong(PlanePoint):
        def models(self):
            (model,) = super().models()
            return (RNN(model.W * (1 + 2.0**-40), model.U, model.b),)

    CLAIMS["bifurcations"].check(point, Check())
    with pytest.raises(Violation, match="a step from a fixed point"):
        CLAIMS["bifurcations"].check(Wrong(point.w, point.side, point.offset), Check())


def test_a_gradient_of_other_weights_is_seen():
    state = StandingState(matrix("2"), vector("1/2"), vector("1"), vector("0"), 5)

    class Wrong(StandingState):
        def model(self):
            model = super().model()
            return RNN(model.W * (1 + 2.0**-20), model.U, model.b)

    CLAIMS["basin_crossing"].check(state, Check())
    with pytest.raises(Violation, match="of the network"):
        CLAIMS["basin_crossing"].check(Wrong(state.W, state.x0, state.v, state.offset, 5), Check())


@pytest.mark.parametrize("entry", [(0, 0), (3, 2), (4, 4), (5, 1), (6, 3)])
def test_a_stack_with_a_wrong_weight_is_seen(entry):
    pushes = ("push 0", "push 0", "push 0", "push 1")
    operations = (*pushes, "pop", "push 0", "hold", "hold", "pop", "pop", "pop", "push 1")
    case = Operations(operations)

    class Wrong(Operations):
        def models(self):
            (model,) = super().models()
            W = np.array(model.W)
            W[entry] = 0
            return (RNN(W, model.U, model.b, model.activation),)

    CLAIMS["stack_network"].check(case, Check())
    with pytest.raises(Violation):
        CLAIMS["stack_network"].check(Wrong(operations), Check())


@settings(max_examples=1000)
@given(standing_states(other=True))
def test_a_covector_has_a_value_of_the_formula(state):
    assert state.multiplier != 1
