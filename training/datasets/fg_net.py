"""FG-NET: 1,002 photos of 82 people at 0 to 69 years, scanned from their albums (Face and Gesture
Recognition Network, 2004; Lanitis, Taylor, Cootes, TPAMI 2002).

Terms: none stated at its present address; made for research.
https://yanweifu.github.io/FG_NET_data/
Layout: `images/<person>A<age>.JPG`, with a letter after the age where a person has several
photos of one year: `001A43a.JPG`. There are no genders.
"""

import re
from pathlib import Path

from training.datasets import IMAGES, Record, checked, find, unnamed

NAME = re.compile(r"(\d{3})A(\d{2})[a-z]?\.\w+", re.IGNORECASE)  # copies in lower case exist
LAYOUT = "<person>A<age>.JPG, such as 001A43a.JPG"


def read(folder: Path) -> list[Record]:
    """The records below `folder`. Raises DataSetError."""
    return checked([record_of(path) for path in find(folder, *IMAGES)], folder, LAYOUT)


def record_of(path: Path) -> Record:
    if not (match := NAME.fullmatch(path.name)):
        return unnamed(path, "fg-net")
    age = int(match[2])
    return Record(path, age, age, None, "fg-net", identity=f"fg-net/{match[1]}")
