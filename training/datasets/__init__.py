"""One reader a data set, each giving the same table: `read(folder) -> list[Record]`."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Record:
    """One labelled photo: `age` in years, `gender` 0 male or 1 female, `source` the data
    set's name, `border` how much of the photo's size must be added around it, because the
    data set cuts its photos at the face's edge."""

    path: Path
    age: int
    gender: int
    source: str
    border: float = 0.0
