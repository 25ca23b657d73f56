"""The wall in the error surface, steps from it, clipping and the penalty: numbers and witnesses."""

import numpy as np
import pytest
from flint import arb, fmpq
from hypothesis import given
from hypothesis import strategies as st
from sympy import IndexedBase, MatrixSymbol, Symbol, symbols

import properties.clipping
import properties.smoothness_penalty
from models.clipping import clip_by_entry, clip_by_norm
from models.error_surface import ErrorSurface
from models.smoothness_penalty import smoothness_penalty
from properties.checking import EXACT, Check, Violation, rational, vector
from properties.checking.balls import precision
from properties.checking.domains import rationals, vectors
from properties.checking.loading import load_catalogue
from properties.checking.plan import Plan
from properties.checking.verification import verify_part
from properties.clipping import Batch
from properties.descent import descents
from properties.error_surface_cases import FIGURE, Resting, WallStep, enclosed_steepness
from tests.digits import printed
from tests.evaluation import value
from theory import cliff_step, clipping, descent
from theory import smoothness_penalty as penalty
from theory.formula import callable_form

CLAIMS = {claim.name: claim for claim in load_catalogue().claims}

KNOWN = {
    ("cliff", "misread[flat_or_steep]"): 'Resting(w=rational("1/2"), ',
    ("cliff", "misread[steepest_on_a_grid]"): "Resting(w=5, ",
    ("cliff_step", "without[0 ≤ x_0]"): "x0=-1",
    ("clipping", "misread[entrywise_keeps_direction]"): '3/5 4/5"',
    ("clipping", "misread[per_example_is_unbiased]"): 'θ=rational("1/2")',
    ("small_steps_descend", "without[∇E has the Lipschitz constant L]"): 'A=matrix("1")',
    ("small_steps_descend", "without[rL ≤ 2]"): 'A=matrix("1")',
    ("small_steps_descend", "misread[smaller_is_better]"): 'A=matrix("1")',
    ("smoothness_penalty", "misread[only_for_orthogonal]"): 'W=matrix("1 0; 0 1/2")',
    ("smoothness_penalty", "misread[ends_suffice]"): 'W=matrix("0 2; 1/2 0")',
}


@pytest.fixture(autouse=True)
def _many_bits():
    with precision(128):
        yield


@pytest.mark.parametrize(("name", "part"), KNOWN)
def test_the_known_counterexample_is_found(name, part):
    outcome = verify_part(CLAIMS[name], part, Plan())
    assert outcome.verdict == "holds", outcome.message
    assert KNOWN[name, part] in repr(outcome.counterexample.case)


# -- lemmas


def decided(relation, values):
    """Whether the relation holds, as far as balls can tell."""
    left, right = (value(side, values) for side in relation.sides)
    if isinstance(left, fmpq) and isinstance(right, fmpq):
        return left == right if relation.sign == "=" else left <= right
    return not arb(left.real if hasattr(left, "real") else left) > arb(
        right.real if hasattr(right, "real") else right
    )


a, b, c, x = symbols("a b c x", real=True)
numbers = rationals(8)
sizes = numbers.map(abs)


@given(numbers, numbers, st.integers(1, 3).flatmap(lambda n: st.tuples(vectors(n), vectors(n))))
def test_stewarts_theorem(first, second, pair):
    n = Symbol("n", integer=True, positive=True)
    objects = a, MatrixSymbol("x", n, 1), b, MatrixSymbol("y", n, 1)
    _, conclusion = clipping.stewart.instance(*objects)
    forms = (callable_form(objects, side, EXACT) for side in conclusion.sides)
    left, right = (form(first, pair[0], second, pair[1]) for form in forms)
    assert left == right


@given(sizes, sizes, st.integers(0, 4))
def test_the_chord_and_the_tangent_of_the_logistic_function(first, width, quarters):
    width = width + 1
    point = first + width * quarters / 4
    values = {a: first, b: width, x: point}
    for lemma, objects in (
        (cliff_step.chord_of_logistic, (a, b, x)),
        (cliff_step.tangent_of_logistic, (a, x)),
        (cliff_step.increasing_logistic, (a, x)),
        (cliff_step.range_of_logistic, (x,)),
    ):
        premises, conclusion = lemma.instance(*objects)
        assert all(decided(premise, values) for premise in premises)
        assert decided(conclusion, values)


def test_to_the_left_of_zero_the_logistic_function_lies_on_the_other_side():
    for lemma, objects, at in (
        (cliff_step.chord_of_logistic, (a, b, x), {a: fmpq(-2), b: fmpq(2), x: fmpq(-1)}),
        (cliff_step.tangent_of_logistic, (a, x), {a: fmpq(-2), x: fmpq(-1)}),
    ):
        assert not decided(lemma.instance(*objects)[1], at)


