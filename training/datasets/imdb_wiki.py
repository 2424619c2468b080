"""IMDB-WIKI: 461 k photos from IMDb, 62 k from Wikipedia (Rothe, Timofte, Van Gool, IJCV 2018).

Terms: academic research only. https://data.vision.ee.ethz.ch/cvl/rrothe/imdb-wiki/
Layout: `imdb.mat` and `wiki.mat`, each beside its numbered folders of photos, whole ones or, in
`imdb_crop/` and `wiki_crop/`, the authors' crops: take one kind, not both. Each table is a 1x1
struct of 1xN fields: dob (MATLAB date number), photo_taken (year), full_path, gender (0 female, 1
male, NaN unknown), name, face_location (left, top, right, bottom in the whole photo, from 1),
face_score (-Inf: no face), second_face_score (NaN: no second face); IMDb only: celeb_id, not
read, because names identify the people of both tables.
The labels were crawled, not checked: many are wrong, and the face may be another person's.
"""

import math
import zlib
from datetime import date
from pathlib import Path

import numpy as np
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from training.datasets import DataSetError, Record, checked, find

LAYOUT = "imdb.mat or wiki.mat that lists a photo"
LABELS = ("full_path", "dob", "photo_taken", "gender")
FACES = ("face_score", "second_face_score", "face_location")
GENDERS = {1: 0, 0: 1}
EDGES = (1, 1, 0, 0)  # MATLAB gives the first and the last pixel, counted from 1
OLDEST_PHOTO, PUBLISHED = 1826, 2015  # photo_taken has other years too
DATE_NUMBER = 366  # MATLAB counts days from year 0, a leap year, Python from year 1
FIRST_BIRTH = date(2, 1, 1).toordinal() + DATE_NUMBER  # a missing date became year 0 or 1
LAST_BIRTH = date(PUBLISHED, 12, 31).toordinal() + DATE_NUMBER
# what loadmat and a table of another kind raise
UNREADABLE = (MatReadError, zlib.error, OSError, NotImplementedError,
              LookupError, ValueError, TypeError)  # fmt: skip


def read(folder: Path) -> list[Record]:
    """The records of every table below `folder`; ages may be negative or above 100. Raises
    DataSetError."""
    tables = find(folder, "imdb.mat", "wiki.mat")
    return checked([record for table in tables for record in read_table(table)], folder, LAYOUT)


def read_table(table: Path) -> list[Record]:
    source = table.stem.lower()
    try:
        fields = loadmat(table, variable_names=[source])[source][0, 0]
        columns = [fields[name][0].tolist() for name in LABELS + FACES]
        people = [text(cell) for cell in fields["name"][0]]
    except UNREADABLE as error:
        raise DataSetError(
            f"{table} is not the table that its authors publish ({error}): unpack it anew"
        ) from error
    records = [record_of(table, *row) for row in zip(people, *columns, strict=True)]
    return sorted(records, key=lambda record: record.path)


def record_of(table, person, path, dob, taken, gender, score, second, location) -> Record:
    years = age(dob, taken)
    boxed = math.isfinite(score) and not table.parent.name.endswith("_crop")
    return Record(
        table.parent / text(path),
        years,
        years,
        GENDERS.get(gender),
        table.stem.lower(),
        identity=f"celebrity/{person}" if person else "",
        face_score=score,
        second_face_score=None if math.isnan(second) else second,
        face=tuple((location[0] - EDGES).tolist()) if boxed else None,
    )


def age(dob: float, taken: float) -> int | None:
    """Whole years from `dob` to 1 July of the year `taken`, None if either is impossible.

    The authors assume mid-year too, but count days: `datevec(datenum(taken, 7, 1) - dob)`. That
    makes some people born from 29 June to 1 July one year younger.
    """
    if not (FIRST_BIRTH <= dob <= LAST_BIRTH and OLDEST_PHOTO <= taken <= PUBLISHED):
        return None
    born = date.fromordinal(int(dob) - DATE_NUMBER)
    return int(taken) - born.year - ((born.month, born.day) > (7, 1))


def text(cell: np.ndarray) -> str:
    """The text of a cell: an array of one string, or of none where it is empty."""
    return str(cell[0]) if cell.size else ""
