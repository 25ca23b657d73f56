"""The proof checker takes what follows and refuses, by name, what does not."""

import pytest
from sympy import (
    Float,
    Function,
    IndexedBase,
    Inverse,
    MatMul,
    MatrixSymbol,
    Sum,
    Symbol,
    gamma,
    log,
    oo,
    symbols,
    tan,
)
from sympy import (
    Identity as IdentityMatrix,
)

from theory.derivation import (
    ByLemma,
    Derivation,
    DerivationError,
    Everywhere,
    Hypothesis,
    Identity,
    Induction,
    Lemma,
    Relation,
    at_most,
    equation,
    fixed,
    less,
    nonzero,
)
from theory.lemmas import monotone_product
from theory.matrices import Jacobian, OrderedProduct, family
from theory.normal_form import Rule, invertible, orthogonal, symmetric
from theory.ranges import Range

n = Symbol("n", integer=True, positive=True)
s, t = (Symbol(name, integer=True, nonnegative=True) for name in "st")
k = Symbol("k", integer=True)
a, b, c, x, y, z = symbols("a b c x y z", real=True)
λ = Symbol("λ", nonnegative=True)
X = Function("X")
W, V, Q = (MatrixSymbol(name, n, n) for name in "WVQ")
h0 = MatrixSymbol("h0", n, 1)
h = family("h", n)
w = IndexedBase("w")


def derive(*steps, conclusion=None, **assumptions):
    """Verify a derivation that ends with its last step's relation, unless told otherwise."""
    end = conclusion or steps[-1].relation
    return Derivation("example", assumptions, steps, end).verify()


def identity(left, right, *where, **given):
    return Identity(equation(left, right, *where), "", **given)


def by_induction(relation, base="base", step="step", start=0, variable=t, **more):
    return Induction(relation, "", variable=variable, start=start, base=base, step=step, **more)


def refused(match, *steps, **assumptions):
    with pytest.raises(DerivationError, match=match):
        derive(*steps, **assumptions)


# Identities.


def test_an_identity_is_verified_and_a_false_one_refused_by_name():
    assert derive(identity((x + y) ** 2, x**2 + 2 * x * y + y**2)) == 1
    refused(
        r"derivation example, step 1 \(identity\), \(x \+ y\)² = x² \+ y²: refused, its two sides",
        identity((x + y) ** 2, x**2 + y**2),
    )


def test_the_first_false_step_is_the_one_that_is_named():
    true, false = identity(x, x), identity(x, y)
    refused("step 2", true, false, false)


def test_an_identity_rewrites_with_what_is_given_alone():
    given = {"first": equation(x, y), "second": equation(y, z)}
    assert derive(identity(x, z, given=("first", "second")), **given) == 1
    refused("do not reduce", identity(x, z, given=("first",)), **given)
    refused("do not reduce", identity(x, z), **given)


def test_an_identity_is_no_inequality():
    refused("an identity is an equation", Identity(at_most(x, x), ""))
    refused("which is no equation", identity(x, y, given=("le",)), le=at_most(x, y))


@pytest.mark.parametrize("reference", ["nothing", 1, 2, 7, 0])
def test_a_step_cites_only_what_comes_before_it(reference):
    refused(f"cites {reference!r}", identity(x, y, given=(reference,)), identity(x, x))


def test_a_rule_is_no_relation_to_cite():
    refused("cites 'Q'", identity(Q.T * Q, IdentityMatrix(n), given=("Q",)), Q=orthogonal(Q))


def test_a_rule_about_matrices_needs_an_assumption():
    step = identity(MatMul(Q.T, Q), IdentityMatrix(n), rules=(orthogonal(Q),))
    assert derive(step, Q=orthogonal(Q)) == 1
    refused("uses the rule Q orthogonal, which is not among", step)
    refused("uses the rule Q orthogonal, which is not among", step, Q=symmetric(Q))
    refused("uses the rule Q orthogonal, which is not among", step, V=orthogonal(V))


