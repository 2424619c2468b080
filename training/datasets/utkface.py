"""UTKFace: 20 k faces of 0 to 116 years (Zhang, Song, Qi, CVPR 2017).

Terms: non-commercial research only. https://susanqq.github.io/UTKFace/
Layout: `<age>_<gender>_<race>_<time>.jpg.chip.jpg`, gender 0 male, 1 female, in any folder: the
aligned and cropped photos. `<age>_<gender>_<race>_<time>.jpg` are the whole photos of the same
people, "in the wild". A few published names lack a field: those are left out.
"""

import re
from pathlib import Path

from training.datasets import IMAGES, Record, checked, find, unnamed

# some published names have typing errors behind the labels
NAME = re.compile(r"(\d{1,3})_([01])_([0-4])_.*")
RACES = ("White", "Black", "Asian", "Indian", "Other")
LAYOUT = "<age>_<gender>_<race>_<time>.jpg.chip.jpg, nor the same with .jpg only"


def read(folder: Path) -> list[Record]:
    """The records below `folder`; ages over 100 count as 100, the network's last class. Raises
    DataSetError."""
    return checked([record_of(path) for path in find(folder, *IMAGES)], folder, LAYOUT)


def record_of(path: Path) -> Record:
    if not (match := NAME.fullmatch(path.name)):
        return unnamed(path, "utkface")
    age, gender, race = (int(field) for field in match.groups())
    aligned = ".chip." in path.name
    return Record(
        path,
        min(age, 100),
        min(age, 100),
        gender,
        "utkface",
        # a whole photo stays on the side of the split that its aligned face is on
        identity="" if aligned else f"utkface/{path.name}.chip.jpg",
        race=RACES[race],
        border=0.2 if aligned else 0.0,
    )
