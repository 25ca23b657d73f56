"""Widgets: matplotlib draws the picture, and a script in the page moves its lines.

So that nothing is plotted by hand: the axes, ticks and styles are matplotlib's, the artists to be
moved carry a gid, and the script gets from matplotlib how its axes map numbers to the drawing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

SCRIPT = """\
const move = (id, points, axes) => {
  const place = scales[axes], element = root.querySelector(`[id="NAME-${id}"]`);
  const at = points.map(([x, y]) => place(x, y));
  const path = element.querySelector(":scope > path");
  if (path) {
    path.setAttribute("d", at.map(([x, y], i) => `${i ? "L" : "M"}${x} ${y}`).join(""));
  } else {
    element.querySelectorAll("use").forEach((use, i) => {
      use.setAttribute("x", at[i][0]);
      use.setAttribute("y", at[i][1]);
    });
  }
};
const scale = ({x, y, log_x, log_y}) => (u, v) => {
  const of = ([slope, start], log, value) => slope * (log ? Math.log10(value) : value) + start;
  // Far outside its axes a line is clipped anyway; an infinity would make the path invalid.
  const kept = (value) => +Math.max(-1e4, Math.min(1e4, value)).toFixed(2);
  return [kept(of(x, log_x, u)), kept(of(y, log_y, v))];
};
const scales = SCALES.map(scale);
const say = (text) => { root.querySelector('[id="NAME-said"]').textContent = text; };
const short = (value) => value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e6)
  ? String(+value.toPrecision(4)) : value.toExponential(2).replace("e+", "e");
const range = (from, to, count) =>
  Array.from({length: count + 1}, (_, i) => from + (to - from) * i / count);
"""


@dataclass(frozen=True)
class Slider:
    """A number to be chosen: its symbol, what it is in both languages, and its range."""

    symbol: str
    means: str
    means_zh: str
    least: float
    most: float
    step: float
    start: float


def fragment(name: str, draw: Callable[[], Drawing], sliders: Sequence[Slider], update: str) -> str:
    """The HTML of a widget.

    Args:
        name: its name, which prefixes all ids.
        draw: the picture as it is before anything is moved.
        sliders: what can be chosen.
        update: JavaScript that is run after each change with the sliders' symbols as numbers. It
            calls move(gid, points, number of the axes) and say(text), and has short(number) and
            range(from, to, count) at hand.
    """
    picture, scales = _drawn(name, draw)
    symbols = [slider.symbol for slider in sliders]
    script = SCRIPT.replace("SCALES", json.dumps(scales)).replace("NAME", name)
    return f"""\
<div class="widget" id="{name}">
{picture}
<div class="sliders">
{"".join(_control(name, slider) for slider in sliders)}</div>
<p class="said" id="{name}-said" role="status"></p>
<script>
(() => {{
const root = document.getElementById("{name}");
{script}
const update = ({", ".join(symbols)}) => {{
{update.strip()}
}};
const inputs = {json.dumps(symbols)}.map((symbol) => document.getElementById("{name}-" + symbol));
const changed = () => {{
  for (const input of inputs)
    document.getElementById(input.id + "-value").textContent = input.value;
  update(...inputs.map((input) => Number(input.value)));
}};
for (const input of inputs) input.addEventListener("input", changed);
changed();
}})();
</script>
</div>"""


def _control(name: str, slider: Slider) -> str:
    identifier = f"{name}-{slider.symbol}"
    return (
        f'<div><label for="{identifier}"><span lang="en">{escape(slider.means)}</span>'
        f'<span lang="zh">{escape(slider.means_zh)}</span> '
        f"<i>{escape(slider.symbol)}</i></label> "
        f'<input type="range" id="{identifier}" min="{slider.least}" max="{slider.most}" '
        f'step="{slider.step}" value="{slider.start}"> '
        f'<output id="{identifier}-value" for="{identifier}">{slider.start}</output></div>\n'
    )


def _drawn(name: str, draw: Callable[[], Drawing]) -> tuple[str, list[dict[str, Any]]]:
    """The picture, and for each of its axes how it maps numbers to the picture's units."""
    from teaching.figures.figure import rendered

    picture, scales = rendered(name, draw, _scales)
    return picture.replace("<svg ", '<svg aria-hidden="true" ', 1), scales


def _scales(drawing: Drawing) -> list[dict[str, Any]]:
    """The affine maps of the axes of a drawing that has been laid out."""
    height, unit = drawing.bbox.height, 72 / drawing.dpi
    found = []
    for axes in drawing.axes:
        box = axes.bbox
        logs = (axes.get_xscale() == "log", axes.get_yscale() == "log")
        (left, right), (bottom, top) = (
            [_logged(end, log) for end in ends]
            for ends, log in zip((axes.get_xlim(), axes.get_ylim()), logs, strict=True)
        )
        slope_x = box.width * unit / (right - left)
        slope_y = -box.height * unit / (top - bottom)
        found.append(
            {
                "x": (slope_x, box.x0 * unit - slope_x * left),
                "y": (slope_y, (height - box.y0) * unit - slope_y * bottom),
                "log_x": logs[0],
                "log_y": logs[1],
            }
        )
    return found


def _logged(value: float, log: bool) -> float:
    from math import log10

    return log10(value) if log else value
