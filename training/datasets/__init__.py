"""One reader per data set, all with the same interface: `read(folder) -> list[Record]`.

Each returns a record for every photo that it finds, and raises `DataSetError` when the folder
cannot be read or has another layout.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

IMAGES = ("*.jpg", "*.jpeg", "*.png", "*.webp", "*.bmp", "*.gif")
LEFTOVERS = ("__MACOSX", "@eaDir")  # folders that macOS and network drives make
UNNAMED = "no label in its name"


class DataSetError(ValueError):
    """Why a data set cannot be read, and what to do about it, in one sentence."""


@dataclass(frozen=True)
class Record:
    """One labelled photo, as its data set describes it; `training.clean` decides what is usable.

    `age_low` to `age_high`: the years that the label allows, both included, equal where it names
    one year, None where it is unknown. `gender`: 0 male, 1 female, None unknown.
    `name`: of the photo in its data set, "" where the file's own is unique there.
    `identity`: whose face, the same text in every data set that knows the person, "" unknown.
    `race`: the data set's term, for reports only.
    `face_score`, `second_face_score`: of the data set's own detector, -inf where it saw no face
    and None where there is no such detector or no second face.
    `face`: left, top, right and bottom of the labelled face in pixels of the photo, None for the
    largest one. `border`: how much to add around the photo, as a share of its size, because the
    data set cuts its photos at the face's edge. `problem`: why the reader found no label, or "".
    """

    path: Path
    age_low: int | None
    age_high: int | None
    gender: int | None
    source: str
    name: str = ""
    identity: str = ""
    race: str = ""
    face_score: float | None = None
    second_face_score: float | None = None
    face: tuple[float, float, float, float] | None = None
    border: float = 0.0
    problem: str = ""

    @property
    def key(self) -> str:
        """The photo's name, unique among all data sets and independent of their folders."""
        return f"{self.source}/{self.name or self.path.name}"

    @property
    def person(self) -> str:
        """Whose face it is; where that is unknown, every photo is its own person."""
        return self.identity or self.key


def find(folder: Path, *patterns: str) -> list[Path]:
    """The files below `folder` whose names match one of the patterns, capitals or not, in order.
    Hidden files, such as macOS's `._photo.jpg`, are left out. Raises DataSetError."""
    if not folder.is_dir():
        raise DataSetError(f"there is no folder {folder}")
    return sorted(
        path
        for path in folder.rglob("*")
        if any(fnmatchcase(path.name.lower(), pattern) for pattern in patterns)
        and not any(
            part.startswith(".") or part in LEFTOVERS for part in path.relative_to(folder).parts
        )
    )


def unnamed(path: Path, source: str) -> Record:
    """A photo whose name does not have the data set's labels: counted, and left out."""
    return Record(path, None, None, None, source, problem=UNNAMED)


def checked(records: Sequence[Record], folder: Path, layout: str) -> list[Record]:
    """The records, with different names for different photos. The first of those with one name
    keeps it; the others are named by their path in `folder`.

    Raises DataSetError when there is nothing to use: then `folder` does not have the `layout`.
    """
    if all(record.problem for record in records):
        raise DataSetError(f"{folder} has no {layout}")
    owners: dict[str, Path] = {}
    apart = []
    for record in records:
        if owners.setdefault(record.key, record.path) != record.path:
            inside = record.path.is_relative_to(folder)
            path = record.path.relative_to(folder) if inside else record.path
            record = replace(record, name=path.as_posix())
        apart.append(record)
    return apart
