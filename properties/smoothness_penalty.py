"""Pascanu's regularisation term against vanishing: what it measures, and what it keeps."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from flint import arb, fmpq, fmpq_mat
from hypothesis import strategies as st

from models.rnn import RNN
from models.smoothness_penalty import smoothness_penalty as penalty_of
from properties.checking import (
    BALL,
    Case,
    Check,
    Worked,
    Working,
    claim,
    diagonal,
    floats,
    identity,
    matrix,
    vector,
)
from properties.checking.balls import DEFAULT_BITS, Balls, exact, precision, radius
from properties.checking.bounds import RunBounds
from properties.checking.domains import (
    dyadics,
    fixed_lists,
    orthogonal_matrices,
    vectors,
)
from properties.checking.references import reference
from properties.checking.rounding import FLOAT64
from theory import smoothness_penalty as theory
from theory.formula import callable_form

THEME = "error_surface"

least_left = callable_form((theory.λ, theory.j), theory.λ**theory.j, BALL)


@dataclass(frozen=True, repr=False)
class ErrorSignal(Case):
    """h_t = tanh(Wh_{t−1} + u_t) from h_0, W invertible, and E = g·h_T.

    With h_0 and all inputs 0 nothing saturates: the signal is that of a linear network.
    """

    W: fmpq_mat
    h0: fmpq_mat
    u: tuple[fmpq_mat, ...]
    g: fmpq_mat

    def terms(self) -> dict[str, Any]:
        return {"I": identity(self.n), "Ω": self._summed}

    def _summed(self) -> Worked:
        """Ω from the lengths of the signal, step by step."""
        signals = self.signals()
        lengths = [square.sqrt() for square in squared_lengths(signals)]
        terms = [(before / after - 1) ** 2 for before, after in pairwise(lengths)]
        Ω = exact_penalty(signals)
        lines = [Working(f"‖∂E/∂h_{k}‖", length) for k, length in enumerate(lengths)]
        lines += [
            Working(f"(‖∂E/∂h_{k}‖/‖∂E/∂h_{k + 1}‖ − 1)²", term) for k, term in enumerate(terms)
        ]
        return Worked(Ω, lambda: [*lines, Working("Ω, their sum,", Ω)])

    @property
    def n(self) -> int:
        return self.W.nrows()

    @property
    def t(self) -> int:
        return len(self.u)

    def models(self) -> tuple[RNN]:
        return (RNN(W=floats(self.W), U=np.eye(self.n), b=np.zeros(self.n)),)

    def given(self) -> tuple[np.ndarray, np.ndarray]:
        """h_0 (1, n) and the inputs (T, 1, n)."""
        return floats(self.h0).T, np.array([floats(u).T for u in self.u])

    def trajectory(self) -> Any:
        """The run of this project's own model, along which bounds are evaluated."""
        return self.models()[0].run(*self.given())

    def signals(self) -> Balls:
        """∂E/∂h_t (T+1, n) of the network, in balls."""
        return reference(self.trajectory()).total_cotangents(exact(self.g)[:, 0])

    def computed(self, check: Check) -> np.ndarray:
        """∂E/∂h_t (T+1, 1, n) by the backend, each from a run that begins at its own h_t."""
        (model,), (start, inputs) = self.models(), self.given()
        states, g = check.backend.run(model, start, inputs).astype(float), floats(self.g).T
        return np.stack(
            [check.backend.vjp(model, states[k], inputs[k:], g).initial for k in range(self.t + 1)]
        ).astype(float)


def squared_lengths(signals: Balls) -> list[Any]:
    """‖∂E/∂h_t‖², t = 0 … T."""
    return [sum((x * x for x in signal), arb(0)) for signal in signals]


def penalty(lengths: list[Any], rounding: Any = 0) -> Any:
    """Ω from the lengths, a ball; every term is widened by a relative rounding error."""
    total = arb(0)
    for before, after in pairwise(lengths):
        deviation = (before / after) * (1 + rounding) - 1
        total += deviation * deviation * (1 + rounding)
    return total


def exact_penalty(signals: Balls) -> Any:
    """Ω of signals in balls; ‖a‖/‖b‖ is taken as √(‖a‖²/‖b‖²), so that 1 comes out exactly."""
    squares = squared_lengths(signals)
    total = arb(0)
    for before, after in pairwise(squares):
        deviation = (before / after).sqrt() - 1
        total += deviation * deviation
    return total


def penalty_bound(computed: np.ndarray, errors: np.ndarray) -> float:
    """How far Ω, computed from float signals (T+1, n) with these errors, lies from the exact one.

    Both lie in the ball that comes out if every length, quotient and square is a ball: a length is
    off by the length of its error vector, and each operation by no more than n + 8 roundings.
    """
    with precision(DEFAULT_BITS):
        rounding = arb(0, (computed.shape[1] + 8) * FLOAT64)
        lengths = [
            sum((x * x for x in exact(signal)), arb(0)).sqrt() + arb(0, np.linalg.norm(error) * 1.1)
            for signal, error in zip(computed, errors, strict=True)
        ]
        return 2 * float(radius(exact([penalty(lengths, rounding)]))[0])


small = dyadics(2, (2, 4))
stretches = st.sampled_from([fmpq(1), fmpq(1, 2), fmpq(3, 2)])


@st.composite
def stretched_rotations(draw: Any, n: int) -> fmpq_mat:
    """An orthogonal matrix times a diagonal one with entries 1, 1/2 and 3/2."""
    return draw(orthogonal_matrices(n)) * diagonal(draw(fixed_lists(stretches, n)))


