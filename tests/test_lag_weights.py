"""What long lags count for: the known counterexamples, and the numbers that explanations name."""

from dataclasses import replace

import pytest
from flint import fmpq

from properties.checking import Check, Violation, formula, matrix, rational
from properties.checking.algebras import ROW_SUMS
from properties.checking.loading import load_catalogue
from properties.checking.plan import Plan
from properties.checking.verification import verify_part
from properties.lag_weights import Lags
from theory import lag_weights

CLAIMS = {claim.name: claim for claim in load_catalogue().claims}

KNOWN = {
    ("long_versus_short", "without[‖J_t‖ ≤ λ at every step]"): ('W=matrix("1")', "T = 2"),
    ("long_versus_short", "misread[terms_fall_one_by_one]"): ("T = 2",),
    ("long_versus_short", "misread[below_one_suffices]"): ('W=matrix("1")', "3/4"),
    ("long_versus_short", "misread[vanishing_is_exponential]"): ("T = 20", "1/3 1/2 3/5"),
    ("long_versus_short", "misread[size_tells_of_all_lags]"): ('W=matrix("1/2")', "T = 13"),
}


@pytest.mark.parametrize(("name", "part"), KNOWN)
def test_the_known_counterexample_is_found(name, part):
    outcome = verify_part(CLAIMS[name], part, Plan())
    assert outcome.verdict == "holds", outcome.message
    case = outcome.counterexample.case
    found = f"{case!r} T = {getattr(case, 'T', None)}"
    assert all(known in found for known in KNOWN[name, part]), found


def test_no_smaller_bound_on_the_terms_holds():
    claim = CLAIMS["long_versus_short"]
    claim.check(claim.witness, Check())
    with pytest.raises(Violation, match="lag 1"):
        claim.check(replace(claim.witness, λ=rational("37/100")), Check())


def test_the_weight_of_lag_fifty():
    one = CLAIMS["long_versus_short"].witness.g
    weight = formula(lag_weights.long_versus_short, ROW_SUMS)(fmpq(9, 10), one, one, 0, 50)
    assert abs(weight - rational("0.005")) <= rational("0.0005")


@pytest.mark.parametrize("T", [1, 2, 50, 200])
def test_with_no_margin_the_weights_fall_like_the_square_of_the_lag(T):
    slopes = matrix([[fmpq(k, k + 2) for k in range(1, T + 1)]])
    one = matrix("1")
    run = Lags(one, slopes, matrix([[1] * T]), one, fmpq(1))
    assert run.weight(T)[0, 0] == fmpq(2, (T + 1) * (T + 2))
