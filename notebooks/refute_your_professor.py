# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Refute your professor
#
# "If all eigenvalues of W are below one in modulus, then h_t = Wᵀh_{t−1} gets shorter at every
# step." Write it down as a claim, and let the machine look for a case where it fails.

# %%
from flint import fmpq
from hypothesis import strategies as st

from properties.checking import claim, identity, matrix, vector
from properties.checking.exact import squared_length
from properties.linear_recurrence_cases import SchurSystem
from properties.linear_recurrence_domains import normal_systems
from teaching.notebook import refute, verify

# %% [markdown]
# **The cases**: W = [[a, c], [0, b]], whose eigenvalues a and b are quarters below one. They are
# built, not filtered, and every number can shrink by itself.

# %%
quarters, integers = st.integers(-3, 3).map(lambda k: fmpq(k, 4)), st.integers(-4, 4)


def triangular(a, b, c, x, y, t):
    return SchurSystem(q=identity(2), schur=matrix([[a, c], [0, b]]), h0=vector([x, y]), t=t)


shrinking = st.builds(
    triangular, quarters, quarters, integers, integers, integers, st.integers(0, 20)
)


@claim(
    statement="If every |λ_i| < 1, then ‖h_t‖ ≤ ‖h₀‖.",
    source="Monday's lecture",
    derivation="stated without one",
    domain=shrinking,
    tiers=("exact",),
    witness=triangular(fmpq(1, 2), fmpq(0), 0, 1, 1, 3),
)
def gets_shorter(system, check):
    now, start = squared_length(system.iterate()), squared_length(system.h0)
    check.at_most(now, start, what="‖h_t‖² ≤ ‖h₀‖²")


gets_shorter

# %%
verdict = verify(gets_shorter)
assert not verdict.holds
verdict

# %% [markdown]
# One step of [[0, 2], [0, 0]] doubles a vector, although both eigenvalues are zero. So an
# assumption is missing. Is it enough that W is normal? Say so, and say where to look for a
# counterexample without it: then the machine checks that the claim holds, *and* that the new
# assumption is needed.


# %%
def with_radius_at_most_one(system):
    radius = max(fmpq(1), *system.moduli())
    return SchurSystem(system.q, system.schur * (1 / radius), system.h0, system.t)


@claim(
    statement="If W is normal and every |λ_i| ≤ 1, then ‖h_t‖ ≤ ‖h₀‖.",
    source="Monday's lecture, mended",
    derivation="follows from norm_growth",
    domain=normal_systems().map(with_radius_at_most_one),
    tiers=("exact",),
    assumptions={"W is normal": lambda system: system.is_normal()},
    witness=triangular(fmpq(1, 2), fmpq(0), 0, 1, 1, 3),
)
def normal_gets_shorter(system, check):
    now, start = squared_length(system.iterate()), squared_length(system.h0)
    check.at_most(now, start, what="‖h_t‖² ≤ ‖h₀‖²")


normal_gets_shorter.without("W is normal", domain=shrinking)

verdict = verify(normal_gets_shorter)
assert verdict.holds, verdict
verdict

# %% [markdown]
# For the blackboard, with fractions and small numbers:

# %%
refute(normal_gets_shorter, without="W is normal")

# %% [markdown]
# And for the slide: `print(refute(…).latex())`. A picture: `refute(…).draw(Path("it.svg"))`.

# %%
print(refute(normal_gets_shorter, without="W is normal").latex())
