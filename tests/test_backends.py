"""Backends: right ones hold, wrong ones are refuted by a small case, broken ones say why."""

import importlib.util
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.backends import BackendError, UnderTest, load_backend, loading
from models.backends.numpy_models import NumpyModels
from models.gru import GRU
from models.lstm import LSTM
from models.rnn import RNN
from models.trajectory import Gradients
from properties import (
    backpropagation,
    gated_memory,
    gated_memory_explosion,
    gated_memory_jacobians,
    gated_memory_retention,
)
from properties.checking.applicability import parts_on, why_not_applicable
from properties.checking.plan import Plan
from properties.checking.verification import verify_part
from properties.linear_recurrence import spectral_power
from tests.test_models_exact import exact
from tests.test_verification import Number, make

CLAIMS = {
    claim.name: claim
    for claim in (
        backpropagation.jacobian_chain,
        backpropagation.backpropagation_through_time,
        gated_memory.carousel,
        gated_memory.cell_jacobian,
        gated_memory.lstm_gradients,
        gated_memory.gru_gradients,
        gated_memory_jacobians.lstm_jacobian,
        gated_memory_jacobians.gru_interpolates,
        gated_memory_retention.influence_persists,
        gated_memory_retention.overwrites_versus_adds,
        gated_memory_retention.forget_bias,
        gated_memory_explosion.lstm_can_explode,
    )
}

# Wrong backend: the claim that refutes it, and the units and steps of the smallest case.
WRONG = {
    "GatesSwapped": ("carousel", 1, 1),
    "RecurrentTransposed": ("jacobian_chain", 2, 1),
    "SlopeOfTheNextStep": ("jacobian_chain", 1, 2),
    "SlopeOfTheNextCell": ("lstm_gradients", 1, 2),
    "TruncatedAfterTen": ("jacobian_chain", 1, 11),
    "TruncatedLSTM": ("carousel", 1, 11),
    "BiasTwice": ("backpropagation_through_time", 1, 1),
    "BiasTwiceLSTM": ("lstm_gradients", 1, 1),
    "Float16AsFloat32": ("jacobian_chain", 1, 1),
    "Float16AsFloat32LSTM": ("carousel", 1, 1),
    "UnitForgetBias": ("forget_bias", 1, 1),
    "CoupledGates": ("influence_persists", 1, 1),
    "DetachedLSTM": ("lstm_jacobian", 1, 1),
    "WritesWithZ": ("gru_interpolates", 1, 1),
    "ResetsBefore": ("gru_interpolates", 1, 1),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_backend_is_refuted_by_a_small_case(name):
    claim, units, steps = WRONG[name]
    outcome = verify_part(CLAIMS[claim], "holds", Plan(backend=f"tests.wrong_cells:{name}"))
    assert outcome.verdict == "refuted", outcome.message
    case = outcome.counterexample.case
    assert (case.h0.nrows(), case.t) == (units, steps)
    assert outcome.counterexample.violation >= 2


RIGHT = ("tests.plain_cells:PlainCells", "tests.plain_cells:Float32")
EXTRAS = ("torch", "torch:float32", "jax", "jax:float32")


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("backend", RIGHT + EXTRAS)
def test_a_right_backend_holds_within_the_bounds_of_its_precision(backend, claim):
    package = backend.partition(":")[0]
    if backend in EXTRAS and importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed; the extra [{package}] has it")
    # JAX compiles for every shape anew: here only for the witness.
    parts = ["witness"] if package == "jax" else parts_on(CLAIMS[claim], backend)
    for part in parts:
        outcome = verify_part(CLAIMS[claim], part, Plan(examples=20, backend=backend))
        assert outcome.verdict == "holds", outcome.message


def test_the_unit_roundoff_is_that_of_what_is_returned():
    assert load_backend("numpy").unit_roundoff == 2.0**-53
    assert load_backend("tests.plain_cells:Float32").unit_roundoff == 2.0**-24
    assert load_backend("tests.wrong_cells:Float16AsFloat32").unit_roundoff == 2.0**-24


def test_claims_that_a_backend_is_not_judged_by():
    plain = "tests.plain_cells:PlainCells"
    assert "concerns no model" in why_not_applicable(spectral_power, plain)
    assert "does not support its GRU" in why_not_applicable(CLAIMS["gru_gradients"], plain)
    assert why_not_applicable(CLAIMS["carousel"], plain) is None
    assert why_not_applicable(spectral_power, "numpy") is None
    assert parts_on(spectral_power, plain) == []
    assert parts_on(CLAIMS["carousel"], plain) == ["witness", "holds"]
    assert parts_on(CLAIMS["carousel"], "numpy") == CLAIMS["carousel"].parts


def test_a_claim_that_computes_nothing_with_the_backend_is_an_error():
    class Modelled(Number):
        def models(self):
            return (network(),)

    idle = make(concerns=RNN, witness=Modelled(2))
    outcome = verify_part(idle, "holds", Plan())
    assert outcome.verdict == "error"
    assert "computed nothing with check.backend" in outcome.message
    unnamed = verify_part(make(concerns=RNN), "holds", Plan())
    assert "its witness names no model" in unnamed.message


def network(**changes):
    weights = {"W": np.eye(2), "U": np.ones((2, 1)), "b": np.zeros(2)}
    return RNN(**{**weights, **changes})


START, INPUTS = np.zeros((1, 2)), np.ones((3, 1, 1))


class Changed(NumpyModels):
    """Right but for what `run` returns, or for one field of the gradients."""

    def __init__(self, run=None, **fields):
        self.changed_run, self.fields = run, fields

    def run(self, model, state0, x):
        states = super().run(model, state0, x)
        return self.changed_run(states) if self.changed_run else states

    def vjp(self, *arguments):
        found = super().vjp(*arguments)
        return SimpleNamespace(**{**vars(found), **self.fields})


def computed(under_test):
    under_test.run(network(), START, INPUTS)
    under_test.vjp(network(), START, INPUTS, START)


def nan_at_the_end(states):
    states[-1, 0, 1] = np.nan
    return states


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        (Changed(run=lambda s: s[1:]), r"run returned shape \(3, 1, 2\); it needs \(4, 1, 2\)"),
        (Changed(run=lambda s: s.astype("f2")), "dtype float16; it needs float64 or float32"),
        (Changed(run=lambda s: s.tolist()), "returned a list; it needs a numpy array"),
        (Changed(run=nan_at_the_end), r"returned nan at \(3, 0, 1\); it needs finite numbers"),
        (Changed(inputs=None), "vjp returned SimpleNamespace; it needs an object with parameters"),
        (Changed(parameters={"W": np.eye(2)}), "vjp's parameters are W; it needs W, U, b"),
        (Changed(initial=np.zeros(2)), r"initial returned shape \(2,\); it needs \(1, 2\)"),
        (Changed(initial=np.zeros((1, 2), "f4")), "dtype float32, and float64 before"),
    ],
)
def test_what_breaks_the_protocol_says_what_is_needed(backend, said):
    with pytest.raises(BackendError, match=f"^mine: .*{said}"):
        computed(UnderTest(backend, "mine"))


