"""One reader a data set, each giving the same table: `read(folder) -> list[Record]`."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Record:
    """One labelled photo, as its data set tells it; `training.clean` judges what is usable.

    `age_low` to `age_high`: the years that the label allows, both included, equal where it names
    one year, None where it cannot be known. `gender`: 0 male, 1 female, None unknown.
    `identity`: whose face, "" unknown. `race`: in the data set's own words, for reports only.
    `face_score`, `second_face_score`: of the data set's own detector, None where it has none or
    found no such face. `border`: how much of the photo's size must be added around it, because
    the data set cuts its photos at the face's edge.
    """

    path: Path
    age_low: int | None
    age_high: int | None
    gender: int | None
    source: str
    identity: str = ""
    race: str = ""
    face_score: float | None = None
    second_face_score: float | None = None
    border: float = 0.0
