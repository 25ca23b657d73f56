"""A layer that keeps its signal: the lemmas on exact cases, and the factors at some variances."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Integer, Poly, Rational, Symbol, factorial2, symbols

from models.feedforward import FeedForward
from properties import mean_field
from properties.checking import Check, Violation, rational
from properties.checking.balls import precision
from properties.checking.loading import load_catalogue
from properties.checking.plan import Plan
from properties.checking.verification import verify_part
from properties.mean_field import SLOPES, VALUES, Layer, gaussian_mean
from tests.digits import printed
from theory import mean_field as theory
from theory.derivation import DerivationError

CLAIM = next(c for c in load_catalogue().claims if c.name == "sustained_signal")
SEARCHED = [part for part in CLAIM.parts if "[" in part]


def mean(polynomial, *variables):
    """E of a polynomial in independent standard Gaussians."""
    return sum(
        (
            coefficient * math.prod(factorial2(p - 1) for p in powers)
            for powers, coefficient in Poly(polynomial, *variables).terms()
            if not any(power % 2 for power in powers)
        ),
        Integer(0),
    )


z, y = symbols("z y")
coefficients = st.lists(st.integers(-3, 3), min_size=1, max_size=5)


def polynomial(numbers, x):
    return sum((Integer(c) * x**k for k, c in enumerate(numbers)), Integer(0))


@settings(max_examples=40)
@given(coefficients, st.integers(1, 4))
def test_poincare_s_inequality(numbers, c):
    x = Symbol("x")
    g = polynomial(numbers, x)
    value, slope = g.subs(x, c * z), g.diff(x).subs(x, c * z)
    varies, limit = mean(value**2, z) - mean(value, z) ** 2, c**2 * mean(slope**2, z)
    assert varies <= limit
    assert (varies == limit) == (Poly(g, x).degree() <= 1)


@settings(max_examples=20)
@given(coefficients, st.tuples(*[st.integers(-3, 3)] * 2))
def test_images_of_orthogonal_columns_are_independent(numbers, x):
    # x = (x₁, x₂) and v = (−x₂, x₁) under a row (z, y) of weights of variance 1.
    a, b = x[0] * z + x[1] * y, -x[1] * z + x[0] * y
    slope = polynomial(numbers, Symbol("s"))
    length = Integer(x[0] ** 2 + x[1] ** 2)
    left = mean(slope.subs(Symbol("s"), a) ** 2 * b**2, z, y)
    # E S(√q z)² of a polynomial has whole powers of q.
    t = Symbol("t")
    squared = Poly(slope.subs(Symbol("s"), t) ** 2, t)
    alone = sum(
        (
            c * length ** Rational(p, 2) * factorial2(p - 1)
            for (p,), c in squared.terms()
            if p % 2 == 0
        ),
        Integer(0),
    )
    assert left == alone * length


def test_the_lemmas_ask_for_their_facts():
    premises, _ = theory.gaussian_poincare.instance(theory.f, theory.S, 2, theory.z)
    assert premises[0] == theory.standard_gaussian(theory.z)
    images = (theory.S, theory.a[theory.i], theory.b[theory.i], (4, 9), theory.z)
    premises, _ = theory.independent_images.instance(*images)
    assert premises[1] == theory.orthogonal_images(theory.a, theory.b, (4, 9))
    assert premises[1] != theory.orthogonal_images(theory.a, theory.b, (9, 4))


def test_the_derivation_goes_through_and_is_printed():
    assert theory.sustained_signal.verify() == len(theory.sustained_signal.steps)
    assert theory.sustained_signal.latex().isascii()


@pytest.mark.parametrize("assumption", theory.sustained_signal.assumptions)
def test_no_assumption_of_the_derivation_is_idle(assumption):
    with pytest.raises(DerivationError):
        theory.sustained_signal.without(assumption).verify()


@pytest.mark.parametrize(
    ("q", "weight", "factor"),
    [("1/16", "1.1196", "1.0038"), ("1", "2.5362", "1.1778"), ("16", "19.866", "2.6156")],
)
def test_tanh_layers_that_keep_their_signal(q, weight, factor):
    layer = Layer(rational(q))
    with precision(64):
        assert printed(layer.weight(), weight)
        assert printed(layer.factor(), factor)


def test_the_boundary_is_a_weight_of_one():
    # As q falls to 0, σ_w² falls to 1 and χ with it: no signal is kept by weights below that.
    with precision(128):
        factors = [(Layer(fmpq(1, 4**k)).weight(), Layer(fmpq(1, 4**k)).factor()) for k in range(8)]
        assert all(w > 1 and χ > 1 for w, χ in factors)
        for before, after in pairwise(factors):
            assert before[0] > after[0]
            assert before[1] > after[1]
        assert factors[-1][0] - 1 < 1e-3
        assert factors[-1][1] - 1 < 1e-6


def test_deep_nets_of_many_units_multiply_by_the_factor_a_layer():
    # What the claim derives for one layer, the mean field says of depth: 100 units, 10 layers.
    width, depth, nets, generator = 100, 10, 20, np.random.default_rng(0)
    layer = Layer(rational(4))
    with precision(64):
        w, χ = float(layer.weight()), float(layer.factor())
    W = generator.standard_normal((depth, nets, width, width)) * math.sqrt(w / width)
    x, v = generator.standard_normal((2, nets, width))
    x *= math.sqrt(4 * width / w) / np.linalg.norm(x, axis=1, keepdims=True)
    v -= x * (np.sum(v * x, axis=1) / np.sum(x * x, axis=1))[:, None]
    jacobian = FeedForward(W, np.zeros((depth, width))).run(x).jacobian(0, depth)
    moved = np.einsum("bij,bj->bi", jacobian, v)
    grown = np.mean(np.sum(moved**2, axis=1) / np.sum(v**2, axis=1))
    assert abs(grown ** (1 / depth) / χ - 1) < 0.05
    assert grown > 50


def test_means_by_the_known_moments():
    with precision(128):
        one = gaussian_mean(lambda a: a * 0 + 1, arb(3))
        assert one.contains(1)
        assert gaussian_mean(lambda a: a * 0 + 1, arb(3), power=2).contains(1)
    # And against sampled ones: a million, whose deviation is below 0.0005.
    draws = np.random.default_rng(0).standard_normal(10**6)
    tanh, logistic = np.tanh(2 * draws), 1 / (1 + np.exp(-2 * draws))
    for name, sampled, slopes in (
        ("tanh", tanh, 1 - tanh**2),
        ("logistic", logistic, logistic * (1 - logistic)),
    ):
        with precision(64):
            assert abs(float(gaussian_mean(VALUES[name], 4)) - np.mean(sampled**2)) < 0.003
            assert abs(float(gaussian_mean(SLOPES[name], 4)) - np.mean(slopes**2)) < 0.003


def test_a_linear_layer_reaches_the_bound():
    layer = Layer(rational("1/3"), activation="identity")
    assert layer.factor() == 1
    CLAIM.check(layer, Check())
    with pytest.raises(Violation):
        CLAIM.check(replace(layer, share=fmpq(99, 100)), Check())


@pytest.mark.parametrize("part", SEARCHED)
def test_counterexamples_are_found(part):
    outcome = verify_part(CLAIM, part, Plan())
    assert outcome.verdict == "holds", outcome.message


def test_a_layer_with_a_wrong_slope_is_noticed(monkeypatch):
    case = Layer(rational(1))
    CLAIM.check(case, Check())
    steeper = {"tanh": lambda a: 1 / a.cosh()}
    monkeypatch.setitem(mean_field.SLOPES, "tanh", steeper["tanh"])
    with pytest.raises(Violation, match="φ′"):
        CLAIM.check(case, Check())
