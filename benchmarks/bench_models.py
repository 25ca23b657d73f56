"""The timings themselves, by pytest-benchmark; `python -m benchmarks` runs and reports them."""

import importlib.util
import math
import time

import numpy as np
import pytest

from benchmarks.latching import LATCHING, NOISES, RUNS, UPDATES
from benchmarks.tasks import LIBRARIES, SIZES, TASKS, Size, at_rest, flops, problem

# Half the digits of float64. Two right answers differ by some hundred units u, wrong ones by more.
DIFFERENT = 2.0**-26

# Two rates over 2048 runs differ by more with chance below 1e-9 (Hoeffding, for either of them).
UNLIKE = 2 * math.sqrt(math.log(4e9) / (2 * RUNS))

LENGTHS = tuple(500 * 2**k for k in range(6))
BATCHES = tuple(4**k for k in range(6))


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("size", SIZES, ids=Size.name)
def bench_task(benchmark, size, task, library):
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    given = problem(task, size)
    function = LIBRARIES[library](task, given)
    start = time.perf_counter()
    answer = np.asarray(function())
    first = time.perf_counter() - start
    reference = LIBRARIES["numpy"](task, given)()
    difference = np.abs(answer - reference).max() / np.abs(reference).max()
    assert difference <= DIFFERENT
    benchmark.extra_info |= {
        "kind": "task",
        "task": task,
        "library": library,
        "size": size,
        "flops": flops(task, size),
        "first_call": first,
        "difference": difference,
    }
    benchmark(function)


@pytest.mark.parametrize("size", SIZES, ids=Size.name)
def bench_gemm(benchmark, size):
    """What a plain product of all rows of all sequences takes, a step of the Jacobian.

    A share of it above 1 is possible: the Jacobian's stacks are small enough not to be packed.
    """
    rows, matrix = np.ones((size.B * size.N, size.N)), np.ones((size.N, size.N))
    out = np.empty_like(rows)
    benchmark.extra_info |= {"kind": "gemm", "size": size, "flops": 2.0 * rows.size * size.N}
    benchmark(lambda: np.dot(rows, matrix, out=out))


@pytest.mark.parametrize(
    "size",
    [*(Size(16, steps, 1) for steps in LENGTHS), *(Size(8, 100, batch) for batch in BATCHES)],
    ids=Size.name,
)
def bench_scaling(benchmark, size):
    """BPTT alone, for T at one sequence and for B at one length."""
    axis = "T" if size.N == 16 else "B"
    benchmark.extra_info |= {"kind": "scaling", "axis": axis, "size": size}
    benchmark(LIBRARIES["numpy"]("bptt", at_rest(size)))


@pytest.mark.parametrize("library", LATCHING)
@pytest.mark.parametrize("noise", NOISES)
def bench_latching(benchmark, noise, library):
    """Runs a second of learning to latch, and that the libraries learn equally often."""
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    function, own = (LATCHING[name](noise, UPDATES) for name in (library, "numpy"))
    rates = [
        ((x > 0) == np.array([[True], [False]])).all(axis=0).mean()
        for x in map(np.asarray, (function(), own()))
    ]
    assert abs(rates[0] - rates[1]) <= UNLIKE
    benchmark.extra_info |= {
        "kind": "latching",
        "library": library,
        "noise": noise,
        "runs": RUNS,
        "rate": float(rates[0]),
    }
    benchmark.pedantic(function, rounds=5)
