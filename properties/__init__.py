"""The claims, one module a theme; the machinery that verifies them is in `checking`."""

THEMES = (
    "linear_recurrence",
    "shared_weight",
    "random_products",
    "backpropagation",
    "robust_memory",
    "dynamics",
    "error_surface",
    "gated_memory",
    "learning",
    "remedies",
)
"""The themes in the order in which the chapter comes to them."""
