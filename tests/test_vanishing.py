"""The norm of W and the gradient: the counterexamples that are known, and the bounds reached."""

from dataclasses import replace
from operator import le, lt

import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st
from sympy import Rational, Symbol, symbols

from properties.checking import Check, Violation, matrix, rational
from properties.checking.domains import rationals
from properties.checking.loading import load_catalogue
from properties.checking.norms import spectral_norm_at_most
from properties.checking.plan import Plan
from properties.checking.verification import verify_part
from properties.vanishing_cases import Stretch
from theory.lemmas_of_order import root

CLAIMS = {claim.name: claim for claim in load_catalogue().claims}

KNOWN = {
    ("vanishing_bound", "without[φ′ ≤ γ]"): "n = 1",
    ("vanishing_bound", "without[σ₁γ ≤ η]"): "0 1; 0 0",
    ("vanishing_bound", "misread[large_norm_explodes]"): "0 2; 0 0",
    ("vanishing_bound", "misread[spectral_radius_suffices]"): "0 1; 0 0",
    ("vanishing_bound", "misread[transposed_as_printed]"): "0 0; 1/8 0",
    ("explosion_needs", "without[φ′ ≤ γ]"): "n = 1",
    ("explosion_needs", "without[‖∂h_t/∂h_s‖ > μ^{t−s}]"): 'W=matrix("0")',
    ("explosion_needs", "misread[spectral_radius_needed]"): "0 2; 0 0",
    ("explosion_needs", "misread[large_weights_suffice]"): 'W=matrix("2"), slopes=matrix("1/4")',
}


@given(rationals(), rationals(), st.integers(0, 4))
def test_the_root_lemma(a, b, exponent):
    small, large = (Rational(int(x.p), int(x.q)) for x in (a, b))
    n = Symbol("n", integer=True, nonnegative=True)
    x, y = symbols("x y", real=True)
    premises, conclusion = root.instance(x, y, n)
    values = {x: small, y: large, n: exponent}
    holds = [
        (lt if r.sign == "<" else le)(*(side.subs(values) for side in r.sides))
        for r in (*premises, conclusion)
    ]
    assert holds[-1] or not all(holds[:-1])


@pytest.mark.parametrize(("name", "part"), KNOWN)
def test_the_known_counterexample_is_found(name, part):
    outcome = verify_part(CLAIMS[name], part, Plan())
    assert outcome.verdict == "holds", outcome.message
    case = outcome.counterexample.case
    assert KNOWN[name, part] in f"{case!r} n = {case.n}"


def test_the_bound_is_reached_and_no_smaller_one_holds():
    claim = CLAIMS["vanishing_bound"]
    steep = replace(claim.witness, slopes=matrix("1 1 1; 1 1 1"))
    claim.check(steep, Check())
    with pytest.raises(Violation):
        claim.check(replace(steep, η=rational("49/100")), Check())


@pytest.mark.parametrize(("lag", "norm"), [(1, "10.1"), (5, "32.8"), (10, "38.7"), (50, "2.86")])
def test_a_small_spectral_radius_and_a_large_coupling(lag, norm):
    W = matrix([["9/10", 10], [0, "9/10"]])
    jacobian = Stretch(W, matrix([[1] * lag] * 2), fmpq(1)).jacobian()
    half_a_digit = fmpq(1, 2 * 10 ** len(norm.partition(".")[2]))
    assert spectral_norm_at_most(jacobian, rational(norm) + half_a_digit)
    assert not spectral_norm_at_most(jacobian, rational(norm) - half_a_digit)
