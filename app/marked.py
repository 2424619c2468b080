"""The photo with its faces marked, as a JPEG: a box, and the age above it."""

import io
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from model.estimator import Face
from model.photo import Photo

TYPE = "image/jpeg"
LONGER_SIDE = 1280  # pixels, at most: nginx holds the answer, so that the worker is free
QUALITY = 80
COLOURS = {"Female": "#c2410c", "Male": "#1d4ed8"}
SIGNS = {"Female": "F", "Male": "M"}
MARGIN = 3  # pixels around a label's text


def jpeg(photo: Photo, faces: list[Face]) -> bytes:
    """The upright photo without its metadata, scaled down where it is larger than LONGER_SIDE."""
    image = Image.fromarray(photo.pixels)
    image.thumbnail((LONGER_SIDE, LONGER_SIDE))
    draw, scale = ImageDraw.Draw(image), image.width / photo.width
    for face in reversed(faces):  # the largest is on top
        left, top, width, height = (edge * scale for edge in face.box)
        _mark(draw, (left, top, left + width, top + height), face, image.size)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()


def _mark(
    draw: ImageDraw.ImageDraw,
    box: tuple[float, float, float, float],
    face: Face,
    size: tuple[int, int],
) -> None:
    left, top, right, _ = box
    colour, text = COLOURS[face.gender], f"{round(face.age)} {SIGNS[face.gender]}"
    draw.rectangle(box, outline=colour, width=max(1, round((right - left) / 40)))
    font = _font(min(40, max(12, round((right - left) / 4))))
    _, _, width, height = (edge + 2 * MARGIN for edge in draw.textbbox((0, 0), text, font))
    # never outside the photo
    x = max(0, min(left, size[0] - width))
    y = max(0, min(top - height, size[1] - height))
    draw.rectangle((x, y, x + width, y + height), fill=colour)
    draw.text((x + MARGIN, y + MARGIN), text, "white", font)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
