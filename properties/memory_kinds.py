"""Two ways to remember: an attractor forgets noise and gradient, an orthogonal W keeps both."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from flint import arb, fmpq, fmpq_mat
from hypothesis import strategies as st

from models.lstm import LSTM
from models.rnn import RNN
from properties.checking import (
    EXACT,
    Case,
    Check,
    Worked,
    Working,
    claim,
    floats,
    formula,
    identity,
    is_orthogonal,
    matrix,
    rational,
    vector,
)
from properties.checking.balls import VALUES, Balls, exact, precision
from properties.checking.bounds import RunBounds
from properties.checking.domains import matrices, orthogonal_matrices
from properties.checking.exact import squared_length
from properties.checking.norms import row_sum_norm
from properties.checking.references import reference
from properties.latch_cases import dyadic_below, rest_point, slope, threshold, weights
from theory import marginal_memory as theory

THEME = "robust_memory"

Atom = tuple[fmpq, fmpq_mat]
"""What one step's noise may be, and with which probability first."""

STEADY = 40
"""Steps of steady noise on the attractor."""


@dataclass(frozen=True, repr=False)
class Memory(Case):
    """a_t = Wa_{t−1} + u_t for t steps of random noise; beside it, n latches of weight w.

    The noise of a step is one of the atoms, drawn for every step anew or, `repeated`, once.
    """

    W: fmpq_mat
    atoms: tuple[Atom, ...]
    repeated: bool
    t: int
    w: fmpq

    def terms(self) -> dict[str, Any]:
        return {
            "I": identity(self.n),
            "v": lambda: self.v,
            "E e_te_tᵀ": lambda: self._worked_moments("E e_te_tᵀ"),
            "E‖e_t‖²": lambda: self._worked_moments("E e_te_tᵀ", "E‖e_t‖² = tr E e_te_tᵀ"),
            "max ‖u‖²": self.largest_squared,
        }

    def _worked_moments(self, name: str, traced: str = "") -> Worked:
        """E e_te_tᵀ from what each sequence of noise leads to, or its trace."""
        outcomes = [(p, self.error(noise)) for p, noise in self.outcomes()]
        moments = self.moments()
        lines = [Working(f"e_t with probability {p}", e) for p, e in outcomes]
        lines.append(Working(name, moments))
        if not traced:
            return Worked(moments, lambda: lines)
        total = sum((moments[i, i] for i in range(self.n)), fmpq(0))
        return Worked(total, lambda: [*lines, Working(traced, total)])

    @property
    def n(self) -> int:
        return self.W.nrows()

    def outcomes(self) -> list[tuple[fmpq, tuple[fmpq_mat, ...]]]:
        """Every sequence of noise, with its probability."""
        if self.repeated:
            return [(p, (u,) * self.t) for p, u in self.atoms]
        result = []
        for drawn in product(self.atoms, repeat=self.t):
            probability = fmpq(1)
            for p, _ in drawn:
                probability *= p
            result.append((probability, tuple(u for _, u in drawn)))
        return result

    def error(self, noise: tuple[fmpq_mat, ...]) -> fmpq_mat:
        """e_t, how far this noise drives the state from where it would be without."""
        e = fmpq_mat(self.n, 1)
        for u in noise:
            e = self.W * e + u
        return e

    def moments(self) -> fmpq_mat:
        """E e_te_tᵀ."""
        total = fmpq_mat(self.n, self.n)
        for p, noise in self.outcomes():
            e = self.error(noise)
            total += e * e.transpose() * p
        return total

    def noise_moments(self) -> fmpq_mat:
        """E uuᵀ of one step's noise."""
        total = fmpq_mat(self.n, self.n)
        for p, u in self.atoms:
            total += u * u.transpose() * p
        return total

    def mean(self) -> fmpq_mat:
        """E u."""
        total = fmpq_mat(self.n, 1)
        for p, u in self.atoms:
            total += u * p
        return total

    def is_uncorrelated(self) -> bool:
        """Whether different steps have uncorrelated noise."""
        varies = self.noise_moments() != self.mean() * self.mean().transpose()
        return not (self.repeated and self.t > 1 and varies)

    @property
    def v(self) -> fmpq:
        """The variance of the noise in one direction, on average."""
        moments = self.noise_moments()
        return sum((moments[i, i] for i in range(self.n)), fmpq(0)) / self.n

    def largest_squared(self) -> fmpq:
        """The largest ‖u‖²."""
        return max(squared_length(u) for _, u in self.atoms)

    def model(self) -> RNN:
        n = self.n
        return RNN(W=floats(self.W), U=np.eye(n), b=np.zeros(n), activation="identity")

    def models(self) -> tuple[RNN]:
        return (self.model(),)

    def keeps_everything(self, check: Check) -> None:
        """∂a_t/∂a_0 is orthogonal, and the backend's is as near to it as its rounding allows."""
        power = self.W**self.t
        gram, what = power.transpose() * power, "∂a_t/∂a_0 = Wᵗ is orthogonal: (Wᵗ)ᵀWᵗ = I"
        check.exact(gram, identity(self.n), what)
        noise = next(noise for _, noise in self.outcomes())
        inputs = np.array([floats(u).T for u in noise]).reshape(-1, 1, self.n)
        start = np.ones((1, self.n))
        trajectory = self.model().run(start, inputs)
        bound = RunBounds(trajectory, check.backend.unit_roundoff).jacobian(0, self.t).values
        check.enclosed(
            check.backend.jacobian(self.model(), start, inputs)[0],
            lambda: reference(trajectory).jacobian(0, self.t),
            bound[0],
            "∂a_t/∂a_0 of the linear network",
        )

    def latched(self) -> tuple[Balls, Balls]:
        """n latches that start at the attractor, under the same noise: their errors and gradients.

        Both (K, n), at the last step, for each of the K sequences of noise, all equally likely.
        """
        w, attractor = arb(self.w), rest_point(self.w, 0)
        kicks = exact(np.array([floats(u).ravel() for _, u in self.atoms]))
        states, gradients = np.full((1, self.n), attractor), np.full((1, self.n), arb(1))
        for _ in range(self.t):
            slopes = np.array([slope(w, a) for a in states.flat]).reshape(states.shape)
            gradients = np.repeat(gradients * slopes, len(kicks), axis=0)
            values = np.array([a.tanh() for a in states.flat]).reshape(states.shape)
            states = (w * values[:, None] + kicks).reshape(-1, self.n)
        return states - attractor, gradients

    def attractor_forgets(self, check: Check) -> None:
        """Under noise of at most s a latch errs by less than s/(1 − λ), and its gradient is < λᵗ.

        λ is the slope at the rest point under steady noise of size s. So it is under the very noise
        that the linear network adds up, and at all times under the worst, the steady one.
        """

        def limits(steps: int) -> tuple[Any, Any]:
            s = arb(self.largest_squared()).sqrt()
            λ = slope(arb(self.w), rest_point(self.w, s))
            return s / (1 - λ), λ**steps

        def steady() -> tuple[Any, Any]:
            w, s, attractor = arb(self.w), arb(self.largest_squared()).sqrt(), rest_point(self.w, 0)
            a, gradient, furthest = attractor, arb(1), arb(0)
            for _ in range(STEADY):
                a, gradient = w * a.tanh() - s, gradient * slope(w, a)
                furthest = arb.max(furthest, abs(a - attractor))
            return furthest, gradient

        with precision(128):
            errors, gradients = self.latched()
        for number, (seen, what) in enumerate(((errors, "error"), (gradients, "gradient"))):
            check.below(
                lambda k=number, seen=seen: (abs(seen), limits(self.t)[k]),
                f"the latches' {what} under each sequence of noise",
            )
            check.below(
                lambda k=number: (steady()[k], limits(STEADY)[k]),
                f"a latch's {what} under steady noise",
            )
        if self.t > 1:
            # M shrinks what was there by λ: E e² ≤ v(1 + λ² + … + λ²⁽ᵗ⁻¹⁾) < tv.
            square = (errors * errors).sum() / errors.size
            check.below(lambda: (square, self.t * self.v), "E‖e_t‖²/n of the latches, and tv")


