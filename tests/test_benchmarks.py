"""The report says what was measured: ratios, goals missed, and libraries that are not there."""

import pytest

from benchmarks.report import plot, print_table, summarise
from benchmarks.tasks import SIZES, Size


def timing(kind, seconds, **info):
    return {"extra_info": {"kind": kind, **info}, "stats": {"min": seconds}}


def task(library, size, seconds):
    info = {"task": "jacobian", "flops": 8e9, "first_call": 1.0, "difference": 0.0}
    return timing("task", seconds, library=library, size=list(size), **info)


def figures(size, **seconds):
    tasks = [task(library, size, each) for library, each in seconds.items()]
    gemm = timing("gemm", 1.0, size=list(size), flops=4e9)
    steps = [
        timing("scaling", 0.25 * count, axis="T", size=[16, count, 1]) for count in (10, 100, 1000)
    ]
    batches = [timing("scaling", 0.25, axis="B", size=[8, 100, count]) for count in (1, 4, 16)]
    return summarise([*tasks, gemm, *steps, *batches])


def test_a_row():
    [row] = figures(SIZES[2], numpy=2.5, torch=5.0, jax=2.0)["rows"]
    assert row["size"] == Size(64, 200, 16)._asdict()
    assert row["ratio"] == {"numpy": 1.0, "torch": 2.0, "jax": 0.8}
    # 8 GF at 4 GF/s take 2 s.
    assert row["share_of_gemm"] == 2 / 2.5
    assert row["missed"] == ["as fast as jax", "0.85 of GEMM"]


@pytest.mark.parametrize(
    ("size", "seconds", "missed"),
    [
        (SIZES[0], {"torch": 2.0, "jax": 0.5}, []),
        (SIZES[0], {"torch": 0.9, "jax": 0.3}, ["faster than torch", "within 3 of jax"]),
        (SIZES[4], {"torch": 2.0, "jax": 1.0}, []),
        (SIZES[3], {}, []),
    ],
)
def test_goals(size, seconds, missed):
    [row] = figures(size, numpy=1.0, **seconds)["rows"]
    assert row["missed"] == missed


def test_slopes():
    scaling = figures(SIZES[0], numpy=1.0)["scaling"]
    assert f"{scaling['T']['slope']:.3f}" == "1.000"  # as it is printed
    assert f"{abs(scaling['B']['slope']):.3f}" == "0.000"


def test_runs_a_second_of_learning(capsys):
    latching = [
        timing("latching", seconds, library=library, noise="fixed", runs=2000)
        for library, seconds in (("numpy", 0.5), ("jax", 0.4))
    ]
    found = {**figures(SIZES[0], numpy=1.0), "latching": summarise(latching)["latching"]}
    assert found["latching"] == {"fixed": {"numpy": 4000, "jax": 5000}}
    print_table(found, [])
    # Nearer than two timings of one thing are to each other.
    printed = " ".join(capsys.readouterr().out.split())
    assert "numpy 4000, jax 5000; not reached: as fast as jax (a tie)" in printed


def test_the_table_names_what_is_missing(capsys):
    print_table(figures(SIZES[3], numpy=1.0), ["torch is not installed", "jax is not installed"])
    printed = capsys.readouterr().out
    assert "128, 500, 8" in printed
    assert "Not measured: torch is not installed." in printed
    assert "–" in printed


def test_the_plot(tmp_path):
    pytest.importorskip("matplotlib", reason="the extra [bench] is not installed")
    plot(figures(SIZES[0], numpy=1.0), tmp_path / "plot.svg")
    # matplotlib leaves each text as a comment beside its outlines.
    assert "slope 1.00 at N = 16, B = 1" in (tmp_path / "plot.svg").read_text()