def test_an_object_that_is_no_backend_says_what_it_lacks():
    with pytest.raises(BackendError, match="thing is of type int and lacks supports, run, vjp"):
        UnderTest(3, "thing")


def test_a_model_that_is_not_supported_is_named():
    plain = load_backend("tests.plain_cells:PlainCells")
    with pytest.raises(BackendError, match=r"does not support RNN \(relu, activation_last\)"):
        plain.run(network(activation="relu"), START, INPUTS)


def test_a_backend_that_works_in_place_spoils_nothing():
    class InPlace(NumpyModels):
        def run(self, model, state0, x):
            states = super().run(model, state0.copy(), x.copy())
            state0[:] = x[:] = 7
            return states

    start, inputs = START.copy(), INPUTS.copy()
    UnderTest(InPlace(), "in place").run(network(), start, inputs)
    assert np.array_equal(start, START)
    assert np.array_equal(inputs, INPUTS)


@st.composite
def linear_runs(draw):
    """Networks whose every operation is exact on small integers."""
    n, batch, steps = (draw(st.integers(low, 3)) for low in (1, 1, 0))
    lead = draw(st.sampled_from([(), (batch,)]))
    model = RNN(draw(exact(*lead, n, n)), np.ones((n, 1)), draw(exact(*lead, n)), "identity")
    return model, draw(exact(batch, n)), draw(exact(steps, batch, 1))


@given(linear_runs())
def test_the_jacobian_is_otherwise_taken_from_unit_cotangents(case):
    whole = NumpyModels()
    without = SimpleNamespace(supports=whole.supports, run=whole.run, vjp=whole.vjp)
    assert np.array_equal(UnderTest(without, "no jacobian").jacobian(*case), whole.jacobian(*case))


