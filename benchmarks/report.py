"""Timings as a table, as figures for machines, and as a plot."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.tasks import LIBRARIES, SIZES, TASKS, Size

# Two timings of one thing differ by 20 to 30 %: what lies closer is a tie.
TIE = 1.3


def summarise(timings: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures: least times in seconds, ratios to numpy's, shares of GEMM, slopes."""
    by_kind: dict[str, list[dict[str, Any]]] = {
        "task": [],
        "gemm": [],
        "scaling": [],
        "latching": [],
    }
    for timing in timings:
        info = timing["extra_info"]
        by_kind[info["kind"]].append({**info, "seconds": timing["stats"]["min"]})
    rates = {tuple(each["size"]): each["flops"] / each["seconds"] for each in by_kind["gemm"]}
    return {
        "rows": [
            row
            for task, size in product(TASKS, SIZES)
            if (row := _row(task, size, by_kind["task"], rates))
        ],
        "gemm_flops_per_second": {str(size): rate for size, rate in rates.items()},
        "scaling": {axis: _scaling(axis, by_kind["scaling"]) for axis in ("T", "B")},
        "latching": _latching(by_kind["latching"]),
    }


def _latching(timings: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Runs a second of training, by the noise and the library."""
    found: dict[str, dict[str, float]] = {}
    for each in timings:
        found.setdefault(each["noise"], {})[each["library"]] = each["runs"] / each["seconds"]
    return found


def _row(task: str, size: Size, timings: list[Any], rates: dict[Any, float]) -> dict[str, Any]:
    found = {
        each["library"]: each
        for each in timings
        if each["task"] == task and tuple(each["size"]) == size
    }
    if "numpy" not in found:
        return {}
    own = found["numpy"]["seconds"]
    row = {
        "task": task,
        "size": size._asdict(),
        "seconds": {library: each["seconds"] for library, each in found.items()},
        "ratio": {library: each["seconds"] / own for library, each in found.items()},
        "first_call": {library: each["first_call"] for library, each in found.items()},
        "share_of_gemm": found["numpy"]["flops"] / rates[size] / own,
        "difference": max(each["difference"] for each in found.values()),
    }
    return {**row, "missed": _missed(row)}


def _missed(row: dict[str, Any]) -> list[str]:
    """Which goals of speed the row doesn't reach."""
    large, ratio = Size(**row["size"]) in SIZES[2:], row["ratio"]
    goals = {
        "faster than torch": ratio.get("torch", np.inf) > 1,
        "as fast as jax": not large or ratio.get("jax", np.inf) >= 1,
        "within 3 of jax": ratio.get("jax", np.inf) >= 1 / 3,
        "0.85 of GEMM": not (row["task"] == "jacobian" and Size(**row["size"]) in SIZES[2:4])
        or row["share_of_gemm"] >= 0.85,
    }
    return [goal for goal, reached in goals.items() if not reached]


def _scaling(axis: str, timings: list[Any]) -> dict[str, Any]:
    chosen = [each for each in timings if each["axis"] == axis]
    counts = [Size(*each["size"])._asdict()[axis] for each in chosen]
    seconds = [each["seconds"] for each in chosen]
    slope = float(np.polyfit(np.log(counts), np.log(seconds), 1)[0]) if len(counts) > 1 else None
    return {"counts": counts, "seconds": seconds, "slope": slope}


def print_table(figures: dict[str, Any], skipped: list[str]) -> None:
    """The table on the terminal."""
    table = Table(
        title="Least times on one thread; another library's ÷ numpy's, above 1 where numpy is "
        "the faster"
    )
    for column in ("task", "N, T, B", "numpy ms", "torch", "jax", "of GEMM", "not reached"):
        table.add_column(column, justify="left" if column in ("task", "not reached") else "right")
    for row in figures["rows"]:
        others = [f"{row['ratio'][name]:.2f}" if name in row["ratio"] else "–" for name in OTHERS]
        ties = [goal + _tie(row, goal) for goal in row["missed"]]
        table.add_row(
            row["task"],
            ", ".join(map(str, row["size"].values())),
            f"{1e3 * row['seconds']['numpy']:.3f}",
            *others,
            f"{row['share_of_gemm']:.2f}",
            "; ".join(ties),
        )
    console = Console(width=max(100, Console().width))
    console.print(table)
    slope = figures["scaling"]["T"]["slope"]
    if slope is not None:
        console.print(f"BPTT's time grows as T^{slope:.3f} (goal 1.00 ± 0.05).")
    compiled = [row["first_call"]["jax"] for row in figures["rows"] if "jax" in row["first_call"]]
    if compiled:
        console.print(
            f"jax's first calls, compiling, took {max(compiled):.2f} s or less; not above."
        )
    for noise, rates in figures["latching"].items():
        listed = ", ".join(f"{name} {rate:.0f}" for name, rate in rates.items())
        missed = rates.get("jax", 0) > rates["numpy"]
        tie = " (a tie)" if rates.get("jax", 0) < TIE * rates["numpy"] else ""
        goal = f"; not reached: as fast as jax{tie}" if missed else ""
        console.print(f"Runs a second of learning to latch, noise {noise}: {listed}{goal}.")
    for reason in skipped:
        console.print(f"Not measured: {reason}.")


OTHERS = tuple(name for name in LIBRARIES if name != "numpy")


def _tie(row: dict[str, Any], goal: str) -> str:
    return " (a tie)" if goal == "as fast as jax" and row["ratio"]["jax"] > 1 / TIE else ""


def plot(figures: dict[str, Any], path: Path) -> None:
    """Time against T and against B on log axes, with the fitted slope."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 4), sharey=False)
    held = {"T": "N = 16, B = 1", "B": "N = 8, T = 100"}
    for panel, (axis, series) in zip(axes, figures["scaling"].items(), strict=True):
        counts, milliseconds = np.array(series["counts"]), 1e3 * np.array(series["seconds"])
        middle = [np.exp(np.log(each).mean()) for each in (counts, milliseconds)]
        panel.loglog(counts, milliseconds, "o-")
        panel.loglog(
            counts, middle[1] * (counts / middle[0]) ** series["slope"], "--", color="grey"
        )
        title = f"slope {series['slope']:.2f} at {held[axis]}"
        panel.set(xlabel=axis, ylabel="BPTT, ms", title=title)
        panel.grid(visible=True, which="both", alpha=0.3)
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)