# What is rewritten, and what is not.


def test_nothing_is_put_into_a_derivative():
    """At a fixed point h₁ = h₀ the Jacobian ∂h₁/∂h₀ need not be the identity."""
    refused(
        "do not reduce",
        identity(Jacobian(h(1), h(0)), IdentityMatrix(n), given=("one", "zero")),
        one=equation(h(1), h0),
        zero=equation(h(0), h0),
    )


def test_a_run_of_factors_is_replaced():
    step = identity(MatMul(V, W, Q, h0), MatMul(V, h0), given=("WQ",))
    assert derive(step, WQ=equation(MatMul(W, Q), IdentityMatrix(n))) == 1
    other = identity(MatMul(W, V, Q, h0), MatMul(V, h0), given=("WQ",))
    refused("do not reduce", other, WQ=equation(MatMul(W, Q), IdentityMatrix(n)))


def test_an_index_that_is_summed_over_is_not_replaced():
    m = Symbol("m", integer=True)
    step = identity(Sum(m * k, (k, 1, 3)), Sum(m * m, (m, 1, 3)), given=("km",))
    refused("it replaces k", step, km=equation(k, m))


def test_a_relation_is_used_under_a_sum_only_where_it_holds():
    given = {"tail": equation(w[k], 0, Range(k, 3))}
    assert derive(identity(Sum(w[k], (k, 3, 7)), Sum(0 * k, (k, 3, 7)), given=("tail",)), **given)
    refused(
        "k ≥ 3 is not among its own ranges",
        identity(Sum(w[k], (k, 0, 7)), Sum(0 * k, (k, 0, 7)), given=("tail",)),
        **given,
    )
    free_too = identity(w[k], 0, given=("tail",))
    refused("k ≥ 3 is not among", free_too, **given)
    assert derive(identity(w[k], 0, Range(k, 5), given=("tail",)), **given)
    bound_elsewhere = identity(Sum(w[k], (k, 0, 7)), 0, Range(k, 3), given=("tail",))
    refused("k ≥ 3 is not among", bound_elsewhere, **given)


# Division, inverses, and other things that must mean something.


def test_one_does_not_divide_by_what_may_be_zero():
    """From y = xz and y = xz', z = y/x = z' would follow for x = 0 too."""
    steps = (
        identity(y / x, z, given=("y = xz",)),
        identity(z, y / x, given=("y = xz",)),
        identity(y / x, a, given=("y = xz'",)),
    )
    twice = {"y = xz": equation(y, x * z), "y = xz'": equation(y, x * a)}
    refused(r"1/x needs nonzero\(x\)", *steps, conclusion=equation(z, a), **twice)
    granted = {"x ≠ 0": nonzero(x)}
    assert derive(*steps, conclusion=equation(z, a), **twice, **granted) == 3
    assert derive(*steps, conclusion=equation(z, a), **twice, **{"0 < x": less(0, x)}) == 3
    refused("needs nonzero", *steps, conclusion=equation(z, a), **twice, **{"0 ≤ x": at_most(0, x)})


@pytest.mark.parametrize(
    ("expression", "needed"),
    [
        (1 / x, r"nonzero\(x\)"),
        (x ** (t - 1), r"nonzero\(x\)"),
        (1 / (x + y), r"nonzero\(x \+ y\)"),
        (log(x), r"nonzero\(x\)"),
        (tan(x), r"nonzero\(cos\(x\)\)"),
        (gamma(x), "0 < x"),
        (1 / X(t), r"nonzero\(X\(t\)\)"),
        (Sum(1 / k, (k, 0, n)), "nonzero"),
        (Sum(w[k], (k, 0, oo)), "finite numbers"),
        (x * Float(0.5), "exact and finite"),
        (x + oo, "exact and finite"),
        (Symbol("A", commutative=False), "does not commute"),
        (Sum(w[x], (x, 0, 2)), "integer symbol"),
        (Sum(w[k], (k, 0, k)), "depend on k itself"),
        (Sum(w[n], (n, 0, 3)), "which the assumptions of n exclude"),
    ],
    ids=str,
)
def test_what_has_no_meaning_is_refused_with_what_it_needs(expression, needed):
    refused(needed, identity(expression, expression))
    refused(f"assumed.*{needed}", identity(x, x), assumed=equation(expression, expression))


