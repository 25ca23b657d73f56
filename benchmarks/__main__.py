"""`python -m benchmarks [--json FILE] [--plot FILE] [--quick]`: the speed of the models.

The timings are made by pytest-benchmark in a process of its own, with one thread for each
library, on one processor where the system can say so.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.report import plot, print_table, summarise
from benchmarks.tasks import LIBRARIES

ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "JAX_PLATFORMS": "cpu",
}


def measure(quick: bool) -> list[dict]:
    """The timings as pytest-benchmark writes them."""
    seconds = 0.1 if quick else 1.0
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "timings.json"
        command = [
            *(sys.executable, "-m", "pytest", str(Path(__file__).parent / "bench_models.py")),
            *("--quiet", "--benchmark-quiet", "--override-ini=python_files=bench_*.py"),
            *("--override-ini=python_functions=bench_*", "--override-ini=filterwarnings=default"),
            *("--benchmark-disable-gc", f"--benchmark-max-time={seconds}"),
            # CPU time: on one thread it is the time, less what other programs take of it.
            *("--benchmark-min-rounds=5", "--benchmark-timer=time.process_time"),
            f"--benchmark-json={written}",
            *(["-k", "not (N64 or N128 or B1000 or latching)"] if quick else []),
        ]
        subprocess.run(command, env={**os.environ, **ONE_THREAD}, check=True, preexec_fn=_one_core)
        return json.loads(written.read_text())["benchmarks"]


def _one_core() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", type=Path, default=Path("build/benchmarks.json"))
    parser.add_argument("--plot", type=Path, default=Path("build/benchmarks.svg"))
    parser.add_argument("--quick", action="store_true", help="small sizes, short rounds")
    options = parser.parse_args()
    if importlib.util.find_spec("pytest_benchmark") is None:
        sys.exit("pytest-benchmark is missing: install the project with the extra [bench].")
    figures = summarise(measure(options.quick))
    missing = [
        f"{name} is not installed" for name in LIBRARIES if not importlib.util.find_spec(name)
    ]
    if importlib.util.find_spec("matplotlib") is None:
        missing.append("the plot is missing because matplotlib is not installed")
    else:
        options.plot.parent.mkdir(parents=True, exist_ok=True)
        plot(figures, options.plot)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(figures, indent=1))
    print_table(figures, missing)


if __name__ == "__main__":
    main()
