"""Your own photos, listed in a `labels.csv`.

Layout: the table's first line names its columns, in any order:
`file`      a photo, relative to the table's folder or absolute
`age`       whole years, or a range of them: `34`, `20-29`
`gender`    optional: `male`, `female` or empty
`identity`  optional: the same text for every photo of one person, or empty
"""

import csv
import re
from pathlib import Path

from training.datasets import Record

AGE = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?")
GENDERS = {"male": 0, "female": 1, "": None}


def read(folder: Path) -> list[Record]:
    """The records of `folder / "labels.csv"`.

    Raises ValueError for a missing column and for invalid ages and genders, with the line.
    """
    # spreadsheets put a byte order mark before the first column's name
    with (folder / "labels.csv").open(newline="", encoding="utf-8-sig") as file:
        table = csv.DictReader(file, restval="")
        for column in ("file", "age"):
            if column not in (table.fieldnames or ()):
                raise ValueError(f"labels.csv, line 1: no column {column!r}: {table.fieldnames}")
        records = [record_of(folder, row, table.line_num) for row in table]
    return sorted(records, key=lambda record: record.path)


def record_of(folder: Path, row: dict[str, str], line: int) -> Record:
    gender = row.get("gender", "").strip().lower()
    if gender not in GENDERS:
        raise ValueError(f"labels.csv, line {line}: not male, female or empty: {row['gender']!r}")
    low, high = ages(row["age"], line)
    name, identity = row["file"].strip(), row.get("identity", "").strip()
    person = f"own/{identity}" if identity else ""
    return Record(folder / name, low, high, GENDERS[gender], "own", name, person)


def ages(text: str, line: int) -> tuple[int, int]:
    """`34` -> (34, 34), `20-29` -> (20, 29)."""
    if match := AGE.fullmatch(text.strip()):
        low, high = int(match[1]), int(match[2] or match[1])
        if low <= high:
            return low, high
    raise ValueError(f"labels.csv, line {line}: neither an age nor a range of ages: {text!r}")