def carousel_keeps(forget_bias: fmpq, t: int, check: Check) -> None:
    """An LSTM cell whose gates read nothing has ∂c_t/∂c_0 = σ(b_f)ᵗ."""
    bias = np.array([0.0, floats(forget_bias), 0.0, 0.0])
    model = LSTM(W=np.zeros((4, 1)), U=np.zeros((4, 0)), b=bias)
    trajectory = model.run(np.ones((1, 2)), np.zeros((t, 1, 0)))
    check.enclosed(
        trajectory.jacobian(0, t)[0, 1:, 1:],
        lambda: VALUES["logistic"](exact(np.array([[floats(forget_bias)]]))) ** t,
        RunBounds(trajectory).jacobian(0, t).values[0, 1:, 1:],
        "∂c_t/∂c_0 of the LSTM's carousel",
    )


lengths = {1: 7, 2: 4, 3: 3}
"""The most steps for n units, so that there are at most 256 outcomes."""


def isotropic(R: fmpq_mat, s: fmpq) -> tuple[Atom, ...]:
    """±s times a column of the orthogonal R, each as likely: E uuᵀ = (s²/n)I."""
    n = R.nrows()
    columns = [fmpq_mat(n, 1, [R[i, j] * s for i in range(n)]) for j in range(n)]
    return tuple((fmpq(1, 2 * n), u * sign) for u in columns for sign in (1, -1))