@pytest.mark.parametrize(
    "expression",
    [
        1 / n,
        λ ** (t + 1),
        1 / (1 + λ),
        1 / (1 + x**2),
        Sum(1 / k, (k, 1, n)),
        gamma(n),
        2 ** (-t),
    ],
    ids=str,
)
def test_what_is_never_zero_may_be_divided_by(expression):
    assert derive(identity(expression, expression)) == 1


def test_an_inverse_that_is_written_needs_an_invertible_matrix():
    step = identity(MatMul(W, Inverse(W), V), V, rules=(invertible(W),))
    assert derive(step, W=invertible(W)) == 1
    refused(r"W⁻¹ needs invertible\(W\)", step)
    refused(r"W⁻¹ needs invertible\(W\)", identity(Inverse(W), Inverse(W)))
    refused(r"W\^\(t−1\) needs invertible\(W\)", identity(W ** (t - 1), W ** (t - 1)))
    assert derive(identity(Inverse(Q) * h0, Q.T * h0, rules=(orthogonal(Q),)), Q=orthogonal(Q)) == 1


@pytest.mark.parametrize(
    ("left", "sign", "right", "match"),
    [
        (W, "=", h0, "relates a n × n matrix and a n × 1 matrix"),
        (W, "=", x, "relates a n × n matrix and a scalar"),
        (W, "≤", V, "orders matrices"),
        (x, "≥", y, "'≥' is none of"),
        (x < y, "=", y, "neither a scalar nor a matrix"),
    ],
)
def test_a_relation_of_two_kinds_is_refused(left, sign, right, match):
    with pytest.raises(ValueError, match=match):
        Relation(left, sign, right)


def test_sizes_have_to_fit_as_written():
    m = Symbol("m", integer=True, positive=True)
    tall = MatrixSymbol("R", n, m)
    refused("R times R: n × m times n × m", identity(MatMul(tall, tall), MatMul(tall, tall)))


def test_one_name_is_one_thing():
    other = Symbol("x")
    refused("the symbol x names two", identity(x + other, other + x))
    refused("the matrix W names two", identity(W * h0, W * h0), f=equation(family("W", n)(t), h0))


# Lemmas; each on its own is tested in test_lemmas.


def test_a_premise_that_says_more_will_do():
    relation = at_most(λ * a, λ * b)
    step = ByLemma(relation, "", lemma=monotone_product, of=(λ, a, b), given=("ab",))
    for premise in (at_most(a, b), less(a, b), equation(a, b)):
        assert derive(step, ab=premise) == 1
    refused("needs a ≤ b", step, ab=at_most(b, a))
    refused("needs a ≤ b", step, ab=fixed(a, b))


def test_a_premise_has_to_hold_where_the_step_does():
    def step(*where):
        relation = at_most(λ * X(t), λ * b, *where)
        return ByLemma(relation, "", lemma=monotone_product, of=(λ, X(t), b), given=("late",))

    late = {"late": at_most(X(t), b, Range(t, 3))}
    assert derive(step(Range(t, 3)), **late) == 1
    assert derive(step(Range(t, 4)), **late) == 1
    refused("t ≥ 3 is not among", step(), **late)
    refused("t ≥ 3 is not among", step(Range(t, 2)), **late)


