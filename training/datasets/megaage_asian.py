"""MegaAge-Asian: 43,945 faces of 0 to 70 years, mostly East Asian, ages estimated by comparing with
known faces (Zhang, Liu, Li, Loy, "Quantifying facial age by posterior of age comparisons", BMVC
2017).

Terms: non-commercial research only. http://mmlab.ie.cuhk.edu.hk/projects/MegaAge/
Layout: `train/1.jpg` and so on, 40,000 photos of 178 x 218 pixels, their names in
`list/train_name.txt` and, line by line, their ages in `list/train_age.txt`; the same for `test`,
3,945 photos. There are no genders.
"""

from pathlib import Path

from training.datasets import Record


def read(folder: Path) -> list[Record]:
    """The records of every list below `folder`.

    Raises ValueError for lists of unequal length and for ages that are not whole numbers.
    """
    records = [record for names in folder.rglob("*_name.txt") for record in read_list(names)]
    return sorted(records, key=lambda record: record.path)


def read_list(names: Path) -> list[Record]:
    split = names.stem.removesuffix("_name")
    photos = names.parent.parent / split
    ages = names.with_name(f"{split}_age.txt")
    return [
        Record(photos / name, int(age), int(age), None, "megaage-asian", f"{split}/{name}")
        for name, age in zip(names.read_text().split(), ages.read_text().split(), strict=True)
    ]
