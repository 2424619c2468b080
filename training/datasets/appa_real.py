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

from pathlib import Path

from training.datasets import Record, checked, find, table

LAYOUT = "gt_avg_train.csv, gt_avg_valid.csv or gt_avg_test.csv that lists a photo"


def read(folder: Path) -> list[Record]:
    """The records of every table below `folder`; gender None where its table is missing. Raises
    DataSetError."""
    genders = {
        row["file"]: row.gender("gender")
        for file in find(folder, "allcategories_*.csv")
        for row in table.rows(file, "file", "gender")
    }
    records = [
        Record(path, age, age, genders.get(path.name), "appa-real")
        for file in find(folder, "gt_avg_*.csv")
        for path, age in labels(file)
    ]
    return checked(sorted(records, key=lambda record: record.path), folder, LAYOUT)


def labels(file: Path) -> list[tuple[Path, int]]:
    photos = file.parent / file.stem.removeprefix("gt_avg_")
    return [
        (photos / row.photo("file_name"), round(row.number("apparent_age_avg")))
        for row in table.rows(file, "file_name", "apparent_age_avg")
    ]