def test_what_a_lemma_needs_everywhere_rests_on_nothing_special():
    """f = 0 at one point is no reason for f = 0 at another."""
    lemma = Lemma(
        "a function that vanishes",
        "f(x) = 0 for every x ⇒ f(y) = 0",
        lambda f, x, y: ((Everywhere(equation(f, 0), x),), equation(f.subs(x, y), 0)),
    )
    of = (x * (1 - x) * a, x, 2)
    end = ByLemma(equation(-2 * a, 0), "", lemma=lemma, of=of, given=(1,))
    zero_everywhere = identity(of[0], 0, given=("a",))
    assert derive(zero_everywhere, end, a=equation(a, 0)) == 2
    zero_at_one = identity(of[0], 0, given=("x",))
    refused("for every x, and what is given rests on 'x'", zero_at_one, end, x=equation(x, 1))
    nonzero_x = {"a": equation(a, 0), "x ≠ 0": nonzero(x)}
    refused("rests on 'x ≠ 0'", zero_everywhere, end, **nonzero_x)


# Inductions.

HALVED = {"base": equation(X(0), c), "step": equation(X(t + 1), X(t) / 2)}
halved = equation(X(t), c / 2**t)


def test_an_induction_needs_its_base_and_its_step():
    assert derive(by_induction(halved), **HALVED) == 1
    refused("cites 'base'", by_induction(halved), step=HALVED["step"])
    refused("cites 'step'", by_induction(halved), base=HALVED["base"])


@pytest.mark.parametrize(
    ("relation", "change", "match"),
    [
        (equation(X(t), c / 2 ** (t + 1)), {}, "its base does not hold: c ≠ c/2"),
        (equation(X(t), c / 2 ** (2 * t)), {}, "its step does not hold"),
        (equation(X(t), c / 2**t + t), {}, "its step does not hold"),
        (halved, {"base": equation(X(1), c)}, r"its base is about X\(1\), not X\(0\)"),
        (halved, {"step": equation(X(t + 2), X(t) / 2)}, r"its step is about X\(t \+ 2\)"),
        (halved, {"step": at_most(X(t + 1), X(t) / 2)}, "its step is .* and it claims ="),
        (halved, {"base": at_most(X(0), c)}, "its base is .* and it claims ="),
    ],
)
def test_a_wrong_induction_is_refused(relation, change, match):
    refused(match, by_induction(relation), **{**HALVED, **change})


@pytest.mark.parametrize(
    ("variable", "start"),
    [
        (Symbol("r", real=True), 0),  # from 0 on by steps of 1 it misses 1/2
        (t, -1),  # the step says nothing about t = −1
        (t, x),
        (n, 0),  # n = 1, 2, … : the step from 0 to 1 is not given
        (Symbol("e", even=True, nonnegative=True), 0),  # t + 1 is odd
        (Symbol("p", prime=True), 2),
    ],
)
def test_an_induction_runs_through_all_that_it_claims(variable, start):
    relation = equation(X(variable), c)
    given = {"base": equation(X(start), c), "step": equation(X(variable + 1), X(variable))}
    match = "has to run through the integers"
    refused(match, by_induction(relation, variable=variable, start=start), **given)


def test_an_induction_says_from_where_it_holds():
    given = {"base": equation(X(s), c), "step": equation(X(t + 1), X(t))}
    refused("holds for t ≥ s alone", by_induction(equation(X(t), c), start=s), **given)
    later = equation(X(t), c, Range(t, s))
    assert derive(by_induction(later, start=s), **given) == 1
    refused("do not lead", by_induction(later, start=s), conclusion=equation(X(t), c), **given)
    refused(
        "of another index depends",
        by_induction(equation(X(t), c, Range(t, s), Range(k, 0, t)), start=s),
        **given,
    )


def test_what_holds_from_five_on_is_no_step_from_zero():
    constant = equation(X(t + 1), c, Range(t, 5))
    from_five = by_induction(constant, start=5, base="six", step="on")
    given = {
        "six": equation(X(6), c),
        "on": equation(X(t + 2), X(t + 1)),
        "zero": equation(X(0), c),
    }
    assert derive(from_five, **given) == 1
    whole = by_induction(equation(X(t), c), base="zero", step=1)
    refused("t ≥ 5 is not among", from_five, whole, **given)


