"""The rewriting rules that a derivation may name; beyond ring arithmetic nothing else is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from theory.printing import plain

MATRIX_RULES = {
    "invertible": "AA⁻¹ = A⁻¹A = I, so that negative powers add and (AB)⁻¹ = B⁻¹A⁻¹",
    "orthogonal": "QᵀQ = QQᵀ = I, so Qᵀ = Q⁻¹",
    "symmetric": "Sᵀ = S",
    "commuting": "the matrices named commute with one another",
}
SCALAR_RULES = {
    "doit": "evaluate derivatives, sums and products that are written out",
    "differentiate": "carry out the derivatives, by the rules of calculus",
    "exponential": "write the hyperbolic functions as quotients of exponentials",
    "trigonometric": "sin² + cos² = 1 and its like",
    "gamma": "the recurrences of the gamma function and its logarithmic derivatives",
    "logarithm": "ln(xy) = ln x + ln y and ln xʸ = y ln x for positive x, y",
    "kronecker": "a sum over k of f(k)·δ(j, k) is f(j), where j lies in the range of k",
    "product": "(∏ f)ᵐ = ∏ fᵐ for an integer m, and a product of a constant has a closed form",
    "split": "take the last term out of a sum or a product that has one",
}


@dataclass(frozen=True)
class Rule:
    """One rewriting rule of the allow-list, with the matrices that it may be used on.

    Raises ValueError for a rule that is not on the list, for a scalar rule with subjects, and for
    a matrix rule without any or on matrices that are not square and of one shape.
    """

    name: str
    subjects: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        if self.name not in MATRIX_RULES and self.name not in SCALAR_RULES:
            known = ", ".join([*MATRIX_RULES, *SCALAR_RULES])
            raise ValueError(f"name: no rewriting rule {self.name!r}; the allowed ones: {known}")
        if (self.name in MATRIX_RULES) != bool(self.subjects):
            needed = "the matrices that it is about" if self.name in MATRIX_RULES else "none"
            raise ValueError(f"subjects: the rule {self.name} takes {needed}")
        for matrix in self.subjects:
            if not matrix.is_square or matrix.shape != self.subjects[0].shape:
                shapes = ", ".join(f"{plain(m)} is {plain(m.shape)}" for m in self.subjects)
                raise ValueError(f"subjects: {self.name} needs square ones of one size: {shapes}")

    def __str__(self) -> str:
        subjects = ", ".join(plain(s) for s in self.subjects)
        return f"{subjects} {self.name}" if subjects else self.name


def invertible(*matrices: Any) -> Rule:
    """The rule that each of these square matrices has an inverse."""
    return Rule("invertible", matrices)


def orthogonal(*matrices: Any) -> Rule:
    """The rule that each of these square matrices has its transpose as its inverse."""
    return Rule("orthogonal", matrices)


def symmetric(*matrices: Any) -> Rule:
    """The rule that each of these matrices equals its transpose (diagonal ones do)."""
    return Rule("symmetric", matrices)


def commuting(*matrices: Any) -> Rule:
    """The rule that these matrices commute with one another (diagonal ones do)."""
    return Rule("commuting", matrices)
