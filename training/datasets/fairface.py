"""FairFace: 108 k faces balanced over seven races, ages as ranges (Kärkkäinen, Joo, WACV 2021).

Terms: CC BY 4.0. https://github.com/joojs/fairface (the "padding 1.25" photos)
Layout: `fairface_label_train.csv`, `fairface_label_val.csv` or `labels.csv`, with the columns
`file`, `age`, `gender`, `race`; the files' names are relative to the table's folder.
"""

from pathlib import Path

from training.datasets import Record, checked, find, table

LAYOUT = "table *label*.csv, such as fairface_label_train.csv, that lists a photo"


def read(folder: Path) -> list[Record]:
    """The records of every table below `folder`. Raises DataSetError."""
    records = [record for file in find(folder, "*label*.csv") for record in read_table(file)]
    return checked(records, folder, LAYOUT)


def read_table(file: Path) -> list[Record]:
    rows = sorted(table.rows(file, "file", "age", "gender"), key=lambda row: row["file"])
    return [
        Record(
            file.parent / row.photo("file"),
            *row.ages("age"),
            row.gender("gender"),
            "fairface",
            race=row["race"],
        )
        for row in rows
    ]
