"""A few hundred photos -> a shard: their aligned chips, and a table of what was found in each.

A shard's name is a hash of its inputs, so a run that was killed, or that adds a data set, makes
only the missing shards. It depends on nothing else: every machine makes the same bytes.
"""

import csv
import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import astuple, fields
from functools import cache
from itertools import groupby
from pathlib import Path

import numpy as np

from model import chip, photo
from model.faces import Detection, FaceFinder
from model.quality import Quality, measure
from training import clean
from training.datasets import Record
from training.duplicates import perceptual_hash

PHOTOS = 256  # at most, in one shard
COLUMNS = ("key", "reason", "sha256", "hash", *(field.name for field in fields(Quality)))


def cut(records: Iterable[Record]) -> list[list[Record]]:
    """The records in shards of one data set each."""
    shards = []
    for _, of_source in groupby(records, key=lambda record: record.source):
        photos = list(of_source)
        shards += [photos[i : i + PHOTOS] for i in range(0, len(photos), PHOTOS)]
    return shards


def name(shard: Sequence[Record]) -> str:
    """A hash of the photos and of how chips are cut, not of labels or folders."""
    inputs = [str(chip.FACTS)]
    inputs += [f"{record.key} {record.border} {record.face}" for record in shard]
    return hashlib.sha256("\n".join(inputs).encode()).hexdigest()[:16]


def make(shard: Sequence[Record], folder: Path) -> Path:
    """Write `<name>.npy`, (n, 160, 160, 3) uint8 RGB, and `<name>.csv`, a row a record, of which
    n have no `reason`; return the second. Existing shards are kept."""
    done = folder / f"{name(shard)}.csv"
    if done.exists():
        return done
    chips, rows = [], []
    for record in shard:
        row, pixels = look(record)
        rows.append(row)
        if pixels is not None:
            chips.append(pixels)
    shape = (-1, chip.CHIP_SIZE, chip.CHIP_SIZE, 3)
    # under a name of its own until it is complete: two machines may work on the same shard
    mine = folder / f"{done.stem}.{os.uname().nodename}.{os.getpid()}"
    with mine.open("wb") as file:
        np.save(file, np.array(chips, np.uint8).reshape(shape))
    mine.replace(done.with_suffix(".npy"))
    with mine.open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    mine.replace(done)
    return done


def look(record: Record) -> tuple[tuple, np.ndarray | None]:
    """The photo's row, and its chip unless the row has a reason to remove it."""
    try:
        data = record.path.read_bytes()
        pixels, scale = pixels_of(record, data)
    except (photo.PhotoError, OSError) as error:
        return (record.key, getattr(error, "code", "missing_file")), None
    faces = _finder().find(pixels)
    if record.face:
        faces = at_label(faces, record.face, scale)
    if reason := clean.by_faces(faces, scale):
        return (record.key, reason), None
    size = min(faces[0].box[2:]) * scale
    quality = measure(size, faces[0].landmarks, faces[0].chip)
    numbers = [f"{value:.3f}" for value in astuple(quality)]
    digest = hashlib.sha256(data).hexdigest()
    return (record.key, "", digest, perceptual_hash(faces[0].chip).tobytes().hex(), *numbers), (
        faces[0].chip
    )


def pixels_of(record: Record, data: bytes) -> tuple[np.ndarray, float]:
    """The photo `data` with the border that its data set cut off, (h, w, 3) uint8 RGB, and how many
    pixels of the published photo one of its pixels is. Raises model.photo.PhotoError."""
    decoded = photo.decode(data)
    margin = round(record.border * max(decoded.pixels.shape[:2]))
    border = ((margin, margin), (margin, margin), (0, 0))
    return np.pad(decoded.pixels, border, mode="edge"), decoded.scale


def at_label(
    faces: list[Detection], label: tuple[float, float, float, float], scale: float
) -> list[Detection]:
    """The face whose centre lies in the labelled box (left, top, right, bottom, in pixels of the
    published photo), the one nearest to its centre if there are several."""
    left, top, right, bottom = (edge / scale for edge in label)

    def offset(face: Detection) -> tuple[float, float]:
        x, y, width, height = face.box
        return abs(x + width / 2 - (left + right) / 2), abs(y + height / 2 - (top + bottom) / 2)

    inside = [
        face
        for face in faces
        if offset(face)[0] < (right - left) / 2 and offset(face)[1] < (bottom - top) / 2
    ]
    return sorted(inside, key=offset)[:1]


@cache
def _finder() -> FaceFinder:
    """One per process, made in the process that uses it: see model.engine_onnx on forks."""
    return FaceFinder()
