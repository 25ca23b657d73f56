"""Remedies: the lemmas they rest on, the counterexamples that are known, and broken networks."""

from dataclasses import replace

import pytest
from flint import arb, fmpq, fmpq_mat
from hypothesis import given
from hypothesis import strategies as st
from sympy import IndexedBase, MatrixSymbol, Symbol, symbols

from properties.checking import Check, Violation, matrix, rational, vector
from properties.checking.balls import precision
from properties.checking.domains import rectangles
from properties.checking.loading import load_catalogue
from properties.checking.plan import Plan
from properties.checking.verification import verify_part
from properties.echo_state import Held
from properties.remedies_cases import LeakyUnit, SkippingRun
from tests.digits import printed
from tests.evaluation import infinity_norm, value
from theory import remedies

CLAIMS = {claim.name: claim for claim in load_catalogue().claims}

KNOWN = {
    ("orthogonal_keeps_norm", f"without[{remedies.LINEAR}]"): "γ=1, activation='tanh'",
    ("orthogonal_keeps_norm", "misread[relu_keeps_norm]"): 'slopes=matrix("0")',
    ("skip_connections", f"without[{remedies.SHRINKING}]"): "d=2, η=2",
    ("skip_connections", "misread[as_without_the_skip]"): 'W=matrix("0"), ',
    ("leaky_units", "without[v_t does not read the state]"): 'α=rational("1/2")',
    ("leaky_units", "misread[time_constant_to_first_order]"): 'α=rational("1/2")',
    ("echo_state", "without[‖W‖₂ ≤ η]"): 'W=matrix("0 1; 0 0")',
    ("echo_state", "misread[spectral_radius_contracts]"): 'W=matrix("0 2; 0 0")',
    ("echo_state", "misread[spectral_radius_forgets]"): 'a0=vector("1 -1")',
    ("echo_state", "misread[large_radius_remembers]"): 'W=matrix("2"), a0=matrix("1")',
}


@pytest.mark.parametrize(("name", "part"), KNOWN)
def test_the_known_counterexample_is_found(name, part):
    outcome = verify_part(CLAIMS[name], part, Plan())
    assert outcome.verdict == "holds", outcome.message
    assert KNOWN[name, part] in repr(outcome.counterexample.case)


# -- lemmas


@given(st.integers(1, 3).flatmap(lambda n: st.tuples(rectangles(n, n), rectangles(n, n))))
def test_the_norm_of_a_factor(pair):
    n, bound = Symbol("n", integer=True, positive=True), Symbol("a", nonnegative=True)
    A, B = (MatrixSymbol(name, n, n) for name in "AB")
    (premise,), conclusion = remedies.bounded_factor.instance(A, bound, B)
    values = {n: pair[0].nrows(), A: pair[0], B: pair[1], bound: infinity_norm(pair[0])}
    for relation in (premise, conclusion):
        left, right = (value(side, values) for side in relation.sides)
        assert left <= right


τ, k, r = (Symbol(name, integer=True, nonnegative=True) for name in "τkr")
d, m = (Symbol(name, integer=True, positive=True) for name in "dm")
a, b, η = symbols("a b η", real=True)
eighths = st.builds(fmpq, st.integers(0, 8), st.just(8))


@st.composite
def delayed_sequences(draw):
    """a, b, η and d, and x_0 … x_12 with x_{τ+1} some share of ax_τ + bx_{τ+1−d}."""
    bound, share = draw(eighths), draw(eighths)
    first, second, delay = bound * share, bound * (1 - share), draw(st.integers(1, 4))
    x = [draw(eighths)]
    for lag in range(12):
        older = x[lag + 1 - delay] if lag + 1 >= delay else fmpq(0)
        x.append((first * x[lag] + second * older) * draw(eighths))
    return first, second, bound, delay, x


@given(delayed_sequences())
def test_the_delayed_recursion(drawn):
    first, second, bound, delay, x = drawn
    terms = IndexedBase("x")[τ]
    _, conclusion = remedies.delayed.instance(terms, τ, m, a, b, d, η, k, r)
    for lag in range(1, len(x)):
        at = {
            "x": lambda i: x[i] if i >= 0 else fmpq(0),
            a: first, b: second, η: bound, d: delay,
            k: (lag - 1) // delay, r: (lag - 1) % delay,
        }  # fmt: skip
        left, right = (value(side, at) for side in conclusion.sides)
        assert left == x[lag]
        assert left <= right


