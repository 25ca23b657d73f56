"""The cases of the linear recurrence: W by its entries, its eigenvectors or its Schur form."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat

from models import linear
from properties.checking import Case, Worked, Working, diagonal, floats, matrix
from properties.checking.blackboard import symbol
from properties.checking.bounds import linear_run
from properties.checking.exact import squared_length
from properties.checking.norms import row_sum_norm, square_root
from properties.checking.rounding import FLOAT64, gamma
from properties.checking.transport import OWN_ROUNDING


class Recurrence(Case):
    """h_t = Wᵀh_{t−1}: what is common to the cases, however W is given."""

    w: fmpq_mat
    h0: fmpq_mat
    t: int

    symbols = MappingProxyType(
        {"w": "W", "q": "Q", "v": "V", "eigenvalues": "λ", "above": "above λ", "schur": "T"}
    )

    @property
    def n(self) -> int:
        return self.h0.nrows()

    def iterate(self, steps: int | None = None) -> fmpq_mat:
        """h_t, one step of the recurrence after another; `steps` of them instead of t if given."""
        h, transposed = self.h0, self.w.transpose()
        for _ in range(self.t if steps is None else steps):
            h = transposed * h
        return h

    def worked(self, count: int | None = None) -> Worked:
        """h_t, or that after `count` steps, with the steps of the recurrence as its working."""
        last = self.t if count is None else count

        def steps() -> list[Working]:
            states, transposed = [self.h0], self.w.transpose()
            for _ in range(last):
                states.append(transposed * states[-1])
            h = [symbol(f"h{k}") for k in range(last + 1)]
            return [
                Working(f"{h[k + 1]} = Wᵀ{h[k]}", states[k + 1], factors=(transposed, states[k]))
                for k in range(last)
            ] or [Working(h[0], self.h0)]

        return Worked(self.iterate(last), steps)

    def terms(self) -> dict[str, Any]:
        return {"h_t": self.worked, "h_{t+1}": lambda: self.worked(self.t + 1)}

    def model_run(self) -> tuple[np.ndarray, np.ndarray]:
        """h_t as the model computes it, and how far that may lie from the exact one: both (n,)."""
        W = floats(self.w)
        states = linear.run(W, floats(self.h0).T, self.t)
        return states[-1, 0], linear_run(W, states, rounded=1).values[-1, 0]


def _absolute(m: fmpq_mat) -> fmpq_mat:
    return fmpq_mat(m.nrows(), m.ncols(), [abs(entry) for entry in m.entries()])


def is_defective(w: fmpq_mat) -> bool:
    """Whether W has no basis of eigenvectors: its minimal polynomial has a double root."""
    polynomial = w.minpoly()
    return bool(polynomial.gcd(polynomial.derivative()).degree() > 0)


@dataclass(frozen=True, repr=False)
class SquareMatrix(Case):
    """A square W alone."""

    w: fmpq_mat

    symbols = MappingProxyType({"w": "W"})

    def terms(self) -> dict[str, Any]:
        return {"Q": lambda: np.linalg.eigh(floats(self.w))[1]}


@dataclass(frozen=True, repr=False)
class LinearSystem(Recurrence):
    """h_t = Wᵀh_{t−1}: W (n × n) by its entries, h₀ and t."""

    w: fmpq_mat
    h0: fmpq_mat
    t: int


@dataclass(frozen=True, repr=False)
class SpectralSystem(Recurrence):
    """h_t = Wᵀh_{t−1} with W = QΛQᵀ: the n × n factor Q, the n eigenvalues, h₀ and t."""

    q: fmpq_mat
    eigenvalues: fmpq_mat
    h0: fmpq_mat
    t: int

    @property
    def w(self) -> fmpq_mat:
        """W = QΛQᵀ."""
        return self.q * diagonal(self.eigenvalues) * self.q.transpose()

    def shown(self) -> dict[str, Any]:
        return {"W": self.w}

    def terms(self) -> dict[str, Any]:
        return super().terms() | {
            "Λ": lambda: diagonal(self.eigenvalues),
            "the forms agree": ("QᵀΛᵗQ", "=", "QΛᵗQᵀ"),
            "Q = Qᵀ": ("Q", "=", "Qᵀ"),
            "Q² and Λ commute": ("Q²Λ", "=", "ΛQ²"),
        }

    def radius(self) -> fmpq:
        """The largest modulus of an eigenvalue."""
        return max(map(abs, self.eigenvalues.entries()))

    def components(self) -> list[fmpq]:
        """q_iᵀh₀ for the columns q_i of Q."""
        return (self.q.transpose() * self.h0).entries()


@dataclass(frozen=True, repr=False)
class JordanSystem(Recurrence):
    """h_t = Wᵀh_{t−1} with W = VJV⁻¹: V, the eigenvalues on J's diagonal, the ones above it."""

    v: fmpq_mat
    eigenvalues: fmpq_mat
    above: tuple[int, ...]
    h0: fmpq_mat
    t: int

    @property
    def w(self) -> fmpq_mat:
        """W = VJV⁻¹."""
        jordan = diagonal(self.eigenvalues)
        for i, one in enumerate(self.above):
            jordan[i, i + 1] = one
        return self.v * jordan * self.v.inv()

    def shown(self) -> dict[str, Any]:
        return {"W": self.w}

    def terms(self) -> dict[str, Any]:
        largest = Working("ρ = max |λ_i|", self.radius())
        return super().terms() | {
            "Λ": lambda: diagonal(self.eigenvalues),
            "ρ": lambda: Worked(self.radius(), lambda: [largest]),
        }

    def is_diagonalisable(self) -> bool:
        return not is_defective(self.w)

    def radius(self) -> fmpq:
        """The largest modulus of an eigenvalue."""
        return max(map(abs, self.eigenvalues.entries()))

    def condition(self) -> fmpq:
        """κ(Vᵀ) = ‖Vᵀ‖‖V⁻ᵀ‖ in the norm ‖·‖_∞."""
        turned = self.v.transpose()
        return row_sum_norm(turned) * row_sum_norm(turned.inv())

    def closed_form(self) -> tuple[np.ndarray, float]:
        """V⁻ᵀΛᵗVᵀh₀ in float64 (n,), from correctly rounded factors, and γ for its roundings.

        They are: each entry of Vᵀ and V⁻ᵀ once, n in each of the two products, t in the powers and
        one where these meet Vᵀh₀. The error is at most γ|V⁻ᵀ||Λ|ᵗ|Vᵀ||h₀|: nothing underflows,
        since an eigenvalue that is not 0 is at least 1/4.
        """
        turned = self.v.transpose()
        eigenvalues = np.broadcast_to(floats(self.eigenvalues)[:, 0], (self.t, self.n))
        start = floats(turned) @ floats(self.h0)[:, 0]
        result = floats(turned.inv()) @ (np.prod(eigenvalues, axis=0) * start)
        return result, gamma(2 * (self.n + 1) + self.t + 1, FLOAT64) * OWN_ROUNDING

    def magnitudes(self) -> fmpq_mat:
        """|V⁻ᵀ||Λ|ᵗ|Vᵀ||h₀|: what the closed form adds up, entry by entry, without its signs."""
        turned = self.v.transpose()
        powers = diagonal([abs(e) ** self.t for e in self.eigenvalues.entries()])
        return _absolute(turned.inv()) * powers * _absolute(turned) * _absolute(self.h0)


