"""Estimates many photos, or a video, on all cores. Each answer is written to a journal immediately,
so a killed run loses only the files that were in progress."""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from pathlib import Path, PurePath
from typing import Any, BinaryIO

from app import video, wire
from app.decoder import Decoder
from app.folder import stamp
from app.journal import Journal
from app.people import People
from app.pictures import HEAD, is_picture
from app.workers import spread
from model import photo
from model.budget import Budget
from model.engine import WeightsError
from model.estimator import Estimator


def estimate(files: Mapping[str, Any], journal: Journal, workers: int) -> Iterator[None]:
    """Estimate each of the files, by name, and append its entry to `journal`; yield after each.

    Raises WeightsError, BrokenProcessPool when a worker was killed, and what `journal` raises.
    """
    for entry in spread(estimate_one, files.items(), max(1, min(workers, len(files)))):
        journal.append(entry)
        yield


def estimate_one(name: str, path: Any) -> dict:
    """An entry of the journal: `line`, the file's answer, and `stamp`, the file that was read
    (app.folder.stamp), None when it should be tried again. `path`: see app.folder.File.

    A line has `file` and, as in `POST /v1/faces`, `image`, `faces` and `faces_not_judged`; or
    `error`, a code of the wire contract, `unreadable` or `nested_archive`, and `detail`; or, of a
    file that is no picture, `other`, its ending.
    """
    estimator = _estimator()
    read = None if isinstance(path, Path) else list(path.stamp)
    try:
        with path.open("rb") as file:
            read = read or stamp(os.fstat(file.fileno()))
            found = _answer(name, file, estimator)
    except photo.PhotoError as error:
        found = {"error": error.code, "detail": str(error)}
    except ChildProcessError as error:  # an OSError, but not of the file
        read, found = None, _internal(error)
    except OSError as error:
        read, found = None, _unreadable(error)
    except Exception as error:  # the other photos still get their answers
        read, found = None, _internal(error)
    return {"stamp": read, "line": {"file": name, **found}}


def film(name: str, path: Path, every: int, journal: Journal, workers: int) -> Iterator[None]:
    """Estimate every `every`-th frame of a video; yield after each; then append its entry to
    `journal`. Raises as `estimate` does.

    Its line has a face for each person (app.people.face), the most `faces_not_judged` of a frame,
    and `video`: how many `frames` were judged, and of which the line shows the `still`; or `error`,
    `bad_video`, `unreadable` or `internal`.
    """
    people, size, left, read = People(), {}, 0, None
    try:
        read = stamp(path.stat())
        looks = ((frame,) for frame in video.frames(path, every))
        for number, seconds, answer in spread(_estimate_frame, looks, workers):
            people.add(number, seconds, answer["faces"])
            size, left = answer["image"], max(left, answer["faces_not_judged"])
            yield
        found = {"image": size, "faces": people.faces(), "faces_not_judged": left}
        found["video"] = {"frames": people.looks, "still": people.still()}
    except video.VideoError as error:
        found = {"error": "bad_video", "detail": str(error)}
    except OSError as error:
        read, found = None, _unreadable(error)
    except (WeightsError, BrokenProcessPool):
        raise
    except Exception as error:  # the other videos still get their answers
        read, found = None, _internal(error)
    journal.append({"stamp": read, "line": {"file": name, **found}})


def _answer(name: str, file: BinaryIO, estimator: Estimator) -> dict:
    head = file.read(HEAD)
    if not is_picture(name, head):
        return {"other": PurePath(name).suffix.lower()}
    decoded = _decoder().decode(head + file.read(photo.MAX_BYTES + 1 - len(head)))
    return _faces(decoded, estimator)


def _estimate_frame(frame: video.Frame) -> tuple[int, float, dict]:
    return frame.number, frame.seconds, _faces(frame.photo, _estimator())


def _faces(decoded: photo.Photo, estimator: Estimator) -> dict:
    budget = Budget()
    faces = estimator.estimate(decoded, budget)
    answer = wire.faces_answer(decoded, faces, budget.not_judged, estimator.facts, "")
    return {name: answer[name] for name in ("image", "faces", "faces_not_judged")}


def _unreadable(error: OSError) -> dict:
    return {"error": "unreadable", "detail": error.strerror or str(error)}


def _internal(error: Exception) -> dict:
    return {"error": "internal", "detail": f"{type(error).__name__}: {error}"}


@cache
def _estimator() -> Estimator:
    """One per process."""
    return Estimator()


@cache
def _decoder() -> Decoder:
    """One per process: a photo that kills its decoder, or keeps it busy, fails alone."""
    return Decoder()
