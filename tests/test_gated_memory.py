"""Gated memory: the counterexamples that are known, and the numbers that are quoted."""

from math import log

import numpy as np
import pytest
from flint import fmpq

from models.lstm import LSTM
from properties.checking import EXACT, Check, Violation, formula, matrix, vector
from properties.checking.loading import load_catalogue
from properties.checking.plan import Plan
from properties.checking.verification import verify_part
from properties.gated_memory import LSTMGradientRun, lstm_gradients
from properties.gated_memory_error_flow_cases import ErrorFlow
from properties.gated_memory_explosion import lstm_solves_both
from properties.gated_memory_explosion_cases import OrdinaryRun, RestingCell
from properties.gated_memory_initial import InitialLSTMs
from properties.gated_memory_jacobians import resets_alike
from properties.gated_memory_retention_cases import alone
from tests.digits import printed
from theory import gated_memory_explosion

CLAIMS = {claim.name: claim for claim in load_catalogue().claims}

KNOWN = {
    ("influence_persists", "misread[for_ever]"): 'b=vector("0 3 0 0")',
    ("influence_persists", "misread[one_gate_too_many]"): "x=(0,), s=1, y=1",
    ("overwrites_versus_adds", "misread[every_network_overwrites]"): 'W=matrix("1"), u=matrix("0")',
    ("overwrites_versus_adds", "misread[cells_only_add]"): 'W=matrix("0"), u=matrix("0")',
    ("overwrites_versus_adds", "misread[identity_keeps_all]"): 'h=matrix("0"), h2=matrix("1")',
    ("forget_bias", "misread[one_is_long]"): 'b=vector("0 1 0 0")',
    ("lstm_jacobian", "misread[nothing_through_the_gates]"): 'W=vector("0 0 1 0")',
    ("gru_interpolates", "misread[conventions_alike]"): 'b=vector("0 1 0"), bn=matrix("0")',
    ("gru_interpolates", "misread[resets_alike]"): 'W=vector("0 0 1")',
    ("lstm_can_explode", "without[the cell is at rest: c_0 = 0]"): "w=0, c0=1, t=1",
    ("lstm_can_explode", "misread[lstm_solves_both]"): 'W=vector("0 0 6 0")',
    ("lstm_can_explode", "misread[lstm_solves_vanishing]"): "x=(0, 0)",
    ("lstm_can_explode", "misread[direct_path_is_least]"): 'W=vector("0 0 -1 0")',
    ("error_flow_bound", "without[φ′ ≤ γ]"): 'W=matrix("1/2"), slopes=matrix("2")',
    ("error_flow_bound", "misread[each_weight_alone]"): 'W=matrix("0 3; 3 3")',
    ("error_flow_bound", "misread[largest_entry_for_a_norm]"): 'W=matrix("0 1; 1 1")',
    ("error_flow_bound", "misread[heavy_weights_carry_on]"): 'W=matrix("0 4; 0 0")',
}


@pytest.mark.parametrize(("name", "part"), KNOWN)
def test_the_known_counterexample_is_found(name, part):
    outcome = verify_part(CLAIMS[name], part, Plan())
    assert outcome.verdict == "holds", outcome.message
    assert KNOWN[name, part] in repr(outcome.counterexample.case)


# The LSTM's gradient explodes, and vanishes.


def test_three_to_the_thirty_and_nothing():
    growth = formula(gated_memory_explosion.lstm_can_explode, EXACT)
    assert growth(1, 1, 1, 2, 30) == 3**30 == 205_891_132_094_649
    assert growth(1, 1, 1, -1, 30) == 0


@pytest.mark.parametrize(("w", "in_all"), [(6, 2.0**10), (-2, 0.0), (0, 2.0**-10)])
def test_a_cell_at_rest_doubles_its_gradient_or_cancels_it(w, in_all):
    cell = RestingCell(b=vector("0 0 0"), w=w, c0=fmpq(0), t=10, bound=1)
    run = cell.trajectory()
    by_h, by_c = run.jacobian(0, 10)[0, 1]
    assert by_c + by_h / 2 == in_all
    assert run.direct_path(0, 10) == 2.0**-10


def test_every_bound_is_exceeded_in_a_single_step():
    cell = RestingCell(b=vector("-4 0 -4"), w=0, c0=fmpq(0), t=1, bound=10**12)
    run = cell.exploding().trajectory()
    by_h, by_c = run.jacobian(0, 1)[0, 1]
    o = float(cell.gates()[2].mid())
    assert by_c + by_h * o > 1e12


EXPLODING = OrdinaryRun(
    W=vector("0 0 4 0"),
    u=vector("0 0 0 0"),
    b=vector("0 0 0 0"),
    h0=matrix("0"),
    c0=matrix("0"),
    x=(0,) * 12,
    s=0,
)


