"""A folder of photos, on all cores. Each answer goes into a journal at once, so that a run that
was killed loses nothing but the photos it had in hand."""

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
AT_ONCE = 4  # photos that a worker takes: fewer messages, and still soon in the journal


def photos(folder: Path) -> list[str]:
    """The photos in `folder` and below, relative to it, in order of their names."""
    found = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    return sorted(path.relative_to(folder).as_posix() for path in found if path.is_file())


def estimate(folder: Path, names: Sequence[str], journal: Path, workers: int) -> Iterator[dict]:
    """Look at each photo of `folder`, append a line about it to `journal`, yield the line."""
    # spawn: the runtime's threads do not survive a fork
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_leave_with_parent)
    try:
        with journal.open("a") as file:
            for line in pool.map(partial(look, folder), names, chunksize=AT_ONCE):
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
                file.flush()
                yield line
    finally:
        pool.shutdown(cancel_futures=True)


def look(folder: Path, name: str) -> dict:
    """One photo's line: `file`, and `image` and `faces` as in `POST /v1/faces`, or `error` with
    a code of the wire contract and `detail`."""
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
    """The names in the journal of a run that was stopped; half a line at its end is cut off."""
    if not journal.exists():
        return set()
    text = journal.read_bytes()
    journal.write_bytes(text[: text.rfind(b"\n") + 1])
    return {line["file"] for line in lines(journal)}


def lines(journal: Path) -> list[dict]:
    """What the journal holds, in order of the photos' names."""
    with journal.open() as file:
        return sorted(map(json.loads, file), key=lambda line: line["file"])


def _leave_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""

    def watch() -> None:
        parent_process().join()  # type: ignore[union-attr]  # a worker has one
        os._exit(1)

    Thread(target=watch, daemon=True).start()


@cache
def _estimator() -> Estimator:
    """One a process."""
    return Estimator()