# -- names


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("trch", "there is no backend 'trch'; did you mean torch?"),
        ("torch:float16", "torch computes in float64 or float32"),
        ("numpy:float32", "numpy computes in float64"),
        ("cell.py", "names no object; write cell.py:object"),
        ("no/such/cell.py:cell", "there is no such file"),
        ("tests.plain_cells:PlainCell", "did you mean PlainCells?"),
        ("no_such_module:cell", "does not import: No module named 'no_such_module'"),
        ("tests.plain_cells:np", "is of type module and lacks supports, run, vjp"),
    ],
)
def test_a_name_that_leads_to_no_backend_says_what_to_write(name, said):
    with pytest.raises(BackendError) as refused:
        load_backend(name)
    assert said in str(refused.value)


def test_a_missing_package_names_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    monkeypatch.delitem(sys.modules, "models.backends.jax_cells", raising=False)
    with pytest.raises(BackendError, match=r"pip install 'long-term-dependencies\[jax\]'"):
        load_backend.__wrapped__("jax")


def test_a_file_with_an_error_says_which(tmp_path):
    file = tmp_path / "cell.py"
    file.write_text("1 // 0")
    with pytest.raises(BackendError, match="does not import: ZeroDivisionError"):
        load_backend(f"{file}:cell")


OWN = """
from models.backends.numpy_models import NumpyModels
class Mine(NumpyModels):
    name = "mine"
"""


def test_a_package_called_models_beside_the_users_file_is_not_in_the_way(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "__init__.py").write_text("raise RuntimeError('the wrong package')")
    (tmp_path / "cell.py").write_text(OWN)
    found = load_backend(f"{tmp_path / 'cell.py'}:Mine")
    assert np.array_equal(found.run(network(), START, INPUTS)[0], START)


@pytest.mark.parametrize("line", ["from models.mine import Cell", "from models import Cell"])
def test_where_names_collide_the_message_says_so(tmp_path, monkeypatch, line):
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "mine.py").write_text("Cell = None")
    (tmp_path / "cell.py").write_text(line)
    with pytest.raises(BackendError) as refused:
        load_backend(f"{tmp_path / 'cell.py'}:Cell")
    assert "The name models is taken" in str(refused.value)
    assert "Rename yours" in str(refused.value)


def test_gradients_may_leave_the_states_out():
    class EndsOnly(NumpyModels):
        def vjp(self, *arguments):
            found = super().vjp(*arguments)
            return Gradients(found.parameters, found.inputs, found.initial, None)

    found = UnderTest(EndsOnly(), "ends").vjp(network(), START, INPUTS, START)
    assert found.states is None
    found = UnderTest(NumpyModels(), "whole").vjp(network(), START, INPUTS, START)
    assert np.array_equal(found.states, NumpyModels().vjp(network(), START, INPUTS, START).states)


class Precise(NumpyModels):
    """A backend that keeps the precision that was asked for."""

    def __init__(self, precision):
        self.precision = precision


def test_a_backend_is_made_in_the_precision_that_is_asked_for(monkeypatch):
    monkeypatch.setitem(loading.BUILT_IN, "torch", (__name__, "Precise", ("float64", "float32")))
    load = loading.load_backend.__wrapped__  # not what is kept of the real one
    for name, precision in (("torch", "64"), ("torch:float64", "64"), ("torch:float32", "32")):
        assert load(name)._backend.precision == f"float{precision}"
        assert load(name).name == name
    with pytest.raises(
        BackendError, match=r"^torch:float16: torch computes in float64 or float32$"
    ):
        load("torch:float16")


class Nothing(NumpyModels):
    """A backend of which no model can be asked."""

    def supports(self, model):
        return False


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (RNN(np.eye(1), np.eye(1), np.zeros(1)), "RNN (tanh, activation_last)"),
        (LSTM(np.ones((4, 1)), np.ones((4, 1)), np.zeros(4)), "LSTM"),
        (GRU(np.ones((3, 1)), np.ones((3, 1)), np.zeros(3), np.zeros(1)), "GRU (keep, after)"),
    ],
)
def test_a_model_that_is_not_supported_is_named_with_its_conventions(model, said):
    backend = UnderTest(NumpyModels(), "nothing")
    backend._backend = Nothing()
    with pytest.raises(BackendError) as refusal:
        backend.run(model, np.zeros((1, 1)), np.zeros((1, 1, 1)))
    assert str(refusal.value) == f"nothing does not support {said}"
