"""MegaAge-Asian: 43,945 faces of 0 to 70 years, mostly East Asian, ages estimated by comparing with
known faces (Zhang, Liu, Li, Loy, "Quantifying facial age by posterior of age comparisons", BMVC
2017).

Terms: non-commercial research only. http://mmlab.ie.cuhk.edu.hk/projects/MegaAge/
Layout: `train/1.jpg` and so on, 40,000 photos of 178 x 218 pixels, their names in
`list/train_name.txt` and, line by line, their ages in `list/train_age.txt`; the same for `test`,
3,945 photos. There are no genders.
"""

from pathlib import Path

from training.datasets import DataSetError, Record, checked, find, table

LAYOUT = "list/train_name.txt or list/test_name.txt that lists a photo"


def read(folder: Path) -> list[Record]:
    """The records of every list below `folder`. Raises DataSetError."""
    records = [record for names in find(folder, "*_name.txt") for record in read_list(names)]
    return checked(sorted(records, key=lambda record: record.path), folder, LAYOUT)


def read_list(file: Path) -> list[Record]:
    split = file.stem.removesuffix("_name")
    photos = file.parent.parent / split
    names, ages = table.words(file), table.words(file.with_name(f"{split}_age.txt"))
    if len(names) != len(ages):
        raise DataSetError(
            f"{file} lists {len(names)} photos, but {split}_age.txt has {len(ages)} ages: "
            f"unpack both anew"
        )
    return [
        Record(photos / (photo := name.photo("line")), *age.ages("line"), None, "megaage-asian",
               f"{split}/{photo}")
        for name, age in zip(names, ages, strict=True)
    ]  # fmt: skip
