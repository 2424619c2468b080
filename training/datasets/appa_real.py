"""APPA-REAL: 7,591 photos with the age that about 38 people each guessed, and the real one
(Agustsson et al., "Apparent and real age estimation in still images", FG 2017).

Terms: research only. https://chalearnlap.cvc.uab.cat/dataset/26/description/
Layout: `gt_avg_train.csv`, `gt_avg_valid.csv`, `gt_avg_test.csv` with the columns `file_name`,
`num_ratings`, `apparent_age_avg`, `apparent_age_std`, `real_age`; the photos in `train/`, `valid/`,
`test/` as `000000.jpg`. The authors' crops beside them, `000000.jpg_face.jpg`, are not read: the
service finds faces in whole photos. Genders are a separate download (Clapés et al., CVPRW 2018):
`allcategories_train.csv` and so on, columns `file` and `gender`, anywhere below the folder.

The label is the apparent age: a face shows no other, and the service estimates how old one looks.
Clapés et al. found that training on it improves the estimate of the real age too.
"""

import csv
from pathlib import Path

from training.datasets import Record

GENDERS = {"male": 0, "female": 1}


def read(folder: Path) -> list[Record]:
    """The records of every table below `folder`; gender None where its table is missing."""
    genders = {
        row["file"]: GENDERS.get(row["gender"].strip().lower())
        for table in folder.rglob("allcategories_*.csv")
        for row in rows(table)
    }
    records = [
        Record(path, age, age, genders.get(path.name), "appa-real")
        for table in folder.rglob("gt_avg_*.csv")
        for path, age in labels(table)
    ]
    return sorted(records, key=lambda record: record.path)


def labels(table: Path) -> list[tuple[Path, int]]:
    photos = table.parent / table.stem.removeprefix("gt_avg_")
    return [
        (photos / row["file_name"], round(float(row["apparent_age_avg"]))) for row in rows(table)
    ]


def rows(table: Path) -> list[dict[str, str]]:
    with table.open(newline="") as file:
        return list(csv.DictReader(file))