@st.composite
def memories(draw: Any, most: int = 3, W: Any = orthogonal_matrices) -> Memory:
    """An orthogonal W and isotropic noise below the threshold of the latch beside it."""
    n, w = draw(st.integers(1, most)), draw(weights)
    with precision(64):
        s = dyadic_below(threshold(arb(w)), 4) * draw(eighths)
    atoms = isotropic(draw(orthogonal_matrices(n)), s)
    return Memory(draw(W(n)), atoms, False, draw(st.integers(1, lengths[n])), w)


eighths = st.builds(fmpq, st.integers(1, 7), st.just(8))
probabilities = st.builds(fmpq, st.integers(2, 4), st.just(4))


@st.composite
def with_noise(draw: Any, repeated: bool = False, n: int = 1, half: bool = True) -> Memory:
    """Noise ±1/8 along the first of n axes, the same in all steps or anew, ± as likely or not."""
    p = fmpq(1, 2) if half else draw(probabilities)
    u = vector([fmpq(1, 8), *[fmpq(0)] * (n - 1)])
    t = draw(st.integers(1, 5))
    return Memory(draw(orthogonal_matrices(n)), ((p, u), (1 - p, u * -1)), repeated, t, fmpq(2))


derived = formula(theory.memory_kinds, EXACT)


@claim(
    statement=(
        "A linear network with an orthogonal W keeps its gradient, ∂a_t/∂a_0 = Wᵗ, and all noise: "
        "E e_te_tᵀ = tvI, so the error grows like √t without end; an LSTM's carousel likewise "
        "keeps fᵗ. Latches under the same noise, of at most s < h*, err by less than s/(1 − λ) at "
        "all times, and their gradients are below λᵗ. Robust or with a gradient: two kinds of "
        "memory."
    ),
    source="Bengio, Simard & Frasconi 1994; Hochreiter & Schmidhuber 1997 for the carousel",
    derivation=theory.memory_kinds,
    domain=memories(),
    tiers=("symbolic", "exact", "enclosed"),
    assumptions={
        theory.ORTHOGONAL: lambda case: is_orthogonal(case.W),
        theory.UNCORRELATED: lambda case: case.is_uncorrelated(),
        theory.CENTRED: lambda case: not any(case.mean().entries()),
        theory.VARIANCE: lambda case: case.noise_moments() == identity(case.n) * case.v,
    },
    labels={
        "several units": (0.4, lambda case: case.n > 1),
        "t ≥ 3": (0.2, lambda case: case.t >= 3),
        "W turns": (0.2, lambda case: sum(x != 0 for x in case.W.entries()) > case.n),
    },
    witness=Memory(
        W=matrix("3/5 4/5; -4/5 3/5"),
        atoms=isotropic(matrix("1 0; 0 1"), rational("1/8")),
        repeated=False,
        t=3,
        w=rational(2),
    ),
    concerns=RNN,
    explain=(
        "An attractor pulls the state back, and what pulls back a perturbation by noise pulls back "
        "one by an earlier input too: that is the vanishing gradient. Where nothing pulls, the "
        "gradient stays and errors add up, their variances one after the other."
    ),
)
def memory_kinds(case: Memory, check: Check) -> None:
    check.exact(case.moments(), derived(case.n, case.t, case.v), "E e_te_tᵀ = tvI")
    case.keeps_everything(check)
    carousel_keeps(case.w, case.t, check)
    case.attractor_forgets(check)


memory_kinds.without(
    theory.ORTHOGONAL,
    domain=memories(most=2, W=matrices),
    why="Any other W shrinks or stretches old errors, and the gradient with them.",
)
memory_kinds.without(
    theory.UNCORRELATED,
    domain=with_noise(repeated=True),
    why="Noise that repeats itself adds up like t, and its square like t².",
)
memory_kinds.without(
    theory.CENTRED,
    domain=with_noise(half=False),
    why="A drift adds up like t.",
)
memory_kinds.without(
    theory.VARIANCE,
    domain=with_noise(n=2),
    why="W turns noise in one direction into others, and what adds up is no longer vI.",
)


@memory_kinds.misread(
    "Whenever a dependency over t steps can be represented, its gradient is exponentially small: "
    "‖∂a_t/∂a_0‖ ≤ (63/64)ᵗ.",
    source="Goodfellow, Bengio & Courville 2016, section 10.7",
    why="a_t = a_{t−1} + u_t represents every sum of inputs, and its gradient is 1.",
)
def representable_so_vanishing(case: Memory, check: Check) -> None:
    limit = fmpq(63, 64) ** case.t
    check.at_most(row_sum_norm(case.W**case.t), limit, what="‖Wᵗ‖ ≤ (63/64)ᵗ")


@memory_kinds.misread(
    "A memory with a lasting gradient is as robust: its mean square error stays that of one step.",
    why="Nothing takes old errors away.",
)
def as_robust(case: Memory, check: Check) -> None:
    moments = case.moments()
    total = sum((moments[i, i] for i in range(case.n)), fmpq(0))
    check.at_most(total, case.largest_squared(), what="E‖e_t‖² ≤ max ‖u‖²")
