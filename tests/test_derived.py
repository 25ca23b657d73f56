"""Every derivation of the project: it verifies, no assumption is idle, nothing else follows."""

import importlib
import pkgutil
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from sympy import Add, Integer, Inverse, MatMul, MatPow, MatrixSymbol, Mul, Pow, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

import theory
from teaching.page.phrases import phrase, words
from theory.derivation import Derivation, DerivationError, Fact, Relation
from theory.matrices import IndexedMatrix
from theory.normal_form import equal

DERIVATIONS = {
    f"{module.name}.{name}": value
    for module in pkgutil.iter_modules(theory.__path__)
    for name, value in vars(importlib.import_module(f"theory.{module.name}")).items()
    if isinstance(value, Derivation)
}
MOST_CHANGES = 8
"""Of so many changes to a conclusion all are tried, of more every second, or third."""

each_derivation = pytest.mark.parametrize(
    "derivation", DERIVATIONS.values(), ids=DERIVATIONS.keys()
)


def test_there_are_derivations_and_each_has_the_name_that_it_is_imported_by():
    assert len(DERIVATIONS) >= 5
    names = {known.rpartition(".")[2]: each.name for known, each in DERIVATIONS.items()}
    assert [(known, name) for known, name in names.items() if name != known] == []


@each_derivation
def test_it_verifies_and_no_other_conclusion_does(derivation):
    established = derivation.established()
    derivation.concludes(established)
    wrong = list(changed(derivation.conclusion))
    for conclusion in wrong[:: 1 + len(wrong) // MOST_CHANGES]:
        with pytest.raises(DerivationError, match="conclusion"):
            replace(derivation, conclusion=conclusion).concludes(established)


@each_derivation
def test_it_needs_every_assumption(derivation):
    for assumption in derivation.assumptions:
        with pytest.raises(DerivationError):
            derivation.without(assumption).verify()


@each_derivation
def test_it_is_written_in_text_and_in_ascii_latex(derivation):
    text, latex = derivation.text(), derivation.latex()
    assert all(name in text for name in derivation.assumptions)
    assert text.endswith(f"⇒  {derivation.conclusion}")
    assert len(derivation.lines()) == len(derivation.steps)
    assert latex.isascii(), sorted({c for c in latex if not c.isascii()})
    assert latex.count("{") - latex.count(r"\{") == latex.count("}") - latex.count(r"\}")
    assert latex.count(r"\left") - latex.count(r"\leftarrow") == latex.count(r"\right")
    assert latex.count(r"\\") == len(derivation.steps)


@each_derivation
def test_its_reasons_are_texts(derivation):
    assert all(isinstance(step.why, str) for step in derivation.steps)


def test_the_page_has_their_reasons_in_chinese_and_no_others():
    reasons = [phrase("reasons", why) for each in DERIVATIONS.values() for why in said(each)]
    assert [reason.en for reason in reasons if reason.zh is None] == []
    numbered, used = re.compile("[§#]"), {reason.zh for reason in reasons}
    alone = [zh for zh in words("reasons").values() if not numbered.search(zh)]
    assert [zh for zh in alone if zh not in used] == []


def test_what_is_assumed_that_is_no_relation_is_said_in_these_words():
    assumed = [a for each in DERIVATIONS.values() for a in each.assumptions.values()]
    assert {assumption.name for assumption in assumed if isinstance(assumption, Fact)} == {
        "a step of gradient descent",
        "are made of the members so far of",
        "are square, with independent Gaussian entries of deviation",
        "are the images of orthogonal columns under independent Gaussian weights, of variances",
        "convex",
        "diagonal",
        "fixed",
        "function and its derivative",
        "go back through active units to the number of",
        "goes from −∞ to ∞",
        "independent",
        "is 0 or 1",
        "is a standard Gaussian",
        "is all that the cost reads",
        "is bounded",
        "is χ² with degrees",
        "Lipschitz constant of M′",
        "Lipschitz constant of ∇E",
        "nonzero",
        "normal, with eigenvectors q_k and eigenvalues",
        "of mean zero",
        "point and set",
        "set and bound on ‖M′‖ there",
        "uncorrelated",
        "|x_i| ≤ ‖x‖ for every x and i",
        "‖e_k‖ ≤ 1 for every k",
    }


def said(derivation):
    return [step.why for step in derivation.steps if step.why]


# Conclusions that are a little off: an exponent one higher, a transpose too many or too few, a sign
# changed, two factors exchanged, the sides of an inequality exchanged or its sign made stronger.


def changed(conclusion):
    left, right = conclusion.sides
    for sign in {"=": (), "≤": ("=", "<"), "<": ("=",)}[conclusion.sign]:
        yield replace(conclusion, sign=sign)
    if conclusion.sign != "=":
        yield Relation(right, conclusion.sign, left, conclusion.where)
    if conclusion.where:
        yield replace(conclusion, where=())
    for other in nearby(right):
        if not equal(other, right):
            yield replace(conclusion, right=other)


def nearby(expr):
    """The expression with one small change, in every place where there is one to make."""
    if expr != 0:
        yield MatMul(-1, expr) if isinstance(expr, MatrixExpr) else -expr
    yield from inside(expr)


def inside(expr):
    yield from at_the_top(expr)
    if not isinstance(expr, IndexedMatrix | MatrixSymbol | Inverse):
        for i, argument in enumerate(expr.args):
            for other in inside(argument):
                yield expr.func(*expr.args[:i], other, *expr.args[i + 1 :])


def at_the_top(expr):
    if isinstance(expr, Pow | MatPow):
        yield (MatPow if expr.is_Matrix else Pow)(expr.base, expr.exp + 1)
    elif isinstance(expr, Transpose) and expr.is_square:
        yield expr.arg
    elif isinstance(expr, MatrixSymbol | IndexedMatrix) and expr.is_square:
        yield Transpose(expr)
    elif isinstance(expr, MatMul):
        for i, (first, second) in enumerate(pairwise(expr.args)):
            if first.is_Matrix and first.is_square and first.shape == second.shape:
                yield expr.func(*expr.args[:i], second, first, *expr.args[i + 2 :])
    elif isinstance(expr, Add | Mul):
        for i, term in enumerate(expr.args):
            other = term + 1 if isinstance(term, Integer) else -term
            yield expr.func(*expr.args[:i], other, *expr.args[i + 1 :])
