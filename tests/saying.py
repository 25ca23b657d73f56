"""What theory refuses is refused in one of these sentences, in which … stands for anything.

A test says which of them it expects by some of its words; that the whole is as it stands here is
seen to at the same time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

SENTENCES = """
its two sides do not reduce to one normal form
an identity is an equation; take an inequality from a lemma
a hypothesis rests on nothing
it cites …, which is no earlier relation
it rewrites with …, which is no equation
it replaces …, and a sum or a product runs over it
it uses …, and … is not among its own ranges
it uses … under a sum or product, but … is supposed
it uses the rule …, which is not among the assumptions
it is not an instance of the lemma …, which gives …
the lemma … needs …, which is not given
the lemma … needs … for every …, and what is given rests on …
the lemma … does not match: …
… times …: … × … times … × …
… beside …: … × … beside … × …
… needs … among the assumptions
Γ(…) needs 0 < …
∂…/∂…: … is not differentiable everywhere
∂…/∂… is a derivative by an index
it contains …; write exact and finite numbers
its scalar … does not commute
its index … starts from …, which the assumptions of … exclude
first, last: they depend on … itself
variable: … has to be an integer symbol
its base does not hold: … ≠ …
its base is …, and it claims …
its base is about …, not …
its step does not hold: … ≠ …
its step is …, and it claims …
its step is about …, not …
its step … is not seen to be monotone in …: a polynomial is, with coefficients ≥ 0, if what it is \
in is ≥ 0 or enters to the first power
… has to run through the integers from … on, and its assumptions do not say so
it holds for … alone, and does not say so
a sum or a product runs over … or what it starts from
the range of another index depends on …
what it cites supposes …
derivation …: its steps do not lead to its conclusion …; the last step, or the chain of steps that \
ends in it, must, and suppose nothing
derivation …: the … … names two different things
"derivation … has no assumption …"
it cites …, which is no earlier relation or fact
… is no product of matrices that have names
… is no plain function of …
… is to be a function of something else than itself
… is no matrix
…: … has to be …
… has to be a symbol that is ≥ 0
… has to be a function of … alone
… has to be x or its tanh
… has to be affine in …, with numbers
… has to be the weight of the step to … alone
… has to read of the states … alone
… has to read the past through … alone
… has to stand for every state up to …
… have to be columns free of the index …
… have to be seen to be positive
… could be … itself
… crosses a kink of the clamp
… is no case of …, as that is assumed to be
… is to be one of two parts
… has no entries that are known here
… already sums over …
base: … has no rational root of degree …
blocks: of shapes …, which do not fit
no elementwise function …; known: tanh, σ, identity
left and right: … relates a … and a …
left: … is neither a scalar nor a matrix expression
sign: … is none of =, ≤, <
sign: … orders matrices; take their norms or their entries
name: no rewriting rule …; the allowed ones: invertible, orthogonal, symmetric, commuting, doit, \
differentiate, exponential, trigonometric, gamma, logarithm, kronecker, product, split
subjects: the rule … takes the matrices that it is about
subjects: the rule … takes none
subjects: … needs square ones of one size: …
parameters: … is an operation of exact rationals
parameters, algebra: the formula needs …, which is neither a parameter nor an operation of exact \
rationals
definitions: … has to be a function of i or of j alone
a sum or a product runs over what is in …
the states and the noise have to be those of successive steps
"""


WHOLE = [
    re.compile(re.escape(line).replace("…", ".+"), re.DOTALL)
    for line in SENTENCES.strip().split("\n")
]
OF_A_STEP = re.compile(r"derivation .+?, (step \d+ \(\w+\), .+|assumed): refused, ", re.DOTALL)


def is_said(message: str) -> bool:
    """Whether this is one of the sentences; a lemma that does not match says why in another."""
    step = OF_A_STEP.match(message)
    said = message[step.end() :] if step else message
    _, unmatched, reason = said.partition(" does not match: ")
    return any(each.fullmatch(said) for each in WHOLE) and (not unmatched or is_said(reason))


@contextmanager
def refusing(kind: type[Exception], *, match: str) -> Iterator[None]:
    """Inside, something of `kind` is raised whose sentence has the words `match`."""
    with pytest.raises(kind, match=match) as refusal:
        yield
    assert is_said(str(refusal.value))