@given(descents())
def test_the_descent_lemma(case):
    """On quadratics, where L is the largest curvature."""
    E, moved, rate, L = symbols("E F r L", real=True)
    squared = Symbol("G", nonnegative=True)
    _, conclusion = descent.descent_lemma.instance(E, moved, rate, squared, L)
    values = {
        E: case.loss(), moved: case.loss(case.rate), rate: case.rate, L: case.L,
        squared: case.squared_gradient(),
    }  # fmt: skip
    assert decided(conclusion, values)


@given(st.lists(numbers, min_size=1, max_size=5), st.integers(0, 8))
def test_one_of_some_squares(terms, index):
    T, (j, k) = Symbol("T", integer=True, positive=True), symbols("j k", integer=True)
    j = Symbol("j", integer=True, nonnegative=True)
    _, conclusion = penalty.one_of_squares.instance(IndexedBase("y")[j], j, k, T)
    at = {"y": lambda i: terms[i] if i < len(terms) else fmpq(0), T: len(terms), j: index}
    assert decided(conclusion, at)


def test_one_of_some_squares_is_about_every_index():
    T, j = Symbol("T", integer=True, positive=True), Symbol("j", integer=True, positive=True)
    with pytest.raises(ValueError, match="index"):
        penalty.one_of_squares.instance(IndexedBase("y")[j], j, Symbol("k", integer=True), T)


@given(numbers, sizes)
def test_above_minus_the_root(number, more):
    _, conclusion = penalty.above_minus_the_root.instance(x, c)
    assert decided(conclusion, {x: number, c: number * number + more})


# -- figure 6


def test_the_surface_where_all_of_it_is_rational():
    """x_0 = 0, w = 8, b = −4: m = 2 and ∂x_10/∂b = 1 + 2 + … + 512, without any rounding."""
    found = ErrorSurface(steps=10, start=0.0, target=0.75).evaluate(8.0, -4.0)
    assert found.loss == 1 / 16
    assert found.gradient.tolist() == [-1023 / 16, -1023 / 8]


def test_a_grid_is_its_points():
    surface = ErrorSurface()
    grid = surface.grid((-2, 10), (-6, 2), 5)
    assert grid.loss.shape == (5, 5)
    assert grid.gradient.shape == (2, 5, 5)
    for i, w in enumerate((-2.0, 1.0, 4.0, 7.0, 10.0)):
        for j, bias in enumerate((-6.0, -4.0, -2.0, 0.0, 2.0)):
            point = surface.evaluate(w, bias)
            there = grid.loss[i, j], *grid.gradient[:, i, j]
            assert (point.loss, *point.gradient) == pytest.approx(there, rel=1e-12)


def test_what_a_grid_shows_of_the_surface():
    steepness = ErrorSurface().grid((-2, 10), (-6, 2), 401).steepness
    i, j = np.unravel_index(np.argmax(steepness), steepness.shape)
    assert printed(steepness[i, j], "440.0")
    assert (i, j) == (223, 179)
    assert (np.linspace(-2, 10, 401)[i], np.linspace(-6, 2, 401)[j]) == pytest.approx((4.69, -2.42))
    assert printed(np.median(steepness), "0.0148")
    assert printed(np.mean(steepness > 1), "0.00056")
    assert printed(np.mean(steepness < 1e-3), "0.145")


@pytest.mark.parametrize(("w", "digits"), [("5", "779.4"), ("10", "1.138e17")])
def test_the_wall_that_the_grid_misses(w, digits):
    steepness = Resting(rational(w), **FIGURE).steepness().sqrt()
    assert printed(steepness, digits)


def test_the_wall_that_the_model_computes():
    low, high = enclosed_steepness(np.array([5.0]), np.array([ErrorSurface().wall(5.0)]))
    assert low[0] < high[0]
    assert printed(low[0], "779.4")
    assert printed(high[0], "779.4")


@pytest.mark.parametrize("w", [4.69, 5.0, 5.5])
def test_the_search_finds_the_wall_where_it_is_derived(w):
    """No farther from the line than a few widths of the wall, 1/m⁵⁰, and steeper than on it."""
    surface = ErrorSurface()
    line = surface.wall(w)
    found = surface.steepest(w, (line - 0.02, line + 0.02))
    m = w * 0.2350037122
    assert abs(found - line) < m**-50
    assert surface.evaluate(w, found).steepness > surface.evaluate(w, line).steepness


# -- steps from the wall


def test_a_step_from_the_top_of_the_wall_without_and_with_clipping():
    surface = ErrorSurface()
    line = surface.wall(4.69)
    top = 4.69, surface.steepest(4.69, (line - 0.02, line + 0.02))
    assert printed(surface.evaluate(*top).loss, "0.1370")
    assert printed(surface.evaluate(*top).steepness, "607.59")
    thrown = surface.step(*top, 0.01)
    assert thrown == pytest.approx((7.886526, 2.747237), abs=5e-6)
    assert printed(surface.evaluate(*thrown).loss, "0.08999")
    assert printed(surface.evaluate(*thrown).steepness, "2.04e-5")
    clipped = surface.step(*top, 0.01, 1.0)
    assert np.hypot(clipped[0] - top[0], clipped[1] - top[1]) <= 0.01 * (1 + 1e-12)
    assert printed(surface.evaluate(*clipped).loss, "0.00421")
    assert printed(surface.evaluate(*clipped).steepness, "0.203")


