"""A few processes that share the work of one command; none outlives it, however it ends."""

import os
import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import TypeVar

from streams.matching.model import Model, model, use

T = TypeVar("T")
R = TypeVar("R")
MOST = 8  # each takes some 150 MB
MANY = 40_000  # fewer rows are compared sooner than processes start


class Crew:
    """Runs a function on many tasks; here if there is one worker only. `folder` is for files that all of them see."""

    def __init__(self, folder: Path, workers: int) -> None:
        self.folder = folder
        self.pool = (
            ProcessPoolExecutor(workers, get_context("spawn"), _begin, (folder, model())) if workers > 1 else None
        )
        self.workers = workers

    def run(self, work: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """The results in the order of the tasks; no more tasks are handed out than are soon taken."""
        if self.pool is None:
            yield from map(work, tasks)
            return
        waiting: list[Future[R]] = []
        for task in tasks:
            waiting.append(self.pool.submit(work, task))
            if len(waiting) > 2 * self.workers:
                yield waiting.pop(0).result()
        while waiting:
            yield waiting.pop(0).result()

    def dismiss(self) -> None:
        """End the processes at once, whatever they are doing."""
        if self.pool is None:
            return
        processes = list((self.pool._processes or {}).values())  # noqa: SLF001  terminate_workers() comes with 3.14
        self.pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()


@contextmanager
def crew(rows: int, workers: int | None = None) -> Iterator[Crew]:
    """As many workers as so many rows are worth, with a folder of their own; both are gone afterwards."""
    workers = workers or (cores() if rows > MANY else 1)
    with TemporaryDirectory(prefix="tandem-map-") as folder:
        found = Crew(Path(folder), workers)
        try:
            yield found
        finally:
            found.dismiss()


def cores() -> int:
    """How many processors this process may use, within reason."""
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(own, MOST)


def peak_gb(workers: int) -> float:
    """The most memory that this process and its workers can have held, once these have ended; shared pages count twice."""
    own, each = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    unit = 1 if sys.platform == "darwin" else 1024
    return round((own + (each * workers if workers > 1 else 0)) * unit / 1e9, 2)


def _begin(folder: Path, numbers: Model | None = None) -> None:
    use(numbers)  # a new process knows the shipped ones only
    # Ctrl-C goes to the whole group: the command ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()


def _end_with_parent(folder: Path) -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        rmtree(folder, ignore_errors=True)
        os._exit(1)
