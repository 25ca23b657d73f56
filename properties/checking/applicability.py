"""What of a claim an implementation under test is judged by.

With the project's own models every part of every claim is verified. Another backend is judged by
the witness and by the claim itself, on every case: there the backend computes, within bounds at its
unit roundoff. The derivation does not depend on an implementation, and that an assumption is needed
or a misreading false is said about networks, not about whoever computes them; `claims refute
--backend` nevertheless searches with a backend, for those who want to see it there.
"""

from __future__ import annotations

from models.backends import load_backend
from properties.checking.claim import Claim
from properties.checking.comparison import DEFAULT

JUDGING = ("witness", "holds")


def why_not_applicable(claim: Claim, backend: str) -> str | None:
    """Why a backend is not judged by a claim; None where it is.

    Raises BackendError where there is no such backend.
    """
    if backend == DEFAULT or claim.declared_faults():
        return None
    if claim.concerns is None:
        return "it concerns no model that a backend computes"
    under_test = load_backend(backend)
    if not any(under_test.supports(model) for model in claim.concerned_models()):
        return f"{backend} does not support its {claim.concerns.__name__}"
    return None


def parts_on(claim: Claim, backend: str) -> list[str]:
    """The parts of a claim that are verified with a backend; none where it is not applicable."""
    if backend == DEFAULT:
        return claim.parts
    if why_not_applicable(claim, backend) is not None:
        return []
    return [part for part in claim.parts if part in JUDGING]
