"""Section 10.7: long lags are not lost from the gradient; they are outweighed, and then drowned."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from flint import fmpq, fmpq_mat
from hypothesis import strategies as st

from properties.checking import (
    Case,
    Check,
    cell_formulas,
    claim,
    diagonal,
    formula,
    identity,
    matrix,
    rational,
    vector,
)
from properties.checking.algebras import ROW_SUMS
from properties.checking.domains import matrices, rectangles, vectors
from properties.checking.norms import row_sum_norm
from properties.vanishing_cases import sizes
from theory import lag_weights as theory

THEME = "backpropagation"

Draw = Any


@dataclass(frozen=True, repr=False)
class Lags(Case):
    """A net's last steps by the Jacobians J_k = diag(φ′)W of each, and a bound λ on ‖J_k‖_∞.

    W is n × n, the slopes have a column for each step and g = ∂C/∂h_T is a column. Column τ of
    `moved` is what a change of W does to h_τ at once, by its use at step τ: (∂⁺h_τ/∂W)·δW.
    """

    W: fmpq_mat
    slopes: fmpq_mat
    moved: fmpq_mat
    g: fmpq_mat
    λ: fmpq

    @property
    def n(self) -> int:
        return self.W.nrows()

    @property
    def T(self) -> int:
        return self.slopes.ncols()

    def jacobians(self) -> list[fmpq_mat]:
        """J_1 … J_T."""
        return [diagonal(column) * self.W for column in self.slopes.transpose().table()]

    def weight(self, lag: int) -> fmpq_mat:
        """∂h_T/∂h_{T−lag}."""
        product = identity(self.n)
        for J in self.jacobians()[self.T - lag :]:
            product = J * product
        return product

    def change(self, lag: int) -> fmpq_mat:
        """What a change of W does at once to h_{T−lag}, lag < T."""
        return vector([row[self.T - lag - 1] for row in self.moved.table()])

    def term(self, lag: int) -> fmpq_mat:
        """The term of this lag in what a change of W does to the cost (1 × 1)."""
        return self.g.transpose() * self.weight(lag) * self.change(lag)

    def shown(self) -> dict[str, Any]:
        return {"terms, lag by lag": tuple(self.term(lag)[0, 0] for lag in range(self.T))}

    def terms(self) -> dict[str, Any]:
        T, columns = self.T, self.slopes.transpose().table()
        terms: dict[str, Any] = {f"D_{k}": diagonal(c) for k, c in enumerate(columns, 1)}
        terms |= {f"J_{k}": f"D_{k}W" for k in range(1, T + 1)}
        terms |= {f"m_{T - lag}": self.change(lag) for lag in range(T)}
        terms |= {f"t_{lag}": self.term(lag)[0, 0] for lag in range(T)}
        product = partial(cell_formulas.product_of, "J_{}")
        for lag in range(T):
            carried = f"{product(T, T - lag + 1)} · " if lag else ""
            terms[f"the term of lag {lag}"] = f"|gᵀ · {carried}m_{T - lag}|"
        return terms | {
            "∂h_T/∂h_0": product(T, 1),
            "after T steps": product(T, 1),
            "after T/2 steps": product(T // 2, 1),
            "the gradient": cell_formulas.sum_of("t_{k}", 0, T - 1),
            "its longer lags": cell_formulas.sum_of("t_{k}", (T + 1) // 2, T - 1),
        }

    def is_contracting(self) -> bool:
        return all(row_sum_norm(J) <= self.λ for J in self.jacobians())


some_of_four = st.integers(0, 4)


@st.composite
def nets(draw: Draw, W: Any = matrices, largest: int = 3, longest: int | None = None) -> Lags:
    """1 to 3 units, 1 to 12 steps; λ is ‖W‖_∞ and no slope exceeds 1."""
    n, T = draw(sizes(largest, (1, 12), longest))
    slopes = draw(rectangles(n, T, some_of_four if draw(st.booleans()) else st.just(4)))
    weight = draw(W(n))
    return Lags(
        weight,
        slopes * fmpq(1, 4),
        draw(rectangles(n, T, st.integers(-2, 2))),
        draw(vectors(n)),
        row_sum_norm(weight),
    )


@st.composite
def contracting_nets(draw: Draw, largest: int = 3, longest: int | None = None) -> Lags:
    """W scaled so that λ = ‖W‖_∞ is one of 1/4 … 7/8, or W = 0."""
    run = draw(nets(largest=largest, longest=longest))
    λ = draw(st.sampled_from([fmpq(1, 2), fmpq(1, 4), fmpq(3, 4), fmpq(7, 8)]))
    scale = λ / run.λ if run.λ else fmpq(1)
    return Lags(run.W * scale, run.slopes, run.moved, run.g, λ)


@st.composite
def unbounded_nets(draw: Draw) -> Lags:
    """Any small W, the identity among them, and λ = 1/2 all the same."""
    run = draw(nets(lambda n: st.one_of(st.just(identity(n)), matrices(n))))
    return Lags(run.W, run.slopes, run.moved, run.g, fmpq(1, 2))


def is_reached(run: Lags) -> bool:
    """Whether a term of lag ≥ 1 is not 0 and as large as its bound."""
    bound = formula(theory.long_versus_short, ROW_SUMS)
    return any(
        0 < row_sum_norm(run.term(lag)) == bound(run.λ, run.g.transpose(), run.change(lag), 0, lag)
        for lag in range(1, run.T)
    )


@claim(
    statement=(
        "If ‖J_k‖ ≤ λ < 1 at every step of the run, then in the sum over lags the term of lag k is "
        "at most λᵏ‖∂C/∂h_T‖·‖∂⁺h_{T−k}/∂W‖: λᵏ times the bound for the same at lag 0."
    ),
    source=(
        "Goodfellow, Bengio & Courville 2016, section 10.7; Bengio, Simard & Frasconi 1994, "
        "section IV"
    ),
    derivation=theory.long_versus_short,
    domain=contracting_nets(longest=200),
    tiers=("symbolic", "exact"),
    assumptions={theory.CONTRACTION: lambda run: run.is_contracting()},
    labels={
        "several units": (0.4, lambda run: run.n > 1),
        "T ≥ 6": (0.2, lambda run: run.T >= 6),
        "a close bound: λ ≥ 3/4": (0.2, lambda run: run.λ >= fmpq(3, 4)),
        "the bound is reached at a lag ≥ 1": (0.03, is_reached),
    },
    witness=Lags(
        W=matrix("1/2"),
        slopes=matrix("1 3/4 1"),
        moved=matrix("1 -1 2"),
        g=matrix("1"),
        λ=rational("1/2"),
    ),
    explain=(
        "If the gradient as a whole neither vanishes nor explodes, what is left of the difficulty? "
        "The gradient is one sum, and its size says nothing about what it is made of. The weight "
        "of a lag is no parameter: it is the coefficient ∂h_T/∂h_τ that stands before what the use "
        "of W at step τ asks for, and a stable run lets it shrink by λ a step. At λ = 0.9 a "
        "cause fifty steps back counts for 0.005 of what one at the last step counts for. So "
        "the sum can be of any healthy size and yet be all about the last few steps: learning "
        "goes by those, and a long dependency is learnt last, if it is not unlearnt on the way. "
        "This needs one bound for all steps. With W = I no lag is discounted; and where the slopes "
        "come ever closer to 1 the weights may fall like 1/t², or not to 0 at all."
    ),
)
def long_versus_short(run: Lags, check: Check) -> None:
    bound = formula(theory.long_versus_short, ROW_SUMS)
    for lag in range(run.T):
        limit = bound(run.λ, run.g.transpose(), run.change(lag), run.T - lag, run.T)
        at_once = f"m_{run.T - lag}"
        what = f"the term of lag {lag} ≤ λ^{lag}‖gᵀ‖_∞‖{at_once}‖_∞"
        every = "the term of each lag, and its bound"
        check.at_most(row_sum_norm(run.term(lag)), limit, what=what, kept_as=every)


long_versus_short.without(
    theory.CONTRACTION,
    domain=unbounded_nets(),
    why="With W = I and linear units every lag has the weight 1.",
)


@long_versus_short.misread(
    "each term is at most λᵏ times the term of lag 0 itself",
    domain=contracting_nets(largest=1),
    why="λᵏ compares bounds. What the last step asks for may happen to be nothing, or to cancel.",
)
def terms_fall_one_by_one(run: Lags, check: Check) -> None:
    latest = row_sum_norm(run.term(0))
    for lag in range(run.T):
        what = f"the term of lag {lag} ≤ λ^{lag} · the term of lag 0"
        check.at_most(row_sum_norm(run.term(lag)), run.λ**lag * latest, what=what)


@st.composite
def flattening_nets(draw: Draw) -> Lags:
    """One unit with the weight 1 and g = 1, its slopes 1 − 1/(k + c)^p at step k < T, c ≥ 2."""
    T, c, p = draw(st.integers(100, 200)), draw(st.integers(2, 4)), draw(st.integers(1, 2))
    slopes = matrix([[1 - fmpq(1, (k + c) ** p) for k in range(T)]])
    return Lags(matrix("1"), slopes, matrix([[1] * T]), matrix("1"), fmpq(1))


@long_versus_short.misread(
    "‖J_k‖ < 1 at every step is enough: after 100 steps or more ‖∂h_T/∂h_0‖ ≤ 1/2",
    domain=flattening_nets(),
    why="Slopes 1 − 1/(k + 1)², k = 1 … T, have the product (T + 2)/(2T + 2): never 1/2.",
)
def below_one_suffices(run: Lags, check: Check) -> None:
    check.at_most(row_sum_norm(run.weight(run.T)), fmpq(1, 2), what="‖∂h_T/∂h_0‖ ≤ 1/2")


@st.composite
def marginal_nets(draw: Draw) -> Lags:
    """One unit with the weight 1 and g = 1, its slopes 1 − 2/(k + c) at an even number of steps.

    So do those of a latch come to 1 that is held at its threshold: see threshold_rate.
    """
    half, c = draw(st.integers(10, 100)), draw(st.integers(2, 4))
    slopes = matrix([[1 - fmpq(2, k + c) for k in range(1, 2 * half + 1)]])
    return Lags(matrix("1"), slopes, matrix([[1] * slopes.ncols()]), matrix("1"), fmpq(1))


@long_versus_short.misread(
    "if ‖J_k‖ < 1 at every step and the weights vanish, they vanish exponentially: twice as many "
    "steps leave at most the square of what so many leave",
    source="Bengio, Simard & Frasconi 1994, theorem 4, read as a rate",
    domain=marginal_nets(),
    why="With no margin below 1 they may fall like T⁻²: slopes k/(k + 2), k = 1 … T, have the "
    "product 2/(T + 1)(T + 2), and twice as many steps leave a quarter of it.",
)
def vanishing_is_exponential(run: Lags, check: Check) -> None:
    first, all_steps = identity(1), run.weight(run.T)
    for J in run.jacobians()[: run.T // 2]:
        first = J * first
    check.at_most(all_steps, first * first, what="after T steps ≤ (after T/2 steps)²")


@st.composite
def steady_chains(draw: Draw) -> Lags:
    """One linear unit, at each of up to 40 steps of which a change of W moves it by 1; g = 1."""
    T, λ = draw(st.integers(2, 40)), draw(st.sampled_from([fmpq(1, 2), fmpq(3, 4), fmpq(7, 8)]))
    ones = matrix([[1] * T])
    return Lags(matrix([[λ]]), ones, ones, matrix("1"), λ)


@long_versus_short.misread(
    "a gradient that neither vanishes nor explodes tells of all lags: the longer half of them "
    "makes up at least 1/100 of it",
    source="a question that a reader of section 10.7 may ask",
    domain=steady_chains(),
    why="The sum is at least 1 for every T; the longer half has at most λ^{T/2} of it.",
)
def size_tells_of_all_lags(run: Lags, check: Check) -> None:
    terms = [run.term(lag)[0, 0] for lag in range(run.T)]
    longer = sum(terms[(run.T + 1) // 2 :], fmpq(0))
    check.at_most(sum(terms, fmpq(0)) / 100, longer, what="the gradient/100 ≤ its longer lags")
