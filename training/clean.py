"""Which records to train on, and why not on the others.

The labels are checked first, before any photo is read; then the faces found in each photo. A
record is counted under the first rule that it breaks. `training.duplicates` comes after both.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from training.datasets import Record

OLDEST = 100  # years, the network's last class
WEAK_FACE = 1.0  # IMDB-WIKI's detector score; its authors advise a higher one than this
TINY_FACE = 20  # pixels of the box's shorter side, in the photo as published
DOMINANT = 0.6  # of the largest face's area: the maximum for a second face
# here an unknown gender means a doubtful record; other sets just do not label it
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
    """The usable records; the others, each with its reason."""
    kept, removed = [], []
    for record in records:
        broken = (name for name, breaks in RULES.items() if breaks(record))
        reason = record.problem or next(broken, "")
        if not reason:
            kept.append(record)
        else:
            removed.append((record, reason))
    return kept, removed


class Located(Protocol):
    """A face; `box`: left, top, width, height in pixels."""

    @property
    def box(self) -> tuple[float, float, float, float]: ...


def by_faces(faces: Sequence[Located], scale: float = 1.0) -> str | None:
    """Why it is not clear which of a photo's faces, the largest first, the label is for, or None.
    `scale`: pixels of the published photo per pixel of the faces."""
    if not faces:
        return "no face"
    areas = [face.box[2] * face.box[3] for face in faces]
    if min(faces[0].box[2:]) * scale < TINY_FACE:
        return "tiny face"
    if len(areas) > 1 and areas[1] > DOMINANT * areas[0]:
        return "no dominant face"
    return None