@dataclass(frozen=True, repr=False)
class SchurSystem(Recurrence):
    """h_t = Wᵀh_{t−1} with W = QTQᵀ: Q orthogonal, T the real Schur form, h₀ and t.

    T has numbers and rotations times a number on its diagonal, and zeros below those blocks.
    """

    q: fmpq_mat
    schur: fmpq_mat
    h0: fmpq_mat
    t: int

    @property
    def w(self) -> fmpq_mat:
        """W = QTQᵀ."""
        return self.q * self.schur * self.q.transpose()

    def shown(self) -> dict[str, Any]:
        return {"W": self.w} | ({symbol(f"h{self.t}"): self.iterate()} if self.t else {})

    def terms(self) -> dict[str, Any]:
        shares = "(across², along²) of "
        return super().terms() | {
            "ρ": lambda: max(self.moduli()),
            "q₁": lambda: self.q * matrix([[int(i == self.n - 1)] for i in range(self.n)]),
            f"{shares}h_t": lambda: self._shares(self.t),
            f"{shares}h_{{t+1}}": lambda: self._shares(self.t + 1),
        }

    def _shares(self, count: int) -> Worked:
        """`tangent_squared` with its working."""
        h, (across, along) = symbol(f"h{count}"), self.tangent_squared(count)

        def steps() -> list[Working]:
            return [
                *self.worked(count).steps(),
                Working(f"along² = (q₁ᵀ{h})²", along),
                Working(f"across² = ‖{h}‖² − along²", across),
                Working(f"(across², along²) of {h}", (across, along)),
            ]

        return Worked((across, along), steps)

    def moduli(self) -> list[fmpq]:
        """|λ_i| in the order of T's diagonal."""
        found: list[fmpq] = []
        s = self.schur
        while len(found) < self.n:
            i = len(found)
            if i + 1 < self.n and s[i + 1, i] != 0:
                determinant = s[i, i] * s[i + 1, i + 1] - s[i, i + 1] * s[i + 1, i]
                found += 2 * [square_root(determinant)]
            else:
                found.append(abs(s[i, i]))
        return found

    def has_rotation(self) -> bool:
        """Whether some eigenvalues are no real numbers."""
        return any(self.schur[i + 1, i] != 0 for i in range(self.n - 1))

    def is_normal(self) -> bool:
        w = self.w
        return bool(w * w.transpose() == w.transpose() * w)

    def tangent_squared(self, steps: int) -> tuple[fmpq, fmpq]:
        """What of h_t, t = steps, lies across and along the last column of Q, both squared."""
        h = self.iterate(steps)
        along = (self.q.transpose() * h)[self.n - 1, 0] ** 2
        return squared_length(h) - along, along
