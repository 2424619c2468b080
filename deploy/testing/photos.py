"""Photos made from scikit-image's portrait of astronaut Eileen Collins (NASA, public domain)."""

import io
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image, ImageFilter
from skimage import data

FACE = (130, 0, 330, 200)  # left, top, right, bottom: her face and some hair
CLOSE = (165, 40, 285, 200)  # her face alone
WALL = (120, 130, 140)


def encode(pixels: np.ndarray | Image.Image, format: str = "JPEG", **options: Any) -> bytes:
    """Bytes of an image file from (h, w, 3) uint8 RGB or a Pillow image; JPEG at quality 95.
    `format` is Pillow's, or HEIC."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    buffer = io.BytesIO()
    if format == "HEIC":
        pillow_heif.from_pillow(image).save(buffer, **options)
        return buffer.getvalue()
    image.save(buffer, format, **({"quality": 95} if format == "JPEG" else {}) | options)
    return buffer.getvalue()


def astronaut() -> np.ndarray:
    """Head and shoulders of a woman of 35, (512, 512, 3) uint8 RGB."""
    return data.astronaut()


def face() -> Image.Image:
    """Her face alone, 200x200."""
    return Image.fromarray(astronaut()).crop(FACE)


def portrait(size: int = 512, quality: int = 90) -> bytes:
    """The astronaut as a JPEG of `size` x `size` pixels."""
    return encode(Image.fromarray(astronaut()).resize((size, size)), quality=quality)


def no_face() -> np.ndarray:
    """A cup of coffee, (400, 600, 3) uint8 RGB."""
    return data.coffee()


def five_faces() -> tuple[Image.Image, np.ndarray]:
    """Her face five times in four sizes on a 1200x800 wall, and the centres (x, y) as (5, 2)."""
    places = [(300, 40, 60), (240, 420, 40), (200, 760, 80), (160, 300, 480), (160, 820, 500)]
    wall = Image.new("RGB", (1200, 800), WALL)
    for size, x, y in places:
        wall.paste(face().resize((size, size)), (x, y))
    return wall, np.array([(x + size / 2, y + size / 2) for size, x, y in places])


def mosaic(
    width: int,
    height: int,
    face_width: int,
    gap: int = 8,
    turns: Sequence[int] = (0,),
    blur: float = 0,
) -> Image.Image:
    """A wall full of her face, cut closely. `turns`: degrees anticlockwise, one face after the
    other; `blur`: pixels, which makes the detector doubt."""
    wall, size = Image.new("RGB", (width, height), WALL), (face_width, round(face_width * 4 / 3))
    close = Image.fromarray(astronaut()).crop(CLOSE).resize(size)
    close = close.filter(ImageFilter.GaussianBlur(blur))
    turned = [close.rotate(turn, Image.Resampling.BICUBIC, fillcolor=WALL) for turn in turns]
    places = product(
        range(4, height - size[1], size[1] + gap), range(4, width - size[0], size[0] + gap)
    )
    for number, (y, x) in enumerate(places):
        wall.paste(turned[number % len(turned)], (x, y))
    return wall


def school_class(turns: Sequence[int] = (0,), blur: float = 0) -> Image.Image:
    """60 faces in six rows, 2000x1200."""
    wall = Image.new("RGB", (2000, 1200), WALL)
    pupil = face().resize((150, 150)).filter(ImageFilter.GaussianBlur(blur))
    for number, (y, x) in enumerate(product(range(25, 1200, 200), range(25, 2000, 200))):
        turn = turns[number % len(turns)]
        wall.paste(pupil.rotate(turn, Image.Resampling.BICUBIC, fillcolor=WALL), (x, y))
    return wall


def reunion() -> Image.Image:
    """39 faces in four rows, larger towards the front, bright and dark, 1600x1200."""
    wall, number = Image.new("RGB", (1600, 1200), WALL), 0
    for row, (count, size) in enumerate([(11, 120), (10, 130), (9, 145), (9, 160)]):
        step = 1560 // count
        for column in range(count):
            person = face().resize((size - number % 4 * 6,) * 2)
            lit = person.point(
                [min(255, value * (70 + number % 7 * 10) // 100) for value in range(256)] * 3
            )
            wall.paste(lit, (20 + column * step + number % 3 * 4, 90 + 275 * row + number % 2 * 30))
            number += 1
    return wall


def panorama() -> Image.Image:
    """Twelve faces in a row, 3000x500, one of them at each end, cut off."""
    wall = Image.new("RGB", (3000, 500), WALL)
    for number in range(12):
        size = 170 + number % 4 * 30
        wall.paste(face().resize((size, size)), (number * 262 - 40, 60 + number % 3 * 90))
    return wall


def crowd() -> bytes:
    """A JPEG of five equal faces: much work in few bytes."""
    wall = Image.new("RGB", (1600, 1200), WALL)
    for i in range(5):
        wall.paste(face().resize((300, 300)), (40 + 520 * (i % 3), 60 + 560 * (i // 3)))
    return encode(wall, quality=80)