@st.composite
def error_signals(draw: Any) -> ErrorSignal:
    """1 to 3 units and 2 to 8 steps; half of the time W is orthogonal, and half nothing saturates.

    No unit saturates so far that floats lose its slope: the error signal is never zero.
    """
    n, t = draw(st.integers(1, 3)), draw(st.integers(2, 8))
    states = vectors(n, small) if draw(st.booleans()) else st.just(fmpq_mat(n, 1))
    g = draw(vectors(n))
    g[0, 0] += int(not any(g.entries()))
    return ErrorSignal(
        draw(st.one_of(orthogonal_matrices(n), stretched_rotations(n))),
        draw(states),
        tuple(draw(fixed_lists(states, t))),
        g,
    )


def is_kept(run: ErrorSignal) -> bool:
    """Whether all error signals have the same length, certainly."""
    with precision(DEFAULT_BITS):
        squares = squared_lengths(run.signals())
        return all((square - squares[-1]).is_zero() for square in squares)


def size(run: ErrorSignal) -> Any:
    with precision(DEFAULT_BITS):
        return exact_penalty(run.signals())


@claim(
    statement=(
        "Pascanu's term Ω = Σ_t (‖∂E/∂h_{t−1}‖/‖∂E/∂h_t‖ − 1)² is zero if and only if the error "
        "signal keeps its length at every step. Where it is at most 1 the signal cannot vanish "
        "faster than (1 − √Ω)ʲ: ‖∂E/∂h_{T−j}‖ ≥ (1 − √Ω)ʲ‖∂E/∂h_T‖."
    ),
    source="Pascanu, Mikolov & Bengio 2013, section 3.3, eq. 9",
    derivation=theory.smoothness_penalty,
    domain=error_signals(),
    tiers=("symbolic", "exact", "enclosed"),
    labels={
        "several units": (0.4, lambda run: run.n > 1),
        "kept at every step": (0.05, is_kept),
        "0 < Ω < 1": (0.05, lambda run: not is_kept(run) and size(run) < 1),
        "Ω > 1": (0.05, lambda run: size(run) > 1),
    },
    witness=ErrorSignal(
        W=matrix("3/5 -4/5; 4/5 3/5"),
        h0=vector("1/2 0"),
        u=(vector("0 1/2"), vector("-1/2 0")),
        g=vector("1 1"),
    ),
    concerns=RNN,
    explain=(
        "The term asks for the length of the error signal along the direction that it has, and not "
        "for all directions: less than an orthogonal W gives. It is added to the cost; a small Ω "
        "is what training has to find, and nothing that the network has by itself."
    ),
)
def smoothness_penalty(run: ErrorSignal, check: Check) -> None:
    limits = RunBounds(run.trajectory(), check.backend.unit_roundoff)
    errors = limits.backward(floats(run.g).T).states.values[:, 0]
    computed = run.computed(check)
    check.enclosed(computed[:, 0], run.signals, errors, "∂E/∂h_t of the network")
    check.enclosed(
        penalty_of(computed),
        lambda: np.array([exact_penalty(run.signals())], dtype=object),
        penalty_bound(computed[:, 0], errors),
        "Ω",
    )

    with precision(DEFAULT_BITS):
        signals = run.signals()
        Ω, squares = exact_penalty(signals), squared_lengths(signals)
        check.exact(bool(Ω.is_zero()), is_kept(run), "Ω = 0, and the length is kept at every step")
        if Ω < 1 and not Ω.is_zero():
            λ = 1 - Ω.sqrt()
            for j, square in enumerate(reversed(squares)):
                least = least_left(λ, j) ** 2 * squares[-1]
                # Where the two are equal, as they may be, their balls overlap.
                check.that(not least > square, square, least, "(1 − √Ω)²ʲ‖∂E/∂h_T‖² at most")


@st.composite
def apart(draw: Any) -> ErrorSignal:
    """One or two units that do not see one another, for two steps in which none saturates."""
    n = draw(st.integers(1, 2))
    W, nothing = diagonal(draw(fixed_lists(stretches, n))), fmpq_mat(n, 1)
    g = draw(vectors(n))
    g[0, 0] += int(not any(g.entries()))
    return ErrorSignal(W, nothing, (nothing,) * 2, g)


@smoothness_penalty.misread(
    "Ω = 0 only if W is orthogonal",
    domain=apart(),
    why="The error signal has one direction; what W does to the others does not count.",
)
def only_for_orthogonal(run: ErrorSignal, check: Check) -> None:
    with precision(DEFAULT_BITS):
        zero = exact_penalty(run.signals()).is_zero()
    if zero:
        gram = run.W.transpose() * run.W
        check.exact(gram, identity(run.n), "W is orthogonal: WᵀW = I")


@st.composite
def there_and_back(draw: Any) -> ErrorSignal:
    """Two units that write to each other, with the weights 2 and 1/2 or 1, and do not saturate."""
    W = fmpq_mat([[fmpq(0), fmpq(2)], [draw(st.sampled_from([fmpq(1), fmpq(1, 2)])), fmpq(0)]])
    g = draw(vectors(2))
    g[0, 0] += int(not any(g.entries()))
    return ErrorSignal(W, vector("0 0"), (vector("0 0"),) * 2, g)


@smoothness_penalty.misread(
    "Ω = 0 whenever the signal arrives with the length that it set out with",
    domain=there_and_back(),
    why="It may be doubled at one step and halved at the next: Ω looks at each of them.",
)
def ends_suffice(run: ErrorSignal, check: Check) -> None:
    with precision(DEFAULT_BITS):
        signals = run.signals()
        squares = squared_lengths(signals)
        if (squares[0] - squares[-1]).is_zero():
            Ω = exact_penalty(signals)
            check.that(bool(Ω.is_zero()), Ω, 0, "Ω = 0")
