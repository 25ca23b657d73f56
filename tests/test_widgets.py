"""Widgets in a real browser compute what the models compute, and move their pictures."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq

from models.error_surface import ErrorSurface
from models.neuron import Neuron
from properties.dynamics_cases import PlanePoint
from properties.latch_cases import threshold
from teaching.figures import WIDGETS
from tests.test_browser import Watched, browser, pytestmark, tab

__all__ = ["browser", "pytestmark", "tab"]  # fixtures, and when they are there at all


def latch(w: float, h: float) -> list[float]:
    """h*, and ∂a₄₀/∂a₀ from the upper attractor under a steady input."""
    rest = Neuron(w).run(np.array([w]), np.zeros((500, 1))).states[-1, :, 0]
    run = Neuron(w).run(rest, np.full((40, 1), h))
    return [float(threshold(arb(w))), float(run.jacobian(0, 40)[0, 0, 0])]


def wall(w: float, b: float, T: float, θ: float) -> list[float]:
    """E, its slope in w, and E after a whole and after a clipped step along w."""
    surface = ErrorSurface(steps=int(T))
    here = surface.evaluate(w, b)
    slope = float(here.gradient[0])
    steps = (slope, max(-θ, min(θ, slope)))
    after = [float(surface.evaluate(w - step, b).loss) for step in steps]
    return [float(here.loss), slope, *after]


def fixed_points(w: float, b: float) -> list[float]:
    return [float(len(PlanePoint(fmpq(round(100 * w), 100), 0, fmpq(b)).fixed_points))]


def powers(w: float, t: float) -> list[float]:
    return [w**t, t * w ** (t - 1)]


def kept(b: float, T: float) -> list[float]:
    f = 1 / (1 + np.exp(-b))
    return [f, np.log(0.5) / np.log(f), f**T]


COMPUTED: dict[str, tuple[Callable[..., list[float]], list[dict[str, float]]]] = {
    "powers_played": (powers, [{"w": 1.01, "t": 999}, {"w": 0.9, "t": 30}]),
    "latch_played": (latch, [{"w": 2.0, "h": -0.3}, {"w": 1.5, "h": 0.25}]),
    "bifurcations_played": (fixed_points, [{"w": 3, "b": 1}, {"w": 3, "b": 2}, {"w": -2, "b": 0}]),
    "cliff_played": (
        wall,
        [{"w": 4.7, "b": -2.42, "T": 50, "θ": 0.5}, {"w": 3, "b": -1, "T": 7, "θ": 0.05}],
    ),
    "half_lives_played": (kept, [{"b": 1, "T": 100}, {"b": 5, "T": 1000}]),
}

ROUNDED = 5e-3
"""Widgets say numbers with three significant digits or more."""


def test_every_widget_is_compared() -> None:
    assert set(COMPUTED) == set(WIDGETS)


def opened(tab: Watched, tmp_path: Path, name: str) -> Any:
    file = tmp_path / f"{name}.html"
    file.write_text(f"<!doctype html><meta charset=utf-8>{WIDGETS[name].html()}")
    return tab.open(file)


def choose(page: Any, name: str, symbol: str, value: float) -> None:
    slider = page.locator(f'[id="{name}-{symbol}"]')
    slider.evaluate("(s, v) => { s.value = v; s.dispatchEvent(new Event('input')) }", str(value))
    assert float(slider.input_value()) == value
    assert page.locator(f'[id="{name}-{symbol}-value"]').text_content() == f"{value:g}"


@pytest.mark.parametrize("name", COMPUTED)
def test_a_widget_says_what_the_models_compute(name: str, tab: Watched, tmp_path: Path) -> None:
    compute, choices = COMPUTED[name]
    page = opened(tab, tmp_path, name)
    drawn = set()
    for choice in choices:
        for symbol, value in choice.items():
            choose(page, name, symbol, value)
        said = page.locator(f'[id="{name}-said"]').text_content()
        numbers = [float(n) for n in re.findall(r"= (-?\d[\d.]*(?:e-?\d+)?)", said)]
        for expected in compute(**choice):
            assert any(n == pytest.approx(expected, rel=ROUNDED) for n in numbers), (expected, said)
        drawn.add(page.locator("svg").inner_html())
    assert len(drawn) == len(choices)
    assert tab.complaints == []
    assert tab.requests == [page.url]


def test_a_slider_follows_the_keyboard(tab: Watched, tmp_path: Path) -> None:
    page = opened(tab, tmp_path, "powers_played")
    before = page.locator("svg").inner_html()
    page.locator('[id="powers_played-t"]').focus()
    page.keyboard.press("ArrowRight")
    assert page.locator('[id="powers_played-t-value"]').text_content() == "101"
    assert page.locator("svg").inner_html() != before
