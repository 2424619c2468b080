"""Estimates a folder of photos on all cores. Each answer is written to a journal immediately, so a
killed run loses only the photos that were in progress."""

import os
import signal
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context, parent_process
from pathlib import Path, PurePath
from threading import Thread
from typing import BinaryIO

from app import wire
from app.folder import stamp
from app.journal import Journal
from app.pictures import HEAD, is_picture
from model import photo
from model.budget import Budget
from model.estimator import Estimator

CHUNK = 4  # photos handed to a worker at a time: fewer messages, still prompt journal entries


def estimate(files: Mapping[str, Path], journal: Journal, workers: int) -> Iterator[None]:
    """Estimate each of the files, by name, and append its entry to `journal`; yield after each.

    Raises WeightsError, BrokenProcessPool when a worker was killed, and what `journal` raises.
    """
    workers = max(1, min(workers, len(files)))
    # spawn: a fork would lose threads of the libraries that are loaded
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_exit_with_parent)
    try:
        with _no_interrupt():  # the workers start here and inherit it: Ctrl-C is for this process
            entries = pool.map(estimate_one, files, files.values(), chunksize=CHUNK)
        for entry in entries:
            journal.append(entry)
            yield
    finally:
        pool.shutdown(cancel_futures=True)


def estimate_one(name: str, path: Path) -> dict:
    """An entry of the journal: `line`, the file's answer, and `stamp`, the file that was read
    (app.folder.stamp), None when it should be tried again.

    A line has `file` and, as in `POST /v1/faces`, `image`, `faces` and `faces_not_judged`; or
    `error`, a code of the wire contract or `unreadable`, and `detail`; or, of a file that is no
    picture, `other`, its ending.
    """
    estimator = _estimator()
    try:
        with path.open("rb") as file:
            read = stamp(os.fstat(file.fileno()))
            return {"stamp": read, "line": {"file": name, **_answer(name, file, estimator)}}
    except OSError as error:
        failed = {"error": "unreadable", "detail": error.strerror or str(error)}
    except Exception as error:  # the other photos still get their answers
        failed = {"error": "internal", "detail": f"{type(error).__name__}: {error}"}
    return {"stamp": None, "line": {"file": name, **failed}}


def _answer(name: str, file: BinaryIO, estimator: Estimator) -> dict:
    head = file.read(HEAD)
    if not is_picture(name, head):
        return {"other": PurePath(name).suffix.lower()}
    budget = Budget()
    try:
        decoded = photo.decode(head + file.read(photo.MAX_BYTES + 1 - len(head)))
    except photo.PhotoError as error:
        return {"error": error.code, "detail": str(error)}
    faces = estimator.estimate(decoded, budget)
    answer = wire.faces_answer(decoded, faces, budget.not_judged, estimator.facts, "")
    return {name: answer[name] for name in ("image", "faces", "faces_not_judged")}


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


@cache
def _estimator() -> Estimator:
    """One per process."""
    return Estimator()