def test_the_delayed_recursion_needs_a_bound_of_at_most_one():
    """x_τ = 2^τ for a = η = 2, b = 0, d = 2: at lag 3 that is 8, and η² is 4."""
    terms, x = IndexedBase("x")[τ], [1, 2, 4, 8]
    _, conclusion = remedies.delayed.instance(terms, τ, m, a, b, d, η, k, r)
    at = {"x": lambda i: fmpq(x[i]), η: fmpq(2), d: 2, k: 1, r: 0}
    left, right = (value(side, at) for side in conclusion.sides)
    assert left > right


def test_the_delayed_recursion_is_about_every_lag():
    later = Symbol("τ", integer=True, positive=True)
    with pytest.raises(ValueError, match="lag"):
        remedies.delayed.instance(IndexedBase("x")[later], later, m, a, b, d, η, k, r)


# -- known numbers and witnesses


@pytest.mark.parametrize(("share", "digits"), [("1/2", "1.4427"), ("9/10", "9.4912")])
def test_time_constants(share, digits):
    with precision(64):
        unit = LeakyUnit(rational(share), fmpq(0), (), fmpq(0))
        assert printed(unit.time_constant(), digits)


def test_a_lag_of_six_is_bridged_by_three():
    run = SkippingRun(
        W=matrix("0"), slopes=matrix([[1] * 6]), γ=fmpq(1), V=matrix("1/2"), d=2, η=fmpq(1, 2)
    )
    assert run.exponent == 3
    assert run.size_at_lag() == run.bound() == fmpq(1, 8)


def test_the_floor_of_the_exponent_would_be_too_small():
    """At lag 1 with d = 2 one connection has been passed, not none."""
    run = SkippingRun(
        W=matrix("1/2"), slopes=matrix("1"), γ=fmpq(1), V=matrix("0"), d=2, η=fmpq(1, 2)
    )
    assert run.size_at_lag() == run.bound() == fmpq(1, 2)


def test_a_nilpotent_reservoir_keeps_a_bit_for_ever():
    """Under u = (2, 6) both h_1 ≥ 1/2 and h_1 ≤ −1/2 stay so, and h_2 ≥ 7/8 does.

    Wh = (2h_1 − 2h_2)(1, 1) then lies between the ends that are looked at here.
    """
    with precision(64):
        for low, high, sign in ((fmpq(1, 2), fmpq(1), 1), (fmpq(-1), fmpq(-1, 2), -1)):
            least, most = 2 * low - 2, 2 * high - fmpq(7, 4)
            ends = [arb(2 + end).tanh() for end in (least, most)]
            assert all(sign * end >= fmpq(1, 2) for end in ends)
            assert arb(6 + least).tanh() >= fmpq(7, 8)


def test_what_the_search_shows_of_that_reservoir():
    held = Held(matrix("2 -2; 2 -2"), vector("1 -1"), vector("2 6"), 60)
    with precision(256):
        first, last = held.squared_distances()
    assert printed(first, "8")
    assert last > 2


# -- what is broken is seen


def broken(name, change, expected):
    """The claim's check of its witness by a backend whose model is changed first."""
    check = Check()
    genuine = check.backend

    class Wrong:
        unit_roundoff = genuine.unit_roundoff

        def __getattr__(self, method):
            return lambda model, *given: getattr(genuine, method)(change(model), *given)

    CLAIMS[name].check(CLAIMS[name].witness, check)
    with pytest.raises(Violation, match=expected):
        CLAIMS[name].check(CLAIMS[name].witness, Check(backend=Wrong()))


def heavier(model):
    return replace(model, W=model.W * (1 + 2.0**-40))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("orthogonal_keeps_norm", "JᵀJ of the network"),
        ("skip_connections", "of the linear network"),
        ("leaky_units", "states"),
        ("echo_state", "the two runs"),
    ],
)
def test_a_backend_with_another_weight_is_seen(name, expected):
    broken(name, heavier, expected)


def test_a_bound_for_one_more_connection_is_seen():
    class Wrong(SkippingRun):
        def bound(self):
            return self.η ** (self.exponent + 1)

    case = SkippingRun(matrix("0"), matrix("1 1"), fmpq(1), matrix("1/2"), 2, fmpq(1, 2))
    CLAIMS["skip_connections"].check(case, Check())
    with pytest.raises(Violation, match="η"):
        CLAIMS["skip_connections"].check(Wrong(**vars(case)), Check())


def test_a_reflection_is_orthogonal_too():
    witness = replace(CLAIMS["orthogonal_keeps_norm"].witness, W=fmpq_mat([[0, 1], [1, 0]]))
    CLAIMS["orthogonal_keeps_norm"].check(witness, Check())
