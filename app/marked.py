"""The photo with its faces marked, as a JPEG: `app/annotate.py` draws them."""

import io

from PIL import Image

from app.annotate import annotated
from app.wire import box
from model.estimator import Face
from model.photo import Photo

TYPE = "image/jpeg"
LONGER_SIDE = 1280  # pixels, at most: nginx holds the answer, so that the worker is free
QUALITY = 80


def jpeg(photo: Photo, faces: list[Face]) -> bytes:
    """The upright photo without its metadata, scaled down where it is larger than LONGER_SIDE."""
    image = Image.fromarray(photo.pixels)
    image.thumbnail((LONGER_SIDE, LONGER_SIDE))
    shown = [{"age": face.age, "gender": face.gender, "box": box(face)} for face in faces]
    buffer = io.BytesIO()
    annotated(image, shown, photo.width / image.width).save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()
