"""All-Age-Faces: 13 k mostly East Asian faces of 2 to 80 years (Cheng et al., 2019).

Terms: none stated; asks to be cited. https://github.com/JingchunCheng/All-Age-Faces-Dataset
Layout: `<id>A<age>.jpg` (any image ending); ids 00000 to 07380 are female, the rest male.
"""

import re
from pathlib import Path

from training.datasets import IMAGES, Record, checked, find, unnamed

NAME = re.compile(r"(\d{5})A(\d{2})\.\w+")
LAST_FEMALE = 7380
LAYOUT = "<id>A<age>.jpg, such as 00000A02.jpg"


def read(folder: Path) -> list[Record]:
    """The records below `folder`. Raises DataSetError."""
    return checked([record_of(path) for path in find(folder, *IMAGES)], folder, LAYOUT)


def record_of(path: Path) -> Record:
    if not (match := NAME.fullmatch(path.name)):
        return unnamed(path, "aaf")
    return Record(path, int(match[2]), int(match[2]), int(int(match[1]) <= LAST_FEMALE), "aaf")
