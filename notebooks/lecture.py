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
# # Why recurrent networks forget: a lecture in ten cells
#
# Section 10.7 of *Deep Learning* says that gradients which travel through many steps vanish or,
# rarely, explode. Here each of its claims is run: derived, checked on cases that a machine chooses,
# and attacked where it is stated too boldly.

# %%
from teaching.figures import FIGURES, WIDGETS
from teaching.notebook import claim, refute, verify

claim("unrolled_power")

# %% [markdown]
# **1. A recurrence is a power.** Without a nonlinearity, t steps multiply by W t times. The steps
# below were verified by sympy, for a W of any size and any t.

# %%
claim("unrolled_power").derivation

# %% [markdown]
# **2. A power acts on eigenvalues**, and so turns vectors towards the direction of the largest.

# %%
FIGURES["power_method"]

# %% [markdown]
# **3. Read critically.** The book prints this as h⁽ᵗ⁾ = QᵀΛᵗQh⁽⁰⁾. Here is why it cannot be.

# %%
refute("spectral_power", misreading="printed_form")

# %% [markdown]
# **4. The same weight, again and again.** A slope of 999·1.01⁹⁹⁸ is a cliff.

# %%
WIDGETS["powers_played"]

# %% [markdown]
# **5. Different weights do not help** as the book hopes: a product whose variance is kept at 1 is
# almost surely tiny.

# %%
FIGURES["product_paths"]

# %% [markdown]
# **6. With a nonlinearity** the gradient is a product of Jacobians, and vanishes if σ₁(W) is below
# one. The spectral radius says nothing of the kind:

# %%
refute("vanishing_bound", misreading="spectral_radius_suffices")

# %% [markdown]
# **7. Memory that withstands noise has a gradient that vanishes.** The latch keeps its bit as long
# as the push stays below h*.

# %%
FIGURES["latched_gradients"]

# %% [markdown]
# **8. The theorem of 1994, as printed, is false all the same:** inputs can hold a latched state
# where the slopes are below one and tend to one.

# %%
refute("latching_vanishes", misreading="theorem_4_one_unit")

# %% [markdown]
# **9. The LSTM's way out:** what its gates keep, its gradient keeps. It is a matter of the biases.

# %%
FIGURES["gradient_against_lag"]

# %% [markdown]
# **10. And none of this was taken on trust.**

# %%
verified = verify("carousel")
assert verified.holds, verified
verified