def test_what_the_search_found_can_be_checked_by_hand():
    """1/2 + 4/4 a step: ∂c_12/∂h_0 = (1/2)·4·(3/2)^11."""
    by_h, _ = EXPLODING.trajectory().jacobian(0, 12)[0, 1]
    assert by_h == 2 * 1.5**11
    with pytest.raises(Violation):
        lstm_solves_both(EXPLODING, Check())


# What a cell keeps.


@pytest.mark.parametrize(
    ("gate", "steps", "kept"), [("0.99", 1000, "4.3e-5"), ("0.731", 100, "2.5e-14")]
)
def test_a_gate_that_is_nearly_open_forgets(gate, steps, kept):
    assert printed(float(gate) ** steps, kept)


def test_half_lives_of_the_model():
    assert alone(0.0, 3).c[:, 0, 0].tolist() == [1, 0.5, 0.25, 0.125]
    one = alone(1.0, 100).c[:, 0, 0]
    assert printed(log(0.5) / log(one[1]), "2.21")
    assert one[2] > 0.5 > one[3]
    assert printed(one[100], "2.5e-14")


@pytest.mark.parametrize(
    ("span", "kept"), [(2, "0.25"), (10, "0.349"), (100, "0.366"), (1000, "0.3677")]
)
def test_the_chrono_rule_on_the_model(span, kept):
    assert printed(alone(log(span - 1), span).c[-1, 0, 0], kept)
    assert (1 - 1 / span) / np.e <= (1 - 1 / span) ** span <= 1 / np.e


@pytest.mark.parametrize(
    ("bias", "least", "most"), [(0.0, 2e-8, 3e-5), (1.0, 1e-4, 0.02), (log(19), 0.2, 0.6)]
)
def test_networks_fresh_from_torchs_default(bias, least, most):
    """Nine of ten cells keep between these shares over 20 steps, of 16 cells and of 64."""
    for cells in (16, 64):
        kept = InitialLSTMs(cells, bias, 20, 0).kept().ravel()
        assert np.mean((least < kept) & (kept < most)) > 0.9


# The error flow.


def test_the_bound_of_1997_is_never_reached_and_the_sharper_one_is():
    for n in (1, 2, 3):
        one = vector([1] * n)
        steep = matrix([["1/4"] * 3] * n)
        straight = ErrorFlow(
            matrix([[3 * (i == j) for j in range(n)] for i in range(n)]), steep, fmpq(1, 4), one
        )
        assert straight.largest() == straight.limit() == fmpq(27, 64)
        alike = ErrorFlow(matrix([[1] * n] * n), steep, fmpq(1, 4), one)
        assert alike.largest() * n == alike.limit()


def test_sigmoid_units_below_four_over_n_vanish():
    W = matrix("3/2 -3/2; 1 3/2")
    flow = ErrorFlow(W, matrix([["1/4"] * 20] * 2), fmpq(1, 4), vector("1 1"))
    assert flow.limit_by_weights() == fmpq(3, 4) ** 20
    assert flow.largest() <= flow.limit() <= flow.limit_by_weights()


# The GRU's conventions.


def test_reset_gates_before_and_after_agree_where_nothing_is_read():
    case = CLAIMS["gru_interpolates"].witness
    resets_alike(type(case)(matrix("0; 0; 0"), case.u, case.b, case.bn, case.h0, case.x), Check())


def test_the_blocks_are_those_of_the_model():
    """Not by balls: element by element from the gates of the model itself, one cell, one step."""
    W, b = np.array([[0.5], [-1.0], [2.0], [1.5]]), np.array([0.25, 1.0, -0.5, 0.0])
    run = LSTM(W, np.zeros((4, 0)), b).run(np.array([[0.3, -0.7]]), np.zeros((1, 1, 0)))
    i, f, g, o = (gate[0, 0, 0] for gate in run.gates)
    c, new = -0.7, run.c[1, 0, 0]
    by_h = 0.5 * g * i * (1 - i) - c * f * (1 - f) + 2 * i * (1 - g * g)
    shown = o * (1 - np.tanh(new) ** 2)
    blocks = [[1.5 * o * (1 - o) * np.tanh(new) + shown * by_h, shown * f], [by_h, f]]
    np.testing.assert_allclose(run.jacobian(0, 1)[0], blocks, rtol=1e-14)


def test_a_large_direct_cotangent_is_rounded_with_each_term_that_is_added():
    # What comes back through the steps is small beside the 1 that it is added to.
    case = LSTMGradientRun(
        W=vector("0 -2 0 0"),
        u=vector("-1 1 0 1"),
        b=vector("0 -2 1 0"),
        h0=matrix("1"),
        c0=matrix("0"),
        x=(-1, 0, 0),
        g=vector("0 1"),
    )
    lstm_gradients.check(case, Check())
