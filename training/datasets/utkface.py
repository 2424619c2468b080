"""UTKFace: 20 k faces of 0 to 116 years (Zhang, Song, Qi, CVPR 2017).

Terms: non-commercial research only. https://susanqq.github.io/UTKFace/
Layout: `<age>_<gender>_<race>_<time>.jpg.chip.jpg`, gender 0 male, 1 female, in any folder.
A few published names lack a field: those are left out.
"""

import re
from pathlib import Path

from training.datasets import Record

NAME = re.compile(r"(\d{1,3})_([01])_([0-4])_\d+\.jpg\.chip\.jpg")
RACES = ("White", "Black", "Asian", "Indian", "Other")


def read(folder: Path) -> list[Record]:
    """The records below `folder`; ages over 100 count as 100, the network's last class."""
    records = []
    for path in sorted(folder.rglob("*.chip.jpg")):
        if match := NAME.fullmatch(path.name):
            age, gender, race = (int(field) for field in match.groups())
            age = min(age, 100)
            records.append(Record(path, age, age, gender, "utkface", race=RACES[race], border=0.2))
    return records