def test_an_induction_does_not_run_over_a_bound_index():
    summed = equation(Sum(X(t), (t, 0, 3)), c)
    given = {"base": summed, "step": summed}
    refused("a sum or a product runs over t", by_induction(summed), **given)


def test_an_ordered_product_grows_by_induction():
    F, P = family("F", n, n), family("P", n, n)
    product = OrderedProduct(F(k), k, 1, t)
    grown = equation(P(t), product)
    given = {
        "base": equation(P(0), IdentityMatrix(n)),
        "step": equation(P(t + 1), F(t + 1) * P(t)),
    }
    split = (Rule("split"),)
    assert derive(by_induction(grown, rules=split), **given) == 1
    refused("its step does not hold", by_induction(grown), **given)
    swapped = {**given, "step": equation(P(t + 1), P(t) * F(t + 1))}
    refused("its step does not hold", by_induction(grown, rules=split), **swapped)


@pytest.mark.parametrize(
    ("claimed", "base", "step"),
    [("=", "=", "="), ("≤", "=", "="), ("≤", "≤", "≤"), ("≤", "<", "="), ("<", "<", "<")],
)
def test_signs_that_an_induction_proves(claimed, base, step):
    relation = Relation(X(t), claimed, λ**t * c)
    given = {"base": Relation(X(0), base, c), "step": Relation(X(t + 1), step, λ * X(t))}
    assert derive(by_induction(relation), **given) == 1


@pytest.mark.parametrize(
    ("claimed", "base", "step"),
    [
        ("<", "=", "<"),
        ("<", "≤", "<"),
        ("<", "<", "≤"),
        ("<", "<", "="),
        ("=", "≤", "="),
        ("=", "=", "<"),
    ],
)
def test_signs_that_an_induction_does_not_prove(claimed, base, step):
    relation = Relation(X(t), claimed, λ**t * c)
    given = {"base": Relation(X(0), base, c), "step": Relation(X(t + 1), step, λ * X(t))}
    refused(f"and it claims {claimed}", by_induction(relation), **given)


U = Function("U", nonnegative=True)


@pytest.mark.parametrize(
    ("state", "image"),
    [
        (X, lambda v: -v),
        (X, lambda v: a * v),  # a may be negative
        (X, lambda v: v**2),  # (−3)² > 1² though −3 < 1
        (U, lambda v: v**2 - v),
        (U, lambda v: 1 / (1 + v)),
        (U, lambda v: 1 - 1 / (v - 1) ** 2),
        (X, abs),
    ],
)
def test_a_map_that_is_not_monotone_is_refused(state, image):
    bound = Function("B", nonnegative=True)
    given = {
        "base": at_most(state(0), bound(0)),
        "step": at_most(state(t + 1), image(state(t))),
        "bound": equation(bound(t + 1), image(bound(t))),
        "pole": nonzero(U(t) - 1),
        "other": nonzero(bound(t) - 1),
    }
    refused("not seen to be monotone", by_induction(at_most(state(t), bound(t))), **given)


@pytest.mark.parametrize(
    ("state", "image"),
    [(X, lambda v: λ * v + a), (U, lambda v: v**2 + λ * v), (X, lambda v: v - a)],
)
def test_a_monotone_map_is_taken(state, image):
    bound = Function("B", nonnegative=True)
    given = {
        "base": at_most(state(0), bound(0)),
        "step": at_most(state(t + 1), image(state(t))),
        "bound": equation(image(bound(t)), bound(t + 1)),
    }
    derived = (
        identity(image(bound(t)), bound(t + 1), given=("bound",)),
        by_induction(at_most(state(t), bound(t))),
    )
    assert derived
    # B(t + 1) stands for F(B(t)): the recurrence of the bound is put in as it is.
    explicit = {k: v for k, v in given.items() if k != "bound"}
    refused("its step does not hold", by_induction(at_most(state(t), bound(t))), **explicit)


