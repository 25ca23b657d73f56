"""A Dask scheduler and its workers, as processes of this machine that a test starts and ends."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
UP_WITHIN = 60.0


@contextmanager
def cluster(*, workers: int) -> Iterator[str]:
    """The address of a scheduler on 127.0.0.1 with so many workers of one thread, no nannies."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    begun = []

    def start(module: str, *arguments: str) -> None:
        begun.append(
            subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{module}", *arguments, "--no-dashboard"],
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )

    try:
        start("dask_scheduler", "--host", "127.0.0.1", "--port", str(port))
        for _ in range(workers):
            start("dask_worker", address, "--nthreads", "1", "--no-nanny")
        _wait_for(address, workers)
        yield address
    finally:
        for process in begun:
            process.kill()
            process.wait()


def _wait_for(address: str, workers: int) -> None:
    from distributed import Client

    with Client(address, timeout=UP_WITHIN) as client:
        deadline = time.monotonic() + UP_WITHIN
        while len(client.nthreads()) < workers:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{workers} workers did not come up within {UP_WITHIN} s")
            time.sleep(0.1)
