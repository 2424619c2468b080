"""Your own photos, listed in a `labels.csv`.

Layout: the table's first line names its columns, in any order:
`file`      a photo, relative to the table's folder or absolute
`age`       whole years, or a range of them: `34`, `20-29`, `70+`
`gender`    optional: `male`, `female`, `m`, `f`, `男`, `女` or empty
`identity`  optional: the same text for every photo of one person, or empty
"""

from pathlib import Path

from training.datasets import DataSetError, Record, checked, table

LAYOUT = "photos in its labels.csv"


def read(folder: Path) -> list[Record]:
    """The records of `folder / "labels.csv"`. Raises DataSetError."""
    labels = folder / "labels.csv"
    if not labels.is_file():
        raise DataSetError(f"{folder} has no labels.csv: list your photos there, with file and age")
    records = [record_of(folder, row) for row in table.rows(labels, "file", "age")]
    return checked(sorted(records, key=lambda record: record.path), folder, LAYOUT)


def record_of(folder: Path, row: table.Row) -> Record:
    name, identity = row.photo("file"), row["identity"]
    person = f"own/{identity}" if identity else ""
    return Record(folder / name, *row.ages("age"), row.gender("gender"), "own", name, person)
