"""Does the costly steps in processes of their own, one for each core, or here; it never decides what is done."""

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from typing import Any, TypeVar

T = TypeVar("T")


class Here(Executor):
    """An executor that does each thing at once, in this process."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        """Do it; what it raises is raised by the future's `result`."""
        done: Future[T] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  it is handed on
            done.set_exception(error)
        return done


def cores() -> int:
    """How many processes can work at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def pool(workers: int) -> Executor:
    """Processes started afresh: a fork of a process with threads may hang."""
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_begin)


def _begin() -> None:
    # Ctrl-C goes to the whole group: the command ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A worker whose command was killed would wait for ever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def in_order(at: Executor, ahead: int, what: Callable[..., T], each: Iterable[Sequence[Any]]) -> Iterator[T]:
    """The results for each sequence of arguments, in order; at most `ahead` are asked for before they are wanted."""
    waiting: deque[Future[T]] = deque()
    for arguments in each:
        waiting.append(at.submit(what, *arguments))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