def test_the_largest_safe_rate_falls_like_the_square_of_the_growth():
    """At w = 5, T = 10, 15, …, 50: between the derived bounds, and in the end like m⁻²ᵀ."""
    lengths, rates = range(10, 51, 5), []
    for T in lengths:
        surface = ErrorSurface(T)
        rates.append(surface.largest_safe_rate(5.0, surface.wall(5.0)))
        step = WallStep(
            **{**FIGURE, "t": T}, w=rational(5), share=fmpq(1), clipped=fmpq(1)
        )  # fmt: skip
        assert step.rate(step.safe()) < rates[-1] < step.rate(step.unsafe())
    logarithms = np.log(rates)
    assert printed(np.polyfit(lengths, logarithms, 1)[0], "-0.309")
    assert printed((logarithms[-1] - logarithms[-2]) / 5, "-0.320")
    with precision(64):
        assert printed(-2 * Resting(rational(5), **FIGURE).slope().log(), "-0.3226")


# -- clipping


def test_clipping_every_example_turns_a_mean():
    batch = Batch((fmpq(10), fmpq(-1), fmpq(-1)), fmpq(1))
    assert sum(batch.a, fmpq(0)) / 3 == fmpq(8, 3)
    assert sum(batch.clipped(batch.a), fmpq(0)) / 3 == fmpq(-1, 3)


def test_clipping_neither_overflows_nor_divides_by_zero():
    far, nothing = clip_by_norm(np.array([[3e300, -4e300], [0.0, 0.0]]), 5.0)
    assert far == pytest.approx([3.0, -4.0])
    assert nothing.tolist() == [0.0, 0.0]
    assert not clip_by_norm(np.ones((2, 3)), 0.0).any()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: clip_by_norm(np.ones(3), 1.0), "gradients has shape"),
        (lambda: clip_by_entry(np.ones((1, 3)), -1.0), "threshold is -1"),
        (lambda: clip_by_norm(np.ones((1, 3)), np.inf), "threshold is inf"),
        (lambda: smoothness_penalty(np.array([[[1.0]], [[0.0]]])), "step 1 is zero"),
        (lambda: smoothness_penalty(np.ones((3, 1))), "cotangents has shape"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_penalty_by_hand():
    """Lengths 2, 1, 2: (2/1 − 1)² + (1/2 − 1)²."""
    signals = np.array([[[2.0, 0.0]], [[0.0, 1.0]], [[0.0, -2.0]]])
    assert smoothness_penalty(signals).tolist() == [1.25]


# -- what is broken is seen


def judged(name, case=None):
    CLAIMS[name].check(CLAIMS[name].witness if case is None else case, Check())


def test_a_clipping_of_entries_is_not_one_by_norm(monkeypatch):
    judged("clipping")
    monkeypatch.setattr(properties.clipping, "clip_by_norm", clip_by_entry)
    with pytest.raises(Violation, match="clipped in floating point"):
        judged("clipping")


def test_a_penalty_the_wrong_way_round_is_seen(monkeypatch):
    judged("smoothness_penalty")
    monkeypatch.setattr(
        properties.smoothness_penalty, "penalty_of", lambda c: smoothness_penalty(c[::-1])
    )
    with pytest.raises(Violation, match="Ω"):
        judged("smoothness_penalty")


@pytest.mark.parametrize("name", ["cliff", "cliff_step"])
def test_a_backend_with_another_weight_is_seen(name):
    check = Check()
    run, vjp = check.backend.run, check.backend.vjp

    class Wrong:
        unit_roundoff = check.backend.unit_roundoff

        def run(self, model, *given):
            return run(heavier(model), *given)

        def vjp(self, model, *given):
            return vjp(heavier(model), *given)

    def heavier(model):
        return type(model)(
            model.W * (1 + 2.0**-40), model.U, model.b, model.activation, model.order
        )

    with pytest.raises(Violation):
        CLAIMS[name].check(CLAIMS[name].witness, Check(backend=Wrong()))


def test_a_slope_off_by_one_step_is_seen():
    class Wrong(Resting):
        def steepness(self):
            return Resting(self.w, self.x0, self.d, self.t - 1, self.offset).steepness()

    with pytest.raises(Violation, match="‖∇E‖² on the line"):
        judged("cliff", Wrong(rational(5), **FIGURE))


def test_a_step_that_is_too_far_to_be_safe_is_seen():
    class Wrong(WallStep):
        def safe(self):
            return 8 * super().safe()

    with pytest.raises(Violation, match="E after a safe step"):
        judged("cliff_step", Wrong(**vars(CLAIMS["cliff_step"].witness)))


def test_the_vector_of_a_pair_is_what_is_clipped():
    pair = CLAIMS["clipping"].witness
    assert pair.clipped(pair.g) == vector("3 4")
