"""Running independent tasks: in this process, on several of this machine, or on a Dask cluster.

A task is a function and one argument, both of which pickle. The results come as they are finished,
so their order depends on the workers, and nothing else does.
"""

from __future__ import annotations

import importlib.util
import logging
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

Argument = TypeVar("Argument")
Result = TypeVar("Result")

ANSWERS_WITHIN = 10.0
"""Seconds that a scheduler has to answer."""

IN_HAND = 3
"""Tasks that a cluster is given for each processor: none waits, and no results pile up."""

LOOK_EVERY, ALONE_FOR = 2.0, 30.0
"""Seconds between looks at whether there still are workers, and without any before giving up."""


class WorkersError(Exception):
    """Workers that cannot be reached, have died, or don't have this project; says what to do."""


class WorkerDied(WorkersError):
    """A process of this machine that has died and left its task undone."""


@dataclass(frozen=True)
class Workers:
    """Where tasks run: `count` processes of this machine, or the cluster of this address.

    count    1 for this very process
    cluster  a Dask scheduler, as in tcp://10.0.0.1:8786; count is not used then

    Raises WorkersError for an address that no scheduler can have.
    """

    count: int = 1
    cluster: str | None = None

    def __post_init__(self) -> None:
        if self.cluster is not None and not _is_address(self.cluster):
            raise WorkersError(
                f"--cluster {_shown(self.cluster)} is no address of a Dask scheduler; give it as "
                "tcp://HOST:PORT, as in tcp://10.0.0.1:8786"
            )

    def here(self, tasks: int) -> bool:
        """Whether so many tasks are run in this very process."""
        return self.cluster is None and (self.count == 1 or tasks < 2)

    def run(
        self, function: Callable[[Argument], Result], tasks: Sequence[Argument]
    ) -> Iterator[Result]:
        """The results of function(task) for each task, as soon as they are there.

        Raises WorkersError when the cluster doesn't answer, or a worker dies and leaves its task
        undone; what `function` raises is raised here.
        """
        if self.cluster is not None:
            return _on_cluster(self.cluster, function, tasks)
        if self.here(len(tasks)):
            return map(function, tasks)
        return _on_processes(self.count, function, tasks)


ADDRESS = re.compile(
    r"((tcp|tls|ws|wss|ucx)://)?(\[[0-9a-fA-F:.]+\]|[0-9a-zA-Z_.-]{1,253}):(?P<port>[0-9]{1,5})"
)
"""A scheme, tcp unless it is given; a name, or an address of either version of IP; a port."""


def _is_address(text: str) -> bool:
    found = ADDRESS.fullmatch(text)
    return found is not None and 0 < int(found["port"]) < 2**16


def _shown(text: str) -> str:
    """A text from outside on one line of a terminal, whatever is in it."""
    return repr(text) if len(text) < 80 else f"{text[:60]!r} … ({len(text)} characters)"


def _on_processes(
    count: int, function: Callable[[Any], Result], tasks: Sequence[Any]
) -> Iterator[Result]:
    from joblib import Parallel, delayed, parallel_config
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    # One thread each: two processes with a thread are faster than one with two.
    with parallel_config(backend="loky", n_jobs=count, inner_max_num_threads=1):
        shared = Parallel(return_as="generator_unordered", batch_size=1)
        results = shared(delayed(function)(task) for task in tasks)
    try:
        yield from results
    except TerminatedWorkerError:
        raise WorkerDied(
            "a worker process died (killed, or out of memory?) before its task was finished; "
            "use fewer --workers if memory was short"
        ) from None
    finally:
        results.close()


def alone(function: Callable[[Argument], Result], task: Argument) -> Result:
    """The result of function(task), in a process of its own. Raises WorkerDied when that dies."""
    from joblib.externals.loky import ProcessPoolExecutor
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    with ProcessPoolExecutor(max_workers=1) as executor:
        try:
            result: Result = executor.submit(function, task).result()
        except TerminatedWorkerError:
            raise WorkerDied("a worker process died before its task was finished") from None
    return result


def _on_cluster(
    address: str, function: Callable[[Any], Result], tasks: Sequence[Any]
) -> Iterator[Result]:
    if importlib.util.find_spec("distributed") is None:
        raise WorkersError("--cluster needs Dask: pip install 'long-term-dependencies[cluster]'")
    from distributed.client import FutureCancelledError
    from distributed.comm import CommClosedError
    from distributed.scheduler import KilledWorker

    with _connect(address) as client:
        try:
            yield from _in_turn(client, function, tasks)
        except RuntimeError as problem:
            # So Dask says that what the tasks consist of cannot be imported there.
            if "deserialization" not in str(problem):
                raise
            raise WorkersError(
                f"--cluster {address}: the scheduler or a worker lacks this project; install it "
                "there, in the same versions (constraints.txt)"
            ) from None
        except KilledWorker:
            raise WorkersError(
                f"--cluster {address}: one task has killed every worker that tried it (out of "
                "memory?)"
            ) from None
        except (FutureCancelledError, CommClosedError):
            raise WorkersError(
                f"--cluster {address}: the connection to the scheduler is lost; start it again"
            ) from None


def _connect(address: str) -> Any:
    from distributed import Client

    # What goes wrong is said by an exception, once.
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=ANSWERS_WITHIN)
    except (OSError, ValueError, TypeError) as problem:
        raise WorkersError(
            f"--cluster {address}: no Dask scheduler answers there within {ANSWERS_WITHIN:g} s "
            f"({type(problem).__name__}); start one with `dask scheduler`, and workers with "
            f"`dask worker ADDRESS`"
        ) from None
    if not _processors(client):
        client.close()
        raise WorkersError(
            f"--cluster {address}: the scheduler has no workers; start some with "
            f"`dask worker {address}`"
        )
    return client


def _in_turn(
    client: Any, function: Callable[[Any], Result], tasks: Sequence[Any]
) -> Iterator[Result]:
    """Hands out a few tasks for each processor; a dead worker's go to another by Dask itself."""
    from distributed import wait

    waiting, alone_since = iter(tasks), None
    given: set[Any] = set()
    while True:
        room = max(IN_HAND * max(_processors(client), 1) - len(given), 0)
        given.update(client.submit(function, task, pure=False) for task in islice(waiting, room))
        if not given:
            return
        try:
            finished, given = wait(given, timeout=LOOK_EVERY, return_when="FIRST_COMPLETED")
        except TimeoutError:
            if _processors(client):
                alone_since = None
                continue
            alone_since = alone_since or time.monotonic()
            if time.monotonic() - alone_since > ALONE_FOR:
                raise WorkersError(
                    f"the cluster has had no worker for {ALONE_FOR:g} s; start some again"
                ) from None
        else:
            alone_since = None
            # Results before failures, so that none of them is lost.
            for future in sorted(finished, key=lambda future: future.status != "finished"):
                yield future.result()


def _processors(client: Any) -> int:
    return sum(client.nthreads().values())
