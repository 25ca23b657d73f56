"""The figures of the chapter, by name: drawn ones in FIGURES, those to play with in WIDGETS.

A theme's figures are in the file of its name, and their words in the .toml beside it. They are
drawn from what models/ and properties/ compute, and matplotlib is imported only when one is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from teaching.figures import (
    backpropagation,
    dynamics,
    error_surface,
    gated_memory,
    learning,
    linear_recurrence,
    random_products,
    remedies,
    robust_memory,
    shared_weight,
)
from teaching.figures.figure import Figure, Widget, svg

__all__ = ["FIGURES", "WIDGETS", "Figure", "Widget", "svg"]

_THEMES = (
    linear_recurrence,
    shared_weight,
    random_products,
    backpropagation,
    robust_memory,
    dynamics,
    error_surface,
    gated_memory,
    learning,
    remedies,
)

FIGURES: Mapping[str, Figure] = MappingProxyType(
    {figure.name: figure for theme in _THEMES for figure in theme.FIGURES}
)
"""In the chapter's order."""

WIDGETS: Mapping[str, Widget] = MappingProxyType(
    {widget.name: widget for theme in _THEMES for widget in theme.WIDGETS}
)
"""In the chapter's order."""
