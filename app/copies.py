"""Small and annotated copies of the photos that have been estimated."""

import io
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from app import video
from app.annotate import annotated
from app.workers import spread
from model import photo

THUMBNAIL = (400, 300)  # pixels, at most
JPEG, LONGEST = ".jpg", 255  # bytes of a file's name


@dataclass(frozen=True)
class Copy:
    """`line`: of the journal; `picture`: where an annotated copy is saved, if anywhere; `small`:
    whether a small one is wanted."""

    line: dict
    path: Path
    picture: Path | None
    small: bool


def places(files: Iterable[Path], folder: Path) -> Iterator[Path]:
    """Where in `folder` the copy of each file belongs: under the same path, as a JPEG, and never
    twice in the same place nor outside the folder."""
    taken: set[Path] = set()
    for file in files:
        place = Path(*(part for part in file.parts if part not in (file.anchor, "..")))
        if place.suffix.lower() not in (".jpg", ".jpeg"):
            place = _as_jpeg(place)
        while place in taken:
            place = _as_jpeg(place)
        taken.add(place)
        yield folder / place


def _as_jpeg(place: Path) -> Path:
    stem = os.fsencode(place.name)
    while len(stem) + len(JPEG) > LONGEST:
        stem = stem[: len(stem) // 2]
    return place.with_name(os.fsdecode(stem) + JPEG)


def made(copies: list[Copy], workers: int) -> Iterator[bytes]:
    """Make them on all cores; for each in turn, the small copy as a JPEG, or nothing.

    Raises OSError when one cannot be saved, and BrokenProcessPool when a worker was killed.
    """
    return spread(make, ((copy,) for copy in copies), workers)


def make(copy: Copy) -> bytes:
    """As `made`, for one. A photo that is no longer what it was has no copies."""
    try:
        found = _read(copy)
    except Exception:  # decoders raise anything
        return b""
    image, faces = Image.fromarray(found.pixels), copy.line["faces"]
    if "video" in copy.line:
        faces = [face for face in faces if face["frame"] == copy.line["video"]["still"]]
    if copy.picture and faces:
        _save(annotated(image, faces, found.scale), copy.picture)
    if not copy.small:
        return b""
    image.thumbnail(THUMBNAIL)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=80)
    return file.getvalue()


def _read(copy: Copy) -> photo.Photo:
    if "video" in copy.line:
        return video.frame(copy.path, copy.line["video"]["still"]).photo
    with copy.path.open("rb") as file:
        return photo.decode(file.read(photo.MAX_BYTES + 1))


def _save(image: Image.Image, picture: Path) -> None:
    try:
        picture.parent.mkdir(parents=True, exist_ok=True)
        image.save(picture, "JPEG", quality=90)
    except OSError as error:  # Pillow leaves out the name
        raise OSError(error.errno, error.strerror, os.fspath(picture)) from None