# Hypotheses.

NOISE = {"base": at_most(X(0), c), "kept": at_most(λ * X(t) + (1 - λ) * c, c)}


def test_an_induction_discharges_its_own_hypothesis_alone():
    supposed = Hypothesis(at_most(X(t), c), "")
    lemma = Lemma("kept", "", lambda p, q: ((at_most(p, q),), at_most(X(t + 1), q)))
    onward = ByLemma(at_most(X(t + 1), c), "", lemma=lemma, of=(X(t), c), given=(1,))
    end = by_induction(at_most(X(t), c), step=2)
    base = {"base": at_most(X(0), c)}
    assert derive(supposed, onward, end, **base) == 3
    refused("suppose nothing", supposed, **base)
    refused("suppose nothing", supposed, onward, **base)
    other = by_induction(at_most(X(t), 2 * c), step=2)
    refused(r"supposes X\(t\) ≤ c", supposed, onward, other, base=at_most(X(0), 2 * c))
    refused(
        r"supposes X\(t\) ≤ c", supposed, onward, by_induction(at_most(X(t), c), base=1, step=2)
    )
    refused("rests on nothing", Hypothesis(at_most(X(t), c), "", given=("base",)), **base)


def test_a_hypothesis_is_about_one_t():
    """X(t) = 0 for one t says nothing of a sum over t."""
    supposed = Hypothesis(equation(X(t), 0), "")
    total = identity(Sum(X(t), (t, 0, 5)), Sum(0 * t, (t, 0, 5)), given=(1,))
    refused("under a sum or product, but", supposed, total)
    assert derive(identity(*total.relation.sides, given=("all",)), all=equation(X(t), 0)) == 1


# Conclusions and chains.


def test_a_conclusion_has_to_be_reached():
    refused("do not lead to its conclusion x = y", identity(x, x), conclusion=equation(x, y))
    with pytest.raises(DerivationError, match="do not lead"):
        Derivation("empty", {"x": equation(x, y)}, (), equation(x, y)).verify()


CHAIN = {"ab": at_most(a, b), "bc": less(b, c), "cb": at_most(c, b)}


def restated(name):
    """A step that says once more what an assumption says."""
    relation = CHAIN[name]
    same = Lemma("itself", "", lambda: ((relation,), relation))
    return ByLemma(relation, "", lemma=same, of=(), given=(name,))


def test_a_chain_carries_the_stronger_sign():
    steps = (restated("ab"), restated("bc"))
    assert derive(*steps, conclusion=less(a, c), **CHAIN) == 2
    refused("do not lead", *steps, conclusion=equation(a, c), **CHAIN)
    refused("do not lead", *steps, conclusion=less(c, a), **CHAIN)
    weak = (restated("ab"), identity(b, b))
    assert derive(*weak, conclusion=at_most(a, b), **CHAIN) == 2
    refused("do not lead", *weak, conclusion=less(a, b), **CHAIN)
    refused("do not lead", *weak, conclusion=equation(a, b), **CHAIN)


def test_a_chain_is_broken_where_sides_do_not_meet():
    refused("do not lead", restated("bc"), restated("ab"), conclusion=less(a, c), **CHAIN)
    apart = (restated("ab"), identity(x, x), restated("bc"))
    refused("do not lead", *apart, conclusion=less(a, c), **CHAIN)


def test_only_steps_conclude():
    refused("do not lead", identity(x, x), conclusion=at_most(a, b), **CHAIN)


def test_without_takes_away_one_assumption():
    derivation = Derivation("example", HALVED, (by_induction(halved),), halved)
    assert set(derivation.without("base").assumptions) == {"step"}
    with pytest.raises(KeyError, match="no assumption 'bass'"):
        derivation.without("bass")
