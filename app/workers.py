"""Spreads work over several processes, one per core."""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TypeVar

Result = TypeVar("Result")

AHEAD = 2  # tasks that wait for each worker, so that no worker waits


def spread(task: Callable[..., Result], inputs: Iterable[tuple], workers: int) -> Iterator[Result]:
    """The result of `task` for each of the inputs, in their order, from several processes. Only a
    few inputs are taken ahead. Raises BrokenProcessPool when a worker was killed."""
    # spawn: a fork would lose threads of the libraries that are loaded
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_exit_with_parent)
    waiting: deque[Future[Result]] = deque()
    try:
        for arguments in inputs:
            with _no_interrupt():  # workers start here and inherit it: Ctrl-C is for this process
                waiting.append(pool.submit(task, *arguments))
            if len(waiting) > AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _no_interrupt() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _exit_with_parent() -> None:
    """Otherwise a worker whose parent was killed would wait for work forever."""

    def watch() -> None:
        parent_process().join()  # type: ignore[union-attr]  # a worker always has a parent
        os._exit(1)

    Thread(target=watch, daemon=True).start()
