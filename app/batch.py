"""Estimates a folder of photos on all cores. Each answer is written to a journal immediately, so a
killed run loses only the photos that were in progress."""

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread

from app import wire
from model import photo
from model.estimator import Estimator

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif")
CHUNK = 4  # photos handed to a worker at a time: fewer messages, still prompt journal entries


def photos(folder: Path) -> list[str]:
    """Paths of all photos in `folder` and its subfolders, relative to it, sorted."""
    found = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    return sorted(path.relative_to(folder).as_posix() for path in found if path.is_file())


def estimate(folder: Path, names: Sequence[str], journal: Path, workers: int) -> Iterator[dict]:
    """Estimate each photo, append its line to `journal` and yield the line."""
    # spawn: a fork would lose threads of the libraries that are loaded
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_exit_with_parent)
    try:
        with journal.open("a") as file:
            for line in pool.map(partial(estimate_one, folder), names, chunksize=CHUNK):
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
                file.flush()
                yield line
    finally:
        pool.shutdown(cancel_futures=True)


def estimate_one(folder: Path, name: str) -> dict:
    """One photo's line: `file` with `image` and `faces` as in `POST /v1/faces`, or `file` with
    `error`, a code of the wire contract or `unreadable`, and `detail`."""
    try:
        decoded = photo.decode((folder / name).read_bytes())
    except photo.PhotoError as error:
        return {"file": name, "error": error.code, "detail": str(error)}
    except OSError as error:
        return {"file": name, "error": "unreadable", "detail": error.strerror}
    estimator = _estimator()
    answer = wire.faces_answer(decoded, estimator.estimate(decoded), estimator.facts, "")
    return {"file": name, "image": answer["image"], "faces": answer["faces"]}


def resume(journal: Path) -> set[str]:
    """The photos that an interrupted run finished; an incomplete last line is removed."""
    if not journal.exists():
        return set()
    text = journal.read_bytes()
    journal.write_bytes(text[: text.rfind(b"\n") + 1])
    return {line["file"] for line in lines(journal)}


def lines(journal: Path) -> list[dict]:
    """The lines of the journal, sorted by file."""
    with journal.open() as file:
        return sorted(map(json.loads, file), key=lambda line: line["file"])


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
