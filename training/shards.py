"""A few hundred photos -> a shard: their aligned chips, and a table of what was found in each.

A shard's name is a hash of its photos' names, so a run that was killed, or that adds a data set,
makes only the missing shards. Its table says of each photo from which file and by which code its
chip was cut. Photos for which that has changed are looked at again, and so are those that could
not be read. Every machine makes the same bytes.
"""

import csv
import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TextIO, cast

import numpy as np

from model import chip, photo
from model.faces import Detection, FaceFinder
from model.quality import Quality, measure
from training import clean, provenance
from training.datasets import Record
from training.duplicates import perceptual_hash

PHOTOS = 256  # at most, in one shard
COLUMNS = ("key", "reason", "sha256", "hash", *(field.name for field in fields(Quality)),
           "file", "code")  # fmt: skip
MISSING = "missing_file"
CHIP = (chip.CHIP_SIZE, chip.CHIP_SIZE, 3)
Found = tuple[dict[str, str], np.ndarray | None]


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
    return hashlib.sha256("\n".join(inputs).encode(errors="surrogateescape")).hexdigest()[:16]


def make(shard: Sequence[Record], folder: Path) -> int:
    """Write `<name>.npy`, (n, *CHIP) uint8 RGB, and `<name>.csv`, a row a record, of which n have
    no `reason`. What an earlier run found is kept where it still holds; returns for how many
    photos."""
    done = folder / f"{name(shard)}.csv"
    before = read(done)
    if len(before) != len(shard):
        before = [({}, None)] * len(shard)
    kept = [provenance.still(record, row) for record, (row, _) in zip(shard, before, strict=True)]
    found = [
        (row, pixels) if row else look(record)
        for record, row, (_, pixels) in zip(shard, kept, before, strict=True)
    ]
    if [row for row, _ in found] != [row for row, _ in before]:
        write(done, found)
    return sum(row is not None for row in kept)


def opened(table: Path, mode: str = "r") -> TextIO:
    """A table of ours; names of files may have bytes that are not UTF-8."""
    return cast(TextIO, table.open(mode, newline="", encoding="utf-8", errors="surrogateescape"))


def read(table: Path) -> list[Found]:
    """The rows of a finished shard with their chips; [] where there is none."""
    try:
        with opened(table) as file:
            rows = list(csv.DictReader(file))
        chips = np.load(table.with_suffix(".npy"), mmap_mode="r")
    except (OSError, ValueError, EOFError):
        return []
    if any(row.keys() != set(COLUMNS) for row in rows):  # of an earlier version
        return []
    if chips.shape != (sum(not row["reason"] for row in rows), *CHIP):
        return []
    remaining = iter(chips)
    return [(row, None if row["reason"] else next(remaining)) for row in rows]


def write(table: Path, found: Sequence[Found]) -> None:
    """Write the shard of `table`, which is there only while its chips are complete."""
    # under a name of its own until it is complete: two machines may work on the same shard
    mine = table.with_name(f"{table.stem}.{os.uname().nodename}.{os.getpid()}")
    chips = [pixels for _, pixels in found if pixels is not None]
    with mine.open("wb") as file:
        np.save(file, np.array(chips, np.uint8).reshape(-1, *CHIP))
    table.unlink(missing_ok=True)
    mine.replace(table.with_suffix(".npy"))
    with opened(mine, "w") as file:
        rows = csv.DictWriter(file, COLUMNS)
        rows.writeheader()
        rows.writerows(row for row, _ in found)
    mine.replace(table)


def look(record: Record) -> Found:
    """The photo's row, and its chip unless the row has a reason to remove it."""
    row = dict.fromkeys(COLUMNS, "") | {"key": record.key, "code": provenance.code()}
    try:
        file = provenance.stamp(record.path)
        data = record.path.read_bytes()
        pixels, scale = pixels_of(record, data)
    except (photo.PhotoError, OSError) as error:
        return row | {"reason": getattr(error, "code", MISSING)}, None
    row |= {"file": file, "sha256": provenance.digest(data)}
    faces = _finder().find(pixels)
    if record.face:
        faces = at_label(faces, record.face, scale)
    if reason := clean.by_faces(faces, scale):
        return row | {"reason": reason}, None
    quality = measure(faces[0], scale)
    row["hash"] = perceptual_hash(faces[0].chip).tobytes().hex()
    row |= {name: f"{value:.3f}" for name, value in asdict(quality).items()}
    return row, faces[0].chip


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
