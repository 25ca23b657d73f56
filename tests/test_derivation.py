"""Steps and conclusions: what follows is taken, what does not is refused by name."""

import pytest
from sympy import Identity as IdentityMatrix
from sympy import MatMul, Sum, Symbol

from tests.deriving import (
    Q,
    V,
    W,
    X,
    a,
    b,
    c,
    derive,
    growth,
    h,
    h0,
    identity,
    k,
    n,
    refused,
    t,
    w,
    x,
    y,
    z,
)
from tests.saying import refusing
from theory.derivation import (
    ByLemma,
    Derivation,
    DerivationError,
    Everywhere,
    Identity,
    Lemma,
    at_most,
    equation,
    fixed,
    less,
    nonzero,
)
from theory.lemmas import monotone_product
from theory.matrices import Jacobian
from theory.normal_form import orthogonal, symmetric
from theory.ranges import Range

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


# Lemmas; each on its own is tested in test_lemmas.


def test_a_premise_that_says_more_will_do():
    relation = at_most(growth * a, growth * b)
    step = ByLemma(relation, "", lemma=monotone_product, of=(growth, a, b), given=("ab",))
    for premise in (at_most(a, b), less(a, b), equation(a, b)):
        assert derive(step, ab=premise) == 1
    refused("needs a ≤ b", step, ab=at_most(b, a))
    refused("needs a ≤ b", step, ab=fixed(a, b))


def test_a_premise_has_to_hold_where_the_step_does():
    def step(*where):
        relation = at_most(growth * X(t), growth * b, *where)
        return ByLemma(relation, "", lemma=monotone_product, of=(growth, X(t), b), given=("late",))

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


# Conclusions and chains.


def test_a_conclusion_has_to_be_reached():
    refused("do not lead to its conclusion x = y", identity(x, x), conclusion=equation(x, y))
    with refusing(DerivationError, match="do not lead"):
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
