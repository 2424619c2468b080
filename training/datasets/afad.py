"""AFAD, the Asian Face Age Dataset: 164 k faces, nearly all of 15 to 40 years, cut out of photos
of a Chinese social network (Niu et al., "Ordinal regression with multiple output CNN for age
estimation", CVPR 2016).

Terms: academic research only. https://github.com/afad-dataset/tarball
Layout: `<age>/111/*.jpg` male, `<age>/112/*.jpg` female.
"""

import re
from pathlib import Path

from training.datasets import IMAGES, Record, checked, find, unnamed

NAME = re.compile(r"(\d{1,3})/(111|112)/[^/]+")
GENDERS = {"111": 0, "112": 1}
LAYOUT = "<age>/111/*.jpg or <age>/112/*.jpg, such as 18/111/7-1.jpg"


def read(folder: Path) -> list[Record]:
    """The records below `folder`. Raises DataSetError."""
    return checked([record_of(path) for path in find(folder, *IMAGES)], folder, LAYOUT)


def record_of(path: Path) -> Record:
    if not (match := NAME.fullmatch("/".join(path.parts[-3:]))):
        return unnamed(path, "afad")
    return Record(path, int(match[1]), int(match[1]), GENDERS[match[2]], "afad", match[0])
