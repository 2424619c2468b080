"""FairFace: 108 k faces balanced over seven races, ages as ranges (Kärkkäinen, Joo, WACV 2021).

Terms: CC BY 4.0. https://github.com/joojs/fairface (the "padding 1.25" photos)
Layout: `fairface_label_train.csv`, `fairface_label_val.csv` or `labels.csv`, with the columns
`file`, `age`, `gender`, `race`; the files' names are relative to the table's folder.
"""

import csv
import re
from pathlib import Path

from training.datasets import Record

RANGE = re.compile(r"(\d+)-(\d+)")
OLDEST = (70, 100)  # "70+" and "more than 70"
GENDERS = {"male": 0, "female": 1}


def read(folder: Path) -> list[Record]:
    """The records of every table below `folder`.

    Raises ValueError for ages and genders that the data set does not have.
    """
    return [record for table in sorted(folder.rglob("*label*.csv")) for record in read_table(table)]


def read_table(table: Path) -> list[Record]:
    with table.open(newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["file"])
    return [
        Record(
            table.parent / row["file"],
            *ages(row["age"]),
            GENDERS[row["gender"].lower()],
            "fairface",
            race=row["race"],
        )
        for row in rows
    ]


def ages(text: str) -> tuple[int, int]:
    """`20-29` -> (20, 29), `70+` or `more than 70` -> (70, 100)."""
    if match := RANGE.fullmatch(text):
        return int(match[1]), int(match[2])
    if "70" in text:
        return OLDEST
    raise ValueError(f"not one of FairFace's ages. Received: {text!r}")
