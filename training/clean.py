"""Which records are worth learning from, and why the others are not.

First the labels are judged, before any photo is read; then the faces found in each photo. The
first rule that a record breaks is the one that counts. `training.duplicates` comes after both.
"""

from collections.abc import Callable, Iterable, Sequence

from model.faces import Detection
from training.datasets import Record

OLDEST = 100  # years, the network's last class
WEAK_FACE = 1.0  # IMDB-WIKI's detector score; its authors advise to ask for more than this
TINY_FACE = 20  # pixels of the box's shorter side, in the photo as published
DOMINANT = 0.6  # of the largest face's area: a second face may not be larger
# where an unknown gender marks a record that nobody could judge; other sets just don't label it
CRAWLED = ("imdb", "wiki")

RULES: dict[str, Callable[[Record], bool]] = {
    "age unknown": lambda record: record.age_low is None or record.age_high is None,
    "age absurd": lambda record: record.age_low < 0 or record.age_high > OLDEST,  # type: ignore[operator]
    "no or weak face": lambda record: (
        record.face_score is not None and record.face_score < WEAK_FACE
    ),
    "second face": lambda record: record.second_face_score is not None,
    "gender unknown": lambda record: record.gender is None and record.source in CRAWLED,
}


def by_label(records: Iterable[Record]) -> tuple[list[Record], list[tuple[Record, str]]]:
    """What is usable, and the rest, each with its reason."""
    kept, removed = [], []
    for record in records:
        reason = next((name for name, broken in RULES.items() if broken(record)), None)
        if reason is None:
            kept.append(record)
        else:
            removed.append((record, reason))
    return kept, removed


def by_faces(faces: Sequence[Detection], scale: float = 1.0) -> str | None:
    """Why the faces of a photo, the largest first, leave doubt whose age the label is, or None.
    `scale`: pixels of the photo as published for one of the faces' pixels."""
    if not faces:
        return "no face"
    areas = [face.box[2] * face.box[3] for face in faces]
    if min(faces[0].box[2:]) * scale < TINY_FACE:
        return "tiny face"
    if len(areas) > 1 and areas[1] > DOMINANT * areas[0]:
        return "no dominant face"
    return None
