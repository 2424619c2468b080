"""One reader per data set, all with the same interface: `read(folder) -> list[Record]`."""

from dataclasses import dataclass
from pathlib import Path


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
    data set cuts its photos at the face's edge.
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

    @property
    def key(self) -> str:
        """The photo's name, unique among all data sets and independent of their folders."""
        return f"{self.source}/{self.name or self.path.name}"

    @property
    def person(self) -> str:
        """Whose face it is; where that is unknown, every photo is its own person."""
        return self.identity or self.key
